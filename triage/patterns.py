"""Regular expressions for text that mixes Chinese and English. Pure."""

from __future__ import annotations

import re

#: An edge of an English word. To `re` a Chinese character is a letter as well, so that its own `\b` finds no edge in “那个APR到底几”.
_EDGE = r"(?:(?<![A-Za-z0-9_])(?=[A-Za-z0-9_])|(?<=[A-Za-z0-9_])(?![A-Za-z0-9_]))"


def mixed(*patterns: str) -> re.Pattern[str]:
    """Any of these patterns, whatever the case of letters, where ``\\b`` means an edge of an English word inside Chinese as well."""
    return re.compile("|".join(f"(?:{p})" for p in patterns).replace(r"\b", _EDGE), re.IGNORECASE)
