"""The steps of the product, run to a fixed point. Tasks and sweeps are thin callers; tests and rehearsals call `drain`."""

from __future__ import annotations

import logging
from datetime import datetime

from cases.deadlines import sweep_left_owners
from cases.operations import sweep_hand_overs, sweep_plans
from channels_wecom import operations as wecom
from delivery import operations as delivery
from knowledge import operations as knowledge
from review import operations as review
from triage import afterwards, digests, followups, pictures
from triage.ladder import sweep_wrong_sends
from triage.operations import queue, sweeps

logger = logging.getLogger(__name__)


def take_in(at: datetime) -> int:
    """Events of the channel become messages."""
    return wecom.process_pending_events(at=at)


def work_through(at: datetime, *, patient: bool = False) -> int:
    """Conversations with new messages are worked through."""
    count = 0
    for pk in queue.list_untriaged(at=at):
        try:
            count += queue.process_conversation(conversation_id=pk, at=at, patient=patient)
        except Exception:  # recorded on the conversation; it does not stop the others
            logger.warning("conversation %s is set back", pk)
    return count


def send(at: datetime) -> int:
    """Released texts leave."""
    return sum(delivery.deliver_one(outbound_id=pk, at=at) for pk in delivery.list_due(at=at))


def settle(at: datetime) -> int:
    """What was left behind: recalls, releases that became void, lost workers, notices that were delivered."""
    return (
        sweeps.sweep_recalls(at=at)
        + delivery.sweep_abandoned(at=at)
        + review.sweep_void_releases(at=at)
        + sweeps.sweep_told(at=at)
        + followups.sweep_unreadable(at=at)
        + sweep_wrong_sends(at=at)
        + pictures.sweep_late(at=at)
        + followups.sweep_rejected(at=at)
        + followups.sweep_untold(at=at)
        + afterwards.sweep_hand_over_news(at=at)
    )


def remind(at: datetime) -> int:
    """What absent people cannot do; what is late: reminders, chases, hand-overs that nobody accepted; and cases that were planned for now."""
    return (
        followups.sweep_absent_owners(at=at)
        + followups.sweep_deadlines(at=at)
        + followups.sweep_timeouts(at=at)
        + followups.sweep_writebacks(at=at)
        + afterwards.sweep_untapped(at=at)
        + sweep_plans(at=at)
        + sweep_hand_overs(at=at)
        + sweep_left_owners(at=at)
        + knowledge.sweep_schedule(at=at)
        + knowledge.sweep_review_dates(at=at)
    )


def ask_partners(at: datetime) -> int:
    """Every partner's digest of the day."""
    return digests.sweep_digests(at=at)


def drain(
    at: datetime, *, channel: bool = True, deadlines: bool = False, patient: bool = False, rounds: int = 50
) -> int:
    """Run all steps at an instant until none finds anything to do.

    :param channel: also take in events of the channel.
    :param deadlines: also remind of what is late at this instant.
    :param patient: leave what somebody may still be writing for a later call.
    :returns: how many things were done.
    """
    total = 0
    for _round in range(rounds):
        done = (take_in(at) if channel else 0) + work_through(at, patient=patient) + settle(at)
        if deadlines:
            done += remind(at)
        done += send(at)
        total += done
        if not done:
            break
    return total
