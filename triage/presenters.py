"""What was understood, in words for people."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

INTENTS: dict[str, Any] = {
    "reports_issue": gettext_lazy("Reports a matter"),
    "asks_question": gettext_lazy("Asks something"),
    "asks_progress": gettext_lazy("Asks where it stands"),
    "provides_material": gettext_lazy("Sends material"),
    "confirms_completion": gettext_lazy("Says it is done"),
    "confirms_appointment": gettext_lazy("Agrees on a time"),
    "defers": gettext_lazy("Puts it off"),
    "declines": gettext_lazy("Calls it off"),
    "requests_cooperation": gettext_lazy("Wants the customer to do something"),
    "reports_result": gettext_lazy("Reports a result"),
    "requests_change": gettext_lazy("Wants something changed"),
    "requests_remedy": gettext_lazy("Wants money back or a remedy"),
    "complains": gettext_lazy("Complains"),
    "acknowledges": gettext_lazy("Acknowledges"),
    "chats": gettext_lazy("Chats"),
}
CLASSES: dict[str, Any] = {
    "marketing": gettext_lazy("Marketing"),
    "sales": gettext_lazy("Sales"),
    "support": gettext_lazy("Support"),
    "after_sales": gettext_lazy("After-sales"),
    "membership": gettext_lazy("Membership"),
    "unknown": gettext_lazy("Not clear"),
}


def intent_words(intent: str) -> str:
    """An intent in words."""
    return str(INTENTS.get(intent, intent))


def class_words(business_class: str) -> str:
    """What it is about, in words."""
    return str(CLASSES.get(business_class, business_class))
