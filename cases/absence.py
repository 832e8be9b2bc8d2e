"""Somebody is not here: what cannot wait for them falls to who takes their place, and comes back with them. Both go on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Min, QuerySet

from cases.flows import with_flows
from cases.models import WaitingItem
from cases.operations import Fact, fall_to, lock_cases
from cases.standing_in import Availability, stand_in
from foundation.actors import Actor
from people.models import Shift, StaffMember, who_is_available

SWEEP = Actor.machine("sweep")
#: Items that change hands in one transaction.
AT_ONCE = 50


@dataclass(frozen=True)
class Place:
    """Somebody is absent, and somebody else takes their place in these flows; `back_at` is when they are back, where that is known."""

    absent: StaffMember
    taker: StaffMember
    back_at: datetime | None
    flows: tuple[int, ...]


def list_places(*, at: datetime) -> list[Place]:
    """Who takes whose place now: for absent people who own what cannot wait for them. Where nobody is here to take it, it stays with them."""
    available, found = Availability(at), []
    for person, back_at in _absent(at):
        takers: dict[StaffMember, list[int]] = {}
        flows = {
            row.case.flow_id: row.case for row in _cannot_wait(person, back_at).select_related("case").order_by("pk")
        }
        with_flows(list(flows.values()))
        for flow_id, case in sorted(flows.items()):
            to = stand_in(case.flow, available=available)
            if to is not None and to != person:
                takers.setdefault(to, []).append(flow_id)
        found += [Place(person, to, back_at, tuple(which)) for to, which in takers.items()]
    return found


def take_place(place: Place, *, at: datetime) -> list[WaitingItem]:
    """Give what an absent person owns to who takes their place, `AT_ONCE` at most. Call it inside a transaction of its own (it locks the cases, in
    order), and tell the taker in the same one.

    Of somebody who is marked off duty that is all; of somebody between two shifts, what falls due before they are back. What a duty roster owns
    has its next holder.

    :returns: the items that changed hands, with `owner` and `stands_in_for`.
    """
    theirs = _cannot_wait(place.absent, place.back_at).filter(case__flow__in=place.flows)
    chosen = list(theirs.order_by("due_at", "pk").values_list("pk", "case_id")[:AT_ONCE])
    lock_cases(case_id for _pk, case_id in chosen)
    fact = Fact(SWEEP, at, at, None, "owner_absent")
    still = theirs.filter(pk__in=[pk for pk, _case_id in chosen]).select_related("stands_in_for").order_by("pk")
    return [
        fall_to(wait_id=wait.pk, to=place.taker, fact=fact, stands_in_for=wait.stands_in_for or place.absent)
        for wait in still
    ]


def give_back(*, at: datetime, limit: int = AT_ONCE) -> int:
    """Give to those who are back what others took in their place, as long as nobody else has been given it meanwhile.

    :returns: how many items went back. Of somebody who has left nothing goes back: it stays where it is.
    """
    rows = WaitingItem.objects.open().filter(stands_in_for__isnull=False)
    away = {row.stands_in_for_id: row.stands_in_for for row in rows.select_related("stands_in_for")}
    here = who_is_available([one for one in away.values() if one is not None], at=at)
    back = rows.filter(stands_in_for__in=here).order_by("case_id", "pk").values_list("pk", "case_id")[:limit]
    if not back:
        return 0
    count = 0
    with transaction.atomic():
        lock_cases(case_id for _pk, case_id in back)
        for wait in rows.filter(pk__in=[pk for pk, _case_id in back]).select_related("stands_in_for").order_by("pk"):
            if wait.stands_in_for is not None:
                fall_to(wait_id=wait.pk, to=wait.stands_in_for, fact=Fact(SWEEP, at, at, None, "owner_is_back"))
                count += 1
    return count


def _absent(at: datetime) -> list[tuple[StaffMember, datetime | None]]:
    """Who works here, owns something and is not here; when they come back, where that is known."""
    owners = list(StaffMember.objects.active().filter(waits__closed_at__isnull=True).distinct().order_by("pk"))
    here = who_is_available(owners, at=at)
    gone = [one for one in owners if one.pk not in here]
    planned = Shift.objects.filter(staff__in=gone, starts_at__gt=at).values("staff").annotate(back_at=Min("starts_at"))
    back = dict(planned.values_list("staff", "back_at")) if gone else {}
    return [(one, back.get(one.pk) if one.on_duty else None) for one in gone]


def _cannot_wait(person: StaffMember, back_at: datetime | None) -> QuerySet[WaitingItem]:
    theirs = WaitingItem.objects.open().filter(owner=person, roster__isnull=True)
    return theirs if back_at is None else theirs.filter(due_at__lt=back_at, paused_at__isnull=True)
