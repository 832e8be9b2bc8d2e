"""Cases, waits and evidence in words for people."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import ServiceCase
from cases.models.case import CaseState
from cases.models.waiting import WaitState
from cases.reasons import reason_words
from conversations.models import AttachmentType, Conversation, ConversationKind
from evidence.models import Entry, EntryBody
from foundation.templatetags.when import moment_words, stamp_words
from foundation.wording import bracketed, listed, told
from people.models import PartyChange

KINDS = {
    "customer_message": gettext_lazy("Customer wrote"),
    "internal_request": gettext_lazy("Colleague wrote"),
    "partner_request": gettext_lazy("Partner wrote"),
    "decision": gettext_lazy("Understood"),
    "draft": gettext_lazy("Drafted"),
    "knowledge_source": gettext_lazy("Source cited"),
    "review": gettext_lazy("Reviewed"),
    "delivery": gettext_lazy("Sent to the customer"),
    "notice": gettext_lazy("Notice"),
    "state_change": gettext_lazy("Moved on"),
    "material": gettext_lazy("Material"),
    "reminder": gettext_lazy("Reminder"),
    "action": gettext_lazy("Action"),
    "conclusion": gettext_lazy("Conclusion"),
    "case_summary": gettext_lazy("Summary"),
    "knowledge_update": gettext_lazy("Knowledge changed"),
}
LANES = {"customer_message": "customer", "partner_request": "partner", "material": "customer"}
#: Who reads along in a lane, in the order of the page.
LANE_WORDS = {
    "customer": gettext_lazy("Customer"), "out": gettext_lazy("To the customer"), "partner": gettext_lazy("Partner"),
    "internal": gettext_lazy("Internal"),
}  # fmt: skip
#: What we wrote stands in the lane of those who read it there.
OURS = {"internal_request", "delivery", "notice"}
READ_BY = {
    ConversationKind.PRIVATE: "out", ConversationKind.CUSTOMER_GROUP: "out", ConversationKind.COMMUNITY_GROUP: "out",
    ConversationKind.PARTNER_GROUP: "partner",
}  # fmt: skip

#: What somebody who asked has to be told about.
WRITEBACK_WORDS = {
    "completion": gettext_lazy("it is done"),
    "cancellation": gettext_lazy("it is cancelled"),
    "appointment": gettext_lazy("the time has changed"),
    "confirmation": gettext_lazy("the customer has answered"),
    "material_received": gettext_lazy("material has come"),
}


@dataclass(frozen=True)
class Line:
    """One line of a case's timeline."""

    at: datetime
    kind: str
    who: str
    words: str
    lane: str
    erased: bool
    hash: str

    @property
    def lane_words(self) -> str:
        """The lane in words."""
        return str(LANE_WORDS[self.lane])


def _state(code: Any) -> str:
    return str(dict(WaitState.choices).get(str(code), code or ""))


def type_words(code: str) -> str:
    """A type of attachment in words."""
    return str(dict(AttachmentType.choices).get(code, code))


#: What happened to an item without a new state, in words.
ITEM_STEPS = {
    "open": gettext_lazy("new"), "defer": gettext_lazy("follow-up moved"), "hand_over": gettext_lazy("handed over"),
    "pause": gettext_lazy("clock stopped"), "resume": gettext_lazy("clock runs again"), "partial": gettext_lazy("part of it came"),
    "note": gettext_lazy("noted"), "delivered": gettext_lazy("asked"), "join": gettext_lazy("joined to this case"),
}  # fmt: skip


def _moved(body: dict[str, Any]) -> str:
    """What moved, in a sentence: an item, a notice that is owed, or the case itself."""
    if body.get("need") is not None:
        on = f" · {body['on']}" if body.get("on") else ""
        what, before, after = str(body.get("what", "")), body.get("from"), body.get("to")
        if before and before == after and what in ITEM_STEPS:
            due = parse_datetime(str(body.get("due_at") or "")) if what in ("defer", "resume") else None
            holder = bracketed(body.get("holder"))
            until = (
                f" → {stamp_words(due)}"
                if due is not None
                else f" → {body['owner']}{holder}"
                if body.get("owner")
                else ""
            )
            why = (
                reason_words(str(body.get("reason", "")))
                if what == "hand_over" or (what in ("pause", "resume", "defer") and body.get("reason") != "staff")
                else " ".join(filter(None, [str(body.get("note", "")), str(body.get("risk", ""))]))
            )
            return told(f"{ITEM_STEPS[what]}{until}{bracketed(why)}{on}", body["need"])
        if after == WaitState.REQUESTED:
            ours = _("On our own list")
            return told(f"{ours}{on}", body["need"])
        if not before or before == WaitState.REQUESTED:  # that it was on our list is plain: the person is ours
            return told(f"{_state(after)}{on}", body["need"])
        why = str(body.get("reason", "")) if after == WaitState.CANCELLED else ""
        said = bracketed(reason_words(why)) if why and why != "staff" else ""
        return told(f"{_state(before)} → {_state(after)}{said}{on}", body["need"])
    if body.get("what") == "writeback":
        if body.get("to") == "waived":
            return _("Those who asked need not be told: %(reason)s") % {"reason": body.get("reason", "")}
        return _("Those who asked were told")
    if body.get("what") == "classified":
        return _("Sorted as: %(flow)s") % {"flow": body.get("flow_name") or body.get("flow", "")}
    if body.get("what") == "owner":
        return _("Now owned by %(name)s") % {"name": body.get("owner", "")}
    state = dict(CaseState.choices).get(str(body.get("to", "")), "")
    reason, note = reason_words(str(body.get("reason", ""))), str(body.get("note", ""))
    words = told(reason, note) if reason and note else reason or note
    said = _("Case: %(state)s") % {"state": state}
    return f"{said}{bracketed(words)}"


def entry_words(kind: str, body: dict[str, Any]) -> str:
    """What an entry says, in a sentence."""
    if kind in ("customer_message", "internal_request", "partner_request"):
        more = f" [{listed(type_words(one) for one in body.get('attachments', []))}]" if body.get("attachments") else ""
        return f"{body.get('text', '')}{more}"
    if kind == "decision":
        words = {"send": _("sent by rule"), "review": _("held for review"), "record": _("recorded")}
        return str(words.get(str(body.get("mode")), body.get("mode", "")))
    if kind in ("draft", "delivery", "notice"):
        outcome = {
            "sent": _("sent"), "prepared": _("prepared, waiting for a tap"), "confirmed": _("seen in the conversation"),
            "failed": _("failed"), "unknown": _("unknown whether it arrived"), "cancelled": _("held back"), "withdrawn": _("withdrawn"),
        }.get(str(body.get("outcome", "")), "")  # fmt: skip
        return told(outcome, body.get("text", "")) if outcome else str(body.get("text", ""))
    if kind == "review":
        words = {
            "approve": _("approved"),
            "edit": _("edited and approved"),
            "reject": _("rejected"),
            "take_over": _("taken over"),
            "record": _("only recorded"),
            "accept_material": _("material is good"),
            "reject_material": _("material is not good"),
        }
        done = str(words.get(str(body.get("do")), body.get("do", "")))
        refused = "" if body.get("accepted", True) else bracketed(_("refused"))
        return f"{done}{refused} {body.get('text') or body.get('reason') or ''}".strip()
    if kind == "state_change":
        return _moved(body)
    if kind == "material":
        kind_of = type_words(str(body.get("type", "")))
        return _("lost") if body.get("lost") else f"{kind_of} — {body.get('need', '')}"
    if kind == "reminder":
        return _("%(name)s was reminded: %(need)s") % {"name": body.get("to", ""), "need": body.get("need", "")}
    if kind == "knowledge_source":
        return f"{body.get('title', '')} v{body.get('version', '')}"
    visit = {"when": " · ".join(filter(None, [str(body.get("when", "")), str(body.get("who", ""))]))}
    actions = {
        "recall": _("Message taken back"), "supersede_draft": _("Draft superseded"), "take_over": _("Taken over"),
        "hand_back": _("Handed back"), "file_draft": _("The answer that waits belongs to this case now"), "stop_promotion": _("Advertising to this customer stopped after an alert"),
        "move_item": _("%(need)s goes on in %(number)s") % {"need": body.get("need", ""), "number": body.get("number", "")},
        "move_material": _("What came for “%(before)s” belongs to “%(need)s”, %(number)s") % {"before": body.get("from") or "—", "need": body.get("need", ""), "number": body.get("number", "")},
        "join_conversation": _("The conversation's record was joined"), "erase": _("Content erased"), "flag_wrong": _("Flagged as wrong"),
        "appointment_agreed": _("Appointment agreed: %(when)s") % visit, "appointment_moved": _("Appointment moved to %(when)s") % visit,
        "appointment_offered": _("A time was offered: %(when)s") % visit, "appointment_called_off": _("The visit was called off"),
        "plan_case": _("Planned for %(when)s: %(need)s") % _plan(body), "end_plan": _("Plan ended: %(need)s") % _plan(body),
        "open_planned": _("Opened as planned: %(need)s") % _plan(body),
        "offer_hand_over": _("Hand-over of “%(need)s” offered to %(name)s") % {"name": body.get("to", ""), "need": body.get("need", "")},
        "plan_waits": _("Planned for %(when)s, and not opened because %(number)s is still open: %(need)s") % _plan(body),
        "note": _("Note"), "remove_example": _("Example removed"), "merged": _("Merged"),
        "label_decision": _("Understanding corrected") if body.get("kind") == "corrected" else _("Understanding confirmed"),
        **dict(PartyChange.What.choices),
    }  # fmt: skip
    action = str(body.get("action", ""))
    said = str(actions.get(action.removeprefix("undo_"), ""))
    said = _("%(what)s, undone") % {"what": said} if action.startswith("undo_") else said
    reason = "" if action == "supersede_draft" else reason_words(str(body.get("reason", "")))
    more = listed(filter(None, [reason, str(body.get("note") or "")]))
    return told(said, more) if said and more else said or more


def _plan(body: dict[str, Any]) -> dict[str, Any]:
    """What a plan opens, and when."""
    opens = parse_datetime(str(body.get("opens_at") or ""))
    return {
        "need": body.get("need", ""), "number": body.get("number", ""), "when": stamp_words(opens) if opens is not None else "—",
    }  # fmt: skip


MACHINES = {
    "triage": gettext_lazy("Understanding"), "delivery": gettext_lazy("Delivery"), "review": gettext_lazy("Rules"),
    "sweep": gettext_lazy("Deadlines"), "quality": gettext_lazy("Quality check"), "knowledge": gettext_lazy("Planned publication"),
}  # fmt: skip


def who_words(actor: dict[str, Any]) -> str:
    """Who did something: a person by name, a part of the product by what it does."""
    if actor.get("kind") != "machine":
        return str(actor.get("label", ""))
    return str(MACHINES.get(str(actor.get("ref", "")), _("System")))


def erased_words(row: EntryBody) -> str:
    """That a content was erased, by whom and why."""
    by = str(MACHINES.get(row.erased_by, row.erased_by))
    return _("(erased by %(who)s: %(reason)s)") % {"who": by, "reason": reason_words(row.erase_reason) or "—"}


def places_of(rows: Iterable[Entry]) -> dict[str, Conversation]:
    """The conversations into which we wrote, by public id. In one query."""
    places = {entry.refs.get("conversation") for entry in rows if entry.kind in OURS} - {None}
    found = Conversation.objects.filter(public_id__in=places).only("public_id", "kind", "name", "external_id")
    return {str(place.public_id): place for place in found}


def lanes_of(rows: Iterable[Entry], places: Mapping[str, Conversation] | None = None) -> dict[int, str]:
    """In which lane each entry stands: the customer's, what the customer reads of us, the partner's, or our own.

    :param places: where `places_of` was asked already.
    """
    rows = list(rows)
    known = places_of(rows) if places is None else places
    readers = {ref: READ_BY.get(ConversationKind(place.kind), "internal") for ref, place in known.items()}
    return {
        entry.pk: readers.get(str(entry.refs.get("conversation")), "internal")
        if entry.kind in OURS
        else LANES.get(entry.kind, "internal")
        for entry in rows
    }


def kind_words(kind: str, lane: str) -> str:
    """What an entry is; what was delivered to others than the customer is a notice."""
    return str(KINDS["notice"] if kind == "delivery" and lane != "out" else KINDS.get(kind, kind))


def timeline(
    rows: Sequence[Entry],
    places: Mapping[str, Conversation] | None = None,
    words: Callable[[str, dict[str, Any]], str] = entry_words,
) -> list[Line]:
    """Entries that are on record, in order, in words.

    :param words: what an entry of a kind says; another one for records that are not of a case.
    """
    lanes = lanes_of(rows, places)
    lines = []
    for entry in rows:
        body_row = entry.body_row
        erased = body_row.erased_at is not None
        body = json.loads(body_row.body) if body_row.body and not erased else {}
        lines.append(
            Line(
                at=entry.at, kind=kind_words(entry.kind, lanes[entry.pk]), who=who_words(entry.actor),
                words=erased_words(body_row) if erased else words(entry.kind, body), lane=lanes[entry.pk],
                erased=erased, hash=entry.hash[:10],
            )
        )  # fmt: skip
    return lines


@dataclass(frozen=True)
class Change:
    """One change of a case's own fields by somebody."""

    at: datetime
    who: str
    fields: list[tuple[str, str, str]]


def _value(row: Any, name: str, names: Mapping[str, Mapping[Any, Any]]) -> str:
    field = row._meta.get_field(name)
    value = getattr(row, field.attname)
    if value is not None and field.is_relation:
        return str(names[name].get(value, ""))
    if isinstance(value, datetime):
        return moment_words(value, now=timezone.now())
    shown = getattr(row, f"get_{name}_display", None)
    if name == "close_reason":
        return reason_words(str(value or ""))
    if isinstance(value, list):
        return listed(value)
    return str(shown() if shown else "" if value is None else value)


#: Said elsewhere on the page.
PLAIN = ("closed_at", "closed_by", "reopened_at")


def changes_of(case: ServiceCase, *, limit: int = 20) -> list[Change]:
    """What was changed in the row of a case, newest first: owner, title, partner, state. Names take one query a kind of row."""
    rows = list(case.history.select_related("history_user").order_by("-history_date", "-history_id")[: limit + 1])
    deltas = [
        (newer, older, [name for name in newer.diff_against(older, foreign_keys_are_objs=False).changed_fields if name not in PLAIN])
        for newer, older in zip(rows, rows[1:], strict=False)
    ]  # fmt: skip
    wanted: dict[str, set[Any]] = {}
    for newer, older, changed in deltas:
        for field in (newer._meta.get_field(name) for name in changed):
            if field.is_relation:
                wanted.setdefault(field.name, set()).update(
                    {getattr(newer, field.attname), getattr(older, field.attname)}
                )
    names = {
        name: rows[0]._meta.get_field(name).related_model._base_manager.in_bulk(ids - {None})
        for name, ids in wanted.items()
    }
    found = []
    for newer, older, changed in deltas:
        fields = [
            (str(newer._meta.get_field(name).verbose_name), _value(older, name, names), _value(newer, name, names))
            for name in changed
        ]
        if fields:
            found.append(Change(newer.history_date, str(newer.history_user or ""), fields))
    return found
