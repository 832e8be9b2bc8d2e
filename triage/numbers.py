"""Which words of a message answer which number of a list: “1好 2改周六”, “2、3没问题，1还要等”, “都好”. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

YES = re.compile(
    r"^(好的?|行|可以?|没(?:有)?问题|ok|okay|yes|good|fine|嗯|收到|同意|能去|√|✓)[的了啦呢哈~～。.!！\s]*$", re.I
)
DONE = re.compile(
    r"^(好了|完成了?|(?:弄|修|装|办|处理|搞)好了|已完成|搞定了?|done|finished|completed)[~～。.!！\s]*$", re.I
)
#: It has to wait, and nobody says until when.
WAITS = re.compile(
    r"^(?:(?:还|再|要|得|需|先|暂时|估计)*等(?:一?等|一下|通知|消息|着)?|还?没(?:好|到|完|弄好|修好|装好|消息|结果)|不急"
    r"|not (?:yet|ready|done)(?: yet)?|(?:still )?needs? to wait|(?:still )?waiting|has to wait|later)[呢的吧了~～。.!！\s]*$",
    re.I,
)
_JOINED = re.compile(r"\s*(?:、|，|,|和|跟|与|及|&|\band\b)\s*")
_MARK = re.compile(
    # One number, or several in a row, at the beginning of what is said about them. What follows must not make it a date, an hour, a count.
    r"(?:^|(?<=[\s,，;；。、.\n]))\s*(?:第)?"
    r"(?P<numbers>\d{1,2}(?:\s*(?:、|，|,|和|跟|与|及|&|\band\b)\s*\d{1,2}(?!\d))*)"
    r"\s*(?:号单|项|条|[、.．:：)）])?+\s*(?!周(?![一二三四五六日天末]))(?![\d点号月日天个件台张次年小分楼层人位名套箱块元:：/\-~～—–])(?=\S)"
    r"|(?:^|(?<=[\s,，;；。、\n]))\s*(?P<rest>(?:其他|其它|其余|剩下|余下)的?(?:几?[个项单条])?|the (?:rest|others?)|others)\s*(?=\S)",
    re.I,
)
_RANGE = re.compile(
    r"(?<!\d)(\d{1,2})\s*[-~～—–到至]\s*(\d{1,2})(?=\s*(?:都|全|均|好|行|可以|没问题|完成|ok\b|done\b|are\b))", re.I
)
_ALL = re.compile(
    r"^(?:以上)?(?:都|全部都?|全都?|均|所有的?都?|统统|all(?: of (?:them|it))?(?: are| is)?)\s*(?P<words>.+)$", re.I
)
_BOTH = re.compile(r"^(?:都|全都?|均|both|all|are|is)(?:\s+|(?=[^a-zA-Z\s]))", re.I)
_ORDINAL = re.compile(r"第\s*(\d{1,2}|[一二三四五六七八九十])\s*(?:个|项|条|号单|单(?!元))")
_GLUED = re.compile(
    r"(?<=[好行了嗯以题])(?=[1-9]\d?(?:改|换|推|延|好|行|可以|没问题|完成|搞定|还|周[一二三四五六日天]))"
)
_HANZI = "一二三四五六七八九十"


def split_by_number(text: str, known: Collection[int] = ()) -> dict[int, str]:
    """“1好 2改周六” as number → words; empty where the text is not such an answer.

    :param known: the numbers of the list: “其他” and “都” mean those.

    >>> split_by_number("1好 2改周六")
    {1: '好', 2: '改周六'}
    >>> split_by_number("1、修好了，2 周六上午")
    {1: '修好了', 2: '周六上午'}
    >>> split_by_number("2、3没问题，1还要等")
    {2: '没问题', 3: '没问题', 1: '还要等'}
    >>> split_by_number("都好", known=[1, 2])
    {1: '好', 2: '好'}
    >>> split_by_number("师傅19号上午可以 我9点半到")
    {}
    """
    plain = _plain(text)
    whole = _ALL.match(plain)
    if whole is not None and (YES.match(whole["words"]) or DONE.match(whole["words"])):
        return dict.fromkeys(sorted(known), whole["words"].strip())
    marks = list(_MARK.finditer(plain))
    if not marks or marks[0].start() != 0 or all(mark["rest"] for mark in marks):
        return {}
    found: dict[int, str] = {}
    rest = ""
    for place, mark in enumerate(marks):
        end = marks[place + 1].start() if place + 1 < len(marks) else len(plain)
        words = plain[mark.end() : end].strip(" \n\t,，;；。、")
        numbers = [int(one) for one in _JOINED.split(mark["numbers"])] if mark["numbers"] else []
        if len(numbers) > 1 or mark["rest"]:
            words = _BOTH.sub("", words, count=1)
        if (
            not words
            or (rest and mark["rest"])
            or 0 in numbers
            or found.keys() & set(numbers)
            or len(set(numbers)) < len(numbers)
        ):
            return {}
        rest = words if mark["rest"] else rest
        found.update(dict.fromkeys(numbers, words))
    if rest:
        found.update({number: rest for number in sorted(known) if number not in found})
    return found


def is_about_all(text: str) -> bool:
    """Whether a text takes a whole list without naming a number: it is an answer only to the last thing that was asked."""
    whole = _ALL.match(_plain(text))
    return whole is not None and bool(YES.match(whole["words"]) or DONE.match(whole["words"]))


def _plain(text: str) -> str:
    """A text with its numbers as plain digits, each beginning a word: ① and 第一个 are 1, “1好2改” is two answers, “1-3” is three numbers."""
    plain = re.sub("[①-⑳]", lambda mark: f" {ord(mark[0]) - ord('①') + 1}", text)
    plain = _ORDINAL.sub(lambda mark: f" {_HANZI.index(mark[1]) + 1 if mark[1] in _HANZI else mark[1]}号单", plain)
    plain = _RANGE.sub(_spelt_out, plain)
    if re.match(r"\s*\d", plain):
        plain = _GLUED.sub(" ", plain)
    return plain.strip()


def _spelt_out(span: re.Match[str]) -> str:
    first, last = int(span[1]), int(span[2])
    return "、".join(str(number) for number in range(first, last + 1)) if 0 < first < last else span[0]
