"""What a customer may be told of a visit: who comes, when, how they are reached; by the list of the flow and the stage of the case. Pure."""

from __future__ import annotations

import re
from typing import Any

from cases.models import ServiceCase
from cases.models.flow import DisclosedFrom, Disclosure

#: How people call somebody who comes, after the surname; by the first of them we call them.
TITLES = ("师傅", "技师", "工程师", "工")
_TWO = ("欧阳", "上官", "司马", "诸葛", "司徒", "夏侯", "皇甫", "尉迟", "公孙", "慕容", "令狐", "东方", "南宫", "端木")
_TITLED = re.compile(rf"^(?:{'|'.join(_TWO)}|[\u4e00-\u9fff])(?:{'|'.join(TITLES)}|先生|女士|老师)$")


def disclosed(case: ServiceCase) -> frozenset[str]:
    """The kinds of facts (`Disclosure`) that the customer of a case may be told now. What the flow does not list may never be told."""
    stands = case.appointment_at is not None
    return frozenset(
        kind
        for kind, stage in case.flow.disclosure.items()
        if stage == DisclosedFrom.ALWAYS or (stage == DisclosedFrom.AGREED and stands)
    )


def is_titled(name: str) -> bool:
    """Whether a name is a surname with a title (王师傅), as partners mostly call their people."""
    return bool(_TITLED.match(name))


def titled(name: str) -> tuple[str, ...]:
    """How somebody may be called by surname alone (王建国 → 王师傅, 王技师…); as they are, where the name is such a one already."""
    if is_titled(name):
        return (name,)
    if not re.match(r"^[\u4e00-\u9fff]{2,4}$", name):
        return ()
    surname = next((two for two in _TWO if name.startswith(two) and len(name) > 2), name[0])
    return tuple(surname + title for title in TITLES)


def who_in_words(case: ServiceCase, *, english: bool = False) -> str:
    """Who comes, as the customer of a case may read it now."""
    told = disclosed(case)
    if case.visitor and Disclosure.TECHNICIAN_NAME in told:
        return case.visitor
    if case.visitor and Disclosure.TECHNICIAN_SURNAME in told:
        forms = titled(case.visitor)
        if forms:
            return forms[0]
    return "our technician" if english else "师傅"


def phone_in_words(case: ServiceCase) -> str:
    """The phone of who comes, where the customer may have it; empty otherwise."""
    return case.visitor_phone if Disclosure.TECHNICIAN_PHONE in disclosed(case) else ""


def disclosure_words(listed: Any) -> list[str]:
    """A flow's list in words, in the reader's language."""
    kinds, stages = dict(Disclosure.choices), dict(DisclosedFrom.choices)
    return [f"{kinds.get(kind, kind)}: {stages.get(stage, stage)}" for kind, stage in dict(listed or {}).items()]
