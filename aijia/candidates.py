"""Who an unknown sender might be: people whom the reader may see, each with what speaks for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from cases.models import ServiceCase
from conversations.models import Conversation, Message
from foundation.encryption import blind_index
from people.models import Customer, Identity, Person, Side

PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
NUMBER = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z-]*\d)[A-Za-z0-9-]{6,24}(?![A-Za-z0-9])")
MOST = 6


@dataclass
class Candidate:
    """One person who it might be, and why."""

    person: Person
    reasons: list[str] = field(default_factory=list)


def candidates(identity: Identity, *, narrowed: Callable[[Any], Any]) -> list[Candidate]:
    """The likeliest first. `narrowed` keeps what the reader may see: nobody else's people are named, and no conversation of others is a reason."""
    people = narrowed(Person.objects.filter(merged_into__isnull=True)).exclude(pk=identity.person_id)
    found: dict[int, Candidate] = {}

    def add(rows: Any, reason: str) -> None:
        for person in rows.select_related("customer", "partner")[:20]:
            one = found.setdefault(person.pk, Candidate(person))
            if reason not in one.reasons:
                one.reasons.append(reason)

    elsewhere = Identity.objects.filter(external_id=identity.external_id).exclude(pk=identity.pk)
    add(people.filter(identities__in=elsewhere).distinct(), _("has the same id in another account"))
    said = narrowed(Message.objects.filter(identity=identity)).order_by("-position").values_list("text", flat=True)[:50]
    words = " ".join(said)
    for phone in sorted(set(PHONE.findall(words)))[:5]:
        owners = narrowed(Customer.objects.filter(phone_index=blind_index(phone), merged_into__isnull=True))
        add(
            people.filter(customer__in=owners),
            _("the phone number ending in %(ending)s was written, which is this customer's") % {"ending": phone[-4:]},
        )
    numbers = sorted(set(NUMBER.findall(words)))[:10]
    for case in narrowed(ServiceCase.objects.filter(number__in=numbers))[:5] if numbers else ():
        add(people.filter(customer=case.customer_id), _("case %(number)s was named") % {"number": case.number})
    names = {
        name for name in (identity.display_name, identity.person.name) if len(name) > 1 and name != identity.external_id
    }
    add(people.filter(name__in=names).exclude(side=Side.UNKNOWN), _("has the same name"))
    add(
        people.filter(identities__display_name__in=names).exclude(side=Side.UNKNOWN).distinct(),
        _("has the same name in the channel"),
    )
    talks = narrowed(Conversation.objects.filter(messages__identity=identity, customer__placeholder=False)).distinct()
    for customer in narrowed(Customer.objects.filter(conversations__in=talks)).distinct()[:5]:
        add(people.filter(customer=customer), _("wrote in a conversation of this customer"))
    return sorted(found.values(), key=lambda one: (-len(one.reasons), one.person.pk))[:MOST]
