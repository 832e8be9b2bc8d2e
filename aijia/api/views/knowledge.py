"""Published knowledge, and the search over it."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from aijia.api import serializers as shown
from aijia.api.filters import KnowledgeFilter
from aijia.api.models import Scope
from aijia.api.views.base import Visible
from cases.models import ServiceFlow
from knowledge.models import KnowledgeState, KnowledgeVersion
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
    select = ("item__flow",)
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
            wanted["q"], at=timezone.now(), limit=wanted["limit"], flow=flow, audience=wanted["audience"], **more
        )
        return Response(shown.HitSerializer(hits, many=True).data)
