"""The list of what is owed, across cases, and the page on which a shift's items are handed over."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action as unfold_action

from cases import operations
from cases.admin.common import ReadOnly, may_work
from cases.admin.filters import (
    InPlaceFilter,
    LateFilter,
    MyWaitsFilter,
    OnPartnerFilter,
    OpenFilter,
    OwnerFilter,
    TodayFilter,
    UnownedFilter,
)
from cases.models import HandOver, WaitingItem
from cases.reasons import reason_words
from cases.shifts import shift_lead, takers
from foundation.actors import Actor
from foundation.errors import DomainError
from foundation.templatetags.when import ago, moment
from people.models import StaffMember, staff_of, who_is_available


@admin.register(WaitingItem)
class WaitingItemAdmin(ReadOnly):
    """Everything that somebody owes, across cases."""

    list_display = ("case_link", "need", "stage", "owes", "answers", "due", "since")
    list_filter = (
        OpenFilter, MyWaitsFilter, LateFilter, TodayFilter, OwnerFilter, OnPartnerFilter, UnownedFilter, InPlaceFilter,
        "state",
    )  # fmt: skip
    list_select_related = ("on", "case", "case__flow", "owner", "stands_in_for", "roster")
    search_fields = ("need", "case__number", "on__name")
    ordering = ("due_at",)
    actions = ("hand_over",)
    actions_list = ("hand_over_mine",)
    list_display_links = None

    def get_fields(self, request: HttpRequest, obj: WaitingItem | None = None) -> list[str]:
        """What is known of one item: rows that would be empty are left out."""
        always = ["case_link", "need", "stage", "owes", "on_role", "answers", "due", "opened_at"]
        if obj is None:
            return always
        told = {
            "how_many": obj.count_needed > 1, "proof": obj.proof != "none", "customer_wording": obj.customer_wording,
            "internal_note": obj.internal_note, "ended": not obj.is_open,
        }  # fmt: skip
        return [*always, *(name for name, holds in told.items() if holds)]

    def get_readonly_fields(self, request: HttpRequest, obj: WaitingItem | None = None) -> list[str]:
        return self.get_fields(request, obj)

    @admin.display(description=gettext_lazy("received"))
    def how_many(self, wait: WaitingItem) -> str:
        return f"{wait.count_received} / {wait.count_needed}"

    @admin.display(description=gettext_lazy("closed at"))
    def ended(self, wait: WaitingItem) -> str:
        """When and why it was closed."""
        why = reason_words(wait.close_reason)
        return format_html("{}{}", moment(wait.closed_at) if wait.closed_at else "—", f" · {why}" if why else "")

    def get_queryset(self, request: HttpRequest) -> QuerySet[WaitingItem]:
        rows: QuerySet[WaitingItem] = super().get_queryset(request)
        return rows.with_holders(at=timezone.now()).select_related(*self.list_select_related)  # type: ignore[attr-defined, no-any-return]

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def stage(self, wait: WaitingItem) -> str:
        return wait.stage_words

    @admin.display(description=gettext_lazy("waiting for"), ordering="on")
    def owes(self, wait: WaitingItem) -> str:
        """Who has to do the next thing; what has come and waits for our check waits for us, not for who sent it."""
        return _("us") if wait.is_ours or wait.on is None else wait.on.name

    @admin.display(description=gettext_lazy("due"), ordering="due_at")
    def due(self, wait: WaitingItem) -> str:
        if wait.due_at is None:
            return "—"
        if wait.paused_at is not None and wait.is_open:
            return _("%(due)s (clock stopped)") % {"due": moment(wait.due_at)}
        if not wait.is_overdue(at=timezone.now()):
            return moment(wait.due_at)
        return format_html('<b class="aj-warn">{} {}</b>', moment(wait.due_at), _("overdue"))

    @admin.display(description=gettext_lazy("owner"), ordering="owner")
    def answers(self, wait: WaitingItem) -> str:
        if wait.stands_in_for is None:
            return wait.owner_words
        return _("%(name)s (in the place of %(absent)s)") % {"name": wait.owner, "absent": wait.stands_in_for}

    @admin.display(description=gettext_lazy("since"), ordering="opened_at")
    def since(self, wait: WaitingItem) -> str:
        return ago(wait.opened_at)

    @admin.display(description=gettext_lazy("case"))
    def case_link(self, wait: WaitingItem) -> str:
        url = reverse("admin:cases_servicecase_change", args=[wait.case_id])
        return format_html('<a href="{}">{}</a>', url, wait.case)

    def has_action_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may act on items."""
        return may_work(request)

    @admin.action(description=gettext_lazy("Offer my items to a colleague"), permissions=["action"])
    def hand_over(self, request: HttpRequest, queryset: QuerySet[WaitingItem]) -> HttpResponse:
        """Go on to the page on which they are chosen."""
        chosen = queryset.filter(owner=staff_of(request.user)).values_list("pk", flat=True)
        query = urlencode({"items": ",".join(map(str, chosen))})
        return HttpResponseRedirect(f"{reverse('admin:cases_waitingitem_hand_over_mine')}?{query}")

    @unfold_action(description=gettext_lazy("Hand over my items"), url_path="hand-over", permissions=["action"])
    def hand_over_mine(self, request: HttpRequest) -> HttpResponse:
        """The end of a shift: which of my open items go to whom, with a note. All of them are chosen to begin with."""
        staff = staff_of(request.user)
        if staff is None or not may_work(request):
            raise PermissionDenied
        now = timezone.now()
        mine = WaitingItem.objects.open().filter(owner=staff).order_by("due_at", "pk")
        mine = mine.exclude(hand_overs__state=HandOver.State.OFFERED)
        items = list(
            mine.select_related(
                "case__customer", "case__flow__roster__lead", "case__flow__supervisor", "on", "roster__lead"
            )
        )
        if request.method == "POST":
            taker = get_object_or_404(StaffMember.objects.active(), pk=request.POST.get("taker") or 0)
            wanted = [int(pk) for pk in request.POST.getlist("item") if pk.isdigit()]
            try:
                row = operations.offer_hand_over(
                    wait_ids=wanted, giver=staff, taker=taker, note=request.POST.get("note", ""),
                    actor=Actor.of_user(request.user), at=now,
                )  # fmt: skip
            except DomainError as error:
                messages.error(request, str(error))
            else:
                messages.success(request, _("Offered to %(name)s.") % {"name": taker.name})
                return HttpResponseRedirect(reverse("admin:cases_handover_change", args=[row.pk]))
        asked = {int(pk) for pk in request.GET.get("items", "").split(",") if pk.isdigit()}
        colleagues = takers(staff, items, at=now)
        here = who_is_available(colleagues, at=now)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Hand over my items"),
            "opts": self.model._meta,
            "items": [(wait, not asked or wait.pk in asked, wait.is_overdue(at=now)) for wait in items],
            "colleagues": sorted(((one, one.pk in here) for one in colleagues), key=lambda pair: not pair[1]),
            "lead": shift_lead(staff, items, at=now),
        }
        return TemplateResponse(request, "admin/cases/waitingitem/hand_over.html", context)
