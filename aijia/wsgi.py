"""The WSGI entry point. WeCom's callbacks go straight to their view: they need no session, no language and no sign-in."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aijia.settings")

_django = get_wsgi_application()

from aijia.checks import refuse_to_start  # noqa: E402  (needs the applications)
from channels_wecom import views  # noqa: E402
from knowledge import vectors  # noqa: E402

refuse_to_start()
vectors.warm()
CALLBACK = "/wecom/callback/"
REASONS = {200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
           413: "Content Too Large", 500: "Internal Server Error", 503: "Service Unavailable"}  # fmt: skip


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Every request."""
    path = environ.get("PATH_INFO", "")
    account = path[len(CALLBACK) : -1] if path.startswith(CALLBACK) and path.endswith("/") else ""
    if not account or "/" in account:
        return _django(environ, start_response)
    response = views.answer(WSGIRequest(environ), account)
    start_response(
        f"{response.status_code} {REASONS.get(response.status_code, 'Unknown')}",
        [*response.items(), ("Content-Length", str(len(response.content)))],
    )
    return [response.content]
