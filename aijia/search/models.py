"""What can be found: one row for each thing, with the pieces of its words."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What is found by the index."""

    CASE = "case", _("Cases")
    CUSTOMER = "customer", _("Customers")
    PERSON = "person", _("People")
    MESSAGE = "message", _("Messages")


class SearchEntry(models.Model):
    """The words of one thing in the spelling that is compared, and every piece of them (`grams`) for the index of the database.

    Derived: `manage.py rebuild_search` makes all anew. SQLite keeps an FTS5 table beside it by triggers, PostgreSQL a GIN index over
    `grams` (docs/adr/0017). A migration that makes SQLite rebuild this table must make the triggers again.
    """

    kind = models.CharField(max_length=8, choices=Kind.choices)
    ref = models.BigIntegerField()
    text = models.TextField()
    grams = models.TextField()

    class Meta:
        verbose_name = _("search entry")
        verbose_name_plural = _("search entries")
        constraints = [models.UniqueConstraint(fields=["kind", "ref"], name="a_thing_is_found_once")]
