"""The addresses. Every list starts from what the caller may see; every write goes through the rooms' operations."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from aijia.api import serializers as shown
from aijia.api.base import OncePerKey, Pages, actor, caller
from cases import operations as cases
from cases.models import ServiceCase, WaitingItem
from cases.operations import Fact
from conversations.models import Conversation, Message
from delivery.models import Outbound
from evidence.models import Entry
from evidence.verification import verify_subject
from people.models import staff_of
from review import operations as review
from review.models import Draft


class CaseFilter(filters.FilterSet):
    """Cases by state, flow, owner, partner, number, and whether something is overdue."""

    flow = filters.CharFilter(field_name="flow__key")
    owner = filters.CharFilter(field_name="owner__name")
    partner = filters.CharFilter(field_name="partner__name")
    overdue = filters.BooleanFilter(method="filter_overdue")
    opened_after = filters.IsoDateTimeFilter(field_name="opened_at", lookup_expr="gte")

    class Meta:
        model = ServiceCase
        fields = ("state", "number")

    def filter_overdue(self, rows: Any, name: str, value: bool) -> Any:
        """Cases with an item past due."""
        return rows.overdue(at=timezone.now()) if value else rows


class WaitFilter(filters.FilterSet):
    """Items by state, owner, whether they are open or overdue, and by due time."""

    owner = filters.CharFilter(field_name="owner__name")
    mine = filters.BooleanFilter(method="filter_mine")
    open = filters.BooleanFilter(method="filter_open")
    overdue = filters.BooleanFilter(method="filter_overdue")
    on_partner = filters.CharFilter(field_name="on__partner__name")
    due_before = filters.IsoDateTimeFilter(field_name="due_at", lookup_expr="lt")

    class Meta:
        model = WaitingItem
        fields = ("state", "on_role", "need_kind")

    def filter_mine(self, rows: Any, name: str, value: bool) -> Any:
        """What the caller owns."""
        return rows.filter(owner=staff_of(self.request.user)) if value else rows

    def filter_open(self, rows: Any, name: str, value: bool) -> Any:
        """What somebody still owes."""
        return rows.open() if value else rows.filter(closed_at__isnull=False)

    def filter_overdue(self, rows: Any, name: str, value: bool) -> Any:
        """What is past due."""
        return rows.overdue(at=timezone.now()) if value else rows


class Visible(OncePerKey, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Rows that the caller may see, by public id."""

    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    pagination_class = Pages
    model: Any = None
    select: tuple[str, ...] = ()
    prefetch: tuple[Any, ...] = ()

    def get_queryset(self) -> QuerySet[Any]:
        """What the caller may see, and nothing else."""
        if getattr(self, "swagger_fake_view", False):
            none: QuerySet[Any] = self.model.objects.none()
            return none
        rows: QuerySet[Any] = self.model.objects.visible_to(caller(self.request))
        return rows.select_related(*self.select).prefetch_related(*self.prefetch)

    def get_serializer_context(self) -> dict[str, Any]:
        """With the instant at which things are overdue."""
        return {**super().get_serializer_context(), "at": timezone.now()}

    def read(self, serializer: type[Serializer]) -> dict[str, Any]:
        """The body of a request, checked."""
        body = serializer(data=self.request.data)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def answer(self) -> Response:
        """The row as it is now."""
        return Response(self.get_serializer(self.get_object()).data)


def _fact(request: Request, at: datetime, reason: str) -> Fact:
    return Fact(actor(request), at, at, None, reason)


class CaseView(Visible):
    """Service cases."""

    model = ServiceCase
    select = ("flow", "customer", "partner", "owner")
    prefetch = ("waits__on", "waits__owner", "waits__case")
    filterset_class = CaseFilter

    def get_serializer_class(self) -> type[Serializer]:
        """A list is short, one case is whole."""
        return shown.CaseSerializer if self.action == "list" else shown.CaseDetailSerializer

    def get_queryset(self) -> QuerySet[Any]:
        """With people and notices where one case is asked for."""
        rows = super().get_queryset()
        return rows if self.action == "list" else rows.prefetch_related("participants__person", "writebacks__to")

    @extend_schema(request=shown.CloseInput, responses=shown.CaseDetailSerializer)
    @action(detail=True, methods=["post"])
    def complete(self, request: Request, public_id: str) -> Response:
        """Close as done. 409 when it is not open or the flow's proof is missing."""
        body, at = self.read(shown.CloseInput), timezone.now()
        cases.complete_case(case_id=self.get_object().pk, fact=_fact(request, at, body["reason"]), note=body["note"])
        return self.answer()

    @extend_schema(request=shown.CloseInput, responses=shown.CaseDetailSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, public_id: str) -> Response:
        """Call off. 409 when it is not open."""
        body, at = self.read(shown.CloseInput), timezone.now()
        cases.cancel_case(case_id=self.get_object().pk, fact=_fact(request, at, body["reason"]), note=body["note"])
        return self.answer()

    @extend_schema(request=shown.NoteInput, responses=shown.CaseDetailSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, public_id: str) -> Response:
        """Take up again, with words why. 409 when it is open."""
        body, at = self.read(shown.NoteInput), timezone.now()
        cases.reopen_case(case_id=self.get_object().pk, fact=_fact(request, at, "staff"), note=body["note"][:255])
        return self.answer()

    @extend_schema(request=shown.NoteInput, responses=shown.CaseDetailSerializer)
    @action(detail=True, methods=["post"])
    def notes(self, request: Request, public_id: str) -> Response:
        """Write a note that only staff see."""
        body = self.read(shown.NoteInput)
        cases.add_note(
            case_id=self.get_object().pk, by=caller(request), text=body["note"], actor=actor(request), at=timezone.now()
        )
        return self.answer()

    @extend_schema(responses=shown.EvidenceSerializer)
    @action(detail=True)
    def evidence(self, request: Request, public_id: str) -> Response:
        """Everything on record about a case, and whether it verifies."""
        subject = cases.subject_of(self.get_object())
        faults = verify_subject(subject)
        rows = (
            Entry.objects.filter(chain__subject_kind=subject.kind, chain__subject_ref=subject.ref)
            .select_related("body_row")
            .order_by("seq")
        )
        entries = [
            {
                "seq": row.seq, "kind": row.kind, "at": row.at, "actor": row.actor, "refs": row.refs, "hash": row.hash,
                "body": json.loads(row.body_row.body) if row.body_row.erased_at is None else None,
            }
            for row in rows
        ]  # fmt: skip
        return Response(shown.EvidenceSerializer({"verifies": not faults, "faults": faults, "entries": entries}).data)


class WaitView(Visible):
    """Waiting items."""

    model = WaitingItem
    select = ("case", "on", "owner")
    serializer_class = shown.WaitSerializer
    filterset_class = WaitFilter

    @extend_schema(request=shown.CloseInput, responses=shown.WaitSerializer)
    @action(detail=True, methods=["post"])
    def complete(self, request: Request, public_id: str) -> Response:
        """Close as given. 409 when it is closed already."""
        body, at = self.read(shown.CloseInput), timezone.now()
        cases.complete_wait(wait_id=self.get_object().pk, fact=_fact(request, at, body["reason"]))
        return self.answer()

    @extend_schema(request=shown.CloseInput, responses=shown.WaitSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, public_id: str) -> Response:
        """Close as no longer owed. 409 when it is closed already."""
        body, at = self.read(shown.CloseInput), timezone.now()
        cases.cancel_wait(wait_id=self.get_object().pk, fact=_fact(request, at, body["reason"]))
        return self.answer()

    @extend_schema(request=shown.DueInput, responses=shown.WaitSerializer)
    @action(detail=True, methods=["post"])
    def due(self, request: Request, public_id: str) -> Response:
        """Move the follow-up time. 422 when it has passed."""
        body, at = self.read(shown.DueInput), timezone.now()
        cases.set_due(wait_id=self.get_object().pk, due_at=body["due_at"], fact=_fact(request, at, "staff"))
        return self.answer()


class ConversationFilter(filters.FilterSet):
    """Conversations by kind, surface and account."""

    class Meta:
        model = Conversation
        fields = ("kind", "surface", "account")


class ConversationView(Visible):
    """Conversations and what was said in them."""

    model = Conversation
    serializer_class = shown.ConversationSerializer
    filterset_class = ConversationFilter

    @extend_schema(responses=shown.MessageSerializer(many=True))
    @action(detail=True, filterset_class=None)
    def messages(self, request: Request, public_id: str) -> Response:
        """What was said, newest first."""
        rows = Message.objects.filter(conversation=self.get_object()).select_related("sender")
        page = self.paginate_queryset(rows.prefetch_related("attachments"))
        return self.get_paginated_response(shown.MessageSerializer(page, many=True).data)


class DraftFilter(filters.FilterSet):
    """Drafts by state, kind and right."""

    class Meta:
        model = Draft
        fields = ("state", "reply_kind", "required_right")


class DraftView(Visible):
    """Drafts and verdicts on them."""

    model = Draft
    select = ("conversation", "case")
    serializer_class = shown.DraftSerializer
    filterset_class = DraftFilter

    @extend_schema(request=shown.DecideInput, responses=shown.VerdictSerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, public_id: str) -> Response:
        """Approve, edit, reject or take over. A verdict that may not be carried out comes back with `accepted` false and why.

        409 when the draft is decided already, or another wording than the one looked at stands in it.
        """
        body = self.read(shown.DecideInput)
        verdict = review.decide(
            draft_id=self.get_object().pk, by=caller(request), do=body["do"], actor=actor(request), at=timezone.now(),
            text=body["text"], reason=body["reason"], seen_hash=body["hash"],
        )  # fmt: skip
        return Response(shown.VerdictSerializer(verdict).data)


class OutboundFilter(filters.FilterSet):
    """Outbound texts by state and kind."""

    class Meta:
        model = Outbound
        fields = ("state", "kind")


class OutboundView(Visible):
    """Released texts and what became of them."""

    model = Outbound
    select = ("conversation",)
    serializer_class = shown.OutboundSerializer
    filterset_class = OutboundFilter
