"""Drafts, verdicts on them, and outbound texts."""

from __future__ import annotations

from django.db.models import Prefetch
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from aijia.api import serializers as shown
from aijia.api.authentication import actor, caller
from aijia.api.filters import DraftFilter, OutboundFilter
from aijia.api.models import Scope
from aijia.api.views.base import Visible, command
from delivery import operations as delivery
from delivery.models import Attempt, Outbound
from review import operations as review
from review.models import Draft, Verdict


@extend_schema_view(
    list=extend_schema(summary="List drafts"),
    retrieve=extend_schema(summary="One draft with its sources and verdicts"),
)
class DraftView(Visible):
    """Drafts: what is proposed to be said, why it is held, and the verdicts on it."""

    model = Draft
    needs_scope = Scope.DRAFTS_READ
    select = ("conversation", "case", "cause", "claimed_by", "outbound")
    detail_prefetch = ("sources__item", Prefetch("verdicts", Verdict.objects.select_related("by").order_by("pk")))
    serializer_class = shown.DraftSerializer
    detail_serializer_class = shown.DraftDetailSerializer
    filterset_class = DraftFilter

    @extend_schema(summary="Take a draft to work on it", description="For ten minutes; 403 while somebody else has it.")
    @command("claim", takes=None, gives=shown.DraftDetailSerializer, scope=Scope.DRAFTS_DECIDE)
    def claim(self, request: Request, public_id: str) -> Response:
        """Two people never work on one."""
        review.claim(draft_id=self.row_id(), by=caller(request), at=timezone.now())
        return self.whole()

    @extend_schema(
        summary="Decide a draft",
        description=(
            "Approve, edit, reject or take over. A verdict that may not be carried out (a leak in the words, a right that is missing, "
            "the customer has written since) is on record all the same: it comes back with `accepted` false and its `refusals`, and "
            "nothing has left. With `overrule` and a `reason`, who has the right to it lets words out that a check holds. 409 when the draft is decided already, or another wording than the one with this `hash` stands in it."
        ),
    )
    @command("decide", takes=shown.DecideInput, gives=shown.VerdictSerializer, scope=Scope.DRAFTS_DECIDE)
    def decide(self, request: Request, public_id: str) -> Response:
        """Carry out a verdict."""
        body, draft = self.read(shown.DecideInput), self.row()
        last = draft.conversation.last_position if draft.conversation is not None else 0
        if body["position"] > last:
            text = serializers.IntegerField.default_error_messages["max_value"].format(max_value=last)
            raise serializers.ValidationError({"position": [text]}, code="max_value")
        verdict = review.decide(
            draft_id=draft.pk, by=caller(request), do=body["do"], actor=actor(request), at=timezone.now(), text=body["text"],
            reason_code=body["reason_code"], reason=body["reason"], seen_position=body["position"], seen_hash=body["hash"],
            overrule=body["overrule"],
        )  # fmt: skip
        return Response(shown.VerdictSerializer(verdict).data)


@extend_schema_view(
    list=extend_schema(summary="List outbound texts"),
    retrieve=extend_schema(summary="One outbound text with every attempt to send it"),
)
class OutboundView(Visible):
    """Released texts, and what became of them."""

    model = Outbound
    needs_scope = Scope.OUTBOUND_READ
    select = ("conversation", "recipient")
    detail_prefetch = (Prefetch("attempts", Attempt.objects.order_by("number")),)
    serializer_class = shown.OutboundSerializer
    detail_serializer_class = shown.OutboundDetailSerializer
    filterset_class = OutboundFilter

    @extend_schema(
        summary="Say what became of a text",
        description="For a text whose outcome is unknown, or that was prepared and told by hand. 409 for any other.",
    )
    @command("settle", takes=shown.SettleInput, gives=shown.OutboundDetailSerializer, scope=Scope.OUTBOUND_WRITE)
    def settle(self, request: Request, public_id: str) -> Response:
        """A person settles it; it is never sent again by itself."""
        body = self.read(shown.SettleInput)
        delivery.settle(
            outbound_id=self.row_id(), arrived=body["arrived"], by=caller(request), actor=actor(request),
            at=timezone.now(),
        )  # fmt: skip
        return self.whole()

    @extend_schema(
        summary="Flag a text as wrong",
        description="A text that was delivered and should not have been, as it was. It is measured and goes on record; nothing is taken back. "
        "409 when it was not delivered, or is flagged already.",
    )
    @command("flag-wrong", takes=shown.FlagInput, gives=shown.OutboundDetailSerializer, scope=Scope.OUTBOUND_WRITE)
    def flag_wrong(self, request: Request, public_id: str) -> Response:
        """A person says that it was wrong, and why."""
        body = self.read(shown.FlagInput)
        delivery.flag_wrong(
            outbound_id=self.row_id(), reason=body["reason"], words=body["words"], by=caller(request), actor=actor(request),
            at=timezone.now(),
        )  # fmt: skip
        return self.whole()
