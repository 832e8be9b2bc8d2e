"""Which level and which boundary hold: look-ups over the policy rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models.signals import m2m_changed

from cases.models import ServiceFlow
from foundation.remembering import Remembered
from review.gate import SUPERVISOR_TOPICS
from review.models import AutomationLevel, Level, ReplyKind, RiskBoundary

#: Never sent without review, whatever a row says. A holding notice goes by itself where a supervisor switched that on.
NEVER_DIRECT = frozenset({ReplyKind.OTHER})


_levels = Remembered(lambda: list(AutomationLevel.objects.all()), seconds=2)
_levels.forget_on_change(AutomationLevel)


@dataclass(frozen=True)
class Boundary:
    """What a row says: the right, the roles that may (none named: all), whether two people are needed, the house's own advice."""

    right: str
    groups: frozenset[str] = frozenset()
    four_eyes: bool = False
    advice: str = ""


def _load() -> dict[str, Boundary]:
    return {
        row.topic: Boundary(
            row.right, frozenset(group.name for group in row.groups.all()), row.four_eyes, row.advice.strip()
        )
        for row in RiskBoundary.objects.prefetch_related("groups")
    }


_boundaries = Remembered(_load, seconds=2)
_boundaries.forget_on_change(RiskBoundary)
m2m_changed.connect(_boundaries.forget, sender=RiskBoundary.groups.through, weak=False)


def level_for(*, flow: ServiceFlow | None, conversation_kind: str, reply_kind: str) -> str:
    """The automation level: the row of the flow and conversations first, then of the flow, then the default; `review` without any."""
    rows = [row for row in _levels() if row.reply_kind == reply_kind]
    flow_id = flow.pk if flow is not None else None
    for wanted_flow, wanted_kind in (
        (flow_id, conversation_kind), (flow_id, ""), (None, conversation_kind), (None, ""),
    ):  # fmt: skip
        for row in rows:
            if row.flow_id == wanted_flow and row.conversation_kind == wanted_kind:
                return Level.REVIEW if reply_kind in NEVER_DIRECT and row.level == Level.DIRECT else row.level
    return Level.REVIEW


def boundaries() -> dict[str, str]:
    """Topic or alert → who may release."""
    return {
        **dict.fromkeys(SUPERVISOR_TOPICS, "supervisor"),
        **{topic: row.right for topic, row in _boundaries().items()},
    }


def advice_of() -> dict[str, str]:
    """Topic or alert → what the house says is to be done, where it says so."""
    return {topic: row.advice for topic, row in _boundaries().items() if row.advice}


def boundaries_of(topics: Iterable[str], alerts: Iterable[str]) -> dict[str, Boundary]:
    """The boundary of each topic and alert of a text, as the rows say now; what has no row and needs no more than a handler is left out."""
    rows = _boundaries()
    found = {topic: rows.get(topic) or Boundary("supervisor") for topic in alerts}
    for topic in topics:
        if topic in rows:
            found[topic] = rows[topic]
        elif topic in SUPERVISOR_TOPICS:
            found[topic] = Boundary("supervisor")
    return found
