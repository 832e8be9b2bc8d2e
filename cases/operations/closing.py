"""A case ends or is taken up again: done, called off, joined to another, reopened. What is open in it goes with it."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from cases.completion import NOTHING, Vouching, check_completion, check_nothing_owed
from cases.models import CaseState, ServiceCase
from cases.operations.common import Fact, lock_cases, record_case
from cases.operations.waits import cancel_wait
from cases.reasons import CANCEL_REASONS, REOPEN_REASONS, check_reason
from foundation.errors import WrongState


def complete_case(*, case_id: int, fact: Fact, note: str = "", vouching: Vouching = NOTHING) -> ServiceCase:
    """Close a case as done: what is still open in it is no longer owed.

    :param vouching: who closes it by hand, and what they vouch for; it goes on record.
    :raises WrongState: when it is not open, `unproven` when the flow wants proof that has not come, `unconfirmed` when whoever has to
        confirm has not, `owed` when one of our people closes it while we owe the customer an answer and nobody says what became of it.
    :raises NotAllowed: when the proof is waived by somebody other than a supervisor.
    """
    with transaction.atomic():
        case = lock_cases([case_id])[0]
        if case.state != CaseState.OPEN:
            raise WrongState(_("This case is not open."))
        check_completion(case, message=fact.message, note=note, vouching=vouching)
        check_nothing_owed(case, vouching=vouching)
        _close_open_waits(case, fact, reason="case_completed")
        case.complete(at=fact.at, reason=fact.reason or "done", note=note)
        case.closed_by = fact.message
        case.save()
        vouched = {
            key: said
            for key, said in (
                ("confirmed", vouching.confirmed),
                ("waived", vouching.proof),
                ("answered", vouching.answered),
            )
            if said.strip()
        }
        record_case(case, fact, to="completed", note=note, **vouched)
        return case


def cancel_case(*, case_id: int, fact: Fact, note: str = "") -> ServiceCase:
    """Call a case off with a reason (`reasons.CANCEL_REASONS`): what is open in it is cancelled too.

    :raises WrongState: when it is not open. :raises Refused: for a reason that is not on the list, or “other” without words.
    """
    check_reason(fact.reason or "customer_declined", note, known=CANCEL_REASONS)
    with transaction.atomic():
        case = lock_cases([case_id])[0]
        if case.state != CaseState.OPEN:
            raise WrongState(_("This case is not open."))
        _close_open_waits(case, fact, reason="case_cancelled")
        case.cancel(at=fact.at, reason=fact.reason or "customer_declined", note=note)
        case.closed_by = fact.message
        case.save()
        record_case(case, fact, to="cancelled", note=note)
        return case


def reopen_case(*, case_id: int, fact: Fact, note: str = "") -> ServiceCase:
    """Take a closed case up again with a reason (`reasons.REOPEN_REASONS`); its history stays.

    :raises WrongState: when it is open. :raises Refused: for a reason that is not on the list, or “other” without words.
    """
    check_reason(fact.reason, note, known=REOPEN_REASONS)
    with transaction.atomic():
        case = lock_cases([case_id])[0]
        if case.state == CaseState.OPEN:
            raise WrongState(_("This case is open."))
        case.reopen(at=fact.at)
        case.save()
        record_case(case, fact, to="open", note=note)
        return case


def close_joined(case: ServiceCase, *, into: ServiceCase, fact: Fact) -> None:
    """Close a case that is about the same as another, which goes on. Both must be locked, and nothing be open in the first."""
    case.cancel(at=fact.at, reason="joined", note=into.number)
    case.save()
    record_case(case, Fact(fact.actor, fact.at, fact.said_at, fact.message, "joined"), to="cancelled", note=into.number)


def _close_open_waits(case: ServiceCase, fact: Fact, *, reason: str) -> None:
    for pk in case.waits.open().values_list("pk", flat=True):
        cancel_wait(wait_id=pk, fact=Fact(fact.actor, fact.at, fact.said_at, fact.message, reason))
