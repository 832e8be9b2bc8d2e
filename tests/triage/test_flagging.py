"""What a colleague typed by hand can be flagged as wrong; it counts as a wrong send, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from aijia import pump
from cases.models import ServiceFact
from conversations.models import Message
from delivery import ports
from evidence.models import Entry
from evidence.verification import verify_all
from foundation.errors import Refused, WrongState
from people.models import StaffMember, User, Visibility
from review import operations as review
from review.models import Draft, Verdict
from tests.builders import ME, NINE, Company, say
from triage.flagging import flag_wrong_message, flagged_among

pytestmark = [pytest.mark.django_db, pytest.mark.once]
LATER = NINE + timedelta(minutes=20)


@pytest.fixture
def shop(ready: Company, settings: Any) -> Company:
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"
    ports._load.cache_clear()
    return ready


def typed(shop: Company, text: str = "陈女士，师傅今天一定到", who: str = "lin", where: Any = None) -> Message:
    message = say(where or shop.group, who, text, at=NINE)
    pump.drain(NINE, channel=False)
    return message


def flag(shop: Company, message: Message, reason: str = "promised_too_much", words: str = "师傅没确认") -> None:
    flag_wrong_message(message_id=message.pk, reason=reason, words=words, by=shop.supervisor, actor=ME, at=LATER)


def wrong() -> list[ServiceFact]:
    return list(ServiceFact.objects.filter(kind="wrong_send"))


def test_a_text_typed_by_hand_is_flagged_measured_and_on_record_of_its_case_once(shop: Company) -> None:
    message = typed(shop)
    flag(shop, message)
    fact = wrong()[0]
    assert (fact.case, fact.detail, fact.started_at, fact.ended_at) == (shop.case, "flagged", NINE, LATER)
    assert fact.words == "promised_too_much: 师傅没确认" and flagged_among([message]) == {message.pk}
    assert Entry.objects.filter(kind="action", refs__message=str(message.public_id)).exists()
    with pytest.raises(WrongState):
        flag(shop, message, reason="wrong_tone")
    assert len(wrong()) == 1 and verify_all() == []


@pytest.mark.parametrize("who", ["wmchen", "internal"])
def test_what_others_wrote_and_what_stays_inside_is_no_wrong_send(shop: Company, who: str) -> None:
    message = typed(shop, who=who) if who == "wmchen" else typed(shop, where=shop.internal_group)
    with pytest.raises(WrongState):
        flag(shop, message)
    assert wrong() == []


@pytest.mark.parametrize(("reason", "words"), [("", ""), ("unknown", "x"), ("other", " ")])
def test_a_reason_from_the_list_is_needed(shop: Company, reason: str, words: str) -> None:
    message = typed(shop)
    with pytest.raises(Refused):
        flag(shop, message, reason=reason, words=words)
    assert wrong() == []


def test_the_echo_of_our_own_text_is_flagged_as_that_text(shop: Company) -> None:
    say(shop.group, "wmchen", "冰箱不制冷，麻烦看看", at=NINE)
    pump.drain(NINE, channel=False)
    draft = Draft.objects.filter(state="pending", conversation=shop.group).latest("pk")
    review.decide(draft_id=draft.pk, by=shop.handler, do=Verdict.Do.APPROVE, actor=ME, at=NINE)
    pump.drain(NINE, channel=False)
    draft.refresh_from_db()
    echo = say(shop.group, "lin", draft.text, at=NINE + timedelta(minutes=1))
    pump.drain(NINE + timedelta(minutes=1), channel=False)
    echo.refresh_from_db()
    assert draft.outbound is not None and echo.outbound_ref == draft.outbound.public_id
    flag(shop, echo)
    assert [row.ref for row in wrong()] == [f"flagged:{draft.outbound.public_id.hex}"]
    assert flagged_among([echo]) == {echo.pk}


def sign_in(staff: StaffMember, name: str) -> Client:
    staff.user = User.objects.create_user(name, password="x", is_staff=True, is_superuser=True, display_name=staff.name)
    staff.save()
    client = Client()
    client.force_login(staff.user)
    return client


def test_it_is_flagged_from_the_page_of_the_conversation(shop: Company) -> None:
    message, client = typed(shop), sign_in(shop.handler, "lin")
    conversation = reverse("admin:conversations_conversation_change", args=[shop.group.pk])
    page = reverse("flag_message", args=[message.public_id])
    assert page in client.get(conversation).content.decode()
    assert "师傅今天一定到" in client.get(page).content.decode()
    assert client.post(page, {"reason": "other", "words": ""}).status_code == 200 and wrong() == []
    answer = client.post(page, {"reason": "promised_too_much", "words": ""})
    assert answer.status_code == 302 and len(wrong()) == 1
    assert page not in client.get(conversation).content.decode()
    stranger = sign_in(StaffMember.objects.create(name="小江", visibility=Visibility.OWN), "jiang")
    assert stranger.get(page).status_code == 404
