"""Measured facts in the admin: the figures of a week, and the lists of the rows behind them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.admin.common import ReadOnly
from cases.admin.filters import FlowFilter
from cases.models import Reminder, ServiceFact, ServiceFlow
from cases.reasons import reason_words
from delivery.models import Outbound
from metrics.export import FORMATS, figure_table, row_table, write
from metrics.figures import figures
from metrics.presenters import detail_words, grouped, length_words
from metrics.weeks import Week
from people.admin import narrowed
from people.models import Visibility, staff_of

SEE = "cases.view_servicefact"


class ReminderFlowFilter(FlowFilter):
    """Reminders of items in cases of one flow."""

    field = "wait__case__flow"


class Measured(ReadOnly):
    """Rows for those who answer for the work: managers, supervisors, auditors; each sees those of cases that they may see."""

    list_display_links = None
    seen_with = SEE

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only with the right to measured facts."""
        return super().has_view_permission(request, obj) and request.user.has_perm(self.seen_with)

    @admin.display(description=gettext_lazy("case"))
    def case_link(self, row: Any) -> str:
        case = row.case if isinstance(row, ServiceFact) else row.wait.case
        if case is None:
            return "—"
        return format_html('<a href="{}">{}</a>', reverse("admin:cases_servicecase_change", args=[case.pk]), case)


@admin.register(ServiceFact)
class ServiceFactAdmin(Measured):
    """Managers see the figures of a week here, and every row from which they were made."""

    list_display = ("case_link", "kind", "what", "took", "started_at", "released_at", "ended_at", "why")
    fields = ("kind", "what", "started_at", "released_at", "ended_at", "took", "why")
    list_filter = ("kind", FlowFilter, "ok")
    list_select_related = ("case__flow", "wait")
    search_fields = ("case__number", "words", "wait__need")
    ordering = ("-ended_at", "-pk")

    @admin.display(description=gettext_lazy("what"))
    def what(self, fact: ServiceFact) -> str:
        return " · ".join(filter(None, [detail_words(fact), fact.wait.need if fact.wait else ""]))

    @admin.display(description=gettext_lazy("took"))
    def took(self, fact: ServiceFact) -> str:
        return length_words(fact.ended_at - fact.started_at)

    @admin.display(description=gettext_lazy("why"))
    def why(self, fact: ServiceFact) -> str:
        return reason_words(fact.words) or self.get_empty_value_display()

    def get_urls(self) -> list[Any]:
        """The page of a week, and its file."""
        view = self.admin_site.admin_view
        return [
            path("week/", view(self.week_view), name="cases_servicefact_week"),
            path("week/export/", view(self.export_view), name="cases_servicefact_export"),
            *super().get_urls(),
        ]

    def _asked(self, request: HttpRequest) -> tuple[Week, ServiceFlow | None]:
        if not self.has_view_permission(request):
            raise PermissionDenied
        week = Week.parse(request.GET.get("week", "")) or Week.of(timezone.now())
        key = request.GET.get("flow", "")
        return week, ServiceFlow.objects.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 10 else None

    def _rows(self, request: HttpRequest, flow: ServiceFlow | None) -> dict[str, Any]:
        facts = narrowed(request, ServiceFact.objects.all())
        reminders = narrowed(request, Reminder.objects.all())
        if flow is not None:
            facts, reminders = facts.filter(case__flow=flow), reminders.filter(wait__case__flow=flow)
        return {"facts": facts, "reminders": reminders}

    def week_view(self, request: HttpRequest) -> HttpResponse:
        """The figures of a week beside those of the week before; every number leads to its rows."""
        week, flow = self._asked(request)
        texts = narrowed(request, Outbound.objects.all())
        found = figures(week, texts=texts, flow=flow.pk if flow is not None else None, **self._rows(request, None))
        staff, this = staff_of(request.user), Week.of(timezone.now())
        context = {
            **self.admin_site.each_context(request), "title": _("Figures of the week"), "opts": self.model._meta, "week": week, "flow": flow,
            "flows": ServiceFlow.objects.order_by("name"), "groups": grouped(found), "running": week == this, "later": week < this,
            "some": staff is not None and staff.visibility != Visibility.ALL, "formats": list(FORMATS), "empty": not any(one.now.count for one in found),
            "query": urlencode({"week": week.key, **({"flow": str(flow.pk)} if flow is not None else {})}),
            "keep_flow": urlencode({"flow": flow.pk}) if flow is not None else "",
        }  # fmt: skip
        return TemplateResponse(request, "metrics/week.html", context)

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """The same week as a file, with the rows behind the figures."""
        week, flow = self._asked(request)
        format = request.GET.get("format", "")
        if format not in FORMATS:
            format = "xlsx"
        rows, texts = self._rows(request, flow), narrowed(request, Outbound.objects.all())
        found = figures(week, texts=texts, flow=flow.pk if flow is not None else None, **rows)
        content = write(format, figures=figure_table(found), rows=row_table(week, **rows))
        answer = HttpResponse(content, content_type=FORMATS[format])
        answer["Content-Disposition"] = f'attachment; filename="figures-{week.key}.{format}"'
        return answer


@admin.register(Reminder)
class ReminderAdmin(Measured):
    """Who was reminded of what, and when it was due."""

    seen_with = "cases.view_reminder"
    list_display = ("case_link", "need", "stage", "recipient", "occurrence_at", "at")
    fields = ("need", "stage", "recipient", "occurrence_at", "at")
    list_filter = ("stage", ReminderFlowFilter)
    list_select_related = ("wait__case__flow", "recipient")
    search_fields = ("wait__need", "wait__case__number", "recipient__name")
    ordering = ("-at", "-pk")

    @admin.display(description=gettext_lazy("what is needed"))
    def need(self, reminder: Reminder) -> str:
        return reminder.wait.need
