"""Files that editors bring: looked at first, carried out when somebody says so."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.ids import PublicIdModel
from knowledge.models.item import KnowledgeKind
from people.models import StaffMember


class ImportState(models.TextChoices):
    """What became of a file."""

    CHECKED = "checked", _("Looked at")
    APPLIED = "applied", _("Taken over")
    DISCARDED = "discarded", _("Discarded")


class ImportRun(PublicIdModel):
    """A table that somebody brought. Its content is kept until it is taken over or discarded, at most a day.

    `columns` says which of our fields each column of the file holds ("" is left out), and of a workbook of several sheets which sheet it is
    and the run of the first (`file`, 0 for itself); `summary` counts what was done;
    `items` are the primary keys of items that it made or changed, by which the list shows them together.
    """

    file_name = models.CharField(_("file"), max_length=191)
    content = models.BinaryField(blank=True, default=bytes)
    kind = models.CharField(_("kind where the file names none"), max_length=32, choices=KnowledgeKind.choices)
    columns = models.JSONField(default=dict, blank=True)
    state = models.CharField(_("state"), max_length=16, choices=ImportState.choices, default=ImportState.CHECKED)
    by = models.ForeignKey(StaffMember, verbose_name=_("by"), null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(_("at"))
    applied_at = models.DateTimeField(_("taken over at"), null=True, blank=True)
    summary = models.JSONField(default=dict, blank=True)
    items = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("import of knowledge")
        verbose_name_plural = _("imports of knowledge")

    def __str__(self) -> str:
        return f"{self.file_name} · {self.sheet}" if self.sheet else self.file_name

    @property
    def sheet(self) -> str:
        """The sheet of a workbook, "" where it has one only."""
        return str(self.columns.get("sheet", ""))
