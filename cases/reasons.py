"""Reasons from a list, for what people decide about cases; words beside them say the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.errors import Refused
from foundation.wording import told

CANCEL_REASONS: dict[str, Any] = {
    "customer_declined": gettext_lazy("The customer called it off"),
    "no_response": gettext_lazy("No answer although we asked and gave notice"),
    "duplicate": gettext_lazy("Opened twice"),
    "out_of_scope": gettext_lazy("Not ours to do"),
    "other": gettext_lazy("Other"),
}
REOPEN_REASONS: dict[str, Any] = {
    "came_back": gettext_lazy("The trouble came back"),
    "not_done": gettext_lazy("It was not done after all"),
    "customer_changed_mind": gettext_lazy("The customer wants it after all"),
    "closed_by_mistake": gettext_lazy("Closed by mistake"),
    "other": gettext_lazy("Other"),
}

#: Why a delivered text was wrong.
WRONG_REASONS: dict[str, Any] = {
    "wrong_content": gettext_lazy("What it says is not true"),
    "wrong_recipient": gettext_lazy("It went to the wrong people"),
    "told_too_much": gettext_lazy("It tells what its readers should not know"),
    "promised_too_much": gettext_lazy("It promises what we cannot keep"),
    "wrong_tone": gettext_lazy("Its tone was wrong"),
    "other": gettext_lazy("Other"),
}
#: What the product itself gives as a reason when it moves something.
OWN_REASONS: dict[str, Any] = {
    "answered": gettext_lazy("it was answered"),
    "answered_by_number": gettext_lazy("the partner answered by number"),
    "asked_again": gettext_lazy("it was asked anew"),
    "answer_did_not_arrive": gettext_lazy("our answer did not arrive"),
    "accepted": gettext_lazy("the material is good"),
    "material_rejected": gettext_lazy("the material was not good"),
    "material_moved": gettext_lazy("what came belongs to something else"),
    "declined": gettext_lazy("they declined"),
    "confirmed": gettext_lazy("it was confirmed"),
    "done": gettext_lazy("it is done"),
    "staff": gettext_lazy("by one of us"),
    "not_needed": gettext_lazy("no longer needed"),
    "joined": gettext_lazy("it goes on in another case"),
    "released": gettext_lazy("our text was released"),
    "delivered": gettext_lazy("our text arrived"),
    "case_completed": gettext_lazy("the case was completed"),
    "case_cancelled": gettext_lazy("the case was cancelled"),
    "time_agreed": gettext_lazy("a time was agreed"),
    "replaced": gettext_lazy("it was asked anew"),
    "no_answer_needed": gettext_lazy("no answer was needed"),
    "owner_left": gettext_lazy("its owner has left"),
    "owner_absent": gettext_lazy("its owner is not here"),
    "owner_is_back": gettext_lazy("its owner is back"),
    "hand_over_accepted": gettext_lazy("the hand-over was accepted"),
    "hand_over_fallen": gettext_lazy("nobody accepted the hand-over in time"),
}
_WORDS: dict[str, Any] = {**OWN_REASONS, **WRONG_REASONS, **CANCEL_REASONS, **REOPEN_REASONS}


def reason_words(reason: str) -> str:
    """A reason for people: a code in words, their own words as they are."""
    code, colon, rest = reason.partition(": ")
    if colon and code in WRONG_REASONS:
        return told(WRONG_REASONS[code], rest)
    return str(_WORDS.get(reason, reason))


def check_reason(reason: str, words: str, *, known: Mapping[str, Any]) -> None:
    """That a reason is from its list, and “other” has words.

    :raises Refused: otherwise.
    """
    if reason not in known:
        raise Refused(_("Choose a reason from the list."), code="reason_unknown")
    if reason == "other" and not words.strip():
        raise Refused(_("Say the reason in a few words."), code="reason_missing")
