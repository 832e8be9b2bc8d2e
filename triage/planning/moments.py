"""Which of the times that somebody names is meant. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from triage.engines.base import TimeReading
from triage.engines.local import times


def is_ruled_out(moment: TimeReading, text: str) -> bool:
    """Whether a text names a time only to say that it does not suit."""
    after = text.partition(moment.words)[2][:14] if moment.words else ""
    before = text.partition(moment.words)[0][-6:] if moment.words else ""
    return bool(
        re.match(
            r"\s*(上午|下午|晚上|早上|那天)?(就|都|是|可能|恐怕)?([来去走赶弄搞做装修]不成|有人了|有单|满了|被约|在(别|外|另)|我在别|排了|约了|(排|约|留|订|让)给|有人(家|儿)?约|有人家|有约|有别|给了别|不行|不成|不得行|不得空|不凑巧|唔得|冇空|没空|没时间|有事|不在|来不了|去不了|不方便|约出去|排满|要上班|加班)",
            after,
        )
        or re.match(r"\W*(won'?t|can'?t|doesn'?t|is(n'?t| not)|no longer)\b", after, re.I)
        or re.search(r"(别|不要|不是|取消)$|\bnot $", before)
    )


#: The last time named is put as a question: 九点有单了 十点半行不行.
_ASKED_LAST = re.compile(
    r"(?:点|半|分|[:：]\d\d|前|后)[^，,。\s\d]{0,4}(行不行?|行吗|可以吗|可不可以|方便吗|成不|ok吗)[？?]?$", re.I
)


def is_deadline(moment: TimeReading) -> bool:
    """Whether the words say until when, not when: 今晚9点前."""
    return bool(re.search(r"(之|以)?前$|^(by|before)\b", moment.words, re.I))


def merged(readings: Sequence[TimeReading], text: str) -> TimeReading | None:
    """The time that is meant where a day and a clock time stand apart (19号上午可以 我9点半到), or the day stood in our question."""
    readings = [t for t in readings if t.precision != "vague"]
    if not readings:
        return None
    days = [
        t
        for t in readings
        if t.precision in ("day", "part_of_day") or re.search(r"号|日|周|星期|礼拜|天|月|day", t.words)
    ]
    clocks = [t for t in readings if t.precision in ("hour", "minute")]
    if clocks:
        fitting = [t for t in clocks if not is_ruled_out(t, text)] or clocks
        counter = re.search(r"约出去|排满|排不开|没空|来不及", text) or (
            len(fitting) > 1 and _ASKED_LAST.search(text.strip())
        )
        clock = fitting[-1] if counter else fitting[0]
        if re.search(r"号|日|周|星期|礼拜|天|月|day", clock.words):
            return clock
        base = days[0] if days else None
        if base is None:
            return clock
        start = clock.start.replace(year=base.start.year, month=base.start.month, day=base.start.day)
        if start.hour < 8 and base.start.hour >= 12:
            start = start.replace(hour=start.hour + 12)
        return TimeReading(f"{base.words}{clock.words}", start, start + (clock.end - clock.start), clock.precision)
    return days[0] if days else readings[0]


_DAY = re.compile(r"号|日|周|星期|礼拜|天|月|day", re.I)
_PART = re.compile(r"早上|早晨|上午|中午|下午|傍晚|晚上")
_RELATIVE = re.compile(r"今|明|后天|昨|\b(?:today|tonight|tomorrow)\b", re.I)


def is_clock_alone(moment: TimeReading | None) -> bool:
    """Whether a time is a clock time without a day (9点到)."""
    return moment is not None and moment.precision in ("hour", "minute") and not _DAY.search(moment.words)


def on_day_in(moment: TimeReading, words: str, *, written_at: datetime | None, at: datetime) -> TimeReading | None:
    """A clock time on the one day that other words name (徐女士周日上午可以吗 → 9点到); as it is where they name none or several.

    :param written_at: when those words were written, if known: 明天 says nothing without it, and nothing is returned.
    """
    days = [t for t in times.find(words, written_at or at) if t.precision != "vague" and _DAY.search(t.words)]
    if len({day.start.date() for day in days}) != 1:
        return moment
    if written_at is None and _RELATIVE.search(days[0].words):
        return None
    part, day = _PART.search(days[0].words), days[0].start
    said = moment.words if part is None or _PART.search(moment.words) else f"{part.group(0)}{moment.words}"
    found = [t for t in times.find(f"{day.month}月{day.day}日{said}", at) if t.precision == moment.precision]
    return found[0] if found else moment


def names_day(words: str, moment: TimeReading) -> bool:
    """Whether words name the day of a time."""
    day = f"{moment.start.month}月{moment.start.day}日"
    return day in words or f"{moment.start.day} {moment.start:%B}" in words


def is_offered(moment: TimeReading, words: str) -> bool:
    """Whether words that offer a time name the clock time of this one."""
    if moment.precision not in ("hour", "minute"):
        return False
    hour, minute = moment.start.hour, f"{moment.start.minute:02d}"
    return any(mark in words for mark in (f"{hour}:{minute}", f"{hour % 12}:{minute}"))
