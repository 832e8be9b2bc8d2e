"""Words and pieces of patterns by which English clauses are read: who is meant, days, greetings, who or what a clause begins with. Pure."""

from __future__ import annotations

import re

#: Who a customer is called by those who do not know the name.
CUSTOMER = (
    r"customers?|clients?|parents?|guests?|tenants?|owners?|users?|residents?|buyers?|patients?|members?|passengers?|family|couple|lady|gentleman|students?|contact"
    r"|hotel|shop|school|office|clinic|company|store|restaurant|museum|club|agency|applicant|subscriber|renter|driver|skipper|bride|groom|author|speaker|candidate|shipper|consignee|importer"
)
#: Who acts for a customer, or beside them.
THEIR_PEOPLE = (
    r"husband|wife|partner|mum|mom|mother|dad|father|son|daughter|brother|sister|parents|technician|engineer|electrician|plumber|caretaker|janitor|porter|landlord|landlady|tenants?"
    r"|neighbou?r|cleaner|housekeeper|nanny|driver|helper|assistant|secretary|colleague|manager|receptionist|foreman|staff|team|crew|admin|accountant|lawyer|agent|boss|gardener|security|concierge"
    r"|builder|teacher|chef|captain|skipper|vet|doctor|friend|flatmate|roommate|guard|operator|installer|fitter|front desk|reception|warehouse|groom|nurse|carer|IT|developer|organist|verger"
)
#: How people are addressed before their names.
TITLES = "mr|mrs|ms|miss|dr"
TITLED = rf"(?:(?i:{TITLES}|prof)\s+[A-Za-z][\w'-]*[\w](?<!'s)(?:\s[A-Z][\w-]+)?)"
#: Months and days as they are typed: pieces for other patterns.
MONTHS = r"jan\w*|feb\w*|mar(?:ch)?|apr\w*|may|june?|july?|aug\w*|sep\w*|oct\w*|nov\w*|dec\w*"
DAYS = r"mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|\w+day|today|tomorrow|tonight|now|asap"
#: A clause about somebody.
PERSON_FIRST = re.compile(
    r"^(?:and |but |so )*(?:he|she|they|i|you|his|her|their|that (?:one|man|woman|lot|bloke|guy|lady)|some people|this (?:one|man|woman|lady|guy)|whoever|nobody|everybody|(?:took|cost|made|got) (?:him|her|them|you|us))\b",
    re.I,
)
#: Greetings and thanks among colleagues.
COURTESY = re.compile(
    r"^\W*(?:(?:hi|hiya|hey|hello|morning|good morning|afternoon|evening|cheers|thanks|thank you|ta|ty|thx|ok|okay|right|mate|sure|yes|yep|got it|have it|seen it|seen|received|noted|fyi|update|news|quick one|perfect|lovely|great|brilliant"
    r"|that'?ll do|that works|looks fine|looks good|all good|green now|all again|all|again|team|guys|folks|there|now)\b\W*)++(?:[A-Z]\w+\W*)?$",
    re.I,
)
#: A word that makes a clause of a reference.
VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|can|could|may|must|should|needs?|did|does|do|don'?t|please|pls|\w{3,}(?<!e)ed|ran|sent|went|came|got|made|cut|done|leaves|goes|comes|says)\b|'(?:ll|re|ve)\b",
    re.I,
)
