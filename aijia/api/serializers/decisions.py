"""How messages were understood."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from aijia.api.serializers.common import CaseRef, NamedRef, ReasonSerializer, Row, label_of
from aijia.api.serializers.drafts import Cites, in_words
from knowledge.models import KnowledgeVersion
from triage.models import Decision
from triage.presenters import note_words
from triage.queries import sources_of


class EngineNoteSerializer(serializers.Serializer):
    """What became of asking the language model: `outcome` is used, cached, skipped or fallback; `code` says why it was not used."""

    step = serializers.CharField()
    outcome = serializers.CharField()
    code = serializers.CharField()
    prompt = serializers.CharField()
    model = serializers.CharField()
    words = serializers.CharField()


class DecisionSerializer(Row):
    """How one turn was understood, by which engine, and what follows. `fallback` is the code why the local engine stood in for another."""

    conversation = NamedRef()
    message = serializers.UUIDField(source="message.public_id")
    case = CaseRef(allow_null=True)
    mode_label = label_of("mode")
    reasons = serializers.SerializerMethodField()
    engine_notes = serializers.SerializerMethodField()

    class Meta:
        model = Decision
        fields: Any = (
            "id", "conversation", "message", "case", "mode", "mode_label", "intent", "business_class", "service_context", "risk_topics",
            "alerts", "reasons", "confidence", "engine", "engine_version", "fallback", "engine_notes", "at",
        )  # fmt: skip

    @extend_schema_field(ReasonSerializer(many=True))
    def get_reasons(self, decision: Decision) -> Any:
        """Why it was held or recorded."""
        return in_words(decision.reasons)

    @extend_schema_field(EngineNoteSerializer(many=True))
    def get_engine_notes(self, decision: Decision) -> Any:
        """Every question that was asked outside, with its sentence."""
        keys = ("step", "outcome", "code", "prompt", "model")
        return [
            {**{key: str(note.get(key, "")) for key in keys}, "words": note_words(note)}
            for note in decision.engine_notes
        ]


class DecisionDetailSerializer(Cites, DecisionSerializer):
    """How one turn was understood, with the versions of knowledge that its texts cite."""

    class Meta(DecisionSerializer.Meta):
        fields: Any = (*DecisionSerializer.Meta.fields, "sources")

    def cited(self, decision: Decision) -> Iterable[KnowledgeVersion]:
        """Those of the drafts that came of it."""
        return sources_of(decision)
