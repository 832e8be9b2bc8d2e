"""Appointments that one of us sets: agreed by telephone, offered to the customer, moved, called off. What is said to whom follows in higher rooms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import CaseState, ServiceCase
from cases.operations import Fact, bump, complete_wait, lock_cases, note_fact, subject_of
from evidence.operations import record
from foundation.errors import Refused, WrongState
from foundation.masking import masked_phone

#: Nobody waits longer than this for somebody who was to come between two times.
LONGEST = timedelta(hours=12)
#: An appointment further ahead is a slip of the pen.
FARTHEST = timedelta(days=366)
_DAYS = "一二三四五六日"


@dataclass(frozen=True)
class Visit:
    """Who comes, and when.

    :param until: the end of the window, None where a time was agreed.
    :param visitor: as we and the partner call them; empty where nobody is named, None leaves who is known. :param phone: likewise.
    """

    starts_at: datetime
    until: datetime | None = None
    visitor: str | None = ""
    phone: str | None = ""


@dataclass(frozen=True)
class Appointed:
    """What one of us did about an appointment: ``agreed``, ``moved``, ``offered`` (the customer has to say yes) or ``called_off``."""

    kind: str
    case: ServiceCase
    visit: Visit | None
    before: datetime | None
    tell_customer: bool
    tell_partner: bool
    fact: Fact


_effects: list[Callable[[Appointed], None]] = []


def register_appointment_effect(effect: Callable[[Appointed], None]) -> None:
    """Let a higher room tell those who have to know. Called inside the transaction."""
    if effect not in _effects:
        _effects.append(effect)


def visit_words(starts_at: datetime, until: datetime | None = None, *, english: bool = False) -> str:
    """A day and a time or a window, in words that leave no doubt, by the clock of the place."""
    begin = timezone.localtime(starts_at)
    end = timezone.localtime(until) if until is not None else None
    span = f"{begin:%H:%M}" if english else f"{begin.hour}:{begin.minute:02d}"
    if end is not None:
        span = f"{span}–{end:%H:%M}" if english else f"{span}-{end.hour}:{end.minute:02d}"
    if english:
        return f"{begin:%A}, {begin.day} {begin:%B}, {span}"
    return f"{begin.month}月{begin.day}日（周{_DAYS[begin.weekday()]}）{span}"


def check_visit(visit: Visit, *, at: datetime) -> None:
    """That a visit can be meant.

    :raises Refused: when it is over, more than a year ahead, or its window ends before it begins or is longer than half a day.
    """
    if visit.starts_at <= at:
        raise Refused(_("The appointment must be in the future."), code="past")
    if visit.starts_at > at + FARTHEST:
        raise Refused(_("An appointment is at most a year ahead."), code="too_far")
    if visit.until is not None and not visit.starts_at < visit.until <= visit.starts_at + LONGEST:
        raise Refused(_("The window must end after it begins, at most twelve hours later."), code="window")


def set_appointment(
    *, case_id: int, visit: Visit, fact: Fact, tell_customer: bool = True, tell_partner: bool = False
) -> ServiceCase:
    """An appointment stands from now on, or stands at another time: what waited for a time is closed.

    :raises WrongState: when the case is not open. :raises Refused: by `check_visit`, or when this very appointment stands already.
    """
    check_visit(visit, at=fact.at)
    with transaction.atomic():
        case = _open(case_id)
        visit = _completed(case, visit)
        before = case.appointment_at
        same = (visit.starts_at, visit.until, visit.visitor, visit.phone)
        if same == (before, case.appointment_until, case.visitor, case.visitor_phone):
            raise Refused(_("This appointment stands already."), code="same")
        for pk in case.waits.open().filter(state="waiting_appointment").values_list("pk", flat=True):
            complete_wait(wait_id=pk, fact=Fact(fact.actor, fact.at, fact.said_at, fact.message, "time_agreed"))
        words = visit_words(visit.starts_at, visit.until)
        note_fact(
            case=case, message=fact.message, subject="appointment", words=f"已约定{words}上门", blocked=False, fact_at=fact.said_at,
            at=fact.at, appointment_at=visit.starts_at,
        )  # fmt: skip
        case.appointment_at, case.appointment_until = visit.starts_at, visit.until
        case.visitor, case.visitor_phone = visit.visitor or "", visit.phone or ""
        case.save(update_fields=["appointment_at", "appointment_until", "visitor", "visitor_phone"])
        kind = "moved" if before is not None and before != visit.starts_at else "agreed"
        return _done(Appointed(kind, case, visit, before, tell_customer, tell_partner, fact))


def _completed(case: ServiceCase, visit: Visit) -> Visit:
    """A visit with what is known already: what is left out, and the number where somebody who sees only its mask sends that back."""
    visitor = case.visitor if visit.visitor is None else visit.visitor.strip()[:64]
    phone = case.visitor_phone if visit.phone is None else visit.phone.strip()[:32]
    hidden = bool(phone) and phone == masked_phone(case.visitor_phone)
    return replace(visit, visitor=visitor, phone=case.visitor_phone if hidden else phone)


def offer_appointment(*, case_id: int, visit: Visit, fact: Fact) -> ServiceCase:
    """The customer is asked whether a time suits them; an appointment that stands goes on standing until they say so.

    :raises WrongState: when the case is not open. :raises Refused: by `check_visit`.
    """
    check_visit(visit, at=fact.at)
    with transaction.atomic():
        case = _open(case_id)
        visit = _completed(case, visit)
        note_fact(
            case=case, message=fact.message, subject="appointment_offer", words=visit_words(visit.starts_at, visit.until),
            blocked=False, fact_at=fact.said_at, at=fact.at,
        )  # fmt: skip
        case.visitor, case.visitor_phone = visit.visitor or "", visit.phone or ""
        case.save(update_fields=["visitor", "visitor_phone"])
        return _done(Appointed("offered", case, visit, case.appointment_at, True, False, fact))


def call_off_appointment(
    *, case_id: int, fact: Fact, tell_customer: bool = True, tell_partner: bool = True
) -> ServiceCase:
    """Nobody comes at the time that was agreed; the case goes on.

    :raises WrongState: when the case is not open, or no appointment stands.
    """
    with transaction.atomic():
        case = _open(case_id)
        before = case.appointment_at
        if before is None:
            raise WrongState(_("No appointment stands."))
        note_fact(
            case=case, message=fact.message, subject="appointment", words="", blocked=True, fact_at=fact.said_at, at=fact.at,
        )  # fmt: skip
        case.appointment_at = case.appointment_until = None
        case.visitor = case.visitor_phone = ""
        case.save(update_fields=["appointment_at", "appointment_until", "visitor", "visitor_phone"])
        return _done(Appointed("called_off", case, None, before, tell_customer, tell_partner, fact))


def _open(case_id: int) -> ServiceCase:
    lock_cases([case_id])
    case = ServiceCase.objects.select_related("flow__calendar", "customer", "partner", "conversation", "owner").get(
        pk=case_id
    )
    if case.state != CaseState.OPEN:
        raise WrongState(_("This case is not open."))
    return case


def _done(what: Appointed) -> ServiceCase:
    case, fact = what.case, what.fact
    bump(case)
    record(
        subject=subject_of(case), kind="action", actor=fact.actor, at=fact.at, refs={"case": str(case.public_id)},
        body={
            "action": f"appointment_{what.kind}", "at": what.visit.starts_at.isoformat() if what.visit else None,
            "until": what.visit.until.isoformat() if what.visit and what.visit.until else None,
            "when": visit_words(what.visit.starts_at, what.visit.until) if what.visit else "",
            "who": (what.visit.visitor or "") if what.visit else "", "before": what.before.isoformat() if what.before else None,
            "reason": fact.reason,
        },
    )  # fmt: skip
    for effect in _effects:
        effect(what)
    return case
