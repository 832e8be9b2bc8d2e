"""Words and readings that several of these rules share. Pure."""

from __future__ import annotations

import re

from triage import phrases
from triage.engines.base import StatementReading
from triage.refine.rules import Heard, answers_nothing

#: A question, or money, or anger: more than an answer to what was asked.
MONEY_OR_ANGER = re.compile(r"[?？]|投诉|退|赔")
#: Money is asked for beside what is called off.
MONEY_BACK = re.compile(r"[?？]|吗|投诉|退(?!租|订|房|了这单)|赔|押金|定金|订金|差价|refund|deposit", re.I)
SAYS_YES = re.compile(
    rf"可以|{phrases.FINE}[吧的啊呀]|好[的吧呀嘞]|没问题|方便|有空|在家|(?<![a-z])(ok|okay|yes|fine|sure|works)(?![a-z])",
    re.I,
)


def asks_now(h: Heard) -> StatementReading:
    """A question that answers nothing: where something stands, or what holds."""
    progress = h.has(phrases.PROGRESS) and h.turn.open_waits
    return answers_nothing(
        "asks_progress" if progress else "asks_question", "complaint", "dispute", "unproven_completion"
    )(h)
