"""What tells whether knowledge is any good: use, gaps, proposals, duplicates and contradictions, reminders."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.encryption import EncryptedTextField
from foundation.ids import PublicIdModel
from knowledge.models.item import KnowledgeItem, KnowledgeKind, KnowledgeVersion
from people.models import StaffMember


class Outcome(models.TextChoices):
    """What became of a text that cites a version."""

    CITED = "cited", _("Cited")
    RELEASED = "released", _("Released as it was")
    EDITED = "edited", _("Released in other words")
    REJECTED = "rejected", _("Rejected")


class DailyUse(models.Model):
    """How often a version was used in one way on one day (calendar day of the product's zone)."""

    version = models.ForeignKey(KnowledgeVersion, on_delete=models.CASCADE, related_name="uses")
    date = models.DateField(_("day"))
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome.choices)
    count = models.PositiveIntegerField(_("times"), default=0)

    class Meta:
        verbose_name = _("use of knowledge")
        verbose_name_plural = _("uses of knowledge")
        constraints = [
            models.UniqueConstraint(fields=["version", "date", "outcome"], name="a_day_has_one_count_per_outcome")
        ]


class GapState(models.TextChoices):
    """What became of a question that nobody could answer."""

    OPEN = "open", _("Nobody can answer it yet")
    ANSWERED = "answered", _("Answered by an item")
    DISMISSED = "dismissed", _("Needs no item")


class Gap(PublicIdModel):
    """A question that knowledge could not answer, with how often it was asked. Its wording is masked before it is stored.

    `fingerprint` is what the question is about, in order: the same question in slightly other words counts up the same row.
    """

    question = models.CharField(_("question"), max_length=255)
    fingerprint = models.CharField(max_length=191, editable=False)
    examples = models.JSONField(_("as it was asked"), default=list, blank=True)
    count = models.PositiveIntegerField(_("times asked"), default=1)
    first_at = models.DateTimeField(_("first asked"))
    last_at = models.DateTimeField(_("last asked"))
    state = models.CharField(_("state"), max_length=16, choices=GapState.choices, default=GapState.OPEN)
    item = models.ForeignKey(
        KnowledgeItem, verbose_name=_("answered by"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="gaps",
    )  # fmt: skip
    handled_by = models.CharField(_("handled by"), max_length=64, blank=True)
    handled_at = models.DateTimeField(_("handled at"), null=True, blank=True)

    class Meta:
        verbose_name = _("knowledge gap")
        verbose_name_plural = _("knowledge gaps")
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint"], name="a_question_is_one_open_gap", condition=Q(state="open")
            )
        ]
        indexes = [
            # The list of gaps, asked most often first.
            models.Index(fields=["-count"], name="gap_open_by_count", condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return self.question


class ProposalSource(models.TextChoices):
    """Where a proposal comes from."""

    CASE = "case", _("A case")
    REJECTED_DRAFT = "rejected_draft", _("A rejected draft")
    EDITED_DRAFT = "edited_draft", _("A reviewer's better wording")
    QA_FINDING = "qa_finding", _("A quality finding")
    GAP = "gap", _("A question nobody could answer")
    API = "api", _("Another system")


class ProposalState(models.TextChoices):
    """What became of a proposal."""

    OPEN = "open", _("Waiting for an editor")
    ACCEPTED = "accepted", _("Became a draft")
    DISMISSED = "dismissed", _("Dismissed")


class ProposalQuerySet(models.QuerySet["Proposal"]):
    """Words to ask about proposals."""

    def visible_to(self, staff: StaffMember | None) -> ProposalQuerySet:
        """Proposals are shown to every colleague, masked."""
        return self.all() if staff is not None else self.none()


class Proposal(PublicIdModel):
    """Something that could become knowledge. It is never a source itself: only a draft that an editor made of it can be.

    The words may still hold personal data, so they are encrypted, and erased once an editor has decided.

    :ivar voice: of an example of tone, the name of the brand voice in which its case is written to.
    """

    source = models.CharField(_("where it comes from"), max_length=16, choices=ProposalSource.choices)
    source_ref = models.CharField(_("reference"), max_length=64, blank=True)
    kind = models.CharField(_("kind"), max_length=32, choices=KnowledgeKind.choices)
    item = models.ForeignKey(
        KnowledgeItem, verbose_name=_("item to be changed"), null=True, blank=True, on_delete=models.CASCADE,
        related_name="proposals",
    )  # fmt: skip
    title = EncryptedTextField(_("title"), blank=True)
    body = EncryptedTextField(_("text"), blank=True)
    names = EncryptedTextField(blank=True, editable=False)
    note = models.CharField(_("why"), max_length=255, blank=True)
    voice = models.CharField(_("brand voice"), max_length=64, blank=True)
    state = models.CharField(_("state"), max_length=16, choices=ProposalState.choices, default=ProposalState.OPEN)
    proposed_by = models.CharField(_("proposed by"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("proposed at"))
    decided_by = models.CharField(_("decided by"), max_length=64, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    version = models.ForeignKey(
        KnowledgeVersion, verbose_name=_("became"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_ref", "item"], name="a_source_proposes_once_per_item",
                condition=Q(state="open", source_ref__gt=""),
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["created_at"], name="proposal_open", condition=Q(state="open"))]

    def __str__(self) -> str:
        return f"{self.get_source_display()} · {self.get_kind_display()}"


class QualityFlag(models.Model):
    """Two items that seem to say the same, or to contradict each other. `detail` names the words that differ."""

    class Kind(models.TextChoices):
        DUPLICATE = "duplicate", _("Says the same")
        CONTRADICTION = "contradiction", _("Contradicts")

    kind = models.CharField(_("what"), max_length=16, choices=Kind.choices)
    first = models.ForeignKey(KnowledgeItem, verbose_name=_("item"), on_delete=models.CASCADE, related_name="flags")
    second = models.ForeignKey(
        KnowledgeItem, verbose_name=_("other item"), on_delete=models.CASCADE, related_name="flagged_by"
    )
    likeness = models.FloatField(_("likeness"))
    detail = models.CharField(_("where"), max_length=255, blank=True)
    at = models.DateTimeField(_("seen at"))
    dismissed_at = models.DateTimeField(_("dismissed at"), null=True, blank=True)
    dismissed_by = models.CharField(_("dismissed by"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("duplicate or contradiction")
        verbose_name_plural = _("duplicates and contradictions")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="two_items_are_flagged_once"),
            models.CheckConstraint(condition=Q(first__lt=models.F("second")), name="a_flag_names_the_older_item_first"),
        ]

    def __str__(self) -> str:
        return f"{self.first} ↔ {self.second}"


class ReviewReminder(models.Model):
    """The owner of an item is asked to look at it again. One row a date, so that it happens once."""

    item = models.ForeignKey(KnowledgeItem, on_delete=models.CASCADE, related_name="reminders")
    recipient = models.ForeignKey(
        StaffMember, verbose_name=_("reminded"), on_delete=models.CASCADE, related_name="knowledge_reminders"
    )
    review_by = models.DateField(_("review by"))
    at = models.DateTimeField(_("at"))
    seen_at = models.DateTimeField(_("seen at"), null=True, blank=True)

    class Meta:
        verbose_name = _("reminder to review")
        verbose_name_plural = _("reminders to review")
        constraints = [models.UniqueConstraint(fields=["item", "review_by"], name="a_review_date_is_reminded_once")]

    def __str__(self) -> str:
        return f"{self.item} {self.review_by}"
