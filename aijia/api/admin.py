"""Administrators make and revoke tokens of the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from aijia.api import operations
from aijia.api.models import ApiToken, Scope
from foundation.errors import DomainError
from people.models import StaffMember

LIFE = timedelta(days=365)


def _in_a_year() -> Any:
    return timezone.now() + LIFE


class TokenForm(forms.ModelForm):
    """A new token."""

    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("may be used to"), choices=Scope.choices, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    class Meta:
        model = ApiToken
        fields = ("name", "owner", "scopes", "expires_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "expires_at" in self.fields:
            self.fields["expires_at"].initial = _in_a_year

    def clean_owner(self) -> StaffMember:
        """Somebody who can own a token."""
        owner: StaffMember = self.cleaned_data["owner"]
        try:
            operations.check_can_own(owner)
        except DomainError as error:
            raise forms.ValidationError(str(error), code=error.code) from None
        return owner

    def clean_expires_at(self) -> Any:
        """A time that is still to come."""
        at = self.cleaned_data["expires_at"]
        if at <= timezone.now():
            raise forms.ValidationError(_("The expiry time must be in the future."), code="past")
        return at


@admin.register(ApiToken)
class ApiTokenAdmin(ModelAdmin):
    """Administrators give other systems a key to the API, see which are used, and take them back. The secret is shown once."""

    form = TokenForm
    empty_words = gettext_lazy(
        "A token lets another system, such as your shop, read or write through the API for one colleague."
    )
    list_display = ("name", "prefix", "owner", "scope_words", "created_at", "expires_at", "last_used_at", "revoked_at")
    list_select_related = ("owner",)
    list_filter = ("owner",)
    search_fields = ("name", "prefix", "owner__name")
    autocomplete_fields = ("owner",)
    actions = ("revoke",)
    ordering = ("-created_at",)
    readonly_fields = ("prefix", "created_at", "created_by", "last_used_at", "revoked_at", "revoked_by")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What is asked for a new one; everything but the secret of an old one."""
        asked = ("name", "owner", "scopes", "expires_at")
        return asked if obj is None else (*asked[:2], "scope_words", "expires_at", *self.readonly_fields)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Whoever may make tokens may revoke them."""
        return bool(self.has_add_permission(request))

    @admin.display(description=gettext_lazy("may be used to"))
    def scope_words(self, token: ApiToken) -> str:
        words = {str(code): str(said) for code, said in Scope.choices}
        return "、".join(words.get(code, code) for code in token.scopes)

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        wanted = form.cleaned_data
        user: Any = request.user
        made, secret = operations.create_token(
            name=wanted["name"], owner=wanted["owner"], scopes=wanted["scopes"], expires_at=wanted["expires_at"], by=user,
            at=timezone.now(),
        )  # fmt: skip
        obj.__dict__.update(made.__dict__)
        request._api_secret = secret  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: ApiToken, post_url_continue: Any = None) -> HttpResponse:
        """The one page on which the secret stands: not in a message, which would be kept in a cookie."""
        context = {
            **self.admin_site.each_context(request), "title": _("The token was made"), "opts": self.model._meta, "token": obj,
            "secret": request._api_secret,  # type: ignore[attr-defined]
        }  # fmt: skip
        page = TemplateResponse(request, "admin/api/apitoken/created.html", context)
        add_never_cache_headers(page)
        return page

    @admin.action(description=gettext_lazy("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, rows: QuerySet[ApiToken]) -> None:
        user: Any = request.user
        for token in rows:
            try:
                operations.revoke_token(token_id=token.pk, by=user, at=timezone.now())
                self.log_change(request, token, [{"changed": {"fields": ["revoked_at"]}}])
                messages.success(request, _("Revoked: %(name)s") % {"name": token.name})
            except DomainError as error:
                messages.error(request, f"{token.name}: {error}")
