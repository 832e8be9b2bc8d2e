"""Carry one statement's plan out: moves, texts, notices, alerts, and what we owe from then on."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from cases import intake
from cases.models import CaseState, ServiceCase
from conversations.models import ConversationKind
from people.models import Side
from review import operations as review
from review.gate import Reason
from review.models import Draft, DraftState
from triage.models import Decision, Mode
from triage.operations import by_hand, debts, drafts, notices
from triage.operations.common import MACHINE, fact_of
from triage.operations.moves import move_all
from triage.phrasing import Phrases, key_of
from triage.planning.plans import QUIET_INTENTS, Plan
from triage.planning.statements import Planned
from triage.situation import Situation

#: What somebody says who waits for an answer of ours.
WANTS_ANSWER = frozenset(
    {"reports_issue", "asks_question", "asks_progress", "requests_change", "requests_remedy", "complains"}
)


#: How soon a later message still belongs to what the same person wrote before.
SAME_BREATH = timedelta(minutes=5)
#: How soon a holding text, which says nothing, gives way to what is said of a later message.
_HOLDS_FOR = timedelta(minutes=2)
#: Texts that tell or offer a time: only the newest word on it may go out.
_TIMES = frozenset({"appointment_proposed", "appointment_confirmed"})
#: Nobody is told before a person has looked where one of these is open.
_NOTHING_CERTAIN = frozenset({"case_uncertain", "identity_uncertain", "unproven_completion", "verification_conflict"})


def carry_out(
    situation: Situation, planned: Planned, decision: Decision, phrases: Phrases, *, at: datetime
) -> tuple[str, list[Reason]]:
    """Move what moves at once, write drafts and notices. Returns the statement's mode and its reasons."""
    reading, case, plan = planned.reading, planned.case, planned.plan
    reasons: list[Reason] = [Reason(code) for code in plan.reasons]
    conflict = move_all(situation, case, plan, at=at)
    if conflict:
        plan.review_without_text.append(conflict)
        plan.notices.clear()
        plan.texts.clear()
    mode: str = Mode.RECORD
    if situation.side in (Side.CUSTOMER, Side.UNKNOWN) and reading.intent not in QUIET_INTENTS:
        _supersede_older(situation, case, {text.reply_kind for text in plan.texts}, at=at)
    if situation.side in (Side.PARTNER, Side.INTERNAL) and case is not None:
        _supersede_times(situation, case, plan, at=at)
    for text in plan.texts:
        result, why = drafts.propose(situation, planned, text, decision, phrases.get(key_of(text)), at=at)
        reasons += why
        if result == Mode.REVIEW or mode == Mode.RECORD:
            mode = result
    if plan.review_without_text:
        mode = Mode.REVIEW
        why = [Reason(code) for code in dict.fromkeys(plan.review_without_text)]
        reasons += why
        if not plan.texts:
            _ask_person(situation, planned, decision, why, at=at)
    held = mode == Mode.REVIEW and situation.side != Side.INTERNAL
    if case is not None and not (held and _NOTHING_CERTAIN & set(plan.topics)):
        for notice in plan.notices:
            if notice.to.pk != situation.conversation.pk:
                notices.send_notice(case=case, to=notice.to, about=notice.about, words=notice.words, wait=notice.wait, at=at)  # fmt: skip
    notices.stop_promotion(situation, case, reading, at=at)
    if plan.alerts_to:
        notices.alert(situation, case, reading, plan, at=at)
    if held:
        _owe_answer(situation, planned)
    if situation.side == Side.INTERNAL and situation.customer_reads:
        by_hand.after_staff_text(situation, case, at=at)
    if situation.side == Side.INTERNAL and situation.conversation.kind == ConversationKind.PARTNER_GROUP:
        by_hand.after_word_to_partner(situation, case)
    return mode, reasons


def _ask_person(situation: Situation, planned: Planned, decision: Decision, why: list[Reason], *, at: datetime) -> None:
    """A draft without words: a person looks, and says what there is to say."""
    topics = planned.plan.topics
    review.propose(
        conversation=situation.conversation, case=planned.case, cause=situation.message, reply_kind="other", text="",
        reasons=[*(Reason("risk_topic", {"topic": topic}) for topic in topics), *why],
        risk_topics=topics, alerts=planned.reading.alerts, actor=MACHINE, at=at, decision_ref=decision.public_id,
    )  # fmt: skip


def _owe_answer(situation: Situation, planned: Planned) -> None:
    """What is held for a person is an answer that we owe from now on."""
    reading, case = planned.reading, planned.case
    outsider = situation.customer_reads and situation.side in (Side.CUSTOMER, Side.UNKNOWN)
    if not (planned.plan.owe_answer or (outsider and reading.intent in WANTS_ANSWER)):
        return
    need = _("Answer %(name)s: %(text)s") % {"name": situation.message.sender.name, "text": reading.text[:80]}
    fact = fact_of(situation)
    if case is not None and case.state == CaseState.OPEN:
        debts.owe(case, "answer", need=need, fact=fact, asked_in=situation.conversation)
    elif outsider:
        intake.owe_answer(
            conversation=situation.conversation, sender=situation.message.sender, need=need, fact=fact, previous=case
        )


def _supersede_times(situation: Situation, case: ServiceCase, plan: Plan, *, at: datetime) -> None:
    """A newer word on when somebody comes takes the place of undecided drafts that tell the customer another time."""
    targets = {text.conversation.pk for text in plan.texts if text.reply_kind in _TIMES}
    if not targets:
        return
    older = Draft.objects.select_for_update(of=("self",)).filter(
        state=DraftState.PENDING, case=case, conversation__in=targets, reply_kind__in=_TIMES,
        cause__sender_side__in=(Side.PARTNER, Side.INTERNAL), cause__sent_at__lt=situation.message.sent_at,
    )  # fmt: skip
    for draft in older:
        if not draft.alerts:
            review.supersede(draft=draft, reason="newer_message", actor=MACHINE, at=at)


def _supersede_older(situation: Situation, case: ServiceCase | None, kinds: set[str], *, at: datetime) -> None:
    """A later message of the same sender makes undecided drafts for their earlier ones pointless, case for case.

    A holding text goes whatever comes after it; another one only where a text of its kind takes its place, and nothing that it asks for is lost.
    """
    older = Draft.objects.select_for_update(of=("self",)).filter(
        state=DraftState.PENDING, conversation=situation.conversation, cause__sender=situation.message.sender, case=case,
        cause__position__gte=max(0, situation.message.position - 6), created_at__gte=at - SAME_BREATH,
        reply_kind__in={"other", *kinds},
    )  # fmt: skip
    for draft in older:
        replaced = draft.reply_kind in kinds and not draft.effects.get("asks")
        holds = draft.reply_kind == "other" and draft.created_at >= at - _HOLDS_FOR
        if not draft.risk_topics and not draft.alerts and (replaced or holds):
            review.supersede(draft=draft, reason="newer_message", actor=MACHINE, at=at)
