"""Who: the caller, colleagues, customers, people."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from aijia.api import serializers as shown
from aijia.api.authentication import caller, token_of
from aijia.api.filters import CustomerFilter, PersonFilter, StaffFilter
from aijia.api.masking import people_visible_to, shows_contacts, with_customer_visible
from aijia.api.models import Scope
from aijia.api.views.base import Basics, Visible
from people.models import Customer, Person, StaffMember


class MeView(Basics):
    """Who calls."""

    @extend_schema(summary="Who calls", responses=shown.MeSerializer)
    def get(self, request: Request) -> Response:
        """The colleague in whose name the call is made, what they see, and the token with its scopes."""
        staff = caller(request)
        staff.token = token_of(request)  # type: ignore[attr-defined]
        return Response(shown.MeSerializer(staff).data)


@extend_schema_view(list=extend_schema(summary="List colleagues"), retrieve=extend_schema(summary="One colleague"))
class StaffView(Visible):
    """Colleagues: who owns cases and items, and to whom an item can be given."""

    model = StaffMember
    needs_scope = Scope.PEOPLE_READ
    select = ("team",)
    serializer_class = shown.StaffSerializer
    filterset_class = StaffFilter


class Contacts(Visible):
    """Rows with contacts: masked unless the caller may see them."""

    def get_serializer_context(self) -> dict[str, Any]:
        """With whether contacts are shown in full."""
        fake = getattr(self, "swagger_fake_view", False)
        return {**super().get_serializer_context(), "contacts": not fake and shows_contacts(self.request)}


@extend_schema_view(list=extend_schema(summary="List customers"), retrieve=extend_schema(summary="One customer"))
class CustomerView(Contacts):
    """Customers. Phone and address are masked without the scope `contacts:read` and the right to open customers."""

    model = Customer
    needs_scope = Scope.PEOPLE_READ
    select = ("owner", "team")
    serializer_class = shown.CustomerSerializer
    filterset_class = CustomerFilter


@extend_schema_view(
    list=extend_schema(summary="List people"), retrieve=extend_schema(summary="One person with their identities")
)
class PersonView(Contacts):
    """People on any side with the identities by which channels know them: colleagues, and whoever is in a case or conversation that the caller
    may see. Channel ids are masked like contacts."""

    model = Person
    needs_scope = Scope.PEOPLE_READ
    select = ("customer", "partner", "staff")
    prefetch = ("identities",)
    serializer_class = shown.PersonSerializer
    filterset_class = PersonFilter

    def visible(self) -> Any:
        """People whom the caller may know of."""
        staff = caller(self.request)
        return with_customer_visible(people_visible_to(staff), staff)
