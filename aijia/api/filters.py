"""What lists can be narrowed to. Unknown names of filters are refused by the views: a misspelt filter must not list everything."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters

from aijia.api.authentication import find_caller
from cases.models import CaseNote, HandOver, Material, PlannedCase, ServiceCase, WaitingItem, WaitTransition, Writeback
from conversations.models import Conversation, Message
from delivery.models import Outbound
from knowledge.models import KnowledgeVersion, Proposal
from people.models import Customer, Person, StaffMember
from review.models import Draft
from triage.models import Decision, LabelledExample

YES_NO = {"true": True, "1": True, "false": False, "0": False}


class InstantField(filters.IsoDateTimeFilter.field_class):  # type: ignore[misc, name-defined]
    """An instant that a database can hold."""

    def clean(self, value: Any) -> Any:
        """The instant.

        :raises ValidationError: when it is none, or at the ends of the calendar.
        """
        found = super().clean(value)
        if found is not None and not 1900 <= found.year <= 9000:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return found


class Instant(filters.IsoDateTimeFilter):
    """By an instant in ISO 8601; without a zone it is Shanghai's."""

    field_class = InstantField


class YesNoField(forms.Field):
    """True or false, and nothing else: a misspelt one must not list everything."""

    def clean(self, value: Any) -> bool | None:
        """The answer, None where nothing is said.

        :raises ValidationError: for anything else.
        """
        words = str(value or "").strip().lower()
        if words and words not in YES_NO:
            raise ValidationError(_("Enter true or false."), code="invalid")
        return YES_NO.get(words)


class YesNo(filters.BooleanFilter):
    """By whether something holds."""

    field_class = YesNoField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.extra.pop("widget", None)


class Narrowing(filters.FilterSet):
    """Filters that know who calls."""

    def filter_mine(self, rows: Any, name: str, value: bool) -> Any:
        """What the caller owns, or what they do not."""
        own = Q(owner=find_caller(self.request))
        return rows.filter(own if value else ~own)


class CaseFilter(Narrowing):
    """Cases."""

    flow = filters.CharFilter(field_name="flow__key", help_text="Key of the flow.")
    owner = filters.UUIDFilter(field_name="owner__public_id")
    customer = filters.UUIDFilter(field_name="customer__public_id")
    partner = filters.UUIDFilter(field_name="partner__public_id")
    mine = YesNo(method="filter_mine", help_text="Owned by the caller.")
    my_waits = YesNo(method="filter_my_waits", help_text="With an open item that the caller answers for now.")
    on_partner = filters.UUIDFilter(
        method="filter_on_partner", help_text="With an open item that this partner's people owe."
    )
    unowned = YesNo(method="filter_unowned", help_text="With an open item whose owner has left.")
    overdue = YesNo(method="filter_overdue", help_text="With an open item past its due time.")
    due_before = Instant(method="filter_due_before", help_text="With an open item due before.")
    opened_since = Instant(field_name="opened_at", lookup_expr="gte")
    opened_before = Instant(field_name="opened_at", lookup_expr="lt")
    updated_since = Instant(
        method="filter_updated", help_text="Opened, changed, noted on, or with an item that moved, since."
    )

    class Meta:
        model = ServiceCase
        fields = ("state", "number")

    @staticmethod
    def by_items(rows: Any, items: Any, value: bool) -> Any:
        """Cases with, or without, one of these items; the same words as the admin's list."""
        return rows.with_items(items) if value else rows.without_items(items)

    def filter_overdue(self, rows: Any, name: str, value: bool) -> Any:
        """By whether an item is past due and its clock runs."""
        return self.by_items(rows, WaitingItem.objects.overdue(at=timezone.now()), value)

    def filter_my_waits(self, rows: Any, name: str, value: bool) -> Any:
        """By whether an item of it is the caller's."""
        return self.by_items(rows, WaitingItem.objects.mine(find_caller(self.request), at=timezone.now()), value)

    def filter_on_partner(self, rows: Any, name: str, value: Any) -> Any:
        """By a partner whose people owe something in it."""
        return rows.with_items(WaitingItem.objects.open().filter(on__partner__public_id=value))

    def filter_unowned(self, rows: Any, name: str, value: bool) -> Any:
        """By whether an item of it belongs to somebody who has left."""
        return self.by_items(rows, WaitingItem.objects.unowned(), value)

    def filter_due_before(self, rows: Any, name: str, value: Any) -> Any:
        """By the due times of open items."""
        return rows.with_items(WaitingItem.objects.open().filter(due_at__lt=value))

    def filter_updated(self, rows: Any, name: str, value: Any) -> Any:
        """By anything that happened to the case, to its items, or was noted on it."""
        changed = ServiceCase.history.model.objects.filter(history_date__gte=value).values("id")
        moved = WaitTransition.objects.filter(wait__case=OuterRef("pk"), at__gte=value)
        noted = CaseNote.objects.filter(case=OuterRef("pk"), at__gte=value)
        return rows.filter(Q(pk__in=changed) | Exists(moved) | Exists(noted))


class WaitFilter(Narrowing):
    """Waiting items."""

    case = filters.UUIDFilter(field_name="case__public_id")
    owner = filters.UUIDFilter(field_name="owner__public_id")
    flow = filters.CharFilter(field_name="case__flow__key", help_text="Key of the flow.")
    waiting_on = filters.UUIDFilter(field_name="on__public_id", help_text="The person who owes it.")
    on_partner = filters.UUIDFilter(field_name="on__partner__public_id", help_text="The partner whose people owe it.")
    mine = YesNo(
        method="filter_mine", help_text="Open, and owned by the caller, or by a duty that the caller holds now."
    )
    open = YesNo(field_name="closed_at", lookup_expr="isnull")
    overdue = YesNo(method="filter_overdue")
    unowned = YesNo(method="filter_unowned", help_text="Open, and its owner has left.")
    in_place = YesNo(
        field_name="stands_in_for",
        lookup_expr="isnull",
        exclude=True,
        help_text="Its owner took the place of an absent colleague.",
    )
    due_before = Instant(field_name="due_at", lookup_expr="lt")
    updated_since = Instant(method="filter_updated", help_text="Opened or moved since.")

    class Meta:
        model = WaitingItem
        fields = ("state", "on_role", "need_kind")

    def filter_overdue(self, rows: Any, name: str, value: bool) -> Any:
        """By whether it is open, past due, and its clock runs."""
        late = WaitingItem.objects.overdue(at=timezone.now()).values("pk")
        return rows.filter(pk__in=late) if value else rows.exclude(pk__in=late)

    def filter_mine(self, rows: Any, name: str, value: bool) -> Any:
        """Open items that the caller answers for now: their own, and those of a duty that they hold; or the others."""
        mine = WaitingItem.objects.mine(find_caller(self.request), at=timezone.now()).values("pk")
        return rows.filter(pk__in=mine) if value else rows.exclude(pk__in=mine)

    def filter_unowned(self, rows: Any, name: str, value: bool) -> Any:
        """By whether the owner of an open item has left."""
        left = WaitingItem.objects.unowned().values("pk")
        return rows.filter(pk__in=left) if value else rows.exclude(pk__in=left)

    def filter_updated(self, rows: Any, name: str, value: Any) -> Any:
        """By the item's append-only history."""
        return rows.filter(Exists(WaitTransition.objects.filter(wait=OuterRef("pk"), at__gte=value)))


class HandOverFilter(Narrowing):
    """Hand-overs from shift to shift."""

    giver = filters.UUIDFilter(field_name="giver__public_id")
    taker = filters.UUIDFilter(field_name="taker__public_id")
    offered_since = Instant(field_name="offered_at", lookup_expr="gte")

    class Meta:
        model = HandOver
        fields = ("state",)


class PlanFilter(Narrowing):
    """Cases that will open by themselves."""

    running = YesNo(field_name="next_at", lookup_expr="isnull", exclude=True, help_text="Whether it will open one.")
    customer = filters.UUIDFilter(field_name="customer__public_id")
    owner = filters.UUIDFilter(field_name="owner__public_id")
    flow = filters.CharFilter(field_name="flow__key", help_text="Key of the flow.")
    next_before = Instant(field_name="next_at", lookup_expr="lt")

    class Meta:
        model = PlannedCase
        fields = ()


class MaterialFilter(Narrowing):
    """Material that came for cases."""

    case = filters.UUIDFilter(field_name="case__public_id")
    wait = filters.UUIDFilter(field_name="wait__public_id", help_text="The item that it came for.")
    flow = filters.CharFilter(field_name="case__flow__key", help_text="Key of the flow.")
    received_since = Instant(field_name="received_at", lookup_expr="gte")

    class Meta:
        model = Material
        fields = ("state", "type")


class WritebackFilter(Narrowing):
    """Notices owed to those who asked."""

    case = filters.UUIDFilter(field_name="case__public_id")
    to = filters.UUIDFilter(field_name="to__public_id", help_text="The conversation in which they have to be told.")
    flow = filters.CharFilter(field_name="case__flow__key", help_text="Key of the flow.")
    overdue = YesNo(method="filter_overdue", help_text="Owed, and past its due time.")
    due_before = Instant(field_name="due_at", lookup_expr="lt")

    class Meta:
        model = Writeback
        fields = ("state", "about")

    def filter_overdue(self, rows: Any, name: str, value: bool) -> Any:
        """By whether it is owed and past due."""
        late = Writeback.objects.overdue(at=timezone.now()).values("pk")
        return rows.filter(pk__in=late) if value else rows.exclude(pk__in=late)


class ConversationFilter(Narrowing):
    """Conversations."""

    owner = filters.UUIDFilter(field_name="owner__public_id")
    customer = filters.UUIDFilter(field_name="customer__public_id")
    case = filters.UUIDFilter(method="filter_case", help_text="Through which this case runs.")
    updated_since = Instant(field_name="last_message_at", lookup_expr="gte")

    class Meta:
        model = Conversation
        fields = ("kind", "surface", "account")

    def filter_case(self, rows: Any, name: str, value: Any) -> Any:
        """By a case that the caller may see."""
        cases = ServiceCase.objects.visible_to(find_caller(self.request)).filter(public_id=value)
        return rows.filter(pk__in=cases.values("links__conversation"))


class MessageFilter(filters.FilterSet):
    """Messages of a conversation."""

    since = Instant(field_name="received_at", lookup_expr="gte", help_text="Received since.")
    after_position = filters.NumberFilter(
        field_name="position", lookup_expr="gt", min_value=0, max_value=2**62, help_text="Arrived after this place."
    )

    class Meta:
        model = Message
        fields = ("sender_side", "type")


class DecisionFilter(filters.FilterSet):
    """Decisions."""

    conversation = filters.UUIDFilter(field_name="conversation__public_id")
    case = filters.UUIDFilter(field_name="case__public_id")
    message = filters.UUIDFilter(field_name="message__public_id")
    since = Instant(field_name="at", lookup_expr="gte", help_text="Decided since.")
    fell_back = YesNo(method="filter_fell_back", help_text="Whether the local engine stood in for the language model.")

    class Meta:
        model = Decision
        fields = ("mode", "intent", "engine", "fallback")

    def filter_fell_back(self, rows: Any, name: str, value: bool) -> Any:
        """By whether another engine should have answered."""
        return rows.exclude(fallback="") if value else rows.filter(fallback="")


class ExampleFilter(filters.FilterSet):
    """Examples."""

    since = Instant(field_name="at", lookup_expr="gte", help_text="Said since.")

    class Meta:
        model = LabelledExample
        fields = ("kind",)


class DraftFilter(filters.FilterSet):
    """Drafts."""

    case = filters.UUIDFilter(field_name="case__public_id")
    conversation = filters.UUIDFilter(field_name="conversation__public_id")
    owner = filters.UUIDFilter(field_name="case__owner__public_id", help_text="Owner of the case.")
    flow = filters.CharFilter(field_name="case__flow__key", help_text="Key of the case's flow.")
    updated_since = Instant(method="filter_updated", help_text="Written or decided since.")

    class Meta:
        model = Draft
        fields = ("state", "reply_kind", "required_right")

    def filter_updated(self, rows: Any, name: str, value: Any) -> Any:
        """By what happened to it."""
        return rows.filter(Q(created_at__gte=value) | Q(decided_at__gte=value))


class OutboundFilter(filters.FilterSet):
    """Outbound texts."""

    case = filters.UUIDFilter(field_name="case_ref")
    conversation = filters.UUIDFilter(field_name="conversation__public_id")
    updated_since = Instant(
        method="filter_updated", help_text="Released, prepared, delivered, or with an attempt since."
    )

    class Meta:
        model = Outbound
        fields = ("state", "kind", "purpose")

    def filter_updated(self, rows: Any, name: str, value: Any) -> Any:
        """By what happened to it."""
        named = Q(released_at__gte=value) | Q(prepared_at__gte=value) | Q(delivered_at__gte=value)
        return rows.filter(named | Q(attempts__started_at__gte=value)).distinct()


class StaffFilter(filters.FilterSet):
    """Colleagues."""

    active = YesNo(field_name="left_at", lookup_expr="isnull")
    name = filters.CharFilter(lookup_expr="icontains")

    is_supervisor = YesNo()
    on_duty = YesNo()

    class Meta:
        model = StaffMember
        fields = ()


class CustomerFilter(Narrowing):
    """Customers."""

    name = filters.CharFilter(lookup_expr="icontains")
    owner = filters.UUIDFilter(field_name="owner__public_id")
    mine = YesNo(method="filter_mine", help_text="Owned by the caller.")

    class Meta:
        model = Customer
        fields = ("language",)


class PersonFilter(filters.FilterSet):
    """People."""

    name = filters.CharFilter(lookup_expr="icontains")
    certainty = filters.CharFilter(method="filter_certainty", help_text="With an identity of this certainty.")

    class Meta:
        model = Person
        fields = ("side",)

    def filter_certainty(self, rows: Any, name: str, value: str) -> Any:
        """By how sure we are of an identity."""
        return rows.filter(identities__certainty=value).distinct()


class KnowledgeFilter(filters.FilterSet):
    """Published knowledge."""

    flow = filters.CharFilter(field_name="item__flow__key", help_text="Key of a flow.")
    item = filters.UUIDFilter(field_name="item__public_id")
    updated_since = Instant(field_name="published_at", lookup_expr="gte", help_text="Published since.")

    class Meta:
        model = KnowledgeVersion
        fields = ("kind", "audience")


class ProposalFilter(filters.FilterSet):
    """Proposals."""

    reference = filters.CharFilter(field_name="source_ref", help_text="Your own reference.")

    class Meta:
        model = Proposal
        fields = ("state", "kind")
