"""Personal data leaves this machine as numbered marks, and comes back where the answer holds a mark. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from knowledge.privacy import MASKS, detect

_LABELS = {kind: mask.strip("【】") for kind, mask in MASKS.items()} | {"name": "人名"}
_MARK = re.compile(rf"【(?:{'|'.join(sorted(set(_LABELS.values())))})\d{{1,3}}】")


class UnknownMark(ValueError):
    """An answer holds a mark that stands for nothing."""


class Masker:
    """Replaces what looks like personal data by marks such as ``【电话1】``; the same words have the same mark within one question.

    :param known: words that are known to be personal, with their kind (name, order_number…).
    :param active: without it texts stay as they are.
    """

    def __init__(self, known: Mapping[str, str] | None = None, *, active: bool = True) -> None:
        self._known = {words.strip(): kind for words, kind in (known or {}).items() if len(words.strip()) > 1}
        self._active = active
        self._mark_of: dict[str, str] = {}
        self._words_of: dict[str, str] = {}
        self._count: dict[str, int] = {}

    def mask(self, text: str) -> str:
        """The text with marks. What already looks like a mark is defused, so that nobody can forge one."""
        if not self._active or not text:
            return text
        text = _MARK.sub(lambda found: f"〔{found.group()[1:-1]}〕", text)
        found = detect(text, names=self._known)
        marks = [self._mark(one.text, self._known.get(one.text, one.kind)) for one in found]
        for one, mark in reversed(list(zip(found, marks, strict=True))):
            text = text[: one.start] + mark + text[one.end :]
        return text

    def mask_all(self, value: Any) -> Any:
        """A JSON value with all its texts masked."""
        if isinstance(value, str):
            return self.mask(value)
        if isinstance(value, (list, tuple)):
            return [self.mask_all(one) for one in value]
        if isinstance(value, dict):
            return {key: self.mask_all(one) for key, one in value.items()}
        return value

    def _mark(self, words: str, kind: str) -> str:
        if words not in self._mark_of:
            label = _LABELS.get(kind, "人名")
            self._count[label] = self._count.get(label, 0) + 1
            mark = f"【{label}{self._count[label]}】"
            self._mark_of[words], self._words_of[mark] = mark, words
        return self._mark_of[words]

    def unmask(self, text: str) -> str:
        """The text with the words that its marks stand for.

        :raises UnknownMark: when it holds a mark that was never given.
        """
        if not self._active:
            return text

        def words(found: re.Match[str]) -> str:
            if found.group() not in self._words_of:
                raise UnknownMark(found.group())
            return self._words_of[found.group()]

        return _MARK.sub(words, text)
