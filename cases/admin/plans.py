"""What will be a case on a day: the list of plans, where a plan is ended."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.admin import SimpleHistoryAdmin

from cases import operations
from cases.admin.common import ReadOnly, may_work
from cases.models import PlannedCase
from foundation.actors import Actor
from foundation.errors import DomainError
from foundation.templatetags.when import moment
from people.admin import VisibleHistory


class RunningFilter(admin.SimpleListFilter):
    """Plans that will open a case."""

    title = gettext_lazy("running")
    parameter_name = "running"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("1", _("Running")), ("0", _("Ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PlannedCase]) -> QuerySet[PlannedCase]:
        return queryset.filter(next_at__isnull=self.value() == "0") if self.value() else queryset


@admin.register(PlannedCase)
class PlannedCaseAdmin(VisibleHistory, SimpleHistoryAdmin, ReadOnly):
    """Handlers see which cases will open by themselves, and end plans. New ones are made on the page on which a case is opened."""

    list_display = ("customer", "title", "need", "flow", "owner", "opens", "every_days", "opened")
    list_filter = (RunningFilter, "flow")
    list_select_related = ("customer", "flow", "owner", "last_case__flow")
    search_fields = ("customer__name", "title", "need")
    ordering = ("next_at", "pk")
    actions = ("end",)

    @admin.display(description=gettext_lazy("opens at"), ordering="next_at")
    def opens(self, plan: PlannedCase) -> str:
        return moment(plan.next_at) if plan.next_at is not None else _("ended")

    @admin.display(description=gettext_lazy("opened last"))
    def opened(self, plan: PlannedCase) -> str:
        if plan.last_case is None:
            return "—"
        url = reverse("admin:cases_servicecase_change", args=[plan.last_case.pk])
        return format_html('<a href="{}">{}</a> ({})', url, plan.last_case.number, plan.opened_count)

    def has_action_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may end plans."""
        return may_work(request)

    @admin.action(description=gettext_lazy("End: open no more"), permissions=["action"])
    def end(self, request: HttpRequest, queryset: QuerySet[PlannedCase]) -> None:
        """End the chosen plans."""
        for plan in queryset:
            try:
                operations.end_plan(plan_id=plan.pk, actor=Actor.of_user(request.user), at=timezone.now())
            except DomainError as error:
                messages.error(request, f"{plan}: {error}")
            else:
                messages.success(request, _("Ended: %(plan)s") % {"plan": plan})
