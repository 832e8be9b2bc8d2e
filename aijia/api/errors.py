"""Refusals as problem details (RFC 9457): `code` is stable and for programs, `detail` is a sentence in the caller's language."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.signals import got_request_exception
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from foundation.errors import DomainError, Failure, NotAllowed, Stale, WrongState

MEDIA_TYPE = "application/problem+json"
logger = logging.getLogger("aijia.api")


def status_of(error: DomainError) -> int:
    """409 for a wrong or stale state, 403 for a missing right, 422 for a rule of the house, 502/503 for something outside."""
    if isinstance(error, WrongState | Stale):
        return 409
    if isinstance(error, NotAllowed):
        return 403
    if isinstance(error, Failure):
        return 502 if error.permanent else 503
    return 422


def build_problem(*, status: int, code: str, detail: str, **more: Any) -> Response:
    """The answer."""
    body = {
        "type": f"urn:aijia:problem:{code}", "title": HTTPStatus(status).phrase, "status": status, "code": code,
        "detail": detail, **more,
    }  # fmt: skip
    return Response(body, status=status, content_type=MEDIA_TYPE)


def _flat(details: Any, place: str = "") -> Iterator[dict[str, str]]:
    """Faults of a body as a flat list: `field` is a dotted path, empty for the body as a whole."""
    if isinstance(details, dict) and set(details) == {"message", "code"} and isinstance(details["code"], str):
        yield {"field": place, "code": details["code"], "detail": str(details["message"])}
    elif isinstance(details, dict):
        for name, inner in details.items():
            yield from _flat(inner, place if name == "non_field_errors" else f"{place}.{name}".lstrip("."))
    elif isinstance(details, list):
        for inner in details:
            yield from _flat(inner, place)


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every refusal in one shape; None for what is a fault of ours."""
    if isinstance(error, DomainError):
        return build_problem(status=status_of(error), code=error.code, detail=str(error))
    answer = exception_handler(error, context)
    if answer is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        faults = list(_flat(error.get_full_details()))
        code = "invalid_cursor" if any(fault["code"] == "invalid_cursor" for fault in faults) else "invalid"
        made = build_problem(status=400, code=code, detail=_("The request is not valid."), errors=faults)
    elif isinstance(error, Http404 | exceptions.NotFound):
        made = build_problem(status=404, code="not_found", detail=_("There is nothing here that you may see."))
    elif isinstance(error, DjangoPermissionDenied):
        made = build_problem(status=403, code="permission_denied", detail=str(answer.data.get("detail", "")))
    else:
        codes = error.get_codes() if isinstance(error, exceptions.APIException) else "error"
        detail = answer.data.get("detail", "") if isinstance(answer.data, dict) else ""
        made = build_problem(status=answer.status_code, code=str(codes), detail=str(detail))
    for header in ("WWW-Authenticate", "Retry-After"):
        if answer.has_header(header):
            made[header] = answer[header]
    return made


def build_fault(request: Any, sender: Any) -> Response:
    """A fault of ours: logged and told to whoever watches, and a problem without any inner words."""
    got_request_exception.send(sender=sender, request=request)
    logger.exception("Fault at %s", request.path)
    return build_problem(status=500, code="server_error", detail=_("Something went wrong on our side."))
