"""What we owe ourselves: opened without any message, or owed again when an answer of ours did not arrive."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases import calendars
from cases.models import CaseState, Role, ServiceCase, WaitingItem
from cases.operations.closing import reopen_case
from cases.operations.common import Fact, lock_cases, lock_wait
from cases.operations.owners import responsible_owner
from cases.operations.waits import open_wait
from cases.reasons import reason_words
from foundation.errors import Refused, WrongState
from people.models import Person, StaffMember


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


def take_up_again(*, case_id: int, fact: Fact, note: str = "") -> ServiceCase:
    """Somebody of ours takes a closed case up again: what led to it becomes ours to do, lest the case lie there and nobody owe anything.

    :raises WrongState: when it is open. :raises Refused: for a reason that is not on the list, or “other” without words.
    """
    with transaction.atomic():
        case = reopen_case(case_id=case_id, fact=fact, note=note)
        need = _("Taken up again: %(why)s") % {"why": note.strip() or reason_words(fact.reason)}
        owe_ourselves(case_id=case_id, need=need[:255], need_kind="action", due_at=None, fact=fact)
        return case


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
        holder = old.stands_in_for or old.owner
        return open_wait(
            case=old.case, state="requested", on=old.on, on_role=old.on_role, need=old.need, need_kind=old.need_kind, fact=fact,
            asked_in=old.asked_in, for_side=old.for_side, owner=holder if holder.left_at is None else None,
            due_at=calendar.add_working(fact.at, calendars.FIRST_ANSWER), replaces=old,
        )  # fmt: skip
