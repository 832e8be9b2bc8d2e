"""One address that finds everything."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from aijia.api import serializers as shown
from aijia.api.authentication import caller, may
from aijia.api.masking import shows_contacts
from aijia.api.models import Scope
from aijia.api.views.base import Basics
from aijia.search.finding import Found, find
from aijia.search.models import Kind

#: What a token needs to find things of a kind; of others it finds nothing.
SCOPES = {
    Kind.CASE.value: Scope.CASES_READ, Kind.CUSTOMER.value: Scope.PEOPLE_READ, Kind.PERSON.value: Scope.PEOPLE_READ,
    Kind.MESSAGE.value: Scope.CONVERSATIONS_READ, "knowledge": Scope.KNOWLEDGE_READ,
}  # fmt: skip


class SearchView(Basics):
    """Cases, customers, people, messages and knowledge that hold all the words, any part of them, among what the caller may see."""

    @extend_schema(
        summary="Search everything",
        description=(
            "All words must be there, each may be a part of one (two Chinese characters are enough). Newest first within a kind, at most "
            "`limit` of each. A token finds only kinds for which it has the scope to read them. A customer is found by a whole phone number "
            "where the caller may see contacts."
        ),
        parameters=[
            OpenApiParameter("q", str, required=True, description="1 to 100 characters."),
            OpenApiParameter("kind", str, enum=list(SCOPES), description="Only this kind."),
            OpenApiParameter("limit", int, description="1 to 50 of each kind; 8 if not given."),
        ],
        responses=shown.FoundSerializer,
    )
    def get(self, request: Request) -> Response:
        """Find."""
        allowed = {kind for kind, scope in SCOPES.items() if may(request, scope)}
        if not allowed:
            raise exceptions.PermissionDenied(code="scope_missing")
        asked = shown.FindInput(data=request.query_params)
        asked.is_valid(raise_exception=True)
        unknown = sorted(set(request.query_params) - {"q", "kind", "limit"})
        if unknown:
            raise serializers.ValidationError({name: ["?"] for name in unknown}, code="unknown_filter")
        wanted = asked.validated_data
        kinds = frozenset(allowed & {wanted["kind"]} if wanted.get("kind") else allowed)
        found = find(
            wanted["q"], staff=caller(request), kinds=kinds, limit=wanted["limit"], phones=shows_contacts(request)
        )
        return Response(shown.FoundSerializer({"results": _rows(found), "more": sorted(found.more)}).data)


def _rows(found: Found) -> list[dict[str, Any]]:
    rows = [
        {"kind": Kind.CASE, "id": case.public_id, "title": f"{case.number} {case.title or case.flow.name}", "at": case.opened_at,
         "within": None} for case in found.cases
    ]  # fmt: skip
    rows += [
        {"kind": Kind.CUSTOMER, "id": one.public_id, "title": one.name, "at": one.created_at, "within": None}
        for one in found.customers
    ]
    rows += [
        {"kind": Kind.PERSON, "id": one.public_id, "title": one.name, "at": None, "within": None}
        for one in found.people
    ]
    rows += [
        {
            "kind": Kind.MESSAGE,
            "id": one.public_id,
            "title": one.text[:200],
            "at": one.sent_at,
            "within": one.conversation.public_id,
        }
        for one in found.messages
    ]
    rows += [
        {"kind": "knowledge", "id": hit.version.public_id, "title": hit.version.title, "at": None, "within": None}
        for hit in found.knowledge
    ]
    return rows
