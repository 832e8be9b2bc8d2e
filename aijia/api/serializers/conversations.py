"""Conversations, messages and attachments."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from aijia.api.masking import shows_contacts
from aijia.api.serializers.common import NamedRef, Row, label_of
from conversations import pictures
from conversations.models import Attachment, Conversation, Message, PictureKind, PictureState
from foundation.masking import masked_text


class ConversationSerializer(Row):
    """A conversation."""

    kind_label = label_of("kind")
    owner = NamedRef(allow_null=True)

    class Meta:
        model = Conversation
        fields = (
            "id", "account", "kind", "kind_label", "surface", "name", "language", "owner", "last_position",
            "last_message_at", "kf_window_until", "kf_replies_left",
        )  # fmt: skip


class PictureFindingSerializer(serializers.Serializer):
    """Something that a picture names: order, tracking, phone, amount, model or serial. A hint, never a proof."""

    kind = serializers.CharField()
    text = serializers.CharField()


class PictureSerializer(serializers.Serializer):
    """The words that were read in a picture. Untrusted like whatever somebody writes; masked for who may not see contacts."""

    state = serializers.ChoiceField(choices=PictureState.choices)
    kind = serializers.ChoiceField(choices=PictureKind.choices, allow_blank=True)
    text = serializers.CharField(allow_blank=True)
    confidence = serializers.FloatField()
    findings = PictureFindingSerializer(many=True)
    error = serializers.CharField(allow_blank=True)


class AttachmentSerializer(Row):
    """Something sent beside the words; `attachments/{id}/content/` gives its bytes where `state` is `stored`."""

    picture = serializers.SerializerMethodField()

    class Meta:
        model = Attachment
        fields = ("id", "type", "name", "state", "picture")

    @extend_schema_field(PictureSerializer(allow_null=True))
    def get_picture(self, row: Attachment) -> dict[str, Any] | None:
        """What was read in it; null where it is no picture or pictures are not read."""
        reading = getattr(row.blob, "reading", None) if row.blob_id else None
        if reading is None:
            return None
        in_full = shows_contacts(self.context["request"])
        text = pictures.shown_text(reading, in_full=in_full)
        found = pictures.findings(reading.text) if reading.state == PictureState.READ else ()
        return {
            "state": reading.state, "kind": reading.kind, "text": text, "confidence": reading.confidence, "error": reading.error,
            "findings": [{"kind": one.kind, "text": one.text if in_full else masked_text(one.text)} for one in found],
        }  # fmt: skip


class MessageSerializer(Row):
    """One thing said. `position` is its place in order of arrival; `sent_at` may be earlier than that of a message before it."""

    conversation = serializers.UUIDField(source="conversation.public_id")
    sender = NamedRef()
    attachments = AttachmentSerializer(many=True)

    class Meta:
        model = Message
        fields = (
            "id", "conversation", "position", "sender", "sender_side", "sent_at", "received_at", "type", "text", "quoted_text",
            "recalled_at", "attachments",
        )  # fmt: skip


class ProposeInput(serializers.Serializer):
    """A text that another system would like to be said. It always waits for a person."""

    text = serializers.CharField(max_length=2000)
    case = serializers.UUIDField(required=False, allow_null=True, default=None, help_text="The case that it is about.")
    note = serializers.CharField(
        max_length=255, default="", allow_blank=True, help_text="For the reviewer: where it comes from, and why."
    )
