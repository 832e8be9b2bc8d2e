"""Cases and who takes part in them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition
from simple_history.models import HistoricalRecords

from cases.models.flow import ServiceFlow
from conversations.models import Conversation, Message
from foundation.encryption import EncryptedTextField
from foundation.ids import PublicIdModel
from people.models import Customer, DutyRoster, Partner, Person, StaffMember, Team, Visibility


class CaseState(models.TextChoices):
    """Where a case stands as a whole. The stage that people see is derived from its open waits."""

    OPEN = "open", _("Open")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")


class Role(models.TextChoices):
    """The part somebody plays in a case (vocabulary: role)."""

    CUSTOMER_CONTACT = "customer_contact", _("Customer contact")
    ACTUAL_EXECUTOR = "actual_executor", _("Actual executor")
    INTERNAL_HANDLER = "internal_handler", _("Internal handler")
    FULFILLMENT_PARTNER = "fulfillment_partner", _("Fulfilment partner")
    UNKNOWN = "unknown", _("Unknown")


class CaseQuerySet(models.QuerySet["ServiceCase"]):
    """Words to ask about cases."""

    def visible_to(self, staff: StaffMember | None) -> CaseQuerySet:
        """Cases that this staff member may see: all, their team's and own, or their own.

        Those with an item of a duty too, for whoever holds the duty now, held it within the last week or will within the next.
        """
        if staff is None:
            return self.none()
        if staff.visibility == Visibility.ALL:
            return self.all()
        mine = models.Q(owner=staff) | models.Q(waits__owner=staff)
        mine |= models.Q(waits__roster__in=DutyRoster.objects.around(staff, at=timezone.now()))
        if staff.visibility == Visibility.TEAM and staff.team_id:
            mine |= models.Q(team=staff.team_id)
        return self.filter(mine).distinct()

    def open(self) -> CaseQuerySet:
        """Cases that are still going on."""
        return self.filter(state=CaseState.OPEN)

    def with_appointment(self, *, since: datetime, until: datetime) -> CaseQuerySet:
        """Open cases for which somebody comes between two instants (the second is out)."""
        return self.open().filter(appointment_at__gte=since, appointment_at__lt=until)

    def with_appointment_today(self, *, at: datetime) -> CaseQuerySet:
        """Open cases for which somebody comes on the day of an instant: also those whose hour is over."""
        morning = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
        return self.with_appointment(since=morning, until=morning + timedelta(days=1))

    def with_items(self, items: models.QuerySet[Any]) -> CaseQuerySet:
        """Cases in which one of these waiting items is: the lists of the admin and of the API narrow by the words of items."""
        return self.filter(models.Exists(items.filter(case=models.OuterRef("pk"))))

    def without_items(self, items: models.QuerySet[Any]) -> CaseQuerySet:
        """Cases in which none of these waiting items is."""
        return self.filter(~models.Exists(items.filter(case=models.OuterRef("pk"))))


class ServiceCase(FSMModelMixin, PublicIdModel):
    """One service matter of one customer, from its opening to its conclusion, through any number of conversations.

    `appointment_at` is when somebody comes (until `appointment_until`, where a window was agreed), as it was last agreed; the words of it are
    a `StatusFact` about `appointment`. `visitor` is who comes, by the name that we and the partner use.
    """

    number = models.CharField(_("number"), max_length=20, unique=True)
    flow = models.ForeignKey(ServiceFlow, verbose_name=_("flow"), on_delete=models.PROTECT, related_name="cases")
    customer = models.ForeignKey(Customer, verbose_name=_("customer"), on_delete=models.PROTECT, related_name="cases")
    conversation = models.ForeignKey(
        Conversation, verbose_name=_("home conversation"), on_delete=models.PROTECT, related_name="home_cases"
    )
    partner = models.ForeignKey(
        Partner, verbose_name=_("partner"), null=True, blank=True, on_delete=models.PROTECT, related_name="cases"
    )
    owner = models.ForeignKey(StaffMember, verbose_name=_("owner"), on_delete=models.PROTECT, related_name="cases")
    team = models.ForeignKey(Team, verbose_name=_("team"), null=True, blank=True, on_delete=models.SET_NULL)
    title = models.CharField(_("title"), max_length=191, blank=True)
    labels = models.JSONField(_("order numbers and other names of it"), default=list, blank=True)
    state = FSMField(_("state"), default=CaseState.OPEN, choices=CaseState.choices, protected=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    opened_at = models.DateTimeField(_("opened at"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    close_reason = models.CharField(_("reason"), max_length=32, blank=True)
    close_note = models.CharField(_("words"), max_length=255, blank=True)
    closed_by = models.ForeignKey(
        Message, verbose_name=_("closed by what was said"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="closed_cases", editable=False,
    )  # fmt: skip
    reopened_at = models.DateTimeField(_("reopened at"), null=True, blank=True, editable=False)
    appointment_at = models.DateTimeField(_("appointment"), null=True, blank=True, editable=False)
    appointment_until = models.DateTimeField(_("appointment until"), null=True, blank=True, editable=False)
    visitor = models.CharField(_("who comes"), max_length=64, blank=True, editable=False)
    visitor_phone = EncryptedTextField(_("phone of who comes"), blank=True, default="", editable=False)
    reopened_count = models.PositiveSmallIntegerField(_("times reopened"), default=0)
    automation_stopped_at = models.DateTimeField(_("taken over at"), null=True, blank=True)
    previous = models.ForeignKey(
        "self", verbose_name=_("follows"), null=True, blank=True, on_delete=models.SET_NULL, related_name="followers"
    )

    objects = CaseQuerySet.as_manager()
    history = HistoricalRecords(
        bases=[FSMModelMixin, models.Model],
        excluded_fields=["version", "automation_stopped_at", "closed_by", "visitor_phone"],
    )

    class Meta:
        verbose_name = _("service case")
        verbose_name_plural = _("service cases")
        permissions = [("work_on_case", _("Can move cases and what is waited for"))]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="open", closed_at__isnull=True)
                | (~models.Q(state="open") & models.Q(closed_at__isnull=False) & ~models.Q(close_reason="")),
                name="a_case_is_closed_exactly_when_it_has_a_time_and_a_reason",
            ),
        ]
        indexes = [
            # The list of cases, newest first, open ones of an owner.
            models.Index(fields=["owner", "-opened_at"], name="case_open_by_owner", condition=models.Q(state="open")),
            # The desk: what is agreed for today.
            models.Index(
                fields=["appointment_at"],
                name="case_by_appointment",
                condition=models.Q(state="open", appointment_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title or self.flow.name}"

    @classmethod
    def look_again(cls, *, flow_id: int, state: str) -> int:
        """Look anew at what happens on time-out for the open items of a flow in a state; its rules have changed."""
        from cases.models.waiting import WaitingItem

        items = WaitingItem.objects.open().filter(case__flow=flow_id, state=state, paused_at__isnull=True)
        return items.update(act_at=models.F("due_at"))

    @transition(field=state, source=CaseState.OPEN, target=CaseState.COMPLETED)
    def complete(self, *, at: datetime, reason: str, note: str = "") -> None:
        """Close as done."""
        self.closed_at, self.close_reason, self.close_note = at, reason, note[:255]

    @transition(field=state, source=CaseState.OPEN, target=CaseState.CANCELLED)
    def cancel(self, *, at: datetime, reason: str, note: str = "") -> None:
        """Call off."""
        self.closed_at, self.close_reason, self.close_note = at, reason, note[:255]

    @transition(field=state, source=[CaseState.COMPLETED, CaseState.CANCELLED], target=CaseState.OPEN)
    def reopen(self, *, at: datetime) -> None:
        """Take up again."""
        self.closed_at, self.close_reason, self.close_note, self.closed_by = None, "", "", None
        self.reopened_at = at
        self.reopened_count += 1


class CaseConversation(models.Model):
    """A conversation through which a case runs."""

    case = models.ForeignKey(ServiceCase, on_delete=models.CASCADE, related_name="links")
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="case_links")
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("conversation of the case")
        verbose_name_plural = _("conversations of the case")
        constraints = [
            models.UniqueConstraint(fields=["case", "conversation"], name="a_case_is_linked_to_a_conversation_once")
        ]


class Participant(models.Model):
    """The role that a person holds in a case."""

    case = models.ForeignKey(ServiceCase, on_delete=models.CASCADE, related_name="participants")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="participations")
    role = models.CharField(_("role"), max_length=24, choices=Role.choices)
    coordinates_only = models.BooleanField(_("only coordinates"), default=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        constraints = [
            models.UniqueConstraint(fields=["case", "person", "role"], name="a_person_holds_a_role_once_in_a_case")
        ]

    def __str__(self) -> str:
        return f"{self.person} ({self.get_role_display()})"


class StatusFact(models.Model):
    """Something known about where a case stands, in words that a customer may read, with its source message.

    `words` is empty where what was said may not be told; then `blocked` says so and a progress question goes to a person.
    Append-only. The fact that holds is the one with the newest `fact_at`, not the one that arrived last.
    """

    case = models.ForeignKey(ServiceCase, on_delete=models.CASCADE, related_name="facts")
    message = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="status_facts")
    subject = models.CharField(_("subject"), max_length=32)
    words = models.TextField(_("may be told"), blank=True)
    blocked = models.BooleanField(_("not to be told by itself"), default=False)
    fact_at = models.DateTimeField(_("holds since"))
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("status fact")
        verbose_name_plural = _("status facts")
        indexes = [models.Index(fields=["case", "-fact_at"], name="fact_newest_of_case")]

    def __str__(self) -> str:
        return self.words[:60]


class NoteQuerySet(models.QuerySet["CaseNote"]):
    """Words to ask about notes."""

    def visible_to(self, staff: StaffMember | None) -> NoteQuerySet:
        """Notes on cases that this staff member may see, and those that mention them."""
        if staff is None:
            return self.none()
        return self.filter(
            models.Q(case__in=ServiceCase.objects.visible_to(staff)) | models.Q(mentions__staff=staff)
        ).distinct()

    def unseen_by(self, staff: StaffMember | None) -> NoteQuerySet:
        """Notes that mention this staff member and that they have not acknowledged."""
        return self.filter(mentions__staff=staff, mentions__seen_at__isnull=True)


class CaseNote(models.Model):
    """A note that staff wrote on a case; never seen by customers or partners. An `@name` in it mentions a colleague."""

    case = models.ForeignKey(ServiceCase, on_delete=models.CASCADE, related_name="notes", verbose_name=_("case"))
    author = models.ForeignKey(StaffMember, null=True, on_delete=models.SET_NULL, verbose_name=_("author"))
    text = models.TextField(_("note"))
    at = models.DateTimeField(_("at"))

    objects = NoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")

    def __str__(self) -> str:
        return self.text[:60]


class NoteMention(models.Model):
    """A colleague whom a note mentions; it stands on their desk until they have seen it."""

    note = models.ForeignKey(CaseNote, on_delete=models.CASCADE, related_name="mentions")
    staff = models.ForeignKey(StaffMember, on_delete=models.CASCADE, related_name="mentions")
    seen_at = models.DateTimeField(_("seen at"), null=True, blank=True)

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        constraints = [models.UniqueConstraint(fields=["note", "staff"], name="a_note_mentions_somebody_once")]
        indexes = [
            # The desk: what somebody was mentioned in and has not seen.
            models.Index(fields=["staff"], name="mention_unseen", condition=models.Q(seen_at__isnull=True)),
        ]


def case_label(case: ServiceCase) -> str:
    """How staff call a case in a line: its own number, the customer and the flow."""
    return f"{case.number} · {case.customer.name} · {case.flow.name}"


def case_context(case: ServiceCase) -> dict[str, Any]:
    """References that an evidence entry about a case carries."""
    return {"case": str(case.public_id), "case_number": case.number}
