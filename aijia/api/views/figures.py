"""The figures of a week."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from aijia.api import serializers as shown
from aijia.api.authentication import caller
from aijia.api.models import Scope
from aijia.api.views.base import Basics
from cases.flows import flows
from cases.models import Reminder, ServiceFact
from delivery.models import Outbound
from metrics.figures import figures
from metrics.weeks import Week


class FiguresView(Basics):
    """What was measured in a week, of cases that the caller may see: for roles that see measured facts (supervisors, managers, auditors)."""

    needs_scope = Scope.CASES_READ

    @extend_schema(
        summary="The figures of a week",
        description="Counts, and how long things took by the clock, in seconds: half of them took no longer than `half_seconds`, nine of ten no longer than "
        "`most_seconds`; `tap_seconds` is the half of it from release to delivery. `share` is of the figure named in `part_of`. Beside each figure "
        "its number in the week before.",
        parameters=[
            OpenApiParameter("week", str, description="2026-W20; the running one if not given."),
            OpenApiParameter("flow", str, description="Key of a service flow."),
        ],
        responses=shown.FiguresSerializer,
    )
    def get(self, request: Request) -> Response:
        """Count."""
        staff = caller(request)
        if staff.user is None or not staff.user.has_perm("cases.view_servicefact"):
            raise exceptions.PermissionDenied(_("Your role does not include this."), code="right_missing")
        unknown = sorted(set(request.query_params) - {"week", "flow"})
        if unknown:
            raise serializers.ValidationError({name: ["?"] for name in unknown}, code="unknown_filter")
        asked, key = request.query_params.get("week", ""), request.query_params.get("flow", "")
        week = Week.parse(asked) if asked else Week.of(timezone.now())
        if week is None:
            raise serializers.ValidationError({"week": [_("A week is written like 2026-W20.")]})
        flow = next((one for one in flows().values() if one.key == key), None)
        if key and flow is None:
            raise serializers.ValidationError({"flow": [_("There is no such flow.")]})
        found = figures(
            week, facts=ServiceFact.objects.visible_to(staff), reminders=Reminder.objects.visible_to(staff),
            texts=Outbound.objects.visible_to(staff), flow=flow.pk if flow is not None else None,
        )  # fmt: skip
        body: dict[str, Any] = {
            "week": week.key,
            "starts_at": week.starts_at,
            "ends_at": week.ends_at,
            "figures": found,
        }
        return Response(shown.FiguresSerializer(body).data)
