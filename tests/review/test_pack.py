"""The rules about texts that ship: what they find, and what sounds like it and is none."""

from __future__ import annotations

import pytest

from review import pack
from review.gate import TextFacts, check_text
from review.pack_rates import Example, measure, read_examples

EXAMPLES = read_examples()


def words_of(example: Example) -> str:
    return {rule.name: words for rule, words in pack.found(example.text, matter=example.matter)}.get(example.rule, "")


@pytest.mark.parametrize("example", [e for e in EXAMPLES if e.breaks], ids=lambda e: e.text)
def test_what_breaks_a_rule_is_found_by_words_that_stand_in_it(example: Example) -> None:
    assert words_of(example) and words_of(example) in example.text


@pytest.mark.parametrize("example", [e for e in EXAMPLES if not e.breaks], ids=lambda e: e.text)
def test_what_only_sounds_like_it_is_none(example: Example) -> None:
    assert not words_of(example)


def test_every_rule_is_measured_on_both() -> None:
    rates = measure()
    assert set(rates) == set(pack.rules())
    assert all(rate.breaks >= 6 and rate.fine >= 6 for rate in rates.values())


def test_a_denial_counts_in_its_own_clause_only() -> None:
    assert not pack.found("请勿私下转账给师傅")
    assert pack.found("不要担心，直接微信转给我就行")
    assert pack.found("没有别的要求，好评返现5元")


def test_medical_words_hold_for_cosmetics_and_food_only() -> None:
    def codes(text: str, matter: str) -> set[str]:
        return {reason.code for reason in check_text(text, TextFacts(matter=matter))}

    assert "medical_claim" in codes("可以消炎的，放心用", "这个面膜敏感肌能用吗")
    assert codes("可以消炎的，放心用", "牙龈肿了，复诊") == set()


def test_what_stays_inside_may_be_said_inside() -> None:
    assert check_text("内部群里说一下，返工费我们出", TextFacts(audience="internal")) == []
    assert check_text("内部群里说一下，返工费我们出", TextFacts(audience="customer"))


def test_words_broken_up_by_spaces_are_found() -> None:
    assert pack.found("全 网 最 低 价")
