"""The inverted index of what is published, in plain tables: the same on every database."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from knowledge.models.item import KnowledgeItem, KnowledgeVersion


class IndexState(models.Model):
    """What holds for the whole index; its row is the lock of those who write it.

    :ivar rules: digest of the way terms are made (synonyms, variants, code); another one means that the index must be rebuilt.
    :ivar lengths: average number of terms of an item by family of terms, as of the last rebuild.
    """

    rules = models.CharField(max_length=64, blank=True)
    items = models.PositiveIntegerField(default=0)
    lengths = models.JSONField(default=dict)
    rebuilt_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("state of the search index")
        verbose_name_plural = _("state of the search index")


class IndexedItem(models.Model):
    """What the index holds of an item: a copy of what its published version says and for whom, as the search compares it.

    The copy never disagrees with the version: the words of a version never change, and the row goes with its publication.

    :ivar asked: title, other questions and products in the one spelling that is compared; `said` likewise the text and fields.
    :ivar applies: products (in that spelling) and channels, as lists.
    :ivar terms: its terms with their weights (compressed), to take them out again.
    """

    item = models.OneToOneField(KnowledgeItem, on_delete=models.CASCADE, primary_key=True, related_name="indexed")
    version = models.ForeignKey(KnowledgeVersion, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=32)
    audience = models.CharField(max_length=16)
    valid_from = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    flow_ref = models.BigIntegerField(null=True)
    applies = models.JSONField(default=dict)
    asked = models.TextField()
    said = models.TextField()
    terms = models.BinaryField()

    class Meta:
        verbose_name = _("indexed item")
        verbose_name_plural = _("indexed items")


class IndexPostings(models.Model):
    """Which items of a block of 16,384 primary keys hold a term, and how much it weighs in each.

    `postings` is a sequence of 16-bit offsets (little endian), then as many 8-bit weights.
    """

    term = models.CharField(max_length=40)
    block = models.PositiveIntegerField()
    postings = models.BinaryField()

    class Meta:
        verbose_name = _("postings of a term")
        verbose_name_plural = _("postings of terms")
        constraints = [
            # Also the index that every search uses.
            models.UniqueConstraint(fields=["term", "block"], name="a_term_once_per_block"),
        ]


class VersionVector(models.Model):
    """What a published version means, as a vector (512 × 8 bits); made a little after it is published.

    :ivar model: which model made it; a vector of another model is made anew.
    """

    version = models.OneToOneField(
        KnowledgeVersion, on_delete=models.CASCADE, primary_key=True, related_name="meaning_vector"
    )
    model = models.CharField(max_length=64)
    vector = models.BinaryField()

    class Meta:
        verbose_name = _("meaning of a version")
        verbose_name_plural = _("meanings of versions")
