"""What somebody writes in one go is understood together and gets one draft."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aijia import pump
from cases import operations as cases
from cases.models import Material, WaitingItem
from cases.operations import Fact
from evidence.verification import verify_subject
from review.models import Draft
from tests.builders import ME, NINE, Company, say
from triage.models import Decision

pytestmark = pytest.mark.django_db


def seconds(number: int) -> timedelta:
    return timedelta(seconds=number)


@pytest.fixture
def shop(ready: Company) -> Company:
    shop = ready
    cases.open_wait(
        case=shop.case, state="waiting_customer_material", on=shop.contact, on_role="customer_contact", need="铭牌照片",
        need_kind="material", proof="image", fact=Fact(ME, NINE, NINE),
    )  # fmt: skip
    return shop


def test_words_and_pictures_of_one_go_get_one_receipt(shop: Company) -> None:
    say(shop.group, "wmchen", "在吗", at=NINE, key="1")
    say(shop.group, "wmchen", "拍好了", at=NINE + seconds(3), key="2")
    for number in range(3):
        say(shop.group, "wmchen", "", at=NINE + seconds(5 + number), key=f"p{number}", attachments=("image",))
    pump.drain(NINE + seconds(8), channel=False)
    assert Draft.objects.get().reply_kind == "material_received"
    assert Material.objects.count() == 3
    assert WaitingItem.objects.get(on=shop.contact).state == "material_received"
    modes = list(Decision.objects.order_by("message__position").values_list("mode", flat=True))
    assert modes == ["record"] * 4 + ["review"]
    assert not verify_subject(cases.subject_of(shop.case))


def test_a_turn_that_may_go_on_is_left_until_it_is_quiet(shop: Company) -> None:
    say(shop.group, "wmchen", "拍好了", at=NINE, key="1")
    pump.drain(NINE + seconds(2), channel=False, patient=True)
    assert not Decision.objects.exists()
    say(shop.group, "wmchen", "", at=NINE + seconds(3), key="2", attachments=("image",))
    pump.drain(NINE + seconds(7), channel=False, patient=True)
    assert not Decision.objects.exists()
    pump.drain(NINE + seconds(10), channel=False, patient=True)
    assert Draft.objects.count() == 1 and Decision.objects.count() == 2


def test_an_alert_waits_for_nothing(shop: Company) -> None:
    say(shop.group, "wmchen", "机器漏电了，孩子被电了一下", at=NINE, key="1")
    pump.drain(NINE + seconds(1), channel=False, patient=True)
    assert Decision.objects.get().alerts == ["safety"]


def test_words_of_others_and_later_words_are_other_turns(shop: Company) -> None:
    say(shop.group, "wmchen", "在吗", at=NINE, key="1")
    say(shop.group, "lin", "在的", at=NINE + seconds(5), key="2")
    say(shop.group, "wmchen", "拍好了明天发", at=NINE + seconds(9), key="3")
    say(shop.group, "wmchen", "好的谢谢", at=NINE + seconds(200), key="4")
    pump.drain(NINE + seconds(201), channel=False)
    assert not any("part_of_turn" in str(decision.reasons) for decision in Decision.objects.all())
    assert Decision.objects.count() == 4


def test_a_later_word_on_the_same_matter_takes_the_place_of_the_draft_for_the_earlier(shop: Company) -> None:
    say(shop.group, "wmchen", "厨房又漏水了", at=NINE, key="1")
    pump.drain(NINE + seconds(20), channel=False)
    first = Draft.objects.get(cause__text="厨房又漏水了")
    assert first.state == "pending" and not first.effects.get("asks")
    say(shop.group, "wmchen", "水都漏到楼下了", at=NINE + seconds(140), key="2")
    pump.drain(NINE + seconds(170), channel=False)
    second = Draft.objects.exclude(pk=first.pk).get()
    first.refresh_from_db()
    assert (first.state, second.state) == ("superseded", "pending")
    assert second.reply_kind == first.reply_kind
    assert any(reason["code"] == "superseded" for reason in first.reasons)


def test_a_draft_of_another_kind_or_of_long_ago_stays(shop: Company) -> None:
    say(shop.group, "wmchen", "厨房又漏水了", at=NINE, key="1")
    pump.drain(NINE + seconds(20), channel=False)
    first = Draft.objects.get()
    say(shop.group, "wmchen", "水都漏到楼下了", at=NINE + seconds(1200), key="2")
    pump.drain(NINE + seconds(1230), channel=False)
    first.refresh_from_db()
    assert first.state == "pending"
