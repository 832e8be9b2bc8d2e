"""Cases and waiting items."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from aijia.api import serializers as shown
from aijia.api.authentication import actor, caller, may
from aijia.api.filters import CaseFilter, HandOverFilter, MaterialFilter, PlanFilter, WaitFilter, WritebackFilter
from aijia.api.idempotency import once
from aijia.api.models import Scope
from aijia.api.pagination import InOrder
from aijia.api.throttling import Anonymous, Costly, PerCaller
from aijia.api.views.base import KEY, Visible, command, part
from cases import appointments, intake
from cases import operations as cases
from cases.completion import Vouching
from cases.glance import Glance, glance, last_sent
from cases.models import (
    CaseConversation,
    HandOver,
    Material,
    PlannedCase,
    ServiceCase,
    ServiceFlow,
    WaitingItem,
    Writeback,
)
from cases.operations import Fact
from cases.presenters import entry_words, kind_words, lanes_of, who_words
from conversations.models import Conversation
from evidence.models import Chain, Entry
from evidence.verification import verify_subject
from people.models import Customer, DutyRoster, StaffMember

WRITE = Scope.CASES_WRITE
WAIT_SELECT = ("case", "on", "owner", "stands_in_for", "roster", "asked_in", "requested_in")


def _fact(request: Request, at: datetime, reason: str) -> Fact:
    return Fact(actor(request), at, at, None, reason)


def _colleague(public_id: UUID) -> StaffMember:
    """A colleague who works here.

    :raises Http404: when there is none with this id.
    """
    staff = StaffMember.objects.active().filter(public_id=public_id).first()
    if staff is None:
        raise Http404
    return staff


def body_of(entry: Entry) -> dict[str, Any] | None:
    """The content of an entry; None where it was erased."""
    row = entry.body_row
    if row.erased_at is not None:
        return None
    found: dict[str, Any] = json.loads(row.body) if row.body else {}
    return found


def entries_of(case: ServiceCase) -> QuerySet[Entry]:
    """The chain of a case, in order."""
    subject = cases.subject_of(case)
    rows: QuerySet[Entry] = (
        Entry.objects.filter(chain__subject_kind=subject.kind, chain__subject_ref=subject.ref)
        .select_related("body_row")
        .order_by("seq")
    )
    return rows


@extend_schema_view(
    list=extend_schema(summary="List cases"),
    retrieve=extend_schema(summary="One case: who waits for whom, and its people"),
)
class CaseView(Visible):
    """Service cases: who waits for whom, until when, and how it ended."""

    model = ServiceCase
    needs_scope = Scope.CASES_READ
    select = ("flow", "customer", "partner", "owner")
    detail_prefetch = (
        "participants__person", "writebacks__to", "materials__wait", "materials__attachment", "materials__judged_by", "facts",
    )  # fmt: skip
    serializer_class = shown.CaseSerializer
    detail_serializer_class = shown.CaseDetailSerializer
    filterset_class = CaseFilter

    def get_queryset(self) -> QuerySet[Any]:
        """With its open items, and who holds the duties to which they belong."""
        waits = WaitingItem.objects.open().select_related(*WAIT_SELECT).with_holders(at=timezone.now())
        return (
            super().get_queryset().prefetch_related(Prefetch("waits", waits.order_by("due_at"), to_attr="open_waits"))
        )

    def get_object(self) -> ServiceCase:
        """With what depends on who looks: conversations, and the case before."""
        case: ServiceCase = super().get_object()
        staff = caller(self.request)
        links = CaseConversation.objects.filter(case=case).values("conversation")
        case.visible_conversations = Conversation.objects.visible_to(staff).filter(pk__in=links)  # type: ignore[attr-defined]
        if case.previous_id is not None:
            case.previous = ServiceCase.objects.visible_to(staff).filter(pk=case.previous_id).first()
        case.glance = self._glance(case)  # type: ignore[attr-defined]
        closing = entries_of(case).filter(kind="conclusion")
        case.conclusions = [shown.conclusion_of(row, body_of(row)) for row in closing]  # type: ignore[attr-defined]
        return case

    def _glance(self, case: ServiceCase) -> Glance:
        """What the page says; our last text only for who may read conversations."""
        reads = may(self.request, Scope.CONVERSATIONS_READ)
        return glance(
            case, case.open_waits,  # type: ignore[attr-defined]
            notices=list(case.writebacks.all()), sent=last_sent(cases.subject_of(case)) if reads else None, at=timezone.now(),
            again=list(case.waits.to_be_asked_again()) if case.state == "open" else [],
        )  # fmt: skip

    @extend_schema(
        summary="Close a case as done",
        description="409 when it is not open; `unproven` when the proof that its flow asks for is missing; `unconfirmed` when whoever has to "
        "confirm has not; `owed` while we owe the customer an answer. 403 when somebody but a supervisor waives the proof.",
    )
    @command("complete", takes=shown.CompleteCaseInput, gives=shown.CaseDetailSerializer, scope=WRITE)
    def complete(self, request: Request, public_id: str) -> Response:
        """Close as done."""
        body, at = self.read(shown.CompleteCaseInput), timezone.now()
        vouching = Vouching(
            caller(request), body["confirmed_elsewhere"], body["waive_proof"], body["answered_elsewhere"]
        )
        cases.complete_case(
            case_id=self.row_id(), fact=_fact(request, at, "staff"), note=body["note"], vouching=vouching
        )
        return self.whole()

    @extend_schema(
        summary="Call a case off", description="What is open in it is cancelled too. 409 when it is not open."
    )
    @command("cancel", takes=shown.CancelCaseInput, gives=shown.CaseDetailSerializer, scope=WRITE)
    def cancel(self, request: Request, public_id: str) -> Response:
        """Call off."""
        return self._change(cases.cancel_case, self.read(shown.CancelCaseInput))

    @extend_schema(
        summary="Take a closed case up again",
        description="What led to it becomes an item that we owe. 409 when it is open.",
    )
    @command("reopen", takes=shown.ReopenInput, gives=shown.CaseDetailSerializer, scope=WRITE)
    def reopen(self, request: Request, public_id: str) -> Response:
        """Take up again."""
        return self._change(cases.take_up_again, self.read(shown.ReopenInput))

    def _change(self, operation: Callable[..., object], body: dict[str, Any]) -> Response:
        """Call a case off or take it up again, for a reason and with a note."""
        fact = _fact(self.request, timezone.now(), body["reason"])
        operation(case_id=self.row_id(), fact=fact, note=body["note"])
        return self.whole()

    @extend_schema(
        summary="Say which matter an unsorted case is",
        description="A case that is open already (what is owed goes there as it is, and the unsorted case closes), or a new matter of a flow. "
        "Answers with the case that it is now. 409 when it is sorted already, 422 `other_customer` for a case of another customer.",
    )
    @command("classify", takes=shown.ClassifyInput, gives=shown.CaseDetailSerializer, scope=WRITE)
    def classify(self, request: Request, public_id: str) -> Response:
        """Sort an intake case."""
        body, at, pk = self.read(shown.ClassifyInput), timezone.now(), self.row_id()
        if body["case"]:
            into = get_object_or_404(ServiceCase.objects.visible_to(caller(request)), public_id=body["case"])
            intake.join(case_id=pk, into_id=into.pk, fact=_fact(request, at, "staff"))
            self.kwargs["public_id"] = str(into.public_id)
        else:
            flow = get_object_or_404(ServiceFlow.objects.filter(active=True, intake=False), key=body["flow"])
            intake.classify(case_id=pk, flow=flow, fact=_fact(request, at, "staff"), title=body["title"])
        return self.whole()

    @extend_schema(
        summary="Answer a case by hand", description="Nothing goes out by rule in this case until it is handed back."
    )
    @command("take-over", takes=None, gives=shown.CaseDetailSerializer, scope=WRITE)
    def take_over(self, request: Request, public_id: str) -> Response:
        """Stop automation."""
        cases.stop_automation(case_id=self.row_id(), actor=actor(request), at=timezone.now())
        return self.whole()

    @extend_schema(summary="Hand a case back to the rules")
    @command("hand-back", takes=None, gives=shown.CaseDetailSerializer, scope=WRITE)
    def hand_back(self, request: Request, public_id: str) -> Response:
        """Resume automation."""
        cases.resume_automation(case_id=self.row_id(), actor=actor(request), at=timezone.now())
        return self.whole()

    @extend_schema(
        summary="Open something that we owe", description="A call back, a check. 409 when the case is not open."
    )
    @command("waits", takes=shown.OweInput, gives=shown.WaitSerializer, scope=WRITE, status=201)
    def owe(self, request: Request, public_id: str) -> Response:
        """Open an item that our own people owe."""
        body, at = self.read(shown.OweInput), timezone.now()
        wait = cases.owe_ourselves(
            case_id=self.row_id(), need=body["need"], need_kind=body["need_kind"], due_at=body["due_at"],
            fact=_fact(request, at, "staff"), owner=_colleague(body["owner"]) if body["owner"] else None,
        )  # fmt: skip
        return Response(shown.WaitSerializer(wait, context=self.get_serializer_context()).data, status=201)

    @extend_schema(
        summary="Set, move or offer an appointment",
        description="What waited for a time is closed; the customer is told, or asked, by a draft that goes through the gate. 409 when the case is "
        "not open; 422 `past`, `too_far` or `window` for a time that cannot be meant, `same` when this very appointment stands already.",
    )
    @command("appointment", takes=shown.VisitInput, gives=shown.CaseDetailSerializer, scope=WRITE)
    def appointment(self, request: Request, public_id: str) -> Response:
        """Who comes, and when."""
        body, at, pk = self.read(shown.VisitInput), timezone.now(), self.row_id()
        visit = appointments.Visit(
            body["starts_at"], body["until"],
            *(body[name] or "" if name in body else None for name in ("visitor", "phone")),
        )  # fmt: skip
        if body["agreed"]:
            appointments.set_appointment(
                case_id=pk, visit=visit, fact=_fact(request, at, "staff"), tell_customer=body["tell_customer"],
                tell_partner=body["tell_partner"],
            )  # fmt: skip
        else:
            appointments.offer_appointment(case_id=pk, visit=visit, fact=_fact(request, at, "staff"))
        return self.whole()

    @extend_schema(
        summary="Call an appointment off",
        description="The case goes on. 409 when no appointment stands, or the case is not open.",
    )
    @command("appointment/call-off", takes=shown.CallOffVisitInput, gives=shown.CaseDetailSerializer, scope=WRITE)
    def call_off(self, request: Request, public_id: str) -> Response:
        """Nobody comes."""
        body, at = self.read(shown.CallOffVisitInput), timezone.now()
        appointments.call_off_appointment(
            case_id=self.row_id(), fact=_fact(request, at, body["reason"]), tell_customer=body["tell_customer"],
            tell_partner=body["tell_partner"],
        )  # fmt: skip
        return self.whole()

    @extend_schema(
        summary="Notes of a case",
        description="Newest first; customers and partners never see them.",
        responses=shown.NoteSerializer(many=True),
    )
    @part("notes", pagination_class=None, needs_scope_to_write=WRITE)
    def notes(self, request: Request, public_id: str) -> Response:
        """The last 200 notes."""
        rows = self.row().notes.select_related("author").order_by("-pk")[:200]
        return Response(shown.NoteSerializer(rows, many=True).data)

    @extend_schema(
        summary="Write a note", request=shown.NoteInput, responses={201: shown.NoteSerializer}, parameters=[KEY]
    )
    @notes.mapping.post
    def add_note(self, request: Request, public_id: str) -> Response:
        """Write a note that only staff see."""

        def write() -> Response:
            body, staff = self.read(shown.NoteInput), caller(request)
            note = cases.add_note(
                case_id=self.row_id(), by=staff, text=body["note"], actor=actor(request), at=timezone.now()
            )
            return Response(shown.NoteSerializer(note).data, status=201)

        return once(request, write)

    @extend_schema(
        summary="The story of a case",
        description="In order, in words, in the caller's language.",
        responses=shown.TimelineSerializer(many=True),
    )
    @part("timeline", pagination_class=InOrder, needs_scope=Scope.EVIDENCE_READ)
    def timeline(self, request: Request, public_id: str) -> Response:
        """Everything on record about a case, in words."""
        page = self.paginate_queryset(entries_of(self.row())) or []
        lines, lanes = [], lanes_of(page)
        for entry in page:
            body = body_of(entry)
            lines.append(
                {
                    "seq": entry.seq, "at": entry.at, "kind": entry.kind, "kind_label": kind_words(entry.kind, lanes[entry.pk]),
                    "who": who_words(entry.actor), "words": None if body is None else entry_words(entry.kind, body),
                    "lane": lanes[entry.pk],
                }
            )  # fmt: skip
        return self.get_paginated_response(shown.TimelineSerializer(lines, many=True).data)

    @extend_schema(
        summary="The evidence of a case",
        description="Its chain as it was hashed, in order.",
        responses=shown.EntrySerializer(many=True),
    )
    @part("evidence", pagination_class=InOrder, needs_scope=Scope.EVIDENCE_READ)
    def evidence(self, request: Request, public_id: str) -> Response:
        """The entries of the chain."""
        return self.page_of(entries_of(self.row()), shown.EntrySerializer, body_of=body_of)

    @extend_schema(
        summary="Verify the evidence of a case",
        description="Recomputes its chain, and looks at those that were joined to it.",
        responses=shown.VerificationSerializer,
    )
    @part(
        "verification",
        pagination_class=None,
        needs_scope=Scope.EVIDENCE_READ,
        throttle_classes=(PerCaller, Costly, Anonymous),
    )
    def verification(self, request: Request, public_id: str) -> Response:
        """Whether the chain is whole."""
        subject, at = cases.subject_of(self.row()), timezone.now()
        faults = verify_subject(subject)
        chain = Chain.objects.filter(subject_kind=subject.kind, subject_ref=subject.ref).first()
        found = {
            "verifies": not faults, "faults": faults, "length": chain.head_seq if chain else 0,
            "head": chain.head_hash if chain else "", "verified_at": at,
        }  # fmt: skip
        return Response(shown.VerificationSerializer(found).data)


@extend_schema_view(
    list=extend_schema(summary="List waiting items"),
    retrieve=extend_schema(summary="One waiting item with its history"),
)
class WaitView(Visible):
    """Waiting items: who owes whom what, until when."""

    model = WaitingItem
    needs_scope = Scope.CASES_READ
    select = WAIT_SELECT
    detail_prefetch = ("transitions",)
    serializer_class = shown.WaitSerializer
    detail_serializer_class = shown.WaitDetailSerializer
    filterset_class = WaitFilter

    def get_queryset(self) -> QuerySet[Any]:
        """With who holds the duties to which they belong."""
        rows: Any = super().get_queryset()
        return rows.with_holders(at=timezone.now())  # type: ignore[no-any-return]

    @extend_schema(
        summary="Close an item as given",
        description="409 when it is closed already; `unproven` when the proof that it asks for has not come. 403 when somebody but a "
        "supervisor waives it.",
    )
    @command("complete", takes=shown.CompleteWaitInput, gives=shown.WaitDetailSerializer, scope=WRITE)
    def complete(self, request: Request, public_id: str) -> Response:
        """What was owed has been given."""
        body, at = self.read(shown.CompleteWaitInput), timezone.now()
        cases.complete_wait(
            wait_id=self.row_id(), fact=_fact(request, at, body["reason"]),
            vouching=Vouching(caller(request), proof=body["waive_proof"]),
        )  # fmt: skip
        return self.whole()

    @extend_schema(summary="Close an item as no longer owed", description="409 when it is closed already.")
    @command("cancel", takes=shown.CloseWaitInput, gives=shown.WaitDetailSerializer, scope=WRITE)
    def cancel(self, request: Request, public_id: str) -> Response:
        """It is no longer owed."""
        return self._change(cases.cancel_wait, self.read(shown.CloseWaitInput))

    def _change(self, operation: Callable[..., object], body: dict[str, Any]) -> Response:
        """Close an item, or stop its clock or let it run, for a reason."""
        operation(wait_id=self.row_id(), fact=_fact(self.request, timezone.now(), body["reason"]))
        return self.whole()

    @extend_schema(
        summary="Move the follow-up time",
        description="Earlier or later. 422 `past` when it has passed, 409 when the item is closed.",
    )
    @command("due", takes=shown.DueInput, gives=shown.WaitDetailSerializer, scope=WRITE)
    def due(self, request: Request, public_id: str) -> Response:
        """Another due time."""
        body, at = self.read(shown.DueInput), timezone.now()
        cases.set_due(wait_id=self.row_id(), due_at=body["due_at"], fact=_fact(request, at, body["reason"]))
        return self.whole()

    @extend_schema(
        summary="Note something about an item",
        description="What colleagues should know, and what is risky about it; takes the place of what was noted. Customers and partners never see it. 409 when "
        "the item is closed.",
    )
    @command("note", takes=shown.WaitNoteInput, gives=shown.WaitDetailSerializer, scope=WRITE)
    def note(self, request: Request, public_id: str) -> Response:
        """Keep a note."""
        body, at = self.read(shown.WaitNoteInput), timezone.now()
        cases.note_wait(wait_id=self.row_id(), note=body["note"], risk=body["risk"], fact=_fact(request, at, "staff"))
        return self.whole()

    @extend_schema(
        summary="Stop an item's clock",
        description="Nobody is reminded until it runs again. 409 when it stands already or is closed.",
    )
    @command("pause", takes=shown.WhyInput, gives=shown.WaitDetailSerializer, scope=WRITE)
    def pause(self, request: Request, public_id: str) -> Response:
        """Stop the clock."""
        return self._change(cases.pause_wait, self.read(shown.WhyInput))

    @extend_schema(
        summary="Let an item's clock run again", description="The working time that was left is left. 409 when it runs."
    )
    @command("resume", takes=shown.WhyInput, gives=shown.WaitDetailSerializer, scope=WRITE)
    def resume(self, request: Request, public_id: str) -> Response:
        """Let the clock run."""
        return self._change(cases.resume_wait, self.read(shown.WhyInput))

    @extend_schema(
        summary="Give an item to another colleague, or to a duty",
        description="404 when there is no such colleague or duty, 422 `cannot_work` when their role does not work on cases, `not_theirs` when it is no "
        "business of theirs (supervisors may give it to any who works on cases). 409 when the item is closed.",
    )
    @command("hand-over", takes=shown.HandOverInput, gives=shown.WaitDetailSerializer, scope=WRITE)
    def hand_over(self, request: Request, public_id: str) -> Response:
        """Another owner. Where the caller does not see the item any more, its last state is the answer."""
        body, at = self.read(shown.HandOverInput), timezone.now()
        if body["duty"]:
            duty = get_object_or_404(DutyRoster, name=body["duty"])
            wait = cases.give_to_duty(wait_id=self.row_id(), roster=duty, fact=_fact(request, at, body["reason"]))
            return Response(shown.WaitDetailSerializer(wait, context=self.get_serializer_context()).data)
        wait = cases.hand_over_wait(
            wait_id=self.row_id(),
            to=_colleague(body["to"]),
            fact=_fact(request, at, body["reason"]),
            by=caller(request),
        )
        return Response(shown.WaitDetailSerializer(wait, context=self.get_serializer_context()).data)


@extend_schema_view(
    list=extend_schema(summary="List hand-overs"),
    retrieve=extend_schema(summary="One hand-over"),
)
class HandOverView(Visible):
    """Items offered from shift to shift: accepted by the taker, or falling to the shift's lead."""

    model = HandOver
    needs_scope = Scope.CASES_READ
    needs_scope_to_write = WRITE
    select = ("giver", "taker", "lead")
    serializer_class = shown.HandOverSerializer
    filterset_class = HandOverFilter

    def visible(self) -> QuerySet[HandOver]:
        """Hand-overs that the caller may see, with those of their items that they may see."""
        items = WaitingItem.objects.visible_to(caller(self.request)).only("public_id")
        rows: QuerySet[HandOver] = super().visible()
        return rows.prefetch_related(Prefetch("items", items))

    @extend_schema(
        summary="Offer items to a colleague",
        description="Open items of the caller. 404 when there is no such colleague, 422 `nothing` or `offered` when none of them can be offered, "
        "`cannot_work` or `not_theirs` when the colleague is not one who can take them.",
        request=shown.OfferInput, responses={201: shown.HandOverSerializer}, parameters=[KEY],
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        """Offer, with a note."""
        return once(request, lambda: self._create(request))

    def _create(self, request: Request) -> Response:
        body, staff = self.read(shown.OfferInput), caller(request)
        items = WaitingItem.objects.visible_to(staff).filter(public_id__in=body["waits"]).values_list("pk", flat=True)
        row = cases.offer_hand_over(
            wait_ids=list(items), giver=staff, taker=_colleague(body["to"]), note=body["note"], actor=actor(request), at=timezone.now(),
        )  # fmt: skip
        return Response(self.get_serializer(self.visible().get(pk=row.pk)).data, status=201)

    @extend_schema(
        summary="Accept what was offered",
        description="403 to anybody but the taker and the lead, 409 when it is settled.",
    )
    @command("accept", takes=None, gives=shown.HandOverSerializer, scope=WRITE)
    def accept(self, request: Request, public_id: str) -> Response:
        """Take it."""
        cases.accept_hand_over(hand_over_id=self.row_id(), by=caller(request), actor=actor(request), at=timezone.now())
        return self.whole()

    @extend_schema(
        summary="Decline what was offered",
        description="It falls to the lead at once. 403 to anybody but the taker and the lead, 409 when it is settled.",
    )
    @command("decline", takes=None, gives=shown.HandOverSerializer, scope=WRITE)
    def decline(self, request: Request, public_id: str) -> Response:
        """To the lead."""
        cases.decline_hand_over(hand_over_id=self.row_id(), by=caller(request), actor=actor(request), at=timezone.now())
        return self.whole()


@extend_schema_view(
    list=extend_schema(summary="List planned cases"),
    retrieve=extend_schema(summary="One planned case"),
)
class PlanView(Visible):
    """Cases that will open by themselves on a day, with something that we owe: a call back after half a year, a check every month."""

    model = PlannedCase
    needs_scope = Scope.CASES_READ
    needs_scope_to_write = WRITE
    select = ("customer", "flow", "owner", "last_case")
    serializer_class = shown.PlanSerializer
    filterset_class = PlanFilter

    @extend_schema(
        summary="Plan a case",
        description="404 when the customer, the flow or the colleague is not there; 422 `past` for a time that has passed or is more than two years ahead, "
        "`no_conversation` when there is nowhere to write to the customer, `cannot_work` when the colleague's role does not work on cases.",
        request=shown.PlanInput, responses={201: shown.PlanSerializer}, parameters=[KEY],
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        """Plan."""
        return once(request, lambda: self._create(request))

    def _create(self, request: Request) -> Response:
        body, staff = self.read(shown.PlanInput), caller(request)
        plan = cases.plan_case(
            customer=get_object_or_404(Customer.objects.visible_to(staff), public_id=body["customer"]),
            flow=get_object_or_404(ServiceFlow.objects.filter(active=True, intake=False), key=body["flow"]),
            owner=_colleague(body["owner"]) if body["owner"] else staff, title=body["title"], need=body["need"], next_at=body["next_at"],
            every_days=body["every_days"], actor=actor(request), at=timezone.now(),
        )  # fmt: skip
        return Response(self.get_serializer(plan).data, status=201)

    @extend_schema(summary="End a plan", description="What it opened goes on. 409 when it has ended already.")
    @command("end", takes=None, gives=shown.PlanSerializer, scope=WRITE)
    def end(self, request: Request, public_id: str) -> Response:
        """Open no more."""
        cases.end_plan(plan_id=self.row_id(), actor=actor(request), at=timezone.now())
        return self.whole()


@extend_schema_view(
    list=extend_schema(summary="List material"),
    retrieve=extend_schema(summary="One piece of material"),
)
class MaterialView(Visible):
    """Material that came for cases: what is to be checked, what was good, and what was not and why."""

    model = Material
    needs_scope = Scope.CASES_READ
    select = ("case", "wait", "attachment", "judged_by")
    serializer_class = shown.MaterialSerializer
    filterset_class = MaterialFilter

    @extend_schema(
        summary="Say whether material is good",
        description="When enough is good, the item is completed. When it is not good (`reason` is needed) and too little is left, the item closes "
        "and a text that asks again is drafted for review. 409 when it was judged already.",
    )
    @command("judge", takes=shown.JudgeInput, gives=shown.MaterialSerializer, scope=WRITE)
    def judge(self, request: Request, public_id: str) -> Response:
        """Good, or not good and why."""
        body, at = self.read(shown.JudgeInput), timezone.now()
        cases.judge_material(
            material_id=self.row_id(), accept=body["good"], by=caller(request), fact=_fact(request, at, body["reason"].strip())
        )  # fmt: skip
        return self.whole()

    @extend_schema(
        summary="Book material to another item",
        description="It counts there as having come now. Where the item that it leaves has too little then, one that waits for the rest replaces it. "
        "409 when it was judged already or the other item is closed; 400 when that is of another customer or asks for another kind of thing.",
    )
    @command("move", takes=shown.MoveMaterialInput, gives=shown.MaterialSerializer, scope=WRITE)
    def move(self, request: Request, public_id: str) -> Response:
        """It came for something else."""
        body = self.read(shown.MoveMaterialInput)
        to = get_object_or_404(WaitingItem.objects.visible_to(caller(request)), public_id=body["wait"])
        cases.move_material(
            material_id=self.row_id(), to_wait_id=to.pk, fact=_fact(request, timezone.now(), body["reason"].strip() or "staff")
        )  # fmt: skip
        return self.whole()


@extend_schema_view(
    list=extend_schema(summary="List notices owed to those who asked"),
    retrieve=extend_schema(summary="One notice"),
)
class WritebackView(Visible):
    """Notices owed to the partner or colleagues who asked: until when, and how it was seen that they were told."""

    model = Writeback
    needs_scope = Scope.CASES_READ
    select = ("case", "to")
    serializer_class = shown.WritebackSerializer
    filterset_class = WritebackFilter

    @extend_schema(
        summary="Say that those who asked were told, or need not be",
        description="For what happened outside of the product: a notice that we send settles itself when its delivery is seen. A notice that is "
        "waived needs a `reason`. 409 when it is settled already.",
    )
    @command("settle", takes=shown.SettleWritebackInput, gives=shown.WritebackSerializer, scope=WRITE)
    def settle(self, request: Request, public_id: str) -> Response:
        """Told by hand, or waived."""
        body = self.read(shown.SettleWritebackInput)
        cases.settle_writeback(
            writeback_id=self.row_id(), told=body["told"], reason=body["reason"], by=caller(request), actor=actor(request), at=timezone.now(),
        )  # fmt: skip
        return self.whole()
