"""Which case is meant: by names, order numbers, what was asked and where; never by recency alone. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

TITLES = "女士|先生|小姐|阿姨|叔叔|老师|店长|厂长|经理|师傅|妈妈|爸爸|奶奶|爷爷|姐|哥|总|太太|家长"
_TITLE = re.compile(rf"({TITLES})$")
_ORDER = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Za-z]{1,5}[-#]?\d{2,}(?:-\d+)*|\d{3,}(?:-\d{2,})+|\d{5,})(?![A-Za-z0-9])"
    r"|(?:(?<=工单)|(?<=单号)|(?<=订单)|(?<=编号)|(?<=单子)|(?<=票号)|(?<=房号)|(?<=#))\s?\d{3,4}(?!\d)"
    r"|(?<![\dA-Za-z])\d{3,4}(?=[\u4e00-\u9fff]{1,3}(?:先生|女士|小姐|太太|阿姨|老师|总|家|那单|这单|那户|那票))"
)
_STOP = frozenset(
    [
        "那单",
        "这单",
        "建议",
        "一下",
        "客户",
        "麻烦",
        "可以",
        "什么",
        "时候",
        "我们",
        "你们",
        "他们",
        "她家",
        "他家",
        "照片",
        "已经",
        "的话",
        "等检",
        "检修",
        "安排",
        "需要",
        *[
            "那单",
            "这个",
            "那个",
            "毫米",
            "厘米",
            "公分",
            "公斤",
            "分钟",
            "小时",
            "今天",
            "明天",
            "后天",
            "今晚",
            "上午",
            "下午",
            "行不",
            "不行",
            "可不",
            "请他",
            "请她",
            "的图",
            "图样",
            "图片",
            "清楚",
            "也请",
            "他今",
            "她今",
            "给个",
            "个话",
            "确认",
            "认一",
            "回个",
            "在这",
            "这里",
            "谢谢",
            "您好",
            "就行",
            "有结",
            "结果",
            "果在",
            "里回",
            "回复",
            "复我",
            "方便",
        ],
    ]
)

#: English words that stand in any sentence and tell nothing of a matter.
_STOP_ENGLISH = frozenset(
    re.findall(
        r"\w+",
        """
        the and for with from this that these those you your yours her his him she they them their our ours its are was were has have had can could will would should
        may might must does did not but all any one two both now just also too out get got let know here there when what which who whom how why where please pls thanks
        thank hello today tomorrow tonight ask tell need want like make sure about into onto over than then some more most very really still again only same other been
        being once after before while until soon well yes yeah yep fine okay don didn doesn isn aren wasn won couldn off per via such
        """,
    )
)
#: The ending of several: labels, glasses.
_SEVERAL = re.compile(r"(?<=[a-z]{3})(?:(?<=ss|sh|ch)es|(?<=x)es|(?<![sui])s)$")

#: What is told apart from what is meant: 跟城东那台不是一回事，别弄混.
_CONTRASTED = re.compile(
    r"(跟|和|同|与|不是)[^，,。；;]{1,20}?(千万|可)?(不是?一(码|回)事|两(码|回)事|不一样|没关系|无关|(别|莫|不要)[搞弄整说搅][混串错一])"
    r"|(别|莫|不要|甭)(跟|和|同|与|把)[^，,。；;]{1,16}[搞弄整说搅记认][混串错]"
    r"|\b(not (to be )?|don'?t )(mix(ed)? (it |this |that |them )?up|confused?( it| this| that)?) with\b.{1,40}|\b(nothing to do with|(that'?s )?different from) (the |mr|mrs|ms|miss)\b.{1,40}",
    re.I,
)
#: Ends a sentence that was all about the other one: 河东那位的镜子是她自己碰掉的，别搞混了.
_MIXED_UP = re.compile(
    r"[，,](可|你们?|千万|两家|两个|这?俩)*(别|莫|不要|甭)(给)?[搞弄整说记认][混串错岔](了|淆)?[啊哈呀哦]?\s*$"
)
#: After it the words go on about the other one, until they come back.
_COMES_BACK = re.compile(r"\W*(这|咱这|本|我说的(这|是)|回到|this one|ours)", re.I)
#: A further sentence that still speaks of the other one.
_STILL_OTHER = re.compile(r"\W*(那|人家|它|他那|她那|that one|theirs)", re.I)
#: What a matter is called: 谭工支架那单, 儿童房书桌那个.
_CALLED = re.compile(r"([\u4e00-\u9fff]{2,8}?)[那这](?:单|批|件|台|套|份|笔|个|张)")
#: The words in which an answer is asked for: they tell no case from another.
_ASKS_BACK = re.compile(
    r"(也|就|还)?(请|让|麻烦|叫)(他|她|您|客户)?(们)?(今天|明天|今晚|尽快|尽早|抓紧)?[^，,。]{0,2}(定|确认|回复|回个话|选|拍板)(一?下|下来)?"
)


@dataclass(frozen=True)
class CaseView:
    """What is known about a case when a message is matched to it.

    `names` are those of its customer's people, `labels` its order numbers, `words` texts that describe it: its open needs, the names of its
    conversations, its flow.
    """

    ref: str
    names: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    is_open: bool = True
    in_conversation: bool = False
    has_open_wait_on_sender: bool = False


@dataclass(frozen=True)
class Match:
    """The case that is meant, with how sure that is (0..1). `rivals` are cases that fit about as well."""

    ref: str | None
    confidence: float
    rivals: tuple[str, ...] = ()
    scores: dict[str, float] = field(default_factory=dict)

    @property
    def certain(self) -> bool:
        """Whether one case, and no other, is meant."""
        return self.ref is not None and self.confidence >= 0.6


def folded(text: str) -> str:
    """Text as it is compared."""
    return unicodedata.normalize("NFKC", text).lower()


def contrasted(text: str) -> list[str]:
    """The clauses of a text that speak of another matter, only told apart from the one that is meant: 跟浦东那台不是一回事，那台自费380."""
    found: list[str] = []
    beside = False
    for number, sentence in enumerate(re.split(r"[。！!\n]+|(?<=[a-z])\.\s+", text)):
        beside = (beside and bool(_STILL_OTHER.match(sentence))) or bool(number and _MIXED_UP.search(sentence))
        for clause in re.split(r"[，,；;]\s*", sentence):
            beside = (beside and not _COMES_BACK.match(clause)) or bool(_CONTRASTED.search(clause))
            if beside and clause.strip():
                found.append(clause.strip())
    return found


def without_contrasted(text: str) -> str:
    """A text without what it says of another matter; the whole where nothing else is said."""
    rest = text
    for clause in contrasted(text):
        rest = rest.replace(clause, " ")
    return rest if len(re.sub(r"[\W_]+", "", rest)) >= 4 else text


def order_numbers(text: str) -> tuple[str, ...]:
    """Order numbers and the like that a text names, as written, in order."""
    return tuple(
        dict.fromkeys(match.group(0).strip().upper() for match in _ORDER.finditer(unicodedata.normalize("NFKC", text)))
    )


def stem(name: str) -> str:
    """A name without its title: 诺诺妈妈 → 诺诺, Mrs Carter → carter. Empty where only a family name would be left."""
    plain = folded(name)
    plain = re.sub(r"^(mrs?|ms|miss|dr)\.?\s+", "", plain)
    bare = _TITLE.sub("", plain)
    if re.search(r"[\u4e00-\u9fff]", bare):
        return bare if len(bare) >= 2 else ""
    return bare if len(bare) >= 3 else ""


def bigrams(text: str) -> set[str]:
    """Pairs of neighbouring Chinese characters, and Latin words (of one and of several alike), that carry meaning."""
    plain = _ASKS_BACK.sub(" ", folded(text))
    words = re.findall(r"[a-z][a-z0-9+]{2,}", plain)
    found = {_SEVERAL.sub("", word) for word in words if word not in _STOP_ENGLISH}
    for run in re.findall(r"[\u4e00-\u9fff]+", plain):
        found.update(run[i : i + 2] for i in range(len(run) - 1))
    return {gram for gram in found if gram not in _STOP}


def name_score(text: str, name: str) -> float:
    """How clearly a folded text names somebody: 4 in full, 3 in short, 0 not."""
    plain = folded(name)
    if not plain:
        return 0.0
    if plain in text:
        return 4.0
    short = stem(name)
    if short and short in text:
        return 3.0
    words = [word for word in re.findall(r"[a-z]{3,}", plain) if word not in ("mrs", "miss")]
    if any(re.search(rf"(?<![a-z]){word}(?![a-z])", text) for word in words):
        return 3.0
    # 吴阿姨 is also 吴: only together with 家 or 那单.
    if re.match(r"[\u4e00-\u9fff]", plain) and re.search(
        rf"{plain[0]}(?:{TITLES}|生(?=[那这嗰呢家话]|[，,。\s]|$))", text
    ):
        return 3.0
    return 0.0


#: Characters that stand in any sentence and tell nothing of a matter.
_ANYWHERE = frozenset(
    "的了是请不一个在有到和与或时户师上人你我他她它们出回还这那吧啊呢吗嘛哈呀哦就都也要可以能会行好没对把给让叫用做去来再下中里外前后先说看拍发定"
    "确认等收客天号点今明周月日年二三四五六七八九十两几多少只件张份单成改换高低大小新老家什么怎样得过跟从被比更最很太第些次照片图"
)


def characters(text: str) -> set[str]:
    """The Chinese characters of a text that may tell what it is about."""
    return set(re.findall(r"[\u4e00-\u9fff]", text)) - _ANYWHERE


def touches(text: str, need: str) -> bool:
    """Whether a text speaks of what is needed: by two neighbouring characters or a Latin word, or by two characters of a thing called in short."""
    return bool(bigrams(text) & bigrams(need)) or len(characters(text) & characters(need)) > 1


def _grams(case: CaseView) -> set[str]:
    return bigrams(" ".join(case.words))


def _told_in_short(text: str, cases: Sequence[CaseView]) -> dict[str, float]:
    """What single characters say where a thing is called in short: 袋子绳 of 手提袋 and 提绳. One alone may be chance."""
    said = characters(text)
    found = {case.ref: characters(" ".join(case.words)) & said for case in cases}
    spread = Counter(char for own in found.values() for char in own)
    alone = {ref: sum(spread[char] == 1 for char in own) for ref, own in found.items()}
    return {ref: min(1.5, 0.5 * count) if count > 1 else 0.0 for ref, count in alone.items()}


#: What is wrong with things of any kind (卡住, 漏水): between namesakes it tells little.
_SYMPTOM = re.compile(r"[卡漏渗响裂堵断坏松掉烂碎歪翘晃抖]")


def score(
    text: str, case: CaseView, said: set[str], mine: set[str], spread: Mapping[str, int], *, loosely: bool = False
) -> float:
    """How well a text fits a case. What all cases share tells them apart in nothing and counts little.

    :param said: the pairs of characters of the text. :param mine: those of the case's words.
    :param spread: for what was said, in how many of the cases in reach it stands. :param loosely: whether a symptom alone tells little: whoever sends
        the customer's people somewhere says what is broken of any of them.
    """
    plain = folded(text)
    total = max((name_score(plain, name) for name in case.names), default=0.0)
    for label in case.labels:
        short = re.sub(r"^\D+", "", label)
        if folded(label) in plain:
            total += 5.0
            break
        if len(short) >= 3 and re.search(rf"(?<!\d){re.escape(short)}(?!\d)", plain):
            total += 4.0
            break
    # 衣柜那单: what a matter is called by whoever means it.
    called = {gram for name in _CALLED.findall(text) for gram in bigrams(name)}
    total += min(8.0, 4.0 * len({gram for gram in called & mine if spread.get(gram, 0) == 1}))
    own = said & mine
    elsewhere = {gram for gram in said if spread.get(gram, 0) > (gram in mine)}
    weak = {gram for gram in own - elsewhere if loosely and _SYMPTOM.search(gram)}
    total += min(4.0, 1.5 * len(own - elsewhere - weak) + 0.4 * len(weak)) + min(0.5, 0.1 * len(own & elsewhere))
    # What tells another case and not this one speaks against this one.
    against = {gram for gram in elsewhere - mine if not (loosely and _SYMPTOM.search(gram))}
    total -= min(3.0, 1.0 * len(against))
    if case.in_conversation:
        total += 1.0
    if case.has_open_wait_on_sender:
        total += 0.5
    if not case.is_open:
        total -= 1.0
    return total


def match_case(text: str, cases: Sequence[CaseView], *, must_be_named: bool = False) -> Match:
    """The case that a text means among those in reach.

    :param must_be_named: where the conversation does not tell (internal and partner groups), a case has to be named, unless only one is
        in reach.
    """
    if not cases:
        return Match(None, 0.0)
    text = without_contrasted(text) if len(cases) > 1 else text
    said = bigrams(text)
    grams = {case.ref: _grams(case) for case in cases}
    spread = Counter(gram for own in grams.values() for gram in own & said)
    # A customer calls their own things in short; a partner's loose words may fit anybody.
    short = _told_in_short(text, cases) if len(cases) > 1 and not must_be_named else {}
    scores = {
        case.ref: score(text, case, said, grams[case.ref], spread, loosely=must_be_named) + short.get(case.ref, 0.0)
        for case in cases
    }
    ranked = sorted(cases, key=lambda case: -scores[case.ref])
    best = ranked[0]
    numbers = order_numbers(text)
    if len(ranked) == 1:
        if must_be_named and scores[best.ref] < 1.4:
            return Match(best.ref, 0.55, scores=scores)
        foreign = numbers and best.labels and not any(
            folded(n) in map(folded, best.labels) or any(n.endswith(re.sub(r"^\D+", "", x)) for x in best.labels)
            for n in numbers
        )  # fmt: skip
        if foreign and scores[best.ref] < 3 and must_be_named:
            return Match(best.ref, 0.5, scores=scores)
        return Match(best.ref, 0.9, scores=scores)
    gap = round(scores[best.ref] - scores[ranked[1].ref], 3)
    if gap >= 1.0 and (scores[best.ref] >= 1.4 or not must_be_named):
        return Match(best.ref, min(0.95, 0.6 + gap / 10), scores=scores)
    near = tuple(case.ref for case in ranked[1:] if scores[best.ref] - scores[case.ref] < 1.0)
    if must_be_named and scores[best.ref] < 1.4:
        return Match(None, 0.2, rivals=(best.ref, *near), scores=scores)
    return Match(best.ref, 0.4, rivals=near, scores=scores)
