"""Conversations, messages and attachments; texts that other systems propose."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import FileResponse, Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from aijia.api import serializers as shown
from aijia.api.authentication import actor, caller
from aijia.api.filters import ConversationFilter, MessageFilter
from aijia.api.models import Scope
from aijia.api.pagination import NewestFirst
from aijia.api.views.base import Visible, VisibleOne, command, part
from aijia.media import INLINE
from cases.models import ServiceCase
from conversations.models import Attachment, Conversation, Message
from review import operations as review
from review.gate import Reason
from review.models import Draft, DraftState, ReplyKind, Right
from triage.flagging import flag_wrong_message


@extend_schema_view(
    list=extend_schema(summary="List conversations"), retrieve=extend_schema(summary="One conversation")
)
class ConversationView(Visible):
    """Conversations, and what was said in them."""

    model = Conversation
    needs_scope = Scope.CONVERSATIONS_READ
    select = ("owner",)
    serializer_class = shown.ConversationSerializer
    filterset_class = ConversationFilter

    @extend_schema(
        summary="What was said in a conversation",
        description="Newest first.",
        responses=shown.MessageSerializer(many=True),
    )
    @part("messages", pagination_class=NewestFirst, filterset_class=MessageFilter, part_model=Message)
    def messages(self, request: Request, public_id: str) -> Response:
        """Messages by their place in the conversation."""
        rows = Message.objects.filter(conversation=self.row()).select_related("sender", "conversation")
        return self.page_of(rows.prefetch_related("attachments__blob__reading"), shown.MessageSerializer)

    @extend_schema(
        summary="Propose a text",
        description=(
            "For other systems that want something said in this conversation. It becomes a draft that always waits for a person; "
            "an older proposal for the same conversation and case that nobody decided is superseded by it."
        ),
    )
    @command(
        "drafts", takes=shown.ProposeInput, gives=shown.DraftDetailSerializer, scope=Scope.DRAFTS_PROPOSE, status=201
    )
    def propose(self, request: Request, public_id: str) -> Response:
        """Write a draft that a person decides."""
        body, conversation, case = self.read(shown.ProposeInput), self.row(), None
        if body["case"] is not None:
            rows = ServiceCase.objects.visible_to(caller(request)).filter(links__conversation=conversation)
            case = rows.filter(public_id=body["case"]).first()
            if case is None:
                raise Http404
        with transaction.atomic():
            draft = review.propose(
                conversation=conversation, case=case, cause=None, reply_kind=ReplyKind.OTHER, text=body["text"],
                reasons=[Reason("kind_never_direct")], actor=actor(request), at=timezone.now(), risk_note=body["note"],
                **_risk_in_hand(conversation, case),
            )  # fmt: skip
        return Response(shown.DraftDetailSerializer(draft, context=self.get_serializer_context()).data, status=201)


def _risk_in_hand(conversation: Conversation, case: ServiceCase | None) -> dict[str, Any]:
    """What makes the matter risky already: a proposal must not be easier to release than the drafts that wait beside it."""
    waiting = Draft.objects.filter(state=DraftState.PENDING)
    beside = list(waiting.filter(case=case) if case is not None else waiting.filter(conversation=conversation))
    strict = any(draft.required_right == Right.SUPERVISOR for draft in beside)
    return {
        "risk_topics": sorted({topic for draft in beside for topic in draft.risk_topics}),
        "alerts": sorted({alert for draft in beside for alert in draft.alerts}),
        "required_right": Right.SUPERVISOR if strict else Right.HANDLER,
    }


@extend_schema_view(retrieve=extend_schema(summary="One message"))
class MessageView(VisibleOne):
    """One message of a conversation that the caller may see."""

    model = Message
    needs_scope = Scope.CONVERSATIONS_READ
    select = ("sender", "conversation")
    prefetch = ("attachments__blob__reading",)
    serializer_class = shown.MessageSerializer

    @extend_schema(
        summary="Flag a text of ours as wrong",
        description="What one of us wrote to people outside, typed by hand in WeCom or sent by the product. It is measured as a wrong send and goes "
        "on record; nothing is taken back. 409 for what is no text of ours, or is flagged already.",
    )
    @command("flag-wrong", takes=shown.FlagInput, gives=shown.MessageSerializer, scope=Scope.OUTBOUND_WRITE)
    def flag_wrong(self, request: Request, public_id: str) -> Response:
        """A person says that it was wrong, and why."""
        body = self.read(shown.FlagInput)
        flag_wrong_message(
            message_id=self.row_id(), reason=body["reason"], words=body["words"], by=caller(request), actor=actor(request),
            at=timezone.now(),
        )  # fmt: skip
        return self.whole()


class Bytes(BaseRenderer):
    """Whatever somebody sent: any `Accept` will do."""

    media_type = "*/*"
    format = "bytes"
    charset = None
    render_style = "binary"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> Any:
        """Problems are JSON here too; files do not come this way."""
        return JSONRenderer().render(data)


@extend_schema_view(retrieve=extend_schema(summary="One attachment"))
class AttachmentView(VisibleOne):
    """Attachments of messages that the caller may see."""

    model = Attachment
    needs_scope = Scope.CONVERSATIONS_READ
    serializer_class = shown.AttachmentSerializer

    def visible(self) -> Any:
        """Those of visible conversations."""
        conversations = Conversation.objects.visible_to(caller(self.request))
        return Attachment.objects.filter(message__conversation__in=conversations).select_related("blob__reading")

    @extend_schema(
        summary="The bytes of an attachment", description="404 while they are not stored, or when they were lost.",
        responses={(200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY)},
    )  # fmt: skip
    @part("content", pagination_class=None, renderer_classes=(JSONRenderer, Bytes))
    def content(self, request: Request, public_id: str) -> Any:
        """Only pictures, films and PDFs are called what they are; everything else is to be downloaded."""
        row = self.get_object()
        if row.blob is None:
            raise Http404
        known = row.blob.content_type in INLINE
        answer = FileResponse(
            row.blob.file.open("rb"), content_type=row.blob.content_type if known else "application/octet-stream",
            as_attachment=not known, filename=row.name or f"{row.type}-{row.public_id.hex[:8]}",
        )  # fmt: skip
        answer["X-Content-Type-Options"] = "nosniff"
        answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return answer
