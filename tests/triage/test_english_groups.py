"""English customers with two matters in one group, and what partners want of them: which matter is meant, and what is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aijia import pump
from cases import operations as cases
from cases.models import ServiceCase, WaitingItem
from cases.operations import Fact
from conversations.models import Conversation
from delivery.models import Outbound
from people.models import Customer, Person
from review.models import Draft
from tests.builders import ME, NINE, Company, say
from triage import asks, phrases
from triage.matching import bigrams
from triage.statements import _WHAT_NEXT

LATER = NINE + timedelta(minutes=5)


@pytest.fixture
def shop(ready: Company) -> Company:
    """An English group whose customer has two open cases."""
    Conversation.objects.filter(pk=ready.group.pk).update(language="en")
    Person.objects.filter(pk=ready.contact.pk).update(name="Marta")
    Customer.objects.filter(pk=ready.case.customer_id).update(name="Marta")
    for row in (ready.case, ready.contact, ready.group, ready.case.customer):
        row.refresh_from_db()
    return ready


def another_case(shop: Company) -> ServiceCase:
    return cases.open_case(
        flow=shop.flow, customer=shop.case.customer, conversation=shop.group, owner=shop.handler, partner=shop.case.partner,
        contact=shop.contact, actor=ME, at=NINE,
    )  # fmt: skip


def owed(shop: Company, case: ServiceCase, need: str, *, state: str = "waiting_customer_material") -> WaitingItem:
    picture = state == "waiting_customer_material"
    return cases.open_wait(
        case=case, state=state, on=shop.contact, on_role="customer_contact", need=need, need_kind="material" if picture else "confirmation",
        proof="image" if picture else "none", requested_in=None if picture else shop.partner_group, fact=Fact(ME, NINE, NINE),
    )  # fmt: skip


def state_of(wait: WaitingItem) -> str:
    wait.refresh_from_db()
    return str(wait.state)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text",
    [
        "the one just now is for the espresso cups",
        "that pic was for the cups",
        "the last photo is the cups one",
        "it's for the cups",
        "sorry, for the cups",
    ],
)
def test_words_after_a_bare_picture_give_it_to_the_matter_they_name(shop: Company, text: str) -> None:
    banner = owed(shop, shop.case, "two shop banners: drawing for the banner")
    cups = owed(shop, another_case(shop), "200 espresso cups: drawing for the cup print")
    say(shop.group, "wmchen", "", at=NINE, key="1", attachments=("image",))
    pump.drain(NINE + timedelta(seconds=30), channel=False)
    say(shop.group, "wmchen", text, at=LATER, key="2")
    pump.drain(LATER + timedelta(seconds=30), channel=False)
    assert (state_of(cups), state_of(banner)) == ("material_received", "waiting_customer_material")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ["cups stay silver please, nobody puts them in the machine anyway", "keep the cups as they are"]
)
def test_what_stays_as_it_is_answers_its_own_question_in_the_customers_words(shop: Company, text: str) -> None:
    banner = owed(shop, shop.case, "banners: can the date move up 5 cm? please confirm today", state="waiting_confirmation")  # fmt: skip
    cups = owed(shop, another_case(shop), "espresso cups: we suggest the print in black, please decide today", state="waiting_confirmation")  # fmt: skip
    say(shop.group, "wmchen", text, at=NINE, key="1")
    pump.drain(NINE + timedelta(seconds=30), channel=False)
    assert (state_of(cups), state_of(banner)) == ("completed", "waiting_confirmation")
    told = [row.text for row in Outbound.objects.filter(conversation=shop.partner_group)]
    assert any(text in words and "cups" in words for words in told), told
    assert not any("客户" in words for words in told)


@pytest.mark.django_db
def test_a_partners_news_goes_before_what_is_asked(shop: Company) -> None:
    say(
        shop.partner_group, "wmwang",
        "Marta: new valve fitted, held pressure for an hour. Please ask her to run it tonight and tell us whether it drips. took her long enough", at=NINE,
    )  # fmt: skip
    pump.drain(NINE + timedelta(seconds=30), channel=False)
    draft = Draft.objects.get(reply_kind="cooperation_request")
    assert draft.text == (
        "Hi Marta, new valve fitted, held pressure for an hour. Could you please run it tonight and tell us here whether it drips? Thank you!"
    )
    assert [ask["state"] for ask in draft.effects["asks"]] == ["waiting_confirmation"]


@pytest.mark.django_db
def test_what_it_is_about_is_said_where_there_are_several(shop: Company) -> None:
    cups = another_case(shop)
    owed(shop, shop.case, "two shop banners: drawing for the banner")
    owed(shop, cups, "200 espresso cups: drawing for the cup print")
    say(
        shop.partner_group, "wmwang", "Marta's espresso cups: we suggest the print in black, please have her decide today as well", at=NINE,
    )  # fmt: skip
    pump.drain(NINE + timedelta(seconds=30), channel=False)
    draft = Draft.objects.get(reply_kind="cooperation_request")
    assert draft.text == (
        "Hi Marta, about the espresso cups: we suggest the print in black. Could you please decide today? Thank you!"
    )
    assert draft.case_id == cups.pk


def test_english_words_that_stand_anywhere_tell_no_matters_apart() -> None:
    assert bigrams("please have her decide today about the glasses") & bigrams("please ask her to have the glass today") == {"glass"}  # fmt: skip
    assert bigrams("mugs") == bigrams("mug")
    assert bigrams("status of the bus") == {"status", "bus"}


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        ("leave the handle as it is", True),
        ("don't change it please", True),
        ("no changes please", True),
        ("we'd rather keep the old one", True),
        ("I'm staying in tonight", False),
        ("keep me posted", False),
        ("can you keep it until Friday?", False),
    ],
)
def test_it_stays(text: str, *, stays: bool) -> None:
    assert bool(phrases.STAYS.search(text)) == stays


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("the photo I just sent is the banner", True),
        ("it's for the mugs", True),
        ("is it for the mugs?", False),
        ("I paid for the mugs", False),
        ("it's not working", False),
    ],
)
def test_what_a_picture_was(text: str, *, names: bool) -> None:
    assert bool(phrases.THAT_PICTURE.search(text)) == names


def test_a_decision_is_asked_for_in_english_too() -> None:
    assert asks.asks_of_request("please have her decide today").state == "waiting_confirmation"
    assert asks.asks_of_request("could she take oak instead? please ask her too").state == "waiting_confirmation"


def test_what_comes_next_is_no_second_question() -> None:
    assert _WHAT_NEXT.match("and what happens next?")
    assert not _WHAT_NEXT.match("what happens next to my refund for the second order?")
    assert phrases.ASKS_WHEN_OR_HOW_FAR.search("has the fitter had a look at her bike?")
