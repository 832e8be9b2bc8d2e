"""Another reader's intent is held against the local rules, and disagreement is never less careful."""

from __future__ import annotations

from dataclasses import replace

from tests.builders import NINE
from triage.engines.base import Turn, WaitView
from triage.engines.local.engine import LocalEngine
from triage.engines.policy import decide_mode
from triage.engines.registry import engine, local_engine

WAIT = WaitView("1", "1", "waiting_customer_material", "customer_contact", "铭牌照片", "image")


def turn(text: str, **more: object) -> Turn:
    return Turn(text=text, at=NINE, conversation_kind="private", sender_side="customer", **more)  # type: ignore[arg-type]


def test_an_intent_read_by_others_brings_the_topics_that_the_local_rules_tie_to_it() -> None:
    reading = local_engine().read_as(turn("嗯嗯弄了", open_waits=(WAIT,)), intent="confirms_completion", wait_ref="1")
    assert reading.intent == "confirms_completion" and reading.wait_ref == "1"
    assert "unproven_completion" in reading.risk_topics and reading.wait_state_after is None


def test_an_item_that_the_sender_does_not_owe_is_not_taken() -> None:
    ours = replace(WAIT, on_role="internal_handler")
    assert (
        local_engine().read_as(turn("好了", open_waits=(ours,)), intent="confirms_completion", wait_ref="1").wait_ref
        is None
    )


def test_engines_that_disagree_are_a_matter_for_a_person() -> None:
    said = turn("你们几点上班")
    reading = local_engine().understand(said).statements[0]
    assert decide_mode(reading, said)[0] != "review"
    torn = replace(reading, signals=reading.signals | {"engines_disagree"})
    assert decide_mode(torn, said) == ("review", ("engines_disagree",))


def test_the_local_engine_is_one_whatever_it_is_called() -> None:
    assert engine("local") is engine("triage.engines.local.engine.LocalEngine") is local_engine()
    assert isinstance(local_engine(), LocalEngine)
