"""What triage decided about each turn."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models import ServiceCase, WaitingItem
from conversations.models import Conversation, Message
from foundation.ids import PublicIdModel
from people.models import StaffMember
from triage.presenters import intent_words


class Mode(models.TextChoices):
    """What is done with a message (vocabulary: mode)."""

    SEND = "send", _("Sent by rule")
    REVIEW = "review", _("Held for review")
    RECORD = "record", _("Recorded")


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Words to ask about decisions."""

    def visible_to(self, staff: StaffMember | None) -> DecisionQuerySet:
        """Decisions in conversations that this staff member may see."""
        return self.filter(conversation__in=Conversation.objects.visible_to(staff))


class Decision(PublicIdModel):
    """How one turn was understood and what follows, with named reasons. Append-only."""

    conversation = models.ForeignKey(
        Conversation, verbose_name=_("conversation"), on_delete=models.PROTECT, related_name="decisions"
    )
    message = models.OneToOneField(
        Message, verbose_name=_("message"), on_delete=models.PROTECT, related_name="decision"
    )
    case = models.ForeignKey(
        ServiceCase,
        verbose_name=_("case"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="decisions",
    )
    wait = models.ForeignKey(
        WaitingItem,
        verbose_name=_("waiting item"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="decisions",
    )
    mode = models.CharField(_("outcome"), max_length=8, choices=Mode.choices)
    intent = models.CharField(_("intent"), max_length=32)
    business_class = models.CharField(_("business class"), max_length=16)
    service_context = models.CharField(_("service context"), max_length=32)
    risk_topics = models.JSONField(_("risk topics"), default=list)
    alerts = models.JSONField(_("alerts"), default=list)
    reasons = models.JSONField(_("reasons"), default=list)
    confidence = models.JSONField(_("certainty"), default=dict)
    engine = models.CharField(_("engine"), max_length=32)
    engine_version = models.CharField(_("engine version"), max_length=160)
    engine_notes = models.JSONField(_("what became of asking outside"), default=list, blank=True)
    fallback = models.CharField(_("why the local engine stood in"), max_length=24, blank=True)
    at = models.DateTimeField(_("at"))

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        indexes = [
            # How well progress questions were answered.
            models.Index(fields=["at"], name="decision_progress", condition=models.Q(intent="asks_progress"))
        ]

    def __str__(self) -> str:
        return f"{self.get_mode_display()}: {intent_words(self.intent)}"


class Statement(models.Model):
    """One statement of a turn, where it held several. Append-only."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="statements")
    number = models.PositiveSmallIntegerField(_("number"))
    text = models.TextField(_("text"))
    intent = models.CharField(_("intent"), max_length=32)
    case = models.ForeignKey(ServiceCase, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    wait = models.ForeignKey(WaitingItem, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    risk_topics = models.JSONField(_("risk topics"), default=list)

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        constraints = [models.UniqueConstraint(fields=["decision", "number"], name="statements_are_numbered")]
