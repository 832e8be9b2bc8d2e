"""What time does to open items: reminders, what flows say about time-outs, and what people who left leave behind."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Model, Prefetch, QuerySet

from cases import calendars
from cases.flows import with_flows
from cases.models import (
    CaseState,
    Chase,
    Reminder,
    Role,
    ServiceCase,
    ServiceFact,
    ServiceFlow,
    WaitingItem,
    Writeback,
    WritebackReminder,
    WritebackState,
)
from cases.models.waiting import NeedKind
from cases.operations import Fact, bump, fall_to, lock_cases, subject_of, successor
from cases.standing_in import Availability, responsible_for, supervisor_here
from cases.worktime import WorkCalendar
from evidence.operations import record, together
from foundation.actors import Actor
from foundation.batches import set_each
from people.models import Shift, StaffMember

Row = TypeVar("Row", bound=Model)

SWEEP = Actor.machine("sweep")
#: Reminders that are put on record in one transaction.
RECORD_AT_ONCE = 200
#: Reminders that are marked as told in one statement.
TELL_AT_ONCE = 500
#: Where nobody who could be reminded is here, it is tried again after so long at most, or when a shift begins.
TRY_AGAIN = timedelta(minutes=30)


def _again_at(at: datetime) -> datetime:
    """When to look again for somebody who can be reminded."""
    begins = Shift.objects.filter(starts_at__gt=at, starts_at__lt=at + TRY_AGAIN, staff__left_at__isnull=True)
    first = begins.order_by("starts_at").values_list("starts_at", flat=True).first()
    return first or at + TRY_AGAIN


def _claimed(rows: QuerySet[Row]) -> QuerySet[Row]:
    """These rows, locked; those that another sweeper holds are left to it."""
    return rows.select_for_update(of=("self",), skip_locked=connection.features.has_select_for_update_skip_locked)


def sweep_reminders(*, at: datetime, limit: int = 500) -> list[Reminder]:
    """Remind the owner of items that fell due, and a working day later the flow's supervisor; each once per due time.

    :returns: the reminders that this call put on record, at most two for each of `limit` items. Call it again while it returns some.
    """
    if not _is_anything_due(at):
        return []
    find_late(at=at, limit=limit)
    return record_reminders(at=at, limit=limit * 2)


def _is_anything_due(at: datetime) -> bool:
    """Whether an item is to be reminded of, or a reminder waits to be put on record: one question, mostly the only one of a sweep.

    Each half is ordered, so that its partial index answers whatever the statistics say.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ANYTHING_DUE, [connection.ops.adapt_datetimefield_value(at)])
        return any(one is not None for one in cursor.fetchone())


_ANYTHING_DUE = """
    SELECT (SELECT id FROM cases_waitingitem WHERE closed_at IS NULL AND remind_at <= %s ORDER BY remind_at LIMIT 1),
           (SELECT id FROM cases_reminder WHERE recorded_at IS NULL ORDER BY id LIMIT 1)
"""


def find_late(*, at: datetime, limit: int = 500) -> int:
    """Find items of which somebody has to be reminded, and write the rows of the reminders: evidence and notices follow.

    The items are found by the partial index over `remind_at`, claimed with their row locks (another sweeper passes them by), and their
    reminder rows go in with one statement; the unique row is what makes a reminder happen once. Nobody off shift is reminded: where
    nobody at all is here, the item comes up again when somebody may be.

    :returns: how many items were looked at. Call it again while there are some.
    """
    due = WaitingItem.objects.filter(closed_at__isnull=True, remind_at__lte=at)
    with transaction.atomic():
        # One statement, so that a second sweeper takes the next ones instead of finding the same ones taken.
        claimed = _claimed(due).prefetch_related("case", "owner", "roster").order_by("remind_at", "pk")
        late = list(claimed.only("case", "owner", "roster", "due_at", "paused_at", "remind_at")[:limit])
        with_flows([wait.case for wait in late])
        Reminder.objects.bulk_create(_reminders_for(late, at=at), ignore_conflicts=True)
        set_each(late, ["remind_at"])
    return len(late)


def _reminders_for(late: list[WaitingItem], *, at: datetime) -> list[Reminder]:
    """The reminders that items need at an instant; their `remind_at` is moved on (and not saved)."""
    available, rows = Availability(at), []
    known: dict[int, WorkCalendar] = {}
    for wait in late:
        due, flow = wait.due_at, wait.case.flow
        if due is None or wait.paused_at is not None:
            wait.remind_at = None
            continue
        if flow.calendar_id not in known:
            known[flow.calendar_id] = calendars.work_calendar(flow.calendar)
        next_day = known[flow.calendar_id].same_time_next_working_day(due)
        told = True
        if due <= at:
            owner = responsible_for(wait, available=available)
            told = owner is not None
            if owner is not None:
                rows.append(Reminder(wait=wait, stage=Reminder.Stage.OWNER, occurrence_at=due, recipient=owner, at=at))
        if next_day <= at:
            lead = supervisor_here(flow, available=available)
            told = told and lead is not None
            if lead is not None:
                stage = Reminder.Stage.SUPERVISOR
                rows.append(Reminder(wait=wait, stage=stage, occurrence_at=due, recipient=lead, at=at))
        wait.remind_at = _again_at(at) if not told else None if next_day <= at else next_day
    return rows


def record_reminders(*, at: datetime, limit: int = 1000) -> list[Reminder]:
    """Put reminders on record that are not yet, the oldest first; those that another sweeper is at are left to it.

    :returns: the reminders that this call put on record.
    """
    made: list[Reminder] = []
    while len(made) < limit and (batch := _record_some(min(RECORD_AT_ONCE, limit - len(made)), at=at)):
        made += batch
    return made


def _record_some(count: int, *, at: datetime) -> list[Reminder]:
    with transaction.atomic():
        waiting = Reminder.objects.filter(recorded_at__isnull=True).order_by("pk")
        made = list(
            _claimed(waiting).select_related("wait").prefetch_related("wait__case", "wait__on", "recipient")[:count]
        )
        if not made:
            return []
        with_flows([reminder.wait.case for reminder in made])
        Reminder.objects.filter(pk__in=[reminder.pk for reminder in made]).update(recorded_at=at)
        with together():
            for reminder in made:
                _record_reminder(reminder, at=at)
        ServiceFact.objects.bulk_create(
            [
                ServiceFact(
                    kind=ServiceFact.Kind.MISSED_ANSWER, case=reminder.wait.case, wait=reminder.wait,
                    started_at=reminder.wait.opened_at, ended_at=reminder.occurrence_at,
                    ref=f"{reminder.wait.public_id}:{reminder.occurrence_at:%Y%m%d%H%M}"[:64],
                )
                for reminder in made
                if reminder.wait.on_role == Role.INTERNAL_HANDLER and reminder.wait.need_kind == NeedKind.ANSWER
            ],
            ignore_conflicts=True,
        )  # fmt: skip
        return made


def list_untold() -> list[int]:
    """Ids of people of whom reminders are on record that nobody has told them of. The rows are the queue: a sweep that died leaves them."""
    rows = Reminder.objects.filter(recorded_at__isnull=False, told_at__isnull=True)
    return list(rows.order_by("recipient").values_list("recipient", flat=True).distinct())


def claim_untold(*, recipient_id: int, at: datetime) -> list[int]:
    """Reminders of which somebody is to be told now, the oldest first; marked as told.

    Call it inside the transaction that writes what they are told: both happen, or neither. What another sweeper is telling is left to it.
    """
    rows = Reminder.objects.filter(recipient=recipient_id, recorded_at__isnull=False, told_at__isnull=True)
    mine = list(_claimed(rows).order_by("pk").values_list("pk", flat=True))
    for begin in range(0, len(mine), TELL_AT_ONCE):
        Reminder.objects.filter(pk__in=mine[begin : begin + TELL_AT_ONCE]).update(told_at=at)
    return mine


def _record_reminder(reminder: Reminder, *, at: datetime) -> None:
    wait = reminder.wait
    record(
        subject=subject_of(wait.case),
        kind="reminder",
        actor=SWEEP,
        at=at,
        refs={"wait": str(wait.public_id)},
        body={
            "stage": reminder.stage,
            "to": reminder.recipient.name,
            "need": wait.need,
            "due_at": reminder.occurrence_at.isoformat(),
        },
    )


# --- what flows say about time-outs --------------------------------------------------------------------------------------------


def sweep_timeouts(*, at: datetime, limit: int = 200) -> list[Chase]:
    """What the flows say happens on time-out, as rows that somebody carries out: each number of each occurrence once.

    The next number falls due only when the one before it was carried out and its time has passed again. Items are found by the partial
    index over `act_at`; those of which no rule asks for anything any more are not looked at again until they move.
    """
    due = WaitingItem.objects.filter(closed_at__isnull=True, act_at__lte=at)
    if due.order_by("act_at").values_list("pk").first() is not None:
        with transaction.atomic():
            found = _claimed(due).select_related("case").order_by("act_at", "pk")
            late = list(found.prefetch_related(Prefetch("chases", Chase.objects.order_by("number")))[: limit * 5])
            with_flows([wait.case for wait in late])
            rows: list[Chase] = []
            known: dict[int, WorkCalendar] = {}
            for wait in late:
                flow = wait.case.flow
                calendar = known.setdefault(flow.calendar_id, calendars.work_calendar(flow.calendar))
                rows += _chases_for(wait, calendar, at=at)
            Chase.objects.bulk_create(rows, ignore_conflicts=True)
            set_each(late, ["act_at"])
    to_do = list(Chase.objects.filter(done_at__isnull=True).order_by("pk").values_list("pk", flat=True)[:limit])
    if not to_do:
        return []
    chases = Chase.objects.filter(pk__in=to_do).order_by("pk")
    return list(
        chases.select_related("wait__case__flow__supervisor", "wait__on", "wait__asked_in", "wait__requirement")
    )


def _chases_for(wait: WaitingItem, calendar: WorkCalendar, *, at: datetime) -> list[Chase]:
    """What is to be done about an item now; its `act_at` is moved on (and not saved)."""
    due, wait.act_at = wait.due_at, None
    if due is None or wait.paused_at is not None or wait.case.state != CaseState.OPEN:
        return []
    rows: list[Chase] = []
    again: list[datetime] = []
    for rule in wait.case.flow.timeout_rules.all():
        if rule.state != wait.state:
            continue
        done = [row for row in wait.chases.all() if row.action == rule.action and row.occurrence_at == due]
        if len(done) >= rule.at_most:
            continue
        if any(row.done_at is None for row in done):
            again.append(at + TRY_AGAIN)
            continue
        since, minutes = (done[-1].at, rule.every_minutes) if done else (due, rule.after_minutes)
        when = calendar.add_working(since, timedelta(minutes=minutes))
        if when <= at:
            rows.append(Chase(wait=wait, action=rule.action, number=len(done) + 1, occurrence_at=due, at=at))
            when = calendar.add_working(at, timedelta(minutes=rule.every_minutes))
            if len(done) + 1 >= rule.at_most:
                continue
        again.append(when)
    wait.act_at = min(again, default=None)
    return rows


def mark_chased(*, chase_id: int, at: datetime) -> bool:
    """Note that a chase was carried out. False when it was already."""
    return bool(Chase.objects.filter(pk=chase_id, done_at__isnull=True).update(done_at=at))


# --- notices that are owed --------------------------------------------------------------------------------------------------------


def sweep_writebacks(*, at: datetime, limit: int = 200) -> list[WritebackReminder]:
    """Remind of notices that should have been delivered: the case's owner when they fall due, the supervisor a working day later, each once."""
    made: list[WritebackReminder] = []
    due = Writeback.objects.filter(state=WritebackState.OPEN, remind_at__lte=at)
    for pk in due.order_by("remind_at", "pk").values_list("pk", flat=True)[:limit]:
        with transaction.atomic():
            locked = due.select_for_update(
                of=("self",), skip_locked=connection.features.has_select_for_update_skip_locked
            )
            row = locked.select_related("case__owner", "to").filter(pk=pk).first()
            if row is None or row.due_at is None:
                continue
            with_flows([row.case])
            made += _remind_of_writeback(row, at=at)
    return made


def list_untold_writebacks(*, limit: int = 200) -> list[WritebackReminder]:
    """Reminders of notices of which nobody has been told; also what a sweep that died left."""
    rows = WritebackReminder.objects.filter(told_at__isnull=True).select_related("recipient", "writeback__to")
    found = list(rows.prefetch_related("writeback__case").order_by("pk")[:limit])
    with_flows([row.writeback.case for row in found])
    return found


def mark_told(*, reminder_id: int, at: datetime) -> bool:
    """Note that somebody is told of a notice that is owed, in the same transaction. False when another sweeper did."""
    return bool(WritebackReminder.objects.filter(pk=reminder_id, told_at__isnull=True).update(told_at=at))


def _remind_of_writeback(row: Writeback, *, at: datetime) -> list[WritebackReminder]:
    flow, available = row.case.flow, Availability(at)
    assert row.due_at is not None
    next_day = calendars.work_calendar(flow.calendar).same_time_next_working_day(row.due_at)
    owner = next((one for one in (row.case.owner, flow.fallback_owner, flow.supervisor) if available(one)), None)
    wanted: list[tuple[str, StaffMember | None]] = [(Reminder.Stage.OWNER, owner or available.any_supervisor())]
    if next_day <= at:
        wanted.append((Reminder.Stage.SUPERVISOR, supervisor_here(flow, available=available)))
    made: list[WritebackReminder] = []
    for stage, recipient in wanted:
        if recipient is None:
            continue
        reminder, new = WritebackReminder.objects.get_or_create(
            writeback=row, stage=stage, defaults={"recipient": recipient, "at": at}
        )
        if new:
            made.append(reminder)
            record(
                subject=subject_of(row.case), kind="reminder", actor=SWEEP, at=at, refs={"writeback": str(row.public_id)},
                body={"stage": stage, "to": recipient.name, "need": row.words, "due_at": row.due_at.isoformat()},
            )  # fmt: skip
    everybody = all(recipient is not None for _stage, recipient in wanted)
    row.remind_at = _again_at(at) if not everybody else None if next_day <= at else next_day
    row.save(update_fields=["remind_at"])
    return made


# --- people who left ------------------------------------------------------------------------------------------------------------


def sweep_left_owners(*, at: datetime, limit: int = 200) -> int:
    """What somebody who has left still owns goes to the flow's fallback owner, or who stands in for them; never to nobody.

    :returns: how many cases and items changed hands.
    """
    count = 0
    cases = ServiceCase.objects.open().filter(owner__left_at__isnull=False)
    for pk in cases.order_by("pk").values_list("pk", flat=True)[:limit]:
        with transaction.atomic():
            lock_cases([pk])
            case = ServiceCase.objects.select_related("owner").get(pk=pk)
            with_flows([case])
            to = successor(case.flow)
            if case.owner.left_at is None or to.left_at is not None:
                continue
            before, case.owner = case.owner.name, to
            case.save(update_fields=["owner"])
            bump(case)
            record(
                subject=subject_of(case), kind="state_change", actor=SWEEP, at=at, refs={"case": str(case.public_id)},
                body={"what": "owner", "from": before, "owner": to.name, "reason": "owner_left"},
            )  # fmt: skip
            count += 1
    for pk, flow_id in WaitingItem.objects.unowned().order_by("pk").values_list("pk", "case__flow_id")[:limit]:
        to = successor(ServiceFlow.objects.select_related("fallback_owner", "supervisor").get(pk=flow_id))
        if to.left_at is None:
            fall_to(wait_id=pk, to=to, fact=Fact(SWEEP, at, at, None, "owner_left"))
            count += 1
    return count
