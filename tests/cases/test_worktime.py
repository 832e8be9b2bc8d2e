"""Working time around holidays, make-up workdays, nights and other time zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth.models import Permission
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.models import Calendar
from cases.worktime import NINE_TO_SIX, WorkCalendar, year_is_known
from people.models import StaffMember, User
from tests.cases.test_appointments import sign_in

SHANGHAI = ZoneInfo("Asia/Shanghai")
PLAIN = WorkCalendar(mainland_holidays=False)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[misc]


def test_four_hours_over_the_dragon_boat_holiday() -> None:
    calendar = WorkCalendar(mainland_holidays=False, exceptions={date(2026, 6, 19): ()})
    assert calendar.add_working(at(2026, 6, 18, 16), timedelta(hours=4)) == at(2026, 6, 22, 11)


def test_mainland_holidays_and_make_up_workdays_come_from_the_library() -> None:
    calendar = WorkCalendar()
    assert calendar.spans_on(date(2026, 10, 1)) == ()
    assert calendar.spans_on(date(2025, 9, 28)) == NINE_TO_SIX, "a Sunday that is worked"


def test_a_year_that_the_library_does_not_know_falls_back_to_weekdays() -> None:
    assert not year_is_known(2099)
    assert WorkCalendar().add_working(at(2099, 1, 5, 9), timedelta(hours=1)) == at(2099, 1, 5, 10)


def test_nothing_passes_at_night() -> None:
    assert PLAIN.add_working(at(2026, 5, 12, 23, 59), timedelta(minutes=1)) == at(2026, 5, 13, 9, 1)
    assert not PLAIN.is_working(at(2026, 5, 12, 18))
    assert PLAIN.is_working(at(2026, 5, 12, 9))


def test_several_spans_a_day_and_one_up_to_midnight() -> None:
    calendar = WorkCalendar(
        week={0: ((time(9), time(12)), (time(13), time(18)), (time(20), time(0)))}, mainland_holidays=False
    )
    assert calendar.add_working(at(2026, 5, 11, 11), timedelta(hours=2)) == at(2026, 5, 11, 14)
    assert calendar.add_working(at(2026, 5, 11, 23), timedelta(hours=2)) == at(2026, 5, 18, 10)


def test_summer_time_is_counted_in_real_hours() -> None:
    new_york = ZoneInfo("America/New_York")
    calendar = WorkCalendar(week=dict.fromkeys(range(7), ((time(0), time(0)),)), tz=new_york, mainland_holidays=False)
    start = datetime(2026, 3, 8, 0, 0, tzinfo=new_york)
    assert calendar.add_working(start, timedelta(hours=4)).astimezone(UTC) == start.astimezone(UTC) + timedelta(hours=4)


def test_one_working_day_later_is_the_same_clock_time() -> None:
    assert PLAIN.same_time_next_working_day(at(2026, 5, 15, 11)) == at(2026, 5, 18, 11)


# A busy machine is no reason to fail.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 400_000), st.integers(0, 3_000), st.integers(0, 3_000))
def test_working_time_adds_up(start_minutes: int, first: int, second: int) -> None:
    start = at(2026, 1, 1, 0) + timedelta(minutes=start_minutes)
    once = PLAIN.add_working(start, timedelta(minutes=first + second))
    twice = PLAIN.add_working(PLAIN.add_working(start, timedelta(minutes=first)), timedelta(minutes=second))
    assert once == twice
    assert PLAIN.working_between(start, once) == timedelta(minutes=first + second)


def test_days_that_are_worked_otherwise_are_listed_with_why_and_neighbours_together() -> None:
    calendar = WorkCalendar(exceptions={date(2025, 9, 27): (), date(2025, 11, 11): ((time(9), time(0)),)})
    autumn = calendar.otherwise(date(2025, 9, 1), date(2026, 1, 1))
    assert [(one.first, one.last, bool(one.spans), one.why) for one in autumn] == [
        (date(2025, 9, 27), date(2025, 9, 27), False, "own"),
        (date(2025, 9, 28), date(2025, 9, 28), True, "make_up"),
        (date(2025, 10, 1), date(2025, 10, 8), False, "holiday"),
        (date(2025, 10, 11), date(2025, 10, 11), True, "make_up"),
        (date(2025, 11, 11), date(2025, 11, 11), True, "own"),
    ]
    own = WorkCalendar(mainland_holidays=False).otherwise(date(2025, 1, 1), date(2026, 1, 1))
    assert own == [] and WorkCalendar().otherwise(date(2099, 1, 1), date(2100, 1, 1)) == []


@pytest.mark.django_db
def test_the_page_of_a_calendar_shows_holidays_make_up_workdays_and_unknown_years() -> None:
    calendar = Calendar.objects.create(name="白班", week={"mon": [["09:00", "18:00"]], "sat": [["09:00", "12:00"]]})
    calendar.exceptions.create(date=date(2025, 12, 24), spans=[["13:00", "24:00"]])
    client = sign_in(StaffMember.objects.create(name="何姐", is_supervisor=True))
    place = f"/admin/cases/calendar/{calendar.pk}/change/"
    for may_change in (True, False):
        User.objects.update(is_superuser=may_change)
        user = User.objects.get()
        if not may_change:
            user.user_permissions.set(Permission.objects.filter(codename="view_calendar"))
        with time_machine.travel(at(2025, 9, 1, 9), tick=False):
            client.force_login(user)
            page = client.get(place, headers={"accept-language": "zh-hans"}).content.decode()
        assert "2025年10月1日 – 2025年10月8日 · 休息 · 法定节假日" in page, may_change
        assert (
            "2025年9月28日 周日 · 09:00-18:00 · 调休上班" in page
            or "2025年9月28日 星期日 · 09:00-18:00 · 调休上班" in page
        )
        assert "13:00-24:00 · 自设特殊日期" in page
        assert "2026年2月15日" in page and "还未知" not in page
        with time_machine.travel(at(2098, 9, 1, 9), tick=False):
            client.force_login(user)
            assert (
                "2099 年的节假日安排还未知"
                in client.get(place, headers={"accept-language": "zh-hans"}).content.decode()
            )
