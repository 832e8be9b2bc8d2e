"""Screens of lower rooms that need to know of higher ones: a chain of evidence is seen by whoever sees its case or conversation."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from aijia import customers as customers
from aijia import groups as groups
from aijia import identities as identities
from aijia import partners as partners
from aijia.chains import POLICIES
from cases.models import ServiceCase
from conversations.models import Conversation
from evidence.admin import ChainAdmin
from evidence.models import Chain
from knowledge.models import KnowledgeItem
from people.admin import narrowed

admin.site.unregister(Chain)


@admin.register(Chain)
class VisibleChainAdmin(ChainAdmin):
    """Auditors and supervisors read chains of what they may see."""

    list_display = ("subject", "length", "head")  # type: ignore[assignment]
    list_filter = ("subject_kind",)
    search_help_text = gettext_lazy("Number or name of what it is about")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Chain]:
        """Chains of visible cases and conversations, and of what is everybody's, each with the name of its subject."""
        cases = narrowed(request, ServiceCase.objects.all())
        talks = narrowed(request, Conversation.objects.all())
        rows: QuerySet[Chain] = super().get_queryset(request)

        def name(of: Any, field: str) -> Subquery:
            return Subquery(of.filter(public_id=OuterRef("subject_ref")).values(field)[:1])

        return rows.filter(
            Q(subject_kind="case", subject_ref__in=cases.values("public_id"))
            | Q(subject_kind="conversation", subject_ref__in=talks.values("public_id"))
            | Q(subject_kind__in=("knowledge", "policy"))
        ).annotate(
            subject_name=Coalesce(
                name(ServiceCase.objects, "number"),
                name(Conversation.objects, "name"),
                name(KnowledgeItem.objects, "title"),
                Case(
                    *(When(subject_ref=ref, then=Value(str(words))) for ref, (words, _model) in POLICIES.items()),
                    default=Value(""),
                ),
            )
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Chain], search_term: str
    ) -> tuple[QuerySet[Chain], bool]:
        """By the name of the subject as well."""
        if not search_term.strip():
            return queryset, False
        return queryset.filter(Q(subject_name__icontains=search_term.strip())), False  # type: ignore[misc]

    @admin.display(description=gettext_lazy("subject"))
    def subject(self, chain: Any) -> str:
        """What it is about, with the way there."""
        known = getattr(chain, "known", None)
        return format_html('<a class="aj-link" href="{}">{}</a>', known[1], str(chain)) if known else str(chain)
