"""Who acts when nobody does, and whose act a message is."""

from __future__ import annotations

from cases.operations import Fact
from foundation.actors import Actor
from triage.situation import Situation

MACHINE = Actor.machine("triage")


def fact_of(situation: Situation, reason: str = "") -> Fact:
    """What somebody did by writing the message of a situation."""
    return Fact(
        actor=Actor.of_person(situation.message.sender), at=situation.at, said_at=situation.message.sent_at,
        message=situation.message, reason=reason,
    )  # fmt: skip
