"""Screens of lower rooms that need to know of higher ones: a chain of evidence is seen by whoever sees its case or conversation."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from aijia import customers as customers
from cases.models import ServiceCase
from conversations.models import Conversation
from evidence.admin import ChainAdmin
from evidence.models import Chain
from people.admin import narrowed

admin.site.unregister(Chain)


@admin.register(Chain)
class VisibleChainAdmin(ChainAdmin):
    """Auditors and supervisors read chains of what they may see."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Chain]:
        """Chains of visible cases and conversations."""
        rows: QuerySet[Chain] = super().get_queryset(request)
        return rows.filter(
            Q(subject_kind="case", subject_ref__in=narrowed(request, ServiceCase.objects.all()).values("public_id"))
            | Q(
                subject_kind="conversation",
                subject_ref__in=narrowed(request, Conversation.objects.all()).values("public_id"),
            )
        )
