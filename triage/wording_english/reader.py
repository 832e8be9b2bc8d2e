"""Who reads what is passed on in English, and which words are their own name. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from triage.wording_english.clauses import plain


@dataclass(frozen=True)
class Reader:
    """Who reads it, with the names and numbers by which others speak of their case."""

    name: str
    names: tuple[str, ...]
    labels: tuple[str, ...]

    @property
    def words(self) -> frozenset[str]:
        """The words of the reader's own name; none of a parent who is called after a child."""
        own = re.sub(r"\(.*?\)", " ", self.name)
        if PARENT_OF.search(own):
            return frozenset()
        return frozenset(
            w for w in re.findall(r"[a-z][\w-]{2,}", own.lower()) if w not in ("mrs", "miss", "the", "prof")
        )

    @property
    def speaks_for_another(self) -> bool:
        """Whether the reader is called after somebody else: what is told of “her” may be of that child."""
        return bool(PARENT_OF.search(self.name))

    def is_called(self, name: str) -> bool:
        """Whether this is the reader."""
        return bool(self.words & set(re.findall(r"[a-z][\w-]{2,}", name.lower())))


#: Somebody who is called after another.
PARENT_OF = re.compile(r"'s\s(?:mum|mom|mummy|dad|daddy|mother|father|parents?|gran\w*|guardian|wife|husband)\b", re.I)


def reader(name: str, names: Iterable[str], labels: Iterable[str]) -> Reader:
    """Who reads it."""
    return Reader(plain(name), tuple(plain(n) for n in names if n), tuple(label for label in labels if label))
