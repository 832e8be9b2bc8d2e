"""Writing one value each to many rows with few statements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connections, models, router


def set_each(rows: Sequence[models.Model], fields: Sequence[str], *, at_once: int = 500) -> None:
    """Write these fields of rows of one model, as they are in memory: what `bulk_update` does, for a tenth of its work.

    One statement for `at_once` rows joins the table with a list of values, instead of one CASE with a branch for each row and field.
    Like `bulk_update` it calls no `save` and no signals.
    """
    if not rows:
        return
    meta = type(rows[0])._meta
    connection = connections[router.db_for_write(type(rows[0]))]
    quote = connection.ops.quote_name
    columns: list[models.Field[Any, Any]] = [
        one for one in meta.concrete_fields if one.primary_key or one.name in fields
    ]
    new = {one.name: f"new.column{number}" for number, one in enumerate(columns, start=1)}
    if connection.features.requires_casted_case_in_updates:  # a list of values does not say of what type a NULL is
        new = {one.name: f"{new[one.name]}::{one.db_type(connection)}" for one in columns}
    table, key = quote(meta.db_table), meta.pk
    sets = ", ".join(f"{quote(str(one.column))} = {new[one.name]}" for one in columns if one is not key)
    where = f"{table}.{quote(str(key.column))} = {new[key.name]}"
    places = f"({', '.join(['%s'] * len(columns))})"
    for start in range(0, len(rows), at_once):
        part = rows[start : start + at_once]
        values = [
            column.get_db_prep_save(getattr(row, column.attname), connection) for row in part for column in columns
        ]
        listed = ", ".join([places] * len(part))
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET {sets} FROM (VALUES {listed}) AS new WHERE {where}", values)
