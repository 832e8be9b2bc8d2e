"""What is shown of people to whom, and the masks for what is not."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from aijia.api.authentication import may
from aijia.api.models import Scope
from people.models import Customer, Person, StaffMember


def people_visible_to(staff: StaffMember | None) -> QuerySet[Person]:
    """Colleagues, the people of visible customers, and whoever is in a visible conversation or case."""
    return Person.objects.visible_to(staff)


def with_customer_visible(people: QuerySet[Person], staff: StaffMember) -> QuerySet[Person]:
    """People with `customer_visible`: whether the caller may see the customer whose person it is."""
    return people.annotate(
        customer_visible=Exists(Customer.objects.visible_to(staff).filter(pk=OuterRef("customer_id")))
    )


def shows_contacts(request: Any) -> bool:
    """Whether phone numbers, addresses and channel ids are shown in full: the scope and the right to open customers are needed."""
    return may(request, Scope.CONTACTS_READ) and bool(request.user.has_perm("people.view_customer"))


def masked_phone(phone: str) -> str:
    """The beginning and the end of a number: enough to recognise it, too little to call."""
    digits = phone.strip()
    return f"{digits[:3]}****{digits[-2:]}" if len(digits) >= 9 else "****" if digits else ""


def masked_address(address: str) -> str:
    """The first characters of an address (province and city)."""
    words = address.strip()
    return f"{words[:6]}…" if len(words) > 8 else "…" if words else ""


def masked_id(external_id: str) -> str:
    """The beginning and the end of a channel id."""
    return f"{external_id[:2]}…{external_id[-2:]}" if len(external_id) > 6 else "…"
