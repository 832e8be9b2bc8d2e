"""What a decision about who is who leaves on the chains of the cases that it touches."""

from __future__ import annotations

from datetime import datetime

from cases.models import CaseConversation, Participant, ServiceCase
from cases.operations import subject_of
from conversations.models import Conversation
from evidence.operations import Subject, record
from foundation.actors import Actor
from people.models import PartyChange


def note_change(change: PartyChange, actor: Actor, at: datetime, undone: bool) -> None:
    """Record it on every case whose customer or participant moved. Called inside the transaction of the decision.

    Who an identity is, is recorded on the cases of the conversations in which it wrote, or on those conversations while they have no case.
    """
    keys = {key for part in change.moved if part["model"] == ServiceCase._meta.label for key in part["keys"]}
    taken = [key for part in change.moved if part["model"] == Participant._meta.label for key in part["keys"]]
    keys |= set(Participant.objects.filter(pk__in=taken).values_list("case_id", flat=True))
    if change.what == PartyChange.What.PERSON_PLACED:
        keys |= set(Participant.objects.filter(person=change.person_id).values_list("case_id", flat=True))
    subjects = []
    if change.identity_id is not None:
        talks = Conversation.objects.filter(messages__identity=change.identity_id).distinct()
        keys |= set(CaseConversation.objects.filter(conversation__in=talks).values_list("case_id", flat=True))
        bare = talks.exclude(case_links__isnull=False).order_by("pk")
        subjects = [Subject("conversation", str(one.public_id)) for one in bare]
    subjects += [subject_of(case) for case in ServiceCase.objects.filter(pk__in=keys).order_by("pk")]
    for subject in subjects:
        record(
            subject=subject, kind="action", actor=actor, at=at, refs={"party_change": str(change.public_id)},
            body={
                "action": f"undo_{change.what}" if undone else change.what, "reason": change.undone_reason if undone else change.reason,
            },
        )  # fmt: skip
