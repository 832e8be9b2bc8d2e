"""An English text taken apart into sentences and clauses, and what is left of it put side by side again. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from triage.wording_english.wishes import ASKS
from triage.wording_english.words import DAYS, MONTHS

_AT = re.compile(r"@[^\s@,]{1,16}\s?")
_ABBREVIATION = re.compile(r"\b(Mr|Mrs|Ms|Dr|Prof|St|No|approx|ca|ext|tel|vs|etc)\.(?=\s)", re.I)
_AM_PM = re.compile(r"\b([ap])\.\s?m\b\.?", re.I)
_DASH = re.compile(r"(?<=[^\s\d])\s+[-–—]+\s+(?=\S)|(?<=\d)\s+[-–—]+\s+(?=[A-Za-z])|\s*—\s*")
_SENTENCE = re.compile(r"(?<=[?!])\s+|[;\n]+\s*|\.+(?=\s|$)\s*")
_COMMA = re.compile(
    r",\s+|,(?=[a-z])|\s+(?=(?:and|so|but|then)\s+(?:please|pls|plz|kindly|(?:ask|tell|remind) (?!us|me)|(?:can|could|would) (?:you|u|she|he|they))\b)|(?<!:)(?<!\bso)(?<!\band)(?<!\bbut)(?<!\bthen)\s+(?=(?:please|pls|plz) (?:ask|tell|have|get|remind)\b)",
    re.I,
)
#: A clause of its own begins here, whoever or whatever it is about.
SUBJECT = re.compile(
    r"(?:and |but |so |then |also |n )?(?:i|we|you|he|she|they|it|that|this(?! (?:morning|afternoon|evening|week|time|month|year)\b)|these|those|there|who|what|isn'?t|aren'?t|wasn'?t|is|are|was|were|do|does|don'?t"
    r"|doesn'?t|didn'?t|not (?:her|his|their|our|my|that)|my|our|(?:his|her|their) (?:\w+ )?(?:mum|mom|dad|husband|wife|own|last|old)|maybe|probably|perhaps|might|could|may|can|will|would|costs?|bill|charge|otherwise|or else"
    r"|but|please|pls|plz|kindly|ask|cheers|thanks|ta|typical|lol|haha|btw|honestly|between|entre|bless|ugh|poor|lazy|silly|took (?:him|her|them)|same\b(?! day)|still|nothing|no luck|no good|didn'?t|won'?t|its|keeps)(?=\b|')",
    re.I,
)
#: A thing, and what it is or does.
_THING_DOES = re.compile(
    r"(?:(?:the|a|an|its|their|our|both|all|\w+)\s)(?:[\w'-]+\s){0,5}(?:is|are|was|were|has|had|will|won'?t|can|can'?t|cannot|isn'?t|aren'?t|didn'?t|doesn'?t|comes|goes|needs|keeps|leaves|arrives|fits|starts|ends)\b",
    re.I,
)
#: One more act of a list, though a clause follows in it.
_ONE_MORE_ACT = re.compile(
    r"(?:and |then |n |also )*(?:check|make|see|tell|let|confirm|note|say|ensure|keep|leave|wait|send|take|write|count|measure|try|look|show|turn|switch|open|close|press|run|put|bring|move|hold|give|have|read)\b",
    re.I,
)
#: Where, when or with what: it belongs to what was said before.
_ADDED = re.compile(
    rf"(?:and )?(?:from|at|by|on|in|before|after|until|till|between|via|near|next to|around|for|with|without|within|inside|outside|opposite|behind|exit|gate|door|room|floor|level|hall|bay|dock|berth|platform|terminal"
    rf"|building|unit|block|\d{{1,2}}(?:st|nd|rd|th)?\s(?:{MONTHS})|(?:{MONTHS})\s\d|{DAYS})\b",
    re.I,
)


def plain(text: str) -> str:
    """A text in the form in which it is taken apart: no handles, no dots that end nothing, commas for dashes."""
    text = _AT.sub("", text).replace("\u2019", "'").replace("\u2018", "'")
    text = _AM_PM.sub(r"\1m", _ABBREVIATION.sub(r"\1", text))
    return re.sub(r"[ \t]+", " ", _DASH.sub(", ", text)).strip()


def sentences(text: str) -> list[str]:
    """The sentences of a plain text; a question keeps its mark."""
    return [part.strip(" ,.!") for part in _SENTENCE.split(text) if part and part.strip(" ,.!")]


def clauses(sentence: str) -> list[str]:
    """The clauses of a sentence: a further fact or wish is one more, the next act or place of a list is not."""
    found: list[str] = []
    for piece in (part.strip(" ,") for part in _COMMA.split(sentence)):
        if not piece:
            continue
        if found and _continues(piece, found[-1]):
            found[-1] = f"{found[-1]}, {piece}"
        else:
            found.append(piece)
    return found


def _continues(piece: str, before: str) -> bool:
    """Whether a piece between commas goes on with what stands before it."""
    if SUBJECT.match(piece):
        return False
    if ASKS.search(before):
        return bool(_ONE_MORE_ACT.match(piece)) or not _THING_DOES.match(piece)
    return bool(_ADDED.match(piece)) and len(piece.split()) < 7 and not _THING_DOES.match(piece)


def joined(kept: Sequence[tuple[str, str]], text: str) -> str:
    """Clauses as they stood beside each other: a comma inside a sentence, a full stop between two.

    :param kept: each clause as it stood in the text, and as it is told now.
    """
    words, at = "", 0
    for clause, told in kept:
        found = text.find(clause, at)
        between = text[at:found] if words and found >= 0 else ""
        at = found + len(clause) if found >= 0 else at
        if not words:
            words = told
        elif words.endswith("?") or re.search(r"[.;!?\n]", between):
            words = f"{words if words.endswith('?') else words + '.'} {told[:1].upper()}{told[1:]}"
        else:
            words = f"{words}, {told}"
    return words
