"""Working time: which instants count, and what so many hours of it from an instant come to. Pure; no database, no clock."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import chinese_calendar

logger = logging.getLogger(__name__)
Spans = tuple[tuple[time, time], ...]
SHANGHAI = ZoneInfo("Asia/Shanghai")
NINE_TO_SIX: Spans = ((time(9), time(18)),)
MAX_DAYS = 3660


@lru_cache(maxsize=64)
def _warn_unknown(year: int) -> None:
    logger.warning("The holiday library does not know %s: plain weekdays are used.", year)


@lru_cache(maxsize=4096)
def mainland_day(day: date) -> bool | None:
    """Whether a day is worked in mainland China because the State Council says so, or because it is a weekday; None for a year that the library
    does not know. A plain weekend is not worked, but is no holiday either (`is_public_holiday`)."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        _warn_unknown(day.year)
        return None


@lru_cache(maxsize=4096)
def is_public_holiday(day: date) -> bool:
    """Whether a day belongs to a public holiday, weekends within it included; False in a year that the library does not know."""
    try:
        off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        _warn_unknown(day.year)
        return False
    return bool(off and name)


def year_is_known(year: int) -> bool:
    """Whether the holiday library knows this year; an alarm says so where it does not."""
    return mainland_day(date(year, 6, 15)) is not None


class Otherwise(NamedTuple):
    """Neighbouring days that are not worked as the week says, and why: an exception of our `own`, a public `holiday`, a `make_up` workday."""

    first: date
    last: date
    spans: Spans
    why: str


@dataclass(frozen=True)
class WorkCalendar:
    """Working time of a week (0 is Monday) in a time zone, with mainland holidays and own exceptions.

    `exceptions` maps a day to its spans: none is a holiday. A make-up workday that has no spans of its own weekday works like Monday.
    """

    week: Mapping[int, Spans] = field(default_factory=lambda: dict.fromkeys(range(5), NINE_TO_SIX))
    tz: ZoneInfo = SHANGHAI
    mainland_holidays: bool = True
    exceptions: Mapping[date, Spans] = field(default_factory=dict)

    def spans_on(self, day: date) -> Spans:
        """The working spans of a day, in order."""
        if day in self.exceptions:
            return self.exceptions[day]
        usual = self.week.get(day.weekday(), ())
        if self.mainland_holidays:
            if is_public_holiday(day):
                return ()  # also a Saturday within it, for a team that works on Saturdays
            if mainland_day(day) is True and day.weekday() >= 5 and not usual:
                return next((self.week[n] for n in range(7) if self.week.get(n)), ())
        return usual

    def otherwise(self, since: date, until: date) -> list[Otherwise]:
        """What is worked otherwise than in any week between two days (the second is out), in order; years that nobody knows have nothing."""
        found: list[Otherwise] = []
        for offset in range((until - since).days):
            day = since + timedelta(days=offset)
            spans, why = self.spans_on(day), ""
            if day in self.exceptions:
                why = "own"
            elif self.mainland_holidays and is_public_holiday(day):
                why = "holiday"
            elif spans != self.week.get(day.weekday(), ()):
                why = "make_up"
            last = found[-1] if found else None
            if why and last and (last.why, last.spans, last.last) == (why, spans, day - timedelta(days=1)):
                found[-1] = last._replace(last=day)
            elif why:
                found.append(Otherwise(day, day, spans, why))
        return found

    def _instants(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        day = start.astimezone(self.tz).date()
        for offset in range(MAX_DAYS):
            today = day + timedelta(days=offset)
            for begin, end in self.spans_on(today):
                first = datetime.combine(today, begin, self.tz)
                # A span that ends at midnight is written 00:00.
                last_day = today if end > begin else today + timedelta(days=1)
                yield first, datetime.combine(last_day, end, self.tz)

    def add_working(self, start: datetime, amount: timedelta) -> datetime:
        """The instant at which so much working time has passed since `start`."""
        if amount <= timedelta(0):
            return start
        left = amount
        for begin, end in self._instants(start):
            since = max(begin, start)
            if since >= end:
                continue
            # Difference of instants, not of wall clocks: right across a change to summer time.
            length = timedelta(seconds=end.timestamp() - since.timestamp())
            if length >= left:
                return datetime.fromtimestamp(since.timestamp() + left.total_seconds(), tz=self.tz)
            left -= length
        raise ValueError("this calendar has too little working time")

    def working_between(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between two instants; zero when `end` is not later."""
        total = 0.0
        for begin, finish in self._instants(start):
            if begin >= end:
                break
            total += max(0.0, min(finish, end).timestamp() - max(begin, start).timestamp())
        return timedelta(seconds=total)

    def is_working(self, at: datetime) -> bool:
        """Whether this instant is working time."""
        for begin, end in self._instants(at):
            if begin > at:
                return False
            if begin <= at < end:
                return True
        return False

    def next_working_instant(self, at: datetime) -> datetime:
        """The instant itself when it is working time, else the beginning of the next span."""
        for begin, end in self._instants(at):
            if at < end:
                return max(begin, at)
        raise ValueError("this calendar has no working time")

    def same_time_next_working_day(self, at: datetime) -> datetime:
        """The same clock time on the next working day. The midnight at which a day's work ends belongs to that day."""
        local = at.astimezone(self.tz)
        start, over = local.date(), timedelta(0)
        if local.time() == time(0) and any(end == time(0) for _begin, end in self.spans_on(start - timedelta(days=1))):
            start, over = start - timedelta(days=1), timedelta(days=1)
        for offset in range(1, MAX_DAYS):
            day = start + timedelta(days=offset)
            if self.spans_on(day):
                return datetime.combine(day + over, local.time(), self.tz)
        raise ValueError("this calendar has no working day")
