"""What patterns are not to read in a text. Pure."""

from __future__ import annotations

from collections.abc import Iterable


def without_names(text: str, names: Iterable[str]) -> str:
    """A text in which the names of people stand as 〇, so that no pattern reads them (Hannah Price speaks of no price); longest first."""
    for name in sorted({name for name in names if len(name) > 1}, key=len, reverse=True):
        text = text.replace(name, "〇")
    return text
