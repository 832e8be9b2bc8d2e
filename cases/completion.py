"""Completion is a test: which proof a flow or an item needs, whose word counts, and who may vouch for what was seen elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from cases.models import Confirmer, Proof, ServiceCase, WaitingItem
from conversations.models import Message
from foundation.errors import NotAllowed, WrongState
from people.models import Side, StaffMember

#: What counts as proof of each kind.
PROOF_TYPES: dict[str, frozenset[str]] = {
    Proof.IMAGE: frozenset({"image", "video"}),
    Proof.FILE: frozenset({"file", "image"}),
}


@dataclass(frozen=True)
class Vouching:
    """What one of our people says they know although the product has not seen it, in words that go on record.

    :param confirmed: how whoever has to confirm did so elsewhere (on the phone, at the door). Any handler may say it.
    :param proof: why the proof is waived. A supervisor's decision.
    :param answered: what became of the answers that we owe the customer still (said on the phone, asked for no longer).
    """

    by: StaffMember | None = None
    confirmed: str = ""
    proof: str = ""
    answered: str = ""


NOTHING = Vouching()


def check_proof_of_wait(wait: WaitingItem, *, vouching: Vouching = NOTHING) -> None:
    """That an item may be closed as given.

    :raises WrongState: `unproven`, when it needs a picture or a file, and none that is good has come.
    :raises NotAllowed: when somebody other than a supervisor waives the proof.
    """
    kinds = PROOF_TYPES.get(wait.proof)
    if kinds is None or wait.materials.filter(type__in=kinds).exclude(state="rejected").exists():
        return
    if _waived(vouching):
        return
    raise WrongState(_("The proof that this item asks for has not come yet."), code="unproven")


def check_completion(case: ServiceCase, *, message: Message | None, note: str, vouching: Vouching = NOTHING) -> None:
    """That a case may be closed as done.

    :raises WrongState: `unproven` or `unconfirmed`, when the flow's rule is not met.
    :raises NotAllowed: when somebody vouches for what they may not.
    """
    if not _is_proven(case, message=message, note=note) and not _waived(vouching):
        raise WrongState(_("The proof of completion that this flow asks for has not come yet."), code="unproven")
    _check_confirmed(case, message=message, vouching=vouching)


def check_nothing_owed(case: ServiceCase, *, vouching: Vouching) -> None:
    """That nobody of ours closes a case while we owe its customer an answer, unless they say what became of it.

    The word of a customer that all is well ends it without: they are the one who waits.

    :raises WrongState: `owed` otherwise.
    """
    if vouching.by is None or vouching.answered.strip():
        return
    owed = case.waits.open().answers_owed().order_by("due_at", "pk").first()
    if owed is not None:
        raise WrongState(
            _("We still owe the customer this: “%(need)s”. Answer first, or say what became of it.") % {"need": owed.need}, code="owed"
        )  # fmt: skip


def _waived(vouching: Vouching) -> bool:
    if not vouching.proof.strip():
        return False
    if vouching.by is None or not vouching.by.is_supervisor:
        raise NotAllowed(_("Only a supervisor can close without the proof."))
    return True


def _is_proven(case: ServiceCase, *, message: Message | None, note: str) -> bool:
    proof = case.flow.completion_proof
    if proof == Proof.NONE:
        return True
    if proof in (Proof.TEXT, Proof.SYSTEM_RECORD):
        # Words: what somebody wrote, or the number of a record that one of our people names.
        return bool(note.strip()) or (proof == Proof.TEXT and message is not None and bool(message.text.strip()))
    # What was collected at the beginning (the flow's list) shows how it was, not that it is done.
    good = case.materials.filter(type__in=PROOF_TYPES[proof]).exclude(state="rejected")
    good = good.filter(Q(wait__isnull=True) | Q(wait__requirement__isnull=True))
    if case.reopened_at is not None:
        good = good.filter(received_at__gte=case.reopened_at)
    return good.exists()


def _check_confirmed(case: ServiceCase, *, message: Message | None, vouching: Vouching) -> None:
    wanted = case.flow.completion_by
    if wanted == Confirmer.ANYONE:
        return
    said_by = message.sender if message is not None else None
    staff = vouching.by or (said_by.staff if said_by is not None and said_by.staff_id else None)
    if wanted == Confirmer.SUPERVISOR:
        if staff is None or not staff.is_supervisor:
            raise WrongState(_("A supervisor has to confirm that this is done."), code="unconfirmed")
        return
    if wanted == Confirmer.STAFF:
        if staff is None:
            raise WrongState(_("One of our people has to confirm that this is done."), code="unconfirmed")
        return
    side = Side.CUSTOMER if wanted == Confirmer.CUSTOMER else Side.PARTNER
    if said_by is not None and said_by.side == side and not said_by.coordinates_only:
        return
    answered = case.waits.filter(
        state="completed", need_kind="confirmation", on__side=side, answered_by__sender_side=side
    )
    if case.reopened_at is not None:
        answered = answered.filter(closed_at__gte=case.reopened_at)
    if answered.exists():
        return
    if vouching.confirmed.strip() and staff is not None:
        return
    words = {
        Side.CUSTOMER: _("The customer has not confirmed yet. If they did so elsewhere, say how."),
        Side.PARTNER: _("The partner has not confirmed yet. If they did so elsewhere, say how."),
    }
    raise WrongState(words[side], code="unconfirmed")
