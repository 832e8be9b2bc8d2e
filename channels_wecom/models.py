"""WeCom accounts, the events they sent, and how far each source has been read."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.encryption import EncryptedTextField


class WeComAccount(models.Model):
    """One WeCom corporation's app through which we receive and send. Secrets are encrypted and never shown again."""

    key = models.SlugField(_("key"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=128)
    corp_id = models.CharField(_("corp id"), max_length=64)
    agent_id = models.CharField(_("agent id"), max_length=32, blank=True)
    callback_token = EncryptedTextField(_("callback token"))
    encoding_aes_key = EncryptedTextField(_("EncodingAESKey"))
    app_secret = EncryptedTextField(_("app secret"), blank=True)
    archive_secret = EncryptedTextField(_("conversation archive secret"), blank=True)
    kf_enabled = models.BooleanField(_("customer service sessions"), default=True)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("WeCom account")
        verbose_name_plural = _("WeCom accounts")

    def __str__(self) -> str:
        return self.name


class GroupWebhook(models.Model):
    """The robot of an internal group through which we write there; its key is a secret. Without one the app must have made the group."""

    account = models.ForeignKey(
        WeComAccount, verbose_name=_("account"), on_delete=models.CASCADE, related_name="webhooks"
    )
    conversation_external_id = models.CharField(_("conversation"), max_length=191)
    key = EncryptedTextField(_("webhook key"))

    class Meta:
        verbose_name = _("group webhook")
        verbose_name_plural = _("group webhooks")
        constraints = [
            models.UniqueConstraint(fields=["account", "conversation_external_id"], name="a_group_has_one_webhook")
        ]

    def __str__(self) -> str:
        return self.conversation_external_id


class EventState(models.TextChoices):
    """What became of a raw event."""

    PENDING = "pending", _("To be worked through")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class InboundEvent(models.Model):
    """A raw event as WeCom sent it, once. WeCom's events have no id: the digest of the decrypted body is what makes it one.

    `kind` is `event:<name>`, the type of an app message, or `archive:record` for a record of the archive that could not be taken in and
    was put aside so that the others go on.
    """

    account = models.ForeignKey(
        WeComAccount, verbose_name=_("account"), on_delete=models.PROTECT, related_name="events"
    )
    digest = models.CharField(_("digest"), max_length=64)
    kind = models.CharField(_("kind"), max_length=64, blank=True, default="")
    received_at = models.DateTimeField(_("received at"))
    body = EncryptedTextField(_("content"), blank=True)
    state = models.CharField(_("state"), max_length=8, choices=EventState.choices, default=EventState.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(_("error"), max_length=255, blank=True, default="")
    processed_at = models.DateTimeField(_("done at"), null=True, blank=True)
    erased_at = models.DateTimeField(_("content erased at"), null=True, blank=True)

    class Meta:
        verbose_name = _("inbound event")
        verbose_name_plural = _("inbound events")
        constraints = [models.UniqueConstraint(fields=["account", "digest"], name="an_event_is_stored_once")]
        indexes = [
            # The worker: what has not been worked through.
            models.Index(fields=["id"], name="event_pending", condition=Q(state="pending")),
        ]


class SyncCursor(models.Model):
    """How far a source of messages has been read: `kf:<open_kfid>`, `kf-accounts` (the list of those) or `archive`."""

    account = models.ForeignKey(
        WeComAccount, verbose_name=_("account"), on_delete=models.PROTECT, related_name="cursors"
    )
    source = models.CharField(_("source"), max_length=96)
    cursor = models.CharField(_("cursor"), max_length=128, blank=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)
    polled_at = models.DateTimeField(_("last looked at"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=255, blank=True, default="")

    class Meta:
        verbose_name = _("sync cursor")
        verbose_name_plural = _("sync cursors")
        constraints = [models.UniqueConstraint(fields=["account", "source"], name="a_source_has_one_cursor")]
