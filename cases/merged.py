"""What a decision about who is who leaves on the chains of the cases that it touches."""

from __future__ import annotations

from datetime import datetime

from cases.models import Participant, ServiceCase
from cases.operations import subject_of
from evidence.operations import record
from foundation.actors import Actor
from people.models import PartyChange


def note_change(change: PartyChange, actor: Actor, at: datetime, undone: bool) -> None:
    """Record it on every case whose customer or participant moved. Called inside the transaction of the decision."""
    keys = {key for part in change.moved if part["model"] == ServiceCase._meta.label for key in part["keys"]}
    taken = [key for part in change.moved if part["model"] == Participant._meta.label for key in part["keys"]]
    keys |= set(Participant.objects.filter(pk__in=taken).values_list("case_id", flat=True))
    for case in ServiceCase.objects.filter(pk__in=keys).order_by("pk"):
        record(
            subject=subject_of(case), kind="action", actor=actor, at=at, refs={"party_change": str(change.public_id)},
            body={
                "action": f"undo_{change.what}" if undone else change.what, "reason": change.undone_reason if undone else change.reason,
            },
        )  # fmt: skip
