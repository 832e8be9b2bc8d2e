"""English words about a customer turned to that customer: their wishes, pronouns and verbs, and who else is to act. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

from triage.wording_english.reader import PARENT_OF, Reader
from triage.wording_english.words import CUSTOMER, TITLES


def as_asked(kind: str, match: re.Match[str], who: Reader) -> str:
    """A wish in words to its reader: what follows “could you please”."""
    parts = match.groupdict()
    whom = parts.get("whom") or ""
    if kind == "could":
        words = f"let us know whether you could {parts['act'].rstrip('?')}"
    elif kind in ("act", "self", "whether"):
        act = re.sub(r"^(?:(not|never) to|to (not)|to)\s", lambda m: f"{m.group(1) or m.group(2)} " if m.group(1) or m.group(2) else "", parts["act"], flags=re.I)  # fmt: skip
        words = f"let us know {act}" if kind == "whether" else act
    else:
        words = {
            "give": f"send us {(parts.get('thing') or '')}{parts.get('more') or ''}",
            "okay": f"let us have your {parts.get('thing')}",
            "mind": f"remember {parts.get('thing')}",
            "bare": "let us know",
        }[kind]
    third = _third(whom, who)
    if third:
        ask_for = re.sub(r"^(?:send us|let us have your)\s", "", words)
        words = f"ask {third} {'for ' + ask_for if kind == 'give' else 'to ' + words}"
    return ours(to_reader(words, _pronouns(whom, third)))


_ALSO_CALLED = {
    **dict.fromkeys(("mum", "mom", "mother", "mummy"), "mum|mom|mummy|mother"),
    **dict.fromkeys(("dad", "father", "daddy"), "dad|daddy|father"),
}


def _third(whom: str, who: Reader) -> str:
    """Somebody else than the reader who is to act, in words to the reader: “her husband” → your husband. Empty where the reader is meant."""
    if not whom or re.fullmatch(rf"(?i:him|her|them|he|she|they|his|their|(?:(?:the|our|your|ur|this|that|my)\s(?:\w+\s)?)?(?:{CUSTOMER})(?:\s(?:side|there))?)", whom):  # fmt: skip
        return ""
    theirs = re.match(rf"(?:(?i:his|her|their|the (?:{CUSTOMER})'s)|(?P<name>.+)'s)\s(?P<role>.+)$", whom)
    if theirs:
        named = theirs["name"]
        if not named and re.search(
            rf"'s\s(?:{_ALSO_CALLED.get(theirs['role'].lower(), re.escape(theirs['role']))})\b", who.name, re.I
        ):
            return ""
        if who.speaks_for_another and PARENT_OF.search(whom) and whom.lower() in who.name.lower():
            return ""
        return f"your {theirs['role']}" if not named or who.is_called(named) else whom
    bare = re.sub(r"\s(?:there|side)$", "", whom)
    if who.is_called(bare) or not who.name or who.name.lower() in ("", bare.lower()):
        return ""
    return bare


def _pronouns(whom: str, third: str) -> str:
    """Which pronouns of a wish mean the reader."""
    if third:
        return "none" if not third.startswith("your ") else "possessive"
    if re.search(r"(?i)\b(?:them|they|parents|clients|guests|family|couple|people|customers)\b", whom):
        return "plural"
    if re.search(r"(?i)^(?:him|he|his|mr)\b", whom):
        return "male"
    return "female" if re.search(r"(?i)^(?:her|she|mrs|ms|miss)\b", whom) else "any"


_SECOND_PERSON = {
    "is": "are", "has": "have", "was": "were", "does": "do", "goes": "go", "wants": "want", "needs": "need", "likes": "like", "gets": "get", "keeps": "keep",
    "comes": "come", "prefers": "prefer", "agrees": "agree", "confirms": "confirm", "decides": "decide", "sends": "send", "signs": "sign", "says": "say",
    "approves": "approve", "returns": "return", "sees": "see", "hears": "hear", "uses": "use", "takes": "take", "feels": "feel", "thinks": "think", "doesn't": "don't",
    "isn't": "aren't", "hasn't": "haven't", "wasn't": "weren't", "arrives": "arrive", "receives": "receive", "opens": "open", "finds": "find", "knows": "know",
}  # fmt: skip
_SUBJECTS = {
    "male": "he",
    "female": "she",
    "plural": "they",
    "any": "he|she",
}
_OBJECTS = {"male": "him", "female": "her", "any": "him|her"}
_OWN = {"male": "his", "female": "her", "plural": "their", "any": "his|her", "possessive": "his|her|their"}
#: After “her”, where it is no possessive.
_NO_NOUN = r"(?=\s*(?:$|[,.?!;:)]|(?:to|for|with|at|on|in|by|from|if|when|whether|and|or|that|a|an|the|back|up|again|today|tomorrow|tonight|this|as|before|after|once|so|know|about|of)\b))"


def to_reader(words: str, pronouns: str) -> str:
    """Words about the reader as said to them."""
    subject, obj, own = _SUBJECTS.get(pronouns), _OBJECTS.get(pronouns), _OWN.get(pronouns)
    if subject:
        words = re.sub(
            rf"\b(?:{subject})\b('s|'re|'ll|'d|'ve)?(?:\s([\w']+))?", _addressed, words, flags=re.I
        )  # fmt: skip
        words = re.sub(r"\b(?:him|her)self\b|\bthemselves\b", "yourself", words, flags=re.I)
    if obj:
        words = re.sub(rf"\b(?:{obj}){_NO_NOUN}", "you", words, flags=re.I)
    return re.sub(rf"\b(?:{own})\b", "your", words, flags=re.I) if own else words


def _addressed(found: re.Match[str]) -> str:
    """“she does” → you do."""
    short, verb = found.group(1) or "", found.group(2)
    said = "you" + ("'re" if short.lower() == "'s" else short)
    return f"{said} {_SECOND_PERSON.get(verb.lower(), verb)}" if verb else said


_FIRST_PERSON: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"\bI'm\b|\bI am\b|\bi'm\b"), "we're"),
    (re.compile(r"\bI was\b|\bi was\b"), "we were"),
    (re.compile(r"\b[Ii](?='(?:ll|ve|d)\b)"), "we"),
    (re.compile(r"\bI\b|(?<!\w)i(?=\s)"), "we"),
    (re.compile(r"\bmyself\b", re.I), "ourselves"),
    (re.compile(r"\bmy\b", re.I), "our"),
    (re.compile(r"\bme\b", re.I), "us"),
    (re.compile(r"\btell us\b(?! (?:here|know))", re.I), "tell us here"),
    (
        re.compile(r"\b(?:the|your|our) (?:customer|client|guest|tenant|owner|user|resident|buyer|patient)'s\b", re.I),
        "your",
    ),
)


def ours(words: str) -> str:
    """Words of one person as ours."""
    for pattern, ours in _FIRST_PERSON:
        words = pattern.sub(ours, words)
    return words


#: Somebody else is spoken of: “he” need not be the reader.
_SOMEBODY_ELSE = re.compile(
    r"\b(?:drivers?|fitters?|couriers?|teachers?|technicians?|engineers?|doctors?|installers?|electricians?|plumbers?|vet|surveyors?|inspectors?|tutors?|coach|colleagues?|son|daughter|child|kid|boy|girl|dog|cat|horse|mare|patient|baby|puppy)\b",
    re.I,
)
_DID = re.compile(
    r"sent|did|had|went|came|got|made|chose|paid|took|wrote|left|gave|brought|was|is|has|needs|wants|gets|can|will|should|must|may|\w{2,}ed",
    re.I,
)


def _as_subject(found: re.Match[str]) -> str:
    """“Anna sent” → you sent."""
    verb = found["verb"]
    return f"you {_SECOND_PERSON.get(verb.lower(), verb)}" if _DID.fullmatch(verb) else found.group(0)


def news_to_reader(clause: str, who: Reader, *, of_reader: bool) -> str:
    """A clause that tells something, as said to its reader."""
    words = clause
    for name in sorted({who.name, *who.names, *who.words}, key=len, reverse=True):
        if name and who.is_called(name) and not PARENT_OF.search(name):
            words = re.sub(
                rf"(?i:\b(?P<first>(?:{TITLES}) )?)(?P<other>(?!(?i:{TITLES})\b)[A-Z][\w-]+ )?(?i:{re.escape(name)})'s?(?=\s)",
                lambda m: m.group(0) if m["other"] else "your",
                words,
            )
            words = re.sub(
                rf"\b(for|to|with|from)\s(?:(?:{TITLES})\s)?{re.escape(name)}\b(?!'|-)",
                r"\1 you",
                words,
                flags=re.I,
            )
    for name in (who.name, *who.words):
        words = re.sub(rf"^{re.escape(name)}\s(?P<verb>[\w']+)", _as_subject, words, flags=re.I)
    words = ours(words)
    if not of_reader or who.speaks_for_another or _SOMEBODY_ELSE.search(words):
        return words
    gender = "male" if re.match(r"(?i)mr\b", who.name) else "female" if re.match(r"(?i)(?:mrs|ms|miss)\b", who.name) else "any"  # fmt: skip
    return to_reader(words, gender)
