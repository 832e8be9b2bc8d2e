"""Where a case stands, at one glance: the answers that somebody who opens it wants first. Reads only what it is given."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cases.models import ServiceCase, WaitingItem, Writeback, WritebackState
from cases.presenters import places_of
from conversations.models import Conversation
from evidence.models import Entry
from evidence.operations import Subject


@dataclass(frozen=True)
class Told:
    """Somebody was told something, or has to be (`owed`)."""

    who: str
    words: str
    owed: bool
    at: datetime
    state: str
    by: str = ""


@dataclass(frozen=True)
class Glance:
    """The one-glance answer of a case: the page and the API show this and nothing else.

    `first` is the open item that falls due first: `owes` owes it to `waits`. `late` and `more` count open items, `missing` is material that
    the customer side still owes, `told` begins with those who have to be told and have not been. `due` is what falls due first, or should have;
    `then` is the next that is not over yet where that is another.
    """

    code: str
    stage: str
    first: WaitingItem | None
    owes: str
    waits: str
    late: int
    more: int
    missing: list[str]
    due: WaitingItem | None
    due_is_over: bool
    then: WaitingItem | None
    told: list[Told]


def glance(
    case: ServiceCase,
    waits: Sequence[WaitingItem],
    *,
    notices: Sequence[Writeback],
    sent: Told | None,
    at: datetime,
    again: Sequence[WaitingItem] = (),
) -> Glance:
    """Stage, who waits for whom since when, what is missing, what is due next, who was told what.

    :param waits: the open items. :param again: items whose material was not good, and for which nothing has been asked anew yet. :param notices: what those who asked were told, or have to be. :param sent: our last text that arrived (`last_sent`).
    """
    running = sorted(
        waits, key=lambda wait: (wait.due_at is None, wait.due_at or wait.opened_at, wait.opened_at, wait.pk)
    )
    first = running[0] if running else None
    missing = [
        f"{wait.need}（{wait.count_received}/{wait.count_needed}）" if wait.count_needed > 1 else wait.need
        for wait in running
        if wait.state == "waiting_customer_material"
    ]
    missing += [_("%(need)s, anew: what came was not good") % {"need": wait.need} for wait in again]
    timed = [wait for wait in running if wait.due_at is not None and wait.paused_at is None]
    due, ahead = next(iter(timed), None), next((wait for wait in timed if not wait.is_overdue(at=at)), None)
    told = [_notice(row) for row in notices] + ([sent] if sent is not None else [])
    return Glance(
        code=str(first.state if first is not None else case.state),
        stage=first.stage_words if first is not None else str(case.get_state_display()),
        first=first,
        owes=first.who_owes if first is not None else "",
        waits=_who_waits(case, first) if first is not None else "",
        late=sum(wait.is_overdue(at=at) for wait in waits),
        more=max(0, len(running) - 1),
        missing=missing,
        due=due,
        due_is_over=due is not None and due.is_overdue(at=at),
        then=ahead if ahead is not due else None,
        told=sorted(told, key=lambda one: (one.owed, one.at), reverse=True),
    )


def _who_waits(case: ServiceCase, wait: WaitingItem) -> str:
    """Who gets what is owed: those who want it, else the side on whose behalf it is; what others owe us goes to us, what we do to the customer."""
    if wait.requested_in is not None:
        return str(wait.requested_in)
    if wait.for_side == "customer" or wait.is_ours:
        return case.customer.name
    if wait.for_side == "partner" and case.partner is not None:
        return case.partner.name
    return wait.owner_words


def _notice(row: Writeback) -> Told:
    return Told(
        who=str(row.to), words=row.words, owed=row.state == WritebackState.OPEN, at=row.delivered_at or row.created_at,
        state=str(row.get_state_display()), by=row.delivered_by,
    )  # fmt: skip


def last_sent(subject: Subject) -> Told | None:
    """Our last text about a case that arrived, to a customer as a rule, as it is on record."""
    rows = Entry.objects.filter(
        chain__subject_kind=subject.kind, chain__subject_ref=subject.ref, kind="delivery"
    ).select_related("body_row")
    last = list(rows.order_by("-seq")[:5])
    return last_sent_of(last, places_of(last))


def last_sent_of(newest_first: Iterable[Entry], places: Mapping[str, Conversation]) -> Told | None:
    """The same, of entries that are at hand."""
    for entry in newest_first:
        if entry.kind != "delivery":
            continue
        row = entry.body_row
        body = json.loads(row.body) if row.body and row.erased_at is None else {}
        if body.get("outcome") in ("sent", "confirmed"):
            return Told(
                who=str(places.get(str(entry.refs.get("conversation"))) or ""), words=str(body.get("text", "")), owed=False,
                at=entry.at, state=_("sent"),
                by=str(entry.actor.get("label", "")) if entry.actor.get("kind") != "machine" else "",
            )  # fmt: skip
    return None


def conclusion(case: ServiceCase, closed: Sequence[WaitingItem], facts: Sequence[Any]) -> str:
    """Words to begin a conclusion with: what was asked, what came of it, and the last thing known."""
    done = [wait.need[:30] for wait in closed if wait.state == "completed"][:3]
    parts = [case.title or case.flow.name]
    if done:
        parts.append(_("done: %(what)s") % {"what": "、".join(reversed(done))})
    told = next((fact.words for fact in facts if not fact.blocked and fact.words), "")
    if told:
        parts.append(told[:80])
    return "；".join(parts)[:255]


def allowed(
    case: ServiceCase, waits: Sequence[WaitingItem], *, may_act: bool, unchecked: int
) -> list[tuple[bool, str]]:
    """What somebody may do with the case now, and why not where they may not."""
    if not may_act:
        return [(False, _("You may look at this case; your role does not move it."))]
    if case.state != "open":
        return [(True, _("It can be reopened, with a reason.")), (False, _("It is closed: nothing else moves."))]
    lines = []
    if unchecked:
        lines.append((False, _("Material waits to be checked before it can be completed.")))
    owed = any(wait.on_role == "internal_handler" and wait.need_kind in ("answer", "feedback") for wait in waits)
    if owed:
        lines.append((False, _("We still owe the customer an answer: give it first, or say what became of it.")))
    theirs = [wait for wait in waits if not wait.is_ours]
    if theirs:
        lines.append(
            (False, _("%(count)s items are still owed by others; completing closes them.") % {"count": len(theirs)})
        )
    if case.automation_stopped_at is not None:
        lines.append((False, _("Taken over: the machine drafts nothing here until you hand it back.")))
    if unchecked or owed:
        lines.append((True, _("Cancel, hand over, take over, note; complete it once that is settled.")))
    else:
        lines.append((True, _("Complete, cancel, hand over, take over, note.")))
    return lines
