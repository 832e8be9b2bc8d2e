"""What partners and our own people mean in their own groups, where place and words leave less doubt than the engine had. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from triage import phrases, wording
from triage.engines.base import StatementReading
from triage.engines.local.clauses import LIKELY
from triage.refine.rules import Heard, Rule, answers_nothing, rule, to

#: Somebody is asked for something.
_ASKS_ANYBODY = re.compile(
    rf"{phrases.ASKING}|(?<!别)(?<!不)让|麻烦|叫|通知|需要|提醒|喊|催|帮|\b(please|ask|get|have|could|can|tell|need)\b",
    re.I,
)


def _ours_tell(h: Heard) -> StatementReading:
    told = h.has(phrases.RESULT) and h.reading.intent == "requests_cooperation"
    intent = "reports_result" if told else h.reading.intent
    return replace(h.reading, signals=h.reading.signals | {"internal_only"}, intent=intent)


def _names_the_customer(h: Heard) -> bool:
    return any(
        name and re.search(rf"(让|请|叫|麻烦|通知|提醒)(一下)?{re.escape(name)}", h.text)
        for name in h.turn.customer_names
    )


def _without_asides(h: Heard) -> StatementReading:
    """What a partner adds about money, or asks us, is not what the message is about; the risk of the whole stays."""
    apart = wording.take_apart(h.text)
    rest = "; ".join(apart.kept) if wording.is_english(h.text) else "，".join(apart.kept)
    if not apart.withheld or len(rest) < 8:
        return h.reading
    again = h.engine.understand(replace(h.turn, text=rest)).statements[0]
    still_asks = h.reading.intent == "requests_cooperation" and phrases.ASKED_OF_CUSTOMER.search(rest)
    return replace(
        h.reading,
        intent=h.reading.intent if still_asks else again.intent,
        risk_topics={**again.risk_topics, **h.reading.risk_topics},
        times=again.times or h.reading.times,
        confidence={**h.reading.confidence, "intent": again.confidence.get("intent", 0.5)},
    )


def _clocks(h: Heard) -> bool:
    return any(t.precision in ("hour", "minute", "part_of_day", "day") for t in h.reading.times)


def _answers_time(h: Heard) -> str:
    """The item in which the partner was asked whether a time of the customer's suits; empty where none is."""
    return next(
        (w.ref for w in h.turn.open_waits if "客户方便的时间" in w.need or "the customer proposes" in w.need), ""
    )


def _goods_come(text: str) -> re.Match[str] | None:
    """The clause that says that goods come or are there, wherever it stands before a visit."""
    clauses = re.finditer(r"(?:^|(?<=[，,。；;\s]))(?=[^\s，,。；;])", text)
    return next((m for at in clauses if (m := phrases.GOODS_COME.match(text, at.start()))), None)


def _only_thanks(h: Heard) -> bool:
    """Whether thanks are all that is left of the words once what stays inside is taken out."""
    apart = wording.take_apart(h.text, passed_on=LIKELY)
    said = [*apart.kept, *(clause for clause, code in apart.withheld if code == "talk")]
    return bool(said) and all(
        phrases.BARE_ACK.match(clause) or (apart.withheld and phrases.TAKES_NOTE.match(clause)) for clause in said
    )


def _asks_for_time(h: Heard) -> bool:
    return bool(phrases.ASKS_TIME.search(h.text.strip()))


INTERNAL: tuple[tuple[Rule, ...], ...] = (
    (
        rule(
            "a colleague sends somebody of ours",
            "requests_cooperation",
            lambda h: h.turn.conversation_kind == "internal_group" and h.has(phrases.SENDS_OURS),
            to("reports_result"),
        ),
        rule(
            "our own people ask that the customer do something",
            "chats asks_question reports_result provides_material confirms_completion",
            lambda h: (
                h.turn.conversation_kind == "internal_group"
                and "internal_only" not in h.reading.signals
                and _names_the_customer(h)
            ),
            to("requests_cooperation"),
        ),
        rule(
            "a wish for some other day",
            "requests_cooperation",
            lambda h: h.turn.conversation_kind == "internal_group" and h.has(phrases.SOME_DAY) and not h.turn.mentions,
            to("reports_result"),
        ),
        rule(
            "talk among colleagues that asks nobody for anything",
            "requests_cooperation",
            lambda h: (
                h.turn.conversation_kind == "internal_group"
                and (h.has(phrases.DOES_MYSELF) or not h.has(phrases.ASKED_BY_US))
                and not _names_the_customer(h)
            ),
            to("reports_result"),
            below=0.9,
        ),
    ),
)
PARTNERS: tuple[tuple[Rule, ...], ...] = (
    (
        rule(
            "thanks, and talk among colleagues",
            "reports_result requests_cooperation asks_question chats confirms_appointment confirms_completion",
            lambda h: not h.exact and not h.turn.attachments and _only_thanks(h),
            answers_nothing("chats", harmless=True),
        ),
        rule(
            "a moment's patience, and talk among colleagues",
            "defers reports_result chats acknowledges asks_question",
            lambda h: (
                h.has(phrases.ASKS_PATIENCE)
                and not h.exact
                and not h.turn.attachments
                and not h.has(phrases.FINISHED)
                and not h.reading.signals & {"finding_against", "holds_money"}
                and not h.has(phrases.ASKED_OF_CUSTOMER)
            ),
            answers_nothing("acknowledges", harmless=True),
        ),
        rule(
            "what was found against the customer's word",
            "asks_question asks_progress chats acknowledges requests_cooperation",
            lambda h: (
                "finding_against" in h.reading.signals
                and not h.has(phrases.ASKED_OF_CUSTOMER)
                and not re.search(r"[?？]|吗\s*$", h.text)
            ),
            lambda h: replace(
                h.reading,
                intent="reports_result",
                risk_topics={**h.without("dispute"), "verification_conflict": 0.8},
            ),
            below=0.75,
        ),
        rule(
            "by when the customer is to say yes or no is no appointment",
            "confirms_appointment requests_cooperation",
            lambda h: (
                h.has(phrases.BY_WHEN_TO_SAY)
                and h.has(phrases.ASKED_OF_CUSTOMER)
                and len(h.exact) == 1
                and not h.has(phrases.VISIT)
                and not h.turn.attachments
            ),
            lambda h: replace(h.reading, intent="requests_cooperation", times=()),
        ),
        rule(
            "whether the customer could do something is asked of the customer",
            "asks_question asks_progress acknowledges chats",
            lambda h: h.has(phrases.COULD_THEY),
            to("requests_cooperation"),
            below=0.7,
        ),
        rule(
            "something is to be photographed",
            "reports_result chats asks_question",
            lambda h: (
                h.has(phrases.HAVE_IT_PHOTOGRAPHED)
                and not h.turn.attachments
                and not re.search(r"拍(好|完|过)?了", h.text)
            ),
            to("requests_cooperation"),
        ),
        rule(
            "something that was done before is to be done again by their customer",
            "chats asks_question asks_progress reports_issue reports_result complains",
            lambda h: h.has(phrases.ONCE_MORE),
            to("requests_cooperation"),
        ),
        rule(
            "what the customer has to do is asked of the customer",
            "asks_question chats reports_issue requests_change",
            lambda h: h.has(phrases.THEY_HAVE_TO) and not h.asks(),
            to("requests_cooperation"),
            below=0.7,
        ),
        rule(
            "the time they can keep, answered to the customer's, with what is to be ready by then",
            "requests_cooperation",
            lambda h: _clocks(h) and _answers_time(h) and re.search(r"可以|没问题|行|ok|到", h.text, re.I),
            lambda h: replace(
                h.reading,
                intent="confirms_appointment",
                risk_topics=h.without("dispute"),
                wait_ref=_answers_time(h),
                wait_state_after="completed",
            ),
        ),
        rule(
            "which matter comes next, and nothing about it",
            "reports_result chats acknowledges asks_question asks_progress requests_cooperation",
            lambda h: phrases.NAMES_A_MATTER.match(h.text) and not h.turn.attachments,
            answers_nothing("chats", harmless=True),
        ),
        rule(
            "a time they can keep, where we asked for one",
            "reports_result acknowledges",
            lambda h: (
                _clocks(h)
                and re.search(rf"可以|{phrases.FINE}|没问题|能(到|来|去)|排(得|上)|(?<![a-z])ok(?![a-z])", h.text, re.I)
                and not h.has(phrases.FINISHED)
                and not h.has(phrases.SHIPS)
                and len(h.text) <= 40
                and any(
                    w.on_role == "fulfillment_partner"
                    and phrases.NAMES_TIME.search(w.need)
                    and re.search(r"[吗不么]|能|可以|行|排|有空", w.need)
                    for w in h.turn.open_waits
                )
            ),
            to("confirms_appointment"),
            below=0.9,
        ),
        rule(
            "by when it will work, told to whoever waits for word, and that they may try then",
            "requests_cooperation confirms_appointment",
            lambda h: (
                h.exact
                and re.search(r"(再|就)[^，,。]{0,3}(打开|登录?|试|看|刷新|进|用|点|下载?)", h.text)
                and not phrases.SENDS_PICTURE.search(h.text)
                and any(
                    w.state == "waiting_partner_feedback" and (h.sure < 0.8 or phrases.ASKS_WHEN.search(w.need))
                    for w in h.turn.open_waits
                )
            ),
            to("reports_result"),
        ),
        rule(
            "goods that come and when they are fitted, told to whoever waits for word: news of both",
            "confirms_appointment requests_cooperation",
            lambda h: (
                (come := _goods_come(h.text))
                and (len(h.exact) > 1 or (h.exact and come["there"] and h.has(phrases.WILL_VISIT)))
                and (come["there"] or any(w.state == "waiting_partner_feedback" for w in h.turn.open_waits))
                and not _answers_time(h)
                and not _asks_for_time(h)
            ),
            to("reports_result"),
            below=1.01,
        ),
        rule(
            "when they come, where a time was asked for",
            "reports_result",
            lambda h: (
                _clocks(h)
                and re.search(r"(能|可以)?到(?!货|了)|过(去|来)|上门", h.text)
                and not h.has(phrases.FINISHED)
                and not h.has(phrases.SHIPS)
                and any(
                    w.state == "waiting_appointment" or phrases.NAMES_TIME.search(w.need) for w in h.turn.open_waits
                )
                and len(h.text) <= 30
            ),
            to("confirms_appointment"),
        ),
        rule(
            "a result that asks the customer for something is a request with news in it",
            "reports_result",
            lambda h: h.has(phrases.ASKED_OF_CUSTOMER) and not (h.exact and _goods_come(h.text)),
            to("requests_cooperation"),
            below=0.9,
        ),
        rule(
            "what a partner has looked at is news, where nobody is asked for anything",
            "requests_cooperation asks_progress asks_question chats",
            lambda h: (
                h.has(phrases.LOOKED_AT)
                and not h.has(phrases.ASKED_OF_CUSTOMER)
                and not h.has(_ASKS_ANYBODY)
                and not h.asks()
            ),
            to("reports_result"),
            below=0.95,
        ),
        rule(
            "news that asks nobody for anything",
            "requests_cooperation",
            lambda h: (_clocks(h) or h.sure < 0.5) and not h.has(_ASKS_ANYBODY),
            to("reports_result"),
            below=0.95,
        ),
    ),
    (
        Rule(
            "asides set apart",
            lambda h: (
                h.reading.intent not in ("reports_result", "confirms_appointment") and not h.has(phrases.ASKS_PATIENCE)
            ),
            _without_asides,
        ),
    ),
    (
        Rule(
            "a partner fends off what a customer holds against them",
            lambda h: (
                h.reading.intent in ("reports_result", "chats", "declines", "complains", "requests_cooperation")
                and h.has(phrases.FENDS_OFF)
                and re.search(r"赔|扣|认|掏|没门|pays?\b|paying|signed|left|having|my (invoice|bill|money)", h.text)
                and (
                    h.reading.intent != "requests_cooperation"
                    or re.search(
                        r"(要|想|让我)赔|扣(我|工钱|钱)|没门|凭什么|body pays|one pays|my (invoice|bill|money)", h.text
                    )
                )
            ),
            lambda h: replace(
                h.reading, intent="reports_result", risk_topics={**h.reading.risk_topics, "dispute": 0.8}
            ),
        ),
    ),
    (
        rule(
            "a partner reports what was done, they confirm nothing to us",
            "confirms_completion",
            lambda h: True,
            to("reports_result"),
        ),
        rule(
            "a time contradicts no finding",
            "confirms_appointment",
            lambda h: not h.reading.signals & {"finding_against", "denies_finding"},
            lambda h: replace(h.reading, risk_topics=h.without("verification_conflict")),
        ),
    ),
    (
        rule(
            "a finding with a time in it is a finding",
            "confirms_appointment",
            lambda h: h.has(phrases.FOUND) and not _asks_for_time(h),
            to("reports_result"),
        ),
        rule(
            "done with a time in it is a result",
            "confirms_appointment",
            lambda h: h.has(phrases.FINISHED) and not h.has(phrases.WILL_VISIT),
            to("reports_result"),
        ),
        Rule(
            "a time is put to us",
            lambda h: (
                _clocks(h) and _asks_for_time(h) and not h.has(phrases.SHIPS) and not h.has(phrases.BY_WHEN_TO_SAY)
            ),
            to("confirms_appointment"),
        ),
        rule(
            "goods that come and when they are fitted: news of both",
            "confirms_appointment",
            lambda h: (
                re.search(
                    r"(件|板|货|料|泵|阀|芯|膜|电机|主机|器|屏|锁|表|盖|轮|胎|片|管|灯|盘|玻璃)[^，,。]{0,6}(周|明天|后天|\d+号|今天)[^，,。]{0,4}到",
                    h.text,
                )
                and not _asks_for_time(h)
            ),
            to("reports_result"),
            below=0.8,
        ),
        rule(
            "a date put right is news",
            "confirms_appointment",
            lambda h: h.has(phrases.PUTS_RIGHT) and not h.has(phrases.VISIT),
            to("reports_result"),
        ),
        rule(
            "goods that leave make no appointment",
            "confirms_appointment",
            lambda h: h.has(phrases.SHIPS) and not h.has(phrases.VISIT),
            to("reports_result"),
        ),
        rule(
            "a day on which something happens to goods is no appointment",
            "confirms_appointment",
            lambda h: wording.is_english(h.text) and not h.has(phrases.ENGLISH_VISIT) and not h.has(phrases.PUTS_TIME),
            to("reports_result"),
        ),
        rule(
            "a visit that is announced is no delay",
            "defers",
            lambda h: _clocks(h) and re.search(r"去.{0,12}(换|修|装|看|取|洗|检)|上门|带.{0,8}去", h.text),
            to("reports_result"),
        ),
    ),
)
OURS_ARE_TO_TELL = Rule(
    "our own people are to tell the customer themselves", lambda h: h.has(phrases.OURS_TELL), _ours_tell
)
