"""Conversations, messages and attachments."""

from __future__ import annotations

from rest_framework import serializers

from aijia.api.serializers.common import NamedRef, Row, label_of
from conversations.models import Attachment, Conversation, Message


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


class AttachmentSerializer(Row):
    """Something sent beside the words; `attachments/{id}/content/` gives its bytes where `state` is `stored`."""

    class Meta:
        model = Attachment
        fields = ("id", "type", "name", "state")


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
