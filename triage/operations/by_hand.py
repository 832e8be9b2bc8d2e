"""What our own people typed by hand: it answers, asks and promises like a released text, and is checked after the fact."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from cases import intake
from cases import operations as cases
from cases.models import CaseState, Role, ServiceCase
from foundation.actors import Actor
from review import operations as review
from review.gate import check_text
from review.models import Draft, DraftState
from triage import asks, phrases, strangers
from triage import situation as sit
from triage.afterwards import CORRECTS, note_correction
from triage.operations import debts
from triage.operations.common import fact_of
from triage.operations.texts import text_facts
from triage.situation import Situation
from triage.statements import own_words


def after_staff_text(situation: Situation, case: ServiceCase | None, *, at: datetime) -> None:
    """A text that a colleague typed: it answers what was pending, opens what it asks for and promises, and is checked after the fact."""
    message, said = situation.message, own_words(situation.message.text)[0]
    if asks.only_holds(said):
        return  # “请稍等” answers nothing: what waits goes on waiting, what is owed stays owed
    by = Actor.of_person(message.sender)
    for draft in Draft.objects.select_for_update(of=("self",)).filter(
        state=DraftState.PENDING, conversation=situation.conversation, cause__position__lt=message.position
    ):
        if case is None or draft.case_id in (None, case.pk):
            review.supersede(draft=draft, reason="staff_answered", actor=by, at=at)
    _check(situation, case, said, at=at)
    if CORRECTS.search(said):
        note_correction(situation.conversation, case, before=message.sent_at, by=by, words=said, at=at)
    promised = asks.promises_feedback(said)
    promise = _("Promised: %(text)s") % {"text": asks.promise_words(said)} if promised else ""
    until = debts.promised_until(asks.promising(said), at=at) if promised else None
    fact = fact_of(situation)
    if case is None or case.state != CaseState.OPEN or not debts.owes_answer(case):
        intake.pay(conversation=situation.conversation, fact=fact, promise=promise, promised_until=until)
    if case is None:
        return
    debts.pay(case, kinds=("answer",) if promised else ("answer", "feedback"), fact=fact)
    debts.open_asked(
        case,
        asks.asks_of(said),
        contact=debts.contact_of(case),
        conversation=situation.conversation,
        fact=fact,
        words=said,
    )
    if promised:
        debts.owe(case, "feedback", need=promise, fact=fact, due_at=until, asked_in=situation.conversation)


def _check(situation: Situation, case: ServiceCase | None, said: str, *, at: datetime) -> None:
    """What such a text should not have said is a finding for quality: it has left. What it quotes is not its own."""
    message = situation.message
    facts = text_facts(case, text=said, conversation=situation.conversation, phrases=[], at=at)
    reasons = check_text(said, facts)
    meant = [one for one in situation.cases if one.state == CaseState.OPEN]
    found = [one for one in reasons if one.code not in strangers.NAMES | {"leak_handle", "price", "empty_text"}]
    for reason in [*found, *strangers.strangers_named(message, said, case, reasons, others=meant)]:
        review.record_finding(message=message, code=reason.code, words=str(reason.params.get("words", "")), at=at)


def after_word_to_partner(situation: Situation, case: ServiceCase | None) -> None:
    """A colleague asked the partner something by hand: the partner owes an answer, if they do not owe one already."""
    text = situation.message.text
    if (
        case is None
        or case.state != CaseState.OPEN
        or not (phrases.PLAIN_QUESTION.search(text) or asks.ASKS_PARTNER.search(text))
    ):
        return
    partner = sit.partner_contact(case)
    if partner is None or case.waits.open().filter(state="waiting_partner_feedback").exists():
        return
    cases.open_wait(
        case=case, state="waiting_partner_feedback", on=partner, on_role=Role.FULFILLMENT_PARTNER, need=text[:200], need_kind="feedback",
        proof="none", fact=fact_of(situation), asked_in=situation.conversation,
    )  # fmt: skip
