"""A period as a business person writes it in one cell: “2026/12/1—12/7”, “12月10日至12月12日”, “12.5-12.6 24:00”, 长期有效."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

_CLOCK = r"(?:\s*(?P<h{0}>\d{{1,2}})\s*[:：点时]\s*(?P<i{0}>\d{{1,2}})?\s*分?(?::\d{{2}})?)?"
_FIRST = r"(?:(?P<y1>\d{4})\s*[-/.年]\s*)?(?P<m1>\d{1,2})\s*[-/.月]\s*(?P<d1>\d{1,2})\s*[日号]?" + _CLOCK.format(1)
_LAST = r"(?:(?:(?P<y2>\d{4})\s*[-/.年]\s*)?(?P<m2>\d{1,2})\s*[-/.月]\s*)?(?P<d2>\d{1,2})\s*[日号]?" + _CLOCK.format(2)
_PERIOD = re.compile(rf"{_FIRST}(?:\s*(?:[-—–－~～〜至到]|to|until)+\s*{_LAST})?", re.I)
_ALWAYS = re.compile(r"长期(?:有效)?|永久(?:有效)?|常年|不限|全年|无|[-—–/]+|always|none|n/?a", re.I)
_BESIDE = re.compile(r"[（(][^）)]*[）)]|[。；;]|[止前]$|截[止至]$")
#: How long ago something may have ended that is written without its year.
BACK = timedelta(days=183)


class NoPeriod(ValueError):
    """What stands there names no first and last day."""


def is_always(text: str) -> bool:
    """Whether a cell says that something holds for ever."""
    return not text.strip() or _ALWAYS.fullmatch(text.strip()) is not None


def read_period(text: str, *, on: date) -> tuple[datetime, datetime, bool]:
    """First and last moment of a period by the editors' clock, without a zone; a last day counts as a whole, a single day as that day.

    :param on: where a year is not written, the one is meant that lies nearest to this day.
    :returns: since, until (half-open), and whether the year was guessed.
    :raises NoPeriod: where a first or last day is missing, or is none.
    """
    match = _PERIOD.fullmatch(_BESIDE.sub("", text).strip())
    if match is None:
        raise NoPeriod(text)
    part = match.groupdict()
    try:
        year = int(part["y1"] or part["y2"] or on.year)
        guessed = not (part["y1"] or part["y2"])
        since, until = _ends(part, year)
        if guessed and until.date() < on - BACK:
            since, until = _ends(part, year + 1)
    except ValueError as error:
        raise NoPeriod(text) from error
    return since, until, guessed


def _ends(part: dict[str, str | None], year: int) -> tuple[datetime, datetime]:
    month, day = int(part["m1"] or 0), int(part["d1"] or 0)
    since = _at(date(year, month, day), part["h1"], part["i1"]) or datetime.combine(date(year, month, day), time(0))
    if part["d2"] is None:
        last = date(year, month, day)
        return since, _whole(last)
    last_month = int(part["m2"] or month)
    last_year = int(part["y2"] or year)
    last = date(last_year, last_month, int(part["d2"]))
    if last < since.date() and part["y2"] is None:
        last = date(last_year + 1, last_month, int(part["d2"]))
    return since, _at(last, part["h2"], part["i2"]) or _whole(last)


def _at(day: date, hours: str | None, minutes: str | None) -> datetime | None:
    if hours is None:
        return None
    hour, minute = int(hours), int(minutes or 0)
    if hour > 24 or minute > 59:
        raise ValueError(hours)
    return datetime.combine(day, time(0)) + timedelta(hours=hour, minutes=minute)


def _whole(day: date) -> datetime:
    return datetime.combine(day, time(0)) + timedelta(days=1)
