"""Which level and which boundary hold: look-ups over the policy rows."""

from __future__ import annotations

from cases.models import ServiceFlow
from foundation.remembering import Remembered
from review.gate import SUPERVISOR_TOPICS
from review.models import AutomationLevel, Level, ReplyKind, RiskBoundary

NEVER_DIRECT = frozenset({ReplyKind.OTHER, ReplyKind.HOLDING_NOTICE})


_levels = Remembered(lambda: list(AutomationLevel.objects.all()), seconds=2)
_levels.forget_on_change(AutomationLevel)
_boundaries = Remembered(lambda: dict(RiskBoundary.objects.values_list("topic", "right")), seconds=2)
_boundaries.forget_on_change(RiskBoundary)


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
    """Topic → who may release."""
    rows = _boundaries()
    return {**dict.fromkeys(SUPERVISOR_TOPICS, "supervisor"), **rows}
