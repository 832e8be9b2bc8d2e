"""Public writes about cases and waits. Every one locks the case, moves rows, and records evidence on the case's chain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from cases import calendars
from cases.models import (
    CaseConversation,
    CaseState,
    Material,
    MaterialRequirement,
    Participant,
    Reminder,
    Role,
    ServiceCase,
    ServiceFlow,
    StatusFact,
    WaitingItem,
    WaitTransition,
    Writeback,
    WritebackState,
)
from cases.models.waiting import NeedKind
from conversations.models import Attachment, Conversation, Message
from evidence.operations import EntryDraft, Subject, join_chains, record, record_many
from foundation.actors import Actor
from foundation.errors import WrongState
from people.models import Customer, Partner, Person, StaffMember

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
    """Who answers for an item of this case now: its owner, or the flow's fallback owner when the owner has left."""
    return case.owner if case.owner.left_at is None else case.flow.fallback_owner


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
    replaces: WaitingItem | None = None,
    for_side: str = "internal",
) -> WaitingItem:
    """Open a waiting item. Its clock starts at `fact.at`; `due_at` overrides the flow's due time."""
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
        asked_in=asked_in,
        asked_by_message=fact.message,
        requested_in=requested_in,
        customer_wording=customer_wording,
        internal_note=internal_note,
        risk=risk[:64],
        opened_at=fact.at,
        due_at=due_at or calendars.due_time(case.flow, state, at=fact.at),
        last_fact_at=fact.said_at,
        replaces=replaces,
    )
    if on is not None and on.side in ("customer", "partner"):
        add_participant(case=case, person=on, role=on_role)
    _log(wait, kind="open", fact=fact, from_state="", due_before=None)
    bump(case)
    return wait


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
    if fact.message is not None and not wait.is_open:
        wait.answered_by = fact.message
    wait.save()
    _log(wait, kind=kind, fact=fact, from_state=from_state, due_before=due_before)
    bump(wait.case)
    return wait


def complete_wait(*, wait_id: int, fact: Fact) -> WaitingItem:
    """Close an item as given.

    :raises WrongState: when it is closed already.
    """
    with transaction.atomic():
        wait = lock_wait(wait_id)
        _check_open(wait)
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
        wait.pass_on()
        wait.on_role = Role.ACTUAL_EXECUTOR
        if executor is not None:
            wait.on = executor
            add_participant(case=wait.case, person=executor, role=Role.ACTUAL_EXECUTOR)
        wait.due_at = calendars.due_time(wait.case.flow, wait.state, at=fact.at)
        return _saved(wait, kind="pass_on", fact=fact, from_state=before, due_before=due)


def defer_wait(*, wait_id: int, until: datetime | None, fact: Fact) -> WaitingItem:
    """Somebody says “later”: the due time moves, the state stays. Without a time only the word is kept."""
    with transaction.atomic():
        wait = lock_wait(wait_id)
        _check_open(wait)
        due = wait.due_at
        if until is not None and (due is None or until > due):
            wait.due_at = until
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
        message = fact.message
        if message is not None:
            Material.objects.bulk_create(
                Material(
                    case=wait.case, wait=wait, message=message, attachment=row, type=row.type if row else "text",
                    received_at=fact.at,
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
        wait.count_received += len(rows)
        kind = "material"
        if final and wait.count_received >= wait.count_needed:
            wait.receive_material()
            wait.answered_by = message
            wait.due_at = calendars.due_time(wait.case.flow, wait.state, at=fact.at)
        else:
            kind = "partial"
        return _saved(wait, kind=kind, fact=fact, from_state=before, due_before=due)


def hand_over_wait(*, wait_id: int, to: StaffMember, fact: Fact) -> WaitingItem:
    """Give an item to another owner."""
    with transaction.atomic():
        wait = lock_wait(wait_id)
        _check_open(wait)
        wait.owner = to
        return _saved(wait, kind="hand_over", fact=fact, from_state=str(wait.state), due_before=wait.due_at)


def note_fact(
    *,
    case: ServiceCase,
    message: Message | None,
    subject: str,
    words: str,
    blocked: bool,
    fact_at: datetime,
    at: datetime,
) -> StatusFact:
    """Keep what is now known about where a case stands."""
    return StatusFact.objects.create(
        case=case, message=message, subject=subject, words=words, blocked=blocked, fact_at=fact_at, recorded_at=at
    )


def owe_writeback(
    *, case: ServiceCase, to: Conversation, about: str, words: str, at: datetime, wait: WaitingItem | None = None
) -> Writeback:
    """Note that those who asked have to be told; `triage` sends it, and it stays open until delivery is seen."""
    calendar = calendars.work_calendar(case.flow.calendar)
    return Writeback.objects.create(
        case=case,
        wait=wait,
        to=to,
        about=about,
        words=words,
        created_at=at,
        due_at=calendar.add_working(at, calendars.WRITEBACK),
    )


def mark_writeback_told(*, outbound_ref: Any, by: str, actor: Actor, at: datetime) -> int:
    """The notice of these writebacks was delivered."""
    told = 0
    for row in Writeback.objects.select_related("case").filter(outbound_ref=outbound_ref, state=WritebackState.OPEN):
        row.state, row.delivered_at, row.delivered_by = WritebackState.DELIVERED, at, by[:64]
        row.save(update_fields=["state", "delivered_at", "delivered_by"])
        record(
            subject=subject_of(row.case),
            kind="state_change",
            actor=actor,
            at=at,
            refs={"writeback": str(row.public_id), "outbound": str(outbound_ref)},
            body={"what": "writeback", "to": "delivered", "about": row.about},
        )
        told += 1
    return told


def _close_open_waits(case: ServiceCase, fact: Fact, *, reason: str) -> None:
    for pk in case.waits.open().values_list("pk", flat=True):
        cancel_wait(wait_id=pk, fact=Fact(fact.actor, fact.at, fact.said_at, fact.message, reason))


def complete_case(*, case_id: int, fact: Fact, note: str = "") -> ServiceCase:
    """Close a case as done: what is still open in it is no longer owed.

    :raises WrongState: when it is not open, or when the flow wants proof that has not come.
    """
    with transaction.atomic():
        case = lock_cases([case_id])[0]
        if case.state != CaseState.OPEN:
            raise WrongState(_("This case is not open."))
        if case.flow.completion_proof in ("image", "file") and not case.materials.exclude(state="rejected").exists():
            raise WrongState(_("The proof of completion that this flow asks for has not come yet."), code="unproven")
        _close_open_waits(case, fact, reason="case_completed")
        case.complete(at=fact.at, reason=fact.reason or "done", note=note)
        case.save()
        _record_case(case, fact, to="completed", note=note)
        return case


def cancel_case(*, case_id: int, fact: Fact, note: str = "") -> ServiceCase:
    """Call a case off with a reason: what is open in it is cancelled too.

    :raises WrongState: when it is not open.
    """
    with transaction.atomic():
        case = lock_cases([case_id])[0]
        if case.state != CaseState.OPEN:
            raise WrongState(_("This case is not open."))
        _close_open_waits(case, fact, reason="case_cancelled")
        case.cancel(at=fact.at, reason=fact.reason or "customer_declined", note=note)
        case.save()
        _record_case(case, fact, to="cancelled", note=note)
        return case


def reopen_case(*, case_id: int, fact: Fact, note: str = "") -> ServiceCase:
    """Take a closed case up again; its history stays.

    :raises WrongState: when it is open.
    """
    with transaction.atomic():
        case = lock_cases([case_id])[0]
        if case.state == CaseState.OPEN:
            raise WrongState(_("This case is open."))
        case.reopen(at=fact.at)
        case.save()
        _record_case(case, fact, to="open", note=note or "reopened")
        return case


def _record_case(case: ServiceCase, fact: Fact, *, to: str, note: str) -> None:
    bump(case)
    refs = {"case": str(case.public_id)}
    if fact.message is not None:
        refs["message"] = str(fact.message.public_id)
    body = {"to": to, "reason": fact.reason, "note": note}
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


def sweep_reminders(*, at: datetime, limit: int = 500) -> list[Reminder]:
    """Remind the owner of every item that is past due, and a working day later the flow's supervisor; each once per due time.

    The row is the reminder: inserted where there is none, so that two sweepers, or a restart, remind nobody twice.

    :returns: the reminders that this call made.
    """
    rows: list[Reminder] = []
    late = list(
        WaitingItem.objects.overdue(at=at)
        .filter(case__state=CaseState.OPEN)
        .select_related("case__flow__calendar", "case__flow__supervisor", "case__flow__fallback_owner", "owner", "case")
        .prefetch_related("reminders", "case__flow__calendar__exceptions")
        .order_by("due_at")[:limit]
    )
    for wait in late:
        told = {(row.stage, row.occurrence_at) for row in wait.reminders.all()}
        due = wait.due_at
        if due is None:
            continue
        if (Reminder.Stage.OWNER, due) not in told:
            owner = wait.owner if wait.owner.left_at is None else wait.case.flow.fallback_owner
            rows.append(Reminder(wait=wait, stage=Reminder.Stage.OWNER, occurrence_at=due, recipient=owner, at=at))
        if (Reminder.Stage.SUPERVISOR, due) not in told:
            calendar = calendars.work_calendar(wait.case.flow.calendar)
            if calendar.same_time_next_working_day(due) <= at:
                rows.append(
                    Reminder(
                        wait=wait, stage=Reminder.Stage.SUPERVISOR, occurrence_at=due,
                        recipient=wait.case.flow.supervisor, at=at,
                    )
                )  # fmt: skip
    if not rows:
        return []
    with transaction.atomic():
        Reminder.objects.bulk_create(rows, ignore_conflicts=True)
    made: list[Reminder] = []
    pending = Reminder.objects.filter(recorded_at__isnull=True, wait__in=[row.wait for row in rows]).order_by("id")
    for pk in pending.values_list("pk", flat=True):
        with transaction.atomic():
            reminder = (
                Reminder.objects.select_for_update(of=("self",))
                .select_related("wait__case", "recipient")
                .filter(pk=pk, recorded_at__isnull=True)
                .first()
            )
            if reminder is None:
                continue
            reminder.recorded_at = at
            reminder.save(update_fields=["recorded_at"])
            record(
                subject=subject_of(reminder.wait.case),
                kind="reminder",
                actor=Actor.machine("sweep"),
                at=at,
                refs={"wait": str(reminder.wait.public_id)},
                body={
                    "stage": reminder.stage,
                    "to": reminder.recipient.name,
                    "need": reminder.wait.need,
                    "due_at": reminder.occurrence_at.isoformat(),
                },
            )
            made.append(reminder)
    return made
