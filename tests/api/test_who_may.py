"""Every state of an item, every command of the API on it, and who may give it: the same table as in the admin."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.utils import timezone

from aijia.roles import HANDLER, keep_roles
from cases import intake
from cases import operations as cases
from cases.models import CLOSED_STATES, OPEN_STATES, CaseNote, ServiceCase, WaitingItem, WaitState
from cases.operations import Fact
from people.models import StaffMember, User
from tests.api.conftest import Caller, Make
from tests.builders import ME, Company
from tests.cases.test_who_may import PEOPLE, item, snapshot

pytestmark = pytest.mark.django_db
MOVES = ("complete", "cancel", "due", "pause", "resume", "hand-over")
SEES = {who: sees not in ("own", "team") for who, (_role, sees, _may) in PEOPLE.items()}


@pytest.fixture
def who_calls(request: pytest.FixtureRequest, make: Make) -> tuple[str, Caller]:
    who = str(request.param)
    role, sees, _may = PEOPLE[who]
    keep_roles()
    user = User.objects.create_user(f"w{len(who)}{who[:3]}", password="x", is_staff=True)
    user.groups.set(Group.objects.filter(name=role))
    return who, make(StaffMember.objects.create(name=who, user=user, visibility=sees, is_supervisor=role == "主管"))


STAFF = [who for who, (role, _sees, _may) in PEOPLE.items() if role]


@pytest.mark.once(on="postgres")
@pytest.mark.parametrize("who_calls", STAFF, indirect=True)
def test_the_whole_table_of_states_commands_and_people(shop: Company, who_calls: tuple[str, Caller]) -> None:
    who, caller = who_calls
    may = PEOPLE[who][2]
    bodies: dict[str, Any] = {
        "due": {"due_at": (timezone.now() + timedelta(days=3)).isoformat()}, "hand-over": {"to": str(shop.supervisor.public_id)},
    }  # fmt: skip
    for state in WaitState.values:
        for move in MOVES:
            cache.clear()  # the table is longer than what one may call in a minute
            wait = item(shop, state, paused=move == "resume")
            before = snapshot(wait)
            answer = caller.post(f"/waits/{wait.public_id}/{move}/", bodies.get(move, {}))
            moved = snapshot(wait) != before
            assert moved is (may and state in OPEN_STATES), f"{who} {move} on {state}: {answer.status_code}"
            role_may = PEOPLE[who][0] in (HANDLER, "审核员", "主管")
            expected = 403 if not role_may else 404 if not SEES[who] else 409 if state in CLOSED_STATES else 200
            assert answer.status_code == expected, f"{who} {move} on {state}"


@pytest.mark.parametrize("who_calls", STAFF, indirect=True)
def test_who_may_move_a_whole_case(shop: Company, who_calls: tuple[str, Caller]) -> None:
    who, caller = who_calls
    may, now = PEOPLE[who][2], timezone.now()
    debt = intake.owe_answer(conversation=shop.group, sender=shop.contact, need="x", fact=Fact(ME, now, now))
    assert debt is not None
    path = f"/cases/{shop.case.public_id}"

    def state() -> tuple[Any, ...]:
        shop.case.refresh_from_db()
        flows = ServiceCase.objects.values_list("flow__key", flat=True)
        return (
            str(shop.case.state),
            shop.case.automation_stopped_at,
            CaseNote.objects.count(),
            WaitingItem.objects.count(),
            sorted(flows),
        )

    steps: tuple[tuple[str, Any], ...] = (
        (f"{path}/notes/", {"note": "x"}), (f"{path}/waits/", {"need": "x"}), (f"{path}/take-over/", {}), (f"{path}/hand-back/", {}),
        (f"/cases/{debt.case.public_id}/classify/", {"flow": "repair"}), (f"{path}/cancel/", {"reason": "other", "note": "x"}),
        (f"{path}/reopen/", {"reason": "other", "note": "x"}),
    )  # fmt: skip
    for step, body in steps:
        cache.clear()
        if step.endswith("reopen/") and not may:
            cases.cancel_case(case_id=shop.case.pk, fact=Fact(ME, now, now, None, "duplicate"))
        before = state()
        answer = caller.post(step, body)
        assert (state() != before) is may, f"{who} {step}: {answer.status_code}"
        assert (answer.status_code in (200, 201)) is may
