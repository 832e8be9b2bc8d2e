"""What every word of a partner or colleague needs on its way to a customer: a case, what must not be read, what is settled by it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from cases.models import CaseState, ServiceCase
from review import pack
from triage import situation as sit
from triage import wording
from triage.asks import Ask
from triage.matching import order_numbers, stem
from triage.planning.planner import Planner
from triage.planning.plans import Move

#: A sum of money in what is withheld for another reason: 他还嫌报的650贵.
_A_SUM = re.compile(r"\d{2,}[^，,。]{0,6}(贵|便宜|不值|块|元)|(贵|便宜|报|收|给)[^，,。]{0,4}\d{2,}(?!\s*[号点日度])")
#: Why a clause is withheld where a person has to see the rest, too.
_TROUBLE = frozenset({"money", "cost", "blame", "other_customer", "internal", "uncertain", "guess"})


@dataclass(frozen=True)
class Known:
    """How a case and its people are called, and what in the words must not be read by the customer."""

    names: list[str]
    labels: tuple[str, ...]
    private_names: dict[str, str]


def known(case: ServiceCase, planner: Planner) -> Known:
    """The names and labels that the words of a partner or colleague may use for a case."""
    people = [p.name for p in sit.customer_people(case)]
    names = list(dict.fromkeys([case.customer.name, *people]))
    names += [short for short in map(stem, names) if short]
    labels = (*sit.labels_of(case, planner.waits), *order_numbers(planner.said[:14]))
    private = sit.private_names(case, reader="customer", text=planner.said)
    private |= dict.fromkeys(_namesakes(case, planner, names), "leak_other_customer")
    return Known(names, tuple(dict.fromkeys(labels)), private)


def _namesakes(case: ServiceCase, planner: Planner, names: list[str]) -> list[str]:
    """Another customer of the same name as the words call them: 南山李先生, where this is the 李先生 of 宝安."""
    others = [c for c in planner.situation.cases if c.pk != case.pk and c.state == CaseState.OPEN]
    if not others or not any(name in planner.said for name in names):
        return []
    first = case.waits.order_by("pk").values_list("need", flat=True).first()
    theirs = " ".join(wait.need for wait in planner.situation.waits_of(case))
    own, found = f"{case.title} {first or ''} {theirs}", []
    for other in others:
        needs = " ".join([other.title, *(w.need for w in planner.situation.waits_of(other))])
        marks = {m for m in re.findall(r"[\u4e00-\u9fff]{2,6}", needs) if m in planner.said and m not in own}
        called = [f"{mark}{link}{name}" for mark in marks for name in names for link in ("", "的")]
        called += [f"{mark}那" for mark in marks]
        found += [words for words in called if words in planner.said]
    return found


def case_of(planner: Planner) -> ServiceCase | None:
    """The open case that is certainly meant; where there is none, why a person looks is noted."""
    if planner.case is not None and planner.case_sure:
        if planner.case.state == CaseState.OPEN:
            return planner.case
        planner.plan.review_without_text.append("case_closed")
        return None
    if not planner.alone and not planner.plan.topics and "names_case" not in planner.reading.signals:
        # A line of a list that is about no customer (下周一我请假) is for the record.
        planner.plan.reasons.append("partner_fragment")
        return None
    if "missing_context" not in planner.plan.topics:
        planner.topic("case_uncertain")
    planner.plan.review_without_text.append("case_uncertain")
    return None


def has_several(planner: Planner) -> bool:
    """Whether the customer has more than one open case in reach: what is told has to say of which."""
    case = planner.case
    theirs = [c for c in planner.situation.cases if case and c.customer_id == case.customer_id]
    return len([c for c in theirs if c.state == CaseState.OPEN]) > 1


def case_to_tell(planner: Planner) -> ServiceCase | None:
    """The open case whose customer may hear of this now: none where something that was said later has reached us before."""
    case = case_of(planner)
    if case is not None and planner.is_overtaken():
        planner.plan.review_without_text.append("overtaken")
        return None
    return case


def note_trouble(planner: Planner, apart: wording.Clauses) -> None:
    """Topics that follow from what is withheld of the words."""
    if pack.rules()["review_trade"].found_in(planner.said):
        planner.topic("compliance")
    if (
        apart.codes & {"money", "cost"}
        and re.search(r"\d{2,}|[一二两三四五六七八九十几][十百千万]", planner.said)
        and not planner.en
    ):
        planner.topic("payment")
    if any(code in ("gripe", "to_us", "opinion") and _A_SUM.search(clause) for clause, code in apart.withheld):
        planner.topic("payment")
        planner.topic("complex_relay")
    if apart.codes & _TROUBLE or "injection" in planner.reading.signals:
        planner.topic("complex_relay")


def close_what_led_here(planner: Planner) -> None:
    """Who reports that the visit is over no longer waits for what was to be prepared for it (清空灶台, before “装好了”)."""
    for wait in planner.open_waits(frozenset({"requested"})):
        if wait.requested_in_id != planner.situation.conversation.pk or wait.proof != "none":
            continue
        coming = re.search(r"(?:去|来|上门|过去|再)[^，,。]{0,4}([装修换测洗取送搬拆检铺吊])", wait.need)
        if coming and re.search(rf"{coming.group(1)}(好|完|上|掉|走|过)了?", planner.said):
            planner.plan.moves.append(Move("complete", wait, {"reason": "overtaken_by_result"}))


def hold_progress(planner: Planner) -> None:
    """The case stands somewhere else now, and nobody may be told where."""
    if planner.case is not None and planner.case_sure:
        note_fact(planner, "progress", "", blocked=True)


def answer_partner_wait(planner: Planner) -> None:
    """What the partner owed us is answered by these words."""
    wait = planner.pick([w for w in planner.waits if w.state == "waiting_partner_feedback"])
    if wait is not None:
        planner.plan.wait = wait
        planner.plan.moves.append(Move("complete", wait))


def keep_labels(planner: Planner) -> None:
    """Order numbers in the words tell the case from then on."""
    planner.plan.moves.append(Move("labels", None, {"labels": list(order_numbers(planner.said))}))


def note_fact(planner: Planner, subject: str, words: str, *, blocked: bool = False) -> None:
    """Keep what is known now; a blocked fact is not told to anybody."""
    planner.plan.moves.append(Move("fact", None, {"subject": subject, "words": words, "blocked": blocked}))


def ask_effect(planner: Planner, ask: Ask, need: str = "") -> dict[str, Any]:
    """What a released text owes: the item that it opens, asked for by those who wrote here."""
    return {
        "state": ask.state, "need": need or ask.need, "need_kind": ask.need_kind, "proof": ask.proof,
        "requested_in": planner.situation.conversation.pk,
    }  # fmt: skip
