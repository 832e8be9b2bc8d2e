"""Answers by number to a partner's digest: “1好 2改周六” is read as one statement about each item. Reads only."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from cases.calendars import work_calendar
from cases.flows import with_flows
from cases.models import CaseState, PartnerDigest, ServiceCase, WaitingItem
from conversations.models import ConversationKind
from people.models import Side
from triage import wording
from triage.engines.base import Engine, StatementReading, TimeReading, Turn
from triage.numbers import DONE, WAITS, YES, is_about_all, split_by_number
from triage.planning.build import build
from triage.planning.planner import Planner
from triage.planning.plans import Move, Plan
from triage.situation import Situation

#: Answers by number mean the newest digest of the last days.
ANSWERED_WITHIN = timedelta(days=4)
_MOVES = re.compile(
    r"^(?:改|换|延|推迟|挪|改成|改到|延到|推到|换成|move(?:d)? to|postponed? to)\s*(?:到|至|成|在)?", re.I
)
_VISIT = re.compile(r"上门|时间|几点|哪天|约|visit|appointment|come", re.I)


def answered(situation: Situation) -> list[tuple[WaitingItem, str]]:
    """The items of the partner's newest digest that a message answers by number, with the words for each; in order of their numbers."""
    conversation = situation.conversation
    if (
        situation.side != Side.PARTNER
        or conversation.kind != ConversationKind.PARTNER_GROUP
        or conversation.partner_id is None
    ):
        return []
    if not situation.text.strip():
        return []
    digest = (
        PartnerDigest.objects.filter(partner=conversation.partner_id, made_at__gte=situation.at - ANSWERED_WITHIN)
        .filter(made_at__lte=situation.message.sent_at)
        .order_by("-made_at")
        .first()
    )
    if digest is None:
        return []
    lines = {
        line.number: line.wait for line in digest.items.select_related("wait__case", "wait__on", "wait__requirement")
    }
    said = split_by_number(situation.text, known=lines)
    if not said or not set(said) <= set(lines):
        return []
    if is_about_all(situation.text) and not _asked_last(digest, situation):
        return []
    return [(lines[number], said[number]) for number in sorted(said)]


def _asked_last(digest: PartnerDigest, situation: Situation) -> bool:
    """Whether the digest is the last thing that we wrote before a message: then “都好” answers it, else perhaps something else."""
    since = situation.conversation.messages.filter(
        sender_side=Side.INTERNAL, sent_at__gte=digest.made_at, position__lt=situation.message.position
    )
    return not since.exclude(text=digest.text).exists()


@dataclass(frozen=True)
class Numbered:
    """One numbered answer: what it means for which item.

    `kind` is ``later`` (put off until `until`, or for a time that nobody names), ``moved`` (another time for a visit), ``yes`` (a bare yes or
    done) or empty.
    """

    reading: StatementReading
    wait: WaitingItem
    kind: str = ""
    until: TimeReading | None = None


def read(found: list[tuple[WaitingItem, str]], turn: Turn, engine: Engine) -> list[Numbered]:
    """What each numbered answer means, as a statement about its own case."""
    result = []
    for wait, words in found:
        text, visit = _in_full(wait, words, turn, engine)
        alone = replace(turn, text=text, quoted="", previous=(), attachments=())
        reading = replace(engine.understand(alone).statements[0], text=text, wait_ref=str(wait.pk))
        if visit:
            # It names a time, or takes the one that we asked about: that is all there is to understand.
            reading = replace(reading, intent="confirms_appointment", risk_topics={}, signals=frozenset())
            moved = _put_off(words, reading)
            result.append(Numbered(reading, wait, "moved" if moved is not None else "", moved))
        elif YES.match(words) or DONE.match(words):
            result.append(Numbered(replace(reading, intent="reports_result", risk_topics={}), wait, "yes"))
        elif WAITS.match(words):
            result.append(Numbered(replace(reading, intent="defers", risk_topics={}), wait, "later"))
        else:
            later = _put_off(words, reading)
            result.append(Numbered(reading, wait, "later" if later is not None else "", later))
    return result


def _in_full(wait: WaitingItem, words: str, turn: Turn, engine: Engine) -> tuple[str, bool]:
    """The words of an answer as somebody would say them who names the matter, and whether it is about the time of a visit.

    “好” to a time that we asked about takes that time; “改周六” offers another one.
    """
    name = wait.case.customer.name
    if _is_visit(wait):
        if YES.match(words):
            asked = engine.understand(
                replace(turn, text=wait.need, at=wait.opened_at, quoted="", previous=(), attachments=())
            )
            times = [t for reading in asked.statements for t in reading.times]
            times = [t for t in times if t.precision != "vague" and t.end > turn.at]
            if times:
                return f"{name} {wording.day_words(times[0], english=False)}可以上门", True
        moved = _MOVES.match(words)
        if moved:
            return f"{name} 排不开，{words[moved.end() :]}上门可以吗", True
    return f"{name} {words}", False


def _is_visit(wait: WaitingItem) -> bool:
    """Whether an item is about when somebody comes: by its kind or words, or because a time is agreed in its case already."""
    if wait.state == "waiting_appointment" or wait.need_kind == "appointment" or _VISIT.search(wait.need):
        return True
    return _stands(wait.case)


def _stands(case: ServiceCase) -> bool:
    """Whether a time that the customer was told stands in a case."""
    last = case.facts.filter(subject="appointment").order_by("-fact_at", "-pk").first()
    return last is not None and bool(last.words)


def _put_off(words: str, reading: StatementReading) -> TimeReading | None:
    """Until when an answer puts a matter off that is no appointment (“改周六”; “周三才到货” is a result and not this)."""
    moment = next((one for one in reading.times if one.precision != "vague"), None)
    if moment is None or not (_MOVES.match(words) or _is_bare(words, moment)):
        return None
    return moment


def _is_bare(words: str, moment: TimeReading) -> bool:
    """Whether an answer is a time and nothing more: “2 Saturday”."""
    left = words.lower().replace(moment.words.lower(), "", 1)
    return not re.sub(r"[\s,，。.!！~～]|\bon\b|吧|哈|再说|去|弄", "", left)


def plan_of(answer: Numbered, case: ServiceCase, planner: Planner) -> Plan:
    """What follows from a numbered answer: as from any word of a partner, for exactly this item."""
    planner.waits = [w for w in planner.waits if w.pk == answer.wait.pk or w.state != "waiting_partner_feedback"]
    mine = next((w for w in planner.waits if w.pk == answer.wait.pk), None)
    if mine is None:
        # It was answered already: what is said now is looked at by a person.
        return Plan(review_without_text=["answered_already"], reasons=["answered_by_number"])
    if answer.kind == "later" and answer.until is None:
        return Plan(wait=mine, moves=[Move("defer", mine, {"until": None})], reasons=["answered_by_number"])
    if answer.kind == "later" and answer.until is not None:
        until = work_calendar(case.flow.calendar).add_working(answer.until.end, timedelta(minutes=30))
        return Plan(
            wait=mine, moves=[Move("defer", mine, {"until": until}), _tell_owner(mine, answer.until)], reasons=["answered_by_number"]
        )  # fmt: skip
    if answer.kind == "yes":
        return Plan(
            wait=mine, reasons=["answered_by_number"],
            moves=[Move("complete", mine, {"reason": "answered_by_number"}), Move("owe", None, {"need": mine.need})],
        )  # fmt: skip
    plan = build(planner)
    plan.reasons.append("answered_by_number")
    if answer.kind == "moved" and answer.until is not None:
        if _stands(case):
            # The old time holds no longer: nobody is told it again, until another one is agreed.
            plan.moves.append(Move("fact", None, {"subject": "appointment", "words": "", "blocked": True}))
        plan.moves.append(_tell_owner(mine, answer.until))
    if plan.wait is None and case.state == CaseState.OPEN:
        plan.wait = mine
    return plan


def _tell_owner(wait: WaitingItem, until: TimeReading) -> Move:
    return Move("tell_owner", wait, {"when": wording.day_words(until, english=False)})


def in_reach(situation: Situation, case_ids: set[int]) -> None:
    """Make sure that the cases of a digest are in a situation, however many others there are."""
    missing = case_ids - {case.pk for case in situation.cases}
    if not missing:
        return
    rows = ServiceCase.objects.filter(pk__in=missing).select_related("customer", "conversation")
    more = with_flows(list(rows.prefetch_related("participants__person", "links__conversation")))
    situation.cases += more
    by_id = {case.pk: case for case in more}
    waits = (
        WaitingItem.objects.open()
        .filter(case__in=by_id)
        .select_related("on", "requirement")
        .order_by("opened_at", "pk")
    )
    for wait in waits:
        wait.case = by_id[wait.case_id]
        situation.waits.append(wait)
