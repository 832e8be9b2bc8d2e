"""Knowledge in the admin: editors keep what may be said."""

from __future__ import annotations

from django.contrib import admin
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin, StackedInline

from knowledge.admin_wordings import BrandVoiceAdmin
from knowledge.models import KnowledgeItem, KnowledgeVersion

__all__ = ["BrandVoiceAdmin"]


class VersionInline(StackedInline):
    """The versions of an item."""

    model = KnowledgeVersion
    extra = 0
    fields = ("number", "state", "title", "body", "valid_from", "valid_until", "author", "reviewer")


@admin.register(KnowledgeItem)
class KnowledgeItemAdmin(SimpleHistoryAdmin, ModelAdmin):
    """Editors look up and change items."""

    list_display = ("title", "kind", "flow", "owner", "created_at")
    list_filter = ("kind", "versions__state")
    list_select_related = ("flow", "owner")
    search_fields = ("title", "versions__body")
    inlines = (VersionInline,)
