"""Appointments by hand: agreed, offered, moved, called off; who hears of it, and that it goes through the gate."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from aijia import pump
from cases import appointments
from cases import operations as cases
from cases.appointments import Visit, visit_words
from cases.models import ServiceCase, StatusFact, WaitingItem, Writeback
from cases.operations import Fact
from delivery import ports
from delivery.models import Outbound
from evidence.models import Entry
from foundation.errors import DomainError, Refused, WrongState
from people.models import StaffMember, Team, User, Visibility
from review import operations as review
from review.models import Draft, Verdict
from tests.builders import ME, NINE, Company, say

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
AT_TWO = NINE + DAY + timedelta(hours=5)
BY_HAND = Fact(ME, NINE, NINE, None, "staff")


@pytest.fixture
def shop(ready: Company, settings: object) -> Company:
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"  # type: ignore[attr-defined]
    ports._load.cache_clear()
    return ready


def agreed(shop: Company, start: datetime = AT_TWO, fact: Fact = BY_HAND, **more: object) -> ServiceCase:
    visit = Visit(start, start + timedelta(hours=2), "王师傅", "13900001111")
    return cases_set(shop, visit, fact, **more)


def cases_set(shop: Company, visit: Visit, fact: Fact = BY_HAND, **more: object) -> ServiceCase:
    return appointments.set_appointment(case_id=shop.case.pk, visit=visit, fact=fact, **more)  # type: ignore[arg-type]


def wait_for_time(shop: Company) -> WaitingItem:
    return cases.open_wait(
        case=shop.case, state="waiting_appointment", on=shop.contact, on_role="customer_contact", need="约上门时间",
        need_kind="appointment", fact=Fact(ME, NINE, NINE),
    )  # fmt: skip


def test_an_agreed_time_stands_closes_what_waited_for_it_and_is_told_through_the_gate(shop: Company) -> None:
    wait = wait_for_time(shop)
    case = agreed(shop, tell_partner=True)
    wait.refresh_from_db()
    assert (wait.state, wait.close_reason) == ("completed", "time_agreed")
    assert (case.appointment_at, case.appointment_until, case.visitor) == (
        AT_TWO,
        AT_TWO + timedelta(hours=2),
        "王师傅",
    )
    assert StatusFact.objects.latest("pk").words == "已约定5月12日（周二）14:00-16:00上门"
    draft = Draft.objects.get(reply_kind="appointment_confirmed")
    assert draft.state == "pending" and "5月12日（周二）14:00-16:00" in draft.text
    assert "王师傅" not in draft.text and "13900001111" not in draft.text, "the flow lists neither"
    assert not Outbound.objects.filter(conversation=shop.group).exists(), "nothing leaves before somebody lets it"
    owed = Writeback.objects.get(about="appointment")
    assert owed.to == shop.partner_group and "王师傅上门" in owed.words
    bodies = [json.loads(entry.body_row.body) for entry in Entry.objects.filter(kind="action")]
    assert [body["at"] for body in bodies if body.get("action") == "appointment_agreed"] == [AT_TWO.isoformat()]


def test_who_comes_and_how_they_are_reached_are_told_where_the_flow_lists_them(shop: Company) -> None:
    shop.flow.disclosure = {"visit_time": "always", "technician_surname": "agreed", "technician_phone": "agreed"}
    shop.flow.save()
    cases_set(shop, Visit(AT_TWO, None, "王建国", "13900001111"))
    draft = Draft.objects.get()
    assert "王师傅" in draft.text and "王建国" not in draft.text and "13900001111" in draft.text
    assert [reason["code"] for reason in draft.reasons] == ["automation_level"]


def test_a_moved_appointment_says_from_when_to_when_and_the_older_draft_falls(shop: Company) -> None:
    agreed(shop)
    later = Fact(ME, NINE + timedelta(minutes=5), NINE + timedelta(minutes=5), None, "客户出差")
    agreed(shop, AT_TWO + DAY, later, tell_partner=True)
    case = ServiceCase.objects.get(pk=shop.case.pk)
    assert case.appointment_at == AT_TWO + DAY
    old, new = Draft.objects.order_by("pk")
    assert (
        old.state == "superseded"
        and "原定5月12日（周二）14:00" in new.text
        and "改为5月13日（周三）14:00-16:00" in new.text
    )
    assert "由5月12日（周二）14:00改为5月13日" in Writeback.objects.get().words
    with pytest.raises(Refused) as refusal:
        agreed(shop, AT_TWO + DAY, later)
    assert refusal.value.code == "same"


def test_an_offered_time_stands_only_once_the_customer_takes_it(shop: Company) -> None:
    older = wait_for_time(shop)
    appointments.offer_appointment(case_id=shop.case.pk, visit=Visit(AT_TWO), fact=BY_HAND)
    assert ServiceCase.objects.get(pk=shop.case.pk).appointment_at is None
    draft = Draft.objects.get(reply_kind="appointment_proposed")
    older.refresh_from_db()
    assert older.is_open, "the older question stands until the new one is asked"
    at = NINE + timedelta(minutes=2)
    review.decide(draft_id=draft.pk, by=shop.handler, do=Verdict.Do.APPROVE, actor=ME, at=at)
    older.refresh_from_db()
    wait = WaitingItem.objects.open().get(state="waiting_appointment")
    assert (older.close_reason, wait.need) == ("replaced", "上门时间：5月12日（周二）14:00")
    say(shop.group, "wmchen", "可以的", at=NINE + timedelta(minutes=10))
    pump.drain(NINE + timedelta(minutes=10), channel=False)
    wait.refresh_from_db()
    assert wait.state == "completed"
    assert ServiceCase.objects.get(pk=shop.case.pk).appointment_at == AT_TWO


def test_a_visit_is_called_off_and_a_new_time_is_owed_once_that_is_said(shop: Company) -> None:
    with pytest.raises(WrongState):
        appointments.call_off_appointment(case_id=shop.case.pk, fact=BY_HAND)
    agreed(shop, tell_customer=False)
    assert not Draft.objects.exists(), "agreed by telephone: nobody has to be told again"
    appointments.call_off_appointment(case_id=shop.case.pk, fact=BY_HAND)
    case = ServiceCase.objects.get(pk=shop.case.pk)
    assert (case.appointment_at, case.appointment_until, case.visitor, case.visitor_phone) == (None, None, "", "")
    draft = Draft.objects.get()
    assert "先取消" in draft.text and case.state == "open"
    assert "请不要安排" in Writeback.objects.get().words
    review.decide(draft_id=draft.pk, by=shop.handler, do=Verdict.Do.APPROVE, actor=ME, at=NINE + timedelta(minutes=1))
    assert WaitingItem.objects.owed_by_us().get().need_kind == "feedback"


@pytest.mark.parametrize(
    ("start", "until", "code"),
    [
        (NINE, None, "past"), (NINE - DAY, None, "past"), (NINE + 400 * DAY, None, "too_far"), (AT_TWO, AT_TWO, "window"),
        (AT_TWO, AT_TWO - timedelta(hours=1), "window"), (AT_TWO, AT_TWO + timedelta(hours=13), "window"),
    ],
)  # fmt: skip
def test_times_that_cannot_be_meant_are_refused_and_move_nothing(
    shop: Company, start: datetime, until: datetime | None, code: str
) -> None:
    wait = wait_for_time(shop)
    for act in (appointments.set_appointment, appointments.offer_appointment):
        with pytest.raises(DomainError) as refusal:
            act(case_id=shop.case.pk, visit=Visit(start, until), fact=BY_HAND)
        assert refusal.value.code == code
    wait.refresh_from_db()
    assert wait.is_open and not Draft.objects.exists() and not StatusFact.objects.exists()


def test_a_closed_case_has_no_appointments(shop: Company) -> None:
    cases.cancel_case(case_id=shop.case.pk, fact=Fact(ME, NINE, NINE, None, "duplicate"))
    with pytest.raises(WrongState):
        agreed(shop)


def test_what_the_customer_says_later_holds_and_ends_the_window(shop: Company) -> None:
    agreed(shop, tell_customer=False)
    cases.note_fact(
        case=ServiceCase.objects.get(pk=shop.case.pk), message=None, subject="appointment", words="5月13日10:00", blocked=False,
        fact_at=NINE + timedelta(hours=1), at=NINE + timedelta(hours=1), appointment_at=NINE + 2 * DAY + timedelta(hours=1),
    )  # fmt: skip
    case = ServiceCase.objects.get(pk=shop.case.pk)
    assert (case.appointment_at, case.appointment_until) == (NINE + 2 * DAY + timedelta(hours=1), None)


def test_the_words_of_a_visit_leave_no_doubt() -> None:
    assert visit_words(AT_TWO) == "5月12日（周二）14:00"
    assert visit_words(AT_TWO, AT_TWO + timedelta(hours=2), english=True) == "Tuesday, 12 May, 14:00–16:00"


def sign_in(staff: StaffMember) -> Client:
    staff.user = User.objects.create_user(f"u{staff.pk}", password="x", is_staff=True, is_superuser=True)
    staff.save()
    client = Client()
    client.force_login(staff.user)
    return client


def test_the_page_sets_moves_offers_and_calls_off(shop: Company) -> None:
    with time_machine.travel(NINE, tick=False):
        client = sign_in(shop.handler)
        act = reverse("admin:cases_servicecase_act", args=[shop.case.pk])
        page = reverse("admin:cases_servicecase_change", args=[shop.case.pk])
        body = {
            "do": "appoint",
            "visit": "2026-05-12T14:00",
            "until": "16:00",
            "visitor": "王师傅",
            "tell_customer": "1",
        }
        for bad in (
            {"visit": ""},
            {"visit": "soon"},
            {"visit": "2026-02-31T10:00"},
            {"until": "noon"},
            {"until": "13:00"},
        ):
            client.post(act, {**body, **bad})
            assert ServiceCase.objects.get(pk=shop.case.pk).appointment_at is None, bad
        client.post(act, body)
        case = ServiceCase.objects.get(pk=shop.case.pk)
        assert (case.appointment_at, case.visitor) == (AT_TWO, "王师傅") and Draft.objects.count() == 1
        shown = client.get(page).content.decode()
        assert 'value="2026-05-12T14:00"' in shown and 'value="16:00"' in shown and "王师傅" in shown
        client.post(act, {**body, "visit": "2026-05-13T09:00", "until": "", "tell_customer": ""})
        assert ServiceCase.objects.get(pk=shop.case.pk).appointment_at == NINE + 2 * DAY
        client.post(act, {"do": "offer_time", "visit": "2026-05-14T09:00"})
        assert Draft.objects.filter(reply_kind="appointment_proposed").exists()
        client.post(act, {"do": "call_off", "note": "客户不在家"})
        assert ServiceCase.objects.get(pk=shop.case.pk).appointment_at is None
        team = Team.objects.create(name="二组")
        far = sign_in(StaffMember.objects.create(name="外人", team=team, visibility=Visibility.TEAM))
        assert far.post(act, body).status_code == 404
        assert ServiceCase.objects.get(pk=shop.case.pk).appointment_at is None


def test_the_number_of_who_comes_is_masked_for_who_need_not_call(shop: Company) -> None:
    with time_machine.travel(NINE, tick=False):
        client, act = sign_in(shop.handler), reverse("admin:cases_servicecase_act", args=[shop.case.pk])
        page = reverse("admin:cases_servicecase_change", args=[shop.case.pk])
        body = {"do": "appoint", "visit": "2026-05-12T14:00", "visitor": "王师傅", "phone": "13900001234"}
        client.post(act, body)
        assert "13900001234" in client.get(page).content.decode()

        user = shop.handler.user
        assert user is not None
        user.is_superuser = False
        user.save()
        user.user_permissions.set(Permission.objects.filter(codename="work_on_case"))
        shown = client.get(page).content.decode()
        assert "13900001234" not in shown and "139****34" in shown
        client.post(act, {**body, "visit": "2026-05-13T09:00", "phone": "139****34"})
        case = ServiceCase.objects.get(pk=shop.case.pk)
        assert (case.appointment_at, case.visitor_phone) == (NINE + 2 * DAY, "13900001234"), "a mask is no number"

        user.user_permissions.set(Permission.objects.filter(codename="view_customer"))
        shown = client.get(page).content.decode()
        assert "13900001234" not in shown and "139****34" in shown, "who only looks does not call"
        story = client.get(reverse("admin:cases_servicecase_history", args=[shop.case.pk])).content.decode()
        assert "13900001234" not in story
