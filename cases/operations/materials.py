"""Material comes, late and surplus pieces too, is joined to what asked for it, and is judged."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from cases import calendars
from cases.completion import PROOF_TYPES
from cases.models import Material, WaitingItem
from cases.operations.common import Fact, bump, check_may, check_open, lock_cases, lock_wait, save_move, subject_of
from cases.operations.waits import cancel_wait, complete_wait, open_wait
from conversations.models import Attachment, Message
from evidence.operations import EntryDraft, record, record_many
from foundation.errors import Refused, WrongState
from people.models import StaffMember


def receive_materials(
    *,
    wait_id: int,
    attachments: Iterable[Attachment],
    fact: Fact,
    final: bool = True,
) -> WaitingItem:
    """Join material to its item. When enough has come the item is `material_received` (`final`) and ours to check.

    Where the item still lacks some, it stays as it is with the count raised.
    """
    with transaction.atomic():
        wait = lock_wait(wait_id)
        check_open(wait)
        rows: list[Attachment | None] = list(attachments) or [None]
        fitting = [row for row in rows if fits(wait, row)]
        message = fact.message
        if message is not None:
            Material.objects.bulk_create(
                Material(
                    case=wait.case, wait=wait, message=message, attachment=row, type=row.type if row else "text",
                    received_at=fact.at, state=Material.State.RECEIVED if row in fitting else Material.State.SURPLUS,
                )
                for row in rows
            )  # fmt: skip
            record_many(
                subject=subject_of(wait.case),
                entries=[
                    EntryDraft(
                        "material",
                        fact.actor,
                        fact.at,
                        {
                            "wait": str(wait.public_id),
                            "message": str(message.public_id),
                            **({"attachment": str(row.public_id)} if row else {}),
                        },
                        {"type": row.type if row else "text", "need": wait.need},
                    )
                    for row in rows
                ],
            )
        return _count(wait, len(fitting), settles=final and bool(fitting), message=message, fact=fact)


def _count(wait: WaitingItem, number: int, *, settles: bool, message: Message | None, fact: Fact) -> WaitingItem:
    """Count what came at an item. Where it `settles` the item and is enough, the next thing is ours: to check it."""
    before, due = str(wait.state), wait.due_at
    wait.count_received += number
    enough = settles and wait.count_received >= wait.count_needed
    if enough:
        check_may(wait, wait.receive_material)
        wait.receive_material()
        wait.answered_by = message
        wait.set_due(calendars.due_time(wait.case.flow, wait.state, at=fact.at))
    return save_move(wait, kind="material" if enough else "partial", fact=fact, from_state=before, due_before=due)


def fits(wait: WaitingItem, row: Attachment | None) -> bool:
    """Whether a thing is of the kind that an item asks for: a sticker is no photo."""
    kind = row.type if row is not None else "text"
    return kind in PROOF_TYPES.get(wait.proof, frozenset({kind})) and kind != "sticker"


def add_material(*, case_id: int, attachments: Iterable[Attachment], fact: Fact) -> list[Material]:
    """Material that no open item asks for: it is joined to the item that asked for its kind last, and is surplus there.

    Where that item is ours to check, it is one more piece to check. Where what came before was not good and nobody has asked again yet, it
    is what we were about to ask for: an item to check it replaces the old one.
    """
    assert fact.message is not None
    with transaction.atomic():
        case = lock_cases([case_id])[0]
        asked = list(case.waits.filter(need_kind="material").order_by("-pk").select_related("on")[:10])
        made = []
        for row in attachments:
            if row.type == "sticker" or Material.objects.filter(attachment=row).exists():
                continue
            wait = next((one for one in asked if fits(one, row)), None)
            fresh = wait is not None and (wait.is_open or _wants_better(wait))
            if wait is not None and not wait.is_open and fresh:
                wait = open_wait(
                    case=case, state="material_received", on=wait.on, on_role=wait.on_role, need=wait.need, need_kind=wait.need_kind,
                    fact=fact, requirement=wait.requirement, count_needed=wait.count_needed, proof=wait.proof,
                    asked_in=wait.asked_in, requested_in=wait.requested_in, replaces=wait,
                )  # fmt: skip
                Material.objects.filter(wait=wait.replaces, asked_again_at__isnull=True).update(asked_again_at=fact.at)
                asked.insert(0, wait)
            state = Material.State.RECEIVED if fresh else Material.State.SURPLUS
            made.append(
                Material.objects.create(
                    case=case, wait=wait, message=fact.message, attachment=row, type=row.type, received_at=fact.at, state=state
                )
            )  # fmt: skip
            refs = {"message": str(fact.message.public_id), "attachment": str(row.public_id)}
            if wait is not None:
                refs["wait"] = str(wait.public_id)
            body = {"type": row.type, "need": wait.need if wait is not None else "", "state": str(state)}
            record(subject=subject_of(case), kind="material", actor=fact.actor, at=fact.at, refs=refs, body=body)
        if made:
            bump(case)
        return made


def _wants_better(wait: WaitingItem) -> bool:
    """Whether what came for a closed item was not good, and nothing has replaced it yet."""
    return wait.close_reason == "material_rejected" and not wait.replaced_by.exists()


def move_material(*, material_id: int, to_wait_id: int, fact: Fact) -> Material:
    """Book a piece of material that stands at the wrong item to another one of its customer: of the same case, or of another open one.

    There it counts as having come now, and is ours to check. Where the item that it leaves has too little then, the customer still owes the rest: that
    item closes as `material_moved`, and one that waits for material replaces it, with what is left.

    :raises WrongState: when it was judged already, or the other item is closed.
    :raises Refused: when the other item is of another customer, or asks for another kind of thing.
    """
    with transaction.atomic():
        case_id, left_id = Material.objects.values_list("case_id", "wait_id").get(pk=material_id)
        into_id = WaitingItem.objects.values_list("case_id", flat=True).get(pk=to_wait_id)
        cases = {case.pk: case for case in lock_cases([case_id, into_id])}
        material = (
            Material.objects.select_for_update(of=("self",)).select_related("message", "attachment").get(pk=material_id)
        )
        if material.state not in (Material.State.RECEIVED, Material.State.SURPLUS):
            raise WrongState(_("This material was checked already."))
        wait = lock_wait(to_wait_id)
        check_open(wait)
        if (
            cases[into_id].customer_id != cases[case_id].customer_id
            or wait.pk == left_id
            or wait.need_kind != "material"
        ):
            raise Refused(_("Choose another item of this customer that asks for material."), code="not_its_item")
        if not fits(wait, material.attachment):
            raise Refused(_("“%(need)s” asks for another kind of thing.") % {"need": wait.need}, code="unfit")
        left = lock_wait(left_id) if left_id is not None else None
        counted = material.state == Material.State.RECEIVED
        material.case, material.wait, material.state = wait.case, wait, Material.State.RECEIVED
        material.save(update_fields=["case", "wait", "state"])
        _record_moved(material, left, wait, fact)
        if left is not None and left.is_open and counted:
            _take_away(left, fact)
        elif case_id != into_id:
            bump(cases[case_id])
        _count(wait, 1, settles=wait.state != "material_received", message=material.message, fact=fact)
        return material


def _record_moved(material: Material, left: WaitingItem | None, wait: WaitingItem, fact: Fact) -> None:
    """Put on the record of each case that it concerns from where to where a piece went, and why."""
    refs = {"message": str(material.message.public_id), "wait": str(wait.public_id)}
    if material.attachment is not None:
        refs["attachment"] = str(material.attachment.public_id)
    body = {
        "action": "move_material", "need": wait.need, "from": left.need if left is not None else "", "number": wait.case.number, "reason": fact.reason,
    }  # fmt: skip
    for case in {wait.case_id: wait.case, **({left.case_id: left.case} if left is not None else {})}.values():
        record(subject=subject_of(case), kind="action", actor=fact.actor, at=fact.at, refs=refs, body=body)


def _take_away(left: WaitingItem, fact: Fact) -> None:
    """One counted piece less at an item. What came before and is still there goes to the item that replaces it."""
    before, due = str(left.state), left.due_at
    left.count_received = max(0, left.count_received - 1)
    if left.state != "material_received" or left.count_received >= left.count_needed:
        save_move(left, kind="partial", fact=fact, from_state=before, due_before=due)
        return
    left.save(update_fields=["count_received"])
    anew = open_wait(
        case=left.case, state="waiting_customer_material", on=left.on, on_role=left.on_role, need=left.need, need_kind=left.need_kind,
        fact=Fact(fact.actor, fact.at, fact.said_at, None, "material_moved"), requirement=left.requirement, count_needed=left.count_needed,
        proof=left.proof, asked_in=left.asked_in, requested_in=left.requested_in, customer_wording=left.customer_wording,
        internal_note=left.internal_note, risk=left.risk, owner=left.owner, roster=left.roster, for_side=left.for_side, replaces=left,
    )  # fmt: skip
    anew.asked_by_message, anew.count_received, anew.stands_in_for = (
        left.asked_by_message,
        left.count_received,
        left.stands_in_for,
    )
    anew.save(update_fields=["asked_by_message", "count_received", "stands_in_for"])
    left.materials.filter(state__in=[Material.State.RECEIVED, Material.State.ACCEPTED]).update(wait=anew)
    cancel_wait(wait_id=left.pk, fact=Fact(fact.actor, fact.at, fact.said_at, None, "material_moved"))


def judge_material(*, material_id: int, accept: bool, by: StaffMember | None, fact: Fact) -> Material:
    """Say whether a piece of material is good: 合格 or 不合格, with the reason.

    When enough is accepted, the item is completed. When too little can still be accepted, it is closed as `material_rejected`; a draft that
    asks again is written by whoever looks for rejected material (`asked_again_at`), and its release opens the item that replaces this one.

    :raises WrongState: when it was judged already. :raises Refused: when a rejection gives no reason.
    """
    if not accept and not fact.reason.strip():
        raise Refused(_("Say why the material is not good."), code="reason_missing")
    with transaction.atomic():
        case_id, wait_id = Material.objects.values_list("case_id", "wait_id").get(pk=material_id)
        case = lock_cases([case_id])[0]
        material = Material.objects.select_for_update(of=("self",)).select_related("message").get(pk=material_id)
        if material.state not in (Material.State.RECEIVED, Material.State.SURPLUS):
            raise WrongState(_("This material was checked already."))
        material.state = Material.State.ACCEPTED if accept else Material.State.REJECTED
        material.reason, material.judged_at, material.judged_by = fact.reason[:255], fact.at, by
        material.save(update_fields=["state", "reason", "judged_at", "judged_by"])
        record(
            subject=subject_of(case), kind="review", actor=fact.actor, at=fact.at,
            refs={"message": str(material.message.public_id)},
            body={"do": "accept_material" if accept else "reject_material", "reason": fact.reason, "accepted": True},
        )  # fmt: skip
        if wait_id is None:
            return material
        wait = lock_wait(wait_id)
        if not wait.is_open:
            return material
        states = list(wait.materials.values_list("state", flat=True))
        good, unseen = states.count(Material.State.ACCEPTED), states.count(Material.State.RECEIVED)
        if good >= wait.count_needed:
            wait.materials.filter(state=Material.State.RECEIVED).update(state=Material.State.SURPLUS)
            complete_wait(wait_id=wait_id, fact=Fact(fact.actor, fact.at, fact.said_at, None, "accepted"))
        elif not accept and wait.state == "material_received" and good + unseen < wait.count_needed:
            cancel_wait(wait_id=wait_id, fact=Fact(fact.actor, fact.at, fact.said_at, None, "material_rejected"))
        return material
