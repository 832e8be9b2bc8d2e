"""Customers agree to a time, choose one of those offered, or name one of their own."""

from __future__ import annotations

import re

from cases.models import WaitingItem
from triage import answers, phrases, wording
from triage import situation as sit
from triage.planning import confirmations, moments
from triage.planning.naming import case_title
from triage.planning.planner import Planner
from triage.planning.plans import Move, Notice


def confirms(planner: Planner) -> None:
    """Somebody says that a time suits: the one we asked about, the one that stands, or one that we must ask about."""
    waits = planner.open_waits(frozenset({"waiting_appointment"}))
    wait = planner.pick(waits)
    moment = planner.proposed_time()
    if wait is None:
        confirm = planner.pick(planner.open_waits(frozenset({"waiting_confirmation"})))
        if confirm is not None and not answers.is_choice(confirm.need):
            confirmations.answer(planner, confirm)
            return
        fixed = _agreed(planner)
        moves = phrases.MOVES_TIME.search(planner.said)
        if fixed and moment is not None and moments.names_day(fixed, moment) and not moves:
            planner.say(
                "appointment_confirmed",
                planner.text("appointment_confirmed.known", time=fixed),
            )
            return
        if planner.case is not None:
            planner.topic("service_promise")
        planner.say("appointment_proposed", planner.text("appointment_proposed.to_check", time=f"（{wording.day_words(moment, english=False)}）" if moment else ""), effects={"promise": True})  # fmt: skip
        planner.plan.owe_answer = True
        return
    agree(planner, wait)


def _agreed(planner: Planner) -> str:
    """The time that stands in the case, in words."""
    if planner.case is None:
        return ""
    fact = planner.case.facts.filter(subject="appointment").order_by("-fact_at", "-pk").first()
    return fact.words if fact else ""


#: What a time is for, before the times that are offered: “trial lesson, one of two: …”.
_FOR_WHAT = re.compile(
    r"(?!please|ask|could|can|would|which|when)[a-z][\w' -]{3,30}?(?=(, (one|either|two|three|which))|:)", re.I
)


def agree(planner: Planner, wait: WaitingItem) -> None:
    """Take the answer to our question for a time: what we offered stands, what they propose goes to the partner."""
    planner.plan.wait = wait
    words, ours = _chosen(planner, wait)
    planner.drop_topic("service_promise")
    planner.plan.moves.append(Move("complete", wait))
    title = case_title(planner.case, planner.waits) if planner.case else ""
    label = (re.match(r"[\u4e00-\u9fff]{2,6}(?=二选一|三选一|时间)", wait.need) or _FOR_WHAT.match(wait.need) or [""])[
        0
    ]
    if ours:
        planner.plan.moves.append(
            Move(
                "fact",
                None,
                {
                    "subject": "appointment",
                    "words": f"{label or '约定时间'}：{words}"
                    if not planner.en
                    else f"{label or 'appointment'}: {words}",
                },
            )
        )
        planner.say(
            "appointment_confirmed",
            planner.text("appointment_confirmed.chosen", time=words),
        )
        planner.notify(
            "appointment",
            f"{title}：客户确认时间 {words}。" if not planner.en else f"{title}: the customer confirms {words}.",
            wait=wait,
        )
        return
    planner.say("appointment_proposed", planner.text("appointment_proposed.customer_time", time=words or planner.words("您说的时间", "the time you named")), effects={"promise": True})  # fmt: skip
    _put_to_partner(planner, wait, words)


def _put_to_partner(planner: Planner, wait: WaitingItem, words: str) -> None:
    """The customer's own time: the partner is told of it, and owes an answer."""
    case = planner.case
    if case is None or sit.partner_contact(case) is None:
        return
    title = case_title(case, planner.waits)
    planner.plan.moves.append(Move("ask_partner", None, {"need": f"{title}：客户方便的时间 {words}，请确认能否上门"}))
    group = sit.partner_conversation(case)
    if group is not None:
        told = planner.words(
            f"{title}：客户方便的时间是 {words}，请确认。", f"{title}: the customer proposes {words}. Please confirm."
        )
        planner.plan.notices.append(Notice(group, "appointment", told, wait))


def _chosen(planner: Planner, wait: WaitingItem) -> tuple[str, bool]:
    """What was agreed, in words, and whether our side had proposed it (then it stands)."""
    moment = planner.proposed_time()
    options = re.split(r"\s*(?:或者?|还是|or)\s*", re.sub(r"^.*?[：:](?!\d)", "", wait.need))
    offered = re.search(r"\d{1,2}[:：]\d\d|\d+\s*点|\d+月\d+日|\d+号", wait.need)
    if moment is not None and offered:
        marks = {
            f"周{wording.WEEKDAYS[moment.start.weekday()]}",
            f"{moment.start.day}日",
            f"{moment.start.day}号",
            moment.words.strip(),
        }
        fits = [option for option in options if any(mark and mark in option for mark in marks)]
        if len(options) > 1 and len(fits) == 1:
            return fits[0].strip(" 。"), True
    if offered and len(options) == 1 and (moment is None or moments.is_offered(moment, wait.need)):
        clean = re.search(r"\d+月\d+日（周.）(\d+:\d\d|上午|下午|晚上)?", wait.need)
        return (clean.group(0) if clean else options[0].strip(" 。")), True
    if moment is not None:
        return wording.day_words(moment, english=planner.en), False
    return wait.need[:60] if offered else "", bool(offered)
