"""What follows once it is known what became of a text: clocks start, debts are paid or owed again, facts are measured, owners are told."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from cases import operations as cases
from cases.calendars import work_calendar
from cases.facts import note_service_fact, note_wrong_send
from cases.models import HandOver, ServiceCase, ServiceFact, WaitingItem
from cases.operations import Fact
from cases.standing_in import responsible_now, supervisor_now
from conversations.models import CUSTOMER_VISIBLE, Conversation, Message
from delivery import operations as delivery
from delivery.models import Outbound, OutboundKind, OutboundState
from foundation.actors import Actor
from people.models import Side, StaffMember, is_available
from review.models import Draft
from triage.models import Decision

MACHINE = Actor.machine("triage")
DELIVERED = frozenset({OutboundState.SENT, OutboundState.CONFIRMED})
LOST = frozenset({OutboundState.FAILED, OutboundState.WITHDRAWN, OutboundState.EXPIRED, OutboundState.CANCELLED})
#: A text of ours that takes back what an earlier one said.
CORRECTS = re.compile(
    r"更正|(刚才|刚刚|上面|上一条|前面).{0,8}(发错|说错|打错|写错|弄错|有误|不对)|(发|说|打|写)错(了|群|人)|请?以(这|此|本)条为准|请?忽略(上|刚|前)"
    r"|\bcorrection\b|please (ignore|disregard) (my|the) (last|previous|earlier)|sent (that|this) by mistake",
    re.I,
)
CORRECTED_WITHIN = timedelta(hours=24)
#: A progress question is answered well when none follows within this time of its answer; it is looked at for so long.
CLEAR_FOR, CLEAR_UNTIL = timedelta(hours=24), timedelta(days=8)
#: A prepared text that nobody tapped: its owner hears of it, then the supervisor.
TAP_WITHIN = timedelta(hours=1)
#: A lead hears of what fell to them for so long after it did.
NEWS_FOR = timedelta(days=7)


def case_of(outbound: Outbound) -> ServiceCase | None:
    """The case that a text belongs to."""
    if outbound.case_ref is None:
        return None
    rows = ServiceCase.objects.select_related("flow__supervisor", "flow__fallback_owner", "flow__calendar", "owner")
    return rows.filter(public_id=outbound.case_ref).first()


def carry_out_outcome(outbound: Outbound, message: Message | None, at: datetime) -> None:
    """A text was delivered, or never will be. Called inside the transaction that says so."""
    if outbound.state in DELIVERED:
        _delivered(outbound, message, at=at)
    elif outbound.state in LOST and outbound.error_code != "cause_recalled":
        lost = WaitingItem.objects.filter(answered_ref=outbound.public_id, closed_at__isnull=False)
        for pk in lost.order_by("pk").values_list("pk", flat=True):
            cases.owe_again(wait_id=pk, fact=Fact(MACHINE, at, at, None, "answer_did_not_arrive"))


def _delivered(outbound: Outbound, message: Message | None, *, at: datetime) -> None:
    if outbound.kind != OutboundKind.REPLY:
        return
    delivered = outbound.delivered_at or at
    cases.asking_delivered(
        outbound_ref=outbound.public_id, message=message, delivered_at=delivered,
        fact=Fact(MACHINE, at, delivered, message, "delivered"),
    )  # fmt: skip
    draft = Draft.objects.filter(outbound=outbound).select_related("cause__conversation", "case").first()
    here = outbound.conversation
    cause = draft.cause if draft is not None else None
    if (
        cause is not None
        and here is not None
        and here.is_customer_visible
        and not cause.conversation.is_customer_visible
    ):
        note_service_fact(
            kind=ServiceFact.Kind.RELAYED, case=draft.case if draft is not None else None, started_at=cause.sent_at,
            released_at=outbound.released_at, ended_at=delivered, detail=cause.sender_side, ref=outbound.public_id.hex,
        )  # fmt: skip
    case = case_of(outbound)
    if case is not None and here is not None and _is_misaddressed(case, here):
        words = _("A text of %(case)s went to %(where)s.") % {"case": case.number, "where": here.name}
        if note_wrong_send(
            case=case, delivered_at=delivered, at=at, how="misaddressed", ref=outbound.public_id.hex, words=words
        ):
            tell_owner(case, here, purpose="alert", text=words, key=f"wa{outbound.public_id.hex}", at=at)
    if here is not None and CORRECTS.search(outbound.text):
        note_correction(here, case, before=delivered, by=MACHINE, words=outbound.text, at=at, but=outbound)


def _is_misaddressed(case: ServiceCase, here: Conversation) -> bool:
    if here.kind not in CUSTOMER_VISIBLE or here.customer_id is None or here.customer_id == case.customer_id:
        return False
    return not case.links.filter(conversation=here).exists()


def note_correction(
    here: Conversation,
    case: ServiceCase | None,
    *,
    before: datetime,
    by: Actor,
    words: str,
    at: datetime,
    but: Outbound | None = None,
) -> bool:
    """A text of ours takes back the one before it: that one was a wrong send.

    :returns: whether one was found that nobody had corrected yet.
    """
    earlier = here.messages.filter(
        sender_side=Side.INTERNAL, sent_at__lt=before, sent_at__gte=before - CORRECTED_WITHIN, recalled_at__isnull=True
    )
    if but is not None:
        earlier = earlier.exclude(outbound_ref=but.public_id)
    wrong = earlier.order_by("-sent_at", "-position").first()
    if wrong is not None:
        ref, when = wrong.public_id.hex, wrong.sent_at
    else:
        # Where the archive does not bring our own texts back, the last one that was delivered.
        sent = here.outbound.filter(delivered_at__lt=before, delivered_at__gte=before - CORRECTED_WITHIN)
        if but is not None:
            sent = sent.exclude(pk=but.pk)
        last = sent.order_by("-delivered_at").first()
        if last is None or last.delivered_at is None:
            return False
        ref, when = last.public_id.hex, last.delivered_at
    return note_wrong_send(case=case, delivered_at=when, at=at, how="corrected", ref=ref, words=words, actor=by)


def tell_owner(
    case: ServiceCase | None, here: Conversation | None, *, purpose: str, text: str, key: str, at: datetime
) -> bool:
    """Tell whoever answers for a case, or for a conversation without one; once per key.

    :returns: whether somebody could be told.
    """
    recipient = responsible_now(case, at=at) if case is not None else here.owner if here is not None else None
    if recipient is None or recipient.left_at is not None:
        recipient = StaffMember.objects.supervisors().order_by("pk").first()
    if recipient is None:
        return False
    tell(recipient, purpose=purpose, text=text, key=key, case=case, at=at)
    return True


def tell(recipient: StaffMember, *, purpose: str, text: str, key: str, case: ServiceCase | None, at: datetime) -> None:
    """Tell one of our own people something, once per key."""
    if Outbound.objects.filter(idempotency_key=key[:32]).exists():
        return
    delivery.enqueue(
        conversation=None, recipient=recipient, kind=OutboundKind.ALERT, purpose=purpose, text=text,
        release_hash=delivery.text_hash(text), thread_position=0, idempotency_key=key[:32],
        case_ref=case.public_id if case is not None else None, actor=MACHINE, at=at,
    )  # fmt: skip


def tell_of_delay(message: Message, wait: WaitingItem, *, when: str, at: datetime) -> None:
    """A partner puts something off until another day: whoever owns it hears of it. Once per item and message."""
    case = ServiceCase.objects.select_related("customer", "owner", "flow__supervisor", "flow__fallback_owner").get(
        pk=wait.case_id
    )
    recipient = wait.owner if is_available(wait.owner, at=at) else responsible_now(case, at=at)
    with override("zh-hans"):
        text = _("%(who)s moves “%(need)s” (%(customer)s) to %(when)s.") % {
            "who": message.sender.name, "need": wait.need[:60], "customer": case.customer.name, "when": when,
        }  # fmt: skip
    tell(recipient, purpose="alert", text=text, key=f"mv{wait.pk}-{message.pk}", case=case, at=at)


def note_recall(message: Message, *, at: datetime) -> None:
    """Something was taken back after it was delivered: it goes on record, and the owner hears of it. Call it inside a transaction."""
    decision = Decision.objects.filter(message=message).select_related("case").first()
    outbound = Outbound.objects.filter(public_id=message.outbound_ref).first() if message.outbound_ref else None
    case = case_of(outbound) if outbound is not None else None
    if case is None and decision is not None and decision.case_id is not None:
        case = ServiceCase.objects.select_related("flow__supervisor", "flow__fallback_owner", "owner").get(
            pk=decision.case_id
        )
    here, recalled = message.conversation, message.recalled_at or at
    with override("zh-hans"):
        if message.sender_side == Side.INTERNAL:
            if here.kind == "internal_group":
                return
            new = note_wrong_send(
                case=case, delivered_at=message.sent_at, at=recalled, how="recalled", ref=message.public_id.hex,
                words=message.text, actor=Actor.of_person(message.sender),
            )  # fmt: skip
            text = _("%(who)s took back in %(where)s: %(text)s") % {
                "who": message.sender.name, "where": here.name, "text": message.text[:120],
            }  # fmt: skip
            if new:
                tell_owner(case, here, purpose="alert", text=text, key=f"rc{message.public_id.hex}", at=at)
            return
        answered = Draft.objects.filter(cause=message, outbound__state__in=DELIVERED).select_related("outbound").first()
        if answered is None:
            return
        text = _("%(who)s took back what we have answered already, in %(where)s: %(text)s. We wrote: %(ours)s") % {
            "who": message.sender.name, "where": here.name, "text": message.text[:80], "ours": answered.text[:80],
        }  # fmt: skip
    tell_owner(case, here, purpose="alert", text=text, key=f"rc{message.public_id.hex}", at=at)


def sweep_untapped(*, at: datetime, limit: int = 100) -> int:
    """Prepared texts that nobody tapped: the owner hears of each after a working hour, the supervisor a working day later."""
    count = 0
    rows = Outbound.objects.to_tap().filter(conversation__isnull=False, prepared_at__lte=at - TAP_WITHIN, nagged__lt=2)
    for outbound in rows.select_related("conversation").order_by("prepared_at")[:limit]:
        case, prepared = case_of(outbound), outbound.prepared_at
        if prepared is None:
            continue
        if case is not None:
            calendar = work_calendar(case.flow.calendar)
            first = calendar.add_working(prepared, TAP_WITHIN)
            second = calendar.same_time_next_working_day(first)
        else:
            first, second = prepared + TAP_WITHIN, prepared + timedelta(days=1)
        if at < (second if outbound.nagged else first):
            continue
        where = outbound.conversation.name if outbound.conversation is not None else ""
        with transaction.atomic(), override("zh-hans"):
            if not Outbound.objects.filter(pk=outbound.pk, nagged=outbound.nagged).update(nagged=outbound.nagged + 1):
                continue
            text = _("Still to be tapped, in %(where)s: %(text)s") % {"where": where, "text": outbound.text[:120]}
            key = f"ut{outbound.nagged}{outbound.public_id.hex}"
            if outbound.nagged and case is not None:
                tell(supervisor_now(case.flow, at=at), purpose="reminder", text=text, key=key, case=case, at=at)
            else:
                tell_owner(case, outbound.conversation, purpose="reminder", text=text, key=key, at=at)
            count += 1
    return count


def sweep_hand_over_news(*, at: datetime) -> int:
    """Who was offered items at the end of a shift hears of it at once; the lead, when they fall to them."""
    count = 0
    # What fell while nothing ran is news as well, however long ago it was offered.
    open_or_fell = Q(state=HandOver.State.OFFERED) | Q(state=HandOver.State.FALLEN, settled_at__gte=at - NEWS_FOR)
    for row in HandOver.objects.filter(open_or_fell).select_related("giver", "taker", "lead"):
        fallen = row.state == HandOver.State.FALLEN
        key = f"h{'f' if fallen else 'o'}{row.public_id.hex}"[:32]
        if Outbound.objects.filter(idempotency_key=key).exists():
            continue
        with transaction.atomic(), override("zh-hans"):
            words = {"giver": row.giver.name, "count": row.items.count(), "note": row.note or "—"}
            if fallen:
                text = _("Nobody took what %(giver)s handed over; %(count)s items are yours now: %(note)s") % words
            else:
                text = _("%(giver)s hands %(count)s items over to you: %(note)s. Please accept them.") % words
            tell(row.lead if fallen else row.taker, purpose="hand_over", text=text, key=key, case=None, at=at)
            count += 1
    return count


def sweep_clear_answers(*, at: datetime, limit: int = 200) -> int:
    """Measure how progress questions were answered: well where the customer did not ask again within a day of the answer."""
    rows = Decision.objects.filter(
        intent="asks_progress", case__isnull=False, at__gte=at - CLEAR_UNTIL, at__lte=at - CLEAR_FOR,
        message__sender_side=Side.CUSTOMER,
    )  # fmt: skip
    found = list(rows.select_related("message", "case", "conversation").order_by("at"))
    known = set(
        ServiceFact.objects.filter(
            kind=ServiceFact.Kind.FIRST_CLEAR, ref__in=[row.public_id.hex for row in found]
        ).values_list("ref", flat=True)
    )
    count = 0
    for row in found:
        if row.public_id.hex in known or count >= limit:
            continue
        answered = _answered_at(row)
        if answered is None or answered + CLEAR_FOR > at:
            continue
        again = Decision.objects.filter(
            case=row.case_id, intent="asks_progress", message__sent_at__gt=answered,
            message__sent_at__lte=answered + CLEAR_FOR,
        )  # fmt: skip
        count += note_service_fact(
            kind=ServiceFact.Kind.FIRST_CLEAR, case=row.case, started_at=row.message.sent_at, ended_at=answered,
            ok=not again.exists(), ref=row.public_id.hex,
        )  # fmt: skip
    return count


def _answered_at(question: Decision) -> datetime | None:
    """When a question was answered: our next message in the conversation, or the next text that the channel accepted."""
    asked = question.message
    typed = question.conversation.messages.filter(sender_side=Side.INTERNAL, position__gt=asked.position)
    sent = question.conversation.outbound.filter(kind=OutboundKind.REPLY, delivered_at__gt=asked.sent_at)
    moments = [
        typed.order_by("position").values_list("sent_at", flat=True).first(),
        sent.order_by("delivered_at").values_list("delivered_at", flat=True).first(),
    ]
    return min((moment for moment in moments if moment is not None), default=None)
