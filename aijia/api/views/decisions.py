"""How messages were understood."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from aijia.api import serializers as shown
from aijia.api.authentication import actor, caller
from aijia.api.filters import DecisionFilter
from aijia.api.models import Scope
from aijia.api.views.base import Visible, command, part
from cases.models import ServiceCase, WaitingItem
from triage import learning
from triage.models import Decision


@extend_schema_view(list=extend_schema(summary="List decisions"), retrieve=extend_schema(summary="One decision"))
class DecisionView(Visible):
    """Decisions: what a message was taken to mean, by which engine, and why it was sent, held or recorded."""

    model = Decision
    needs_scope = Scope.CONVERSATIONS_READ
    select = ("conversation", "message", "case")
    serializer_class = shown.DecisionSerializer
    detail_serializer_class = shown.DecisionDetailSerializer
    filterset_class = DecisionFilter

    @extend_schema(summary="What people said that it means", responses=shown.LabelSerializer(many=True))
    @part("labels", pagination_class=None, needs_scope=Scope.LEARNING_READ)
    def labels(self, request: Request, public_id: str) -> Response:
        """Confirmations and corrections, the oldest first."""
        rows = self.row().labels.select_related("by").order_by("pk")
        return Response(shown.LabelSerializer(rows, many=True).data)

    @extend_schema(
        summary="Confirm or correct what was understood",
        description="It changes nothing that was done; where that is agreed to, the message is kept as an example for training. An empty body "
        "confirms what stands. 422 for a label that cannot be, or a message that was understood together with the next one.",
    )
    @command("label", takes=shown.LabelInput, gives=shown.LabelSerializer, scope=Scope.LEARNING_WRITE)
    def label(self, request: Request, public_id: str) -> Response:
        """Keep what a person says."""
        body: dict[str, Any] = self.read(shown.LabelInput)
        decision, staff = self.row(), caller(request)
        for name, rows in (("case", ServiceCase.objects), ("wait", WaitingItem.objects)):
            if body.get(name) is not None:
                body[name] = get_object_or_404(rows.visible_to(staff), public_id=body[name]).pk  # type: ignore[attr-defined]
        if "risk_topics" in body:
            body["risk_topics"] = tuple(sorted(set(body["risk_topics"])))
        row = learning.label_decision(
            decision_id=decision.pk, labels=replace(learning.labels_of(decision), **body), by=staff, actor=actor(request),
            at=timezone.now(),
        )  # fmt: skip
        return Response(shown.LabelSerializer(row).data)
