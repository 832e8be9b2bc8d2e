"""The stages of rules for a turn, and a reading as it is after them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from triage import phrases
from triage.engines.base import Engine, StatementReading, Turn
from triage.refine.colleagues import INTERNAL, OURS_ARE_TO_TELL, PARTNERS
from triage.refine.customers import CUSTOMERS_PLACE, CUSTOMERS_WORDS
from triage.refine.rules import Heard, Rule

_CUSTOMERS = frozenset({"customer", "unknown"})


def stages_for(turn: Turn) -> Iterable[tuple[Rule, ...]]:
    """The stages of rules for a turn, by who speaks and where."""
    if turn.sender_side in _CUSTOMERS:
        return (CUSTOMERS_WORDS, CUSTOMERS_PLACE)
    if turn.sender_side not in ("partner", "internal") or turn.conversation_kind not in (
        "partner_group",
        "internal_group",
    ):
        return ()
    partners = PARTNERS if turn.sender_side == "partner" else ()
    return ((OURS_ARE_TO_TELL,), *INTERNAL, *partners)


def refine(reading: StatementReading, turn: Turn, engine: Engine) -> StatementReading:
    """A reading corrected where side and place decide.

    :param engine: asked again about what is left of a partner's text without its asides.
    """
    if reading.text and phrases.BARE_ACK.match(reading.text) and not turn.attachments:
        return replace(reading, intent="acknowledges", wait_ref=None, wait_state_after=None)
    for stage in stages_for(turn):
        heard = Heard(reading, turn, engine)
        fitting = next((rule for rule in stage if rule.fits(heard)), None)
        if fitting is not None:
            reading = fitting.then(heard)
    return reading
