"""What was understood, and what became of asking a language model, in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from foundation.wording import bracketed, told

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


#: What is understood of a message, each with a certainty of its own.
AXES = {
    "intent": gettext_lazy("what the sender is doing"),
    "business_class": gettext_lazy("what it is about"),
    "service_context": gettext_lazy("stage of service"),
    "mode": gettext_lazy("what is to be done"),
}
#: Why the language model did not answer, was not asked, or was not used.
CODES = {
    "timeout": gettext_lazy("it took too long"),
    "network": gettext_lazy("it could not be reached"),
    "server_error": gettext_lazy("its server failed"),
    "rate_limited": gettext_lazy("its server wants fewer questions"),
    "unauthorised": gettext_lazy("its server does not accept the key, or the account is empty"),
    "bad_request": gettext_lazy("its server does not understand the question; check address and model"),
    "bad_answer": gettext_lazy("its server answered in a form that nobody asked for"),
    "too_large": gettext_lazy("the answer was too large"),
    "refused": gettext_lazy("it refused"),
    "cut_off": gettext_lazy("the answer was cut off"),
    "broken_json": gettext_lazy("the answer could not be read"),
    "empty": gettext_lazy("the answer was empty"),
    "wrong_schema": gettext_lazy("the answer has not the required form"),
    "budget": gettext_lazy("the day's budget is used up"),
    "resting": gettext_lazy("it is left alone for a while after failures"),
    "not_configured": gettext_lazy("its address or model is not configured"),
    "switched_off": gettext_lazy("it is switched off"),
    "in_transaction": gettext_lazy("it was asked at a moment when waiting is not allowed"),
    "failed": gettext_lazy("its answer could not be used"),
    "unfaithful": gettext_lazy("its wording changed what was to be said"),
    "not_allowed": gettext_lazy("its wording holds what may not leave"),
    "goes_by_itself": gettext_lazy("the text goes without review and keeps its approved wording"),
    "alert": gettext_lazy("an alert does not wait"),
    "no_words": gettext_lazy("there were no words to read"),
    "plain": gettext_lazy("it was plain"),
    "staff_text": gettext_lazy("a colleague wrote it by hand"),
    "too_long": gettext_lazy("the text is too long"),
}
#: What a text names.
ENTITIES = {
    "order": gettext_lazy("Number"),
    "tracking": gettext_lazy("Parcel"),
    "phone": gettext_lazy("Phone"),
    "amount": gettext_lazy("Amount"),
    "model": gettext_lazy("Model"),
    "serial": gettext_lazy("Serial number"),
    "url": gettext_lazy("Link"),
    "email": gettext_lazy("E-mail"),
    "id_card": gettext_lazy("Identity number"),
    "plate": gettext_lazy("Number plate"),
    "name": gettext_lazy("Person"),
    "address": gettext_lazy("Place"),
    "time": gettext_lazy("Time"),
}


def entity_words(kind: str) -> str:
    """What a thing that is named is."""
    return str(ENTITIES.get(kind, kind))


STEPS = {"understand": gettext_lazy("Understanding"), "word": gettext_lazy("Wording")}


def code_words(code: str) -> str:
    """Why, in words."""
    return str(CODES.get(code, code))


def step_words(step: str) -> str:
    """What was asked for, in words."""
    return str(STEPS.get(step, step))


def note_words(note: Mapping[str, Any]) -> str:
    """What became of one question, as a sentence."""
    step, code = step_words(str(note.get("step", ""))), code_words(str(note.get("code", "")))
    outcome = note.get("outcome")
    if outcome == "used":
        return _("%(step)s: the language model answered (%(model)s)") % {"step": step, "model": note.get("model", "")}
    if outcome == "cached":
        return _("%(step)s: an answer that the language model gave before (%(model)s)") % {
            "step": step,
            "model": note.get("model", ""),
        }
    if outcome == "skipped":
        return _("%(step)s: the language model was not needed: %(why)s") % {"step": step, "why": code}
    if note.get("step") == "word":
        return _("%(step)s: the template stands: %(why)s") % {"step": step, "why": code}
    return _("%(step)s: the local engine answered: %(why)s") % {"step": step, "why": code}


def model_words(body: Mapping[str, Any]) -> str:
    """What is on record about the model that reads messages, in a sentence; empty for anything else."""
    action = body.get("action")
    if action == "train_model":
        return _("Trained: %(version)s, compared with %(other)s") % {
            "version": body.get("version", ""), "other": _version_words(body.get("compared_with")),
        }  # fmt: skip
    if action == "switch_model":
        switched = f"{_version_words(body.get('from'))} → {_version_words(body.get('to'))}"
        return told(_("Switched"), f"{switched}{bracketed(body.get('reason'))}")
    if action == "export_examples":
        rows = int(body.get("rows") or 0)
        return ngettext("%(count)d example exported", "%(count)d examples exported", rows) % {"count": rows}
    return ""


def _version_words(version: object) -> str:
    return _("the shipped model") if version == "shipped" else str(version or "—")
