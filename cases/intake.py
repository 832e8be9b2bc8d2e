"""What we owe before anybody knows which matter it is: an answer gets a case of the intake flow, with its owner, clock and evidence.

The case is sorted into a flow when the matter is known, or closes with its answer. Matching leaves it alone: nobody means it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from cases import calendars
from cases.extensions import after_sorting
from cases.models import Calendar, CaseState, Role, ServiceCase, ServiceFlow, WaitingItem
from cases.operations import (
    Fact,
    add_participant,
    bump,
    close_joined,
    complete_case,
    complete_wait,
    link_conversation,
    lock_cases,
    move_wait,
    open_case,
    open_wait,
    set_due,
    subject_of,
    successor,
)
from conversations.models import Conversation
from evidence.operations import join_chains, record
from foundation.errors import Refused, WrongState
from people.models import Customer, Person, StaffMember

NAME, UNKNOWN = "待归类", "未登记的来访者"


def intake_flow() -> ServiceFlow | None:
    """The flow of matters that are not sorted yet, made on first use like the oldest active flow; None while nobody works here."""
    found = ServiceFlow.objects.filter(intake=True).first()
    if found is not None:
        return found
    like = (
        ServiceFlow.objects.filter(active=True)
        .select_related("calendar", "supervisor", "fallback_owner")
        .order_by("pk")
        .first()
    )
    anybody = (
        StaffMember.objects.supervisors().order_by("pk").first() or StaffMember.objects.active().order_by("pk").first()
    )
    if like is None and anybody is None:
        return None
    if like is not None:
        calendar, supervisor, fallback = like.calendar, like.supervisor, successor(like)
    else:
        assert anybody is not None
        calendar = Calendar.objects.order_by("pk").first() or Calendar.objects.create(name="工作时间")
        supervisor = fallback = anybody
    try:
        with transaction.atomic():
            return ServiceFlow.objects.create(
                key="intake", name=NAME, service_context="none", calendar=calendar, supervisor=supervisor, fallback_owner=fallback,
                intake=True, active=False, notify_internal=False,
            )  # fmt: skip
    except IntegrityError:
        return ServiceFlow.objects.filter(intake=True).first()


def open_intake(conversation: Conversation, customer: Customer | None = None) -> ServiceCase | None:
    """The open intake case of a conversation, of this customer where one is given."""
    rows = ServiceCase.objects.open().filter(flow__intake=True, conversation=conversation)
    if customer is not None:
        rows = rows.filter(customer=customer)
    return rows.order_by("pk").first()


def owe_answer(
    *, conversation: Conversation, sender: Person, need: str, fact: Fact, previous: ServiceCase | None = None
) -> WaitingItem | None:
    """Somebody needs an answer and no case is known: we owe it from now on, until the first-answer time. One at a time per person.

    :param previous: the closed case that they wrote about.
    :returns: the item; None while nobody works here who could owe it.
    """
    flow = intake_flow()
    if flow is None:
        return None
    customer = sender.customer or Customer.objects.get_or_create(placeholder=True, defaults={"name": UNKNOWN})[0]
    with transaction.atomic():
        mine = ServiceCase.objects.open().filter(
            flow__intake=True, conversation=conversation, participants__person=sender
        )
        case = mine.order_by("pk").first()
        owner = next(
            (one for one in (conversation.owner, customer.owner) if one is not None and one.left_at is None),
            successor(flow),
        )
        if case is None:
            case = open_case(
                flow=flow, customer=customer, conversation=conversation, owner=owner, contact=sender, actor=fact.actor,
                at=fact.at, title=_said(fact) or need[:60], previous=previous,
            )  # fmt: skip
        known = case.waits.open().filter(on_role=Role.INTERNAL_HANDLER, need_kind="answer").order_by("pk").first()
        if known is not None:
            return known
        due = calendars.work_calendar(flow.calendar).add_working(fact.at, calendars.FIRST_ANSWER)
        return open_wait(
            case=case, state="requested", on=Person.objects.filter(staff=case.owner).first(), on_role=Role.INTERNAL_HANDLER,
            need=need, need_kind="answer", fact=fact, due_at=due, asked_in=conversation, for_side="customer",
        )  # fmt: skip


def _said(fact: Fact) -> str:
    """The first words of the message that needs an answer."""
    return " ".join(fact.message.text.split())[:60] if fact.message is not None else ""


def pay(
    *,
    conversation: Conversation,
    fact: Fact,
    answered_ref: UUID | None = None,
    promised_until: datetime | None = None,
    promise: str = "",
) -> int:
    """An answer was given in a conversation: what we owed there before a case was known is paid, and its case closes.

    :param promise: the words of a promise of feedback in the answer; then that is owed instead, and the case stays.
    :returns: how many debts were paid.
    """
    paid = 0
    for case in list(ServiceCase.objects.open().filter(flow__intake=True, conversation=conversation).order_by("pk")):
        with transaction.atomic():
            kinds = ("answer",) if promise else ("answer", "feedback")
            debts = case.waits.open().filter(on_role=Role.INTERNAL_HANDLER, need_kind__in=kinds).order_by("pk")
            for pk in list(debts.values_list("pk", flat=True)):
                complete_wait(
                    wait_id=pk,
                    fact=Fact(fact.actor, fact.at, fact.said_at, fact.message, "answered"),
                    answered_ref=answered_ref,
                )
                paid += 1
            if promise:
                _promise(case, promise, until=promised_until, fact=fact)
            elif not case.waits.open().exists():
                complete_case(case_id=case.pk, fact=Fact(fact.actor, fact.at, fact.said_at, fact.message, "answered"))
    return paid


def _promise(case: ServiceCase, words: str, *, until: datetime | None, fact: Fact) -> None:
    known = case.waits.open().filter(on_role=Role.INTERNAL_HANDLER, need_kind="feedback").order_by("pk").first()
    if known is not None:
        if until is not None and until > fact.at and (known.due_at is None or until < known.due_at):
            set_due(wait_id=known.pk, due_at=until, fact=fact)
        return
    open_wait(
        case=case, state="requested", on=Person.objects.filter(staff=case.owner).first(), on_role=Role.INTERNAL_HANDLER,
        need=words, need_kind="feedback", fact=fact, due_at=until, asked_in=case.conversation, for_side="customer",
    )  # fmt: skip


def classify(
    *, case_id: int, flow: ServiceFlow, fact: Fact, title: str = "", labels: list[str] | None = None
) -> ServiceCase:
    """Say which matter an intake case is: it becomes a case of that flow, with what is owed in it and its history.

    :raises WrongState: when it is not open, or sorted already.
    """
    with transaction.atomic():
        lock_cases([case_id])
        case = ServiceCase.objects.select_related("flow", "customer").get(pk=case_id)
        if case.state != CaseState.OPEN or not case.flow.intake or flow.intake:
            raise WrongState(_("This case is sorted already."))
        case.flow = flow
        case.title = (title or case.title)[:191]
        case.labels = list(dict.fromkeys([*case.labels, *(labels or [])]))
        if case.customer.placeholder:
            contact = (
                case.participants.filter(person__customer__isnull=False).select_related("person__customer").first()
            )
            if contact is not None and contact.person.customer is not None:
                case.customer = contact.person.customer
        case.save(update_fields=["flow", "title", "labels", "customer"])
        bump(case)
        record(
            subject=subject_of(case), kind="state_change", actor=fact.actor, at=fact.at, refs={"case": str(case.public_id)},
            body={"what": "classified", "to": "open", "flow": flow.key, "flow_name": flow.name, "title": case.title},
        )  # fmt: skip
        after_sorting(case, case, fact)
        return case


def list_choices(case: ServiceCase) -> QuerySet[ServiceCase]:
    """The open cases that an intake case may turn out to be about: those of its customer, and those of its conversation's.

    Of somebody whom nobody knows any open case may be meant; show only those that the reader may see.
    """
    rows = ServiceCase.objects.open().filter(flow__intake=False).exclude(pk=case.pk).select_related("flow", "customer")
    if case.customer.placeholder and case.conversation.customer_id is None:
        return rows.order_by("-opened_at")
    mine = (
        Q(customer=case.customer_id)
        | Q(customer=case.conversation.customer_id)
        | Q(links__conversation=case.conversation_id)
    )
    return rows.filter(mine).distinct().order_by("-opened_at")


def join(*, case_id: int, into_id: int, fact: Fact) -> ServiceCase:
    """Say that an intake case is about a case that is open already: what is owed goes there as it is, and the intake case closes.

    Owner, due time, reminders and history of an item stay; the evidence of the intake case is joined to the other's.

    :raises WrongState: when it is sorted or closed already, or the other is not open. :raises Refused: for a case of another customer.
    """
    with transaction.atomic():
        lock_cases([case_id, into_id])
        rows = ServiceCase.objects.select_related("flow", "customer", "conversation")
        case, into = rows.get(pk=case_id), rows.get(pk=into_id)
        if case.state != CaseState.OPEN or not case.flow.intake:
            raise WrongState(_("This case is sorted already."))
        if into.state != CaseState.OPEN or into.flow.intake:
            raise WrongState(_("Only an open case can take it up."))
        if not list_choices(case).filter(pk=into.pk).exists():
            raise Refused(_("That case belongs to another customer."), code="other_customer")
        for pk in list(case.waits.open().order_by("pk").values_list("pk", flat=True)):
            move_wait(wait_id=pk, into=into, fact=fact)
        for one in case.participants.select_related("person"):
            add_participant(case=into, person=one.person, role=one.role)
        link_conversation(case=into, conversation=case.conversation, at=fact.at)
        join_chains(conversation=subject_of(case), case=subject_of(into), actor=fact.actor, at=fact.at)
        close_joined(case, into=into, fact=fact)
        after_sorting(case, into, fact)
        return into
