"""A partner's daily digest, and its answers by number."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from aijia import pump
from cases import operations as cases
from cases.models import DigestItem, PartnerDigest, ServiceCase, WaitingItem
from cases.operations import Fact
from delivery import ports
from delivery.models import Outbound
from people.models import Customer, IdentityCertainty, Person, Side
from people.operations import identify
from review import operations as review
from review.models import AutomationLevel, Draft, Level, Verdict
from tests.builders import ACCOUNT, ME, NINE, Company, conversation, say
from triage import digests
from triage.numbers import split_by_number

pytestmark = pytest.mark.django_db
TEN = NINE + timedelta(hours=1)


@pytest.fixture
def shop(ready: Company, settings: Any) -> Company:
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"
    ports._load.cache_clear()
    return ready


def owes(shop: Company, need: str, *, case: ServiceCase | None = None, hours: int = 1) -> WaitingItem:
    return cases.open_wait(
        case=case or shop.case, state="waiting_partner_feedback", on=shop.partner_person, on_role="fulfillment_partner", need=need,
        need_kind="feedback", fact=Fact(ME, NINE, NINE), due_at=NINE + timedelta(hours=hours),
    )  # fmt: skip


def second(shop: Company, name: str = "赵先生") -> ServiceCase:
    customer = Customer.objects.create(name=name)
    person = Person.objects.create(name=name, side=Side.CUSTOMER, customer=customer)
    identify(account=ACCOUNT, external_id="wmzhao", person=person, certainty=IdentityCertainty.VERIFIED)
    group = conversation("wrzhao", "customer_group", "customer_group", person, customer=customer)
    case = cases.open_case(
        flow=shop.flow, customer=customer, conversation=group, owner=shop.handler, contact=person, actor=ME, at=NINE,
        partner=shop.case.partner, labels=["DD20260501"],
    )  # fmt: skip
    cases.add_participant(case=case, person=shop.partner_person, role="fulfillment_partner")
    return case


def asked(shop: Company, at: datetime = TEN) -> PartnerDigest:
    AutomationLevel.objects.get_or_create(reply_kind="reminder", defaults={"level": Level.DIRECT})
    assert digests.sweep_digests(at=at) == 1
    pump.drain(at, channel=False)
    return PartnerDigest.objects.latest("pk")


def answer(shop: Company, text: str, at: datetime = TEN + timedelta(minutes=10)) -> None:
    say(shop.partner_group, "wmwang", text, at=at)
    pump.drain(at, channel=False)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1好 2改周六", {1: "好", 2: "改周六"}), ("1. 修好了\n2、等配件，周三到", {1: "修好了", 2: "等配件，周三到"}),
        ("1好2改周六", {1: "好", 2: "改周六"}), ("①好 ②改周六", {1: "好", 2: "改周六"}), ("1 ok, 2 Saturday", {1: "ok", 2: "Saturday"}),
        ("2、3没问题，1还要等", {2: "没问题", 3: "没问题", 1: "还要等"}), ("1和2都好了", {1: "好了", 2: "好了"}), ("1-3都好", {1: "好", 2: "好", 3: "好"}),
        ("第一个好了，第二个周六", {1: "好了", 2: "周六"}), ("1好了，其他还要等", {1: "好了", 2: "还要等", 3: "还要等"}),
        ("1 done, the rest needs to wait", {1: "done", 2: "needs to wait", 3: "needs to wait"}), ("都好", {1: "好", 2: "好", 3: "好"}), ("全部OK", {1: "OK", 2: "OK", 3: "OK"}),
        ("all done", {1: "done", 2: "done", 3: "done"}), ("都好了吗", {}), ("都不行", {}), ("其他还要等", {}), ("1-2天到", {}), ("1.5小时到", {}), ("1、3人去", {}),
        ("1、2号到", {}), ("第一单元楼下", {}), ("1、2好，2改周六", {}),
        ("1：可以，3不行", {1: "可以", 3: "不行"}), ("第2项周六上午", {2: "周六上午"}), ("2号单 好了", {2: "好了"}), ("1 done, 2 Saturday", {1: "done", 2: "Saturday"}),
        ("师傅19号上午可以 我9点半到", {}), ("2号可以", {}), ("3点到", {}), ("1好 1改周六", {}), ("10:30到", {}), ("好的", {}), ("2台都装好了", {}), ("12345678", {}), ("0好", {}),
    ],
)  # fmt: skip
def test_what_is_an_answer_by_number(text: str, found: dict[int, str]) -> None:
    assert split_by_number(text, known=[1, 2, 3]) == found


def test_a_partner_is_asked_once_a_day_on_working_days_in_one_text_that_waits_for_a_tap(shop: Company) -> None:
    owes(shop, "陈女士：判断故障并定配件")
    owes(shop, "报一下安装进度", case=second(shop), hours=40)
    assert digests.sweep_digests(at=NINE + timedelta(minutes=29)) == 0
    digest = asked(shop)
    assert digests.sweep_digests(at=TEN + timedelta(hours=5)) == 0
    lines = digest.text.splitlines()
    assert lines[1].startswith("1. 陈女士：判断故障并定配件") and "超时" in lines[1]
    assert lines[2].startswith("2. 赵先生 DD20260501：报一下安装进度") and "超时" not in lines[2]
    outbound = Outbound.objects.get(conversation=shop.partner_group)
    assert (outbound.state, outbound.text) == ("prepared", digest.text)
    assert digests.sweep_digests(at=TEN + timedelta(days=1)) == 1
    assert digests.sweep_digests(at=NINE.replace(day=16, hour=11)) == 0, "a Saturday"


def test_where_nothing_goes_by_rule_the_digest_waits_for_review(shop: Company) -> None:
    owes(shop, "判断故障并定配件")
    assert digests.sweep_digests(at=TEN) == 1
    draft = Draft.objects.get()
    assert (draft.state, draft.reply_kind, draft.conversation) == ("pending", "reminder", shop.partner_group)
    verdict = review.decide(draft_id=draft.pk, by=shop.handler, do=Verdict.Do.APPROVE, actor=ME, at=TEN)
    assert verdict.accepted


def test_what_a_partner_must_not_read_is_left_out_of_its_digest(shop: Company) -> None:
    Customer.objects.create(name="钱太太")
    owes(shop, "跟钱太太那单一起处理，成本价走内部")
    digest = asked(shop)
    assert "钱太太" not in digest.text and "成本价" not in digest.text and "陈女士" in digest.text


def test_paused_items_those_of_closed_cases_and_other_partners_are_not_asked_for(shop: Company) -> None:
    wait = owes(shop, "判断故障并定配件")
    cases.pause_wait(wait_id=wait.pk, fact=Fact(ME, NINE, NINE))
    assert digests.sweep_digests(at=TEN) == 0
    cases.resume_wait(wait_id=wait.pk, fact=Fact(ME, TEN, TEN))
    cases.cancel_case(case_id=shop.case.pk, fact=Fact(ME, TEN, TEN, None, "duplicate"))
    assert digests.sweep_digests(at=TEN) == 0
    assert not DigestItem.objects.exists()


def test_one_good_two_moved_moves_each_item(shop: Company) -> None:
    first = owes(shop, "判断故障并定配件")
    other = owes(shop, "报一下安装进度", case=second(shop), hours=2)
    asked(shop)
    answer(shop, "1好 2改周六")
    first.refresh_from_db()
    other.refresh_from_db()
    assert (first.state, first.close_reason) == ("completed", "answered_by_number")
    assert first.answered_by is not None and first.answered_by.text == "1好 2改周六"
    assert other.is_open and other.due_at == NINE.replace(day=18, hour=9, minute=30)
    told = Outbound.objects.get(purpose="alert")
    assert told.recipient == shop.handler and "报一下安装进度" in told.text and "5月16日" in told.text
    # A bare “好” ends the partner's part; what it means for the customer is ours.
    ours = WaitingItem.objects.owed_by_us().get()
    assert ours.case == shop.case and "判断故障并定配件" in ours.need


def test_one_ok_two_saturday_is_the_same_in_english(shop: Company) -> None:
    first, other = owes(shop, "判断故障并定配件"), owes(shop, "报一下安装进度", case=second(shop), hours=2)
    asked(shop)
    answer(shop, "1 ok, 2 Saturday")
    first.refresh_from_db()
    other.refresh_from_db()
    assert first.state == "completed"
    assert other.is_open and other.due_at == NINE.replace(day=18, hour=9, minute=30)


def test_several_at_once_are_good_and_one_has_to_wait(shop: Company) -> None:
    waiting, first, other = (
        owes(shop, "判断故障并定配件"), owes(shop, "报一下安装进度", case=second(shop), hours=2), owes(shop, "确认费用", hours=3),
    )  # fmt: skip
    due = waiting.due_at
    asked(shop)
    answer(shop, "2、3没问题，1还要等")
    for wait in (waiting, first, other):
        wait.refresh_from_db()
    assert (first.state, other.state) == ("completed", "completed")
    assert waiting.is_open and waiting.due_at == due, "nobody said until when: it stays due"
    assert waiting.transitions.filter(kind="defer", message__text="2、3没问题，1还要等").exists()


def test_all_good_answers_every_line_while_the_digest_is_the_last_thing_that_we_wrote(shop: Company) -> None:
    first, other = owes(shop, "判断故障并定配件"), owes(shop, "报一下安装进度", case=second(shop), hours=2)
    asked(shop)
    answer(shop, "都好")
    for wait in (first, other):
        wait.refresh_from_db()
        assert (wait.state, wait.close_reason) == ("completed", "answered_by_number")


def test_all_good_after_another_question_of_ours_closes_nothing(shop: Company) -> None:
    first = owes(shop, "判断故障并定配件")
    asked(shop)
    say(shop.partner_group, "lin", "周末值班的师傅都排好了吗", at=TEN + timedelta(minutes=5))
    answer(shop, "都好")
    first.refresh_from_db()
    assert first.is_open


def test_good_to_a_time_that_we_asked_about_goes_to_the_customer_through_the_gate(shop: Company) -> None:
    wait = owes(shop, "陈女士：客户方便的时间 5月14日（周四）下午，请确认能否上门")
    asked(shop)
    answer(shop, "1好")
    wait.refresh_from_db()
    assert wait.state == "completed"
    draft = Draft.objects.get(conversation=shop.group)
    assert (draft.reply_kind, draft.state) == ("appointment_confirmed", "pending")
    assert "5月14日" in draft.text and "王师傅" not in draft.text


def test_another_time_than_the_one_asked_about_is_offered_to_the_customer(shop: Company) -> None:
    wait = owes(shop, "客户方便的时间 5月14日（周四）下午，请确认能否上门")
    asked(shop)
    answer(shop, "1改周六上午")
    wait.refresh_from_db()
    assert wait.state == "completed"
    draft = Draft.objects.get(conversation=shop.group)
    assert draft.reply_kind == "appointment_proposed" and "5月16日" in draft.text


def test_where_a_time_stands_another_day_is_offered_and_the_old_time_is_told_no_longer(shop: Company) -> None:
    wait = owes(shop, "报一下维修结果")
    cases.note_fact(
        case=shop.case, message=None, subject="appointment", words="约定时间：5月14日（周四）下午", blocked=False, fact_at=NINE, at=NINE
    )  # fmt: skip
    asked(shop)
    answer(shop, "1改周六上午")
    wait.refresh_from_db()
    assert wait.state == "completed"
    draft = Draft.objects.get(conversation=shop.group)
    assert draft.reply_kind == "appointment_proposed" and "5月16日" in draft.text
    assert Outbound.objects.get(purpose="alert").recipient == shop.handler
    later = TEN + timedelta(minutes=20)
    say(shop.group, "wmchen", "我那个修到哪一步了", at=later)
    pump.drain(later, channel=False)
    assert "5月14日" not in "".join(Draft.objects.filter(reply_kind="progress_update").values_list("text", flat=True))
    review.decide(draft_id=draft.pk, by=shop.handler, do=Verdict.Do.APPROVE, actor=ME, at=later)
    open_now = shop.case.waits.open().filter(state="waiting_appointment", on=shop.contact)
    assert open_now.exists(), "the customer is asked whether the new time suits"


def test_a_result_by_number_is_relayed_for_the_right_case(shop: Company) -> None:
    owes(shop, "判断故障并定配件")
    wait = owes(shop, "报一下维修结果", case=second(shop), hours=2)
    asked(shop)
    answer(shop, "2 修好了，换了减震器，试机正常")
    wait.refresh_from_db()
    assert wait.state == "completed"
    draft = Draft.objects.get(conversation__external_id="wrzhao")
    assert "减震器" in draft.text and not Draft.objects.filter(conversation=shop.group).exists()


def test_a_number_that_the_digest_does_not_have_or_an_old_digest_is_no_answer_by_number(shop: Company) -> None:
    wait = owes(shop, "判断故障并定配件")
    asked(shop)
    answer(shop, "7好")
    answer(shop, "1好", at=TEN + timedelta(days=6))
    wait.refresh_from_db()
    assert wait.is_open


def test_a_line_that_was_answered_before_goes_to_a_person(shop: Company) -> None:
    owes(shop, "判断故障并定配件")
    asked(shop)
    answer(shop, "1好")
    answer(shop, "1不行，没空", at=TEN + timedelta(minutes=20))
    assert Draft.objects.filter(state="pending", conversation=shop.partner_group, text="").exists()


def test_a_customers_numbers_are_no_answer_to_a_partners_digest(shop: Company) -> None:
    wait = owes(shop, "判断故障并定配件")
    asked(shop)
    say(shop.group, "wmchen", "1好 2改周六", at=TEN + timedelta(minutes=5))
    pump.drain(TEN + timedelta(minutes=5), channel=False)
    wait.refresh_from_db()
    assert wait.is_open
