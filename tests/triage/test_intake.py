"""An answer is owed from the moment that somebody needs one, also before a case is known; only the answer closes it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from aijia import pump
from cases import deadlines, intake
from cases import operations as cases
from cases.models import Reminder, ServiceCase, ServiceFlow, WaitingItem
from cases.operations import Fact
from delivery import operations as delivery
from delivery import ports
from evidence.verification import verify_all
from foundation.errors import Refused, WrongState
from people.models import Customer, IdentityCertainty, Person, Side
from people.operations import identify
from review import operations as review
from review.models import Draft, Verdict
from tests.builders import ACCOUNT, ME, NINE, Company, conversation, say

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def shop(ready: Company, settings: Any) -> Company:
    """A company in which 赵先生 has a chat and no case."""
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"
    ports._load.cache_clear()
    shop = ready
    customer = Customer.objects.create(name="赵先生", owner=shop.handler)
    person = Person.objects.create(name="赵先生", side=Side.CUSTOMER, customer=customer)
    identify(account=ACCOUNT, external_id="wmzhao", person=person, certainty=IdentityCertainty.VERIFIED)
    lin = Person.objects.get(staff=shop.handler)
    shop.group = conversation("wrzhao", "private", "staff_private", person, lin, customer=customer, owner=shop.handler)
    return shop


def minutes(count: int) -> datetime:
    return NINE + timedelta(minutes=count)


def ask(shop: Company, text: str = "你们能不能上门收旧电器", at: datetime = NINE, who: str = "wmzhao") -> None:
    say(shop.group, who, text, at=at)
    pump.drain(at, channel=False)


def debt() -> WaitingItem:
    return WaitingItem.objects.owed_by_us().get()


def test_a_question_without_a_case_opens_our_own_item_with_a_first_answer_time(shop: Company) -> None:
    ask(shop)
    item = debt()
    assert (item.state, item.need_kind, item.owner, item.asked_in) == ("requested", "answer", shop.handler, shop.group)
    assert item.due_at == minutes(4 * 60) and item.asked_by_message is not None
    assert item.case.flow.intake and item.case.customer.name == "赵先生"
    assert Draft.objects.get().case is None, "nobody takes the question for the matter of a case"
    ask(shop, "在线等", at=minutes(3))
    assert debt() == item
    assert [row.recipient for row in deadlines.sweep_reminders(at=minutes(4 * 60))] == [shop.handler]
    assert Reminder.objects.count() == 1
    assert verify_all() == []


def test_the_answer_typed_by_hand_pays_it_and_closes_its_case(shop: Company) -> None:
    ask(shop)
    item = debt()
    say(shop.group, "lin", "可以的，我们提供上门回收", at=minutes(20))
    pump.drain(minutes(20), channel=False)
    item.refresh_from_db()
    assert item.state == "completed" and item.answered_by is not None
    assert ServiceCase.objects.get(pk=item.case_id).state == "completed"


def test_a_word_that_only_promises_leaves_the_feedback_owed(shop: Company) -> None:
    ask(shop)
    say(shop.group, "lin", "我来帮您查一下，稍等", at=minutes(5))
    pump.drain(minutes(5), channel=False)
    item = debt()
    assert item.need_kind == "feedback" and item.case.state == "open"
    say(shop.group, "lin", "问过了，可以上门回收", at=minutes(50))
    pump.drain(minutes(50), channel=False)
    assert not WaitingItem.objects.owed_by_us().exists()
    assert ServiceCase.objects.get(pk=item.case_id).state == "completed"


def test_a_bare_please_wait_answers_nothing_and_promises_nothing_new(shop: Company) -> None:
    ask(shop)
    item = debt()
    due, draft = item.due_at, Draft.objects.get()
    for minute, words in ((5, "请稍等"), (6, "您稍等哈")):
        say(shop.group, "lin", words, at=minutes(minute))
        pump.drain(minutes(minute), channel=False)
    item.refresh_from_db()
    draft.refresh_from_db()
    assert item.is_open and (item.due_at, item.need_kind) == (due, "answer"), "its clock runs on"
    assert WaitingItem.objects.owed_by_us().count() == 1
    assert draft.state == "pending", "the answer that waits still waits"
    say(shop.group, "lin", "可以的，我们提供上门回收", at=minutes(20))
    pump.drain(minutes(20), channel=False)
    item.refresh_from_db()
    assert item.state == "completed"


def test_a_released_answer_pays_it_and_one_that_never_arrives_is_owed_again(shop: Company) -> None:
    ask(shop)
    item = debt()
    draft = Draft.objects.get()
    review.decide(
        draft_id=draft.pk,
        by=shop.handler,
        do=Verdict.Do.EDIT,
        actor=ME,
        at=minutes(9),
        text="赵先生您好，可以上门回收。",
    )
    pump.drain(minutes(9), channel=False)
    item.refresh_from_db()
    assert item.state == "completed"
    draft.refresh_from_db()
    assert draft.outbound is not None
    delivery.settle(outbound_id=draft.outbound.pk, arrived=False, by=shop.handler, actor=ME, at=minutes(60))
    assert debt().replaces == item and debt().case.state == "open"


def test_when_the_matter_is_known_the_intake_becomes_its_case(shop: Company) -> None:
    ask(shop)
    item = debt()
    ask(shop, "洗衣机漏水了麻烦安排师傅看看", at=minutes(10))
    case = ServiceCase.objects.get(pk=item.case_id)
    assert (case.flow, case.state, case.title[:3]) == (shop.flow, "open", "洗衣机")
    assert ServiceCase.objects.filter(customer=case.customer).count() == 1


def test_somebody_whom_nobody_knows_is_owed_an_answer_too(shop: Company) -> None:
    ask(shop, who="wmstranger")
    item = debt()
    assert item.case.customer.placeholder and item.case.participants.get().person.name == "wmstranger"
    assert item.case.participants.get().person.customer is None, "still not identified"


def test_staff_sort_an_intake_case_once(shop: Company) -> None:
    ask(shop)
    item = debt()
    fact = Fact(ME, minutes(5), minutes(5))
    intake.classify(case_id=item.case_id, flow=shop.flow, fact=fact, title="旧电器回收")
    item.refresh_from_db()
    assert item.is_open and ServiceCase.objects.get(pk=item.case_id).flow == shop.flow
    with pytest.raises(WrongState):
        intake.classify(case_id=item.case_id, flow=shop.flow, fact=fact)


def known_case(shop: Company, person: str = "赵先生") -> ServiceCase:
    customer = Customer.objects.get(name=person)
    return cases.open_case(
        flow=shop.flow, customer=customer, conversation=shop.group, owner=shop.supervisor, contact=None, actor=ME, at=NINE
    )  # fmt: skip


def test_what_is_owed_goes_on_in_the_case_that_it_is_about_as_it_is(shop: Company) -> None:
    ask(shop)
    item, into = debt(), known_case(shop)
    before = (item.due_at, item.owner, item.opened_at, item.remind_at)
    joined = intake.join(case_id=item.case_id, into_id=into.pk, fact=Fact(ME, minutes(5), minutes(5), None, "staff"))
    old = ServiceCase.objects.get(pk=item.case_id)
    item.refresh_from_db()
    assert joined == into and item.case == into and (item.due_at, item.owner, item.opened_at, item.remind_at) == before
    assert (old.state, old.close_reason, old.close_note) == ("cancelled", "joined", into.number)
    assert into.participants.filter(person__name="赵先生", role="customer_contact").exists()
    assert Draft.objects.get().case == into, "the answer that waits is an answer in that case"
    assert Draft.objects.get().state == "pending"
    assert verify_all() == []
    with pytest.raises(WrongState):
        intake.join(case_id=old.pk, into_id=into.pk, fact=Fact(ME, minutes(6), minutes(6)))


@pytest.mark.parametrize("how", ["join", "classify"])
def test_the_answer_that_waited_pays_the_debt_in_the_case_that_it_became(shop: Company, how: str) -> None:
    ask(shop)
    item, fact = debt(), Fact(ME, minutes(5), minutes(5), None, "staff")
    if how == "join":
        intake.join(case_id=item.case_id, into_id=known_case(shop).pk, fact=fact)
    else:
        intake.classify(case_id=item.case_id, flow=shop.flow, fact=fact)
    text = "赵先生您好，可以上门回收。"
    review.decide(
        draft_id=Draft.objects.get().pk, by=shop.handler, do=Verdict.Do.EDIT, actor=ME, at=minutes(9), text=text
    )
    item.refresh_from_db()
    assert item.state == "completed" and item.answered_ref is not None
    assert item.case.state == "open", "its matter goes on"


def test_an_unsorted_case_joins_no_closed_case_and_none_of_somebody_else(shop: Company) -> None:
    ask(shop)
    item, fact = debt(), Fact(ME, minutes(5), minutes(5), None, "customer_declined")
    with pytest.raises(Refused):
        intake.join(case_id=item.case_id, into_id=shop.case.pk, fact=fact)
    into = known_case(shop)
    cases.cancel_case(case_id=into.pk, fact=fact)
    with pytest.raises(WrongState):
        intake.join(case_id=item.case_id, into_id=into.pk, fact=fact)
    item.refresh_from_db()
    assert item.case.flow.intake and item.is_open and Draft.objects.get().case is None


def test_of_somebody_whom_nobody_knows_it_joins_a_case_of_the_conversations_customer(shop: Company) -> None:
    ask(shop, who="wmstranger")
    item, into = debt(), known_case(shop)
    assert list(intake.list_choices(item.case)) == [into]
    intake.join(case_id=item.case_id, into_id=into.pk, fact=Fact(ME, minutes(5), minutes(5)))
    item.refresh_from_db()
    assert item.case == into


def test_thanks_and_chatter_owe_nothing(shop: Company) -> None:
    for number, text in enumerate(("好的谢谢", "早上好", "收到")):
        ask(shop, text, at=minutes(number))
    assert not WaitingItem.objects.owed_by_us().exists()
    assert not ServiceFlow.objects.filter(intake=True).exists()


def test_two_first_questions_at_once_make_one_intake_flow(shop: Company) -> None:
    first, again = intake.intake_flow(), intake.intake_flow()
    assert first is not None and first == again and ServiceFlow.objects.filter(intake=True).count() == 1


@pytest.mark.parametrize(("days", "reopened"), [(29, True), (31, False)])
def test_the_same_matter_of_a_closed_case_is_taken_up_again_or_followed_by_a_linked_case(
    shop: Company, days: int, reopened: bool
) -> None:
    ask(shop, "洗衣机漏水了麻烦安排师傅看看")
    case = ServiceCase.objects.get(customer__name="赵先生")
    cases.cancel_case(case_id=case.pk, fact=Fact(ME, minutes(30), minutes(30), None, "customer_declined"))
    ask(shop, "洗衣机又漏水了，麻烦安排师傅看看", at=NINE + timedelta(days=days))
    case.refresh_from_db()
    assert (case.state == "open") is reopened
    if not reopened:
        follower = ServiceCase.objects.exclude(pk=case.pk).get(customer=case.customer)
        assert (follower.previous, follower.state) == (case, "open")
