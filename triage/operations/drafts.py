"""A planned text becomes a draft: checked, gated, released by rule or held for a person."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from knowledge.operations import record_gap
from review import operations as review
from review.gate import GateFacts, Reason, TextFacts, check_text, folded, gate, right_for
from review.policies import boundaries, level_for
from triage.engines.base import StatementReading
from triage.engines.policy import UNSURE_INTENT, UNSURE_REVIEW
from triage.models import Decision, Mode
from triage.operations.common import MACHINE
from triage.operations.texts import text_facts
from triage.phrasing import Phrase, may_word
from triage.planning.plans import Plan, PlannedText
from triage.planning.statements import Planned
from triage.situation import Situation


def propose(
    situation: Situation,
    planned: Planned,
    text: PlannedText,
    decision: Decision,
    phrase: Phrase | None,
    *,
    at: datetime,
) -> tuple[str, list[Reason]]:
    """Write a planned text as a draft; release it where the gate lets it go. Returns the mode and its reasons."""
    reading, case, plan = planned.reading, planned.case, planned.plan
    amounts = _known_amounts(situation, text)

    def facts_of(words: str) -> TextFacts:
        facts = text_facts(
            case, text=words, conversation=text.conversation, phrases=text.private_phrases, at=at, matter=situation.text
        )
        return replace(facts, known_amounts=amounts, stated=tuple(version.body for version in text.sources))

    facts = facts_of(text.text)
    found = check_text(text.text, facts)
    # A holding notice says nothing about the matter: what the matter risks holds the answer, not the notice.
    is_notice = text.reply_kind == "holding_notice"
    topics = [] if is_notice else plan.topics
    result = gate(_gate_facts(situation, planned, text, topics), text_reasons=found)
    words, worded_by = text.text, {}
    if phrase is not None:
        note = phrase.note
        if phrase.text and not may_word(released=result.mode == "send"):
            note = replace(note, outcome="skipped", code="goes_by_itself")
        elif phrase.text and any(reason not in found for reason in check_text(phrase.text, facts_of(phrase.text))):
            note = replace(note, outcome="fallback", code="not_allowed")
        elif phrase.text:
            words, worded_by = phrase.text, {"worded_by": note.as_json(), "planned_text": text.text}
        decision.engine_notes.append(note.as_json())
    draft = review.propose(
        conversation=text.conversation,
        case=case,
        cause=situation.message,
        reply_kind=text.reply_kind,
        text=words,
        reasons=result.reasons,
        actor=MACHINE,
        at=at,
        sources=text.sources,
        risk_topics=topics,
        alerts=reading.alerts,
        required_right=right_for(plan.topics, (), boundaries()) if is_notice else result.required_right,
        missing=text.missing,
        suggestion=text.suggestion,
        waiting_for=text.waiting_for,
        effects={**text.effects, "private_phrases": text.private_phrases, **worded_by},
        decision_ref=decision.public_id,
    )
    if text.source_missing and text.reply_kind == "faq_answer" and situation.customer_reads:
        names = [text.conversation.name, situation.message.sender.name, *facts.private_names]
        record_gap(question=reading.text, at=at, names=[name for name in names if name])
    if result.mode == "send":
        review.release_by_rule(draft=draft, actor=MACHINE, at=at)
        return Mode.SEND, list(result.reasons)
    return Mode.REVIEW, list(result.reasons)


def _known_amounts(situation: Situation, text: PlannedText) -> frozenset[str]:
    """Sums that may stand in a text: those that the customer named, and those of its published sources."""
    said = re.findall(r"\d+(?:\.\d+)?\s*(?:元|块钱|块|rmb)", situation.text) if situation.customer_reads else []
    cited = [
        amount
        for version in text.sources
        for amount in re.findall(r"[¥￥$]?\s*\d+(?:\.\d+)?\s*(?:元|块)?", version.body)
    ]
    return frozenset(folded(amount) for amount in (*said, *cited))


def _gate_facts(situation: Situation, planned: Planned, text: PlannedText, topics: list[str]) -> GateFacts:
    """What the gate asks about a text, beside its words."""
    reading, case, sure = planned.reading, planned.case, planned.case_sure
    relay = not situation.customer_reads
    kind = text.conversation.kind
    flow = case.flow if case is not None else None
    return GateFacts(
        reply_kind=text.reply_kind,
        conversation_kind=kind,
        level=level_for(flow=flow, conversation_kind=kind, reply_kind=text.reply_kind),
        risk_topics=tuple(topics),
        alerts=tuple(reading.alerts),
        identity_sure=relay or situation.identity_sure or text.reply_kind == "faq_answer",
        case_sure=case is None or sure or text.reply_kind == "faq_answer",
        automation_stopped=case is not None and case.automation_stopped_at is not None and not relay,
        source_missing=text.source_missing,
        engine_unsure=_unsure(reading, planned.plan, certain=case is not None and sure, relay=relay),
        held=tuple(dict.fromkeys((*text.held, *_doubts(reading, relay=relay)))),
        boundaries=boundaries(),
    )


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
    # However certain the case is: who does not know what was meant has nothing to be sure of.
    guesses = reading.confidence.get("intent", 1.0) < UNSURE_INTENT
    return reading.confidence.get("p_review", 1.0) > (UNSURE_REVIEW if guesses else 0.85 if certain else 0.5)
