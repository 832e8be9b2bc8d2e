"""What the search takes and gives."""

from __future__ import annotations

from rest_framework import serializers

KINDS = ("case", "customer", "person", "message", "knowledge")


class FindInput(serializers.Serializer):
    """A question to the search."""

    q = serializers.CharField(max_length=100)
    kind = serializers.ChoiceField(choices=KINDS, required=False)
    limit = serializers.IntegerField(min_value=1, max_value=50, default=8)


class FoundRowSerializer(serializers.Serializer):
    """One thing that was found; `within` is the conversation of a message."""

    kind = serializers.ChoiceField(choices=KINDS)
    id = serializers.UUIDField()
    title = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    within = serializers.UUIDField(allow_null=True)


class FoundSerializer(serializers.Serializer):
    """What was found, kind by kind, and of which kinds there is more."""

    results = FoundRowSerializer(many=True)
    more = serializers.ListField(child=serializers.CharField())
