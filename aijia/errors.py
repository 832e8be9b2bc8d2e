"""What people see when something is wrong: pages in the product's look and in their language; programs get problem details."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.utils.translation import gettext as _


def _page(request: HttpRequest, status: int, name: str = "") -> HttpResponse:
    if request.path.startswith("/api/"):
        body = {"type": f"urn:aijia:problem:http_{status}", "title": HTTPStatus(status).phrase, "status": status}
        return JsonResponse({**body, "code": f"http_{status}"}, status=status, content_type="application/problem+json")
    return render(request, f"{name or status}.html", status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: what was sent cannot be understood."""
    return _page(request, 400)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: the role does not allow it."""
    return _page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: nothing here that this person may see."""
    return _page(request, 404)


def too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose token does not fit, mostly because the page was open for too long."""
    return _page(request, 403, "403_csrf")


def failed(request: HttpRequest) -> HttpResponse:
    """500: a fault of ours. Whatever is broken, this must not break again."""
    try:
        return _page(request, 500)
    except Exception:
        try:
            return HttpResponse(loader.get_template("500.html").render(), status=500)
        except Exception:
            return HttpResponse(
                _("Something went wrong on our side"), status=500, content_type="text/plain; charset=utf-8"
            )
