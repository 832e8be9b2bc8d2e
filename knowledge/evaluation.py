"""Measuring the search on questions whose answers are known: recall against BM25 over words, in a database of its own."""

from __future__ import annotations

import json
import math
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import opencc
import rjieba
import yaml

from knowledge import index, operations, vectors
from knowledge.models import KnowledgeItem, KnowledgeKind, KnowledgeState, KnowledgeVersion
from knowledge.search import find, search
from knowledge.text import normalise


@dataclass(frozen=True)
class Page:
    """One piece of knowledge to be found."""

    key: str
    title: str
    body: str = ""
    questions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Collection:
    """Pages, and questions each with the key of the page that answers it."""

    name: str
    pages: tuple[Page, ...]
    questions: tuple[tuple[str, str], ...]


@dataclass
class Recall:
    """How often the right page came first, and among the first five; of all questions, and of the kept-back half of the pages."""

    asked: int = 0
    first: int = 0
    five: int = 0
    kept_asked: int = 0
    kept_first: int = 0
    kept_five: int = 0
    milliseconds: list[float] = field(default_factory=list)

    def add(self, found: Sequence[str], right: str, milliseconds: float) -> None:
        """Count one question."""
        first, five = found[:1] == [right], right in found[:5]
        self.asked, self.first, self.five = self.asked + 1, self.first + first, self.five + five
        if is_kept_back(right):
            self.kept_asked += 1
            self.kept_first, self.kept_five = self.kept_first + first, self.kept_five + five
        self.milliseconds.append(milliseconds)

    def line(self) -> str:
        """The figures in a line."""
        slow = sorted(self.milliseconds)[int(0.95 * (len(self.milliseconds) - 1))] if self.milliseconds else 0.0
        return (
            f"recall@1 {_share(self.first, self.asked)}  @5 {_share(self.five, self.asked)}"
            f"   kept back: @1 {_share(self.kept_first, self.kept_asked)}  @5 {_share(self.kept_five, self.kept_asked)}"
            f"   p95 {slow:.1f} ms"
        )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "  –  "


def is_kept_back(key: str) -> bool:
    """Whether the weights of the search were set without looking at the questions about this page (half of all pages, by its key)."""
    return zlib.crc32(key.encode()) % 2 == 0


def _rows(path: Path) -> Iterable[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


def faq_pages(path: Path, name: str) -> Collection:
    """Pages of several questions and answers (`id`, `qa: [{q, a}]`): the first question is the title, all answers are the text, and every
    other question is asked, hidden from the page."""
    pages, asked = [], []
    for row in _rows(path):
        first, *others = row["qa"]
        pages.append(Page(str(row["id"]), first["q"], " ".join(answer for pair in row["qa"] for answer in pair["a"])))
        asked += [(pair["q"], str(row["id"])) for pair in others]
    return Collection(name, tuple(pages), tuple(asked))


def short_questions(faq: Path, queries: Path, name: str) -> Collection:
    """Questions without answers (`id`, `text`), and queries with their duplicate (`query`, `gold`)."""
    pages = tuple(Page(str(row["id"]), row["text"]) for row in _rows(faq))
    return Collection(name, pages, tuple((row["query"], str(row["gold"])) for row in _rows(queries)))


class Bm25:
    """BM25 over words (jieba, simplified characters), the yardstick. :param fields: texts of the pages."""

    def __init__(self, texts: Sequence[str], *, k1: float = 1.2, b: float = 0.75) -> None:
        self._simplify = opencc.OpenCC("tw2sp").convert
        counted = [Counter(self.words(text)) for text in texts]
        mean = sum(sum(count.values()) for count in counted) / max(len(counted), 1)
        self._posted: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, count in enumerate(counted):
            norm = k1 * (1 - b + b * sum(count.values()) / mean)
            for word, times in count.items():
                self._posted[word].append((number, times * (k1 + 1) / (times + norm)))
        self._pages = len(texts)

    def words(self, text: str) -> list[str]:
        """Words that hold a letter or a digit."""
        return [word for word in rjieba.cut(self._simplify(text.lower())) if any(char.isalnum() for char in word)]

    def best(self, question: str, limit: int = 5) -> list[int]:
        """Numbers of the best pages."""
        scores: defaultdict[int, float] = defaultdict(float)
        for word in set(self.words(question)):
            posted = self._posted.get(word, [])
            rarity = math.log(1 + (self._pages - len(posted) + 0.5) / (len(posted) + 0.5))
            for number, weight in posted:
                scores[number] += rarity * weight
        return [number for number, _score in sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]]


def load(pages: Iterable[Page], *, at: datetime) -> dict[int, str]:
    """Publish pages into an empty database, and index them.

    :returns: keys by primary key of the item.
    """
    found: dict[int, str] = {}
    for part in index.chunks(pages, 500):
        items = KnowledgeItem.objects.bulk_create(
            [KnowledgeItem(kind="customer_wording", title=page.title[:191]) for page in part]
        )
        KnowledgeVersion.objects.bulk_create(
            [
                KnowledgeVersion(
                    item=item, number=1, kind=item.kind, state=KnowledgeState.PUBLISHED, title=page.title[:191],
                    body=page.body, questions=list(page.questions), published_at=at,
                )
                for item, page in zip(items, part, strict=True)
            ]
        )  # fmt: skip
        found.update({item.pk: page.key for item, page in zip(items, part, strict=True)})
    index.rebuild(at=at)
    return found


def measure(collection: Collection, keys: dict[int, str], *, at: datetime) -> dict[str, Recall]:
    """Recall of BM25 over words, and of the search, for a collection that has been loaded."""
    yardstick = Bm25([f"{page.title} {page.body}" for page in collection.pages])
    meaning = _Meaning(collection) if vectors.is_available() else None
    ways: dict[str, Callable[[str], list[str]]] = {
        "BM25 over jieba words": lambda question: [collection.pages[number].key for number in yardstick.best(question)],
        "search": lambda question: [keys[hit.version.item_id] for hit in find(question, at=at, limit=5)],
    }
    if meaning is not None:
        ways["vectors alone"] = meaning.best
        ways["search with vectors"] = ways["search"]
    found = {}
    for name, way in ways.items():
        if name == "search with vectors":
            with vectors.switched(True):
                while vectors.sweep_vectors(at=at, limit=500):
                    pass
                found[name] = _recall(collection, way)
            continue
        with vectors.switched(False):
            found[name] = _recall(collection, way)
    return found


class _Meaning:
    """Likeness of meaning alone over all pages, the other yardstick."""

    def __init__(self, collection: Collection) -> None:
        self._keys = [page.key for page in collection.pages]
        titles = vectors.encode([normalise(page.title) for page in collection.pages])
        wholes = vectors.encode([normalise(f"{page.title}。{page.body[:300]}") for page in collection.pages])
        mixed = titles + wholes
        self._pages = mixed / np.linalg.norm(mixed, axis=1, keepdims=True)

    def best(self, question: str) -> list[str]:
        """Keys of the best pages."""
        scores = self._pages @ vectors.encode([normalise(question)])[0]
        return [self._keys[int(number)] for number in np.argsort(-scores)[:5]]


def _recall(collection: Collection, way: Callable[[str], list[str]]) -> Recall:
    """What a way finds of a collection."""
    recall = Recall()
    for question, right in collection.questions:
        began = time.perf_counter()
        keys_found = way(question)
        recall.add(keys_found, right, (time.perf_counter() - began) * 1000)
    return recall


# --- questions of a shop: what is answered, and what is rightly left to people -------------------------------------------------


@dataclass(frozen=True)
class Shop:
    """What one shop has published, and questions with the title of the item that answers each, None where none does."""

    trade: str
    items: tuple[dict[str, Any], ...]
    asks: tuple[tuple[str, str | None], ...]


@dataclass
class Answers:
    """What the search made of questions: `right` came first, `wrong` is another item's answer, `missed` got none although an item
    answers; `false` got one although none does. `faults` are the questions that went wrong, with what was found."""

    answerable: int = 0
    right: int = 0
    wrong: int = 0
    unanswerable: int = 0
    false: int = 0
    faults: list[tuple[str, str | None, str | None]] = field(default_factory=list)

    @property
    def missed(self) -> int:
        """Questions that an item answers and that found none."""
        return self.answerable - self.right - self.wrong

    def add(self, question: str, wanted: str | None, found: str | None) -> None:
        """Count one question."""
        if wanted is None:
            self.unanswerable, self.false = self.unanswerable + 1, self.false + (found is not None)
        else:
            self.answerable += 1
            self.right += found == wanted
            self.wrong += found is not None and found != wanted
        if found != wanted:
            self.faults.append((question, wanted, found))

    def line(self) -> str:
        """The figures in a line."""
        return (
            f"{self.answerable} answerable: right first {_share(self.right, self.answerable)}"
            f"  answered {_share(self.right + self.wrong, self.answerable)}  wrong {self.wrong}"
            f"   {self.unanswerable} not answerable: answered all the same {self.false} ({_share(self.false, self.unanswerable)})"
        )


def shops(path: Path) -> list[Shop]:
    """Shops of a file of questions (a list of `trade`, `items`, `asks`; `each` are items that the shop has for each of its `products`)."""
    return [
        Shop(
            row["trade"],
            (*row.get("items", ()), *_for_each(row.get("each", ()), row.get("products", ()))),
            tuple((one["q"], one["a"]) for one in row["asks"]),
        )
        for row in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


def _for_each(items: Iterable[dict[str, str]], products: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {key: value.replace("{p}", product) for key, value in item.items()} | {"products": [product]}
        for product in products
        for item in items
    ]


def stock(shop: Shop, *, at: datetime) -> None:
    """Publish what a shop says, into an empty database."""
    for row in shop.items:
        words = {"kind": "policy", **row}
        if words["kind"] == KnowledgeKind.CAMPAIGN:
            words |= {"valid_from": at - timedelta(days=1), "valid_until": at + timedelta(days=6)}
        operations.seed(at=at, **words)


def measure_answers(shop: Shop, answers: Answers, *, at: datetime) -> Answers:
    """Ask the questions of a shop that is in stock."""
    for question, wanted in shop.asks:
        hits = search(question, at=at)
        answers.add(question, wanted, hits[0].version.title if hits else None)
    return answers
