"""Configuration of service flows: what is needed, until when, what proves completion, who is told."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from people.models import DutyRoster, StaffMember


class BusinessClass(models.TextChoices):
    """What a message is about (vocabulary: business_class)."""

    MARKETING = "marketing", _("Marketing")
    SALES = "sales", _("Sales")
    SUPPORT = "support", _("Support")
    AFTER_SALES = "after_sales", _("After-sales")
    MEMBERSHIP = "membership", _("Membership")
    UNKNOWN = "unknown", _("Unknown")


class ServiceContext(models.TextChoices):
    """The stage of service that a message belongs to (vocabulary: service_context)."""

    AFTER_SALES = "after_sales", _("After-sales")
    APPOINTMENT = "appointment", _("Appointment")
    MATERIAL_COLLECTION = "material_collection", _("Material collection")
    PROGRESS = "progress", _("Progress")
    CALLBACK = "callback", _("Call back")
    PARTNER_COORDINATION = "partner_coordination", _("Partner coordination")
    NONE = "none", _("None")


class Proof(models.TextChoices):
    """What proves that something was done."""

    NONE = "none", _("None")
    IMAGE = "image", _("Picture or video")
    TEXT = "text", _("Words")
    FILE = "file", _("File")
    SYSTEM_RECORD = "system_record", _("System record")


class Confirmer(models.TextChoices):
    """Whose word completes a case of a flow."""

    ANYONE = "anyone", _("Anyone who takes part")
    CUSTOMER = "customer", _("The customer")
    PARTNER = "partner", _("The partner")
    STAFF = "staff", _("One of our people")
    SUPERVISOR = "supervisor", _("A supervisor")


def default_week() -> dict[str, list[list[str]]]:
    """Monday to Friday, nine to six."""
    return {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


class Disclosure(models.TextChoices):
    """What a customer may be told beside what concerns them anyway, as far as a flow's disclosure list says so."""

    VISIT_TIME = "visit_time", _("When somebody comes")
    TECHNICIAN_SURNAME = "technician_surname", _("Surname of the technician")
    TECHNICIAN_NAME = "technician_name", _("Full name of the technician")
    TECHNICIAN_PHONE = "technician_phone", _("Phone of the technician")
    PARTNER_NAME = "partner_name", _("Name of the service provider")
    TRACKING_NUMBER = "tracking_number", _("Tracking number")


class DisclosedFrom(models.TextChoices):
    """From which stage on something may be told."""

    NEVER = "never", _("never")
    AGREED = "agreed", _("once the appointment stands")
    ALWAYS = "always", _("at any time")


def default_disclosure() -> dict[str, str]:
    """Times and tracking numbers, but nobody's name or number."""
    return {Disclosure.VISIT_TIME: DisclosedFrom.ALWAYS, Disclosure.TRACKING_NUMBER: DisclosedFrom.ALWAYS}


class Calendar(models.Model):
    """Working time: spans per weekday, mainland holidays and make-up workdays, own exceptions."""

    name = models.CharField(_("name"), max_length=64, unique=True)
    timezone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai")
    week = models.JSONField(
        _("working week"), default=default_week, help_text=_('Spans per day, such as {"mon": [["09:00", "18:00"]]}.')
    )
    use_mainland_holidays = models.BooleanField(_("mainland holidays and make-up workdays"), default=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        from cases import calendars

        try:
            calendars.parse_week(self.week)
        except (ValueError, TypeError, AttributeError) as error:
            raise ValidationError({"week": str(error)}) from error


class CalendarException(models.Model):
    """A day that is worked otherwise than the calendar says: no spans is a holiday."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="exceptions")
    date = models.DateField(_("day"))
    spans = models.JSONField(_("working spans"), default=list, blank=True)
    note = models.CharField(_("note"), max_length=128, blank=True)

    class Meta:
        verbose_name = _("calendar exception")
        verbose_name_plural = _("calendar exceptions")
        constraints = [models.UniqueConstraint(fields=["calendar", "date"], name="a_day_has_one_exception")]

    def __str__(self) -> str:
        return str(self.date)


class ServiceFlow(models.Model):
    """A kind of service matter: 上门维修, 退换货. Cases are instances of flows."""

    key = models.SlugField(_("key"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=128)
    service_context = models.CharField(_("service context"), max_length=32, choices=ServiceContext.choices)
    keywords = models.JSONField(_("words that point to it"), default=list, blank=True)
    active = models.BooleanField(_("active"), default=True)
    calendar = models.ForeignKey(Calendar, verbose_name=_("calendar"), on_delete=models.PROTECT)
    completion_proof = models.CharField(
        _("proof of completion"), max_length=16, choices=Proof.choices, default=Proof.NONE
    )
    completion_by = models.CharField(
        _("who confirms completion"), max_length=16, choices=Confirmer.choices, default=Confirmer.ANYONE
    )
    notify_internal = models.BooleanField(_("tell the internal group when done"), default=True)
    notify_partner = models.BooleanField(_("tell the partner when done"), default=False)
    supervisor = models.ForeignKey(
        StaffMember, verbose_name=_("supervisor"), on_delete=models.PROTECT, related_name="supervised_flows"
    )
    fallback_owner = models.ForeignKey(
        StaffMember, verbose_name=_("fallback owner"), on_delete=models.PROTECT, related_name="fallback_flows"
    )
    roster = models.ForeignKey(
        DutyRoster,
        verbose_name=_("duty roster that stands in"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="flows",
    )
    quiet_from = models.TimeField(_("nobody outside is chased from"), default=time(21))
    quiet_until = models.TimeField(_("until"), default=time(9))
    intake = models.BooleanField(
        _("for matters that are not sorted yet"), default=False, editable=False,
        help_text=_("What we owe before anybody knows which matter it is."),
    )  # fmt: skip
    reopen_days = models.PositiveSmallIntegerField(_("reopen within days"), default=30)
    disclosure = models.JSONField(
        _("what a customer may be told"),
        default=default_disclosure,
        blank=True,
        help_text=_("What is not listed is never told."),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("service flow")
        verbose_name_plural = _("service flows")
        constraints = [
            models.UniqueConstraint(
                fields=["intake"], name="one_flow_takes_in_what_is_not_sorted", condition=models.Q(intake=True)
            )
        ]

    def __str__(self) -> str:
        return self.name


class MaterialRequirement(models.Model):
    """Something the customer side has to send for a flow, and how many."""

    flow = models.ForeignKey(ServiceFlow, on_delete=models.CASCADE, related_name="materials")
    key = models.SlugField(_("key"), max_length=64)
    name = models.CharField(_("name"), max_length=128)
    type = models.CharField(_("type"), max_length=16, default="image")
    count = models.PositiveSmallIntegerField(_("how many"), default=1)
    instructions = models.CharField(_("how to make it"), max_length=255, blank=True)

    class Meta:
        verbose_name = _("required material")
        verbose_name_plural = _("required materials")
        constraints = [models.UniqueConstraint(fields=["flow", "key"], name="a_flow_needs_a_material_once")]
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


def state_words(state: str) -> str:
    """The state of a waiting item in words."""
    from cases.models.waiting import WaitState

    return str(dict(WaitState.choices).get(state, state))


class DueRule(models.Model):
    """How long an item of this state may stay open in this flow."""

    flow = models.ForeignKey(ServiceFlow, on_delete=models.CASCADE, related_name="due_rules")
    state = models.CharField(_("state"), max_length=32)
    minutes = models.PositiveIntegerField(_("minutes"))
    working_time = models.BooleanField(_("of working time"), default=True)

    class Meta:
        verbose_name = _("due time")
        verbose_name_plural = _("due times")
        constraints = [models.UniqueConstraint(fields=["flow", "state"], name="a_state_has_one_due_rule_per_flow")]

    def __str__(self) -> str:
        words = {"state": state_words(self.state), "hours": f"{self.minutes / 60:g}"}
        return str(_("%(state)s: within %(hours)s hours") % words)


class TimeoutAction(models.TextChoices):
    """What happens beside the reminders when an item is overdue."""

    CHASE = "chase", _("Ask the one who owes it again")
    ASK_PARTNER = "ask_partner", _("Ask the partner")
    ESCALATE = "escalate", _("Tell the supervisor at once")
    PROPOSE_CANCEL = "propose_cancel", _("Propose to cancel, with notice")


class TimeoutRule(models.Model):
    """What happens on time-out for items of this state in this flow, how often, and how many times at most. Never a silent closing."""

    flow = models.ForeignKey(ServiceFlow, on_delete=models.CASCADE, related_name="timeout_rules")
    state = models.CharField(_("state"), max_length=32)
    action = models.CharField(_("what happens"), max_length=16, choices=TimeoutAction.choices)
    after_minutes = models.PositiveIntegerField(_("minutes of working time after it was due"), default=0)
    every_minutes = models.PositiveIntegerField(_("again after so many minutes of working time"), default=480)
    at_most = models.PositiveSmallIntegerField(_("times at most"), default=2)

    class Meta:
        verbose_name = _("time-out rule")
        verbose_name_plural = _("time-out rules")
        constraints = [
            models.UniqueConstraint(fields=["flow", "state", "action"], name="a_state_has_one_rule_per_action"),
            models.CheckConstraint(condition=models.Q(at_most__gte=1, every_minutes__gte=1), name="a_chase_has_an_end"),
        ]

    def __str__(self) -> str:
        return f"{state_words(self.state)}: {self.get_action_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep it, and look anew at the open items that it is about."""
        super().save(*args, **kwargs)
        from cases.models.case import ServiceCase

        ServiceCase.look_again(flow_id=self.flow_id, state=self.state)
