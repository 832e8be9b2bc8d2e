"""What happened: entries chained by hash, one chain per case (or per conversation while no case is known)."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.encryption import EncryptedTextField


class AppendOnlyError(TypeError):
    """Somebody tried to change or delete what may only be added to."""


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Rows that can be read and added, never changed or deleted."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError("evidence is append-only")

    def delete(self) -> NoReturn:
        raise AppendOnlyError("evidence is append-only")


class Chain(models.Model):
    """The chain of one subject, with its head. `joined_into` is the chain of the case that a conversation turned out to be about."""

    class SubjectKind(models.TextChoices):
        CASE = "case", _("Case")
        CONVERSATION = "conversation", _("Conversation")
        KNOWLEDGE = "knowledge", _("Knowledge")
        POLICY = "policy", _("Policy")

    subject_kind = models.CharField(_("subject"), max_length=16, choices=SubjectKind.choices)
    subject_ref = models.UUIDField(_("reference"))
    head_seq = models.PositiveBigIntegerField(_("length"), default=0)
    head_hash = models.CharField(_("head"), max_length=64, blank=True, default="")

    class Meta:
        verbose_name = _("evidence chain")
        verbose_name_plural = _("evidence chains")
        constraints = [models.UniqueConstraint(fields=["subject_kind", "subject_ref"], name="a_subject_has_one_chain")]

    def __str__(self) -> str:
        """By the name of its subject where a higher room has looked it up."""
        return f"{self.get_subject_kind_display()} {getattr(self, 'subject_name', None) or self.subject_ref}"


class Entry(models.Model):
    """One thing that happened. Its hash covers kind, actor, instant, references, the hash before it and a salted digest of the body."""

    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="entries")
    seq = models.PositiveBigIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=32)
    actor = models.JSONField(_("actor"))
    at = models.DateTimeField(_("at"))
    refs = models.JSONField(_("references"), default=dict)
    prev_hash = models.CharField(max_length=64, blank=True)
    body_digest = models.CharField(max_length=64)
    hash = models.CharField(_("hash"), max_length=64)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence entry")
        verbose_name_plural = _("evidence entries")
        constraints = [models.UniqueConstraint(fields=["chain", "seq"], name="a_number_once_per_chain")]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise AppendOnlyError("evidence is append-only")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError("evidence is append-only")


class EntryBody(models.Model):
    """The content of an entry, apart from it so that it can be erased while the chain still verifies."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="body_row")
    salt = models.CharField(max_length=32, blank=True)
    body = EncryptedTextField(_("content"), blank=True)
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True)
    erased_by = models.CharField(_("erased by"), max_length=64, blank=True)
    erase_reason = models.CharField(_("reason"), max_length=255, blank=True)

    class Meta:
        verbose_name = _("evidence content")
        verbose_name_plural = _("evidence contents")


class Anchor(models.Model):
    """A daily digest over the heads of all chains: a tail that is cut off later shows against it."""

    date = models.DateField(_("day"), unique=True)
    at = models.DateTimeField(_("at"))
    chains = models.PositiveIntegerField(_("chains"))
    heads = models.JSONField(_("heads"))
    digest = models.CharField(_("digest"), max_length=64)
    prev_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("evidence anchor")
        verbose_name_plural = _("evidence anchors")
