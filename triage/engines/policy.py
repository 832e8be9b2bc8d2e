"""What may be done with a reading: a pure decision with named reasons. The gate starts from this one and adds what only it knows
(the automation level, published sources, the leak guard)."""

from __future__ import annotations

from triage.engines.base import StatementReading, Turn

CUSTOMER_VISIBLE = frozenset({"private", "customer_group", "community_group"})
SILENT_INTENTS = frozenset({"acknowledges", "chats", "defers"})
REVIEW_INTENTS = frozenset({"requests_change", "requests_remedy", "complains"})
SEVERE_TOPICS = frozenset(
    {"refund", "compensation", "price_protection", "discount_promise", "price", "payment", "health_claim", "financial_claim",
     "legal_claim", "compliance", "privacy", "sensitive_material", "account", "address", "benefit", "public_group"}
)  # fmt: skip
UNSURE_INTENT = 0.38
UNSURE_REVIEW = 0.4


def decide_mode(reading: StatementReading, turn: Turn) -> tuple[str, tuple[str, ...]]:
    """`send`, `review` or `record`, and the reasons as codes."""
    mode, reasons = _by_side(reading, turn)
    if mode != "review" and "engines_disagree" in reading.signals:
        return "review", ("engines_disagree",)
    return mode, reasons


def _by_side(reading: StatementReading, turn: Turn) -> tuple[str, tuple[str, ...]]:
    if turn.sender_side == "internal":
        return _internal(reading, turn)
    if turn.sender_side == "partner":
        return _partner(reading, turn)
    return _customer(reading, turn)


def _internal(reading: StatementReading, turn: Turn) -> tuple[str, tuple[str, ...]]:
    if turn.conversation_kind != "internal_group":
        return "record", ("staff_speaks",)
    if reading.intent != "requests_cooperation":
        return "record", ("internal_coordination",)
    if "internal_only" in reading.signals and not reading.risk_topics:
        return "record", ("internal_only",)
    if reading.risk_topics:
        return "review", tuple(f"risk:{t}" for t in sorted(reading.risk_topics))
    return "send", ("clear_relay",)


def _partner(reading: StatementReading, turn: Turn) -> tuple[str, tuple[str, ...]]:
    if turn.conversation_kind in CUSTOMER_VISIBLE:
        return "record", ("already_seen_by_customer",)
    if reading.risk_topics:
        return "review", tuple(f"risk:{t}" for t in sorted(reading.risk_topics))
    if reading.intent not in ("acknowledges", "chats", "defers") and reading.confidence.get("p_review", 0.0) > 0.7:
        return "review", ("model_review",)
    if reading.intent == "requests_cooperation":
        return "send", ("clear_relay",)
    if reading.intent in ("reports_result", "confirms_appointment", "confirms_completion"):
        if "internal_only" in reading.signals:
            return "review", ("internal_only",)
        return (
            ("send", ("plain_result",))
            if reading.wait_ref or "names_case" in reading.signals
            else ("record", ("partner_fragment",))
        )
    if reading.intent in ("requests_change", "requests_remedy", "complains"):
        return "review", ("needs_person",)
    return "record", ("partner_note",)


def _customer(reading: StatementReading, turn: Turn) -> tuple[str, tuple[str, ...]]:
    reasons = [f"risk:{t}" for t in sorted(reading.risk_topics)] + [f"alert:{a}" for a in reading.alerts]
    if reasons:
        return "review", tuple(reasons)
    if "voice_unread" in reading.signals:
        return "review", ("voice_without_transcript",)
    if reading.intent in REVIEW_INTENTS:
        return "review", (f"intent:{reading.intent}",)
    if "injection" in reading.signals and reading.intent != "chats":
        return "review", ("injection",)
    p_review = reading.confidence.get("p_review", 0.0)
    limit = 0.8 if reading.wait_ref and reading.wait_confidence > 0.6 else UNSURE_REVIEW
    if reading.intent in SILENT_INTENTS:
        doubt = p_review > max(limit, 0.6) or reading.confidence.get("p_trouble", 0.0) > 0.3
        return ("review", ("model_review",)) if doubt else ("record", (f"intent:{reading.intent}",))
    if reading.intent == "declines" and reading.wait_ref is None:
        if reading.confidence.get("intent", 1.0) < 0.55 or p_review > 0.5:
            return "review", ("unsure_intent",)
        if reading.business_class == "marketing" or not turn.open_waits:
            return "record", ("declines_offer",)
    if p_review > limit or reading.confidence.get("p_trouble", 0.0) > 0.35:
        return "review", ("model_review",)
    if reading.confidence.get("intent", 1.0) < UNSURE_INTENT:
        return "review", ("unsure_intent",)
    return "send", ("clear_low_risk",)
