"""What follows from a partner's words: a demand, a time, a result, or something for a person."""

from __future__ import annotations

import re

from triage import phrases, wording
from triage.matching import TITLES, order_numbers
from triage.planning import moments, passing_on, relays, results, visits
from triage.planning.planner import Planner
from triage.planning.plans import QUIET_INTENTS
from triage.statements import clauses

#: Why a clause is withheld where it tells nobody anything that has to be acted on.
_MERE_TALK = frozenset({"gripe", "opinion", "to_us", "secret", "other_people", "other_customer"})
#: A partner speaks of their own days off: no case is meant.
_OWN_ABSENCE = re.compile(
    r"^\W*\S{0,8}(我|我们|咱)(这边)?(要|得)?(请假|休息|放假|调休|不在|不上班|歇)(?![^，,。]{0,6}[，,。]?.{0,10}(请|让|麻烦))|\b(i'?m|i am|we'?re) (off|away|on leave|closed)\b",
    re.I,
)


#: Acts of a partner that say how a matter stands.
_REPORTS = frozenset(
    {"reports_result", "confirms_completion", "provides_material", "reports_issue", "defers", "declines"}
)
#: A time that says when goods go or come, or a report is read: no visit.
_NO_VISIT = re.compile(
    r"(?:配件|零件|备件|货|料|[主新]?板|阀|电机|压缩机|新机|滤芯|样品|快递|包裹)[^，,。；]{0,8}(?<!签)到(?!您?家|现场|场)|到货|发货|寄|出货|单号|前重新|送检|特能|发车|更正|为准"
)
#: Somebody comes, in so many words.
_COMES = re.compile(r"上门|过去|取件|到您?家")
_CAN_COME = re.compile(
    r"(可以|行|(?<![太阳性功智只才不])能)(?!.{0,6}(用|看|打开))|上门|到(?!货)|取件|(?<!再)约(?!课|车)"
)


#: What is said with a time is over, or something leaves.
_OVER = re.compile(r"了(?![吗么没呢])|结束|完成|[发寄](回|出|走|往)|回寄|返厂")


def plan(planner: Planner) -> None:
    """Plan what follows from a partner's words in the partner's own group."""
    intent = planner.reading.intent
    _answers_us(planner)
    if planner.reading.alerts:
        planner.plan.alerts_to.append("supervisor")
    if intent in QUIET_INTENTS or _only_gossip(planner) or _OWN_ABSENCE.search(planner.said):
        planner.plan.topics = []
    elif intent == "requests_cooperation":
        relays.relay(planner)
    elif intent == "confirms_appointment" or (intent == "reports_result" and _offers_time(planner)):
        visits.offer(planner)
    elif intent in _REPORTS:
        results.report(planner)
    elif planner.plan.topics or planner.reading.alerts:
        planner.plan.review_without_text.append("partner_needs_person")
        passing_on.hold_progress(planner)
    elif intent in ("asks_question", "asks_progress", "requests_change"):
        planner.plan.review_without_text.append("partner_asks_us")


def _answers_us(planner: Planner) -> None:
    """Who owes us an answer in one matter only, and names nobody else, speaks of that matter."""
    if planner.case_sure or len(planner.candidates) != 1 or not planner.alone:
        return
    case = planner.candidates[0]
    owed = [
        w
        for w in planner.situation.waits_of(case)
        if w.on_id == planner.situation.message.sender_id
        and w.requested_in_id in (None, planner.situation.conversation.pk)
    ]
    names = "".join(passing_on.known(case, planner).names)
    others = [n for n in re.findall(rf"[\u4e00-\u9fff]{{1,2}}(?:{TITLES})", planner.said) if n not in names]
    if owed and not others and not order_numbers(planner.said) and len(planner.said) >= 6:
        planner.case, planner.case_sure, planner.answers_us = case, True, True
        planner.waits = planner.situation.waits_of(case)
        planner.drop_topic("case_uncertain", "missing_context")


def plan_before_customer(planner: Planner) -> None:
    """A partner wrote where the customer reads it: nothing is passed on, but somebody looks at what has a risk."""
    if (
        planner.reading.risk_topics
        or planner.reading.alerts
        or planner.reading.signals & {"holds_money", "holds_blame"}
    ):
        planner.plan.alerts_to.append("owner")
        if planner.reading.alerts:
            planner.plan.alerts_to.append("supervisor")
        planner.plan.reasons.append("partner_in_customer_group")


def _only_gossip(planner: Planner) -> bool:
    """Whether all that is no bare “got it” in these words is talk that stays among colleagues."""
    apart = wording.take_apart(planner.said)
    rest = [clause for clause in apart.kept if not phrases.BARE_ACK.match(clause)]
    if planner.reading.alerts or rest or not apart.withheld:
        return False
    return bool(apart.kept) or apart.codes <= _MERE_TALK


def _offers_time(planner: Planner) -> bool:
    """Whether a result is that somebody comes at a time."""
    moment, said = planner.proposed_time(), planner.said
    if moment is None or moment.precision == "vague" or not _CAN_COME.search(said) or _NO_VISIT.search(said):
        return False
    if not _COMES.search(said):
        # What was done or sent at that time (今晚试唱结束了, 今天发回) is no visit, whatever else may be done (可以进B组).
        clause = next((part for part in clauses(said) if moment.words and moment.words in part), said)
        if moments.is_deadline(moment) or _OVER.search(clause) or not _CAN_COME.search(clause):
            return False
    return not phrases.FINISHED.search(said) or bool(re.search(r"上门|过去|取件|约", said))
