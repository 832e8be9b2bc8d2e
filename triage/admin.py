"""Decisions in the admin: supervisors see how messages were understood."""

from __future__ import annotations

from django.contrib import admin

from cases.admin import ReadOnly
from triage.models import Decision


@admin.register(Decision)
class DecisionAdmin(ReadOnly):
    """What was understood, and why it was sent, held or recorded."""

    list_display = ("message", "mode", "intent", "case", "engine", "at")
    list_filter = ("mode", "intent")
    list_select_related = ("message", "case", "case__flow")
    ordering = ("-at",)
