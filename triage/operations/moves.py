"""What moves at once because somebody did it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases import operations as cases
from cases.models import CaseState, Role, ServiceCase, WaitingItem
from cases.operations import Fact
from conversations.models import Attachment
from evidence.operations import together
from foundation.errors import WrongState
from people.models import Side
from triage import asks
from triage import situation as sit
from triage.afterwards import tell_of_delay
from triage.engines.local import times
from triage.operations import debts
from triage.operations.common import fact_of
from triage.planning.plans import Move, Plan
from triage.situation import Situation


def move_all(situation: Situation, case: ServiceCase | None, plan: Plan, *, at: datetime) -> str:
    """Carry out what somebody's act moves, until one move is refused: the reason is returned, empty where all was done."""
    for move in plan.moves:
        if move.wait is not None:
            refused = _move_wait(situation, move.wait, move, at=at)
        else:
            refused = _move_case(situation, case, move, at=at) if case is not None else ""
        if refused:
            return refused
    return ""


def _move_wait(situation: Situation, wait: WaitingItem, move: Move, *, at: datetime) -> str:
    """Move one open item. An older word than the one that last moved it is not carried out."""
    if move.kind == "tell_owner":
        tell_of_delay(situation.message, wait, when=str(move.params["when"]), at=at)
        return ""
    fact, current = fact_of(situation), WaitingItem.objects.get(pk=wait.pk)
    if not current.is_open or move.kind == "note":
        return ""
    if cases.is_overtaken(current, fact.said_at):
        return "overtaken"
    if move.kind == "receive":
        cases.receive_materials(wait_id=wait.pk, attachments=_materials(situation), fact=fact)
    elif move.kind == "complete":
        if situation.attachments and situation.side == Side.CUSTOMER and wait.proof != "none":
            cases.receive_materials(wait_id=wait.pk, attachments=_materials(situation), fact=fact, final=False)
        try:
            cases.complete_wait(wait_id=wait.pk, fact=fact_of(situation, str(move.params.get("reason", ""))))
        except WrongState as error:
            return error.code
    elif move.kind == "cancel":
        cases.cancel_wait(wait_id=wait.pk, fact=fact_of(situation, "declined"))
    elif move.kind == "defer":
        cases.defer_wait(wait_id=wait.pk, until=move.params["until"], fact=fact)
    elif move.kind == "pass_on":
        cases.pass_on_wait(wait_id=wait.pk, executor=move.params["executor"], fact=fact)
        if move.params["until"] is not None:
            cases.defer_wait(wait_id=wait.pk, until=move.params["until"], fact=fact)
    return ""


def _move_case(situation: Situation, case: ServiceCase, move: Move, *, at: datetime) -> str:
    """Note in a case what became known, ask its partner, or close it."""
    fact, params = fact_of(situation), move.params
    if move.kind == "fact":
        cases.note_fact(
            case=case, message=situation.message, subject=params["subject"], words=params["words"],
            blocked=bool(params.get("blocked")), fact_at=fact.said_at, at=at,
            appointment_at=_moment_in(params["words"], fact.said_at) if params["subject"] == "appointment" else None,
        )  # fmt: skip
    elif move.kind == "material":
        cases.add_material(case_id=case.pk, attachments=_materials(situation), fact=fact)
    elif move.kind == "labels":
        new = [label for label in params["labels"] if label not in case.labels and len(label) <= 32]
        if new:
            case.labels = [*case.labels, *new][:20]
            case.save(update_fields=["labels"])
    elif move.kind == "owe":
        # A bare yes or done: what it means for the customer is ours to say.
        need = _("Follow up: %(need)s") % {"need": params["need"][:180]}
        debts.owe(case, "feedback", need=need, fact=fact, asked_in=situation.conversation)
    elif move.kind == "ask_partner":
        _ask_partner(case, str(params["need"]), fact)
    else:
        return _close(situation, case, move)
    return ""


def _close(situation: Situation, case: ServiceCase, move: Move) -> str:
    """Complete a case or call it off, if it is open; what is missing for that goes to a person."""
    case.refresh_from_db()
    note = str(move.params.get("note", ""))
    if case.state != CaseState.OPEN:
        return ""
    if move.kind == "cancel_case":
        cases.cancel_case(case_id=case.pk, fact=fact_of(situation, "customer_declined"), note=note)
    elif move.kind == "complete_case":
        try:
            with transaction.atomic(), together():
                cases.complete_case(case_id=case.pk, fact=fact_of(situation, "confirmed"), note=note)
        except WrongState as error:
            return error.code
    case.refresh_from_db()
    return ""


def _moment_in(words: str, at: datetime) -> datetime | None:
    """When the words of an agreement say that somebody comes, None where they name no day."""
    readings = [one for one in times.find(words, at) if one.precision != "vague"]
    clocks = [one for one in readings if one.precision in ("hour", "minute")]
    found = (clocks or readings)[:1]
    return found[0].start if found else None


def _materials(situation: Situation) -> list[Attachment]:
    """The attachments of the message; without any, those of the sender's message before it that belong to nothing yet."""
    own = situation.attachment_rows
    if own:
        return own
    for earlier in situation.previous[:4]:
        if earlier.sender_id == situation.message.sender_id and not earlier.materials.exists():
            return list(earlier.attachments.all())
    return []


def _ask_partner(case: ServiceCase, need: str, fact: Fact) -> None:
    """The partner owes an answer; what they owed before is asked anew by it."""
    contact = sit.partner_contact(case)
    if contact is None:
        return
    open_item = case.waits.open().filter(state="waiting_partner_feedback").order_by("-pk").first()
    if open_item is not None and asks.ASKS_WHICH.search(need):
        return
    if open_item is not None:
        cases.complete_wait(
            wait_id=open_item.pk, fact=Fact(fact.actor, fact.at, fact.said_at, fact.message, "asked_again")
        )
    cases.open_wait(
        case=case, state="waiting_partner_feedback", on=contact, on_role=Role.FULFILLMENT_PARTNER, need=need, need_kind="feedback", fact=fact,
        asked_in=sit.partner_conversation(case), replaces=open_item,
    )  # fmt: skip
