"""Customers answer what we asked them to confirm or to choose."""

from __future__ import annotations

import re

from cases.models import WaitingItem
from people.models import Side
from triage import answers, phrases
from triage.matching import touches
from triage.planning.naming import case_title, need_in_words
from triage.planning.planner import Planner
from triage.planning.plans import Move
from triage.wording import is_english


def answers_ours(planner: Planner) -> bool:
    """Whether this is the content of an answer to the confirmation that we asked for."""
    if planner.reading.intent not in (
        "defers",
        "declines",
        "provides_material",
        "asks_question",
        "confirms_appointment",
    ):
        return False
    if (
        planner.is_risky()
        or planner.pictures()
        or phrases.CANCELS.search(planner.said)
        or phrases.LATER.search(planner.said)
    ):
        return False
    waits = planner.open_waits(frozenset({"waiting_confirmation"}))
    if not waits or re.search(r"[?？]|吗|怎么|多少", planner.said):
        return False
    wait = planner.pick(waits)
    if wait is None or not touches(planner.said, wait.need):
        return False
    if planner.reading.intent == "defers" and answers.asks_whether_done(wait.need):
        return False
    answer(planner, wait)
    return True


def takes_option(planner: Planner) -> bool:
    """Carry out a choice that these words make among what we offered."""
    option = _option(planner)
    if option is not None:
        answer(planner, *option)
    return option is not None


def _option(planner: Planner) -> tuple[WaitingItem, str] | None:
    """The open choice that these words take, and the option in the words of our question."""
    hard = set(planner.plan.topics) - {
        "public_group",
        "service_promise",
        "unproven_completion",
        "case_uncertain",
        "account",
    }
    if hard or planner.reading.alerts or not planner.situation.identity_sure or planner.situation.in_public:
        return None
    for wait in planner.open_waits(frozenset({"waiting_confirmation"})):
        for need in (wait.need, *_earlier_choices(planner)):
            option = answers.chosen(need, planner.said)
            if option:
                return wait, option
        decided = answers.decided(wait.need, planner.said)
        if decided:
            return wait, decided
    return None


def _earlier_choices(planner: Planner) -> list[str]:
    """Choices of this case that were answered before: somebody may come back to them."""
    if planner.case is None:
        return []
    closed = planner.case.waits.filter(state="completed", on__side=Side.CUSTOMER).order_by("-pk")
    return list(closed.values_list("need", flat=True)[:3])


def answer(planner: Planner, wait: WaitingItem, option: str = "") -> None:
    """Close what was to be confirmed, and tell those who asked what was answered."""
    planner.plan.wait = wait
    planner.drop_topic("service_promise", *(("account", "unproven_completion", "case_uncertain") if option else ()))
    planner.plan.settled = planner.plan.settled or bool(option)
    planner.plan.moves.append(Move("complete", wait))
    planner.say(
        "completion_confirmed" if planner.reading.intent == "confirms_completion" else "issue_received",
        planner.text("issue_received.choice"),
    )
    title = case_title(planner.case, planner.waits) if planner.case else ""
    need = need_in_words(wait)
    if is_english(need):
        told = f"the customer {'chooses: ' + option if option else 'answers: ' + planner.said[:100]}"
        planner.notify("confirmation", f"{title}: {need} - {told}", wait=wait)
        return
    numbers = " ".join(dict.fromkeys(re.findall(r"[A-Za-z]{2,}", wait.need)))
    planner.notify(
        "confirmation",
        f"{title} {numbers}：{need} —— 客户{'选择：' + option if option else '回复：' + planner.said[:60]}",
        wait=wait,
    )
