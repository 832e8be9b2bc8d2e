"""What a customer's words say about one thing that we asked them: which option, whether it is about the matter at all. Pure."""

from __future__ import annotations

import re

from triage.matching import bigrams
from triage.phrases import ALL_OF_THEM

_OR = re.compile(r"\s*(?:或者?|还是|\bor\b|/|、)\s*", re.IGNORECASE)
_DOUBT = re.compile(
    r"[?？]|吗|会不会|怎么|是不是|要不|还是.{0,6}(好|吧)|考虑|琢磨|想想|商量|纠结|犹豫|不(确定|知道)|\b(maybe|not sure|should i)\b",
    re.I,
)
#: Whichever of them.
_ANY = re.compile(r"随便|任意|either|any of", re.I)
#: Needs that ask whether the matter itself is done: yes to them closes the case, yes to any other does not.
_IS_IT_DONE = re.compile(
    r"恢复|正常|解决|修好|弄好|装好|换好|处理好|完成|验收|满意|好了(没|吗)|可(以)?用|能用|试(一下|用|机)|效果|没(有)?(问题|毛病)|收到货|送到|不(晃|漏|响|堵|卡|跳|抖|闪|疼|松|滴|粘|臭|烫|晕)|(戴|穿|用|试|跑|住)(一|几|两)(天|下|周|晚|圈)"
    r"|\b(works?|working|fixed|resolved|solved|done|completed|accept(ed|ance)?|everything (is )?(ok|fine)|(whether|if) (it|they|that|the \w+)('s| is| are| has| have)? ?(still |now |really )?(quiet|gone|dry|tight|clean|clear|stable|steady|warm|cold|hot|smooth|level|straight|back|hold(s|ing)?|stay\w*|run(s|ning)?|stop(s|ped)?|drips?|dripping|leaks?|leaking|fits?|starts?|plays?|opens?|prints?|comes? back|good again|all right))\b",
    re.I,
)


def options_of(need: str) -> list[str]:
    """The options that a need offers (柜门颜色二选一：胡桃木 或 白橡 → 胡桃木, 白橡); empty where it offers none."""
    body = re.sub(r"^.*?[：:](?!\d)", "", need)
    found = [part.strip(" 。，,?？") for part in _OR.split(body)]
    return found if len(found) > 1 and all(found) else []


def chosen(need: str, text: str) -> str:
    """The one option of a need that a text takes, in the need's words; empty where it takes none, several, or only wonders."""
    options = options_of(need)
    if not options or _DOUBT.search(text) or ALL_OF_THEM.search(text) or _ANY.search(text):
        return ""
    said = bigrams(text)
    shared = {}
    for option in options:
        others: set[str] = set()
        for other in options:
            if other != option:
                others |= bigrams(other)
        shared[option] = len(said & (bigrams(option) - others))
    best = max(options, key=lambda option: shared[option])
    runner = max((count for option, count in shared.items() if option != best), default=0)
    if not shared[best] or runner >= shared[best]:
        return ""
    refused = re.search(rf"(不要|别|不选|不是|not)[^，,。 ]{{0,4}}{re.escape(best[:2])}", text)
    return "" if refused else best


def is_choice(need: str) -> bool:
    """Whether a need asks which of several, not whether."""
    return bool(options_of(need)) or bool(re.search(r"选(哪|一)|哪(一|两)?(款|种|个|套|色)|which", need, re.I))


def asks_whether_done(need: str) -> bool:
    """Whether a confirmation that is awaited is that the matter itself is done."""
    return bool(_IS_IT_DONE.search(need)) and not options_of(need)


def decided(need: str, text: str) -> str:
    """The act that a text agrees to where a need asks 换不换 or the like: 行吧 换 → 换; 不换了 → 不换. Empty where it says neither.

    Shorter texts only: whoever says more says something else as well.
    """
    asked = re.search(r"([\u4e00-\u9fff])不\1", need)
    if asked is None or len(text) > 16 or _DOUBT.search(text):
        return ""
    act = asked.group(1)
    if re.search(rf"(不|别|先不){act}", text):
        return f"不{act}"
    return act if re.search(rf"{act}(吧|了|呗|掉|呀|啊|哈|$)|(就|给我|帮我|可以|同意){act}", text) else ""


_TELL = re.compile(
    r"(?:说|告诉|讲|报|回|念)(?:一?下|给我们?|我们?|一声)?(?P<what>[^，,。？?]{1,18}?(?:什么|多少|几|哪)[^，,。？?]{0,4}|[^，,。？?]{0,12}(?:颜色|型号|号码|编号|尺寸|读数|数字|代码|状态))"
    r"|\b(?:tell|let) us (?:know )?(?P<thing>(?:what|which|how (?:many|much)|the) [\w ]{2,40})",
    re.I,
)


def asked_for(need: str) -> str:
    """What a need wants to be told once something is done (充完说一下指示灯是什么颜色 → 指示灯是什么颜色); empty where it wants nothing told."""
    found = _TELL.search(need)
    return (found["what"] or found["thing"] or "").strip() if found else ""
