"""Published knowledge."""

from __future__ import annotations

from rest_framework import serializers

from aijia.api.serializers.common import FlowRef, Row, label_of
from knowledge.models import ANSWERING_KINDS, Audience, KnowledgeVersion


class KnowledgeSerializer(Row):
    """A version of an item of knowledge. A citation names a version; its words never change."""

    item = serializers.UUIDField(source="item.public_id")
    kind_label = label_of("kind")
    flow = FlowRef(source="item.flow", allow_null=True)

    class Meta:
        model = KnowledgeVersion
        fields = (
            "id", "item", "number", "kind", "kind_label", "state", "title", "body", "flow", "audience", "valid_from",
            "valid_until", "published_at", "retired_at",
        )  # fmt: skip


class HitSerializer(serializers.Serializer):
    """A version that answers a question."""

    score = serializers.FloatField(
        help_text="How much of the question it covers (0..1, a little more where its title does)."
    )
    version = KnowledgeSerializer()


class SearchInput(serializers.Serializer):
    """A question."""

    q = serializers.CharField(max_length=500, help_text="The question, in the words of whoever asks.")
    limit = serializers.IntegerField(min_value=1, max_value=20, default=5)
    kind = serializers.ChoiceField(choices=sorted(ANSWERING_KINDS), required=False)
    flow = serializers.CharField(max_length=64, required=False, help_text="Key of a service flow.")
    audience = serializers.ChoiceField(
        choices=Audience.choices, default=Audience.CUSTOMER, help_text="Who will read the answer."
    )
