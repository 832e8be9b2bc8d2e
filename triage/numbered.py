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
from triage.planning.build import build
from triage.planning.planner import Planner
from triage.planning.plans import Move, Plan
from triage.situation import Situation

#: Answers by number mean the newest digest of the last days.
ANSWERED_WITHIN = timedelta(days=4)
_NUMBERED = re.compile(
    r"(?:^|(?<=[\s,，;；。、.\n]))\s*(?:第)?(\d{1,2})\s*(?:号单|项|条|[、.．:：)）])?\s*(?!周(?![一二三四五六日天末]))(?![\d点号月日天个件台张次年小分楼层:：/\-])(?=\S)"
)
_YES = re.compile(r"^(好的?|行|可以|没问题|ok|okay|yes|嗯|收到|同意|能去|可|√|✓)[的了啦~～。.!！\s]*$", re.I)
_DONE = re.compile(r"^(好了|完成了?|弄好了|修好了|装好了|已完成|搞定了?|done|finished)[~～。.!！\s]*$", re.I)
_MOVES = re.compile(
    r"^(?:改|换|延|推迟|挪|改成|改到|延到|推到|换成|move(?:d)? to|postponed? to)\s*(?:到|至|成|在)?", re.I
)
_VISIT = re.compile(r"上门|时间|几点|哪天|约|visit|appointment|come", re.I)


def split_by_number(text: str) -> dict[int, str]:
    """“1好 2改周六” as number → words; empty where the text is not such an answer.

    >>> split_by_number("1好 2改周六")
    {1: '好', 2: '改周六'}
    >>> split_by_number("1、修好了，2 周六上午")
    {1: '修好了', 2: '周六上午'}
    >>> split_by_number("师傅19号上午可以 我9点半到")
    {}
    """
    plain = text.strip()
    marks = list(_NUMBERED.finditer(plain))
    if not marks or marks[0].start() != 0:
        return {}
    found: dict[int, str] = {}
    for place, mark in enumerate(marks):
        end = marks[place + 1].start() if place + 1 < len(marks) else len(plain)
        words = plain[mark.end() : end].strip(" \n\t,，;；。、")
        number = int(mark.group(1))
        if not words or number in found or number == 0:
            return {}
        found[number] = words
    return found


def answered(situation: Situation) -> list[tuple[WaitingItem, str]]:
    """The items of the partner's newest digest that a message answers by number, with the words for each; in order of their numbers."""
    conversation = situation.conversation
    if (
        situation.side != Side.PARTNER
        or conversation.kind != ConversationKind.PARTNER_GROUP
        or conversation.partner_id is None
    ):
        return []
    said = split_by_number(situation.text)
    if not said:
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
    if not set(said) <= set(lines):
        return []
    return [(lines[number], said[number]) for number in sorted(said)]


@dataclass(frozen=True)
class Numbered:
    """One numbered answer: what it means for which item.

    `kind` is ``later`` (put off until `until`), ``moved`` (another time for a visit), ``yes`` (a bare yes or done) or empty.
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
        elif _YES.match(words) or _DONE.match(words):
            result.append(Numbered(replace(reading, intent="reports_result", risk_topics={}), wait, "yes"))
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
        if _YES.match(words):
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
    if not _MOVES.match(words):
        return None
    return next((moment for moment in reading.times if moment.precision != "vague"), None)


def plan_of(answer: Numbered, case: ServiceCase, planner: Planner) -> Plan:
    """What follows from a numbered answer: as from any word of a partner, for exactly this item."""
    planner.waits = [w for w in planner.waits if w.pk == answer.wait.pk or w.state != "waiting_partner_feedback"]
    mine = next((w for w in planner.waits if w.pk == answer.wait.pk), None)
    if mine is None:
        # It was answered already: what is said now is looked at by a person.
        return Plan(review_without_text=["answered_already"], reasons=["answered_by_number"])
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
