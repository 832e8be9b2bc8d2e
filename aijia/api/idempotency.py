"""Posts that may be repeated: the same `Idempotency-Key` is carried out once, the repeated call gets the first answer.

The row that says so is written in the transaction of the operation: after a crash either both are there or neither, and of two calls at once
the second waits for the first. Refusals by a rule or a state are remembered too; calls that were not understood are not.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from aijia.api.authentication import token_of
from aijia.api.errors import MEDIA_TYPE, build_problem, problem, status_of
from aijia.api.models import Answer
from foundation.errors import DomainError

KEPT = timedelta(hours=24)
FORGET_AT_ONCE = 100
FORM = re.compile(r"[\x21-\x7e]{1,128}")


def _forget_old(at: datetime) -> None:
    old = list(Answer.objects.filter(at__lt=at - KEPT).order_by("at").values_list("pk", flat=True)[:FORGET_AT_ONCE])
    if old:
        Answer.objects.filter(pk__in=old).delete()


def _digest(request: Any) -> str:
    """What was asked: the address and the body as it was understood (spaces and the order of names do not matter)."""
    body = json.dumps(request.data, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(f"{request.method} {request.path}\n{body}".encode()).hexdigest()


def _caller(request: Any) -> str:
    token = token_of(request)
    return f"token:{token.public_id}" if token is not None else f"user:{request.user.pk}"


def _again(known: Answer, digest: str) -> Response:
    if known.request_digest != digest:
        words = _("This key was used for another call.")
        return build_problem(status=422, code="key_reused", detail=words)
    kind = MEDIA_TYPE if known.status >= 400 else None
    answer = Response(json.loads(known.body), status=known.status, content_type=kind)
    answer["Idempotent-Replay"] = "true"
    return answer


def once(request: Any, work: Callable[[], Response]) -> Response:
    """Carry out `work` once per caller and key; without a key, just carry it out.

    `work` does one operation. A refusal inside it (`DomainError`) has moved nothing.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return work()
    if not FORM.fullmatch(key):
        words = _("An idempotency key is 1 to 128 visible ASCII characters.")
        return build_problem(status=400, code="key_malformed", detail=words)
    at, caller, digest = timezone.now(), _caller(request), _digest(request)
    with transaction.atomic():
        _forget_old(at)
        Answer.objects.filter(caller=caller, key=key, at__lt=at - KEPT).delete()
        try:
            with transaction.atomic():
                row = Answer.objects.create(caller=caller, key=key, request_digest=digest, at=at)
        except IntegrityError:
            return _again(Answer.objects.get(caller=caller, key=key), digest)
        try:
            with transaction.atomic():
                answer = work()
        except DomainError as error:
            refusal = problem(error, {})
            if refusal is None or status_of(error) not in (409, 422):
                raise
            answer = refusal
        row.status, row.body = answer.status_code, JSONRenderer().render(answer.data).decode()
        row.save(update_fields=["status", "body"])
        return answer
