"""Who may take over what, and who leads a shift: to whom a hand-over falls that nobody accepts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from cases.models import WaitingItem
from people.models import DutyRoster, Shift, StaffMember, User, Visibility

#: A shift is handed over somewhat before it ends or after it has ended.
AROUND = timedelta(hours=2)


#: What somebody must be allowed to do to answer for an item.
WORK = "cases.work_on_case"


def may_own(staff: StaffMember) -> bool:
    """Whether an item may be given to somebody: they work here, and where they sign in, their role works on cases."""
    return staff.left_at is None and (staff.user is None or staff.user.has_perm(WORK))


def workers() -> QuerySet[StaffMember]:
    """Colleagues who can accept something: they work here, may sign in, and their role works on cases. One query."""
    users = User.objects.with_perm(WORK, backend="django.contrib.auth.backends.ModelBackend")
    return StaffMember.objects.active().filter(user__in=users.filter(is_active=True))


def takers(giver: StaffMember, items: Sequence[WaitingItem], *, at: datetime, alone: bool = True) -> list[StaffMember]:
    """To whom at least one of these items may be given, by name.

    :param items: with `case` and `case.flow`. :param alone: without the giver.
    """
    colleagues = workers().order_by("name", "pk")
    if alone:
        colleagues = colleagues.exclude(pk=giver.pk)
    duties = _duties(items, at=at)
    return [one for one in colleagues if any(fits(one, item, giver=giver, duties=duties) for item in items)]


def misfits(taker: StaffMember, items: Sequence[WaitingItem], *, giver: StaffMember, at: datetime) -> list[WaitingItem]:
    """The items that are no business of whoever should take them."""
    duties = _duties(items, at=at)
    return [item for item in items if not fits(taker, item, giver=giver, duties=duties)]


def fits(taker: StaffMember, item: WaitingItem, *, giver: StaffMember, duties: Mapping[int, set[int]]) -> bool:
    """Whether an item is the business of somebody: of the giver's or the case's team, of no team, of its duty, or responsible for its flow.

    :param duties: who leads which roster, or has a shift in it about now.
    """
    flow = item.case.flow
    if taker.team_id in (None, giver.team_id, item.case.team_id):
        return True
    if taker.pk in (flow.supervisor_id, flow.fallback_owner_id, item.case.owner_id):
        return True
    return any(taker.pk in duties.get(roster, ()) for roster in (item.roster_id, flow.roster_id) if roster)


def _duties(items: Sequence[WaitingItem], *, at: datetime) -> dict[int, set[int]]:
    wanted = {pk for item in items for pk in (item.roster_id, item.case.flow.roster_id) if pk}
    held: dict[int, set[int]] = {}
    for roster, lead in DutyRoster.objects.filter(pk__in=wanted).values_list("pk", "lead"):
        held[roster] = {lead}
    near = Shift.objects.near(at=at).filter(roster__in=held)
    for roster, holder in near.values_list("roster", "staff").distinct():
        held[roster].add(holder)
    return held


def shift_lead(giver: StaffMember, items: Sequence[WaitingItem], *, at: datetime) -> StaffMember:
    """The lead of the shift that somebody hands over.

    In order: the lead of the roster in which the giver is, was just now or is about to be on shift; of the rosters of the items; of the
    rosters of their flows; the flows' supervisors; a supervisor of the giver's team; one of no team, or who sees everything; any. Never somebody
    who has left, nor the giver where anybody else is there.

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
    found = (
        found
        or _first(mates, but=giver)
        or _first(anybody.filter(Q(team=None) | Q(visibility=Visibility.ALL)), but=giver)
    )
    return found or _first(anybody, but=giver) or giver


def _first(people: Iterable[StaffMember], *, but: StaffMember) -> StaffMember | None:
    return next((one for one in people if one.left_at is None and one != but), None)
