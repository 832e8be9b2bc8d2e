"""The pages of the second step: asked for after the password, set up with a picture, looked after under one's own name."""

from __future__ import annotations

from typing import Any, cast

import segno
from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django_otp import login as remember_device

from aijia.signin import operations
from aijia.signin.models import RecoveryCodes, SignInEvent
from aijia.signin.rules import has_second_step, is_required
from foundation.errors import DomainError
from people.models import User


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


def _next(request: HttpRequest) -> str:
    """Where the person wanted to go, if that is here."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return wanted
    return reverse("admin:index")


def _page(request: HttpRequest, name: str, title: str, **more: Any) -> HttpResponse:
    context = {**admin.site.each_context(request), "title": title, "next": _next(request), **more}
    return TemplateResponse(request, f"signin/{name}.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Ask for the digits of the phone, or a recovery code."""
    user, error = _me(request), ""
    if user.is_verified() or not has_second_step(user):  # type: ignore[attr-defined]
        return HttpResponseRedirect(_next(request))
    if request.method == "POST":
        try:
            device = operations.verify(user=user, code=request.POST.get("code", ""), at=timezone.now())
        except DomainError as refused:
            error = str(refused)
        else:
            request.session.cycle_key()
            remember_device(request, device)
            if isinstance(device, RecoveryCodes):
                messages.warning(
                    request, _("That recovery code is used up. %(count)s are left.") % {"count": len(device.digests)}
                )
            return HttpResponseRedirect(_next(request))
    return _page(request, "verify", _("Second step"), error=error)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Show the picture for the phone, take the first digits, then show the recovery codes once."""
    user, error = _me(request), ""
    if has_second_step(user):
        return HttpResponseRedirect(reverse("signin:security"))
    try:
        device = operations.begin(user=user)
    except DomainError:
        return HttpResponseRedirect(reverse("signin:security"))
    if request.method == "POST":
        try:
            device, codes = operations.confirm(user=user, digits=request.POST.get("code", ""), at=timezone.now())
        except DomainError as refused:
            error = str(refused)
        else:
            remember_device(request, device)
            return _page(request, "codes", _("Recovery codes"), codes=codes)
    secret = operations.secret_of(device)
    drawn = segno.make(operations.address_of(device), error="m").svg_inline(
        scale=5, border=3, dark="#111", light="#fff"
    )
    return _page(
        request, "set_up", _("Set up the second step"), error=error, must=is_required(user),
        picture=mark_safe(drawn),  # noqa: S308 (drawn by segno from our own address)
        secret=" ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
    )  # fmt: skip


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def security(request: HttpRequest) -> HttpResponse:
    """What protects one's own sign-in: the second step, the codes that are left, what happened, the password."""
    user = _me(request)
    if request.method == "POST":
        if not user.check_password(request.POST.get("password", "")):
            messages.error(request, _("The password is not right."))
            return HttpResponseRedirect(reverse("signin:security"))
        try:
            match request.POST.get("do"):
                case "codes" if has_second_step(user):
                    codes = operations.make_codes(user=user, at=timezone.now())
                    return _page(request, "codes", _("Recovery codes"), codes=codes)
                case "take_off":
                    operations.take_off(user=user, at=timezone.now())
                    messages.success(request, _("The second step is taken off."))
        except DomainError as refused:
            messages.error(request, str(refused))
        return HttpResponseRedirect(reverse("signin:security"))
    left = RecoveryCodes.objects.filter(user=user).first()
    return _page(
        request, "security", _("Signing in safely"), has_one=has_second_step(user), must=is_required(user),
        left=len(left.digests) if left else 0, events=SignInEvent.objects.filter(user=user).select_related("by")[:20],
    )  # fmt: skip
