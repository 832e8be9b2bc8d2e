"""What all addresses share: reading what the caller may see, and commands that carry out one operation."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.authentication import SessionAuthentication
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from aijia.api.authentication import TokenAuthentication, caller
from aijia.api.errors import build_fault, problem
from aijia.api.idempotency import once
from aijia.api.pagination import Pages
from aijia.api.parsing import Json
from aijia.api.permissions import IsStaff, MayDoThis
from aijia.api.throttling import Anonymous, PerCaller

Handler = TypeVar("Handler", bound=Callable[..., Response])
KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER,
    description="1 to 128 visible ASCII characters. The same key is carried out once within 24 hours; the repeated call gets the first answer.",
)  # fmt: skip
#: Parameters that every list understands.
COMMON = frozenset({"cursor", "page_size"})


def command(path: str, *, takes: Any, gives: Any, scope: str, status: int = 200) -> Callable[[Handler], Handler]:
    """A POST under one row that carries out one operation, once per `Idempotency-Key`.

    :param takes: the serializer of the body, None for none. :param gives: the serializer of the answer.
    :param scope: what a token needs.
    """

    def wrap(method: Handler) -> Handler:
        @functools.wraps(method)
        def handler(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
            return once(request, lambda: method(view, request, *args, **kwargs))

        routed = action(
            detail=True, methods=["post"], url_path=path, needs_scope=scope, filterset_class=None, pagination_class=None
        )(handler)
        made: Handler = extend_schema(request=takes, responses={status: gives}, parameters=[KEY])(routed)
        return made

    return wrap


def part(path: str, **more: Any) -> Callable[[Any], Any]:
    """A GET under one row: a part of it."""
    return action(detail=True, methods=["get"], url_path=path, **{"filterset_class": None, **more})


class Basics(APIView):
    """How every address of the API is called and answers; nothing of it depends on settings that somebody might change."""

    authentication_classes: Any = (TokenAuthentication, SessionAuthentication)
    permission_classes: Any = (IsStaff, MayDoThis)
    throttle_classes: Any = (PerCaller, Anonymous)
    parser_classes: Any = (Json,)
    renderer_classes: Any = (JSONRenderer,)
    metadata_class: Any = None
    needs_scope = ""
    needs_scope_to_write = ""

    def get_exception_handler(self) -> Any:
        """Ours, whatever the settings say."""
        return problem

    def handle_exception(self, error: Exception) -> Response:
        """Refusals as problems; a fault of ours too, except where somebody is looking for it."""
        try:
            return super().handle_exception(error)
        except Exception:
            if settings.DEBUG:
                raise
            return build_fault(self.request, type(self))

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Answers hold personal data: nobody in between may keep them."""
        made = super().finalize_response(request, response, *args, **kwargs)
        made.headers.setdefault("Cache-Control", "private, no-store")
        return made


class Rows(Basics, viewsets.GenericViewSet):
    """Rows that the caller may see. What one may not see is not there (404)."""

    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    pagination_class: Any = Pages
    filter_backends: Any = (DjangoFilterBackend,)
    filterset_class: Any = None
    http_method_names = ["get", "head", "post"]  # noqa: RUF012
    model: Any = None
    #: What a part of a row holds, for the description of its filters.
    part_model: Any = None
    select: tuple[str, ...] = ()
    prefetch: tuple[Any, ...] = ()
    detail_prefetch: tuple[Any, ...] = ()
    detail_serializer_class: Any = None

    def visible(self) -> QuerySet[Any]:
        """Where every query begins."""
        rows: QuerySet[Any] = self.model.objects.visible_to(caller(self.request))
        return rows

    def get_queryset(self) -> QuerySet[Any]:
        """What the caller may see, with what its answer needs."""
        if getattr(self, "swagger_fake_view", False):
            none: QuerySet[Any] = (self.part_model or self.model).objects.none()
            return none
        more = self.detail_prefetch if self.detail else ()
        return self.visible().select_related(*self.select).prefetch_related(*self.prefetch, *more)

    def get_serializer_class(self) -> Any:
        """A list is short, one row is whole."""
        whole = self.detail and self.detail_serializer_class is not None
        return self.detail_serializer_class if whole else self.serializer_class

    def get_serializer_context(self) -> dict[str, Any]:
        """With the instant at which things are overdue."""
        return {**super().get_serializer_context(), "at": timezone.now()}

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow a list.

        :raises ValidationError: for a name that is no filter of this list.
        """
        if self.detail and self.filterset_class is None:
            return queryset
        known = COMMON | set(self.filterset_class.base_filters if self.filterset_class is not None else ())
        unknown = sorted(set(self.request.query_params) - known)
        if unknown:
            words = _("This list has no such filter.")
            raise serializers.ValidationError({name: [words] for name in unknown}, code="unknown_filter")
        return super().filter_queryset(queryset)

    def get_object(self) -> Any:
        """The row of the address, among what the caller may see; filters of a part do not narrow it."""
        keep, self.filterset_class = self.filterset_class, None
        try:
            return super().get_object()
        finally:
            self.filterset_class = keep

    def row(self) -> Any:
        """The row of the address without what its own page needs, for a part of it.

        :raises Http404: when the caller may not see it.
        """
        return get_object_or_404(self.visible(), public_id=self.kwargs["public_id"])

    def row_id(self) -> int:
        """The row of the address, for an operation that will lock and read it.

        :raises Http404: when the caller may not see it.
        """
        found: int = get_object_or_404(self.visible().only("pk"), public_id=self.kwargs["public_id"]).pk
        return found

    def read(self, serializer: type[Serializer]) -> dict[str, Any]:
        """The body of a command, checked."""
        body = serializer(data=self.request.data)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def whole(self) -> Response:
        """The row as it is now."""
        return Response(self.get_serializer(self.get_object()).data)

    def page_of(self, rows: QuerySet[Any], serializer: Any, **context: Any) -> Response:
        """A page of a part."""
        page = self.paginate_queryset(self.filter_queryset(rows))
        made = serializer(page, many=True, context={**self.get_serializer_context(), **context})
        return self.get_paginated_response(made.data)


class VisibleOne(Rows, mixins.RetrieveModelMixin):
    """Rows that the caller may see, one at a time by public id."""


class Visible(VisibleOne, mixins.ListModelMixin):
    """Rows that the caller may see, in pages and one at a time."""
