"""The language model outside: what it may be asked (policy), what it was asked (days, calls) and what it answered (cache)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from foundation.encryption import EncryptedTextField


class Wording(models.TextChoices):
    """Whose words drafts to customers carry."""

    OFF = "off", _("Templates only")
    REVIEWED = "reviewed", _("The language model, where a person reviews")
    ALL = "all", _("The language model, also in texts that go by themselves")


class LlmPolicy(models.Model):
    """What the language model may be asked and what it may cost. One row; without it the defaults hold."""

    enabled = models.BooleanField(
        _("ask the language model"), default=True, help_text=_("Off: the local engine answers everything, at once.")
    )
    calls_per_day = models.PositiveIntegerField(
        _("calls a day"), default=2000, help_text=_("When they are used up, the local engine answers until midnight.")
    )
    tokens_per_day = models.PositiveBigIntegerField(_("tokens in a day"), default=2_000_000)
    timeout_seconds = models.PositiveSmallIntegerField(
        _("longest wait in seconds"), default=20, validators=[MinValueValidator(3), MaxValueValidator(30)],
        help_text=_("For one question, further tries included."),
    )  # fmt: skip
    cache_hours = models.PositiveSmallIntegerField(
        _("keep answers for hours"), default=24, validators=[MaxValueValidator(720)],
        help_text=_("The same question is not asked twice in this time; 0 keeps nothing."),
    )  # fmt: skip
    mask_personal_data = models.BooleanField(
        _("mask personal data"), default=True,
        help_text=_("Names, phones, addresses, order numbers and the like are replaced before anything leaves this machine. Switch it off only for a model that runs in your own house."),
    )  # fmt: skip
    wording = models.CharField(_("wording of drafts"), max_length=16, choices=Wording.choices, default=Wording.REVIEWED)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("language model")
        verbose_name_plural = _("language model")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="there_is_one_language_model_policy")]

    def __str__(self) -> str:
        return str(_("Policy of the language model"))

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save it as the one row."""
        self.pk = 1
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse: change it instead.

        :raises ValidationError: always.
        """
        raise ValidationError(_("The policy is changed, not deleted."))


class LlmDay(models.Model):
    """What one day has used. Counted by conditional updates, so that several workers together keep to the budget.

    `reserved` holds tokens of questions that are under way; a worker that dies leaves its own there, and the day has that much less.
    """

    day = models.DateField(_("day"), unique=True)
    calls = models.PositiveIntegerField(_("calls"), default=0)
    tokens = models.PositiveBigIntegerField(_("tokens used"), default=0)
    reserved = models.PositiveBigIntegerField(_("tokens set aside"), default=0)
    hits = models.PositiveIntegerField(_("answered from the cache"), default=0)

    class Meta:
        verbose_name = _("day of the language model")
        verbose_name_plural = _("days of the language model")

    def __str__(self) -> str:
        return str(self.day)


class LlmCall(models.Model):
    """One question to the language model and how it ended: no words of it, only what it cost and what went wrong. Kept for thirty days."""

    at = models.DateTimeField(_("at"), db_index=True)
    step = models.CharField(_("step"), max_length=16)
    outcome = models.CharField(_("outcome"), max_length=16)
    code = models.CharField(_("why not"), max_length=24, blank=True)
    detail = models.CharField(_("in detail"), max_length=255, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=1)
    milliseconds = models.PositiveIntegerField(_("milliseconds"), default=0)
    tokens = models.PositiveIntegerField(_("tokens used"), default=0)
    prompt = models.CharField(_("prompt"), max_length=48)
    model = models.CharField(_("model"), max_length=128)

    class Meta:
        verbose_name = _("question to the language model")
        verbose_name_plural = _("questions to the language model")

    def __str__(self) -> str:
        return f"{self.step} {self.outcome} {self.code}".strip()


class LlmAnswer(models.Model):
    """An answer that is used again for the same question (digest of prompt, model and masked question) until it expires. Encrypted."""

    key = models.CharField(max_length=64, unique=True)
    answer = EncryptedTextField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("answer of the language model")
        verbose_name_plural = _("answers of the language model")

    def __str__(self) -> str:
        return self.key[:12]
