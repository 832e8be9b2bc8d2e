"""Calendar rows as working-time calendars, and due times from flows."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cases.models.flow import Calendar, ServiceFlow
from cases.worktime import Spans, WorkCalendar, year_is_known

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

#: What holds for a state for which a flow has no rule of its own, in working time.
DEFAULT_DUE = {
    "requested": timedelta(hours=8),
    "waiting_customer_material": timedelta(hours=16),
    "waiting_contact_coordination": timedelta(hours=8),
    "waiting_executor": timedelta(hours=16),
    "waiting_internal_review": timedelta(hours=4),
    "waiting_partner_feedback": timedelta(hours=16),
    "waiting_confirmation": timedelta(hours=16),
    "waiting_appointment": timedelta(hours=16),
    "material_received": timedelta(hours=16),
}
FIRST_ANSWER = timedelta(hours=4)
WRITEBACK = timedelta(hours=4)


def parse_time(words: str) -> time:
    """A clock time; 24:00 is the midnight at which the day ends."""
    return time(0) if words == "24:00" else time.fromisoformat(words)


def parse_spans(spans: list[list[str]]) -> Spans:
    """Spans of a day from JSON, in order and without overlaps.

    :raises ValueError: when a span is malformed, empty or overlaps another.
    """
    found: list[tuple[time, time]] = []
    for span in spans:
        begin, end = (parse_time(words) for words in span)
        if end != time(0) and begin >= end:
            raise ValueError(f"{span[0]}-{span[1]} ends before it begins")
        if found and (found[-1][1] == time(0) or begin < found[-1][1]):
            raise ValueError(f"{span[0]}-{span[1]} overlaps the span before it")
        found.append((begin, end))
    return tuple(found)


def parse_week(week: dict[str, list[list[str]]]) -> dict[int, Spans]:
    """The week of a calendar row.

    :raises ValueError: when a day or a span is malformed.
    """
    unknown = set(week) - set(DAYS)
    if unknown:
        raise ValueError(f"unknown days: {', '.join(sorted(unknown))}")
    return {DAYS.index(day): parse_spans(spans) for day, spans in week.items()}


def work_calendar(calendar: Calendar) -> WorkCalendar:
    """The working time of a calendar row, with its exceptions."""
    return WorkCalendar(
        week=parse_week(calendar.week),
        tz=ZoneInfo(calendar.timezone),
        mainland_holidays=calendar.use_mainland_holidays,
        exceptions={row.date: parse_spans(row.spans) for row in calendar.exceptions.all()},
    )


def due_time(flow: ServiceFlow, state: str, *, at: datetime) -> datetime:
    """When an item that enters this state at `at` falls due in this flow."""
    rule = next((rule for rule in flow.due_rules.all() if rule.state == state), None)
    if rule is not None and not rule.working_time:
        return at + timedelta(minutes=rule.minutes)
    amount = timedelta(minutes=rule.minutes) if rule is not None else DEFAULT_DUE[state]
    return work_calendar(flow.calendar).add_working(at, amount)


def unknown_years(today: date) -> list[int]:
    """Years that run or begin within a month, of which the holidays are known neither to the library nor by exceptions of the calendars."""
    return [year for year in sorted({today.year, (today + timedelta(days=31)).year}) if holidays_are_missing(year)]


def holidays_are_missing(year: int) -> bool:
    """Whether the library does not know a year, and some calendar that follows it has no days of its own entered for it."""
    if year_is_known(year):
        return False
    return Calendar.objects.filter(use_mainland_holidays=True).exclude(exceptions__date__year=year).exists()
