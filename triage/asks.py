"""What a text of ours asks for (and, in `promises`, what it promises): read from released and hand-typed texts alike. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from triage import phrases
from triage.promises import only_holds, promise_words, promises_feedback, promises_in, promising

__all__ = [
    "Ask",
    "asks_of",
    "asks_of_request",
    "only_holds",
    "promise_words",
    "promises_feedback",
    "promises_in",
    "promising",
]


@dataclass(frozen=True)
class Ask:
    """Something a text asks its reader for: the wait state that follows, what is needed, and the proof."""

    state: str
    need: str
    need_kind: str
    proof: str = "none"


_PICTURE = re.compile(
    r"拍|照片|照(清楚|仔细|一?张|个|下来)|截图|截(个|张|一张|幅)图|截一张|图片|视频|(?<!蓝)(?<!地)(?<!截)图(样|稿|案|纸)|(原|底|效果|设计|矢量|清楚|清晰)的?图|(?<=的)图(?=$|[，,。\s过发给])|photo|picture|screenshot|screen shot|video|artwork|drawing",
    re.I,
)
#: A picture is to be made or sent, whatever it is to confirm.
_SEND_PICTURE = re.compile(
    r"拍(一|张|下|照)|截(个|张|一张|幅)?图|(发|传|补|给|附|回|要)[^，,。]{0,8}照片|照片[^，,。]{0,4}(发|传|补|给|附)|\b(send|share|upload|take|attach)\b[^.]{0,40}\b(screenshot|photo|picture|pic)",
    re.I,
)
_PLEASE = re.compile(r"麻烦|请|帮忙|辛苦您|方便.{0,4}(发|拍)|能.{0,4}(发|拍)|could you|can you|please|would you", re.I)
_GIVE = re.compile(
    r"(发(到|在|一|下|来|给|群)|补(发|拍|一张)|提供|上传|传(一|给)|拍(一|张|下|清|给)|send|share|upload|take (?:a|an|another|one|some|us)\b)",
    re.I,
)
_TIME_ASK = re.compile(
    r"(您看)?(方便|可以|行|合适)(不|吗|么)|方便[^，,。？?！!]{1,16}(吗|么|不)|哪(天|个时间|个时段)|什么时(候|间)方便"
    r"|(does|would) (that|this) (work|suit)|which (day|time)"
    r"|\b(could|can|would|will) you (please )?(come|be|drop|bring|visit|stop|make|meet|call)\b|\b(does|would|is) [^.?!]{1,40}\b(work|suit|ok|okay|good) ?(for|with)? ?(you)?\?",
    re.I,
)
_TIME = re.compile(
    r"周[一二三四五六日天]|星期|礼拜|明天|后天|今天|今晚|上午|下午|\d+\s*(点|号|日|:\d\d)|monday|tuesday|wednesday|thursday|friday|saturday|sunday|tomorrow",
    re.I,
)
#: A question about when that needs no time in it: it asks for one.
_WHEN = re.compile(
    r"(什么|啥)时(候|间)(方便|有空|可以|能|过来|在家|来)|哪(天|个时间|个时段)(方便|有空|可以|能|过来|在家)|几点(方便|有空|可以|能|过来|在家|来)"
    r"|(什么|啥)时候.{0,6}方便|when (would|could|are|is|can) (you|it|that)"
    r"|what time\b[^.?!]{0,24}\b(works|suits|would|is good|is best|can you|are you)",
    re.I,
)
_CHOICE = re.compile(
    r"([\u4e00-\u9fff])不\1(?!\1)(?!起)|选(哪|一个|好|定)|哪(一|两)?(款|种|个|套|色)|(商量|考虑|想|定|选|看)好了?.{0,8}(说|告诉|回|讲)|定(了|下来|好).{0,8}(说|告诉|回|讲)"
    r"|要(哪|不要)|which (one|option|colou?r)|would you (prefer|like)|go ahead\?|shall we",
    re.I,
)
#: An act that is asked for, and a word back when it is done.
_ACT = re.compile(
    r"(麻烦|请|辛苦|烦请)(您|你)?(再|先|帮忙|帮我们)?(把|将|给|去|到|试|检查|确保|重新|关|开|断|拔|插|拆|装|换|清|腾|搬|挪|重启|升级|更新|退出|登录|卸载|设置|测|按|打开)"
)
_REPORT_BACK = re.compile(r"(好|完|弄|后|了).{0,8}(说一?声|告诉|回(复|个|我|一)|讲一声|@|跟我们说|发)|再(插|开|试)")
_CONFIRM = re.compile(
    r"确认一下|回个话|定一下|(麻烦|请)(您|你)[^，,。]{0,10}再(点|试|刷新|打开|登录?|进|连|扫|听|看)[^，,。]{0,4}(一次|一遍|一下|试试|看看)|二选一|告诉我们(一声|结果)|听一下|试[\u4e00-\u9fff]?一?下.{0,12}(回|说|告诉|吱|讲|反馈)|(正常|没问题|好了|好使|可以|ok)(就|了|的话)?[^，,。]{0,3}(回|说|告诉|吱|讲|报)(个|一|下|我们?)?(一下|一?声|消息|句|话|信)|please confirm|let us know (if|whether)|would you like",
    re.I,
)


def asks_of(text: str) -> list[Ask]:
    """What a text to a customer asks for; empty where it asks for nothing."""
    need = re.sub(r"\s+", " ", text).strip()[:200]
    if _TIME_ASK.search(text) and _TIME.search(text):
        return [Ask("waiting_appointment", need, "appointment")]
    if _WHEN.search(text):
        return [Ask("waiting_appointment", need, "appointment")]
    if _PLEASE.search(text) and _GIVE.search(text) and _PICTURE.search(text):
        return [Ask("waiting_customer_material", need, "material", "image")]
    if _PLEASE.search(text) and _GIVE.search(text) and _DOCUMENT.search(text) and not promises_feedback(text):
        return [Ask("waiting_customer_material", need, "material")]
    if _ACT.search(text) and _REPORT_BACK.search(text):
        return [Ask("requested", need, "action")]
    if _CONFIRM.search(text) or (_CHOICE.search(text) and not promises_feedback(text)):
        return [Ask("waiting_confirmation", need, "confirmation")]
    return []


#: Papers and particulars that are sent as a file or in words.
_DOCUMENT = re.compile(
    r"发票|证明|合同|协议|明细|报表|账单|流水|底稿|源文件|申请表|登记表|报名表|表格|名单|资料|材料|文件|扫描件|箱单|清单|收据|小票|抬头|税号|报告|证书|凭证|单据|回执"
    r"|\b(invoice|receipt|form|certificate|contract|document|packing list|report|proof of|statement|copy of)\b",
    re.I,
)
_GIVE_WHAT = re.compile(r"补|发|传|提供|寄|给|交|填|\bget\b|forward|send|provide|upload|submit|email|share", re.I)
#: The contact is to get somebody else to act: a tenant, a colleague, whoever is named after them.
_CONTACT_ASKS = re.compile(
    r"(?:让|请|叫|麻烦|通知)(?:一下)?(?:他|她|客户|您|[\u4e00-\u9fff]{1,4}(?:女士|先生|小姐|太太|阿姨|经理|老师|妈妈|爸爸)?)?(?:让|叫|请|通知|喊)"
    r"(?!他|她|客户|您|我|师傅)[\u4e00-\u9fff]{2,6}"
    r"|\b(?:ask|tell|get)\s+\w+(?:\s\w+)?\s+to\s+(?:have|get|ask|tell)\s+(?!us|me|back)\w+",
    re.I,
)
_OTHER_EXECUTOR = re.compile(
    rf"(?:让|请|叫|麻烦)(?:[他她]们?(?:家|公司|店里|单位)?|客户|[\u4e00-\u9fff]{{1,3}}(?:女士|先生|小姐))?的?(爸|妈|{phrases.EXECUTORS})(?!妈妈?(对|照))"
)


#: Which of several matters is meant: it says nothing about the one that it is asked in.
ASKS_WHICH = re.compile(
    r"还是[^，,。？?]{1,24}(个|位|家|单|台|边|套|户|女士|先生|小姐|太太|阿姨|叔叔|经理|总|老师|老板|姐|哥)(的|那[单台家])?[呀啊呢吧哈]?[？?]?\s*$|是[^，,。？?]{2,20}还是[^，,。？?]{1,20}的[呀啊呢]?[？?]\s*$|是[^，,。？?]{2,20}还是[^，,。？?]{1,10}[那这][只台个位家单件套批辆张][^，,。？?]{0,8}[？?]\s*$|\bwhich (client|customer|one|site|case|order|guest)\b",
    re.I,
)
#: What a colleague asks a partner to do or find out.
ASKS_PARTNER = re.compile(
    r"(麻烦|请|辛苦|帮忙?|尽快|赶紧)[^，,。]{2,}|回(我|个|一)|\b(please|could you|can you|let (me|us) know)\b", re.I
)
_LET_US_KNOW_WHETHER = re.compile(
    r"\b(let (us|me) know|tell us|confirm) (whether|if) (it|they|all|everything|that)\b", re.I
)
#: Words or numbers that are owed: the serial number, the address, a name.
_DATA = re.compile(
    r"(号码?|编号|型号|尺寸|地址|姓名|名字|电话|日期|序列号|读数)[^，,。]{0,4}(报|发|给|说|告诉|写)(一?下|给|过来)"
    r"|(报|发|给|告诉)(一?下|给)?[^，,。拍]{0,10}(号码|编号|型号|序列号|尺寸|收货地址)(?!.*(拍|照片))|\bsend (us|me) (the |her |his |their )?(serial|order|model|reference|policy) number",
    re.I,
)
#: Something is to be told once it is done: what colour, which number.
_TELLS_WHAT = re.compile(
    r"(说|告诉|讲|报|回|念|看)(一?下|给|我|我们|一声)?.{0,14}(什么|多少|几|哪|颜色|型号|号码|编号|尺寸|读数|数字|代码|状态)|\b(tell|let) (us|me) (know )?(what|which|how many|how much|the (colou?r|number|code|reading))",
    re.I,
)


def asks_of_request(text: str, *, contact: str = "") -> Ask:
    """What a colleague or partner wants of the customer side: the wait that the relayed request opens.

    :param contact: the name of who is written to: a mother who is asked for something is nobody's go-between.
    """
    is_family = bool(re.search(r"妈妈?|爸爸?|奶奶|爷爷|家长|爱人|[的家士姐](先生|太太|老公|老婆)", contact))
    need = re.sub(r"\s+", " ", re.sub(r"@[^\s@，,]{1,16}\s?", "", text)).strip()[:200]
    proof = "image" if _PICTURE.search(text) else "none"
    if _LET_US_KNOW_WHETHER.search(text) and proof == "none":
        return Ask("waiting_confirmation", need, "confirmation", proof)
    if (_OTHER_EXECUTOR.search(text) and not is_family) or _CONTACT_ASKS.search(text):
        return Ask("waiting_contact_coordination", need, "action", proof)
    if proof == "none" and _DATA.search(text):
        return Ask("waiting_customer_material", need, "material", "text")
    if re.search(
        r"验收|看看?(一?下)?.{0,4}(对不对|好不好|行不行|有没有问题)|试(用|一)?下?.{0,6}(行不行|好不好|正不正常)", text
    ):
        return Ask("waiting_confirmation", need, "confirmation", proof)
    if re.search(
        r"确认|定(一下|下来|个|好)(?!的)|(今天|明天|尽快|尽早)定|拿个?主意|拍个?板|[回给]个(准)?(话|信)|二选一|行不行|可不可以|confirm|\b(decide|approve|choose|sign off|(her|his|their|your) (ok|okay|approval|go-ahead|decision|choice))\b|\b(could|would|can) (he|she|they) [^.?!]{2,60}\b(instead|rather|live with)\b",
        text,
        re.I,
    ) and not _SEND_PICTURE.search(text):
        return Ask("waiting_confirmation", need, "confirmation")
    if proof == "image":
        return Ask("waiting_customer_material", need, "material", "image")
    if _DOCUMENT.search(text) and _GIVE_WHAT.search(text):
        return Ask("waiting_customer_material", need, "material", "none")
    if re.search(r"(哪天|什么时候|几点).{0,6}(方便|可以|有空|在家)|约(个|一个)时间", text):
        return Ask("waiting_appointment", need, "appointment")
    return Ask("requested", need, "action", "text" if proof == "none" and _TELLS_WHAT.search(text) else proof)
