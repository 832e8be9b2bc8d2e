"""What colleagues note on a case, whom they mention, and what is known about where it stands."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import CaseNote, NoteMention, ServiceCase, StatusFact
from cases.operations.common import lock_cases, subject_of
from conversations.models import Message
from evidence.operations import record
from foundation.actors import Actor
from foundation.errors import Refused
from people.models import StaffMember


def add_note(*, case_id: int, by: StaffMember | None, text: str, actor: Actor, at: datetime) -> CaseNote:
    """Write a note on a case; customers and partners never see it.

    :raises Refused: when it is empty.
    """
    if not text.strip():
        raise Refused(_("The note is empty."), code="empty")
    with transaction.atomic():
        case = lock_cases([case_id])[0]
        note = CaseNote.objects.create(case=case, author=by, text=text.strip()[:4000], at=at)
        mentioned = mentioned_in(note.text)
        NoteMention.objects.bulk_create(NoteMention(note=note, staff=staff) for staff in mentioned if staff != by)
        record(
            subject=subject_of(case), kind="action", actor=actor, at=at, refs={"case": str(case.public_id)},
            body={"action": "note", "note": note.text, "mentions": [staff.name for staff in mentioned]},
        )  # fmt: skip
        return note


def mentioned_in(text: str) -> list[StaffMember]:
    """Colleagues whom `@name` in a text names; of names that begin alike, the longest."""
    if "@" not in text:
        return []
    found: dict[int, StaffMember] = {}
    names = sorted(StaffMember.objects.active(), key=lambda staff: -len(staff.name))
    for part in text.split("@")[1:]:
        staff = next((staff for staff in names if staff.name and part.startswith(staff.name)), None)
        if staff is not None:
            found.setdefault(staff.pk, staff)
    return list(found.values())


def see_mentions(*, case_id: int, by: StaffMember, at: datetime) -> int:
    """Somebody has seen what they were mentioned in on a case. Returns how many notes."""
    return NoteMention.objects.filter(note__case=case_id, staff=by, seen_at__isnull=True).update(seen_at=at)


def note_fact(
    *,
    case: ServiceCase,
    message: Message | None,
    subject: str,
    words: str,
    blocked: bool,
    fact_at: datetime,
    at: datetime,
    appointment_at: datetime | None = None,
) -> StatusFact:
    """Keep what is now known about where a case stands.

    :param appointment_at: when somebody comes, where that is what became known; what was said later holds.
    """
    later = case.facts.filter(subject="appointment", fact_at__gt=fact_at)
    if subject == "appointment" and appointment_at != case.appointment_at and not later.exists():
        case.appointment_at, case.appointment_until = appointment_at, None
        case.save(update_fields=["appointment_at", "appointment_until"])
    return StatusFact.objects.create(
        case=case, message=message, subject=subject, words=words, blocked=blocked, fact_at=fact_at, recorded_at=at
    )
