"""The prompts: files that are read once. A changed prompt is a new file with a new number; its digest is recorded with every decision."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent / "prompts"
UNDERSTAND, WORD = "understand-1", "wording-1"


@dataclass(frozen=True)
class Prompt:
    """A prompt: its name, its words, and a version that changes with every character of them."""

    name: str
    text: str

    @property
    def version(self) -> str:
        """Name and the start of the digest, such as ``understand-1.1a2b3c4d``."""
        return f"{self.name}.{hashlib.sha256(self.text.encode()).hexdigest()[:8]}"


@lru_cache(maxsize=8)
def prompt(name: str) -> Prompt:
    """The prompt of this name."""
    return Prompt(name, (FOLDER / f"{name}.md").read_text(encoding="utf-8"))
