"""Completion is a test: proof, whose word counts, who may vouch; the same by every path."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from cases import operations as cases
from cases.completion import Vouching
from cases.models import Confirmer, Proof, ServiceCase, WaitingItem
from cases.operations import Fact
from conversations.models import Message
from evidence.models import EntryBody
from foundation.errors import NotAllowed, Refused, WrongState
from tests.builders import ME, NINE, Company, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(ready: Company) -> Company:
    return ready


def fact(message: Message | None = None, reason: str = "") -> Fact:
    return Fact(ME, NINE, NINE, message, reason)


def rule(shop: Company, *, proof: str = "none", by: str = "anyone") -> None:
    shop.flow.completion_proof, shop.flow.completion_by = proof, by
    shop.flow.save()


def refused(shop: Company, code: str, *, message: Message | None = None, vouching: Vouching | None = None) -> None:
    with pytest.raises(WrongState) as error:
        cases.complete_case(case_id=shop.case.pk, fact=fact(message), vouching=vouching or Vouching())
    assert error.value.code == code
    assert ServiceCase.objects.get(pk=shop.case.pk).state == "open"


def picture(shop: Company, *, collected: bool, kind: str = "image", key: str = "p") -> None:
    requirement = shop.flow.materials.get() if collected else None
    wait = cases.open_wait(
        case=shop.case, state="waiting_customer_material", on=shop.contact, on_role="customer_contact", need=key, fact=fact(),
        requirement=requirement, proof="image",
    )  # fmt: skip
    message = say(shop.group, "wmchen", "", at=NINE, key=key, attachments=(kind,))
    cases.receive_materials(wait_id=wait.pk, attachments=list(message.attachments.all()), fact=fact(message))


def test_a_picture_from_the_flows_list_shows_how_it_was_not_that_it_is_done(shop: Company) -> None:
    rule(shop, proof="image")
    picture(shop, collected=True)
    refused(shop, "unproven")
    picture(shop, collected=False, key="done")
    assert cases.complete_case(case_id=shop.case.pk, fact=fact()).state == "completed"


@pytest.mark.parametrize("kind", ["voice", "sticker", "location"])
def test_not_everything_that_comes_is_a_picture(shop: Company, kind: str) -> None:
    rule(shop, proof="image")
    picture(shop, collected=False, kind=kind)
    refused(shop, "unproven")


def test_after_reopening_it_has_to_be_proven_anew(shop: Company) -> None:
    rule(shop, proof="image")
    picture(shop, collected=False)
    cases.complete_case(case_id=shop.case.pk, fact=fact())
    later = NINE + timedelta(days=2)
    cases.reopen_case(case_id=shop.case.pk, fact=Fact(ME, later, later, None, "came_back"))
    refused(shop, "unproven")


@pytest.mark.parametrize(
    ("by", "who", "enough"),
    [
        ("anyone", "wmwang", True), ("anyone", "lin", True), ("customer", "wmchen", True), ("customer", "wmwang", False),
        ("customer", "lin", False), ("partner", "wmwang", True), ("partner", "wmchen", False), ("staff", "lin", True),
        ("staff", "wmchen", False), ("supervisor", "he", True), ("supervisor", "lin", False), ("supervisor", "wmchen", False),
    ],
)  # fmt: skip
def test_whose_word_completes_a_case(shop: Company, by: str, who: str, enough: bool) -> None:
    rule(shop, by=by)
    where = shop.internal_group if who in ("lin", "he") else shop.partner_group if who == "wmwang" else shop.group
    message = say(where, who, "好了", at=NINE)
    if enough:
        assert cases.complete_case(case_id=shop.case.pk, fact=fact(message)).state == "completed"
    else:
        refused(shop, "unconfirmed", message=message)


def test_a_confirmation_that_the_customer_gave_before_counts(shop: Company) -> None:
    rule(shop, by="customer")
    wait = cases.open_wait(
        case=shop.case, state="waiting_confirmation", on=shop.contact, on_role="customer_contact", need="用两天没问题回个话",
        need_kind="confirmation", fact=fact(),
    )  # fmt: skip
    refused(shop, "unconfirmed", vouching=Vouching(shop.handler))
    cases.complete_wait(wait_id=wait.pk, fact=fact(say(shop.group, "wmchen", "没问题", at=NINE)))
    assert cases.complete_case(case_id=shop.case.pk, fact=fact()).state == "completed"


def test_what_was_confirmed_elsewhere_is_vouched_for_in_words_that_go_on_record(shop: Company) -> None:
    rule(shop, by="customer")
    refused(shop, "unconfirmed", vouching=Vouching(None, "电话里说好了"))
    cases.complete_case(case_id=shop.case.pk, fact=fact(), vouching=Vouching(shop.handler, "电话里说好了"))
    bodies = [json.loads(body) for body in EntryBody.objects.values_list("body", flat=True)]
    assert "电话里说好了" in [body.get("confirmed") for body in bodies]


def test_only_a_supervisor_waives_the_proof(shop: Company) -> None:
    rule(shop, proof="image")
    with pytest.raises(NotAllowed):
        cases.complete_case(case_id=shop.case.pk, fact=fact(), vouching=Vouching(shop.handler, proof="看过了"))
    done = cases.complete_case(
        case_id=shop.case.pk, fact=fact(), vouching=Vouching(shop.supervisor, proof="上门看过了")
    )
    assert done.state == "completed"


def test_an_item_that_asks_for_a_picture_is_not_closed_by_a_word(shop: Company) -> None:
    wait = cases.open_wait(
        case=shop.case, state="requested", on=shop.contact, on_role="customer_contact", need="断电并拍照", fact=fact(), proof="image"
    )  # fmt: skip
    with pytest.raises(WrongState) as error:
        cases.complete_wait(wait_id=wait.pk, fact=fact(say(shop.group, "wmchen", "弄好了", at=NINE)))
    assert error.value.code == "unproven"
    with pytest.raises(NotAllowed):
        cases.complete_wait(wait_id=wait.pk, fact=fact(), vouching=Vouching(shop.handler, proof="信他"))
    assert WaitingItem.objects.get(pk=wait.pk).is_open
    assert not cases.complete_wait(
        wait_id=wait.pk, fact=fact(), vouching=Vouching(shop.supervisor, proof="到店看过")
    ).is_open


def test_every_proof_and_confirmer_is_known_to_the_rule(shop: Company) -> None:
    for proof in Proof.values:
        for by in Confirmer.values:
            rule(shop, proof=proof, by=by)
            message = say(shop.internal_group, "he", "好了", at=NINE, key=f"{proof}{by}")
            vouching = Vouching(shop.supervisor, "电话确认", "看过" if proof in ("image", "file") else "")
            cases.complete_case(case_id=shop.case.pk, fact=fact(message), note="记录号 8812", vouching=vouching)
            cases.reopen_case(case_id=shop.case.pk, fact=fact(reason="closed_by_mistake"))


@pytest.mark.parametrize(("reason", "note"), [("", "x"), ("because", "x"), ("other", "  ")])
def test_calling_off_and_reopening_want_a_reason_from_the_list(shop: Company, reason: str, note: str) -> None:
    if reason:
        with pytest.raises(Refused):
            cases.cancel_case(case_id=shop.case.pk, fact=fact(reason=reason), note=note)
    cases.cancel_case(case_id=shop.case.pk, fact=fact(reason="duplicate"))
    with pytest.raises(Refused):
        cases.reopen_case(case_id=shop.case.pk, fact=fact(reason=reason), note=note)
    assert ServiceCase.objects.get(pk=shop.case.pk).state == "cancelled"
    cases.reopen_case(case_id=shop.case.pk, fact=fact(reason="other"), note="客户又打电话来")
    assert ServiceCase.objects.get(pk=shop.case.pk).state == "open"


def test_nobody_of_ours_closes_a_case_while_we_owe_an_answer_without_saying_what_became_of_it(shop: Company) -> None:
    rule(shop)
    owed = cases.owe_ourselves(
        case_id=shop.case.pk, need="什么时候退押金", need_kind="answer", due_at=None, fact=fact(), owner=shop.handler
    )
    refused(shop, "owed", vouching=Vouching(shop.handler))
    owed.refresh_from_db()
    assert owed.is_open
    cases.complete_case(case_id=shop.case.pk, fact=fact(), vouching=Vouching(shop.handler, answered="电话里说了周五退"))
    owed.refresh_from_db()
    assert (owed.state, owed.close_reason) == ("cancelled", "case_completed")
    body = EntryBody.objects.order_by("-pk")[0].body
    assert json.loads(body)["answered"] == "电话里说了周五退"


def test_a_promise_to_a_colleague_does_not_keep_a_case_open(shop: Company) -> None:
    rule(shop)
    cases.owe_ourselves(
        case_id=shop.case.pk, need="归档", need_kind="action", due_at=None, fact=fact(), owner=shop.handler
    )
    done = cases.complete_case(case_id=shop.case.pk, fact=fact(), vouching=Vouching(shop.handler))
    assert done.state == "completed"
