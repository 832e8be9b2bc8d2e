"""Words of planned texts from the language model: asked for before the transaction, used inside it, where they say what the plan says."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from cases.models import ServiceCase
from conversations.models import CUSTOMER_VISIBLE
from foundation.remembering import Remembered
from knowledge.models import BrandVoice, KnowledgeKind, KnowledgeVersion
from knowledge.search import find_examples
from knowledge.voices import speaks_for, voice_for
from people.directory import directory
from review.models import Level
from review.policies import level_for
from triage import wording
from triage.engines.base import EngineNote
from triage.engines.llm.asking import ask
from triage.engines.llm.budget import policy
from triage.engines.llm.client import Failure
from triage.engines.llm.engine import fallback_note
from triage.engines.llm.faithful import unfaithful
from triage.engines.llm.masking import Masker, UnknownMark
from triage.engines.llm.prompts import WORD, prompt
from triage.engines.llm.schema import wording as wording_of
from triage.engines.registry import engine
from triage.models import Wording
from triage.planning.plans import PlannedText

logger = logging.getLogger(__name__)
#: Kinds whose words are not the model's: a published answer is worded by its source, a holding notice by whoever answers for it.
OWN_WORDS = frozenset({"faq_answer", "holding_notice"})
#: So many texts of one turn are worded; nobody is kept waiting for more.
MAX_TEXTS = 3
MAX_TOKENS = 500
#: How many examples of our tone the model is shown.
TONES = 4


@dataclass(frozen=True)
class Phrase:
    """What became of asking for a wording; `text` is empty where the planned text stands."""

    text: str
    note: EngineNote


Phrases = dict[tuple[int, str, str], Phrase]

_any_tone = Remembered(
    lambda: tuple(
        KnowledgeVersion.objects.published().filter(kind=KnowledgeKind.TONE_EXAMPLE).order_by("pk")[: TONES * 10]
    ),
    seconds=10,
)
_any_tone.forget_on_change(KnowledgeVersion)


def _tone(text: str, voice: BrandVoice) -> list[str]:
    """Published examples of a voice: those that come nearest to a text, or any where none does."""
    near = find_examples(text, at=timezone.now(), limit=TONES, voice=voice)
    return [one.body[:200] for one in near or [one for one in _any_tone() if speaks_for(one, voice)][:TONES]]


def key_of(planned: PlannedText) -> tuple[int, str, str]:
    """By what a phrase is found again when the plan has been made a second time, under locks."""
    return planned.conversation.pk, planned.reply_kind, planned.text


def wanted() -> bool:
    """Whether the language model words anything here."""
    return engine().name == "llm" and policy().enabled and policy().wording != Wording.OFF


def may_word(*, released: bool) -> bool:
    """Whether the model's words may stand in a text; `released`: it goes out without a person."""
    return policy().wording == Wording.ALL or (policy().wording == Wording.REVIEWED and not released)


def phrase_ahead(planned: Iterable[tuple[PlannedText, ServiceCase | None]]) -> Phrases:
    """Ask for the wording of texts to customers. Call it outside any transaction; it never raises for what a model says."""
    found: Phrases = {}
    for text, case in planned:
        if len(found) < MAX_TEXTS and key_of(text) not in found and _worth_wording(text, case):
            found[key_of(text)] = phrase(text, case)
    return found


def _worth_wording(planned: PlannedText, case: ServiceCase | None) -> bool:
    if planned.conversation.kind not in CUSTOMER_VISIBLE or planned.reply_kind in OWN_WORDS or len(planned.text) < 8:
        return False
    if policy().wording == Wording.ALL or planned.held:
        return True
    level = level_for(
        flow=case.flow if case is not None else None,
        conversation_kind=planned.conversation.kind,
        reply_kind=planned.reply_kind,
    )
    return level != Level.DIRECT


def phrase(planned: PlannedText, case: ServiceCase | None) -> Phrase:
    """A wording of one planned text, checked to say the same; or why there is none."""
    asked = prompt(WORD)
    masker = Masker(_known(planned, case), active=policy().mask_personal_data)
    voice = voice_for(case=case, conversation=planned.conversation)
    question = {
        "reply_kind": planned.reply_kind,
        "language": "en" if wording.is_english(planned.text) else "zh",
        "draft": masker.mask(planned.text),
        "tone": _tone(planned.text, voice),
    }

    def check(answer: dict[str, object]) -> str:
        try:
            text = masker.unmask(voice.reworded(wording_of(answer)))
        except UnknownMark as error:
            raise Failure("unfaithful", "a mark that was never given") from error
        changed = unfaithful(planned.text, text)
        if changed:
            raise Failure("unfaithful", changed)
        return text

    try:
        answer = ask(step="word", prompt=asked, question=question, check=check, max_tokens=MAX_TOKENS)
    except Failure as failure:
        return Phrase("", fallback_note("word", failure, asked.version))
    except Exception:  # the planned text is there, and good
        logger.exception("a wording could not be had")
        return Phrase("", fallback_note("word", Failure("failed"), asked.version))
    outcome = "cached" if answer.cached else "used"
    return Phrase(answer.value, EngineNote("word", outcome, prompt=asked.version, model=answer.model))


def _known(planned: PlannedText, case: ServiceCase | None) -> dict[str, str]:
    known = {
        name: "name"
        for row in ("customers", "staff", "partner_people", "partners")
        for name in directory().find(row, planned.text)
    }
    if case is not None:
        known[case.customer.name] = "name"
        known |= dict.fromkeys((case.number, *case.labels), "order_number")
    return {words: kind for words, kind in known.items() if len(words.strip()) > 1}
