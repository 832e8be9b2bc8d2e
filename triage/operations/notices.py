"""Notices to those who asked, and alerts to our own people."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from cases import operations as cases
from cases.models import ServiceCase, WaitingItem
from cases.standing_in import responsible_now
from conversations.models import Conversation, ConversationKind
from delivery import operations as delivery
from delivery.models import Outbound, OutboundKind
from evidence.operations import record
from people import operations as people
from people.models import Side, StaffMember, is_available
from review.gate import check_text
from review.presenters import alert_words, topic_words
from triage.engines.base import StatementReading
from triage.operations.common import MACHINE
from triage.operations.texts import text_facts
from triage.planning.plans import Plan
from triage.presenters import intent_words
from triage.situation import Situation


def send_notice(
    *, case: ServiceCase, to: Conversation, about: str, words: str, wait: WaitingItem | None, at: datetime
) -> None:
    """Owe and send a notice to those who asked. What its reader must not learn is left out. Call it inside a transaction."""
    bad = (
        check_text(words, text_facts(case, text=words, conversation=to, phrases=[], at=at))
        if to.kind == ConversationKind.PARTNER_GROUP
        else []
    )
    if bad:
        words = f"{case.customer.name}：{dict(completion='已完成', cancellation='已取消', appointment='时间有更新', confirmation='客户已答复', material_received='材料已收到').get(about, '有更新')}。"
    writeback = cases.owe_writeback(case=case, to=to, about=about, words=words, at=at, wait=wait)
    outbound = delivery.enqueue(
        conversation=to, kind=OutboundKind.NOTICE, purpose=about, text=words, release_hash=delivery.text_hash(words),
        thread_position=to.last_position, idempotency_key=f"n{writeback.public_id.hex}"[:32], case_ref=case.public_id, actor=MACHINE, at=at,
    )  # fmt: skip
    writeback.outbound_ref = outbound.public_id
    writeback.save(update_fields=["outbound_ref"])


def alert(
    situation: Situation, case: ServiceCase | None, reading: StatementReading, plan: Plan, *, at: datetime
) -> None:
    """Tell a person at once: the supervisor of the flow (or any), or the owner."""
    if {"owner", "supervisor"} <= set(plan.alerts_to) and case is not None:
        for only in ("owner", "supervisor"):
            alert(situation, case, reading, replace(plan, alerts_to=[only]), at=at)
        return
    recipient: StaffMember | None = None
    if "owner" in plan.alerts_to and case is not None:
        recipient = responsible_now(case, at=at)
    elif case is not None:
        recipient = case.flow.supervisor
    if recipient is not None and "owner" not in plan.alerts_to and not is_available(recipient, at=at):
        on_duty = StaffMember.objects.supervisors().order_by("pk")
        recipient = next((one for one in on_duty if is_available(one, at=at)), recipient)
    if recipient is None:
        recipient = (
            StaffMember.objects.supervisors().filter(on_duty=True).order_by("pk").first()
            or StaffMember.objects.supervisors().first()
        )
    if recipient is None:
        return
    said = [*(alert_words(alert) for alert in reading.alerts), *(topic_words(topic) for topic in plan.topics)]
    what = "、".join(said) or intent_words(reading.intent)
    words = f"【提醒】{situation.conversation.name} {situation.message.sender.name}：{situation.text[:200]}（{what}）"
    alert_staff(
        recipient=recipient,
        purpose="alert",
        text=words,
        key=f"a{'o' if 'owner' in plan.alerts_to else ''}{situation.message.public_id.hex}"[:32],
        case=case,
        at=at,
    )


def alert_staff(
    *, recipient: StaffMember, purpose: str, text: str, key: str, case: ServiceCase | None, at: datetime
) -> None:
    """Tell one of our own people something, by an app message where they have an account."""
    if Outbound.objects.filter(idempotency_key=key).exists():
        return
    delivery.enqueue(
        conversation=None, recipient=recipient, kind=OutboundKind.ALERT, purpose=purpose, text=text, release_hash=delivery.text_hash(text),
        thread_position=0, idempotency_key=key, case_ref=case.public_id if case is not None else None, actor=MACHINE, at=at,
    )  # fmt: skip


def stop_promotion(situation: Situation, case: ServiceCase | None, reading: StatementReading, *, at: datetime) -> None:
    """After an alert nothing is advertised to the customer whom it is about, until somebody allows it again."""
    if not reading.alerts or situation.side != Side.CUSTOMER:
        return
    customer_id = situation.message.sender.customer_id or (case.customer_id if case is not None else None)
    if customer_id is None:
        return
    why = "、".join(alert_words(alert) for alert in reading.alerts)
    if people.stop_promotion(customer_id=customer_id, why=why, actor=MACHINE, at=at) and case is not None:
        record(
            subject=cases.subject_of(case), kind="action", actor=MACHINE, at=at, refs={"message": str(situation.message.public_id)},
            body={"action": "stop_promotion", "alerts": list(reading.alerts)},
        )  # fmt: skip
