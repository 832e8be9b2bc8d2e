"""What supervisors and administrators keep: levels, boundaries, findings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from people.admin import Visible
from review.models import Finding, RiskBoundary
from review.presenters import ALERTS, TOPICS, boundary_words, reason_words


@admin.register(RiskBoundary)
class RiskBoundaryAdmin(SimpleHistoryAdmin, ModelAdmin):
    """Supervisors say who may release what: the right, the roles, and whether two people are needed."""

    list_display = ("words", "right", "roles", "four_eyes")

    def get_queryset(self, request: HttpRequest) -> QuerySet[RiskBoundary]:
        rows: QuerySet[RiskBoundary] = super().get_queryset(request).prefetch_related("groups")
        return rows

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Topics and alerts by their names, each once."""
        if db_field.name == "topic":
            topics = [(code, words) for code, words in TOPICS.items()]
            alerts = [(code, words) for code, words in ALERTS.items()]
            choices = [("", "—"), (_("Risk topics"), topics), (_("Alerts"), alerts)]
            return forms.ChoiceField(label=_("topic"), choices=choices, widget=UnfoldAdminSelectWidget)
        if db_field.name == "groups":
            kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description=gettext_lazy("only these roles"))
    def roles(self, row: RiskBoundary) -> str:
        return "、".join(group.name for group in row.groups.all()) or _("all with the right")

    @admin.display(description=gettext_lazy("topic"))
    def words(self, row: RiskBoundary) -> str:
        return boundary_words(row.topic)


@admin.register(Finding)
class FindingAdmin(Visible, ModelAdmin):
    """Quality looks at what was typed by hand and should not have been."""

    empty_words = gettext_lazy(
        "What colleagues type by hand is checked afterwards; what should not have been said appears here."
    )
    readonly_fields = ("message", "what", "words", "at")
    fields = ("message", "what", "words", "at", "handled_at")

    list_display = ("message", "what", "words", "at", "handled_at")
    list_select_related = ("message",)

    @admin.display(description=gettext_lazy("finding"), ordering="kind")
    def what(self, row: Finding) -> str:
        return reason_words({"code": row.kind, "params": {"words": row.words}})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
