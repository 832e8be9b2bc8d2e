"""Cases that a schedule opens: planned by a colleague, opened when their time comes, ended by a colleague or after the first time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from cases.models import CaseState, PlannedCase, ServiceCase, ServiceFlow
from cases.operations.common import Fact, subject_of
from cases.operations.debts import owe_ourselves
from cases.operations.opening import open_case
from cases.operations.owners import successor
from cases.shifts import may_own
from conversations.models import Conversation
from evidence.operations import Subject, record
from foundation.actors import Actor
from foundation.errors import Refused, WrongState
from people.models import Customer, StaffMember

SWEEP = Actor.machine("sweep")
#: A plan further ahead is a slip of the pen.
FARTHEST = timedelta(days=731)


def plan_case(
    *,
    customer: Customer,
    flow: ServiceFlow,
    owner: StaffMember,
    title: str,
    need: str,
    next_at: datetime,
    every_days: int | None,
    actor: Actor,
    at: datetime,
) -> PlannedCase:
    """Plan a case with something that we have to do, for once or again and again. It goes on the record of the customer's conversation.

    :raises Refused: when the time has passed or is more than two years ahead, nothing is said to do, the customer has no conversation, or the
        owner cannot work on cases.
    """
    if not need.strip():
        raise Refused(_("Say what has to be done."), code="empty")
    if not at < next_at <= at + FARTHEST:
        raise Refused(_("The case has to open in the future, at most two years ahead."), code="past")
    home = _home(customer)
    if home is None:
        raise Refused(_("There is no conversation with this customer yet."), code="no_conversation")
    if not may_own(owner):
        raise Refused(_("%(name)s cannot work on cases.") % {"name": owner.name}, code="cannot_work")
    with transaction.atomic():
        plan = PlannedCase.objects.create(
            customer=customer, flow=flow, owner=owner, title=title.strip()[:191], need=need.strip()[:255], next_at=next_at, every_days=every_days,
        )  # fmt: skip
        _record(plan, home, "plan_case", actor=actor, at=at, owner=owner.name, every_days=every_days)
        return plan


def _home(customer: Customer) -> Conversation | None:
    """Where a customer last spoke."""
    return customer.conversations.order_by("-last_message_at", "pk").first()


def _record(
    plan: PlannedCase, home: Conversation | None, action: str, *, actor: Actor, at: datetime, **more: Any
) -> None:
    """What becomes of a plan stands on the record of the conversation until there is a case, whose chain joins it."""
    if home is None:
        return
    opens = plan.next_at.isoformat() if plan.next_at is not None else None
    record(
        subject=Subject(kind="conversation", ref=str(home.public_id)), kind="action", actor=actor, at=at, refs={"plan": str(plan.public_id)},
        body={"action": action, "title": plan.title, "need": plan.need, "opens_at": opens, **more},
    )  # fmt: skip


def end_plan(*, plan_id: int, actor: Actor, at: datetime) -> PlannedCase:
    """Open nothing more by this plan; what it opened goes on.

    :raises WrongState: when it has ended.
    """
    with transaction.atomic():
        plan = PlannedCase.objects.select_for_update(of=("self",)).select_related("customer").get(pk=plan_id)
        if plan.next_at is None:
            raise WrongState(_("This plan has ended already."))
        _record(plan, _home(plan.customer), "end_plan", actor=actor, at=at)
        plan.next_at = None
        plan.save(update_fields=["next_at"])
        return plan


def sweep_plans(*, at: datetime, limit: int = 100) -> int:
    """Open the cases whose time has come, each once; safe beside another sweeper.

    :returns: how many plans were dealt with.
    """
    count = 0
    for pk in PlannedCase.objects.due(at=at).order_by("next_at", "pk").values_list("pk", flat=True)[:limit]:
        with transaction.atomic():
            rows = PlannedCase.objects.due(at=at).select_for_update(
                of=("self",), skip_locked=connection.features.has_select_for_update_skip_locked
            )
            plan = rows.select_related("customer", "flow", "owner", "last_case").filter(pk=pk).first()
            if plan is not None:
                _open_planned(plan, at=at)
                count += 1
    return count


def _open_planned(plan: PlannedCase, *, at: datetime) -> ServiceCase | None:
    """Open a planned case, or none while the one before it is open; the next time is after now, however long nobody looked."""
    home = _home(plan.customer)
    opened = None
    if plan.last_case is not None and plan.last_case.state == CaseState.OPEN:
        _record(plan, home, "plan_waits", actor=SWEEP, at=at, number=plan.last_case.number)
    elif home is not None:
        owner = plan.owner if may_own(plan.owner) else successor(plan.flow)
        opened = open_case(
            flow=plan.flow, customer=plan.customer, conversation=home, owner=owner, title=plan.title, previous=plan.last_case,
            contact=plan.customer.people.order_by("pk").first(), actor=SWEEP, at=at,
        )  # fmt: skip
        record(
            subject=subject_of(opened), kind="action", actor=SWEEP, at=at, refs={"plan": str(plan.public_id), "case": str(opened.public_id)},
            body={"action": "open_planned", "title": plan.title, "need": plan.need},
        )  # fmt: skip
        owe_ourselves(
            case_id=opened.pk, need=plan.need, need_kind="action", due_at=None, owner=owner, fact=Fact(SWEEP, at, at, None, "planned")
        )  # fmt: skip
        plan.last_case, plan.opened_count = opened, plan.opened_count + 1
    assert plan.next_at is not None
    step = timedelta(days=plan.every_days or 0)
    plan.next_at = plan.next_at + step * ((at - plan.next_at) // step + 1) if step else None
    plan.save(update_fields=["next_at", "last_case", "opened_count"])
    return opened
