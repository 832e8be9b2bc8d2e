"""A duty owns an item: whoever is on shift sees to it, sees it, and is reminded; nobody has to hand it over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from cases import deadlines
from cases import operations as cases
from cases.models import ServiceCase, WaitingItem, WaitTransition
from cases.operations import Fact
from evidence.models import Entry
from foundation.errors import WrongState
from people.models import DutyRoster, Shift, StaffMember, Team, Visibility
from tests.builders import ME, NINE, Company, works
from tests.cases.test_appointments import sign_in

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def shop(ready: Company) -> Company:
    return ready


@pytest.fixture
def duty(shop: Company) -> DutyRoster:
    """An early and a late shift of two people."""
    row = DutyRoster.objects.create(name="售后值班", lead=shop.supervisor)
    for number, name in enumerate(("早班", "晚班")):
        who, begins = works(StaffMember.objects.create(name=name, visibility=Visibility.OWN)), NINE + number * 8 * HOUR
        Shift.objects.create(roster=row, staff=who, starts_at=begins, ends_at=begins + 8 * HOUR)
    return row


def item(shop: Company, **more: Any) -> WaitingItem:
    values: dict[str, Any] = {"need": "铭牌照片", "due_at": NINE + 10 * HOUR, **more}
    return cases.open_wait(
        case=shop.case,
        state="waiting_customer_material",
        on=shop.contact,
        on_role="customer_contact",
        fact=Fact(ME, NINE, NINE),
        **values,
    )


def given(shop: Company, duty: DutyRoster) -> WaitingItem:
    wait = item(shop)
    return cases.give_to_duty(wait_id=wait.pk, roster=duty, fact=Fact(ME, NINE + HOUR, NINE + HOUR, None, "staff"))


def test_who_is_on_shift_sees_to_it_is_reminded_and_sees_the_case(shop: Company, duty: DutyRoster) -> None:
    wait = given(shop, duty)
    early, late = StaffMember.objects.get(name="早班"), StaffMember.objects.get(name="晚班")
    assert (wait.owner, wait.roster, wait.owner_words) == (early, duty, "售后值班")
    assert WaitingItem.objects.mine(early, at=NINE + 2 * HOUR).get() == wait
    assert not WaitingItem.objects.mine(late, at=NINE + 2 * HOUR).exists()
    assert WaitingItem.objects.mine(late, at=NINE + 9 * HOUR).get() == wait
    assert [row.recipient.name for row in deadlines.sweep_reminders(at=NINE + 10 * HOUR)] == ["晚班"]
    for one in (early, late):
        assert ServiceCase.objects.visible_to(one).get() == shop.case
        assert WaitingItem.objects.visible_to(one).get() == wait
    stranger = StaffMember.objects.create(name="外人", visibility=Visibility.OWN)
    assert not ServiceCase.objects.visible_to(stranger).exists()
    moved = WaitTransition.objects.filter(wait=wait).latest("pk")
    assert moved.kind == "hand_over"
    assert "售后值班" in Entry.objects.filter(kind="state_change").latest("pk").body_row.body


def test_what_a_duty_owns_and_its_last_holder_left_is_not_unowned(shop: Company, duty: DutyRoster) -> None:
    wait = given(shop, duty)
    StaffMember.objects.filter(name="早班").update(left_at=NINE + HOUR)
    assert not WaitingItem.objects.unowned().exists() and deadlines.sweep_left_owners(at=NINE + 2 * HOUR) == 0
    wait.refresh_from_db()
    assert wait.roster == duty
    assert [row.recipient.name for row in deadlines.sweep_reminders(at=NINE + 10 * HOUR)] == ["晚班"]


def test_given_to_a_person_it_is_the_duty_s_no_longer(shop: Company, duty: DutyRoster) -> None:
    wait = given(shop, duty)
    cases.hand_over_wait(wait_id=wait.pk, to=shop.handler, fact=Fact(ME, NINE + 2 * HOUR, NINE + 2 * HOUR))
    wait.refresh_from_db()
    assert (wait.roster, wait.owner, wait.owner_words) == (None, shop.handler, "林悦")
    assert [row.recipient.name for row in deadlines.sweep_reminders(at=NINE + 10 * HOUR)] == ["林悦"]


def test_where_nobody_is_on_shift_the_lead_has_it_or_who_stands_in_for_a_lead_who_left(shop: Company) -> None:
    empty = DutyRoster.objects.create(name="夜班", lead=shop.supervisor)
    assert given(shop, empty).owner == shop.supervisor
    gone = DutyRoster.objects.create(name="旧班", lead=StaffMember.objects.create(name="走了", left_at=NINE))
    assert given(shop, gone).owner == shop.flow.fallback_owner
    wait = item(shop)
    cases.cancel_wait(wait_id=wait.pk, fact=Fact(ME, NINE, NINE))
    with pytest.raises(WrongState):
        cases.give_to_duty(wait_id=wait.pk, roster=empty, fact=Fact(ME, NINE, NINE))


def test_a_note_and_a_risk_are_kept_for_colleagues_on_record_and_move_nothing(shop: Company) -> None:
    wait = item(shop)
    cases.note_wait(
        wait_id=wait.pk, note="客户只在晚上方便", risk="可能要差评", fact=Fact(ME, NINE + HOUR, NINE + HOUR)
    )
    wait.refresh_from_db()
    assert (wait.internal_note, wait.risk, wait.state, wait.last_fact_at) == (
        "客户只在晚上方便",
        "可能要差评",
        "waiting_customer_material",
        NINE,
    )
    assert "客户只在晚上方便" in Entry.objects.filter(kind="state_change").latest("pk").body_row.body
    cases.cancel_wait(wait_id=wait.pk, fact=Fact(ME, NINE + HOUR, NINE + HOUR))
    with pytest.raises(WrongState):
        cases.note_wait(wait_id=wait.pk, note="x", risk="", fact=Fact(ME, NINE + HOUR, NINE + HOUR))


def test_the_page_gives_to_a_duty_keeps_notes_and_shows_how_it_was_asked_and_what_is_over(
    shop: Company, duty: DutyRoster
) -> None:
    with time_machine.travel(NINE + HOUR, tick=False):
        wait = item(shop, asked_in=shop.group, customer_wording="麻烦拍一张铭牌照片", proof="image")
        over = item(shop, need="保修卡照片")
        cases.cancel_wait(wait_id=over.pk, fact=Fact(ME, NINE, NINE, None, "not_needed"))
        client, act = sign_in(shop.handler), f"/admin/cases/servicecase/{shop.case.pk}/act/"
        client.post(act, {"do": "wait_note", "wait": wait.pk, "about": "晚上联系", "risk": "可能投诉"})
        client.post(act, {"do": "wait_hand_over", "wait": wait.pk, "to": f"duty-{duty.pk}"})
        wait.refresh_from_db()
        assert (wait.roster, wait.internal_note, wait.risk) == (duty, "晚上联系", "可能投诉")
        page = client.get(f"/admin/cases/servicecase/{shop.case.pk}/change/").content.decode()
        for words in ("售后值班", "晚上联系", "可能投诉", "麻烦拍一张铭牌照片", "保修卡照片"):
            assert words in page, words
        assert "售后值班" in client.get("/admin/cases/waitingitem/?open=1").content.decode()
        for bad in ("duty-99999", "duty-x", "duty-"):
            client.post(act, {"do": "wait_hand_over", "wait": wait.pk, "to": bad})
        wait.refresh_from_db()
        assert wait.roster == duty
        far = sign_in(
            works(
                StaffMember.objects.create(
                    name="外人", team=Team.objects.create(name="二组"), visibility=Visibility.TEAM
                )
            )
        )
        far.post(act, {"do": "wait_note", "wait": wait.pk, "about": "外人写的", "risk": ""})
        wait.refresh_from_db()
        assert wait.internal_note == "晚上联系"
