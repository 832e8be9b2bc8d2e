"""What triage decided, and what it keeps about asking a language model."""

from triage.models.decision import Decision, DecisionQuerySet, Mode, Statement
from triage.models.llm import LlmAnswer, LlmCall, LlmDay, LlmPolicy, Wording

__all__ = [
    "Decision",
    "DecisionQuerySet",
    "LlmAnswer",
    "LlmCall",
    "LlmDay",
    "LlmPolicy",
    "Mode",
    "Statement",
    "Wording",
]
