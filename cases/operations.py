"""Public writes about cases and waits. Every one locks the case, moves rows, and records evidence on the case's chain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _
from django_fsm import can_proceed

from cases import calendars
from cases.completion import NOTHING, PROOF_TYPES, Vouching, check_completion, check_proof_of_wait
from cases.facts import note_paused, note_service_fact, note_state_left
from cases.models import (
    CaseConversation,
    CaseNote,
    CaseState,
    HandOver,
    Material,
    MaterialRequirement,
    NoteMention,
    Participant,
    Role,
    ServiceCase,
    ServiceFact,
    ServiceFlow,
    StatusFact,
    WaitingItem,
    WaitTransition,
    Writeback,
    WritebackState,
)
from cases.models.waiting import NeedKind
from cases.reasons import CANCEL_REASONS, REOPEN_REASONS, check_reason
from cases.shifts import may_own, misfits, shift_lead, workers
from conversations.models import Attachment, Conversation, Message
from evidence.operations import EntryDraft, Subject, join_chains, record, record_many
from foundation.actors import Actor
from foundation.errors import NotAllowed, Refused, WrongState
from people.models import Customer, DutyRoster, Partner, Person, StaffMember

#: How long a colleague has to accept a hand-over before it falls to the lead.
HAND_OVER_WITHIN = timedelta(minutes=30)
NUMBER_ZONE = ZoneInfo("Asia/Shanghai")


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


def _next_number(at: datetime) -> str:
    day = at.astimezone(NUMBER_ZONE).strftime("A%y%m%d")
    last = ServiceCase.objects.filter(number__startswith=f"{day}-").aggregate(last=Max("number"))["last"]
    return f"{day}-{int(last.rsplit('-', 1)[1]) + 1 if last else 1:04d}"


def open_case(
    *,
    flow: ServiceFlow,
    customer: Customer,
    conversation: Conversation,
    owner: StaffMember,
    actor: Actor,
    at: datetime,
    partner: Partner | None = None,
    contact: Person | None = None,
    title: str = "",
    labels: Iterable[str] = (),
    previous: ServiceCase | None = None,
) -> ServiceCase:
    """Open a case for a customer. The number is A, the mainland date, and a count of the day."""
    for _attempt in range(20):
        try:
            with transaction.atomic():
                case = ServiceCase.objects.create(
                    number=_next_number(at),
                    flow=flow,
                    customer=customer,
                    conversation=conversation,
                    partner=partner,
                    owner=owner,
                    team=owner.team,
                    title=title[:191],
                    labels=list(dict.fromkeys(labels)),
                    opened_at=at,
                    previous=previous,
                )
                break
        except IntegrityError:
            continue
    else:
        raise WrongState(_("No case number could be taken. Please try again."))
    link_conversation(case=case, conversation=conversation, at=at)
    if contact is not None:
        add_participant(case=case, person=contact, role=Role.CUSTOMER_CONTACT)
    record(
        subject=subject_of(case),
        kind="state_change",
        actor=actor,
        at=at,
        refs={"case": str(case.public_id)},
        body={"to": "open", "flow": flow.key, "owner": owner.name, "number": case.number},
    )
    join_chains(
        conversation=Subject("conversation", str(conversation.public_id)), case=subject_of(case), actor=actor, at=at
    )
    return case


def link_conversation(*, case: ServiceCase, conversation: Conversation, at: datetime) -> None:
    """Say that a case runs through this conversation too."""
    CaseConversation.objects.get_or_create(case=case, conversation=conversation, defaults={"since": at})


def add_participant(*, case: ServiceCase, person: Person, role: str) -> Participant:
    """Give somebody a role in a case."""
    participant, _created = Participant.objects.get_or_create(
        case=case, person=person, role=role, defaults={"coordinates_only": person.coordinates_only}
    )
    return participant


def bump(case: ServiceCase) -> None:
    """Count a change of the case, so that whoever decided on an older version notices."""
    ServiceCase.objects.filter(pk=case.pk).update(version=F("version") + 1)


def responsible_owner(case: ServiceCase) -> StaffMember:
    """Who answers for an item of this case now: its owner, or who stands in when the owner has left."""
    return case.owner if case.owner.left_at is None else successor(case.flow)


def successor(flow: ServiceFlow) -> StaffMember:
    """Who takes over from somebody who has left: the flow's fallback owner, its supervisor, any supervisor; never nobody."""
    stand_in = next((one for one in (flow.fallback_owner, flow.supervisor) if one.left_at is None), None)
    return stand_in or StaffMember.objects.supervisors().order_by("pk").first() or flow.supervisor


def _log(wait: WaitingItem, *, kind: str, fact: Fact, from_state: str, due_before: datetime | None) -> None:
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
        },
    )


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
    _log(wait, kind="open", fact=fact, from_state="", due_before=None)
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


def lock_wait(wait_id: int) -> WaitingItem:
    """The item, locked and read anew. Call it inside a transaction."""
    return (
        WaitingItem.objects.select_for_update(of=("self",))
        .select_related("case__flow__calendar", "case__customer", "on", "owner")
        .get(pk=wait_id)
    )


def is_overtaken(wait: WaitingItem, said_at: datetime) -> bool:
    """Whether something written later has already moved this item: then an older word does not."""
    return said_at < wait.last_fact_at


def _check_open(wait: WaitingItem) -> None:
    if not wait.is_open:
        raise WrongState(_("This item is closed already."))


def _saved(wait: WaitingItem, *, kind: str, fact: Fact, from_state: str, due_before: datetime | None) -> WaitingItem:
    wait.last_fact_at = max(wait.last_fact_at, fact.said_at)
    if wait.state != from_state:
        note_state_left(wait, state=from_state, at=fact.at)
    if wait.paused_at is not None and not wait.is_open:
        note_paused(wait, since=wait.paused_at, at=fact.at)
    if fact.message is not None and not wait.is_open:
        wait.answered_by = fact.message
    wait.save()
    _log(wait, kind=kind, fact=fact, from_state=from_state, due_before=due_before)
    bump(wait.case)
    return wait


def _check_may(wait: WaitingItem, move: Any) -> None:
    """That a transition leads out of the item's state.

    :raises WrongState: otherwise.
    """
    if not can_proceed(move):
        raise WrongState(_("An item that is “%(state)s” does not go this way.") % {"state": wait.get_state_display()})


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
        _check_open(wait)
        check_proof_of_wait(wait, vouching=vouching)
        if vouching.proof.strip():
            wait.internal_note = "\n".join(filter(None, [wait.internal_note, vouching.proof.strip()]))
        wait.answered_ref = answered_ref
        before, due = str(wait.state), wait.due_at
        wait.complete(at=fact.at, reason=fact.reason or "answered")
        return _saved(wait, kind="complete", fact=fact, from_state=before, due_before=due)


def cancel_wait(*, wait_id: int, fact: Fact) -> WaitingItem:
    """Close an item as no longer owed, with a reason.

    :raises WrongState: when it is closed already.
    """
    with transaction.atomic():
        wait = lock_wait(wait_id)
        _check_open(wait)
        before, due = str(wait.state), wait.due_at
        wait.cancel(at=fact.at, reason=fact.reason or "not_needed")
        return _saved(wait, kind="cancel", fact=fact, from_state=before, due_before=due)


def pass_on_wait(*, wait_id: int, executor: Person | None, fact: Fact) -> WaitingItem:
    """The contact says that it was passed on: from now on the executor owes it."""
    with transaction.atomic():
        wait = lock_wait(wait_id)
        _check_open(wait)
        before, due = str(wait.state), wait.due_at
        _check_may(wait, wait.pass_on)
        wait.pass_on()
        wait.on_role = Role.ACTUAL_EXECUTOR
        if executor is not None:
            wait.on = executor
            add_participant(case=wait.case, person=executor, role=Role.ACTUAL_EXECUTOR)
        wait.set_due(calendars.due_time(wait.case.flow, wait.state, at=fact.at))
        return _saved(wait, kind="pass_on", fact=fact, from_state=before, due_before=due)


def defer_wait(*, wait_id: int, until: datetime | None, fact: Fact) -> WaitingItem:
    """Somebody says “later”: the due time moves, the state stays. Without a time only the word is kept."""
    with transaction.atomic():
        wait = lock_wait(wait_id)
        _check_open(wait)
        due = wait.due_at
        if until is not None and (due is None or until > due):
            wait.set_due(until)
        return _saved(wait, kind="defer", fact=fact, from_state=str(wait.state), due_before=due)


def receive_materials(
    *,
    wait_id: int,
    attachments: Iterable[Attachment],
    fact: Fact,
    final: bool = True,
) -> WaitingItem:
    """Join material to its item. When enough has come the item is `material_received` (`final`) and ours to check.

    Where the item still lacks some, it stays as it is with the count raised.
    """
    with transaction.atomic():
        wait = lock_wait(wait_id)
        _check_open(wait)
        rows: list[Attachment | None] = list(attachments) or [None]
        fitting = [row for row in rows if _fits(wait, row)]
        message = fact.message
        if message is not None:
            Material.objects.bulk_create(
                Material(
                    case=wait.case, wait=wait, message=message, attachment=row, type=row.type if row else "text",
                    received_at=fact.at, state=Material.State.RECEIVED if row in fitting else Material.State.SURPLUS,
                )
                for row in rows
            )  # fmt: skip
            record_many(
                subject=subject_of(wait.case),
                entries=[
                    EntryDraft(
                        "material",
                        fact.actor,
                        fact.at,
                        {
                            "wait": str(wait.public_id),
                            "message": str(message.public_id),
                            **({"attachment": str(row.public_id)} if row else {}),
                        },
                        {"type": row.type if row else "text", "need": wait.need},
                    )
                    for row in rows
                ],
            )
        before, due = str(wait.state), wait.due_at
        wait.count_received += len(fitting)
        kind = "material"
        if final and fitting and wait.count_received >= wait.count_needed:
            _check_may(wait, wait.receive_material)
            wait.receive_material()
            wait.answered_by = message
            wait.set_due(calendars.due_time(wait.case.flow, wait.state, at=fact.at))
        else:
            kind = "partial"
        return _saved(wait, kind=kind, fact=fact, from_state=before, due_before=due)


def _fits(wait: WaitingItem, row: Attachment | None) -> bool:
    """Whether a thing is of the kind that an item asks for: a sticker is no photo."""
    kind = row.type if row is not None else "text"
    return kind in PROOF_TYPES.get(wait.proof, frozenset({kind})) and kind != "sticker"


def add_material(*, case_id: int, attachments: Iterable[Attachment], fact: Fact) -> list[Material]:
    """Material that no open item asks for: it is joined to the item that asked for its kind last, and is surplus there.

    Where that item is ours to check, it is one more piece to check. Where what came before was not good and nobody has asked again yet, it
    is what we were about to ask for: an item to check it replaces the old one.
    """
    assert fact.message is not None
    with transaction.atomic():
        case = lock_cases([case_id])[0]
        asked = list(case.waits.filter(need_kind="material").order_by("-pk").select_related("on")[:10])
        made = []
        for row in attachments:
            if row.type == "sticker" or Material.objects.filter(attachment=row).exists():
                continue
            wait = next((one for one in asked if _fits(one, row)), None)
            fresh = wait is not None and (wait.is_open or _wants_better(wait))
            if wait is not None and not wait.is_open and fresh:
                wait = open_wait(
                    case=case, state="material_received", on=wait.on, on_role=wait.on_role, need=wait.need, need_kind=wait.need_kind,
                    fact=fact, requirement=wait.requirement, count_needed=wait.count_needed, proof=wait.proof,
                    asked_in=wait.asked_in, requested_in=wait.requested_in, replaces=wait,
                )  # fmt: skip
                Material.objects.filter(wait=wait.replaces, asked_again_at__isnull=True).update(asked_again_at=fact.at)
                asked.insert(0, wait)
            state = Material.State.RECEIVED if fresh else Material.State.SURPLUS
            made.append(
                Material.objects.create(
                    case=case, wait=wait, message=fact.message, attachment=row, type=row.type, received_at=fact.at, state=state
                )
            )  # fmt: skip
            refs = {"message": str(fact.message.public_id), "attachment": str(row.public_id)}
            if wait is not None:
                refs["wait"] = str(wait.public_id)
            body = {"type": row.type, "need": wait.need if wait is not None else "", "state": str(state)}
            record(subject=subject_of(case), kind="material", actor=fact.actor, at=fact.at, refs=refs, body=body)
        if made:
            bump(case)
        return made


def _wants_better(wait: WaitingItem) -> bool:
    """Whether what came for a closed item was not good, and nothing has replaced it yet."""
    return wait.close_reason == "material_rejected" and not wait.replaced_by.exists()


def hand_over_wait(*, wait_id: int, to: StaffMember, fact: Fact, by: StaffMember | None = None) -> WaitingItem:
    """Give an item to another owner.

    :param by: who gives it; supervisors give to any colleague who works on cases, others to those whose business it is (`shifts.fits`).
    :raises Refused: when the other has left, their role does not work on cases, or it is no business of theirs.
    """
    if not may_own(to):
        raise Refused(_("%(name)s cannot work on cases.") % {"name": to.name}, code="cannot_work")
    if by is not None and not by.is_supervisor and by != to:
        _check_theirs(to, [WaitingItem.objects.select_related("case__flow").get(pk=wait_id)], giver=by)
    return fall_to(wait_id=wait_id, to=to, fact=fact)


def fall_to(*, wait_id: int, to: StaffMember, fact: Fact) -> WaitingItem:
    """An item falls to somebody, whoever that is: it never belongs to nobody."""
    with transaction.atomic():
        wait = lock_wait(wait_id)
        _check_open(wait)
        wait.owner = to
        return _saved(wait, kind="hand_over", fact=fact, from_state=str(wait.state), due_before=wait.due_at)


def move_wait(*, wait_id: int, into: ServiceCase, fact: Fact) -> WaitingItem:
    """An item turns out to belong to another case: it goes there as it is, with its material. Both cases must be locked."""
    with transaction.atomic():
        wait = lock_wait(wait_id)
        _check_open(wait)
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
        return _saved(wait, kind="join", fact=fact, from_state=str(wait.state), due_before=wait.due_at)


def close_joined(case: ServiceCase, *, into: ServiceCase, fact: Fact) -> None:
    """Close a case that is about the same as another, which goes on. Both must be locked, and nothing be open in the first."""
    case.cancel(at=fact.at, reason="joined", note=into.number)
    case.save()
    _record_case(
        case, Fact(fact.actor, fact.at, fact.said_at, fact.message, "joined"), to="cancelled", note=into.number
    )


def pause_wait(*, wait_id: int, fact: Fact) -> WaitingItem:
    """Stop an item's clock: nobody is reminded until it runs again.

    :raises WrongState: when it is closed, or stands already.
    """
    with transaction.atomic():
        wait = lock_wait(wait_id)
        _check_open(wait)
        if wait.paused_at is not None:
            raise WrongState(_("The clock of this item stands already."))
        wait.paused_at, wait.remind_at, wait.act_at = fact.at, None, None
        return _saved(wait, kind="pause", fact=fact, from_state=str(wait.state), due_before=wait.due_at)


def resume_wait(*, wait_id: int, fact: Fact) -> WaitingItem:
    """Let an item's clock run again: the working time that was left is left.

    :raises WrongState: when it is closed, or runs.
    """
    with transaction.atomic():
        wait = lock_wait(wait_id)
        _check_open(wait)
        if wait.paused_at is None:
            raise WrongState(_("The clock of this item runs."))
        due, since = wait.due_at, wait.paused_at
        wait.paused_at = None
        note_paused(wait, since=since, at=fact.at)
        if due is not None:
            calendar = calendars.work_calendar(wait.case.flow.calendar)
            wait.set_due(calendar.add_working(fact.at, calendar.working_between(since, due)) if due > since else due)
        return _saved(wait, kind="resume", fact=fact, from_state=str(wait.state), due_before=due)


def set_due(*, wait_id: int, due_at: datetime, fact: Fact) -> WaitingItem:
    """A colleague moves the follow-up time, earlier or later.

    :raises WrongState: when the item is closed. :raises Refused: when the time has passed.
    """
    if due_at <= fact.at:
        raise Refused(_("The follow-up time must be in the future."), code="past")
    with transaction.atomic():
        wait = lock_wait(wait_id)
        _check_open(wait)
        due = wait.due_at
        wait.set_due(due_at)
        return _saved(wait, kind="defer", fact=fact, from_state=str(wait.state), due_before=due)


def judge_material(*, material_id: int, accept: bool, by: StaffMember | None, fact: Fact) -> Material:
    """Say whether a piece of material is good: 合格 or 不合格, with the reason.

    When enough is accepted, the item is completed. When too little can still be accepted, it is closed as `material_rejected`; a draft that
    asks again is written by whoever looks for rejected material (`asked_again_at`), and its release opens the item that replaces this one.

    :raises WrongState: when it was judged already. :raises Refused: when a rejection gives no reason.
    """
    if not accept and not fact.reason.strip():
        raise Refused(_("Say why the material is not good."), code="reason_missing")
    with transaction.atomic():
        case_id, wait_id = Material.objects.values_list("case_id", "wait_id").get(pk=material_id)
        case = lock_cases([case_id])[0]
        material = Material.objects.select_for_update(of=("self",)).select_related("message").get(pk=material_id)
        if material.state not in (Material.State.RECEIVED, Material.State.SURPLUS):
            raise WrongState(_("This material was checked already."))
        material.state = Material.State.ACCEPTED if accept else Material.State.REJECTED
        material.reason, material.judged_at, material.judged_by = fact.reason[:255], fact.at, by
        material.save(update_fields=["state", "reason", "judged_at", "judged_by"])
        record(
            subject=subject_of(case), kind="review", actor=fact.actor, at=fact.at,
            refs={"message": str(material.message.public_id)},
            body={"do": "accept_material" if accept else "reject_material", "reason": fact.reason, "accepted": True},
        )  # fmt: skip
        if wait_id is None:
            return material
        wait = lock_wait(wait_id)
        if not wait.is_open:
            return material
        states = list(wait.materials.values_list("state", flat=True))
        good, unseen = states.count(Material.State.ACCEPTED), states.count(Material.State.RECEIVED)
        if good >= wait.count_needed:
            wait.materials.filter(state=Material.State.RECEIVED).update(state=Material.State.SURPLUS)
            complete_wait(wait_id=wait_id, fact=Fact(fact.actor, fact.at, fact.said_at, None, "accepted"))
        elif not accept and wait.state == "material_received" and good + unseen < wait.count_needed:
            cancel_wait(wait_id=wait_id, fact=Fact(fact.actor, fact.at, fact.said_at, None, "material_rejected"))
        return material


def add_note(*, case_id: int, by: StaffMember | None, text: str, actor: Actor, at: datetime) -> CaseNote:
    """Write a note on a case; customers and partners never see it.

    :raises Refused: when it is empty.
    """
    if not text.strip():
        raise Refused(_("The note is empty."), code="empty")
    with transaction.atomic():
        case = lock_cases([case_id])[0]
        note = CaseNote.objects.create(case=case, author=by, text=text.strip()[:4000], at=at)
        mentioned = mentioned_in(note.text)
        NoteMention.objects.bulk_create(NoteMention(note=note, staff=staff) for staff in mentioned if staff != by)
        record(
            subject=subject_of(case), kind="action", actor=actor, at=at, refs={"case": str(case.public_id)},
            body={"action": "note", "note": note.text, "mentions": [staff.name for staff in mentioned]},
        )  # fmt: skip
        return note


def mentioned_in(text: str) -> list[StaffMember]:
    """Colleagues whom `@name` in a text names; of names that begin alike, the longest."""
    if "@" not in text:
        return []
    found: dict[int, StaffMember] = {}
    names = sorted(StaffMember.objects.active(), key=lambda staff: -len(staff.name))
    for part in text.split("@")[1:]:
        staff = next((staff for staff in names if staff.name and part.startswith(staff.name)), None)
        if staff is not None:
            found.setdefault(staff.pk, staff)
    return list(found.values())


def see_mentions(*, case_id: int, by: StaffMember, at: datetime) -> int:
    """Somebody has seen what they were mentioned in on a case. Returns how many notes."""
    return NoteMention.objects.filter(note__case=case_id, staff=by, seen_at__isnull=True).update(seen_at=at)


def owe_ourselves(
    *, case_id: int, need: str, need_kind: str, due_at: datetime | None, fact: Fact, owner: StaffMember | None = None
) -> WaitingItem:
    """Open something that we owe without any message: a call back, a check.

    :raises WrongState: when the case is not open. :raises Refused: when nothing is said.
    """
    if not need.strip():
        raise Refused(_("Say what has to be done."), code="empty")
    with transaction.atomic():
        lock_cases([case_id])
        case = ServiceCase.objects.select_related("flow__calendar", "flow__fallback_owner", "owner").get(pk=case_id)
        if case.state != CaseState.OPEN:
            raise WrongState(_("This case is not open."))
        holder = owner or responsible_owner(case)
        return open_wait(
            case=case, state="requested", on=Person.objects.filter(staff=holder).first(), on_role=Role.INTERNAL_HANDLER,
            need=need.strip(), need_kind=need_kind, fact=fact, due_at=due_at, owner=holder, for_side="customer",
        )  # fmt: skip


# --- hand-overs ---------------------------------------------------------------------------------------------------------


def offer_hand_over(
    *, wait_ids: Iterable[int], giver: StaffMember, taker: StaffMember, note: str, actor: Actor, at: datetime
) -> HandOver:
    """Offer open items to a colleague, with a note. They stay with the giver until accepted, and fall to the shift's lead after half an hour.

    :raises Refused: when there is nothing to hand over, the taker is the giver, has left, cannot work on cases or has nothing to do with an
        item (`shifts.fits`), or an item is on offer already.
    """
    rows = WaitingItem.objects.open().filter(pk__in=set(wait_ids), owner=giver)
    items = list(
        rows.select_related("roster__lead", "case__flow__roster__lead", "case__flow__supervisor").order_by("pk")
    )
    if not items or taker == giver:
        raise Refused(_("There is nothing to hand over."), code="nothing")
    if taker.left_at is not None:
        raise Refused(_("%(name)s does not work here any more.") % {"name": taker.name}, code="left")
    if not workers().filter(pk=taker.pk).exists():
        raise Refused(_("%(name)s cannot work on cases.") % {"name": taker.name}, code="cannot_work")
    _check_theirs(taker, items, giver=giver)
    if HandOver.objects.filter(state=HandOver.State.OFFERED, items__in=items).exists():
        raise Refused(_("Some of these items are on offer already."), code="offered")
    with transaction.atomic():
        row = HandOver.objects.create(
            giver=giver, taker=taker, lead=shift_lead(giver, items, at=at), note=note.strip(), offered_at=at, until=at + HAND_OVER_WITHIN
        )  # fmt: skip
        row.items.set(items)
        return row


def _check_theirs(taker: StaffMember, items: list[WaitingItem], *, giver: StaffMember) -> None:
    strange = misfits(taker, items, giver=giver)
    if strange:
        words = {"name": taker.name, "case": strange[0].case.number}
        raise Refused(
            _("%(name)s has nothing to do with %(case)s: another team, and not on its duty.") % words, code="not_theirs"
        )


def accept_hand_over(*, hand_over_id: int, by: StaffMember, actor: Actor, at: datetime) -> HandOver:
    """Take what was offered.

    :raises NotAllowed: to anybody but the taker and the lead. :raises WrongState: when it is settled.
    """
    with transaction.atomic():
        row = _offered_to(hand_over_id, by)
        return _settle_hand_over(row, to=by, state=HandOver.State.ACCEPTED, actor=actor, at=at)


def decline_hand_over(*, hand_over_id: int, by: StaffMember, actor: Actor, at: datetime) -> HandOver:
    """Say that one cannot take it: it falls to the lead at once instead of after half an hour.

    :raises NotAllowed: to anybody but the taker and the lead. :raises WrongState: when it is settled.
    """
    with transaction.atomic():
        row = _offered_to(hand_over_id, by)
        return _settle_hand_over(row, to=_lead_now(row, at=at), state=HandOver.State.FALLEN, actor=actor, at=at)


def _offered_to(hand_over_id: int, by: StaffMember) -> HandOver:
    rows = HandOver.objects.select_for_update(of=("self",)).select_related("giver", "taker", "lead")
    row = rows.get(pk=hand_over_id)
    if by not in (row.taker, row.lead):
        raise NotAllowed(_("This was offered to somebody else."))
    if row.state != HandOver.State.OFFERED:
        raise WrongState(_("This hand-over is settled already."))
    return row


def _lead_now(row: HandOver, *, at: datetime) -> StaffMember:
    """The lead that was named, or who leads the shift now where they have left."""
    if row.lead.left_at is None:
        return row.lead
    items = row.items.select_related("roster__lead", "case__flow__roster__lead", "case__flow__supervisor")
    return shift_lead(row.giver, list(items), at=at)


def sweep_hand_overs(*, at: datetime) -> int:
    """What nobody accepted in time falls to the lead."""
    count = 0
    for pk in HandOver.objects.filter(state=HandOver.State.OFFERED, until__lte=at).values_list("pk", flat=True):
        with transaction.atomic():
            row = HandOver.objects.select_for_update(of=("self",)).select_related("giver", "lead").get(pk=pk)
            if row.state == HandOver.State.OFFERED:
                _settle_hand_over(
                    row, to=_lead_now(row, at=at), state=HandOver.State.FALLEN, actor=Actor.machine("sweep"), at=at
                )
                count += 1
    return count


def _settle_hand_over(row: HandOver, *, to: StaffMember, state: str, actor: Actor, at: datetime) -> HandOver:
    row.state, row.settled_at = state, at
    if state == HandOver.State.FALLEN:
        row.lead = to
    row.save(update_fields=["state", "settled_at", "lead"])
    for pk in row.items.filter(closed_at__isnull=True, owner=row.giver_id).values_list("pk", flat=True):
        fall_to(wait_id=pk, to=to, fact=Fact(actor, at, at, None, f"hand_over_{state}"))
    return row


def note_fact(
    *,
    case: ServiceCase,
    message: Message | None,
    subject: str,
    words: str,
    blocked: bool,
    fact_at: datetime,
    at: datetime,
    appointment_at: datetime | None = None,
) -> StatusFact:
    """Keep what is now known about where a case stands.

    :param appointment_at: when somebody comes, where that is what became known; what was said later holds.
    """
    later = case.facts.filter(subject="appointment", fact_at__gt=fact_at)
    if subject == "appointment" and appointment_at != case.appointment_at and not later.exists():
        case.appointment_at, case.appointment_until = appointment_at, None
        case.save(update_fields=["appointment_at", "appointment_until"])
    return StatusFact.objects.create(
        case=case, message=message, subject=subject, words=words, blocked=blocked, fact_at=fact_at, recorded_at=at
    )


def owe_again(*, wait_id: int, fact: Fact) -> WaitingItem | None:
    """An answer of ours did not arrive: what it had paid is owed again, as a new item that replaces the old one, due at once anew.

    :returns: the new item; None where it was replaced already, or its case is closed.
    """
    with transaction.atomic():
        old = lock_wait(wait_id)
        if old.is_open or old.replaced_by.exists():
            return None
        if old.case.state != CaseState.OPEN:
            if not old.case.flow.intake:
                return None
            reopen_case(case_id=old.case_id, fact=Fact(fact.actor, fact.at, fact.said_at, fact.message, "not_done"))
            old = lock_wait(wait_id)
        calendar = calendars.work_calendar(old.case.flow.calendar)
        return open_wait(
            case=old.case, state="requested", on=old.on, on_role=old.on_role, need=old.need, need_kind=old.need_kind, fact=fact,
            asked_in=old.asked_in, for_side=old.for_side, owner=old.owner if old.owner.left_at is None else None,
            due_at=calendar.add_working(fact.at, calendars.FIRST_ANSWER), replaces=old,
        )  # fmt: skip


def asking_delivered(*, outbound_ref: UUID, message: Message | None, delivered_at: datetime, fact: Fact) -> int:
    """A text of ours that asks for something was delivered: the clock of what it asks for starts now, and the message that asks is known.

    A due time that was moved meanwhile, or named, stays.

    :returns: how many items it asks for.
    """
    count = 0
    for pk in WaitingItem.objects.open().filter(asked_ref=outbound_ref).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            wait = lock_wait(pk)
            if not wait.is_open:
                continue
            due = wait.due_at
            wait.asked_by_message = message or wait.asked_by_message
            if due == calendars.due_time(wait.case.flow, str(wait.state), at=wait.opened_at) and wait.paused_at is None:
                wait.set_due(calendars.due_time(wait.case.flow, str(wait.state), at=max(delivered_at, wait.opened_at)))
            _saved(wait, kind="delivered", fact=fact, from_state=str(wait.state), due_before=due)
            count += 1
    return count


def owe_writeback(
    *, case: ServiceCase, to: Conversation, about: str, words: str, at: datetime, wait: WaitingItem | None = None
) -> Writeback:
    """Note that those who asked have to be told; `triage` sends it, and it stays open until delivery is seen."""
    due = calendars.work_calendar(case.flow.calendar).add_working(at, calendars.WRITEBACK)
    return Writeback.objects.create(
        case=case,
        wait=wait,
        to=to,
        about=about,
        words=words,
        created_at=at,
        due_at=due,
        remind_at=due,
    )


def mark_writeback_told(
    *, outbound_ref: Any, by: str, actor: Actor, at: datetime, released_at: datetime | None = None
) -> int:
    """The notice of these writebacks was delivered.

    :param released_at: when the notice was released; the time until its tap is measured apart.
    """
    told = 0
    for row in Writeback.objects.select_related("case").filter(outbound_ref=outbound_ref, state=WritebackState.OPEN):
        _told(row, by=by, actor=actor, at=at, released_at=released_at)
        told += 1
    return told


def settle_writeback(
    *, writeback_id: int, told: bool, reason: str, by: StaffMember, actor: Actor, at: datetime
) -> Writeback:
    """One of our people says that they told those who asked, or that they need not be told, and why.

    :raises WrongState: when it is settled. :raises Refused: when it is waived without a reason.
    """
    if not told and not reason.strip():
        raise Refused(_("Say why nobody has to be told."), code="reason_missing")
    with transaction.atomic():
        case_id = Writeback.objects.values_list("case_id", flat=True).get(pk=writeback_id)
        lock_cases([case_id])
        row = Writeback.objects.select_for_update(of=("self",)).select_related("case").get(pk=writeback_id)
        if row.state != WritebackState.OPEN:
            raise WrongState(_("This notice is settled already."))
        row.settle_reason = reason.strip()[:255]
        if told:
            _told(row, by=by.name, actor=actor, at=at, released_at=None)
            return row
        row.state, row.remind_at, row.delivered_by = WritebackState.WAIVED, None, by.name[:64]
        row.save(update_fields=["state", "remind_at", "delivered_by", "settle_reason"])
        record(
            subject=subject_of(row.case), kind="state_change", actor=actor, at=at, refs={"writeback": str(row.public_id)},
            body={"what": "writeback", "to": "waived", "about": row.about, "reason": reason.strip()},
        )  # fmt: skip
        return row


def _told(row: Writeback, *, by: str, actor: Actor, at: datetime, released_at: datetime | None) -> None:
    row.state, row.delivered_at, row.delivered_by, row.remind_at = WritebackState.DELIVERED, at, by[:64], None
    row.save(update_fields=["state", "delivered_at", "delivered_by", "remind_at", "settle_reason"])
    refs = {"writeback": str(row.public_id)}
    if row.outbound_ref is not None:
        refs["outbound"] = str(row.outbound_ref)
    body = {"what": "writeback", "to": "delivered", "about": row.about}
    if row.settle_reason:
        body["reason"] = row.settle_reason
    record(subject=subject_of(row.case), kind="state_change", actor=actor, at=at, refs=refs, body=body)
    note_service_fact(
        kind=ServiceFact.Kind.TOLD, case=row.case, wait=row.wait, started_at=row.created_at, released_at=released_at,
        ended_at=at, detail=row.about, ref=row.public_id.hex,
    )  # fmt: skip


def _close_open_waits(case: ServiceCase, fact: Fact, *, reason: str) -> None:
    for pk in case.waits.open().values_list("pk", flat=True):
        cancel_wait(wait_id=pk, fact=Fact(fact.actor, fact.at, fact.said_at, fact.message, reason))


def complete_case(*, case_id: int, fact: Fact, note: str = "", vouching: Vouching = NOTHING) -> ServiceCase:
    """Close a case as done: what is still open in it is no longer owed.

    :param vouching: who closes it by hand, and what they vouch for; it goes on record.
    :raises WrongState: when it is not open, `unproven` when the flow wants proof that has not come, `unconfirmed` when whoever has to
        confirm has not.
    :raises NotAllowed: when the proof is waived by somebody other than a supervisor.
    """
    with transaction.atomic():
        case = lock_cases([case_id])[0]
        if case.state != CaseState.OPEN:
            raise WrongState(_("This case is not open."))
        check_completion(case, message=fact.message, note=note, vouching=vouching)
        _close_open_waits(case, fact, reason="case_completed")
        case.complete(at=fact.at, reason=fact.reason or "done", note=note)
        case.closed_by = fact.message
        case.save()
        vouched = {
            key: said for key, said in (("confirmed", vouching.confirmed), ("waived", vouching.proof)) if said.strip()
        }
        _record_case(case, fact, to="completed", note=note, **vouched)
        return case


def cancel_case(*, case_id: int, fact: Fact, note: str = "") -> ServiceCase:
    """Call a case off with a reason (`reasons.CANCEL_REASONS`): what is open in it is cancelled too.

    :raises WrongState: when it is not open. :raises Refused: for a reason that is not on the list, or “other” without words.
    """
    check_reason(fact.reason or "customer_declined", note, known=CANCEL_REASONS)
    with transaction.atomic():
        case = lock_cases([case_id])[0]
        if case.state != CaseState.OPEN:
            raise WrongState(_("This case is not open."))
        _close_open_waits(case, fact, reason="case_cancelled")
        case.cancel(at=fact.at, reason=fact.reason or "customer_declined", note=note)
        case.closed_by = fact.message
        case.save()
        _record_case(case, fact, to="cancelled", note=note)
        return case


def reopen_case(*, case_id: int, fact: Fact, note: str = "") -> ServiceCase:
    """Take a closed case up again with a reason (`reasons.REOPEN_REASONS`); its history stays.

    :raises WrongState: when it is open. :raises Refused: for a reason that is not on the list, or “other” without words.
    """
    check_reason(fact.reason, note, known=REOPEN_REASONS)
    with transaction.atomic():
        case = lock_cases([case_id])[0]
        if case.state == CaseState.OPEN:
            raise WrongState(_("This case is open."))
        case.reopen(at=fact.at)
        case.save()
        _record_case(case, fact, to="open", note=note)
        return case


def _record_case(case: ServiceCase, fact: Fact, *, to: str, note: str, **more: str) -> None:
    bump(case)
    refs = {"case": str(case.public_id)}
    if fact.message is not None:
        refs["message"] = str(fact.message.public_id)
    body = {"to": to, "reason": fact.reason, "note": note, **more}
    entries = [EntryDraft("state_change", fact.actor, fact.at, refs, body)]
    if to != "open":
        entries.append(EntryDraft("conclusion", fact.actor, fact.at, refs, body))
    record_many(subject=subject_of(case), entries=entries)


def stop_automation(*, case_id: int, actor: Actor, at: datetime) -> ServiceCase:
    """Somebody answers this case by hand from now on: nothing goes out by rule until it is handed back."""
    with transaction.atomic():
        case = lock_cases([case_id])[0]
        if case.automation_stopped_at is None:
            ServiceCase.objects.filter(pk=case.pk).update(automation_stopped_at=at)
            bump(case)
            record(
                subject=subject_of(case), kind="action", actor=actor, at=at,
                refs={"case": str(case.public_id)}, body={"action": "take_over"},
            )  # fmt: skip
        return case


def resume_automation(*, case_id: int, actor: Actor, at: datetime) -> ServiceCase:
    """Hand the case back to the rules."""
    with transaction.atomic():
        case = lock_cases([case_id])[0]
        if case.automation_stopped_at is not None:
            ServiceCase.objects.filter(pk=case.pk).update(automation_stopped_at=None)
            bump(case)
            record(
                subject=subject_of(case), kind="action", actor=actor, at=at,
                refs={"case": str(case.public_id)}, body={"action": "hand_back"},
            )  # fmt: skip
        return case
