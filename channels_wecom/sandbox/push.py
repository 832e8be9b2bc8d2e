"""Callbacks of the local WeCom: encrypted, signed and posted over HTTP from a background thread, re-sent up to three times."""

from __future__ import annotations

import base64
import hashlib
import logging
import os
import secrets
import struct
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from xml.sax.saxutils import escape

import requests
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from channels_wecom.sandbox.models import SandboxCorp

logger = logging.getLogger(__name__)
RESENDS = (0.5, 1.0, 2.0)
NOTIFY_AFTER = 0.2
NOTIFY_EVERY = 1.05


@dataclass(frozen=True)
class Target:
    """Where and with which keys a corporation's callbacks go. A copy: the thread reads no rows."""

    corp_id: str
    agent_id: int
    url: str
    token: str
    aes_key: str


def target_of(corp: SandboxCorp) -> Target:
    """The target of a corporation's callbacks."""
    return Target(corp.corp_id, corp.agent_id, corp.callback_url, corp.token, corp.encoding_aes_key)


def encrypt(target: Target, message: str) -> str:
    """Encrypt as WeCom does (documentation 90968). Written apart from the product's own code on purpose: two readings of one text."""
    key = base64.b64decode(target.aes_key + "=")
    body = message.encode()
    plain = os.urandom(16) + struct.pack("!I", len(body)) + body + target.corp_id.encode()
    amount = 32 - (len(plain) % 32)
    plain += bytes((amount,)) * amount
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


def signed(target: Target, encrypted: str) -> dict[str, str]:
    """The query of a callback."""
    timestamp, nonce = str(int(time.time())), str(secrets.randbelow(10**10))
    digest = hashlib.sha1("".join(sorted((target.token, timestamp, nonce, encrypted))).encode()).hexdigest()
    return {"msg_signature": digest, "timestamp": timestamp, "nonce": nonce}


def xml_of(fields: dict[str, str | int | list[str]]) -> str:
    """Flat callback XML; numbers bare, words in CDATA, a list as repeated items."""
    parts = []
    for name, value in fields.items():
        if isinstance(value, list):
            inner = "".join(f"<Item>{escape(item)}</Item>" for item in value)
            parts.append(f"<{name}>{inner}</{name}>")
        elif isinstance(value, int):
            parts.append(f"<{name}>{value}</{name}>")
        else:
            parts.append(f"<{name}><![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]></{name}>")
    return f"<xml>{''.join(parts)}</xml>"


def deliver(target: Target, fields: dict[str, str | int | list[str]]) -> int:
    """Post one callback now; re-send with identical body and signature. Returns the last status, 0 when nobody answered."""
    encrypted = encrypt(target, xml_of({"ToUserName": target.corp_id, **fields}))
    query = signed(target, encrypted)
    envelope = xml_of({"ToUserName": target.corp_id, "AgentID": str(target.agent_id), "Encrypt": encrypted})
    status = 0
    session = requests.Session()
    session.trust_env = False
    for pause in (0.0, *RESENDS):
        time.sleep(pause)
        try:
            answer = session.post(
                target.url, params=query, data=envelope.encode(), headers={"Content-Type": "text/xml"}, timeout=5
            )
            status = answer.status_code
        except requests.RequestException:
            status = 0
        if status == 200:
            break
    if status != 200:
        logger.warning("a callback of the local WeCom was not taken: %s", status or "nobody answered")
    return status


_pool: ThreadPoolExecutor | None = None
_waiting: set[Future[int]] = set()
_timers: dict[str, threading.Timer] = {}
_rung: dict[str, float] = {}
_lock = threading.Lock()


def _submit(work: Callable[[], int]) -> None:
    global _pool
    with _lock:
        if _pool is None:
            _pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="wecom-sandbox")
        future = _pool.submit(work)
        _waiting.add(future)
    future.add_done_callback(_waiting.discard)


def send(target: Target, fields: dict[str, str | int | list[str]]) -> None:
    """Post a callback from the background. Call it after commit."""
    if target.url:
        _submit(lambda: deliver(target, fields))


def notify_archive(target: Target) -> None:
    """Say that the archive has something new: bundled, as WeCom does (there at most every 15 s, here sooner)."""
    if not target.url:
        return

    def ring() -> None:
        with _lock:
            _timers.pop(target.corp_id, None)
            _rung[target.corp_id] = time.monotonic()
        send(
            target,
            {"FromUserName": "sys", "CreateTime": int(time.time()), "MsgType": "event", "AgentID": 2000004,
             "Event": "msgaudit_notify"},
        )  # fmt: skip

    with _lock:
        if target.corp_id in _timers:
            return
        # At least a second apart: the event has no id, and two of the same second are one.
        wait = NOTIFY_EVERY - (time.monotonic() - _rung.get(target.corp_id, -10.0))
        timer = threading.Timer(max(NOTIFY_AFTER, wait), ring)
        timer.daemon = True
        _timers[target.corp_id] = timer
        timer.start()


def wait_until_quiet(seconds: float = 15) -> bool:
    """Wait until every callback has been posted or given up (tests)."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with _lock:
            busy = bool(_timers) or any(not future.done() for future in _waiting)
        if not busy:
            return True
        time.sleep(0.02)
    return False
