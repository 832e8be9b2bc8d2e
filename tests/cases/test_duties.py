"""A duty owns an item: whoever is on shift sees to it, sees it, and is reminded; nobody has to hand it over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import override_settings
from django.utils.http import urlencode

from cases import deadlines
from cases import operations as cases
from cases.models import ServiceCase, WaitingItem, WaitTransition
from cases.operations import Fact
from cases.shifts import takers
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
    with time_machine.travel(NINE + HOUR, tick=False):
        for one in (early, late):
            assert ServiceCase.objects.visible_to(one).get() == shop.case
            assert WaitingItem.objects.visible_to(one).get() == wait
    stranger = StaffMember.objects.create(name="外人", visibility=Visibility.OWN)
    assert not ServiceCase.objects.visible_to(stranger).exists()
    moved = WaitTransition.objects.filter(wait=wait).latest("pk")
    assert moved.kind == "hand_over"
    assert "售后值班" in Entry.objects.filter(kind="state_change").latest("pk").body_row.body


def test_it_is_seen_a_week_around_a_shift_and_no_longer(shop: Company, duty: DutyRoster) -> None:
    wait = given(shop, duty)
    ServiceCase.objects.update(owner=shop.supervisor)
    StaffMember.objects.filter(name="晚班").update(team=Team.objects.create(name="夜里的"))
    late, once = (
        StaffMember.objects.get(name="晚班"),
        works(StaffMember.objects.create(name="往日", visibility="own", team=Team.objects.get())),
    )
    day = 24 * HOUR
    Shift.objects.create(roster=duty, staff=once, starts_at=NINE - 30 * day, ends_at=NINE - 29 * day)
    begins, ends = NINE + 8 * HOUR, NINE + 16 * HOUR
    moments = {
        begins - 7 * day - HOUR: False, begins - 7 * day + HOUR: True, begins: True, ends: True, ends + 7 * day - HOUR: True,
        ends + 7 * day: False, ends + 60 * day: False,
    }  # fmt: skip
    for at, seen in moments.items():
        with time_machine.travel(at, tick=False):
            found = [rows.objects.visible_to(late).exists() for rows in (ServiceCase, WaitingItem)]
            assert found == [seen, seen], at
            held = {one.pk for one in takers(shop.handler, [wait], at=at)} & {late.pk, once.pk}
            assert held == ({late.pk} if seen else set()), at
            assert not ServiceCase.objects.visible_to(once).exists()


def test_list_page_search_and_api_end_with_the_week_after_a_shift(shop: Company, duty: DutyRoster) -> None:
    wait = given(shop, duty)
    late = StaffMember.objects.get(name="晚班")
    with override_settings(LANGUAGE_CODE="en"):
        client = sign_in(late)
        places = {
            "/admin/cases/servicecase/": shop.case.number,
            "/admin/cases/waitingitem/": "铭牌照片",
            f"/admin/cases/servicecase/{shop.case.pk}/change/": "铭牌照片",
            f"/admin/find/?{urlencode({'q': shop.case.number})}": "陈女士",
            f"/api/v1/cases/{shop.case.public_id}/": "铭牌照片",
            "/api/v1/cases/": shop.case.number,
            f"/api/v1/waits/{wait.public_id}/": "铭牌照片",
            "/api/v1/waits/": "铭牌照片",
        }
        for at, seen in ((NINE + 9 * HOUR, True), (NINE + 20 * HOUR, True), (NINE + 30 * 24 * HOUR, False)):
            with time_machine.travel(at, tick=False):
                client.force_login(late.user)  # type: ignore[arg-type]
                for place, words in places.items():
                    answer = client.get(place)
                    assert (words in answer.content.decode()) is seen, (place, at, answer.status_code)


def test_the_name_of_who_holds_the_duty_now_stands_beside_it_everywhere(
    shop: Company, duty: DutyRoster, django_assert_max_num_queries: Any
) -> None:
    wait = given(shop, duty)
    ours = cases.owe_ourselves(case_id=shop.case.pk, need="回电话", need_kind="action", due_at=NINE + 9 * HOUR, fact=Fact(ME, NINE, NINE))  # fmt: skip
    cases.give_to_duty(wait_id=ours.pk, roster=duty, fact=Fact(ME, NINE + HOUR, NINE + HOUR, None, "staff"))
    client = sign_in(shop.supervisor)
    handed = cases.offer_hand_over(
        wait_ids=[wait.pk],
        giver=StaffMember.objects.get(name="早班"),
        taker=shop.supervisor,
        note="",
        actor=ME,
        at=NINE,
    )
    pages = (
        f"/admin/cases/servicecase/{shop.case.pk}/change/", "/admin/cases/servicecase/", "/admin/cases/waitingitem/?open=1",
        f"/admin/cases/handover/{handed.pk}/change/",
    )  # fmt: skip
    said = {"早班": NINE + 2 * HOUR, "晚班": NINE + 9 * HOUR, "": NINE + 30 * HOUR}
    for name, at in said.items():
        with time_machine.travel(at, tick=False):
            client.force_login(shop.supervisor.user)  # type: ignore[arg-type]
            words = f"售后值班（当班：{name}）" if name else "售后值班（现在无人当班）"
            for place in pages:
                assert words in client.get(place, headers={"accept-language": "zh-hans"}).content.decode(), (place, at)
            one = client.get(f"/api/v1/waits/{wait.public_id}/").json()
            assert (one["duty"], [who["name"] for who in one["on_shift"]]) == ("售后值班", [name] if name else [])
            case = client.get(f"/api/v1/cases/{shop.case.public_id}/").json()
            assert [who["name"] for row in case["waits"] for who in row["on_shift"]] == ([name, name] if name else [])
            assert ("当班：" in case["glance"]["owes"] or "on shift: " in case["glance"]["owes"]) is bool(name)
    StaffMember.objects.filter(name="早班").update(on_duty=False)
    for _more in range(5):
        another = item(shop)
        cases.give_to_duty(wait_id=another.pk, roster=duty, fact=Fact(ME, NINE + HOUR, NINE + HOUR))
    with django_assert_max_num_queries(3):
        rows = list(WaitingItem.objects.open().with_holders(at=NINE + 2 * HOUR))
        assert {row.owner_words for row in rows} == {"售后值班（现在无人当班）"}, "ill, though on the plan"
    cases.cancel_wait(wait_id=wait.pk, fact=Fact(ME, NINE + HOUR, NINE + HOUR))
    closed = WaitingItem.objects.with_holders(at=NINE + 9 * HOUR).get(pk=wait.pk)
    assert (closed.owner_words, closed.holders) == ("售后值班", None), "what is over is nobody's now"


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
