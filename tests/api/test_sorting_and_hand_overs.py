"""Unsorted cases are sorted, shifts handed over and wrong texts flagged by the API as by the admin."""

from __future__ import annotations

import pytest
from django.utils import timezone

from cases import intake
from cases.models import HandOver, ServiceCase, ServiceFact, WaitingItem
from cases.operations import Fact
from conversations.models import Message
from tests.api.conftest import Caller, Make
from tests.builders import ME, Company, say

pytestmark = pytest.mark.django_db


def unsorted(shop: Company) -> WaitingItem:
    now = timezone.now()
    item = intake.owe_answer(conversation=shop.group, sender=shop.contact, need="能收旧电器吗", fact=Fact(ME, now, now))
    assert item is not None
    return item


def test_an_unsorted_case_is_put_into_the_case_that_it_is_about(
    shop: Company, handler: Caller, stranger: Caller
) -> None:
    item = unsorted(shop)
    path = f"/cases/{item.case.public_id}/classify/"
    assert handler.post(path, {}).status_code == 400
    assert handler.post(path, {"flow": "repair", "case": str(shop.case.public_id)}).status_code == 400
    assert stranger.post(path, {"case": str(shop.case.public_id)}).status_code == 404
    answer = handler.post(path, {"case": str(shop.case.public_id)})
    assert answer.status_code == 200 and answer.json()["id"] == str(shop.case.public_id)
    assert str(item.public_id) in [one["id"] for one in answer.json()["waits"]]
    old = handler.get(f"/cases/{item.case.public_id}/").json()
    assert (old["state"], old["close_reason"]) == ("cancelled", "joined") and old["close_reason_label"] not in (
        "",
        "joined",
    )
    assert handler.post(path, {"flow": "repair"}).status_code == 409


def test_an_unsorted_case_becomes_a_case_of_a_flow(shop: Company, handler: Caller) -> None:
    item = unsorted(shop)
    path = f"/cases/{item.case.public_id}/classify/"
    assert handler.post(path, {"flow": "nowhere"}).status_code == 404
    assert handler.post(path, {"flow": "intake"}).status_code == 404
    answer = handler.post(path, {"flow": "repair", "title": "旧机回收"}).json()
    assert (answer["flow"]["key"], answer["title"], answer["state"]) == ("repair", "旧机回收", "open")
    assert not ServiceCase.objects.get(pk=item.case_id).flow.intake


def test_a_shift_is_handed_over(shop: Company, handler: Caller, make: Make) -> None:
    taker, wait = make(shop.supervisor), WaitingItem.objects.filter(owner=shop.handler).open().first()
    assert wait is not None
    body = {"waits": [str(wait.public_id)], "to": str(shop.supervisor.public_id), "note": "等图"}
    made = handler.post("/hand-overs/", body)
    assert made.status_code == 201 and made.json()["items"] == body["waits"] and made.json()["state"] == "offered"
    assert handler.post("/hand-overs/", body).json()["code"] == "offered"
    path = f"/hand-overs/{made.json()['id']}/"
    assert handler.post(f"{path}accept/").status_code == 403
    assert taker.post(f"{path}accept/").json()["state"] == "accepted"
    assert taker.post(f"{path}decline/").status_code == 409
    wait.refresh_from_db()
    assert wait.owner == shop.supervisor and HandOver.objects.count() == 1
    assert [row["id"] for row in taker.rows("/hand-overs/", taker=str(shop.supervisor.public_id))] == [
        made.json()["id"]
    ]


def test_what_somebody_typed_by_hand_is_flagged(shop: Company, handler: Caller) -> None:
    message = say(shop.group, "lin", "师傅今天一定到", at=timezone.now())
    theirs = Message.objects.filter(sender_side="customer").first()
    assert theirs is not None
    answer = handler.post(f"/messages/{message.public_id}/flag-wrong/", {"reason": "promised_too_much"})
    assert answer.status_code == 200 and answer.json()["id"] == str(message.public_id)
    assert ServiceFact.objects.filter(kind="wrong_send", detail="flagged").count() == 1
    for row in (message, theirs):
        assert handler.post(f"/messages/{row.public_id}/flag-wrong/", {"reason": "wrong_tone"}).status_code == 409
