"""What an engine is asked and what it answers: plain values, no models, no database.

An engine reads one *turn* (one or several quick messages of one sender) and says what each *statement* in it means. Matching to
cases, planning and gating are not the engine's: it only says what was said and how sure it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class WaitView:
    """One open waiting item as the engine and the matcher see it.

    `ref` and `case_ref` are opaque keys; `case_label` is what people call the case (number, order number, customer's name);
    `state` is a `wait_state`, `on_role` a `role`, `proof` none|image|text. `aliases` are names and numbers by which people mention the case.
    """

    ref: str
    case_ref: str
    state: str
    on_role: str
    need: str
    proof: str = "none"
    age_minutes: int = 0
    case_label: str = ""
    on_person: str = ""
    material: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class PreviousTurn:
    """An earlier line of the same conversation: `side` is customer|internal|partner|unknown|product."""

    side: str
    text: str
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Turn:
    """One turn to be understood. `at` is when it was written (aware). `lang` is a hint, zh|en|mixed or ''. `matters` are titles of open cases in reach."""

    text: str
    at: datetime
    conversation_kind: str
    sender_side: str
    sender_known: bool = True
    attachments: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    open_waits: tuple[WaitView, ...] = ()
    previous: tuple[PreviousTurn, ...] = ()
    lang: str = ""
    quoted: str = ""
    customer_names: tuple[str, ...] = ()
    matters: tuple[str, ...] = ()
    industry: str = ""


@dataclass(frozen=True)
class TimeReading:
    """A date or time that the text names, resolved against the turn's `at`.

    `start`/`end` are aware instants (half open); `words` the text as written; `precision` is day|part_of_day|hour|minute|vague.
    """

    words: str
    start: datetime
    end: datetime
    precision: str


@dataclass(frozen=True)
class Entity:
    """A thing named in the text: `kind` is order|phone|amount|url|name|address|tracking|email|id_card|plate, in a picture also model|serial.

    `source` is ``text``, or ``picture`` for what was read in one: a hint, never a proof.
    """

    kind: str
    text: str
    start: int
    end: int
    source: str = "text"


@dataclass(frozen=True)
class StatementReading:
    """What one statement means, each part with the engine's certainty (0..1).

    `risk_topics` maps a topic to its probability (only topics over their threshold). `alerts` are vocabulary alerts.
    `wait_ref` is the open item it answers (or None); `wait_state_after` the state that item is in then, None where it stays or none is answered.
    `mode_hint` is what the trained mode model would do with the turn; the gate decides. `signals` are named facts that later steps use:
    e.g. ``hedged`` (应该好了吧), ``partial`` (弄了一半), ``passes_on`` (the contact says it was passed on), ``proposes_time``, ``counter_time``,
    ``asks_proof``, ``asks_confirmation``, ``asks_action``, ``asks_material``, ``injection``, ``internal_only`` (别跟客户说), ``holds_money``, ``holds_blame``,
    ``holds_other_customer``, ``vague_reference``, ``needs_answer``, ``promise_feedback``, ``reports_arrival``.
    `meant` is what of the text speaks of its own matter, where a part only tells another one apart from it; empty where all of it does.
    """

    text: str
    intent: str
    business_class: str
    service_context: str
    confidence: dict[str, float] = field(default_factory=dict)
    risk_topics: dict[str, float] = field(default_factory=dict)
    alerts: tuple[str, ...] = ()
    wait_ref: str | None = None
    wait_confidence: float = 0.0
    wait_state_after: str | None = None
    mode_hint: str = "review"
    entities: tuple[Entity, ...] = ()
    times: tuple[TimeReading, ...] = ()
    signals: frozenset[str] = frozenset()
    reasons: tuple[str, ...] = ()
    meant: str = ""


@dataclass(frozen=True)
class EngineNote:
    """What became of asking an engine outside this machine, for the decision: it is shown to people.

    `step` is understand|word; `outcome` used|cached|skipped|fallback; `code` says why, where it was not used; `detail` in a few words, without
    personal data; `prompt` and `model` name what was asked.
    """

    step: str
    outcome: str
    code: str = ""
    detail: str = ""
    prompt: str = ""
    model: str = ""

    def as_json(self) -> dict[str, str]:
        """For a JSON column; empty fields are left out."""
        return {key: value for key, value in vars(self).items() if value}


@dataclass(frozen=True)
class Understanding:
    """An engine's answer for a turn: at least one statement; the first is the one that decides the handling.

    `taken_apart` says that the engine looked for several statements itself; `notes` what became of asking outside.
    """

    statements: tuple[StatementReading, ...]
    engine: str
    version: str
    taken_apart: bool = False
    notes: tuple[EngineNote, ...] = ()


class Engine(Protocol):
    """Reads turns. Implementations must be safe to call from several threads and never raise for odd text."""

    name: str

    @property
    def version(self) -> str:
        """Names the engine and all that its answers depend on."""
        ...

    def understand(self, turn: Turn) -> Understanding:
        """Say what the turn means."""
        ...
