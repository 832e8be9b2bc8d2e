"""Whose words they are decides what is looked at."""

from __future__ import annotations

from conversations.models import AttachmentType
from people.models import Side
from triage.planning import colleagues, customers, partners
from triage.planning.planner import Planner
from triage.planning.plans import Plan


def build(planner: Planner) -> Plan:
    """The plan for a statement. Writes nothing."""
    if planner.situation.side == Side.INTERNAL:
        colleagues.plan(planner)
    elif planner.situation.side != Side.PARTNER:
        customers.plan(planner)
    elif planner.situation.customer_reads:
        partners.plan_before_customer(planner)
    else:
        partners.plan(planner)
    if planner.situation.side != Side.INTERNAL and _holds_unheard_voice(planner):
        _let_somebody_listen(planner)
    return planner.plan


def _holds_unheard_voice(planner: Planner) -> bool:
    """Whether a voice message came of which nobody has the words."""
    return any(
        not message.text.strip()
        and message.recalled_at is None
        and any(row.type == AttachmentType.VOICE for row in message.attachments.all())
        for message in planner.situation.turn
    )


def _let_somebody_listen(planner: Planner) -> None:
    """It may say anything: a person listens first, and what would be said without it waits for them."""
    plan = planner.plan
    for text in plan.texts:
        text.held.append("voice_without_transcript")
    if not plan.texts and not plan.review_without_text:
        plan.review_without_text.append("voice_without_transcript")
    if planner.situation.side != Side.PARTNER:
        plan.owe_answer = True
