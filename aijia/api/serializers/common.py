"""What all answers share: references by public id, and bases that are read only."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class Row(serializers.ModelSerializer):
    """A row as it is shown: by public id, codes as they are, instants with their zone."""

    id = serializers.UUIDField(source="public_id", read_only=True)

    def get_fields(self) -> Any:
        """Every field read only: writes go through commands."""
        fields = super().get_fields()
        for field in fields.values():
            field.read_only = True
        return fields


class NamedRef(serializers.Serializer):
    """A person, customer, partner or colleague: id and name."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()


class FlowRef(serializers.Serializer):
    """A service flow: key and name."""

    key = serializers.CharField()
    name = serializers.CharField()


class CaseRef(serializers.Serializer):
    """A case: id and number."""

    id = serializers.UUIDField(source="public_id")
    number = serializers.CharField()


class ReasonSerializer(serializers.Serializer):
    """Why something is held or refused: a code with its parameters, and a sentence in the caller's language."""

    code = serializers.CharField()
    params = serializers.DictField(child=serializers.CharField())
    words = serializers.CharField()


def label_of(name: str) -> serializers.CharField:
    """The words for a code in the caller's language."""
    return serializers.CharField(source=f"get_{name}_display", read_only=True)
