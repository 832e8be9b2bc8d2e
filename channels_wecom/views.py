"""The callback address: verify, decrypt, store once, answer. Nothing else happens in the request."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from dataclasses import dataclass
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from channels_wecom import crypto
from channels_wecom.crypto import CallbackRejected
from channels_wecom.models import InboundEvent, WeComAccount
from channels_wecom.parsing import parse
from foundation.encryption import encrypt

logger = logging.getLogger(__name__)
CONFIG_SECONDS = 10.0
NUDGE_SECONDS = 0.2
#: How long a callback waits for a database that somebody blocks. WeCom gives up after five seconds and calls again.
WRITE_MILLISECONDS = 3000


@dataclass(frozen=True)
class _Config:
    pk: int
    corp_id: str
    token: str
    key: bytes


_configs: dict[str, tuple[float, _Config | None]] = {}
_lock = threading.Lock()
_last_nudge = 0.0


def forget_configs() -> None:
    """Read the accounts anew at the next callback (tests, and after a change in the admin)."""
    _configs.clear()


def _config(key: str) -> _Config | None:
    known = _configs.get(key)
    if known is not None and time.monotonic() - known[0] < CONFIG_SECONDS:
        return known[1]
    account = WeComAccount.objects.filter(key=key, active=True).first()
    config = None
    if account is not None:
        try:
            aes = crypto.aes_key(account.encoding_aes_key)
        except ValueError:
            logger.error("the EncodingAESKey of account %s is not one", key)
            return None
        config = _Config(account.pk, account.corp_id, account.callback_token, aes)
    if len(_configs) > 1000:
        _configs.clear()
    if config is not None:
        _configs[key] = (time.monotonic(), config)
    return config


def _nudge() -> None:
    """Ring the worker's bell, at most a few times a second. A lost ring is found by the sweep."""
    global _last_nudge
    now = time.monotonic()
    with _lock:
        if now - _last_nudge < NUDGE_SECONDS:
            return
        _last_nudge = now
    try:
        current_app.send_task("aijia.tasks.process", expires=10, retry=False)
    except Exception:
        logger.warning("the broker could not be reached; the sweep will find the event")


def answer(request: HttpRequest, account: str) -> HttpResponse:
    """The callback without the rest of Django around it, for the WSGI entry point: any fault is an answer."""
    try:
        return callback(request, account=account)
    except Exception:
        logger.exception("a callback for %s failed", account)
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        return HttpResponse(status=500)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def callback(request: HttpRequest, account: str) -> HttpResponse:
    """WeCom's callback for one account: GET verifies the address, POST delivers an event."""
    config = _config(account)
    if config is None:
        return HttpResponse(status=404)
    try:
        signature, timestamp, nonce = (request.GET.get(name, "") for name in ("msg_signature", "timestamp", "nonce"))
        if request.method == "GET":
            # A plus sign that was not encoded arrives as a space.
            echo = request.GET.get("echostr", "").replace(" ", "+")
            crypto.check_signature(config.token, signature, timestamp, nonce, echo)
            return HttpResponse(
                crypto.decrypt(config.key, echo, config.corp_id), content_type="text/plain; charset=utf-8"
            )
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError as error:
            raise CallbackRejected(400, "length") from error
        if length > settings.WECOM_CALLBACK_MAX_BYTES:
            raise CallbackRejected(413, "too_large")
        raw = request.read(settings.WECOM_CALLBACK_MAX_BYTES + 1)
        if len(raw) > settings.WECOM_CALLBACK_MAX_BYTES:
            raise CallbackRejected(413, "too_large")
        encrypted = parse(raw).get("Encrypt")
        if not isinstance(encrypted, str) or not encrypted:
            raise CallbackRejected(400, "no_envelope")
        crypto.check_signature(config.token, signature, timestamp, nonce, encrypted)
        body = crypto.decrypt(config.key, encrypted, config.corp_id)
        kind = _kind(parse(body))
    except CallbackRejected as error:
        logger.warning("callback for %s refused: %s", account, error.reason)
        return HttpResponse(status=error.status)
    try:
        _store_surely(config, kind, body)
    except DatabaseError:
        logger.exception("a callback for %s could not be stored", account)
        return HttpResponse(status=503)
    _nudge()
    return HttpResponse(b"", content_type="text/plain")


def _kind(event: dict[str, Any]) -> str:
    """`event:<name>` or the type of a message."""
    kind = str(event.get("MsgType", ""))
    return (f"event:{event.get('Event', '')}" if kind == "event" else kind)[:64]


_INSERT = (
    "INSERT INTO {table} (account_id, digest, kind, received_at, body, state, attempts, error) "
    "VALUES (%s, %s, %s, %s, %s, 'pending', 0, '') ON CONFLICT (account_id, digest) DO NOTHING"
)


def _store_surely(config: _Config, kind: str, body: str) -> None:
    """Store; over a connection that the server closed meanwhile, once more over a new one."""
    try:
        _store(config, kind, body)
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block or connection.is_usable():
            raise
        connection.close()
        _store(config, kind, body)


def _store(config: _Config, kind: str, body: str) -> None:
    """One committed statement; the same body again changes nothing.

    :raises django.db.DatabaseError: when the database cannot write within `WRITE_MILLISECONDS`.
    """
    statement = _INSERT.format(table=connection.ops.quote_name(InboundEvent._meta.db_table))
    digest = hashlib.sha256(body.encode()).hexdigest()
    at = connection.ops.adapt_datetimefield_value(timezone.now())
    values: list[Any] = [config.pk, digest, kind, at, encrypt(body)]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Sent together, so this is one round trip and one transaction.
            cursor.execute(f"SET LOCAL lock_timeout = {int(WRITE_MILLISECONDS)}; {statement}", values)
            return
        cursor.execute("PRAGMA busy_timeout")
        usual = int(cursor.fetchone()[0])
        cursor.execute(f"PRAGMA busy_timeout = {int(WRITE_MILLISECONDS)}")
        try:
            cursor.execute(statement, values)
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")
