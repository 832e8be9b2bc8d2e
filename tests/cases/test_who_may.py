"""Every state, every move, and who may make it: the whole table, through the page on which people work."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aijia.roles import AUDITOR, EDITOR, HANDLER, MANAGER, REVIEWER, SUPERVISOR
from cases import intake
from cases import operations as cases
from cases.models import (
    CLOSED_STATES,
    OPEN_STATES,
    CaseNote,
    Material,
    ServiceCase,
    WaitingItem,
    WaitState,
    Writeback,
)
from cases.operations import Fact
from people.models import StaffMember, User, Visibility
from tests.builders import ME, Company, company, say

pytestmark = pytest.mark.django_db
MOVES = ("wait_complete", "wait_cancel", "wait_pause", "wait_resume", "wait_due", "wait_hand_over")
#: Who → whether they may move items: by role, by what they see, by whether they are staff at all.
PEOPLE: dict[str, tuple[str, str, bool]] = {
    "handler": (HANDLER, Visibility.ALL, True), "reviewer": (REVIEWER, Visibility.ALL, True), "supervisor": (SUPERVISOR, Visibility.ALL, True),
    "handler who does not see it": (HANDLER, Visibility.OWN, False), "supervisor of another team": (SUPERVISOR, Visibility.TEAM, False),
    "editor": (EDITOR, Visibility.ALL, False), "manager": (MANAGER, Visibility.ALL, False), "auditor": (AUDITOR, Visibility.ALL, False),
    "user who is no staff": ("", "", False),
}  # fmt: skip


@pytest.fixture(scope="module")
def built(module_rows: None) -> Company:
    return company(timezone.now())


@pytest.fixture
def shop(built: Company, db: None) -> Company:
    return deepcopy(built)


def client_of(who: str) -> Client:
    role, sees, _may = PEOPLE[who]
    user = User.objects.create_user(f"u{len(who)}{who[:3]}", password="x", is_staff=True)
    if role:
        user.groups.set(Group.objects.filter(name=role))
        StaffMember.objects.create(name=who, user=user, visibility=sees, is_supervisor=role == SUPERVISOR)
    client = Client()
    client.force_login(user)
    return client


def item(shop: Company, state: str, *, paused: bool = False) -> WaitingItem:
    now = timezone.now()
    wait = cases.open_wait(
        case=shop.case,
        state="requested",
        on=shop.contact,
        on_role="customer_contact",
        need="x",
        fact=Fact(ME, now, now),
    )
    closed = {"closed_at": now, "close_reason": "x"} if state in CLOSED_STATES else {}
    WaitingItem.objects.filter(pk=wait.pk).update(state=state, paused_at=now if paused else None, **closed)
    return wait


def snapshot(wait: WaitingItem) -> tuple[Any, ...]:
    row = WaitingItem.objects.get(pk=wait.pk)
    return str(row.state), row.owner_id, row.due_at, row.paused_at, row.closed_at, row.transitions.count()


@pytest.mark.once(on="postgres")
@pytest.mark.parametrize("who", PEOPLE)
def test_the_whole_table_of_states_moves_and_people(shop: Company, who: str) -> None:
    client, may = client_of(who), PEOPLE[who][2]
    url = reverse("admin:cases_servicecase_act", args=[shop.case.pk])
    due = timezone.localtime(timezone.now() + timedelta(days=3))
    for state in WaitState.values:
        for move in MOVES:
            wait = item(shop, state, paused=move == "wait_resume")
            before = snapshot(wait)
            answer = client.post(
                url,
                {"do": move, "wait": wait.pk, "due": f"{due:%Y-%m-%dT%H:%M}", "to": shop.supervisor.pk, "note": "x"},
            )
            moved = snapshot(wait) != before
            assert moved is (may and state in OPEN_STATES), f"{who} {move} on {state}: {answer.status_code}"
            assert (answer.status_code == 302) is may or (answer.status_code == 302 and not moved)
            if moved and move in ("wait_complete", "wait_cancel"):
                wanted = "completed" if move == "wait_complete" else "cancelled"
                assert WaitingItem.objects.get(pk=wait.pk).state == wanted


@pytest.mark.parametrize("who", PEOPLE)
def test_who_may_do_what_else_the_page_offers(shop: Company, who: str) -> None:
    client, may, now = client_of(who), PEOPLE[who][2], timezone.now()
    url = reverse("admin:cases_servicecase_act", args=[shop.case.pk])
    wait = item(shop, "waiting_customer_material")
    picture = say(shop.group, "wmchen", "", at=now, attachments=("image",))
    cases.receive_materials(
        wait_id=wait.pk, attachments=list(picture.attachments.all()), fact=Fact(ME, now, now, picture)
    )
    owed = cases.owe_writeback(case=shop.case, to=shop.partner_group, about="completed", words="好了", at=now)
    debt = intake.owe_answer(conversation=shop.group, sender=shop.contact, need="x", fact=Fact(ME, now, now))
    assert debt is not None
    other = reverse("admin:cases_servicecase_act", args=[debt.case_id])

    def state() -> tuple[Any, ...]:
        case = ServiceCase.objects.get(pk=shop.case.pk)
        return (
            case.automation_stopped_at, CaseNote.objects.count(), WaitingItem.objects.count(), Material.objects.get().state,
            Writeback.objects.get().state, WaitingItem.objects.get(pk=debt.pk).case_id,
        )  # fmt: skip

    steps: tuple[tuple[str, dict[str, Any]], ...] = (
        (url, {"do": "take_over"}), (url, {"do": "hand_back"}), (url, {"do": "note", "note": "x"}), (url, {"do": "owe", "note": "x"}),
        (url, {"do": "accept_material", "material": Material.objects.get().pk}),
        (url, {"do": "writeback_told", "writeback": owed.pk, "note": "x"}), (other, {"do": "join", "into": shop.case.pk}),
    )  # fmt: skip
    for where, body in steps:
        before = state()
        client.post(where, body)
        assert (state() != before) is may, f"{who} {body['do']}"


@pytest.mark.parametrize("who", PEOPLE)
def test_who_may_close_and_reopen_a_case(shop: Company, who: str) -> None:
    client, may = client_of(who), PEOPLE[who][2]
    url = reverse("admin:cases_servicecase_act", args=[shop.case.pk])
    for move, state in (("cancel", "cancelled"), ("reopen", "open")):
        if move == "reopen" and not may:
            now = timezone.now()
            cases.cancel_case(case_id=shop.case.pk, fact=Fact(ME, now, now, None, "duplicate"))
            state = "cancelled"
        client.post(url, {"do": move, "reason": "other", "note": "客户来电"})
        shop.case.refresh_from_db()
        assert shop.case.state == (state if may or move == "reopen" else "open")
