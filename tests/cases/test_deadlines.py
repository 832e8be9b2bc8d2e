"""Deadlines: two sweepers, clocks around midnight and holidays, people who are not here or have left, owed notices, measured intervals."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, connections

from cases import deadlines
from cases import operations as cases
from cases.calendars import due_time
from cases.models import (
    CalendarException,
    Chase,
    DueRule,
    Reminder,
    ServiceFact,
    TimeoutRule,
    WaitingItem,
    WritebackReminder,
)
from cases.operations import Fact
from cases.standing_in import Availability
from evidence.models import Entry
from evidence.verification import verify_subject
from foundation.errors import Refused, WrongState
from foundation.remembering import forget_all
from people.models import DutyRoster, Shift, StaffMember
from tests.builders import ME, NINE, ZONE, Company, company

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Company:
    return company()


def fact(at: datetime = NINE, reason: str = "") -> Fact:
    return Fact(ME, at, at, None, reason)


def wait_of(shop: Company, state: str = "waiting_customer_material", **more: Any) -> WaitingItem:
    values: dict[str, Any] = {"on": shop.contact, "on_role": "customer_contact", "need": "铭牌照片", "fact": fact()}
    return cases.open_wait(case=shop.case, state=state, **{**values, **more})


def at(*parts: int, zone: ZoneInfo = ZONE) -> datetime:
    return datetime(*parts, tzinfo=zone)  # type: ignore[misc]


# --- two sweepers ----------------------------------------------------------------------------------------------------------


def copy_row(wait: WaitingItem, *, times: int) -> None:
    """Rows like this one, each with an id of its own, made where they are kept: thousands of them cost next to nothing."""
    other = {"id", "public_id", "need"}
    same = ", ".join(field.column for field in WaitingItem._meta.concrete_fields if field.name not in other)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO cases_waitingitem (public_id, need, {same})"
            f" SELECT gen_random_uuid(), '第' || number || '件', {same} FROM cases_waitingitem, generate_series(1, %s) AS number WHERE id = %s",
            [times, wait.pk],
        )


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_sweepers_over_ten_thousand_due_items_remind_of_each_exactly_once() -> None:
    shop, count = company(), 10_000
    due = NINE + timedelta(hours=1)
    others = [
        cases.open_case(
            flow=shop.flow, customer=shop.case.customer, conversation=shop.group, owner=shop.handler, actor=ME, at=NINE
        )
        for _number in range(9)
    ]
    for case in [shop.case, *others]:
        first = WaitingItem.objects.create(
            case=case, state="waiting_customer_material", on=shop.contact, on_role="customer_contact", need="第0件",
            owner=shop.handler, opened_at=NINE, due_at=due, remind_at=due, act_at=due, last_fact_at=NINE,
        )  # fmt: skip
        copy_row(first, times=count // 10 - 1)
    begin, returned, errors = threading.Barrier(2), [[], []], []  # type: ignore[var-annotated]

    def sweep(made: list[int], when: datetime) -> None:
        begin.wait()
        try:
            empty = 0
            while empty < 3:
                batch = deadlines.sweep_reminders(at=when)
                made += [row.pk for row in batch]
                empty = 0 if batch else empty + 1
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    def both(when: datetime) -> None:
        threads = [threading.Thread(target=sweep, args=(made, when)) for made in returned]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    both(due + timedelta(minutes=5))
    assert errors == []
    # Whatever a sweeper passed by because the other had it is taken by the next call, as after a restart.
    while batch := deadlines.sweep_reminders(at=due + timedelta(minutes=6)):
        returned[0] += [row.pk for row in batch]
    everybody = [*returned[0], *returned[1]]
    assert len(everybody) == len(set(everybody)) == count
    assert Reminder.objects.count() == count == Reminder.objects.values("wait").distinct().count()
    assert not Reminder.objects.filter(recorded_at__isnull=True).exists()
    assert Entry.objects.filter(kind="reminder").count() == count
    assert returned[0] and returned[1], "both took part"
    both(due + timedelta(days=1))
    assert errors == []
    while deadlines.sweep_reminders(at=due + timedelta(days=1, minutes=1)):
        pass
    assert Reminder.objects.filter(stage="supervisor").count() == count
    assert Reminder.objects.count() == 2 * count
    assert not verify_subject(cases.subject_of(shop.case))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_sweepers_chase_once() -> None:
    shop = company()
    TimeoutRule.objects.create(flow=shop.flow, state="waiting_customer_material", action="chase", at_most=1)
    for number in range(40):
        wait_of(shop, need=f"第{number}件", due_at=NINE + timedelta(hours=1))
    begin = threading.Barrier(2)

    def sweep() -> None:
        begin.wait()
        deadlines.sweep_timeouts(at=NINE + timedelta(hours=2))
        connections.close_all()

    threads = [threading.Thread(target=sweep) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Chase.objects.count() == 40 == Chase.objects.values("wait").distinct().count()


def test_a_sweep_that_died_between_its_rows_and_their_record_is_made_up_for(shop: Company) -> None:
    wait_of(shop, due_at=NINE + timedelta(hours=1))
    assert deadlines.find_late(at=NINE + timedelta(hours=1)) == 1
    assert Reminder.objects.get().recorded_at is None and not Entry.objects.filter(kind="reminder").exists()
    assert len(deadlines.sweep_reminders(at=NINE + timedelta(hours=2))) == 1
    assert Reminder.objects.get().recorded_at is not None and Entry.objects.filter(kind="reminder").count() == 1
    assert deadlines.sweep_reminders(at=NINE + timedelta(hours=3)) == []


def test_what_is_put_on_record_is_no_more_than_was_asked_for(shop: Company) -> None:
    for _number in range(5):
        wait_of(shop, due_at=NINE + timedelta(hours=1))
    assert deadlines.find_late(at=NINE + timedelta(hours=1)) == 5
    assert [len(deadlines.record_reminders(at=NINE + timedelta(hours=1), limit=2)) for _time in range(4)] == [
        2,
        2,
        1,
        0,
    ]


# --- clocks ----------------------------------------------------------------------------------------------------------------


def test_what_falls_due_at_midnight_belongs_to_the_day_that_ends(shop: Company) -> None:
    shop.flow.calendar.week = {day: [["09:00", "12:00"], ["13:00", "24:00"]] for day in ("mon", "tue")}
    shop.flow.calendar.use_mainland_holidays = False
    shop.flow.calendar.save()
    forget_all()
    DueRule.objects.create(flow=shop.flow, state="waiting_confirmation", minutes=240)
    assert due_time(shop.flow, "waiting_confirmation", at=at(2026, 5, 11, 20)) == at(2026, 5, 12, 0)
    assert due_time(shop.flow, "waiting_confirmation", at=at(2026, 5, 11, 20, 1)) == at(2026, 5, 12, 9, 1)
    wait_of(shop, due_at=at(2026, 5, 12, 0))
    assert deadlines.sweep_reminders(at=at(2026, 5, 11, 23, 59)) == []
    assert [row.stage for row in deadlines.sweep_reminders(at=at(2026, 5, 12, 0))] == ["owner"]
    assert deadlines.sweep_reminders(at=at(2026, 5, 12, 23, 59)) == []
    # A working day later is when Tuesday's work ends.
    assert [row.stage for row in deadlines.sweep_reminders(at=at(2026, 5, 13, 0))] == ["supervisor"]


def test_over_the_national_holiday_nothing_passes_and_a_make_up_sunday_counts(shop: Company) -> None:
    DueRule.objects.create(flow=shop.flow, state="waiting_confirmation", minutes=8 * 60)
    DueRule.objects.create(flow=shop.flow, state="waiting_appointment", minutes=8 * 60)
    # 2025-09-28 is a Sunday that is worked; 2025-10-01 to 10-08 is the holiday.
    assert due_time(shop.flow, "waiting_confirmation", at=at(2025, 9, 27, 10)) == at(2025, 9, 28, 17)
    assert due_time(shop.flow, "waiting_confirmation", at=at(2025, 9, 30, 14)) == at(2025, 10, 9, 13)
    wait = wait_of(shop, due_at=at(2025, 9, 30, 17), fact=fact(at(2025, 9, 30, 9)))
    assert [row.stage for row in deadlines.sweep_reminders(at=at(2025, 9, 30, 17))] == ["owner"]
    assert deadlines.sweep_reminders(at=at(2025, 10, 8, 23)) == []
    assert [row.stage for row in deadlines.sweep_reminders(at=at(2025, 10, 9, 17))] == ["supervisor"]
    assert wait.reminders.count() == 2


def test_an_exception_of_ones_own_beats_the_library(shop: Company) -> None:
    CalendarException.objects.create(calendar=shop.flow.calendar, date="2026-05-12", spans=[["14:00", "15:00"]])
    CalendarException.objects.create(calendar=shop.flow.calendar, date="2026-05-13", spans=[])
    DueRule.objects.create(flow=shop.flow, state="waiting_confirmation", minutes=3 * 60)
    assert due_time(shop.flow, "waiting_confirmation", at=at(2026, 5, 11, 17)) == at(2026, 5, 14, 10)


def test_a_calendar_of_another_time_zone_is_counted_there(shop: Company) -> None:
    tokyo, new_york = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")
    DueRule.objects.create(flow=shop.flow, state="waiting_confirmation", minutes=60)
    for zone in (tokyo, new_york):
        shop.flow.calendar.timezone, shop.flow.calendar.use_mainland_holidays = zone.key, False
        shop.flow.calendar.save()
        opened = at(2026, 11, 2, 8, 30, zone=zone)
        assert due_time(shop.flow, "waiting_confirmation", at=opened.astimezone(ZONE)) == at(2026, 11, 2, 10, zone=zone)
    # New York put its clocks back on the day before: the same clock time, an hour more.
    assert due_time(shop.flow, "waiting_confirmation", at=at(2026, 10, 30, 17, 30, zone=new_york)) == at(
        2026, 11, 2, 9, 30, zone=new_york
    )


def test_a_stopped_clock_is_measured_and_so_is_every_state(shop: Company) -> None:
    wait = wait_of(shop, "waiting_contact_coordination")
    cases.pause_wait(wait_id=wait.pk, fact=fact(NINE + timedelta(hours=1)))
    cases.resume_wait(wait_id=wait.pk, fact=fact(NINE + timedelta(hours=3)))
    cases.pass_on_wait(wait_id=wait.pk, executor=None, fact=fact(NINE + timedelta(hours=4)))
    cases.complete_wait(wait_id=wait.pk, fact=fact(NINE + timedelta(hours=6)))
    rows = ServiceFact.objects.order_by("pk").values_list("kind", "detail", "started_at", "ended_at")
    hours = [(kind, detail, (end - start).total_seconds() / 3600) for kind, detail, start, end in rows]
    assert hours == [
        ("paused", "", 2.0), ("state", "waiting_contact_coordination", 4.0), ("state", "waiting_executor", 2.0)
    ]  # fmt: skip


def test_a_measured_fact_is_never_changed(shop: Company) -> None:
    cases.complete_wait(wait_id=wait_of(shop).pk, fact=fact(NINE + timedelta(hours=1)))
    row = ServiceFact.objects.get()
    row.ended_at = NINE
    for change in (row.save, row.delete):
        with pytest.raises(WrongState):
            change()
    assert ServiceFact.objects.get().ended_at == NINE + timedelta(hours=1)


def test_the_time_out_sweep_looks_only_at_what_a_rule_asks_for(shop: Company, django_assert_num_queries: Any) -> None:
    for number in range(20):
        wait_of(shop, need=f"第{number}件", due_at=NINE + timedelta(hours=1))
    assert deadlines.sweep_timeouts(at=NINE + timedelta(hours=2)) == []
    with django_assert_num_queries(2):
        assert deadlines.sweep_timeouts(at=NINE + timedelta(hours=3)) == []
    TimeoutRule.objects.create(flow=shop.flow, state="waiting_customer_material", action="escalate", at_most=1)
    forget_all()
    assert len(deadlines.sweep_timeouts(at=NINE + timedelta(hours=3))) == 20


# --- who is here -----------------------------------------------------------------------------------------------------------


def test_where_nobody_is_here_the_reminder_waits_until_somebody_is(shop: Company) -> None:
    roster = DutyRoster.objects.create(name="值班", lead=shop.supervisor)
    for staff in (shop.handler, shop.supervisor):
        Shift.objects.create(
            roster=roster, staff=staff, starts_at=NINE + timedelta(days=1), ends_at=NINE + timedelta(days=1, hours=9)
        )
    wait_of(shop, due_at=NINE + timedelta(hours=2))
    assert deadlines.sweep_reminders(at=NINE + timedelta(hours=2)) == []
    for hours in range(3, 24):
        assert deadlines.sweep_reminders(at=NINE + timedelta(hours=hours)) == []
    assert [row.recipient for row in deadlines.sweep_reminders(at=NINE + timedelta(days=1))] == [shop.handler]
    assert [row.stage for row in deadlines.sweep_reminders(at=NINE + timedelta(days=1, hours=2))] == ["supervisor"]
    assert Reminder.objects.count() == 2


def test_what_somebody_who_left_owned_goes_to_the_fallback_owner_and_never_to_nobody(shop: Company) -> None:
    leaver = StaffMember.objects.create(name="离职的人")
    item = wait_of(shop, owner=leaver)
    case = cases.open_case(
        flow=shop.flow, customer=shop.case.customer, conversation=shop.group, owner=leaver, actor=ME, at=NINE
    )
    leaver.left_at = NINE
    leaver.save()
    assert deadlines.sweep_left_owners(at=NINE) == 2
    assert deadlines.sweep_left_owners(at=NINE) == 0
    item.refresh_from_db()
    case.refresh_from_db()
    assert item.owner == case.owner == shop.handler
    assert item.transitions.last().reason == "owner_left"  # type: ignore[union-attr]
    # The fallback owner left too: the supervisor; and nobody stands behind the last one.
    for staff, heir in ((shop.handler, shop.supervisor), (shop.supervisor, None)):
        staff.left_at = NINE
        staff.save()
        forget_all()
        deadlines.sweep_left_owners(at=NINE)
        item.refresh_from_db()
        assert item.owner == (heir or shop.supervisor)
        assert wait_of(shop, need="新的").owner is not None


def test_my_waits_are_mine_and_those_of_the_duty_that_i_hold_now(shop: Company) -> None:
    roster = DutyRoster.objects.create(name="值班", lead=shop.supervisor)
    night = StaffMember.objects.create(name="夜班")
    Shift.objects.create(roster=roster, staff=shop.handler, starts_at=NINE, ends_at=NINE + timedelta(hours=9))
    Shift.objects.create(
        roster=roster, staff=night, starts_at=NINE + timedelta(hours=9), ends_at=NINE + timedelta(hours=18)
    )
    own, duty = wait_of(shop, owner=night), wait_of(shop, need="值班的", roster=roster)

    def mine(staff: StaffMember, hours: int) -> set[WaitingItem]:
        return set(WaitingItem.objects.mine(staff, at=NINE + timedelta(hours=hours)))

    assert (mine(shop.handler, 1), mine(night, 1)) == ({duty}, {own})
    assert (mine(shop.handler, 10), mine(night, 10)) == (set(), {own, duty})
    assert deadlines.responsible_for(duty, available=Availability(NINE + timedelta(hours=10))) == night


# --- notices that are owed ------------------------------------------------------------------------------------------------------


def test_an_owed_notice_is_reminded_like_a_wait_and_settled_by_a_person_with_name_and_time(shop: Company) -> None:
    row = cases.owe_writeback(case=shop.case, to=shop.partner_group, about="completion", words="已完成", at=NINE)
    due = row.due_at
    assert due is not None
    assert deadlines.sweep_writebacks(at=due - timedelta(minutes=1)) == []
    assert [r.recipient for r in deadlines.sweep_writebacks(at=due)] == [shop.handler]
    assert deadlines.sweep_writebacks(at=due + timedelta(hours=1)) == []
    assert [r.recipient for r in deadlines.sweep_writebacks(at=due + timedelta(days=1))] == [shop.supervisor]
    assert WritebackReminder.objects.count() == 2
    settle: dict[str, Any] = {"by": shop.handler, "actor": ME, "at": due + timedelta(days=1)}
    with pytest.raises(Refused):
        cases.settle_writeback(writeback_id=row.pk, told=False, reason="", **settle)
    told = cases.settle_writeback(writeback_id=row.pk, told=True, reason="电话里说的", **settle)
    assert (told.state, told.delivered_by, told.delivered_at) == ("delivered", "林悦", settle["at"])
    with pytest.raises(WrongState):
        cases.settle_writeback(writeback_id=row.pk, told=True, reason="", **settle)
    measured = ServiceFact.objects.get(kind="told")
    assert (measured.started_at, measured.ended_at) == (NINE, settle["at"])
    assert deadlines.sweep_writebacks(at=due + timedelta(days=9)) == []


def test_a_notice_that_need_not_be_told_says_why(shop: Company) -> None:
    row = cases.owe_writeback(case=shop.case, to=shop.partner_group, about="completion", words="已完成", at=NINE)
    waived = cases.settle_writeback(
        writeback_id=row.pk, told=False, reason="伙伴自己关的单", by=shop.handler, actor=ME, at=NINE
    )
    assert (waived.state, waived.settle_reason) == ("waived", "伙伴自己关的单")
    assert not ServiceFact.objects.filter(kind="told").exists()
