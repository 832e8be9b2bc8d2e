"""Who is here at an instant, and who takes the place of somebody who is not. Asked once per person and roster; moves nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cases.models import ServiceCase, ServiceFlow, WaitingItem
from people.models import DutyRoster, StaffMember, is_available


@dataclass
class Availability:
    """Who can be asked at an instant, asked once per person and roster."""

    at: datetime
    known: dict[int, bool] = field(default_factory=dict)
    rosters: dict[int, list[StaffMember]] = field(default_factory=dict)
    _supervisors: list[StaffMember] | None = None

    def __call__(self, staff: StaffMember | None) -> bool:
        """Whether this person is here now."""
        if staff is None:
            return False
        if staff.pk not in self.known:
            self.known[staff.pk] = is_available(staff, at=self.at)
        return self.known[staff.pk]

    def on_shift(self, roster: DutyRoster) -> list[StaffMember]:
        """Who holds this duty now, and is here."""
        if roster.pk not in self.rosters:
            self.rosters[roster.pk] = [one for one in roster.on_shift(at=self.at) if one.on_duty]
        return self.rosters[roster.pk]

    def any_supervisor(self) -> StaffMember | None:
        """A supervisor who is here."""
        if self._supervisors is None:
            self._supervisors = list(StaffMember.objects.supervisors().order_by("pk"))
        return next((one for one in self._supervisors if self(one)), None)


def stand_in(flow: ServiceFlow, *, available: Availability) -> StaffMember | None:
    """Who takes the place of somebody who is not here: the flow's roster, its fallback owner, its supervisor, any supervisor; None at night."""
    holders = available.on_shift(flow.roster) if flow.roster is not None else []
    named = next((one for one in (*holders[:1], flow.fallback_owner, flow.supervisor) if available(one)), None)
    return named or available.any_supervisor()


def responsible_for(wait: WaitingItem, *, available: Availability) -> StaffMember | None:
    """Who answers for an item at an instant and is here: its roster's person on shift, else its owner, else who stands in.

    None where none of them is here: then it waits until somebody is (it stays with its owner).
    """
    if wait.roster is not None:
        holders = available.on_shift(wait.roster)
        if holders:
            return holders[0]
    if available(wait.owner):
        return wait.owner
    return stand_in(wait.case.flow, available=available)


def responsible_now(case: ServiceCase, *, at: datetime) -> StaffMember:
    """Who answers for a case at an instant: its owner, who stands in for them, and where nobody is here the owner all the same."""
    available = Availability(at)
    if available(case.owner):
        return case.owner
    return stand_in(case.flow, available=available) or case.owner


def supervisor_here(flow: ServiceFlow, *, available: Availability) -> StaffMember | None:
    """The flow's supervisor where they are here, else any who is."""
    return flow.supervisor if available(flow.supervisor) else available.any_supervisor()


def supervisor_now(flow: ServiceFlow, *, at: datetime) -> StaffMember:
    """To whom something is escalated at an instant: a supervisor who is here, and at an hour when none is, the flow's."""
    return supervisor_here(flow, available=Availability(at)) or flow.supervisor
