"""React to messages and deadlines: understand, match, plan, draft, gate, act. One worker at a time on a conversation, in order."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from cases import calendars, intake
from cases import operations as cases
from cases.flows import with_flows
from cases.models import (
    CaseState,
    MaterialRequirement,
    Role,
    ServiceCase,
    WaitingItem,
    Writeback,
    WritebackState,
)
from cases.operations import Fact
from conversations.models import Attachment, Conversation, ConversationKind, Message, Surface
from conversations.operations import EVIDENCE_KIND, subject_of
from delivery import operations as delivery
from delivery.models import Outbound, OutboundKind, OutboundState
from evidence.operations import EntryDraft, join_chains, record_many, together
from foundation.actors import Actor
from foundation.errors import WrongState
from knowledge.operations import record_gap
from knowledge.rules import forbidden_phrases, text_rules
from people.models import Person, Side, StaffMember
from review import operations as review
from review.gate import GateFacts, Reason, TextFacts, check_text, folded, gate, right_for
from review.models import Draft, DraftState, Verdict
from review.policies import boundaries, level_for
from review.presenters import alert_words, topic_words
from triage import asks, numbered, phrases
from triage import situation as sit
from triage.afterwards import CORRECTS, note_correction, note_recall, tell_of_delay
from triage.engines.base import EngineNote, StatementReading, Turn, Understanding
from triage.engines.local import times
from triage.engines.registry import engine, local_engine
from triage.learning import follow_active_model
from triage.matching import Match, match_case
from triage.models import Decision, Mode, Statement
from triage.phrasing import Phrase, Phrases, key_of, may_word, phrase_ahead, wanted
from triage.planning import DONE_STATES, MATERIAL_STATES, Plan, PlannedText, Planner
from triage.presenters import intent_words
from triage.refine import refine
from triage.situation import Situation
from triage.statements import take_apart

logger = logging.getLogger(__name__)
MACHINE = Actor.machine("triage")
LEASE = timedelta(seconds=60)
#: What takes longer than this asks somebody outside: the lease is kept up then.
HOLD_AFTER_SECONDS = 5.0
MAX_FAILURES = 5
MAX_TURN = 12
#: Messages of one sender this close together are one turn.
TURN_GAP = timedelta(seconds=60)
#: How long after somebody's last word we wait whether they go on writing, by surface; elsewhere not at all.
QUIET: dict[str, timedelta] = {
    Surface.KF: timedelta(seconds=4),
    Surface.STAFF_PRIVATE: timedelta(seconds=6),
    Surface.CUSTOMER_GROUP: timedelta(seconds=6),
}
FIRST_ANSWER = timedelta(hours=4)
#: Kinds of text that open no wait by their wording.
ASK_NOTHING = frozenset({"material_received", "faq_answer", "progress_update", "reminder"})

#: What somebody says who waits for an answer of ours.
WANTS_ANSWER = frozenset(
    {"reports_issue", "asks_question", "asks_progress", "requests_change", "requests_remedy", "complains"}
)

#: Which open items an act can answer: where only one case has such an item, that case is meant.
APPLICABLE: dict[str, frozenset[str]] = {
    "provides_material": frozenset({"waiting_customer_material"}),
    "confirms_completion": DONE_STATES,
    "confirms_appointment": frozenset({"waiting_appointment", "waiting_confirmation"}),
    "defers": frozenset({*MATERIAL_STATES, "waiting_confirmation", "waiting_appointment"}),
    "acknowledges": frozenset({"waiting_appointment", "waiting_confirmation"}),
}


# --- working through conversations ----------------------------------------------------------------------------------------


def list_untriaged(*, at: datetime, limit: int = 100) -> list[int]:
    """Ids of conversations that hold messages nobody worked through and that no worker holds."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=at)
    return list(
        Conversation.objects.untriaged()
        .filter(free, triage_failures__lt=MAX_FAILURES)
        .order_by("id")
        .values_list("id", flat=True)[:limit]
    )


def process_conversation(*, conversation_id: int, at: datetime, limit: int = 50, patient: bool = False) -> int:
    """Work through what is new in a conversation, turn by turn, in order of arrival.

    :param patient: leave a turn that may still go on until the quiet window of its surface has passed.
    :returns: how many messages were worked through; 0 also when another worker holds it.
    """
    token = uuid.uuid4()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=at)
    if not Conversation.objects.filter(free, pk=conversation_id).update(lease_token=token, lease_until=at + LEASE):
        return 0
    done, began = 0, time.monotonic()

    def hold() -> None:
        """Keep the lease where an engine took its time."""
        spent = time.monotonic() - began
        if spent > HOLD_AFTER_SECONDS:
            until = at + timedelta(seconds=spent) + LEASE
            if not Conversation.objects.filter(pk=conversation_id, lease_token=token).update(lease_until=until):
                raise LeaseLost

    try:
        for turn in _turns(conversation_id, limit=limit):
            if patient and _may_go_on(turn, at=at):
                break
            message = turn[-1]
            try:
                process_turn(turn=turn, token=token, at=at, hold=hold)
            except LeaseLost:
                return done
            except Exception as error:
                logger.exception("triage of message %s failed", message.pk)
                Conversation.objects.filter(pk=conversation_id, lease_token=token).update(
                    triage_failures=F("triage_failures") + 1, triage_error=f"{type(error).__name__}: {error}"[:500]
                )
                failures = Conversation.objects.values_list("triage_failures", flat=True).get(pk=conversation_id)
                if failures < MAX_FAILURES:
                    raise
                _set_aside(message, token=token, error=error, at=at)
            done += len(turn)
    finally:
        Conversation.objects.filter(pk=conversation_id, lease_token=token).update(lease_token=None, lease_until=None)
    return done


def _turns(conversation_id: int, *, limit: int) -> list[list[Message]]:
    """The messages that nobody worked through, in turns: what one person of the customer's side wrote in one go; of others, one message.

    A conversation whose last attempt failed is worked through message by message, so that one bad message does not hold its neighbours.
    """
    rows = (
        Message.objects.filter(conversation=conversation_id, position__gt=F("conversation__triaged_position"))
        .select_related("conversation", "sender", "identity")
        .prefetch_related("attachments")
        .order_by("position")[:limit]
    )
    turns: list[list[Message]] = []
    for message in rows:
        last = turns[-1][-1] if turns else None
        together = (
            last is not None
            and not message.conversation.triage_failures
            and len(turns[-1]) < MAX_TURN
            and message.sender_id == last.sender_id
            and message.sender_side in (Side.CUSTOMER, Side.UNKNOWN)
            and timedelta(0) <= message.sent_at - last.sent_at <= TURN_GAP
        )
        if together:
            turns[-1].append(message)
        else:
            turns.append([message])
    return turns


def _may_go_on(turn: list[Message], *, at: datetime) -> bool:
    """Whether the sender may still be writing, and nothing in it is urgent."""
    last = turn[-1]
    window = QUIET.get(last.conversation.surface)
    if window is None or len(turn) >= MAX_TURN or last.sender_side not in (Side.CUSTOMER, Side.UNKNOWN):
        return False
    if at - last.received_at >= window:
        return False
    read = local_engine().understand(sit.turn_of(sit.load(last, at=at, earlier=turn[:-1])))
    return not any(reading.alerts for reading in read.statements)


class LeaseLost(Exception):
    """Another worker has taken this conversation over."""


def _advance(message: Message, token: uuid.UUID, *, at: datetime) -> None:
    """Note how far the conversation is worked through, and keep the lease for what follows."""
    moved = Conversation.objects.filter(
        pk=message.conversation_id, lease_token=token, triaged_position__lt=message.position
    ).update(triaged_position=message.position, triage_failures=0, triage_error="", lease_until=at + LEASE)
    if not moved:
        raise LeaseLost


def _set_aside(message: Message, *, token: uuid.UUID, error: Exception, at: datetime) -> None:
    """A message that cannot be worked through goes to a person and does not stop those behind it."""
    with transaction.atomic():
        _advance(message, token, at=at)
        decision = Decision.objects.create(
            conversation=message.conversation, message=message, mode=Mode.REVIEW, intent="chats", business_class="unknown",
            service_context="none", reasons=[Reason("triage_failed", {"error": type(error).__name__}).as_json()],
            engine="none", engine_version="", at=at,
        )  # fmt: skip
        review.propose(
            conversation=message.conversation, case=None, cause=message, reply_kind="other", text="",
            reasons=[Reason("triage_failed", {"error": type(error).__name__})], actor=MACHINE, at=at, decision_ref=decision.public_id,
        )  # fmt: skip


# --- one message ------------------------------------------------------------------------------------------------------------


def process_turn(
    *, turn: list[Message], token: uuid.UUID, at: datetime, hold: Callable[[], None] = lambda: None
) -> Decision | None:
    """Understand what somebody said in one go and do what follows from it. Engine and wording are asked outside any transaction.

    :param hold: keeps the lease; called before and after what may take long.
    """
    message = turn[-1]
    follow_active_model()
    situation = sit.load(message, at=at, earlier=turn[:-1])
    if situation.side == Side.INTERNAL and _confirm_echo(situation, token=token, at=at):
        return None
    said = sit.turn_of(situation)
    hold()
    by_number = numbered.answered(situation)
    if by_number:
        numbered.in_reach(situation, {wait.case_id for wait, _words in by_number})
        situation.numbered = numbered.read(by_number, said, local_engine())
    understanding = take_apart(engine().understand(said), said, local_engine())
    understanding = replace(
        understanding, statements=tuple(refine(r, said, local_engine()) for r in understanding.statements)
    )
    if situation.numbered:
        understanding = replace(understanding, statements=tuple(answer.reading for answer in situation.numbered))
    hold()
    phrases: Phrases = {}
    if wanted():
        planned = ((text, case) for _r, case, _s, plan in _plans(situation, understanding) for text in plan.texts)
        phrases = phrase_ahead(planned)
        hold()
    with transaction.atomic():
        locked = Conversation.objects.select_for_update().get(pk=message.conversation_id)
        if locked.lease_token != token:
            raise LeaseLost
        if situation.cases:
            cases.lock_cases(case.pk for case in situation.cases if case.state == CaseState.OPEN)
        with together():
            decision = _act(situation, understanding, phrases, at=at)
        _advance(message, token, at=at)
    return decision


def _confirm_echo(situation: Situation, *, token: uuid.UUID, at: datetime) -> bool:
    with transaction.atomic():
        outbound = delivery.confirm_by_echo(conversation=situation.conversation, message=situation.message, at=at)
        if outbound is None:
            return False
        cases.mark_writeback_told(
            outbound_ref=outbound.public_id,
            by=situation.message.sender.name,
            actor=Actor.of_person(situation.message.sender),
            at=at,
            released_at=outbound.released_at,
        )
        _advance(situation.message, token, at=at)
        return True


def match(situation: Situation, reading: StatementReading) -> tuple[Match, list[ServiceCase]]:
    """The case that a statement means, and those that fit as well."""
    applicable = APPLICABLE.get(reading.intent)
    alive = [case for case in situation.cases if case.state == CaseState.OPEN]
    pool = alive or situation.cases[-1:]
    text = f"{situation.quoted} {reading.text}" if situation.quoted else reading.text
    if not situation.customer_reads:
        pool = alive or situation.cases
        closed = [case for case in situation.cases if case.state != CaseState.OPEN]
        named = [c for c in closed if c.customer.name in text or any(label in text for label in c.labels if label)]
        pool = list(dict.fromkeys([*pool, *named]))
        views = [sit.case_view(situation, case) for case in pool]
        found = match_case(text, views, must_be_named=True)
    else:
        if applicable and len(pool) > 1:
            fits = [
                c
                for c in pool
                if any(
                    w.state in applicable and w.on is not None and w.on.side == Side.CUSTOMER
                    for w in situation.waits_of(c)
                )
            ]
            views_all = [sit.case_view(situation, case) for case in pool]
            told = match_case(text, views_all)
            if len(fits) == 1 and not (told.certain and told.ref != str(fits[0].pk)):
                return Match(str(fits[0].pk), 0.85), fits
            if fits and not told.certain:
                pool = fits
        views = [sit.case_view(situation, case, applicable=applicable) for case in pool]
        found = match_case(text, views)
    by_ref = {str(case.pk): case for case in situation.cases}
    candidates = [by_ref[ref] for ref in ([found.ref] if found.ref else []) + list(found.rivals) if ref in by_ref]
    return found, candidates


def _plans(
    situation: Situation, understanding: Understanding
) -> list[tuple[StatementReading, ServiceCase | None, bool, Plan]]:
    """Every statement with the case that it means, whether that is certain, and what follows. Writes nothing."""
    prepared: list[tuple[StatementReading, ServiceCase | None, bool, Plan]] = []
    for answer in situation.numbered:
        named = next(case for case in situation.cases if case.pk == answer.wait.case_id)
        planner = Planner(situation, answer.reading, named, True, [named])
        prepared.append((answer.reading, named, True, numbered.plan_of(answer, named, planner)))
    if prepared:
        return prepared
    for reading in understanding.statements:
        found, candidates = match(situation, reading)
        case = next((case for case in situation.cases if str(case.pk) == found.ref), None)
        if case is not None and not found.certain and len(candidates) > 1:
            case = None
        alone = len(understanding.statements) == 1
        plan = Planner(situation, reading, case, found.certain, candidates, alone=alone).build()
        prepared.append((reading, case, found.certain, plan))
    return prepared


def _act(situation: Situation, understanding: Understanding, phrases: Phrases, *, at: datetime) -> Decision:
    message = situation.message
    rows: list[Statement] = []
    prepared = _plans(situation, understanding)
    head_reading, head_case, head_sure, head_plan = prepared[0]
    before = head_plan.follows
    if head_plan.new_matter:
        head_case = None
    if head_plan.open_case is not None and head_case is None:
        head_case = _open_case(situation, head_plan, head_reading, at=at, previous=before)
        prepared[0] = (head_reading, head_case, True, head_plan)
    elif head_plan.reopen and head_case is not None:
        cases.reopen_case(case_id=head_case.pk, fact=_fact(situation, "came_back"))
        head_case.refresh_from_db()
    if head_case is not None and head_sure and head_case.partner_id is None and situation.conversation.partner_id:
        # The first word of a partner about a case makes them its partner.
        head_case.partner_id = situation.conversation.partner_id
        head_case.save(update_fields=["partner"])
    _record_message(situation, head_case, at=at)
    decision = Decision(
        conversation=situation.conversation,
        message=message,
        case=head_case,
        wait=head_plan.wait,
        mode=Mode.RECORD,
        intent=head_reading.intent,
        business_class=head_reading.business_class,
        service_context=head_reading.service_context,
        risk_topics=list(head_plan.topics),
        alerts=list(head_reading.alerts),
        confidence={key: round(value, 3) for key, value in head_reading.confidence.items()},
        engine=understanding.engine,
        engine_version=understanding.version[:160],
        engine_notes=[note.as_json() for note in understanding.notes],
        fallback=fallback_of(understanding.notes),
        at=at,
    )
    _decide_earlier(situation, decision)
    mode: str = Mode.RECORD
    reasons: list[Reason] = []
    for number, (reading, case, sure, plan) in enumerate(prepared):
        outcome, why = _carry_out(situation, reading, case, sure, plan, decision, phrases, at=at)
        reasons += why
        if outcome == Mode.REVIEW or (outcome == Mode.SEND and mode == Mode.RECORD):
            mode = outcome
        if len(prepared) > 1:
            rows.append(
                Statement(
                    decision=decision, number=number, text=reading.text, intent=reading.intent, case=case, wait=plan.wait,
                    risk_topics=list(plan.topics),
                )
            )  # fmt: skip
    decision.mode = mode
    decision.reasons = [reason.as_json() for reason in reasons]
    decision.risk_topics = list(dict.fromkeys(topic for _r, _c, _s, plan in prepared for topic in plan.topics))
    decision.save(force_insert=True)
    Statement.objects.bulk_create(rows)
    subject = cases.subject_of(head_case) if head_case is not None else subject_of(situation.conversation)
    record_many(
        subject=subject,
        entries=[
            EntryDraft(
                "decision", MACHINE, at,
                {"message": str(message.public_id), "decision": str(decision.public_id)},
                {
                    "mode": mode, "intent": decision.intent, "risk_topics": decision.risk_topics, "alerts": decision.alerts,
                    "reasons": decision.reasons, "engine": decision.engine, "version": decision.engine_version,
                    **({"fallback": decision.fallback} if decision.fallback else {}),
                },
            )
        ],
    )  # fmt: skip
    return decision


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


def _fact(situation: Situation, reason: str = "") -> Fact:
    return Fact(
        actor=Actor.of_person(situation.message.sender), at=situation.at, said_at=situation.message.sent_at,
        message=situation.message, reason=reason,
    )  # fmt: skip


def _record_message(situation: Situation, case: ServiceCase | None, *, at: datetime) -> None:
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


def _open_case(
    situation: Situation, plan: Plan, reading: StatementReading, *, at: datetime, previous: ServiceCase | None = None
) -> ServiceCase:
    flow = plan.open_case
    sender = situation.message.sender
    assert flow is not None and sender.customer is not None
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
        intake.classify(case_id=unsorted.pk, flow=flow, fact=_fact(situation), title=title, labels=labels)
        return _fresh(unsorted.pk)
    case = cases.open_case(
        flow=flow, customer=sender.customer, conversation=situation.conversation, owner=owner, contact=sender,
        title=title, labels=labels, previous=previous, actor=MACHINE, at=at,
    )  # fmt: skip
    return _fresh(case.pk)


def _fresh(case_id: int) -> ServiceCase:
    row = (
        ServiceCase.objects.select_related("customer", "conversation", "partner", "owner")
        .prefetch_related("participants__person", "links__conversation")
        .get(pk=case_id)
    )
    return with_flows([row])[0]


# --- carrying out a plan ------------------------------------------------------------------------------------------------------


def text_facts(
    case: ServiceCase | None, *, text: str, conversation: Conversation | None, phrases: list[str], at: datetime
) -> TextFacts:
    """What a text is checked against: who reads it, and which names in it they must not learn."""
    reader = "customer"
    if conversation is not None and conversation.kind == ConversationKind.PARTNER_GROUP:
        reader = "partner"
    elif conversation is not None and conversation.kind == ConversationKind.INTERNAL_GROUP:
        reader = "internal"
    names = sit.private_names(case, reader=reader, text=text)
    return TextFacts(
        audience=reader, private_names=names, private_phrases=tuple(phrases), forbidden=tuple(forbidden_phrases(at=at)),
        rules=tuple(text_rules(at=at, channels=("wecom", conversation.surface) if conversation is not None else ())),
    )  # fmt: skip


def draft_text_facts(draft: Draft, wording: str) -> TextFacts:
    """What the reader of a draft must not learn, for a wording of it; `review` asks at every verdict."""
    phrases = [str(phrase) for phrase in draft.effects.get("private_phrases", [])]
    return text_facts(draft.case, text=wording, conversation=draft.conversation, phrases=phrases, at=draft.created_at)


def draft_text_notes(draft: Draft, wording: str) -> list[Reason]:
    """What a wording of a draft promises and asks for, as its release would read it."""
    conversation = draft.conversation
    if conversation is None or not conversation.is_customer_visible:
        return []
    notes = [Reason("opens_promise", {"words": words}) for words in asks.promises_in(wording)]
    declared = draft.effects.get("asks") or []
    if draft.reply_kind in ASK_NOTHING or "proof_of" in draft.effects:
        return notes
    if declared and wording == draft.proposed_text:
        return notes + [Reason("opens_ask", {"need": str(ask.get("need", ""))}) for ask in declared]
    return notes + [Reason("opens_ask", {"need": ask.need}) for ask in asks.asks_of(wording)]


def _carry_out(
    situation: Situation,
    reading: StatementReading,
    case: ServiceCase | None,
    sure: bool,
    plan: Plan,
    decision: Decision,
    phrases: Phrases,
    *,
    at: datetime,
) -> tuple[str, list[Reason]]:
    """Move what moves at once, write drafts and notices. Returns the statement's mode and its reasons."""
    outsider = situation.customer_reads and situation.side in (Side.CUSTOMER, Side.UNKNOWN)
    reasons: list[Reason] = [Reason(code) for code in plan.reasons]
    conflict = _moves(situation, case, plan, at=at)
    if conflict:
        plan.review_without_text.append(conflict)
        plan.notices.clear()
        plan.texts.clear()
    mode: str = Mode.RECORD
    if situation.side in (Side.CUSTOMER, Side.UNKNOWN) and reading.intent not in ("acknowledges", "chats"):
        _supersede_older(situation, case, at=at)
    for planned in plan.texts:
        phrase = phrases.get(key_of(planned))
        result, why = _draft(situation, reading, case, sure, plan, planned, decision, phrase, at=at)
        reasons += why
        if result == Mode.REVIEW or mode == Mode.RECORD:
            mode = result
    for code in dict.fromkeys(plan.review_without_text):
        mode = Mode.REVIEW
        reasons.append(Reason(code))
    if plan.review_without_text and not plan.texts:
        review.propose(
            conversation=situation.conversation, case=case, cause=situation.message, reply_kind="other", text="",
            reasons=[*(Reason("risk_topic", {"topic": topic}) for topic in plan.topics), *(Reason(c) for c in dict.fromkeys(plan.review_without_text))],
            risk_topics=plan.topics, alerts=reading.alerts, actor=MACHINE, at=at, decision_ref=decision.public_id,
        )  # fmt: skip
    held = mode == Mode.REVIEW and situation.side != Side.INTERNAL
    if not (
        held
        and any(
            t in plan.topics
            for t in ("case_uncertain", "identity_uncertain", "unproven_completion", "verification_conflict")
        )
    ):
        for notice in plan.notices:
            _send_notice(situation, case, notice.to, notice.about, notice.words, notice.wait, at=at)
    if plan.alerts_to:
        _alert(situation, case, reading, plan, at=at)
    waits_for_us = plan.owe_answer or (outsider and reading.intent in WANTS_ANSWER)
    if waits_for_us and mode == Mode.REVIEW and situation.side != Side.INTERNAL:
        need = _("Answer %(name)s: %(text)s") % {"name": situation.message.sender.name, "text": reading.text[:80]}
        if case is not None and case.state == CaseState.OPEN:
            _owe(case, situation, need=need, at=at)
        elif outsider:
            intake.owe_answer(
                conversation=situation.conversation, sender=situation.message.sender, need=need, fact=_fact(situation), previous=case
            )  # fmt: skip
    if situation.side == Side.INTERNAL and situation.customer_reads:
        _after_staff_text(situation, case, at=at)
    if situation.side == Side.INTERNAL and situation.conversation.kind == ConversationKind.PARTNER_GROUP:
        _after_word_to_partner(situation, case)
    return mode, reasons


def _moves(situation: Situation, case: ServiceCase | None, plan: Plan, *, at: datetime) -> str:
    """Carry out what somebody's act moves. An older word than the one that last moved an item is not carried out: its reason is returned."""
    fact = _fact(situation)
    for move in plan.moves:
        wait = move.wait
        if wait is not None and move.kind == "tell_owner":
            tell_of_delay(situation.message, wait, when=str(move.params["when"]), at=at)
            continue
        if wait is not None:
            current = WaitingItem.objects.get(pk=wait.pk)
            if not current.is_open:
                continue
            if move.kind != "note" and cases.is_overtaken(current, fact.said_at):
                return "overtaken"
        if move.kind == "receive" and wait is not None:
            cases.receive_materials(wait_id=wait.pk, attachments=_materials(situation), fact=fact)
        elif move.kind == "complete" and wait is not None:
            if situation.attachments and situation.side == Side.CUSTOMER and wait.proof != "none":
                cases.receive_materials(wait_id=wait.pk, attachments=_materials(situation), fact=fact, final=False)
            try:
                cases.complete_wait(wait_id=wait.pk, fact=_fact(situation, str(move.params.get("reason", ""))))
            except WrongState as error:
                return error.code
        elif move.kind == "cancel" and wait is not None:
            cases.cancel_wait(wait_id=wait.pk, fact=_fact(situation, "declined"))
        elif move.kind == "defer" and wait is not None:
            cases.defer_wait(wait_id=wait.pk, until=move.params.get("until"), fact=fact)
        elif move.kind == "pass_on" and wait is not None:
            cases.pass_on_wait(wait_id=wait.pk, executor=move.params.get("executor"), fact=fact)
            if move.params.get("until") is not None:
                cases.defer_wait(wait_id=wait.pk, until=move.params["until"], fact=fact)
        elif case is None:
            continue
        elif move.kind == "fact":
            cases.note_fact(
                case=case, message=situation.message, subject=move.params["subject"], words=move.params["words"],
                blocked=bool(move.params.get("blocked")), fact_at=fact.said_at, at=at,
                appointment_at=_moment_in(move.params["words"], fact.said_at) if move.params["subject"] == "appointment" else None,
            )  # fmt: skip
        elif move.kind == "material":
            cases.add_material(case_id=case.pk, attachments=_materials(situation), fact=fact)
        elif move.kind == "labels":
            new = [label for label in move.params["labels"] if label not in case.labels and len(label) <= 32]
            if new:
                case.labels = [*case.labels, *new][:20]
                case.save(update_fields=["labels"])
        elif move.kind == "owe":
            # A bare yes or done: what it means for the customer is ours to say.
            _owe(
                case,
                situation,
                need=_("Follow up: %(need)s") % {"need": move.params["need"][:180]},
                at=at,
                promise=True,
            )
        elif move.kind == "ask_partner":
            _ask_partner(situation, case, str(move.params["need"]), fact)
        elif move.kind == "cancel_case":
            case.refresh_from_db()
            if case.state == CaseState.OPEN:
                cases.cancel_case(
                    case_id=case.pk, fact=_fact(situation, "customer_declined"), note=str(move.params.get("note", ""))
                )
                case.refresh_from_db()
        elif move.kind == "complete_case":
            case.refresh_from_db()
            if case.state == CaseState.OPEN:
                try:
                    with transaction.atomic(), together():
                        cases.complete_case(
                            case_id=case.pk, fact=_fact(situation, "confirmed"), note=str(move.params.get("note", ""))
                        )
                except WrongState as error:
                    return error.code
                case.refresh_from_db()
    return ""


def _moment_in(words: str, at: datetime) -> datetime | None:
    """When the words of an agreement say that somebody comes, None where they name no day."""
    readings = [one for one in times.find(words, at) if one.precision != "vague"]
    clocks = [one for one in readings if one.precision in ("hour", "minute")]
    found = (clocks or readings)[:1]
    return found[0].start if found else None


def _materials(situation: Situation) -> list[Attachment]:
    """The attachments of the message; without any, those of the sender's message before it that belong to nothing yet."""
    own = situation.attachment_rows
    if own:
        return own
    for earlier in situation.previous[:4]:
        if earlier.sender_id == situation.message.sender_id and not earlier.materials.exists():
            return list(earlier.attachments.all())
    return []


def _ask_partner(situation: Situation, case: ServiceCase, need: str, fact: Fact) -> None:
    contact = sit.partner_contact(case)
    if contact is None:
        return
    open_item = case.waits.open().filter(state="waiting_partner_feedback").order_by("-pk").first()
    if open_item is not None:
        cases.complete_wait(
            wait_id=open_item.pk, fact=Fact(fact.actor, fact.at, fact.said_at, fact.message, "asked_again")
        )
    cases.open_wait(
        case=case, state="waiting_partner_feedback", on=contact, on_role=Role.FULFILLMENT_PARTNER, need=need, need_kind="feedback", fact=fact,
        asked_in=sit.partner_conversation(case), replaces=open_item,
    )  # fmt: skip


def _owe(
    case: ServiceCase,
    situation: Situation,
    *,
    need: str,
    at: datetime,
    due_at: datetime | None = None,
    promise: bool = False,
) -> None:
    """Open what we owe: an answer, or the feedback that a text promised. One item of each kind at a time."""
    kind = "feedback" if promise else "answer"
    if case.state != CaseState.OPEN:
        return
    known = case.waits.open().filter(on_role=Role.INTERNAL_HANDLER, need_kind=kind).order_by("pk").first()
    if known is not None:
        _bring_forward(known, due_at, _fact(situation))
        return
    owner = cases.responsible_owner(case)
    person = Person.objects.filter(staff=owner).first()
    due = due_at or calendars.work_calendar(case.flow.calendar).add_working(
        at, FIRST_ANSWER if not promise else timedelta(hours=8)
    )
    cases.open_wait(
        case=case, state="requested", on=person, on_role=Role.INTERNAL_HANDLER, need=need, need_kind=kind, fact=_fact(situation), due_at=due,
        asked_in=situation.conversation, for_side="customer",
    )  # fmt: skip


def _pay_debts(case: ServiceCase, *, kinds: tuple[str, ...], fact: Fact, answered_ref: uuid.UUID | None = None) -> None:
    for pk in case.waits.open().filter(on_role=Role.INTERNAL_HANDLER, need_kind__in=kinds).values_list("pk", flat=True):
        cases.complete_wait(
            wait_id=pk,
            fact=Fact(fact.actor, fact.at, fact.said_at, fact.message, "answered"),
            answered_ref=answered_ref,
        )


def _owes_answer(case: ServiceCase) -> bool:
    """Whether an answer is owed in a case."""
    return case.waits.open().filter(on_role=Role.INTERNAL_HANDLER, need_kind="answer").exists()


def _supersede_older(situation: Situation, case: ServiceCase | None, *, at: datetime) -> None:
    """A later message of the same sender makes undecided drafts for their earlier ones pointless, case for case."""
    older = Draft.objects.select_for_update(of=("self",)).filter(
        state=DraftState.PENDING, conversation=situation.conversation, cause__sender=situation.message.sender, case=case,
        cause__position__gte=max(0, situation.message.position - 6), created_at__gte=at - timedelta(minutes=2), reply_kind="other",
    )  # fmt: skip
    for draft in older:
        if not draft.risk_topics and not draft.alerts:
            review.supersede(draft=draft, reason="newer_message", actor=MACHINE, at=at)


def _draft(
    situation: Situation,
    reading: StatementReading,
    case: ServiceCase | None,
    sure: bool,
    plan: Plan,
    planned: PlannedText,
    decision: Decision,
    phrase: Phrase | None,
    *,
    at: datetime,
) -> tuple[str, list[Reason]]:
    said = (
        {folded(amount) for amount in re.findall(r"\d+(?:\.\d+)?\s*(?:元|块钱|块|rmb)", situation.text)}
        if situation.customer_reads
        else set()
    )
    cited = {
        folded(amount)
        for version in planned.sources
        for amount in re.findall(r"[¥￥$]?\s*\d+(?:\.\d+)?\s*(?:元|块)?", version.body)
    }

    def facts_of(text: str) -> TextFacts:
        facts = text_facts(case, text=text, conversation=planned.conversation, phrases=planned.private_phrases, at=at)
        return replace(facts, known_amounts=frozenset(said | cited))

    facts = facts_of(planned.text)
    text_reasons = check_text(planned.text, facts)
    flow = case.flow if case is not None else None
    relay = not situation.customer_reads
    # A holding notice says nothing about the matter: what the matter risks holds the answer, not the notice.
    topics = [] if planned.reply_kind == "holding_notice" else plan.topics
    result = gate(
        GateFacts(
            reply_kind=planned.reply_kind,
            conversation_kind=planned.conversation.kind,
            level=level_for(flow=flow, conversation_kind=planned.conversation.kind, reply_kind=planned.reply_kind),
            risk_topics=tuple(topics),
            alerts=tuple(reading.alerts),
            identity_sure=relay or situation.identity_sure or planned.reply_kind in ("faq_answer",),
            case_sure=case is None or sure or planned.reply_kind == "faq_answer",
            automation_stopped=case is not None and case.automation_stopped_at is not None and not relay,
            source_missing=planned.source_missing,
            engine_unsure=_unsure(reading, plan, certain=case is not None and sure, relay=relay),
            held=tuple(dict.fromkeys((*planned.held, *_doubts(reading, relay=relay)))),
            boundaries=boundaries(),
        ),
        text_reasons=text_reasons,
    )
    text, worded_by = planned.text, {}
    if phrase is not None:
        note = phrase.note
        if phrase.text and not may_word(released=result.mode == "send"):
            note = replace(note, outcome="skipped", code="goes_by_itself")
        elif phrase.text and any(
            reason not in text_reasons for reason in check_text(phrase.text, facts_of(phrase.text))
        ):
            note = replace(note, outcome="fallback", code="not_allowed")
        elif phrase.text:
            text, worded_by = phrase.text, {"worded_by": note.as_json(), "planned_text": planned.text}
        decision.engine_notes.append(note.as_json())
    draft = review.propose(
        conversation=planned.conversation,
        case=case,
        cause=situation.message,
        reply_kind=planned.reply_kind,
        text=text,
        reasons=result.reasons,
        actor=MACHINE,
        at=at,
        sources=planned.sources,
        risk_topics=topics,
        alerts=reading.alerts,
        required_right=result.required_right if topics is plan.topics else right_for(plan.topics, (), boundaries()),
        risk_note=planned.risk_note,
        missing=planned.missing,
        suggestion=planned.suggestion,
        waiting_for=planned.waiting_for,
        effects={**planned.effects, "private_phrases": planned.private_phrases, **worded_by},
        decision_ref=decision.public_id,
    )
    if planned.source_missing and planned.reply_kind == "faq_answer" and situation.customer_reads:
        names = [planned.conversation.name, situation.message.sender.name, *facts.private_names]
        record_gap(question=reading.text, at=at, names=[name for name in names if name])
    if result.mode == "send":
        review.release_by_rule(draft=draft, actor=MACHINE, at=at)
        return Mode.SEND, list(result.reasons)
    return Mode.REVIEW, list(result.reasons)


def _doubts(reading: StatementReading, *, relay: bool) -> list[str]:
    """What holds a text whatever else is known: engines that read it differently, and orders to the system in what would be passed on."""
    doubts = ["engines_disagree"] if "engines_disagree" in reading.signals else []
    return [*doubts, "injection"] if relay and "injection" in reading.signals else doubts


def _unsure(reading: StatementReading, plan: Plan, *, certain: bool, relay: bool) -> bool:
    """Whether the engine itself would rather see a person; where case and act are certain it has to be surer of it.

    A relay is judged by its content: what was withheld is a topic already, so only what the engine calls trouble counts.
    """
    if reading.mode_hint != "review" or plan.topics or plan.settled:
        return False
    if relay and certain:
        return reading.confidence.get("p_trouble", 1.0) > 0.5
    return reading.confidence.get("p_review", 1.0) > (0.85 if certain else 0.5)


def _send_notice(
    situation: Situation,
    case: ServiceCase | None,
    to: Conversation,
    about: str,
    words: str,
    wait: WaitingItem | None,
    *,
    at: datetime,
) -> None:
    if case is not None and to.pk != situation.conversation.pk:
        send_notice(case=case, to=to, about=about, words=words, wait=wait, at=at)


def send_notice(
    *, case: ServiceCase, to: Conversation, about: str, words: str, wait: WaitingItem | None, at: datetime
) -> None:
    """Owe and send a notice to those who asked. What its reader must not learn is left out. Call it inside a transaction."""
    bad = (
        check_text(words, text_facts(case, text=words, conversation=to, phrases=[], at=at))
        if to.kind == ConversationKind.PARTNER_GROUP
        else []
    )
    if bad:
        words = f"{case.customer.name}：{dict(completion='已完成', cancellation='已取消', appointment='时间有更新', confirmation='客户已答复', material_received='材料已收到').get(about, '有更新')}。"
    writeback = cases.owe_writeback(case=case, to=to, about=about, words=words, at=at, wait=wait)
    outbound = delivery.enqueue(
        conversation=to, kind=OutboundKind.NOTICE, purpose=about, text=words, release_hash=delivery.text_hash(words),
        thread_position=to.last_position, idempotency_key=f"n{writeback.public_id.hex}"[:32], case_ref=case.public_id, actor=MACHINE, at=at,
    )  # fmt: skip
    writeback.outbound_ref = outbound.public_id
    writeback.save(update_fields=["outbound_ref"])


def _alert(
    situation: Situation, case: ServiceCase | None, reading: StatementReading, plan: Plan, *, at: datetime
) -> None:
    """Tell a person at once: the supervisor of the flow (or any), or the owner."""
    if {"owner", "supervisor"} <= set(plan.alerts_to) and case is not None:
        for only in ("owner", "supervisor"):
            _alert(situation, case, reading, replace(plan, alerts_to=[only]), at=at)
        return
    recipient: StaffMember | None = None
    if "owner" in plan.alerts_to and case is not None:
        recipient = cases.responsible_owner(case)
    elif case is not None:
        recipient = case.flow.supervisor
    if recipient is None:
        recipient = (
            StaffMember.objects.supervisors().filter(on_duty=True).order_by("pk").first()
            or StaffMember.objects.supervisors().first()
        )
    if recipient is None:
        return
    said = [*(alert_words(alert) for alert in reading.alerts), *(topic_words(topic) for topic in plan.topics)]
    what = "、".join(said) or intent_words(reading.intent)
    words = f"【提醒】{situation.conversation.name} {situation.message.sender.name}：{situation.text[:200]}（{what}）"
    alert_staff(
        recipient=recipient,
        purpose="alert",
        text=words,
        key=f"a{'o' if 'owner' in plan.alerts_to else ''}{situation.message.public_id.hex}"[:32],
        case=case,
        at=at,
    )


def alert_staff(
    *, recipient: StaffMember, purpose: str, text: str, key: str, case: ServiceCase | None, at: datetime
) -> None:
    """Tell one of our own people something, by an app message where they have an account."""
    if Outbound.objects.filter(idempotency_key=key).exists():
        return
    delivery.enqueue(
        conversation=None, recipient=recipient, kind=OutboundKind.ALERT, purpose=purpose, text=text, release_hash=delivery.text_hash(text),
        thread_position=0, idempotency_key=key, case_ref=case.public_id if case is not None else None, actor=MACHINE, at=at,
    )  # fmt: skip


# --- what our own people typed by hand ------------------------------------------------------------------------------------------


def _after_staff_text(situation: Situation, case: ServiceCase | None, *, at: datetime) -> None:
    """A text that a colleague typed: it answers what was pending, opens what it asks for and promises, and is checked after the fact."""
    message = situation.message
    for draft in Draft.objects.select_for_update(of=("self",)).filter(
        state=DraftState.PENDING, conversation=situation.conversation, cause__position__lt=message.position
    ):
        if case is None or draft.case_id in (None, case.pk):
            review.supersede(draft=draft, reason="staff_answered", actor=Actor.of_person(message.sender), at=at)
    facts = text_facts(case, text=message.text, conversation=situation.conversation, phrases=[], at=at)
    own = {message.sender.name: "", f"@{message.sender.name}": ""}
    for reason in check_text(message.text, facts):
        words = str(reason.params.get("words", ""))
        if reason.code in ("leak_name", "leak_handle", "price", "empty_text") or words in own:
            continue
        review.record_finding(message=message, code=reason.code, words=words, at=at)
    if CORRECTS.search(message.text):
        note_correction(
            situation.conversation, case, before=message.sent_at, by=Actor.of_person(message.sender), words=message.text, at=at
        )  # fmt: skip
    promised = asks.promises_feedback(message.text)
    if case is None or case.state != CaseState.OPEN or not _owes_answer(case):
        intake.pay(
            conversation=situation.conversation, fact=_fact(situation),
            promise=_("Promised: %(text)s") % {"text": asks.promise_words(message.text)} if promised else "",
            promised_until=_promised_until(asks.promising(message.text), at=at) if promised else None,
        )  # fmt: skip
    if case is None:
        return
    _pay_debts(
        case,
        kinds=("answer", "feedback") if not asks.promises_feedback(message.text) else ("answer",),
        fact=_fact(situation),
    )
    contact = _contact(case, situation.conversation)
    _open_asked(
        case,
        asks.asks_of(message.text),
        contact=contact,
        conversation=situation.conversation,
        fact=_fact(situation),
        words=message.text,
    )
    if asks.promises_feedback(message.text):
        due = _promised_until(asks.promising(message.text), at=at)
        _owe(
            case,
            situation,
            need=_("Promised: %(text)s") % {"text": asks.promise_words(message.text)},
            at=at,
            due_at=due,
            promise=True,
        )


def _after_word_to_partner(situation: Situation, case: ServiceCase | None) -> None:
    """A colleague asked the partner something by hand: the partner owes an answer, if they do not owe one already."""
    text = situation.message.text
    if (
        case is None
        or case.state != CaseState.OPEN
        or not (phrases.PLAIN_QUESTION.search(text) or asks.ASKS_PARTNER.search(text))
    ):
        return
    partner = sit.partner_contact(case)
    if partner is None or case.waits.open().filter(state="waiting_partner_feedback").exists():
        return
    cases.open_wait(
        case=case, state="waiting_partner_feedback", on=partner, on_role=Role.FULFILLMENT_PARTNER, need=text[:200], need_kind="feedback",
        proof="none", fact=_fact(situation), asked_in=situation.conversation,
    )  # fmt: skip


#: “下班前” without a calendar at hand.
END_OF_WORK = 18


def _promised_until(text: str, *, at: datetime) -> datetime | None:
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


def _contact(case: ServiceCase, conversation: Conversation) -> Person | None:
    in_case = [p.person for p in case.participants.all() if p.role == Role.CUSTOMER_CONTACT]
    if in_case:
        return in_case[0]
    return Person.objects.filter(customer=case.customer_id, in_wecom=True).order_by("pk").first()


def _open_asked(
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
    if case.state != CaseState.OPEN or contact is None:
        return
    for ask in asked:
        if case.waits.open().filter(state=ask.state, on=contact).exists():
            continue
        cases.open_wait(
            case=case, state=ask.state, on=contact, on_role=Role.CUSTOMER_CONTACT, need=ask.need, need_kind=ask.need_kind, proof=ask.proof,
            fact=fact, asked_in=conversation, customer_wording=words, requested_in=requested_in, asked_ref=asked_ref,
        )  # fmt: skip


# --- what a release entails -----------------------------------------------------------------------------------------------------


def _asked_for_by(draft: Draft) -> Conversation | None:
    """The group of colleagues or a partner whose message led to this draft: they are to be told of the answer."""
    if draft.cause is None or draft.cause.conversation.is_customer_visible:
        return None
    return draft.cause.conversation


def _pay_intake(draft: Draft, ref: uuid.UUID | None, fact: Fact) -> None:
    """An answer was released where no case is known, or a closed one: what was owed in the conversation is paid."""
    here = draft.conversation
    if here is None or not here.is_customer_visible or draft.reply_kind == "holding_notice":
        return
    promised = asks.promises_feedback(draft.text) or bool(draft.effects.get("promise"))
    intake.pay(
        conversation=here, fact=fact, answered_ref=ref,
        promise=_("Promised: %(text)s") % {"text": asks.promise_words(draft.text)} if promised else "",
        promised_until=_promised_until(asks.promising(draft.text), at=fact.at) if promised else None,
    )  # fmt: skip


def drafts_follow(case: ServiceCase, into: ServiceCase, fact: Fact) -> None:
    """An unsorted case was sorted: the answers that wait for its people belong to the case that it is now."""
    people = list(case.participants.values_list("person", flat=True))
    review.file_drafts(conversation=case.conversation, senders=people, case=into, actor=fact.actor, at=fact.at)


def carry_out_release(draft: Draft, outbound: Outbound | None, actor: Actor, at: datetime) -> None:
    """A text was released: what it asks for is owed from now on, what it promises is owed by us, and the debt it answers is paid."""
    case = draft.case
    ref = outbound.public_id if outbound is not None else None
    if case is None or case.state != CaseState.OPEN:
        _pay_intake(draft, ref, Fact(actor=actor, at=at, said_at=at, message=None, reason="released"))
    if case is None:
        return
    case = (
        ServiceCase.objects.select_related("flow__calendar", "flow__fallback_owner", "customer", "owner")
        .prefetch_related("flow__due_rules", "flow__calendar__exceptions", "participants__person")
        .get(pk=case.pk)
    )
    fact = Fact(actor=actor, at=at, said_at=at, message=None, reason="released")
    promise = asks.promises_feedback(draft.text) or bool(draft.effects.get("promise"))
    if draft.reply_kind == "holding_notice":
        _owe_by(case, draft, fact)
        return
    _pay_debts(case, kinds=("answer",) if promise else ("answer", "feedback"), fact=fact, answered_ref=ref)
    contact = _contact(case, draft.conversation) if draft.conversation is not None else None
    declared = draft.effects.get("asks") or []
    if declared and draft.verdicts.filter(do=Verdict.Do.EDIT).exists():
        # A person worded it anew: what their words ask for counts, those who asked stay the same.
        reworded = asks.asks_of(draft.text)
        declared = [
            {**declared[0], "state": ask.state, "need_kind": ask.need_kind, "proof": ask.proof} for ask in reworded
        ] or declared
    if case.state == CaseState.OPEN and contact is not None:
        for ask in declared:
            cases.open_wait(
                case=case, state=ask["state"], on=contact, on_role=Role.CUSTOMER_CONTACT, need=ask["need"], need_kind=ask["need_kind"],
                proof=ask["proof"], requirement=MaterialRequirement.objects.filter(pk=ask.get("requirement")).first(),
                count_needed=int(ask.get("count", 1)), requested_in=Conversation.objects.filter(pk=ask.get("requested_in")).first(),
                fact=fact, asked_in=draft.conversation, customer_wording=draft.text,
                replaces=WaitingItem.objects.filter(pk=ask.get("replaces")).first(), asked_ref=ref,
            )  # fmt: skip
        if (
            not declared
            and "proof_of" not in draft.effects
            and draft.conversation is not None
            and draft.reply_kind not in ASK_NOTHING
        ):
            _open_asked(
                case,
                asks.asks_of(draft.text),
                contact=contact,
                conversation=draft.conversation,
                fact=fact,
                words=draft.text,
                requested_in=_asked_for_by(draft),
                asked_ref=ref,
            )
    if promise and case.state == CaseState.OPEN:
        said = _promised_until(asks.promising(draft.text), at=at)
        known = case.waits.open().filter(on_role=Role.INTERNAL_HANDLER, need_kind="feedback").order_by("pk").first()
        if known is not None:
            _bring_forward(known, said, fact)
            return
        owner = cases.responsible_owner(case)
        due = said or calendars.work_calendar(case.flow.calendar).add_working(at, timedelta(hours=8))
        cases.open_wait(
            case=case, state="requested", on=Person.objects.filter(staff=owner).first(), on_role=Role.INTERNAL_HANDLER,
            need=_("Promised: %(text)s") % {"text": asks.promise_words(draft.text)}, need_kind="feedback", fact=fact, due_at=due, for_side="customer",
        )  # fmt: skip


def _owe_by(case: ServiceCase, draft: Draft, fact: Fact) -> None:
    """A holding notice says until when we answer: from then on that is what we owe, due then."""
    due = parse_datetime(str(draft.effects.get("answer_by", "")))
    if due is None or due <= fact.at or case.state != CaseState.OPEN:
        return
    known = case.waits.open().filter(on_role=Role.INTERNAL_HANDLER, need_kind="answer").order_by("pk").first()
    if known is not None:
        _bring_forward(known, due, fact)
        return
    owner = cases.responsible_owner(case)
    said = draft.cause.text[:80] if draft.cause is not None else ""
    name = draft.cause.sender.name if draft.cause is not None else case.customer.name
    cases.open_wait(
        case=case, state="requested", on=Person.objects.filter(staff=owner).first(), on_role=Role.INTERNAL_HANDLER,
        need=_("Answer %(name)s: %(text)s") % {"name": name, "text": said}, need_kind="answer", fact=fact, due_at=due,
        asked_in=draft.conversation, for_side="customer",
    )  # fmt: skip


def _bring_forward(wait: WaitingItem, said: datetime | None, fact: Fact) -> None:
    """Who names an earlier time while something is promised already owes it then.

    Where what was promised named no time, or its time has passed, the customer has now been told until when: that time counts, later or not.
    """
    if said is None or said <= fact.at:
        return
    told_anew = wait.due_at is not None and (wait.due_at <= fact.at or not phrases.NAMES_TIME.search(wait.need))
    if wait.due_at is None or said < wait.due_at or told_anew:
        cases.set_due(wait_id=wait.pk, due_at=said, fact=fact)


# --- deadlines, recalls, delivered notices ----------------------------------------------------------------------------------------


def sweep_recalls(*, at: datetime, limit: int = 100) -> int:
    """A message was taken back: drafts that answer it fall, released texts that have not left are withdrawn, the owner is told otherwise."""
    count = 0
    rows = Message.objects.filter(
        recalled_at__isnull=False, recall_handled_at__isnull=True, conversation__triaged_position__gte=F("position")
    )
    for pk in rows.order_by("id").values_list("pk", flat=True)[:limit]:
        with transaction.atomic():
            message = Message.objects.select_for_update(of=("self",)).select_related("conversation").get(pk=pk)
            if message.recall_handled_at is not None:
                continue
            for draft in (
                Draft.objects.select_for_update(of=("self",))
                .select_related("case", "conversation", "cause")
                .filter(cause=message)
            ):
                if draft.state == DraftState.PENDING:
                    review.supersede(draft=draft, reason="recalled", actor=MACHINE, at=at)
                elif draft.outbound_id is not None:
                    outbound = (
                        Outbound.objects.select_for_update(of=("self",))
                        .select_related("conversation")
                        .get(pk=draft.outbound_id)
                    )
                    delivery.withdraw(outbound=outbound, reason="cause_recalled", actor=MACHINE, at=at)
            note_recall(message, at=at)
            message.recall_handled_at = at
            message.save(update_fields=["recall_handled_at"])
            count += 1
    return count


def sweep_told(*, at: datetime, limit: int = 200) -> int:
    """Notices that went out without a tap are told; their writebacks close."""
    count = 0
    owed = Writeback.objects.filter(state=WritebackState.OPEN, outbound_ref__isnull=False)
    open_refs = [ref for ref in owed.values_list("outbound_ref", flat=True)[:limit] if ref is not None]
    for outbound in Outbound.objects.filter(
        public_id__in=open_refs, state__in=[OutboundState.SENT, OutboundState.CONFIRMED]
    ):
        with transaction.atomic():
            count += cases.mark_writeback_told(
                outbound_ref=outbound.public_id, by=outbound.settled_by or "WeCom", actor=MACHINE,
                at=outbound.delivered_at or at, released_at=outbound.released_at,
            )  # fmt: skip
    return count
