"""Reasons from a list, for what people decide about cases; words beside them say the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.errors import Refused

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


def check_reason(reason: str, words: str, *, known: Mapping[str, Any]) -> None:
    """That a reason is from its list, and “other” has words.

    :raises Refused: otherwise.
    """
    if reason not in known:
        raise Refused(_("Choose a reason from the list."), code="reason_unknown")
    if reason == "other" and not words.strip():
        raise Refused(_("Say the reason in a few words."), code="reason_missing")
