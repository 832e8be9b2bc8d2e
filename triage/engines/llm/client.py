"""One exchange with an OpenAI-compatible server that may do anything: be slow, hang, break off, send too much, or no JSON at all.

Plain `requests` (docs/adr/0014): nothing is tried again behind our back, redirects are not followed, the answer is cut at a size, and a clock
ends the whole exchange, also where a server keeps the line open with a byte now and then.
"""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from http.cookiejar import DefaultCookiePolicy
from types import TracebackType
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from triage.engines.llm.endpoint import Endpoint

#: The largest answer that is read, in bytes; a real one has a few kB.
MAX_BYTES = 256 * 1024
CONNECT_SECONDS = 5.0
LONGEST_REST = 600.0
_AGAIN = frozenset({408, 425, 500, 502, 503, 504, 529})
_REFUSES = re.compile(
    r"抱歉|对不起|无法(协助|提供|回答|处理)|不能(协助|提供|回答|处理)|\b(sorry|can(no|')t (help|assist|comply)|unable to)\b",
    re.I,
)


class Failure(Exception):
    """Why there is no answer.

    :param code: a code of `docs/llm.md`. :param detail: a few words for administrators, never the text that was sent.
    :param again: whether asking again soon can help. :param after: seconds that the server wants us to wait.
    """

    def __init__(self, code: str, detail: str = "", *, again: bool = False, after: float | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail, self.again, self.after = code, detail[:255], again, after


_watching = threading.local()


class Deadline:
    """A clock over an exchange: when it is over, the connection that the exchange waits on is shut. Use as a context."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._sock: socket.socket | None = None
        self.over = False

    @property
    def left(self) -> float:
        """Seconds left, not below zero."""
        return max(0.0, self._ends - time.monotonic())

    def watch(self, sock: socket.socket | None) -> None:
        """Shut this connection when time is over."""
        with self._lock:
            self._sock = sock
            if self.over:
                self._shut()

    def _shut(self) -> None:
        if self._sock is not None:
            with suppress(OSError):  # closed already
                # The method of plain sockets: that of TLS sockets would change state under the thread that reads.
                socket.socket.shutdown(self._sock, socket.SHUT_RDWR)

    def _fire(self) -> None:
        with self._lock:
            self.over = True
            self._shut()

    def __enter__(self) -> Deadline:
        self._timer = threading.Timer(self.left, self._fire)
        self._timer.daemon = True
        self._timer.start()
        _watching.deadline = self
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _watching.deadline = None
        with self._lock:
            self._sock = None
        self._timer.cancel()


def _watch(sock: socket.socket | None) -> None:
    deadline = getattr(_watching, "deadline", None)
    if deadline is not None:
        deadline.watch(sock)


class _Http(HTTPConnection):
    def getresponse(self) -> Any:
        _watch(self.sock)
        return super().getresponse()


class _Https(HTTPSConnection):
    def getresponse(self) -> Any:
        _watch(self.sock)
        return super().getresponse()


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


_POOLS = {"http": _HttpPool, "https": _HttpsPool}


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)  # type: ignore[no-untyped-call]
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)  # type: ignore[no-untyped-call]
        manager.pool_classes_by_scheme = _POOLS
        return manager


def _session() -> requests.Session:
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter(pool_connections=2, pool_maxsize=16, max_retries=0))
    return session


def _key_as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep the header that we set: without this `requests` would take a password from a netrc file instead."""
    return request


class Client:
    """Talks to one endpoint. Safe from several threads."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._session = _session()
        #: The server does not know some of the parameters that we would like to give.
        self._plain = False

    def exchange(
        self, messages: list[dict[str, str]], *, max_tokens: int, deadline: Deadline
    ) -> tuple[str, int | None]:
        """Ask once.

        :returns: what the model wrote, and the tokens that the server counted (None where it does not say).
        :raises Failure: when there is nothing usable.
        """
        body: dict[str, Any] = {"model": self.endpoint.model, "messages": messages, "stream": False}
        if not self._plain:
            body |= {"response_format": {"type": "json_object"}, "temperature": 0, "max_tokens": max_tokens}
        status, headers, raw = self._post(body, deadline)
        if status in (400, 422) and not self._plain and re.search(rb"response_format|temperature|max_tokens", raw):
            self._plain = True
            return self.exchange(messages, max_tokens=max_tokens, deadline=deadline)
        if status != 200:
            raise self._refused(status, headers, raw)
        return content_of(raw)

    def _post(self, body: dict[str, Any], deadline: Deadline) -> tuple[int, Any, bytes]:
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "Content-Type": "application/json"}
        if self.endpoint.api_key:
            headers["Authorization"] = f"Bearer {self.endpoint.api_key}"
        if not deadline.left:
            raise Failure("timeout")
        try:
            with deadline, self._session.post(
                self.endpoint.url, data=json.dumps(body, ensure_ascii=False).encode(), headers=headers, auth=_key_as_it_is,
                timeout=(min(CONNECT_SECONDS, deadline.left), deadline.left), allow_redirects=False, stream=True,
            ) as response:  # fmt: skip
                if response.headers.get("Content-Encoding", "identity").lower() not in ("identity", ""):
                    raise Failure("bad_answer", "compressed although not asked for")
                raw = self._read(response)
                if deadline.over:
                    raise Failure("timeout")
                return response.status_code, response.headers, raw
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, UnicodeError) as error:
            raise Failure("bad_request", type(error).__name__) from error
        except (requests.RequestException, HTTPError, HTTPException, OSError, ValueError, AttributeError) as error:
            if (
                deadline.over
                or isinstance(error, (requests.Timeout, TimeoutError))
                or "timed out" in str(error).lower()
            ):
                raise Failure("timeout", type(error).__name__) from error
            raise Failure("network", type(error).__name__, again=True) from error

    @staticmethod
    def _read(response: requests.Response) -> bytes:
        parts, size = [], 0
        for part in response.iter_content(8192):
            size += len(part)
            if size > MAX_BYTES:
                raise Failure("too_large", f"more than {MAX_BYTES} bytes")
            parts.append(part)
        return b"".join(parts)

    def _refused(self, status: int, headers: Any, raw: bytes) -> Failure:
        detail = f"HTTP {status} {self._said(raw)}".strip()
        if status == 429:
            return Failure("rate_limited", detail, again=True, after=retry_after(headers.get("Retry-After", "")))
        if status in _AGAIN:
            return Failure("server_error", detail, again=True, after=retry_after(headers.get("Retry-After", "")))
        if status in (401, 402, 403):
            return Failure("unauthorised", detail)
        return Failure("bad_request", detail)

    def _said(self, raw: bytes) -> str:
        """The short code of a server's error, where it has one; its free text may repeat what was asked and is not kept."""
        try:
            error = json.loads(raw)["error"]
            said = str(error.get("code") or error.get("type") or "")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return ""
        said = re.sub(r"[^\w.\- ]", "", said)[:64]
        return "" if self.endpoint.api_key and self.endpoint.api_key in said else said


def retry_after(value: str) -> float | None:
    """Seconds from a `Retry-After` header (a number or a date), between zero and ten minutes; None where it says nothing sensible."""
    value = value.strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", value):
        return min(float(value), LONGEST_REST)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(0.0, (moment - datetime.now(UTC)).total_seconds()), LONGEST_REST)


def content_of(raw: bytes) -> tuple[str, int | None]:
    """What the model wrote, from a server's answer.

    :raises Failure: when it refused, was cut off, or the answer has not the form of one.
    """
    try:
        answer = json.loads(raw.decode("utf-8"))
        choice = answer["choices"][0]
        message = choice["message"]
        content = message.get("content")
    except (ValueError, RecursionError) as error:
        raise Failure("broken_json", "the server's answer is no JSON", again=True) from error
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise Failure("empty", "the server's answer holds no message", again=True) from error
    if message.get("refusal") or choice.get("finish_reason") == "content_filter":
        raise Failure("refused", str(choice.get("finish_reason") or ""))
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    if not isinstance(content, str) or not content.strip():
        raise Failure("empty", "the message is empty", again=True)
    if choice.get("finish_reason") == "length":
        raise Failure("cut_off", "longer than allowed")
    usage = answer.get("usage")
    total = usage.get("total_tokens") if isinstance(usage, dict) else None
    counted = isinstance(total, int) and not isinstance(total, bool) and 0 < total < 1_000_000
    return content, total if counted else None


def object_in(content: str) -> dict[str, Any]:
    """The JSON object in what the model wrote: alone, in a code fence, or among prose; thinking aloud before it is dropped.

    :raises Failure: `refused` where it reads like a refusal, else `broken_json`.
    """
    text = re.sub(r"\A\s*<think>.*?</think>", "", content, flags=re.DOTALL).strip()
    decoder, at, tries = json.JSONDecoder(), text.find("{"), 0
    while at >= 0 and tries < 20:
        tries += 1
        try:
            found, _end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at = text.find("{", at + 1)
            continue
        return dict(found)
    if _REFUSES.search(text[:300]):
        raise Failure("refused", "it says that it will not")
    raise Failure("broken_json", "no JSON object in the message", again=True)
