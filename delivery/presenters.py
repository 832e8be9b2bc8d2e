"""What a text was sent for, in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

PURPOSES: dict[str, Any] = {
    "issue_received": gettext_lazy("Issue received"),
    "material_received": gettext_lazy("Material received"),
    "material_request": gettext_lazy("Material request"),
    "cooperation_request": gettext_lazy("Cooperation request"),
    "progress_update": gettext_lazy("Progress"),
    "result_update": gettext_lazy("Result"),
    "appointment_proposed": gettext_lazy("Appointment proposed"),
    "appointment_confirmed": gettext_lazy("Appointment confirmed"),
    "completion_confirmed": gettext_lazy("Completion confirmed"),
    "cancellation_confirmed": gettext_lazy("Cancellation confirmed"),
    "reminder": gettext_lazy("Reminder"),
    "faq_answer": gettext_lazy("Answer from knowledge"),
    "holding_notice": gettext_lazy("Holding notice"),
    "other": gettext_lazy("Other"),
    "alert": gettext_lazy("Alert"),
    "escalation": gettext_lazy("Escalation"),
    "answer": gettext_lazy("Answer"),
    "completion": gettext_lazy("Completed"),
    "cancellation": gettext_lazy("Cancelled"),
    "material": gettext_lazy("Material"),
    "appointment": gettext_lazy("Appointment"),
    "deferral": gettext_lazy("Put off"),
    "request": gettext_lazy("Request"),
    "digest": gettext_lazy("Digest"),
    "hand_over": gettext_lazy("Hand-over"),
    "progress": gettext_lazy("Progress"),
}


def purpose_words(purpose: str) -> str:
    """A purpose in words; one that has none is a notice."""
    return str(PURPOSES.get(purpose, _("Notice")))
