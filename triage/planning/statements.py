"""Every statement of a turn: which case it means, and what follows."""

from __future__ import annotations

from dataclasses import dataclass

from cases.models import CaseState, ServiceCase
from people.models import Side
from triage import numbered, pictures
from triage import situation as sit
from triage.engines.base import StatementReading, Understanding
from triage.matching import Match, match_case
from triage.planning.build import build
from triage.planning.planner import Planner
from triage.planning.plans import DONE_STATES, MATERIAL_STATES, Plan
from triage.situation import Situation

#: Which open items an act can answer: where only one case has such an item, that case is meant.
APPLICABLE: dict[str, frozenset[str]] = {
    "provides_material": frozenset({"waiting_customer_material"}),
    "confirms_completion": DONE_STATES,
    "confirms_appointment": frozenset({"waiting_appointment", "waiting_confirmation"}),
    "defers": frozenset({*MATERIAL_STATES, "waiting_confirmation", "waiting_appointment"}),
    "acknowledges": frozenset({"waiting_appointment", "waiting_confirmation"}),
}


@dataclass(frozen=True)
class Planned:
    """A statement with the case that it means, whether that is certain, and what follows."""

    reading: StatementReading
    case: ServiceCase | None
    case_sure: bool
    plan: Plan


def plans(situation: Situation, understanding: Understanding) -> list[Planned]:
    """Every statement of a turn with its plan. Writes nothing."""
    if situation.numbered:
        return [_by_number(situation, answer) for answer in situation.numbered]
    alone = len(understanding.statements) == 1
    return [_plan(situation, reading, alone=alone) for reading in understanding.statements]


def _by_number(situation: Situation, answer: numbered.Numbered) -> Planned:
    case = next(case for case in situation.cases if case.pk == answer.wait.case_id)
    planner = Planner(situation, answer.reading, case, True, [case])
    return Planned(answer.reading, case, True, numbered.plan_of(answer, case, planner))


def _plan(situation: Situation, reading: StatementReading, *, alone: bool) -> Planned:
    found, candidates = match(situation, reading)
    case = next((case for case in situation.cases if str(case.pk) == found.ref), None)
    if case is not None and not found.certain and len(candidates) > 1:
        case = None
    planner = Planner(situation, reading, case, found.certain, candidates, alone=alone)
    plan = build(planner)
    return Planned(reading, planner.case, found.certain or planner.answers_us, plan)


def match(situation: Situation, reading: StatementReading) -> tuple[Match, list[ServiceCase]]:
    """The case that a statement means, and those that fit as well."""
    own = reading.meant or reading.text
    text = f"{situation.quoted} {own}" if situation.quoted else own
    found = _match(situation, text, reading.intent)
    clues = pictures.clues(situation)
    if clues:
        found = pictures.weigh(found, _match(situation, f"{text} {clues}", reading.intent))
    by_ref = {str(case.pk): case for case in situation.cases}
    candidates = [by_ref[ref] for ref in ([found.ref] if found.ref else []) + list(found.rivals) if ref in by_ref]
    return found, candidates


def _match(situation: Situation, text: str, intent: str) -> Match:
    alive = [case for case in situation.cases if case.state == CaseState.OPEN]
    if situation.customer_reads:
        return _match_customer(situation, text, alive or situation.cases[-1:], APPLICABLE.get(intent))
    closed = [case for case in situation.cases if case.state != CaseState.OPEN]
    named = [c for c in closed if c.customer.name in text or any(label in text for label in c.labels if label)]
    pool = dict.fromkeys([*(alive or situation.cases), *named])
    return match_case(text, [sit.case_view(situation, case) for case in pool], must_be_named=True)


def _match_customer(
    situation: Situation, text: str, pool: list[ServiceCase], applicable: frozenset[str] | None
) -> Match:
    """Where the customer reads: a case with an item that the act can answer comes before the others, if the words name none of them."""
    if applicable and len(pool) > 1:
        fits = [
            case
            for case in pool
            if any(
                w.state in applicable and w.on is not None and w.on.side == Side.CUSTOMER
                for w in situation.waits_of(case)
            )
        ]
        told = match_case(text, [sit.case_view(situation, case) for case in pool])
        if len(fits) == 1 and not (told.certain and told.ref != str(fits[0].pk)):
            return Match(str(fits[0].pk), 0.85)
        if fits and not told.certain:
            pool = fits
    return match_case(text, [sit.case_view(situation, case, applicable=applicable) for case in pool])
