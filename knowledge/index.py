"""Writing the inverted index. Weights of terms (BM25 without the rarity of a term, which only a question needs) are kept in 8 bits."""

from __future__ import annotations

import gc
import itertools
import sys
import zlib
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import F

from knowledge.models import IndexedItem, IndexPostings, IndexState, KnowledgeVersion, VersionVector
from knowledge.rendering import searched_texts
from knowledge.text import FAMILIES, normalise, rules_digest, terms

BLOCK_BITS = 14
BLOCK = 1 << BLOCK_BITS
K1, B = 1.2, 0.75
ASKED_WEIGHT = 1.5
#: A weight of 255 stands for K1 + 1, more than which BM25 never gives.
SCALE = 255 / (K1 + 1)
#: Average numbers of terms before anything was measured.
LENGTHS = {"w": 40.0, "b": 60.0, "u": 50.0, "c": 8.0}


def weigh(version: KnowledgeVersion, lengths: Mapping[str, float]) -> dict[str, int]:
    """The terms of a version with their weights (1..255)."""
    return _weights(_counted(*searched_texts(version)), lengths)


def copy_of(version: KnowledgeVersion) -> IndexedItem:
    """What the search compares of a version, without its terms."""
    return _copied(version, *searched_texts(version))


def _copied(version: KnowledgeVersion, asked: str, said: str) -> IndexedItem:
    return IndexedItem(
        item_id=version.item_id, version_id=version.pk, kind=version.searched_kind, audience=version.audience,
        valid_from=version.valid_from, valid_until=version.valid_until, flow_ref=version.item.flow_id,
        applies={
            "products": [normalise(str(one)) for one in version.products], "channels": [str(one) for one in version.channels],
        },
        asked=normalise(asked), said=normalise(said),
    )  # fmt: skip


def _counted(asked: str, said: str) -> dict[str, float]:
    counts: dict[str, float] = Counter(terms(said))  # type: ignore[assignment]
    for term in terms(asked):
        counts[term] = counts.get(term, 0.0) + ASKED_WEIGHT
    return counts


def _weights(counts: Mapping[str, float], lengths: Mapping[str, float]) -> dict[str, int]:
    totals = dict.fromkeys(FAMILIES, 0.0)
    for term, count in counts.items():
        totals[term[0]] += count
    norm = {
        family: K1 * (1 - B + B * totals[family] / max(lengths.get(family, LENGTHS[family]), 1.0))
        for family in FAMILIES
    }
    return {
        term: max(1, min(255, round(SCALE * count * (K1 + 1) / (count + norm[term[0]]))))
        for term, count in counts.items()
    }


def packed(weights: Mapping[str, int]) -> bytes:
    """Terms and weights of an item, compressed."""
    return zlib.compress("\n".join(f"{term}\t{weight}" for term, weight in sorted(weights.items())).encode(), 1)


def unpacked(data: bytes) -> dict[str, int]:
    """What `packed` packed."""
    text = zlib.decompress(data).decode()
    return {term: int(weight) for term, _tab, weight in (line.rpartition("\t") for line in text.split("\n") if line)}


def decode(postings: bytes) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Offsets and weights of a posting list."""
    data = postings
    count = len(data) // 3
    return np.frombuffer(data, "<u2", count), np.frombuffer(data, "u1", count, offset=2 * count)


def lock() -> IndexState:
    """The state of the index, locked: one writer at a time. Call it inside a transaction."""
    state = IndexState.objects.select_for_update().filter(pk=1).first()
    if state is None:
        IndexState.objects.get_or_create(pk=1, defaults={"lengths": LENGTHS, "rules": rules_digest()})
        state = IndexState.objects.select_for_update().get(pk=1)
    return state


def put(version: KnowledgeVersion) -> None:
    """Make a published version the one by which its item is found. Call it inside the transaction that publishes it."""
    state = lock()
    old = IndexedItem.objects.filter(item_id=version.item_id).first()
    before = unpacked(bytes(old.terms)) if old else {}
    after = weigh(version, state.lengths)
    _move(version.item_id, before, after)
    row = copy_of(version)
    row.terms = packed(after)
    row.save(force_insert=old is None, force_update=old is not None)
    if old is None:
        IndexState.objects.filter(pk=1).update(items=F("items") + 1)


def take_out(item_id: int) -> None:
    """Let an item be found no more. Call it inside the transaction that retires it."""
    lock()
    old = IndexedItem.objects.filter(item_id=item_id).first()
    if old is not None:
        _move(item_id, unpacked(bytes(old.terms)), {})
        old.delete()
        IndexState.objects.filter(pk=1).update(items=F("items") - 1)


def _move(item_id: int, before: Mapping[str, int], after: Mapping[str, int]) -> None:
    """Write what has changed of an item's terms. In SQL and on bytes: for some hundred lists an item, rows of the ORM were half of a publication."""
    changed = [term for term in {*before, *after} if before.get(term) != after.get(term)]
    block, offset = item_id >> BLOCK_BITS, item_id & (BLOCK - 1)
    known: dict[str, bytes] = {}
    kept: list[tuple[str, bytes]] = []
    empty: list[str] = []
    with connection.cursor() as cursor:
        for part in chunks(changed, 500):
            cursor.execute(
                f"SELECT term, postings FROM knowledge_indexpostings WHERE block = %s AND term IN ({_places(part)})",
                [block, *part],
            )
            known.update((term, bytes(postings)) for term, postings in cursor.fetchall())
        for term in changed:
            old = known.get(term, b"")
            postings = with_weight(old, offset, after.get(term))
            if postings:
                kept.append((term, postings))
            elif old:
                empty.append(term)
        for rows in chunks(kept, 250):
            cursor.execute(
                f"INSERT INTO knowledge_indexpostings (term, block, postings) VALUES {', '.join(['(%s, %s, %s)'] * len(rows))} "
                "ON CONFLICT (term, block) DO UPDATE SET postings = excluded.postings",
                [value for term, postings in rows for value in (term, block, postings)],
            )
        for part in chunks(empty, 500):
            cursor.execute(
                f"DELETE FROM knowledge_indexpostings WHERE block = %s AND term IN ({_places(part)})", [block, *part]
            )


def _places(values: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(values))


def with_weight(postings: bytes, offset: int, weight: int | None) -> bytes:
    """A posting list with this weight at this offset, or (None) with nothing there; empty where nothing is left."""
    count = len(postings) // 3
    offsets = array("H", postings[: 2 * count])
    if sys.byteorder == "big":
        offsets.byteswap()
    place = bisect_left(offsets, offset)
    after = place + (place < count and offsets[place] == offset)
    mine = (b"", b"") if weight is None else (offset.to_bytes(2, "little"), bytes([weight]))
    return b"".join(
        (
            postings[: 2 * place], mine[0], postings[2 * after : 2 * count],
            postings[2 * count : 2 * count + place], mine[1], postings[2 * count + after :],
        )
    )  # fmt: skip


def chunks(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Lists of at most `size` items."""
    part: list[Any] = []
    for item in items:
        part.append(item)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part


def needs_rebuild() -> bool:
    """Whether the index was made by other rules than those of now, or has never been made although something is published."""
    state = IndexState.objects.filter(pk=1).first()
    if state is None:
        return KnowledgeVersion.objects.published().exists()
    return state.rules != rules_digest()


def rebuild(*, at: datetime) -> int:
    """Make the whole index anew. Reading and counting happen before the transaction that swaps it; searches see the old one until then.

    :returns: how many items it holds.
    """
    with _no_collecting():
        return _rebuild(at)


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Without looking for cycles: hundreds of thousands of new objects, all kept to the end, make that a third of the work."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _rebuild(at: datetime) -> int:
    families = list(FAMILIES)
    numbers: defaultdict[str, int] = defaultdict(itertools.count().__next__)  # a new term gets the next number
    ids: list[np.ndarray[Any, Any]] = []
    counts: list[np.ndarray[Any, Any]] = []
    copies: list[IndexedItem] = []
    for version in KnowledgeVersion.objects.published().select_related("item__flow").order_by("item_id").iterator(2000):
        asked, said = searched_texts(version)
        counted = _counted(asked, said)
        ids.append(np.fromiter(map(numbers.__getitem__, counted), np.uint32, len(counted)))
        counts.append(np.fromiter(counted.values(), np.float32, len(counted)))
        copies.append(_copied(version, asked, said))
    items = [row.item_id for row in copies]
    names = list(numbers)
    family = np.fromiter((families.index(term[0]) for term in names), np.uint8, len(names))
    totals = np.zeros((len(items), len(families)), np.float32)
    for row, (own, many) in enumerate(zip(ids, counts, strict=True)):
        totals[row] = np.bincount(family[own], weights=many, minlength=len(families))
    means = totals.mean(axis=0) if items else np.array([LENGTHS[one] for one in families])
    lengths = {one: round(float(mean), 3) for one, mean in zip(families, means, strict=True)}
    norms = K1 * (1 - B + B * totals / np.maximum([lengths[one] for one in families], 1.0))
    levels = []
    for row, (own, many) in enumerate(zip(ids, counts, strict=True)):
        level = SCALE * many * (K1 + 1) / (many + norms[row, family[own]])
        levels.append(np.clip(np.rint(level), 1, 255).astype(np.uint8))
    for copy, own, level in zip(copies, ids, levels, strict=True):
        copy.terms = packed(dict(zip(map(names.__getitem__, own.tolist()), level.tolist(), strict=True)))
    with transaction.atomic():
        lock()
        for model in (IndexPostings, IndexedItem):
            model.objects.all()._raw_delete(model.objects.db)  # type: ignore[attr-defined]
        IndexedItem.objects.bulk_create(copies, batch_size=200)
        IndexPostings.objects.bulk_create(_postings(items, ids, levels, names), batch_size=300)
        IndexState.objects.filter(pk=1).update(items=len(items), lengths=lengths, rules=rules_digest(), rebuilt_at=at)
        _catch_up({row.item_id: row.version_id for row in copies})
    return IndexState.objects.get(pk=1).items


def _postings(items: list[int], ids: list[Any], levels: list[Any], names: list[str]) -> list[IndexPostings]:
    if not items:
        return []
    terms_of, weights = np.concatenate(ids), np.concatenate(levels)
    slots = np.repeat(np.asarray(items, np.int64), [len(own) for own in ids])
    blocks, offsets = slots >> BLOCK_BITS, (slots & (BLOCK - 1)).astype("<u2")
    key = terms_of.astype(np.int64) * (int(blocks.max()) + 1) + blocks
    order = np.argsort(key, kind="stable")
    key, offsets, weights = key[order], offsets[order], weights[order]
    starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
    ends = np.r_[starts[1:], len(key)]
    span = int(blocks.max()) + 1
    return [
        IndexPostings(
            term=names[int(key[start]) // span], block=int(key[start]) % span,
            postings=offsets[start:end].tobytes() + weights[start:end].tobytes(),
        )
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
    ]  # fmt: skip


def _catch_up(known: dict[int, int]) -> None:
    """Take in what was published or retired while the index was being made."""
    now = dict(KnowledgeVersion.objects.published().values_list("item_id", "pk"))
    if now == known:
        return
    for item_id in known.keys() - now.keys():
        take_out(item_id)
    late = [pk for item_id, pk in now.items() if known.get(item_id) != pk]
    for part in chunks(late, 500):
        for version in KnowledgeVersion.objects.filter(pk__in=part).select_related("item__flow"):
            put(version)


def renew_flow(flow_id: int) -> None:
    """Take in anew what is published about a flow whose configuration has changed."""
    rows = KnowledgeVersion.objects.published().filter(item__flow_id=flow_id).select_related("item__flow")
    with transaction.atomic():
        for version in rows:
            put(version)
        VersionVector.objects.filter(version__in=rows).delete()  # made anew by the next sweep
