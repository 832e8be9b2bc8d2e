"""What customers complain of, ask, laugh about or tell, where their words leave less doubt than the engine had. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from triage import phrases
from triage.engines.base import StatementReading
from triage.engines.local.lexicons import lexicon
from triage.matching import bigrams
from triage.refine.customers.words import MONEY_OR_ANGER, SAYS_YES, asks_now
from triage.refine.rules import Heard, Rule, answers_nothing, asks_plainly, harmless, rule, to


def _unheard(h: Heard) -> tuple[str, ...]:
    """Topics that a plain question seldom has: of a quarrel, and of others' data where no word of such data is there."""
    private = lexicon().risks["privacy"].matches(h.text, h.turn.sender_side)
    return ("dispute", "complaint", "negative_review", *(() if private else ("privacy",)))


def _complains(h: Heard) -> StatementReading:
    care = {**h.reading.risk_topics, "complaint": max(0.9, h.reading.risk_topics.get("complaint", 0.0))}
    return replace(h.reading, intent="complains", risk_topics=care, wait_ref=None, wait_state_after=None)


FEELINGS: tuple[Rule, ...] = (
    rule(
        "they say that they complain, or whom they turn to",
        "requests_remedy confirms_completion asks_progress reports_issue chats defers acknowledges asks_question confirms_appointment provides_material declines",
        lambda h: (
            h.turn.sender_side == "customer" and not re.search(r"不(想|是|会|用|要)[^，,。]{0,3}(投诉|举报)|撤(了|回|销)|算了", h.text)
            and (h.has(phrases.MAKES_A_COMPLAINT) or ("regulator_media" in h.reading.alerts and not h.asks()))
        ),
        lambda h: _complains(h) if "negative_review" not in h.reading.risk_topics else replace(h.reading, intent="complains", wait_ref=None, wait_state_after=None),
    ),
    Rule(
        "a complaint by its very words, whatever is sent with it",
        lambda h: h.reading.intent not in ("complains", "requests_remedy") and (h.has(phrases.AGAIN_AND_AGAIN) or (h.has(phrases.COMPLAINS) and not h.asks())),
        _complains,
    ),
    rule(
        "well, and they wait for word",
        "confirms_appointment defers chats reports_issue asks_progress confirms_completion",
        lambda h: (
            re.match(
                r"\W*(好|行|中|要得|得|成|妥|嗯|ok|可以|收到|知道了)[的哒嘞滴呀啊吧咧]{0,2}[\s,，。~～!！]*(那)?(我)?(就)?(明天|今天|后天|下周|周[一二三四五六日天])?(我)?(就)?等(着)?[^，,。\s]{0,3}(单号|消息|通知|结果|回复|电话|好消息|准?信儿?)[了啦哈呀啊~～。!！]*\s*$",
                h.text, re.I,
            ) and not h.turn.attachments
        ),
        answers_nothing("acknowledges", harmless=True),
    ),
    Rule(
        "somebody only begins to write",
        lambda h: phrases.BEGINS.match(h.text) and h.text and not h.turn.attachments and not h.reading.alerts,
        answers_nothing("chats", harmless=True),
    ),
    rule(
        "a question beside words of time",
        "defers chats acknowledges",
        lambda h: not h.turn.attachments and not h.reading.alerts and h.asks_apart() and not h.has(phrases.THINKS),
        asks_now, below=0.95,
    ),
    rule(
        "whether one may bring it back is a question about the rule",
        "requests_remedy reports_issue asks_progress",
        lambda h: h.has(phrases.ASKS_THE_RULE) and not h.has(phrases.TROUBLE) and not re.search(r"退我|退钱|给我退|退款|赔|投诉|money", h.text),
        asks_plainly, below=0.97,
    ),
    rule(
        "a question about what holds, taken for a demand",
        "requests_remedy requests_change",
        lambda h: h.has(phrases.ASKS_WHAT_HOLDS) and not re.search(r"退|赔|refund|money|\bmy\b", h.text, re.I),
        asks_plainly, below=0.9,
    ),
    rule(
        "laughter asks for nothing",
        "requests_change requests_remedy complains reports_issue asks_question asks_progress confirms_appointment",
        lambda h: (
            "waiting_appointment" not in h.states and phrases.LAUGHS.match(h.text) and not h.asks() and not h.has(phrases.TROUBLE) and not h.clue("complain")
            and not h.clue("change") and not h.clue("remedy") and not h.turn.attachments
        ),
        answers_nothing("chats", harmless=True), below=0.6,
    ),
    rule(
        "laughter about somebody else",
        "chats",
        lambda h: (
            phrases.LAUGHS.match(h.text) and not h.asks() and 0 < h.reading.risk_topics.get("complaint", 0.0) < 0.95
            and not re.search(r"你们?|您|客服|店|商家|老板|公司", h.text)
        ),
        answers_nothing("chats", "complaint", "dispute"),
    ),
    rule(
        "asked plainly, without a word of complaint",
        "complains requests_remedy",
        lambda h: (
            h.asks() and not h.clue("complain") and not h.clue("remedy") and not h.clue("issue") and not h.clue("contrast") and not h.has(phrases.TROUBLE)
            and not h.has(MONEY_OR_ANGER) and not h.attached and not h.reading.alerts and not h.states & {"waiting_confirmation", "requested"}
            and not h.has(phrases.COMPLAINS) and not h.has(phrases.PROGRESS)
        ),
        asks_plainly, below=0.9,
    ),
    rule(
        "thanks, and nothing against it",
        "complains requests_remedy",
        lambda h: (
            h.has(phrases.BEGINS_WITH_THANKS) and not h.asks() and not h.has(phrases.TROUBLE) and not h.clue("complain") and not h.clue("remedy") and not h.clue("issue")
            and not h.clue("contrast") and not h.has(MONEY_OR_ANGER) and not h.attached and not h.reading.alerts and len(h.text) <= 60
        ),
        answers_nothing("acknowledges", harmless=True), below=0.85,
    ),
    rule(
        "no word of complaint, and hardly a guess of one",
        "complains",
        lambda h: (
            not h.clue("complain") and not h.clue("remedy") and not h.clue("issue") and not h.has(phrases.TROUBLE) and not h.asks() and not h.reading.alerts
            and not h.reading.signals & {"denies_finding", "injection"} and not h.has(MONEY_OR_ANGER) and not h.attached and not h.clue("contrast") and not h.has(phrases.CALLS_OFF)
            and not ("waiting_confirmation" in h.states and (h.has(phrases.FINISHED) or h.has(phrases.FINE_NOW)))
        ),
        harmless("chats"), below=0.35,
    ),
    rule(
        "neither a time nor a yes: no appointment",
        "confirms_appointment",
        lambda h: not h.reading.times and not h.has(SAYS_YES) and not h.attached and (h.asks() or h.has(phrases.TROUBLE) or h.clue("issue")),
        lambda h: answers_nothing("asks_question" if h.asks() else "reports_issue", "service_promise")(h), below=0.65,
    ),
    rule(
        "what would be if, is asked",
        "confirms_appointment requests_change",
        lambda h: not h.reading.times and h.has(phrases.HAS_A_QUESTION) and not h.attached and re.search(r"要是|如果|万一|假如|一般(?!般)|\bwhat if\b|\bif (it|i|we)\b", h.text, re.I),
        answers_nothing("asks_question", "service_promise", "account"),
    ),
    rule(
        "a time that answers our question promises nothing new",
        "confirms_appointment",
        lambda h: "waiting_appointment" in h.states and 0 < h.reading.risk_topics.get("service_promise", 0.0) < 0.7 and not h.has(phrases.MOVES_TIME),
        lambda h: replace(h.reading, risk_topics=h.without("service_promise")),
    ),
    rule(
        "a question about rules promises nobody a time",
        "asks_question",
        lambda h: "service_promise" in h.reading.risk_topics and not h.reading.times and not h.has(phrases.MOVES_TIME) and not h.has(phrases.NAMES_TIME),
        lambda h: replace(h.reading, risk_topics=h.without("service_promise")),
    ),
    rule(
        "a page that stays empty is a fault",
        "complains requests_remedy",
        lambda h: (
            h.has(phrases.SHOWS_NOTHING) and not h.clue("complain") and not h.clue("remedy") and not h.reading.alerts and not h.has(MONEY_OR_ANGER)
            and "waiting_confirmation" not in h.states
        ),
        lambda h: replace(
            h.reading, intent="reports_issue", risk_topics=h.quiet(),
            confidence={**h.reading.confidence, "intent": max(0.7, min(h.sure, 0.9)), "p_review": 0.2, "p_trouble": 0.1},
        ),
    ),
    rule(
        "a defect told without a word of complaint",
        "complains",
        lambda h: (
            h.clue("issue") and not h.clue("complain") and not h.clue("remedy") and not h.reading.alerts and not h.has(MONEY_OR_ANGER)
            and not h.turn.open_waits
        ),
        lambda h: replace(
            h.reading, intent="reports_issue", risk_topics=h.without("complaint", "dispute", "negative_review"),
            confidence={**h.reading.confidence, "p_review": 0.3, "p_trouble": 0.2},
        ), below=0.55,
    ),
    rule(
        "a defect told, and nothing asked for it",
        "requests_remedy",
        lambda h: (
            (h.clue("issue") or h.has(phrases.TROUBLE)) and not h.clue("remedy") and not h.clue("complain") and not h.reading.alerts
            and not h.has(MONEY_OR_ANGER) and not h.turn.attachments and not h.states and not h.has(phrases.CANCELS)
        ),
        lambda h: replace(
            h.reading, intent="reports_issue", risk_topics=h.quiet(),
            confidence={**h.reading.confidence, "intent": max(0.6, h.sure), "p_review": 0.3, "p_trouble": 0.2},
        ), below=0.6,
    ),
    rule(
        "a defect told politely is none",
        "reports_issue",
        lambda h: (
            0 < h.reading.risk_topics.get("complaint", 0.0) < 0.85 and h.reading.risk_topics.keys() <= {"complaint", "dispute"}
            and (h.clue("issue") or h.has(phrases.TROUBLE)) and not h.clue("complain") and not h.clue("remedy") and not h.reading.alerts
            and not h.has(MONEY_OR_ANGER)
        ),
        lambda h: replace(
            h.reading, risk_topics=h.without("complaint", "dispute"), confidence={**h.reading.confidence, "p_review": 0.3, "p_trouble": 0.2}
        ), below=0.9,
    ),
    rule(
        "the picture that was asked for, said to be sent, whatever it shows",
        "reports_issue asks_question chats defers confirms_completion",
        lambda h: (
            h.pictures and h.has(phrases.SENT_HERE) and not h.has(MONEY_OR_ANGER) and not h.asks() and not h.reading.alerts
            and any(w.state == "waiting_customer_material" for w in h.asked_picture)
        ),
        to("provides_material", quiet=True),
    ),
    rule(
        "what was counted, with the picture that was asked for, quarrels with nobody",
        "provides_material",
        lambda h: (
            h.pictures and h.asked_picture and h.reading.risk_topics.keys() & {"dispute", "complaint"} and not h.clue("complain") and not h.clue("remedy")
            and not h.has(MONEY_OR_ANGER) and not h.reading.alerts and h.reading.risk_topics.get("dispute", 0.0) < 0.9
        ),
        lambda h: replace(h.reading, risk_topics=h.without("dispute", "complaint")),
    ),
    rule(
        "the picture that was asked for, and whether it will do",
        "reports_issue asks_question chats defers confirms_completion asks_progress",
        lambda h: h.pictures and h.has(phrases.WILL_IT_DO) and not h.has(MONEY_OR_ANGER) and any(w.state == "waiting_customer_material" for w in h.asked_picture),
        to("provides_material", quiet=True),
    ),
    rule(
        "a picture where one is owed, and not a word of trouble",
        "reports_issue asks_question chats acknowledges defers confirms_appointment requests_change",
        lambda h: (
            h.pictures and len(h.text) <= 40 and not h.has(phrases.TROUBLE) and not h.clue("issue") and not h.clue("complain") and not h.clue("remedy")
            and not h.clue("still_bad") and not h.has(MONEY_OR_ANGER) and not h.asks() and not h.reading.alerts and not h.reading.risk_topics
            and [w.state for w in h.owed if w.state != "material_received"] == ["waiting_customer_material"]
            and (h.has(phrases.GIVES) or any(bigrams(w.need) & bigrams(h.text) for w in h.asked_picture))
        ),
        to("provides_material", quiet=True), below=0.97,
    ),
    rule(
        "a picture of what was asked for by its name",
        "reports_issue asks_question chats defers",
        lambda h: (
            h.pictures and len(h.text) <= 40 and not h.has(phrases.TROUBLE) and not h.has(MONEY_OR_ANGER) and not h.asks()
            and any(w.state == "waiting_customer_material" and bigrams(w.need) & bigrams(h.text) for w in h.asked_picture)
        ),
        to("provides_material", quiet=True), below=0.85,
    ),
    rule(
        "put off without a word of complaint",
        "complains requests_remedy requests_change",
        lambda h: (
            h.states and h.clue("later") and h.has(phrases.DELAYS) and not h.clue("complain") and not h.clue("remedy") and not h.clue("change")
            and not h.asks() and not h.has(phrases.TROUBLE) and not h.reading.alerts
        ),
        harmless("defers"), below=0.8,
    ),
    rule(
        "where it stands is not asked for in these words",
        "asks_progress",
        lambda h: (
            not h.clue("progress") and not h.has(phrases.PROGRESS) and not h.has(phrases.REDIRECTS) and not h.turn.attachments
            and (h.has(phrases.ASKS_BY_WORDS) or not h.has(phrases.HAS_A_QUESTION))
        ),
        lambda h: (asks_now if h.asks() else answers_nothing("chats"))(h), below=0.67,
    ),
    rule(
        "a plain question quarrels with nobody",
        "asks_question",
        lambda h: (
            0 < max((h.reading.risk_topics.get(t, 0.0) for t in _unheard(h)), default=0.0) < 0.85
            and h.asks() and not h.clue("complain") and not h.clue("remedy") and not h.has(phrases.TROUBLE) and not h.reading.alerts
        ),
        lambda h: replace(h.reading, risk_topics=h.without(*_unheard(h))),
    ),
    rule(
        "all is well, said where something was under way",
        "reports_issue",
        lambda h: (
            h.turn.open_waits and (h.has(phrases.FINE_NOW) or h.has(phrases.DONE)) and not h.has(phrases.TROUBLE) and not h.asks()
            and not h.clue("contrast") and not h.turn.attachments and not h.has(MONEY_OR_ANGER)
        ),
        to("confirms_completion", quiet=True), below=0.7,
    ),
    rule(
        "better now, and nothing was asked: no trouble is told",
        "reports_issue",
        lambda h: (
            not h.states and h.has(phrases.FINE_NOW) and not h.has(phrases.TROUBLE) and not h.asks() and not h.clue("contrast")
            and not h.turn.attachments and not h.has(MONEY_OR_ANGER) and not h.reading.alerts
        ),
        answers_nothing("chats"), below=0.9,
    ),
    rule(
        "what was asked for, done in a word",
        "acknowledges chats",
        lambda h: h.states & {"requested", "waiting_customer_material", "waiting_executor"} and h.has(phrases.DID_IT_IN_A_WORD) and not h.turn.attachments,
        to("confirms_completion"),
    ),
    rule(
        "a picture that takes the place of a wrong one",
        "reports_issue",
        lambda h: h.pictures and h.has(phrases.THIS_ONE) and not h.reading.alerts and not h.has(MONEY_OR_ANGER),
        to("provides_material", quiet=True), below=0.8,
    ),
    rule(
        "a bare cry",
        "",
        lambda h: h.has(phrases.BARE_CRY) and not h.turn.attachments,
        answers_nothing("chats", harmless=True),
    ),
    rule(
        "glad, where nothing is wanted of them",
        "confirms_completion confirms_appointment complains requests_remedy requests_change reports_issue asks_question asks_progress defers",
        lambda h: (
            h.has(phrases.GLAD) and not h.states & {"waiting_confirmation", "waiting_appointment", "waiting_executor", "requested"} and not h.asks()
            and not h.has(phrases.TROUBLE) and not h.clue("remedy") and not h.clue("change") and not h.clue("contrast") and not h.attached
            and not h.has(MONEY_OR_ANGER) and not h.reading.alerts and not h.exact and not h.has(phrases.COMPLAINS)
        ),
        answers_nothing("chats", harmless=True), below=0.9,
    ),
    rule(
        "gladness reports no trouble",
        "reports_issue asks_question requests_change complains",
        lambda h: (
            h.has(phrases.PRAISES) and not h.clue("complain") and not h.clue("remedy") and not h.has(phrases.TROUBLE) and not h.clue("issue") and not h.asks()
            and "waiting_confirmation" not in h.states and not h.clue("contrast") and not h.turn.attachments
            and (not h.reading.risk_topics or h.sure < 0.4)
        ),
        answers_nothing("acknowledges", "complaint", "dispute"), below=0.75,
    ),
)  # fmt: skip
