"""Lists over cases of what else was written down: notices that are owed, notes of colleagues."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from cases.admin.common import ReadOnly
from cases.admin.filters import AboutFilter, MentionedFilter
from cases.models import CaseNote, Writeback


@admin.register(Writeback)
class WritebackAdmin(ReadOnly):
    """Who asked and has to be told, or was told, and when."""

    list_display = ("case_link", "told", "words", "state", "created_at", "due_at", "delivered_at", "told_by")
    list_filter = ("state", AboutFilter)
    exclude = ("about",)
    list_select_related = ("case__flow", "to")
    search_fields = ("words", "case__number", "to__name")
    ordering = ("due_at", "pk")
    list_display_links = None

    @admin.display(description=gettext_lazy("case"))
    def case_link(self, row: Writeback) -> str:
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:cases_servicecase_change", args=[row.case_id]), row.case
        )

    @admin.display(description=gettext_lazy("told by"), ordering="delivered_by")
    def told_by(self, row: Writeback) -> str:
        return row.teller or "—"

    @admin.display(description=gettext_lazy("to be told"))
    def told(self, row: Writeback) -> str:
        return str(row.to)


@admin.register(CaseNote)
class CaseNoteAdmin(ReadOnly):
    """What colleagues noted; each finds here what mentions them."""

    list_display = ("case_link", "text", "written_by", "at")
    list_filter = (MentionedFilter,)
    list_select_related = ("case__flow", "author")
    search_fields = ("text", "case__number")
    ordering = ("-at",)
    list_display_links = None

    @admin.display(description=gettext_lazy("written by"))
    def written_by(self, note: CaseNote) -> str:
        return str(note.author or "")

    @admin.display(description=gettext_lazy("case"))
    def case_link(self, note: CaseNote) -> str:
        return format_html(
            '<a href="{}#notes">{}</a>', reverse("admin:cases_servicecase_change", args=[note.case_id]), note.case
        )
