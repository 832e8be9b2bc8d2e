"""What the place of a message says about its meaning, beyond its words: policy, not guesses. Pure.

An engine reads words; these rules correct it where side, place and what is owed decide. They stand in stages: of each stage the first rule that fits
is applied, and the next stage sees what it made. `tests/triage/test_refine.py` shows an example of each that fits and a near miss.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from triage import phrases, wording
from triage.engines.base import Engine, StatementReading, TimeReading, Turn, WaitView
from triage.engines.local import times
from triage.engines.local.features import shared_characters
from triage.engines.local.lexicons import lexicon
from triage.matching import bigrams, stem

_CUSTOMERS = frozenset({"customer", "unknown"})
_OURS = frozenset({"internal_handler", "fulfillment_partner"})
_PICTURES = frozenset({"image", "file", "video"})
#: Topics that stand whatever the words turn out to mean.
_BY_PLACE = ("public_group", "identity_uncertain")
_MONEY_OR_ANGER = re.compile(r"[?？]|投诉|退|赔")


_MONEY_BACK = re.compile(r"[?？]|吗|投诉|退(?!租|订|房|了这单)|赔|押金|定金|订金|差价|refund|deposit", re.I)


@dataclass(frozen=True)
class Heard:
    """A reading beside the turn it was read from, and what the rules ask of both."""

    reading: StatementReading
    turn: Turn
    engine: Engine

    @property
    def text(self) -> str:
        """The statement's own words."""
        return self.reading.text

    @property
    def sure(self) -> float:
        """How sure the engine is of the intent, 0 to 1."""
        return self.reading.confidence.get("intent", 1.0)

    @cached_property
    def owed(self) -> tuple[WaitView, ...]:
        """What the customer's side owes."""
        return tuple(wait for wait in self.turn.open_waits if wait.on_role not in _OURS)

    @cached_property
    def states(self) -> frozenset[str]:
        """The states of what the customer's side owes."""
        return frozenset(wait.state for wait in self.owed)

    @cached_property
    def exact(self) -> tuple[TimeReading, ...]:
        """The times named to the day or closer."""
        return tuple(moment for moment in self.reading.times if moment.precision != "vague")

    @property
    def pictures(self) -> bool:
        """Whether something came with this statement that can be looked at."""
        return "without_picture" not in self.reading.signals and bool(_PICTURES & set(self.turn.attachments))

    @cached_property
    def asked_picture(self) -> tuple[WaitView, ...]:
        """What is waited for that a picture or file proves."""
        latest = {wait.state: wait for wait in self.owed}
        return tuple(w for w in latest.values() if w.proof in ("image", "file") and w.state != "material_received")

    def has(self, pattern: re.Pattern[str]) -> bool:
        """Whether the statement holds such words."""
        return bool(pattern.search(self.text))

    def asks(self) -> bool:
        """Whether it is plainly a question."""
        return self.has(phrases.PLAIN_QUESTION)

    @cached_property
    def clauses(self) -> tuple[str, ...]:
        """The statement in pieces, question marks kept."""
        apart = r"[.!;,，。！；~～]+\s*" if wording.is_english(self.text) else r"[\s,，。.!！;；~～]+"
        return tuple(piece for piece in re.split(apart, self.text) if piece)

    def asks_apart(self) -> bool:
        """Whether one piece is plainly a question about something else than a time, and none of the others puts something off."""
        asking = [c for c in self.clauses if phrases.PLAIN_QUESTION.search(c) or phrases.PROGRESS.search(c)]
        asking = [c for c in asking if not re.search(r"呢[呀啊]?$", c) or phrases.ASKS_BY_WORDS.search(c)]
        asking = [c for c in asking if not phrases.DELAYS.search(c) and not phrases.ASKS_TIME.search(c)]
        return bool(asking) and not any(phrases.DELAYS.search(c) for c in self.clauses if c not in asking)

    def clue(self, name: str) -> bool:
        """Whether the statement touches a group of the lexicon."""
        return bool(lexicon().clues[name].search(self.text))

    def quiet(self) -> dict[str, float]:
        """The topics that the place alone gives."""
        return {t: p for t, p in self.reading.risk_topics.items() if t in _BY_PLACE}

    def without(self, *topics: str) -> dict[str, float]:
        """The topics but these."""
        return {t: p for t, p in self.reading.risk_topics.items() if t not in topics}


def _meant_material(h: Heard) -> WaitView | None:
    """The material that the words name, where they name none of the times that are to be agreed."""
    said = bigrams(h.text)
    material = [w for w in h.owed if w.state == "waiting_customer_material" and said & bigrams(w.need)]
    times = [w for w in h.owed if w.state == "waiting_appointment" and said & bigrams(w.need)]
    return material[0] if material and not times else None


Change = Callable[[Heard], StatementReading]


@dataclass(frozen=True)
class Rule:
    """One correction: which readings it looks at, when it holds, and what the statement then is."""

    name: str
    when: Callable[[Heard], object]
    then: Change
    intents: frozenset[str] = field(default_factory=frozenset)
    below: float = 1.1

    def fits(self, heard: Heard) -> bool:
        """Whether the rule applies to this reading."""
        if self.intents and heard.reading.intent not in self.intents:
            return False
        return heard.sure < self.below and bool(self.when(heard))


def _rule(name: str, intents: str, when: Callable[[Heard], object], then: Change, *, below: float = 1.1) -> Rule:
    return Rule(name, when, then, frozenset(intents.split()), below)


def _to(intent: str, *, quiet: bool = False) -> Change:
    """The intent is another; with ``quiet`` only the topics of the place stay."""
    if quiet:
        return lambda h: replace(h.reading, intent=intent, risk_topics=h.quiet())
    return lambda h: replace(h.reading, intent=intent)


def _surely(intent: str) -> Change:
    """The words leave no doubt: neither about the intent nor about whether somebody has to look."""
    return lambda h: replace(
        h.reading, intent=intent, risk_topics=h.quiet(),
        confidence={**h.reading.confidence, "intent": max(0.9, h.sure), "p_review": 0.0, "p_trouble": 0.0},
    )  # fmt: skip


def _answers_nothing(intent: str, *dropped: str, harmless: bool = False) -> Change:
    """The intent is another, nothing that is owed is answered, these topics fall (all of them where harmless)."""
    return lambda h: replace(
        h.reading, intent=intent, risk_topics={} if harmless else h.without(*dropped), wait_ref=None, wait_state_after=None
    )  # fmt: skip


def _asks_plainly(h: Heard) -> StatementReading:
    """A question that a published rule answers, whatever it sounded like: nobody has to look at it for its sound."""
    return replace(
        h.reading, intent="asks_question", risk_topics=h.quiet(), wait_ref=None, wait_state_after=None,
        confidence={**h.reading.confidence, "intent": max(0.6, h.sure), "p_review": 0.2, "p_trouble": 0.1},
    )  # fmt: skip


def _harmless(intent: str) -> Change:
    """The intent is another, and neither its sound nor its place wants a second look."""
    return lambda h: replace(
        h.reading, intent=intent, risk_topics=h.quiet(), wait_state_after=None,
        confidence={**h.reading.confidence, "intent": max(0.6, min(h.sure, 0.9)), "p_review": 0.2, "p_trouble": 0.1},
    )  # fmt: skip


def _own_matter(h: Heard) -> str:
    """A pattern of how the customer's people are called in short: 佟佟那个班."""
    short = (re.sub(r"(妈妈?|爸爸?|奶奶|爷爷|家长)$", "", stem(name) or name) for name in h.turn.customer_names)
    return "|".join(re.escape(name) for name in short if len(name) >= 2) or r"(?!)"


def _takes_one(h: Heard) -> bool:
    """Whether a piece of the statement takes a time (周日那个好), while another may rule one out."""
    return any(
        times.find(piece, h.turn.at)
        and re.search(r"好(?!像)|行|可以|合适|方便|就|吧$", piece)
        and not re.search(r"不|没|赶|[?？吗]", piece)
        for piece in h.clauses
    )


def _complains(h: Heard) -> StatementReading:
    care = {**h.reading.risk_topics, "complaint": max(0.9, h.reading.risk_topics.get("complaint", 0.0))}
    return replace(h.reading, intent="complains", risk_topics=care, wait_ref=None, wait_state_after=None)


def _is_picture(h: Heard) -> StatementReading:
    wants = any(wait.state == "waiting_customer_material" for wait in h.asked_picture)
    material = wants and h.reading.intent != "confirms_completion"
    return replace(h.reading, intent="provides_material" if material else "confirms_completion", risk_topics=h.quiet())


def _asks(h: Heard) -> StatementReading:
    progress = h.has(phrases.PROGRESS) and h.turn.open_waits
    return _answers_nothing(
        "asks_progress" if progress else "asks_question", "complaint", "dispute", "unproven_completion"
    )(h)


#: What a customer does by their words, where these leave no doubt and the engine had some.
CUSTOMERS_WORDS: tuple[Rule, ...] = (
    Rule(
        "a complaint by its very words, whatever is sent with it",
        lambda h: h.reading.intent not in ("complains", "requests_remedy") and h.has(phrases.COMPLAINS) and not h.asks(),
        _complains,
    ),
    Rule(
        "somebody only begins to write",
        lambda h: phrases.BEGINS.match(h.text) and h.text and not h.turn.attachments and not h.reading.alerts,
        _answers_nothing("chats", harmless=True),
    ),
    _rule(
        "a question beside words of time",
        "defers chats acknowledges",
        lambda h: not h.turn.attachments and not h.reading.alerts and h.asks_apart() and not h.has(phrases.THINKS),
        _asks,
    ),
    _rule(
        "whether one may bring it back is a question about the rule",
        "requests_remedy",
        lambda h: h.has(phrases.ASKS_THE_RULE) and not h.has(phrases.TROUBLE) and not re.search(r"退我|退钱|给我退|退款|赔|投诉|money", h.text),
        _asks_plainly, below=0.97,
    ),
    _rule(
        "a question about what holds, taken for a demand",
        "requests_remedy requests_change",
        lambda h: h.has(phrases.ASKS_WHAT_HOLDS) and not re.search(r"退|赔|refund|money|\bmy\b", h.text, re.I),
        _asks_plainly, below=0.9,
    ),
    _rule(
        "laughter asks for nothing",
        "requests_change requests_remedy complains reports_issue asks_question asks_progress",
        lambda h: (
            phrases.LAUGHS.match(h.text) and not h.asks() and not h.has(phrases.TROUBLE) and not h.clue("complain")
            and not h.clue("change") and not h.clue("remedy") and not h.turn.attachments
        ),
        _answers_nothing("chats", harmless=True), below=0.6,
    ),
    _rule(
        "a defect told without a word of complaint",
        "complains",
        lambda h: (
            h.clue("issue") and not h.clue("complain") and not h.clue("remedy") and not h.reading.alerts and not h.has(_MONEY_OR_ANGER)
            and not h.turn.open_waits
        ),
        lambda h: replace(
            h.reading, intent="reports_issue", risk_topics=h.without("complaint", "dispute", "negative_review"),
            confidence={**h.reading.confidence, "p_review": 0.3, "p_trouble": 0.2},
        ), below=0.55,
    ),
    _rule(
        "a defect told politely is none",
        "reports_issue",
        lambda h: (
            0 < h.reading.risk_topics.get("complaint", 0.0) < 0.85 and h.reading.risk_topics.keys() <= {"complaint", "dispute"}
            and (h.clue("issue") or h.has(phrases.TROUBLE)) and not h.clue("complain") and not h.clue("remedy") and not h.reading.alerts
            and not h.has(_MONEY_OR_ANGER)
        ),
        lambda h: replace(
            h.reading, risk_topics=h.without("complaint", "dispute"), confidence={**h.reading.confidence, "p_review": 0.3, "p_trouble": 0.2}
        ), below=0.9,
    ),
    _rule(
        "a picture of what was asked for by its name",
        "reports_issue asks_question chats defers",
        lambda h: (
            h.pictures and len(h.text) <= 40 and not h.has(phrases.TROUBLE) and not h.has(_MONEY_OR_ANGER) and not h.asks()
            and any(w.state == "waiting_customer_material" and bigrams(w.need) & bigrams(h.text) for w in h.asked_picture)
        ),
        _to("provides_material", quiet=True), below=0.85,
    ),
    _rule(
        "put off without a word of complaint",
        "complains requests_remedy requests_change",
        lambda h: (
            h.states and h.clue("later") and h.has(phrases.DELAYS) and not h.clue("complain") and not h.clue("remedy") and not h.clue("change")
            and not h.asks() and not h.has(phrases.TROUBLE) and not h.reading.alerts
        ),
        _harmless("defers"), below=0.8,
    ),
    _rule(
        "where it stands is not asked for in these words",
        "asks_progress",
        lambda h: (
            not h.clue("progress") and not h.has(phrases.PROGRESS) and not h.turn.attachments
            and (h.has(phrases.ASKS_BY_WORDS) or not h.has(phrases.HAS_A_QUESTION))
        ),
        lambda h: (_asks if h.asks() else _answers_nothing("chats"))(h), below=0.67,
    ),
    _rule(
        "a plain question quarrels with nobody",
        "asks_question",
        lambda h: (
            0 < max((h.reading.risk_topics.get(t, 0.0) for t in ("dispute", "complaint", "negative_review")), default=0.0) < 0.85
            and h.asks() and not h.clue("complain") and not h.clue("remedy") and not h.has(phrases.TROUBLE) and not h.reading.alerts
        ),
        lambda h: replace(h.reading, risk_topics=h.without("dispute", "complaint", "negative_review")),
    ),
    _rule(
        "all is well, said where something was under way",
        "reports_issue",
        lambda h: (
            h.turn.open_waits and (h.has(phrases.FINE_NOW) or h.has(phrases.DONE)) and not h.has(phrases.TROUBLE) and not h.asks()
            and not h.clue("contrast") and not h.turn.attachments and not h.has(_MONEY_OR_ANGER)
        ),
        _to("confirms_completion", quiet=True), below=0.7,
    ),
    _rule(
        "gladness reports no trouble",
        "reports_issue asks_question requests_change complains",
        lambda h: (
            h.has(phrases.PRAISES) and not h.clue("complain") and not h.clue("remedy") and not h.has(phrases.TROUBLE) and not h.clue("issue") and not h.asks()
            and "waiting_confirmation" not in h.states and not h.clue("contrast") and not h.turn.attachments
            and (not h.reading.risk_topics or h.sure < 0.4)
        ),
        _answers_nothing("acknowledges"), below=0.75,
    ),
    _rule(
        "what was asked for, sent with the words that it is this",
        "reports_issue asks_question chats acknowledges confirms_completion requests_change defers",
        lambda h: h.pictures and h.asked_picture and h.has(phrases.HERE_IT_IS) and not h.has(_MONEY_OR_ANGER),
        _is_picture, below=0.93,
    ),
    Rule(
        "a picture that its words say was sent",
        lambda h: (
            h.pictures and h.reading.intent not in ("provides_material", "complains")
            and h.has(phrases.SENDS_PICTURE if h.reading.intent == "requests_remedy" else phrases.SENDS) and not h.has(phrases.TROUBLE) and not h.has(_MONEY_OR_ANGER)
        ),
        _to("provides_material", quiet=True), below=0.95,
    ),
    _rule(
        "a picture where one was asked for",
        "reports_issue asks_question asks_progress chats acknowledges defers confirms_completion",
        lambda h: h.pictures and h.asked_picture and len(h.text) <= 24 and not h.has(phrases.TROUBLE),
        _is_picture, below=0.93,
    ),
    _rule(
        "they will still send it",
        "provides_material confirms_completion chats acknowledges reports_issue",
        lambda h: (
            not h.pictures and h.asked_picture and h.reading.times and h.has(phrases.WILL_DO)
            and not (h.asks() or h.has(phrases.TROUBLE))
        ),
        lambda h: replace(h.reading, intent="defers", risk_topics=h.quiet(), wait_state_after=None), below=0.85,
    ),
    _rule(
        "the word was passed on to whoever has to act",
        "confirms_appointment chats acknowledges reports_issue provides_material defers confirms_completion",
        lambda h: (
            "waiting_contact_coordination" in h.states and not h.pictures and h.has(phrases.PASSED_ON)
            and not (h.asks() or h.has(phrases.FINISHED) or h.has(_MONEY_OR_ANGER))
        ),
        lambda h: replace(
            h.reading, intent="defers", risk_topics=h.quiet(), wait_state_after="waiting_executor", signals=h.reading.signals | {"passes_on"},
            wait_ref=next(w.ref for w in h.owed if w.state == "waiting_contact_coordination"),
        ),
    ),
    _rule(
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
    _rule(
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
        lambda h: (h.states or h.turn.open_waits) and h.has(phrases.CALLS_OFF) and not h.has(_MONEY_BACK),
        _surely("declines"), below=0.75,
    ),
    _rule(
        "called off while only others owe something",
        "confirms_completion",
        lambda h: not h.states and h.turn.open_waits and h.has(phrases.CALLS_OFF),
        _to("declines", quiet=True),
    ),
    _rule(
        "done, said in passing",
        "acknowledges chats",
        lambda h: (
            h.has(phrases.FINISHED) and not h.asks() and (h.states or h.turn.customer_names)
            and not (h.reading.risk_topics or h.has(phrases.TROUBLE))
        ),
        _to("confirms_completion"),
    ),
    _rule(
        "an ok where nothing is owed confirms nothing",
        "confirms_completion",
        lambda h: h.states <= {"waiting_customer_material"} and not h.pictures and re.match(r"\s*(ok(ay)?|好|行|收到|嗯|可以)", h.text, re.I) and not h.has(phrases.FINISHED),
        _answers_nothing("acknowledges"), below=0.7,
    ),
    _rule(
        "plainly a question",
        "confirms_completion reports_issue chats acknowledges provides_material complains confirms_appointment defers declines",
        lambda h: (
            not h.turn.attachments and not h.reading.alerts and h.asks() and not h.exact
            and not (h.has(phrases.TROUBLE) or re.search(r"投诉|退|赔|差评|到底|还.{0,6}不", h.text))
        ),
        _asks, below=0.55,
    ),
    _rule(
        "a delay of nothing is a question",
        "defers",
        lambda h: not h.states and h.asks() and not h.turn.attachments,
        _asks,
    ),
    _rule(
        "something is to be looked into",
        "requests_change requests_remedy",
        lambda h: h.has(phrases.LOOK_INTO) and not h.has(_MONEY_BACK) and not h.has(phrases.CHANGE) and not h.has(phrases.REDIRECTS),
        _answers_nothing("reports_issue", "account", "address", "payment", "benefit", "refund", "compensation", "discount_promise"), below=0.75,
    ),
    _rule(
        "one of two times, and why not the other",
        "declines defers reports_issue",
        lambda h: "waiting_appointment" in h.states and _takes_one(h),
        _to("confirms_appointment", quiet=True),
    ),
    _rule(
        "a time is taken without a word of complaint",
        "complains",
        lambda h: (
            "waiting_appointment" in h.states and h.exact and h.has(phrases.TAKES_TIME) and not h.clue("complain") and not h.clue("issue") and not h.clue("remedy")
            and not h.has(phrases.TROUBLE) and not h.has(_MONEY_OR_ANGER) and not h.reading.alerts
        ),
        _harmless("confirms_appointment"), below=0.95,
    ),
    _rule(
        "they will send it when they can, though they begin with ok",
        "confirms_appointment",
        lambda h: (
            h.asked_picture and "waiting_appointment" not in h.states and h.has(phrases.WILL_DO) and not h.pictures and not h.asks()
            and re.search(r"\b(send|take|get|do) (it|them|that|you|the)\b|发|拍|传|补", h.text, re.I)
        ),
        lambda h: replace(h.reading, intent="defers", risk_topics=h.quiet(), wait_state_after=None),
    ),
    _rule(
        "yes, and a time",
        "defers reports_issue chats requests_change asks_question",
        lambda h: h.exact and re.match(r"\W*(好|行|中|要得|可以|成|ok|没问题)[的嘞呀啊]?[\s,，]", h.text, re.I) and not h.has(phrases.THINKS) and not h.asks(),
        _to("confirms_appointment", quiet=True), below=0.8,
    ),
    _rule(
        "a time that suits",
        "defers chats acknowledges provides_material reports_issue confirms_completion",
        lambda h: (
            h.exact and not h.pictures and not h.has(phrases.CHANGE) and not h.asks()
            and re.search(r"可以|行|没问题|ok|在家|方便|有人|都在|过来|合适", h.text, re.I)
            and not (h.has(phrases.FINISHED) or h.has(phrases.TROUBLE) or h.has(phrases.DONE))
        ),
        _to("confirms_appointment", quiet=True), below=0.7,
    ),
    _rule(
        "good news where it was asked for",
        "reports_issue chats acknowledges asks_question asks_progress",
        lambda h: (
            "waiting_confirmation" in h.states and h.has(phrases.FINE_NOW) and not h.asks()
            and not re.search(r"投诉|退|赔|但是?|就是还|可是", h.text)
        ),
        _to("confirms_completion", quiet=True), below=0.9,
    ),
    _rule(
        "how they feel, said as good news where it was asked for, is no claim",
        "confirms_completion",
        lambda h: "waiting_confirmation" in h.states and "health_claim" in h.reading.risk_topics and h.has(phrases.FINE_NOW) and not h.asks(),
        lambda h: replace(h.reading, risk_topics=h.without("health_claim")),
    ),
    _rule(
        "a question by its words",
        "complains confirms_completion confirms_appointment reports_issue",
        lambda h: (
            not h.turn.attachments and h.has(phrases.ASKS_BY_WORDS) and not h.reading.alerts
            and not re.search(r"投诉|退(钱|款|费)|赔|差评|到底|凭什么|骗|破|坏|漏|烂|不行|太(差|慢|烂)", h.text)
        ),
        _answers_nothing("asks_question", "complaint", "dispute", "negative_review", "service_promise"), below=0.8,
    ),
    _rule(
        "a question about what holds for everybody is none about where something stands",
        "asks_progress",
        lambda h: h.has(phrases.ASKS_WHAT_HOLDS) and not h.has(phrases.PROGRESS) and not h.turn.attachments and not h.reading.alerts,
        _to("asks_question"),
    ),
    _rule(
        "it goes on as it was",
        "confirms_completion declines requests_remedy requests_change",
        lambda h: h.has(phrases.GOES_ON),
        _answers_nothing("chats", harmless=True),
    ),
    _rule(
        "an order to change something, whatever friendly word stands in front",
        "acknowledges chats defers confirms_appointment",
        lambda h: h.has(phrases.CHANGE),
        _answers_nothing("requests_change"),
    ),
    _rule(
        "new trouble",
        "confirms_completion acknowledges chats",
        lambda h: (
            h.has(phrases.TROUBLE) and not h.has(phrases.FINISHED) and "waiting_confirmation" not in h.states
        ),
        _answers_nothing("reports_issue"), below=0.97,
    ),
    _rule(
        "trouble told with the words of a question",
        "asks_question",
        lambda h: h.has(phrases.TROUBLE) and not h.asks() and not h.has(_MONEY_OR_ANGER),
        _answers_nothing("reports_issue"), below=0.8,
    ),
    _rule(
        "nothing is agreed yet: first somebody else has to say",
        "confirms_appointment",
        lambda h: h.has(phrases.THINKS) and not re.search(r"可以|行|就(定|约|选)|没问题|ok", h.text, re.I) and not h.asks(),
        lambda h: replace(h.reading, intent="defers", risk_topics=h.quiet(), wait_state_after=None),
    ),
    _rule(
        "a time is taken where one was offered",
        "defers asks_question reports_issue chats acknowledges confirms_completion",
        lambda h: (
            h.exact and "waiting_appointment" in h.states and h.has(phrases.TAKES_TIME)
            and not h.has(phrases.NOT_BEFORE) and not h.has(phrases.THINKS) and not re.search(r"(怎么|多少|什么|几点[?？])", h.text)
        ),
        _to("confirms_appointment"), below=0.9,
    ),
    _rule(
        "a time, and nothing that is done",
        "confirms_completion",
        lambda h: (
            h.exact and not h.pictures and re.search(r"(可以|行|没问题|ok|在家|方便)", h.text, re.I)
            and not h.has(phrases.FINISHED) and not h.has(phrases.DONE)
        ),
        _to("confirms_appointment"),
    ),
    _rule(
        "somebody else has to be asked first",
        "asks_question reports_issue confirms_completion acknowledges chats",
        lambda h: h.states and h.has(phrases.THINKS) and not h.pictures and not h.has(_MONEY_OR_ANGER) and not phrases.PLAIN_QUESTION.search(h.clauses[-1]),
        lambda h: replace(h.reading, intent="defers", risk_topics=h.quiet(), wait_state_after=None), below=1.01,
    ),
    _rule(
        "not before something else, or still being thought about",
        "asks_question reports_issue provides_material complains chats requests_remedy confirms_completion acknowledges declines",
        lambda h: (
            h.states and not h.pictures and not h.has(_MONEY_OR_ANGER)
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
        _to("confirms_completion"), below=0.5,
    ),
    _rule(
        "done, in so many words",
        "defers chats acknowledges provides_material asks_progress",
        lambda h: h.states and h.has(phrases.DONE) and not h.asks() and not h.pictures and not h.has(phrases.DELAYS),
        _to("confirms_completion"), below=0.95,
    ),
    _rule(
        "done, in a word, with what is owed named",
        "reports_issue chats acknowledges asks_question defers",
        lambda h: (
            phrases.SAYS_ONLY_DONE.match(h.text) and not h.has(phrases.TROUBLE) and not h.pictures
            and any(shared_characters(w.need, h.text) for w in h.owed)
        ),
        _to("confirms_completion", quiet=True), below=0.8,
    ),
    _rule(
        "a picture where material is owed",
        "confirms_completion reports_result acknowledges chats",
        lambda h: (
            h.pictures and h.reading.wait_ref
            and any(w.ref == h.reading.wait_ref and w.state == "waiting_customer_material" for w in h.turn.open_waits)
        ),
        _to("provides_material"),
    ),
    _rule(
        "done, and the picture of it, where no material is owed but an act",
        "provides_material",
        lambda h: (
            h.pictures and h.asked_picture and all(w.state != "waiting_customer_material" for w in h.asked_picture)
            and (h.has(phrases.FINISHED) or h.has(phrases.DONE) or re.search(r"[\u4e00-\u9fff](好|完|掉|上|下来|过去)(了|啦)", h.text))
        ),
        _to("confirms_completion"),
    ),
    _rule(
        "impatience asks where it stands",
        "requests_remedy complains reports_issue",
        lambda h: h.has(phrases.PROGRESS) and not h.clue("remedy") and not h.clue("complain") and not h.turn.attachments,
        _answers_nothing("asks_progress", "price_protection", "compensation", "refund"), below=0.5,
    ),
    _rule(
        "a stranger asks where somebody's matter stands",
        "asks_question",
        lambda h: h.turn.sender_side == "unknown" and h.has(phrases.PROGRESS) and re.search(r"(他|她|我|老板|经理|总|工|姐|哥)(们|家)?(的|那|这)", h.text),
        _to("asks_progress"),
    ),
    _rule(
        "where something stands",
        "reports_issue asks_question",
        lambda h: h.turn.sender_side == "customer" and h.turn.customer_names and phrases.PROGRESS.search(h.text.strip()),
        _to("asks_progress"), below=0.7,
    ),
    _rule(
        "where something of one's own stands",
        "asks_question",
        lambda h: (
            h.turn.sender_side == "customer" and (h.turn.open_waits or h.turn.customer_names) and phrases.PROGRESS.search(h.text.strip())
            and re.search(_own_matter(h) + r"|我(们|家|公司)?(的|那|这|订|买|修|寄)|我们.{0,6}定|定(在|到|好)?了?(是)?(哪|几)(天|号|点)|\bmy\b|\bour\b", h.text) and not h.has(phrases.ASKS_WHAT_HOLDS)
        ),
        _to("asks_progress"),
    ),
    _rule(
        "a time is moved, whatever else is asked",
        "asks_question reports_issue requests_change declines defers",
        lambda h: h.reading.times and h.has(phrases.MOVES_TIME),
        _to("confirms_appointment"),
    ),
)  # fmt: skip


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
    return replace(
        h.reading,
        intent=again.intent,
        risk_topics={**again.risk_topics, **h.reading.risk_topics},
        times=again.times or h.reading.times,
        confidence={**h.reading.confidence, "intent": again.confidence.get("intent", 0.5)},
    )


def _clocks(h: Heard) -> bool:
    return any(t.precision in ("hour", "minute", "part_of_day", "day") for t in h.reading.times)


def _asks_for_time(h: Heard) -> bool:
    return bool(phrases.ASKS_TIME.search(h.text.strip()))


_INTERNAL: tuple[tuple[Rule, ...], ...] = (
    (
        _rule(
            "our own people ask that the customer do something",
            "chats asks_question reports_result provides_material confirms_completion",
            lambda h: (
                h.turn.conversation_kind == "internal_group"
                and "internal_only" not in h.reading.signals
                and _names_the_customer(h)
            ),
            _to("requests_cooperation"),
        ),
        _rule(
            "a wish for some other day",
            "requests_cooperation",
            lambda h: h.turn.conversation_kind == "internal_group" and h.has(phrases.SOME_DAY) and not h.turn.mentions,
            _to("reports_result"),
        ),
        _rule(
            "talk among colleagues that asks nobody for anything",
            "requests_cooperation",
            lambda h: (
                h.turn.conversation_kind == "internal_group"
                and not h.has(phrases.ASKED_BY_US)
                and not _names_the_customer(h)
            ),
            _to("reports_result"),
            below=0.9,
        ),
    ),
)
_PARTNERS: tuple[tuple[Rule, ...], ...] = (
    (
        _rule(
            "whether the customer could do something is asked of the customer",
            "asks_question asks_progress",
            lambda h: h.has(phrases.COULD_THEY),
            _to("requests_cooperation"),
            below=0.7,
        ),
        _rule(
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
            _to("confirms_appointment"),
        ),
        _rule(
            "a result that asks the customer for something is a request with news in it",
            "reports_result",
            lambda h: h.has(phrases.ASKED_OF_CUSTOMER),
            _to("requests_cooperation"),
            below=0.9,
        ),
        _rule(
            "news that asks nobody for anything",
            "requests_cooperation",
            lambda h: (
                _clocks(h)
                and not re.search(
                    r"请|让|麻烦|叫|通知|需要|提醒|喊|催|帮|\b(please|ask|get|have|could|can|tell|need)\b", h.text, re.I
                )
            ),
            _to("reports_result"),
            below=0.95,
        ),
    ),
    (
        Rule(
            "asides set apart",
            lambda h: h.reading.intent not in ("reports_result", "confirms_appointment"),
            _without_asides,
        ),
    ),
    (
        Rule(
            "a partner fends off what a customer holds against them",
            lambda h: (
                h.reading.intent in ("reports_result", "chats", "declines", "complains")
                and h.has(phrases.FENDS_OFF)
                and re.search(r"赔|扣|认|掏|没门|paying|signed|left|having", h.text)
            ),
            lambda h: replace(
                h.reading, intent="reports_result", risk_topics={**h.reading.risk_topics, "dispute": 0.8}
            ),
        ),
    ),
    (
        _rule(
            "a partner reports what was done, they confirm nothing to us",
            "confirms_completion",
            lambda h: True,
            _to("reports_result"),
        ),
        _rule(
            "a time contradicts no finding",
            "confirms_appointment",
            lambda h: not h.reading.signals & {"finding_against", "denies_finding"},
            lambda h: replace(h.reading, risk_topics=h.without("verification_conflict")),
        ),
    ),
    (
        _rule(
            "a finding with a time in it is a finding",
            "confirms_appointment",
            lambda h: h.has(phrases.FOUND) and not _asks_for_time(h),
            _to("reports_result"),
        ),
        _rule(
            "done with a time in it is a result",
            "confirms_appointment",
            lambda h: h.has(phrases.FINISHED) and not h.has(phrases.WILL_VISIT),
            _to("reports_result"),
        ),
        Rule(
            "a time is put to us",
            lambda h: _clocks(h) and _asks_for_time(h) and not h.has(phrases.SHIPS),
            _to("confirms_appointment"),
        ),
        _rule(
            "goods that come and when they are fitted: news of both",
            "confirms_appointment",
            lambda h: (
                re.search(
                    r"(件|板|货|料|泵|阀|芯|膜|电机|主机)[^，,。]{0,6}(周|明天|后天|\d+号|今天)[^，,。]{0,4}到", h.text
                )
                and not _asks_for_time(h)
            ),
            _to("reports_result"),
            below=0.7,
        ),
        _rule(
            "a date put right is news",
            "confirms_appointment",
            lambda h: h.has(phrases.PUTS_RIGHT) and not h.has(phrases.VISIT),
            _to("reports_result"),
        ),
        _rule(
            "goods that leave make no appointment",
            "confirms_appointment",
            lambda h: h.has(phrases.SHIPS) and not h.has(phrases.VISIT),
            _to("reports_result"),
        ),
        _rule(
            "a day on which something happens to goods is no appointment",
            "confirms_appointment",
            lambda h: wording.is_english(h.text) and not h.has(phrases.ENGLISH_VISIT) and not h.has(phrases.PUTS_TIME),
            _to("reports_result"),
        ),
        _rule(
            "a visit that is announced is no delay",
            "defers",
            lambda h: _clocks(h) and re.search(r"去.{0,12}(换|修|装|看|取|洗|检)|上门|带.{0,8}去", h.text),
            _to("reports_result"),
        ),
    ),
)
_OURS_ARE_TO_TELL = Rule(
    "our own people are to tell the customer themselves", lambda h: h.has(phrases.OURS_TELL), _ours_tell
)


def stages_for(turn: Turn) -> Iterable[tuple[Rule, ...]]:
    """The stages of rules for a turn, by who speaks and where."""
    if turn.sender_side in _CUSTOMERS:
        return (CUSTOMERS_WORDS, CUSTOMERS_PLACE)
    if turn.sender_side not in ("partner", "internal") or turn.conversation_kind not in (
        "partner_group",
        "internal_group",
    ):
        return ()
    partners = _PARTNERS if turn.sender_side == "partner" else ()
    return ((_OURS_ARE_TO_TELL,), *_INTERNAL, *partners)


def refine(reading: StatementReading, turn: Turn, engine: Engine) -> StatementReading:
    """A reading corrected where side and place decide.

    :param engine: asked again about what is left of a partner's text without its asides.
    """
    if reading.text and phrases.BARE_ACK.match(reading.text) and not turn.attachments:
        return replace(reading, intent="acknowledges", wait_ref=None, wait_state_after=None)
    for stage in stages_for(turn):
        heard = Heard(reading, turn, engine)
        fitting = next((rule for rule in stage if rule.fits(heard)), None)
        if fitting is not None:
            reading = fitting.then(heard)
    return reading
