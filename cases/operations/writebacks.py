"""Those who asked have to be told: the debt, and its settlement by a delivered notice or by somebody's word."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases import calendars
from cases.facts import note_service_fact
from cases.models import ServiceCase, ServiceFact, WaitingItem, Writeback, WritebackState
from cases.operations.common import lock_cases, subject_of
from conversations.models import Conversation
from evidence.operations import record
from foundation.actors import Actor
from foundation.errors import Refused, WrongState
from people.models import StaffMember


def owe_writeback(
    *, case: ServiceCase, to: Conversation, about: str, words: str, at: datetime, wait: WaitingItem | None = None
) -> Writeback:
    """Note that those who asked have to be told; `triage` sends it, and it stays open until delivery is seen."""
    due = calendars.work_calendar(case.flow.calendar).add_working(at, calendars.WRITEBACK)
    return Writeback.objects.create(
        case=case,
        wait=wait,
        to=to,
        about=about,
        words=words,
        created_at=at,
        due_at=due,
        remind_at=due,
    )


def mark_writeback_told(
    *, outbound_ref: Any, by: str, actor: Actor, at: datetime, released_at: datetime | None = None
) -> int:
    """The notice of these writebacks was delivered.

    :param released_at: when the notice was released; the time until its tap is measured apart.
    """
    told = 0
    for row in Writeback.objects.select_related("case").filter(outbound_ref=outbound_ref, state=WritebackState.OPEN):
        _told(row, by=by, actor=actor, at=at, released_at=released_at)
        told += 1
    return told


def settle_writeback(
    *, writeback_id: int, told: bool, reason: str, by: StaffMember, actor: Actor, at: datetime
) -> Writeback:
    """One of our people says that they told those who asked, or that they need not be told, and why.

    :raises WrongState: when it is settled. :raises Refused: when it is waived without a reason.
    """
    if not told and not reason.strip():
        raise Refused(_("Say why nobody has to be told."), code="reason_missing")
    with transaction.atomic():
        case_id = Writeback.objects.values_list("case_id", flat=True).get(pk=writeback_id)
        lock_cases([case_id])
        row = Writeback.objects.select_for_update(of=("self",)).select_related("case").get(pk=writeback_id)
        if row.state != WritebackState.OPEN:
            raise WrongState(_("This notice is settled already."))
        row.settle_reason = reason.strip()[:255]
        if told:
            _told(row, by=by.name, actor=actor, at=at, released_at=None)
            return row
        row.state, row.remind_at, row.delivered_by = WritebackState.WAIVED, None, by.name[:64]
        row.save(update_fields=["state", "remind_at", "delivered_by", "settle_reason"])
        record(
            subject=subject_of(row.case), kind="state_change", actor=actor, at=at, refs={"writeback": str(row.public_id)},
            body={"what": "writeback", "to": "waived", "about": row.about, "reason": reason.strip()},
        )  # fmt: skip
        return row


def _told(row: Writeback, *, by: str, actor: Actor, at: datetime, released_at: datetime | None) -> None:
    row.state, row.delivered_at, row.delivered_by, row.remind_at = WritebackState.DELIVERED, at, by[:64], None
    row.save(update_fields=["state", "delivered_at", "delivered_by", "remind_at", "settle_reason"])
    refs = {"writeback": str(row.public_id)}
    if row.outbound_ref is not None:
        refs["outbound"] = str(row.outbound_ref)
    body = {"what": "writeback", "to": "delivered", "about": row.about}
    if row.settle_reason:
        body["reason"] = row.settle_reason
    record(subject=subject_of(row.case), kind="state_change", actor=actor, at=at, refs=refs, body=body)
    note_service_fact(
        kind=ServiceFact.Kind.TOLD, case=row.case, wait=row.wait, started_at=row.created_at, released_at=released_at,
        ended_at=at, detail=row.about, ref=row.public_id.hex,
    )  # fmt: skip
