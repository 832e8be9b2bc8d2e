"""Whether two texts about the same thing contradict each other: in a number, a moment, a telephone number, or in yes and no. Pure.

Two items are about the same thing where nothing that one of their titles names is missing in the other while the other names something instead (退货期限
and 换货期限, whose words are nearly alike, are about two things), and where one of them answers the other's title. Then their clauses are compared.
Measured on `tests/knowledge/pairs.tsv`, half of it kept back, and on whole shelves (`tests/knowledge/test_contradictions.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from foundation.patterns import without_endless
from knowledge.judging import Question, Unit, judged, left_out, taken_apart
from knowledge.text import CHINESE, data_lines, normalise

#: From how much on one item answers the title of the other.
ANSWERS = 0.65
#: What weighs less together in a title names nothing.
SAYS = 0.65
#: From how much on a word makes something a case of its own.
CASE = 0.7
#: Words for whatever is sold, whoever buys it, whoever comes and how much: they tell no two items apart.
_ANYTHING = frozenset(word for line in data_lines("any_words.txt") for word in line.split())
_HAN_DIGITS = {char: number for number, char in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_HAN_POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
_N = r"(?:\d+(?:\.\d+)?|[零一二两三四五六七八九十百千万半]+)"
_UP_TO = r"(?:到|至|-|~|–|—|－|～)"
#: Units, with the dimension that they measure and how many of its own unit they are.
_UNITS: dict[str, tuple[str, float]] = {
    "个工作日": ("workday", 1), "工作日": ("workday", 1), "working day": ("workday", 1), "business day": ("workday", 1),
    "分钟": ("day", 1 / 1440), "小时": ("day", 1 / 24), "个小时": ("day", 1 / 24), "天": ("day", 1), "日": ("day", 1), "周": ("day", 7),
    "个星期": ("day", 7), "星期": ("day", 7), "个礼拜": ("day", 7), "礼拜": ("day", 7), "刻钟": ("day", 15 / 1440), "个钟头": ("day", 1 / 24), "钟头": ("day", 1 / 24),
    "个季度": ("day", 90), "季度": ("day", 90), "个月": ("day", 30), "月": ("day", 30), "年": ("day", 365), "minute": ("day", 1 / 1440),
    "hour": ("day", 1 / 24), "day": ("day", 1), "week": ("day", 7), "month": ("day", 30), "year": ("day", 365),
    "元": ("money", 1), "块": ("money", 1), "万元": ("money", 10_000), "yuan": ("money", 1), "rmb": ("money", 1), "折": ("discount", 1),
    "块钱": ("money", 1), "dollar": ("money", 1),
    "%": ("share", 1), "岁": ("age", 1), "周岁": ("age", 1), "次": ("times", 1), "件": ("pieces", 1), "公里": ("distance", 1), "km": ("distance", 1),
    "公斤": ("weight", 1), "千克": ("weight", 1), "kg": ("weight", 1), "斤": ("weight", 0.5), "克": ("weight", 0.001),
    "米": ("length", 1), "厘米": ("length", 0.01), "公分": ("length", 0.01), "cm": ("length", 0.01), "平方米": ("area", 1), "平米": ("area", 1),
    "度": ("degrees", 1), "℃": ("degrees", 1), "人": ("people", 1), "位": ("people", 1), "张": ("sheets", 1), "份": ("portions", 1), "盒": ("boxes", 1),
}  # fmt: skip
#: What is counted, where 一 is hardly ever a number (一张照片).
_COUNTED = frozenset(["people", "sheets", "portions", "boxes", "pieces"])
_AMOUNT = re.compile(
    rf"(?:({_N})\s*(?:[^\s\d,，。;；]{{0,3}}?\s*){_UP_TO}\s*)?({_N})\s*({'|'.join(sorted(map(re.escape, _UNITS), key=len, reverse=True))})(半(?![价折天]))?"
)
#: Numbers in words before an English unit, and two digits before 折, which are tenths (八五折 is 8.5折).
_ENGLISH = {word: str(number) for number, word in enumerate(
    ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], start=1
)} | {"a": "1", "an": "1", "fifteen": "15", "twenty": "20", "thirty": "30", "half an": "0.5"}  # fmt: skip
_IN_WORDS = re.compile(
    rf"\b({'|'.join(sorted(_ENGLISH, key=len, reverse=True))})[ -](?=(?:(?:working|business) )?(?:minute|hour|day|week|month|year|yuan|dollar))"
)
_TENTHS = re.compile(r"(?<![\d.零一二三四五六七八九十])([1-9一二三四五六七八九])([1-9一二三四五六七八九])折")
#: Days that are named by their distance from what happens.
_SOON = re.compile(
    r"(?:(?<!生日)(?<!活动)(当[天日]|当场|即时)|(次日|隔[天日]|第二天))(?=[^，,。；;]{0,3}(?:退|返|还|发|送|到|取|寄|出|补|装|修|生效|处理|回复|完成))"
)
_HALF_PRICE = re.compile(r"半价|对折")
_ENGLISH_CLOCK = re.compile(r"\b(\d{1,2})(?:[:.](\d\d))?\s*([ap])\.?m\b|\b(noon|midday|midnight)\b")
_SIGNED = re.compile(r"[¥$￥€]\s*(\d+(?:\.\d+)?)")
_CLOCK = re.compile(
    r"(上午|早上|早晨|中午|下午|晚上|傍晚|夜里)?\s*(?:(\d{1,2})[:：](\d\d)|(\d{1,2}|[一二三四五六七八九十]{1,3})点(半)?(?!击|选|评|赞))"
)
_DATE = re.compile(r"(\d{1,2})月(\d{1,2})[日号]")
#: A day of any month, and a year by its name, last no time.
_NAMED_DAY = re.compile(r"(?:每[个]?|当|次|下个?|本)月的?\d{1,2}[日号]|(?:19|20)\d\d年")
_PHONE = re.compile(r"(?<![\d-])(?:\d{3,4}-\d{3,4}-?\d{3,4}|1\d{10}|[48]00\d{7}|9\d{4})(?!\d)")
_FREE = re.compile(
    r"免费|免收|免票|免押|免邮|免运费|(?<!不)包邮|不(?:另外?)?收(?:费|取|钱)|不(?:用|需|必)(?:另外|额外)?[加给付交花]钱|\bfree\b"
)
#: The name of a model at the end of a title.
_MODEL = re.compile(r"(?<![a-z])[a-z]+[ -]?\d+[a-z]*$")
_CLAUSES = re.compile(r"[，,。！？；;!?\n]+|(?<!\d)\.(?!\d)|\.\s")
_NO = re.compile(
    r"(?:不|暂不|概不|恕不|并不|一律不)(?:再|另|单独|额外)?(?:支持|能|可以?|予|提供|包含?|含|需|用|要|会|退|换|收|接待|接受|允许|送|做|办|开|寄|卖|参加|参与|适用|得|享|做|建议"
    r"|上门|安装|负责|承担|保修|赔|打折|水洗|机洗|返还|受理|加急|开放|租|修|装|洗|代)"
    r"|无法|没有|没法|无需|禁止|严禁|谢绝|拒绝|请勿|切勿|勿(?=[用洗带放])|未开通|未提供|\bnot\b|\bno\b|cannot|can't|\bnever\b|don't|doesn't"
)
_YES = re.compile(
    r"可以|支持|提供|免费|能够|均可|都可|享受|允许|接受|欢迎|不影响|(?<![不可只功性智才未万])能(?![不否源耗量力])|(?<![不许认只])可(?![不否能见疑靠爱惜以])"
    r"|(?:全额?|都|均|照样?|给|会|帮|包|管|我们)(?:退|换|修|送|赔|开|洗|装|办|补|带)|\bcan\b|\bmay\b|\bwelcome\b|\b(?:is|are) (?:available|allowed|included|possible)\b"
    r"|\bwe (?:offer|accept|support|deliver|ship|do|provide)\b(?! not)"
)
_INCLUDED = re.compile(r"含|包括|免费|赠送|附送")
#: Days and seasons: titles that name different ones are about two things.
_DAYS = {
    "workdays": re.compile(r"工作日|平日|平时|周一[到至]周?五|\bweekdays?\b"), "weekend": re.compile(r"周末|双休|周[六日]|星期[六日天]|礼拜[六日天]|\bweekends?\b"),
    "holidays": re.compile(r"节假日|假期|春节|国庆|\bholidays?\b"), "winter": re.compile("冬[季天]"), "summer": re.compile("夏[季天]|暑假"),
}  # fmt: skip
#: A clause that says under which condition, not what holds.
_UNDER = re.compile(
    r"^(?:如|若|除|未|超过|逾期|超出|凡|if\b|unless\b|except\b)|超过|逾期|超出|不(?:提供|出示|符合).{1,8}(?:无法|不能|不可|不予)|的话|除外|以外|之外|才|\bif\b|\bunless\b"
)


@dataclass(frozen=True)
class Said:
    """An item as it is compared: its title and other ways to ask, and what a customer reads."""

    heads: tuple[str, ...]
    body: str

    @classmethod
    def of(cls, heads: list[str], body: str) -> Said:
        """With everything in the one spelling."""
        return cls(tuple(normalise(one) for one in heads if one.strip()), normalise(body))

    @property
    def whole(self) -> str:
        """All of it."""
        return "\n".join((*self.heads, self.body))


def _number(word: str) -> float:
    if word[0].isdigit():
        return float(word)
    if word == "半":
        return 0.5
    total = current = 0.0
    for char in word:
        if char == "万":
            total, current = (total + current or 1) * 10_000, 0.0
        elif char in _HAN_POWERS:
            total += (current or 1) * _HAN_POWERS[char]
            current = 0.0
        elif char == "半":
            total += 0.5
        else:
            current = float(_HAN_DIGITS[char])
    return total + current


def _clock(match: re.Match[str]) -> float:
    part, hour, minutes, spoken, half = match.groups()
    at = float(hour) + float(minutes) / 60 if hour else _number(spoken) + (0.5 if half else 0.0)
    return at + 12 if part in ("下午", "晚上", "傍晚") and at < 12 else at


def _english_clock(match: re.Match[str]) -> float:
    hour, minutes, half, named = match.groups()
    if named:
        return 24.0 if named == "midnight" else 12.0
    return int(hour) % 12 + int(minutes or 0) / 60 + (12 if half == "p" else 0)


def amounts(clause: str) -> dict[str, dict[float, str]]:
    """What a normalised clause measures: by dimension the values, each with the words that said it."""
    found: dict[str, dict[float, str]] = {}
    clause = without_endless(clause)
    for match in _PHONE.finditer(clause):
        found.setdefault("phone", {})[float(re.sub(r"\D", "", match.group(0)))] = match.group(0)
    rest = _PHONE.sub(" ", clause)
    for match in _DATE.finditer(rest):
        found.setdefault("date", {})[int(match.group(1)) * 100 + int(match.group(2))] = match.group(0)
    rest = _NAMED_DAY.sub(" ", _DATE.sub(" ", rest))
    for match in _CLOCK.finditer(rest):
        found.setdefault("clock", {})[_clock(match)] = match.group(0).strip()
    rest = _CLOCK.sub(" ", rest)
    for match in _ENGLISH_CLOCK.finditer(rest):
        found.setdefault("clock", {})[_english_clock(match)] = match.group(0).strip()
    rest = _ENGLISH_CLOCK.sub(" ", rest)
    for match in _SOON.finditer(rest):
        found.setdefault("day", {})[float(match.group(1) is None)] = match.group(1) or match.group(2)
    for match in _HALF_PRICE.finditer(rest):
        found.setdefault("discount", {})[5.0] = match.group(0)
    for match in _SIGNED.finditer(rest):
        found.setdefault("money", {})[float(match.group(1))] = match.group(0)
    rest = _IN_WORDS.sub(lambda match: f"{_ENGLISH[match.group(1)]} ", rest)
    rest = _TENTHS.sub(lambda match: f"{_number(match.group(1)):g}.{_number(match.group(2)):g}折", rest)
    for match in _AMOUNT.finditer(rest):
        low, high, unit, half = match.groups()
        dimension, many = _UNITS[unit]
        for one in (low, high):
            if one and not (one == "一" and dimension in _COUNTED):
                value = _number(one) + (0.5 if half and one is high else 0.0)
                said = f"{one}{' ' * unit[-1].isascii()}{unit}{half or ''}"
                found.setdefault(dimension, {})[round(value * many, 4)] = said
    free = _FREE.search(rest)
    if free is not None and "money" not in found:
        found["money"] = {0.0: free.group(0)}
    return found


def _same(dimension: str, one: float, other: float) -> bool:
    """Whether two values are one; a year is twelve months."""
    return abs(one - other) <= (0.025 * max(one, other) if dimension == "day" else 1e-6)


def _clauses(text: str) -> Iterator[str]:
    return (one.strip() for one in _CLAUSES.split(text) if one.strip())


def about_the_same(one: Said, other: Said) -> bool:
    """Whether two items are about the same thing, however their titles are worded."""
    mine, theirs = (_models(side.heads) for side in (one, other))
    if mine and theirs and not mine & theirs:  # Fell 28 and Fell 45 are two things
        return False
    answered = max(_answers(one, other), _answers(other, one))
    return answered >= ANSWERS and any(
        _fits(first, one, second, other) for first in one.heads for second in other.heads
    )


def _models(heads: Sequence[str]) -> set[str]:
    """What titles end in where they are the name of a model."""
    return {match.group(0) for head in heads if (match := _MODEL.search(head))}


def may_say_the_same(one: Said, other: Said) -> bool:
    """Whether two items whose texts are nearly the same answer one question: each holds the kind of answer that the other's title wants (多少瓦 wants
    none that 多重 wants), and their titles do not name two things."""
    return min(_answers(one, other), _answers(other, one)) > 0 and any(
        not _contrast(left_out(first, other.whole), left_out(second, one.whole))
        for first in one.heads
        for second in other.heads
    )


def _contrast(mine: list[Unit], theirs: list[Unit]) -> bool:
    """Whether each side names something instead of what the other names."""
    return min(sum(unit.weight for unit in units) for units in (mine, theirs)) >= SAYS


def _answers(asked: Said, item: Said) -> float:
    """How well an item answers what another is called."""
    return max((judged(taken_apart(head), item.heads, "\n".join(item.heads), item.body, {}).score for head in asked.heads), default=0.0)  # fmt: skip


def _days(head: str) -> set[str]:
    return {name for name, pattern in _DAYS.items() if pattern.search(head)}


def _missing(head: str, text: str) -> list[Unit]:
    """What a title names and a text does not say, without words that stand for whatever is sold, whoever buys it and whoever comes. What is left of
    a run of single characters is one name (洗剪吹)."""
    left = [unit for unit in left_out(head, text) if unit.word not in _ANYTHING]
    single = {unit.word: unit.weight for unit in left if len(unit.word) == 1 and CHINESE.match(unit.word)}
    names = (
        [match.group(0) for match in re.finditer(f"[{''.join(single)}].?[{''.join(single)}]", head)] if single else []
    )
    named = [Unit(name, sum(weight for word, weight in single.items() if word in name)) for name in names]
    return [unit for unit in left if not any(unit.word in name for name in names)] + named


def _fits(first: str, one: Said, second: str, other: Said) -> bool:
    """Whether two titles leave nothing out of each other that tells things apart."""
    days = _days(first), _days(second)
    if all(days) and not days[0] & days[1]:
        return False
    mine, theirs = _missing(first, other.whole), _missing(second, one.whole)
    if _contrast(mine, theirs):
        return False
    # What a title names and its text says again (预售商品15天内发货) makes it a case of its own beside the rule.
    return not any(
        unit.weight >= CASE and len(unit.word) > 1 and unit.word in own.body
        for units, own in ((mine, one), (theirs, other))
        for unit in units
    )


def _share_a_matter(clause: str, other: str, heads: tuple[str, ...]) -> bool:
    """Whether two clauses speak of one matter; one that names nothing speaks of what its title says."""
    question: Question = taken_apart(clause)
    if not question.units:
        return True
    left = {unit.word for unit in left_out(clause, "\n".join((other, *heads)))}
    return any(unit.word not in left for unit in question.units)


def difference(one: Said, other: Said) -> str:
    """Where two items about the same thing differ in a number or in yes and no: the words, "" if nowhere."""
    return _in_numbers(one, other) or _in_yes_and_no(one, other)


def _in_numbers(one: Said, other: Said) -> str:
    mine, theirs = ([(clause, amounts(clause)) for clause in _clauses(said.body)] for said in (one, other))
    everything = [_together(found) for found in (mine, theirs)]
    for dimension in everything[0].keys() & everything[1].keys():
        if any(
            _same(dimension, first, second) for first in everything[0][dimension] for second in everything[1][dimension]
        ):
            continue
        for clause, found in mine:
            for opposite, against in theirs:
                if dimension in found and dimension in against and _match(clause, one, opposite, other):
                    return f"{_plain(found[dimension])} ≠ {_plain(against[dimension])}"
    return ""


def _together(found: list[tuple[str, dict[str, dict[float, str]]]]) -> dict[str, set[float]]:
    values: dict[str, set[float]] = {}
    for _clause, amount in found:
        for dimension, ones in amount.items():
            values.setdefault(dimension, set()).update(ones)
    return values


def _plain(values: dict[float, str]) -> str:
    return "/".join(values[one] for one in sorted(values))


def _match(clause: str, one: Said, opposite: str, other: Said) -> bool:
    return _share_a_matter(clause, opposite, other.heads) and _share_a_matter(opposite, clause, one.heads)


def _in_yes_and_no(one: Said, other: Said) -> str:
    for denying, granting in ((one, other), (other, one)):
        for clause in _clauses(denying.body):
            no = _NO.search(clause)
            if no is None or _UNDER.search(clause):
                continue
            yes = _INCLUDED if "含" in no.group(0) else _YES  # 不含补考费 denies no 可补考四次
            granted = _says(yes, granting, clause, denying)
            if granted is None or not _is_denied(clause, no.end(), "\n".join((granted, *granting.heads))):
                continue
            if _says(_NO, granting, clause, denying) or _says(yes, denying, clause, granting, beside=clause):
                continue
            return no.group(0).strip()
    return ""


def _is_denied(clause: str, after: int, granted: str) -> bool:
    """Whether what stands behind a no, the first thing at least, is what is granted. Its last character may begin the word (不退款)."""
    behind = [taken_apart(clause[at:]).units for at in (after, after - 1)]
    firsts = [units[0].word for units in behind if units]
    if clause[after - 1 :].isascii():
        firsts = [unit.word for unit in behind[0]]
    left = {unit.word for unit in left_out(clause[after - 1 :], granted)} | {
        unit.word for unit in left_out(clause[after:], granted)
    }
    return not firsts or any(word not in left for word in firsts)


def _says(pattern: re.Pattern[str], said: Said, clause: str, whose: Said, *, beside: str = "") -> str | None:
    """A clause of an item that says yes (or no) about what a clause of another one speaks of."""
    for one in _clauses(said.body):
        plain = one if pattern is _NO else _NO.sub(" ", one.replace("不影响", " 可以 "))
        if one != beside and pattern.search(plain) and not _UNDER.search(one) and _match(clause, whose, one, said):
            return one
    return None
