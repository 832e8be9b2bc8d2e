"""English clauses that tell their reader something, and those that are talk among colleagues. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from triage.engines.local.clauses import inside
from triage.wording_english.words import COURTESY, MONTHS, PERSON_FIRST, VERB

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
#: An authority asks for papers: a fact, though it is about somebody.
_THEY_WANT = r"they (?:want|need|require|ask(?:ed)? for|are asking for) (?:the|a|an|two|proof|copies|your)\b"
#: What may stand between a verb and what is done.
_ALREADY = r"(?:(?:now|all|both|fully|safely|already|finally|just|properly|completely|being)\s)*"
_STATE = (
    r"done|finished|fixed|ready|complete|back|here|in|out|up|off|on|through|over|open|closed|safe|sound|clean|dry|fine|good|okay|ok|free|fit|full|cut|made|sent|built|rebuilt|set|let|sold|found|torn|worn"
    r"|broken|bent|sewn|dug|drawn|taken|given|hung|laid|lit|run|shut|shown|split|spun|stuck|thrown|won|wound|written|bound|warped|gone|due|on (?:its|the) way|available|blurred|blurry|missing|empty|loose|stiff|wet|damp|flat|faint|smooth|tight|level|straight|grey|white|black|red|blue|green|brown|yellow|\w{3,}ed"
)
_ACTS = (
    r"replaced|repaired|fixed|fitted|refitted|installed|tested|cleaned|collected|delivered|packed|repacked|shipped|dispatched|ordered|reordered|booked|approved|cleared|passed|printed|reprinted|painted|mended|rebuilt|finished|completed"
    r"|sanded|sealed|adjusted|serviced|tuned|changed|removed|greased|reset|rewound|resized|groomed|clipped|swept|stamped|signed|issued|renewed|uploaded|updated|restored|recalibrated|calibrated|redone|reglued|trimmed|translated|mounted"
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
    rf"\b(?:is|are|was|were|has been|have been|'s|'re)\s{_ALREADY}(?:done|finished|fixed|replaced|repaired|ready|approved|rejected|sold out|{_ACTS})\b"
    rf"|^(?:[\w'-]+\s){{0,4}}(?:{_ACTS})\b|^(?:just |all |we(?:'ve| have)? |have )?(?:looked (?:through|at|over)|gone through|went through|been through|checked|tested|inspected|measured)\b"
    r"|\b(?:can|may) (?:now )?(?:join|start|begin|move up|enter|collect)\b"
    rf"|^{_THEY_WANT}"
    r"|\bwe(?:'d| would)? (?:suggest|propose|recommend|advise|like to)\b|^(?:the )?(?:tracking|delivery note|consignment|order|waybill) (?:number|note|no|code)\b|\bwould (?:read|look|be|fit|work|suit|hold|sit|go) (?:much |far )?better\b|\bwe(?:'ll| will)? (?:fit|collect|deliver|come|bring|start|ship|install)\b",
    re.I,
)
_FACT = re.compile(
    rf"\b(?:is|are|was|were|has been|have been|had been|be|been|has|have|got|gets|will be|'s|'re)\s{_ALREADY}(?:{_STATE})\b"
    r"|\b\d+ ?(?:minutes?|mins?|hours?|hrs?|days?|weeks?|lengths|laps|pages|cm|mm|metres?|kg|%)\b|\btracking\b|\b(?:today|tomorrow|tonight|(?:this|that|(?:the|that) same) (?:morning|afternoon|evening|day)|(?:by|on|from|next) (?:\w+day|week|noon)|(?<!every )(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b|\b(?:mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|\w+sday|\w*[nir]day) \d|\b\d ?(?:am|pm)\b",
    re.I,
)


def talk_from(clause: str) -> float:
    """From how likely on (by the model that hears talk) a clause that states a fact is still taken for talk; 0 where it states none."""
    if _TALKS.search(clause) or (PERSON_FIRST.match(clause) and not _MAY.search(clause)):
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
    rf"(?<![\w:.#/-])\d{{2,5}}(?:\.\d\d)?(?![\w:/-])(?!\s?(?:am|pm|cm|mm|m|kg|g|%|degrees|litres?|minutes?|mins?|hours?|hrs?|days?|weeks?|pages?|pieces?|pcs|sheets?|boxes|bottles|{MONTHS})\b)(?<!(?:room|unit|gate|exit|flat) \d\d)",
    re.I,
)


def names_a_sum(clause: str) -> bool:
    """Whether a clause holds a number that may be a price."""
    return bool(_SUM.search(clause))


def gossips(clause: str) -> bool:
    """Whether a clause is one of the usual turns of talk about people."""
    return bool(_GOSSIP.search(clause))


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
#: Below it the model takes a clause rather for a fact than for talk.
_MORE_FACT = 0.5


def opens_aside(clause: str) -> bool:
    """Whether a clause opens what stays inside to the end of its sentence: “between us, …”."""
    return bool(_ASIDE.match(clause))


def talks_on(clause: str) -> bool:
    """Whether a clause goes on about somebody of whom the clause before it talked."""
    if talk_from(clause):
        return False
    return bool(_TALKS_ON.match(clause)) or (len(clause.split()) < 4 and not VERB.search(clause))


#: What somebody may do from now on: a result, though it is about a person.
_MAY = re.compile(
    rf"^\W*{_THEY_WANT}|^\W*(?:he|she|they|you)(?:'ll)? (?:can|may|will|is|are|has|have)? ?(?:now )?(?:join|start|begin|move up|pass(?:ed|es)?|booked|enrolled|accepted|admitted|cleared|approved|ready|through)\b",
    re.I,
)


def tells(clause: str) -> bool:
    """Whether a clause holds anything for its reader."""
    if COURTESY.match(clause):
        return False
    if _REPORTS.search(clause) or talk_from(clause):
        return True
    return not PERSON_FIRST.match(clause) and (
        bool(_STATES.search(clause)) or (len(clause.split()) > 1 and inside(clause) < _MORE_FACT)
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
