"""Voice that nobody has written down goes to a person; what is quoted gives a time its day; a time that a partner moves is offered, not confirmed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from aijia import pump
from conversations.models import Message
from delivery import ports
from review.models import Draft
from tests.builders import NINE, Company, say
from triage.models import Decision

pytestmark = [pytest.mark.django_db, pytest.mark.once]
QUOTES = "「林悦：{asked}」\n- - - - - - - - -\n{said}"


@pytest.fixture
def shop(ready: Company, settings: Any) -> Company:
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"
    ports._load.cache_clear()
    return ready


def voice(shop: Company, who: str, where: Any, text: str = "", minutes: int = 0) -> Message:
    message = say(where, who, text, at=NINE + timedelta(minutes=minutes), attachments=("voice",))
    pump.drain(NINE + timedelta(minutes=minutes, seconds=30), channel=False)
    return message


def held(message: Message) -> list[str]:
    return [r["code"] for r in Decision.objects.get(message=message).reasons]


def test_a_voice_message_without_words_goes_to_a_person_and_is_owed_an_answer(shop: Company) -> None:
    message = voice(shop, "wmchen", shop.group)
    decision = Decision.objects.get(message=message)
    assert decision.mode == "review" and held(message) == ["voice_without_transcript"]
    draft = Draft.objects.get(cause=message)
    assert draft.state == "pending" and draft.text == draft.proposed_text == ""
    assert shop.case.waits.open().filter(state="requested", need_kind="answer").exists()


def test_so_does_a_partners(shop: Company) -> None:
    message = voice(shop, "wmwang", shop.partner_group)
    assert Decision.objects.get(message=message).mode == "review" and held(message) == ["voice_without_transcript"]


def test_one_that_came_with_its_words_or_from_a_colleague_does_not(shop: Company) -> None:
    spoken = voice(shop, "wmchen", shop.group, "好的谢谢")
    ours = voice(shop, "lin", shop.group, minutes=5)
    assert "voice_without_transcript" not in held(spoken) + held(ours)


def test_what_would_be_said_of_the_rest_of_the_turn_waits_for_it(shop: Company) -> None:
    say(shop.group, "wmchen", "冰箱又不制冷了，麻烦安排师傅看看", at=NINE)
    message = say(shop.group, "wmchen", "", at=NINE + timedelta(seconds=3), attachments=("voice",))
    pump.drain(NINE + timedelta(seconds=30), channel=False)
    assert "voice_without_transcript" in held(message)
    assert set(Draft.objects.values_list("state", flat=True)) == {"pending"}


def to_customer(shop: Company) -> Draft:
    return Draft.objects.filter(conversation=shop.group).latest("pk")


@pytest.mark.parametrize("quoted", [True, False])
def test_a_clock_time_is_on_the_day_of_what_was_asked(shop: Company, quoted: bool) -> None:
    shop = replace(shop)
    asked, late = "陈女士那边周日上午可以吗", NINE + timedelta(hours=5)
    say(shop.partner_group, "lin", asked, at=late)
    said = "可以的，9点上门"
    say(
        shop.partner_group, "wmwang", QUOTES.format(asked=asked, said=said) if quoted else said,
        at=late + timedelta(minutes=1),
    )  # fmt: skip
    pump.drain(late + timedelta(minutes=2), channel=False)
    assert "5月17日（周日）9:00" in to_customer(shop).text


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("陈女士改周六上午上门", "appointment_proposed"), ("陈女士改周六", "appointment_proposed"),
        ("陈女士那边约好了，改到周六上午可以上门", "appointment_confirmed"), ("陈女士那边周六上午可以上门", "appointment_confirmed"),
    ],
)  # fmt: skip
def test_a_day_that_the_partner_moves_is_offered_unless_the_customer_knows(shop: Company, text: str, kind: str) -> None:
    say(shop.partner_group, "wmwang", text, at=NINE)
    pump.drain(NINE, channel=False)
    draft = to_customer(shop)
    assert draft.reply_kind == kind and "5月16日（周六）" in draft.text


def test_a_part_that_comes_tomorrow_is_no_visit(shop: Company) -> None:
    say(shop.partner_group, "wmwang", "陈女士配件明天到", at=NINE)
    pump.drain(NINE, channel=False)
    assert not Draft.objects.filter(reply_kind__startswith="appointment").exists()


def test_what_the_partner_agrees_to_is_offered_while_the_customer_has_not_answered(shop: Company) -> None:
    say(shop.group, "lin", "陈女士，师傅周六上午过去方便吗", at=NINE)
    say(shop.partner_group, "wmwang", "陈女士那边周六上午可以上门", at=NINE + timedelta(minutes=5))
    pump.drain(NINE + timedelta(minutes=6), channel=False)
    assert to_customer(shop).reply_kind == "appointment_proposed"


def test_only_the_newest_word_on_a_time_waits_for_release(shop: Company) -> None:
    for number, day in enumerate(("周六", "周日")):
        say(shop.partner_group, "wmwang", f"陈女士改{day}上午上门", at=NINE + timedelta(minutes=number))
    pump.drain(NINE + timedelta(minutes=5), channel=False)
    drafts = Draft.objects.filter(conversation=shop.group).order_by("pk")
    assert [draft.state for draft in drafts] == ["superseded", "pending"] and "5月17日" in drafts[1].text
