"""What a search reads of the index. In SQL, for every search asks it: making these questions with the ORM took a third of a search's time."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection


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


def how_many() -> int:
    """How many items can be found."""
    found = _rows("SELECT items FROM knowledge_indexstate WHERE id = 1", [])
    return int(found[0][0]) if found else 0


def sizes(asked: Iterable[str]) -> dict[str, int]:
    """How many items hold each of these terms; terms that no item holds are left out."""
    wanted = sorted(asked)[:400]
    if not wanted:
        return {}
    table = f"SELECT term, SUM(LENGTH(postings)) FROM knowledge_indexpostings WHERE term IN ({_places(wanted)})"
    return {term: int(size) // 3 for term, size in _rows(f"{table} GROUP BY term", wanted)}


def postings(chosen: Sequence[str]) -> list[tuple[Any, ...]]:
    """The posting lists of terms: term, block, list."""
    if not chosen:
        return []
    table = "SELECT term, block, postings FROM knowledge_indexpostings"
    return _rows(f"{table} WHERE term IN ({_places(chosen)})", chosen)


def copies(
    items: Sequence[int], *, at: datetime, kinds: Collection[str], audiences: Collection[str], model: str = ""
) -> dict[int, Copy]:
    """Those of these items that are in force at an instant, of these kinds and for these audiences, by primary key.

    :param model: which model's vectors come with them; none if not given."""
    if not items or not kinds:
        return {}
    now = connection.ops.adapt_datetimefield_value(at)
    rows = _rows(
        "SELECT item_id, i.version_id, flow_ref, applies, asked, said, terms, vector FROM knowledge_indexeditem i "
        "LEFT JOIN knowledge_versionvector v ON v.version_id = i.version_id AND v.model = %s "
        f"WHERE item_id IN ({_places(items)}) AND kind IN ({_places([*kinds])}) AND audience IN ({_places([*audiences])}) "
        "AND (valid_from IS NULL OR valid_from <= %s) AND (valid_until IS NULL OR valid_until > %s)",
        [model, *items, *kinds, *audiences, now, now],
    )
    return {
        item: Copy(item, version, flow, json.loads(applies), asked, said, packed, bytes(vector) if vector else None)
        for item, version, flow, applies, asked, said, packed, vector in rows
    }
