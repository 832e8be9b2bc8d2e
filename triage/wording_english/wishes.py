"""The forms in which somebody writes in English that another is asked for something, and the wish that a clause holds. Pure."""

from __future__ import annotations

import re

from triage.wording_english.words import CUSTOMER, THEIR_PEOPLE, TITLED

_POLITE = r"(?i:(?:please|pls|plz|kindly|can you|could you|can u|would you|will you|can someone|just|also|then|so|and|we|i|we'll|i'll|we'd|i'd|do|to|maybe|perhaps|,)\s+){0,8}"
_WHOM = rf"(?:(?i:him|her|them)|(?i:the|our|your|ur|this|that|my)\s(?:[a-z]+\s)?(?i:{CUSTOMER})(?:\s(?i:side|there))?(?!'s)|{TITLED}|[A-Z][\w'-]*[a-z](?<!'s)(?:\s(?:de |van |von |da |di )?[A-Z][\w-]*[a-z]){{0,2}}(?!'s))"
_SOMEBODY = rf"(?:(?:(?i:his|her|their|the (?:{CUSTOMER})'s)|[A-Z]\w+'s|{TITLED}'s)\s(?:[\w-]+\s)?(?:{THEIR_PEOPLE})\b)"
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
    ("okay", re.compile(rf"{_POLITE}(?i:get|need|want|have)\s(?P<whom>(?i:her|his|their)|{TITLED}'s|[A-Z]\w+'s)\s(?P<thing>(?i:ok|okay|approval|go-ahead|go ahead|sign-?off|confirmation|consent|answer|decision|choice|signature)\b.*)$")),
    ("act", re.compile(r"\b(?i:ask)\s(?P<whom>(?i:him|her|them))\s(?P<act>(?!(?i:for|if|whether|which|what|when|where|who|how|about|to|too|also|again|once|as)\b)[a-z]\w+\s.+)$")),
    ("whether", re.compile(rf"{_POLITE}(?i:ask|check with|find out from)\s(?P<whom>{_SOMEBODY}|{_WHOM}){_LATELY}\s(?P<act>{_WH}.+)$")),
    ("mind", re.compile(rf"{_POLITE}(?i:remind)\s(?P<whom>{_SOMEBODY}|{_WHOM})\s(?i:about|of)\s(?P<thing>.+)$")),
    ("mind", re.compile(rf"{_POLITE}(?i:remind)\s(?P<whom>{_SOMEBODY}|{_WHOM})\s(?P<thing>(?i:that)\s.+)$")),
    ("bare", re.compile(rf"{_POLITE}(?i:ask|check with)\s(?P<whom>{_SOMEBODY}|{_WHOM}){_LATELY}\W*$")),
    ("could", re.compile(r"^(?i:(?:so|and|but|then|or)\s)*(?i:can|could|would|will)\s(?P<whom>(?i:he|she|they))\s(?P<act>[a-z][^?]*\b(?i:instead|rather|live with|accept|manage|do without|be ok with|be happy with)\b[^?]*\??)$")),
    ("act", re.compile(rf"^{_POLITE}(?i:can|could|would|will|may)\s(?P<whom>(?i:he|she|they)|(?i:her|his|their)\s(?i:{THEIR_PEOPLE})|(?i:the|our|your)\s(?i:{CUSTOMER})|{TITLED})\s(?:(?i:please|pls|also|just)\s)?(?P<act>[a-z][\w'-]*.*)$")),
    ("act", re.compile(rf"^{_POLITE}(?P<whom>(?i:he|she|they)|{_SOMEBODY}|(?:(?i:the|our|your)\s)?(?i:{CUSTOMER})|{TITLED}|[A-Z]\w+)\s(?i:should|must|needs? to|has to|have to|ought to|is to|are to)\s(?:(?i:please|also|just)\s)?(?P<act>(?!(?i:be (?:fine|ok|okay|able|good|here|done|ready|there|back|with)|get|receive|see|hear|arrive|have|find|notice|know|come out|fit|work|hold|last|do$)\b)[a-z].*)$")),
    ("self", re.compile(r"^(?i:(?:and|so|then|also|but|can you|could you)\s)*(?i:please|pls|plz|kindly)\s(?P<act>(?!(?i:ask|tell|get|have|remind|let|advise|note|see|find)\s)[a-z].+)$")),
    ("self", re.compile(r"^(?i:(?:and|so|then|also)\s)*(?i:please|pls|plz|kindly)\s(?P<act>(?i:have|get|let us|tell us|note|see|find)\b.+)$")),
)  # fmt: skip
#: Any of them, where a sentence is divided.
ASKS = re.compile(
    rf"(?i:\b(?:please|pls|plz|kindly)\b)|(?i:\b(?:ask|tell|get|remind|have|need|want|like))\s(?:{_SOMEBODY}|{_WHOM})|\b(?i:can|could|would)\s(?:(?i:he|she|they|the (?:{CUSTOMER}))\b|{TITLED})"
    rf"|(?i:\b(?:he|she|they|(?:the|your|our) (?:{CUSTOMER})))\s(?i:must|should|needs? to|has to|have to)\b"
)


def wish_in(clause: str) -> tuple[str, re.Match[str]] | None:
    """The form of the wish in a clause, if it holds one."""
    return next(((kind, match) for kind, form in _FORMS if (match := form.search(clause))), None)


#: What ends a wish among colleagues, and says nothing to its reader.
TRAILS = re.compile(
    r"(?:,?\s(?:too|as well|also|please|pls|plz|would you|will you|thanks|thx|ta|asap please|for me))+$", re.I
)


def before_wish(clause: str, wish: re.Match[str]) -> str:
    """What stands before a wish in its clause."""
    return re.sub(r"[\s,]+(?:so|and|but|then)$", "", clause[: wish.start()].strip(" ,"), flags=re.I)
