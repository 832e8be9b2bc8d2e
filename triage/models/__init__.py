"""What triage decided, and what it keeps about asking a language model."""

from triage.models.decision import Decision, DecisionQuerySet, Mode, Statement
from triage.models.learning import DecisionLabel, LabelledExample, LearningPolicy, ModelCandidate
from triage.models.llm import LlmAnswer, LlmCall, LlmDay, LlmPolicy, Wording

__all__ = [
    "Decision",
    "DecisionLabel",
    "DecisionQuerySet",
    "LabelledExample",
    "LearningPolicy",
    "LlmAnswer",
    "LlmCall",
    "LlmDay",
    "LlmPolicy",
    "Mode",
    "ModelCandidate",
    "Statement",
    "Wording",
]
