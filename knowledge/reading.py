"""What a search reads of the index. In SQL, for every search asks it: making these questions with the ORM took a third of a search's time."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Model

from knowledge.models import KnowledgeItem, KnowledgeVersion


class Copy(NamedTuple):
    """What the index holds of an item (`IndexedItem`), as it is compared. `terms` are packed; `meaning` is its vector, where it has one."""

    item_id: int
    version_id: int
    flow_ref: int | None
    applies: dict[str, list[str]]
    asked: str
    said: str
    terms: bytes
    meaning: bytes | None = None


def _places(values: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(values))


def _rows(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _among(values: Sequence[str]) -> tuple[str, list[Any]]:
    """The condition that a column is one of some texts, with what it is filled by: on PostgreSQL one list, for looking for many places in a
    statement takes longer than answering it."""
    if connection.vendor == "postgresql":
        return "= ANY(%s)", [list(values)]
    return f"IN ({_places(values)})", list(values)


def sizes(asked: Iterable[str]) -> tuple[int, dict[str, int]]:
    """How many items can be found, and how many hold each of these terms; terms that no item holds are left out."""
    wanted = sorted(asked)[:400]
    if not wanted:
        return 0, {}
    among, values = _among(wanted)
    rows = _rows(
        "SELECT '', MAX(items) FROM knowledge_indexstate WHERE id = 1 UNION ALL "
        f"SELECT term, SUM(LENGTH(postings)) / 3 FROM knowledge_indexpostings WHERE term {among} GROUP BY term",
        values,
    )
    found = {term: int(size or 0) for term, size in rows}
    return found.pop("", 0), found


def postings(chosen: Sequence[str]) -> list[tuple[Any, ...]]:
    """The posting lists of terms: term, block, list."""
    if not chosen:
        return []
    among, values = _among(chosen)
    return _rows(f"SELECT term, block, postings FROM knowledge_indexpostings WHERE term {among}", values)


@lru_cache(maxsize=2048)
def _applies_to(packed: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(packed)
    return found


def copies(
    items: Sequence[int],
    *,
    at: datetime,
    kinds: Collection[str],
    audiences: Collection[str],
    model: str = "",
    with_terms: bool = True,
) -> dict[int, Copy]:
    """Those of these items that are in force at an instant, of these kinds and for these audiences, by primary key.

    :param model: which model's vectors come with them; none if not given. :param with_terms: whether their terms are wanted.
    """
    if not items or not kinds:
        return {}
    now = connection.ops.adapt_datetimefield_value(at)
    rows = _rows(
        f"SELECT item_id, i.version_id, flow_ref, applies, asked, said, {'terms' if with_terms else 'NULL'}, vector FROM knowledge_indexeditem i "
        "LEFT JOIN knowledge_versionvector v ON v.version_id = i.version_id AND v.model = %s "
        f"WHERE item_id IN ({', '.join(str(int(item)) for item in items)}) AND kind IN ({_places([*kinds])}) AND audience IN ({_places([*audiences])}) "
        "AND (valid_from IS NULL OR valid_from <= %s) AND (valid_until IS NULL OR valid_until > %s)",
        [model, *kinds, *audiences, now, now],
    )
    return {
        item: Copy(item, version, flow, _applies_to(applies), asked, said, packed, bytes(vector) if vector else None)
        for item, version, flow, applies, asked, said, packed, vector in rows
    }


@lru_cache(maxsize=4)
def _columns(model: type[Model], vendor: str) -> tuple[list[str], str, list[tuple[int, Any, Any]]]:
    """The fields of a model in the order in which it is built from a row, their columns, and what turns values of a database into theirs."""
    fields = model._meta.concrete_fields
    table = model._meta.db_table
    turned = []
    for place, field in enumerate(fields):
        column = field.get_col(table)
        for turn in [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]:
            turned.append((place, turn, column))
    return [str(field.attname) for field in fields], ", ".join(f"{table}.{field.column}" for field in fields), turned


def _built(model: type[Model], row: Sequence[Any]) -> Any:
    names, _sql, turned = _columns(model, connection.vendor)
    values = list(row)
    for place, turn, column in turned:
        values[place] = turn(values[place], column, connection)
    return model.from_db(connection.alias, names, values)


def versions(keys: Sequence[int]) -> dict[int, KnowledgeVersion]:
    """These versions with their items, by primary key."""
    if not keys:
        return {}
    mine, theirs = _columns(KnowledgeVersion, connection.vendor), _columns(KnowledgeItem, connection.vendor)
    table, items = KnowledgeVersion._meta.db_table, KnowledgeItem._meta.db_table
    rows = _rows(
        f"SELECT {mine[1]}, {theirs[1]} FROM {table} JOIN {items} ON {items}.id = {table}.item_id "
        f"WHERE {table}.id IN ({_places(keys)})",
        keys,
    )
    found = {}
    for row in rows:
        version: KnowledgeVersion = _built(KnowledgeVersion, row[: len(mine[0])])
        version.item = _built(KnowledgeItem, row[len(mine[0]) :])
        found[version.pk] = version
    return found
