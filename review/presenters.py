"""Reasons, topics and verdicts in words for people. Codes are stored; words are made where they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import Group
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.wording import listed

TOPICS = {
    "refund": gettext_lazy("refund"),
    "compensation": gettext_lazy("compensation"),
    "price_protection": gettext_lazy("price protection"),
    "discount_promise": gettext_lazy("discount"),
    "price": gettext_lazy("price"),
    "service_promise": gettext_lazy("a commitment that is not confirmed"),
    "complaint": gettext_lazy("complaint"),
    "dispute": gettext_lazy("dispute"),
    "negative_review": gettext_lazy("threat of a bad review"),
    "public_group": gettext_lazy("many customers read along"),
    "identity_uncertain": gettext_lazy("we are not sure who this is"),
    "case_uncertain": gettext_lazy("we are not sure which case is meant"),
    "missing_context": gettext_lazy("it does not say what the customer must know"),
    "account": gettext_lazy("account or order data"),
    "address": gettext_lazy("address"),
    "benefit": gettext_lazy("points or benefits"),
    "payment": gettext_lazy("payment"),
    "privacy": gettext_lazy("personal data"),
    "sensitive_material": gettext_lazy("sensitive documents"),
    "health_claim": gettext_lazy("health claim"),
    "financial_claim": gettext_lazy("financial claim"),
    "legal_claim": gettext_lazy("legal question"),
    "compliance": gettext_lazy("advertising or competition law"),
    "complex_relay": gettext_lazy("money, blame, another customer or several demands in the request"),
    "unproven_completion": gettext_lazy("said to be done, the proof is missing"),
    "verification_conflict": gettext_lazy("what was verified contradicts what was said"),
}
ALERTS = {
    "safety": gettext_lazy("safety"),
    "regulator_media": gettext_lazy("regulator or media"),
    "staff_misconduct": gettext_lazy("staff misconduct"),
    "private_payment": gettext_lazy("private payment"),
    "minor": gettext_lazy("a minor"),
}

REJECT_REASONS = {
    "wrong_wording": gettext_lazy("Wording does not fit"),
    "wrong_case": gettext_lazy("Wrong case or person"),
    "missing_facts": gettext_lazy("Facts are missing; ask first"),
    "not_needed": gettext_lazy("No answer is needed"),
    "answered_otherwise": gettext_lazy("Answered in another way"),
    "other": gettext_lazy("Other"),
}


def topic_words(topic: str) -> str:
    """A risk topic in words."""
    return str(TOPICS.get(topic, topic))


def alert_words(alert: str) -> str:
    """An alert in words."""
    return str(ALERTS.get(alert, alert))


def boundary_words(code: str) -> str:
    """What a boundary is about, a risk topic or an alert, in words."""
    return alert_words(code) if code in ALERTS else topic_words(code)


def reason_words(reason: Mapping[str, Any]) -> str:
    """A reason (code and parameters) as a sentence in the reader's language."""
    code, params = str(reason.get("code", "")), dict(reason.get("params") or {})
    words = str(params.get("words", ""))
    if code == "risk_topic":
        return _("Risk: %(topic)s") % {"topic": topic_words(str(params.get("topic", "")))}
    if code == "alert":
        return _("Alert: %(alert)s") % {"alert": alert_words(str(params.get("alert", "")))}
    if code == "topic_right_missing":
        topic = str(params.get("topic", ""))
        said = boundary_words(topic)
        # A role is kept by its name, and called what the reader calls it.
        roles = listed(Group(name=name) for name in str(params.get("roles", "")).split("、"))
        return _("Only these roles release “%(topic)s”: %(roles)s") % {"topic": said, "roles": roles}
    if code == "automation_level":
        return _("Texts of this kind are reviewed (automation level)")
    table = {
        "identity_uncertain": _("We are not sure who this is"),
        "case_uncertain": _("We are not sure which case is meant"),
        "no_published_source": _("No published, in-date source answers this"),
        "engine_unsure": _("The engine is not sure enough"),
        "engines_disagree": _("The language model and the local engine read it differently"),
        "taken_over": _("A colleague has taken this case over"),
        "kind_never_direct": _("Texts of this kind never go without review"),
        "state_unclear": _("It is not clear where the case stands"),
        "voice_without_transcript": _("A voice message that nobody has written down"),
        "overtaken": _("Something written later has already reached us"),
        "missing_context": _("The request does not say what the customer must know"),
        "nothing_to_relay": _("Nothing in it may be told to the customer"),
        "partner_asks_us": _("The partner asks us something"),
        "partner_needs_person": _("The partner's message needs a person"),
        "partner_in_customer_group": _("A partner wrote about money or blame in front of the customer"),
        "case_closed": _("The case is closed"),
        "part_of_turn": _("Understood together with what was said right after it"),
        "unproven": _("The proof of completion is missing"),
        "triage_failed": _("It could not be worked through; please read it yourself"),
        "answered_by_number": _("An answer by number to the day's digest"),
        "answered_already": _("This line of the digest was answered before"),
        "injection": _("The message gives orders to the system; it is only text"),
        "no_case": _("No case is known"),
        "no_flow": _("No service flow fits"),
        "no_customer": _("The sender is not linked to a customer"),
        "empty_text": _("There is no wording yet"),
        "too_long": _("The text is longer than WeCom allows"),
        "right_missing": _("Only a supervisor may release this"),
        "overrule_right_missing": _("Only who has the right to overrule a check may release this all the same"),
        "role_missing": _("Your role does not include releasing texts"),
        "second_person_needed": _("You have confirmed it; somebody else has to confirm it too"),
        "thread_moved": _("The customer has written since; please look again"),
        "cause_recalled": _("The message was taken back"),
        "hash_mismatch": _("The text is not the one that was released"),
        "release_void": _("The release became void before it was sent"),
        "case_cancelled": _("The case was cancelled"),
        "superseded": _("Something newer replaced it"),
    }
    if code in table:
        return table[code]
    named = {
        "forbidden_commitment": _("Nobody may promise “%(words)s”"),
        "brand_rule": _("The brand does not say “%(words)s”"),
        "platform_rule": _("The platform does not allow “%(words)s”"),
        "source_outdated": _("“%(words)s” may not be said any more: it was changed, retired, or its time is over"),
        "private_payment": _("Private payment: “%(words)s”"),
        "medical_claim": _("Says of cosmetics or food what only a medicine may: “%(words)s”"),
        "compliance": _("Not allowed by advertising or competition law: “%(words)s”"),
        "leak_name": _("Names a person whom the customer does not know: “%(words)s”"),
        "leak_handle": _("Holds a colleague's handle: “%(words)s”"),
        "leak_phone": _("Tells a phone number that the flow does not let customers know: “%(words)s”"),
        "leak_visit_time": _("Says when somebody comes, which the flow does not let customers know now: “%(words)s”"),
        "leak_tracking_number": _("Tells a tracking number that the flow does not let customers know: “%(words)s”"),
        "leak_organisation": _("Names a partner: “%(words)s”"),
        "leak_other_customer": _("Names another customer: “%(words)s”"),
        "leak_internal": _("Internal matter: “%(words)s”"),
        "leak_quotation": _("Quotes what must not be told: “%(words)s”"),
        "price": _("An amount that no source states: “%(words)s”"),
        "opens_promise": _("Promises to come back: “%(words)s”. We owe it from the release on."),
    }
    if code == "opens_ask":
        return _("Opens a wait with the release: %(need)s") % {"need": params.get("need", "")}
    return named[code] % {"words": words} if code in named else code


def held_words(code: str) -> str:
    """A reason for holding, as it is counted: a code, ``risk:topic`` or ``alert:alert``."""
    kind, _sep, rest = code.partition(":")
    if rest:
        return topic_words(rest) if kind == "risk" else alert_words(rest)
    return reason_words({"code": code})
