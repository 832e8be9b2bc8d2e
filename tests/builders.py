"""Builders that walk the real operations: a small company with one case, for tests of behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib.auth.models import Permission

from cases import operations as cases
from cases.models import Calendar, MaterialRequirement, Role, ServiceCase, ServiceFlow
from conversations.models import Conversation, ConversationKind, Message, Surface
from conversations.operations import (
    ConversationRef,
    IncomingAttachment,
    IncomingMessage,
    SenderRef,
    add_member,
    ingest_message,
)
from foundation.actors import Actor
from people.models import Customer, IdentityCertainty, Partner, Person, Side, StaffMember, User
from people.operations import identify

ZONE = ZoneInfo("Asia/Shanghai")
#: A Monday morning.
NINE = datetime(2026, 5, 11, 9, 0, tzinfo=ZONE)
ME = Actor.machine("test")
ACCOUNT = "test"


@dataclass
class Company:
    """The rows that most tests need."""

    handler: StaffMember
    supervisor: StaffMember
    contact: Person
    partner_person: Person
    group: Conversation
    partner_group: Conversation
    internal_group: Conversation
    flow: ServiceFlow
    case: ServiceCase


def conversation(key: str, kind: str, surface: str, *people: Person, **more: object) -> Conversation:
    """A conversation with its members."""
    row = Conversation.objects.create(
        account=ACCOUNT, external_id=key, kind=kind, surface=surface, name=str(more.pop("name", key)), **more
    )
    for person in people:
        add_member(conversation=row, person=person, at=NINE)
    return row


def company(at: datetime = NINE) -> Company:
    """A handler, a supervisor, a customer with a group, a partner with a group, a flow and an open case."""
    handler = StaffMember.objects.create(name="林悦")
    supervisor = StaffMember.objects.create(name="何姐", is_supervisor=True)
    customer, partner = Customer.objects.create(name="陈女士"), Partner.objects.create(name="顺达维修")
    contact = Person.objects.create(name="陈女士", side=Side.CUSTOMER, customer=customer)
    fitter = Person.objects.create(name="王师傅", side=Side.PARTNER, partner=partner)
    lin = Person.objects.create(name="林悦", side=Side.INTERNAL, staff=handler)
    he = Person.objects.create(name="何姐", side=Side.INTERNAL, staff=supervisor)
    for key, person in {"wmchen": contact, "wmwang": fitter, "lin": lin, "he": he}.items():
        identify(account=ACCOUNT, external_id=key, person=person, certainty=IdentityCertainty.VERIFIED)
    group = conversation(
        "wrcg", ConversationKind.CUSTOMER_GROUP, Surface.CUSTOMER_GROUP, contact, lin, customer=customer
    )
    partner_group = conversation(
        "wrpg", ConversationKind.PARTNER_GROUP, Surface.PARTNER_EXTERNAL, fitter, lin, partner=partner
    )
    internal_group = conversation("ig", ConversationKind.INTERNAL_GROUP, Surface.INTERNAL_APP, lin, he)
    flow = ServiceFlow.objects.create(
        key="repair", name="上门维修", service_context="after_sales", calendar=Calendar.objects.create(name="c"),
        completion_proof="image", notify_partner=True, supervisor=supervisor, fallback_owner=handler,
    )  # fmt: skip
    MaterialRequirement.objects.create(flow=flow, key="nameplate", name="铭牌照片")
    case = cases.open_case(
        flow=flow,
        customer=customer,
        conversation=group,
        owner=handler,
        partner=partner,
        contact=contact,
        actor=ME,
        at=at,
    )
    cases.add_participant(case=case, person=fitter, role=Role.FULFILLMENT_PARTNER)
    return Company(handler, supervisor, contact, fitter, group, partner_group, internal_group, flow, case)


def works(staff: StaffMember) -> StaffMember:
    """A colleague who can sign in, and whose role works on cases."""
    if staff.user is None:
        staff.user = User.objects.create_user(f"works{staff.pk}", display_name=staff.name)
        staff.save(update_fields=["user"])
    staff.user.user_permissions.add(Permission.objects.get(codename="work_on_case"))
    return staff


def say(
    where: Conversation,
    who: str,
    text: str,
    *,
    at: datetime,
    key: str = "",
    attachments: tuple[str, ...] = (),
    sent_at: datetime | None = None,
) -> Message:
    """A message as the archive would bring it."""
    message, _created = ingest_message(
        incoming=IncomingMessage(
            account=ACCOUNT, source="archive", external_id=key or f"{who}-{at.timestamp()}-{text[:8]}",
            conversation=ConversationRef(where.external_id, where.kind, where.surface), sender=SenderRef(who),
            sent_at=sent_at or at, text=text, attachments=tuple(IncomingAttachment(kind) for kind in attachments),
        ),
        at=at,
    )  # fmt: skip
    return message
