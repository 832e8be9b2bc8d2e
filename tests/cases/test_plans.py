"""Cases that open by themselves on a day, without any message: once, again and again, and each time once."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from aijia import pump
from cases import operations as cases
from cases.models import PlannedCase, ServiceCase, WaitingItem
from cases.operations import Fact
from cases.presenters import entry_words
from evidence.models import Entry
from evidence.operations import Subject
from evidence.verification import verify_subject
from foundation.actors import Actor
from foundation.errors import Refused, WrongState
from people.models import Customer, StaffMember, Team, User, Visibility
from tests.builders import ME, NINE, Company
from tests.cases.test_appointments import sign_in

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def shop(ready: Company) -> Company:
    return ready


def plan(shop: Company, *, days: int = 30, every: int | None = None) -> PlannedCase:
    return cases.plan_case(
        customer=shop.case.customer, flow=shop.flow, owner=shop.handler, title="回访", need="回访：滤芯用得怎样", next_at=NINE + days * DAY,
        every_days=every, actor=ME, at=NINE,
    )  # fmt: skip


def opened(of: PlannedCase) -> list[ServiceCase]:
    return list(ServiceCase.objects.filter(title=of.title).order_by("pk"))


def test_a_planned_case_opens_once_at_its_time_with_what_we_owe(shop: Company) -> None:
    row = plan(shop)
    assert pump.remind(NINE + 30 * DAY - timedelta(seconds=1)) == 0 and not opened(row)
    assert cases.sweep_plans(at=NINE + 30 * DAY) == 1
    assert cases.sweep_plans(at=NINE + 30 * DAY) == 0
    (case,) = opened(row)
    wait = case.waits.get()
    assert (case.customer, case.owner, case.flow) == (shop.case.customer, shop.handler, shop.flow)
    assert (wait.need, wait.owner, wait.on_role, wait.for_side) == (
        "回访：滤芯用得怎样",
        shop.handler,
        "internal_handler",
        "customer",
    )
    assert wait.due_at is not None and wait.due_at > NINE + 30 * DAY
    row.refresh_from_db()
    assert (row.next_at, row.last_case, row.opened_count) == (None, case, 1)


def test_one_that_comes_again_opens_no_second_case_while_the_first_is_open_and_follows_it_later(shop: Company) -> None:
    row = plan(shop, every=30)
    cases.sweep_plans(at=NINE + 30 * DAY)
    cases.sweep_plans(at=NINE + 60 * DAY)
    (first,) = opened(row)
    cases.cancel_case(case_id=first.pk, fact=Fact(ME, NINE + 61 * DAY, NINE + 61 * DAY, None, "customer_declined"))
    assert cases.sweep_plans(at=NINE + 200 * DAY) == 1, "however long nobody looked, once"
    second = opened(row)[-1]
    row.refresh_from_db()
    assert second != first and second.previous == first and row.next_at == NINE + 210 * DAY


def test_the_case_of_an_owner_who_left_falls_to_the_flows_fallback_owner(shop: Company) -> None:
    row, gone = plan(shop), StaffMember.objects.create(name="走了", left_at=NINE)
    PlannedCase.objects.filter(pk=row.pk).update(owner=gone)
    cases.sweep_plans(at=NINE + 30 * DAY)
    assert opened(row)[0].owner == shop.flow.fallback_owner
    assert not WaitingItem.objects.unowned().exists()


def test_a_plan_that_has_ended_opens_nothing(shop: Company) -> None:
    row = plan(shop)
    cases.end_plan(plan_id=row.pk, actor=ME, at=NINE)
    with pytest.raises(WrongState):
        cases.end_plan(plan_id=row.pk, actor=ME, at=NINE)
    assert cases.sweep_plans(at=NINE + 300 * DAY) == 0 and not opened(row)


@pytest.mark.parametrize("days", [-1, 0, 800])
def test_what_cannot_be_meant_is_refused(shop: Company, days: int) -> None:
    with pytest.raises(Refused):
        plan(shop, days=days)
    with pytest.raises(Refused, match=r"conversation|会话|对话"):
        cases.plan_case(
            customer=Customer.objects.create(name="没有群"), flow=shop.flow, owner=shop.handler, title="回访", need="回访", next_at=NINE + DAY,
            every_days=None, actor=ME, at=NINE,
        )  # fmt: skip
    assert not PlannedCase.objects.exists()


def test_a_colleague_plans_it_where_cases_are_opened_and_ends_it_in_the_list(shop: Company) -> None:
    with time_machine.travel(NINE, tick=False):
        client = sign_in(shop.handler)
        page = reverse("admin:cases_servicecase_add")
        body = {"customer": shop.case.customer_id, "flow": shop.flow.pk, "title": "半年回访", "need": "问问滤芯"}
        before = ServiceCase.objects.count()
        assert client.post(page, {**body, "opens_at": "2026-05-01T09:00"}).status_code == 200
        assert not PlannedCase.objects.exists()
        client.post(page, {**body, "opens_at": "2026-11-11T09:00", "every_days": "180"})
        row = PlannedCase.objects.get()
        assert (row.next_at, row.every_days) == (datetime.fromisoformat("2026-11-11T09:00+08:00"), 180)
        assert ServiceCase.objects.count() == before, "nothing opens before its time"
        listed = reverse("admin:cases_plannedcase_changelist")
        assert "半年回访" in client.get(listed).content.decode()
        far = sign_in(
            StaffMember.objects.create(name="外人", team=Team.objects.create(name="二组"), visibility=Visibility.TEAM)
        )
        assert "半年回访" not in far.get(listed).content.decode()
        client.post(listed, {"action": "end", "_selected_action": [row.pk]})
        row.refresh_from_db()
        assert row.next_at is None


def test_a_plan_stands_on_the_record_of_the_conversation_and_of_the_case_that_it_opens(shop: Company) -> None:
    row = plan(shop, every=30)

    def said(of: Subject) -> list[tuple[str, str]]:
        rows = Entry.objects.filter(
            chain__subject_kind=of.kind, chain__subject_ref=of.ref, refs__plan=str(row.public_id)
        )
        return [(json.loads(one.body_row.body)["action"], str(one.actor["kind"])) for one in rows.order_by("seq")]

    talk = Subject("conversation", str(shop.group.public_id))
    assert said(talk) == [("plan_case", "machine")]
    cases.sweep_plans(at=NINE + 30 * DAY)
    cases.sweep_plans(at=NINE + 60 * DAY)
    (case,) = opened(row)
    assert said(cases.subject_of(case)) == [("open_planned", "machine")]
    by = Actor.of_person(shop.contact)
    cases.end_plan(plan_id=row.pk, actor=by, at=NINE + 61 * DAY)
    assert [action for action, _kind in said(talk)] == ["plan_case", "plan_waits", "end_plan"]
    assert not verify_subject(talk) and not verify_subject(cases.subject_of(case))
    lines = [
        entry_words("action", json.loads(one.body_row.body))
        for one in Entry.objects.filter(refs__plan=str(row.public_id))
    ]
    assert all("回访：滤芯用得怎样" in line for line in lines) and case.number in " ".join(lines)


def test_only_a_colleague_who_works_on_cases_is_given_a_plan(shop: Company) -> None:
    looks = StaffMember.objects.create(name="只看", user=User.objects.create_user("looks", password="x"))
    with pytest.raises(Refused):
        cases.plan_case(
            customer=shop.case.customer, flow=shop.flow, owner=looks, title="回访", need="回访", next_at=NINE + DAY, every_days=None,
            actor=ME, at=NINE,
        )  # fmt: skip
    assert not PlannedCase.objects.exists() and not Entry.objects.filter(kind="action", refs__has_key="plan").exists()
