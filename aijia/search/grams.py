"""The pieces of words: pairs of Chinese characters, triples of letters and digits. Whatever stands inside a word is found by its pieces."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from opencc import OpenCC

#: A run of Chinese characters (or kana), or of any other letters and digits.
_RUNS = re.compile(r"([\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+)|([^\W_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+)")
#: A sign that no normalised text holds: before the letters of a kind it makes a piece that only that kind has.
MARK = "\u2170"
LONGEST = 20_000


@lru_cache(maxsize=1)
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


def plain(text: str) -> str:
    """The one spelling that is compared: width, case and traditional characters folded, spaces single."""
    folded = unicodedata.normalize("NFKC", text[:LONGEST]).lower()
    if re.search("[\u4e00-\u9fff]", folded):
        folded = _simplifier().convert(folded)
    return " ".join(folded.split())


def _runs(text: str) -> Iterator[tuple[str, int]]:
    for match in _RUNS.finditer(text):
        yield match.group(0), 2 if match.group(1) else 3


def pieces(text: str, *, kind: str) -> str:
    """All pieces of a plain text with the mark of its kind, separated by spaces: one begins at every character."""
    found = {run[start : start + size] for run, size in _runs(text) for start in range(len(run))}
    return " ".join([MARK + kind[:2], *sorted(found)])


def asked(text: str, *, kind: str) -> list[tuple[str, bool]]:
    """The pieces that whatever holds this plain text must have: each with whether it is only the beginning of one."""
    wanted: dict[str, bool] = {}
    for run, size in _runs(text):
        if len(run) < size:
            wanted.setdefault(run, True)
        for start in range(len(run) - size + 1):
            wanted[run[start : start + size]] = False
    return [(MARK + kind[:2], False), *list(wanted.items())[:16]] if wanted else []
