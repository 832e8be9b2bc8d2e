"""What people decided about who is who: merged, split, confirmed, rejected. On record, and able to be undone."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.ids import PublicIdModel
from people.models.parties import Customer, Identity, Person


class PartyChange(PublicIdModel):
    """One decision about who is who, with its reason and everything that it moved, so that it can be taken back. Append-only but for the undoing.

    `moved` lists the rows that were pointed elsewhere (model, field, keys), `dropped` the rows that would have stood twice.
    """

    class What(models.TextChoices):
        """What was decided."""

        CUSTOMERS_MERGED = "customers_merged", _("Customers merged")
        PEOPLE_MERGED = "people_merged", _("People merged")
        IDENTITY_CONFIRMED = "identity_confirmed", _("Identity confirmed")
        IDENTITY_REJECTED = "identity_rejected", _("Identity rejected: somebody else")
        PERSON_PLACED = "person_placed", _("Person put on another side or to another customer")
        IDENTITY_ASSIGNED = "identity_assigned", _("Identity given to another person")

    what = models.CharField(_("decision"), max_length=24, choices=What.choices)
    customer = models.ForeignKey(
        Customer, verbose_name=_("customer"), null=True, blank=True, on_delete=models.PROTECT, related_name="changes"
    )
    person = models.ForeignKey(
        Person, verbose_name=_("person"), null=True, blank=True, on_delete=models.PROTECT, related_name="changes"
    )
    identity = models.ForeignKey(
        Identity, verbose_name=_("identity"), null=True, blank=True, on_delete=models.PROTECT, related_name="changes"
    )
    before = models.JSONField(default=dict)
    moved = models.JSONField(default=list)
    dropped = models.TextField(blank=True)
    reason = models.CharField(_("reason"), max_length=255)
    actor = models.JSONField(default=dict)
    at = models.DateTimeField(_("at"))
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    undone_by = models.JSONField(default=dict, blank=True)
    undone_reason = models.CharField(_("why undone"), max_length=255, blank=True)

    class Meta:
        verbose_name = _("decision about who is who")
        verbose_name_plural = _("decisions about who is who")
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return self.get_what_display()
