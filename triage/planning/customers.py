"""What follows from a customer's words: what has to be seen first, then the reply to the act that they are."""

from __future__ import annotations

import re
from collections.abc import Callable

from cases.models import CaseState
from people.models import Side
from triage import phrases
from triage.matching import TITLES
from triage.planning import appointments, caution, completion, confirmations, materials, progress, questions, reports
from triage.planning.planner import Planner
from triage.planning.plans import QUIET_INTENTS

#: A question about somebody in particular: 冯姐家那只狗, Ms Lund's room.
_ABOUT_SOMEBODY = re.compile(rf"[\u4e00-\u9fff]({TITLES})(家|的|那|她|他|\s)|\b(mr|mrs|ms|miss|dr)\.? [A-Z]")


#: What answers each act; a person does where none is named.
_REPLIES: dict[str, Callable[[Planner], None]] = {
    "asks_progress": progress.tell,
    "asks_question": questions.answer,
    "complains": caution.complains,
    "confirms_appointment": appointments.confirms,
    "confirms_completion": completion.confirms,
    "declines": completion.declines,
    "defers": completion.defers,
    "provides_material": materials.provides,
    "reports_issue": reports.take_in,
}
#: Acts whose replies look at the risk of the words themselves.
_JUDGE_RISK = frozenset({"confirms_completion", "provides_material", "confirms_appointment"})


def plan(planner: Planner) -> None:
    """Plan what follows from words of the customer's side, or of somebody unknown."""
    quiet = _note_risks(planner)
    if not _is_settled_first(planner, quiet=quiet):
        _answer(planner)
    if "injection" in planner.reading.signals and not quiet:
        # Whatever the words were taken for, they give orders to the machine: a person reads them first.
        for text in planner.plan.texts:
            text.held.append("injection")


def _answer(planner: Planner) -> None:
    """The reply to the act that the words are."""
    if set(planner.plan.topics) & questions.RULE_TOPICS and questions.asks_for_a_rule(planner):
        planner.drop_topic(*questions.RULE_TOPICS)
    if "privacy" in planner.plan.topics and questions.is_about_things_only(planner):
        planner.drop_topic("privacy")
    intent = planner.reading.intent
    if planner.situation.in_public and intent != "asks_question":
        planner.say("other", planner.text("other.public", name=""))
        planner.plan.owe_answer = True
    elif not planner.situation.identity_sure and intent not in ("asks_question", "reports_issue"):
        planner.say("other", planner.text("other.identity"))
    elif intent == "reports_issue" and (planner.case is None or planner.case.state != CaseState.OPEN):
        reports.take_in(planner)
        if planner.reading.alerts and planner.plan.texts:
            # A person answers first; what the flow asks for can wait.
            planner.plan.texts.clear()
            planner.say("other", planner.holding())
            planner.plan.owe_answer = True
    elif planner.is_risky() and intent not in _JUDGE_RISK:
        caution.for_a_person(planner)
    else:
        _REPLIES.get(intent, caution.for_a_person)(planner)


def _note_risks(planner: Planner) -> bool:
    """Topics that follow from who speaks, and where; who is told at once. Returns whether the words want nothing of us."""
    intent, situation = planner.reading.intent, planner.situation
    if situation.in_public and intent in QUIET_INTENTS:
        planner.drop_topic("public_group")
    quiet = intent in QUIET_INTENTS and not planner.plan.topics and not planner.reading.alerts
    if situation.in_public and not quiet:
        planner.topic("public_group")
    about_somebody = intent == "asks_question" and not situation.in_public and _ABOUT_SOMEBODY.search(planner.said)
    if not situation.identity_sure and (
        about_somebody or intent not in (*QUIET_INTENTS, "asks_question", "reports_issue")
    ):
        planner.topic("identity_uncertain")
    if materials.is_foreign_paper(planner, None) and intent not in ("asks_question", "complains"):
        planner.topic("sensitive_material")
    if "injection" in planner.reading.signals and not quiet:
        planner.plan.reasons.append("injection")
    if planner.reading.alerts or intent == "complains":
        planner.plan.alerts_to.append("supervisor")
    return quiet


def _is_settled_first(planner: Planner, *, quiet: bool) -> bool:
    """What comes before the reply to the act: a case that is not certain, words overtaken, and answers to what we asked, whatever act they look like."""
    intent = planner.reading.intent
    if not planner.case_sure and len(planner.candidates) > 1 and intent not in (*QUIET_INTENTS, "asks_question"):
        caution.ask_which_case(planner)
    elif planner.is_overtaken():
        planner.plan.review_without_text.append("overtaken")
    elif "sensitive_material" in planner.plan.topics and planner.pictures() and intent in (*QUIET_INTENTS, "defers"):
        materials.provides(planner)
    elif intent != "confirms_appointment" and confirmations.takes_option(planner):
        pass
    elif phrases.THAT_PICTURE.search(planner.said) and materials.places_earlier_picture(planner):
        pass
    elif quiet:
        _bare_yes(planner)
    else:
        return confirmations.answers_ours(planner) or materials.places_earlier_picture(planner)
    return True


def _bare_yes(planner: Planner) -> None:
    """A bare “好的” answers a question of ours only where exactly one is open."""
    if not phrases.BARE_YES.match(planner.said):
        return
    states = frozenset({"waiting_appointment", "waiting_confirmation"})
    asked = [
        wait
        for case in (planner.candidates or ([planner.case] if planner.case else []))
        for wait in planner.situation.waits_of(case)
        if wait.state in states and wait.on is not None and wait.on.side == Side.CUSTOMER
    ]
    if len(asked) > 1 and len({wait.case_id for wait in asked}) > 1:
        caution.ask_which_case(planner)
    elif len(asked) == 1 and planner.case is not None and planner.case_sure:
        if asked[0].state == "waiting_appointment":
            appointments.agree(planner, asked[0])
        else:
            confirmations.answer(planner, asked[0])
