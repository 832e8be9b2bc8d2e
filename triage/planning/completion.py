"""Customers say of what they were asked to do that it is done, that it comes later, or that it will not be done."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from cases.calendars import work_calendar
from cases.models import CaseState, Role, WaitingItem
from people.models import Person
from triage import answers, phrases
from triage import situation as sit
from triage.matching import stem
from triage.planning import caution, confirmations
from triage.planning.naming import case_title, need_in_words
from triage.planning.planner import Planner
from triage.planning.plans import DONE_STATES, Move


def confirms(planner: Planner) -> None:
    """“Done”: with its proof the item closes and those who asked are told; without, the proof is asked for."""
    if set(planner.plan.topics) - {"unproven_completion", "case_uncertain"}:
        caution.for_a_person(planner)
        return
    wait = planner.pick(planner.open_waits(DONE_STATES))
    if wait is None:
        _nothing_open(planner)
        return
    planner.plan.wait = wait
    if planner.reading.signals & {"partial"} or (
        "hedged" in planner.reading.signals and wait.proof == "none" and "unproven_completion" in planner.plan.topics
    ):
        planner.plan.moves.append(Move("note", wait))
    elif not _asks_for_proof(planner, wait):
        _done(planner, wait)


def _nothing_open(planner: Planner) -> None:
    """Nobody had asked: thanks, and colleagues know of it."""
    if planner.case is None:
        planner.say("other", planner.holding(), held=["no_case"])
        return
    planner.say("completion_confirmed", planner.text("completion_confirmed.thanks"))
    title = case_title(planner.case, planner.waits)
    planner.notify("customer_says_done", f"{title}：客户反馈已经好了。", partner=False, said=planner.said)


def _asks_for_proof(planner: Planner, wait: WaitingItem) -> bool:
    """Ask for the picture, or for what was to be told, where “done” comes without it."""
    if wait.proof == "image" and not planner.pictures():
        screenshot = re.search("截(个|张|一张|幅)?图|截一张|screenshot", wait.need, re.I)
        picture = planner.words("截图", "screenshot") if screenshot else planner.words("照片", "photo")
        text = planner.text("material_request.proof", picture=picture)
    elif wait.proof == "text" and wait.need_kind == "action" and phrases.SAYS_ONLY_DONE.match(planner.said):
        material = answers.asked_for(wait.need) or need_in_words(wait)
        text = planner.text("material_request.still_missing", material=material)
    else:
        return False
    planner.topic("unproven_completion")
    planner.plan.moves.append(Move("note", wait))
    planner.say("material_request", text, missing=[wait.need[:60]], effects={"proof_of": wait.pk})
    return True


def _done(planner: Planner, wait: WaitingItem) -> None:
    """The item closes, with the case where that was the last that it waited for; those who asked are told."""
    if "unproven_completion" in planner.plan.topics:
        if (wait.proof in ("none", "text") and "hedged" not in planner.reading.signals) or planner.pictures():
            planner.drop_topic("unproven_completion")
    # The act and its proof are there: how the engine felt about the words does not matter.
    planner.plan.settled = wait.proof == "image" and bool(planner.pictures())
    received = wait.state == "waiting_customer_material"
    planner.plan.moves.append(Move("receive" if received else "complete", wait))
    confirmed = wait.state == "waiting_confirmation" and answers.asks_whether_done(wait.need)
    others = [w for w in planner.waits if w.pk != wait.pk and w.on_role != Role.INTERNAL_HANDLER]
    if confirmed and not others:
        planner.plan.moves.append(Move("complete_case"))
        planner.say("completion_confirmed", planner.text("completion_confirmed.closed"))
    else:
        planner.say("material_received", planner.text("material_received.done"))
    title, done = case_title(planner.case, planner.waits) if planner.case else "", need_in_words(wait)
    told = planner.words(f"{title}：{done}——客户确认已完成。", f"{title}: {done} - the customer confirms it is done.")
    if wait.state == "waiting_confirmation" and not confirmed:
        # Whoever asked for a decision has to read which: “yes” and “leave it as it is” are both an answer.
        told = planner.words(
            f"{title}：{done}——客户回复：{planner.said[:60]}",
            f"{title}: {done} - the customer answers: {planner.said[:100]}",
        )
    if planner.pictures():
        told += planner.words("（已发来照片）", " (picture received)")
    planner.notify("completion", told, wait=wait, said=planner.said)


def defers(planner: Planner) -> None:
    """Later, or somebody else does it: the item is followed up when a good colleague would."""
    waits = planner.open_waits(frozenset({*DONE_STATES, "waiting_appointment"}))
    passed = next((w for w in waits if w.state == "waiting_contact_coordination"), None)
    if "passes_on" in planner.reading.signals and passed is not None:
        planner.plan.wait = passed
        executor, until = _executor(planner, passed), _follow_up(planner)
        planner.plan.moves.append(Move("pass_on", passed, {"executor": executor, "until": until}))
        return
    wait = planner.pick(waits)
    if wait is None:
        return
    planner.plan.wait = wait
    planner.plan.moves.append(Move("defer", wait, {"until": _follow_up(planner)}))


def _executor(planner: Planner, wait: WaitingItem) -> Person | None:
    """Who does it instead of the contact: somebody who is named, else the only kind of person it can be."""
    if planner.case is None:
        return None
    people = [p for p in sit.customer_people(planner.case) if not p.in_wecom]
    named = [
        p for p in people if p.name in f"{planner.said} {wait.need}" or (stem(p.name) and stem(p.name) in planner.said)
    ]
    return next(iter(named or people), None)


def _follow_up(planner: Planner) -> datetime | None:
    """When a competent handler would look again: two working hours after the hour that was named, half an hour after a day or part of one."""
    moment = planner.proposed_time()
    if moment is None or planner.case is None:
        return None
    return work_calendar(planner.case.flow.calendar).add_working(
        moment.end, timedelta(minutes=120 if moment.precision in ("hour", "minute") else 30)
    )


def declines(planner: Planner) -> None:
    """Called off: the whole case, or one item of it."""
    whole = bool(phrases.CANCELS.search(planner.said)) and not re.search(
        r"先别取消|别取消|不取消|不是取消", planner.said
    )
    waits = [w for w in planner.waits if w.on_role != Role.INTERNAL_HANDLER]
    wait = planner.pick(planner.open_waits(frozenset({*DONE_STATES, "waiting_appointment"}))) or (
        waits[0] if waits else None
    )
    planner.plan.wait = wait
    all_of_it = len(waits) <= 1 or wait is None or phrases.CALLS_OFF.search(planner.said)
    if whole and planner.case is not None and planner.case.state == CaseState.OPEN and all_of_it:
        planner.plan.moves.append(Move("cancel_case", None, {"note": planner.said}))
        title = case_title(planner.case, planner.waits)
        planner.say(
            "cancellation_confirmed",
            planner.text("cancellation_confirmed.case"),
        )
        planner.notify(
            "cancellation",
            f"{title}：客户取消，不用上门了。"
            if not planner.en
            else f"{title}: the customer has called it off; cancelled.",
            said=planner.said,
        )
        return
    if wait is not None and wait.state == "waiting_confirmation" and phrases.STAYS.search(planner.said):
        # Nothing is called off: what we asked whether to change stays as it is, and those who asked hear it in these words.
        confirmations.answer(planner, wait)
        return
    if wait is not None:
        planner.plan.moves.append(Move("cancel", wait))
        planner.say(
            "cancellation_confirmed",
            planner.text("cancellation_confirmed.item"),
        )
        if wait.requested_in is not None:
            planner.notify(
                "cancellation",
                f"{case_title(planner.case, planner.waits) if planner.case else ''}：{need_in_words(wait)} —— 客户表示不用了。",
                wait=wait,
                said=planner.said,
            )
        return
    caution.for_a_person(planner)
