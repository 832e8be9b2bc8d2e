"""Weeks as people count them: from Monday to Sunday, by the clock of the place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import date_format


@dataclass(frozen=True, order=True)
class Week:
    """The week that begins on a Monday."""

    monday: date

    @classmethod
    def of(cls, at: datetime) -> Week:
        """The week in which an instant lies."""
        day = timezone.localtime(at).date()
        return cls(day - timedelta(days=day.weekday()))

    @classmethod
    def parse(cls, words: str) -> Week | None:
        """A week as it is written in addresses and on the command line: 2026-W20. None where it is none."""
        found = re.fullmatch(r"(2\d{3})-W(\d{2})", words.strip())
        try:
            return cls(date.fromisocalendar(int(found[1]), int(found[2]), 1)) if found else None
        except ValueError:
            return None

    @property
    def key(self) -> str:
        """As it is written: 2026-W20."""
        year, week, _day = self.monday.isocalendar()
        return f"{year}-W{week:02d}"

    @property
    def year_and_number(self) -> tuple[int, int]:
        """Its year and its number in it, by ISO 8601."""
        year, week, _day = self.monday.isocalendar()
        return year, week

    @property
    def starts_at(self) -> datetime:
        """Its first instant."""
        return timezone.make_aware(datetime.combine(self.monday, time.min))

    @property
    def ends_at(self) -> datetime:
        """The first instant of the next."""
        return self.next.starts_at

    @property
    def previous(self) -> Week:
        """The week before."""
        return Week(self.monday - timedelta(days=7))

    @property
    def next(self) -> Week:
        """The week after."""
        return Week(self.monday + timedelta(days=7))

    @property
    def words(self) -> str:
        """Its first and last day."""
        last = self.monday + timedelta(days=6)
        return f"{date_format(self.monday, 'DATE_FORMAT')} – {date_format(last, 'MONTH_DAY_FORMAT')}"
