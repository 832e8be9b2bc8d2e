"""Names in what a colleague typed to a customer: a finding where the customer does not know who that is, and no false alarm where they do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from aijia import pump
from cases import appointments
from cases.appointments import Visit
from cases.operations import Fact
from conversations.models import Conversation, ConversationKind, Surface
from conversations.operations import add_member
from delivery import ports
from knowledge import operations as knowledge
from knowledge.models import BrandVoice, Proposal
from people.models import Customer, Partner, Person, Side
from review.models import Finding
from tests.builders import ME, NINE, Company, conversation, say

pytestmark = [pytest.mark.django_db, pytest.mark.once]
AT_TWO = NINE + timedelta(days=1, hours=5)
QUOTED = "「陈女士：何姐说的，赵先生家都弄好了」\n- - - - - - - - -\n好的，我看一下"


@pytest.fixture
def shop(ready: Company, settings: Any) -> Company:
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"
    ports._load.cache_clear()
    partner = Partner.objects.get(name="顺达维修")
    Person.objects.create(name="周师傅", side=Side.PARTNER, partner=partner)
    for name in ("赵先生", "平安", "王强", "陈小姐", "Lin"):
        Person.objects.create(name=name, side=Side.CUSTOMER, customer=Customer.objects.create(name=name))
    return ready


def found(shop: Company, text: str, minutes: int = 0) -> list[tuple[str, str]]:
    at = NINE + timedelta(minutes=minutes)
    say(shop.group, "lin", text, at=at)
    pump.drain(at, channel=False)
    return [pair for pair in Finding.objects.values_list("kind", "words").order_by("pk") if pair[0].startswith("leak_")]


@pytest.mark.parametrize(
    ("text", "leak"),
    [
        ("这个是何姐定的，我也没办法", ("leak_name", "何姐")),
        ("王师傅说您家的线路老化了", ("leak_name", "王师傅")),
        ("赵先生家也是这个毛病，换了主板就好了", ("leak_other_customer", "赵先生")),
        ("隔壁王强家上周刚换过", ("leak_other_customer", "王强")),
        ("Lin had the same problem last week", ("leak_other_customer", "Lin")),
    ],
)
def test_who_the_customer_does_not_know_is_a_finding(shop: Company, text: str, leak: tuple[str, str]) -> None:
    assert found(shop, text) == [leak]


@pytest.mark.parametrize(
    "text",
    [
        "陈女士您好，我是林悦，您的事我在跟进", "陈小姐，照片收到了", "祝您平安，有事随时说", "Linda 这款目前没有货", "这事王强求不来",
        QUOTED, "好的，收到",
    ],
)  # fmt: skip
def test_the_customer_the_writer_words_like_names_and_quotes_are_none(shop: Company, text: str) -> None:
    assert not {kind for kind, _words in found(shop, text)} & {"leak_name", "leak_other_customer"}


def test_who_sits_in_the_group_is_known_there(shop: Company) -> None:
    add_member(conversation=shop.group, person=Person.objects.get(name="何姐"), at=NINE)
    assert found(shop, "何姐会在这里跟您说") == []


def test_whom_the_customer_named_first_may_be_named_back(shop: Company) -> None:
    say(shop.group, "wmchen", "王师傅今天还来吗", at=NINE)
    pump.drain(NINE, channel=False)
    assert found(shop, "王师傅那边我问一下", 2) == []


@pytest.mark.parametrize(
    ("visitor", "text", "leaks"),
    [
        ("王建国", "王师傅到了会先打您电话", set()), ("王建国", "王建国到了会先打您电话", {"leak_name"}), ("王建国", "周师傅到了会先打您电话", {"leak_name"}),
        ("", "周师傅到了会先打您电话", set()), ("", "何姐到了会先打您电话", {"leak_name"}),
    ],
)  # fmt: skip
def test_who_comes_may_be_named_as_the_flow_lists_it(shop: Company, visitor: str, text: str, leaks: set[str]) -> None:
    shop.flow.disclosure = {"technician_surname": "agreed", "visit_time": "always"}
    shop.flow.save()
    appointments.set_appointment(
        case_id=shop.case.pk, visit=Visit(AT_TWO, None, visitor, ""), fact=Fact(ME, NINE, NINE), tell_customer=False
    )
    assert {kind for kind, _words in found(shop, text, 5)} == leaks


@pytest.mark.parametrize(
    ("listed", "text", "leaks"),
    [
        ("agreed", "跟您约好了，明天下午2点王师傅上门", []), ("agreed", "王师傅说您家线路老化了", [("leak_name", "王师傅")]),
        ("agreed", "跟您约好了，明天下午2点何姐上门", [("leak_name", "何姐")]), ("never", "跟您约好了，明天下午2点王师傅上门", [("leak_name", "王师傅")]),
    ],
)  # fmt: skip
def test_a_text_that_agrees_a_visit_may_say_who_comes_where_the_flow_lists_it(
    shop: Company, listed: str, text: str, leaks: list[tuple[str, str]]
) -> None:
    shop.flow.disclosure = {"visit_time": "always", "technician_surname": listed}
    shop.flow.save()
    assert found(shop, text) == leaks


def test_where_no_case_is_known_the_conversation_says_who_reads(shop: Company) -> None:
    reader = Person.objects.get(name="王强")
    lin = Person.objects.get(name="林悦")
    conversation("wrwq", ConversationKind.CUSTOMER_GROUP, Surface.CUSTOMER_GROUP, reader, lin, customer=reader.customer)
    shop = replace(shop, group=Conversation.objects.get(external_id="wrwq"))
    assert found(shop, "王先生您好，王强家的地址我记下了") == []
    assert found(shop, "赵先生家也是这样", 3) == [("leak_other_customer", "赵先生")]


def test_editors_see_one_masked_proposal_whoever_was_named(shop: Company) -> None:
    found(shop, "这个是何姐定的")
    found(shop, "王师傅说线路老化了", 3)
    proposal = Proposal.objects.get(source="qa_finding")
    assert proposal.note == "×2" and "何姐" not in f"{proposal.title}{proposal.body}"
    masked = {one.text for part in knowledge.proposal_findings(proposal).values() for one in part}
    assert "王师傅" in masked, "the name is among what editors have to mask"


def test_a_formal_voice_asks_once() -> None:
    voice = BrandVoice(tone=BrandVoice.Tone.FORMAL)
    assert voice.toned("麻烦您请您父亲今晚先关燃气阀") == "劳烦您请您父亲今晚先关燃气阀"
    assert voice.toned("麻烦您拍一张") == "烦请您拍一张"
