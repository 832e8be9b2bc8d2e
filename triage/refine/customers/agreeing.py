"""How customers agree to times, ask beside them and think again, where words or what they owe leave less doubt than the engine had. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from triage import phrases
from triage.engines.local import times
from triage.matching import bigrams
from triage.refine.customers.words import MONEY_BACK, MONEY_OR_ANGER, asks_now
from triage.refine.rules import Heard, Rule, answers_nothing, harmless, rule, to

#: A yes that goes on.
_YES_FIRST = re.compile(r"\W*(好|行|中|要得|可以|成|ok|没问题)[的嘞呀啊]?[\s,，]", re.I)


def _takes_one(h: Heard) -> bool:
    """Whether a piece of the statement takes a time (周日那个好), while another may rule one out."""
    return any(
        times.find(piece, h.turn.at)
        and re.search(r"好(?!像)|行|可以|合适|方便|就|吧$|(?<![a-z])ok(?![a-z])|👌", piece, re.I)
        and not re.search(r"不|没|赶|[?？吗]", piece)
        for piece in h.clauses
    )


#: A time, and yes at once: 周五下午行.
_YES_TO_TIME = re.compile(
    rf"([点号日午晚早上天半]|周[一二三四五六日]|\d)\s?(都|也|就)?({phrases.FINE}|可以|没问题|中|好|ok)(?![吗么不])",
    re.I,
)
AGREEING: tuple[Rule, ...] = (
    rule(
        "plainly a question",
        "confirms_completion reports_issue chats acknowledges provides_material complains confirms_appointment defers declines",
        lambda h: (
            not h.attached and not h.reading.alerts and h.asks() and not h.exact
            and not (h.has(phrases.TROUBLE) or re.search(r"投诉|退|赔|差评|到底|还.{0,6}不", h.text))
        ),
        asks_now, below=0.55,
    ),
    rule(
        "a delay of nothing is a question",
        "defers",
        lambda h: not h.states and h.asks() and not h.turn.attachments,
        asks_now,
    ),
    rule(
        "something is to be looked into",
        "requests_change requests_remedy",
        lambda h: h.has(phrases.LOOK_INTO) and not h.has(MONEY_BACK) and not h.has(phrases.CHANGE) and not h.has(phrases.REDIRECTS),
        answers_nothing("reports_issue", "account", "address", "payment", "benefit", "refund", "compensation", "discount_promise"), below=0.75,
    ),
    rule(
        "one of two times, and why not the other",
        "declines defers reports_issue",
        lambda h: "waiting_appointment" in h.states and _takes_one(h),
        to("confirms_appointment", quiet=True),
    ),
    rule(
        "a time is taken without a word of complaint",
        "complains",
        lambda h: (
            "waiting_appointment" in h.states and h.exact and h.has(phrases.TAKES_TIME) and not h.clue("complain") and not h.clue("issue") and not h.clue("remedy")
            and not h.has(phrases.TROUBLE) and not h.has(MONEY_OR_ANGER) and not h.reading.alerts
        ),
        harmless("confirms_appointment"), below=0.95,
    ),
    rule(
        "yes to the time that was offered, whatever they call their things beside it",
        "complains reports_issue",
        lambda h: (
            ("waiting_appointment" in h.states or h.sure < 0.5) and h.reading.times and h.has(_YES_TO_TIME) and not h.asks() and not h.reading.alerts
            and not h.has(MONEY_OR_ANGER) and not h.clue("contrast") and not h.clue("complain") and not h.has(phrases.CALLS_OFF)
        ),
        harmless("confirms_appointment"), below=0.7,
    ),
    rule(
        "they will send it when they can, though they begin with ok",
        "confirms_appointment",
        lambda h: (
            h.asked_picture and "waiting_appointment" not in h.states and h.has(phrases.WILL_DO) and not h.pictures and not h.asks()
            and re.search(r"\b(send|take|get|do) (it|them|that|you|the)\b|发|拍|传|补", h.text, re.I)
        ),
        lambda h: replace(h.reading, intent="defers", risk_topics=h.quiet(), wait_state_after=None),
    ),
    rule(
        "yes, and when somebody may come",
        "confirms_completion",
        lambda h: (
            h.exact and _YES_FIRST.match(h.text) and not h.asks() and not h.pictures
            and re.search(r"(你|你们|您|师傅|直接|人)[^，,。\s]{0,4}(上|来|到|过来|进)", h.text) and not h.has(phrases.FINISHED) and not h.has(phrases.DONE)
        ),
        to("confirms_appointment", quiet=True),
    ),
    rule(
        "yes, and a time",
        "defers reports_issue chats requests_change asks_question",
        lambda h: h.exact and _YES_FIRST.match(h.text) and not h.has(phrases.THINKS) and not h.asks(),
        to("confirms_appointment", quiet=True), below=0.8,
    ),
    rule(
        "that time will do",
        "asks_question reports_issue chats defers",
        lambda h: (
            h.exact and not h.attached and re.search(r"((行|可以|好|成|中|没问题|ok)(的|哈|啊|呀|嘞|滴|哒)|要得|得行|没得问题)", h.text, re.I) and not h.asks()
            and not (h.has(phrases.FINISHED) or h.has(phrases.TROUBLE) or h.has(phrases.DONE) or h.has(phrases.THINKS) or h.has(phrases.TELLS_LATER))
        ),
        to("confirms_appointment", quiet=True), below=0.7,
    ),
    rule(
        "a time that suits",
        "defers chats acknowledges provides_material reports_issue confirms_completion",
        lambda h: (
            h.exact and not h.pictures and not h.has(phrases.CHANGE) and not h.asks()
            and re.search(rf"可以|{phrases.FINE}|没问题|ok|在家|方便|有人|都在|过来|合适", h.text, re.I) and not h.has(phrases.TELLS_LATER) and not re.search(r"再(拍|发|补|弄|传|找|给)", h.text)
            and not (h.has(phrases.FINISHED) or h.has(phrases.TROUBLE) or h.has(phrases.DONE))
        ),
        to("confirms_appointment", quiet=True), below=0.7,
    ),
    rule(
        "a time that answers our question contradicts no finding",
        "confirms_appointment",
        lambda h: "waiting_appointment" in h.states and "verification_conflict" in h.reading.risk_topics and "denies_finding" not in h.reading.signals,
        lambda h: replace(h.reading, risk_topics=h.without("verification_conflict")),
    ),
    rule(
        "tried, and it is right",
        "complains chats",
        lambda h: (
            "waiting_confirmation" in h.states and (h.has(phrases.FINISHED) or h.has(phrases.FINE_NOW)) and not h.asks() and not h.has(phrases.TROUBLE)
            and not h.clue("complain") and not h.clue("contrast") and not h.has(MONEY_OR_ANGER) and not h.reading.alerts and not h.has(phrases.DELAYS)
        ),
        to("confirms_completion", quiet=True), below=0.8,
    ),
    rule(
        "it no longer does what it did: nothing is called off",
        "declines",
        lambda h: (
            "waiting_confirmation" in h.states and (h.has(phrases.FINE_NOW) or h.has(phrases.FINISHED)) and not h.asks() and not h.has(phrases.CALLS_OFF)
            and not re.search(r"投诉|退|赔|但是?|就是还|可是|取消|算了|不用(来|修|换|装)", h.text)
        ),
        to("confirms_completion", quiet=True),
    ),
    rule(
        "good news where it was asked for",
        "reports_issue chats acknowledges asks_question asks_progress defers declines provides_material",
        lambda h: (
            not (h.reading.intent == "defers" and h.has(phrases.DELAYS)) and
            "waiting_confirmation" in h.states and h.has(phrases.FINE_NOW) and not h.asks()
            and not re.search(r"投诉|退|赔|但是?|就是还|可是", h.text)
        ),
        to("confirms_completion", quiet=True), below=0.97,
    ),
    rule(
        "how they feel, said as good news where it was asked for, is no claim",
        "confirms_completion",
        lambda h: "waiting_confirmation" in h.states and "health_claim" in h.reading.risk_topics and h.has(phrases.FINE_NOW) and not h.asks(),
        lambda h: replace(h.reading, risk_topics=h.without("health_claim")),
    ),
    rule(
        "a question by its words",
        "complains confirms_completion confirms_appointment reports_issue",
        lambda h: (
            not h.turn.attachments and h.has(phrases.ASKS_BY_WORDS) and not h.reading.alerts
            and not re.search(r"投诉|退(钱|款|费)|赔|差评|到底|凭什么|骗|破|坏|漏|烂|不行|太(差|慢|烂)", h.text)
        ),
        answers_nothing("asks_question", "complaint", "dispute", "negative_review", "service_promise"), below=0.88,
    ),
    rule(
        "a question about what holds for everybody is none about where something stands",
        "asks_progress",
        lambda h: h.has(phrases.ASKS_WHAT_HOLDS) and not h.has(phrases.PROGRESS) and not h.turn.attachments and not h.reading.alerts,
        to("asks_question"),
    ),
    rule(
        "what we asked whether to change stays as it is",
        "reports_issue chats confirms_completion confirms_appointment asks_question complains acknowledges requests_change",
        lambda h: (
            "waiting_confirmation" in h.states and h.has(phrases.STAYS) and not h.asks() and not h.attached and not h.has(MONEY_OR_ANGER) and not h.reading.alerts
            and (any(w.state == "waiting_confirmation" and bigrams(w.need) & bigrams(h.text) for w in h.owed) or [w.state for w in h.owed].count("waiting_confirmation") == 1)
            and any(re.search(r"改|换|调|挪|移|变|加|减|缩|放|升|降|提前|推|建议|\b(change|move|switch|swap|suggest|propose|recommend|instead|rather|like to|better|make|moved?|wider|narrower|thinner|thicker|bigger|smaller|lower|higher|print|replace)\b", w.need) for w in h.owed if w.state == "waiting_confirmation")
        ),
        to("declines", quiet=True),
    ),
    rule(
        "it goes on as it was",
        "confirms_completion declines requests_remedy requests_change",
        lambda h: h.has(phrases.GOES_ON),
        answers_nothing("chats", harmless=True),
    ),
    rule(
        "an order to change something, whatever friendly word stands in front",
        "acknowledges chats defers confirms_appointment",
        lambda h: h.has(phrases.CHANGE),
        answers_nothing("requests_change"),
    ),
    rule(
        "new trouble",
        "confirms_completion acknowledges chats",
        lambda h: (
            h.has(phrases.TROUBLE) and not h.has(phrases.FINISHED) and "waiting_confirmation" not in h.states
        ),
        answers_nothing("reports_issue"), below=0.9,
    ),
    rule(
        "trouble told with the words of a question",
        "asks_question",
        lambda h: h.has(phrases.TROUBLE) and not h.asks() and not h.has(MONEY_OR_ANGER),
        answers_nothing("reports_issue"), below=0.8,
    ),
    rule(
        "nothing is agreed yet: first somebody else has to say",
        "confirms_appointment",
        lambda h: h.has(phrases.THINKS) and not re.search(r"可以|行|就(定|约|选)|没问题|ok", h.text, re.I) and not h.asks(),
        lambda h: replace(h.reading, intent="defers", risk_topics=h.quiet(), wait_state_after=None),
    ),
    rule(
        "a time is taken where one was offered",
        "defers asks_question reports_issue chats acknowledges confirms_completion",
        lambda h: (
            h.exact and "waiting_appointment" in h.states and h.has(phrases.TAKES_TIME) and not h.has(phrases.TELLS_LATER)
            and not h.has(phrases.NOT_BEFORE) and not h.has(phrases.THINKS) and not re.search(r"(怎么|多少|什么|几点[?？])", h.text)
        ),
        to("confirms_appointment"), below=0.9,
    ),
    rule(
        "a time, and nothing that is done",
        "confirms_completion",
        lambda h: (
            h.exact and not h.pictures and re.search(r"(可以|行|没问题|ok|在家|方便|^\W*(我)?在(的|呢|哈)?(?=[\s，,]))", h.text, re.I)
            and not h.has(phrases.FINISHED) and not h.has(phrases.DONE) and not h.has(phrases.FINE_NOW)
        ),
        to("confirms_appointment"), below=0.95,
    ),
    rule(
        "somebody else has to be asked first",
        "asks_question reports_issue confirms_completion acknowledges chats",
        lambda h: h.states and h.has(phrases.THINKS) and not h.pictures and not h.has(MONEY_OR_ANGER) and not phrases.PLAIN_QUESTION.search(h.clauses[-1]),
        lambda h: replace(h.reading, intent="defers", risk_topics=h.quiet(), wait_state_after=None), below=1.01,
    ),
    rule(
        "not before something else, or still being thought about",
        "asks_question reports_issue provides_material complains chats requests_remedy confirms_completion acknowledges declines",
        lambda h: (
            h.states and not h.pictures and not h.has(MONEY_OR_ANGER)
            and (h.has(phrases.THINKS) or (h.reading.times and h.has(phrases.NOT_BEFORE)))
        ),
        lambda h: replace(
            h.reading, intent="defers", risk_topics=h.without("complaint", "discount_promise", "price", "service_promise")
        ), below=0.8,
    ),
)  # fmt: skip
