"""Drafts, verdicts on them, and outbound texts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from aijia.api.serializers.common import CaseRef, NamedRef, ReasonSerializer, Row, label_of
from cases.reasons import WRONG_REASONS
from delivery.models import Attempt, Outbound
from knowledge.citing import citations
from knowledge.models import KnowledgeState, KnowledgeVersion
from review.guidance import guidance
from review.models import Draft, Verdict
from review.permissions import needs_two
from review.presenters import REJECT_REASONS, reason_words


def in_words(reasons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Reasons with their sentence."""
    return [
        {"code": str(reason.get("code", "")), "params": dict(reason.get("params") or {}), "words": reason_words(reason)}
        for reason in reasons
    ]


class VerdictSerializer(Row):
    """What a person, or a rule, decided about a draft. `accepted` is false where it could not be carried out, for the `refusals`."""

    by = serializers.CharField(source="by.name", default=None, allow_null=True)
    refusals = serializers.SerializerMethodField()
    overruled = serializers.SerializerMethodField()

    class Meta:
        model = Verdict
        fields = ("id", "do", "by", "at", "text", "reason_code", "reason", "accepted", "refusals", "overruled")

    @extend_schema_field(ReasonSerializer(many=True))
    def get_refusals(self, verdict: Verdict) -> Any:
        """Why it was not carried out."""
        return in_words(verdict.refusals)

    @extend_schema_field(ReasonSerializer(many=True))
    def get_overruled(self, verdict: Verdict) -> Any:
        """What the checks found that somebody with the right released all the same."""
        return in_words(verdict.overruled)


class SourceSerializer(serializers.Serializer):
    """A version of knowledge that a text cites (`/knowledge/{id}/`): whether it still holds, and what has taken its place."""

    id = serializers.UUIDField(source="version.public_id")
    item = serializers.UUIDField(source="version.item.public_id")
    title = serializers.CharField(source="version.title")
    number = serializers.IntegerField(source="version.number")
    state = serializers.ChoiceField(choices=KnowledgeState.choices, source="version.state")
    holds = serializers.BooleanField(help_text="Whether it may still be said: published, and within its dates.")
    newer = serializers.UUIDField(
        source="newer.public_id",
        default=None,
        allow_null=True,
        help_text="The version that is published in its place now.",
    )


class Cites(serializers.Serializer):
    """Something that cites versions of knowledge."""

    sources = serializers.SerializerMethodField()

    def cited(self, row: Any) -> Iterable[KnowledgeVersion]:
        """The versions that a row cites."""
        raise NotImplementedError

    @extend_schema_field(SourceSerializer(many=True))
    def get_sources(self, row: Any) -> Any:
        """Each version, whether it still holds and what is published in its place."""
        return SourceSerializer(citations(self.cited(row), at=self.context.get("at") or timezone.now()), many=True).data


class DraftSerializer(Row):
    """A proposed text, and why it is held. `hash` and `position` go back with a verdict: they say what the reviewer saw."""

    conversation = NamedRef(allow_null=True)
    case = CaseRef(allow_null=True)
    cause = serializers.UUIDField(
        source="cause.public_id", default=None, allow_null=True, help_text="The message that it answers."
    )
    state_label = label_of("state")
    hash = serializers.CharField(source="content_hash")
    position = serializers.IntegerField(
        source="conversation.last_position", default=0, help_text="The last message of the conversation now."
    )
    reasons = serializers.SerializerMethodField()
    risk_note = serializers.SerializerMethodField(help_text="What to mind, a sentence a line.")
    suggestion = serializers.SerializerMethodField(help_text="What to do inside the company, a sentence a line.")
    claimed_by = serializers.CharField(source="claimed_by.name", default=None, allow_null=True)

    class Meta:
        model = Draft
        fields: Any = (
            "id", "conversation", "case", "cause", "reply_kind", "proposed_text", "text", "hash", "position", "state",
            "state_label", "reasons", "risk_topics", "alerts", "required_right", "risk_note", "missing", "suggestion",
            "waiting_for", "created_at", "decided_at", "claimed_by", "claimed_until",
        )  # fmt: skip

    @extend_schema_field(ReasonSerializer(many=True))
    def get_reasons(self, draft: Draft) -> Any:
        """Why it is held."""
        return in_words(draft.reasons)

    def get_risk_note(self, draft: Draft) -> str:
        """What to mind, in the caller's language."""
        return "\n".join(guidance(draft)[0])

    def get_suggestion(self, draft: Draft) -> str:
        """What to do, in the caller's language."""
        return "\n".join(guidance(draft)[1])


class FourEyesSerializer(serializers.Serializer):
    """Whether two people have to confirm a draft, by the boundaries as they are now, and who was the first."""

    needed = serializers.BooleanField()
    first = serializers.CharField(allow_null=True, help_text="Who has confirmed it; somebody else has to as well.")
    first_at = serializers.DateTimeField(allow_null=True)


class DraftDetailSerializer(Cites, DraftSerializer):
    """A draft with its sources, the verdicts so far and what became of it."""

    verdicts = VerdictSerializer(many=True)
    outbound = serializers.UUIDField(source="outbound.public_id", default=None, allow_null=True)
    four_eyes = serializers.SerializerMethodField()

    class Meta(DraftSerializer.Meta):
        fields: Any = (*DraftSerializer.Meta.fields, "sources", "verdicts", "outbound", "four_eyes")

    def cited(self, draft: Draft) -> Iterable[KnowledgeVersion]:
        """Its own."""
        return draft.sources.all()

    @extend_schema_field(FourEyesSerializer)
    def get_four_eyes(self, draft: Draft) -> dict[str, Any]:
        """Whether two people are needed, and who was the first."""
        needed, first = needs_two(draft), draft.first_yes
        by = first.by.name if needed and first is not None and first.by is not None else None
        return FourEyesSerializer({"needed": needed, "first": by, "first_at": first.at if by and first else None}).data


class DecideInput(serializers.Serializer):
    """A verdict on a draft. `hash` and `position` are those that the draft had when the reviewer looked at it."""

    do = serializers.ChoiceField(choices=["approve", "edit", "reject", "take_over"])
    hash = serializers.CharField(max_length=64)
    position = serializers.IntegerField(min_value=0, max_value=2**62)
    text = serializers.CharField(
        max_length=2000, default="", allow_blank=True, help_text="The other words, for `edit`."
    )
    reason_code = serializers.ChoiceField(choices=list(REJECT_REASONS), default="", allow_blank=True)
    reason = serializers.CharField(max_length=255, default="", allow_blank=True)
    overrule = serializers.BooleanField(
        default=False, help_text="Release words that a check holds all the same; needs the right, and a `reason`."
    )

    def validate(self, attrs: Any) -> Any:
        """An edit has words."""
        if attrs["do"] == "edit" and not attrs["text"].strip():
            raise serializers.ValidationError(
                {"text": [serializers.CharField.default_error_messages["blank"]]}, code="blank"
            )
        return attrs


class AttemptSerializer(serializers.ModelSerializer):
    """One attempt to send a text."""

    class Meta:
        model = Attempt
        fields = ("number", "started_at", "outcome", "error_code", "error_text")


class OutboundSerializer(Row):
    """A released text on its way, into a conversation or to one colleague."""

    conversation = NamedRef(allow_null=True)
    recipient = NamedRef(allow_null=True)
    state_label = label_of("state")
    case = serializers.UUIDField(source="case_ref", allow_null=True)
    released_by = serializers.CharField(source="released_by.label", default="")

    class Meta:
        model = Outbound
        fields: Any = (
            "id", "conversation", "recipient", "case", "kind", "purpose", "text", "state", "state_label", "released_at",
            "released_by", "prepared_at", "delivered_at", "attempt_count", "error_code", "error_text", "settled_by",
        )  # fmt: skip


class OutboundDetailSerializer(Cites, OutboundSerializer):
    """An outbound text with the versions of knowledge that it cites and every attempt to send it."""

    attempts = AttemptSerializer(many=True)

    class Meta(OutboundSerializer.Meta):
        fields: Any = (*OutboundSerializer.Meta.fields, "sources", "attempts")

    def cited(self, row: Outbound) -> Iterable[KnowledgeVersion]:
        """Those of its draft."""
        return KnowledgeVersion.objects.filter(cited_by__outbound=row).select_related("item").order_by("pk")


class FlagInput(serializers.Serializer):
    """Why a text that was delivered was wrong. `other` needs words."""

    reason = serializers.ChoiceField(choices=list(WRONG_REASONS))
    words = serializers.CharField(max_length=200, default="", allow_blank=True)


class SettleInput(serializers.Serializer):
    """What became of a text whose outcome is unknown, or that was prepared and told by hand."""

    arrived = serializers.BooleanField()
