"""Who may call, and with which token. It imports nothing of the framework's views, because they import it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.permissions import SAFE_METHODS, BasePermission

from aijia.api.authentication import find_caller, may
from knowledge.permissions import WRITE

#: What the role of whoever calls, or owns the token, must include beside the token's scope: any of these.
RIGHTS: dict[str, tuple[str, ...]] = {
    "cases:write": ("cases.work_on_case",),
    "drafts:decide": ("review.release_draft",),
    "drafts:propose": ("cases.work_on_case",),
    # Who answers customers knows what is missing; who writes knowledge does so anyway. Who only looks puts nothing on the editors' desk.
    "knowledge:propose": ("cases.work_on_case", WRITE),
    "learning:write": ("triage.label_decision",),
    "outbound:write": ("cases.work_on_case",),
}


class IsStaff(BasePermission):
    """Only our own people: a token of, or a session of, an active staff member."""

    message = _("Only staff members may use the API.")
    code = "not_staff"

    def has_permission(self, request: Any, view: Any) -> bool:
        """Whether the caller is an active staff member."""
        return find_caller(request) is not None


class MayDoThis(BasePermission):
    """The token has the scope that the address asks for (`needs_scope`, `needs_scope_to_write`)."""

    def has_permission(self, request: Any, view: Any) -> bool:
        """Whether this call may be used for this.

        :raises PermissionDenied: naming what is missing.
        """
        scope = getattr(view, "needs_scope", "")
        if request.method not in SAFE_METHODS:
            scope = getattr(view, "needs_scope_to_write", "") or scope
        if scope and not may(request, scope):
            words = _("The token lacks the scope “%(scope)s”.") % {"scope": scope}
            raise exceptions.PermissionDenied(words, code="scope_missing")
        rights = RIGHTS.get(scope)
        staff = find_caller(request)
        user = staff.user if staff is not None else None
        if rights and (user is None or not any(user.has_perm(right) for right in rights)):
            raise exceptions.PermissionDenied(_("Your role does not include this."), code="right_missing")
        return True
