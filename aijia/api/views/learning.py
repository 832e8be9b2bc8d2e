"""Examples that are kept for training, and trained models: to read. They are removed and switched by people in the admin."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.request import Request

from aijia.api import serializers as shown
from aijia.api.authentication import caller
from aijia.api.filters import ExampleFilter
from aijia.api.models import Scope
from aijia.api.views.base import Rows
from triage.models import LabelledExample, ModelCandidate


def _has(request: Request, permission: str) -> bool:
    """Whether the role of whoever calls, or owns the token, includes a right."""
    user = caller(request).user
    return user is not None and user.has_perm(permission)


class _Listed(Rows, mixins.ListModelMixin):
    """A list alone."""

    needs_scope = Scope.LEARNING_READ
    right = ""

    def rows(self) -> QuerySet[Any]:
        """What the right opens."""
        raise NotImplementedError

    def visible(self) -> QuerySet[Any]:
        """Nothing for whom the screen is closed to."""
        rows = self.rows().order_by("-pk")
        return rows if _has(self.request, self.right) else rows.none()


@extend_schema_view(list=extend_schema(summary="List examples kept for training"))
class ExampleView(_Listed):
    """Examples out of conversations that the caller sees; empty for whose role does not include looking after them."""

    model = LabelledExample
    right = "triage.view_labelledexample"
    select = ("decision", "by")
    serializer_class = shown.ExampleSerializer
    filterset_class = ExampleFilter

    def rows(self) -> QuerySet[Any]:
        """Those that were not removed."""
        return LabelledExample.objects.visible_to(caller(self.request)).kept()


@extend_schema_view(list=extend_schema(summary="List trained models with their figures"))
class ModelView(_Listed):
    """Trained models; empty for whose role does not include looking at them."""

    model = ModelCandidate
    right = "triage.view_modelcandidate"
    serializer_class = shown.ModelSerializer

    def rows(self) -> QuerySet[Any]:
        """All of them: a model belongs to nobody."""
        return ModelCandidate.objects.all()
