"""Whatever is no address of the API."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from aijia.api.views.base import Basics


@extend_schema(exclude=True)
class NotHereView(Basics):
    """A problem instead of a page for people."""

    permission_classes = ()

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Count the call, then say that there is nothing, whatever the method."""
        super().initial(request, *args, **kwargs)
        raise Http404

    def get(self, request: Any) -> Response:
        """Never reached."""
        raise Http404
