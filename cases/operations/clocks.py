"""When an item falls due: put off, moved, its clock stopped and started, and begun anew when the text that asks is delivered."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from cases import calendars
from cases.facts import note_paused
from cases.models import WaitingItem
from cases.operations.common import Fact, check_open, lock_wait, save_move
from conversations.models import Message
from foundation.errors import Refused, WrongState


def defer_wait(*, wait_id: int, until: datetime | None, fact: Fact) -> WaitingItem:
    """Somebody says “later”: the due time moves, the state stays. Without a time only the word is kept."""
    with transaction.atomic():
        wait = lock_wait(wait_id)
        check_open(wait)
        due = wait.due_at
        if until is not None and (due is None or until > due):
            wait.set_due(until)
        return save_move(wait, kind="defer", fact=fact, from_state=str(wait.state), due_before=due)


def set_due(*, wait_id: int, due_at: datetime, fact: Fact) -> WaitingItem:
    """A colleague moves the follow-up time, earlier or later.

    :raises WrongState: when the item is closed. :raises Refused: when the time has passed.
    """
    if due_at <= fact.at:
        raise Refused(_("The follow-up time must be in the future."), code="past")
    with transaction.atomic():
        wait = lock_wait(wait_id)
        check_open(wait)
        due = wait.due_at
        wait.set_due(due_at)
        return save_move(wait, kind="defer", fact=fact, from_state=str(wait.state), due_before=due)


def pause_wait(*, wait_id: int, fact: Fact) -> WaitingItem:
    """Stop an item's clock: nobody is reminded until it runs again.

    :raises WrongState: when it is closed, or stands already.
    """
    with transaction.atomic():
        wait = lock_wait(wait_id)
        check_open(wait)
        if wait.paused_at is not None:
            raise WrongState(_("The clock of this item stands already."))
        wait.paused_at, wait.remind_at, wait.act_at = fact.at, None, None
        return save_move(wait, kind="pause", fact=fact, from_state=str(wait.state), due_before=wait.due_at)


def resume_wait(*, wait_id: int, fact: Fact) -> WaitingItem:
    """Let an item's clock run again: the working time that was left is left.

    :raises WrongState: when it is closed, or runs.
    """
    with transaction.atomic():
        wait = lock_wait(wait_id)
        check_open(wait)
        if wait.paused_at is None:
            raise WrongState(_("The clock of this item runs."))
        due, since = wait.due_at, wait.paused_at
        wait.paused_at = None
        note_paused(wait, since=since, at=fact.at)
        if due is not None:
            calendar = calendars.work_calendar(wait.case.flow.calendar)
            wait.set_due(calendar.add_working(fact.at, calendar.working_between(since, due)) if due > since else due)
        return save_move(wait, kind="resume", fact=fact, from_state=str(wait.state), due_before=due)


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
            save_move(wait, kind="delivered", fact=fact, from_state=str(wait.state), due_before=due)
            count += 1
    return count
