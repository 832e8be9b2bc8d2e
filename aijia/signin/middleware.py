"""Between the password and the product: the second step where it is needed, and the end of sessions."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from aijia.signin.rules import has_second_step, is_required
from aijia.signin.sessions import is_over, note_click

#: Pages ask these by themselves: they are no sign that somebody sits there.
BY_ITSELF = ("X-Asked-By-Page",)


class SecondStep:
    """Nobody who has, or needs, a second step gets past the password alone, on whatever address; sessions end when their time is over.

    Calls with a token are not sessions and pass.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let through, or send to where the person has to go first."""
        user = request.user
        if not user.is_authenticated or self._is_open(request):
            return self.get_response(request)
        now = timezone.now()
        if is_over(request.session, at=now):
            logout(request)
            if self._is_api(request):
                return self._refusal("session_over", _("The session is over. Please sign in again."), 401)
            messages.info(request, _("The session is over. Please sign in again."))
            return HttpResponseRedirect(self._with_next(request, reverse("admin:login")))
        if request.path != reverse("live") and not any(name in request.headers for name in BY_ITSELF):
            note_click(request.session, at=now)
        if not user.is_verified():  # type: ignore[attr-defined]
            needed = "signin:verify" if has_second_step(user) else "signin:set_up" if is_required(user) else ""
            if needed and self._is_api(request):
                return self._refusal("second_step_needed", _("Please finish signing in with the second step."), 403)
            if needed:
                return HttpResponseRedirect(self._with_next(request, reverse(needed)))
        return self.get_response(request)

    @staticmethod
    def _is_open(request: HttpRequest) -> bool:
        """Addresses that are needed to finish signing in, or that show nothing of anybody."""
        path = request.path
        return path.startswith((reverse("signin:verify"), reverse("signin:set_up"), settings.STATIC_URL, "/i18n/")) or path in (
            reverse("admin:logout"), reverse("admin:jsi18n"), "/healthz", "/readyz", "/favicon.ico",
        )  # fmt: skip

    @staticmethod
    def _is_api(request: HttpRequest) -> bool:
        return request.path.startswith("/api/")

    @staticmethod
    def _refusal(code: str, words: str, status: int) -> HttpResponse:
        title = HTTPStatus(status).phrase
        body = {"type": f"urn:aijia:problem:{code}", "title": title, "status": status, "code": code, "detail": words}
        return JsonResponse(body, status=status, content_type="application/problem+json")

    @staticmethod
    def _with_next(request: HttpRequest, url: str) -> str:
        keep = request.get_full_path() if request.method in ("GET", "HEAD") else reverse("admin:index")
        return f"{url}?{urlencode({'next': keep})}"
