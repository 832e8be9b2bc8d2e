"""Where a matter stands that waits for the customer and for somebody else at once: the answer says both."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from aijia import pump
from cases import operations as cases
from cases.models import WaitingItem
from cases.operations import Fact
from delivery import ports
from review.models import Draft
from tests.builders import ME, NINE, Company, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(ready: Company, settings: Any) -> Company:
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"
    ports._load.cache_clear()
    return ready


def progress(shop: Company) -> str:
    say(shop.group, "wmchen", "我的事情到哪一步了呀", at=NINE + timedelta(minutes=5))
    pump.drain(NINE + timedelta(minutes=5), channel=False)
    return Draft.objects.filter(reply_kind="progress_update").latest("pk").text


def waits(shop: Company, *sides: str) -> None:
    fact = Fact(ME, NINE, NINE)
    if "customer" in sides:
        cases.open_wait(case=shop.case, state="waiting_customer_material", on=shop.contact, on_role="customer_contact", need="铭牌照片",
                        need_kind="material", fact=fact)  # fmt: skip
    if "partner" in sides:
        cases.open_wait(case=shop.case, state="waiting_partner_feedback", on=shop.partner_person, on_role="fulfillment_partner",
                        need="王师傅看下主板", need_kind="feedback", fact=fact)  # fmt: skip
    if "ours" in sides:
        cases.owe_ourselves(case_id=shop.case.pk, need="向仓库核对", need_kind="review", due_at=None, fact=fact)


@pytest.mark.parametrize(
    ("sides", "said", "unsaid"),
    [
        (("customer",), ("铭牌照片",), ("服务方", "另外")), (("customer", "partner"), ("铭牌照片", "服务方的反馈"), ("王师傅", "主板")),
        (("customer", "ours"), ("铭牌照片", "还有一项在办"), ("仓库",)),
    ],
)  # fmt: skip
def test_it_says_what_waits_for_the_customer_and_what_waits_beside(
    shop: Company, sides: tuple[str, ...], said: tuple[str, ...], unsaid: tuple[str, ...]
) -> None:
    waits(shop, *sides)
    text = progress(shop)
    assert all(words in text for words in said) and not any(words in text for words in unsaid), text


def test_what_is_promised_is_named_in_its_own_words_with_its_own_time(shop: Company) -> None:
    at = NINE + timedelta(minutes=5)
    say(shop.group, "lin", "麻烦您周五下午2点把车开到店里。有结果明天上午跟您说", at=at)
    pump.drain(at, channel=False)
    owed = WaitingItem.objects.get(on_role="internal_handler", need_kind="feedback")
    assert owed.need.endswith("有结果明天上午跟您说") and "周五" not in owed.need
    assert owed.due_at is not None and owed.due_at.astimezone(NINE.tzinfo).date() == (NINE + timedelta(days=1)).date()
