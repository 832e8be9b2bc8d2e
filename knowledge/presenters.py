"""Knowledge in words and marks for people: states, differences, records."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rjieba
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases.presenters import MACHINES, erased_words, who_words
from evidence.models import Entry
from foundation.wording import listed, told
from knowledge import clock
from knowledge.kinds import SPECS, FieldSpec, spec_of
from knowledge.models import Audience, KnowledgeItem, KnowledgeVersion, Proposal
from knowledge.operations.life import subject_of
from knowledge.rendering import answer_text, language_of
from knowledge.wordings import as_example, render

RETIRE_REASONS = {
    "outdated": gettext_lazy("No longer true"),
    "wrong": gettext_lazy("It was wrong"),
    "ended": gettext_lazy("The campaign is over"),
    "duplicate": gettext_lazy("Another item says it"),
    "not_needed": gettext_lazy("Nobody needs it"),
}
_MORE_REASONS = {
    "newer_version": gettext_lazy("A newer version was published"),
    "sent_back": gettext_lazy("Sent back to its author"),
    "given_up": gettext_lazy("Given up"),
}
_ACTIONS = {
    "settle_personal_data": gettext_lazy("Personal data looked at"),
    "desensitize": gettext_lazy("Found free of personal data"),
    "review": gettext_lazy("Found right"),
    "send_back": gettext_lazy("Sent back"),
    "withdraw": gettext_lazy("Given up"),
    "publish": gettext_lazy("Published"),
    "schedule": gettext_lazy("Publication planned"),
    "schedule_failed": gettext_lazy("Could not be published as planned"),
    "retire": gettext_lazy("Retired"),
    "confirm": gettext_lazy("Looked at again: still right"),
    "accept_proposal": gettext_lazy("Made from a proposal"),
    "import": gettext_lazy("Taken over from a file"),
    "erase": gettext_lazy("Content erased"),
}


@dataclass(frozen=True)
class Row:
    """One thing that a version says, in words. `long` is shown as a block."""

    label: str
    text: str
    long: bool = False


@dataclass(frozen=True)
class Change:
    """One thing that differs between two versions, marked up."""

    label: str
    marked: SafeString


@dataclass(frozen=True)
class Record:
    """Something on record about an item."""

    at: datetime
    who: str
    words: str


def reason_words(code: str) -> str:
    """Why something was retired."""
    return str({**RETIRE_REASONS, **_MORE_REASONS}.get(code, code))


def period_words(version: KnowledgeVersion) -> str:
    """From when to when a campaign is told, by the editors' clock."""
    now = timezone.now()
    return f"{clock.words(version.valid_from, now=now)} – {clock.words(version.valid_until, now=now)}"


def proposer_words(proposal: Proposal) -> str:
    """Who put something before the editors: a person or another system by name, a part of the product by what it does."""
    return str(MACHINES.get(proposal.proposed_by, proposal.proposed_by))


_TIMES = re.compile(r"×(\d+)")


def note_words(proposal: Proposal) -> str:
    """Why something was proposed. What the product proposed itself says how often it came up."""
    found = _TIMES.fullmatch(proposal.note)
    if found is None:
        return proposal.note
    times = int(found.group(1))
    return ngettext("Came up once.", "Came up %(count)d times.", times) % {"count": times}


def as_read(version: KnowledgeVersion) -> str:
    """What a customer reads who is answered from a version, in the default voice: the very template that drafts use. A wording for a template is read with an
    example in each of its places."""
    answer = answer_text(version)
    template = str((version.fields or {}).get("template") or "")
    if answer and template:
        return as_example(answer, key=template, english=(version.fields or {}).get("language") == "en")
    if not answer:
        return answer
    english = language_of(answer) == "en"
    name = "Ms Chen" if english else "陈女士"
    return render("faq_answer.published", english=english, name=name, flow_id=version.item.flow_id, answer=answer).text


def value_words(spec: FieldSpec, value: Any) -> str:
    """The value of a field of a kind, for people."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "\n".join(str(one) for one in value)
    if spec.type == "choice":
        return str(dict(spec.choices).get(str(value), value))
    return str(value or "")


def rows_of(version: KnowledgeVersion, *, words: bool = True) -> list[Row]:
    """Everything that a version says and for whom it holds, beside (with `words`: and) its title and text."""
    found = [Row(_("title"), version.title), Row(_("text"), version.body, long=True)] if words else []
    found.append(Row(_("other ways to ask"), "\n".join(map(str, version.questions)), long=True))
    found += [
        Row(str(spec.label), value_words(spec, version.fields.get(spec.key)), long=spec.type == "lines")
        for spec in spec_of(version.kind).fields
    ]
    known = {spec.key for spec in spec_of(version.kind).fields}
    found += [
        Row(key, value_words(FieldSpec(key, key), value)) for key, value in version.fields.items() if key not in known
    ]
    found.append(Row(_("products"), listed(version.products)))
    found.append(Row(_("channels"), listed(version.channels)))
    found.append(Row(_("who may be told"), str(dict(Audience.choices).get(version.audience, version.audience))))
    if version.valid_from or version.valid_until:
        found.append(Row(_("valid"), period_words(version)))
    return [row for row in found if row.text]


def marked(before: str, after: str) -> SafeString:
    """Two texts as one, with what went and what came marked."""
    old, new = rjieba.cut(before), rjieba.cut(after)
    parts: list[str] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(escape("".join(old[a:b])))
            continue
        if b > a:
            parts.append(f"<del>{escape(''.join(old[a:b]))}</del>")
        if d > c:
            parts.append(f"<ins>{escape(''.join(new[c:d]))}</ins>")
    return mark_safe("".join(parts).replace("\n", "<br>"))


def changes(before: KnowledgeVersion | None, after: KnowledgeVersion) -> list[Change]:
    """What differs between two versions of an item."""
    old = {row.label: row.text for row in rows_of(before)} if before is not None else {}
    new = {row.label: row.text for row in rows_of(after)}
    labels = [*new, *(label for label in old if label not in new)]
    found = [
        Change(label, marked(old.get(label, ""), new.get(label, "")))
        for label in labels
        if old.get(label, "") != new.get(label, "")
    ]
    if before is not None and before.sample.name != after.sample.name:
        found.append(
            Change(_("sample picture"), marked(_("one") if before.sample else "", _("another") if after.sample else ""))
        )
    return found


def records(item: KnowledgeItem, *, limit: int = 30) -> list[Record]:
    """What is on record about an item, newest first."""
    subject = subject_of(item)
    rows = Entry.objects.filter(chain__subject_kind=subject.kind, chain__subject_ref=subject.ref)
    found = []
    for entry in rows.select_related("body_row").order_by("-seq")[:limit]:
        row = entry.body_row
        body: Mapping[str, Any] = json.loads(row.body) if row.body and row.erased_at is None else {}
        words = erased_words(row) if row.erased_at is not None else record_words(body)
        found.append(Record(entry.at, who_words(entry.actor), words))
    return found


def record_words(body: Mapping[str, Any]) -> str:
    """What an entry about an item says, in words."""
    words = str(_ACTIONS.get(str(body.get("action")), body.get("action") or ""))
    if body.get("version"):
        words = f"v{body['version']} · {words}"
    if body.get("self_review"):
        words = f"{words}（{_('by its own author')}）"
    more = body.get("note") or (reason_words(str(body["reason"])) if body.get("reason") else "")
    if body.get("publish_at"):
        more = clock.words(datetime.fromisoformat(str(body["publish_at"])), now=timezone.now())
    return told(words, more) if more else words


def has_sample(kind: str) -> bool:
    """Whether a kind may carry a picture."""
    return kind in SPECS and spec_of(kind).sample
