"""Decisions in the admin: supervisors see how messages were understood."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from cases.admin import ReadOnly
from triage.models import Decision
from triage.presenters import INTENTS, class_words, intent_words


class IntentFilter(admin.SimpleListFilter):
    """By what the sender was doing."""

    title = gettext_lazy("intent")
    parameter_name = "intent"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(code, str(words)) for code, words in INTENTS.items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(intent=self.value()) if self.value() else queryset


@admin.register(Decision)
class DecisionAdmin(ReadOnly):
    """What was understood, and why it was sent, held or recorded."""

    list_display = ("message", "mode", "meant", "about", "case", "engine", "at")
    list_filter = ("mode", IntentFilter)
    list_select_related = ("message", "case", "case__flow")
    ordering = ("-at",)

    @admin.display(description=gettext_lazy("intent"), ordering="intent")
    def meant(self, row: Decision) -> str:
        return intent_words(row.intent)

    @admin.display(description=gettext_lazy("business class"), ordering="business_class")
    def about(self, row: Decision) -> str:
        return class_words(row.business_class)
