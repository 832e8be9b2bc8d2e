"""Evidence in the admin: auditors read it; nobody changes it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from evidence.models import Chain


@admin.register(Chain)
class ChainAdmin(ModelAdmin):
    """Chains with their length and head."""

    list_display = ("subject_kind", "subject_ref", "head_seq", "head_hash")
    search_fields = ("subject_ref",)
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
