"""What a release entails: items open, debts are paid, promises are owed."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from cases import intake
from cases import operations as cases
from cases.flows import with_flows
from cases.models import CaseState, MaterialRequirement, Role, ServiceCase, WaitingItem
from cases.operations import Fact
from conversations.models import Conversation
from delivery.models import Outbound
from foundation.actors import Actor
from review import operations as review
from review.models import Draft, Verdict
from triage import asks
from triage.operations import debts, texts


def _asked_for_by(draft: Draft) -> Conversation | None:
    """The group of colleagues or a partner whose message led to this draft: they are to be told of the answer."""
    if draft.cause is None or draft.cause.conversation.is_customer_visible:
        return None
    return draft.cause.conversation


def _pay_intake(draft: Draft, ref: uuid.UUID | None, fact: Fact) -> None:
    """An answer was released where no case is known, or a closed one: what was owed in the conversation is paid."""
    here = draft.conversation
    if here is None or not here.is_customer_visible or draft.reply_kind == "holding_notice":
        return
    promised = _promises(draft)
    intake.pay(
        conversation=here, fact=fact, answered_ref=ref,
        promise=_("Promised: %(text)s") % {"text": asks.promise_words(draft.text)} if promised else "",
        promised_until=debts.promised_until(asks.promising(draft.text), at=fact.at) if promised else None,
    )  # fmt: skip


def drafts_follow(case: ServiceCase, into: ServiceCase, fact: Fact) -> None:
    """An unsorted case was sorted: the answers that wait for its people belong to the case that it is now."""
    people = list(case.participants.values_list("person", flat=True))
    review.file_drafts(conversation=case.conversation, senders=people, case=into, actor=fact.actor, at=fact.at)


def carry_out_release(draft: Draft, outbound: Outbound | None, actor: Actor, at: datetime) -> None:
    """A text was released: what it asks for is owed from now on, what it promises is owed by us, and the debt it answers is paid."""
    if asks.only_holds(draft.text):
        return
    ref = outbound.public_id if outbound is not None else None
    fact = Fact(actor=actor, at=at, said_at=at, message=None, reason="released")
    if draft.case is None or draft.case.state != CaseState.OPEN:
        _pay_intake(draft, ref, fact)
    if draft.case is None:
        return
    rows = ServiceCase.objects.select_related("customer", "owner").prefetch_related("participants__person")
    [case] = with_flows([rows.get(pk=draft.case.pk)])
    if draft.reply_kind == "holding_notice":
        _owe_by(case, draft, fact)
        return
    promise = _promises(draft)
    debts.pay(case, kinds=("answer",) if promise else ("answer", "feedback"), fact=fact, answered_ref=ref)
    if case.state != CaseState.OPEN:
        return
    if draft.conversation is not None:
        _open_asked(case, draft, draft.conversation, ref, fact)
    if promise:
        need = _("Promised: %(text)s") % {"text": asks.promise_words(draft.text)}
        debts.owe(
            case, "feedback", need=need, fact=fact, due_at=debts.promised_until(asks.promising(draft.text), at=at)
        )


def _promises(draft: Draft) -> bool:
    """Whether we come back to the customer: by the words of a text, or because its plan says so."""
    return asks.promises_feedback(draft.text) or bool(draft.effects.get("promise"))


def _open_asked(case: ServiceCase, draft: Draft, here: Conversation, ref: uuid.UUID | None, fact: Fact) -> None:
    """Open what a text asks for: what its plan declared, else what its words ask."""
    contact = debts.contact_of(case)
    if contact is None:
        return
    declared = _declared(draft)
    for ask in declared:
        cases.open_wait(
            case=case, state=ask["state"], on=contact, on_role=Role.CUSTOMER_CONTACT, need=ask["need"], need_kind=ask["need_kind"],
            proof=ask["proof"], requirement=MaterialRequirement.objects.filter(pk=ask.get("requirement")).first(),
            count_needed=int(ask.get("count", 1)), requested_in=Conversation.objects.filter(pk=ask.get("requested_in")).first(),
            fact=fact, asked_in=here, customer_wording=draft.text,
            replaces=WaitingItem.objects.filter(pk=ask.get("replaces")).first(), asked_ref=ref,
        )  # fmt: skip
    if declared or "proof_of" in draft.effects or draft.reply_kind in texts.ASK_NOTHING:
        return
    debts.open_asked(
        case,
        asks.asks_of(draft.text),
        contact=contact,
        conversation=here,
        fact=fact,
        words=draft.text,
        requested_in=_asked_for_by(draft),
        asked_ref=ref,
    )


def _declared(draft: Draft) -> list[Any]:
    """What the plan of a text asks for. Where a person worded it anew, what their words ask for counts; those who asked stay the same."""
    declared: list[Any] = draft.effects.get("asks") or []
    if not declared or not draft.verdicts.filter(do=Verdict.Do.EDIT).exists():
        return declared
    reworded = asks.asks_of(draft.text)
    return [
        {**declared[0], "state": ask.state, "need_kind": ask.need_kind, "proof": ask.proof} for ask in reworded
    ] or declared


def _owe_by(case: ServiceCase, draft: Draft, fact: Fact) -> None:
    """A holding notice says until when we answer: from then on that is what we owe, due then."""
    due = parse_datetime(str(draft.effects.get("answer_by", "")))
    if due is None or due <= fact.at:
        return
    said = draft.cause.text[:80] if draft.cause is not None else ""
    name = draft.cause.sender.name if draft.cause is not None else case.customer.name
    need = _("Answer %(name)s: %(text)s") % {"name": name, "text": said}
    debts.owe(case, "answer", need=need, fact=fact, due_at=due, asked_in=draft.conversation)
