"""The start page. Two queries for all numbers, charts and lists, whatever the volume."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from django.db.models import Case, CharField, F, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce, Concat, Left, TruncDate
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from aijia.desk.counting import count_of, counts_by, gather, listed
from aijia.desk.numbers import GROUPS, NUMBERS, Seeing
from cases.models import CaseState, ServiceCase, WaitingItem
from delivery.models import Outbound
from review import queue
from review.models import Draft

LISTED = 7
DAYS = 7


class Entry(NamedTuple):
    """One line of a list of the desk."""

    kind: str
    ref: int
    title: str
    words: str
    who: str
    rank: int
    when: datetime

    @property
    def link(self) -> str:
        """Where it leads."""
        place = "review_draft" if self.kind == "draft" else "cases_servicecase"
        return reverse(f"admin:{place}_change", args=[self.ref])


def _since(at: datetime) -> datetime:
    first = timezone.localtime(at).date() - timedelta(days=DAYS - 1)
    return timezone.make_aware(datetime.combine(first, time.min))


def _week(found: dict[str, dict[str, int]], at: datetime) -> dict[str, Any]:
    """The bars of the week, drawn by the template as SVG."""
    days = [timezone.localtime(at).date() - timedelta(days=back) for back in reversed(range(DAYS))]
    series = [("opened", _("cases opened")), ("closed", _("cases closed")), ("sent", _("texts delivered"))]
    highest = max([1, *(number for key, _words in series for number in found.get(key, {}).values())])
    bars, labels = [], []
    for place, day in enumerate(days):
        labels.append({"x": 34 + place * 62, "words": f"{day:%m-%d}"})
        for number, (key, words) in enumerate(series):
            value = found.get(key, {}).get(day.isoformat(), 0)
            height = round(110 * value / highest)
            bars.append(
                {
                    "x": 12 + place * 62 + number * 15, "y": 125 - height, "h": height, "kind": number + 1,
                    "words": f"{day:%m-%d} {words}: {value}", "n": value,
                }
            )  # fmt: skip
    totals = [
        {"kind": n + 1, "words": words, "n": sum(found.get(key, {}).values())} for n, (key, words) in enumerate(series)
    ]
    return {"bars": bars, "labels": labels, "totals": totals}


def _lists(seeing: Seeing) -> dict[str, list[Entry]]:
    """What to begin with: the most urgent drafts, what is overdue, what falls due today."""
    at = seeing.at
    drafts = seeing.rows(Draft.objects.pending())
    mine = queue.free_for(drafts, staff=seeing.staff, at=at)
    if seeing.staff is not None and not seeing.staff.is_supervisor:
        mine = mine.exclude(required_right="supervisor")
    first = queue.in_order(mine, at=at).values("pk")[:LISTED]
    waits = seeing.rows(WaitingItem.objects.all())
    late = waits.overdue(at=at).order_by("due_at", "pk").values("pk")[:LISTED]
    today = waits.due_today(at=at).order_by("due_at", "pk").values("pk")[:LISTED]
    ranked = Draft.objects.filter(pk__in=first)
    urgency = Case(
        When(~Q(alerts=[]), then=Value(0)), When(required_right="supervisor", then=Value(1)), default=Value(2),
        output_field=IntegerField(),
    )  # fmt: skip
    nobody = Value("", output_field=CharField())
    shown = {
        "title": F("case__customer__name"), "words": F("need"), "ref": F("case_id"),
        "who": Coalesce(F("on__name"), F("owner__name"), nobody), "at": F("due_at"),
    }  # fmt: skip
    rows = listed(
        "draft", ranked, title=Coalesce(F("conversation__name"), nobody), words=Left("text", 90), who=F("reply_kind"),
        at=F("created_at"), rank=urgency, ref=F("id"),
    ).union(
        listed("late", WaitingItem.objects.filter(pk__in=late), **shown),  # type: ignore[arg-type]
        listed("today", WaitingItem.objects.filter(pk__in=today), **shown),  # type: ignore[arg-type]
        all=True,
    )  # fmt: skip
    found: dict[str, list[Entry]] = {"draft": [], "late": [], "today": []}
    for row in rows:
        entry = Entry(*row)
        found[entry.kind].append(entry)
    for entries in found.values():
        entries.sort(key=lambda entry: (entry.rank, entry.when))
    return found


def _load(found: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    """How much everybody has, most first."""
    names: dict[str, list[Any]] = {}
    for kind in ("load", "load_late", "load_drafts"):
        for key, number in found.get(kind, {}).items():
            pk, _sep, name = key.partition(":")
            names.setdefault(pk, [name, 0, 0, 0])[("load", "load_late", "load_drafts").index(kind) + 1] = number
    base = reverse("admin:cases_waitingitem_changelist")
    rows = [
        {
            "name": name, "open": count, "late": late, "drafts": drafts, "link": f"{base}?open=1&owner={pk}",
            "late_link": f"{base}?open=1&late=1&owner={pk}",
        }
        for pk, (name, count, late, drafts) in names.items()
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-row["late"], -row["open"]))[:12]


def _branches(seeing: Seeing) -> list[Any]:
    at, since = seeing.at, _since(seeing.at)

    who = Concat(F("owner_id"), Value(":"), F("owner__name"), output_field=CharField())
    holder = Concat(F("claimed_by_id"), Value(":"), F("claimed_by__name"), output_field=CharField())
    waits, cases = seeing.rows(WaitingItem.objects.all()), seeing.rows(ServiceCase.objects.all())
    texts = seeing.rows(Outbound.objects.filter(delivered_at__gte=since, kind="reply"))
    closed = cases.filter(closed_at__gte=since, state=CaseState.COMPLETED)
    mine = Q()
    if seeing.staff is not None and seeing.staff.team_id and not seeing.staff.is_supervisor:
        mine = Q(owner__team=seeing.staff.team_id)
    return [
        counts_by("opened", cases.filter(opened_at__gte=since), TruncDate("opened_at")),
        counts_by("closed", closed, TruncDate("closed_at")),
        counts_by("sent", texts, TruncDate("delivered_at")),
        counts_by("load", waits.open().filter(mine), who),
        counts_by("load_late", waits.overdue(at=at).filter(mine), who),
        counts_by("load_drafts", seeing.rows(Draft.objects.pending()).filter(claimed_until__gt=at), holder),
    ]


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Everything of the desk for whoever asks."""
    seeing = Seeing.of(request, timezone.now())
    numbers = [number for number in NUMBERS if number.shown_to(seeing)]
    found = gather([*(count_of(one.key, one.rows(seeing)) for one in numbers), *_branches(seeing)])
    shown: list[dict[str, Any]] = [
        {"number": one, "count": count, "hot": one.hot and count > 0}
        for one in numbers
        for count in [found.get(one.key, {}).get("", 0)]
    ]
    lists = _lists(seeing)
    kinds = dict(Draft._meta.get_field("reply_kind").flatchoices)
    context.update(
        groups=[(GROUPS[key], [row for row in shown if row["number"].group == key]) for key in ("mine", "all")],
        alarms=[row for row in shown if row["number"].group == "alarm" and row["count"]],
        drafts=[(entry, kinds.get(entry.who, "")) for entry in lists["draft"]],
        late=lists["late"],
        today=lists["today"],
        load=_load(found),
        week=_week(found, seeing.at),
        staff=seeing.staff,
    )
    return context
