"""Pages by cursor. A cursor holds public ids and places in a thread, never row numbers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.pagination import Cursor, CursorPagination


class Pages(CursorPagination):
    """Newest first by public id (which rises with time); `page_size` up to 200, larger ones are cut to it."""

    ordering: Any = "-public_id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    place: Any = UUID

    def decode_cursor(self, request: Any) -> Cursor | None:
        """The cursor of a call.

        :raises ValidationError: when it is none that we gave.
        """
        try:
            cursor = super().decode_cursor(request)
            if cursor is not None and cursor.position is not None:
                self.place(cursor.position)
        except (exceptions.NotFound, ValueError):
            raise exceptions.ValidationError(
                {"cursor": [_("This is not a cursor of this list.")]}, code="invalid_cursor"
            ) from None
        return cursor

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """A page, as the description of the API says it."""
        link = {"type": ["string", "null"], "format": "uri", "description": "Follow it as it is."}
        return {
            "type": "object", "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }  # fmt: skip


def _place(words: str) -> int:
    """A place in a thread or a chain.

    :raises ValueError: when it is none that a database column could hold.
    """
    number = int(words)
    if not 0 <= number < 2**63:
        raise ValueError
    return number


class NewestFirst(Pages):
    """Messages by their place in the conversation, newest first."""

    ordering = "-position"
    place = staticmethod(_place)


class InOrder(Pages):
    """Entries of a chain in order."""

    ordering = "seq"
    place = staticmethod(_place)
