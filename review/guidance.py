"""What whoever decides on a draft should mind, and what to do inside the company: by what holds the draft, in the reader's language.

A draft may bring words of its own (`Draft.risk_note`, `Draft.suggestion`); what stands here is said beside them. A house says it in its own
words on the risk boundary (`RiskBoundary.advice`), which then takes the place of ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_lazy as _

from review.models import Draft
from review.policies import advice_of

#: More than this nobody reads beside a draft.
MOST = 3

#: Topic or alert → what goes wrong when the text is wrong, and what to do first.
ON_TOPIC: dict[str, tuple[Any, Any]] = {
    "safety": (
        gettext_lazy("Somebody may be in danger. A slow or soothing answer makes it worse, and is read later by others."),
        gettext_lazy("Call the customer at once; tell the supervisor on duty; ask what to switch off or stop using. No word about fault."),
    ),
    "regulator_media": (
        gettext_lazy("Every sentence may be quoted to an authority or in public."),
        gettext_lazy("Answer nothing about the matter before the supervisor has spoken; keep records and pictures; name one person to talk to."),
    ),
    "staff_misconduct": (
        gettext_lazy("A colleague or partner is accused. Taking sides, or naming them, harms whoever turns out to be right."),
        gettext_lazy("Take it down in the customer's words, have the supervisor look into it, let nobody who is accused answer."),
    ),
    "private_payment": (
        gettext_lazy("Money outside our accounts cannot be traced; the customer may lose it."),
        gettext_lazy("Ask the customer to pay nothing more and to keep the receipts; report it to the supervisor; say which account is ours."),
    ),
    "minor": (
        gettext_lazy("A child is concerned: consent, pictures and purchases follow stricter law."),
        gettext_lazy("Speak to the parents only; ask for no picture or data of the child; have the supervisor look."),
    ),
    "refund": (
        gettext_lazy("A refund that is promised here is owed, whatever the records say later."),
        gettext_lazy("Look up payment and what the policy grants; have it approved; then name sum, way and day, or say when you will."),
    ),
    "compensation": (
        gettext_lazy("A compensation hinted at counts as offered, and becomes the measure for others."),
        gettext_lazy("Find out what happened and who bears it; have the sum approved before it is named."),
    ),
    "price_protection": (
        gettext_lazy("Whether the difference is paid hangs on dates and on where it was bought."),
        gettext_lazy("Compare order date, price then and now, and the published rule; have an exception approved."),
    ),
    "discount_promise": (
        gettext_lazy("A price named to one customer is soon known to all."),
        gettext_lazy("Offer only what is published; have anything beyond it approved first."),
    ),
    "price": (
        gettext_lazy("An amount without a source binds us."),
        gettext_lazy("Look the amount up and cite where it stands."),
    ),
    "service_promise": (
        gettext_lazy("A day or result that others have to keep is promised in our name."),
        gettext_lazy("Have it confirmed by whoever does it; until then say only when there will be news."),
    ),
    "complaint": (
        gettext_lazy("The customer wants to be heard; a form letter makes it worse."),
        gettext_lazy("Read the whole matter, call if it has lasted; say what you understood, what happens next, and by when."),
    ),
    "dispute": (
        gettext_lazy("Facts are contested; what we admit or deny here is kept."),
        gettext_lazy("Gather what proves it from all sides first; write nothing about fault before."),
    ),
    "negative_review": (
        gettext_lazy("Anything given for a good or a deleted review breaks the platforms' rules."),
        gettext_lazy("Solve the matter, never the review; tell the supervisor."),
    ),
    "public_group": (
        gettext_lazy("Many customers read along: names, orders and exceptions become known to all."),
        gettext_lazy("Answer in private, and in the group only what holds for everybody."),
    ),
    "identity_uncertain": (
        gettext_lazy("Whoever asks may not be the customer."),
        gettext_lazy("Say nothing about orders or visits until it is clear who this is; link the person on the page of unmatched people."),
    ),
    "case_uncertain": (
        gettext_lazy("It may be about another matter than the one answered here."),
        gettext_lazy("Choose the case, or ask which one is meant."),
    ),
    "missing_context": (
        gettext_lazy("The customer would get a request without knowing what for, or how."),
        gettext_lazy("Ask the colleague or partner for what is missing, then write it."),
    ),
    "account": (
        gettext_lazy("Account data told to the wrong person cannot be taken back."),
        gettext_lazy("Check who asks by what we have on file before saying or changing anything."),
    ),
    "address": (
        gettext_lazy("Goods or people may already be on the way to the old address."),
        gettext_lazy("Check whether it can still be changed and tell whoever delivers; then confirm it."),
    ),
    "benefit": (
        gettext_lazy("Points and benefits are worth money."),
        gettext_lazy("Look up the account and the rule; have what goes beyond it approved."),
    ),
    "payment": (
        gettext_lazy("It is about money paid or to be paid."),
        gettext_lazy("Check the order and the receipt in the accounts; name only our own ways of paying."),
    ),
    "privacy": (
        gettext_lazy("Data of somebody else, or data that need not be told."),
        gettext_lazy("Ask for consent, or leave it out; pass on only what the purpose needs."),
    ),
    "sensitive_material": (
        gettext_lazy("Identity cards, medical papers or bank data should not lie in a chat."),
        gettext_lazy("Ask whether it is needed at all; if so, say what for, where it goes, and what may be covered."),
    ),
    "health_claim": (
        gettext_lazy("What we say about a body may be taken as a doctor's word."),
        gettext_lazy("Ask what was used and since when, advise to stop and see a doctor where it fits; leave causes to who knows them."),
    ),
    "financial_claim": (
        gettext_lazy("Returns, interest and cover may only be told as the contract has them."),
        gettext_lazy("Quote the published terms, or have whoever is licensed answer."),
    ),
    "legal_claim": (
        gettext_lazy("A view of the law given here can be held against us."),
        gettext_lazy("Ask legal or the supervisor; state facts only."),
    ),
    "compliance": (
        gettext_lazy("Advertising or competition law forbids some of it."),
        gettext_lazy("Take the words out, or have whoever is responsible clear them."),
    ),
    "complex_relay": (
        gettext_lazy("Money, blame or somebody else's matter stands in what would be passed on."),
        gettext_lazy("Pass on only what this customer has to do or know; settle the rest with whoever wrote it."),
    ),
    "unproven_completion": (
        gettext_lazy("It is said to be done, and nothing shows it."),
        gettext_lazy("Ask for the proof that the flow names before the item is closed."),
    ),
    "verification_conflict": (
        gettext_lazy("What was checked and what was said contradict each other."),
        gettext_lazy("Ask both sides for what they saw; keep the item open until it fits."),
    ),
}  # fmt: skip

#: Reason to hold → the same, where no topic says it already.
ON_REASON: dict[str, tuple[Any, Any]] = {
    "identity_uncertain": ON_TOPIC["identity_uncertain"],
    "case_uncertain": ON_TOPIC["case_uncertain"],
    "missing_context": ON_TOPIC["missing_context"],
    "unproven": ON_TOPIC["unproven_completion"],
    "no_published_source": (
        gettext_lazy("Nothing published answers this; whatever is said is somebody's own word."),
        gettext_lazy("Ask whoever knows, answer, and propose it as knowledge so that it is there next time."),
    ),
    "source_outdated": (
        gettext_lazy("What it cites may no longer be said."),
        gettext_lazy("Look at what holds now and word it anew."),
    ),
    "engine_unsure": (
        gettext_lazy("The machine may have misread it."),
        gettext_lazy("Read the message itself; correct how it was understood, so that the machine learns."),
    ),
    "engines_disagree": (
        gettext_lazy("Two readings of the message differ."),
        gettext_lazy("Read the message itself and decide which holds."),
    ),
    "injection": (
        gettext_lazy("Somebody tries to give the system orders."),
        gettext_lazy("Follow none of it; answer only what a customer could want."),
    ),
    "state_unclear": (
        gettext_lazy("It is not clear where the matter stands; a wrong word raises false hopes."),
        gettext_lazy("Ask whoever is working on it, then tell the customer."),
    ),
    "voice_without_transcript": (
        gettext_lazy("Nobody knows yet what was said; it may be a complaint or a danger."),
        gettext_lazy("Listen to it in WeCom, then answer; type a line into the case so that others know it too."),
    ),
    "overtaken": (
        gettext_lazy("Something newer has reached us since."),
        gettext_lazy("Read on to the end of the conversation before you release."),
    ),
    "taken_over": (
        gettext_lazy("A colleague answers this case by hand; two answers may contradict each other."),
        gettext_lazy("Leave it to them, or ask them first."),
    ),
    "nothing_to_relay": (
        gettext_lazy("None of it is meant for the customer."),
        gettext_lazy("Only record it, unless you know what the customer should hear."),
    ),
    "partner_asks_us": (
        gettext_lazy("The partner waits for an answer from us."),
        gettext_lazy("Answer the partner; ask the customer only for what you do not know."),
    ),
    "partner_in_customer_group": (
        gettext_lazy("A partner wrote about money or blame where the customer reads."),
        gettext_lazy("Speak to the partner elsewhere; tell the customer who decides, and when there will be news."),
    ),
    "case_closed": (
        gettext_lazy("The case is closed; the answer may belong to a new matter."),
        gettext_lazy("Reopen it, or open a new one, before you answer."),
    ),
    "kind_never_direct": (
        gettext_lazy("Texts of this kind are always read by a person first."),
        gettext_lazy("Check that facts, person and tone are right."),
    ),
    "automation_level": (
        gettext_lazy("Nothing speaks against it but the automation level of this kind of text."),
        gettext_lazy("Check person, case and facts; if such texts are always right, a supervisor may let them go directly."),
    ),
}  # fmt: skip


class Suggestion(models.TextChoices):
    """What a draft itself suggests to do inside: stored as a code, worded in the language of whoever reads it."""

    WORD_IT_YOURSELF = "word_it_yourself", _("Money, promises or a complaint: check the facts and word it yourself.")
    ASK_WHICH_MATTER = "ask_which_matter", _("Ask which matter is meant before recording it.")
    ASK_WHO_IS_IN_CHARGE = "ask_who_is_in_charge", _("The state is unclear: ask whoever is in charge first.")
    CHECK_THE_RESULT = "check_the_result", _("The result is uncertain or contested: check it and word it yourself.")
    CANCEL_OR_CALL = "cancel_or_call", _("Cancel the case after this notice, or call the customer.")


def suggestion_words(suggestion: str) -> str:
    """A suggestion in the reader's language; one that somebody worded, as it is."""
    return str(Suggestion(suggestion).label) if suggestion in Suggestion.values else suggestion


#: Reasons that say only of which kind a text is: worth saying where there is no other.
_BY_KIND = frozenset({"automation_level", "kind_never_direct"})


def guidance(draft: Draft) -> tuple[list[str], list[str]]:
    """What to mind with a draft, and what to do inside: most pressing first, at most `MOST` sentences each.

    The draft's own words come first, then alerts, then risk topics, then what else holds it. Only reasons that no topic has said already.
    """
    notes = [draft.risk_note] if draft.risk_note else []
    steps = [suggestion_words(draft.suggestion)] if draft.suggestion else []
    for about, own in _about(draft):
        note, step = about
        notes.append(str(note))
        steps.append(own or str(step))
    return list(dict.fromkeys(notes))[:MOST], list(dict.fromkeys(steps))[:MOST]


def _about(draft: Draft) -> Iterable[tuple[tuple[Any, Any], str]]:
    """What holds the draft, with the house's own words where its boundary has some."""
    advice = advice_of()
    topics = [topic for topic in (*draft.alerts, *draft.risk_topics) if topic in ON_TOPIC]
    for topic in topics:
        yield ON_TOPIC[topic], advice.get(topic, "")
    codes = [code for code in map(_code, draft.reasons) if code in ON_REASON and code not in draft.risk_topics]
    telling = [code for code in codes if code not in _BY_KIND]
    for code in telling if topics or telling else codes:
        yield ON_REASON[code], ""


def _code(reason: Mapping[str, Any]) -> str:
    return str(reason.get("code", ""))
