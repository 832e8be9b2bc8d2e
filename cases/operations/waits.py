"""An item opens, and ends or moves on: what somebody owes from now on, has given, need not give, or has passed on."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from cases import calendars
from cases.completion import NOTHING, Vouching, check_proof_of_wait
from cases.facts import note_service_fact
from cases.models import MaterialRequirement, Role, ServiceCase, ServiceFact, WaitingItem
from cases.models.waiting import NeedKind
from cases.operations.common import Fact, bump, check_may, check_open, lock_wait, log_move, save_move, subject_of
from cases.operations.opening import add_participant
from cases.operations.owners import responsible_owner
from conversations.models import Conversation
from evidence.operations import record
from people.models import DutyRoster, Person, StaffMember


def open_wait(
    *,
    case: ServiceCase,
    state: str,
    on: Person | None,
    on_role: str,
    need: str,
    fact: Fact,
    need_kind: str = NeedKind.ACTION,
    requirement: MaterialRequirement | None = None,
    count_needed: int = 1,
    proof: str = "none",
    asked_in: Conversation | None = None,
    requested_in: Conversation | None = None,
    customer_wording: str = "",
    internal_note: str = "",
    risk: str = "",
    due_at: datetime | None = None,
    owner: StaffMember | None = None,
    roster: DutyRoster | None = None,
    replaces: WaitingItem | None = None,
    for_side: str = "internal",
    asked_ref: UUID | None = None,
) -> WaitingItem:
    """Open a waiting item. Its clock starts at `fact.at`; `due_at` overrides the flow's due time.

    :param roster: whoever is on shift owns it.
    :param asked_ref: the outbound text that asks for it; its clock starts anew when that is delivered (`asking_delivered`).
    """
    due = due_at or calendars.due_time(case.flow, state, at=fact.at)
    if roster is not None and owner is None:
        owner = next(iter(roster.on_shift(at=fact.at)), roster.lead)
    _note_repetition(case, on=on, need=need, requirement=requirement, replaces=replaces, at=fact.at)
    wait = WaitingItem.objects.create(
        case=case,
        state=state,
        on=on,
        on_role=on_role,
        for_side=for_side,
        need=need[:255],
        need_kind=need_kind,
        requirement=requirement,
        count_needed=count_needed,
        proof=proof,
        owner=owner or responsible_owner(case),
        roster=roster,
        asked_in=asked_in,
        asked_by_message=fact.message,
        requested_in=requested_in,
        customer_wording=customer_wording,
        internal_note=internal_note,
        risk=risk[:64],
        opened_at=fact.at,
        due_at=due,
        remind_at=due,
        act_at=due,
        state_since=fact.at,
        last_fact_at=fact.said_at,
        replaces=replaces,
        asked_ref=asked_ref,
    )
    if on is not None and on.side in ("customer", "partner"):
        add_participant(case=case, person=on, role=on_role)
    log_move(wait, kind="open", fact=fact, from_state="", due_before=None)
    bump(case)
    return wait


def _note_repetition(
    case: ServiceCase,
    *,
    on: Person | None,
    need: str,
    requirement: MaterialRequirement | None,
    replaces: WaitingItem | None,
    at: datetime,
) -> None:
    """Measure an ask for what is being waited for already, before its time has come."""
    if on is None or replaces is not None or on.side == "internal":
        return
    same = case.waits.open().filter(on=on, due_at__gt=at)
    same = same.filter(requirement=requirement) if requirement is not None else same.filter(need=need[:255])
    earlier = same.order_by("pk").first()
    if earlier is not None:
        note_service_fact(
            kind=ServiceFact.Kind.REPEATED_ASK, case=case, wait=earlier, started_at=earlier.opened_at, ended_at=at,
            ref=f"{earlier.public_id}:{at.isoformat()}",
        )  # fmt: skip


def complete_wait(
    *, wait_id: int, fact: Fact, vouching: Vouching = NOTHING, answered_ref: UUID | None = None
) -> WaitingItem:
    """Close an item as given.

    :param vouching: a supervisor may waive the proof, in words.
    :param answered_ref: the outbound text that gives it; where that does not arrive, it is owed again (`owe_again`).
    :raises WrongState: when it is closed already, or `unproven` where the proof that it asks for has not come.
    """
    with transaction.atomic():
        wait = lock_wait(wait_id)
        check_open(wait)
        check_proof_of_wait(wait, vouching=vouching)
        if vouching.proof.strip():
            wait.internal_note = "\n".join(filter(None, [wait.internal_note, vouching.proof.strip()]))
        wait.answered_ref = answered_ref
        before, due = str(wait.state), wait.due_at
        wait.complete(at=fact.at, reason=fact.reason or "answered")
        return save_move(wait, kind="complete", fact=fact, from_state=before, due_before=due)


def cancel_wait(*, wait_id: int, fact: Fact) -> WaitingItem:
    """Close an item as no longer owed, with a reason.

    :raises WrongState: when it is closed already.
    """
    with transaction.atomic():
        wait = lock_wait(wait_id)
        check_open(wait)
        before, due = str(wait.state), wait.due_at
        wait.cancel(at=fact.at, reason=fact.reason or "not_needed")
        return save_move(wait, kind="cancel", fact=fact, from_state=before, due_before=due)


def pass_on_wait(*, wait_id: int, executor: Person | None, fact: Fact) -> WaitingItem:
    """The contact says that it was passed on: from now on the executor owes it."""
    with transaction.atomic():
        wait = lock_wait(wait_id)
        check_open(wait)
        before, due = str(wait.state), wait.due_at
        check_may(wait, wait.pass_on)
        wait.pass_on()
        wait.on_role = Role.ACTUAL_EXECUTOR
        if executor is not None:
            wait.on = executor
            add_participant(case=wait.case, person=executor, role=Role.ACTUAL_EXECUTOR)
        wait.set_due(calendars.due_time(wait.case.flow, wait.state, at=fact.at))
        return save_move(wait, kind="pass_on", fact=fact, from_state=before, due_before=due)


def move_wait(*, wait_id: int, into: ServiceCase, fact: Fact) -> WaitingItem:
    """An item turns out to belong to another case: it goes there as it is, with its material. Both cases must be locked."""
    with transaction.atomic():
        wait = lock_wait(wait_id)
        check_open(wait)
        refs = {"wait": str(wait.public_id), "case": str(wait.case.public_id), "into": str(into.public_id)}
        body = {"what": "moved", "number": into.number, "need": wait.need, "reason": fact.reason}
        record(
            subject=subject_of(wait.case),
            kind="action",
            actor=fact.actor,
            at=fact.at,
            refs=refs,
            body={"action": "move_item", **body},
        )
        bump(wait.case)
        wait.materials.update(case=into)
        wait.case = into
        return save_move(wait, kind="join", fact=fact, from_state=str(wait.state), due_before=wait.due_at)
