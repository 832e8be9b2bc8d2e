"""Cases, waiting items, notes, writebacks, and what is sent to move them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from aijia.api.masking import shows_contacts
from aijia.api.serializers.common import CaseRef, FlowRef, NamedRef, Row, label_of
from cases.models import (
    CaseNote,
    HandOver,
    Material,
    Participant,
    PlannedCase,
    ServiceCase,
    StatusFact,
    WaitingItem,
    WaitTransition,
    Writeback,
)
from cases.models.waiting import NeedKind
from cases.presenters import who_words
from cases.reasons import CANCEL_REASONS, REOPEN_REASONS, reason_words
from foundation.masking import masked_phone

#: Working time is counted day by day: a follow-up time in the year 9000 would keep a worker busy.
FARTHEST = timedelta(days=731)


class WaitSerializer(Row):
    """A waiting item: `waiting_on` owes `need`, our `owner` sees to it, until `due_at`."""

    case = CaseRef()
    state_label = label_of("state")
    waiting_on = NamedRef(source="on", allow_null=True)
    owner = NamedRef()
    duty = serializers.CharField(
        source="roster.name",
        default=None,
        allow_null=True,
        help_text="The duty roster that owns it: whoever is on shift sees to it.",
    )
    on_shift = NamedRef(
        source="holders", many=True, allow_null=True, default=None,
        help_text="Who holds that duty now: none of them where nobody is on shift; null where it belongs to no duty, or is over.",
    )  # fmt: skip
    in_place_of = NamedRef(
        source="stands_in_for", allow_null=True, help_text="The absent colleague who gets it back; null as a rule."
    )
    overdue = serializers.SerializerMethodField(help_text="Open, its clock runs, and past its due time.")
    asked_in = serializers.UUIDField(source="asked_in.public_id", default=None, allow_null=True)
    requested_in = serializers.UUIDField(source="requested_in.public_id", default=None, allow_null=True)
    close_reason_label = serializers.SerializerMethodField(help_text="The reason in words.")

    class Meta:
        model = WaitingItem
        fields: Any = (
            "id", "case", "state", "state_label", "waiting_on", "on_role", "for_side", "need", "need_kind", "proof",
            "count_needed", "count_received", "owner", "duty", "on_shift", "in_place_of", "asked_in", "requested_in", "customer_wording", "internal_note",
            "risk", "opened_at", "due_at", "paused_at", "overdue", "closed_at", "close_reason", "close_reason_label",
        )  # fmt: skip

    @extend_schema_field(serializers.BooleanField())
    def get_overdue(self, wait: WaitingItem) -> bool:
        """Whether it is past its due time now."""
        return wait.is_overdue(at=self.context["at"])

    @extend_schema_field(serializers.CharField())
    def get_close_reason_label(self, row: WaitingItem) -> str:
        """Why it was closed, for people."""
        return reason_words(row.close_reason)


class WaitStepSerializer(serializers.ModelSerializer):
    """One thing that happened to a waiting item."""

    by = serializers.CharField(source="actor.label", default="")

    class Meta:
        model = WaitTransition
        fields = ("kind", "from_state", "to_state", "due_before", "due_after", "at", "fact_at", "by", "reason")


class WaitDetailSerializer(WaitSerializer):
    """A waiting item with its history, oldest first."""

    history = WaitStepSerializer(source="transitions", many=True)

    class Meta(WaitSerializer.Meta):
        fields: Any = (*WaitSerializer.Meta.fields, "history")


class ParticipantSerializer(serializers.ModelSerializer):
    """Somebody with their role in a case."""

    person = NamedRef()
    side = serializers.CharField(source="person.side")

    class Meta:
        model = Participant
        fields = ("person", "side", "role", "coordinates_only")


class WritebackSerializer(Row):
    """A notice owed to those who asked."""

    case = CaseRef()
    to = NamedRef()
    state_label = label_of("state")

    class Meta:
        model = Writeback
        fields = (
            "id", "case", "about", "to", "words", "state", "state_label", "created_at", "due_at", "delivered_at", "delivered_by",
            "settle_reason",
        )  # fmt: skip


class MaterialSerializer(Row):
    """A piece of material that came for a case."""

    case = CaseRef()
    wait = serializers.UUIDField(source="wait.public_id", default=None, allow_null=True)
    attachment = serializers.UUIDField(source="attachment.public_id", default=None, allow_null=True)
    judged_by = serializers.CharField(source="judged_by.name", default=None, allow_null=True)
    state_label = label_of("state")

    class Meta:
        model = Material
        fields = (
            "id", "case", "wait", "attachment", "type", "state", "state_label", "reason", "received_at", "judged_at", "judged_by",
        )  # fmt: skip


class StatusFactSerializer(serializers.ModelSerializer):
    """Something known about where a case stands, in words that a customer may read; none where `blocked`."""

    class Meta:
        model = StatusFact
        fields = ("subject", "words", "blocked", "fact_at", "recorded_at")


class ConclusionSerializer(serializers.Serializer):
    """How a case was once closed. A case that was reopened has several. Words are null where their content was erased."""

    to = serializers.CharField(allow_null=True)
    reason = serializers.CharField(allow_null=True)
    note = serializers.CharField(allow_null=True)
    at = serializers.DateTimeField()
    by = serializers.CharField()


class NoteSerializer(serializers.ModelSerializer):
    """A note that only staff see."""

    author = NamedRef(allow_null=True)

    class Meta:
        model = CaseNote
        fields = ("author", "text", "at")


class CaseSerializer(Row):
    """A case in a list. Where it stands is in its open items (`waits`), never typed a second time."""

    flow = FlowRef()
    state_label = label_of("state")
    customer = NamedRef()
    partner = NamedRef(allow_null=True)
    owner = NamedRef()
    waits = WaitSerializer(many=True, source="open_waits")
    close_reason_label = serializers.SerializerMethodField(help_text="The reason in words.")

    class Meta:
        model = ServiceCase
        fields: Any = (
            "id", "number", "title", "flow", "state", "state_label", "customer", "partner", "owner", "labels", "opened_at",
            "closed_at", "close_reason", "close_reason_label", "close_note", "reopened_count", "automation_stopped_at",
            "appointment_at", "appointment_until", "visitor", "waits",
        )  # fmt: skip

    @extend_schema_field(serializers.CharField())
    def get_close_reason_label(self, row: ServiceCase) -> str:
        """Why it was closed, for people."""
        return reason_words(row.close_reason)


class GlanceDueSerializer(serializers.Serializer):
    """The open item that falls due next."""

    wait = serializers.UUIDField(source="public_id")
    need = serializers.CharField()
    due_at = serializers.DateTimeField()


class ToldSerializer(serializers.Serializer):
    """Somebody was told something, or has to be and has not been (`owed`)."""

    who = serializers.CharField(help_text="The conversation.")
    words = serializers.CharField()
    owed = serializers.BooleanField()
    state_label = serializers.CharField(source="state")
    at = serializers.DateTimeField(help_text="When it was told, or since when it is owed.")
    by = serializers.CharField()


class GlanceSerializer(serializers.Serializer):
    """What the page of a case says at one glance. `waits` waits for `owes`: the item that falls due first, of all that are open."""

    stage = serializers.CharField(source="code", help_text="State of that item, or of the case.")
    stage_label = serializers.CharField(source="stage")
    wait = serializers.UUIDField(source="first.public_id", default=None, allow_null=True)
    waits = serializers.CharField()
    owes = serializers.CharField()
    need = serializers.CharField(source="first.need", default="")
    since = serializers.DateTimeField(source="first.opened_at", default=None, allow_null=True)
    others = serializers.IntegerField(source="more", help_text="How many more items are open.")
    overdue = serializers.IntegerField(source="late", help_text="How many open items are past due.")
    missing = serializers.ListField(child=serializers.CharField(), help_text="Material that the customer side owes.")
    due_next = GlanceDueSerializer(source="due", allow_null=True)
    due_then = GlanceDueSerializer(
        source="then",
        allow_null=True,
        help_text="Where `due_next` is over: the next that is not; null where there is none.",
    )
    told = ToldSerializer(
        many=True,
        help_text="Who has to be told and has not been, then what was told, newest first. Our last text that arrived is among it for those who may "
        "read conversations.",
    )


class CaseDetailSerializer(CaseSerializer):
    """A case with where it stands at one glance, its people, conversations, material, owed notices and conclusions."""

    glance = GlanceSerializer()
    visitor_phone = serializers.SerializerMethodField(
        help_text="Phone of who comes; masked without `contacts:read`, and for who may not open customers."
    )
    previous = CaseRef(allow_null=True, help_text="The case that this one follows, where the caller may see it.")
    participants = ParticipantSerializer(many=True)
    conversations = NamedRef(many=True, source="visible_conversations")
    materials = MaterialSerializer(many=True)
    facts = StatusFactSerializer(many=True)
    writebacks = WritebackSerializer(many=True)
    conclusions = ConclusionSerializer(many=True)

    class Meta(CaseSerializer.Meta):
        fields: Any = (
            *CaseSerializer.Meta.fields, "visitor_phone", "glance", "previous", "participants", "conversations", "materials", "facts", "writebacks",
            "conclusions",
        )  # fmt: skip

    @extend_schema_field(serializers.CharField())
    def get_visitor_phone(self, row: ServiceCase) -> str:
        """The number, or its mask."""
        return row.visitor_phone if shows_contacts(self.context["request"]) else masked_phone(row.visitor_phone)


class TimelineSerializer(serializers.Serializer):
    """One line of a case's story, in the caller's language."""

    seq = serializers.IntegerField()
    at = serializers.DateTimeField()
    kind = serializers.CharField(help_text="Code of the kind of evidence.")
    kind_label = serializers.CharField()
    who = serializers.CharField(help_text="A person by name; a part of the product by what it does.")
    words = serializers.CharField(allow_null=True, help_text="null where the content was erased")
    lane = serializers.ChoiceField(choices=["customer", "partner", "internal", "out"])


# --- what is sent -----------------------------------------------------------------------------------------------------------


class NoteInput(serializers.Serializer):
    """Words of a note."""

    note = serializers.CharField(max_length=4000)


class CompleteCaseInput(serializers.Serializer):
    """How a case is closed, and what the caller vouches for; it goes on record."""

    note = serializers.CharField(max_length=255, default="", allow_blank=True)
    confirmed_elsewhere = serializers.CharField(
        max_length=255,
        default="",
        allow_blank=True,
        help_text="How whoever has to confirm did so outside of the product.",
    )
    waive_proof = serializers.CharField(
        max_length=255, default="", allow_blank=True, help_text="Why the proof is waived. Supervisors only."
    )
    answered_elsewhere = serializers.CharField(
        max_length=255,
        default="",
        allow_blank=True,
        help_text="What became of the answer that we owe the customer still.",
    )


class CancelCaseInput(serializers.Serializer):
    """Why a case is called off. `other` needs a note."""

    note = serializers.CharField(max_length=255, default="", allow_blank=True)
    reason = serializers.ChoiceField(choices=list(CANCEL_REASONS), default="customer_declined")


class ClassifyInput(serializers.Serializer):
    """Which matter an unsorted case is: a case that is open already, or a new one of a flow. Exactly one of them."""

    case = serializers.UUIDField(required=False, allow_null=True, default=None, help_text="Id of an open case.")
    flow = serializers.CharField(
        max_length=64, default="", allow_blank=True, help_text="Key of the flow of a new matter."
    )
    title = serializers.CharField(max_length=60, default="", allow_blank=True)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        """One of them, and not both."""
        if bool(data["case"]) == bool(data["flow"]):
            raise serializers.ValidationError(_("Give either a case or a flow."), code="one_of")
        return data


class ReopenInput(serializers.Serializer):
    """Why a case is taken up again."""

    reason = serializers.ChoiceField(choices=list(REOPEN_REASONS), default="other")
    note = serializers.CharField(max_length=255)


class CloseWaitInput(serializers.Serializer):
    """Why an item is closed: a short code or word."""

    reason = serializers.CharField(max_length=32, default="staff")


class CompleteWaitInput(CloseWaitInput):
    """Why an item is closed as given."""

    waive_proof = serializers.CharField(
        max_length=255, default="", allow_blank=True, help_text="Why the proof is waived. Supervisors only."
    )


class WhyInput(serializers.Serializer):
    """Why, in a short code or word."""

    reason = serializers.CharField(max_length=64, default="staff")


def _near(due_at: datetime | None) -> None:
    """Refuse a time that nobody means.

    :raises ValidationError: for one more than two years ahead.
    """
    if due_at is not None and due_at > timezone.now() + FARTHEST:
        raise serializers.ValidationError(_("A follow-up time is at most two years ahead."), code="too_far")


class DueInput(WhyInput):
    """A new follow-up time, at most two years ahead."""

    due_at = serializers.DateTimeField(validators=[_near])


class HandOverInput(WhyInput):
    """To whom an item is given: a colleague, or a duty."""

    to = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="Id of a colleague (`/staff/`)."
    )
    duty = serializers.CharField(
        max_length=64, default="", allow_blank=True, help_text="Name of a duty roster: whoever is on shift sees to it."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of them.

        :raises ValidationError: for none, or for both.
        """
        if bool(attrs["to"]) == bool(attrs["duty"]):
            raise serializers.ValidationError({"to": [_("Name a colleague or a duty.")]})
        return attrs


class WaitNoteInput(serializers.Serializer):
    """What colleagues should know about an item."""

    note = serializers.CharField(max_length=2000, allow_blank=True)
    risk = serializers.CharField(max_length=64, default="", allow_blank=True)


class HandOverSerializer(Row):
    """Items offered from one colleague to another at the end of a shift."""

    giver = NamedRef()
    taker = NamedRef()
    lead = NamedRef(help_text="To whom it falls when nobody accepts it in time.")
    state_label = label_of("state")
    items = serializers.SerializerMethodField(help_text="Ids of the waiting items that the caller may see.")

    class Meta:
        model = HandOver
        fields = (
            "id",
            "giver",
            "taker",
            "lead",
            "state",
            "state_label",
            "note",
            "items",
            "offered_at",
            "until",
            "settled_at",
        )

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_items(self, row: HandOver) -> list[str]:
        """What is handed over."""
        return [str(wait.public_id) for wait in row.items.all()]


class OfferInput(serializers.Serializer):
    """What the caller offers to whom, with a note."""

    waits = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=200, help_text="Ids of open items of the caller."
    )
    to = serializers.UUIDField(help_text="Id of a colleague (`/staff/`).")
    note = serializers.CharField(max_length=2000, default="", allow_blank=True)


class PlanSerializer(Row):
    """A case that will open by itself at `next_at`, with `need` that we owe; null once it has ended."""

    customer = NamedRef()
    flow = FlowRef()
    owner = NamedRef()
    last_case = CaseRef(allow_null=True, help_text="The case that it opened last.")

    class Meta:
        model = PlannedCase
        fields = (
            "id",
            "customer",
            "flow",
            "owner",
            "title",
            "need",
            "next_at",
            "every_days",
            "opened_count",
            "last_case",
        )


class PlanInput(serializers.Serializer):
    """A case to open on a day, once or again and again."""

    customer = serializers.UUIDField(help_text="Id of a customer (`/customers/`).")
    flow = serializers.CharField(max_length=64, help_text="Key of a service flow.")
    title = serializers.CharField(max_length=60)
    need = serializers.CharField(max_length=200, help_text="What we have to do then.")
    next_at = serializers.DateTimeField(help_text="When it opens, at most two years ahead.")
    every_days = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=1,
        max_value=731,
        help_text="And again every so many days.",
    )
    owner = serializers.UUIDField(required=False, allow_null=True, default=None, help_text="The caller, if not given.")


class MoveMaterialInput(serializers.Serializer):
    """To which item a piece of material belongs."""

    wait = serializers.UUIDField(help_text="An open item of the same customer that asks for material.")
    reason = serializers.CharField(max_length=64, default="", allow_blank=True)


class JudgeInput(serializers.Serializer):
    """Whether a piece of material is good."""

    good = serializers.BooleanField(help_text="Good enough for what was asked.")
    reason = serializers.CharField(
        max_length=255,
        default="",
        allow_blank=True,
        help_text="Why it is not good; the customer is asked again with it.",
    )

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        """What is not good needs a reason: without it nobody knows what to send instead."""
        if not data["good"] and not data["reason"].strip():
            raise serializers.ValidationError({"reason": [_("Say why the material is not good.")]}, code="required")
        return data


class SettleWritebackInput(serializers.Serializer):
    """How a notice that is owed ends: those who asked were told otherwise, or need not be told, and why."""

    told = serializers.BooleanField(help_text="They were told outside of the product; false: nobody has to be told.")
    reason = serializers.CharField(
        max_length=255, default="", allow_blank=True, help_text="How they were told; why nobody has to be told."
    )

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        """A notice that is waived needs a reason."""
        if not data["told"] and not data["reason"].strip():
            raise serializers.ValidationError({"reason": [_("Say why nobody has to be told.")]}, code="required")
        return data


class VisitInput(serializers.Serializer):
    """Who comes when, and whether it is agreed already."""

    starts_at = serializers.DateTimeField(validators=[_near])
    until = serializers.DateTimeField(
        required=False,
        allow_null=True,
        default=None,
        validators=[_near],
        help_text="The end of the window, if one was agreed.",
    )
    visitor = serializers.CharField(
        max_length=64, required=False, allow_blank=True, allow_null=True,
        help_text="Who comes. Left out: as it was; null or empty: nobody is named.",
    )  # fmt: skip
    phone = serializers.CharField(
        max_length=32, required=False, allow_blank=True, allow_null=True,
        help_text="How they are reached. Left out: as it was; null or empty: no number.",
    )  # fmt: skip
    agreed = serializers.BooleanField(default=True, help_text="false: the customer is asked whether it suits.")
    tell_customer = serializers.BooleanField(default=True, help_text="Draft a text for the customer.")
    tell_partner = serializers.BooleanField(default=False)


class CallOffVisitInput(serializers.Serializer):
    """Why nobody comes, and who is told."""

    reason = serializers.CharField(max_length=64, default="staff")
    tell_customer = serializers.BooleanField(default=True, help_text="Draft a text for the customer.")
    tell_partner = serializers.BooleanField(default=True)


class OweInput(serializers.Serializer):
    """Something that we owe: a call back, a check."""

    need = serializers.CharField(max_length=255)
    need_kind = serializers.ChoiceField(choices=NeedKind.choices, default=NeedKind.ACTION)
    due_at = serializers.DateTimeField(
        required=False,
        allow_null=True,
        default=None,
        validators=[_near],
        help_text="The flow's due time, if not given.",
    )
    owner = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="The case's owner, if not given."
    )


def conclusion_of(entry: Any, body: dict[str, Any] | None) -> dict[str, Any]:
    """A conclusion as it is shown, from its evidence entry."""
    known = body if body is not None else {"to": None, "reason": None, "note": None}
    return {
        "to": known.get("to"), "reason": known.get("reason"), "note": known.get("note"), "at": entry.at,
        "by": who_words(entry.actor),
    }  # fmt: skip
