"""What of a visit a customer may be told: what the flow lists, from the stage that it says; nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases import appointments
from cases.appointments import Visit
from cases.disclosure import disclosed, titled
from cases.models import ServiceCase
from cases.operations import Fact
from foundation.errors import DomainError
from people.models import Person, Side
from review import operations as review
from review.gate import check_text
from review.models import Draft, Verdict
from tests.builders import ME, NINE, Company
from triage.operations.texts import text_facts

pytestmark = [pytest.mark.django_db, pytest.mark.once]
AT_TWO = NINE + timedelta(days=1, hours=5)


@pytest.fixture
def shop(ready: Company) -> Company:
    return ready


def listed(shop: Company, **stages: str) -> None:
    shop.flow.disclosure = stages
    shop.flow.save()


def visit(shop: Company, visitor: str = "王建国", phone: str = "13900001111") -> None:
    appointments.set_appointment(
        case_id=shop.case.pk, visit=Visit(AT_TWO, None, visitor, phone), fact=Fact(ME, NINE, NINE), tell_customer=False
    )


def held(shop: Company, text: str) -> set[str]:
    case = ServiceCase.objects.select_related("flow", "customer", "partner").get(pk=shop.case.pk)
    facts = text_facts(case, text=text, conversation=shop.group, phrases=[], at=NINE)
    return {reason.code for reason in check_text(text, facts)}


TOLD = {
    "technician_surname": ("明天下午2点王师傅上门", "leak_name"), "technician_name": ("明天下午2点王建国上门", "leak_name"),
    "technician_phone": ("师傅的电话是139 0000 1111", "leak_phone"), "partner_name": ("顺达维修明天来", "leak_organisation"),
    "visit_time": ("师傅明天下午2点上门", "leak_visit_time"), "tracking_number": ("快递单号SF1234567890123", "leak_tracking_number"),
}  # fmt: skip


@pytest.mark.parametrize("kind", TOLD)
def test_what_is_listed_can_be_told_and_what_is_not_cannot(shop: Company, kind: str) -> None:
    text, code = TOLD[kind]
    every = dict.fromkeys(TOLD, "always")
    listed(shop, **every)
    visit(shop)
    assert held(shop, text) == set()
    listed(shop, **{one: stage for one, stage in every.items() if one != kind})
    if kind == "technician_surname":
        listed(shop, visit_time="always")  # whoever may be named in full may be named by surname
    assert held(shop, text) == {code}
    assert held(shop, "师傅会提前联系您") == set()


@pytest.mark.parametrize("kind", [kind for kind in TOLD if kind not in ("tracking_number", "visit_time")])
def test_some_of_it_only_once_the_appointment_stands(shop: Company, kind: str) -> None:
    text, code = TOLD[kind]
    listed(
        shop, **{one: "agreed" if one == kind else "always" for one in TOLD if one != "technician_name" or one == kind}
    )
    appointments.offer_appointment(
        case_id=shop.case.pk, visit=Visit(AT_TWO, None, "王建国", "13900001111"), fact=Fact(ME, NINE, NINE)
    )
    before = held(shop, text)
    assert before == {code}
    visit(shop)
    assert held(shop, text) == set()


def test_a_time_may_be_asked_about_before_it_stands_but_not_said(shop: Company) -> None:
    listed(shop, visit_time="agreed")
    assert held(shop, "师傅明天下午2点上门，您看方便吗？") == set()
    assert held(shop, "师傅明天下午2点上门。") == {"leak_visit_time"}
    visit(shop)
    assert held(shop, "师傅明天下午2点上门。") == set()
    listed(shop)
    assert held(shop, "师傅明天下午2点上门，您看方便吗？") == {"leak_visit_time"}, "never is never"
    assert held(shop, "麻烦您明天下午2点前把照片发我") == set(), "no visit"


def test_the_partners_contact_who_takes_part_is_told_by_surname_where_nobody_said_who_comes(shop: Company) -> None:
    listed(shop, visit_time="always", technician_surname="agreed")
    assert held(shop, "王师傅明天上门") == {"leak_name"}
    visit(shop, visitor="", phone="")
    assert held(shop, "王师傅明天上门") == set()
    other = Person.objects.create(name="赵师傅", side=Side.PARTNER, partner=shop.partner_person.partner)
    assert held(shop, f"{other.name}明天上门") == {"leak_name"}, "somebody else of the partner stays unnamed"
    listed(shop, visit_time="always", technician_surname="always")
    visit_words = "王师傅明天上门"
    assert held(shop, visit_words) == set()


def test_others_are_never_told_whatever_is_listed(shop: Company) -> None:
    listed(shop, **dict.fromkeys(TOLD, "always"))
    visit(shop)
    Person.objects.create(name="赵铁柱", side=Side.PARTNER, partner=shop.partner_person.partner)
    assert held(shop, "赵铁柱也会来") == {"leak_name"}
    assert held(shop, "@林悦 看一下") >= {"leak_name"}
    assert held(shop, "返工费120元") == {"leak_internal", "price"}


def test_an_edited_draft_is_held_to_it_when_it_is_released(shop: Company) -> None:
    listed(shop, visit_time="always")
    visit(shop)
    appointments.set_appointment(
        case_id=shop.case.pk, visit=Visit(AT_TWO + timedelta(days=1), None, "王建国"), fact=Fact(ME, NINE, NINE)
    )
    draft = Draft.objects.get()

    def release(text: str) -> Draft:
        review.decide(
            draft_id=draft.pk, by=shop.handler, do=Verdict.Do.EDIT, actor=ME, at=NINE + timedelta(minutes=1), text=text
        )
        return Draft.objects.get(pk=draft.pk)

    try:
        refused = release("陈女士您好，5月13日下午2点王师傅上门。")
    except DomainError:
        refused = Draft.objects.get(pk=draft.pk)
    assert refused.state == "pending"
    listed(shop, visit_time="always", technician_surname="agreed")
    assert release("陈女士您好，5月13日下午2点王师傅上门。").state == "released"


@pytest.mark.parametrize(
    ("name", "first"),
    [("王建国", "王师傅"), ("欧阳明", "欧阳师傅"), ("李师傅", "李师傅"), ("张工", "张工"), ("Tom", None), ("", None)],
)
def test_by_surname(name: str, first: str | None) -> None:
    assert next(iter(titled(name)), None) == first


def test_a_flow_lists_times_and_tracking_numbers_to_begin_with(shop: Company) -> None:
    assert disclosed(shop.case) == {"visit_time", "tracking_number"}
