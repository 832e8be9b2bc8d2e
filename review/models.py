"""What may leave: drafts, verdicts, and the policy that decides (levels, boundaries)."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import FSMField, FSMModelMixin, transition
from simple_history.models import HistoricalRecords

from cases.models import ServiceCase, ServiceFact, ServiceFlow
from conversations.models import Conversation, Message
from delivery.models import Outbound
from foundation.ids import PublicIdModel
from knowledge.models import KnowledgeVersion
from people.models import StaffMember
from review.presenters import boundary_words


class ReplyKind(models.TextChoices):
    """What kind of text it is (vocabulary: reply_kind), and notices to our own side and partners."""

    ISSUE_RECEIVED = "issue_received", _("Issue received")
    MATERIAL_RECEIVED = "material_received", _("Material received")
    MATERIAL_REQUEST = "material_request", _("Material request")
    COOPERATION_REQUEST = "cooperation_request", _("Cooperation request")
    PROGRESS_UPDATE = "progress_update", _("Progress")
    RESULT_UPDATE = "result_update", _("Result")
    APPOINTMENT_PROPOSED = "appointment_proposed", _("Appointment proposed")
    APPOINTMENT_CONFIRMED = "appointment_confirmed", _("Appointment confirmed")
    COMPLETION_CONFIRMED = "completion_confirmed", _("Completion confirmed")
    CANCELLATION_CONFIRMED = "cancellation_confirmed", _("Cancellation confirmed")
    REMINDER = "reminder", _("Reminder")
    FAQ_ANSWER = "faq_answer", _("Answer from knowledge")
    HOLDING_NOTICE = "holding_notice", _("Holding notice")
    OTHER = "other", _("Other")


class DraftState(models.TextChoices):
    """The life of a draft."""

    PENDING = "pending", _("Waiting for review")
    APPROVED = "approved", _("Approved")
    EDITED = "edited", _("Edited and approved")
    AUTO_RELEASED = "auto_released", _("Released by rule")
    RELEASED = "released", pgettext_lazy("state of a draft", "Released")
    REJECTED = "rejected", _("Rejected")
    TAKEN_OVER = "taken_over", _("Taken over")
    SUPERSEDED = "superseded", _("Superseded")
    EXPIRED = "expired", _("Expired")


class Right(models.TextChoices):
    """Who may release."""

    HANDLER = "handler", _("Handler")
    SUPERVISOR = "supervisor", _("Supervisor")


class DraftQuerySet(models.QuerySet["Draft"]):
    """Words to ask about drafts."""

    def visible_to(self, staff: StaffMember | None) -> DraftQuerySet:
        """Drafts into conversations, or of cases, that this staff member may see."""
        return self.filter(
            Q(conversation__in=Conversation.objects.visible_to(staff))
            | Q(case__in=ServiceCase.objects.visible_to(staff))
        )

    def pending(self) -> DraftQuerySet:
        """Drafts that wait for a person."""
        return self.filter(state=DraftState.PENDING)


class Draft(FSMModelMixin, PublicIdModel):
    """A text proposed for one conversation, with all that a reviewer needs.

    `effects` is what its release does beside sending: which waits open (`open`), what is told to whom. It is data for
    `triage`, which made it, and is carried out in the transaction of the release. `is_simple` says that nothing but the automation level
    holds it: several such may be released at once.
    """

    conversation = models.ForeignKey(
        Conversation, verbose_name=_("into"), null=True, blank=True, on_delete=models.PROTECT, related_name="drafts"
    )
    case = models.ForeignKey(
        ServiceCase, verbose_name=_("case"), null=True, blank=True, on_delete=models.PROTECT, related_name="drafts"
    )
    cause = models.ForeignKey(
        Message, verbose_name=_("message"), null=True, blank=True, on_delete=models.PROTECT, related_name="drafts"
    )
    decision_ref = models.UUIDField(null=True, editable=False)
    reply_kind = models.CharField(_("kind"), max_length=32, choices=ReplyKind.choices)
    proposed_text = models.TextField(_("proposed wording"), blank=True)
    text = models.TextField(_("wording"), blank=True)
    content_hash = models.CharField(max_length=64, blank=True, editable=False)
    thread_position = models.PositiveBigIntegerField(default=0, editable=False)
    sources = models.ManyToManyField(KnowledgeVersion, verbose_name=_("sources"), blank=True, related_name="cited_by")
    risk_topics = models.JSONField(_("risk topics"), default=list, blank=True)
    alerts = models.JSONField(_("alerts"), default=list, blank=True)
    reasons = models.JSONField(_("why it is held"), default=list, blank=True)
    risk_note = models.TextField(_("risk note"), blank=True)
    missing = models.JSONField(_("missing material"), default=list, blank=True)
    suggestion = models.TextField(_("suggested handling"), blank=True)
    waiting_for = models.CharField(_("waiting for"), max_length=255, blank=True)
    required_right = models.CharField(_("released by"), max_length=16, choices=Right.choices, default=Right.HANDLER)
    is_simple = models.BooleanField(default=False, editable=False)
    effects = models.JSONField(default=dict, blank=True, editable=False)
    state = FSMField(_("state"), default=DraftState.PENDING, choices=DraftState.choices, protected=True)
    created_at = models.DateTimeField(_("since"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    claimed_by = models.ForeignKey(
        StaffMember, verbose_name=_("being worked on by"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="claimed_drafts",
    )  # fmt: skip
    claimed_until = models.DateTimeField(null=True, blank=True)
    outbound = models.OneToOneField(
        Outbound, verbose_name=_("outbound"), null=True, blank=True, on_delete=models.PROTECT, related_name="draft"
    )
    first_yes = models.ForeignKey(
        "Verdict", verbose_name=_("confirmed first by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    replaces = models.ForeignKey(
        "self", verbose_name=_("replaces"), null=True, blank=True, on_delete=models.SET_NULL, related_name="replaced_by"
    )

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        permissions = [
            ("release_draft", _("Can release drafts")),
            ("release_risky_draft", _("Can release what only a supervisor may")),
            ("overrule_text_check", _("Can release words that a check holds, with a reason")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["cause", "conversation", "reply_kind"],
                name="one_open_draft_per_cause_target_and_kind",
                condition=Q(state="pending"),
            ),
        ]
        indexes = [
            # The review queue.
            models.Index(fields=["created_at"], name="draft_pending", condition=Q(state="pending")),
            # The desk: what became of drafts in the last days.
            models.Index(fields=["decided_at"], name="draft_decided", condition=Q(decided_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.text[:60] or self.get_reply_kind_display()

    @transition(field=state, source=DraftState.PENDING, target=DraftState.APPROVED)
    def approve(self) -> None:
        """A person lets it out as it is."""

    @transition(field=state, source=DraftState.PENDING, target=DraftState.EDITED)
    def edit(self, *, text: str) -> None:
        """A person lets it out in other words."""
        self.text = text

    @transition(field=state, source=DraftState.PENDING, target=DraftState.AUTO_RELEASED)
    def auto_release(self) -> None:
        """The rules let it out."""

    @transition(
        field=state,
        source=[DraftState.APPROVED, DraftState.EDITED, DraftState.AUTO_RELEASED],
        target=DraftState.RELEASED,
    )
    def release(self, *, at: datetime) -> None:
        """It was handed to delivery."""
        self.decided_at = at

    @transition(field=state, source=DraftState.PENDING, target=DraftState.REJECTED)
    def reject(self, *, at: datetime) -> None:
        """A person decides against it."""
        self.decided_at = at

    @transition(field=state, source=DraftState.PENDING, target=DraftState.TAKEN_OVER)
    def take_over(self, *, at: datetime) -> None:
        """A person answers instead."""
        self.decided_at = at

    @transition(field=state, source=DraftState.PENDING, target=DraftState.SUPERSEDED)
    def supersede(self, *, at: datetime) -> None:
        """Something newer made it pointless."""
        self.decided_at = at

    @transition(field=state, source=DraftState.PENDING, target=DraftState.EXPIRED)
    def expire(self, *, at: datetime) -> None:
        """Its time has passed."""
        self.decided_at = at


class Verdict(PublicIdModel):
    """What a person, or a rule, decided about a draft; refused verdicts are kept too. Append-only.

    `overruled` is what the checks found in the words that somebody with the right released all the same; `reason` says why.
    """

    class Do(models.TextChoices):
        APPROVE = "approve", _("Approve")
        EDIT = "edit", _("Edit")
        REJECT = "reject", _("Reject")
        TAKE_OVER = "take_over", _("Take over")
        RECORD = "record", _("Only record")
        AUTO = "auto", _("Release by rule")

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="verdicts")
    do = models.CharField(_("verdict"), max_length=16, choices=Do.choices)
    by = models.ForeignKey(StaffMember, verbose_name=_("by"), null=True, on_delete=models.PROTECT)
    actor = models.JSONField(default=dict)
    at = models.DateTimeField(_("at"))
    text = models.TextField(_("text"), blank=True)
    reason_code = models.CharField(_("reason"), max_length=32, blank=True)
    reason = models.CharField(_("words"), max_length=255, blank=True)
    accepted = models.BooleanField(_("carried out"), default=True)
    refusals = models.JSONField(_("why it was refused"), default=list, blank=True)
    overruled = models.JSONField(_("what was overruled"), default=list, blank=True)

    class Meta:
        verbose_name = _("verdict")
        verbose_name_plural = _("verdicts")


class SavedFilter(models.Model):
    """A view of the review queue that somebody keeps under a name of their own."""

    staff = models.ForeignKey(StaffMember, on_delete=models.CASCADE, related_name="saved_filters")
    name = models.CharField(_("name"), max_length=32)
    query = models.JSONField(_("filter"), default=dict)

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["staff", "name"], name="somebody_has_one_saved_filter_of_a_name")
        ]

    def __str__(self) -> str:
        return self.name


class Level(models.TextChoices):
    """How far the product may go by itself (vocabulary: automation_level)."""

    RECORD = "record", _("No draft")
    DRAFT = "draft", _("Draft on the case page")
    REVIEW = "review", pgettext_lazy("level", "Review queue")
    DIRECT = "direct", _("Released without review")


class AutomationLevel(models.Model):
    """The level of a kind of reply, for one flow or (without a flow) for all that have no row of their own."""

    flow = models.ForeignKey(ServiceFlow, verbose_name=_("flow"), null=True, blank=True, on_delete=models.CASCADE)
    conversation_kind = models.CharField(_("conversations"), max_length=24, blank=True)
    reply_kind = models.CharField(_("kind of reply"), max_length=32, choices=ReplyKind.choices)
    level = models.CharField(_("level"), max_length=8, choices=Level.choices, default=Level.REVIEW)
    changed_by = models.CharField(_("set by"), max_length=64, blank=True)
    note = models.CharField(_("why"), max_length=255, blank=True)
    changed_at = models.DateTimeField(_("set at"), null=True, blank=True)
    figures = models.JSONField(_("figures that it was set with"), default=dict, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("automation level")
        verbose_name_plural = _("automation levels")
        constraints = [
            models.UniqueConstraint(
                fields=["flow", "conversation_kind", "reply_kind"], name="one_level_per_flow_conversations_and_kind"
            ),
            models.UniqueConstraint(
                fields=["conversation_kind", "reply_kind"],
                name="one_default_level_per_conversations_and_kind",
                condition=Q(flow__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_reply_kind_display()}: {self.get_level_display()}"


class LevelFall(models.Model):
    """A delivered text was wrong, and what that did to the levels: once per measured fact. Append-only.

    `fell` is false where nothing of that flow and kind went by itself anyway.
    """

    fact = models.OneToOneField(ServiceFact, on_delete=models.PROTECT, related_name="level_fall")
    draft = models.ForeignKey(Draft, verbose_name=_("draft"), on_delete=models.PROTECT, related_name="level_falls")
    flow = models.ForeignKey(ServiceFlow, verbose_name=_("flow"), null=True, blank=True, on_delete=models.CASCADE)
    conversation_kind = models.CharField(_("conversations"), max_length=24, blank=True)
    reply_kind = models.CharField(_("kind of reply"), max_length=32, choices=ReplyKind.choices)
    fell = models.BooleanField(_("fell"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("fall of a level")
        verbose_name_plural = _("falls of levels")

    def __str__(self) -> str:
        return f"{self.get_reply_kind_display()} {self.at:%Y-%m-%d}"


class RiskBoundary(models.Model):
    """Who may release a text about this risk topic or alert, and whether a second person has to confirm it.

    An alert without a row needs a supervisor. The rows that hold when somebody releases decide, not those of when the draft was made.
    """

    topic = models.CharField(_("topic"), max_length=32, unique=True)
    right = models.CharField(_("released by"), max_length=16, choices=Right.choices, default=Right.HANDLER)
    groups = models.ManyToManyField(
        Group,
        verbose_name=_("only these roles"),
        blank=True,
        related_name="+",
        help_text=_("Empty: whoever has the right."),
    )
    four_eyes = models.BooleanField(
        _("a second person must confirm"),
        default=False,
        help_text=_("Two different people release it, both on record."),
    )
    advice = models.TextField(
        _("what to do"),
        blank=True,
        max_length=400,
        help_text=_(
            "How your house handles it, shown beside such drafts. Empty: the words that come with the product."
        ),
    )

    history = HistoricalRecords(m2m_fields=[groups])

    class Meta:
        verbose_name = _("risk boundary")
        verbose_name_plural = _("risk boundaries")

    def __str__(self) -> str:
        return f"{boundary_words(self.topic)}: {self.get_right_display()}"


class FindingQuerySet(models.QuerySet["Finding"]):
    """Words to ask about findings."""

    def visible_to(self, staff: StaffMember | None) -> FindingQuerySet:
        """Findings in conversations that this staff member may see."""
        return self.filter(message__conversation__in=Conversation.objects.visible_to(staff))


class Finding(models.Model):
    """Something in a text that was already sent by hand and should not have been: for quality, not a block."""

    message = models.ForeignKey(Message, verbose_name=_("message"), on_delete=models.PROTECT, related_name="findings")
    kind = models.CharField(_("finding"), max_length=32)
    words = models.CharField(_("words"), max_length=255)
    at = models.DateTimeField(_("at"))
    handled_at = models.DateTimeField(_("handled at"), null=True, blank=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("quality finding")
        verbose_name_plural = _("quality findings")

    def __str__(self) -> str:
        return self.message.text[:40] or self.words
