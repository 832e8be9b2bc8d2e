"""Rows as the API shows them: by public id, codes as they are, instants with their zone."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases.models import Participant, ServiceCase, WaitingItem, Writeback
from conversations.models import Attachment, Conversation, Message
from delivery.models import Outbound
from review.models import Draft, Verdict


class WaitSerializer(serializers.ModelSerializer):
    """A waiting item: who owes whom what, until when."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    case = serializers.UUIDField(source="case.public_id", read_only=True)
    case_number = serializers.CharField(source="case.number", read_only=True)
    waiting_on = serializers.CharField(source="on.name", default=None, read_only=True)
    owner = serializers.CharField(source="owner.name", read_only=True)
    overdue = serializers.SerializerMethodField()

    class Meta:
        model = WaitingItem
        fields = (
            "id", "case", "case_number", "state", "waiting_on", "on_role", "for_side", "need", "need_kind", "proof",
            "count_needed", "count_received", "owner", "opened_at", "due_at", "paused_at", "overdue", "closed_at", "close_reason",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.BooleanField())
    def get_overdue(self, wait: WaitingItem) -> bool:
        """Whether it is past its due time now."""
        return wait.is_overdue(at=self.context["at"])


class ParticipantSerializer(serializers.ModelSerializer):
    """Somebody with their role in a case."""

    name = serializers.CharField(source="person.name", read_only=True)
    side = serializers.CharField(source="person.side", read_only=True)

    class Meta:
        model = Participant
        fields = ("name", "side", "role", "coordinates_only")
        read_only_fields = fields


class WritebackSerializer(serializers.ModelSerializer):
    """A notice owed to those who asked."""

    to = serializers.CharField(source="to.name", read_only=True)

    class Meta:
        model = Writeback
        fields = ("about", "to", "words", "state", "due_at", "delivered_at", "delivered_by")
        read_only_fields = fields


class CaseSerializer(serializers.ModelSerializer):
    """A case in a list: where it stands is in its open items."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    flow = serializers.CharField(source="flow.key", read_only=True)
    customer = serializers.CharField(source="customer.name", read_only=True)
    partner = serializers.CharField(source="partner.name", default=None, read_only=True)
    owner = serializers.CharField(source="owner.name", read_only=True)
    waits = serializers.SerializerMethodField()

    class Meta:
        model = ServiceCase
        fields = (
            "id", "number", "title", "flow", "state", "customer", "partner", "owner", "labels", "opened_at", "closed_at",
            "close_reason", "close_note", "reopened_count", "waits",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(WaitSerializer(many=True))
    def get_waits(self, case: ServiceCase) -> Any:
        """The open items."""
        rows = [wait for wait in case.waits.all() if wait.is_open]
        return WaitSerializer(rows, many=True, context=self.context).data


class CaseDetailSerializer(CaseSerializer):
    """A case with its people and the notices owed."""

    participants = ParticipantSerializer(many=True, read_only=True)
    writebacks = WritebackSerializer(many=True, read_only=True)

    class Meta:
        model = ServiceCase
        fields = (*CaseSerializer.Meta.fields, "participants", "writebacks")
        read_only_fields = fields


class ConversationSerializer(serializers.ModelSerializer):
    """A conversation."""

    id = serializers.UUIDField(source="public_id", read_only=True)

    class Meta:
        model = Conversation
        fields = ("id", "account", "kind", "surface", "name", "language", "last_message_at")
        read_only_fields = fields


class AttachmentSerializer(serializers.ModelSerializer):
    """Something sent beside the words; its bytes are at `/attachments/<id>/`."""

    id = serializers.UUIDField(source="public_id", read_only=True)

    class Meta:
        model = Attachment
        fields = ("id", "type", "name", "state")
        read_only_fields = fields


class MessageSerializer(serializers.ModelSerializer):
    """One thing said."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    sender = serializers.CharField(source="sender.name", read_only=True)
    attachments = AttachmentSerializer(many=True, read_only=True)

    class Meta:
        model = Message
        fields = (
            "id", "position", "sender", "sender_side", "sent_at", "received_at", "type", "text", "quoted_text", "recalled_at",
            "attachments",
        )  # fmt: skip
        read_only_fields = fields


class DraftSerializer(serializers.ModelSerializer):
    """A proposed text, and why it is held."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    conversation = serializers.UUIDField(source="conversation.public_id", default=None, read_only=True)
    case = serializers.UUIDField(source="case.public_id", default=None, read_only=True)
    hash = serializers.CharField(source="content_hash", read_only=True)

    class Meta:
        model = Draft
        fields = (
            "id", "conversation", "case", "reply_kind", "text", "hash", "state", "reasons", "risk_topics", "alerts", "required_right",
            "risk_note", "missing", "suggestion", "waiting_for", "created_at", "decided_at",
        )  # fmt: skip
        read_only_fields = fields


class OutboundSerializer(serializers.ModelSerializer):
    """A released text on its way."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    conversation = serializers.UUIDField(source="conversation.public_id", default=None, read_only=True)

    class Meta:
        model = Outbound
        fields = ("id", "conversation", "kind", "purpose", "text", "state", "prepared_at", "delivered_at", "error_code")
        read_only_fields = fields


class VerdictSerializer(serializers.ModelSerializer):
    """What became of a decision about a draft."""

    class Meta:
        model = Verdict
        fields = ("do", "accepted", "refusals", "at")
        read_only_fields = fields


class EntrySerializer(serializers.Serializer):
    """One entry of a case's evidence."""

    seq = serializers.IntegerField()
    kind = serializers.CharField()
    at = serializers.DateTimeField()
    actor = serializers.JSONField()
    refs = serializers.JSONField()
    hash = serializers.CharField()
    body = serializers.JSONField(allow_null=True, help_text="null where the content was erased")


class EvidenceSerializer(serializers.Serializer):
    """The evidence of a case and whether it verifies."""

    verifies = serializers.BooleanField()
    faults = serializers.ListField(child=serializers.CharField())
    entries = EntrySerializer(many=True)


class NoteInput(serializers.Serializer):
    """Words for a note, or for closing something."""

    note = serializers.CharField(max_length=4000, trim_whitespace=True)


class CloseInput(serializers.Serializer):
    """How a case or an item is closed."""

    reason = serializers.CharField(max_length=32, default="staff")
    note = serializers.CharField(max_length=255, required=False, default="", allow_blank=True)


class DueInput(serializers.Serializer):
    """A new follow-up time."""

    due_at = serializers.DateTimeField()


class DecideInput(serializers.Serializer):
    """A verdict on a draft. `hash` is that of the wording that was looked at."""

    do = serializers.ChoiceField(choices=["approve", "edit", "reject", "take_over"])
    hash = serializers.CharField(max_length=64)
    text = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)
    reason = serializers.CharField(max_length=255, required=False, default="", allow_blank=True)
