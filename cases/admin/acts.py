"""What the buttons of the case page do: each form is read here and carried out by one operation."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.dateparse import parse_datetime, parse_time
from django.utils.translation import gettext as _

from cases import appointments, intake, operations
from cases.completion import Vouching
from cases.models import ServiceCase, ServiceFlow, WaitingItem
from foundation.actors import Actor
from foundation.errors import Refused
from people.models import DutyRoster, StaffMember, staff_of


def act_on_case(
    request: HttpRequest, case: ServiceCase, staff: StaffMember, *, visible: QuerySet[ServiceCase]
) -> ServiceCase:
    """Carry out what the form says, on a case, on one of its items or on a piece of material.

    :param visible: the cases that the reader may see, to choose another from.
    :returns: the case to show next; another one where this one was joined to it.
    """
    actor, at, note = Actor.of_user(request.user), timezone.now(), request.POST.get("note", "").strip()
    fact = operations.Fact(actor, at, at, None, request.POST.get("reason", "") or "staff")
    said = operations.Fact(actor, at, at, None, note[:64] or "staff")
    vouching = Vouching(
        staff, *(request.POST.get(name, "").strip()[:255] for name in ("confirmed", "waived", "answered"))
    )
    match request.POST.get("do"):
        case "classify" | "join" as what:
            return _sort(request, case, what, fact, visible)
        case "complete":
            operations.complete_case(case_id=case.pk, fact=fact, note=note, vouching=vouching)
        case "cancel":
            operations.cancel_case(case_id=case.pk, fact=fact, note=note)
        case "reopen":
            operations.take_up_again(case_id=case.pk, fact=fact, note=note)
        case "take_over":
            operations.stop_automation(case_id=case.pk, actor=actor, at=at)
        case "hand_back":
            operations.resume_automation(case_id=case.pk, actor=actor, at=at)
        case "note":
            operations.add_note(case_id=case.pk, by=staff, text=note, actor=actor, at=at)
        case "seen":
            operations.see_mentions(case_id=case.pk, by=staff, at=at)
        case "owe":
            operations.owe_ourselves(case_id=case.pk, need=note, need_kind="action", due_at=_moment(request), fact=said)
        case "appoint" | "offer_time" | "call_off" as what:
            _appoint(request, case, what, said)
        case "accept_material" | "reject_material" as what:
            material = get_object_or_404(case.materials, pk=request.POST.get("material"))
            operations.judge_material(
                material_id=material.pk, accept=what == "accept_material", by=staff,
                fact=operations.Fact(actor, at, at, None, note),
            )  # fmt: skip
        case "move_material":
            _move_material(request, case, said, visible)
        case str() as what if what.startswith("wait_"):
            wait = get_object_or_404(case.waits, pk=request.POST.get("wait"))
            _act_on_wait(request, wait, what, said, vouching)
        case "writeback_told" | "writeback_waived" as what:
            owed = get_object_or_404(case.writebacks, pk=request.POST.get("writeback"))
            operations.settle_writeback(
                writeback_id=owed.pk, told=what == "writeback_told", reason=note, by=staff, actor=actor, at=at
            )
        case _:
            raise PermissionDenied
    return case


def _move_material(
    request: HttpRequest, case: ServiceCase, fact: operations.Fact, visible: QuerySet[ServiceCase]
) -> None:
    """Book a piece of material to another item, of a case that the reader may see."""
    material = get_object_or_404(case.materials, pk=request.POST.get("material"))
    to = request.POST.get("to", "")
    if not to.isdecimal():
        raise Refused(_("Choose to what it belongs."), code="wait_missing")
    wait = get_object_or_404(WaitingItem.objects.filter(case__in=visible.values("pk")), pk=to)
    operations.move_material(material_id=material.pk, to_wait_id=wait.pk, fact=fact)


def done_words(what: str) -> str:
    """What has happened, in words where that does not go without saying."""
    words = {
        "reject_material": _(
            "Noted. Where it is still needed, a text that asks for it again is drafted and checked as usual."
        ),
        "wait_pause": _("The clock stands: nobody is reminded until you let it run again."),
        "wait_resume": _("The clock runs again, with the working time that was left."),
        "reopen": _("Reopened. What led to it is on our own list."),
    }
    return words.get(what) or _("Done.")


def _sort(
    request: HttpRequest, case: ServiceCase, what: str, fact: operations.Fact, visible: QuerySet[ServiceCase]
) -> ServiceCase:
    """Carry out what somebody chose for an unsorted case; what they may not see they cannot choose."""
    if what == "join":
        into = get_object_or_404(visible, pk=request.POST.get("into") or 0)
        return intake.join(case_id=case.pk, into_id=into.pk, fact=fact)
    flow = ServiceFlow.objects.filter(active=True, intake=False, pk=request.POST.get("flow") or 0).first()
    if flow is None:
        raise Refused(_("Choose a service flow."), code="flow_missing")
    return intake.classify(case_id=case.pk, flow=flow, fact=fact, title=request.POST.get("title", "").strip())


def _appoint(request: HttpRequest, case: ServiceCase, what: str, fact: operations.Fact) -> None:
    """Set, offer or call off an appointment, and tell whom the form says."""
    tell = {who: bool(request.POST.get(f"tell_{who}")) for who in ("customer", "partner")}
    if what == "call_off":
        appointments.call_off_appointment(
            case_id=case.pk, fact=fact, tell_customer=tell["customer"], tell_partner=tell["partner"]
        )
        return
    start, until = _moment(request, "visit"), None
    if start is None:
        raise Refused(_("Say when somebody comes."), code="no_instant")
    if ends := request.POST.get("until", "").strip():
        clock = parse_time(ends)
        if clock is None:
            raise Refused(_("This is not a date and time."), code="no_instant")
        until = timezone.localtime(start).replace(hour=clock.hour, minute=clock.minute)
    visit = appointments.Visit(start, until, request.POST.get("visitor", ""), request.POST.get("phone", ""))
    if what == "offer_time":
        appointments.offer_appointment(case_id=case.pk, visit=visit, fact=fact)
        return
    appointments.set_appointment(
        case_id=case.pk, visit=visit, fact=fact, tell_customer=tell["customer"], tell_partner=tell["partner"]
    )


def _moment(request: HttpRequest, name: str = "due") -> datetime | None:
    """The instant of a `datetime-local` field, None when it is empty.

    :raises Refused: when it is no instant.
    """
    words = request.POST.get(name, "").strip()
    if not words:
        return None
    try:
        moment = parse_datetime(words)
    except ValueError:
        moment = None
    if moment is None:
        raise Refused(_("This is not a date and time."), code="no_instant")
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment


def _act_on_wait(request: HttpRequest, wait: WaitingItem, what: str, fact: operations.Fact, vouching: Vouching) -> None:
    """One action on one item."""
    match what:
        case "wait_complete":
            operations.complete_wait(wait_id=wait.pk, fact=fact, vouching=vouching)
        case "wait_cancel":
            operations.cancel_wait(wait_id=wait.pk, fact=fact)
        case "wait_due":
            due = _moment(request)
            if due is None:
                raise Refused(_("Say until when."), code="no_instant")
            operations.set_due(wait_id=wait.pk, due_at=due, fact=fact)
        case "wait_pause":
            operations.pause_wait(wait_id=wait.pk, fact=fact)
        case "wait_resume":
            operations.resume_wait(wait_id=wait.pk, fact=fact)
        case "wait_note":
            operations.note_wait(
                wait_id=wait.pk, note=request.POST.get("about", ""), risk=request.POST.get("risk", ""), fact=fact
            )
        case "wait_hand_over" if request.POST.get("to", "").startswith("duty-"):
            key = request.POST["to"].removeprefix("duty-")
            duty = DutyRoster.objects.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 10 else None
            if duty is None:
                raise Refused(_("Choose a colleague."), code="taker_missing")
            operations.give_to_duty(wait_id=wait.pk, roster=duty, fact=fact)
        case "wait_hand_over":
            to = StaffMember.objects.active().filter(pk=request.POST.get("to") or 0).first()
            if to is None:
                raise Refused(_("Choose a colleague."), code="taker_missing")
            operations.hand_over_wait(wait_id=wait.pk, to=to, fact=fact, by=staff_of(request.user))
        case _:
            raise PermissionDenied
