"""What a text is checked against, and what it promises and asks for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from cases.models import ServiceCase
from conversations.models import Conversation, ConversationKind
from knowledge.rules import forbidden_phrases, text_rules
from review import pack
from review.gate import Reason, TextFacts
from review.models import Draft
from triage import asks
from triage import situation as sit

#: Kinds of text that open no wait by their wording.
ASK_NOTHING = frozenset({"material_received", "faq_answer", "progress_update", "reminder"})


def text_facts(
    case: ServiceCase | None,
    *,
    text: str,
    conversation: Conversation | None,
    phrases: list[str],
    at: datetime,
    matter: str = "",
) -> TextFacts:
    """What a text is checked against: who reads it, and which names in it they must not learn.

    :param matter: what was asked, in words; title and flow of the case are added to it.
    """
    reader = "customer"
    if conversation is not None and conversation.kind == ConversationKind.PARTNER_GROUP:
        reader = "partner"
    elif conversation is not None and conversation.kind == ConversationKind.INTERNAL_GROUP:
        reader = "internal"
    customer = conversation.customer if conversation is not None else None
    names = sit.private_names(case, reader=reader, text=text, customer=customer)
    return TextFacts(
        audience=reader, private_names=names, private_phrases=tuple(phrases), forbidden=tuple(forbidden_phrases(at=at)),
        rules=tuple(text_rules(at=at, channels=("wecom", conversation.surface) if conversation is not None else ())),
        matter=" ".join(filter(None, (matter, case.title if case is not None else "", case.flow.name if case is not None else ""))),
    )  # fmt: skip


def draft_text_facts(draft: Draft, wording: str) -> TextFacts:
    """What the reader of a draft must not learn, for a wording of it; `review` asks at every verdict."""
    phrases = [str(phrase) for phrase in draft.effects.get("private_phrases", [])]
    facts = text_facts(
        draft.case, text=wording, conversation=draft.conversation, phrases=phrases, at=draft.created_at,
        matter=draft.cause.text if draft.cause is not None else "",
    )  # fmt: skip
    # Only a wording that promises something needs to know what its sources say.
    promises = any(rule.stated for rule, _words in pack.found(wording, matter=facts.matter))
    return replace(facts, stated=tuple(draft.sources.values_list("body", flat=True))) if promises else facts


def draft_text_notes(draft: Draft, wording: str) -> list[Reason]:
    """What a wording of a draft promises and asks for, as its release would read it."""
    conversation = draft.conversation
    if conversation is None or not conversation.is_customer_visible:
        return []
    notes = [Reason("opens_promise", {"words": words}) for words in asks.promises_in(wording)]
    declared = draft.effects.get("asks") or []
    if draft.reply_kind in ASK_NOTHING or "proof_of" in draft.effects:
        return notes
    if declared and wording == draft.proposed_text:
        return notes + [Reason("opens_ask", {"need": str(ask.get("need", ""))}) for ask in declared]
    return notes + [Reason("opens_ask", {"need": ask.need}) for ask in asks.asks_of(wording)]
