"""Where in a text the words of a reason stand, so that they can be marked. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypedDict

from review.gate import Reason
from review.presenters import reason_words

_BETWEEN = r"[\s，。,.！!？?~～、:：;；“”\"']*"
#: Reasons that a releaser may overrule knowingly, and those that are no fault at all.
TOLERATED = frozenset({"price"})
NOTES = frozenset({"opens_promise", "opens_ask"})


class Mark(TypedDict):
    """One finding in a text: how grave, the sentence, and the places (start, end) in characters."""

    level: str
    words: str
    spans: list[tuple[int, int]]


def spans_of(text: str, words: str) -> list[tuple[int, int]]:
    """The places of some words in a text, whatever spaces or punctuation stand between their characters."""
    letters = [re.escape(letter) for letter in re.sub(r"\s", "", words)]
    if not letters:
        return []
    return [match.span() for match in re.finditer(_BETWEEN.join(letters), text, re.IGNORECASE)]


def marks_of(text: str, reasons: Iterable[Reason]) -> list[Mark]:
    """What to mark in a text: `stop` keeps it from leaving, `ask` wants a second thought, `note` says what it opens."""
    found: list[Mark] = []
    for reason in reasons:
        level = "note" if reason.code in NOTES else "ask" if reason.code in TOLERATED else "stop"
        spans = spans_of(text, str(reason.params.get("words", "")))
        found.append({"level": level, "words": reason_words(reason.as_json()), "spans": spans})
    return found
