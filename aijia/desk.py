"""The start page: what waits on people now. Every number links to its rows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import ServiceCase, WaitingItem, Writeback, WritebackState
from delivery.models import Outbound, OutboundState, Pause
from people.admin import narrowed
from people.models import Identity, IdentityCertainty
from review.models import Draft


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Numbers for the desk, each with a link. Seven queries whatever the volume."""
    now = timezone.now()

    def mine(rows: Any) -> Any:
        return narrowed(request, rows)

    def link(name: str, query: str = "") -> str:
        return f"{reverse(f'admin:{name}_changelist')}{query}"

    numbers = [
        (
            _("Drafts to review"),
            mine(Draft.objects.pending()).count(),
            link("review_draft", "?state__exact=pending"),
            False,
        ),
        (
            _("To send (tap)"),
            mine(Outbound.objects.to_tap()).count(),
            link("delivery_outbound", "?state__exact=prepared"),
            False,
        ),
        (
            _("Overdue items"),
            mine(WaitingItem.objects.overdue(at=now)).count(),
            link("cases_waitingitem", "?open=1&late=1"),
            True,
        ),
        (
            _("Open cases"),
            mine(ServiceCase.objects.open()).count(),
            link("cases_servicecase", "?state__exact=open"),
            False,
        ),
        (
            _("Still to be told"),
            Writeback.objects.filter(state=WritebackState.OPEN, case__in=mine(ServiceCase.objects.all())).count(),
            link("cases_servicecase"),
            False,
        ),
        (
            _("Unknown or failed deliveries"),
            mine(Outbound.objects.filter(state__in=[OutboundState.UNKNOWN, OutboundState.FAILED])).count(),
            link("delivery_outbound", "?state__exact=unknown"),
            True,
        ),
        (
            _("Unidentified people"),
            Identity.objects.filter(certainty=IdentityCertainty.UNKNOWN).count(),
            link("people_identity", "?certainty__exact=unknown"),
            False,
        ),
    ]
    if not request.user.has_perm("people.view_identity"):
        numbers.pop()
    context["numbers"] = [
        {"title": title, "count": count, "link": url, "hot": hot and count > 0} for title, count, url, hot in numbers
    ]
    context["pauses"] = Pause.objects.filter(lifted_at__isnull=True)
    context["drafts"] = mine(Draft.objects.pending()).select_related("conversation", "case").order_by("created_at")[:8]
    context["late"] = (
        mine(WaitingItem.objects.overdue(at=now)).select_related("case__customer", "on", "owner").order_by("due_at")[:8]
    )
    return context
