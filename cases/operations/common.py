"""What every write about a case needs: the fact that moves something, locks, and the record of a move. Nothing here decides anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _
from django_fsm import can_proceed

from cases.facts import note_missed, note_paused, note_state_left
from cases.models import ServiceCase, WaitingItem, WaitTransition
from conversations.models import Message
from evidence.operations import EntryDraft, Subject, record, record_many
from foundation.actors import Actor
from foundation.errors import WrongState


@dataclass(frozen=True)
class Fact:
    """What moves a wait: who said it, when it was written, in which message, and when we learned it."""

    actor: Actor
    at: datetime
    said_at: datetime
    message: Message | None = None
    reason: str = ""


def subject_of(case: ServiceCase) -> Subject:
    """The evidence chain of a case."""
    return Subject(kind="case", ref=str(case.public_id))


def lock_cases(ids: Iterable[int]) -> list[ServiceCase]:
    """Lock cases in order of id. Call it inside a transaction, once, before looking at any of them."""
    return list(ServiceCase.objects.select_for_update(of=("self",)).filter(pk__in=set(ids)).order_by("pk"))


def lock_wait(wait_id: int) -> WaitingItem:
    """The item, locked and read anew. Call it inside a transaction."""
    return (
        WaitingItem.objects.select_for_update(of=("self",))
        .select_related("case__flow__calendar", "case__customer", "on", "owner", "roster")
        .get(pk=wait_id)
    )


def bump(case: ServiceCase) -> None:
    """Count a change of the case, so that whoever decided on an older version notices."""
    ServiceCase.objects.filter(pk=case.pk).update(version=F("version") + 1)


def is_overtaken(wait: WaitingItem, said_at: datetime) -> bool:
    """Whether something written later has already moved this item: then an older word does not."""
    return said_at < wait.last_fact_at


def check_open(wait: WaitingItem) -> None:
    if not wait.is_open:
        raise WrongState(_("This item is closed already."))


def check_may(wait: WaitingItem, move: Any) -> None:
    """That a transition leads out of the item's state.

    :raises WrongState: otherwise.
    """
    if not can_proceed(move):
        raise WrongState(_("An item that is “%(state)s” does not go this way.") % {"state": wait.get_state_display()})


def log_move(wait: WaitingItem, *, kind: str, fact: Fact, from_state: str, due_before: datetime | None) -> None:
    WaitTransition.objects.create(
        wait=wait,
        kind=kind,
        from_state=from_state,
        to_state=wait.state,
        due_before=due_before,
        due_after=wait.due_at,
        at=fact.at,
        fact_at=fact.said_at,
        message=fact.message,
        actor=fact.actor.as_json(),
        reason=fact.reason[:64],
    )
    refs = {"wait": str(wait.public_id), "case": str(wait.case.public_id)}
    if fact.message is not None:
        refs["message"] = str(fact.message.public_id)
    record(
        subject=subject_of(wait.case),
        kind="state_change",
        actor=fact.actor,
        at=fact.at,
        refs=refs,
        body={
            "what": kind,
            "from": from_state,
            "to": str(wait.state),
            "need": wait.need,
            "on": wait.on.name if wait.on else "",
            "due_at": wait.due_at.isoformat() if wait.due_at else None,
            "said_at": fact.said_at.isoformat(),
            "reason": fact.reason,
            **({"owner": wait.owner_words} if kind == "hand_over" else {}),
            **({"holder": wait.owner.name} if kind == "hand_over" and wait.roster is not None else {}),
            **({"note": wait.internal_note, "risk": wait.risk} if kind == "note" else {}),
        },
    )


def save_move(wait: WaitingItem, *, kind: str, fact: Fact, from_state: str, due_before: datetime | None) -> WaitingItem:
    if kind not in ("hand_over", "note"):  # who sees to it, and what they note, says nothing about what was said
        wait.last_fact_at = max(wait.last_fact_at, fact.said_at)
    if wait.state != from_state:
        note_state_left(wait, state=from_state, at=fact.at)
    if not wait.is_open:
        note_missed(wait, at=fact.at)
    if wait.paused_at is not None and not wait.is_open:
        note_paused(wait, since=wait.paused_at, at=fact.at)
    if fact.message is not None and not wait.is_open:
        wait.answered_by = fact.message
    wait.save()
    log_move(wait, kind=kind, fact=fact, from_state=from_state, due_before=due_before)
    bump(wait.case)
    return wait


def record_case(case: ServiceCase, fact: Fact, *, to: str, note: str, **more: str) -> None:
    bump(case)
    refs = {"case": str(case.public_id)}
    if fact.message is not None:
        refs["message"] = str(fact.message.public_id)
    body = {"to": to, "reason": fact.reason, "note": note, **more}
    entries = [EntryDraft("state_change", fact.actor, fact.at, refs, body)]
    if to != "open":
        entries.append(EntryDraft("conclusion", fact.actor, fact.at, refs, body))
    record_many(subject=subject_of(case), entries=entries)
