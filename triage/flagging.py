"""A colleague says that what one of us wrote was wrong: typed by hand in WeCom as well as sent by the product. It is measured as a wrong send."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.facts import note_wrong_send
from cases.models import ServiceCase, ServiceFact
from cases.operations import subject_of
from cases.reasons import WRONG_REASONS, check_reason
from conversations.models import ConversationKind, Message
from delivery import operations as delivery
from delivery.models import Outbound, OutboundState
from evidence.operations import Subject, record
from foundation.actors import Actor
from foundation.errors import WrongState
from people.models import Side, StaffMember
from triage.models import Decision


def can_be_flagged(message: Message) -> bool:
    """Whether it is a text of ours that somebody outside has read."""
    return message.sender_side == Side.INTERNAL and message.conversation.kind != ConversationKind.INTERNAL_GROUP


def flag_wrong_message(
    *, message_id: int, reason: str, words: str, by: StaffMember, actor: Actor, at: datetime
) -> Message:
    """Say that a text of ours was wrong, and why. It is measured and goes on record; nothing is taken back.

    What the product sent is flagged as that (`delivery.flag_wrong`), so that it counts once.

    :param reason: a code of `WRONG_REASONS`.
    :raises WrongState: when it is no text of ours that somebody outside read, or is flagged already.
    :raises Refused: without a reason, or “other” without words.
    """
    check_reason(reason, words, known=WRONG_REASONS)
    with transaction.atomic():
        message = Message.objects.select_for_update(of=("self",)).select_related("conversation").get(pk=message_id)
        if not can_be_flagged(message):
            raise WrongState(_("Only what one of us wrote to people outside can be flagged as wrong."))
        sent = _outbound_of(message)
        if sent is not None:
            delivery.flag_wrong(outbound_id=sent.pk, reason=reason, words=words, by=by, actor=actor, at=at)
            return message
        case = _case_of(message)
        said = f"{reason}: {words.strip()}" if words.strip() else reason
        if not note_wrong_send(
            case=case, delivered_at=message.sent_at, at=at, how="flagged", ref=message.public_id.hex, words=said, actor=actor
        ):  # fmt: skip
            raise WrongState(_("This text is flagged already."))
        subject = subject_of(case) if case is not None else Subject("conversation", str(message.conversation.public_id))
        record(
            subject=subject, kind="action", actor=actor, at=at, refs={"message": str(message.public_id)},
            body={"action": "flag_wrong", "reason": reason, "note": words.strip(), "by": by.name, "text": message.text},
        )  # fmt: skip
        return message


def flagged_among(messages: Iterable[Message]) -> set[int]:
    """Ids of the messages that somebody flagged as wrong."""
    refs: dict[str, int] = {}
    for message in messages:
        if message.sender_side == Side.INTERNAL:
            refs[f"flagged:{message.public_id.hex}"] = message.pk
            if message.outbound_ref is not None:
                refs[f"flagged:{message.outbound_ref.hex}"] = message.pk
    if not refs:
        return set()
    found = ServiceFact.objects.filter(kind=ServiceFact.Kind.WRONG_SEND, ref__in=refs)
    return {refs[ref] for ref in found.values_list("ref", flat=True)}


def _outbound_of(message: Message) -> Outbound | None:
    """The product's own text that a message echoes, where it counts as delivered."""
    if message.outbound_ref is None:
        return None
    delivered = Outbound.objects.filter(
        state__in=[OutboundState.SENT, OutboundState.CONFIRMED], delivered_at__isnull=False
    )
    return delivered.filter(public_id=message.outbound_ref).first()


def _case_of(message: Message) -> ServiceCase | None:
    """The case that a message was understood to be about; else the only open one of its conversation."""
    decision = Decision.objects.filter(message=message).select_related("case").first()
    if decision is not None and decision.case is not None:
        return decision.case
    here = list(ServiceCase.objects.open().filter(links__conversation=message.conversation_id).distinct()[:2])
    return here[0] if len(here) == 1 else None
