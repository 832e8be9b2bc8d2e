"""WeCom in the admin: administrators connect accounts and see what came in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminPasswordWidget

from channels_wecom.models import InboundEvent, SyncCursor, WeComAccount
from channels_wecom.views import forget_configs

SECRETS = ("callback_token", "encoding_aes_key", "app_secret", "archive_secret")


class AccountForm(forms.ModelForm):
    """Secrets can be written and never read: an empty field keeps what is stored."""

    class Meta:
        model = WeComAccount
        fields = ("key", "name", "corp_id", "agent_id", *SECRETS, "kf_enabled", "active")
        widgets = {name: UnfoldAdminPasswordWidget() for name in SECRETS}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in SECRETS:
            self.initial.pop(name, None)
            if name in self.fields:
                self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in SECRETS:
            if not data.get(name) and self.instance.pk:
                data[name] = getattr(WeComAccount.objects.get(pk=self.instance.pk), name)
        return data


@admin.register(WeComAccount)
class WeComAccountAdmin(ModelAdmin):
    """Administrators connect WeCom accounts."""

    form = AccountForm
    empty_words = gettext_lazy(
        "Connect the WeCom account of your company: its ID and secrets come from the WeCom admin console."
    )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who only looks is not shown what is secret, in no form."""
        fields = super().get_fields(request, obj)
        return fields if self.has_change_permission(request, obj) else [name for name in fields if name not in SECRETS]

    list_display = ("name", "key", "corp_id", "agent_id", "active")

    def save_model(self, request: HttpRequest, obj: WeComAccount, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        forget_configs()


class Seen(ModelAdmin):
    """Rows that are only looked at."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(InboundEvent)
class InboundEventAdmin(Seen):
    """Administrators see events that could not be worked through."""

    empty_words = gettext_lazy("What WeCom sends is kept here until it has been worked through; what failed says why.")

    list_display = ("id", "account", "received_at", "state", "attempts", "error", "processed_at")
    list_filter = ("state", "account")
    list_select_related = ("account",)
    fields = ("account", "received_at", "state", "attempts", "error", "processed_at", "erased_at")
    ordering = ("-id",)


@admin.register(SyncCursor)
class SyncCursorAdmin(Seen):
    """Administrators see how far sources were read."""

    @admin.display(description=gettext_lazy("source"), ordering="source")
    def read_from(self, row: SyncCursor) -> str:
        """What is read, in words."""
        kind, _colon, which = row.source.partition(":")
        words = {
            "kf": gettext("WeChat service %(account)s") % {"account": which},
            "kf-accounts": gettext("The list of WeChat service accounts"),
            "archive": gettext("The archive of conversations"),
        }
        return words.get(kind, row.source)

    empty_words = gettext_lazy("Nothing has been read yet. It begins once a WeCom account is connected.")
    list_display = ("account", "read_from", "updated_at", "last_error")
    list_display_links = None
    list_select_related = ("account",)
