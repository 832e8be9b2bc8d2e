"""Does a new wording say what the planned text says, and nothing else? Pure.

A model may choose words; facts are the plan's. What could change a fact (a number, a time, a promise, a demand, a denial, a name) must be the
same on both sides; where this cannot be told, the planned text stands. Rather ten good wordings refused than one new fact.
"""

from __future__ import annotations

import re
import unicodedata

from knowledge.privacy import detect
from triage import asks
from triage.statements import asks_something

#: A number with what it counts: 3点 is not 3张.
_NUMBER = re.compile(r"\d+(?:[.:：/\-]\d+)*\s*(?:%|[\u4e00-\u9fff]|[ap]\.?m\b)?", re.I)
_CHINESE_NUMBER = re.compile(
    r"[一二两三四五六七八九十百千万半几数]+\s*(?:个)?(?:多)?(?:工作日|天|日|号|小时|分钟|刻钟|点|周|星期|礼拜|月|年|元|块|折|倍|成|万|趟|遍|次|台|件|套|份)"
)
_TIME = re.compile(
    r"大后天|今天|明天|后天|昨天|前天|今晚|明晚|今早|明早|今日|明日|次日|当天|早上|上午|中午|下午|傍晚|晚上|凌晨|周[一二三四五六日天末]|星期[一二三四五六日天]|礼拜[一二三四五六日天]"
    r"|下个?周|本周|这周|下个?月|本月|月[初底]|年[初底]|工作日|节[前后]|之前|以前|之后|以后"
    r"|\b(?:today|tomorrow|tonight|yesterday|morning|noon|afternoon|evening|monday|tuesday|wednesday|thursday|friday|saturday|sunday|weekend|week|month|hour|minute"
    r"|january|february|march|april|june|july|august|september|october|november|december|before|after|until|within)s?\b",
    re.I,
)
#: Words that may only stand where the plan has them: haste, promises, money, fault, people, what is done with money or machines.
_ONLY_IF_PLANNED = re.compile(
    r"尽快|尽早|马上|立刻|立即|第一时间|随时|很快|即刻|稍后|优先|加急|全程|永久|终身|保证|承诺|一定|肯定|绝对|务必|确保|必须|放心|没问题|包您|免费|赠送|送您|优惠|折扣|红包|返现|积分|会员|补贴|补发|代金券"
    r"|赔|补偿|退款|退钱|退货|换货|换新|全额|差价|费用|收费|价格|负责|责任|过错|失误|疏忽|我们的错|我们的问题|投诉|法律|违约"
    r"|师傅|工程师|技术员|同事|专员|专人|经理|主管|领导|老板|合作方|服务商|厂家|厂商|总部|仓库|门店|财务|内部|系统|后台|机器人|人工智能|模型"
    r"|付款|支付|转账|打款|扫码|下载|点击|链接|拨打|致电|来电|电话|加微信|微信|公众号|小程序|断电|通电|拆开|拆下|拆机|拆|寄回|寄到|签字|签收|上门|到店|邮寄"
    r"|好评|五星|点赞|转发|已经|已为|完成|解决|修好|安排|批准|同意|通过|取消|确认"
    r"|\b(?:asap|soon|immediately|shortly|right away|guarantee\w*|promis\w*|definitely|certainly|surely|must|free|refund\w*|compensat\w*|discount\w*|voucher\w*|coupon\w*|gift"
    r"|fee|charge|price|responsib\w*|our fault|our mistake|technician|engineer|colleague|manager|supervisor|partner|supplier|warehouse|store|internal|system|pay\w*|transfer\w*"
    r"|click\w*|download\w*|install\w*|call\w*|scan\w*|unplug\w*|review|rating|already|done|complete\w*|resolv\w*|fixed|approved|cancel\w*|confirm\w*|arrang\w*)\b",
    re.I,
)
#: What is said of the matter itself and must not fall away either.
_KEPT = re.compile(
    r"取消|完成|修好|解决|断电|通电|上门|到店|退款|退货|换货|寄回|签收|付款|照片|视频|截图|\b(?:cancel|complete|refund|unplug|photo|picture|screenshot|return)",
    re.I,
)
_POLITE = re.compile(
    r"不好意思|不客气|不便之处|多有不便|不妨|不胜感激|给您带来不便|带来的不便|麻烦不|no problem|no worries", re.I
)
_DENIES = re.compile(r"不|没|未|无需|无法|勿|别(?!的)|免|\b(?:not|no|never|cannot|without)\b|n't", re.I)
_MARKUP = re.compile(r"\*\*|```|^\s*#|^\s*[-*]\s|https?://|www\.|@|[<>{}\[\]]", re.M | re.I)
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9+-]+")
_HAN = re.compile(r"[\u4e00-\u9fff]")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _words(pattern: re.Pattern[str], text: str) -> set[str]:
    return {re.sub(r"\s+", "", found).lower() for found in pattern.findall(text)}


def _english(text: str) -> bool:
    return len(_HAN.findall(text)) * 4 < len(_LATIN.findall(text))


def _content(text: str) -> set[str]:
    found = {word.lower() for word in _LATIN.findall(text)}
    for run in re.findall(r"[\u4e00-\u9fff]+", text):
        found.update(run[i : i + 2] for i in range(len(run) - 1))
    return found


def unfaithful(planned: str, wording: str) -> str:
    """What a wording changes, as a code: language, length, markup, number, time, promise, ask, denial, question, personal, content. Empty: nothing."""
    old, new = _plain(planned), _plain(wording)
    if _english(old) != _english(new):
        return "language"
    if not new.strip() or not len(old) * 0.4 <= len(new) <= len(old) * 1.6 + 24:
        return "length"
    if _words(_MARKUP, new) - _words(_MARKUP, old):
        return "markup"
    if _words(_NUMBER, old) != _words(_NUMBER, new):
        return "number"
    if _words(_CHINESE_NUMBER, old) != _words(_CHINESE_NUMBER, new):
        return "number"
    if _words(_TIME, old) != _words(_TIME, new):
        return "time"
    if _words(_ONLY_IF_PLANNED, new) - _words(_ONLY_IF_PLANNED, old):
        return "promise"
    if _words(_KEPT, old) - _words(_KEPT, new):
        return "content"
    if asks.promises_feedback(old) != asks.promises_feedback(new):
        return "promise"
    if {(a.state, a.need_kind, a.proof) for a in asks.asks_of(old)} != {
        (a.state, a.need_kind, a.proof) for a in asks.asks_of(new)
    }:
        return "ask"
    if bool(_DENIES.search(_POLITE.sub("", old))) != bool(_DENIES.search(_POLITE.sub("", new))):
        return "denial"
    if asks_something(old) != asks_something(new):
        return "question"
    if any(one.text not in old for one in detect(new)):
        return "personal"
    if not _english(old) and {word.lower() for word in _LATIN.findall(new)} - {
        word.lower() for word in _LATIN.findall(old)
    }:
        return "content"
    had, has = _content(old), _content(new)
    shared = len(had & has)
    if had and (shared < 0.4 * len(had) or shared < 0.35 * len(has)):
        return "content"
    return ""
