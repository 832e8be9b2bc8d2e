"""A case begins: its number, its conversations, and who takes part in which role."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from cases.models import CaseConversation, Participant, Role, ServiceCase, ServiceFlow
from cases.operations.common import subject_of
from conversations.models import Conversation
from evidence.operations import Subject, join_chains, record
from foundation.actors import Actor
from foundation.errors import WrongState
from people.models import Customer, Partner, Person, StaffMember

NUMBER_ZONE = ZoneInfo("Asia/Shanghai")


def _next_number(at: datetime) -> str:
    day = at.astimezone(NUMBER_ZONE).strftime("A%y%m%d")
    last = ServiceCase.objects.filter(number__startswith=f"{day}-").aggregate(last=Max("number"))["last"]
    return f"{day}-{int(last.rsplit('-', 1)[1]) + 1 if last else 1:04d}"


def open_case(
    *,
    flow: ServiceFlow,
    customer: Customer,
    conversation: Conversation,
    owner: StaffMember,
    actor: Actor,
    at: datetime,
    partner: Partner | None = None,
    contact: Person | None = None,
    title: str = "",
    labels: Iterable[str] = (),
    previous: ServiceCase | None = None,
) -> ServiceCase:
    """Open a case for a customer. The number is A, the mainland date, and a count of the day."""
    for _attempt in range(20):
        try:
            with transaction.atomic():
                case = ServiceCase.objects.create(
                    number=_next_number(at),
                    flow=flow,
                    customer=customer,
                    conversation=conversation,
                    partner=partner,
                    owner=owner,
                    team=owner.team,
                    title=title[:191],
                    labels=list(dict.fromkeys(labels)),
                    opened_at=at,
                    previous=previous,
                )
                break
        except IntegrityError:
            continue
    else:
        raise WrongState(_("No case number could be taken. Please try again."))
    link_conversation(case=case, conversation=conversation, at=at)
    if contact is not None:
        add_participant(case=case, person=contact, role=Role.CUSTOMER_CONTACT)
    record(
        subject=subject_of(case),
        kind="state_change",
        actor=actor,
        at=at,
        refs={"case": str(case.public_id)},
        body={"to": "open", "flow": flow.key, "owner": owner.name, "number": case.number},
    )
    join_chains(
        conversation=Subject("conversation", str(conversation.public_id)), case=subject_of(case), actor=actor, at=at
    )
    return case


def link_conversation(*, case: ServiceCase, conversation: Conversation, at: datetime) -> None:
    """Say that a case runs through this conversation too."""
    CaseConversation.objects.get_or_create(case=case, conversation=conversation, defaults={"since": at})


def add_participant(*, case: ServiceCase, person: Person, role: str) -> Participant:
    """Give somebody a role in a case."""
    participant, _created = Participant.objects.get_or_create(
        case=case, person=person, role=role, defaults={"coordinates_only": person.coordinates_only}
    )
    return participant
