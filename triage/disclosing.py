"""What of a visit a text to the customer may tell: who comes, when, how they are reached, which parcel. Pure; the list is the flow's (`cases.disclosure`)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cases.disclosure import disclosed, is_titled, titled
from cases.models import Role, ServiceCase
from cases.models.flow import Disclosure
from triage.engines.local import times

_PHONE = re.compile(r"(?<!\d)1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)")
_TRACKING = re.compile(
    r"(?<![A-Za-z0-9])(?:SF|YT|ZTO|STO|JD|JT|DPK|EMS|YD|JTSD|LP)[A-Z]{0,3}\d{8,}|(?:快递|物流|运单|顺丰|京东|圆通|中通|韵达)[^，。；\n]{0,6}?单?号?[:：是为]?\s*(\d{10,})",
    re.I,
)
_VISIT = re.compile(
    r"上门|到家|到您家|登门|师傅|技师|工程师|\b(?:visit|technician|engineer|fitter|come to you)\b", re.I
)
_ASKS = re.compile(r"[?？]|吗|方便|合适|可以不|行不行|您看|\b(?:would|could|does|suit|which|when would)\b", re.I)
_SENTENCES = re.compile(r"[^。！!？?；;\n]+[。！!？?；;]?")


def sift(names: dict[str, str], case: ServiceCase, text: str) -> None:
    """Take out of the names that must not be told those that may, and put in what is not listed.

    :param names: what is private in the text so far → code of the reason; changed in place.
    """
    told = disclosed(case)
    for name in _may_be_told(case, told):
        names.pop(name, None)
    for words, code in _not_listed(case, told, text):
        if words != case.customer.name:
            names[words] = code


def _may_be_told(case: ServiceCase, told: frozenset[str]) -> Iterator[str]:
    if Disclosure.PARTNER_NAME in told and case.partner is not None:
        yield case.partner.name
    if case.visitor:
        if Disclosure.TECHNICIAN_NAME in told:
            yield case.visitor
        if {Disclosure.TECHNICIAN_SURNAME, Disclosure.TECHNICIAN_NAME} & told:
            yield from titled(case.visitor)
    elif case.appointment_at is not None and Disclosure.TECHNICIAN_SURNAME in told:
        # Nobody has said who comes: whoever of the partner takes part, where they are known by surname and title only.
        for one in case.participants.all():
            if one.role in (Role.FULFILLMENT_PARTNER, Role.ACTUAL_EXECUTOR) and is_titled(one.person.name):
                yield one.person.name


def _not_listed(case: ServiceCase, told: frozenset[str], text: str) -> Iterator[tuple[str, str]]:
    if case.visitor:
        named = Disclosure.TECHNICIAN_NAME in told
        if (
            case.visitor in text
            and not named
            and not (is_titled(case.visitor) and Disclosure.TECHNICIAN_SURNAME in told)
        ):
            yield case.visitor, "leak_name"
        if not named and Disclosure.TECHNICIAN_SURNAME not in told:
            yield from ((form, "leak_name") for form in titled(case.visitor) if re.search(rf"{form}(?![作程])", text))
    if case.visitor_phone and Disclosure.TECHNICIAN_PHONE not in told:
        digits = re.sub(r"\D", "", case.visitor_phone)
        for found in _PHONE.finditer(text):
            if re.sub(r"\D", "", found.group(0)) == digits:
                yield found.group(0), "leak_phone"
        if case.visitor_phone in text:
            yield case.visitor_phone, "leak_phone"
    if Disclosure.TRACKING_NUMBER not in told:
        yield from ((found.group(1) or found.group(0), "leak_tracking_number") for found in _TRACKING.finditer(text))
    if Disclosure.VISIT_TIME not in told:
        yield from ((words, "leak_visit_time") for words in _visit_times(case, text))


def _visit_times(case: ServiceCase, text: str) -> Iterator[str]:
    """Times in a text at which somebody is said to come. A question whether a time suits tells none, unless it is never to be told."""
    never = Disclosure.VISIT_TIME not in case.flow.disclosure
    for sentence in _SENTENCES.findall(text):
        if _VISIT.search(sentence) and (never or not _ASKS.search(sentence)):
            yield from (
                one.words for one in times.find(sentence, case.opened_at) if one.precision != "vague" and one.words
            )
