"""What may be said: items and their immutable versions, the index that finds them, and what tells whether they are any good."""

from knowledge.models.exchange import ImportRun, ImportState
from knowledge.models.index import IndexedItem, IndexPostings, IndexState, VersionVector
from knowledge.models.item import (
    ANSWERING_KINDS,
    Audience,
    BrandVoice,
    KnowledgeItem,
    KnowledgeKind,
    KnowledgePolicy,
    KnowledgeState,
    KnowledgeVersion,
    sample_path,
)
from knowledge.models.quality import (
    DailyUse,
    Gap,
    GapState,
    Outcome,
    Proposal,
    ProposalSource,
    ProposalState,
    QualityFlag,
    ReviewReminder,
)

__all__ = [
    "ANSWERING_KINDS",
    "Audience",
    "BrandVoice",
    "DailyUse",
    "Gap",
    "GapState",
    "ImportRun",
    "ImportState",
    "IndexPostings",
    "IndexState",
    "IndexedItem",
    "KnowledgeItem",
    "KnowledgeKind",
    "KnowledgePolicy",
    "KnowledgeState",
    "KnowledgeVersion",
    "Outcome",
    "Proposal",
    "ProposalSource",
    "ProposalState",
    "QualityFlag",
    "ReviewReminder",
    "VersionVector",
    "sample_path",
]
