"""Published knowledge."""

from __future__ import annotations

from rest_framework import serializers

from aijia.api.serializers.common import FlowRef, Row, label_of
from knowledge import operations
from knowledge.models import ANSWERING_KINDS, Audience, KnowledgeKind, KnowledgeVersion, Proposal
from knowledge.rendering import answer_text


class KnowledgeSerializer(Row):
    """A version of an item of knowledge. A citation names a version; its words never change."""

    item = serializers.UUIDField(source="item.public_id")
    kind_label = label_of("kind")
    code = serializers.CharField(source="item.code", help_text="The business's own number, empty for none.")
    flow = FlowRef(source="item.flow", allow_null=True)
    answer = serializers.SerializerMethodField(
        help_text="The text as a customer reads it: what the flow decides is filled in."
    )
    replaced_by = serializers.UUIDField(
        source="item.replaced_by.public_id", allow_null=True, default=None, help_text="The item that took its place."
    )

    class Meta:
        model = KnowledgeVersion
        fields = (
            "id", "item", "code", "number", "kind", "kind_label", "state", "title", "body", "answer", "questions", "fields",
            "products", "channels", "flow", "audience", "valid_from", "valid_until", "published_at", "retired_at", "replaced_by",
        )  # fmt: skip

    def get_answer(self, version: KnowledgeVersion) -> str:
        """Its words, filled in."""
        return answer_text(version)


class ProposalInput(serializers.Serializer):
    """Something that could become knowledge."""

    kind = serializers.ChoiceField(choices=KnowledgeKind.choices)
    title = serializers.CharField(max_length=191, help_text="As a customer would ask it.")
    body = serializers.CharField(
        max_length=20_000, allow_blank=True, default="", help_text="The answer, without greeting."
    )
    item = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="The item that it should change."
    )
    reference = serializers.CharField(
        max_length=64,
        allow_blank=True,
        default="",
        help_text="Your own reference. The same one proposes once while it is open; a repeated call changes its words.",
    )
    note = serializers.CharField(max_length=255, allow_blank=True, default="", help_text="Why.")


class ProposalSerializer(Row):
    """What became of a proposal. Its words are shown masked, and erased once an editor has decided."""

    kind_label = label_of("kind")
    item = serializers.UUIDField(source="item.public_id", allow_null=True, default=None)
    version = serializers.UUIDField(
        source="version.public_id", allow_null=True, default=None, help_text="The draft that it became."
    )
    reference = serializers.CharField(source="source_ref")
    title = serializers.SerializerMethodField(help_text="With personal data masked.")
    body = serializers.SerializerMethodField(help_text="With personal data masked.")

    class Meta:
        model = Proposal
        fields = (
            "id", "kind", "kind_label", "state", "item", "reference", "title", "body", "note", "proposed_by", "created_at",
            "decided_at", "version",
        )  # fmt: skip

    def get_title(self, row: Proposal) -> str:
        """Masked."""
        return operations.proposed_words(row)[0]

    def get_body(self, row: Proposal) -> str:
        """Masked."""
        return operations.proposed_words(row)[1]


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
    product = serializers.CharField(max_length=120, required=False, default="", help_text="What it is about.")
    channel = serializers.CharField(max_length=64, required=False, default="", help_text="Where it is asked.")
    audience = serializers.ChoiceField(
        choices=Audience.choices, default=Audience.CUSTOMER, help_text="Who will read the answer."
    )
