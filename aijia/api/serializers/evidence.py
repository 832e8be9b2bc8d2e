"""Evidence as it is chained, so that a caller can recompute it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from evidence.models import Entry


class EntrySerializer(serializers.ModelSerializer):
    """One entry of a chain. `body` and `salt` are null where the content was erased; the chain still verifies."""

    body = serializers.SerializerMethodField()
    salt = serializers.SerializerMethodField()
    erased_at = serializers.DateTimeField(source="body_row.erased_at", allow_null=True)

    class Meta:
        model = Entry
        fields = ("seq", "kind", "at", "actor", "refs", "prev_hash", "body_digest", "hash", "salt", "body", "erased_at")

    @extend_schema_field(serializers.DictField(allow_null=True))
    def get_body(self, entry: Entry) -> Any:
        """The content."""
        return self.context["body_of"](entry)

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_salt(self, entry: Entry) -> str | None:
        """What was put before the content when its digest was made."""
        row = entry.body_row
        return None if row.erased_at is not None else row.salt


class VerificationSerializer(serializers.Serializer):
    """Whether a chain, and those joined to it, are whole."""

    verifies = serializers.BooleanField()
    faults = serializers.ListField(child=serializers.CharField())
    length = serializers.IntegerField()
    head = serializers.CharField(help_text="Hash of the last entry; empty for an empty chain.")
    verified_at = serializers.DateTimeField()
