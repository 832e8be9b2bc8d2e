"""Act on what was understood and planned: the case, the decision, its evidence. Inside the turn's transaction."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from cases import intake
from cases import operations as cases
from cases.flows import with_flows
from cases.models import CaseState, ServiceCase, ServiceFlow
from conversations.operations import EVIDENCE_KIND, subject_of
from evidence.operations import EntryDraft, join_chains, record_many
from foundation.actors import Actor
from people.models import Side, StaffMember
from review.gate import Reason
from triage.engines.base import EngineNote, Understanding
from triage.models import Decision, Mode, Statement
from triage.operations.carrying_out import carry_out
from triage.operations.common import MACHINE, fact_of
from triage.phrasing import Phrases
from triage.planning.statements import Planned, plans
from triage.situation import Situation


def act(situation: Situation, understanding: Understanding, phrases: Phrases, *, at: datetime) -> Decision:
    """Plan anew on the rows that are locked now, and do what follows. Returns the decision."""
    prepared = plans(situation, understanding)
    head = prepared[0]
    case = _case_of(situation, head, at=at)
    if head.plan.open_case is not None and case is not head.case:
        prepared[0] = replace(head, case=case, case_sure=True)
    _record_message(situation, case, at=at)
    decision = _begin(situation, understanding, head, case, at=at)
    _decide_earlier(situation, decision)
    mode: str = Mode.RECORD
    reasons: list[Reason] = []
    for planned in prepared:
        outcome, why = carry_out(situation, planned, decision, phrases, at=at)
        reasons += why
        if outcome == Mode.REVIEW or (outcome == Mode.SEND and mode == Mode.RECORD):
            mode = outcome
    decision.mode = mode
    decision.reasons = [reason.as_json() for reason in reasons]
    decision.risk_topics = list(dict.fromkeys(topic for planned in prepared for topic in planned.plan.topics))
    decision.save(force_insert=True)
    if len(prepared) > 1:
        Statement.objects.bulk_create(
            Statement(
                decision=decision, number=number, text=one.reading.text, intent=one.reading.intent, case=one.case, wait=one.plan.wait,
                risk_topics=list(one.plan.topics),
            )
            for number, one in enumerate(prepared)
        )  # fmt: skip
    _record_decision(decision)
    return decision


def _case_of(situation: Situation, head: Planned, *, at: datetime) -> ServiceCase | None:
    """The case of the decision: the one that the first statement means, opens, or takes up again."""
    plan, case = head.plan, None if head.plan.new_matter else head.case
    if plan.open_case is not None and case is None:
        case = _open_case(situation, plan.open_case, head, at=at)
    elif plan.reopen and case is not None:
        cases.reopen_case(case_id=case.pk, fact=fact_of(situation, "came_back"))
        case.refresh_from_db()
    if case is not None and head.case_sure and case.partner_id is None and situation.conversation.partner_id:
        # The first word of a partner about a case makes them its partner.
        case.partner_id = situation.conversation.partner_id
        case.save(update_fields=["partner"])
    return case


def _begin(
    situation: Situation, understanding: Understanding, head: Planned, case: ServiceCase | None, *, at: datetime
) -> Decision:
    """The decision, as far as the first statement says it; not saved yet."""
    reading = head.reading
    return Decision(
        conversation=situation.conversation,
        message=situation.message,
        case=case,
        wait=head.plan.wait,
        mode=Mode.RECORD,
        intent=reading.intent,
        business_class=reading.business_class,
        service_context=reading.service_context,
        risk_topics=list(head.plan.topics),
        alerts=list(reading.alerts),
        confidence={key: round(value, 3) for key, value in reading.confidence.items()},
        engine=understanding.engine,
        engine_version=understanding.version[:160],
        engine_notes=[note.as_json() for note in understanding.notes],
        fallback=fallback_of(understanding.notes),
        at=at,
    )


def _record_decision(decision: Decision) -> None:
    subject = cases.subject_of(decision.case) if decision.case is not None else subject_of(decision.conversation)
    record_many(
        subject=subject,
        entries=[
            EntryDraft(
                "decision", MACHINE, decision.at,
                {"message": str(decision.message.public_id), "decision": str(decision.public_id)},
                {
                    "mode": decision.mode, "intent": decision.intent, "risk_topics": decision.risk_topics, "alerts": decision.alerts,
                    "reasons": decision.reasons, "engine": decision.engine, "version": decision.engine_version,
                    **({"fallback": decision.fallback} if decision.fallback else {}),
                },
            )
        ],
    )  # fmt: skip


def fallback_of(notes: Iterable[EngineNote]) -> str:
    """Why the local engine stood in for another one; empty where none was asked, or it answered."""
    return next((note.code for note in notes if note.step == "understand" and note.outcome == "fallback"), "")


def _decide_earlier(situation: Situation, decision: Decision) -> None:
    """The earlier messages of a turn: recorded, and decided with its last one."""
    Decision.objects.bulk_create(
        Decision(
            conversation=situation.conversation, message=message, case=decision.case, mode=Mode.RECORD,
            intent=decision.intent, business_class=decision.business_class, service_context=decision.service_context,
            reasons=[Reason("part_of_turn", {"last": str(situation.message.public_id)}).as_json()],
            engine=decision.engine, engine_version=decision.engine_version, fallback=decision.fallback, at=decision.at,
        )
        for message in situation.earlier
    )  # fmt: skip


def _record_message(situation: Situation, case: ServiceCase | None, *, at: datetime) -> None:
    """The messages of the turn on the chain of their case, which the conversation now belongs to as well."""
    subject = cases.subject_of(case) if case is not None else subject_of(situation.conversation)
    record_many(
        subject=subject,
        entries=[
            EntryDraft(
                EVIDENCE_KIND[Side(message.sender_side)], Actor.of_person(message.sender), at,
                {"message": str(message.public_id), "conversation": str(situation.conversation.public_id)},
                {
                    "text": message.text, "type": message.type, "attachments": [row.type for row in message.attachments.all()],
                    "sent_at": message.sent_at.isoformat(), "position": message.position, "in": situation.conversation.name,
                },
            )
            for message in situation.turn
        ],
    )  # fmt: skip
    if case is not None and case.state == CaseState.OPEN:
        linked = any(link.conversation_id == situation.conversation.pk for link in case.links.all())
        if situation.customer_reads and situation.side == Side.CUSTOMER and not linked:
            cases.link_conversation(case=case, conversation=situation.conversation, at=at)
            join_chains(conversation=subject_of(situation.conversation), case=subject, actor=MACHINE, at=at)


def _open_case(situation: Situation, flow: ServiceFlow, head: Planned, *, at: datetime) -> ServiceCase:
    """A case for what was reported; what was unsorted of this customer in this conversation becomes it."""
    reading, sender = head.reading, situation.message.sender
    assert sender.customer is not None
    owner = situation.conversation.owner or sender.customer.owner
    if owner is None:
        member = (
            StaffMember.objects.active()
            .filter(person__memberships__conversation=situation.conversation, is_supervisor=False)
            .order_by("pk")
            .first()
        )
        owner = member or flow.fallback_owner
    labels = [e.text for e in reading.entities if e.kind in ("order", "tracking")]
    title = re.sub(r"\s+", " ", reading.text)[:60]
    unsorted = intake.open_intake(situation.conversation, sender.customer)
    if unsorted is not None:
        # What was owed already belongs to the matter that is now known.
        intake.classify(case_id=unsorted.pk, flow=flow, fact=fact_of(situation), title=title, labels=labels)
        return _fresh(unsorted.pk)
    case = cases.open_case(
        flow=flow, customer=sender.customer, conversation=situation.conversation, owner=owner, contact=sender,
        title=title, labels=labels, previous=head.plan.follows, actor=MACHINE, at=at,
    )  # fmt: skip
    return _fresh(case.pk)


def _fresh(case_id: int) -> ServiceCase:
    """A case with all that acting looks at."""
    row = (
        ServiceCase.objects.select_related("customer", "conversation", "partner", "owner")
        .prefetch_related("participants__person", "links__conversation")
        .get(pk=case_id)
    )
    return with_flows([row])[0]
