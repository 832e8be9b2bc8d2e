"""A deadline passed: remind our own people, chase those who owe, ask again for what was not good. Every text goes through the gate."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import override

from cases import absence, deadlines
from cases import operations as cases
from cases.calendars import holidays_are_missing
from cases.models import CaseState, Chase, Material, Reminder, ServiceCase, TimeoutAction, WaitingItem, Writeback
from cases.standing_in import supervisor_now
from conversations.models import Conversation
from foundation.actors import Actor
from foundation.templatetags.when import stamp_words
from knowledge.voices import voice_for
from knowledge.wordings import Wording, render
from people.models import Side, StaffMember
from review import operations as review
from review.gate import GateFacts, check_text, gate
from review.guidance import Suggestion
from review.models import Draft
from review.policies import boundaries, level_for
from triage import situation as sit
from triage import wording
from triage.operations import notices
from triage.operations.texts import text_facts

MACHINE = Actor.machine("deadlines")
#: More reminders than this for one person at once come as one digest.
DIGEST_FROM = 4
DIGEST_LINES = 20
BATCHES = 40
#: A case closed by hand longer ago than this is told to nobody any more.
TOLD_WITHIN = timedelta(days=14)


def sweep_deadlines(*, at: datetime) -> int:
    """Remind owners and supervisors of what is late, each once; many at once for one person come as one message.

    Whoever has not been told yet is told, also of what a sweep that died put on record.

    :returns: how many reminders somebody was told of.
    """
    for _batch in range(BATCHES):
        if not deadlines.sweep_reminders(at=at):
            break
    return sum(_tell(recipient, at=at) for recipient in deadlines.list_untold())


def _tell(recipient_id: int, *, at: datetime) -> int:
    """Tell somebody of their reminders: that they are told and the message are one transaction."""
    # Our people read Chinese; the language of whoever runs the sweep does not matter.
    with transaction.atomic(), override("zh-hans"):
        mine = deadlines.claim_untold(recipient_id=recipient_id, at=at)
        if not mine:
            return 0
        shown = Reminder.objects.filter(pk__in=mine[:DIGEST_LINES]).order_by("pk")
        reminders = list(shown.select_related("wait__case__flow__calendar", "wait__on", "recipient"))
        if len(mine) >= DIGEST_FROM:
            _tell_digest(reminders, count=len(mine), key=f"rd{mine[0]}-{mine[-1]}", at=at)
            return len(mine)
        for reminder in reminders:
            notices.alert_staff(
                recipient=reminder.recipient, purpose="reminder", text=_("Overdue: %(line)s") % {"line": _line(reminder)},
                key=f"r{reminder.pk}", case=reminder.wait.case, at=at,
            )  # fmt: skip
        return len(mine)


def sweep_writebacks(*, at: datetime) -> int:
    """Remind of notices that are owed and were not delivered in time; also what a sweep that died left."""
    deadlines.sweep_writebacks(at=at)
    count = 0
    for reminder in deadlines.list_untold_writebacks():
        owed = reminder.writeback
        with transaction.atomic(), override("zh-hans"):
            if not deadlines.mark_told(reminder_id=reminder.pk, at=at):
                continue
            words = {"case": owed.case.number, "where": owed.to.name, "text": owed.words[:80]}
            notices.alert_staff(
                recipient=reminder.recipient, purpose="reminder",
                text=_("%(case)s: %(where)s has not been told: %(text)s") % words, key=f"w{reminder.pk}", case=owed.case, at=at,
            )  # fmt: skip
            count += 1
    return count


def sweep_absent_owners(*, at: datetime) -> int:
    """What absent people own and what cannot wait for them goes to who takes their place, who hears of it; what they are back for returns.

    :returns: how many items changed hands.
    """
    count = absence.give_back(at=at)
    for place in absence.list_places(at=at):
        with transaction.atomic(), override("zh-hans"):
            items = absence.take_place(place, at=at)
            if not items:
                continue
            count += len(items)
            lines = [
                f"{number}. {wait.case.number} {wait.need[:80]}"
                for number, wait in enumerate(items[:DIGEST_LINES], start=1)
            ]
            if len(items) > DIGEST_LINES:
                lines.append(_("and %(count)s more") % {"count": len(items) - DIGEST_LINES})
            words = {"name": place.absent.name, "count": len(items)}
            head = _("%(name)s is not here; %(count)s items are yours until they are back:") % words
            notices.alert_staff(
                recipient=place.taker, purpose="hand_over", text="\n".join([head, *lines]), key=f"ab{items[0].pk}-{at:%y%m%d%H%M%S}",
                case=items[0].case if len(items) == 1 else None, at=at,
            )  # fmt: skip
    return count


def _line(reminder: Reminder) -> str:
    wait = reminder.wait
    due = stamp_words(reminder.occurrence_at, ZoneInfo(wait.case.flow.calendar.timezone))
    who = wait.on.name if wait.on is not None else ""
    return _("%(case)s %(who)s %(need)s (due %(due)s)") % {
        "case": wait.case.number, "who": who, "need": wait.need[:80], "due": due,
    }  # fmt: skip


def _tell_digest(reminders: list[Reminder], *, count: int, key: str, at: datetime) -> None:
    """One message for many reminders of one person; the first of them are named."""
    lines = [f"{number}. {_line(reminder)}" for number, reminder in enumerate(reminders, start=1)]
    if count > len(reminders):
        lines.append(_("and %(count)s more") % {"count": count - len(reminders)})
    text = "\n".join([_("%(count)s items are overdue:") % {"count": count}, *lines])
    notices.alert_staff(recipient=reminders[0].recipient, purpose="reminder", text=text, key=key[:32], case=None, at=at)


# --- texts that nobody asked for just now -------------------------------------------------------------------------------------


def propose_unprompted(
    *,
    case: ServiceCase,
    to: Conversation,
    reply_kind: str,
    text: Wording,
    at: datetime,
    waiting_for: str = "",
    suggestion: str = "",
    effects: dict[str, object] | None = None,
) -> Draft:
    """A draft that answers no message, through the gate like any other. Call it inside a transaction."""
    facts = text_facts(case, text=text.text, conversation=to, phrases=[], at=at)
    reasons = check_text(text.text, facts)
    result = gate(
        GateFacts(
            reply_kind=reply_kind,
            conversation_kind=to.kind,
            level=level_for(flow=case.flow, conversation_kind=to.kind, reply_kind=reply_kind),
            automation_stopped=case.automation_stopped_at is not None,
            boundaries=boundaries(),
        ),
        text_reasons=reasons,
    )
    draft = review.propose(
        conversation=to, case=case, cause=None, reply_kind=reply_kind, text=text.text, reasons=result.reasons, actor=MACHINE,
        at=at, sources=[text.version] if text.version is not None else [], required_right=result.required_right, waiting_for=waiting_for, suggestion=suggestion,
        effects={"unprompted": True, **(effects or {})},
    )  # fmt: skip
    if result.mode == "send":
        review.release_by_rule(draft=draft, actor=MACHINE, at=at)
    return draft


def _words(key: str, case: ServiceCase, *, to: Conversation, english: bool, **places: object) -> Wording:
    """A wording template about a case, addressed to its customer."""
    voice = voice_for(case=case, conversation=to)
    return render(key, english=english, name=case.customer.name, flow_id=case.flow_id, voice=voice, **places)


def _need_words(wait: WaitingItem) -> str:
    """What an item needs, as its reader may read it."""
    if wait.requirement is not None:
        return wait.requirement.name
    kept = wording.take_apart(wait.need).kept
    return "，".join(wording.turn_to_reader(re.sub(r"^(麻烦|请|让|要)(您|他|她)?", "", clause)) for clause in kept)[:80]


def is_quiet(case: ServiceCase, *, at: datetime) -> bool:
    """Whether people outside are left alone at this instant: the flow's quiet hours, by the clock of its calendar."""
    clock = at.astimezone(ZoneInfo(case.flow.calendar.timezone)).time()
    begin, end = case.flow.quiet_from, case.flow.quiet_until
    return begin <= clock < end if begin <= end else clock >= begin or clock < end


def sweep_timeouts(*, at: datetime) -> int:
    """Carry out what the flows say happens on time-out.

    :returns: how many things were done. What waits for the end of the quiet hours stays for a later sweep.
    """
    done = 0
    for chase in deadlines.sweep_timeouts(at=at):
        outside = chase.action in (TimeoutAction.CHASE, TimeoutAction.ASK_PARTNER, TimeoutAction.PROPOSE_CANCEL)
        if outside and is_quiet(chase.wait.case, at=at):
            continue
        with transaction.atomic():
            if not deadlines.mark_chased(chase_id=chase.pk, at=at):
                continue
            wait = cases.lock_wait(chase.wait_id)
            if wait.is_overdue(at=at) and wait.due_at == chase.occurrence_at and wait.case.state == CaseState.OPEN:
                _carry_out_chase(chase, at=at)
                done += 1
    return done


def _carry_out_chase(chase: Chase, *, at: datetime) -> None:
    wait = chase.wait
    case, name, need = wait.case, wait.case.customer.name, _need_words(wait)
    english = wait.asked_in is not None and wait.asked_in.language == "en"
    if chase.action == TimeoutAction.ESCALATE:
        with override("zh-hans"):
            text = _("Escalated: %(case)s %(need)s") % {"case": case.number, "need": wait.need[:80]}
        notices.alert_staff(
            recipient=supervisor_now(case.flow, at=at), purpose="escalation", text=text, key=f"x{chase.pk}", case=case, at=at,
        )  # fmt: skip
        return
    if chase.action == TimeoutAction.ASK_PARTNER:
        to = sit.partner_conversation(case)
        if to is None:
            return
        words = _words("reminder.partner", case, to=to, english=to.language == "en", need=need)
        propose_unprompted(case=case, to=to, reply_kind="reminder", text=words, at=at, waiting_for=str(wait.on or ""))
        return
    to = sit.reply_target(case)
    if wait.on is not None and wait.on.side != Side.CUSTOMER:
        return
    if chase.action == TimeoutAction.PROPOSE_CANCEL:
        words = _words("cancellation_confirmed.proposed", case, to=to, english=english, need=need)
        propose_unprompted(
            case=case, to=to, reply_kind="cancellation_confirmed", text=words, at=at, waiting_for=name,
            suggestion=Suggestion.CANCEL_OR_CALL,
        )  # fmt: skip
        return
    words = _words("reminder.customer", case, to=to, english=english, need=need)
    propose_unprompted(case=case, to=to, reply_kind="reminder", text=words, at=at, waiting_for=name)


def sweep_rejected(*, at: datetime, limit: int = 50) -> int:
    """Material that was not good, and that leaves its item short: a draft asks for it again; its release opens the item anew."""
    count = 0
    rows = Material.objects.filter(
        state=Material.State.REJECTED, asked_again_at__isnull=True, wait__close_reason="material_rejected"
    )
    for pk in rows.order_by("pk").values_list("pk", flat=True)[:limit]:
        with transaction.atomic():
            material = (
                Material.objects.select_for_update(of=("self",))
                .select_related(
                    "wait__case__flow__calendar", "wait__case__customer", "wait__requirement", "wait__asked_in"
                )
                .get(pk=pk)
            )
            wait = material.wait
            if material.asked_again_at is not None or wait is None:
                continue
            Material.objects.filter(wait=wait, state=Material.State.REJECTED).update(asked_again_at=at)
            if wait.case.state == CaseState.OPEN:
                _ask_again(wait, material.reason, at=at)
                count += 1
    return count


def sweep_unreadable(*, at: datetime, limit: int = 50) -> int:
    """Material whose bytes cannot be read (too large, broken, no picture) is not good: it is asked for again, with the reason."""
    rows = Material.objects.filter(state=Material.State.RECEIVED, attachment__state="lost", case__state=CaseState.OPEN)
    count = 0
    for pk in rows.order_by("pk").values_list("pk", flat=True)[:limit]:
        cases.judge_material(
            material_id=pk,
            accept=False,
            by=None,
            fact=cases.Fact(MACHINE, at, at, None, "收到的文件打不开，看不到内容"),
        )
        count += 1
    return count


def sweep_unknown_years(*, at: datetime) -> int:
    """The holiday library does not know a year in which something falls due, or that begins soon: supervisors hear of it, once each year."""
    local = at.astimezone(ZoneInfo("Asia/Shanghai"))
    years = {local.year, (local + timedelta(days=31)).year}
    last = (
        WaitingItem.objects.open()
        .filter(due_at__isnull=False)
        .order_by("-due_at")
        .values_list("due_at", flat=True)
        .first()
    )
    if last is not None and last < at + timedelta(days=731):
        years.add(last.year)
    count = 0
    for year in sorted(year for year in years if holidays_are_missing(year)):
        for lead in StaffMember.objects.supervisors().order_by("pk"):
            with override("zh-hans"), transaction.atomic():
                text = _(
                    "The holidays of %(year)s are not known yet: Monday to Friday count as working days. Enter them as exceptions of the calendars, or update the product."
                ) % {"year": year}
                notices.alert_staff(
                    recipient=lead, purpose="alert", text=text, key=f"holidays-{year}-{lead.pk}", case=None, at=at
                )
            count += 1
    return count


def sweep_untold(*, at: datetime, limit: int = 50) -> int:
    """A case that a colleague closed by hand: those who asked are told, as after a customer's word."""
    closed = (
        ServiceCase.objects.filter(closed_at__gt=at - TOLD_WITHIN, closed_by__isnull=True, flow__intake=False)
        .exclude(state=CaseState.OPEN)
        .exclude(close_reason="duplicate")
        .filter(~Exists(Writeback.objects.filter(case=OuterRef("pk"), created_at__gte=OuterRef("closed_at"))))
        .select_related("flow__calendar", "customer", "partner", "conversation", "owner")
    )
    count = 0
    for case in closed.order_by("pk")[:limit]:
        about = "completion" if case.state == CaseState.COMPLETED else "cancellation"
        done = "已完成" if about == "completion" else "已取消"
        words = f"{case.customer.name}（{case.title or case.flow.name}）：{done}。"
        places = [
            sit.internal_conversation(case) if case.flow.notify_internal else None,
            sit.partner_conversation(case) if case.flow.notify_partner else None,
        ]
        with transaction.atomic():
            cases.lock_cases([case.pk])
            for to in filter(None, places):
                notices.send_notice(case=case, to=to, about=about, words=words, wait=None, at=at)
                count += 1
    return count


def _ask_again(wait: WaitingItem, reason: str, *, at: datetime) -> None:
    good = wait.materials.filter(state=Material.State.ACCEPTED).count()
    need, missing = _need_words(wait), wait.count_needed - good
    english = wait.asked_in is not None and wait.asked_in.language == "en"
    to = sit.reply_target(wait.case)
    text = _words(
        "material_request.rejected", wait.case, to=to, english=english, material=need, reason=reason.rstrip("。"),
        count=f"，还差{missing}张" if wait.count_needed > 1 else "",
    )  # fmt: skip
    propose_unprompted(
        case=wait.case, to=to, reply_kind="material_request", text=text, at=at,
        waiting_for=str(wait.on or ""),
        effects={
            "asks": [{
                "state": "waiting_customer_material", "need": wait.need, "need_kind": "material", "proof": wait.proof,
                "requirement": wait.requirement_id, "count": missing, "requested_in": wait.requested_in_id,
                "replaces": wait.pk,
            }]
        },
    )  # fmt: skip
