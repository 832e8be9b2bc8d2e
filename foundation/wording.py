"""How parts of a sentence are put together, in the language of the reader."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def told(what: object, words: object) -> str:
    """What it is, and its words after a colon."""
    return _("%(what)s: %(words)s") % {"what": what, "words": words}


def listed(words: Iterable[object]) -> str:
    """One after another, with the sign that this language puts between them."""
    return pgettext("between the words of a list", ", ").join(str(word) for word in words)


def bracketed(words: object) -> str:
    """An addition in brackets, to be put right after what it adds to; nothing where there is none."""
    return _(" (%(words)s)") % {"words": words} if words else ""
