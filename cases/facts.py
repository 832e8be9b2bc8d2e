"""Measured facts: append-only rows with instants, each kept once. Reminders are rows of their own (`Reminder`)."""

from __future__ import annotations

from datetime import UTC, datetime

from cases.models import Role, ServiceCase, ServiceFact, WaitingItem
from cases.models.waiting import NeedKind
from foundation.actors import Actor


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%d%H%M%S%f}"


def note_service_fact(
    *,
    kind: str,
    case: ServiceCase | None,
    started_at: datetime,
    ended_at: datetime,
    ref: str,
    wait: WaitingItem | None = None,
    released_at: datetime | None = None,
    detail: str = "",
    ok: bool | None = None,
    words: str = "",
    actor: Actor | None = None,
) -> bool:
    """Keep a measured fact, once per kind and `ref`.

    :returns: whether it is new.
    """
    if ServiceFact.objects.filter(kind=kind, ref=ref[:64]).exists():
        return False
    row = ServiceFact(
        kind=kind, case=case, wait=wait, started_at=started_at, released_at=released_at, ended_at=ended_at, detail=detail[:64],
        ok=ok, words=words[:255], actor=actor.as_json() if actor is not None else {}, ref=ref[:64],
    )  # fmt: skip
    ServiceFact.objects.bulk_create([row], ignore_conflicts=True)
    return True


def note_state_left(wait: WaitingItem, *, state: str, at: datetime) -> None:
    """An item leaves a state: keep how long it was in it, and begin the next."""
    since = wait.state_since or wait.opened_at
    note_service_fact(
        kind=ServiceFact.Kind.STATE, case=wait.case, wait=wait, started_at=since, ended_at=at, detail=state,
        ref=f"{wait.public_id.hex}:{_stamp(since)}",
    )  # fmt: skip
    wait.state_since = at


def note_missed(wait: WaitingItem, *, at: datetime) -> None:
    """An answer that we owe ends past its due time: it was missed, also where nobody was here to be reminded of it."""
    if wait.on_role != Role.INTERNAL_HANDLER or wait.need_kind != NeedKind.ANSWER or wait.paused_at is not None:
        return
    if wait.due_at is not None and wait.due_at < at:
        note_service_fact(
            kind=ServiceFact.Kind.MISSED_ANSWER, case=wait.case, wait=wait, started_at=wait.opened_at, ended_at=wait.due_at,
            ref=f"{wait.public_id}:{wait.due_at.astimezone(UTC):%Y%m%d%H%M}",
        )  # fmt: skip


def note_paused(wait: WaitingItem, *, since: datetime, at: datetime) -> None:
    """An item's clock stood from one instant to another."""
    note_service_fact(
        kind=ServiceFact.Kind.PAUSED, case=wait.case, wait=wait, started_at=since, ended_at=at,
        ref=f"{wait.public_id.hex}:{_stamp(since)}",
    )  # fmt: skip


def note_wrong_send(
    *,
    case: ServiceCase | None,
    delivered_at: datetime,
    at: datetime,
    how: str,
    ref: str,
    words: str = "",
    actor: Actor | None = None,
) -> bool:
    """Keep that a delivered text was wrong: `how` is recalled, corrected, flagged or misaddressed; `ref` names the text.

    :returns: whether it is new.
    """
    return note_service_fact(
        kind=ServiceFact.Kind.WRONG_SEND, case=case, started_at=delivered_at, ended_at=at, detail=how, words=words,
        actor=actor, ref=f"{how[:12]}:{ref}",
    )  # fmt: skip
