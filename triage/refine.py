"""What the place of a message says about its meaning, beyond its words: policy, not guesses. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from triage import wording
from triage.engines.base import Engine, StatementReading, Turn

_ACK = (
    r"ok(ay)?|okk+|kk|thanks?( you)?( so much| a lot)?|thx|ty|cheers|got it|noted|cool|great|perfect|brilliant|lovely|awesome|will do|sounds good"
    r"|好的?|好[嘞滴呀哒勒吧]|谢谢\w{0,3}|谢了|多谢|感谢|收到|嗯+|哦+|噢+|行吧?|知道[了啦]|明白了?|了解|辛苦[啦了您你]*|麻烦[你您]们?了|没事|不急"
    r"|等[你您]?们?的?(消息|回复|通知)|[\U0001F300-\U0001FAFF\u2600-\u27BF]|\[[^\]\n]{1,4}\]"
)
#: Nothing but taking note and thanks.
BARE_ACK = re.compile(
    rf"^\W*(?:(?:{_ACK})[\s,，.!！。~～]*){{1,4}}(?:兄弟|哥|姐|亲|老师|[A-Z][a-z]+)?[\s,，.!！。~～]*$", re.I
)
DONE = re.compile(
    r"^\W*((i'?ve |we'?ve |just )?(updated|done|finished|fixed|installed|restarted|reset|completed)\b)|\ball (done|set|good)\b|(弄|搞|装|改|换|关|签|填)(好|完)(了|啦)|搞定",
    re.I,
)
#: Words of something that was done and found right.
FINISHED = re.compile(
    r"(已经?|都|今天.{0,4}|刚.{0,2})?(换|修|弄|装|测|洗|做|通|调|焊|补|清理|处理|更换|维修|安装)(好|完|掉|通)了?|(不|没)(漏|响|堵|跳|卡|闪|报警|渗)了|(试|测)(机|水|过)?.{0,4}(正常|没问题|好了)|查(清楚|明|出来)了|恢复(正常)?了"
    r"|\b(replaced|repaired|fixed|installed|tested|works? (fine|again)|back to normal|found (the|a) (fault|problem|cause))\b",
    re.I,
)
_WILL_VISIT = re.compile(
    r"上门|过去|再(来|去)|(明天|后天|周[一二三四五六日天]|\d+号).{0,10}(来|去|到)|能不能|行不行|可以吗|方便吗"
)
#: Somebody who takes a time that is offered, or names one of their own.
_TAKES_TIME = re.compile(
    r"可以|行|好|ok|没问题|方便|有空|有时间|在家|都在|吧[~～。！!]*$|来|约|选|定|就|\b(works?|suits?|fine|good|please|let'?s|can do|make it)\b",
    re.I,
)
#: Orders to change something that is ours to change, whatever friendly word stands in front.
_CHANGE = re.compile(
    r"(帮我|给我|麻烦.{0,4}|帮忙)(把.{1,12})?(停|改|换|转|延|取消|升级|降级|加|减|调|过户|合并|解绑|注销|绑定|冻结|撤)"
    r"|\b(please|can you|could you)\b.{0,20}\b(freeze|pause|cancel|change|switch|upgrade|downgrade|transfer|merge|move)\b.{0,20}\b(my|the|our)\b",
    re.I,
)
#: Somebody who has not made up their mind, or names what has to come first.
_THINKS = re.compile(
    r"琢磨|考虑(一下|考虑|下)?|想想|想一下|商量(一下|商量|下)?|再看看|再说吧|合计合计|\b(think (about|it)|sleep on it|get back to you|let me check)\b",
    re.I,
)
_NOT_BEFORE = re.compile(
    r"才(能|会|可以|有|到|开|出|回|拿|给)|到时候|之后(再|才)|以后再|下来(再|就)|\b(not until|once (he|she|they|it|i|we)|when (he|she|they|i|we))\b",
    re.I,
)
_TROUBLE = re.compile(
    r"裂|又(坏|漏|响|不)|坏了|漏(水|气|油|电)?了|断了|掉了|不(转|亮|响应|工作|出水|制冷|制热)了|脱胶|开胶|松了|\b(broke|broken|cracked|leaking|came off|stopped working)\b",
    re.I,
)
_GOES_ON = re.compile(
    r"不(退|取消|换|改|停)了.{0,8}(接着|继续|照(旧|常)|就这样|还是)|接着(做|弄|办|装|修|用|来)|继续(做|弄|办|装|修|用)"
)
#: Our own people who are to tell the customer themselves: no request to the customer.
_OURS_TELL = re.compile(
    r"(让|请|叫|由)(院长|医生|大夫|主任|经理|店长|老板|领导|主管|你们|我们|客服|顾问|律师)[^，,。]{0,6}(跟|和|给|向|同)(他|她|客户|家长|人家|对方)[^，,。]{0,4}(说|讲|解释|沟通|谈)"
)
_RESULT = re.compile(r"结果|报告|出(来)?了|查(完|出|到)|看完了|检(测|查)|测(完|出)")
_PROGRESS = re.compile(
    r"(?<!有)(到|好|完|发|寄|出|修|批|办|退|开|审|查|弄|装|做|安排|处理|下来|进)[^，,。？?]{0,5}(了没有?|没有|没呀|没啊|没呢|没|了吗|了么)[？?。~～]*$"
    r"|\b(any (news|update)|has (it|my|the|our) .{0,40}(yet|been)|where (is|are) (my|our|the)|status of)\b",
    re.I,
)
#: Somebody who cannot keep a time and names another: a time is moved, whatever else is asked in it.
_MOVES_TIME = re.compile(
    r"(不行了?|不方便了?|来不了|去不了|没空|有事|临时|走不开|赶不(上|回)|出差).{0,24}(改|挪|换|推|延|约|调)(到|成|至|在)?"
    r"|\b(can'?t make it|something came up|won'?t be (home|in)).{0,60}\b(instead|move|resched|how about|could we do)",
    re.I,
)
_SHIPS = re.compile(r"出货|发货|到货|寄|大货|\d+号出|补货|入库|出缸|ship|leaves|dispatch", re.I)
_ASKS_TIME = re.compile(r"(行不行|行不|行吗|可以吗|可不可以|方便吗|成不|ok吗)[？?]?$|would that (work|suit)", re.I)
_VISIT = re.compile(r"家|上门|过去|约(?!定)|排(得开|期)|取件|师傅")


def _customers_act(reading: StatementReading, turn: Turn) -> StatementReading:
    """What a customer does by their words, where these leave no doubt and the model had some."""
    text, intent = reading.text, reading.intent
    states = {wait.state for wait in turn.open_waits if wait.on_role not in ("internal_handler", "fulfillment_partner")}
    exact = [moment for moment in reading.times if moment.precision != "vague"]
    pictures = bool({"image", "file", "video"} & set(turn.attachments))
    if _GOES_ON.search(text) and intent in ("confirms_completion", "declines", "requests_remedy", "requests_change"):
        return replace(reading, intent="chats", risk_topics={}, wait_ref=None, wait_state_after=None)
    if _CHANGE.search(text) and intent in ("acknowledges", "chats", "defers", "confirms_appointment"):
        return replace(reading, intent="requests_change", wait_ref=None, wait_state_after=None)
    if (
        intent in ("confirms_completion", "acknowledges", "chats")
        and _TROUBLE.search(text)
        and not FINISHED.search(text)
        and "waiting_confirmation" not in states
    ):
        return replace(reading, intent="reports_issue", wait_ref=None, wait_state_after=None)
    if (
        exact
        and "waiting_appointment" in states
        and intent in ("defers", "asks_question", "reports_issue", "chats", "acknowledges", "confirms_completion")
        and _TAKES_TIME.search(text)
        and not _NOT_BEFORE.search(text)
        and not re.search(r"(怎么|多少|什么|几点[?？])", text)
    ):
        return replace(reading, intent="confirms_appointment")
    if (
        exact
        and intent == "confirms_completion"
        and re.search(r"(可以|行|没问题|ok|在家|方便)", text, re.I)
        and not FINISHED.search(text)
        and not DONE.search(text)
        and not pictures
    ):
        return replace(reading, intent="confirms_appointment")
    if (
        states
        and not pictures
        and intent in ("asks_question", "reports_issue", "provides_material", "complains", "chats", "requests_remedy")
        and reading.confidence.get("intent", 1.0) < 0.8
        and not re.search(r"[?？]|投诉|退|赔", text)
        and (_THINKS.search(text) or (reading.times and _NOT_BEFORE.search(text)))
    ):
        quiet = {
            topic: p
            for topic, p in reading.risk_topics.items()
            if topic not in ("complaint", "discount_promise", "price", "service_promise")
        }
        return replace(reading, intent="defers", risk_topics=quiet)
    return reading


def refine(reading: StatementReading, turn: Turn, engine: Engine) -> StatementReading:
    """Correct a reading where side and place decide.

    A partner reports what was done, they do not confirm a completion to us. What a partner or colleague adds about money or asks us is not
    what the message is about: the rest decides the intent, and the risk of the whole stays.
    """
    if reading.text and BARE_ACK.match(reading.text) and not turn.attachments:
        return replace(reading, intent="acknowledges", wait_ref=None, wait_state_after=None)
    if turn.sender_side in ("customer", "unknown"):
        reading = _customers_act(reading, turn)
    if (
        turn.sender_side == "customer"
        and turn.open_waits
        and reading.confidence.get("intent", 1.0) < 0.5
        and DONE.search(reading.text)
    ):
        return replace(reading, intent="confirms_completion")
    asked = {wait.ref: wait.state for wait in turn.open_waits}
    if (
        turn.sender_side in ("customer", "unknown")
        and {"image", "file", "video"} & set(turn.attachments)
        and reading.intent in ("confirms_completion", "reports_result", "acknowledges", "chats")
        and asked.get(reading.wait_ref or "") == "waiting_customer_material"
    ):
        return replace(reading, intent="provides_material")
    if (
        turn.sender_side == "customer"
        and reading.intent in ("reports_issue", "asks_question")
        and reading.confidence.get("intent", 1.0) < 0.7
        and turn.customer_names
        and _PROGRESS.search(reading.text.strip())
    ):
        return replace(reading, intent="asks_progress")
    if (
        turn.sender_side in ("customer", "unknown")
        and reading.intent in ("asks_question", "reports_issue", "requests_change", "declines", "defers")
        and reading.times
        and _MOVES_TIME.search(reading.text)
    ):
        return replace(reading, intent="confirms_appointment")
    if turn.sender_side not in ("partner", "internal") or turn.conversation_kind not in (
        "partner_group",
        "internal_group",
    ):
        return reading
    if _OURS_TELL.search(reading.text):
        signals = reading.signals | {"internal_only"}
        told = _RESULT.search(reading.text) and reading.intent == "requests_cooperation"
        reading = replace(reading, signals=signals, intent="reports_result" if told else reading.intent)
    if (
        turn.conversation_kind == "internal_group"
        and reading.intent in ("chats", "asks_question", "reports_result", "provides_material", "confirms_completion")
        and "internal_only" not in reading.signals
        and any(
            name and re.search(rf"(让|请|叫|麻烦|通知|提醒)(一下)?{re.escape(name)}", reading.text)
            for name in turn.customer_names
        )
    ):
        reading = replace(reading, intent="requests_cooperation")
    if turn.sender_side == "partner":
        apart = wording.take_apart(reading.text)
        rest = "，".join(apart.kept) if not wording.is_english(reading.text) else "; ".join(apart.kept)
        if apart.withheld and len(rest) >= 8 and reading.intent not in ("reports_result", "confirms_appointment"):
            again = engine.understand(replace(turn, text=rest)).statements[0]
            reading = replace(
                reading, intent=again.intent, risk_topics={**again.risk_topics, **reading.risk_topics}, times=again.times or reading.times,
                confidence={**reading.confidence, "intent": again.confidence.get("intent", 0.5)},
            )  # fmt: skip
        if reading.intent == "confirms_completion":
            reading = replace(reading, intent="reports_result")
        if (
            reading.intent == "confirms_appointment"
            and FINISHED.search(reading.text)
            and not _WILL_VISIT.search(reading.text)
        ):
            return replace(reading, intent="reports_result")
        clocks = [t for t in reading.times if t.precision in ("hour", "minute", "part_of_day", "day")]
        if clocks and _ASKS_TIME.search(reading.text.strip()) and not _SHIPS.search(reading.text):
            reading = replace(reading, intent="confirms_appointment")
        elif (
            reading.intent == "confirms_appointment" and _SHIPS.search(reading.text) and not _VISIT.search(reading.text)
        ):
            reading = replace(reading, intent="reports_result")
        if (
            reading.intent == "defers"
            and clocks
            and re.search(r"去.{0,12}(换|修|装|看|取|洗|检)|上门|带.{0,8}去", reading.text)
        ):
            reading = replace(reading, intent="reports_result")  # a visit that is announced is no delay
    return reading
