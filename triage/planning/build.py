"""Whose words they are decides what is looked at."""

from __future__ import annotations

from people.models import Side
from triage.planning import colleagues, customers, partners
from triage.planning.planner import Planner
from triage.planning.plans import Plan


def build(planner: Planner) -> Plan:
    """The plan for a statement. Writes nothing."""
    if planner.situation.side == Side.INTERNAL:
        colleagues.plan(planner)
    elif planner.situation.side != Side.PARTNER:
        customers.plan(planner)
    elif planner.situation.customer_reads:
        partners.plan_before_customer(planner)
    else:
        partners.plan(planner)
    return planner.plan
