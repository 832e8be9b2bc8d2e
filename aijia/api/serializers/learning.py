"""What people say that messages mean, the examples that come of it, and the models that are trained with them."""

from __future__ import annotations

from typing import Any, TypedDict

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from aijia.api.serializers.common import NamedRef, Row, label_of
from cases.models import BusinessClass, ServiceCase, ServiceContext, WaitingItem
from review.presenters import TOPICS
from triage.models import DecisionLabel, LabelledExample, Mode, ModelCandidate
from triage.presenters import INTENTS


class LabelsSerializer(serializers.Serializer):
    """What a decision should have been; `case` and `wait` by their ids."""

    intent = serializers.CharField()
    business_class = serializers.CharField()
    service_context = serializers.CharField()
    risk_topics = serializers.ListField(child=serializers.CharField())
    mode = serializers.CharField()
    case = serializers.UUIDField(allow_null=True)
    wait = serializers.UUIDField(allow_null=True)


class _Labels(TypedDict):
    case: str | None
    wait: str | None


class LabelSerializer(Row):
    """What somebody said that a decision should have been. The last one holds."""

    by = NamedRef(allow_null=True)
    kind_label = label_of("kind")
    labels = serializers.SerializerMethodField()

    class Meta:
        model = DecisionLabel
        fields: Any = ("id", "kind", "kind_label", "origin", "labels", "by", "at")

    @extend_schema_field(LabelsSerializer)
    def get_labels(self, row: DecisionLabel) -> Any:
        """With public ids."""
        case = ServiceCase.objects.filter(pk=row.labels.get("case")).first() if row.labels.get("case") else None
        wait = WaitingItem.objects.filter(pk=row.labels.get("wait")).first() if row.labels.get("wait") else None
        ids: _Labels = {
            "case": str(case.public_id) if case else None,
            "wait": str(wait.public_id) if wait else None,
        }
        return {**row.labels, **ids}


class LabelInput(serializers.Serializer):
    """What is said here replaces what stands; an empty body confirms it as it is."""

    intent = serializers.ChoiceField(choices=list(INTENTS), required=False)
    business_class = serializers.ChoiceField(choices=BusinessClass.values, required=False)
    service_context = serializers.ChoiceField(choices=ServiceContext.values, required=False)
    risk_topics = serializers.ListField(child=serializers.ChoiceField(choices=list(TOPICS)), required=False)
    mode = serializers.ChoiceField(choices=Mode.values, required=False)
    case = serializers.UUIDField(required=False, allow_null=True)
    wait = serializers.UUIDField(required=False, allow_null=True)


class ExampleSerializer(Row):
    """A desensitised message with what it means, in the format of `evaluate_triage`."""

    decision = serializers.UUIDField(source="decision.public_id")
    by = NamedRef(allow_null=True)

    class Meta:
        model = LabelledExample
        fields: Any = ("id", "decision", "kind", "row", "by", "at")


class ModelSerializer(Row):
    """A model that was trained with the team's examples, and how it did beside the one before it."""

    class Meta:
        model = ModelCandidate
        fields: Any = (
            "id", "version", "made_at", "compared_with", "rows", "examples", "figures", "is_active", "switched_at",
        )  # fmt: skip
