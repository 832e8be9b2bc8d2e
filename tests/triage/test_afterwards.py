"""What follows a delivery: clocks, debts that come back, measured facts, wrong sends, recalls, texts that nobody tapped."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from aijia import pump
from cases import operations as cases
from cases.models import HandOver, ServiceFact, WaitingItem
from cases.operations import Fact
from conversations.models import Surface
from conversations.operations import recall_message
from delivery import operations as delivery
from delivery import ports
from delivery.models import Outbound
from foundation.actors import Actor
from foundation.errors import Refused, WrongState
from people.models import StaffMember, User
from review import operations as review
from review.models import Draft, Verdict
from tests.builders import ACCOUNT, ME, NINE, Company, conversation, say, works
from triage import afterwards

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def shop(ready: Company, settings: Any) -> Company:
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"
    ports._load.cache_clear()
    return ready


def minutes(count: float) -> datetime:
    return NINE + timedelta(minutes=count)


def release(shop: Company, at: datetime, *, text: str = "") -> Outbound:
    draft = Draft.objects.filter(state="pending").latest("pk")
    do = Verdict.Do.EDIT if text else Verdict.Do.APPROVE
    verdict = review.decide(draft_id=draft.pk, by=shop.supervisor, do=do, actor=ME, at=at, text=text)
    assert verdict.accepted, verdict.refusals
    pump.drain(at, channel=False)
    draft.refresh_from_db()
    assert draft.outbound is not None
    return draft.outbound


def asked_by_partner(shop: Company) -> Outbound:
    say(shop.partner_group, "wmwang", "让陈女士拍一张铭牌照片，型号看清楚，不然配件没法订", at=NINE)
    pump.drain(NINE, channel=False)
    return release(shop, minutes(10))


def tap(shop: Company, outbound: Outbound, at: datetime, key: str = "echo") -> None:
    say(shop.group, "lin", outbound.text, at=at, key=key)
    pump.drain(at, channel=False)


def facts(kind: str) -> list[ServiceFact]:
    return list(ServiceFact.objects.filter(kind=kind).order_by("pk"))


def test_a_partners_request_is_measured_until_it_is_seen_with_release_and_tap_apart(shop: Company) -> None:
    outbound = asked_by_partner(shop)
    assert facts("relayed") == []
    tap(shop, outbound, minutes(40))
    (row,) = facts("relayed")
    assert (row.started_at, row.released_at, row.ended_at) == (NINE, minutes(10), minutes(40))
    assert (row.detail, row.case) == ("partner", shop.case)


def test_the_clock_of_what_we_ask_starts_when_the_text_is_delivered(shop: Company) -> None:
    outbound = asked_by_partner(shop)
    wait = WaitingItem.objects.open().get(on=shop.contact)
    assert (wait.asked_ref, wait.asked_by_message) == (outbound.public_id, None)
    before = wait.due_at
    tap(shop, outbound, minutes(70))
    wait.refresh_from_db()
    assert before is not None and wait.due_at == before + timedelta(hours=1)
    assert wait.asked_by_message is not None and wait.asked_by_message.text == outbound.text
    assert [row.kind for row in wait.transitions.order_by("pk")] == ["open", "delivered"]


def test_a_due_time_that_somebody_moved_stays_when_the_text_is_delivered(shop: Company) -> None:
    outbound = asked_by_partner(shop)
    wait = WaitingItem.objects.open().get(on=shop.contact)
    cases.set_due(wait_id=wait.pk, due_at=minutes(5000), fact=Fact(ME, minutes(11), minutes(11)))
    tap(shop, outbound, minutes(70))
    wait.refresh_from_db()
    assert wait.due_at == minutes(5000)


def test_by_kf_the_acceptance_counts_and_a_failure_that_arrives_later_brings_the_debt_back(shop: Company) -> None:
    shop.group.surface = Surface.KF
    shop.group.save()
    say(shop.group, "wmchen", "我的单子到哪一步了", at=NINE)
    pump.drain(NINE, channel=False)
    (debt,) = WaitingItem.objects.owed_by_us()
    outbound = release(shop, minutes(5), text="陈女士您好，配件已到仓库。")
    debt.refresh_from_db()
    assert (outbound.state, debt.state, debt.answered_ref) == ("sent", "completed", outbound.public_id)
    failed = delivery.mark_failed_by_channel(
        account=ACCOUNT, external_id=outbound.external_id, code="95013", text="x", at=minutes(7)
    )
    assert failed is not None
    again = WaitingItem.objects.owed_by_us().get()
    assert (again.replaces, again.need, again.opened_at) == (debt, debt.need, minutes(7))


def test_an_answer_that_is_never_tapped_is_owed_again_and_its_owner_hears_of_it_before(shop: Company) -> None:
    say(shop.group, "wmchen", "我的单子到哪一步了", at=NINE)
    pump.drain(NINE, channel=False)
    outbound = release(shop, minutes(5), text="陈女士您好，配件已到仓库。")
    assert not WaitingItem.objects.owed_by_us().exists()
    assert afterwards.sweep_untapped(at=minutes(60)) == 0
    assert afterwards.sweep_untapped(at=minutes(66)) == 1
    assert afterwards.sweep_untapped(at=minutes(90)) == 0
    assert Outbound.objects.get(kind="alert", purpose="reminder").recipient == shop.handler
    assert afterwards.sweep_untapped(at=minutes(66 + 24 * 60)) == 1
    assert afterwards.sweep_untapped(at=minutes(66 + 99 * 60)) == 0
    assert Outbound.objects.filter(purpose="reminder").latest("pk").recipient == shop.supervisor
    delivery.settle(outbound_id=outbound.pk, arrived=False, by=shop.handler, actor=ME, at=minutes(3000))
    assert WaitingItem.objects.owed_by_us().get().opened_at == minutes(3000)


def test_a_completion_is_measured_until_those_who_asked_are_told(shop: Company) -> None:
    cases.owe_ourselves(case_id=shop.case.pk, need="x", need_kind="action", due_at=None, fact=Fact(ME, NINE, NINE))
    shop.flow.completion_proof = "none"
    shop.flow.save()
    cases.complete_case(case_id=shop.case.pk, fact=Fact(ME, NINE, NINE))
    pump.drain(minutes(1), channel=False)
    notice = Outbound.objects.get(conversation=shop.partner_group)
    say(shop.partner_group, "lin", notice.text, at=minutes(30), key="told")
    pump.drain(minutes(31), channel=False)
    told = {row.detail: row for row in facts("told")}
    row = next(r for r in facts("told") if r.ended_at >= minutes(30))
    assert told and row.released_at == minutes(1)


def test_a_text_that_is_taken_back_was_a_wrong_send_and_the_owner_hears_of_it(shop: Company) -> None:
    outbound = asked_by_partner(shop)
    tap(shop, outbound, minutes(20))
    recall_message(account=ACCOUNT, source="archive", external_id="echo", recalled_at=minutes(21), at=minutes(22))
    pump.drain(minutes(22), channel=False)
    (row,) = facts("wrong_send")
    assert (row.detail, row.case, row.started_at, row.ended_at) == ("recalled", shop.case, minutes(20), minutes(21))
    assert Outbound.objects.get(kind="alert").recipient == shop.handler
    pump.drain(minutes(23), channel=False)
    assert len(facts("wrong_send")) == 1


def test_the_owner_hears_when_a_customer_takes_back_what_we_have_answered(shop: Company) -> None:
    say(shop.group, "wmchen", "我的单子到哪一步了", at=NINE, key="ask")
    pump.drain(NINE, channel=False)
    outbound = release(shop, minutes(5), text="陈女士您好，配件已到仓库。")
    tap(shop, outbound, minutes(6))
    recall_message(account=ACCOUNT, source="archive", external_id="ask", recalled_at=minutes(7), at=minutes(7))
    pump.drain(minutes(7), channel=False)
    assert facts("wrong_send") == []
    assert "配件已到仓库" in Outbound.objects.get(kind="alert").text


def test_a_correction_typed_by_hand_makes_the_text_before_it_a_wrong_send(shop: Company) -> None:
    say(shop.group, "lin", "陈女士，师傅周五上午到", at=NINE, key="first")
    say(shop.group, "lin", "不好意思刚才说错了，是周六上午", at=minutes(3), key="second")
    pump.drain(minutes(4), channel=False)
    (row,) = facts("wrong_send")
    assert (row.detail, row.started_at, row.ended_at) == ("corrected", NINE, minutes(4))
    say(shop.group, "lin", "再打错字我就不吃饭了哈哈", at=minutes(3000), key="third")
    pump.drain(minutes(3001), channel=False)
    assert len(facts("wrong_send")) == 1, "nothing stood before it within a day"


def test_a_text_in_another_customers_chat_is_found_when_it_is_delivered(shop: Company) -> None:
    from people.models import Customer

    other = conversation("wrother", "customer_group", "customer_group", customer=Customer.objects.create(name="赵先生"))
    outbound = delivery.enqueue(
        conversation=other, kind="reply", purpose="other", text="陈女士您好，配件到了", release_hash=delivery.text_hash("陈女士您好，配件到了"),
        thread_position=0, idempotency_key="k1", case_ref=shop.case.public_id, actor=ME, at=NINE,
    )  # fmt: skip
    delivery.deliver_one(outbound_id=outbound.pk, at=NINE)
    delivery.settle(outbound_id=outbound.pk, arrived=True, by=shop.handler, actor=ME, at=minutes(2))
    assert [row.detail for row in facts("wrong_send")] == ["misaddressed"]


def test_a_person_flags_a_delivered_text_with_a_reason_once(shop: Company) -> None:
    outbound = asked_by_partner(shop)
    flag: dict[str, Any] = {"by": shop.handler, "actor": Actor("user", "1", "林悦"), "at": minutes(50)}
    with pytest.raises(WrongState):
        delivery.flag_wrong(outbound_id=outbound.pk, reason="wrong_content", words="", **flag)
    tap(shop, outbound, minutes(20))
    for reason, words in (("", ""), ("nonsense", "x"), ("other", " ")):
        with pytest.raises(Refused):
            delivery.flag_wrong(outbound_id=outbound.pk, reason=reason, words=words, **flag)
    delivery.flag_wrong(outbound_id=outbound.pk, reason="wrong_content", words="型号在背面", **flag)
    with pytest.raises(WrongState):
        delivery.flag_wrong(outbound_id=outbound.pk, reason="wrong_content", words="", **flag)
    (row,) = facts("wrong_send")
    assert (row.detail, row.words, row.actor["label"]) == ("flagged", "wrong_content: 型号在背面", "林悦")


def test_texts_are_flagged_in_the_admin_after_being_asked_why(shop: Company) -> None:
    outbound = asked_by_partner(shop)
    tap(shop, outbound, minutes(20))
    shop.handler.user = User.objects.create_user("lin", password="x", is_staff=True, is_superuser=True)
    shop.handler.save()
    client, url = Client(), reverse("admin:delivery_outbound_changelist")
    client.force_login(shop.handler.user)
    asking = client.post(url, {"action": "flag_wrong", "_selected_action": [outbound.pk]})
    assert outbound.text[:20] in asking.content.decode() and facts("wrong_send") == []
    client.post(
        url, {"action": "flag_wrong", "_selected_action": [outbound.pk], "reason": "told_too_much", "words": "内部的话"}
    )
    assert facts("wrong_send")[0].words == "told_too_much: 内部的话"


@pytest.mark.parametrize(("again_after", "ok"), [(None, True), (60, False), (23 * 60, False), (25 * 60, True)])
def test_a_progress_question_is_answered_well_when_none_follows_within_a_day(
    shop: Company, again_after: int | None, ok: bool
) -> None:
    say(shop.group, "wmchen", "我的单子到哪一步了", at=NINE, key="ask")
    pump.drain(NINE, channel=False)
    say(shop.group, "lin", "配件已到仓库，周五上门", at=minutes(10), key="answer")
    pump.drain(minutes(10), channel=False)
    if again_after is not None:
        say(shop.group, "wmchen", "请问进度怎么样了", at=minutes(10 + again_after), key="again")
        pump.drain(minutes(10 + again_after), channel=False)
    assert afterwards.sweep_clear_answers(at=minutes(10 + 24 * 60 - 1)) == 0
    afterwards.sweep_clear_answers(at=minutes(10 + 26 * 60))
    row = facts("first_clear")[0]
    assert (row.ok, row.started_at, row.ended_at) == (ok, NINE, minutes(10))
    assert afterwards.sweep_clear_answers(at=minutes(10 + 26 * 60)) == 0


def test_who_is_handed_items_hears_of_it_and_so_does_the_lead_to_whom_they_fall(shop: Company) -> None:
    taker = works(StaffMember.objects.create(name="小江"))
    wait = cases.owe_ourselves(
        case_id=shop.case.pk, need="回访", need_kind="action", due_at=None, fact=Fact(ME, NINE, NINE)
    )
    cases.offer_hand_over(
        wait_ids=[wait.pk],
        giver=shop.handler,
        taker=taker,
        note="客户下午在家",
        actor=ME,
        at=NINE,
    )
    for _twice in range(2):
        pump.drain(NINE, channel=False)
    told = Outbound.objects.get(purpose="hand_over")
    assert told.recipient == taker and "客户下午在家" in told.text
    pump.drain(minutes(31), channel=False, deadlines=True)
    pump.drain(minutes(32), channel=False, deadlines=True)
    assert HandOver.objects.get().state == "fallen"
    assert Outbound.objects.filter(purpose="hand_over").latest("pk").recipient == shop.supervisor
    assert WaitingItem.objects.get(pk=wait.pk).owner == shop.supervisor
