"""The end of a shift: a list of items with a note, offered, accepted, declined, or falling to the lead."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import HandOver, WaitingItem
from cases.operations.common import Fact, subject_of
from cases.operations.owners import check_theirs, fall_to
from cases.shifts import shift_lead, workers
from evidence.operations import EntryDraft, record_many
from foundation.actors import Actor
from foundation.errors import NotAllowed, Refused, WrongState
from people.models import StaffMember

#: How long a colleague has to accept a hand-over before it falls to the lead.
HAND_OVER_WITHIN = timedelta(minutes=30)


def offer_hand_over(
    *, wait_ids: Iterable[int], giver: StaffMember, taker: StaffMember, note: str, actor: Actor, at: datetime
) -> HandOver:
    """Offer open items to a colleague, with a note. They stay with the giver until accepted, and fall to the shift's lead after half an hour.

    :raises Refused: when there is nothing to hand over, the taker is the giver, has left, cannot work on cases or has nothing to do with an
        item (`shifts.fits`), or an item is on offer already.
    """
    rows = WaitingItem.objects.open().filter(pk__in=set(wait_ids), owner=giver)
    items = list(
        rows.select_related("roster__lead", "case__flow__roster__lead", "case__flow__supervisor").order_by("pk")
    )
    if not items or taker == giver:
        raise Refused(_("There is nothing to hand over."), code="nothing")
    if taker.left_at is not None:
        raise Refused(_("%(name)s does not work here any more.") % {"name": taker.name}, code="left")
    if not workers().filter(pk=taker.pk).exists():
        raise Refused(_("%(name)s cannot work on cases.") % {"name": taker.name}, code="cannot_work")
    check_theirs(taker, items, giver=giver, at=at)
    if HandOver.objects.filter(state=HandOver.State.OFFERED, items__in=items).exists():
        raise Refused(_("Some of these items are on offer already."), code="offered")
    with transaction.atomic():
        row = HandOver.objects.create(
            giver=giver, taker=taker, lead=shift_lead(giver, items, at=at), note=note.strip(), offered_at=at, until=at + HAND_OVER_WITHIN
        )  # fmt: skip
        row.items.set(items)
        _record_offer(row, items, actor=actor)
        return row


def _record_offer(row: HandOver, items: list[WaitingItem], *, actor: Actor) -> None:
    """On the chain of each case, in order of its id: what was offered to whom, with the note. What becomes of it is an entry of its own."""
    by_case: dict[int, list[WaitingItem]] = {}
    for item in items:
        by_case.setdefault(item.case_id, []).append(item)
    for _pk, offered in sorted(by_case.items()):
        case = offered[0].case
        entries = [
            EntryDraft(
                "action", actor, row.offered_at, {"case": str(case.public_id), "wait": str(item.public_id)},
                {
                    "action": "offer_hand_over", "need": item.need, "from": row.giver.name, "to": row.taker.name, "lead": row.lead.name,
                    "until": row.until.isoformat(), "note": row.note,
                },
            )
            for item in offered
        ]  # fmt: skip
        record_many(subject=subject_of(case), entries=entries)


def accept_hand_over(*, hand_over_id: int, by: StaffMember, actor: Actor, at: datetime) -> HandOver:
    """Take what was offered.

    :raises NotAllowed: to anybody but the taker and the lead. :raises WrongState: when it is settled.
    """
    with transaction.atomic():
        row = _offered_to(hand_over_id, by)
        return _settle_hand_over(row, to=by, state=HandOver.State.ACCEPTED, actor=actor, at=at)


def decline_hand_over(*, hand_over_id: int, by: StaffMember, actor: Actor, at: datetime) -> HandOver:
    """Say that one cannot take it: it falls to the lead at once instead of after half an hour.

    :raises NotAllowed: to anybody but the taker and the lead. :raises WrongState: when it is settled.
    """
    with transaction.atomic():
        row = _offered_to(hand_over_id, by)
        return _settle_hand_over(row, to=_lead_now(row, at=at), state=HandOver.State.FALLEN, actor=actor, at=at)


def _offered_to(hand_over_id: int, by: StaffMember) -> HandOver:
    rows = HandOver.objects.select_for_update(of=("self",)).select_related("giver", "taker", "lead")
    row = rows.get(pk=hand_over_id)
    if by not in (row.taker, row.lead):
        raise NotAllowed(_("This was offered to somebody else."))
    if row.state != HandOver.State.OFFERED:
        raise WrongState(_("This hand-over is settled already."))
    return row


def _lead_now(row: HandOver, *, at: datetime) -> StaffMember:
    """The lead that was named, or who leads the shift now where they have left."""
    if row.lead.left_at is None:
        return row.lead
    items = row.items.select_related("roster__lead", "case__flow__roster__lead", "case__flow__supervisor")
    return shift_lead(row.giver, list(items), at=at)


def sweep_hand_overs(*, at: datetime) -> int:
    """What nobody accepted in time falls to the lead."""
    count = 0
    for pk in HandOver.objects.filter(state=HandOver.State.OFFERED, until__lte=at).values_list("pk", flat=True):
        with transaction.atomic():
            row = HandOver.objects.select_for_update(of=("self",)).select_related("giver", "lead").get(pk=pk)
            if row.state == HandOver.State.OFFERED:
                _settle_hand_over(
                    row, to=_lead_now(row, at=at), state=HandOver.State.FALLEN, actor=Actor.machine("sweep"), at=at
                )
                count += 1
    return count


def _settle_hand_over(row: HandOver, *, to: StaffMember, state: str, actor: Actor, at: datetime) -> HandOver:
    row.state, row.settled_at = state, at
    if state == HandOver.State.FALLEN:
        row.lead = to
    row.save(update_fields=["state", "settled_at", "lead"])
    for pk in row.items.filter(closed_at__isnull=True, owner=row.giver_id).values_list("pk", flat=True):
        fall_to(wait_id=pk, to=to, fact=Fact(actor, at, at, None, f"hand_over_{state}"))
    return row
