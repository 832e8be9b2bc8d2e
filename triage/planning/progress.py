"""Customers ask where their matter stands."""

from __future__ import annotations

import re

from people.models import Side
from review.guidance import Suggestion
from triage import situation as sit
from triage import wording
from triage.planning.naming import need_in_words
from triage.planning.planner import Planner


def tell(planner: Planner) -> None:
    """Tell what is known: the last result, the time that stands, what is waited for; otherwise a person answers."""
    if planner.case is None:
        planner.topic("identity_uncertain" if not planner.situation.identity_sure else "case_uncertain")
        planner.say("other", planner.holding())
        planner.plan.owe_answer = True
        return
    if set(planner.plan.topics) & {"service_promise"}:
        _unclear(planner)
        return
    planner.drop_topic("case_uncertain")
    facts = list(planner.case.facts.order_by("-fact_at", "-pk")[:6])
    newest = next((fact for fact in facts if fact.subject != "appointment"), None)
    appointment = next((fact for fact in facts if fact.subject == "appointment"), None)
    parts: list[str] = []
    if newest is not None and newest.blocked:
        _unclear(planner)
        return
    if newest is not None and newest.words:
        parts.append(newest.words)
    if appointment is not None and appointment.words and (newest is None or appointment.words not in newest.words):
        parts.append(appointment.words)
    if not parts:
        partner_waits = [
            w
            for w in planner.waits
            if w.state in ("waiting_partner_feedback", "waiting_executor", "waiting_internal_review")
            and len(w.need) > 8
        ]
        for wait in partner_waits[:1]:
            apart = wording.take_apart(
                wait.need, private_names=sit.private_names(planner.case, reader="customer", text=wait.need)
            )
            known = _tells_state(wait.need)
            if apart.kept and known:
                parts.append("，".join(apart.kept) if not planner.en else ", ".join(apart.kept))
    if not parts:
        parts = _waits_for_you(planner)
    if not parts:
        _unclear(planner)
        return
    planner.plan.settled = planner.is_sure_of_act()
    text = planner.text("progress_update.known", progress=planner.words("；", "; ").join(parts))
    planner.say("progress_update", text)


def _waits_for_you(planner: Planner) -> list[str]:
    """Where a matter stands that waits for the customer: what they were asked for, and what it waits for beside."""
    others = [w for w in planner.waits if w.on is not None and w.on.side != Side.CUSTOMER and w.need_kind != "answer"]
    mine = [
        w for w in planner.waits if w.on is not None and w.on.side == Side.CUSTOMER and w.state != "material_received"
    ]
    if not mine:
        return []
    needs = "、".join(dict.fromkeys(need_in_words(w) for w in mine))
    if sit.private_names(planner.case, reader="customer", text=needs):
        return []
    parts = [planner.words(f"目前等您这边：{needs}", f"we are waiting for you: {needs}")]
    if any(w.on is not None and w.on.side == Side.PARTNER for w in others):
        parts.append(planner.words("另外还在等服务方的反馈", "we are also waiting for the service provider"))
    elif others:
        parts.append(planner.words("另外我们还有一项在办", "one thing is also still with us"))
    return parts


def _tells_state(need: str) -> bool:
    """Whether a need says where the matter stands (a date, a step), not only that something is waited for."""
    return bool(
        re.search(
            r"已|预计|到货|周[一二三四五六日]|\d+月|\d+号|\d+日|expected|scheduled|inspect|on its way|shipped|ordered|booked|due (on |by )?(\w+day|\d)|by \w+day",
            need,
            re.I,
        )
    )


def _unclear(planner: Planner) -> None:
    planner.say(
        "progress_update",
        planner.holding(),
        held=["state_unclear"],
        suggestion=Suggestion.ASK_WHO_IS_IN_CHARGE,
    )
    planner.plan.owe_answer = True
