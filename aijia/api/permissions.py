"""Who may call. It imports nothing of the framework's views, because they import it."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import BasePermission

from people.models import staff_of


class IsStaff(BasePermission):
    """Only our own people: a token, or a session, of a user with an active staff member."""

    message = "Only staff members may use the API."

    def has_permission(self, request: Any, view: Any) -> bool:
        """Whether the caller is an active staff member."""
        return staff_of(request.user) is not None
