"""Second steps of signing in, the rules about them, and what happened to them."""

from __future__ import annotations

import time
from typing import Any, ClassVar

from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, ThrottlingMixin, TimestampMixin
from django_otp.oath import TOTP
from simple_history.models import HistoricalRecords

from foundation.encryption import EncryptedTextField
from people.models import User


class Authenticator(TimestampMixin, ThrottlingMixin, Device):
    """An authenticator app on somebody's phone: six digits that change every 30 seconds (RFC 6238).

    The secret is encrypted at rest. A code counts once; wrong ones make the next try wait longer and longer.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    secret = EncryptedTextField()
    last_step = models.BigIntegerField(default=-1)

    objects: ClassVar[models.Manager[Authenticator]] = models.Manager()

    class Meta:
        verbose_name = _("authenticator app")
        verbose_name_plural = _("authenticator apps")
        constraints = [
            models.UniqueConstraint(
                fields=["user"], name="one_confirmed_authenticator_each", condition=models.Q(confirmed=True)
            ),
        ]

    def get_throttle_factor(self) -> int:
        """Seconds to wait after the first wrong code; doubled with each further one."""
        return 1

    def verify_token(self, token: Any) -> bool:
        """Whether these are the digits of now (half a minute early or late counts too). Writes the row."""
        allowed, _why = self.verify_is_allowed()
        if not allowed:
            return False
        totp = TOTP(bytes.fromhex(self.secret))
        totp.time = time.time()
        digits = str(token).strip().replace(" ", "")
        if digits.isascii() and digits.isdigit() and totp.verify(int(digits), 1, self.last_step + 1):
            self.last_step = totp.t()
            self.throttle_reset(commit=False)
            self.set_last_used_timestamp(commit=False)
            self.save()
            return True
        self.throttle_increment(commit=True)
        return False


class RecoveryCodes(TimestampMixin, ThrottlingMixin, Device):
    """The codes on paper for the day on which the phone is lost. Only digests are kept; each works once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    digests = models.JSONField(default=list)
    made_at = models.DateTimeField(_("made at"))

    objects: ClassVar[models.Manager[RecoveryCodes]] = models.Manager()

    class Meta:
        verbose_name = _("recovery codes")
        verbose_name_plural = _("recovery codes")
        constraints = [models.UniqueConstraint(fields=["user"], name="one_set_of_recovery_codes_each")]

    def get_throttle_factor(self) -> int:
        """Seconds to wait after the first wrong code; doubled with each further one."""
        return 1

    def verify_token(self, token: Any) -> bool:
        """Whether this is one of the codes that are left. It is used up. Writes the row."""
        from aijia.signin.operations import digest_of_code

        allowed, _why = self.verify_is_allowed()
        if not allowed:
            return False
        digest = digest_of_code(self.user_id, str(token))
        if digest in self.digests:
            self.digests = [one for one in self.digests if one != digest]
            self.throttle_reset(commit=False)
            self.set_last_used_timestamp(commit=False)
            self.save()
            return True
        self.throttle_increment(commit=True)
        return False


class TwoStepRule(models.Model):
    """Whether the people of a role must sign in with a second step. Without a row they may, and need not."""

    group = models.OneToOneField(Group, verbose_name=_("role"), on_delete=models.CASCADE, related_name="two_step_rule")
    required = models.BooleanField(_("second step required"), default=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("rule for signing in")
        verbose_name_plural = _("rules for signing in")

    def __str__(self) -> str:
        return str(self.group)


class SessionRule(models.Model):
    """How long a session lasts: one row, made when somebody changes what holds by default."""

    idle_minutes = models.PositiveIntegerField(
        _("ends after so many minutes without a click"), default=240,
        validators=[MinValueValidator(5), MaxValueValidator(24 * 60)],
    )  # fmt: skip
    longest_hours = models.PositiveIntegerField(
        _("ends so many hours after signing in"), default=14, validators=[MinValueValidator(1), MaxValueValidator(24 * 14)]
    )  # fmt: skip

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("length of a session")
        verbose_name_plural = _("length of a session")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class SignInEvent(models.Model):
    """Something that happened to somebody's second step: set up, taken off, reset by an administrator. Append-only."""

    class What(models.TextChoices):
        """What happened."""

        SET_UP = "set_up", _("Set up")
        TAKEN_OFF = "taken_off", _("Taken off")
        RESET = "reset", _("Reset by an administrator")
        CODES_MADE = "codes_made", _("Recovery codes made")
        CODE_USED = "code_used", _("Recovery code used")
        UNLOCKED = "unlocked", _("Unlocked by an administrator")

    user = models.ForeignKey(User, verbose_name=_("user"), on_delete=models.PROTECT, related_name="sign_in_events")
    what = models.CharField(_("what happened"), max_length=16, choices=What.choices)
    by = models.ForeignKey(User, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    reason = models.CharField(_("reason"), max_length=255, blank=True)

    class Meta:
        verbose_name = _("event of signing in")
        verbose_name_plural = _("events of signing in")
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.user}: {self.get_what_display()}"
