"""What is found by looking: messages taken back, notices that arrived."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from cases import operations as cases
from cases.models import Writeback, WritebackState
from conversations.models import Message
from delivery import operations as delivery
from delivery.models import Outbound, OutboundState
from review import operations as review
from review.models import Draft, DraftState
from triage.afterwards import note_recall
from triage.operations.common import MACHINE


def sweep_recalls(*, at: datetime, limit: int = 100) -> int:
    """A message was taken back: drafts that answer it fall, released texts that have not left are withdrawn, the owner is told otherwise."""
    count = 0
    rows = Message.objects.filter(
        recalled_at__isnull=False, recall_handled_at__isnull=True, conversation__triaged_position__gte=F("position")
    )
    for pk in rows.order_by("id").values_list("pk", flat=True)[:limit]:
        with transaction.atomic():
            message = Message.objects.select_for_update(of=("self",)).select_related("conversation").get(pk=pk)
            if message.recall_handled_at is not None:
                continue
            for draft in (
                Draft.objects.select_for_update(of=("self",))
                .select_related("case", "conversation", "cause")
                .filter(cause=message)
            ):
                if draft.state == DraftState.PENDING:
                    review.supersede(draft=draft, reason="recalled", actor=MACHINE, at=at)
                elif draft.outbound_id is not None:
                    outbound = (
                        Outbound.objects.select_for_update(of=("self",))
                        .select_related("conversation")
                        .get(pk=draft.outbound_id)
                    )
                    delivery.withdraw(outbound=outbound, reason="cause_recalled", actor=MACHINE, at=at)
            note_recall(message, at=at)
            message.recall_handled_at = at
            message.save(update_fields=["recall_handled_at"])
            count += 1
    return count


def sweep_told(*, at: datetime, limit: int = 200) -> int:
    """Notices that went out without a tap are told; their writebacks close."""
    count = 0
    owed = Writeback.objects.filter(state=WritebackState.OPEN, outbound_ref__isnull=False)
    open_refs = [ref for ref in owed.values_list("outbound_ref", flat=True)[:limit] if ref is not None]
    for outbound in Outbound.objects.filter(
        public_id__in=open_refs, state__in=[OutboundState.SENT, OutboundState.CONFIRMED]
    ):
        with transaction.atomic():
            count += cases.mark_writeback_told(
                outbound_ref=outbound.public_id, by=outbound.settled_by or "WeCom", actor=MACHINE,
                at=outbound.delivered_at or at, released_at=outbound.released_at,
            )  # fmt: skip
    return count
