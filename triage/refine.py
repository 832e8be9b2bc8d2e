"""What the place of a message says about its meaning, beyond its words: policy, not guesses. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from triage import wording
from triage.engines.base import Engine, StatementReading, Turn

BARE_ACK = re.compile(
    r"^\W*((ok(ay)?|okk+|kk|thanks?( you)?|thx|ty|got it|noted|好的?|谢谢\w{0,3}|多谢|收到|嗯+|行吧?|知道了|明白|辛苦[啦了您]*|👌|👍)[\s,，.!！。~～]*){1,3}$",
    re.I,
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


def refine(reading: StatementReading, turn: Turn, engine: Engine) -> StatementReading:
    """Correct a reading where side and place decide.

    A partner reports what was done, they do not confirm a completion to us. What a partner or colleague adds about money or asks us is not
    what the message is about: the rest decides the intent, and the risk of the whole stays.
    """
    if turn.sender_side in ("customer", "unknown") and BARE_ACK.match(reading.text) and not turn.attachments:
        return replace(reading, intent="acknowledges")
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
