"""What a picture is of, told by its words, and what it names. Pure; a hint for people and for matching, never a proof."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from conversations.models import PictureKind


@dataclass(frozen=True)
class Finding:
    """Something that a picture names: `kind` is order|tracking|phone|amount|model|serial."""

    kind: str
    text: str


#: By kind: words of which one is enough, and words of which it takes two.
_WORDS: dict[str, tuple[str, str]] = {
    PictureKind.IDENTITY: (
        r"居民身份证|公民身份号码|中华人民共和国护照|机动车(?:驾驶证|行驶证)|结婚证|户口[簿本]|银行卡号|driving licen[cs]e|\bpassport\b",
        r"$^",
    ),
    PictureKind.PAYMENT: (
        r"支付成功|付款成功|转账成功|转账-?来自|收款到账|退款成功|退款到账|收款码|付款码|扫一扫.{0,4}(?:付款|支付)|请(?:向|付款给)|payment (?:successful|complete)|transfer (?:successful|complete)",
        r"交易单号|商户单号|付款方式|支付方式|支付时间|收款方|付款方|转账(?:时间|说明|给)|当前状态|零钱通?|微信支付|支付宝|账单详情|云闪付|paid to|transaction id",
    ),
    PictureKind.TRACKING: (
        r"$^",
        r"已签收|待取件|派送中|派件|运输中|揽收|已发货|物流(?:详情|信息|单号)|快递(?:员|单号)|运单号?|包裹|收件人?|寄件人?|到付|out for delivery|in transit|tracking|delivered|waybill",
    ),
    PictureKind.RECEIPT: (
        r"电子发票|增值税|价税合计|发票(?:号码|代码)|购物小票",
        r"发票|收据|小票|税额|税率|购买方|销售方|收银员?|实收|找零|合计|小计|receipt|invoice|subtotal|\btotal\b|\btax\b",
    ),
    PictureKind.ORDER: (
        r"$^",
        r"订单(?:编号|号|详情|信息)|下单时间|实付款?|应付|再次购买|申请售后|查看物流|交易(?:成功|快照)|收货地址|确认收货|order (?:no|id|number|details)|order placed",
    ),
    PictureKind.NAMEPLATE: (
        r"铭牌|出厂编号|额定(?:电压|功率|频率|容量|热负荷|电流)|rated (?:voltage|power|input)",
        r"型\s?号|规格型号|电压|功率|频率|容积|序列号|机身?号|生产日期|制造(?:商|日期)|执行标准|防水等级|防触电|净重|能效|制冷剂|\bmodel\b|\bs/?n\b|serial|made in|\d\s?v[~～]|\d{2}\s?hz",
    ),
    PictureKind.CHAT: (
        r"按住\s?说话|撤回了一条消息|以下是新(?:的)?消息|拍了拍|对方正在输入|你已添加了|语音通话|视频通话|通话时长|聊天记录",
        r"$^",
    ),
}  # fmt: skip
_STRONG, _WEAK = ({kind: re.compile(pair[place], re.I) for kind, pair in _WORDS.items()} for place in (0, 1))
#: A line that is only a time, as chats show it: 昨天 20:31, 下午3:12.
_CHAT_TIME = re.compile(
    r"^(?:昨天|今天|前天|星期[一二三四五六日天]|周[一二三四五六日天]|\d{1,2}月\d{1,2}日|yesterday)?\s*(?:凌晨|早上|上午|中午|下午|晚上)?\s*\d{1,2}:\d{2}(?:\s*[ap]m)?$",
    re.I,
)
_CHAT_CHROME = re.compile(r"^(?:发送|send|[<〈]\s?.{1,12}(?:\(\d+\))?|.{1,14}\(\d+\))$", re.I)

_CODE = r"[A-Z0-9](?:[A-Z0-9\-/_.()]{2,32})"
_VALUE = rf"\s*(?:\([A-Z /.]{{2,12}}\))?\s*[:：.]?\s*(?P<it>{_CODE})"
_FINDINGS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("tracking", re.compile(rf"(?:运单号?|快递单号|物流单号|快递号|tracking(?: no\.?| number)?|waybill(?: no\.?)?){_VALUE}", re.I)),
    ("tracking", re.compile(r"(?<![A-Z0-9])(?P<it>(?:SF|YT|ZTO|STO|JD|JT|EMS|DPK|JDV|YTO|UPS|1Z)[A-Z]{0,3}\d{8,15})(?!\d)", re.I)),
    ("order", re.compile(rf"(?:订单(?:编)?号?|工单号?|单据编号|order(?: no\.?| id| number)?){_VALUE}", re.I)),
    ("serial", re.compile(rf"(?:序\s?列\s?号|出厂编号|产品编号|机身?号|机器编号|产品条码|s/?n|serial(?: no\.?| number)?){_VALUE}", re.I)),
    ("model", re.compile(rf"(?:规格型号|产品型号|型\s?号|机型|model(?: no\.?| name)?|type){_VALUE}", re.I)),
    ("phone", re.compile(r"(?<!\d)(?P<it>1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}|400[\s-]?\d{3,4}[\s-]?\d{3,4})(?!\d)")),
    ("amount", re.compile(r"(?P<it>[¥￥]\s*-?\d[\d,]*(?:\.\d{1,2})?|(?<![\d.])\d[\d,]*\.\d{2}\s*元)")),
)  # fmt: skip
#: What these findings must hold: a number somewhere.
_DIGIT = re.compile(r"\d")


def plain(text: str) -> str:
    """Words of a picture as they are compared: width folded."""
    return unicodedata.normalize("NFKC", text)


def kind_of(text: str) -> str:
    """What a picture is of, as far as its words tell. A chat comes first: whatever it holds, somebody only wrote it there."""
    folded = plain(text)
    if not folded.strip():
        return PictureKind.NO_TEXT
    lines = [line.strip() for line in folded.splitlines() if line.strip()]
    times = sum(bool(_CHAT_TIME.match(part)) for line in lines for part in re.split(r"\s{2,}", line))
    if _STRONG[PictureKind.CHAT].search(folded) or times >= 2 or (times and _CHAT_CHROME.match(lines[-1])):
        return PictureKind.CHAT
    counts: dict[str, int] = {}
    for kind in _WORDS:
        weak = {match.group(0).lower() for match in _WEAK[kind].finditer(folded)}
        counts[kind] = (2 if _STRONG[kind].search(folded) else 0) + len(weak)
    # Money and papers before all else; then whatever most words speak for.
    for kind in (PictureKind.IDENTITY, PictureKind.PAYMENT):
        if counts[kind] >= 2:
            return kind
    best = max(counts, key=lambda kind: counts[kind])
    return PictureKind(best) if counts[best] >= 2 else PictureKind.OTHER


def findings(text: str) -> tuple[Finding, ...]:
    """What a picture names, each once, in the order of kinds; an earlier kind keeps its words."""
    # A label may stand in the line above its value, as on plates and pages of orders.
    folded = plain(text)
    found: dict[str, Finding] = {}
    for kind, pattern in _FINDINGS:
        for match in pattern.finditer(folded):
            words = match.group("it").strip(" .-_/(")
            if _DIGIT.search(words) and len(words) >= 3 and words.upper() not in found:
                found[words.upper()] = Finding(kind, words)
    return tuple(found.values())


def has_plate(text: str) -> bool:
    """Whether there is anything of what a nameplate has: its words, a model or a serial number."""
    counts = len({match.group(0).lower() for match in _WEAK[PictureKind.NAMEPLATE].finditer(plain(text))})
    named = any(one.kind in ("model", "serial") for one in findings(text))
    return named or counts >= 2 or bool(_STRONG[PictureKind.NAMEPLATE].search(plain(text)))
