"""Who may call, and what repeated calls were answered."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from foundation.encryption import EncryptedTextField
from foundation.ids import PublicIdModel
from people.models import StaffMember


class Scope(models.TextChoices):
    """What a token may be used for. It never widens what its owner may see or do."""

    CASES_READ = "cases:read", _("Read cases, waiting items and notes")
    CASES_WRITE = "cases:write", _("Move cases and waiting items, write notes")
    CONVERSATIONS_READ = "conversations:read", _("Read conversations, messages and attachments")
    DRAFTS_READ = "drafts:read", _("Read drafts")
    DRAFTS_PROPOSE = "drafts:propose", _("Propose texts for review")
    DRAFTS_DECIDE = "drafts:decide", _("Decide drafts")
    OUTBOUND_READ = "outbound:read", _("Read outbound texts")
    OUTBOUND_WRITE = "outbound:write", _("Settle outbound texts")
    PEOPLE_READ = "people:read", _("Read customers, people and colleagues")
    CONTACTS_READ = "contacts:read", _("See phone numbers, addresses and channel ids in full")
    KNOWLEDGE_READ = "knowledge:read", _("Read and search published knowledge")
    KNOWLEDGE_PROPOSE = "knowledge:propose", _("Propose knowledge to the editors")
    LEARNING_READ = "learning:read", _("Read labels, examples and trained models")
    LEARNING_WRITE = "learning:write", _("Confirm or correct what was understood")
    EVIDENCE_READ = "evidence:read", _("Read and verify evidence")


class ApiToken(PublicIdModel):
    """One key with which another system calls the API in the name of a colleague.

    The secret is shown once and kept as a digest only; `prefix` is its beginning, by which people tell tokens apart. What the token may see is
    what its owner may see; when the owner leaves or may not sign in any more, the token is dead. `last_used_at` is exact to ten minutes.
    """

    name = models.CharField(_("name"), max_length=64, help_text=_("Which system uses it, and for what."))
    owner = models.ForeignKey(
        StaffMember, verbose_name=_("acts for"), on_delete=models.PROTECT, related_name="api_tokens"
    )
    scopes = models.JSONField(_("may be used to"), default=list)
    prefix = models.CharField(_("begins with"), max_length=16, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created at"), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("created by"), null=True, on_delete=models.SET_NULL,
        related_name="+", editable=False,
    )  # fmt: skip
    expires_at = models.DateTimeField(_("expires at"))
    last_used_at = models.DateTimeField(_("last used at"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, editable=False)
    revoked_by = models.CharField(_("revoked by"), max_length=64, blank=True, editable=False)

    history = HistoricalRecords(excluded_fields=["digest", "last_used_at"])

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def is_usable(self, *, at: datetime) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and self.expires_at > at


class Answer(models.Model):
    """What a POST with an `Idempotency-Key` was answered; the row is what makes the call happen once. Kept for a day.

    It is written in the transaction of the operation itself: either both are there or neither.
    """

    caller = models.CharField(max_length=64)
    key = models.CharField(max_length=128)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = EncryptedTextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("answer to a repeatable call")
        verbose_name_plural = _("answers to repeatable calls")
        constraints = [
            models.UniqueConstraint(fields=["caller", "key"], name="a_key_is_carried_out_once_per_caller"),
        ]
        indexes = [
            # Forgetting what is older than a day.
            models.Index(fields=["at"], name="api_answer_by_age"),
        ]
