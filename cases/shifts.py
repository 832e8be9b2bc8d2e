"""Who leads a shift: to whom a hand-over falls that nobody accepts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from cases.models import WaitingItem
from people.models import DutyRoster, StaffMember

#: A shift is handed over somewhat before it ends or after it has ended.
AROUND = timedelta(hours=2)


def shift_lead(giver: StaffMember, items: Sequence[WaitingItem], *, at: datetime) -> StaffMember:
    """The lead of the shift that somebody hands over.

    In order: the lead of the roster in which the giver is, was just now or is about to be on shift; of the rosters of the items; of the
    rosters of their flows; the flows' supervisors; a supervisor of the giver's team; any. Never somebody who has left, nor the giver where anybody else is there.

    :param items: with `roster`, `case.flow.roster` and `case.flow.supervisor`.
    """
    mine = DutyRoster.objects.filter(
        shifts__staff=giver, shifts__starts_at__lte=at + AROUND, shifts__ends_at__gt=at - AROUND
    )
    rosters = list(mine.select_related("lead").order_by("-shifts__starts_at", "pk"))
    rosters += [item.roster for item in items if item.roster is not None]
    rosters += [item.case.flow.roster for item in items if item.case.flow.roster is not None]
    found = _first([roster.lead for roster in rosters], but=giver)
    found = found or _first([item.case.flow.supervisor for item in items], but=giver)
    anybody = StaffMember.objects.supervisors().order_by("pk")
    mates = anybody.filter(team=giver.team_id) if giver.team_id else anybody.none()
    return found or _first(mates, but=giver) or _first(anybody, but=giver) or giver


def _first(people: Iterable[StaffMember], *, but: StaffMember) -> StaffMember | None:
    return next((one for one in people if one.left_at is None and one != but), None)
