"""What supervisors and administrators keep: levels, boundaries, findings."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin

from review.models import AutomationLevel, Finding, RiskBoundary
from review.presenters import alert_words, topic_words


@admin.register(AutomationLevel)
class AutomationLevelAdmin(SimpleHistoryAdmin, ModelAdmin):
    """Supervisors say which kinds of text may go without review."""

    list_display = ("reply_kind", "flow", "conversation_kind", "level", "changed_by", "note")
    list_filter = ("level", "reply_kind")
    list_select_related = ("flow",)


@admin.register(RiskBoundary)
class RiskBoundaryAdmin(SimpleHistoryAdmin, ModelAdmin):
    """Administrators say who may release what."""

    list_display = ("words", "right")

    @admin.display(description=gettext_lazy("topic"))
    def words(self, row: RiskBoundary) -> str:
        return topic_words(row.topic) if topic_words(row.topic) != row.topic else alert_words(row.topic)


@admin.register(Finding)
class FindingAdmin(ModelAdmin):
    """Quality looks at what was typed by hand and should not have been."""

    list_display = ("message", "kind", "words", "at", "handled_at")
    list_select_related = ("message",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
