"""Which matter an English text is about, told apart from the words that only say whose case is meant. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from triage.wording_english.reader import Reader
from triage.wording_english.wishes import ASKS
from triage.wording_english.words import COURTESY, TITLED, VERB


def matter_of(clause: str) -> str:
    """A clause without the words that only say which case is meant: what stands before a colon, and names (〇, `patterns.without_names`)."""
    colon = _COLON.match(clause)
    words = colon["rest"] if colon and len(colon["ref"].split()) < 6 else clause
    return re.sub(r"〇(?:'s)?\s?", "", words) or words


_GENERIC = re.compile(
    r"\b(?:for|re|about|on|of|with|and|the|a|an|this|that|his|her|their|your|our|my|job|case|order|booking|file|ticket|site|seat|unit|stand|call|tenant|workspace|account|ref|reference|no|number|client|customer|guest|parents?|"
    r"room|suite|station|feeder|fitting|policy|claim|shipment|parcel|again|hi|hello|morning|update|news|fyi|one)\b",
    re.I,
)
_COLON = re.compile(r"^(?P<ref>[^:]{2,60}):\s+(?P<rest>\S.*)$", re.S)
_NUMBER = r"(?:[A-Za-z]{1,5}[-#]?\d[\w-]*|#?\d{3,}[\d-]*|\d+[A-Z])"


def _stripped(words: str, who: Reader) -> str:
    """Words by which a case is named, without the names and numbers."""
    for mark in sorted(who.labels, key=len, reverse=True):
        words = re.sub(rf"(?<!\w){re.escape(mark)}(?!\w)", " ", words, flags=re.I)
    words = re.sub(rf"(?<![\w'])(?:[a-z][a-z-]+\s)?{_NUMBER}(?!\w)", " ", words)
    for name in sorted(who.names, key=len, reverse=True):
        words = re.sub(rf"\b{re.escape(name)}(?:'s?)?(?!\w)", " ", words, flags=re.I)
    words = re.sub(rf"{TITLED}(?:'s)?", " ", words)
    own = "|".join(re.escape(word) for word in who.words)
    return re.sub(rf"\b(?:{own})(?:'s?)?(?!\w)", " ", words, flags=re.I) if own else words


def _thing(reference: str, who: Reader) -> str:
    """The matter that a reference names beside whose it is: “Marta's tasting glasses” → tasting glasses."""
    rest = re.sub(r"\s+", " ", _stripped(reference, who)).strip(" ,.'-")
    bare = re.sub(r"^(?:(?:for|re|about|on|of|and|the|with)\s)+", "", rest, flags=re.I)
    return bare if len(re.sub(r"[\W\d_]", "", _GENERIC.sub(" ", bare))) > 2 else ""


def _called(reference: str, who: Reader) -> str:
    """The same of a reference without a colon: names of places and houses are no matter."""
    return _thing(reference, who) if "'s " in reference or reference[:1].islower() else ""


def _is_reference(clause: str, who: Reader) -> bool:
    """Whether a clause at the beginning only says which case is meant."""
    if ASKS.search(clause) or VERB.search(clause) or "?" in clause:
        return False
    rest = _GENERIC.sub(" ", _stripped(clause, who))
    left = re.findall(r"[A-Za-z][\w'-]+", rest)
    named = rest != _GENERIC.sub(" ", clause)
    numbered = re.fullmatch(r"(?:the )?[\w-]+ (?:no )?#?\d+\w?", clause)
    return (
        not left
        or bool(numbered)
        or (named and len(left) < 5)
        or (len(left) < 4 and all(word[0].isupper() for word in left))
    )


def without_reference(kept: Sequence[str], who: Reader) -> tuple[str, list[str]]:
    """What the words are about, and the clauses without the words that only say which case is meant."""
    about: list[str] = []
    rest = list(kept)
    while rest:
        colon = _COLON.match(rest[0])
        if colon and (_is_reference(colon["ref"], who) or COURTESY.match(colon["ref"])):
            about.append(_thing(colon["ref"], who))
            rest[0] = colon["rest"]
        elif len(rest) > 1 and COURTESY.match(rest[0]):
            rest.pop(0)
        elif len(rest) > 1 and _is_reference(rest[0], who):
            about.append(_called(rest.pop(0), who))
        else:
            break
    return ", ".join(dict.fromkeys(filter(None, about))), rest


_HEADLESS = re.compile(
    r"^(?:is|are|was|were|has|have|can|could|will|would|needs?|should|must|may|might|does|did|won't|can't|isn't|goes|leaves|comes|fits|works)\b",
    re.I,
)


def headed(clause: str, who: Reader) -> str:
    """A clause without the number or name with which it begins; “it” where that was its subject."""
    marks = "|".join(
        [
            *(re.escape(label) for label in sorted(who.labels, key=len, reverse=True)),
            r"[A-Z]{1,5}-?\d{2,}[\w-]*",
            r"#?\d{3,}(?:-\d+)*",
        ]
    )
    bare = re.sub(
        rf"^(?:(?:for|re|on|about)\s+)?(?:{marks})(?![\w-])(?!\s(?:pieces|pcs|items|units|m|cm|mm|kg)\b)\s*[,:]?\s*",
        "",
        clause,
    )
    if bare != clause and bare:
        bare = re.sub(
            rf"^(?:for\s+)?(?:{'|'.join(re.escape(n) for n in sorted(who.names, key=len, reverse=True)) or '(?!)'})(?!'s|\w)\s*[,:]?\s*(?=\S)", "", bare, flags=re.I
        )  # fmt: skip
    return f"it {bare}" if bare != clause and _HEADLESS.match(bare) else bare or clause
