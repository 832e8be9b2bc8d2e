"""What the gate reads."""

from __future__ import annotations

import pytest

from knowledge import operations
from knowledge.channels import code_of
from knowledge.rules import broken_rules, forbidden_phrases, text_rules
from tests.knowledge.builders import ME, NINE

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_forbidden_phrases_come_from_patterns_or_from_what_is_quoted() -> None:
    operations.seed(kind="forbidden_commitment", title="a", body="不得说“保证退款”“今天就退”。", at=NINE)
    operations.seed(
        kind="forbidden_commitment", title="b", body="Never promise a refund, a free replacement or a lifetime warranty in a chat.",
        at=NINE,
    )  # fmt: skip
    operations.seed(
        kind="forbidden_commitment",
        title="c",
        body="不作数",
        fields={"patterns": ["一定 修好", "/\\d+%\\s*有效/"]},
        at=NINE,
    )
    operations.seed(kind="forbidden_commitment", title="d", body="不得说“草稿里的话”。", state="draft", at=NINE)
    assert forbidden_phrases(at=NINE) == [
        "保证退款", "今天就退", "refund", "free replacement", "lifetime warranty", "一定 修好",
    ]  # fmt: skip
    assert [words for _rule, words in broken_rules("我们一定修好，98%有效", at=NINE)] == ["一定修好"]
    assert [words for _rule, words in broken_rules("98% 有效", at=NINE)] == ["98% 有效"]


def test_a_platform_rule_holds_in_its_channel_and_goes_when_it_is_retired() -> None:
    rule = operations.seed(
        kind="platform_rule",
        title="站外联系",
        body="不得引导站外",
        channels=["tmall"],
        fields={"patterns": ["加微信"]},
        at=NINE,
    )
    assert broken_rules("您加微信聊", at=NINE, channel="tmall") and not broken_rules(
        "您加微信聊", at=NINE, channel="wecom"
    )
    operations.retire(item_id=rule.item_id, reason="outdated", actor=ME, at=NINE)
    assert text_rules(at=NINE) == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Customer group", "customer_group"),
        ("客户群", "customer_group"),
        ("private chat", "staff_private"),
        ("Tmall", "tmall"),
        ("天猫", "tmall"),
        ("京东自营", "jd"),
    ],
)
def test_a_channel_is_known_by_what_people_call_it(name: str, code: str) -> None:
    assert code_of(name) == code
