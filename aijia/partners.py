"""The page of a partner: its people and how sure we are of them, its groups, what goes on with it, and what it owes us."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import F, OuterRef, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from aijia.form_behind import FormBehind
from aijia.lists import count_of
from cases.models import ServiceCase, WaitingItem
from conversations.models import Conversation
from people.admin import PartnerAdmin, narrowed
from people.models import Identity, Partner, Person

#: Rows of a kind on the page of a partner; the rest is a list of its own.
MOST = 50

admin.site.unregister(Partner)


@admin.register(Partner)
class PartnerPageAdmin(FormBehind, PartnerAdmin):
    """Handlers see at once what a partner owes and whom to ask; supervisors keep its name and note."""

    list_display: Any = ("name", "people_known", "cases_open", "owes")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Partner]:
        """In the list, with the numbers of what the reader may see."""
        rows: QuerySet[Partner] = super().get_queryset(request)
        if not request.resolver_match or request.resolver_match.url_name != "people_partner_changelist":
            return rows
        own = narrowed(request, ServiceCase.objects.filter(partner=OuterRef("pk"), state="open"))
        people = narrowed(request, Person.objects.filter(partner=OuterRef("pk"), merged_into__isnull=True))
        owed = narrowed(request, WaitingItem.objects.all()).owed_by_others().filter(on__partner=OuterRef("pk"))
        return rows.annotate(
            people_known=count_of(people, "partner"),
            cases_open=count_of(own, "partner"),
            owes=count_of(owed, "on__partner"),
        )

    @admin.display(description=gettext_lazy("People"), ordering="people_known")
    def people_known(self, partner: Any) -> int:
        return int(partner.people_known)

    @admin.display(description=gettext_lazy("open cases"), ordering="cases_open")
    def cases_open(self, partner: Any) -> int:
        return int(partner.cases_open)

    @admin.display(description=gettext_lazy("owes us"), ordering="owes")
    def owes(self, partner: Any) -> int:
        return int(partner.owes)

    def page_view(self, request: HttpRequest, pk: int, extra_context: dict[str, Any]) -> HttpResponse:
        """What it owes, its people and groups, its open cases; the form of name and note lies behind it."""
        partner = get_object_or_404(Partner, pk=pk)
        now = timezone.now()
        people = narrowed(request, Person.objects.filter(partner=partner, merged_into__isnull=True))
        known = Prefetch("identities", narrowed(request, Identity.objects.order_by("pk")), to_attr="known")
        talks = narrowed(request, Conversation.objects.filter(partner=partner))
        own = narrowed(request, ServiceCase.objects.filter(partner=partner, state="open"))
        owed = narrowed(request, WaitingItem.objects.all()).owed_by_others().filter(on__partner=partner)
        shown = owed.select_related("on", "case__customer", "owner", "roster").order_by(
            F("due_at").asc(nulls_last=True), "opened_at"
        )
        context = {
            **self.admin_site.each_context(request),
            "title": partner.name,
            "opts": self.model._meta,
            "partner": partner,
            "people": people.prefetch_related(known).order_by("pk")[:MOST],
            "people_count": people.count(),
            "conversations": talks.select_related("customer")
            .order_by(F("last_message_at").desc(nulls_last=True), "-pk")[:MOST],
            "talk_count": talks.count(),
            "cases": own.select_related("flow", "owner", "customer")
            .order_by(F("appointment_at").asc(nulls_last=True), "-opened_at")[:MOST],
            "case_count": own.count(),
            "owed": [(wait, wait.is_overdue(at=now)) for wait in shown[:MOST]],
            "owed_count": owed.count(),
            "may_edit": self.has_change_permission(request, partner),
            **extra_context,
        }  # fmt: skip
        return TemplateResponse(request, "admin/people/partner/page.html", context)
