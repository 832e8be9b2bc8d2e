"""Cases that begin by themselves on a day: a call back after half a year, a check every month."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from cases.models.case import ServiceCase
from cases.models.flow import ServiceFlow
from foundation.ids import PublicIdModel
from people.models import Customer, StaffMember


class PlannedCaseQuerySet(models.QuerySet["PlannedCase"]):
    """Words to ask about planned cases."""

    def visible_to(self, staff: StaffMember | None) -> PlannedCaseQuerySet:
        """Those of customers that this staff member may see, and their own."""
        if staff is None:
            return self.none()
        seen = models.Q(customer__in=Customer.objects.visible_to(staff).values("pk"))
        return self.filter(seen | models.Q(owner=staff))

    def due(self, *, at: object) -> PlannedCaseQuerySet:
        """Those whose time has come."""
        return self.filter(next_at__lte=at)


class PlannedCase(PublicIdModel):
    """What will be a case on `next_at`, with an item that we owe, without any message: once, or every `every_days`.

    A plan that has ended has no `next_at`. `last_case` is the case that it opened last; while that is open, no second one is.
    """

    customer = models.ForeignKey(
        Customer, verbose_name=_("customer"), on_delete=models.PROTECT, related_name="planned_cases"
    )
    flow = models.ForeignKey(
        ServiceFlow, verbose_name=_("flow"), on_delete=models.PROTECT, related_name="planned_cases"
    )
    owner = models.ForeignKey(
        StaffMember, verbose_name=_("owner"), on_delete=models.PROTECT, related_name="planned_cases"
    )
    title = models.CharField(_("title"), max_length=191)
    need = models.CharField(_("what we have to do"), max_length=255)
    next_at = models.DateTimeField(_("opens at"), null=True, blank=True)
    every_days = models.PositiveSmallIntegerField(_("again every so many days"), null=True, blank=True)
    opened_count = models.PositiveIntegerField(_("opened so far"), default=0)
    last_case = models.ForeignKey(
        ServiceCase, verbose_name=_("opened last"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = PlannedCaseQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("planned case")
        verbose_name_plural = _("planned cases")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(every_days__isnull=True) | models.Q(every_days__gte=1), name="a_plan_comes_again_after_a_day_at_least"
            ),
        ]  # fmt: skip
        indexes = [
            # The sweep: plans whose time has come; nothing else is looked at.
            models.Index(fields=["next_at"], name="plan_to_open", condition=models.Q(next_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.customer} · {self.title}"
