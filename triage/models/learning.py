"""What the team's verdicts teach: labels of decisions, the examples that are kept, and the models trained with them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from conversations.models import Conversation
from foundation.ids import PublicIdModel
from people.models import StaffMember
from triage.models.decision import Decision


class LearningPolicy(models.Model):
    """Whether verdicts are kept as examples. One row; without it nothing is kept."""

    keep_examples = models.BooleanField(
        _("keep examples"), default=False,
        help_text=_("Messages whose understanding a person confirms or corrects are kept for training, with names, numbers and addresses masked. Off: only the labels are noted, no words."),
    )  # fmt: skip
    note = models.CharField(
        _("on what ground"),
        max_length=255,
        blank=True,
        help_text=_("Who agreed to it and when, for whoever asks later."),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("learning from the team")
        verbose_name_plural = _("learning from the team")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="there_is_one_learning_policy")]

    def __str__(self) -> str:
        return str(_("Consent to keep examples"))

    @classmethod
    def allows_keeping(cls) -> bool:
        """Whether examples are kept now."""
        return cls.objects.filter(keep_examples=True).exists()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save it as the one row."""
        self.pk = 1
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse: change it instead.

        :raises ValidationError: always.
        """
        raise ValidationError(_("The policy is changed, not deleted."))


class DecisionLabel(PublicIdModel):
    """What a person says that a decision should have been: a confirmation or a correction. Codes only, no words. Append-only."""

    class Kind(models.TextChoices):
        CONFIRMED = "confirmed", _("Confirmed")
        CORRECTED = "corrected", _("Corrected")

    class Origin(models.TextChoices):
        FORM = "form", _("Said on the page")
        VERDICT = "verdict", _("By the verdict on a draft")

    decision = models.ForeignKey(Decision, verbose_name=_("decision"), on_delete=models.PROTECT, related_name="labels")
    kind = models.CharField(_("verdict"), max_length=16, choices=Kind.choices)
    origin = models.CharField(_("how"), max_length=16, choices=Origin.choices)
    labels = models.JSONField(_("labels"), default=dict)
    by = models.ForeignKey(StaffMember, verbose_name=_("by"), null=True, on_delete=models.PROTECT, related_name="+")
    actor = models.JSONField(default=dict)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("label of a decision")
        verbose_name_plural = _("labels of decisions")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d}"


class LabelledExampleQuerySet(models.QuerySet["LabelledExample"]):
    """Words to ask about examples."""

    def visible_to(self, staff: StaffMember | None) -> LabelledExampleQuerySet:
        """Examples out of conversations that this staff member may see."""
        return self.filter(decision__conversation__in=Conversation.objects.visible_to(staff))

    def kept(self) -> LabelledExampleQuerySet:
        """Examples that are there to be learned from."""
        return self.filter(removed_at__isnull=True)


class LabelledExample(PublicIdModel):
    """A message as training sees it, desensitised, with what a person says that it means (`row`, in the format of `evaluate_triage`).

    One a decision: a later label replaces an earlier one. Removed, its words are gone, and no later verdict brings them back.
    """

    decision = models.OneToOneField(
        Decision, verbose_name=_("decision"), on_delete=models.PROTECT, related_name="example"
    )
    kind = models.CharField(_("verdict"), max_length=16, choices=DecisionLabel.Kind.choices)
    row = models.JSONField(_("example"), default=dict)
    by = models.ForeignKey(StaffMember, verbose_name=_("by"), null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True)
    removed_by = models.CharField(_("removed by"), max_length=64, blank=True)

    objects = LabelledExampleQuerySet.as_manager()

    class Meta:
        verbose_name = _("labelled example")
        verbose_name_plural = _("labelled examples")
        permissions = [("label_decision", _("Can confirm or correct what was understood"))]

    def __str__(self) -> str:
        return str(self.row.get("text", ""))[:60] or str(_("(removed)"))


class ModelCandidate(PublicIdModel):
    """A model trained with the team's examples, and how it did beside the one before it. A person switches over, and back."""

    version = models.CharField(_("version"), max_length=32)
    file = models.FileField(_("file"), upload_to="models/")
    sha256 = models.CharField(max_length=64, editable=False)
    made_at = models.DateTimeField(_("made at"))
    compared_with = models.CharField(_("compared with"), max_length=48)
    rows = models.PositiveIntegerField(_("rows"))
    examples = models.PositiveIntegerField(_("examples of the team"))
    figures = models.JSONField(_("figures"), default=dict)
    is_active = models.BooleanField(_("in use"), default=False, editable=False)
    switched_at = models.DateTimeField(_("switched at"), null=True, blank=True, editable=False)
    switched_by = models.CharField(_("switched by"), max_length=64, blank=True, editable=False)
    reason = models.CharField(_("why"), max_length=255, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("trained model")
        verbose_name_plural = _("trained models")
        permissions = [("switch_model", _("Can switch the model that reads messages"))]
        constraints = [
            models.UniqueConstraint(
                fields=["is_active"], name="one_trained_model_is_in_use", condition=models.Q(is_active=True)
            )
        ]

    def __str__(self) -> str:
        return self.version
