"""What is shown of people to whom; the masks are in `foundation.masking`."""

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
