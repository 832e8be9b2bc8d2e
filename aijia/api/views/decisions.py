"""How messages were understood."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema, extend_schema_view

from aijia.api import serializers as shown
from aijia.api.filters import DecisionFilter
from aijia.api.models import Scope
from aijia.api.views.base import Visible
from triage.models import Decision


@extend_schema_view(list=extend_schema(summary="List decisions"), retrieve=extend_schema(summary="One decision"))
class DecisionView(Visible):
    """Decisions: what a message was taken to mean, by which engine, and why it was sent, held or recorded."""

    model = Decision
    needs_scope = Scope.CONVERSATIONS_READ
    select = ("conversation", "message", "case")
    serializer_class = shown.DecisionSerializer
    filterset_class = DecisionFilter
