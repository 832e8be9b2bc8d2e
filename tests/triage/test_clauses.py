"""Which clauses of a report are facts for a customer: the labelled clauses, the model that learnt from them, and the words around it."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.engines.local import clauses
from triage.wording import relay_result, take_apart

DATA = Path(clauses.__file__).resolve().parents[2] / "data" / "clauses"


def told(text: str, name: str = "陈女士") -> str:
    """What is told of a report to its customer."""
    return relay_result(text, name=name, names=[name], labels=[], private_names={})[0]


def test_the_labelled_clauses_are_read_once_each_and_both_ways() -> None:
    found = clauses.read_clauses(DATA)
    assert len(found) > 2000
    assert 0.4 < sum(inside for _clause, inside in found) / len(found) < 0.6
    assert len({clause for clause, _inside in found}) == len(found)


def test_a_line_without_its_sign_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("+ 换好了\n换好了\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"x\.txt:2"):
        clauses.read_clauses(tmp_path)


@pytest.mark.parametrize(
    ("fact", "talk"),
    [
        ("窗帘轨道装好了", "这家女主人嘴上就没停过"),
        ("布料周五到货", "布料是小李那边下错单才晚的"),
        ("试了三遍都正常", "上一家师傅纯粹糊弄人"),
    ],
)
def test_facts_are_told_and_talk_stays(fact: str, talk: str) -> None:
    assert told(f"{fact}，{talk}") == fact
    assert told(f"{talk}，{fact}") == fact


def test_what_ends_by_keeping_back_stays_inside_to_the_beginning_of_its_sentence() -> None:
    assert told("布料周五到货。裁刀磕了一下，这事别跟她讲") == "布料周五到货"
    assert take_apart("裁刀磕了一下，别同客人讲").kept == ()


def test_a_figure_of_the_model_stands_in_its_card() -> None:
    card = (DATA.parent / "model_card.md").read_text(encoding="utf-8")
    assert "kept inside, of those that must be" in card
