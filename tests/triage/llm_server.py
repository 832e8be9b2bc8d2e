"""A real HTTP server that answers like a language model, or misbehaves like one."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def completion(content: Any, **more: Any) -> dict[str, Any]:
    """A well-formed answer of a server."""
    message = {"role": "assistant", "content": content, **more.pop("message", {})}
    choice = {"index": 0, "message": message, "finish_reason": more.pop("finish_reason", "stop")}
    return {"id": "x", "object": "chat.completion", "choices": [choice], "usage": {"total_tokens": 321}, **more}


def reading(**more: Any) -> dict[str, Any]:
    """One reading of a statement."""
    return {
        "statement": 1, "text": "", "intent": "asks_question", "business_class": "support", "service_context": "none", "risk_topics": [],
        "alerts": [], "wait": None, "signals": [], "certainty": 0.95, **more,
    }  # fmt: skip


def readings(*rows: dict[str, Any]) -> str:
    """What a model writes."""
    return json.dumps({"readings": list(rows)}, ensure_ascii=False)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    fake: FakeModel


class Handler(BaseHTTPRequestHandler):
    """Does what the test says, one behaviour a request; the last one stays."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        fake = self.server.fake
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with fake.lock:
            fake.requests.append({"path": self.path, "headers": dict(self.headers), "body": json.loads(body)})
            behave = fake.script.pop(0) if len(fake.script) > 1 else fake.script[0]
        try:
            behave(self)
        except OSError:
            self.close_connection = True  # the client has gone, as it should

    def reply(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


Behaviour = Callable[[Handler], None]


def says(content: Any, **more: Any) -> Behaviour:
    """Answers with this content."""
    return lambda h: h.reply(200, json.dumps(completion(content, **more), ensure_ascii=False).encode())


def raw(body: bytes, status: int = 200, **headers: str) -> Behaviour:
    """Answers with these bytes."""
    return lambda h: h.reply(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


def slow(seconds: float, then: Behaviour) -> Behaviour:
    """Waits first."""

    def behave(handler: Handler) -> None:
        time.sleep(seconds)
        then(handler)

    return behave


def hangs(handler: Handler) -> None:
    """Says nothing at all until the test is over."""
    handler.server.fake.over.wait(30)
    handler.close_connection = True


def dribbles_headers(handler: Handler) -> None:
    """Sends a byte of a header now and then, for ever."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not handler.server.fake.over.wait(0.1):
        handler.wfile.write(b"a")
        handler.wfile.flush()
    handler.close_connection = True


def dribbles_body(handler: Handler) -> None:
    """Sends a byte of the body now and then, for ever."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    while not handler.server.fake.over.wait(0.1):
        handler.wfile.write(b" ")
        handler.wfile.flush()
    handler.close_connection = True


def resets(handler: Handler) -> None:
    """Breaks the connection off."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def floods(handler: Handler) -> None:
    """Sends more than anybody reads."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for _ in range(4000):
        handler.wfile.write(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")
    handler.wfile.write(b"0\r\n\r\n")


class FakeModel:
    """The server, its script and what it was asked."""

    def __init__(self) -> None:
        self.script: list[Behaviour] = [says("{}")]
        self.requests: list[dict[str, Any]] = []
        self.lock, self.over = threading.Lock(), threading.Event()
        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.fake = self
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def question(self, number: int = -1) -> dict[str, Any]:
        """What the model was shown."""
        found: dict[str, Any] = json.loads(self.requests[number]["body"]["messages"][1]["content"])
        return found

    def stop(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
