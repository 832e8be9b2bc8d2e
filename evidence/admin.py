"""Evidence in the admin: auditors read it; nobody changes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from evidence.models import Chain

#: Set by the highest room: names and addresses of what chains are about, by (kind, reference).
NAMES: list[Callable[[HttpRequest, Iterable[Chain]], dict[tuple[str, str], tuple[str, str]]]] = []


@admin.register(Chain)
class ChainAdmin(ModelAdmin):
    """Chains: what each is about, its length and its head."""

    list_display = ("about", "subject_kind", "length", "head")
    list_filter = ("subject_kind",)
    search_fields = ("subject_ref",)
    search_help_text = gettext_lazy("Reference of a case or conversation")
    list_display_links = None
    show_full_result_count = False
    ordering = ("-head_seq", "pk")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The rows with what they are about."""
        page: Any = super().get_changelist_instance(request)
        rows = list(page.result_list)
        known: dict[tuple[str, str], tuple[str, str]] = {}
        for names in NAMES:
            known |= names(request, rows)
        for row in rows:
            row.known = known.get((row.subject_kind, str(row.subject_ref)))
        page.result_list = rows
        return page

    @admin.display(description=gettext_lazy("about"))
    def about(self, chain: Any) -> str:
        if not getattr(chain, "known", None):
            return format_html('<span title="{}">—</span>', chain.subject_ref)
        name, address = chain.known
        return format_html('<a class="aj-link" href="{}" title="{}">{}</a>', address, chain.subject_ref, name)

    @admin.display(description=gettext_lazy("entries"), ordering="head_seq")
    def length(self, chain: Chain) -> int:
        return chain.head_seq

    @admin.display(description=gettext_lazy("head (beginning)"))
    def head(self, chain: Chain) -> str:
        return format_html('<code title="{}">{}</code>', chain.head_hash, chain.head_hash[:12])
