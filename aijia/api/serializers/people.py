"""Who: the caller, colleagues, customers and people; contacts masked where the caller may not see them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from aijia.api.models import Scope
from aijia.api.serializers.common import NamedRef, Row
from foundation.masking import masked_address, masked_id, masked_phone
from people.models import Customer, Identity, Person, StaffMember


class StaffSerializer(Row):
    """A colleague."""

    team = serializers.CharField(source="team.name", default=None, allow_null=True)
    active = serializers.SerializerMethodField()

    class Meta:
        model = StaffMember
        fields: Any = ("id", "name", "team", "is_supervisor", "on_duty", "active")

    @extend_schema_field(serializers.BooleanField())
    def get_active(self, staff: StaffMember) -> bool:
        """Whether they work here."""
        return staff.left_at is None


class TokenSerializer(serializers.Serializer):
    """The token of this call."""

    name = serializers.CharField()
    prefix = serializers.CharField()
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices))
    expires_at = serializers.DateTimeField()


class MeSerializer(StaffSerializer):
    """Who calls: the colleague, what they see, and the token."""

    token = TokenSerializer(allow_null=True)

    class Meta(StaffSerializer.Meta):
        fields: Any = (*StaffSerializer.Meta.fields, "visibility", "token")


class CustomerSerializer(Row):
    """A customer. `phone` and `address` are masked where `masked` is true, `note` is then empty."""

    owner = NamedRef(allow_null=True)
    team = serializers.CharField(source="team.name", default=None, allow_null=True)
    phone = serializers.SerializerMethodField()
    address = serializers.SerializerMethodField()
    note = serializers.SerializerMethodField()
    masked = serializers.SerializerMethodField()

    class Meta:
        model = Customer
        fields = ("id", "name", "phone", "address", "masked", "note", "language", "team", "owner", "created_at")

    @extend_schema_field(serializers.CharField())
    def get_phone(self, row: Customer) -> str:
        """The number, or its mask."""
        return row.phone if self.context["contacts"] else masked_phone(row.phone or "")

    @extend_schema_field(serializers.CharField())
    def get_address(self, row: Customer) -> str:
        """The address, or its mask."""
        return row.address if self.context["contacts"] else masked_address(row.address or "")

    @extend_schema_field(serializers.CharField())
    def get_note(self, row: Customer) -> str:
        """What colleagues noted: free words, which may hold anything."""
        return row.note if self.context["contacts"] else ""

    @extend_schema_field(serializers.BooleanField())
    def get_masked(self, row: Customer) -> bool:
        """Whether contacts are masked."""
        return not self.context["contacts"]


class IdentitySerializer(serializers.ModelSerializer):
    """One id by which a channel knows somebody, with how sure we are who that is."""

    class Meta:
        model = Identity
        fields = ("account", "external_id", "certainty", "display_name")


class PersonSerializer(Row):
    """Somebody on any side. `customer` is null where the caller may not see the customer; channel ids are then masked."""

    customer = serializers.SerializerMethodField()
    partner = NamedRef(allow_null=True)
    staff = NamedRef(allow_null=True)
    identities = serializers.SerializerMethodField()

    class Meta:
        model = Person
        fields = (
            "id", "name", "side", "customer", "partner", "staff", "relation", "coordinates_only", "in_wecom", "identities",
        )  # fmt: skip

    def _open(self, person: Person) -> bool:
        hidden = person.customer_id is not None and not person.customer_visible  # type: ignore[attr-defined]
        return bool(self.context["contacts"]) and not hidden

    @extend_schema_field(NamedRef(allow_null=True))
    def get_customer(self, person: Person) -> Any:
        """The customer whose person it is."""
        seen = person.customer_visible  # type: ignore[attr-defined]
        return NamedRef(person.customer).data if person.customer is not None and seen else None

    @extend_schema_field(IdentitySerializer(many=True))
    def get_identities(self, person: Person) -> Any:
        """By which ids channels know them."""
        rows = IdentitySerializer(person.identities.all(), many=True).data
        return rows if self._open(person) else [{**row, "external_id": masked_id(row["external_id"])} for row in rows]
