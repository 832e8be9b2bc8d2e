"""What we owe a customer, by when, and what they owe because a text of ours asks for it."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta
from typing import Literal

from cases import calendars
from cases import operations as cases
from cases.models import CaseState, Role, ServiceCase, WaitingItem
from cases.operations import Fact
from conversations.models import Conversation
from people.models import Person
from triage import asks, phrases
from triage.engines.base import Turn
from triage.engines.registry import local_engine

#: Working time to answer, and to come back as promised, where nobody named a time.
FIRST_ANSWER = timedelta(hours=4)
FEEDBACK = timedelta(hours=8)
#: “下班前” without a calendar at hand.
END_OF_WORK = 18


def owe(
    case: ServiceCase,
    kind: Literal["answer", "feedback"],
    *,
    need: str,
    fact: Fact,
    due_at: datetime | None = None,
    asked_in: Conversation | None = None,
) -> None:
    """Open what we owe: an answer, or the feedback that a text promised. One item of each kind at a time; an earlier time counts."""
    if case.state != CaseState.OPEN:
        return
    known = case.waits.open().filter(on_role=Role.INTERNAL_HANDLER, need_kind=kind).order_by("pk").first()
    if known is not None:
        _bring_forward(known, due_at, fact)
        return
    owner = cases.responsible_owner(case)
    due = due_at or calendars.work_calendar(case.flow.calendar).add_working(
        fact.at, FIRST_ANSWER if kind == "answer" else FEEDBACK
    )
    cases.open_wait(
        case=case, state="requested", on=Person.objects.filter(staff=owner).first(), on_role=Role.INTERNAL_HANDLER, need=need, need_kind=kind,
        fact=fact, due_at=due, asked_in=asked_in, for_side="customer",
    )  # fmt: skip


def pay(case: ServiceCase, *, kinds: tuple[str, ...], fact: Fact, answered_ref: uuid.UUID | None = None) -> None:
    """Close what we owe of these kinds: it was answered."""
    for pk in case.waits.open().filter(on_role=Role.INTERNAL_HANDLER, need_kind__in=kinds).values_list("pk", flat=True):
        cases.complete_wait(
            wait_id=pk,
            fact=Fact(fact.actor, fact.at, fact.said_at, fact.message, "answered"),
            answered_ref=answered_ref,
        )


def owes_answer(case: ServiceCase) -> bool:
    """Whether an answer is owed in a case."""
    return case.waits.open().filter(on_role=Role.INTERNAL_HANDLER, need_kind="answer").exists()


def _bring_forward(wait: WaitingItem, said: datetime | None, fact: Fact) -> None:
    """Who names an earlier time while something is promised already owes it then.

    Where what was promised named no time, or its time has passed, the customer has now been told until when: that time counts, later or not.
    """
    if said is None or said <= fact.at:
        return
    told_anew = wait.due_at is not None and (wait.due_at <= fact.at or not phrases.NAMES_TIME.search(wait.need))
    if wait.due_at is None or said < wait.due_at or told_anew:
        cases.set_due(wait_id=wait.pk, due_at=said, fact=fact)


def promised_until(text: str, *, at: datetime) -> datetime | None:
    """Until when a text promises to come back; None where it names no time.

    “12点前” is owed at twelve, “明天上午” when the morning is over. The last time that is named counts: the one before it is mostly about
    something else.
    """
    turn = Turn(text=text, at=at, conversation_kind="internal_group", sender_side="internal", sender_known=True)
    found = [
        moment
        for reading in local_engine().understand(turn).statements
        for moment in reading.times
        if moment.precision != "vague" and moment.end > at
    ]
    if not found:
        return None
    clock = [m for m in found if m.precision in ("hour", "minute") and m.start.date() == found[-1].start.date()]
    moment = clock[-1] if clock else found[-1]
    if re.match(r"\s*(by|before|until)\b", moment.words, re.I) and moment.start > at:
        return moment.start
    after = text.partition(moment.words)[2] if moment.words else ""
    before = re.search(r"\b(by|before|until)\s*$", text.partition(moment.words)[0], re.I) if moment.words else None
    if (
        re.match(r"\s*(下班|收工|(cob|eod|close of business|end of (the )?day)\b)", after, re.I)
        and moment.precision == "day"
    ):
        evening = moment.start.replace(hour=END_OF_WORK, minute=0)
        return evening if evening > at else moment.end
    until = moment.start if before or re.match(r"\s*(之|以)?前", after) else moment.end
    return until if until > at else moment.end


def contact_of(case: ServiceCase) -> Person | None:
    """Whom our texts in a case ask: its contact, else somebody of the customer."""
    in_case = [p.person for p in case.participants.all() if p.role == Role.CUSTOMER_CONTACT]
    if in_case:
        return in_case[0]
    return Person.objects.filter(customer=case.customer_id, in_wecom=True).order_by("pk").first()


def open_asked(
    case: ServiceCase,
    asked: list[asks.Ask],
    *,
    contact: Person | None,
    conversation: Conversation,
    fact: Fact,
    words: str,
    requested_in: Conversation | None = None,
    asked_ref: uuid.UUID | None = None,
) -> None:
    """Open what a text asks for, where the contact does not owe such a thing already."""
    if case.state != CaseState.OPEN or contact is None:
        return
    for ask in asked:
        if case.waits.open().filter(state=ask.state, on=contact).exists():
            continue
        cases.open_wait(
            case=case, state=ask.state, on=contact, on_role=Role.CUSTOMER_CONTACT, need=ask.need, need_kind=ask.need_kind, proof=ask.proof,
            fact=fact, asked_in=conversation, customer_wording=words, requested_in=requested_in, asked_ref=asked_ref,
        )  # fmt: skip
