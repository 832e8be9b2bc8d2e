"""Published knowledge, and the search over it."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from aijia.api import serializers as shown
from aijia.api.authentication import actor, caller
from aijia.api.filters import KnowledgeFilter, ProposalFilter
from aijia.api.idempotency import once
from aijia.api.models import Scope
from aijia.api.views.base import KEY, Visible
from cases.models import ServiceFlow
from knowledge import operations
from knowledge.models import KnowledgeItem, KnowledgeState, KnowledgeVersion, Proposal, ProposalSource
from knowledge.search import search


@extend_schema_view(
    list=extend_schema(summary="List knowledge in force"),
    retrieve=extend_schema(
        summary="One version", description="Published, or retired: what an old draft cites stays readable."
    ),
)
class KnowledgeView(Visible):
    """What may be said: published versions in force now."""

    model = KnowledgeVersion
    needs_scope = Scope.KNOWLEDGE_READ
    select = ("item__flow", "item__replaced_by")
    serializer_class = shown.KnowledgeSerializer
    filterset_class = KnowledgeFilter

    def visible(self) -> Any:
        """Lists show what is in force, an id what once was."""
        rows: Any = super().visible()
        if self.detail:
            return rows.filter(state__in=[KnowledgeState.PUBLISHED, KnowledgeState.RETIRED])
        return rows.in_force(at=timezone.now())

    @extend_schema(
        summary="Find what answers a question",
        description="Best first; empty where nothing covers enough of it: then nobody may be answered from knowledge.",
        parameters=[shown.SearchInput], responses=shown.HitSerializer(many=True), filters=False,
    )  # fmt: skip
    @action(detail=False, methods=["get"], url_path="search", filterset_class=None, pagination_class=None)
    def search(self, request: Request) -> Response:
        """The same search that answers customers."""
        asked = shown.SearchInput(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        flow = None
        if wanted.get("flow"):
            flow = ServiceFlow.objects.filter(key=wanted["flow"]).first()
            if flow is None:
                return Response([])
        more: dict[str, Any] = {"kinds": [wanted["kind"]]} if wanted.get("kind") else {}
        hits = search(
            wanted["q"],
            at=timezone.now(),
            limit=wanted["limit"],
            flow=flow,
            product=wanted["product"],
            channels=[wanted["channel"]] if wanted["channel"] else (),
            audience=wanted["audience"],
            **more,
        )
        return Response(shown.HitSerializer(hits, many=True).data)


@extend_schema_view(
    list=extend_schema(summary="List open and decided proposals of other systems"),
    retrieve=extend_schema(summary="What became of a proposal"),
)
class ProposalView(Visible):
    """What other systems put before the editors. It is never a source: only what an editor makes of it can be."""

    model = Proposal
    needs_scope = Scope.KNOWLEDGE_READ
    needs_scope_to_write = Scope.KNOWLEDGE_PROPOSE
    select = ("item", "version")
    serializer_class = shown.ProposalSerializer
    filterset_class = ProposalFilter

    def visible(self) -> Any:
        """Only what came from other systems: proposals from chats are for editors alone."""
        rows: Any = super().visible()
        return rows.filter(source=ProposalSource.API)

    @extend_schema(
        summary="Propose an item, or a change of one",
        description="It waits for an editor, who looks at every piece of personal data in it and makes a draft of it or not.",
        request=shown.ProposalInput, responses={201: shown.ProposalSerializer}, parameters=[KEY],
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        """Put something before the editors."""
        return once(request, lambda: self._create(request))

    def _create(self, request: Request) -> Response:
        body, item = self.read(shown.ProposalInput), None
        if body["item"] is not None:
            item = get_object_or_404(KnowledgeItem.objects.visible_to(caller(request)), public_id=body["item"])
        made = operations.propose(
            source=ProposalSource.API, source_ref=body["reference"], kind=body["kind"], item=item, title=body["title"],
            body=body["body"], note=body["note"], actor=actor(request), at=timezone.now(),
        )  # fmt: skip
        return Response(shown.ProposalSerializer(made, context=self.get_serializer_context()).data, status=201)
