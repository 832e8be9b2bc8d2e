"""What follows when one of us sets an appointment: the customer is told by a draft through the gate, the partner by a notice that is owed."""

from __future__ import annotations

from datetime import datetime

from cases import operations as cases
from cases.appointments import Appointed, visit_words
from cases.disclosure import phone_in_words, who_in_words
from cases.models import WaitingItem
from cases.operations import Fact
from delivery.models import Outbound
from foundation.actors import Actor
from knowledge.voices import voice_for
from knowledge.wordings import render
from review.models import Draft
from triage import situation as sit
from triage.followups import propose_unprompted
from triage.operations.notices import send_notice

TEMPLATES = {
    "agreed": ("appointment_confirmed", "appointment_confirmed.set"), "moved": ("appointment_confirmed", "appointment_confirmed.moved"),
    "offered": ("appointment_proposed", "appointment_proposed.our_time"), "called_off": ("cancellation_confirmed", "cancellation_confirmed.visit"),
}  # fmt: skip


def tell_of_appointment(what: Appointed) -> None:
    """Draft what the customer reads, and owe the partner a notice. Inside the transaction that sets the appointment."""
    if what.tell_customer:
        _draft(what)
    group = sit.partner_conversation(what.case) if what.tell_partner else None
    if group is not None:
        send_notice(case=what.case, to=group, about="appointment", words=_to_partner(what), wait=None, at=what.fact.at)


def _draft(what: Appointed) -> Draft:
    case, visit = what.case, what.visit
    to = sit.reply_target(case)
    english = to.language == "en"
    kind, key = TEMPLATES[what.kind]
    moment = visit.starts_at if visit is not None else what.before
    assert moment is not None
    words = visit_words(moment, visit.until if visit is not None else None, english=english)
    phone = phone_in_words(case) if what.kind != "called_off" else ""
    reach = (f", phone {phone}" if english else f"，联系电话{phone}") if phone else ""
    before = visit_words(what.before, english=english) if what.before is not None else ""
    text = render(
        key, english=english, name=case.customer.name, flow_id=case.flow_id, voice=voice_for(case=case, conversation=to),
        time=words, before=before,
        who=who_in_words(case, english=english), phone=reach,
    )  # fmt: skip
    # Who hears that nobody comes is owed a new time.
    effects: dict[str, object] = {"promise": True} if what.kind == "called_off" else {}
    if what.kind == "offered":
        open_now = case.waits.open().filter(state="waiting_appointment").order_by("pk").values_list("pk", flat=True)
        effects = {
            "asks": [{"state": "waiting_appointment", "need": f"上门时间：{words}", "need_kind": "appointment", "proof": "none"}],
            "replaces_times": list(open_now),
        }  # fmt: skip
    return propose_unprompted(
        case=case, to=to, reply_kind=kind, text=text, at=what.fact.at, waiting_for=case.customer.name, effects=effects
    )


def _to_partner(what: Appointed) -> str:
    case, visit = what.case, what.visit
    title = f"{case.customer.name}（{case.title or case.flow.name}）"
    if visit is None:
        assert what.before is not None
        return f"{title}：原定{visit_words(what.before)}的上门取消，请不要安排。"
    words = visit_words(visit.starts_at, visit.until)
    who = f"，{visit.visitor}上门" if visit.visitor else "上门"
    if what.kind == "moved" and what.before is not None:
        return f"{title}：上门时间由{visit_words(what.before)}改为{words}{who}。"
    return f"{title}：已约定{words}{who}。"


def close_replaced_times(draft: Draft, outbound: Outbound | None, actor: Actor, at: datetime) -> None:
    """The customer was offered a time: an older question about the time is answered by this one, and not asked for twice."""
    for pk in draft.effects.get("replaces_times") or []:
        wait = WaitingItem.objects.open().filter(pk=pk).first()
        if wait is not None:
            cases.cancel_wait(wait_id=wait.pk, fact=Fact(actor, at, at, None, "replaced"))
