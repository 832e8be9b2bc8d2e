"""English: what a colleague or partner wrote becomes what a customer may read. Pure.

A text is taken apart into clauses (`clauses`), which `wording.take_apart` judges one by one. What is left is put together again for its reader
(`relayed`, `reported`): the news, what is asked of them, and what it is about, each by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from triage.engines.local.clauses import inside

#: Who a customer is called by those who do not know the name.
_CUSTOMER = (
    r"customers?|clients?|parents?|guests?|tenants?|owners?|users?|residents?|buyers?|patients?|members?|passengers?|family|couple|lady|gentleman|students?|contact"
    r"|hotel|shop|school|office|clinic|company|store|restaurant|museum|club|agency|applicant|subscriber|renter|driver|skipper|bride|groom|author|speaker|candidate|shipper|consignee|importer"
)
#: Who acts for a customer, or beside them.
_THEIR_PEOPLE = (
    r"husband|wife|partner|mum|mom|mother|dad|father|son|daughter|brother|sister|parents|technician|engineer|electrician|plumber|caretaker|janitor|porter|landlord|landlady|tenants?"
    r"|neighbou?r|cleaner|housekeeper|nanny|driver|helper|assistant|secretary|colleague|manager|receptionist|foreman|staff|team|crew|admin|accountant|lawyer|agent|boss|gardener|security|concierge"
    r"|builder|teacher|chef|captain|skipper|vet|doctor|friend|flatmate|roommate|guard|operator|installer|fitter|front desk|reception|warehouse|groom|nurse|carer|IT|developer|organist|verger"
)
_TITLED = r"(?:(?i:mr|mrs|ms|miss|dr|prof)\s+[A-Za-z][\w'-]*[\w](?<!'s)(?:\s[A-Z][\w-]+)?)"
_MONTHS = r"jan\w*|feb\w*|mar(?:ch)?|apr\w*|may|june?|july?|aug\w*|sep\w*|oct\w*|nov\w*|dec\w*"
_DAYS = r"mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|\w+day|today|tomorrow|tonight|now|asap"

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
_SUBJECT = re.compile(
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
    rf"|building|unit|block|\d{{1,2}}(?:st|nd|rd|th)?\s(?:{_MONTHS})|(?:{_MONTHS})\s\d|{_DAYS})\b",
    re.I,
)

#: Opens what stays among colleagues, to the end of its sentence.
_ASIDE = re.compile(
    r"^\W*(?:and |but |oh |btw |ps )*(?:(?:strictly |just )?between (?:you and me|ourselves|us|you)|entre nous|just us\b|off the record|for your (?:ears|eyes)|not for (?:her|him|them|the \w+)|don'?t quote me|internal(?:ly)?\b|on the quiet|confidentially)",
    re.I,
)
#: Who is talked about, where the clause before was talk.
_TALKS_ON = re.compile(
    r"^(?:and |but |so |cos |because )*(?:he|she|they|that (?:one|man|woman|lot|bloke|guy|lady|family)|some people|these people|those people|people like)\b",
    re.I,
)
_STATE = (
    r"done|finished|fixed|ready|complete|back|here|in|out|up|off|on|through|over|open|closed|safe|sound|clean|dry|fine|good|okay|ok|free|fit|full|cut|made|sent|built|rebuilt|set|let|sold|found|torn|worn"
    r"|broken|bent|sewn|dug|drawn|taken|given|hung|laid|lit|run|shut|shown|split|spun|stuck|thrown|won|wound|written|bound|warped|gone|due|on (?:its|the) way|available|blurred|blurry|missing|empty|loose|stiff|wet|damp|flat|faint|smooth|tight|level|straight|grey|white|black|red|blue|green|brown|yellow|\w{3,}ed"
)
_ACTS = (
    r"replaced|repaired|fixed|fitted|refitted|installed|tested|cleaned|collected|delivered|packed|repacked|shipped|dispatched|ordered|reordered|booked|approved|cleared|passed|printed|reprinted|painted|mended|rebuilt|finished|completed"
    r"|sanded|sealed|adjusted|serviced|tuned|changed|removed|greased|reset|rewound|resized|groomed|clipped|swept|stamped|signed|issued|renewed|uploaded|updated|restored|recalibrated|calibrated|redone|reglued|trimmed|translated|mounted"
)
_PERSON_FIRST = re.compile(
    r"^(?:and |but |so )*(?:he|she|they|i|you|his|her|their|that (?:one|man|woman|lot|bloke|guy|lady)|some people|this (?:one|man|woman|lady|guy)|whoever|nobody|everybody|(?:took|cost|made|got) (?:him|her|them|you|us))\b",
    re.I,
)
#: Somebody is blamed, laughed at or suspected, however much is told beside it: the model is to be heard.
_TALKS = re.compile(
    r"\bby (?:our|my|some|a|you|his|her|their|the (?!end|door|window|gate|weekend|morning|afternoon|evening|week|time|book|hour|pool|stairs|lift)|[A-Z](?!-?\d))|\b(?:i|i'm|i'd|me|myself|mates?|lads?|boys?|girls?|blokes?|guys?|cowboys?|chimp|monkey|nobody|whoever|ha|haha+|lol|shh|cos|messy|pub|drunk|hope|hate|ex|ex-\w+|police"
    r"|rehab|disgusting|lazy|silly|stupid|git|idiot|moo|cow|dog muck|poor|wrong|account|invoice[ds]?|pay|paid|unpaid|loaded|pocket|dropped|forced|never|apprentice|cleaner|reception|courier|sauce|knackered|arse[d]?|hell|blame|fault|mine|ours|yours|cough|quiet|pretend|make it up|cash|ask|sell"
    r"|bothered|quoted|charge|padded|fake|luck|lucky|surprise|honest|wager|bet|reckon|tell them|don't|told|said)\b",
    re.I,
)
#: Something, not somebody, is done, there, found or on its way; an act with which a report begins; what is proposed.
_PLAIN_FACT = re.compile(
    rf"\b(?:is|are|was|were|has been|have been|'s|'re)\s(?:(?:now|all|both|fully|safely|already|finally|just|properly|completely|being)\s)*(?:done|finished|fixed|replaced|repaired|ready|approved|rejected|sold out|{_ACTS})\b"
    rf"|^(?:[\w'-]+\s){{0,4}}(?:{_ACTS})\b|^(?:just |all |we(?:'ve| have)? |have )?(?:looked (?:through|at|over)|gone through|went through|been through|checked|tested|inspected|measured)\b"
    r"|\b(?:can|may) (?:now )?(?:join|start|begin|move up|enter|collect)\b|^they (?:want|need|require|ask(?:ed)? for|are asking for) (?:the|a|an|two|proof|copies|your)\b|\bwe(?:'d| would)? (?:suggest|propose|recommend|advise|like to)\b|^(?:the )?(?:tracking|delivery note|consignment|order|waybill) (?:number|note|no|code)\b|\bwould (?:read|look|be|fit|work|suit|hold|sit|go) (?:much |far )?better\b|\bwe(?:'ll| will)? (?:fit|collect|deliver|come|bring|start|ship|install)\b",
    re.I,
)
_FACT = re.compile(
    rf"\b(?:is|are|was|were|has been|have been|had been|be|been|has|have|got|gets|will be|'s|'re)\s(?:(?:now|all|both|fully|safely|already|finally|just|properly|completely|being)\s)*(?:{_STATE})\b"
    r"|\b\d+ ?(?:minutes?|mins?|hours?|hrs?|days?|weeks?|lengths|laps|pages|cm|mm|metres?|kg|%)\b|\btracking\b|\b(?:today|tomorrow|tonight|(?:this|that|(?:the|that) same) (?:morning|afternoon|evening|day)|(?:by|on|from|next) (?:\w+day|week|noon)|(?<!every )(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b|\b(?:mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|\w+sday|\w*[nir]day) \d|\b\d ?(?:am|pm)\b",
    re.I,
)


def talk_from(clause: str) -> float:
    """From how likely on (by the model that hears talk) a clause that states a fact is still taken for talk; 0 where it states none."""
    if _TALKS.search(clause) or (_PERSON_FIRST.match(clause) and not _MAY.search(clause)):
        return 0.0
    return 0.97 if _PLAIN_FACT.search(clause) else 0.95 if _FACT.search(clause) else 0.0


#: Talk about people in its usual turns.
_GOSSIP = re.compile(
    r"\btook (?:him|her|them|you) (?:long|ages|forever|an age|a while|(?:two|three|four|five|\d+) (?:goes|tries|times|attempts|weeks|days))\b|^(?:they|some people|people like \w+) (?:all|always|never)\b|\bsame old story\b|\beh\W*$|\b(?:short|late|missing|wrong|lost|broken|forgotten) (?:from|by|thanks to|because of) (?:\w+'s|our|my|the|that) (?:\w+ )?(?:crew|shift|team|lads?|drivers?|packers?|fitters?)\b"
    r"|^(?:a )?bit (?:much|rich)\b|^took (?:ages|forever|hours|us|me)\b|^(?:what a |such a |real |proper |absolute |total )?[\w-]+ (?:woman|man|bloke|guy|lady|person|lot|people)$"
    r"|\bsome(?:one|body) (?:has |had |must have |clearly )?(?:[\w-]{2,}ed|ran|left|put|took|broke|forgot|lost|hit|bent|spilt|stuck|drove|sat|fell|wrote|tore|cut|shut|threw|fed)\b"
    r"|\b(?:he|she|they)(?:'ll| will) (?:swear|deny|moan|claim|insist|kick off|whinge)\b",
    re.I,
)


#: A number that is no date, time, measure or count of something: beside a price it is one, too.
_SUM = re.compile(
    rf"(?<![\w:.#/-])\d{{2,5}}(?:\.\d\d)?(?![\w:/-])(?!\s?(?:am|pm|cm|mm|m|kg|g|%|degrees|litres?|minutes?|mins?|hours?|hrs?|days?|weeks?|pages?|pieces?|pcs|sheets?|boxes|bottles|{_MONTHS})\b)(?<!(?:room|unit|gate|exit|flat) \d\d)",
    re.I,
)


def names_a_sum(clause: str) -> bool:
    """Whether a clause holds a number that may be a price."""
    return bool(_SUM.search(clause))


def gossips(clause: str) -> bool:
    """Whether a clause is one of the usual turns of talk about people."""
    return bool(_GOSSIP.search(clause))


def matter_of(clause: str) -> str:
    """A clause without the words that only say which case is meant: what stands before a colon, and names (〇, `patterns.without_names`)."""
    colon = _COLON.match(clause)
    words = colon["rest"] if colon and len(colon["ref"].split()) < 6 else clause
    return re.sub(r"〇(?:'s)?\s?", "", words) or words


#: What a report may hold for its reader: what was done, found, sent, when, what comes next, what is proposed.
_REPORTS = re.compile(
    r"\d|\b(done|in|fitted|install\w*|replac\w*|fix\w*|repair\w*|arriv\w*|deliver\w*|sent|ship\w*|dispatch\w*|ready|book\w*|schedul\w*|complet\w*|finish\w*|work\w*|"
    r"tested|check\w*|found|fault\w*|broken|leak\w*|drip\w*|crack\w*|needs?|order\w*|due|parts?|visit\w*|com(e|es|ing)|monday|tuesday|wednesday|thursday|friday|saturday|sunday|"
    r"today|tomorrow|tonight|morning|afternoon|evening|approv\w*|issued|refund\w*|stock|results?|pass\w*|clear\w*|customs|port|warehouse|report\w*|clean\w*|collect\w*|"
    r"pick\w*|return\w*|confirm\w*|cancel\w*|start\w*|running|back|out|left|on (its|the) way|please|signed|printed|cut|painted|moved|open|closed|printer|number|tracking|"
    r"suggest\w*|propos\w*|recommend\w*|prefer\w*|instead|available|possible|join|group|fail\w*|damage\w*|looks? (good|fine)|looked|seen|without)\b",
    re.I,
)
#: Something is or will be so.
_STATES = re.compile(r"\b(?:is|are|was|were|has|have|had|will|can|'s|'re|'ll|would|could)\b", re.I)
#: Greetings and thanks among colleagues.
_COURTESY = re.compile(
    r"^\W*(?:(?:hi|hiya|hey|hello|morning|good morning|afternoon|evening|cheers|thanks|thank you|ta|ty|thx|ok|okay|right|mate|sure|yes|yep|got it|have it|seen it|seen|received|noted|fyi|update|news|quick one|perfect|lovely|great|brilliant"
    r"|that'?ll do|that works|looks fine|looks good|all good|green now|all again|all|again|team|guys|folks|there|now)\b\W*)+(?:[A-Z]\w+\W*)?$",
    re.I,
)
#: Below it the model takes a clause rather for a fact than for talk.
_MORE_FACT = 0.5
_LEADING = re.compile(r"^(?:and|so|but|then|also|plus|btw|n|&|ok|okay|right|well|fyi)\s+(?=\S)", re.I)


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
    if _SUBJECT.match(piece):
        return False
    if _ASKS.search(before):
        return bool(_ONE_MORE_ACT.match(piece)) or not _THING_DOES.match(piece)
    return bool(_ADDED.match(piece)) and len(piece.split()) < 7 and not _THING_DOES.match(piece)


def opens_aside(before: Sequence[str]) -> bool:
    """Whether one of these clauses of a sentence opens what stays inside to its end: “between us, …”."""
    return any(_ASIDE.match(clause) for clause in before)


def talks_on(clause: str) -> bool:
    """Whether a clause goes on about somebody of whom the clause before it talked."""
    if talk_from(clause):
        return False
    return bool(_TALKS_ON.match(clause)) or (len(clause.split()) < 4 and not _VERB.search(clause))


#: What somebody may do from now on: a result, though it is about a person.
_MAY = re.compile(
    r"^\W*they (?:want|need|require|ask(?:ed)? for|are asking for) (?:the|a|an|two|proof|copies|your)\b|^\W*(?:he|she|they|you)(?:'ll)? (?:can|may|will|is|are|has|have)? ?(?:now )?(?:join|start|begin|move up|pass(?:ed|es)?|booked|enrolled|accepted|admitted|cleared|approved|ready|through)\b",
    re.I,
)


def tells(clause: str) -> bool:
    """Whether a clause holds anything for its reader."""
    if _COURTESY.match(clause):
        return False
    if _REPORTS.search(clause) or talk_from(clause):
        return True
    return not _PERSON_FIRST.match(clause) and (
        bool(_STATES.search(clause)) or (len(clause.split()) > 1 and inside(clause) < _MORE_FACT)
    )


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
_BARE_ANSWER = re.compile(
    r"^(?:let us know|confirm|decide|choose|approve|answer|reply)\b(?:\W+(?:it|that|this|here|us|today|tomorrow|tonight|soon|asap|now|by \w+|about it))*\W*$",
    re.I,
)


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
        if _PARENT_OF.search(own):
            return frozenset()
        return frozenset(
            w for w in re.findall(r"[a-z][\w-]{2,}", own.lower()) if w not in ("mrs", "miss", "the", "prof")
        )

    @property
    def speaks_for_another(self) -> bool:
        """Whether the reader is called after somebody else: what is told of “her” may be of that child."""
        return bool(_PARENT_OF.search(self.name))

    def is_called(self, name: str) -> bool:
        """Whether this is the reader."""
        return bool(self.words & set(re.findall(r"[a-z][\w-]{2,}", name.lower())))


_PARENT_OF = re.compile(r"'s\s(?:mum|mom|mummy|dad|daddy|mother|father|parents?|gran\w*|guardian|wife|husband)\b", re.I)


def reader(name: str, names: Iterable[str], labels: Iterable[str]) -> Reader:
    """Who reads it."""
    return Reader(plain(name), tuple(plain(n) for n in names if n), tuple(label for label in labels if label))


# --- what it is about -------------------------------------------------------------------------------------------------------------------

_GENERIC = re.compile(
    r"\b(?:for|re|about|on|of|with|and|the|a|an|this|that|his|her|their|your|our|my|job|case|order|booking|file|ticket|site|seat|unit|stand|call|tenant|workspace|account|ref|reference|no|number|client|customer|guest|parents?|"
    r"room|suite|station|feeder|fitting|policy|claim|shipment|parcel|again|hi|hello|morning|update|news|fyi|one)\b",
    re.I,
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|can|could|may|must|should|needs?|did|does|do|don'?t|please|pls|\w{3,}(?<!e)ed|ran|sent|went|came|got|made|cut|done|leaves|goes|comes|says)\b|'(?:ll|re|ve)\b",
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
    words = re.sub(rf"{_TITLED}(?:'s)?", " ", words)
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
    if _ASKS.search(clause) or _VERB.search(clause) or "?" in clause:
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


def _without_reference(kept: Sequence[str], who: Reader) -> tuple[str, list[str]]:
    """What the words are about, and the clauses without the words that only say which case is meant."""
    about: list[str] = []
    rest = list(kept)
    while rest:
        colon = _COLON.match(rest[0])
        if colon and (_is_reference(colon["ref"], who) or _COURTESY.match(colon["ref"])):
            about.append(_thing(colon["ref"], who))
            rest[0] = colon["rest"]
        elif len(rest) > 1 and _COURTESY.match(rest[0]):
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


def _headed(clause: str, who: Reader) -> str:
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


# --- what is asked ----------------------------------------------------------------------------------------------------------------------

_POLITE = r"(?i:(?:please|pls|plz|kindly|can you|could you|can u|would you|will you|can someone|just|also|then|so|and|we|i|we'll|i'll|we'd|i'd|do|to|maybe|perhaps|,)\s+)*"
_WHOM = rf"(?:(?i:him|her|them)|(?i:the|our|your|ur|this|that|my)\s(?:[a-z]+\s)?(?i:{_CUSTOMER})(?:\s(?i:side|there))?(?!'s)|{_TITLED}|[A-Z][\w'-]*[a-z](?<!'s)(?:\s(?:de |van |von |da |di )?[A-Z][\w-]*[a-z]){{0,2}}(?!'s))"
_SOMEBODY = (
    rf"(?:(?:(?i:his|her|their|the (?:{_CUSTOMER})'s)|[A-Z]\w+'s|{_TITLED}'s)\s(?:[\w-]+\s)?(?:{_THEIR_PEOPLE})\b)"
)
_LATELY = (
    r"(?:\s(?i:too|also|as well|again|once more|there|nicely|kindly|please|straight away|today|tonight|tomorrow|now))?"
)
_WH = r"(?i:whether|if|which|what|when|where|who|how)\b"

#: The forms of a wish, most particular first; `whom` is who it is put to, `act` what they are to do, `thing` what they are to give.
_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("know", re.compile(rf"{_POLITE}(?i:let|tell|inform)\s(?P<whom>{_WHOM})(?:\s(?i:know))?\s(?:(?i:that)\s)?(?P<news>(?!(?i:to|for|about|which|what|when|where|who|how|whether|if)\b)(?i:the|a|it|we|our|your|his|her|their|this|that|there|everything|all|\w+'s)\b.+)$")),
    ("act", re.compile(rf"{_POLITE}(?i:ask|tell|get|remind|advise|invite|request|need|want|(?:'d |would )?like|encourage)(?:\s(?i:for))?\s(?P<whom>{_SOMEBODY}|{_WHOM}){_LATELY}\s(?P<act>(?i:(?:not |never )?to|to not)\s.+)$")),
    ("act", re.compile(rf"{_POLITE}(?i:have|make|let|help)\s(?P<whom>{_SOMEBODY}|{_WHOM}){_LATELY}\s(?P<act>(?!(?i:know|already|been|not)\b)[a-z][\w'-]*\b.*)$")),
    ("give", re.compile(rf"{_POLITE}(?i:ask)\s(?P<whom>{_SOMEBODY}|{_WHOM}){_LATELY}\s(?i:for)\s(?P<thing>.+)$")),
    ("give", re.compile(rf"{_POLITE}(?i:get|need|want|collect|obtain|grab|fetch|chase)\s(?P<thing>(?!to\b).{{3,70}}?)\s(?i:from|off)\s(?P<whom>{_WHOM})(?P<more>\b.*)$")),
    ("okay", re.compile(rf"{_POLITE}(?i:get|need|want|have)\s(?P<whom>(?i:her|his|their)|{_TITLED}'s|[A-Z]\w+'s)\s(?P<thing>(?i:ok|okay|approval|go-ahead|go ahead|sign-?off|confirmation|consent|answer|decision|choice|signature)\b.*)$")),
    ("act", re.compile(r"\b(?i:ask)\s(?P<whom>(?i:him|her|them))\s(?P<act>(?!(?i:for|if|whether|which|what|when|where|who|how|about|to|too|also|again|once|as)\b)[a-z]\w+\s.+)$")),
    ("whether", re.compile(rf"{_POLITE}(?i:ask|check with|find out from)\s(?P<whom>{_SOMEBODY}|{_WHOM}){_LATELY}\s(?P<act>{_WH}.+)$")),
    ("mind", re.compile(rf"{_POLITE}(?i:remind)\s(?P<whom>{_SOMEBODY}|{_WHOM})\s(?i:about|of)\s(?P<thing>.+)$")),
    ("mind", re.compile(rf"{_POLITE}(?i:remind)\s(?P<whom>{_SOMEBODY}|{_WHOM})\s(?P<thing>(?i:that)\s.+)$")),
    ("bare", re.compile(rf"{_POLITE}(?i:ask|check with)\s(?P<whom>{_SOMEBODY}|{_WHOM}){_LATELY}\W*$")),
    ("could", re.compile(r"^(?i:(?:so|and|but|then|or)\s)*(?i:can|could|would|will)\s(?P<whom>(?i:he|she|they))\s(?P<act>[a-z][^?]*\b(?i:instead|rather|live with|accept|manage|do without|be ok with|be happy with)\b[^?]*\??)$")),
    ("act", re.compile(rf"^{_POLITE}(?i:can|could|would|will|may)\s(?P<whom>(?i:he|she|they)|(?i:her|his|their)\s(?i:{_THEIR_PEOPLE})|(?i:the|our|your)\s(?i:{_CUSTOMER})|{_TITLED})\s(?:(?i:please|pls|also|just)\s)?(?P<act>[a-z][\w'-]*.*)$")),
    ("act", re.compile(rf"^{_POLITE}(?P<whom>(?i:he|she|they)|{_SOMEBODY}|(?:(?i:the|our|your)\s)?(?i:{_CUSTOMER})|{_TITLED}|[A-Z]\w+)\s(?i:should|must|needs? to|has to|have to|ought to|is to|are to)\s(?:(?i:please|also|just)\s)?(?P<act>(?!(?i:be (?:fine|ok|okay|able|good|here|done|ready|there|back|with)|get|receive|see|hear|arrive|have|find|notice|know|come out|fit|work|hold|last|do$)\b)[a-z].*)$")),
    ("self", re.compile(r"^(?i:(?:and|so|then|also|but|can you|could you)\s)*(?i:please|pls|plz|kindly)\s(?P<act>(?!(?i:ask|tell|get|have|remind|let|advise|note|see|find)\s)[a-z].+)$")),
    ("self", re.compile(r"^(?i:(?:and|so|then|also)\s)*(?i:please|pls|plz|kindly)\s(?P<act>(?i:have|get|let us|tell us|note|see|find)\b.+)$")),
)  # fmt: skip
#: Any of them, where a sentence is divided.
_ASKS = re.compile(
    rf"(?i:\b(?:please|pls|plz|kindly)\b)|(?i:\b(?:ask|tell|get|remind|have|need|want|like))\s(?:{_SOMEBODY}|{_WHOM})|\b(?i:can|could|would)\s(?:(?i:he|she|they|the (?:{_CUSTOMER}))\b|{_TITLED})"
    rf"|(?i:\b(?:he|she|they|(?:the|your|our) (?:{_CUSTOMER})))\s(?i:must|should|needs? to|has to|have to)\b"
)


#: Why idle words beside a greeting are withheld.
_IDLE_CODES = frozenset({"secret", "gripe", "opinion", "talk", "to_us", "other_people", "guess", "not_told"})


#: Taking note, in a few words.
_SEEN = re.compile(
    r"^\W*(?:ok|okay|cheers|ta|thanks|got|have|seen|seeing|received|perfect|lovely|great)\b(?:\W+\w+){0,3}\W*$", re.I
)


def only_takes_note(withheld: Sequence[tuple[str, str]]) -> bool:
    """Whether somebody only says that they have seen it, with talk beside it: “ok seeing it. between us, …”."""
    idle = [clause for clause, code in withheld if code == "not_told"]
    seen = (bool(withheld) and bool(_SEEN.match(withheld[0][0]))) or bool(idle)
    return (
        seen
        and all(len(clause.split()) < 5 for clause in idle)
        and all(code in _IDLE_CODES for _clause, code in withheld)
    )


def asks(clause: str) -> bool:
    """Whether a clause asks somebody for something."""
    return any(form.search(clause) for kind, form in _FORMS if kind != "know")


def _found(clause: str) -> tuple[str, re.Match[str]] | None:
    """The form of the wish in a clause, if it holds one."""
    return next(((kind, match) for kind, form in _FORMS if (match := form.search(clause))), None)


def _as_asked(kind: str, match: re.Match[str], who: Reader) -> str:
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
    return _ours(_to_reader(words, _pronouns(whom, third)))


_ALSO_CALLED = {
    **dict.fromkeys(("mum", "mom", "mother", "mummy"), "mum|mom|mummy|mother"),
    **dict.fromkeys(("dad", "father", "daddy"), "dad|daddy|father"),
}


def _third(whom: str, who: Reader) -> str:
    """Somebody else than the reader who is to act, in words to the reader: “her husband” → your husband. Empty where the reader is meant."""
    if not whom or re.fullmatch(rf"(?i:him|her|them|he|she|they|his|their|(?:(?:the|our|your|ur|this|that|my)\s(?:\w+\s)?)?(?:{_CUSTOMER})(?:\s(?:side|there))?)", whom):  # fmt: skip
        return ""
    theirs = re.match(rf"(?:(?i:his|her|their|the (?:{_CUSTOMER})'s)|(?P<name>.+)'s)\s(?P<role>.+)$", whom)
    if theirs:
        named = theirs["name"]
        if not named and re.search(
            rf"'s\s(?:{_ALSO_CALLED.get(theirs['role'].lower(), re.escape(theirs['role']))})\b", who.name, re.I
        ):
            return ""
        if who.speaks_for_another and _PARENT_OF.search(whom) and whom.lower() in who.name.lower():
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


# --- turned to the reader ---------------------------------------------------------------------------------------------------------------

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


def _to_reader(words: str, pronouns: str) -> str:
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


def _ours(words: str) -> str:
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


def _news_to_reader(clause: str, who: Reader, *, of_reader: bool) -> str:
    """A clause that tells something, as said to its reader."""
    words = clause
    for name in sorted({who.name, *who.names, *who.words}, key=len, reverse=True):
        if name and who.is_called(name) and not _PARENT_OF.search(name):
            words = re.sub(
                rf"(?i:\b(?P<first>(?:mr|mrs|ms|miss|dr) )?)(?P<other>(?!(?i:mr|mrs|ms|miss|dr)\b)[A-Z][\w-]+ )?(?i:{re.escape(name)})'s?(?=\s)",
                lambda m: m.group(0) if m["other"] else "your",
                words,
            )
            words = re.sub(
                rf"\b(for|to|with|from)\s(?:(?:mr|mrs|ms|miss|dr)\s)?{re.escape(name)}\b(?!'|-)",
                r"\1 you",
                words,
                flags=re.I,
            )
    for name in (who.name, *who.words):
        words = re.sub(rf"^{re.escape(name)}\s(?P<verb>[\w']+)", _as_subject, words, flags=re.I)
    words = _ours(words)
    if not of_reader or who.speaks_for_another or _SOMEBODY_ELSE.search(words):
        return words
    gender = "male" if re.match(r"(?i)mr\b", who.name) else "female" if re.match(r"(?i)(?:mrs|ms|miss)\b", who.name) else "any"  # fmt: skip
    return _to_reader(words, gender)


# --- put together -----------------------------------------------------------------------------------------------------------------------

#: Why something is asked: it stands behind what is asked.
_REASON = re.compile(
    r"^(?:so|then (?:we|i)|because|as|since|cos|otherwise)\b|^(?:we|i)(?:'ll|'d)?\s(?:need|want|can't|cannot|can|must|have to|start|only|won't|are waiting|wait|order|cut|print|go|look)\b.*|^(?:that|this) way\b",
    re.I,
)


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


#: What ends a wish among colleagues, and says nothing to its reader.
_TRAILS = re.compile(
    r"(?:,?\s(?:too|as well|also|please|pls|plz|would you|will you|thanks|thx|ta|asap please|for me))+$", re.I
)


def _before(clause: str, wish: re.Match[str]) -> str:
    """What stands before a wish in its clause."""
    return re.sub(r"[\s,]+(?:so|and|but|then)$", "", clause[: wish.start()].strip(" ,"), flags=re.I)


def relayed(kept: Sequence[str], text: str, who: Reader) -> Relayed:
    """A colleague's or partner's wish as its reader may read it, with the news beside it.

    :param kept: the clauses that may be told. :param text: the whole, from which they come.
    """
    about, rest = _without_reference(kept, who)
    origin = list(kept)[len(kept) - len(rest) :]
    of_reader = any(
        _found(clause) or any(who.is_called(word) for word in re.findall(r"[\w-]+", clause)) for clause in kept
    )
    requests: list[str] = []
    reasons: list[str] = []
    news: list[tuple[str, str]] = []
    for stood, clause in zip(origin, rest, strict=True):
        found = _found(clause)
        before = _before(clause, found[1]) if found else ""
        if found and found[0] == "know":
            news.append((stood, _news_to_reader(_bare(found[1]["news"]), who, of_reader=True)))
        elif found:
            if len(before.split()) > 2 and tells(before):
                news.append((stood, _news_to_reader(_bare(_headed(before, who)), who, of_reader=of_reader)))
            asked = _as_asked(*found, who)
            requests.append(_TRAILS.sub("", asked.strip(" ?.,!")))
        elif requests and _REASON.match(clause):
            reasons.append(_to_reader(_ours(_bare(clause)), "any" if not who.speaks_for_another else "none"))
        elif (
            tells(clause) or "?" in clause or (news and not _PERSON_FIRST.match(clause) and not _SUBJECT.match(clause))
        ):
            news.append((stood, _news_to_reader(_bare(_headed(clause, who)), who, of_reader=of_reader)))
    if len(requests) > 1:
        requests = [wish for wish in requests if wish != "let us know"]
    request = ", and ".join(dict.fromkeys(requests))
    if request and reasons:
        request += f" ({', '.join(reasons)})"
    return Relayed(about, _begun_small(joined(news, text)), request)


def reported(kept: Sequence[str], text: str, who: Reader) -> tuple[Relayed, list[str]]:
    """A result as its reader may read it, and the clauses that tell them nothing."""
    about, rest = _without_reference(kept, who)
    origin = list(kept)[len(kept) - len(rest) :]
    news: list[tuple[str, str]] = []
    idle: list[str] = []
    for stood, clause in zip(origin, rest, strict=True):
        if not tells(clause):
            idle.append(stood)
            continue
        found = _found(clause)
        if found and found[0] == "know":
            told = _news_to_reader(_bare(found[1]["news"]), who, of_reader=True)
        elif found and not _PERSON_FIRST.match(clause):
            before = _before(clause, found[1])
            told = f"please {_as_asked(*found, who)}"
            told = f"{_news_to_reader(before, who, of_reader=True)}, {told}" if len(before.split()) > 2 else told
        else:
            told = _news_to_reader(_bare(_headed(clause, who)), who, of_reader=False)
        news.append((stood, told))
    return Relayed(about, _begun_small(joined(news, text))), idle
