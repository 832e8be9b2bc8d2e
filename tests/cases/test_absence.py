"""Who is not here does not keep anything waiting: it falls to who takes their place, on record, and comes back with them."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from aijia import pump
from cases import operations as cases
from cases.models import WaitingItem, WaitTransition
from cases.operations import Fact
from delivery import ports
from delivery.models import Outbound
from evidence.models import Entry
from evidence.verification import verify_subject
from foundation.remembering import forget_all
from people.models import DutyRoster, Shift, StaffMember, User
from tests.builders import ME, NINE, Company, company
from triage import followups

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def shop(ready: Company, settings: Any) -> Company:
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"
    ports._load.cache_clear()
    return ready


def colleague(name: str = "田雨") -> StaffMember:
    return StaffMember.objects.create(name=name)


def item(shop: Company, owner: StaffMember, *, due: datetime = NINE + 8 * HOUR, need: str = "铭牌照片") -> WaitingItem:
    return cases.open_wait(
        case=shop.case, state="waiting_customer_material", on=shop.contact, on_role="customer_contact", need=need, owner=owner,
        due_at=due, fact=Fact(ME, NINE, NINE),
    )  # fmt: skip


def whose(wait: WaitingItem) -> tuple[str, str]:
    row = WaitingItem.objects.select_related("owner", "stands_in_for").get(pk=wait.pk)
    return row.owner.name, row.stands_in_for.name if row.stands_in_for else ""


def duty(staff: StaffMember, begins: datetime, ends: datetime, *, roster: str = "白班") -> None:
    row, _new = DutyRoster.objects.get_or_create(name=roster, defaults={"lead": StaffMember.objects.order_by("pk")[0]})
    Shift.objects.create(roster=row, staff=staff, starts_at=begins, ends_at=ends)


def mark(staff: StaffMember, *, on_duty: bool) -> None:
    staff.on_duty = on_duty
    staff.save()
    forget_all()


def test_what_somebody_off_duty_owns_falls_to_the_fallback_owner_who_hears_of_it_and_comes_back(shop: Company) -> None:
    tian = colleague()
    wait, other = item(shop, tian), item(shop, tian, need="保修卡", due=NINE + 9 * DAY)
    assert followups.sweep_absent_owners(at=NINE + HOUR) == 0
    mark(tian, on_duty=False)
    assert followups.sweep_absent_owners(at=NINE + 2 * HOUR) == 2
    assert whose(wait) == whose(other) == ("林悦", "田雨")
    (alert,) = Outbound.objects.filter(kind="alert")
    assert alert.recipient == shop.handler and "田雨" in alert.text and "铭牌照片" in alert.text and "2" in alert.text
    assert followups.sweep_absent_owners(at=NINE + 3 * HOUR) == 0
    last = WaitTransition.objects.filter(wait=wait).last()
    assert last is not None and (last.kind, last.reason, last.actor["kind"]) == ("hand_over", "owner_absent", "machine")
    assert WaitingItem.objects.in_place().count() == 2
    mark(tian, on_duty=True)
    assert followups.sweep_absent_owners(at=NINE + 4 * HOUR) == 2
    assert whose(wait) == whose(other) == ("田雨", "")
    moves = [row.body_row.body for row in Entry.objects.filter(kind="state_change").select_related("body_row")]
    assert any('"owner_absent"' in body and "林悦" in body for body in moves)
    assert any('"owner_is_back"' in body and "田雨" in body for body in moves)
    assert not verify_subject(cases.subject_of(shop.case))
    assert Outbound.objects.filter(kind="alert").count() == 1


def test_between_two_shifts_only_what_cannot_wait_falls(shop: Company) -> None:
    tian = colleague()
    duty(tian, NINE, NINE + 9 * HOUR)
    duty(tian, NINE + DAY, NINE + DAY + 9 * HOUR)
    tonight, tomorrow = item(shop, tian, due=NINE + 11 * HOUR), item(shop, tian, need="明天的", due=NINE + DAY + HOUR)
    assert followups.sweep_absent_owners(at=NINE + 8 * HOUR) == 0
    assert followups.sweep_absent_owners(at=NINE + 9 * HOUR) == 1
    assert (whose(tonight), whose(tomorrow)) == (("林悦", "田雨"), ("田雨", ""))
    assert followups.sweep_deadlines(at=NINE + 11 * HOUR) == 1
    assert followups.sweep_absent_owners(at=NINE + DAY) == 1
    assert whose(tonight) == ("田雨", "")


def test_whoever_takes_the_place_may_be_absent_too_and_the_first_owner_gets_it_back(shop: Company) -> None:
    tian = colleague()
    wait = item(shop, tian)
    mark(tian, on_duty=False)
    followups.sweep_absent_owners(at=NINE + HOUR)
    mark(shop.handler, on_duty=False)
    followups.sweep_absent_owners(at=NINE + 2 * HOUR)
    assert whose(wait) == ("何姐", "田雨")
    mark(shop.handler, on_duty=True)
    assert followups.sweep_absent_owners(at=NINE + 3 * HOUR) == 0
    mark(tian, on_duty=True)
    followups.sweep_absent_owners(at=NINE + 4 * HOUR)
    assert whose(wait) == ("田雨", "")


def test_where_nobody_is_here_it_stays_and_falls_when_somebody_comes(shop: Company) -> None:
    tian = colleague()
    wait = item(shop, tian)
    for one in (tian, shop.handler, shop.supervisor):
        mark(one, on_duty=False)
    assert followups.sweep_absent_owners(at=NINE + HOUR) == 0
    assert whose(wait) == ("田雨", "")
    mark(shop.supervisor, on_duty=True)
    assert followups.sweep_absent_owners(at=NINE + 2 * HOUR) == 1
    assert whose(wait) == ("何姐", "田雨")


def test_what_was_given_on_by_hand_or_whose_owner_left_does_not_come_back(shop: Company) -> None:
    tian = colleague()
    wait, other = item(shop, tian), item(shop, tian, need="另一件")
    mark(tian, on_duty=False)
    followups.sweep_absent_owners(at=NINE + HOUR)
    cases.hand_over_wait(wait_id=wait.pk, to=shop.supervisor, fact=Fact(ME, NINE + HOUR, NINE + HOUR))
    assert whose(wait) == ("何姐", "")
    tian.left_at, tian.on_duty = NINE + 2 * HOUR, True
    tian.save()
    assert followups.sweep_absent_owners(at=NINE + 3 * HOUR) == 0
    assert whose(other) == ("林悦", "田雨")


def test_what_a_roster_owns_does_not_fall_and_who_sees_to_it_says_nothing_about_what_was_said(shop: Company) -> None:
    tian = colleague()
    roster = DutyRoster.objects.create(name="夜班", lead=shop.supervisor)
    wait = item(shop, tian)
    WaitingItem.objects.filter(pk=wait.pk).update(roster=roster)
    mark(tian, on_duty=False)
    assert followups.sweep_absent_owners(at=NINE + HOUR) == 0
    WaitingItem.objects.filter(pk=wait.pk).update(roster=None)
    assert followups.sweep_absent_owners(at=NINE + HOUR) == 1
    # A message that was written before the sweep and arrives after it still moves the item.
    assert WaitingItem.objects.get(pk=wait.pk).last_fact_at == NINE


def test_alerts_of_a_case_go_to_who_takes_its_owners_place(shop: Company) -> None:
    from triage.afterwards import tell_owner

    shop.case.owner = tian = colleague()
    shop.case.save()
    mark(tian, on_duty=False)
    tell_owner(shop.case, None, purpose="alert", text="客户撤回了一条消息", key="k1", at=NINE)
    assert Outbound.objects.get(kind="alert").recipient == shop.handler


def test_the_beat_gives_the_items_away_before_it_reminds(shop: Company) -> None:
    tian = colleague()
    wait = item(shop, tian, due=NINE + HOUR)
    mark(tian, on_duty=False)
    pump.remind(NINE + HOUR)
    assert whose(wait) == ("林悦", "田雨")
    assert wait.reminders.get().recipient == shop.handler


def test_lists_and_the_page_say_in_whose_place(shop: Company) -> None:
    tian = colleague()
    wait = item(shop, tian)
    mark(tian, on_duty=False)
    followups.sweep_absent_owners(at=NINE + HOUR)
    user = User.objects.create_superuser("root", password="x", language="en")
    shop.supervisor.user = user
    shop.supervisor.save()
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    rows = client.get("/admin/cases/waitingitem/?in_place=1").content.decode()
    assert "林悦 (in the place of 田雨)" in rows
    page = client.get(f"/admin/cases/servicecase/{wait.case_id}/change/").content.decode()
    assert "in the place of 田雨" in page and "handed over → 林悦" in page


def test_what_we_owe_is_owed_by_whoever_it_falls_to(shop: Company) -> None:
    fact = Fact(ME, NINE, NINE)
    debt = cases.owe_ourselves(case_id=shop.case.pk, need="回电", need_kind="answer", due_at=None, fact=fact)
    assert debt.on is not None and debt.on.name == "林悦"
    mark(shop.handler, on_duty=False)
    followups.sweep_absent_owners(at=NINE + HOUR)
    debt.refresh_from_db()
    assert debt.on is not None and (debt.on.name, whose(debt)) == ("何姐", ("何姐", "林悦"))
    mark(shop.handler, on_duty=True)
    followups.sweep_absent_owners(at=NINE + 2 * HOUR)
    debt.refresh_from_db()
    assert debt.on is not None and (debt.on.name, whose(debt)) == ("林悦", ("林悦", ""))
    page = item(shop, shop.handler)
    cases.fall_to(wait_id=page.pk, to=shop.supervisor, fact=fact)
    page.refresh_from_db()
    assert page.on == shop.contact, "what others owe, they owe on"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_sweepers_give_each_item_away_and_back_once() -> None:
    shop, away = company(), colleague()
    for number in range(30):
        item(shop, away, need=f"第{number}件")
    mark(away, on_duty=False)

    def both(at: datetime) -> None:
        begin = threading.Barrier(2)

        def sweep() -> None:
            begin.wait()
            try:
                followups.sweep_absent_owners(at=at)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=sweep) for _number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    both(NINE + HOUR)
    moves = WaitTransition.objects.filter(kind="hand_over")
    assert moves.count() == 30 == moves.values("wait").distinct().count()
    assert Outbound.objects.filter(kind="alert").count() == 1
    mark(away, on_duty=True)
    both(NINE + 2 * HOUR)
    assert moves.count() == 60 and not WaitingItem.objects.in_place().exists()
    assert not verify_subject(cases.subject_of(shop.case))
