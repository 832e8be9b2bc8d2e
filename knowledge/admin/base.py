"""What the screens of editors share."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from foundation.errors import DomainError
from knowledge import permissions
from people.admin import narrowed


class Looked(ModelAdmin):
    """Rows that operations write and editors look at; every colleague may look at knowledge."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm(permissions.LOOK))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        return narrowed(request, rows) if hasattr(rows, "visible_to") else rows

    def must_see(self, request: HttpRequest) -> None:
        """Let pass who may look at knowledge.

        :raises PermissionDenied: for everybody else.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied


def must(request: HttpRequest, act: str) -> None:
    """Let pass who may carry out an act.

    :raises PermissionDenied: for everybody else, and for what is no act.
    """
    if act not in permissions.NEEDS or not permissions.can(request.user, act):
        raise PermissionDenied


def say_refusal(request: HttpRequest, error: DomainError) -> None:
    """Show a refusal in its own words."""
    messages.error(request, str(error))
