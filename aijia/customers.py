"""The page of a customer: who they are to us, by which ids we know them, what goes on, who talks to them now; and who is who."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aijia.deciding import WHO_IS_WHO, common_of, decide, picker
from aijia.desk.live import mark_of_customer
from aijia.desk.numbers import Seeing
from aijia.form_behind import FormBehind
from aijia.lists import count_of
from cases.models import ServiceCase
from conversations.models import Conversation, Member, Message
from foundation.templatetags.when import moment
from people import merging
from people import operations as people_operations
from people.admin import CustomerAdmin, narrowed
from people.models import Customer, Identity, IdentityCertainty, PartyChange, Person

#: Cases and conversations on the page of a customer; the rest is a list of its own.
MOST = 50

admin.site.unregister(Customer)


@admin.register(Customer)
class CustomerPageAdmin(FormBehind, CustomerAdmin):
    """Handlers look a customer up; supervisors settle who is who, with the reason, on record."""

    list_display: Any = ("name", "owner", "team", "cases_open", "last_contact", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        """In lists and where one is chosen, only those that stand: the others were merged into them. The list says what goes on."""
        rows: QuerySet[Customer] = super().get_queryset(request)
        name = request.resolver_match.url_name if request.resolver_match else ""
        if name in ("people_customer_changelist", "autocomplete"):
            rows = rows.filter(merged_into__isnull=True)
        if name != "people_customer_changelist":
            return rows
        own = narrowed(request, ServiceCase.objects.filter(customer=OuterRef("pk"), state="open"))
        talks = narrowed(request, Conversation.objects.filter(customer=OuterRef("pk"), last_message_at__isnull=False))
        return rows.annotate(
            cases_open=count_of(own, "customer"),
            last_contact=Subquery(talks.order_by("-last_message_at").values("last_message_at")[:1]),
        )

    @admin.display(description=gettext_lazy("open cases"), ordering="cases_open")
    def cases_open(self, customer: Any) -> int:
        return int(customer.cases_open)

    @admin.display(description=gettext_lazy("last contact"), ordering=F("last_contact").desc(nulls_last=True))
    def last_contact(self, customer: Any) -> str:
        return moment(customer.last_contact) or "—"

    def get_urls(self) -> list[Any]:
        own: list[Any] = [
            path("<int:pk>/who/", self.admin_site.admin_view(self.who_view), name="people_customer_who"),
        ]
        return [*own, *super().get_urls()]

    def page_view(self, request: HttpRequest, pk: int, extra_context: dict[str, Any]) -> HttpResponse:
        """Who they are, what goes on with them; the form of name, phone, address, note, tags lies behind it."""
        rows = self.get_queryset(request).select_related("owner", "team", "merged_into")
        customer = get_object_or_404(rows, pk=pk)
        talks = narrowed(request, Conversation.objects.filter(customer=customer))
        own = narrowed(request, ServiceCase.objects.filter(customer=customer))
        context = {
            **self.admin_site.each_context(request),
            "title": customer.name,
            # Before the rest: what comes meanwhile is noticed by the page.
            "mark": mark_of_customer(Seeing.of(request, timezone.now()), customer.pk),
            "opts": self.model._meta,
            "customer": customer,
            "tags": customer.tags.order_by("name"),
            "people": [
                (person, list(person.identities.all()))
                for person in customer.people.filter(merged_into__isnull=True).prefetch_related("identities").order_by("pk")
            ],
            "case_count": own.count(),
            "talk_count": talks.count(),
            "cases": own.select_related("flow", "owner")
            .order_by(F("closed_at").desc(nulls_first=True), "-opened_at")[:MOST],
            "conversations": talks.select_related("customer", "partner")
            .order_by(F("last_message_at").desc(nulls_last=True), "-pk")[:MOST],
            "talking": _talking(talks),
            "changes": customer.changes.select_related("identity", "person")[:20],
            "may_settle": request.user.has_perm(WHO_IS_WHO),
            "may_edit": self.has_change_permission(request, customer),
            "certainties": IdentityCertainty,
            "where": reverse("admin:people_customer_who", args=[customer.pk]),
            "picker": picker(Person._meta.get_field("customer"), _("Customer")),
            **extra_context,
        }  # fmt: skip
        return TemplateResponse(request, "admin/people/customer/page.html", context)

    def who_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Carry out one decision about who is who. POST only; each asks for the reason."""
        here = HttpResponseRedirect(reverse("admin:people_customer_change", args=[pk]))
        customer = get_object_or_404(self.get_queryset(request), pk=pk)
        if request.method != "POST":
            return here
        common, number = common_of(request)
        identities = Identity.objects.filter(person__customer=customer)
        people = Person.objects.filter(customer=customer)

        def carry_out() -> None:
            match request.POST.get("do"):
                case "merge":
                    gone = get_object_or_404(narrowed(request, Customer.objects.all()), pk=number)
                    merging.merge_customers(kept_id=customer.pk, gone_id=gone.pk, **common)
                case "merge_people":
                    into = request.POST.get("into", "")
                    kept = get_object_or_404(people, pk=int(into) if into.isdigit() else 0)
                    gone_person = get_object_or_404(people, pk=number)
                    merging.merge_people(kept_id=kept.pk, gone_id=gone_person.pk, **common)
                case "confirm":
                    merging.confirm_identity(identity_id=get_object_or_404(identities, pk=number).pk, **common)
                case "reject":
                    merging.reject_identity(identity_id=get_object_or_404(identities, pk=number).pk, **common)
                case "allow_promotion":
                    people_operations.allow_promotion(customer_id=customer.pk, **common)
                case "undo":
                    change = get_object_or_404(PartyChange.objects.filter(customer=customer), pk=number)
                    merging.undo(change_id=change.pk, **common)
                case _:
                    raise PermissionDenied

        decide(request, carry_out)
        return here


def _talking(conversations: QuerySet[Conversation]) -> list[dict[str, Any]]:
    """Our people who are in a conversation with the customer now, who spoke last first."""
    keys = list(conversations.values_list("pk", flat=True)[:50])
    inside = dict(
        Member.objects.filter(conversation__in=keys, left_at__isnull=True, person__staff__isnull=False)
        .values_list("person_id", "person__staff__name")
    )  # fmt: skip
    spoke = dict(
        Message.objects.filter(Q(sender__in=inside) & Q(conversation__in=keys))
        .values_list("sender_id").annotate(last=Max("sent_at")).values_list("sender_id", "last")
    )  # fmt: skip
    rows = [{"name": name, "last": spoke.get(key)} for key, name in inside.items()]
    return sorted(rows, key=lambda row: (row["last"] is None, -(row["last"].timestamp() if row["last"] else 0)))
