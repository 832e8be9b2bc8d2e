"""What the place of a message says about its meaning, beyond its words: policy, not guesses. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from triage import wording
from triage.engines.base import Engine, StatementReading, Turn

_ACK = (
    r"ok(ay)?|okk+|kk|thanks?( you)?( so much| a lot)?|thx|ty|cheers|got it|noted|cool|great|perfect|brilliant|lovely|awesome|will do|sounds good"
    r"|好的?|好[嘞滴呀哒勒吧]|谢谢\w{0,3}|谢了|多谢|感谢|收到|嗯+|哦+|噢+|行吧?|知道[了啦]|明白了?|了解|辛苦[啦了您你]*|麻烦[你您]们?了|没事|不急"
    r"|(给)?[你您]们?添麻烦[了啦]?|麻烦[你您]们?[了啦]|打扰[了啦]|不好意思[了啊哈]?|抱歉[了啊哈]?|太(好|棒)[了啦]+|那就好|放心了|等[你您]?们?的?(消息|回复|通知)|[\U0001F300-\U0001FAFF\u2600-\u27BF]|\[[^\]\n]{1,4}\]"
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
    r"(已经?|都|今天.{0,4}|刚.{0,2})?(换|修|弄|装|测|洗|做|通|调|焊|补|订|印|缝|喷|磨|配|铺|贴|清理|处理|更换|维修|安装)(好|完|掉|通)了?|(不|没)(漏|响|堵|跳|卡|闪|报警|渗)了|(试|测)(机|水|过)?.{0,4}(正常|没问题|好了)|查(清楚|明|出来)了|恢复(正常)?了"
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
#: The whole matter is called off, in so many words.
CALLS_OFF = re.compile(
    r"(?<!别)(?<!不)(?<!能)取消(掉|了)?(吧|算了|了吧|掉吧)|先?不(搬|修|装|换|弄|洗|订|做|去|退|测|约|拍|安装|维修)了.{0,10}(取消|算了|吧)|(取消|撤)(掉)?(预约|上门|这单|这次|安装|维修|搬家|保洁|服务)"
    r"|\b(please )?(cancel|call off) (the|this|our|my) (visit|appointment|booking|repair|job|move|service|cleaning|installation)\b",
    re.I,
)
#: Too little to say what it is about: somebody begins to write.
_BEGINS = re.compile(
    r"^\W*((在(吗|么|不在?|线吗)|有人(吗|在吗|么)|(您|你)好[啊呀]?|哈[喽啰]|喂+|亲|请问(一下)?|(就是|还是|我)?(那|这)个(啥|什么|事儿?|东西)?|就是(那|这)个|是这样的?|我想问(一?下|问)?|问(一下|个事儿?)|emm+|呃+|hello|hi|hey|excuse me|are you there)[\s,，.。!！?？~～]*){1,3}$",
    re.I,
)
#: Words of a question that leave no doubt, whatever else stands beside them.
_PLAIN_QUESTION = re.compile(
    r"[?？]\s*$|(吗|么|呢|不|没)[呀啊哈呢]?\s*$|多少|几点|几号|多久|多长时间|什么时候|啥时候|怎么(弄|办|走|用|算|收|约|预约|申请)|([\u4e00-\u9fff])不\2(?!\2)|能不能|可不可以|有没有|要不要"
    r"|^\W*(btw |and |so |hi |hello |quick one:? |by the way )*(what|how|when|where|which|who|can i|do you|is there|are there|does)\b",
    re.I,
)
#: Somebody says that they will still do it.
_WILL_DO = re.compile(
    r"一定|回头|晚点|再(补|拍|发|弄|传|给)|(给|补|发)(你|您)|忘了|才(能|到|有)|到家|回去|等我|明天|后天|下周|周[一二三四五六日天]|\b(will|tomorrow|tonight|later|forgot)\b",
    re.I,
)
#: What was found to be the matter.
_FOUND = re.compile(r"老化|坏了|裂了|堵了|烧了|断了|短路|松动|故障|磨损|原因是|问题是|漏了")
#: A complaint by its very words, whatever is sent with it.
_COMPLAINS = re.compile(
    r"(?<!不)(?<!没)(?<!别)(我要|就要|要去|准备|打算|马上|现在就)(去)?(投诉|举报)|投诉你们|\b(file|filing|make|making) a complaint\b",
    re.I,
)
#: A picture comes with these words: it is what was asked for, or one more of it.
_SENDS = re.compile(
    r"(再|又|重新|重)?(补|拍|发|传|换)(了|过来|你们?|给你们?)?.{0,4}(张|照|图|片|视频)|照片(在这|来了|发)|\b(another|new|better|here('s| is| are)) .{0,12}(photo|picture|pic|video|screenshot)",
    re.I,
)
#: Good news about what was done.
_FINE_NOW = re.compile(
    r"没问题|挺好|很好|正常|满意|可以了|好使|好用|管用|都好|不(漏|响|堵|粘|卡|跳|闪|抖|晃|松|晕|疼|臭|滴|掉)了|\b(works|all good|fine now|perfect now|no issues?)\b",
    re.I,
)
#: A question by its very words.
_ASKS_BY_WORDS = re.compile(
    r"有没有|能不能|可不可以|让不让|要不要|包不包|送不送|用不用|带不带|几点|几号|哪天|多久|怎么(弄|办理|用|约|预约|申请|参加|领)|有.{0,6}(优惠|活动|折扣)[？?]|\b(what time|how (do|long|many)|when (is|are|do)|can i)\b",
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
    sure = reading.confidence.get("intent", 1.0)
    if _COMPLAINS.search(text) and intent not in ("complains", "requests_remedy") and not _PLAIN_QUESTION.search(text):
        care = {**reading.risk_topics, "complaint": max(0.9, reading.risk_topics.get("complaint", 0.0))}
        return replace(reading, intent="complains", risk_topics=care, wait_ref=None, wait_state_after=None)
    quiet = {t: p for t, p in reading.risk_topics.items() if t in ("public_group", "identity_uncertain")}
    if text and _BEGINS.match(text) and not turn.attachments and not reading.alerts:
        return replace(reading, intent="chats", risk_topics={}, wait_ref=None, wait_state_after=None)
    if (
        pictures
        and _SENDS.search(text)
        and intent not in ("provides_material", "complains", "requests_remedy")
        and not _TROUBLE.search(text)
    ):
        if sure < 0.95 and not re.search(r"[?？]|退|赔|投诉", text):
            return replace(reading, intent="provides_material", risk_topics=quiet)
    owed = {
        wait.state: wait for wait in turn.open_waits if wait.on_role not in ("internal_handler", "fulfillment_partner")
    }
    asked_picture = [
        wait for wait in owed.values() if wait.proof in ("image", "file") and wait.state != "material_received"
    ]
    if pictures and asked_picture and not _TROUBLE.search(text) and sure < 0.93:
        wants = any(wait.state == "waiting_customer_material" for wait in asked_picture)
        if (
            intent
            in (
                "reports_issue",
                "asks_question",
                "asks_progress",
                "chats",
                "acknowledges",
                "defers",
                "confirms_completion",
            )
            and len(text) <= 24
        ):
            return replace(
                reading,
                intent="provides_material" if wants and intent != "confirms_completion" else "confirms_completion",
                risk_topics=quiet,
            )
    if (
        not pictures and asked_picture and reading.times and _WILL_DO.search(text)
        and intent in ("provides_material", "confirms_completion", "chats", "acknowledges", "reports_issue") and sure < 0.85
        and not (_PLAIN_QUESTION.search(text) or _TROUBLE.search(text))
    ):  # fmt: skip
        return replace(reading, intent="defers", risk_topics=quiet, wait_state_after=None)
    if (
        states
        and turn.open_waits
        and sure < 0.75
        and CALLS_OFF.search(text)
        and not re.search(r"[?？]|吗|投诉|退(钱|款|费)|赔", text)
    ):
        return replace(reading, intent="declines", risk_topics=quiet)
    if not states and intent == "confirms_completion" and CALLS_OFF.search(text) and turn.open_waits:
        return replace(reading, intent="declines", risk_topics=quiet)
    if (
        intent in ("acknowledges", "chats")
        and FINISHED.search(text)
        and not _PLAIN_QUESTION.search(text)
        and (states or turn.customer_names)
        and not (reading.risk_topics or _TROUBLE.search(text))
    ):
        return replace(reading, intent="confirms_completion")
    if (
        intent == "confirms_completion"
        and not states
        and sure < 0.7
        and re.match(r"\s*(ok(ay)?|好|行|收到|嗯|可以)", text, re.I)
        and not FINISHED.search(text)
    ):
        return replace(reading, intent="acknowledges", wait_ref=None, wait_state_after=None)
    if (
        intent in ("confirms_completion", "reports_issue", "chats", "acknowledges", "provides_material", "complains", "confirms_appointment")
        and sure < 0.55 and not turn.attachments and not reading.alerts and _PLAIN_QUESTION.search(text) and not exact
        and not (_TROUBLE.search(text) or re.search(r"投诉|退|赔|差评|到底|还.{0,6}不", text))
    ):  # fmt: skip
        asks = "asks_progress" if _PROGRESS.search(text) and turn.open_waits else "asks_question"
        dropped = {
            t: p for t, p in reading.risk_topics.items() if t not in ("complaint", "dispute", "unproven_completion")
        }
        return replace(reading, intent=asks, risk_topics=dropped, wait_ref=None, wait_state_after=None)
    if (
        exact and intent in ("chats", "acknowledges", "provides_material", "reports_issue", "confirms_completion") and sure < 0.7 and not pictures and not _CHANGE.search(text)
        and re.search(r"可以|行|没问题|ok|在家|方便|有人|都在|过来|合适", text, re.I) and not _PLAIN_QUESTION.search(text)
        and not (FINISHED.search(text) or _TROUBLE.search(text) or DONE.search(text))
    ):  # fmt: skip
        return replace(reading, intent="confirms_appointment", risk_topics=quiet)
    if (
        "waiting_confirmation" in states and intent in ("reports_issue", "chats", "acknowledges", "asks_question", "asks_progress") and sure < 0.9
        and _FINE_NOW.search(text) and not _PLAIN_QUESTION.search(text) and not re.search(r"投诉|退|赔|但是?|就是还|可是", text)
    ):  # fmt: skip
        return replace(reading, intent="confirms_completion", risk_topics=quiet)
    if (
        intent in ("complains", "confirms_completion", "confirms_appointment", "reports_issue") and sure < 0.8 and not turn.attachments
        and _ASKS_BY_WORDS.search(text) and not reading.alerts
        and not re.search(r"投诉|退(钱|款|费)|赔|差评|到底|凭什么|骗|破|坏|漏|烂|不行|太(差|慢|烂)", text)
    ):  # fmt: skip
        calm = {
            t: p
            for t, p in reading.risk_topics.items()
            if t not in ("complaint", "dispute", "negative_review", "service_promise")
        }
        return replace(reading, intent="asks_question", risk_topics=calm, wait_ref=None, wait_state_after=None)
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
        and intent
        in (
            *("asks_question", "reports_issue", "provides_material", "complains", "chats", "requests_remedy"),
            *("confirms_completion", "acknowledges", "declines"),
        )
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
            and "finding_against" not in reading.signals
            and "denies_finding" not in reading.signals
        ):
            calm = {t: p for t, p in reading.risk_topics.items() if t != "verification_conflict"}
            reading = replace(reading, risk_topics=calm)
        if (
            reading.intent == "confirms_appointment"
            and _FOUND.search(reading.text)
            and not _ASKS_TIME.search(reading.text.strip())
        ):
            return replace(reading, intent="reports_result")
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
