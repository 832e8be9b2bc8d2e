"""What taking over a table would change: every row with what becomes of it, before anything is written."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from cases.models import ServiceFlow
from knowledge import clock, privacy
from knowledge.exchange.columns import LEFT_OUT, PERIOD, audience_of, choice_of, field_specs, header_of, kind_of
from knowledge.exchange.periods import NoPeriod, is_always, read_period
from knowledge.exchange.tables import Table
from knowledge.index import chunks
from knowledge.kinds import spec_of
from knowledge.models import ANSWERING_KINDS, KnowledgeItem, KnowledgeKind, KnowledgeState, KnowledgeVersion
from knowledge.models.item import WORDS
from people.models import StaffMember

LISTS = ("questions", "products", "channels")
CREATE, CHANGE, SAME, WRONG = "create", "change", "same", "wrong"


@dataclass(frozen=True)
class Difference:
    """One field that a row would change. :ivar key: our field."""

    key: str
    before: str
    after: str

    @property
    def label(self) -> str:
        """Its name."""
        return header_of(self.key)


@dataclass
class Step:
    """What becomes of one row.

    :ivar do: ``create``, ``change`` (a draft, or a new version as a draft), ``same`` or ``wrong``. :ivar problems: why it cannot be taken over.
    :ivar hints: what an editor will have to look at. :ivar notes: what was understood of the row beyond its words. :ivar words: what the draft will say. :ivar about: of the item: code, flow, owner, review_by.
    """

    row: int
    title: str
    kind: str = ""
    do: str = CREATE
    item: KnowledgeItem | None = None
    base: KnowledgeVersion | None = None
    words: dict[str, Any] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def period(self) -> str:
        """The first and last moment that a new campaign gets, by the editors' clock; "" for what holds always."""
        since, until = self.words.get("valid_from"), self.words.get("valid_until")
        return f"{clock.shown(since)} – {clock.shown(until)}" if self.do == CREATE and since and until else ""


@dataclass
class Plan:
    """What becomes of a table."""

    steps: list[Step]

    def counts(self) -> dict[str, int]:
        """Rows by what becomes of them."""
        return {do: sum(step.do == do for step in self.steps) for do in (CREATE, CHANGE, SAME, WRONG)}

    def fingerprint(self) -> str:
        """Another one means that something has changed since somebody looked."""
        facts = [
            (step.row, step.do, step.base.pk if step.base else 0, step.kind, [(one.key, one.before, one.after) for one in step.differences])
            for step in self.steps
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()


def text_of(value: Any) -> str:
    """A value of an item as it stands in a cell."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "\n".join(str(one).replace("\\", "\\\\").replace("\n", "\\n") for one in value)
    if isinstance(value, datetime):
        return clock.shown(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, ServiceFlow):
        return value.key
    return str(value)


def list_of(text: str) -> list[str]:
    """The entries of a cell, one a line; a backslash before n is a line break within an entry."""
    entries = [line.strip() for line in text.split("\n") if line.strip()]
    return [re.sub(r"\\(.)", lambda match: "\n" if match.group(1) == "n" else match.group(1), one) for one in entries]


def values_of(item: KnowledgeItem, version: KnowledgeVersion) -> dict[str, Any]:
    """Everything that an export writes of a version, by our fields."""
    found: dict[str, Any] = {
        "id": str(item.public_id), "code": item.code, "kind": item.kind, "title": version.title, "body": version.body,
        "flow": item.flow, "audience": version.audience, "valid_from": version.valid_from, "valid_until": version.valid_until,
        "owner": item.owner, "review_by": item.review_by, "note": version.note, "state": version.state,
        "number": version.number, "published_at": version.published_at,
        **{name: list(getattr(version, name)) for name in LISTS},
    }  # fmt: skip
    return {**found, **{f"field:{key}": value for key, value in version.fields.items()}}


def build_plan(table: Table, columns: Sequence[str], *, kind: str, on: date) -> Plan:
    """What taking over a table would change.

    :param columns: which of our fields each column holds. :param kind: the kind of rows that name none; of answers, those that have dates
        become campaigns. :param on: the day on which the file came: dates without a year are near it.
    """
    raw = [
        (number, {key: cell for key, cell in zip(columns, cells, strict=False) if key != LEFT_OUT})
        for number, cells in table.rows
    ]
    known = _Known(raw)
    steps, taken = [], dict[int, int]()
    for number, cells in raw:
        step = _step(number, cells, kind, known, on)
        if step.item is not None and step.do != WRONG:
            if step.item.pk in taken:
                step.do = WRONG
                step.problems.append(_("Row %(row)d is about the same item.") % {"row": taken[step.item.pk]})
            taken.setdefault(step.item.pk, number)
        steps.append(step)
    _refuse_twins(steps)
    return Plan(steps)


def _refuse_twins(steps: list[Step]) -> None:
    """Of new rows with one number or one title only the first is taken over."""
    titles: dict[tuple[str, str], int] = {}
    codes: dict[str, int] = {}
    for step in steps:
        if step.do != CREATE:
            continue
        key, code = (step.kind, step.title), step.about.get("code", "")
        if code in codes:
            step.problems.append(_("Row %(row)d has the same number.") % {"row": codes[code]})
        elif key in titles:
            step.problems.append(_("Row %(row)d has the same title.") % {"row": titles[key]})
        if step.problems:
            step.do = WRONG
            continue
        titles[key] = step.row
        if code:
            codes[code] = step.row


class _Known:
    """What is there already, read once for all rows."""

    def __init__(self, raw: Sequence[tuple[int, Mapping[str, str]]]) -> None:
        self.flows = {one.key: one for one in ServiceFlow.objects.all()}
        self.flows.update({one.name: one for one in list(self.flows.values())})
        self.staff = {one.name: one for one in StaffMember.objects.active()}
        self.by_id: dict[str, KnowledgeItem] = {}
        self.by_code: dict[str, KnowledgeItem] = {}
        self.by_title: dict[str, list[KnowledgeItem]] = {}
        self.versions: dict[int, KnowledgeVersion] = {}
        self.published: dict[int, KnowledgeVersion] = {}
        rows = KnowledgeItem.objects.select_related("flow", "owner")
        ids = {one for _number, cells in raw if (one := _uuid(cells.get("id", ""))) is not None}
        for part in chunks(sorted(ids, key=str), 400):
            self.by_id.update({str(item.public_id): item for item in rows.filter(public_id__in=part)})
        for part in chunks(_cells(raw, "code"), 400):
            self.by_code.update({item.code: item for item in rows.filter(code__in=part)})
        for part in chunks(_cells(raw, "title"), 400):
            for item in rows.filter(title__in=part):
                self.by_title.setdefault(item.title, []).append(item)
        # By primary key: a draft of an item may have another title than the list shows.
        items = {
            item.pk: item
            for item in [
                *self.by_id.values(),
                *self.by_code.values(),
                *(one for many in self.by_title.values() for one in many),
            ]
        }
        for part in chunks(list(items), 400):
            for version in KnowledgeVersion.objects.filter(item__in=part).order_by("number"):
                best = self.versions.get(version.item_id)
                if best is None or _weight(version) >= _weight(best):
                    version.item = items[version.item_id]
                    self.versions[version.item_id] = version
                if version.state == KnowledgeState.PUBLISHED:
                    version.item = items[version.item_id]
                    self.published[version.item_id] = version

    def find(self, cells: Mapping[str, str], kind: str, *, kind_named: bool) -> KnowledgeItem | None:
        """The item that a row is about: by id, by own number, by title."""
        if cells.get("id", "").strip() in self.by_id:
            return self.by_id[cells["id"].strip()]
        if cells.get("code", "").strip() in self.by_code:
            return self.by_code[cells["code"].strip()]
        if cells.get("code", "").strip():
            return None
        same = self.by_title.get(cells.get("title", "").strip(), [])
        fitting = [item for item in same if item.kind == kind] or ([] if kind_named else same)
        return fitting[0] if len(fitting) == 1 else None


def _weight(version: KnowledgeVersion) -> int:
    """What is on its way comes before what is published, that before what was."""
    if version.state == KnowledgeState.RETIRED:
        return 0
    return 1 if version.state == KnowledgeState.PUBLISHED else 2


def _cells(raw: Iterable[tuple[int, Mapping[str, str]]], key: str) -> list[str]:
    return sorted({one for _number, cells in raw if (one := cells.get(key, "").strip())})


def _uuid(words: str) -> UUID | None:
    try:
        return UUID(words.strip())
    except ValueError:
        return None


def _has_dates(cells: Mapping[str, str]) -> bool:
    return any(cells.get(key, "").strip() for key in ("valid_from", "valid_until")) or not is_always(
        cells.get(PERIOD, "")
    )


def _with_dates_in_place(cells: Mapping[str, str]) -> dict[str, str]:
    """A row whose columns of dates hold what they are called: 长期有效 is no date, and a whole period may stand under its first day."""
    placed = dict(cells)
    for key in ("valid_from", "valid_until"):
        text = placed.get(key, "").strip()
        if text and is_always(text):
            placed[key] = ""
        elif text and _MOMENT.fullmatch(text) is None and is_always(placed.get(PERIOD, "")) and _is_range(text):
            placed[key], placed[PERIOD] = "", text
    return placed


def _is_range(text: str) -> bool:
    try:
        since, until, _guessed = read_period(text, on=date(2000, 1, 1))
    except NoPeriod:
        return False
    return until - since > timedelta(days=1)


def _since_when(step: Step, cells: dict[str, str]) -> None:
    """An answer that has a first day and no last one is evergreen: its day is told, and is no period."""
    text = cells.get("valid_from", "").strip()
    if (
        step.kind == KnowledgeKind.CAMPAIGN
        or not text
        or cells.get("valid_until")
        or not is_always(cells.get(PERIOD, ""))
    ):
        return
    if _MOMENT.fullmatch(text) is None:
        return
    cells["valid_from"] = ""
    step.notes.append(
        _("It begins on %(day)s and has no end: it holds from the moment it is published.") % {"day": text}
    )


def _step(number: int, row: Mapping[str, str], default_kind: str, known: _Known, on: date) -> Step:
    cells = _with_dates_in_place(row)
    named = cells.get("kind", "").strip()
    kind = kind_of(named) if named else default_kind
    step = Step(number, cells.get("title", "").strip(), kind or "")
    _since_when(step, cells)
    if not named and kind in ANSWERING_KINDS and kind != KnowledgeKind.CAMPAIGN and _has_dates(cells):
        kind = step.kind = KnowledgeKind.CAMPAIGN.value
        if known.find(cells, kind, kind_named=True) is None:
            step.notes.append(_("It has dates: it becomes a campaign."))
    if kind is None:
        step.problems.append(_("“%(words)s” is no kind of knowledge.") % {"words": named})
        return _wrong(step)
    item = known.find(cells, kind, kind_named=bool(named))
    if item is not None:
        if named and item.kind != kind:
            step.problems.append(
                _("“%(title)s” is there as another kind, which never changes.") % {"title": item.title}
            )
            return _wrong(step)
        step.item, step.base, step.kind = item, known.versions.get(item.pk), item.kind
        if "title" not in cells and step.base is not None:
            step.title = step.base.title
    elif _uuid(cells.get("id", "")) is not None:
        step.hints.append(_("Its ID is not known here: it becomes a new item."))
    _take(step, cells, known, on)
    if not step.title:
        step.problems.append(_("It needs a title."))
    elif len(step.title) > 191:
        step.problems.append(_("The title has more than %(most)d characters.") % {"most": 191})
    if step.problems:
        return _wrong(step)
    _compare(step)
    base = step.base
    published = known.published.get(step.item.pk) if step.item is not None else None
    if step.do == CHANGE and base is not None and published is not None and base.pk != published.pk:
        if not _differences(step, published):
            step.do, step.differences = SAME, []
            step.hints.append(_("The file says what is published; the version that is being worked on stays as it is."))
            return step
    if step.do == CHANGE and base is not None and base.state in (KnowledgeState.DESENSITIZED, KnowledgeState.REVIEWED):
        step.problems.append(_("A version of it is being reviewed: finish that first, or send it back."))
        return _wrong(step)
    if step.do in (CREATE, CHANGE):
        _hint(step)
    return step


def _wrong(step: Step) -> Step:
    step.do = WRONG
    return step


def _take(step: Step, cells: Mapping[str, str], known: _Known, on: date) -> None:
    """Read the cells of a row into words and what the item is about."""
    words, about = step.words, step.about
    specs = {spec.key: spec for spec in spec_of(step.kind).fields}
    fields = dict(step.base.fields) if step.base is not None else {}
    for key, cell in cells.items():
        text = cell.strip()
        if key in ("title", "body", "note"):
            words[key] = text
        elif key in LISTS:
            words[key] = list_of(text)
        elif key == "code":
            about["code"] = text[:64]
        elif key == "audience":
            found = audience_of(text) if text else "customer"
            if found is None:
                step.problems.append(_("“%(words)s” is nobody whom we tell.") % {"words": text})
            else:
                words["audience"] = found
        elif key in ("valid_from", "valid_until"):
            words[key] = _moment(step, text, last=key == "valid_until")
        elif key == PERIOD:
            _take_period(step, text, on)
        elif key == "review_by":
            moment = _moment(step, text, last=False)
            about["review_by"] = moment.astimezone(clock.zone()).date() if moment else None
        elif key == "flow":
            about["flow"] = known.flows.get(text)
            if text and about["flow"] is None:
                step.problems.append(_("There is no flow “%(words)s”.") % {"words": text})
        elif key == "owner":
            about["owner"] = known.staff.get(text)
            if text and about["owner"] is None:
                step.hints.append(
                    _("There is no colleague “%(name)s”: the item gets you as its owner.") % {"name": text}
                )
                del about["owner"]
        elif key.startswith("field:"):
            _take_field(step, key.removeprefix("field:"), text, specs, fields)
    if any(key.startswith("field:") for key in cells):
        words["fields"] = fields
    dated = bool(words.get("valid_from") and words.get("valid_until"))
    if step.base is None and step.kind == "campaign" and not dated and not step.problems:
        step.problems.append(_("A campaign needs its first and last moment."))
    since = words.get("valid_from", step.base.valid_from if step.base else None)
    until = words.get("valid_until", step.base.valid_until if step.base else None)
    if step.kind != "campaign":
        if words.get("valid_from") or words.get("valid_until"):
            step.problems.append(_("Only a campaign has dates: make this a campaign, or leave them out."))
    elif since is not None and until is not None and until <= since:
        step.problems.append(_("A campaign has to end after it begins."))


def _take_period(step: Step, text: str, on: date) -> None:
    """First and last moment out of one cell; columns of their own win."""
    if is_always(text):
        return
    try:
        since, until, guessed = read_period(text, on=on)
    except NoPeriod:
        step.problems.append(
            _("“%(words)s” names no first and last day: write 2026-05-11 – 2026-05-17.") % {"words": text}
        )
        return
    for key, moment in (("valid_from", since), ("valid_until", until)):
        if step.words.get(key) is None:
            step.words[key] = clock.instant(moment)
    if guessed:
        step.notes.append(_("No year is written: %(year)d is taken.") % {"year": since.year})


def _take_field(step: Step, key: str, text: str, specs: Mapping[str, Any], fields: dict[str, Any]) -> None:
    spec = specs.get(key)
    if not text:
        fields.pop(key, None)
        return
    if spec is None:
        step.problems.append(_("This kind has no such field: %(fields)s.") % {"fields": field_specs()[key].label})
    elif spec.type == "lines":
        fields[key] = list_of(text)
    elif spec.type == "choice":
        code = choice_of(spec, text)
        if (
            code is None and key == "voice"
        ):  # kept, so that nothing is lost; it cannot be published before it is one of ours
            fields[key] = text
            step.hints.append(_("There is no brand voice “%(name)s” yet.") % {"name": text})
        elif code is None:
            step.problems.append(_("%(value)s is no choice of: %(field)s.") % {"value": text, "field": spec.label})
        else:
            fields[key] = code
    else:
        fields[key] = text


_MOMENT = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T\s]*(\d{1,2})\s*[:：时点]\s*(\d{1,2})?\s*分?(?::\d{2})?)?"
)


def _moment(step: Step, text: str, *, last: bool) -> datetime | None:
    """A date or date and time by the editors' clock; the last day of something counts as a whole."""
    if not text:
        return None
    match = _MOMENT.fullmatch(text)
    try:
        if match is None:
            return clock.instant(datetime.fromisoformat(text))
        year, month, day = (int(one) for one in match.groups()[:3])
        if match.group(4) is None:
            moment = datetime.combine(date(year, month, day), time(0)) + (timedelta(days=1) if last else timedelta())
        else:
            moment = datetime.combine(date(year, month, day), time(0)) + timedelta(
                hours=int(match.group(4)), minutes=int(match.group(5) or 0)
            )
        return clock.instant(moment)
    except ValueError:
        step.problems.append(_("“%(words)s” is no date: write 2026-05-11 or 2026-05-11 09:30.") % {"words": text})
        return None


def _compare(step: Step) -> None:
    step.differences = _differences(step, step.base)
    if step.item is None or step.base is None:
        step.do = CREATE
    else:
        step.do = CHANGE if step.differences else SAME


def _differences(step: Step, base: KnowledgeVersion | None) -> list[Difference]:
    before = values_of(base.item, base) if base is not None else {}
    fields_before = base.fields if base is not None else {}
    after: dict[str, Any] = {key: value for key, value in step.words.items() if key not in ("fields", "note")}
    after |= step.about
    if "fields" in step.words:
        keys = {*fields_before, *step.words["fields"]}
        after |= {f"field:{key}": step.words["fields"].get(key) for key in sorted(keys)}
    found = []
    for key, value in after.items():
        old, new = text_of(before.get(key)), text_of(value)
        if old.strip() != new.strip():
            found.append(Difference(key, old, new))
    return found


def _hint(step: Step) -> None:
    texts = [step.words.get("title", ""), step.words.get("body", ""), *step.words.get("questions", [])]
    kinds = sorted({one.words for text in texts for one in privacy.detect(str(text))})
    if kinds:
        step.hints.append(_("May hold personal data: %(kinds)s.") % {"kinds": "、".join(kinds)})
    if step.do == CREATE and spec_of(step.kind).body and not step.words.get("body"):
        step.hints.append(_("It has no text yet."))
    if step.do == CREATE and spec_of(step.kind).flow == "required" and not step.about.get("flow"):
        step.hints.append(_("It needs the flow that it is about."))


def draft_words(step: Step) -> dict[str, Any]:
    """What of a step is handed to the operations."""
    return {key: value for key, value in step.words.items() if key in WORDS or key == "note"}
