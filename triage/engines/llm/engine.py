"""The engine that asks a language model, and holds what it says against the local engine."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from people.directory import directory
from triage.engines.base import EngineNote, StatementReading, Turn, Understanding
from triage.engines.llm.asking import ask
from triage.engines.llm.budget import policy
from triage.engines.llm.client import Failure
from triage.engines.llm.endpoint import endpoint
from triage.engines.llm.masking import Masker, UnknownMark
from triage.engines.llm.merge import merge
from triage.engines.llm.prompts import UNDERSTAND, prompt
from triage.engines.llm.question import build_question
from triage.engines.llm.schema import Read, readings
from triage.engines.local.features import own_words
from triage.engines.registry import local_engine
from triage.phrases import BARE_ACK
from triage.refine import refine
from triage.statements import take_apart

logger = logging.getLogger(__name__)
MAX_TEXT = 3000
MAX_TOKENS = 900


def known_words(turn: Turn) -> dict[str, str]:
    """What is personal in a turn by what we know, beyond what patterns find: names and the numbers by which cases are called."""
    known: dict[str, str] = {}
    for wait in turn.open_waits:
        for words in (wait.case_label, *wait.aliases):
            known[words] = "order_number" if any(char.isdigit() for char in words) else "name"
        known[wait.on_person] = "name"
    known |= dict.fromkeys((*turn.customer_names, *turn.mentions), "name")
    text = "\n".join((turn.text, turn.quoted, *(row.text for row in turn.previous), *(w.need for w in turn.open_waits)))
    people = directory()
    for kind in ("customers", "staff", "partner_people", "partners"):
        known |= dict.fromkeys(people.find(kind, text), "name")
    return {words: kind for words, kind in known.items() if len(words.strip()) > 1}


class LlmEngine:
    """Reads turns with a language model where that is worth a question, else, and whenever there is no valid answer, locally.

    What it says is data. It can add care (topics, alerts, doubt) and say better what was meant; it can take no topic away, make nothing
    go out that the local engine would hold, and silence nothing that the local engine would answer.
    """

    name = "llm"

    @property
    def version(self) -> str:
        """Model, prompt and the local engine that it is held against."""
        target = endpoint()
        return f"llm/{target.model if target else '-'}/{prompt(UNDERSTAND).version}+{local_engine().version}"

    def understand(self, turn: Turn) -> Understanding:
        """Say what the turn means; `notes` say what became of asking."""
        local = local_engine()
        plain = take_apart(local.understand(turn), turn, local)
        base = replace(plain, statements=tuple(refine(row, turn, local) for row in plain.statements))
        why_not = not_worth_it(turn, base.statements)
        if why_not:
            return replace(plain, notes=(EngineNote("understand", "skipped", why_not),))
        masker = Masker(known_words(turn), active=policy().mask_personal_data)
        parts = [row.text for row in base.statements]
        question, waits = build_question(turn, parts, masker)
        asked = prompt(UNDERSTAND)

        def check(answer: dict[str, object]) -> list[Read]:
            rows = readings(answer, side=turn.sender_side, statements=question["statements"], waits=waits)
            return [_as_written(row, masker, waits) for row in rows]

        try:
            answer = ask(step="understand", prompt=asked, question=question, check=check, max_tokens=MAX_TOKENS)
        except Failure as failure:
            return replace(plain, notes=(fallback_note("understand", failure, asked.version),))
        try:
            statements = merge(base.statements, answer.value, turn, local)
        except Exception:  # an engine never raises for odd text, and the local reading is there
            logger.exception("an answer of the language model could not be used")
            return replace(plain, notes=(fallback_note("understand", Failure("failed"), asked.version),))
        outcome = "cached" if answer.cached else "used"
        return Understanding(
            statements=statements,
            engine=self.name,
            version=self.version,
            taken_apart=True,
            notes=(EngineNote("understand", outcome, prompt=asked.version, model=answer.model),),
        )


def _as_written(row: Read, masker: Masker, waits: dict[str, str]) -> Read:
    """A reading in the words and with the items of this turn.

    :raises Failure: `wrong_schema`, when it holds a mark that was never given.
    """
    try:
        return replace(row, text=masker.unmask(row.text), wait=waits[row.wait] if row.wait else None)
    except UnknownMark as error:
        raise Failure("wrong_schema", "a mark that was never given", again=True) from error


def not_worth_it(turn: Turn, base: Sequence[StatementReading]) -> str:
    """Why a turn is not worth a question; empty where it is.

    An alert goes to a person at once and waits for no network; bare thanks, pictures without words and what colleagues type to customers
    themselves are read well enough here.
    """
    text = own_words(turn.text).strip()
    if any(row.alerts for row in base):
        return "alert"
    if len(text) < 2:
        return "no_words"
    if BARE_ACK.match(text) and not turn.attachments:
        return "plain"
    if turn.sender_side == "internal" and turn.conversation_kind != "internal_group":
        return "staff_text"
    if turn.sender_side not in ("customer", "unknown", "partner", "internal"):
        return "staff_text"
    if len(text) > MAX_TEXT:
        return "too_long"
    return ""


def fallback_note(step: str, failure: Failure, version: str) -> EngineNote:
    """Why the local engine stands in."""
    target = endpoint()
    outcome = "skipped" if failure.code == "switched_off" else "fallback"
    return EngineNote(
        step, outcome, failure.code, failure.detail, prompt=version, model=target.model if target is not None else ""
    )
