"""Everyday dates and times, Chinese and English, resolved against when they were written. Intervals are half open, in Asia/Shanghai."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from triage.engines.base import TimeReading

ZONE = ZoneInfo("Asia/Shanghai")
_DIGIT = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_N = r"(?:\d{1,2}|[零〇一二两三四五六七八九十]{1,3})"
_WEEKDAY = {
    "一": 0,
    "二": 1,
    "三": 2,
    "四": 3,
    "五": 4,
    "六": 5,
    "日": 6,
    "天": 6,
    "1": 0,
    "2": 1,
    "3": 2,
    "4": 3,
    "5": 4,
    "6": 5,
    "7": 6,
}
_EN_DAY = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}
_EN_MONTH = {
    m: i + 1 for i, m in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
}
_RELATIVE = {"大后天": 3, "后天": 2, "后儿": 2, "明天": 1, "明儿": 1, "明日": 1, "今天": 0, "今日": 0, "今儿": 0, "昨天": -1, "昨儿": -1, "大前天": -3, "前天": -2,
             "明早": 1, "明晚": 1, "今早": 0, "今晚": 0, "昨晚": -1, "后晚": 2, "明后天": 1}  # fmt: skip
_PARTS: dict[str, tuple[int, int]] = {
    "凌晨": (0, 6), "清晨": (5, 8), "一早": (6, 10), "早上": (6, 10), "早晨": (6, 10), "早": (6, 10), "上午": (8, 12), "中午": (11, 14), "午后": (12, 15),
    "下午": (12, 18), "傍晚": (17, 20), "晚上": (18, 24), "夜里": (20, 24), "夜间": (20, 24), "晚间": (18, 24), "晚": (18, 24),
    "morning": (6, 12), "noon": (12, 13), "afternoon": (12, 18), "evening": (18, 22), "night": (18, 24), "tonight": (18, 24),
}  # fmt: skip
_PART = "凌晨|清晨|一早|早上|早晨|上午|中午|午后|下午|傍晚|晚上|夜里|夜间|晚间"
_DAY = (
    rf"(?:(?P<rel>大后天|大前天|明后天|后天|明天|明日|明儿|今天|今日|今儿|昨天|昨儿|前天|后儿|明早|明晚|今早|今晚|昨晚|后晚)"
    rf"|(?P<wk>(?:下下|下个?|上个?|这个?|本)?)(?:周|星期|礼拜)(?P<wd>[一二三四五六日天](?!个|[天年月次遍])|[1-7](?!\d|个|[天年月次遍]))|(?P<we>(?:下个?|这个?|本)?)周末"
    rf"|(?:(?P<year>20\d\d)[年/.-])?(?P<mon>{_N})(?:月|[/](?=\d))(?P<mday>{_N})(?:[号日])?(?![\d月])|(?P<nm>下个?月|这个?月|本月)?(?P<day>{_N})[号日](?!楼|店|线|库|机|仓|门|色|房|院|桌|球|床|车|厅|柜|窗|馆|栋|幢|口|航|位|卡|的?(?:单|件)|那个)"
    rf"|(?<![A-Za-z])(?P<ewk>next\s+|下)?(?:(?P<ewd>mon|tue|wed|thu|fri|sat|sun)(?:sday|nesday|rsday|urday|day)(?=\s*(?:的\s*)?[\u4e00-\u9fff])|(?P<eshort>mon|tue|wed|thu|fri|sat|sun)(?:s|rs)?(?=\s*(?:{_PART}|早|晚|\d{{1,2}}\s*(?:点|[:：]\d\d|号))))"
    r"|(?<![A-Za-z])(?P<erel>tomorrow|today|tonight|tmr)(?=\s*(?:的\s*)?[\u4e00-\u9fff])"
    rf"|(?P<nd>\d{{1,2}}|[一二两三四五六七八九十]{{1,2}})天(?:之?后|以后))"
)
_CLOCK = rf"(?:(?P<h>{_N})(?:[:：](?P<m>\d\d)|[点時时](?!了|儿|问题|也|都不|没|不|毛病|意见|半?小时|击|评|赞|名)(?P<half>半)?(?P<ke>[一三]刻)?(?:(?P<mm>{_N})分?(?!号|个|天))?))"
_TO = rf"(?:\s*(?:到|至|-|—|~|～)\s*(?P<p2>{_PART})?(?P<h2>{_N})(?:[:：](?P<m2>\d\d)|[点时](?P<half2>半)?)?)"
_ZH = re.compile(
    rf"{_DAY}\s*(?:的|,|，)?\s*(?P<p>{_PART}|早|晚)?\s*{_CLOCK}?{_TO}?(?P<edge>之?前|以前|以后|之后|后)?"
    rf"|(?<![一整大])(?P<pb>{_PART})\s*(?P<cb>{_CLOCK.replace('?P<', '?P<b')})?(?P<tb>{_TO.replace('?P<', '?P<b')})?(?P<bedge>之?前|以前|以后|之后|后)?"
    rf"|(?P<cc>{_CLOCK.replace('?P<', '?P<c')})(?P<tc>{_TO.replace('?P<', '?P<c')})?(?P<cedge>之?前|以前|以后|之后|后)?",
    re.I,
)
_BARE_RANGE = re.compile(rf"(?<![\d一二三四五六七八九十])({_N})\s*(?:到|至|-|~|～)\s*({_N})点(半)?")
_AFTER = re.compile(
    r"(半个?小时|半个钟头?|半天|一刻钟|(\d+|[一二两三四五六七八九十]{1,3})个?(半)?(小时|钟头|分钟|星期|周|礼拜|月))(?:之?后|以后|内|之内)"
)
_END = re.compile(
    r"(下个?月|本月|这个?月)?(月底|月末|月初|月中)(?:之?前|以前)?|(年底|年前|周内|本周内|这周内|下周|下礼拜|下星期|这周|本周|这礼拜|下个?月|这两天|过两天|过几天)(?![一二三四五六日天末\d])"
)
_EN = re.compile(
    r"\b(?P<by>by|before|until|after|from|on|at|this|next)?\s*(?:(?P<rel>today|tomorrow|tonight|tmr|tmrw|yesterday|the day after tomorrow)|(?P<wd>mon|tue|wed|thu|fri|sat|sun)(?:sday|nesday|rsday|urday|rday|day|rs|s|r)?\b)?"
    r"(?:,?\s*(?P<d1>\d{1,2})(?:st|nd|rd|th)?\s+(?P<m1>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b|,?\s*(?P<m2>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\s+(?P<d2>\d{1,2})(?:st|nd|rd|th)?\b)?"
    r"\s*(?P<part>morning|afternoon|evening|night|noon)?"
    r"(?:,?\s*(?:at|from|between|after|before|by)?\s*(?P<h>\d{1,2})(?::(?P<mi>\d\d))?\s*(?P<ap>am|pm)?(?:\s*(?:-|to|and|–)\s*(?P<h2>\d{1,2})(?::(?P<mi2>\d\d))?\s*(?P<ap2>am|pm)?)?)?",
    re.I,
)
_EN_IN = re.compile(
    r"\bin (?P<n>\d+|an?|half an|two|three|a couple of) (?P<u>min(?:ute)?s?|hours?|days?|weeks?)\b", re.I
)


def number(words: str) -> int:
    """A small number in digits or Chinese."""
    if words.isdigit():
        return int(words)
    if "十" in words:
        left, _, right = words.partition("十")
        return (_DIGIT.get(left, 1) if left else 1) * 10 + (_DIGIT.get(right, 0) if right else 0)
    return _DIGIT.get(words[-1], 0) if len(words) == 1 else int("".join(str(_DIGIT.get(c, 0)) for c in words))


def _month(year: int, month: int, shift: int = 0) -> tuple[int, int]:
    index = year * 12 + month - 1 + shift
    return index // 12, index % 12 + 1


def _safe(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(0), ZONE) + timedelta(hours=hour, minutes=minute)


def _hour(hour: int, part: str, *, guess: bool) -> int:
    """The hour of the day: 三点 in the afternoon is 15; with no part of the day 1 to 6 mean the afternoon."""
    if part in ("下午", "午后", "傍晚", "晚上", "晚", "晚间", "夜里", "夜间") and hour < 12:
        return hour + 12 if not (part in ("晚上", "晚", "夜里", "夜间") and hour < 5) else hour + 24
    if part == "中午" and hour < 3:
        return hour + 12
    if not part and guess and 1 <= hour <= 6:
        return hour + 12
    return hour


def _reading(
    words: str,
    day: date,
    part: str,
    clock: tuple[int, int] | None,
    end: tuple[int, int] | None,
    edge: str,
    now: datetime,
) -> TimeReading:
    if clock is None:
        if part:
            a, b = _PARTS[part]
            start, stop, precision = _at(day, a), _at(day, b), "part_of_day"
        else:
            start, stop, precision = _at(day, 0), _at(day + timedelta(days=1), 0), "day"
    else:
        start = _at(day, *clock)
        precision = "minute" if clock[1] else "hour"
        if end is not None:
            stop = _at(day, *end)
            if stop <= start:
                stop += timedelta(hours=12)
        else:
            stop = start + (timedelta(minutes=1) if clock[1] else timedelta(hours=1))
    if edge.endswith("前"):
        point = start if clock else stop if not part else start
        return (
            TimeReading(words, min(now, point), point if clock or part else start, precision)
            if start > now
            else TimeReading(words, start, stop, precision)
        )
    if edge.endswith("后") and clock:
        return TimeReading(
            words,
            start,
            _at(day, _PARTS[part][1])
            if part and _at(day, _PARTS[part][1]) > start
            else _at(day + timedelta(days=1), 0),
            precision,
        )
    return TimeReading(words, start, stop, precision)


def _clock(
    g: dict[str, str | None], prefix: str, part: str, *, guess: bool
) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
    h = g.get(prefix + "h")
    if not h:
        return None, None
    minute = int(g.get(prefix + "m") or 0) or (30 if g.get(prefix + "half") else 0)
    ke, mm = g.get(prefix + "ke"), g.get(prefix + "mm")
    if ke:
        minute = 15 if ke[0] == "一" else 45
    elif mm:
        minute = number(mm)
    raw = number(h)
    if raw > 24 or minute > 59:
        return None, None
    start = (_hour(raw, part, guess=guess), minute)
    h2 = g.get(prefix + "h2")
    if not h2:
        return start, None
    raw2 = number(h2)
    if raw2 > 24:
        return start, None
    hour2 = _hour(raw2, g.get(prefix + "p2") or part, guess=guess)
    if hour2 <= start[0] and raw2 <= 12 and hour2 + 12 > start[0]:
        hour2 += 12
    return start, (hour2, int(g.get(prefix + "m2") or 0) or (30 if g.get(prefix + "half2") else 0))


def _day(g: dict[str, str | None], today: date) -> tuple[date | None, str, bool]:
    """The day meant, a part of the day within the word (今晚), and whether it spans a weekend."""
    if rel := g.get("rel"):
        part = "晚上" if rel.endswith("晚") else "早上" if rel.endswith("早") else ""
        return today + timedelta(days=_RELATIVE[rel]), part, False
    if wd := g.get("wd"):
        wk = g.get("wk") or ""
        shift = 2 if wk.startswith("下下") else 1 if wk.startswith("下") else -1 if wk.startswith("上") else 0
        day = today - timedelta(days=today.weekday()) + timedelta(days=_WEEKDAY[wd], weeks=shift)
        if not wk and day < today:
            day += timedelta(weeks=1)
        return day, "", False
    if name := g.get("ewd") or g.get("eshort"):  # Thursday晚上
        day = today + timedelta(days=(_EN_DAY[name.lower()] - today.weekday()) % 7)
        if g.get("ewk"):
            day = today - timedelta(days=today.weekday()) + timedelta(days=_EN_DAY[name.lower()], weeks=1)
        return day, "", False
    if name := g.get("erel"):
        return (
            today + timedelta(days=name.lower() in ("tomorrow", "tmr")),
            "晚上" if name.lower() == "tonight" else "",
            False,
        )
    if g.get("we") is not None:
        day = (
            today
            - timedelta(days=today.weekday())
            + timedelta(days=5, weeks=1 if (g["we"] or "").startswith("下") else 0)
        )
        return day, "", True
    if g.get("mon") and g.get("mday"):
        month, mday = number(str(g["mon"])), number(str(g["mday"]))
        if not 1 <= month <= 12:
            return None, "", False
        if g.get("year"):
            return _safe(int(str(g["year"])), month, mday), "", False
        found = _safe(today.year, month, mday)
        if (found and (today - found).days > 183) or found is None:
            found = _safe(today.year + 1, month, mday)
        return found, "", False
    if g.get("day"):
        mday = number(str(g["day"]))
        shift = 1 if (g.get("nm") or "").startswith("下") else 0
        year, month = _month(today.year, today.month, shift)
        found = _safe(year, month, mday)
        if not g.get("nm") and (found is None or found < today):
            for step in (1, 2):
                year, month = _month(today.year, today.month, step)
                later = _safe(year, month, mday)
                if later:
                    return later, "", False
        return found, "", False
    if g.get("nd"):
        return today + timedelta(days=number(str(g["nd"]))), "", False
    return None, "", False


def _chinese(text: str, now: datetime) -> list[tuple[int, int, TimeReading]]:
    out: list[tuple[int, int, TimeReading]] = []
    today = now.date()
    for m in _AFTER.finditer(text):
        whole = m.group(1)
        inside = m.group().endswith("内")
        if whole.startswith("半天"):
            delta = timedelta(hours=12)
        elif whole.startswith("半"):
            delta = timedelta(minutes=30)
        elif whole == "一刻钟":
            delta = timedelta(minutes=15)
        else:
            n, unit = number(m.group(2)), m.group(4)
            delta = {
                "小时": timedelta(hours=n),
                "钟头": timedelta(hours=n),
                "分钟": timedelta(minutes=n),
                "月": timedelta(days=30 * n),
            }.get(unit, timedelta(weeks=n))
            if m.group(3):
                delta += timedelta(minutes=30)
        then = now + delta
        out.append(
            (
                m.start(),
                m.end(),
                TimeReading(
                    m.group(),
                    now if inside else then,
                    then if inside else then + timedelta(minutes=30),
                    "minute" if delta < timedelta(hours=6) else "day",
                ),
            )
        )
    for m in _END.finditer(text):
        word = m.group()
        if m.group(2):
            year, month = _month(today.year, today.month, 1 if (m.group(1) or "").startswith("下") else 0)
            first = date(year, month, 1)
            nxt = date(*_month(year, month, 1), 1)
            if m.group(2) in ("月底", "月末"):
                a, b = nxt - timedelta(days=5), nxt
            elif m.group(2) == "月初":
                if not m.group(1) and today.day > 10:
                    first = nxt
                a, b = first, first + timedelta(days=7)
            else:
                a, b = first + timedelta(days=10), first + timedelta(days=20)
            if word.endswith("前"):
                a = min(today, b)
            out.append(
                (
                    m.start(),
                    m.end(),
                    TimeReading(word, max(_at(a, 0), now) if word.endswith("前") else _at(a, 0), _at(b, 0), "vague"),
                )
            )
        else:
            monday = today - timedelta(days=today.weekday())
            key = m.group(3)
            if key in ("下周", "下礼拜", "下星期"):
                a, b = monday + timedelta(weeks=1), monday + timedelta(weeks=2)
            elif key in ("年底", "年前"):
                a, b = date(today.year, 12, 15), date(today.year + 1, 1, 1)
            elif key.startswith("下"):
                a = date(*_month(today.year, today.month, 1), 1)
                b = date(*_month(today.year, today.month, 2), 1)
            elif key in ("这两天", "过两天", "过几天"):
                a, b = today, today + timedelta(days=4)
            else:
                a, b = today, monday + timedelta(weeks=1)
            out.append((m.start(), m.end(), TimeReading(word, _at(a, 0), _at(b, 0), "vague")))
    taken = [(s, e) for s, e, _ in out]
    context: date | None = None
    for m in _ZH.finditer(text):
        if any(m.start() < e and s < m.end() for s, e in taken):
            continue
        g = m.groupdict()
        edge = g.get("edge") or g.get("bedge") or g.get("cedge") or ""
        words = m.group().strip(" ,，的")
        if g.get("pb"):
            part = str(g["pb"])
            clock, end = _clock(g, "b", part, guess=False)
            out.append((m.start(), m.end(), _reading(words, context or today, part, clock, end, edge, now)))
            continue
        if g.get("cc"):
            if re.search(r"[A-Za-z]{3,}\s*(?:at\s*)?$", text[: m.start()]) and "点" not in m.group():
                continue  # an English clock: read with its day
            clock, end = _clock(g, "c", "", guess=True)
            if clock is None or re.match(r"\s*[:：]", text[m.end() :]):
                continue
            day = context or today
            if context is None and _at(day, *clock) < now and not edge:
                later = (clock[0] + 12, clock[1])
                if clock[0] < 12 and _at(day, *later) >= now and clock[0] < 11:
                    end = (end[0] + 12, end[1]) if end and end[0] < 12 else end
                    clock = later
            out.append((m.start(), m.end(), _reading(words, day, "", clock, end, edge, now)))
            continue
        day_found, inner, weekend = _day(g, today)
        if day_found is None:
            continue
        context = day_found
        part = g.get("p") or inner
        clock, end = _clock(g, "", part, guess=True)
        reading = _reading(words, day_found, part, clock, end, edge, now)
        if weekend and clock is None:
            reading = TimeReading(
                words, reading.start, reading.end + timedelta(days=1), "vague" if not part else "part_of_day"
            )
        out.append((m.start(), m.end(), reading))
    for m in _BARE_RANGE.finditer(text):
        a, b = number(m.group(1)), number(m.group(2))
        covered = any((s < m.start() and m.end() <= e) or (s == m.start() and m.end() <= e) for s, e, _ in out)
        if a <= 24 and b <= 24 and not covered:
            a, b = _hour(a, "", guess=True), _hour(b, "", guess=True)
            out = [o for o in out if not (m.start() <= o[0] and o[1] <= m.end())]
            out.append(
                (
                    m.start(),
                    m.end(),
                    TimeReading(
                        m.group(), _at(today, a), _at(today, b if b > a else b + 12, 30 if m.group(3) else 0), "hour"
                    ),
                )
            )
    return out


#: A clock before its day: 4 pm tomorrow.
_CLOCK_FIRST = re.compile(
    r"(?P<clock>\b\d{1,2}(?::\d\d)?\s*[ap]m)(?P<gap>\s+(?:on\s+)?)(?P<day>today|tomorrow|(?:next )?(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    re.I,
)


def _english(text: str, now: datetime) -> list[tuple[int, int, TimeReading]]:
    text = _CLOCK_FIRST.sub(lambda m: f"{m['day']} {m['clock']}".ljust(len(m[0])), text)
    out: list[tuple[int, int, TimeReading]] = []
    today = now.date()
    for m in _EN_IN.finditer(text):
        n_word, unit = m.group("n").lower(), m.group("u").lower()
        n = int(n_word) if n_word.isdigit() else {"two": 2, "three": 3, "a couple of": 2}.get(n_word, 1)
        delta = (
            timedelta(minutes=n)
            if unit.startswith("min")
            else timedelta(hours=n)
            if unit.startswith("hour")
            else timedelta(days=n)
            if unit.startswith("day")
            else timedelta(weeks=n)
        )
        if n_word == "half an":
            delta = timedelta(minutes=30)
        out.append(
            (
                m.start(),
                m.end(),
                TimeReading(
                    m.group(),
                    now + delta,
                    now + delta + timedelta(minutes=30),
                    "minute" if delta < timedelta(hours=6) else "day",
                ),
            )
        )
    for m in _EN.finditer(text):
        g = m.groupdict()
        has_day = any(g[k] for k in ("rel", "wd", "d1", "d2"))
        has_clock = bool(g["h"]) and bool(g["ap"] or g["ap2"] or g["mi"] or has_day)
        if not has_day and not has_clock and not g["part"]:
            continue
        day = today
        part = (g["part"] or "").lower()
        if g["d1"] or g["d2"]:
            month = _EN_MONTH[str(g["m1"] or g["m2"]).lower()]
            found = _safe(today.year, month, int(str(g["d1"] or g["d2"])))
            if found is None:
                continue
            day = found if (today - found).days <= 183 else (_safe(today.year + 1, month, found.day) or found)
        elif g["rel"]:
            rel = g["rel"].lower()
            day = today + timedelta(
                days={"today": 0, "tonight": 0, "yesterday": -1, "the day after tomorrow": 2}.get(rel, 1)
            )
            part = "tonight" if rel == "tonight" else part
        elif g["wd"]:
            wd = _EN_DAY[g["wd"].lower()]
            day = today + timedelta(days=(wd - today.weekday()) % 7)
            if (g["by"] or "").lower() == "next":
                day = today - timedelta(days=today.weekday()) + timedelta(days=wd, weeks=1)
        clock = end = None
        if has_clock:
            hour, minute = int(str(g["h"])), int(g["mi"] or 0)
            ap = (g["ap"] or g["ap2"] or "").lower()
            if hour > 24 or minute > 59:
                continue
            if ap == "pm" and hour < 12 and not (g["ap2"] and not g["ap"] and g["h2"] and int(g["h2"]) < hour):
                hour += 12
            elif ap == "am" and hour == 12:
                hour = 0
            elif not ap and (1 <= hour <= 6 or (part in ("afternoon", "evening", "night", "tonight") and hour < 12)):
                hour += 12
            clock = (hour, minute)
            if g["h2"]:
                hour2 = int(g["h2"])
                if ((g["ap2"] or "").lower() == "pm" and hour2 < 12) or (hour2 <= hour and hour2 < 12):
                    hour2 += 12
                end = (hour2, int(g["mi2"] or 0))
        words = m.group().strip()
        reading = _reading(words, day, part, clock, end, "", now)
        if (g["by"] or "").lower() in ("by", "before", "until"):
            point = reading.start if clock else (reading.end if g["by"].lower() != "before" else reading.start)
            if point > now:
                reading = TimeReading(words, now, point, reading.precision)
        out.append((m.start(), m.end(), reading))
    return out


def find(text: str, at: datetime) -> tuple[TimeReading, ...]:
    """Every date or time that the text names, in the order written."""
    now = at.astimezone(ZONE)
    found: list[tuple[int, int, TimeReading]] = []
    try:
        for item in [
            *_chinese(text, now),
            *(_english(text, now) if re.search(r"[A-Za-z]{2}", text) or re.search(r"\d\s*[ap]m", text, re.I) else []),
        ]:
            if not any(item[0] < e and s < item[1] for s, e, _ in found):
                found.append(item)
    except (ValueError, OverflowError, KeyError):
        pass
    return tuple(r for _, _, r in sorted(found, key=lambda f: f[0]))
