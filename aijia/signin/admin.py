"""Administrators say who needs a second step and how long sessions last, and see what happened to second steps."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin

from aijia.signin import operations
from aijia.signin.models import SessionRule, SignInEvent, TwoStepRule
from aijia.signin.rules import has_second_step, is_required
from foundation.errors import DomainError
from people.admin import UserAdmin
from people.models import User

admin.site.unregister(User)


@admin.register(User)
class UserSignInAdmin(UserAdmin):
    """Administrators keep who may sign in, and help those who cannot: a lost phone, a locked name."""

    list_display = (*UserAdmin.list_display, "second_step")  # type: ignore[assignment]

    @admin.display(description=gettext_lazy("second step"))
    def second_step(self, user: User) -> str:
        """Whether there is one, with the way to the page where it is reset."""
        words = _("Set up") if has_second_step(user) else _("Missing") if is_required(user) else _("None")
        return format_html(
            '<a href="{}" class="text-primary-600 underline">{}</a>',
            reverse("admin:people_user_sign_in", args=[user.pk]),
            words,
        )

    def get_urls(self) -> list[Any]:
        own: list[Any] = [
            path("<int:pk>/sign-in/", self.admin_site.admin_view(self.sign_in_view), name="people_user_sign_in")
        ]
        return [*own, *super().get_urls()]

    def sign_in_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """How somebody signs in, what happened to it, and the two helps: both ask for the reason and are on record."""
        user = get_object_or_404(User, pk=pk)
        if not self.has_view_permission(request, user):
            raise PermissionDenied
        if request.method == "POST":
            if not self.has_change_permission(request, user):
                raise PermissionDenied
            by, at, reason = cast(User, request.user), timezone.now(), request.POST.get("reason", "")
            try:
                match request.POST.get("do"):
                    case "reset":
                        operations.reset(user=user, by=by, reason=reason, at=at)
                        messages.success(request, _("The second step of %(name)s is reset.") % {"name": user})
                    case "unlock":
                        operations.unlock(user=user, by=by, reason=reason, at=at)
                        messages.success(request, _("%(name)s can sign in again.") % {"name": user})
                    case _:
                        raise PermissionDenied
            except DomainError as error:
                messages.error(request, str(error))
            return HttpResponseRedirect(reverse("admin:people_user_sign_in", args=[user.pk]))
        context = {
            **self.admin_site.each_context(request), "title": _("Signing in: %(name)s") % {"name": user}, "opts": self.model._meta,
            "person": user, "has_one": has_second_step(user), "must": is_required(user),
            "may_change": self.has_change_permission(request, user) and user.pk != request.user.pk,
            "events": SignInEvent.objects.filter(user=user).select_related("by")[:50],
        }  # fmt: skip
        return TemplateResponse(request, "signin/of_user.html", context)


@admin.register(TwoStepRule)
class TwoStepRuleAdmin(SimpleHistoryAdmin, ModelAdmin):
    """Administrators say which roles must sign in with a second step."""

    empty_words = gettext_lazy(
        "Without a rule, each decides for themselves. Add one to require a second step of a role."
    )
    list_display = ("group", "required")
    list_select_related = ("group",)


@admin.register(SessionRule)
class SessionRuleAdmin(SimpleHistoryAdmin, ModelAdmin):
    """Administrators say how long a session lasts. One row is enough."""

    empty_words = gettext_lazy("Until you set a limit, sessions last as long as the product proposes.")
    list_display = ("__str__", "idle_minutes", "longest_hours")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only while there is none."""
        return super().has_add_permission(request) and not SessionRule.objects.exists()


@admin.register(SignInEvent)
class SignInEventAdmin(ModelAdmin):
    """Administrators and auditors see what happened to second steps and locks."""

    empty_words = gettext_lazy("Second steps that were set up or reset, and names that were locked, appear here.")
    list_display = ("at", "user", "what", "by", "reason")
    list_select_related = ("user", "by")
    list_filter = ("what",)
    search_fields = ("user__username", "user__display_name", "reason")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
