"""A plan: what follows from a statement, in texts, moves and notices, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cases.models import ServiceCase, ServiceFlow, WaitingItem
from conversations.models import Conversation
from knowledge.models import KnowledgeVersion

#: Acts that want nothing of us.
QUIET_INTENTS = frozenset({"acknowledges", "chats"})
#: Items that something handed in or done answers.
MATERIAL_STATES = frozenset(
    {"waiting_customer_material", "requested", "waiting_executor", "waiting_contact_coordination"}
)
#: Items that “done” can mean.
DONE_STATES = frozenset({*MATERIAL_STATES, "waiting_confirmation"})


@dataclass
class PlannedText:
    """A text to one conversation, not yet gated."""

    conversation: Conversation
    reply_kind: str
    text: str
    sources: list[KnowledgeVersion] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    source_missing: bool = False
    missing: list[str] = field(default_factory=list)
    suggestion: str = ""
    waiting_for: str = ""
    effects: dict[str, Any] = field(default_factory=dict)
    private_phrases: list[str] = field(default_factory=list)


@dataclass
class Move:
    """Something that moves at once because somebody on the other side, or one of our own, did it.

    `triage.operations.moves` knows the kinds and carries them out.
    """

    kind: str
    wait: WaitingItem | None = None
    params: dict[str, Any] = field(default_factory=dict)


@dataclass
class Notice:
    """Something that colleagues or a partner are told."""

    to: Conversation
    about: str
    words: str
    wait: WaitingItem | None = None


@dataclass
class Plan:
    """All that follows from a statement."""

    topics: list[str] = field(default_factory=list)
    texts: list[PlannedText] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    alerts_to: list[str] = field(default_factory=list)
    review_without_text: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    wait: WaitingItem | None = None
    owe_answer: bool = False
    open_case: ServiceFlow | None = None
    reopen: bool = False
    #: Not the matter of the closed case that is nearest.
    new_matter: bool = False
    #: The closed case that a new one follows: the same matter, but closed longer ago than its flow allows to reopen.
    follows: ServiceCase | None = None
    #: The act is certain, whatever the engine felt about the words.
    settled: bool = False
