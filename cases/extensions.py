"""Places where higher rooms register what else can be done from the page of a case, and what follows in them (imports point down)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from cases.models import ServiceCase


@dataclass(frozen=True)
class CaseLink:
    """A link on the page of a case.

    :param url_name: an address that takes the primary key of the case. :param may: whether a user may follow it.
    """

    label: Any
    url_name: str
    may: Callable[[Any], bool]


_links: list[CaseLink] = []


def register_case_link(link: CaseLink) -> None:
    """Show a link on the page of every case."""
    if link not in _links:
        _links.append(link)


def case_links(user: Any, case: ServiceCase) -> list[tuple[str, str]]:
    """Labels and addresses of what this user may do from the page of a case."""
    return [(str(link.label), reverse(link.url_name, args=[case.pk])) for link in _links if link.may(user)]


#: What follows once somebody said which matter an unsorted case is: the unsorted case, the case that it is now, and the fact.
_sorted: list[Callable[[ServiceCase, ServiceCase, Any], None]] = []


def register_sorting_effect(effect: Callable[[ServiceCase, ServiceCase, Any], None]) -> None:
    """Let a higher room follow: texts that wait there belong to the case from now on."""
    if effect not in _sorted:
        _sorted.append(effect)


def after_sorting(case: ServiceCase, into: ServiceCase, fact: Any) -> None:
    """Tell the higher rooms. Called inside the transaction that sorts."""
    for effect in _sorted:
        effect(case, into, fact)
