"""What supervisors and administrators keep: levels, boundaries, findings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin
from unfold.decorators import action as unfold_action
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from foundation.wording import listed
from people.admin import Visible
from review.models import Finding, RiskBoundary
from review.operations import handle_finding
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
            return forms.ChoiceField(label=capfirst(_("topic")), choices=choices, widget=UnfoldAdminSelectWidget)
        if db_field.name == "groups":
            kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description=gettext_lazy("only these roles"))
    def roles(self, row: RiskBoundary) -> str:
        return listed(row.groups.all()) or _("all with the right")

    @admin.display(description=gettext_lazy("topic"))
    def words(self, row: RiskBoundary) -> str:
        return boundary_words(row.topic)


@admin.register(Finding)
class FindingAdmin(Visible, ModelAdmin):
    """Quality looks at what was typed by hand and should not have been; the editors of knowledge have it as a proposal already."""

    empty_words = gettext_lazy(
        "What colleagues type by hand is checked afterwards; what should not have been said appears here."
    )
    readonly_fields = ("said", "why", "by", "place", "at", "handled_at")
    fields = readonly_fields
    actions_submit_line = ("handled_here",)
    list_display = ("said", "why", "by", "at", "is_handled")
    list_filter = (("handled_at", admin.EmptyFieldListFilter), "at")
    list_select_related = ("message__sender", "message__conversation")
    ordering = ("-at",)
    actions = ("mark_handled",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description=gettext_lazy("what was said"))
    def said(self, row: Finding) -> str:
        return row.message.text[:120]

    @admin.display(description=gettext_lazy("finding"))
    def why(self, row: Finding) -> str:
        return reason_words({"code": row.kind, "params": {"words": row.words}})

    @admin.display(description=gettext_lazy("conversation"))
    def place(self, row: Finding) -> str:
        """Where it was said, with the way there."""
        where = row.message.conversation
        address = reverse("admin:conversations_conversation_change", args=[where.pk])
        return format_html('<a class="aj-link" href="{}">{}</a>', address, where)

    @admin.display(description=gettext_lazy("by"))
    def by(self, row: Finding) -> str:
        return str(row.message.sender)

    @admin.display(description=gettext_lazy("handled"), boolean=True)
    def is_handled(self, row: Finding) -> bool:
        return row.handled_at is not None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was found stays on record."""
        return False

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        """There is nothing to save; one says that it was looked at."""
        quiet = {"show_save": False, "show_save_and_continue": False, "show_close": True}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **quiet})

    @unfold_action(description=gettext_lazy("I have handled it"), permissions=["handled_here"])
    def handled_here(self, request: HttpRequest, obj: Finding) -> None:
        """Say so from its page."""
        handle_finding(finding_id=obj.pk, at=timezone.now())

    def has_handled_here_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """While nobody has looked at it. The theme asks once more without the row when the button was pressed."""
        if not self.has_change_permission(request):
            return False
        waiting = self.get_queryset(request).filter(handled_at__isnull=True)
        return object_id is None or waiting.filter(pk=object_id).exists()

    @admin.action(description=gettext_lazy("Handled"), permissions=["change"])
    def mark_handled(self, request: HttpRequest, rows: QuerySet[Finding]) -> None:
        at = timezone.now()
        for row in rows:
            handle_finding(finding_id=row.pk, at=at)
        messages.success(request, _("Handled."))
