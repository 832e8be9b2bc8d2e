"""The gate and the checks on a text, as plain functions."""

from __future__ import annotations

import pytest

from review.gate import GateFacts, TextFacts, check_text, gate


def codes(text: str, **facts: object) -> set[str]:
    return {reason.code for reason in check_text(text, TextFacts(**facts))}  # type: ignore[arg-type]


def test_a_plain_text_may_leave() -> None:
    assert codes("陈女士您好，收到了，谢谢您～") == set()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("王师傅说周五来", "leak_name"),
        ("返工费的事我们再商量", "leak_internal"),
        ("好评返现十元红包哦", "compliance"),
        ("您直接微信转给我就行", "private_payment"),
        ("上门费80元", "price"),
        ("", "empty_text"),
    ],
)
def test_what_must_not_leave_is_named(text: str, code: str) -> None:
    assert code in codes(text, private_names={"王师傅": "leak_name"})


def test_a_forbidden_promise_is_found_and_its_denial_is_not() -> None:
    assert "forbidden_commitment" in codes("好的亲，保证退差价", forbidden=("保证退差价",))
    assert codes("这个不能保证退差价哦", forbidden=("保证退差价",)) == set()


def test_a_long_quotation_of_a_withheld_clause_is_a_leak() -> None:
    facts = {"private_phrases": ("上回你们报错型号害我白跑",)}
    assert "leak_quotation" in codes("因为上回你们报错型号，所以晚了", **facts)
    assert codes("型号要看清楚", **facts) == set()


def test_only_direct_and_clean_goes_without_a_person() -> None:
    facts = {"reply_kind": "material_received", "conversation_kind": "private"}
    assert gate(GateFacts(level="direct", **facts)).mode == "send"  # type: ignore[arg-type]
    assert gate(GateFacts(level="review", **facts)).mode == "review"  # type: ignore[arg-type]
    assert gate(GateFacts(level="direct", risk_topics=("refund",), **facts)).mode == "review"  # type: ignore[arg-type]


def test_a_public_group_is_always_reviewed() -> None:
    assert (
        gate(GateFacts(reply_kind="faq_answer", conversation_kind="community_group", level="direct")).mode == "review"
    )


def test_complaints_and_alerts_are_released_by_a_supervisor() -> None:
    facts = {"reply_kind": "other", "conversation_kind": "private", "level": "review"}
    assert gate(GateFacts(risk_topics=("complaint",), **facts)).required_right == "supervisor"  # type: ignore[arg-type]
    assert gate(GateFacts(alerts=("safety",), **facts)).required_right == "supervisor"  # type: ignore[arg-type]
    assert gate(GateFacts(risk_topics=("refund",), **facts)).required_right == "handler"  # type: ignore[arg-type]
