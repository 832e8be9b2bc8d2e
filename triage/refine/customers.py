"""What customers mean, where their words, or what they owe, leave less doubt than the engine had. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from triage import phrases
from triage.engines.base import StatementReading, WaitView
from triage.engines.local import times
from triage.engines.local.features import shared_characters
from triage.engines.local.lexicons import lexicon
from triage.matching import bigrams, stem
from triage.refine.rules import Heard, Rule, answers_nothing, asks_plainly, harmless, rule, surely, to

#: A question, or money, or anger: more than an answer to what was asked.
MONEY_OR_ANGER = re.compile(r"[?？]|投诉|退|赔")
#: Money is asked for beside what is called off.
MONEY_BACK = re.compile(r"[?？]|吗|投诉|退(?!租|订|房|了这单)|赔|押金|定金|订金|差价|refund|deposit", re.I)


_SAYS_YES = re.compile(
    rf"可以|{phrases.FINE}[吧的啊呀]|好[的吧呀嘞]|没问题|方便|有空|在家|(?<![a-z])(ok|okay|yes|fine|sure|works)(?![a-z])",
    re.I,
)


#: One verb, done: ok 关了.
_SAID_AND_DONE = re.compile(
    r"^\W*((ok(ay)?|好[的了嘞]?|嗯+|行)[\s,，.。]*)?(我|他|她)?(已经|都|刚刚?|给)?(?P<act>(?![好行对算得来知忘])[\u4e00-\u9fff])(上|掉|下)?了[呀啊哈~～。.!！\s]*$",
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


def _own_matter(h: Heard) -> str:
    """A pattern of how the customer's people are called in short: 佟佟那个班."""
    short = (re.sub(r"(妈妈?|爸爸?|奶奶|爷爷|家长)$", "", stem(name) or name) for name in h.turn.customer_names)
    return "|".join(re.escape(name) for name in short if len(name) >= 2) or r"(?!)"


def _takes_one(h: Heard) -> bool:
    """Whether a piece of the statement takes a time (周日那个好), while another may rule one out."""
    return any(
        times.find(piece, h.turn.at)
        and re.search(r"好(?!像)|行|可以|合适|方便|就|吧$|(?<![a-z])ok(?![a-z])|👌", piece, re.I)
        and not re.search(r"不|没|赶|[?？吗]", piece)
        for piece in h.clauses
    )


def _unheard(h: Heard) -> tuple[str, ...]:
    """Topics that a plain question seldom has: of a quarrel, and of others' data where no word of such data is there."""
    private = lexicon().risks["privacy"].matches(h.text, h.turn.sender_side)
    return ("dispute", "complaint", "negative_review", *(() if private else ("privacy",)))


def _complains(h: Heard) -> StatementReading:
    care = {**h.reading.risk_topics, "complaint": max(0.9, h.reading.risk_topics.get("complaint", 0.0))}
    return replace(h.reading, intent="complains", risk_topics=care, wait_ref=None, wait_state_after=None)


def _is_picture(h: Heard) -> StatementReading:
    wants = not h.asked_picture or any(wait.state == "waiting_customer_material" for wait in h.asked_picture)
    material = wants and h.reading.intent != "confirms_completion"
    return replace(h.reading, intent="provides_material" if material else "confirms_completion", risk_topics=h.quiet())


def _asks(h: Heard) -> StatementReading:
    progress = h.has(phrases.PROGRESS) and h.turn.open_waits
    return answers_nothing(
        "asks_progress" if progress else "asks_question", "complaint", "dispute", "unproven_completion"
    )(h)


#: What a customer does by their words, where these leave no doubt and the engine had some.
CUSTOMERS_WORDS: tuple[Rule, ...] = (
    Rule(
        "a complaint by its very words, whatever is sent with it",
        lambda h: h.reading.intent not in ("complains", "requests_remedy") and (h.has(phrases.AGAIN_AND_AGAIN) or (h.has(phrases.COMPLAINS) and not h.asks())),
        _complains,
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
        _asks, below=0.95,
    ),
    rule(
        "whether one may bring it back is a question about the rule",
        "requests_remedy",
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
        "requests_change requests_remedy complains reports_issue asks_question asks_progress",
        lambda h: (
            phrases.LAUGHS.match(h.text) and not h.asks() and not h.has(phrases.TROUBLE) and not h.clue("complain")
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
        "no word of complaint, and hardly a guess of one",
        "complains",
        lambda h: (
            not h.clue("complain") and not h.clue("remedy") and not h.clue("issue") and not h.has(phrases.TROUBLE) and not h.asks() and not h.reading.alerts
            and not h.has(MONEY_OR_ANGER) and not h.attached and not h.clue("contrast") and not h.has(phrases.CALLS_OFF)
        ),
        harmless("chats"), below=0.35,
    ),
    rule(
        "neither a time nor a yes: no appointment",
        "confirms_appointment",
        lambda h: not h.reading.times and not h.has(_SAYS_YES) and not h.attached and (h.asks() or h.has(phrases.TROUBLE) or h.clue("issue")),
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
        lambda h: (_asks if h.asks() else answers_nothing("chats"))(h), below=0.67,
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
        "gladness reports no trouble",
        "reports_issue asks_question requests_change complains",
        lambda h: (
            h.has(phrases.PRAISES) and not h.clue("complain") and not h.clue("remedy") and not h.has(phrases.TROUBLE) and not h.clue("issue") and not h.asks()
            and "waiting_confirmation" not in h.states and not h.clue("contrast") and not h.turn.attachments
            and (not h.reading.risk_topics or h.sure < 0.4)
        ),
        answers_nothing("acknowledges", "complaint", "dispute"), below=0.75,
    ),
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
            h.pictures and h.asked_picture and 0 < h.reading.risk_topics.get("sensitive_material", 0.0) < 0.95
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
            and not h.has(phrases.FINISHED) and not h.has(phrases.PRAISES) and not h.has(_SAYS_YES)
        ),
        answers_nothing("chats"), below=0.7,
    ),
    rule(
        "tried later",
        "acknowledges chats confirms_completion",
        lambda h: (
            "waiting_confirmation" in h.states and not h.asks() and not h.has(phrases.TROUBLE)
            and re.search(r"再(试|用|装|弄|测|穿|戴|看)(?!也)|\b(will|i'?ll|to) (try|test|check|use|wear) (it|them)\b", h.text, re.I)
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
        lambda h: h.states <= {"waiting_customer_material"} and not h.pictures and re.match(r"\s*(ok(ay)?|好|行|收到|嗯|可以)", h.text, re.I) and not h.has(phrases.FINISHED),
        answers_nothing("acknowledges"), below=0.7,
    ),
    rule(
        "plainly a question",
        "confirms_completion reports_issue chats acknowledges provides_material complains confirms_appointment defers declines",
        lambda h: (
            not h.attached and not h.reading.alerts and h.asks() and not h.exact
            and not (h.has(phrases.TROUBLE) or re.search(r"投诉|退|赔|差评|到底|还.{0,6}不", h.text))
        ),
        _asks, below=0.55,
    ),
    rule(
        "a delay of nothing is a question",
        "defers",
        lambda h: not h.states and h.asks() and not h.turn.attachments,
        _asks,
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
        "they will send it when they can, though they begin with ok",
        "confirms_appointment",
        lambda h: (
            h.asked_picture and "waiting_appointment" not in h.states and h.has(phrases.WILL_DO) and not h.pictures and not h.asks()
            and re.search(r"\b(send|take|get|do) (it|them|that|you|the)\b|发|拍|传|补", h.text, re.I)
        ),
        lambda h: replace(h.reading, intent="defers", risk_topics=h.quiet(), wait_state_after=None),
    ),
    rule(
        "yes, and a time",
        "defers reports_issue chats requests_change asks_question",
        lambda h: h.exact and re.match(r"\W*(好|行|中|要得|可以|成|ok|没问题)[的嘞呀啊]?[\s,，]", h.text, re.I) and not h.has(phrases.THINKS) and not h.asks(),
        to("confirms_appointment", quiet=True), below=0.8,
    ),
    rule(
        "that time will do",
        "asks_question reports_issue chats defers",
        lambda h: (
            h.exact and not h.attached and re.search(r"(行|可以|好|成|中|没问题|ok)(的|哈|啊|呀|嘞|滴|哒)", h.text, re.I) and not h.asks()
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
        "good news where it was asked for",
        "reports_issue chats acknowledges asks_question asks_progress defers declines provides_material",
        lambda h: (
            not (h.reading.intent == "defers" and h.has(phrases.DELAYS)) and
            "waiting_confirmation" in h.states and h.has(phrases.FINE_NOW) and not h.asks()
            and not re.search(r"投诉|退|赔|但是?|就是还|可是", h.text)
        ),
        to("confirms_completion", quiet=True), below=0.9,
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
        answers_nothing("asks_question", "complaint", "dispute", "negative_review", "service_promise"), below=0.8,
    ),
    rule(
        "a question about what holds for everybody is none about where something stands",
        "asks_progress",
        lambda h: h.has(phrases.ASKS_WHAT_HOLDS) and not h.has(phrases.PROGRESS) and not h.turn.attachments and not h.reading.alerts,
        to("asks_question"),
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
        answers_nothing("reports_issue"), below=0.97,
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
            h.exact and not h.pictures and re.search(r"(可以|行|没问题|ok|在家|方便)", h.text, re.I)
            and not h.has(phrases.FINISHED) and not h.has(phrases.DONE)
        ),
        to("confirms_appointment"),
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

#: What a customer does by what is owed, after their words are settled.
CUSTOMERS_PLACE: tuple[Rule, ...] = (
    Rule(
        "done, in short, by somebody who owes something",
        lambda h: h.turn.sender_side == "customer" and h.turn.open_waits and h.has(phrases.DONE),
        to("confirms_completion"), below=0.5,
    ),
    rule(
        "done, in so many words",
        "defers chats acknowledges provides_material asks_progress",
        lambda h: h.states and h.has(phrases.DONE) and not h.asks() and not h.pictures and not h.has(phrases.DELAYS),
        to("confirms_completion"), below=0.95,
    ),
    rule(
        "done, in a word, with what is owed named",
        "reports_issue chats acknowledges asks_question defers",
        lambda h: (
            phrases.SAYS_ONLY_DONE.match(h.text) and not h.has(phrases.TROUBLE) and not h.pictures
            and any(shared_characters(w.need, h.text) for w in h.owed)
        ),
        to("confirms_completion", quiet=True), below=0.8,
    ),
    rule(
        "a picture where material is owed",
        "confirms_completion reports_result acknowledges chats",
        lambda h: (
            h.pictures and h.reading.wait_ref
            and any(w.ref == h.reading.wait_ref and w.state == "waiting_customer_material" for w in h.turn.open_waits)
        ),
        to("provides_material"),
    ),
    rule(
        "done, and the picture of it, where no material is owed but an act",
        "provides_material",
        lambda h: (
            h.pictures and h.asked_picture and all(w.state != "waiting_customer_material" for w in h.asked_picture)
            and (h.has(phrases.FINISHED) or h.has(phrases.DONE) or re.search(r"[\u4e00-\u9fff](好|完|掉|上|下来|过去)(了|啦)", h.text))
        ),
        to("confirms_completion"),
    ),
    rule(
        "impatience asks where it stands",
        "requests_remedy complains reports_issue",
        lambda h: h.has(phrases.PROGRESS) and not h.has(phrases.TROUBLE) and not h.clue("remedy") and not h.clue("complain") and not h.turn.attachments,
        answers_nothing("asks_progress", "price_protection", "compensation", "refund"), below=0.65,
    ),
    rule(
        "a stranger asks where somebody's matter stands",
        "asks_question",
        lambda h: h.turn.sender_side == "unknown" and h.has(phrases.PROGRESS) and re.search(r"(他|她|我|老板|经理|总|工|姐|哥)(们|家)?(的|那|这)", h.text),
        to("asks_progress"),
    ),
    rule(
        "where something stands",
        "reports_issue asks_question",
        lambda h: h.turn.sender_side == "customer" and h.turn.customer_names and phrases.PROGRESS.search(h.text.strip()),
        to("asks_progress"), below=0.7,
    ),
    rule(
        "where something of one's own stands",
        "asks_question",
        lambda h: (
            h.turn.sender_side == "customer" and (h.turn.open_waits or h.turn.customer_names) and phrases.PROGRESS.search(h.text.strip())
            and re.search(_own_matter(h) + r"|我(们|家|公司)?(的|那|这|订|买|修|寄)|我们?[\u4e00-\u9fff]{1,5}(几号|哪天|什么时候|啥时候|何时)|[\u4e00-\u9fff]{2,6}那[个单](几点|几号|哪天|什么时候|啥时候|何时)|我们.{0,6}定|定(在|到|好)?了?(是)?(哪|几)(天|号|点)|\bmy\b|\bour\b", h.text) and not h.has(phrases.ASKS_WHAT_HOLDS)
        ),
        to("asks_progress"),
    ),
    rule(
        "when it can be used, where somebody sees to it",
        "asks_question",
        lambda h: (
            h.turn.sender_side == "customer" and h.has(phrases.WHEN_CAN) and not h.has(phrases.ASKS_WHAT_HOLDS)
            and h.turn.open_waits
        ),
        to("asks_progress"),
    ),
    rule(
        "a time is moved, whatever else is asked",
        "asks_question reports_issue requests_change declines defers",
        lambda h: h.reading.times and h.has(phrases.MOVES_TIME),
        lambda h: replace(h.reading, intent="confirms_appointment", risk_topics=h.without("account", "address")),
    ),
)  # fmt: skip
