"""What was offered from shift to shift, to be accepted."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import operations
from cases.admin.common import ReadOnly, may_work
from cases.admin.filters import ToMeFilter
from cases.models import HandOver
from foundation.actors import Actor
from foundation.errors import DomainError
from people.models import staff_of


@admin.register(HandOver)
class HandOverAdmin(ReadOnly):
    """What was offered from shift to shift; the taker accepts here."""

    list_display = ("giver", "taker", "lead", "state", "how_many", "note", "offered_at", "until")
    list_filter = ("state", ToMeFilter)
    list_select_related = ("giver", "taker", "lead")
    ordering = ("-offered_at",)
    actions = ("accept", "decline")

    def get_queryset(self, request: HttpRequest) -> QuerySet[HandOver]:
        rows: QuerySet[HandOver] = super().get_queryset(request)
        return rows.annotate(item_count=Count("items"))

    @admin.display(description=gettext_lazy("items"))
    def how_many(self, row: HandOver) -> int:
        return int(getattr(row, "item_count", 0))

    def has_action_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may act on hand-overs."""
        return may_work(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What is handed over, with the note, to be accepted or not."""
        row = get_object_or_404(self.get_queryset(request).select_related("giver", "taker", "lead"), pk=object_id)
        staff, now = staff_of(request.user), timezone.now()
        if request.method == "POST":
            if staff is None or not may_work(request):
                raise PermissionDenied
            self._settle(request, row, accept=request.POST.get("do") == "accept")
            return HttpResponseRedirect(reverse("admin:cases_handover_change", args=[row.pk]))
        items = row.items.select_related("case__customer", "case__flow", "on", "stands_in_for").with_holders(at=now)
        items = items.order_by("due_at", "pk")
        context = {
            **self.admin_site.each_context(request),
            "title": str(row),
            "opts": self.model._meta,
            "row": row,
            "items": [(wait, wait.is_overdue(at=now)) for wait in items],
            "may_accept": may_work(request) and row.state == HandOver.State.OFFERED and staff in (row.taker, row.lead),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/cases/handover/page.html", context)

    def _settle(self, request: HttpRequest, row: HandOver, *, accept: bool) -> None:
        staff = staff_of(request.user)
        assert staff is not None
        settle = operations.accept_hand_over if accept else operations.decline_hand_over
        try:
            settled = settle(hand_over_id=row.pk, by=staff, actor=Actor.of_user(request.user), at=timezone.now())
        except DomainError as error:
            messages.error(request, str(error))
        else:
            words = _("Accepted: it is yours now.") if accept else _("It has gone to %(name)s.")
            messages.success(request, words if accept else words % {"name": settled.lead.name})

    @admin.action(description=gettext_lazy("Accept"), permissions=["action"])
    def accept(self, request: HttpRequest, queryset: QuerySet[HandOver]) -> None:
        """Take what was offered to me."""
        for row in queryset:
            self._settle(request, row, accept=True)

    @admin.action(description=gettext_lazy("I cannot: to the lead"), permissions=["action"])
    def decline(self, request: HttpRequest, queryset: QuerySet[HandOver]) -> None:
        """Let it fall to the lead at once."""
        for row in queryset:
            self._settle(request, row, accept=False)
