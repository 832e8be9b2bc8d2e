"""Regular expressions for text that mixes Chinese and English, and what they are to be spared. Pure."""

from __future__ import annotations

import re

#: An edge of an English word. To `re` a Chinese character is a letter as well, so that its own `\b` finds no edge in “那个APR到底几”.
_EDGE = r"(?:(?<![A-Za-z0-9_])(?=[A-Za-z0-9_])|(?<=[A-Za-z0-9_])(?![A-Za-z0-9_]))"
_HAN_NUMBER = "零〇一二两三四五六七八九十百千万半"
#: More of one kind without a break than anybody writes: the patterns would look at each stretch of it from each of its characters.
_ENDLESS = re.compile(
    rf"(\d{{100}})\d+|(\s{{100}})\s+|([{_HAN_NUMBER}]{{100}})[{_HAN_NUMBER}]+|(([^\w\s])\5{{99}})\5+|([!-~]{{1000}})[!-~]+"
)


def mixed(*patterns: str) -> re.Pattern[str]:
    """Any of these patterns, whatever the case of letters, where ``\\b`` means an edge of an English word inside Chinese as well."""
    return re.compile("|".join(f"(?:{p})" for p in patterns).replace(r"\b", _EDGE), re.IGNORECASE)


def without_endless(text: str) -> str:
    """A text whose endless stretches (digits, spaces, numbers in characters, one sign, unbroken Latin letters and signs) are cut to what could mean something."""
    return _ENDLESS.sub(lambda match: match[match.lastindex or 0], text)
