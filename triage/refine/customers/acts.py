"""What customers hand in, pass on, have done, put off or call off, where words or what they owe leave less doubt than the engine had. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from triage import phrases
from triage.engines.base import StatementReading, WaitView
from triage.engines.local.lexicons import lexicon
from triage.matching import bigrams
from triage.refine.customers.words import MONEY_BACK, MONEY_OR_ANGER, SAYS_YES
from triage.refine.rules import Heard, Rule, answers_nothing, rule, surely, to

#: One verb, done: ok 关了.
_SAID_AND_DONE = re.compile(
    r"^\W*((ok(ay)?|好[的了嘞]?|嗯+|行)[\s,，.。]*)?(我|他|她)?(已经|都|刚刚?|给)?(?P<act>(?![好行对算得来知忘])[\u4e00-\u9fff])(上|掉|下|好|完|妥|开|过)?(了|啦|咯|嘞)[呀啊哈~～。.!！\s]*$",
    re.I,
)
#: Something was used or tried, in a few words, with how much of it.
_USED = re.compile(r"^\W*(我?们?刚刚?|今[天早]|昨[天晚])[^，,。\s]{0,2}[\u4e00-\u9fff](了|过)[^，,。\s]{0,6}$")
_PAPERS = lexicon().risks["sensitive_material"]


def _meant_material(h: Heard) -> WaitView | None:
    """The material that the words name, where they name none of the times that are to be agreed."""
    said = bigrams(h.text)
    material = [w for w in h.owed if w.state == "waiting_customer_material" and said & bigrams(w.need)]
    times = [w for w in h.owed if w.state == "waiting_appointment" and said & bigrams(w.need)]
    return material[0] if material and not times else None


def _is_picture(h: Heard) -> StatementReading:
    wants = not h.asked_picture or any(wait.state == "waiting_customer_material" for wait in h.asked_picture)
    material = wants and h.reading.intent != "confirms_completion"
    return replace(h.reading, intent="provides_material" if material else "confirms_completion", risk_topics=h.quiet())


ACTS: tuple[Rule, ...] = (
    rule(
        "what was asked for, sent with the words that it is this",
        "reports_issue asks_question chats acknowledges confirms_completion requests_change defers",
        lambda h: h.pictures and (h.asked_picture or "material_received" in h.states) and h.has(phrases.HERE_IT_IS) and not h.has(MONEY_OR_ANGER),
        _is_picture, below=0.93,
    ),
    Rule(
        "a picture that its words say was sent",
        lambda h: (
            h.pictures and h.reading.intent not in ("provides_material", "complains")
            and h.has(phrases.SENDS_PICTURE if h.reading.intent == "requests_remedy" else phrases.SENDS) and not h.has(phrases.TROUBLE) and not h.has(MONEY_OR_ANGER)
        ),
        to("provides_material", quiet=True), below=0.95,
    ),
    rule(
        "what we asked for by a harmless name",
        "provides_material confirms_completion",
        lambda h: (
            h.pictures and h.asked_picture and "sensitive_material" in h.reading.risk_topics
            and not any(_PAPERS.matches(words, "customer") for words in (h.text, *(w.need for w in h.asked_picture)))
        ),
        lambda h: replace(h.reading, risk_topics=h.without("sensitive_material")),
    ),
    rule(
        "a picture where one was asked for",
        "reports_issue asks_question asks_progress chats acknowledges defers confirms_completion",
        lambda h: h.pictures and h.asked_picture and len(h.text) <= 24 and not h.has(phrases.TROUBLE),
        _is_picture, below=0.93,
    ),
    rule(
        "they will still send it",
        "provides_material confirms_completion chats acknowledges reports_issue",
        lambda h: (
            not h.pictures and h.asked_picture and h.reading.times and h.has(phrases.WILL_DO)
            and not (h.asks() or h.has(phrases.TROUBLE))
        ),
        lambda h: replace(h.reading, intent="defers", risk_topics=h.quiet(), wait_state_after=None), below=0.85,
    ),
    rule(
        "the word was passed on to whoever has to act",
        "confirms_appointment chats acknowledges reports_issue provides_material defers confirms_completion",
        lambda h: (
            "waiting_contact_coordination" in h.states and not h.pictures and h.has(phrases.PASSED_ON)
            and not (h.asks() or (h.has(phrases.FINISHED) and not h.has(phrases.AFTER_SOMETHING)) or h.has(MONEY_OR_ANGER))
        ),
        lambda h: replace(
            h.reading, intent="defers", risk_topics=h.quiet(), wait_state_after="waiting_executor", signals=h.reading.signals | {"passes_on"},
            wait_ref=next(w.ref for w in h.owed if w.state == "waiting_contact_coordination"),
        ),
    ),
    rule(
        "done by its very words, however glad",
        "acknowledges",
        lambda h: h.states and h.has(phrases.DONE) and not h.asks() and not h.pictures and not h.has(phrases.DELAYS) and not h.has(phrases.TROUBLE),
        to("confirms_completion"),
    ),
    rule(
        "done, by the very verb of what was asked",
        "acknowledges chats reports_issue defers",
        lambda h: (
            (said := _SAID_AND_DONE.match(h.text)) and not h.attached and not h.asks()
            and any(said["act"] in w.need for w in h.owed if w.state in ("requested", "waiting_customer_material", "waiting_executor", "waiting_contact_coordination"))
        ),
        to("confirms_completion", quiet=True),
    ),
    rule(
        "used, and not a word about how it is",
        "confirms_completion",
        lambda h: (
            h.states == {"waiting_confirmation"} and not h.attached and h.has(_USED) and not h.has(phrases.FINE_NOW) and not h.has(phrases.DONE)
            and not h.has(phrases.FINISHED) and not h.has(phrases.PRAISES) and not h.has(SAYS_YES)
        ),
        answers_nothing("chats"), below=0.7,
    ),
    rule(
        "tried later",
        "acknowledges chats confirms_completion complains reports_issue confirms_appointment",
        lambda h: (
            "waiting_confirmation" in h.states and not h.asks() and not h.has(phrases.TROUBLE)
            and re.search(r"再(试|用|装|弄|测|穿|戴|看)(?!也)|(今晚|今天|晚上|下午|明[天早晚]|周[一二三四五六日天末]|回[家去]|到家|下班|吃完|洗|睡前|有空|得空)[^，,。\s]{0,8}(?<!刚)(试|测|用|装|穿|戴|弄)(?![过了用着]|完)|\b(will|i'?ll|to) (try|test|check|use|wear) (it|them)\b", h.text, re.I)
        ),
        lambda h: replace(h.reading, intent="defers", risk_topics=h.quiet(), wait_state_after=None), below=0.85,
    ),
    rule(
        "it is told later",
        "provides_material confirms_appointment confirms_completion chats",
        lambda h: "waiting_customer_material" in h.states and not h.attached and not h.asks() and h.has(phrases.TELLS_LATER) and not h.has(MONEY_OR_ANGER),
        lambda h: replace(h.reading, intent="defers", risk_topics=h.quiet(), wait_state_after=None, wait_ref=(_meant_material(h) or h.owed[0]).ref),
    ),
    rule(
        "a time for what was asked for is a delay, though another time is to be agreed",
        "confirms_appointment",
        lambda h: (
            not h.pictures and h.reading.times and not h.asks() and re.search(r"发|拍|传|补|找|翻|给你|给您|send|take", h.text, re.I)
            and _meant_material(h) is not None
        ),
        lambda h: replace(
            h.reading, intent="defers", risk_topics=h.quiet(), wait_state_after=None, wait_ref=(_meant_material(h) or h.owed[0]).ref
        ),
    ),
    rule(
        "goods or a visit sent elsewhere",
        "asks_progress asks_question acknowledges chats defers declines confirms_appointment confirms_completion",
        lambda h: (h.turn.open_waits or h.turn.customer_names) and not h.asks() and h.has(phrases.REDIRECTS),
        lambda h: replace(
            h.reading, intent="requests_change", wait_ref=None, wait_state_after=None,
            risk_topics={**h.without("service_promise"), "address": max(0.8, h.reading.risk_topics.get("address", 0.0))},
        ), below=0.9,
    ),
    rule(
        "called off in so many words, and heard as such",
        "declines",
        lambda h: h.turn.open_waits and h.has(phrases.CALLS_OFF) and not h.has(MONEY_BACK) and not h.clue("complain") and not h.reading.alerts,
        surely("declines"),
    ),
    Rule(
        "called off in so many words",
        lambda h: (h.states or h.turn.open_waits) and h.has(phrases.CALLS_OFF) and not h.has(MONEY_BACK),
        surely("declines"), below=0.75,
    ),
    rule(
        "called off while only others owe something",
        "confirms_completion",
        lambda h: not h.states and h.turn.open_waits and h.has(phrases.CALLS_OFF),
        to("declines", quiet=True),
    ),
    rule(
        "done, said in passing",
        "acknowledges chats",
        lambda h: (
            h.has(phrases.FINISHED) and not h.asks() and (h.states or h.turn.customer_names)
            and not (h.reading.risk_topics or h.has(phrases.TROUBLE))
        ),
        to("confirms_completion"),
    ),
    rule(
        "an ok where nothing is owed confirms nothing",
        "confirms_completion",
        lambda h: h.states <= {"waiting_customer_material"} and not h.pictures and re.match(r"\s*(ok(ay)?|好|行|收到|嗯|可以)", h.text, re.I) and not h.has(phrases.FINISHED)
        and not h.has(phrases.DID_IT_IN_A_WORD),
        answers_nothing("acknowledges"), below=0.7,
    ),
)  # fmt: skip
