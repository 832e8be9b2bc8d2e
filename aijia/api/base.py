"""What all addresses of the API share: who may call, pages, problems as JSON, posts that may be repeated."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.core.cache import cache
from django.http import Http404
from rest_framework import exceptions
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler

from aijia.api.permissions import IsStaff
from foundation.actors import Actor
from foundation.errors import DomainError, NotAllowed, Stale, WrongState
from people.models import StaffMember, staff_of

REMEMBERED_SECONDS = 24 * 3600
MAX_KEY = 128


class Pages(CursorPagination):
    """Pages by cursor, newest first; `page_size` up to 200."""

    ordering = "-pk"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


def caller(request: Request) -> StaffMember:
    """The staff member who calls."""
    staff = staff_of(request.user)
    if staff is None:
        raise exceptions.PermissionDenied(IsStaff.message)
    return staff


def actor(request: Request) -> Actor:
    """The caller as evidence keeps them."""
    return Actor.of_user(request.user)


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every refusal as `{code, detail}`; 409 for a wrong or stale state, 403 for a missing right, 422 for a rule of the house."""
    if isinstance(error, DomainError):
        status = 409 if isinstance(error, WrongState | Stale) else 403 if isinstance(error, NotAllowed) else 422
        return Response({"code": error.code, "detail": str(error)}, status=status)
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        response.data = {"code": "invalid", "detail": "The request is not valid.", "fields": error.get_full_details()}
    else:
        code = "not_found" if isinstance(error, Http404) else getattr(error, "default_code", "error")
        detail = response.data.get("detail", "") if isinstance(response.data, dict) else ""
        response.data = {"code": str(code), "detail": str(detail)}
    return response


class OncePerKey:
    """A view whose POSTs with the same `Idempotency-Key` are carried out once; the repeated call gets the first answer.

    The same key with another body is 422, and while the first call is still at work 409.
    """

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Remember the answer of a POST that names a key."""
        key = request.headers.get("Idempotency-Key", "")[:MAX_KEY]
        if request.method != "POST" or not key:
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        who = request.headers.get("Authorization", "") or str(request.COOKIES.get("sessionid", ""))
        name = f"api-once-{hashlib.sha256(f'{who}|{request.path}|{key}'.encode()).hexdigest()}"
        body = hashlib.sha256(request.body).hexdigest()
        if not cache.add(name, json.dumps({"body": body}), REMEMBERED_SECONDS):
            return self._again(request, json.loads(cache.get(name) or "{}"), body)
        answer = None
        try:
            answer = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        finally:
            if answer is None or answer.status_code >= 500 or answer.status_code in (401, 403, 429):
                cache.delete(name)
        if cache.get(name):
            data = answer.data if hasattr(answer, "data") else None
            kept = {"body": body, "status": answer.status_code, "data": data}
            cache.set(name, json.dumps(kept, default=str), REMEMBERED_SECONDS)
        return answer

    def _again(self, request: Any, known: dict[str, Any], body: str) -> Any:
        drf = self.initialize_request(request)  # type: ignore[attr-defined]
        self.headers = self.default_response_headers  # type: ignore[attr-defined]
        if known.get("body") != body:
            answer = Response({"code": "key_reused", "detail": "This key was used with another body."}, status=422)
        elif "status" not in known:
            answer = Response({"code": "in_progress", "detail": "The first call is still at work."}, status=409)
        else:
            answer = Response(known["data"], status=known["status"], headers={"Idempotent-Replay": "true"})
        return self.finalize_response(drf, answer)  # type: ignore[attr-defined]
