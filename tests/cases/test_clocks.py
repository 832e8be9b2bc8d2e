"""Clocks where they go wrong: midnight, public holidays and make-up workdays, the turn of the year, other zones, years nobody knows."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from cases import deadlines
from cases import operations as cases
from cases.calendars import due_time, holidays_are_missing
from cases.models import CalendarException, DueRule, HandOver, ServiceCase, WaitingItem
from cases.operations import Fact
from cases.worktime import NINE_TO_SIX, WorkCalendar, is_public_holiday
from delivery.models import Outbound
from foundation.remembering import forget_all
from people.models import StaffMember
from tests.builders import ME, ZONE, Company, works
from triage import digests, followups

pytestmark = pytest.mark.django_db
NEW_YORK = ZoneInfo("America/New_York")
HOUR = timedelta(hours=1)
#: Monday to Saturday, as many service teams work.
SIX_DAYS = dict.fromkeys(range(6), NINE_TO_SIX)


@pytest.fixture
def shop(ready: Company) -> Company:
    return ready


def at(*parts: int, zone: ZoneInfo = ZONE) -> datetime:
    return datetime(*parts, tzinfo=zone)  # type: ignore[misc]


def fact(moment: datetime, reason: str = "") -> Fact:
    return Fact(ME, moment, moment, None, reason)


def asked(shop: Company, moment: datetime, state: str = "waiting_customer_material", **more: object) -> WaitingItem:
    return cases.open_wait(
        case=shop.case, state=state, on=shop.contact, on_role="customer_contact", need="铭牌照片", fact=fact(moment), **more  # type: ignore[arg-type]
    )  # fmt: skip


def rule(shop: Company, hours: int, state: str = "waiting_customer_material") -> None:
    DueRule.objects.create(flow=shop.flow, state=state, minutes=hours * 60)
    forget_all()


# --- holidays and make-up workdays -------------------------------------------------------------------------------------------


def test_a_saturday_within_a_public_holiday_is_off_for_a_team_that_works_on_saturdays() -> None:
    calendar = WorkCalendar(week=SIX_DAYS)
    assert calendar.spans_on(date(2026, 10, 3)) == (), "Saturday of the National Day"
    assert calendar.spans_on(date(2026, 10, 17)) == NINE_TO_SIX, "a Saturday like any other"
    assert calendar.spans_on(date(2026, 10, 10)) == NINE_TO_SIX, "a Saturday that is worked by decree"
    assert calendar.spans_on(date(2026, 9, 20)) == NINE_TO_SIX, "a Sunday that is worked by decree"
    assert calendar.spans_on(date(2026, 9, 13)) == (), "a Sunday like any other"
    assert calendar.add_working(at(2026, 9, 30, 17), 2 * HOUR) == at(2026, 10, 8, 10)
    assert [is_public_holiday(date(2026, 10, day)) for day in (1, 3, 8, 10, 17)] == [True, True, False, False, False]


def test_a_make_up_saturday_works_like_monday_and_counts_as_the_next_working_day() -> None:
    long_monday = WorkCalendar(week={0: ((time(8), time(20)),), **dict.fromkeys(range(1, 5), NINE_TO_SIX)})
    assert long_monday.spans_on(date(2026, 10, 10)) == ((time(8), time(20)),)
    assert WorkCalendar().same_time_next_working_day(at(2026, 10, 9, 11)) == at(2026, 10, 10, 11)
    assert WorkCalendar().same_time_next_working_day(at(2026, 10, 10, 11)) == at(2026, 10, 12, 11)


def test_who_is_reminded_on_the_eve_of_a_holiday_the_supervisor_is_told_after_it(shop: Company) -> None:
    wait = asked(shop, at(2026, 9, 30, 9), due_at=at(2026, 9, 30, 18))
    assert [row.stage for row in deadlines.sweep_reminders(at=at(2026, 9, 30, 18))] == ["owner"]
    for day in range(1, 8):
        assert deadlines.sweep_reminders(at=at(2026, 10, day, 18)) == [], day
    assert [row.stage for row in deadlines.sweep_reminders(at=at(2026, 10, 8, 18))] == ["supervisor"]
    assert wait.reminders.count() == 2


def test_a_clock_that_stood_over_a_holiday_has_the_working_time_left_that_it_had(shop: Company) -> None:
    rule(shop, 8)
    wait = asked(shop, at(2026, 9, 30, 9))
    assert wait.due_at == at(2026, 9, 30, 17)
    cases.pause_wait(wait_id=wait.pk, fact=fact(at(2026, 9, 30, 15)))
    assert deadlines.sweep_reminders(at=at(2026, 10, 1, 0)) == []
    cases.resume_wait(wait_id=wait.pk, fact=fact(at(2026, 10, 5, 0, 0)))
    wait.refresh_from_db()
    assert wait.due_at == at(2026, 10, 8, 11), "two hours were left, and nothing passes before the eighth"


def test_a_notice_that_is_owed_before_a_holiday_falls_due_after_it(shop: Company) -> None:
    row = cases.owe_writeback(
        case=shop.case, to=shop.partner_group, about="completed", words="好了", at=at(2026, 9, 30, 16)
    )
    assert row.due_at == at(2026, 10, 8, 11)


def test_an_exception_of_ones_own_makes_a_holiday_worked_and_a_make_up_day_off(shop: Company) -> None:
    rule(shop, 2)
    CalendarException.objects.create(calendar=shop.flow.calendar, date="2026-10-01", spans=[["10:00", "12:00"]])
    CalendarException.objects.create(calendar=shop.flow.calendar, date="2026-10-10", spans=[])
    forget_all()
    flow = shop.flow
    assert due_time(flow, "waiting_customer_material", at=at(2026, 9, 30, 18)) == at(2026, 10, 1, 12)
    assert due_time(flow, "waiting_customer_material", at=at(2026, 10, 9, 17)) == at(2026, 10, 12, 10)


# --- midnight ---------------------------------------------------------------------------------------------------------------


def test_the_last_instant_of_a_span_is_its_end_and_the_next_is_the_next_days(shop: Company) -> None:
    rule(shop, 1)
    flow = shop.flow
    assert due_time(flow, "waiting_customer_material", at=at(2026, 5, 12, 17)) == at(2026, 5, 12, 18)
    assert due_time(flow, "waiting_customer_material", at=at(2026, 5, 12, 17, 0, 1)) == at(2026, 5, 13, 9, 0, 1)
    for moment in (at(2026, 5, 12, 23, 59, 59), at(2026, 5, 13, 0, 0), at(2026, 5, 13, 0, 0, 1)):
        assert due_time(flow, "waiting_customer_material", at=moment) == at(2026, 5, 13, 10)


def test_hours_of_the_clock_pass_at_night_where_a_flow_says_so(shop: Company) -> None:
    DueRule.objects.create(flow=shop.flow, state="waiting_customer_material", minutes=90, working_time=False)
    forget_all()
    assert asked(shop, at(2026, 5, 12, 23, 30)).due_at == at(2026, 5, 13, 1)


def test_a_night_shift_is_two_spans_around_midnight() -> None:
    night = WorkCalendar(
        week=dict.fromkeys(range(7), ((time(0), time(6)), (time(22), time(0)))), mainland_holidays=False
    )
    assert night.add_working(at(2026, 5, 12, 23), 2 * HOUR) == at(2026, 5, 13, 1)
    assert night.working_between(at(2026, 5, 12, 21), at(2026, 5, 13, 7)) == 8 * HOUR
    assert night.is_working(at(2026, 5, 13, 0)) and not night.is_working(at(2026, 5, 13, 6))


def test_a_case_is_numbered_by_the_mainland_day(shop: Company) -> None:
    def number(moment: datetime) -> str:
        return cases.open_case(
            flow=shop.flow, customer=shop.case.customer, conversation=shop.group, owner=shop.handler, actor=ME, at=moment
        ).number  # fmt: skip

    midnight = at(2026, 6, 2, 0)
    assert number(midnight - timedelta(microseconds=1)).startswith("A260601-")
    assert number(midnight) == "A260602-0001"
    assert number(midnight.astimezone(UTC) + HOUR) == "A260602-0002", "the day is not UTC's"
    assert number(midnight.astimezone(NEW_YORK) - 30 * timedelta(minutes=1)).startswith("A260601-")


def test_a_hand_over_offered_before_midnight_falls_after_it(shop: Company) -> None:
    wait = asked(shop, at(2026, 5, 12, 9))
    taker = works(StaffMember.objects.create(name="小江"))
    cases.offer_hand_over(
        wait_ids=[wait.pk], giver=shop.handler, taker=taker, note="", actor=ME, at=at(2026, 5, 12, 23, 45)
    )
    assert cases.sweep_hand_overs(at=at(2026, 5, 13, 0, 14, 59)) == 0
    assert cases.sweep_hand_overs(at=at(2026, 5, 13, 0, 15)) == 1
    assert HandOver.objects.get().state == "fallen"


def test_the_quiet_hours_run_over_midnight_by_the_clock_of_the_flow(shop: Company) -> None:
    case = ServiceCase.objects.select_related("flow__calendar").get(pk=shop.case.pk)
    quiet = {moment: followups.is_quiet(case, at=at(2026, 5, 12, *moment)) for moment in ((20, 59), (21, 0), (0, 0), (8, 59), (9, 0))}  # fmt: skip
    assert list(quiet.values()) == [False, True, True, True, False]
    case.flow.calendar.timezone = "America/New_York"
    assert not followups.is_quiet(case, at=at(2026, 5, 12, 21, 30)), "half past nine in the morning there"
    assert followups.is_quiet(case, at=at(2026, 5, 12, 12)), "midnight there"
    case.flow.quiet_from, case.flow.quiet_until = time(0), time(6)
    assert followups.is_quiet(case, at=at(2026, 5, 12, 12)) and not followups.is_quiet(case, at=at(2026, 5, 12, 18))


def test_what_is_due_today_ends_at_midnight(shop: Company) -> None:
    asked(shop, at(2026, 5, 12, 9), due_at=at(2026, 5, 12, 23, 59))
    asked(shop, at(2026, 5, 12, 9), need_kind="action", due_at=at(2026, 5, 13, 0))

    def today(moment: datetime) -> list[datetime | None]:
        return list(WaitingItem.objects.due_today(at=moment).order_by("due_at").values_list("due_at", flat=True))

    assert today(at(2026, 5, 12, 23, 58)) == [at(2026, 5, 12, 23, 59)]
    assert today(at(2026, 5, 12, 23, 59) - timedelta(days=1)) == []
    assert at(2026, 5, 12, 23, 59) not in today(at(2026, 5, 13, 0, 1))


# --- other zones ------------------------------------------------------------------------------------------------------------


def test_reminders_of_a_flow_elsewhere_come_by_its_own_days(shop: Company) -> None:
    calendar = shop.flow.calendar
    calendar.timezone, calendar.use_mainland_holidays = NEW_YORK.key, False
    calendar.save()
    forget_all()
    friday = at(2026, 5, 15, 17, zone=NEW_YORK)  # Saturday morning in Shanghai
    asked(shop, friday - 4 * HOUR, due_at=friday)
    assert [row.stage for row in deadlines.sweep_reminders(at=friday)] == ["owner"]
    assert deadlines.sweep_reminders(at=friday + timedelta(days=2)) == []
    assert [row.stage for row in deadlines.sweep_reminders(at=friday + timedelta(days=3))] == ["supervisor"]


def test_a_partners_digest_belongs_to_its_own_day(shop: Company) -> None:
    calendar = shop.flow.calendar
    calendar.timezone, calendar.use_mainland_holidays = NEW_YORK.key, False
    calendar.save()
    forget_all()
    cases.open_wait(
        case=shop.case, state="waiting_partner_feedback", on=shop.partner_person, on_role="fulfillment_partner", need="判断故障",
        fact=fact(at(2026, 5, 11, 9)),
    )  # fmt: skip
    assert digests.sweep_digests(at=at(2026, 5, 12, 9, 30)) == 0, "half past nine in the evening there"
    assert digests.sweep_digests(at=at(2026, 5, 12, 9, 30, zone=NEW_YORK)) == 1
    assert digests.sweep_digests(at=at(2026, 5, 12, 23, 59, zone=NEW_YORK)) == 0
    assert shop.partner_person.partner.digests.get().day == date(2026, 5, 12)  # type: ignore[union-attr]


def test_the_hour_that_summer_time_skips_or_repeats_is_counted_as_it_passes() -> None:
    night = WorkCalendar(week=dict.fromkeys(range(7), ((time(1), time(4)),)), tz=NEW_YORK, mainland_holidays=False)
    begin = at(2026, 3, 8, 1, zone=NEW_YORK)  # two o'clock does not exist on this day
    assert night.working_between(begin, at(2026, 3, 8, 12, zone=NEW_YORK)) == 2 * HOUR
    assert night.working_between(at(2026, 11, 1, 0, zone=NEW_YORK), at(2026, 11, 1, 12, zone=NEW_YORK)) == 4 * HOUR


# --- the turn of the year, and years nobody knows -----------------------------------------------------------------------------


def test_from_a_year_that_is_known_into_one_that_is_not_weekdays_count(shop: Company) -> None:
    rule(shop, 8)
    flow = shop.flow
    assert due_time(flow, "waiting_customer_material", at=at(2097, 12, 31, 14)) == at(2098, 1, 1, 13)
    assert due_time(flow, "waiting_customer_material", at=at(2098, 1, 3, 14)) == at(2098, 1, 6, 13), (
        "from Friday to Monday"
    )
    assert not is_public_holiday(date(2098, 10, 1))


def test_what_is_entered_for_a_year_nobody_knows_holds_and_ends_the_alarm(shop: Company) -> None:
    rule(shop, 8)
    december = at(2097, 12, 20, 9)
    assert holidays_are_missing(2098) and not holidays_are_missing(2026)
    followups.sweep_unknown_years(at=december)
    followups.sweep_unknown_years(at=december + timedelta(days=1))
    told = Outbound.objects.filter(kind="alert")
    assert sorted(row.text for row in told) == sorted({row.text for row in told}), "once a year and supervisor"
    assert any("2098" in row.text for row in told)
    CalendarException.objects.create(calendar=shop.flow.calendar, date="2098-01-01", spans=[])
    forget_all()
    Outbound.objects.all().delete()
    assert not holidays_are_missing(2098)
    followups.sweep_unknown_years(at=december + timedelta(days=2))
    assert not any("2098" in row.text for row in Outbound.objects.filter(kind="alert"))
    assert due_time(shop.flow, "waiting_customer_material", at=at(2097, 12, 31, 14)) == at(2098, 1, 2, 13)


def test_a_team_without_mainland_holidays_raises_no_alarm(shop: Company) -> None:
    shop.flow.calendar.use_mainland_holidays = False
    shop.flow.calendar.save()
    assert followups.sweep_unknown_years(at=at(2097, 12, 20, 9)) == 0
