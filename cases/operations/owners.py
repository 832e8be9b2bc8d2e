"""Who answers for an item: now, when its owner has left, and when a colleague gives it to another."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import Role, ServiceCase, ServiceFlow, WaitingItem
from cases.operations.common import Fact, check_open, lock_wait, save_move
from cases.shifts import may_own, misfits
from foundation.errors import Refused
from people.models import DutyRoster, Person, StaffMember


def responsible_owner(case: ServiceCase) -> StaffMember:
    """Who answers for an item of this case now: its owner, or who stands in when the owner has left."""
    return case.owner if case.owner.left_at is None else successor(case.flow)


def successor(flow: ServiceFlow) -> StaffMember:
    """Who takes over from somebody who has left: the flow's fallback owner, its supervisor, any supervisor; never nobody."""
    stand_in = next((one for one in (flow.fallback_owner, flow.supervisor) if one.left_at is None), None)
    return stand_in or StaffMember.objects.supervisors().order_by("pk").first() or flow.supervisor


def hand_over_wait(*, wait_id: int, to: StaffMember, fact: Fact, by: StaffMember | None = None) -> WaitingItem:
    """Give an item to another owner.

    :param by: who gives it; supervisors give to any colleague who works on cases, others to those whose business it is (`shifts.fits`).
    :raises Refused: when the other has left, their role does not work on cases, or it is no business of theirs.
    """
    if not may_own(to):
        raise Refused(_("%(name)s cannot work on cases.") % {"name": to.name}, code="cannot_work")
    if by is not None and not by.is_supervisor and by != to:
        check_theirs(to, [WaitingItem.objects.select_related("case__flow").get(pk=wait_id)], giver=by, at=fact.at)
    return fall_to(wait_id=wait_id, to=to, fact=fact)


def give_to_duty(*, wait_id: int, roster: DutyRoster, fact: Fact) -> WaitingItem:
    """Give an item to a duty: from now on whoever is on shift sees to it, and nobody has to hand it over when a shift ends.

    :raises WrongState: when it is closed.
    """
    holder = next(iter(roster.on_shift(at=fact.at)), roster.lead)
    if holder.left_at is not None:
        flow_id = WaitingItem.objects.values_list("case__flow", flat=True).get(pk=wait_id)
        holder = successor(ServiceFlow.objects.select_related("fallback_owner", "supervisor").get(pk=flow_id))
    return fall_to(wait_id=wait_id, to=holder, fact=fact, roster=roster)


def fall_to(
    *,
    wait_id: int,
    to: StaffMember,
    fact: Fact,
    stands_in_for: StaffMember | None = None,
    roster: DutyRoster | None = None,
) -> WaitingItem:
    """An item falls to somebody, whoever that is: it never belongs to nobody.

    :param stands_in_for: who is absent and gets it back; None where it goes for good. :param roster: the duty by which they hold it.
    """
    with transaction.atomic():
        wait = lock_wait(wait_id)
        check_open(wait)
        if wait.on_role == Role.INTERNAL_HANDLER and wait.on is not None and wait.on.staff_id == wait.owner_id:
            wait.on = Person.objects.filter(staff=to).order_by("pk").first()  # what we owe, its owner owes
        wait.owner, wait.stands_in_for, wait.roster = to, stands_in_for if stands_in_for != to else None, roster
        return save_move(wait, kind="hand_over", fact=fact, from_state=str(wait.state), due_before=wait.due_at)


def note_wait(*, wait_id: int, note: str, risk: str, fact: Fact) -> WaitingItem:
    """Keep what colleagues should know about an item, and what is risky about it; never shown to customers or partners.

    :raises WrongState: when it is closed.
    """
    with transaction.atomic():
        wait = lock_wait(wait_id)
        check_open(wait)
        wait.internal_note, wait.risk = note.strip()[:2000], risk.strip()[:64]
        return save_move(wait, kind="note", fact=fact, from_state=str(wait.state), due_before=wait.due_at)


def check_theirs(taker: StaffMember, items: list[WaitingItem], *, giver: StaffMember, at: datetime) -> None:
    strange = misfits(taker, items, giver=giver, at=at)
    if strange:
        words = {"name": taker.name, "case": strange[0].case.number}
        raise Refused(
            _("%(name)s has nothing to do with %(case)s: another team, and not on its duty.") % words, code="not_theirs"
        )
