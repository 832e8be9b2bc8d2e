"""Cases in the admin: handlers see where a case stands and move it; supervisors keep flows and calendars."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin, TabularInline

from cases import operations
from cases.models import (
    Calendar,
    CalendarException,
    DueRule,
    MaterialRequirement,
    ServiceCase,
    ServiceFlow,
    WaitingItem,
)
from cases.presenters import timeline
from evidence.verification import verify_subject
from foundation.actors import Actor
from foundation.errors import DomainError
from people.admin import narrowed
from people.models import staff_of

CANCEL_REASONS = {
    "customer_declined": gettext_lazy("The customer called it off"),
    "duplicate": gettext_lazy("Opened twice"),
    "out_of_scope": gettext_lazy("Not ours to do"),
    "other": gettext_lazy("Other"),
}


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


class LateFilter(admin.SimpleListFilter):
    """Cases or items that are past due."""

    title = gettext_lazy("overdue")
    parameter_name = "late"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", _("Overdue"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.overdue(at=timezone.now()) if self.value() else queryset


class MineFilter(admin.SimpleListFilter):
    """What the reader owns."""

    title = gettext_lazy("mine")
    parameter_name = "mine"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", _("Mine"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(owner=staff_of(request.user)) if self.value() else queryset


class OpenFilter(admin.SimpleListFilter):
    """Items that somebody still owes."""

    title = gettext_lazy("open")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", _("Open"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.open() if self.value() else queryset


@admin.register(ServiceCase)
class ServiceCaseAdmin(ReadOnly):
    """The list of cases, and the page that says at one glance where a case stands and shows its whole story."""

    list_display = ("number", "customer", "flow", "stage", "owner", "partner", "state", "opened_at")
    list_filter = ("state", LateFilter, MineFilter, "flow", "partner")
    list_select_related = ("customer", "flow", "owner", "partner")
    search_fields = ("number", "customer__name", "title")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ServiceCase]:
        return super().get_queryset(request).prefetch_related("waits__on").order_by("-opened_at")

    @admin.display(description=gettext_lazy("who waits for whom"))
    def stage(self, case: ServiceCase) -> str:
        waits = [wait for wait in case.waits.all() if wait.is_open]
        now = timezone.now()
        words = [
            f"{'⚠ ' if wait.is_overdue(at=now) else ''}{wait.get_state_display()} · {wait.on.name if wait.on else ''}"
            for wait in waits[:2]
        ]
        return "；".join(words) or "—"

    def get_urls(self) -> list[Any]:
        own: list[Any] = [
            path("<path:object_id>/act/", self.admin_site.admin_view(self.act_view), name="cases_servicecase_act")
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        case = get_object_or_404(
            self.get_queryset(request).select_related("conversation", "flow__supervisor"), pk=object_id
        )
        now = timezone.now()
        waits = list(case.waits.open().select_related("on", "owner", "requested_in").order_by("due_at"))
        subject = operations.subject_of(case)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{case.number} {case.customer.name}",
            "opts": self.model._meta,
            "case": case,
            "waits": [(wait, wait.is_overdue(at=now)) for wait in waits],
            "next_due": next((wait for wait in waits if wait.due_at), None),
            "missing": [wait for wait in waits if wait.state == "waiting_customer_material"],
            "closed": case.waits.filter(closed_at__isnull=False).select_related("on").order_by("-closed_at")[:12],
            "writebacks": case.writebacks.select_related("to").order_by("-created_at")[:12],
            "participants": case.participants.select_related("person"),
            "materials": case.materials.select_related("attachment", "wait", "message").order_by("pk"),
            "facts": case.facts.order_by("-fact_at", "-pk")[:4],
            "timeline": timeline(case, subject),
            "faults": verify_subject(subject),
            "cancel_reasons": CANCEL_REASONS.items(),
            "may_act": staff_of(request.user) is not None,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/cases/servicecase/page.html", context)

    def act_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Carry out one action on a case. POST only."""
        here = reverse("admin:cases_servicecase_change", args=[object_id])
        if request.method != "POST":
            return HttpResponseRedirect(here)
        case = get_object_or_404(self.get_queryset(request), pk=object_id)
        if staff_of(request.user) is None:
            raise PermissionDenied
        actor, at, note = Actor.of_user(request.user), timezone.now(), request.POST.get("note", "").strip()
        fact = operations.Fact(actor, at, at, None, request.POST.get("reason", "") or "staff")
        try:
            match request.POST.get("do"):
                case "complete":
                    operations.complete_case(case_id=case.pk, fact=fact, note=note)
                case "cancel":
                    operations.cancel_case(case_id=case.pk, fact=fact, note=note)
                case "reopen":
                    operations.reopen_case(case_id=case.pk, fact=fact, note=note)
                case "take_over":
                    operations.stop_automation(case_id=case.pk, actor=actor, at=at)
                case "hand_back":
                    operations.resume_automation(case_id=case.pk, actor=actor, at=at)
                case _:
                    raise PermissionDenied
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Done."))
        return HttpResponseRedirect(here)


@admin.register(WaitingItem)
class WaitingItemAdmin(ReadOnly):
    """Everything that somebody owes, across cases."""

    list_display = ("need", "state", "on", "case", "owner", "due_at", "opened_at")
    list_filter = (OpenFilter, LateFilter, MineFilter, "state")
    list_select_related = ("on", "case", "case__flow", "owner")
    search_fields = ("need", "case__number", "on__name")
    ordering = ("due_at",)


class MaterialInline(TabularInline):
    """What a flow needs from the customer side."""

    model = MaterialRequirement
    extra = 0


class DueInline(TabularInline):
    """How long an item may stay open."""

    model = DueRule
    extra = 0


@admin.register(ServiceFlow)
class ServiceFlowAdmin(SimpleHistoryAdmin, ModelAdmin):
    """Supervisors configure kinds of matters."""

    list_display = ("name", "service_context", "completion_proof", "supervisor", "active")
    list_select_related = ("supervisor",)
    inlines = (MaterialInline, DueInline)


class ExceptionInline(TabularInline):
    """Days that are worked otherwise."""

    model = CalendarException
    extra = 0


@admin.register(Calendar)
class CalendarAdmin(SimpleHistoryAdmin, ModelAdmin):
    """Supervisors keep working time."""

    list_display = ("name", "timezone", "use_mainland_holidays")
    inlines = (ExceptionInline,)
