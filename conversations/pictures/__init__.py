"""The words in pictures: read beside the worker, once for each stored file, where the optional package is installed (docs/ocr.md)."""

from conversations.pictures.engine import is_available, is_on
from conversations.pictures.kinds import Finding, findings, has_plate, kind_of
from conversations.pictures.presenters import error_words, kind_hint, shown_text
from conversations.pictures.reading import list_due, note, read_one, read_waiting, sweep_missing, try_again

__all__ = [
    "Finding", "error_words", "findings", "has_plate", "is_available", "is_on", "kind_hint", "kind_of", "list_due", "note", "read_one",
    "read_waiting", "shown_text", "sweep_missing", "try_again",
]  # fmt: skip
