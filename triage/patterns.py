"""Regular expressions for text that mixes Chinese and English, and what they are not to read. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: An edge of an English word. To `re` a Chinese character is a letter as well, so that its own `\b` finds no edge in “那个APR到底几”.
_EDGE = r"(?:(?<![A-Za-z0-9_])(?=[A-Za-z0-9_])|(?<=[A-Za-z0-9_])(?![A-Za-z0-9_]))"


def mixed(*patterns: str) -> re.Pattern[str]:
    """Any of these patterns, whatever the case of letters, where ``\\b`` means an edge of an English word inside Chinese as well."""
    return re.compile("|".join(f"(?:{p})" for p in patterns).replace(r"\b", _EDGE), re.IGNORECASE)


def without_names(text: str, names: Iterable[str]) -> str:
    """A text in which the names of people stand as 〇, so that no pattern reads them (Hannah Price speaks of no price); longest first."""
    for name in sorted({name for name in names if len(name) > 1}, key=len, reverse=True):
        text = text.replace(name, "〇")
    return text
