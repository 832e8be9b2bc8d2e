"""What screens of cases share: who may work on them, and rows that are only read."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from people.admin import narrowed
from people.models import staff_of


def may_work(request: HttpRequest) -> bool:
    """Whether somebody may move cases and items: our own people whose role includes it. Who only looks may not."""
    return staff_of(request.user) is not None and request.user.has_perm("cases.work_on_case")


class ReadOnly(ModelAdmin):
    """Rows that operations write and people only read."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff_of(request.user) is not None or bool(getattr(request.user, "is_superuser", False))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        found: QuerySet[Any] = narrowed(request, rows) if hasattr(rows, "visible_to") else rows
        return found
