"""A reading beside the turn it was read from, and how a rule that corrects it is written. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

from triage import phrases, wording
from triage.engines.base import Engine, StatementReading, TimeReading, Turn, WaitView
from triage.engines.local.lexicons import lexicon

_OURS = frozenset({"internal_handler", "fulfillment_partner"})
_PICTURES = frozenset({"image", "file", "video"})
#: Topics that stand whatever the words turn out to mean.
_BY_PLACE = ("public_group", "identity_uncertain")


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

    @property
    def attached(self) -> bool:
        """Whether something came with the turn that may be an answer: a card or a link is none."""
        return bool(set(self.turn.attachments) - {"miniprogram", "link", "card"})

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


def rule(name: str, intents: str, when: Callable[[Heard], object], then: Change, *, below: float = 1.1) -> Rule:
    return Rule(name, when, then, frozenset(intents.split()), below)


def to(intent: str, *, quiet: bool = False) -> Change:
    """The intent is another; with ``quiet`` only the topics of the place stay."""
    if quiet:
        return lambda h: replace(h.reading, intent=intent, risk_topics=h.quiet())
    return lambda h: replace(h.reading, intent=intent)


def surely(intent: str) -> Change:
    """The words leave no doubt: neither about the intent nor about whether somebody has to look."""
    return lambda h: replace(
        h.reading, intent=intent, risk_topics=h.quiet(),
        confidence={**h.reading.confidence, "intent": max(0.9, h.sure), "p_review": 0.0, "p_trouble": 0.0},
    )  # fmt: skip


def answers_nothing(intent: str, *dropped: str, harmless: bool = False) -> Change:
    """The intent is another, nothing that is owed is answered, these topics fall (all of them where harmless)."""
    return lambda h: replace(
        h.reading, intent=intent, risk_topics={} if harmless else h.without(*dropped), wait_ref=None, wait_state_after=None
    )  # fmt: skip


def asks_plainly(h: Heard) -> StatementReading:
    """A question that a published rule answers, whatever it sounded like: nobody has to look at it for its sound."""
    return replace(
        h.reading, intent="asks_question", risk_topics=h.quiet(), wait_ref=None, wait_state_after=None,
        confidence={**h.reading.confidence, "intent": max(0.6, h.sure), "p_review": 0.2, "p_trouble": 0.1},
    )  # fmt: skip


def harmless(intent: str) -> Change:
    """The intent is another, and neither its sound nor its place wants a second look."""
    return lambda h: replace(
        h.reading, intent=intent, risk_topics=h.quiet(), wait_state_after=None,
        confidence={**h.reading.confidence, "intent": max(0.6, min(h.sure, 0.9)), "p_review": 0.2, "p_trouble": 0.1},
    )  # fmt: skip
