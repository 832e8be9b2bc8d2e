"""A sweep that dies between its steps: what it left is done by the next one, once, and nobody hears anything twice."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections

from cases import deadlines
from cases import operations as cases
from cases.models import HandOver, Reminder, WritebackReminder
from cases.operations import Fact
from delivery import ports
from delivery.models import Outbound
from evidence.models import Entry
from people.models import StaffMember
from tests.builders import ME, NINE, Company, company, works
from triage import afterwards, followups
from triage.operations import notices

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def shop(ready: Company, settings: Any) -> Company:
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"
    ports._load.cache_clear()
    return ready


def late(shop: Company, need: str = "铭牌照片") -> None:
    cases.open_wait(
        case=shop.case, state="waiting_customer_material", on=shop.contact, on_role="customer_contact", need=need,
        due_at=NINE + HOUR, fact=Fact(ME, NINE, NINE),
    )  # fmt: skip


def alerts() -> int:
    return Outbound.objects.filter(kind="alert").count()


def test_who_was_not_told_before_the_sweep_died_is_told_by_the_next_one(shop: Company) -> None:
    late(shop)
    assert len(deadlines.sweep_reminders(at=NINE + HOUR)) == 1  # on record, and here the process dies
    assert alerts() == 0
    assert followups.sweep_deadlines(at=NINE + 2 * HOUR) == 1
    assert alerts() == 1
    assert followups.sweep_deadlines(at=NINE + 3 * HOUR) == 0
    assert alerts() == 1 and Entry.objects.filter(kind="reminder").count() == 1


def test_that_somebody_is_told_and_the_message_to_them_are_one(shop: Company, monkeypatch: Any) -> None:
    for number in range(5):
        late(shop, f"第{number}件")

    def dies(**_anything: object) -> None:
        raise SystemExit("killed")

    with monkeypatch.context() as patch:
        patch.setattr(notices, "alert_staff", dies)
        with pytest.raises(SystemExit):
            followups.sweep_deadlines(at=NINE + HOUR)
    assert alerts() == 0 and Reminder.objects.filter(told_at__isnull=True, recorded_at__isnull=False).count() == 5
    assert followups.sweep_deadlines(at=NINE + 2 * HOUR) == 5
    assert alerts() == 1 and not Reminder.objects.filter(told_at__isnull=True).exists()


def test_a_notice_that_is_owed_is_reminded_of_after_a_crash(shop: Company) -> None:
    row = cases.owe_writeback(case=shop.case, to=shop.partner_group, about="completion", words="已完成", at=NINE)
    assert row.due_at is not None
    assert len(deadlines.sweep_writebacks(at=row.due_at)) == 1  # and here the process dies
    assert followups.sweep_writebacks(at=row.due_at + HOUR) == 1
    assert followups.sweep_writebacks(at=row.due_at + 2 * HOUR) == 0
    assert alerts() == 1 and WritebackReminder.objects.get().told_at is not None


def test_a_hand_over_that_fell_after_days_without_a_sweep_is_news_to_the_lead(shop: Company) -> None:
    late(shop)
    taker = works(StaffMember.objects.create(name="小江"))
    offered = cases.offer_hand_over(
        wait_ids=shop.case.waits.values_list("pk", flat=True),
        giver=shop.handler,
        taker=taker,
        note="",
        actor=ME,
        at=NINE,
    )
    later = NINE + timedelta(days=3)
    assert cases.sweep_hand_overs(at=later) == 1
    assert HandOver.objects.get(pk=offered.pk).state == HandOver.State.FALLEN
    assert afterwards.sweep_hand_over_news(at=later + HOUR) == 1
    assert Outbound.objects.get(kind="alert").recipient == shop.supervisor
    assert afterwards.sweep_hand_over_news(at=later + 2 * HOUR) == 0


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("dies_in", ["alert_staff", "record_reminders", "list_untold"])
def test_a_process_that_is_gone_in_the_middle_leaves_nothing_undone_and_nothing_doubled(dies_in: str) -> None:
    shop = company()
    for number in range(3):
        late(shop, f"第{number}件")
    connection.close()
    child = os.fork()
    if child == 0:
        connections.close_all()
        where = notices if dies_in == "alert_staff" else deadlines
        setattr(where, dies_in, lambda *_anything, **_more: os._exit(9))
        followups.sweep_deadlines(at=NINE + HOUR)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert alerts() == 0 and Reminder.objects.count() == 3
    assert followups.sweep_deadlines(at=NINE + 2 * HOUR) == 3
    assert followups.sweep_deadlines(at=NINE + 3 * HOUR) == 0
    assert alerts() == 3 and Entry.objects.filter(kind="reminder").count() == 3
