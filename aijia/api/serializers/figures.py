"""The figures of a week, as the API shows them."""

from __future__ import annotations

from datetime import timedelta

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from metrics.figures import Figure


def _seconds(length: timedelta | None) -> int | None:
    return round(length.total_seconds()) if length is not None else None


class FigureSerializer(serializers.Serializer):
    """One figure."""

    key = serializers.CharField(source="line.key")
    group = serializers.CharField(source="line.group")
    title = serializers.CharField(source="line.title", help_text="In the caller's language.")
    part_of = serializers.CharField(
        source="line.part_of", help_text="The figure of which this one is a part; empty where it is a whole."
    )
    count = serializers.IntegerField(source="now.count")
    share = serializers.FloatField(source="now.share", allow_null=True)
    half_seconds = serializers.SerializerMethodField()
    most_seconds = serializers.SerializerMethodField()
    tap_seconds = serializers.SerializerMethodField()
    count_before = serializers.IntegerField(source="before.count", help_text="In the week before.")

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_half_seconds(self, one: Figure) -> int | None:
        """Half of them took no longer."""
        return _seconds(one.now.half)

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_most_seconds(self, one: Figure) -> int | None:
        """Nine of ten took no longer."""
        return _seconds(one.now.most)

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_tap_seconds(self, one: Figure) -> int | None:
        """From release to delivery, half of them took no longer."""
        return _seconds(one.now.tap)


class FiguresSerializer(serializers.Serializer):
    """The figures of a week, from Monday to Sunday."""

    week = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    figures = FigureSerializer(many=True)
