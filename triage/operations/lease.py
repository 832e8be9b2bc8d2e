"""The lease on a conversation: one worker at a time, and only who holds it advances."""

from __future__ import annotations

import time
import uuid
from datetime import datetime, timedelta

from django.db.models import Q

from conversations.models import Conversation, Message

LEASE = timedelta(seconds=60)
#: What takes longer than this asks somebody outside: the lease is kept up then.
HOLD_AFTER_SECONDS = 5.0


class LeaseLost(Exception):
    """Another worker has taken this conversation over."""


def is_free(at: datetime) -> Q:
    """Conversations that no worker holds."""
    return Q(lease_until__isnull=True) | Q(lease_until__lt=at)


def take(conversation_id: int, *, at: datetime) -> uuid.UUID | None:
    """Take a conversation; None where another worker holds it."""
    token = uuid.uuid4()
    rows = Conversation.objects.filter(is_free(at), pk=conversation_id)
    return token if rows.update(lease_token=token, lease_until=at + LEASE) else None


def keep(conversation_id: int, token: uuid.UUID, *, at: datetime, since: float) -> None:
    """Keep the lease where an engine took its time.

    :param since: when the work began, by the monotonic clock.
    :raises LeaseLost: when another worker has it by now.
    """
    spent = time.monotonic() - since
    if spent > HOLD_AFTER_SECONDS:
        until = at + timedelta(seconds=spent) + LEASE
        if not Conversation.objects.filter(pk=conversation_id, lease_token=token).update(lease_until=until):
            raise LeaseLost


def advance(message: Message, token: uuid.UUID, *, at: datetime, is_last: bool = False) -> None:
    """Note how far the conversation is worked through, and keep the lease for what follows.

    :param is_last: nothing follows: the lease is given back with it.
    :raises LeaseLost: when another worker has it by now.
    """
    held = Conversation.objects.filter(
        pk=message.conversation_id, lease_token=token, triaged_position__lt=message.position
    )
    moved = held.update(
        triaged_position=message.position, triage_failures=0, triage_error="", lease_token=None if is_last else token,
        lease_until=None if is_last else at + LEASE,
    )  # fmt: skip
    if not moved:
        raise LeaseLost


def give_back(conversation_id: int, token: uuid.UUID) -> None:
    """Let others work on it."""
    Conversation.objects.filter(pk=conversation_id, lease_token=token).update(lease_token=None, lease_until=None)
