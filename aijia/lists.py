"""What lists share: times as one says them, with the exact instant on hover; how many rows of another kind belong to a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models.functions import Coalesce

from foundation.templatetags.when import moment


def time_column(field: models.DateTimeField[Any, Any]) -> Callable[[Any], str]:
    """A column with the instants of a field in words; it sorts by the field."""

    def column(row: Any) -> str:
        return moment(getattr(row, field.name)) or "—"

    column.__name__ = field.name
    column.short_description = field.verbose_name  # type: ignore[attr-defined]
    column.admin_order_field = field.name  # type: ignore[attr-defined]
    return column


def words_for_times(site: AdminSite) -> None:
    """Replace the columns of instants in every list of a site."""
    for model, screen in site._registry.items():
        shown: list[Any] = []
        for name in screen.list_display:
            try:
                field = model._meta.get_field(name) if isinstance(name, str) else None
            except FieldDoesNotExist:
                field = None
            own = isinstance(name, str) and hasattr(screen, name)
            shown.append(time_column(field) if isinstance(field, models.DateTimeField) and not own else name)
        screen.list_display = tuple(shown)


def count_of(rows: models.QuerySet[Any], by: str) -> Coalesce:
    """How many of these rows, which are filtered by `OuterRef`, belong to a row of the list; `by` is the field that leads to it."""
    each = rows.order_by().values(by).annotate(count=models.Count("pk", distinct=True)).values("count")
    return Coalesce(models.Subquery(each, output_field=models.IntegerField()), 0)
