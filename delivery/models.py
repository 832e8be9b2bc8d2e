"""What is being sent: outbound texts, attempts to send them, and pauses."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import FSMField, FSMModelMixin, transition
from simple_history.models import HistoricalRecords

from cases.models import ServiceCase
from conversations.models import Conversation, Member, Message
from foundation.ids import PublicIdModel
from people.models import StaffMember


class OutboundState(models.TextChoices):
    """What became of a released text. `prepared` waits for a member's tap; `unknown` is settled by a person."""

    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    PREPARED = "prepared", _("Prepared, waiting for a tap")
    CONFIRMED = "confirmed", _("Seen in the conversation")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("Expired")
    FAILED = "failed", _("Failed")
    UNKNOWN = "unknown", _("Unknown, to be settled")
    CANCELLED = "cancelled", _("Cancelled")


class OutboundKind(models.TextChoices):
    """For whom a text is."""

    REPLY = "reply", _("Reply to a customer")
    NOTICE = "notice", _("Notice to colleagues or a partner")
    ALERT = "alert", _("Alert or reminder to a colleague")


class OutboundQuerySet(models.QuerySet["Outbound"]):
    """Words to ask about outbound texts."""

    def visible_to(self, staff: StaffMember | None) -> OutboundQuerySet:
        """Texts into conversations that this staff member may see, and what was written to them."""
        return self.filter(
            Q(conversation__in=Conversation.objects.visible_to(staff)) | Q(recipient=staff, recipient__isnull=False)
        )

    def of_flow(self, flow_id: int) -> OutboundQuerySet:
        """Texts about cases of a flow, as the cases are sorted now."""
        return self.filter(case_ref__in=ServiceCase.objects.filter(flow=flow_id).values("public_id"))

    def due(self, *, at: datetime) -> OutboundQuerySet:
        """Texts that a worker should take now: queued ones whose time has come."""
        return self.filter(Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lte=at), state=OutboundState.QUEUED)

    def abandoned(self, *, at: datetime) -> OutboundQuerySet:
        """Texts whose worker died while it sent them: nobody knows whether they left."""
        return self.filter(state=OutboundState.SENDING, lease_until__lt=at)

    def to_tap(self) -> OutboundQuerySet:
        """Prepared texts that wait for a member's tap."""
        return self.filter(state=OutboundState.PREPARED)

    def nobody_to_tap(self, *, at: datetime) -> OutboundQuerySet:
        """Prepared texts into conversations of which no member of ours can be asked at this instant."""
        here = Member.objects.filter(
            conversation=models.OuterRef("conversation"), left_at__isnull=True,
            person__staff__in=StaffMember.objects.available(at=at).values("pk"),
        )  # fmt: skip
        return self.to_tap().filter(~models.Exists(here), conversation__isnull=False)


class Outbound(FSMModelMixin, PublicIdModel):
    """A released text on its way into one conversation, or to one colleague.

    `release_hash` is the hash of exactly the text that was released; it is checked again before sending. `thread_position` is the last
    message of the conversation that the releaser had seen.
    """

    conversation = models.ForeignKey(
        Conversation, verbose_name=_("into"), null=True, blank=True, on_delete=models.PROTECT, related_name="outbound"
    )
    recipient = models.ForeignKey(
        StaffMember, verbose_name=pgettext_lazy("outbound", "to"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="alerts",
    )  # fmt: skip
    kind = models.CharField(_("kind"), max_length=16, choices=OutboundKind.choices)
    purpose = models.CharField(_("purpose"), max_length=32)
    case_ref = models.UUIDField(_("case"), null=True, blank=True)
    text = models.TextField(_("text"))
    release_hash = models.CharField(max_length=64, editable=False)
    thread_position = models.PositiveBigIntegerField(default=0, editable=False)
    idempotency_key = models.CharField(max_length=64, unique=True, editable=False)
    state = FSMField(_("state"), default=OutboundState.QUEUED, choices=OutboundState.choices, protected=True)
    released_at = models.DateTimeField(_("released at"))
    released_by = models.JSONField(_("released by"), default=dict)
    lease_token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    next_attempt_at = models.DateTimeField(null=True, editable=False)
    attempt_count = models.PositiveSmallIntegerField(_("attempts"), default=0)
    prepared_at = models.DateTimeField(_("prepared at"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    echo = models.ForeignKey(
        Message,
        verbose_name=_("message that confirms it"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="confirms",
    )
    external_id = models.CharField(_("external id"), max_length=128, blank=True)
    error_code = models.CharField(_("error code"), max_length=64, blank=True)
    error_text = models.CharField(_("error"), max_length=255, blank=True)
    nagged = models.PositiveSmallIntegerField(default=0, editable=False)
    settled_by = models.CharField(_("settled by"), max_length=64, blank=True)

    objects = OutboundQuerySet.as_manager()

    class Meta:
        verbose_name = _("outbound text")
        verbose_name_plural = _("outbound texts")
        constraints = [
            models.CheckConstraint(
                condition=Q(conversation__isnull=False) | Q(recipient__isnull=False),
                name="an_outbound_goes_somewhere",
            ),
        ]
        indexes = [
            # The delivery worker: what is queued.
            models.Index(fields=["next_attempt_at"], name="outbound_queued", condition=Q(state="queued")),
            # The lease sweep: what a dead worker left behind.
            models.Index(fields=["lease_until"], name="outbound_sending", condition=Q(state="sending")),
            # The "to send" page, and the echo that looks for what it confirms.
            models.Index(fields=["conversation"], name="outbound_prepared", condition=Q(state="prepared")),
        ]

    def __str__(self) -> str:
        return self.text[:60]

    @transition(field=state, source=OutboundState.QUEUED, target=OutboundState.SENDING)
    def start(self) -> None:
        """A worker takes it."""

    @transition(field=state, source=[OutboundState.SENDING, OutboundState.UNKNOWN], target=OutboundState.SENT)
    def mark_sent(self, *, at: datetime) -> None:
        """The channel accepted it."""
        self.delivered_at = at

    @transition(field=state, source=OutboundState.SENDING, target=OutboundState.PREPARED)
    def mark_prepared(self, *, at: datetime) -> None:
        """It waits for a member's tap."""
        self.prepared_at = at

    @transition(
        field=state,
        source=[OutboundState.PREPARED, OutboundState.SENT, OutboundState.UNKNOWN, OutboundState.QUEUED,
                OutboundState.SENDING],
        target=OutboundState.CONFIRMED,
    )  # fmt: skip
    def confirm(self, *, at: datetime) -> None:
        """It was seen in the conversation."""
        self.delivered_at = at

    @transition(
        field=state,
        source=[OutboundState.SENDING, OutboundState.SENT, OutboundState.UNKNOWN],
        target=OutboundState.FAILED,
    )
    def mark_failed(self) -> None:
        """It did not go out, and trying again cannot help."""

    @transition(field=state, source=OutboundState.SENDING, target=OutboundState.QUEUED)
    def retry(self) -> None:
        """It did not go out; another attempt follows."""

    @transition(field=state, source=OutboundState.SENDING, target=OutboundState.UNKNOWN)
    def mark_unknown(self) -> None:
        """Nobody knows whether it went out."""

    @transition(field=state, source=[OutboundState.QUEUED, OutboundState.SENDING], target=OutboundState.CANCELLED)
    def cancel(self) -> None:
        """It must not go out any more."""

    @transition(field=state, source=OutboundState.PREPARED, target=OutboundState.WITHDRAWN)
    def withdraw(self) -> None:
        """It must not be tapped any more."""

    @transition(field=state, source=OutboundState.PREPARED, target=OutboundState.EXPIRED)
    def expire(self) -> None:
        """Nobody tapped it in time."""


class Attempt(models.Model):
    """One attempt to send an outbound text. Append-only."""

    outbound = models.ForeignKey(Outbound, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField(_("attempt"))
    started_at = models.DateTimeField(_("started at"))
    outcome = models.CharField(_("outcome"), max_length=16, blank=True)
    error_code = models.CharField(_("error code"), max_length=64, blank=True)
    error_text = models.CharField(_("error"), max_length=255, blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        constraints = [models.UniqueConstraint(fields=["outbound", "number"], name="attempts_are_numbered")]


class PauseScope(models.TextChoices):
    """What a pause stops."""

    EVERYTHING = "everything", _("Everything")
    ACCOUNT = "account", _("WeCom account")
    FLOW = "flow", _("Service flow")
    CONVERSATION = "conversation", _("Conversation")


class Pause(models.Model):
    """Nothing leaves in this scope until it is lifted."""

    scope = models.CharField(_("scope"), max_length=16, choices=PauseScope.choices)
    key = models.CharField(_("which"), max_length=64, blank=True)
    reason = models.CharField(_("reason"), max_length=255)
    started_at = models.DateTimeField(_("since"))
    started_by = models.CharField(_("by"), max_length=64)
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    lifted_by = models.CharField(_("lifted by"), max_length=64, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")

    def __str__(self) -> str:
        return f"{self.get_scope_display()} · {self.reason[:40]}"
