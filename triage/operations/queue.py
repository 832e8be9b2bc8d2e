"""Work through conversations that hold something new: turn by turn, in order, and no bad message stops those behind it."""

from __future__ import annotations

import logging
import time
import uuid
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import F

from conversations.models import Conversation, Message, Surface
from people.models import Side
from review import operations as review
from review.gate import Reason
from triage import pictures
from triage import situation as sit
from triage.engines.registry import local_engine
from triage.models import Decision, Mode
from triage.operations import lease
from triage.operations.common import MACHINE
from triage.operations.turns import process_turn

logger = logging.getLogger(__name__)

#: So many attempts at a conversation before its message goes to a person.
MAX_FAILURES = 5
#: So many messages at most are one turn.
MAX_TURN = 12
#: Messages of one sender this close together are one turn.
TURN_GAP = timedelta(seconds=60)
#: How long after somebody's last word we wait whether they go on writing, by surface; elsewhere not at all.
QUIET: dict[str, timedelta] = {
    Surface.KF: timedelta(seconds=4),
    Surface.STAFF_PRIVATE: timedelta(seconds=6),
    Surface.CUSTOMER_GROUP: timedelta(seconds=6),
}


def list_untriaged(*, at: datetime, limit: int = 100) -> list[int]:
    """Ids of conversations that hold messages nobody worked through and that no worker holds."""
    return list(
        Conversation.objects.untriaged()
        .filter(lease.is_free(at), triage_failures__lt=MAX_FAILURES)
        .order_by("id")
        .values_list("id", flat=True)[:limit]
    )


def process_conversation(*, conversation_id: int, at: datetime, limit: int = 50, patient: bool = False) -> int:
    """Work through what is new in a conversation, turn by turn, in order of arrival.

    :param patient: leave a turn that may still go on until the quiet window of its surface has passed.
    :returns: how many messages were worked through; 0 also when another worker holds it.
    """
    token = lease.take(conversation_id, at=at)
    if token is None:
        return 0
    done, began, held = 0, time.monotonic(), True
    hold = partial(lease.keep, conversation_id, token, at=at, since=began)
    try:
        turns = _turns(conversation_id, limit=limit)
        for turn in turns:
            if patient and _may_go_on(turn, at=at):
                break
            try:
                process_turn(turn=turn, token=token, at=at, hold=hold, is_last=turn is turns[-1])
                held = turn is not turns[-1]
            except lease.LeaseLost:
                return done
            except Exception as error:
                logger.exception("triage of message %s failed", turn[-1].pk)
                if _count_failure(conversation_id, token, error) < MAX_FAILURES:
                    raise
                _set_aside(turn[-1], token=token, error=error, at=at)
            done += len(turn)
    finally:
        if held:
            lease.give_back(conversation_id, token)
    return done


def _count_failure(conversation_id: int, token: uuid.UUID, error: Exception) -> int:
    Conversation.objects.filter(pk=conversation_id, lease_token=token).update(
        triage_failures=F("triage_failures") + 1, triage_error=f"{type(error).__name__}: {error}"[:500]
    )
    return Conversation.objects.values_list("triage_failures", flat=True).get(pk=conversation_id)


def _turns(conversation_id: int, *, limit: int) -> list[list[Message]]:
    """The messages that nobody worked through, in turns: what one person of the customer's side wrote in one go; of others, one message.

    A conversation whose last attempt failed is worked through message by message, so that one bad message does not hold its neighbours.
    """
    rows = (
        Message.objects.filter(conversation=conversation_id, position__gt=F("conversation__triaged_position"))
        .select_related("conversation", "sender", "identity")
        .prefetch_related("attachments")
        .order_by("position")[:limit]
    )
    turns: list[list[Message]] = []
    for message in rows:
        last = turns[-1][-1] if turns else None
        together = (
            last is not None
            and not message.conversation.triage_failures
            and len(turns[-1]) < MAX_TURN
            and message.sender_id == last.sender_id
            and message.sender_side in (Side.CUSTOMER, Side.UNKNOWN)
            and timedelta(0) <= message.sent_at - last.sent_at <= TURN_GAP
        )
        if together:
            turns[-1].append(message)
        else:
            turns.append([message])
    return turns


def _may_go_on(turn: list[Message], *, at: datetime) -> bool:
    """Whether the sender may still be writing, or their pictures are being read, and nothing in it is urgent."""
    last = turn[-1]
    window = QUIET.get(last.conversation.surface)
    if len(turn) >= MAX_TURN or last.sender_side not in (Side.CUSTOMER, Side.UNKNOWN):
        return False
    if (window is None or at - last.received_at >= window) and not pictures.are_being_read(turn, at=at):
        return False
    read = local_engine().understand(sit.turn_of(sit.load(last, at=at, earlier=turn[:-1])))
    return not any(reading.alerts for reading in read.statements)


def _set_aside(message: Message, *, token: uuid.UUID, error: Exception, at: datetime) -> None:
    """A message that cannot be worked through goes to a person and does not stop those behind it."""
    with transaction.atomic():
        lease.advance(message, token, at=at)
        decision = Decision.objects.create(
            conversation=message.conversation, message=message, mode=Mode.REVIEW, intent="chats", business_class="unknown",
            service_context="none", reasons=[Reason("triage_failed", {"error": type(error).__name__}).as_json()],
            engine="none", engine_version="", at=at,
        )  # fmt: skip
        review.propose(
            conversation=message.conversation, case=None, cause=message, reply_kind="other", text="",
            reasons=[Reason("triage_failed", {"error": type(error).__name__})], actor=MACHINE, at=at, decision_ref=decision.public_id,
        )  # fmt: skip
