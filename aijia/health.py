"""Liveness and readiness, for whatever watches the processes."""

from __future__ import annotations

from celery import current_app
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from channels_wecom.models import EventState, InboundEvent


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """The process can work: database and broker answer; the age of the oldest waiting event in seconds. 503 when not."""
    problems: dict[str, str] = {}
    age = 0.0
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        oldest = InboundEvent.objects.filter(state=EventState.PENDING).order_by("id").first()
        age = (timezone.now() - oldest.received_at).total_seconds() if oldest is not None else 0.0
    except DatabaseError as error:
        problems["database"] = type(error).__name__
    try:
        with current_app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
    except Exception as error:
        problems["broker"] = type(error).__name__
    body = {"ready": not problems, "problems": problems, "queue_age_seconds": round(age, 1)}
    return JsonResponse(body, status=503 if problems else 200)
