"""What goes on to a customer of a text in English: what it is about, the news, what is asked of them. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from triage.wording_english.clauses import SUBJECT, joined
from triage.wording_english.matters import headed, without_reference
from triage.wording_english.reader import Reader
from triage.wording_english.talk import tells
from triage.wording_english.turned import as_asked, news_to_reader, ours, to_reader
from triage.wording_english.wishes import TRAILS, before_wish, wish_in
from triage.wording_english.words import PERSON_FIRST

_LEADING = re.compile(r"^(?:and|so|but|then|also|plus|btw|n|&|ok|okay|right|well|fyi)\s+(?=\S)", re.I)


@dataclass(frozen=True)
class Relayed:
    """What goes on to a customer: what it is about, what is new, what is asked; empty where there is nothing of the kind."""

    about: str = ""
    news: str = ""
    request: str = ""

    @property
    def need(self) -> str:
        """All of it, as the need of the item that it opens."""
        asked = f"please {self.request}" if self.request else ""
        told = ". ".join(part for part in (self.news.rstrip("."), asked) if part).replace("?.", "?")
        return f"{self.about}: {told}" if self.about and self.about.lower() not in told.lower() else told

    @property
    def decides_nothing_named(self) -> bool:
        """Whether it only asks for a yes, without a word about what."""
        return not self.news and bool(_BARE_ANSWER.match(self.request))

    def naming_its_matter(self) -> Relayed:
        """The same with the matter that it is about in its text, where it does not name it."""
        text = f"{self.news} {self.request}".lower()
        if not self.about or self.about.lower() in text:
            return self
        matter = f"about {'' if _DETERMINED.match(self.about) else 'the '}{self.about}"
        if self.news:
            return replace(self, news=f"{matter}: {self.news}")
        asked, bracket, reason = self.request.partition(" (")
        return replace(self, request=f"{asked} {matter}{bracket}{reason}")


_DETERMINED = re.compile(r"(?:the|a|an|your|our|his|her|their|this|that)\b|[A-Z]|\w+'s\b")
#: A thing that is named, and nothing said of it.
_ONLY_NAMED = re.compile(
    r"^(?:the|your|our|that|this) (?:[\w'-]+|(?:(?!is\b|was\b|has\b|came\b|went\b|left\b|broke\b|\w+(?:ed|ing)\b)[\w'-]+ ){1,3}(?!\w+[^s\W]s\b|\w+ed\b)[\w'-]+)$",
    re.I,
)
_BARE_ANSWER = re.compile(
    r"^(?:let us know|confirm|decide|choose|approve|answer|reply)\b(?:\W+(?:it|that|this|here|us|today|tomorrow|tonight|soon|asap|now|by \w+|about it))*\W*$",
    re.I,
)
#: Why something is asked: it stands behind what is asked.
_REASON = re.compile(
    r"^(?:so|then (?:we|i)|because|as|since|cos|otherwise)\b|^(?:we|i)(?:'ll|'d)?\s(?:need|want|can't|cannot|can|must|have to|start|only|won't|are waiting|wait|order|cut|print|go|look)\b.*|^(?:that|this) way\b",
    re.I,
)


def _begun_small(words: str) -> str:
    """Words that follow a greeting."""
    return re.sub(
        r"^(?:The|We|It|Your|This|That|There|A|An|All|Both|Our|Everything|Please|Can|Could|Would|Is|Are|New|Looked|Checked|Had)\b",
        lambda m: m.group(0).lower(), words,
    )  # fmt: skip


def _bare(clause: str) -> str:
    while (shorter := _LEADING.sub("", clause)) != clause:
        clause = shorter
    return clause


def relayed(kept: Sequence[str], text: str, who: Reader) -> Relayed:
    """A colleague's or partner's wish as its reader may read it, with the news beside it.

    :param kept: the clauses that may be told. :param text: the whole, from which they come.
    """
    about, rest = without_reference(kept, who)
    origin = list(kept)[len(kept) - len(rest) :]
    of_reader = any(
        wish_in(clause) or any(who.is_called(word) for word in re.findall(r"[\w-]+", clause)) for clause in kept
    )
    requests: list[str] = []
    reasons: list[str] = []
    news: list[tuple[str, str]] = []
    for stood, clause in zip(origin, rest, strict=True):
        found = wish_in(clause)
        before = before_wish(clause, found[1]) if found else ""
        if found and found[0] == "know":
            news.append((stood, news_to_reader(_bare(found[1]["news"]), who, of_reader=True)))
        elif found:
            if len(before.split()) > 2 and tells(before):
                news.append((stood, news_to_reader(_bare(headed(before, who)), who, of_reader=of_reader)))
            asked = as_asked(*found, who)
            requests.append(TRAILS.sub("", asked.strip(" ?.,!")))
        elif requests and _REASON.match(clause):
            reasons.append(to_reader(ours(_bare(clause)), "any" if not who.speaks_for_another else "none"))
        elif tells(clause) or "?" in clause or (news and not PERSON_FIRST.match(clause) and not SUBJECT.match(clause)):
            news.append((stood, news_to_reader(_bare(headed(clause, who)), who, of_reader=of_reader)))
    if len(requests) > 1:
        requests = [wish for wish in requests if wish != "let us know"]
    request = ", and ".join(dict.fromkeys(requests))
    if request and reasons:
        request += f" ({', '.join(reasons)})"
    told = _begun_small(joined(news, text))
    if request and _ONLY_NAMED.match(told.strip(" .,")):
        # “the delivery van. could you please …”: no news, only which of their things is meant.
        return Relayed(about, "", f"{request} (it is about {told.strip(' .,')})")
    return Relayed(about, told, request)


def reported(kept: Sequence[str], text: str, who: Reader) -> tuple[Relayed, list[str]]:
    """A result as its reader may read it, and the clauses that tell them nothing."""
    about, rest = without_reference(kept, who)
    origin = list(kept)[len(kept) - len(rest) :]
    news: list[tuple[str, str]] = []
    idle: list[str] = []
    for stood, clause in zip(origin, rest, strict=True):
        if not tells(clause):
            idle.append(stood)
            continue
        found = wish_in(clause)
        if found and found[0] == "know":
            told = news_to_reader(_bare(found[1]["news"]), who, of_reader=True)
        elif found and not PERSON_FIRST.match(clause):
            before = before_wish(clause, found[1])
            told = f"please {as_asked(*found, who)}"
            told = f"{news_to_reader(before, who, of_reader=True)}, {told}" if len(before.split()) > 2 else told
        else:
            told = news_to_reader(_bare(headed(clause, who)), who, of_reader=False)
        news.append((stood, told))
    return Relayed(about, _begun_small(joined(news, text))), idle
