"""The configured flows with all that belongs to them, remembered for a few seconds: every message needs them, nobody changes them often."""

from __future__ import annotations

from cases.models import (
    Calendar,
    CalendarException,
    DueRule,
    MaterialRequirement,
    ServiceCase,
    ServiceFlow,
    TimeoutRule,
)
from foundation.remembering import Remembered
from people.models import StaffMember


def _load() -> dict[int, ServiceFlow]:
    rows = ServiceFlow.objects.select_related("calendar", "supervisor", "fallback_owner", "roster")
    rows = rows.prefetch_related("due_rules", "materials", "timeout_rules", "calendar__exceptions")
    return {flow.pk: flow for flow in rows.order_by("pk")}


#: By primary key. The rows are shared between callers: read them, change others.
flows = Remembered(_load, seconds=5)
flows.forget_on_change(ServiceFlow, DueRule, MaterialRequirement, TimeoutRule, Calendar, CalendarException, StaffMember)


def with_flows(cases: list[ServiceCase]) -> list[ServiceCase]:
    """Give cases their flows from memory, instead of a query and its prefetches for each."""
    known = flows()
    if any(case.flow_id not in known for case in cases):
        flows.forget()
        known = flows()
    for case in cases:
        case.flow = known[case.flow_id]
    return cases
