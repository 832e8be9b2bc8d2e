"""Delivery in the admin: what waits for a tap, what failed, what nobody knows, and the pause."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from delivery import operations
from delivery.models import Outbound, Pause
from foundation.actors import Actor
from foundation.errors import DomainError
from people.admin import narrowed
from people.models import staff_of


@admin.register(Outbound)
class OutboundAdmin(ModelAdmin):
    """Handlers see what was released: what waits for a tap, what failed; they settle what is unknown."""

    list_display = (
        "text",
        "conversation",
        "recipient",
        "purpose",
        "state",
        "released_at",
        "delivered_at",
        "error_code",
    )
    list_filter = ("state", "kind", "purpose")
    list_select_related = ("conversation", "recipient")
    search_fields = ("text", "conversation__name")
    show_full_result_count = False
    ordering = ("-released_at",)
    actions = ("mark_arrived", "mark_not_arrived", "flag_wrong")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff_of(request.user) is not None or bool(getattr(request.user, "is_superuser", False))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Outbound]:
        rows: QuerySet[Outbound] = narrowed(request, super().get_queryset(request))
        return rows

    def _settle(self, request: HttpRequest, rows: QuerySet[Outbound], *, arrived: bool) -> None:
        staff = staff_of(request.user)
        for outbound in rows:
            try:
                if staff is None:
                    raise DomainError(_("Only staff members settle deliveries."))
                operations.settle(
                    outbound_id=outbound.pk,
                    arrived=arrived,
                    by=staff,
                    actor=Actor.of_user(request.user),
                    at=timezone.now(),
                )
                messages.success(request, _("Settled: %(text)s") % {"text": outbound.text[:30]})
            except DomainError as error:
                messages.error(request, f"{outbound.text[:30]}: {error}")

    @admin.action(description=gettext_lazy("It arrived (or I sent it by hand)"))
    def mark_arrived(self, request: HttpRequest, rows: QuerySet[Outbound]) -> None:
        self._settle(request, rows, arrived=True)

    @admin.action(description=gettext_lazy("It did not arrive, or must not be sent"))
    def mark_not_arrived(self, request: HttpRequest, rows: QuerySet[Outbound]) -> None:
        self._settle(request, rows, arrived=False)

    def has_flag_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may say that a text was wrong: those who work on cases."""
        return staff_of(request.user) is not None and request.user.has_perm("cases.work_on_case")

    @admin.action(description=gettext_lazy("Flag as wrong"), permissions=["flag"])
    def flag_wrong(self, request: HttpRequest, rows: QuerySet[Outbound]) -> HttpResponse | None:
        """First ask why, then keep it."""
        staff = staff_of(request.user)
        assert staff is not None
        if not request.POST.get("reason"):
            context = {
                **self.admin_site.each_context(request), "title": _("Flag as wrong"), "opts": self.model._meta, "rows": rows,
                "reasons": operations.WRONG_REASONS.items(),
            }  # fmt: skip
            return TemplateResponse(request, "admin/delivery/outbound/flag_wrong.html", context)
        for outbound in rows:
            try:
                operations.flag_wrong(
                    outbound_id=outbound.pk, reason=request.POST["reason"], words=request.POST.get("words", "")[:200], by=staff,
                    actor=Actor.of_user(request.user), at=timezone.now(),
                )  # fmt: skip
                messages.success(request, _("Flagged: %(text)s") % {"text": outbound.text[:30]})
            except DomainError as error:
                messages.error(request, f"{outbound.text[:30]}: {error}")
        return None


@admin.register(Pause)
class PauseAdmin(ModelAdmin):
    """Supervisors stop everything, and let it go again."""

    list_display = ("scope", "key", "reason", "started_at", "started_by", "lifted_at", "lifted_by")
    fields = ("scope", "key", "reason")
    actions = ("lift",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def save_model(self, request: HttpRequest, obj: Pause, form: Any, change: bool) -> None:
        row = operations.pause(scope=obj.scope, key=obj.key, reason=obj.reason, by=str(request.user), at=timezone.now())
        obj.pk = row.pk

    @admin.action(description=gettext_lazy("Lift the pause"))
    def lift(self, request: HttpRequest, rows: QuerySet[Pause]) -> None:
        for row in rows:
            operations.lift_pause(pause_id=row.pk, by=str(request.user), at=timezone.now())
