"""What supervisors configure: kinds of matters, and working time."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin, TabularInline

from cases.calendars import unknown_years, work_calendar
from cases.disclosure import disclosure_words
from cases.forms import DAY_NAMES, CalendarForm, ExceptionForm, FlowForm, otherwise_words, spans_in_words
from cases.models import Calendar, CalendarException, DueRule, MaterialRequirement, ServiceFlow, TimeoutRule
from cases.worktime import year_is_known
from foundation.wording import listed


class MaterialInline(TabularInline):
    """What a flow needs from the customer side."""

    model = MaterialRequirement
    extra = 0


class DueInline(TabularInline):
    """How long an item may stay open."""

    model = DueRule
    extra = 0


class TimeoutInline(TabularInline):
    """What happens beside reminders when an item is overdue."""

    model = TimeoutRule
    extra = 0


@admin.register(ServiceFlow)
class ServiceFlowAdmin(SimpleHistoryAdmin, ModelAdmin):
    """Supervisors configure kinds of matters."""

    form = FlowForm
    list_display = ("name", "service_context", "completion_proof", "supervisor", "active")
    list_select_related = ("supervisor",)
    inlines = (MaterialInline, DueInline, TimeoutInline)

    def get_fields(self, request: HttpRequest, obj: ServiceFlow | None = None) -> Any:
        """Who only looks reads in words what a customer may be told."""
        fields = list(super().get_fields(request, obj))
        if self.has_change_permission(request, obj):
            return fields
        words = {"disclosure": "disclosed", "keywords": "keyword_words"}
        return list(dict.fromkeys(words.get(name, name) for name in fields))

    def get_readonly_fields(self, request: HttpRequest, obj: ServiceFlow | None = None) -> Any:
        return () if self.has_change_permission(request, obj) else ("disclosed", "keyword_words")

    @admin.display(description=gettext_lazy("keywords"))
    def keyword_words(self, flow: ServiceFlow) -> str:
        return listed(flow.keywords) or "—"

    @admin.display(description=gettext_lazy("what a customer may be told"))
    def disclosed(self, flow: ServiceFlow) -> str:
        return format_html_join("", "<div>{}</div>", ((words,) for words in disclosure_words(flow.disclosure)))


class ExceptionInline(TabularInline):
    """Days that are worked otherwise."""

    model = CalendarException
    form = ExceptionForm
    extra = 0


@admin.register(Calendar)
class CalendarAdmin(SimpleHistoryAdmin, ModelAdmin):
    """Supervisors keep working time."""

    form = CalendarForm
    list_display = ("name", "timezone", "use_mainland_holidays")
    fields = ("name", "timezone", *DAY_NAMES, "use_mainland_holidays")
    inlines = (ExceptionInline,)

    def get_fields(self, request: HttpRequest, obj: Calendar | None = None) -> Any:
        """Who only looks reads the week in words. What comes of week, holidays and exceptions stands below."""
        days = DAY_NAMES if self.has_change_permission(request, obj) else ("week_words",)
        return ("name", "timezone", *days, "use_mainland_holidays", *(("otherwise",) if obj is not None else ()))

    def get_readonly_fields(self, request: HttpRequest, obj: Calendar | None = None) -> Any:
        return ("otherwise",) if self.has_change_permission(request, obj) else ("week_words", "otherwise")

    @admin.display(description=gettext_lazy("holidays and other days, this year and the next"))
    def otherwise(self, calendar: Calendar) -> str:
        """Holidays, make-up workdays and own exceptions as they count now, and the years of which nobody knows the holidays."""
        today, found = timezone.localdate(), work_calendar(calendar)
        lines = []
        for year in (today.year, today.year + 1):
            lines += [otherwise_words(one) for one in found.otherwise(date(year, 1, 1), date(year + 1, 1, 1))]
            if calendar.use_mainland_holidays and not year_is_known(year):
                lines.append(
                    _(
                        "The holidays of %(year)s are not known yet: its weeks count as they stand above, but for exceptions of your own."
                    )
                    % {"year": year}
                )
        return format_html_join("", "<div>{}</div>", ((line,) for line in lines)) or "—"

    @admin.display(description=gettext_lazy("working week"))
    def week_words(self, calendar: Calendar) -> str:
        return format_html_join(
            "", "<div>{}: {}</div>", ((DAY_NAMES[day], spans_in_words(calendar.week[day])) for day in DAY_NAMES if calendar.week.get(day))
        )  # fmt: skip

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with an alarm where the holidays of a year that comes are not known."""
        for year in unknown_years(timezone.localdate()):
            words = _("The holidays of %(year)s are not known: Monday to Friday count. Enter them as exceptions.")
            messages.warning(request, words % {"year": year})
        page: HttpResponse = super().changelist_view(request, extra_context)
        return page
