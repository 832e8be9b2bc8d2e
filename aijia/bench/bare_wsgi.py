"""The yardstick of the callback benchmark: the same decryption and one committed INSERT, with nothing else around it."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

import psycopg

from channels_wecom import crypto

_ENCRYPTED = re.compile(rb"<Encrypt><!\[CDATA\[(.*?)\]\]></Encrypt>")
_KEY = crypto.aes_key(os.environ["BENCH_AES_KEY"])
_TOKEN, _CORP = os.environ["BENCH_TOKEN"], os.environ["BENCH_CORP_ID"]
_INSERT = "INSERT INTO bench_bare (digest, body) VALUES (%s, %s) ON CONFLICT (digest) DO NOTHING"
_local = threading.local()


def _connection() -> psycopg.Connection[Any]:
    made = getattr(_local, "connection", None)
    if made is None:
        made = _local.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    connection: psycopg.Connection[Any] = made
    return connection


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Verify, decrypt, insert, answer."""
    raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    query = parse_qs(environ.get("QUERY_STRING", ""))
    found = _ENCRYPTED.search(raw)
    if found is None:
        start("400 Bad Request", [("Content-Length", "0")])
        return [b""]
    encrypted = found.group(1).decode()
    crypto.check_signature(_TOKEN, query["msg_signature"][0], query["timestamp"][0], query["nonce"][0], encrypted)
    body = crypto.decrypt(_KEY, encrypted, _CORP)
    _connection().execute(_INSERT, (hashlib.sha256(body.encode()).hexdigest(), body))
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "0")])
    return [b""]
