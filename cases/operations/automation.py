"""Whether a case is answered by hand or by the rules."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from cases.models import ServiceCase
from cases.operations.common import bump, lock_cases, subject_of
from evidence.operations import record
from foundation.actors import Actor


def stop_automation(*, case_id: int, actor: Actor, at: datetime) -> ServiceCase:
    """Somebody answers this case by hand from now on: nothing goes out by rule until it is handed back."""
    with transaction.atomic():
        case = lock_cases([case_id])[0]
        if case.automation_stopped_at is None:
            ServiceCase.objects.filter(pk=case.pk).update(automation_stopped_at=at)
            bump(case)
            record(
                subject=subject_of(case), kind="action", actor=actor, at=at,
                refs={"case": str(case.public_id)}, body={"action": "take_over"},
            )  # fmt: skip
        return case


def resume_automation(*, case_id: int, actor: Actor, at: datetime) -> ServiceCase:
    """Hand the case back to the rules."""
    with transaction.atomic():
        case = lock_cases([case_id])[0]
        if case.automation_stopped_at is not None:
            ServiceCase.objects.filter(pk=case.pk).update(automation_stopped_at=None)
            bump(case)
            record(
                subject=subject_of(case), kind="action", actor=actor, at=at,
                refs={"case": str(case.public_id)}, body={"action": "hand_back"},
            )  # fmt: skip
        return case
