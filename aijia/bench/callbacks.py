"""Acknowledged callbacks per second and their latency, as a ratio to a bare WSGI view on the same server in the same run."""

from __future__ import annotations

import os
import secrets
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection

from channels_wecom import crypto
from channels_wecom.models import InboundEvent, WeComAccount

AES_KEY, TOKEN, CORP = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "bench", "wwbench"
THREADS = 8


@dataclass(frozen=True)
class Round:
    """One round of requests: how many a second were acknowledged, and latencies in milliseconds."""

    per_second: float
    p50: float
    p99: float


def _request(path: str, number: int) -> bytes:
    message = (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><CreateTime>{int(time.time())}</CreateTime>"
        "<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[kf_msg_or_event]]></Event>"
        f"<Token><![CDATA[ENC{secrets.token_hex(8)}{number}]]></Token><OpenKfId><![CDATA[wkBENCH]]></OpenKfId></xml>"
    )
    encrypted = crypto.encrypt(crypto.aes_key(AES_KEY), message, CORP)
    query = urlencode({"msg_signature": crypto.sign(TOKEN, "1", "n", encrypted), "timestamp": "1", "nonce": "n"})
    body = (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><AgentID><![CDATA[1]]></AgentID>"
        f"<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    )
    head = (
        f"POST {path}?{query} HTTP/1.1\r\nHost: bench\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()


def _fire(port: int, requests: list[bytes], latencies: list[float]) -> None:
    """Send requests over one connection that is kept alive, each when the one before it was answered."""
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for request in requests:
            started = time.perf_counter()
            sock.sendall(request)
            answer = b""
            while b"\r\n\r\n" not in answer:
                part = sock.recv(65536)
                if not part:
                    raise RuntimeError("the server hung up")
                answer += part
            if not answer.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(answer[:200].decode(errors="replace"))
            latencies.append((time.perf_counter() - started) * 1000)


def _round(port: int, path: str, count: int) -> Round:
    batches = [[_request(path, number) for number in range(count // THREADS)] for _thread in range(THREADS)]
    latencies: list[float] = []
    threads = [threading.Thread(target=_fire, args=(port, batch, latencies)) for batch in batches]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    if len(latencies) != count // THREADS * THREADS:
        raise RuntimeError("not every request was answered")
    ordered = sorted(latencies)
    return Round(len(ordered) / seconds, statistics.median(ordered), ordered[int(len(ordered) * 0.99) - 1])


@contextmanager
def _server(application: str) -> Iterator[int]:
    """The product's web server configuration around an application."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = int(sock.getsockname()[1])
    env = {**os.environ, "BENCH_AES_KEY": AES_KEY, "BENCH_TOKEN": TOKEN, "BENCH_CORP_ID": CORP}
    command = [
        sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
        "--workers", "2", "--threads", "4", "--keep-alive", "30", "--log-level", "error",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=env)
    try:
        for _try in range(200):
            with socket.socket() as sock:
                if sock.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def measure(*, rounds: int, count: int) -> dict[str, object]:
    """Interleaved rounds of both; figures are medians over the rounds, with their spread.

    :returns: `product` and `bare` (per second, p50 and p99 in ms), `ratio` of the rates, `p99_ratio` (bare to product; 1 is as quick).
    """
    WeComAccount.objects.update_or_create(
        key="bench",
        defaults={
            "name": "bench",
            "corp_id": CORP,
            "callback_token": TOKEN,
            "encoding_aes_key": AES_KEY,
            "active": True,
        },
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS bench_bare (id bigserial PRIMARY KEY, digest text UNIQUE, body text)"
        )
    product: list[Round] = []
    bare: list[Round] = []
    with _server("aijia.wsgi:application") as ours, _server("aijia.bench.bare_wsgi:application") as theirs:
        for port, path in ((ours, "/wecom/callback/bench/"), (theirs, "/")):
            _round(port, path, THREADS * 10)
        before = InboundEvent.objects.count()
        for _number in range(rounds):
            product.append(_round(ours, "/wecom/callback/bench/", count))
            bare.append(_round(theirs, "/", count))
    stored = InboundEvent.objects.count() - before
    if stored != rounds * (count // THREADS * THREADS):
        raise RuntimeError(f"acknowledged and not stored: {rounds * count} against {stored}")
    InboundEvent.objects.all().delete()
    return {
        "product": _figures(product),
        "bare": _figures(bare),
        "ratio": round(_median(product, "per_second") / _median(bare, "per_second"), 3),
        "p99_ratio": round(_median(bare, "p99") / _median(product, "p99"), 3),
        "stored": stored,
    }


def _median(rounds: list[Round], name: str) -> float:
    return float(statistics.median(getattr(one, name) for one in rounds))


def _figures(rounds: list[Round]) -> dict[str, object]:
    return {
        "per_second": round(_median(rounds, "per_second")),
        "spread": [round(min(one.per_second for one in rounds)), round(max(one.per_second for one in rounds))],
        "p50_ms": round(_median(rounds, "p50"), 2),
        "p99_ms": round(_median(rounds, "p99"), 2),
    }
