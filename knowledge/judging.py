"""Whether an item answers a question, or only speaks of something near it.

A question is taken apart into *units* (what it is about, each with a weight by what kind of word it is) and the *kinds of answer* it wants (an
amount, a time, a telephone number…). An item answers when it covers enough of the units, more so where its title is what the question is about,
and when it holds the kind of answer that is wanted: breakfast hours do not answer what breakfast costs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import lru_cache

import rjieba

from knowledge.measures import Measure, clauses, figures, measures_wanted
from knowledge.text import (
    CHINESE,
    answered_by,
    asking_names,
    concepts_of,
    data_lines,
    known_places,
    names_of,
    normalise,
    stem,
)

#: From how much on an item counts as an answer.
ENOUGH = 0.7
#: More than this share of what is asked about goods, beside their names, has to be answered.
BESIDE = 0.5
#: From which share of what a title says about goods it is what the question asks.
NAMED = 0.8
#: How much the share of the title that the question names counts beside the share of the question that the item covers.
TITLE = 0.35
#: From how many clauses with figures on a text is a list of them.
FIGURES = 3
#: How much a quantity counts that is asked for and told.
MEASURE = 1.0
#: How much the kind of answer that a title wants counts beside what it names, where the question wants another.
KIND = 1.0


def _words(name: str) -> frozenset[str]:
    return frozenset(word for line in data_lines(name) for word in line.split())


@dataclass(frozen=True)
class AnswerKind:
    """A kind of answer that a question wants: how it is asked for, and what shows that a text holds it.

    :ivar strict: whether a text without it is no answer.
    """

    name: str
    asked: re.Pattern[str]
    held: re.Pattern[str]
    strict: bool = True


_N = r"[\d一二三四五六七八九十两半几百]"
_DAYS = r"周[一二三四五六日天末]|星期|礼拜|工作日|节假日|假期|每[天日周月]|当[天日]|次日|隔日|凌晨|夜间|除夕|weekend|weekday|holiday|daily|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_CLOCK = rf"\d{{1,2}}[:：]\d\d|{_N}+\s*[点时号日]|全天|24\s*小时|随时|noon|midnight|o'clock|\d\s*[ap]\.?m\b"
_SPAN = rf"{_N}+\s*个?(?:多|半)?(?:工作日|天|日|小时|钟头|分钟|个月|月|年|周|星期|季度|秒)|当[天日]|次日|随时|立即|马上|即时|hours?|minutes?|days?|weeks?|months?|years?"
KINDS = (
    AnswerKind(
        "price",
        re.compile(
            r"多少钱|[要得是卖收]好多钱|几块|几元|什么价|啥价|价格|价位|怎么收费|咋收费|怎么卖|贵不贵|多贵|花多少|how much(?! (?:time|space|luggage|weight))|(?:what|how).{0,12}(?:cost|price|fee)\b"
        ),
        re.compile(
            r"\d\s*(?:元|块|万|%|rmb|yuan|cny|usd|dollars?|k\b)|[¥$￥€]\s*\d|免费|免收|不收费|不另收|包邮|价格|费用|报价|\bfree\b|\bprices?\b|\bcosts?\b"
        ),
    ),
    AnswerKind(
        "phone",
        re.compile(r"(?:电话|热线|号码).{0,4}(?:多少|是什么|是啥|几号|发|给)|哪个电话|打什么电话|phone number|which number"),
        re.compile(r"\d{3,4}[-) ]?\d{3,}|\b1\d{10}\b|\b9\d{4}\b|\b1\d{4}\b"),
    ),
    AnswerKind(
        "span",
        re.compile(
            r"多久|多长时间|[要得用撑管亮照等]好久|好久(?:能|可以|会|才)|几天|多少个?(?:天|月|小时|工作日|星期|礼拜|年|分钟)|几个?(?:月|小时|工作日|星期|礼拜|年|分钟)|how (?:long|soon|many (?:days|hours|weeks|months|years|minutes))"
        ),
        re.compile(f"{_SPAN}|{_CLOCK}|{_DAYS}"),
    ),
    AnswerKind(
        "when",
        re.compile(
            r"什么时候|啥时候|啥时|何时|几时|几点|哪天|哪一天|几号(?!楼|线|店)|\bwhen\b|what (?:time|day|date)|(?:opening|business|support|office) hours|what.{0,12}\bhours\b"
        ),
        re.compile(f"{_SPAN}|{_CLOCK}|{_DAYS}"),
    ),
    AnswerKind("fee", re.compile(r"[加要收扣花交另给]钱|收费|另收|免费|白送|\bfree\b|charged?\b"), re.compile(r"\d\s*(?:元|块|万|折|%|yuan|cny)|免费|免收|收费|收取|承担|[¥$￥€]\s*\d|\bfree\b|\bfee\b"), strict=False),
    AnswerKind("height", re.compile(r"多高|身高.{0,4}多少|how (?:tall|high)"), re.compile(r"\d\s*(?:米|m\b|metres?|meters?|cm\b|厘米|公分|feet|ft\b)")),
    AnswerKind("weight", re.compile(r"多重|几斤|多少(?:公?斤|克)|how (?:heavy|many kilos)"), re.compile(r"\d\s*(?:公?斤|克|千克|kg|g\b|kilo)")),
    AnswerKind(
        "distance",
        re.compile(r"多远|几公里|how far"),
        re.compile(r"\d\s*(?:公里|千米|米|站|km\b|metres?|meters?|miles?)|(?:步行|车程|驾车).{0,4}\d|\d+ minutes? (?:walk|drive|by)"),
    ),
    AnswerKind("where", re.compile(r"哪里|哪儿|在哪|何处|什么地方|啥地方|\bwhere\b"), re.compile(r"[楼层号路街区店门厅柜台点站处页]|公众号|小程序|app\b|地址|\b(?:floor|street|gate|lobby|page|settings|at the|in the)\b"), strict=False),
)  # fmt: skip

#: Moments and days that a question names: they want an answer that speaks of time, and are nothing that it could be about.
_MOMENTS = re.compile(
    rf"今[天日晚早]|明[天日晚早]|后天|昨[天日晚]|大后天|[上下这本]个?(?:周|星期|礼拜|月)[一二三四五六日天末]?|周[一二三四五六日天末]|星期[一二三四五六日天]|礼拜[一二三四五六日天]?|"
    rf"早上|早晨|上午|中午|下午|晚上|夜里|半夜|凌晨|傍晚|{_N}{{1,3}}点(?:半|钟|多)?(?:{_N}{{1,3}}分)?|\d{{1,2}}[:：]\d\d|节假日|"
    r"\b(?:today|tonight|tomorrow|yesterday|now|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|weekends?|weekdays?|morning|afternoon|evening|night|noon|\d{1,2}\s*[ap]m)\b"
)
_ABOUT_TIME = re.compile(f"{_CLOCK}|{_DAYS}|{_SPAN}")

#: How much a word counts by its part of speech (those of jieba); what is not here counts nothing.
_PARTS = {
    "n": 1.0, "nz": 1.0, "vn": 1.0, "an": 1.0, "l": 0.8, "i": 0.8, "j": 1.0, "nt": 1.0, "nrt": 0.8, "nr": 0.7, "ns": 0.3, "nrfg": 0.7, "v": 0.7, "a": 0.7, "ad": 0.4,
    "b": 0.6, "z": 0.4, "s": 0.3, "g": 0.7, "ng": 0.7, "vg": 0.5, "vd": 0.4, "eng": 1.0, "t": 0.4, "q": 0.0, "k": 0.4, "h": 0.3,
}  # fmt: skip
#: Words of everyday talk that say nothing about what is asked, in both languages.
_LIGHT = _words("light_words.txt")
#: Words of titles that say what sort of text it is.
_TITLE_WORDS = _words("title_words.txt")
#: Characters that add nothing new to the word before them.
_SUFFIXES = frozenset("期费价款额法量率日时处了的")
#: Characters that make another thing of the word before them.
_HEADS = frozenset("员节柜店机器卡券险证单票车房室厅所站师生品盒袋箱桶瓶管线表码位课班群板屏灯门窗锁床桌椅膜芯粉液剂")
#: What follows a verb of one character and says how it ended (洗完, 坏掉).
_DONE = frozenset("完好掉到下上去来过走回开出进起了成住")
_CLAUSES = re.compile(r"[\s，,。.!！?？；;、~～…]+")
#: What makes a question of a clause, at its end (还能退伐, 能退不, 退得脱不嘞), after the words that are asked about.
_ENDING = "[撒噻嘞咧哒啦咯嘎喔哦噢哈呀啊嘛呢哟㗎嘅喽啰哩]"
_ASKING_END = re.compile(
    rf"(?<=.)(?:来着|得(?:[了掉成脱到起](?:[吗么嘛伐啵咩不冇呢]|$|{_ENDING})|[吗么嘛伐啵咩不冇])|[伐啵咩不没冇吗么呗](?<!花呗)|{_ENDING}){_ENDING}*$"
)


_ABLE = re.compile(r"(?<=[\u4e00-\u9fff])得[住了下起到过进](?=\s|$)")
#: Names of goods that hold a figure (F1, Fell 28).
_LABELS = re.compile(r"(?<![a-z0-9])[a-z]*\d+[a-z]*(?![a-z0-9%])")


@dataclass(frozen=True)
class Unit:
    """One thing that a question is about.

    :ivar names: synonym groups of the word itself. :ivar parts: synonym groups of words inside it (安装 in 安装费).
    :ivar is_place: the name of a place: where it is named it counts in full, where it is not it may be meant by another (华东).
    :ivar is_whole: a part of it alone is another thing.
    """

    word: str
    weight: float
    names: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    is_place: bool = False
    is_whole: bool = False


@dataclass(frozen=True)
class Question:
    """A question taken apart. `times`: it names a moment or a day.

    :ivar measures: the quantities that it asks for. :ivar wants: names of these and of all kinds of answer that it wants.
    """

    units: tuple[Unit, ...]
    kinds: tuple[AnswerKind, ...]
    times: bool
    measures: tuple[Measure, ...] = ()
    wants: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Judgement:
    """How well an item answers: `title` is the share of its title (or of another way to ask) that the question names."""

    score: float
    is_enough: bool
    title: float


NOT_AT_ALL = Judgement(0.0, False, 0.0)


def _weight(word: str, part: str) -> float:
    """How much a Chinese word says about what a question is about, by its part of speech and its length; 0: nothing."""
    if word in _LIGHT or (len(word) == 2 and word[0] in "不没" and word[1] in _LIGHT):
        return 0.0
    weight = _PARTS.get(part, 0.0 if part in "mrd" else _PARTS.get(part[:1], 0.0))
    return weight * (0.6 if len(word) == 1 else min(1.0 + 0.1 * (len(word) - 2), 1.3))


def _chinese_units(run: str) -> list[Unit]:
    """Units of a run of Chinese characters: members of synonym groups where they are words, and what else carries meaning."""
    tokens = [(word, tag) for word, tag in rjieba.tag(run)]
    starts: list[tuple[int, int, str]] = []
    at = 0
    for word, tag in tokens:
        starts.append((at, at + len(word), tag))
        at += len(word)
    inside = {place: (begin, end) for begin, end, _tag in starts for place in range(begin, end)}
    found: list[Unit] = []
    ends: dict[int, str] = {}
    taken = [False] * len(run)
    at, places = 0, known_places(run)
    while at < len(run):
        size = places.get(at, 0)
        if size:
            begin, end = inside[at]
            names = names_of(run[at : at + size]) - asking_names()
            longer = begin <= at and at + size <= end and end - begin > size and end - begin > 2
            if longer and rjieba.has_word(run[begin:end]):
                # 保修期 is about 保修; 快递员 is not about 快递.
                size = size + 1 if begin == at and end == at + size + 1 and run[end - 1] in _SUFFIXES else 0
        if size:
            word = run[at : at + size]
            if names:
                found.append(Unit(word, 1.0 if size > 1 else 0.5, names))
                if size > 1 and word[-1] not in _DONE:
                    ends[at + size] = word
            taken[at : at + size] = [True] * size
        at += size or 1
    for begin, end, tag in starts:
        whole = run[begin:end]
        if len(whole) > 1 and not any(taken[begin:end]) and rjieba.has_word(whole):
            parts = [(whole, tag)]
        else:  # a guess of the segmenter, or what a synonym left of a word: its characters one by one
            parts = [(char, "v") for place, char in enumerate(whole, begin) if not taken[place]]
            parts = [(whole, tag)] if len(whole) == len(parts) == 1 else parts
        before = begin if len(whole) == 1 else next((one for one in range(begin, end) if not taken[one]), begin)
        for word, part in parts:
            if len(word) == 1 and word in _HEADS and before in ends and run[before] == word:
                # 净水节 and 快递员 are other things than 净水 and 快递.
                base = ends[before]
                found = [replace(one, weight=one.weight / 2) if one.word == base else one for one in found]
                found.append(Unit(base + word, 0.9, is_whole=True))
                continue
            weight = _weight(word, part)
            if weight:
                if len(word) > 1:
                    ends[end] = word
                inner = frozenset(concepts_of(word)) - asking_names() if len(word) > 1 else frozenset()
                found.append(Unit(word, weight, frozenset(), inner, is_place=part == "ns"))
    return found


def _latin_units(clause: str) -> list[Unit]:
    found = []
    words = re.findall(r"[a-z0-9'+_-]+", clause)
    at = 0
    while at < len(words):
        for size in (3, 2, 1):
            names = names_of(" ".join(words[at : at + size])) if at + size <= len(words) else frozenset()
            if names:
                break
        else:
            size, names = 1, names_of(stem(words[at]))
        word = " ".join(words[at : at + size])
        at += size
        if names and names <= asking_names():
            continue
        plain = word.replace("'", "")
        word = word.removesuffix("'s")
        if plain in _LIGHT or plain.isdigit() or len(plain) < 2:
            continue
        found.append(Unit(_singular(stem(word)) if size == 1 else word, 1.0, names - asking_names()))
    return found


def _singular(word: str) -> str:
    """A short word of several without their s (tins), which is too short to be stemmed; texts are searched for words that begin with it."""
    return word[:-1] if len(word) == 4 and word[-1] == "s" and word[-2] not in "siu" else word


def _english_clauses(plain: str) -> list[str]:
    """The clauses of an English question; what stands under an “if” is apart from what is asked."""
    apart = re.sub(r"(\bif\b[^?]*?)\s+(?=(?:how|what|when|where|can|do|does|will)\b)", r"\1;", plain)
    return [one for one in re.split(r"[.!?;,]+(?:\s+|$)|;|\s[-–—]\s", apart) if one.strip()] or [plain]


@lru_cache(maxsize=4096)
def kinds_wanted(plain: str) -> tuple[AnswerKind, ...]:
    """The kinds of answer that a normalised question or title wants."""
    return tuple(kind for kind in KINDS if kind.asked.search(plain))


@lru_cache(maxsize=512)
def taken_apart(plain: str) -> Question:
    """What a normalised question is about and which kinds of answer it wants. Clauses that ask nothing count less than those that do."""
    times = bool(_MOMENTS.search(plain))
    parts = [one for one in _CLAUSES.split(plain) if one] if CHINESE.search(plain) else _english_clauses(plain)
    measures = [measures_wanted(one) for one in parts]
    asking = [bool(asked) or bool(_asks(one)) for one, asked in zip(parts, measures, strict=True)]
    left = [_less(clause, asked) for clause, asked in zip(parts, measures, strict=True)]
    # What is asked as a quantity is held as that quantity or not at all.
    kinds = kinds_wanted(" ".join(left) if any(measures) else plain)
    if any(measures) and not re.search(r"(?:^|know |tell me |[,.;] ?)when\b", plain):  # how heavy is it when packed
        kinds = tuple(kind for kind in kinds if kind.name != "when" or CHINESE.search(plain))
    units: dict[str, Unit] = {}
    seen: set[str] = set()
    for clause, asks in sorted(zip(left, asking, strict=True), key=lambda pair: not pair[1]):
        share = 1.0 if asks or not any(asking) else 0.4
        bare = _without(_MOMENTS, _ASKING_END.sub("", clause))
        for kind in kinds:
            bare = _without(kind.asked, bare)
        for unit in [one for run in CHINESE.findall(bare) for one in _chinese_units(run)] + _latin_units(bare):
            if unit.word in units or unit.names & seen:  # the same thing in other words counts once
                continue
            seen |= unit.names
            units[unit.word] = replace(unit, weight=unit.weight * share)
    asked = tuple(one for some in measures for one in some)
    return Question(tuple(units.values()), kinds, times, asked, _wants(plain, asked))


def _less(clause: str, measures: Sequence[Measure]) -> str:
    """A clause without the words that ask for quantities, and without what makes an ability of the verb before them (耐得住多少度)."""
    for measure in measures:
        clause = measure.left(clause)
    return _ABLE.sub("", clause) if measures else clause


def _wants(plain: str, measures: Sequence[Measure]) -> frozenset[str]:
    """Names of the kinds of answer and of the quantities that a normalised question or title wants."""
    return frozenset(kind.name for kind in kinds_wanted(plain)) | {measure.name for measure in measures}


def _without(pattern: re.Pattern[str], clause: str) -> str:
    """A clause without the words that a pattern finds, save those inside a longer name of a thing: 开到几点 is the opening hours, and wants a time."""
    known: list[tuple[int, int]] = []
    at, places = 0, known_places(clause)
    while at < len(clause):
        size = places.get(at, 0)
        if size and names_of(clause[at : at + size]) - asking_names():
            known.append((at, at + size))
        at += size or 1

    def left(match: re.Match[str]) -> str:
        begin, end = match.span()
        inside = any(one <= begin and end <= other and end - begin < other - one for one, other in known)
        return match.group(0) if inside else _kept(match.group(0))

    return pattern.sub(left, clause)


def _kept(words: str) -> str:
    """What stays of the words that ask for a kind of answer: nouns that also say what about (价格, 电话)."""
    return "".join(one for one in ("电话", "热线", "hours") if one in words).join((" ", " "))


_LATIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_ASKS = re.compile(
    r"[吗么嘛呢不没伐啵咩]$|[吗么呢]|几|多[少久长重大]|怎|咋|如何|什么|啥|哪|谁|能否|可否|是否|(.)[不没]\1|可以|能|行不|要不|有没|求"
)


def _asks(clause: str) -> bool:
    return bool(_ASKS.search(clause))


def _begins(word: str, text: str) -> bool:
    """Whether a Latin word, or one that begins with it, stands in a text."""
    at = text.find(word)
    while at > 0 and text[at - 1] in _LATIN:
        at = text.find(word, at + 1)
    return at >= 0


def _apart(first: str, last: str, text: str) -> bool:
    """Whether a text has one or two characters between the two parts of a word (退了货)."""
    at = text.find(first)
    while at >= 0:
        end = at + len(first)
        for gap in (1, 2):
            if text.startswith(last, end + gap) and "\n" not in text[end : end + gap]:
                return True
        at = text.find(first, at + 1)
    return False


def _covered(unit: Unit, text: str, mentioned: AbstractSet[str]) -> float:
    """How well a text says a unit (0..1): by itself or in other words 1, less where only parts of it are there."""
    word = unit.word
    if answered_by(unit.names) & mentioned:
        return 1.0
    if word.isascii():
        return 1.0 if _begins(word, text) else 0.0
    if word in text:
        return 1.0
    if unit.parts & mentioned:
        return 0.5
    if len(word) == 2 and word[1] in _DONE and word[0] in text:
        return 0.8
    if len(word) == 2 and _apart(word[0], word[1], text):
        return 0.8
    if len(word) > 2:
        if _apart(word[:-1], word[-1], text):
            return 0.8
        if unit.is_whole:
            return 0.0
        pairs = [word[at : at + 2] for at in range(len(word) - 1)]
        share = sum(pair in text for pair in pairs) / len(pairs)
        return 0.7 * share
    return 0.0


def _of_goods(unit: Unit, text: str, share: float) -> float:
    """How well a text that tells figures says a unit: 乳胶手套 are 乳胶浸渍手套, and 线手套 are other gloves than 皮手套."""
    word = unit.word
    if share >= 0.7 or word.isascii():
        return share
    if len(word) == 2 and word[1] in "子儿" and word[0] in text:  # 杆子 of 杆高1.2米
        return 0.8
    if len(word) > 2:
        cuts = [(word[:at], word[at:]) for at in range(1, len(word))]
        return 0.8 if any(len(one) > 1 < len(other) and one in text and other in text for one, other in cuts) else 0.0
    return share


def is_of_others(question: Question, plain: str, text: str, titles: Sequence[str]) -> bool:
    """Whether a normalised question for a quantity names by a word or a figure of its title what another item is about, and this text is not."""
    there = concepts_of(text)
    for unit in question.units:
        if len(unit.word) > 1 and max(_covered(unit, text, there), _of_goods(unit, text, 0.0)) < 0.7:
            if any(_covered(unit, title, concepts_of(title)) >= 0.7 for title in titles):
                return True
    its = set(_LABELS.findall(text))
    return any(
        label not in its and any(label in _LABELS.findall(one) for one in titles) for label in _LABELS.findall(plain)
    )


def judged(
    question: Question,
    heads: Sequence[str],
    asked: str,
    said: str,
    rarity: Mapping[str, float],
    goods: Collection[str] = (),
) -> Judgement:
    """How well an item answers a question, and whether that is enough.

    :param heads: its title and other ways to ask. :param asked: the same with its products. :param said: what it says.
    :param rarity: how much a word tells things apart on this shelf (0..1), for words that are known there.
    :param goods: what the shelf calls its goods: to name one answers nothing that is asked about it.
    """
    text = f"{asked}\n{said}"
    if any(kind.strict and not kind.held.search(text) for kind in question.kinds):
        return NOT_AT_ALL
    if question.measures and not any(one.is_in(text) for one in question.measures):
        return NOT_AT_ALL
    there, above = concepts_of(text), concepts_of(asked)
    of_figures = any(is_sheet(head, said) for head in heads[:1])
    by_name = of_figures or bool(question.measures)
    total = held = named = beside = told = 0.0
    words = 0
    for unit in question.units:
        share = _covered(unit, text, there)
        if question.measures:
            share = _of_goods(unit, text, share)
        weight = 1.0 if unit.is_place and share == 1.0 else unit.weight * rarity.get(unit.word, 1.0)
        total += weight
        held += weight * share
        words += share >= 0.7
        if not (_is_of(unit.word, goods) or (by_name and _covered(unit, asked, above) >= 0.7)):
            beside, told = beside + unit.weight, told + unit.weight * share
        if share > 0:
            named += weight * _covered(unit, asked, above)
    if not total:
        return NOT_AT_ALL
    for kind in question.kinds:
        fits = bool(kind.held.search(text))
        total, held, words = total + 0.5, held + 0.5 * fits, words + (fits and words > 0)
        beside, told = beside + 0.5, told + 0.5 * fits
    if question.measures:
        total, held, words = total + MEASURE, held + MEASURE, words + (words > 0)
        beside, told = beside + MEASURE, told + MEASURE
    if question.times and not question.kinds:
        total += 0.3
        held += 0.3 * bool(_ABOUT_TIME.search(text))
    title = _title_share(question, heads)
    score = held / total + TITLE * title
    alone = len(question.units) == 1 and held >= 0.99 * total and words == 1 and not question.units[0].names
    of_goods_only = bool(goods or by_name) and beside > 0 and told <= BESIDE * beside
    if of_goods_only and title and not of_figures:  # 冰箱保修多久 is all about what 冰箱坏了能保多久 asks
        of_goods_only = _title_share(question, heads, beside=goods) < NAMED
    enough = (
        score >= ENOUGH
        and not of_goods_only
        and (named > 0 or words >= 2 or (alone and question.units[0].weight >= 1.0))
    )
    return Judgement(score, enough, title)


@lru_cache(maxsize=4096)
def is_sheet(title: str, said: str) -> bool:
    """Whether a text is a list of figures about the goods that its title names, so that to name them answers nothing that is asked about them."""
    opening = (clauses(said) or ("",))[0]
    if kinds_wanted(title) or _asks(title):
        return False
    units, there = _title_units(title), concepts_of(opening)
    return bool(units) and figures(said) >= FIGURES and all(_covered(one, opening, there) >= 0.7 for one in units)


@lru_cache(maxsize=4096)
def _title_units(title: str) -> tuple[Unit, ...]:
    units = [unit for run in CHINESE.findall(title) for unit in _chinese_units(run)] + _latin_units(title)
    return tuple(unit for unit in units if unit.word not in _TITLE_WORDS)


def _named(unit: Unit, words: str, mentioned: AbstractSet[str], verbs: set[str]) -> float:
    """How far a question names a unit of a title; 能退吗 names 退货 by its verb."""
    share = _covered(unit, words, mentioned)
    return max(share, 0.8) if len(unit.word) == 2 and unit.word[0] in verbs else share


def left_out(head: str, text: str) -> list[Unit]:
    """What a normalised title names, and a normalised text does not say in any words."""
    mentioned = concepts_of(text)
    verbs = set(_verbs(text))
    return [
        unit
        for unit in taken_apart(head).units
        if unit.word not in _TITLE_WORDS
        and _named(unit, text, mentioned, verbs) < 0.5
        and not (len(unit.word) == 2 and unit.word[1] in verbs)  # 租借 is said by 借
    ]


@lru_cache(maxsize=1024)
def _verbs(text: str) -> frozenset[str]:
    """Verbs of one character in a text."""
    return frozenset(unit.word for unit in taken_apart(text).units if len(unit.word) == 1)


def _is_of(word: str, goods: Collection[str]) -> bool:
    """Whether a word names goods, or a part of their name."""
    return len(word) > 1 and any(word in one or one in word for one in goods)


def _title_share(question: Question, heads: Sequence[str], *, beside: Collection[str] = ()) -> float:
    """The best share, over title and other ways to ask, of what they name (`beside` the names of goods) that the question names too."""
    words = " ".join(unit.word for unit in question.units)
    mentioned = {name for unit in question.units for name in unit.names | unit.parts}
    verbs = {unit.word for unit in question.units if len(unit.word) == 1}
    best = 0.0
    for line in heads:
        units = [unit for unit in _title_units(line) if not _is_of(unit.word, beside)]
        # 冰箱能用多少年 says more than 冰箱: a title that wants a kind of answer is named in full by who wants it too.
        wanted = _wants(line, measures_wanted(line))
        other = KIND if wanted and not wanted & question.wants else 0.0
        whole = sum(unit.weight for unit in units)
        if whole:
            whole += other
            best = max(best, sum(unit.weight * _named(unit, words, mentioned, verbs) for unit in units) / whole)
    return best


def names(question: Question, name: str) -> bool:
    """Whether a question names something, such as a matter, by a word of its name (退货 of 退货退款)."""
    words = " ".join(unit.word for unit in question.units)
    mentioned = {one for unit in question.units for one in unit.names}
    return any(_covered(unit, words, mentioned) >= 0.8 for unit in _title_units(normalise(name)))
