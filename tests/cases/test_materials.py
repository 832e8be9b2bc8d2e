"""Materials: partial, wrong, surplus, late, unreadable; each ends rightly. And calendars as people write them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django import forms
from django.test import Client
from django.urls import reverse

from aijia import pump
from cases import operations as cases
from cases.forms import read_spans, spans_in_words
from cases.models import Calendar, CalendarException, Material, WaitingItem
from cases.operations import Fact
from conversations.models import Attachment
from conversations.operations import mark_attachment_lost
from delivery import ports
from delivery.models import Outbound
from evidence.models import Entry
from evidence.verification import faults_of, read_record
from foundation.errors import Refused, WrongState
from people.models import Customer, StaffMember, User
from review.models import Draft
from tests.builders import ME, NINE, Company, say
from triage import followups

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def shop(ready: Company, settings: Any) -> Company:
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"
    ports._load.cache_clear()
    return ready


def asked(shop: Company, count: int = 1) -> WaitingItem:
    return cases.open_wait(
        case=shop.case, state="waiting_customer_material", on=shop.contact, on_role="customer_contact", need="铭牌照片",
        need_kind="material", proof="image", count_needed=count, fact=Fact(ME, NINE, NINE),
    )  # fmt: skip


def send(shop: Company, *kinds: str, minutes: int = 1, text: str = "照片发来了") -> None:
    at = NINE + timedelta(minutes=minutes)
    say(shop.group, "wmchen", text, at=at, key=f"m{minutes}", attachments=kinds)
    pump.drain(at, channel=False)


def states() -> list[str]:
    return list(Material.objects.order_by("pk").values_list("state", flat=True))


def test_one_of_two_is_said_to_be_one_of_two(shop: Company) -> None:
    wait = asked(shop, 2)
    send(shop, "image")
    wait.refresh_from_db()
    assert (wait.state, wait.count_received) == ("waiting_customer_material", 1)
    assert "还差1张" in Draft.objects.latest("pk").text
    send(shop, "image", minutes=5)
    wait.refresh_from_db()
    assert (wait.state, wait.count_received) == ("material_received", 2)


def test_a_sticker_beside_the_photo_is_no_photo(shop: Company) -> None:
    wait = asked(shop, 2)
    send(shop, "image", "sticker")
    wait.refresh_from_db()
    assert (wait.count_received, states()) == (1, ["received", "surplus"])


def test_one_more_photo_is_one_more_to_check_and_surplus_once_enough_are_good(shop: Company) -> None:
    wait = asked(shop)
    send(shop, "image")
    send(shop, "image", minutes=5, text="再补一张照片")
    assert states() == ["received", "received"]
    assert set(Material.objects.values_list("wait", flat=True)) == {wait.pk}
    first = Material.objects.earliest("pk")
    cases.judge_material(material_id=first.pk, accept=True, by=shop.handler, fact=Fact(ME, NINE, NINE))
    assert states() == ["accepted", "surplus"]
    send(shop, "image", minutes=9)
    assert states() == ["accepted", "surplus", "surplus"]
    assert set(Material.objects.values_list("wait", flat=True)) == {wait.pk}, "joined to its original item"


def test_a_better_photo_that_comes_before_we_ask_again_replaces_what_was_not_good(shop: Company) -> None:
    wait = asked(shop)
    send(shop, "image")
    bad = Material.objects.get()
    cases.judge_material(material_id=bad.pk, accept=False, by=shop.handler, fact=Fact(ME, NINE, NINE, None, "糊了"))
    send(shop, "image", minutes=5, text="重新拍了一张照片")
    again = WaitingItem.objects.open().get(need_kind="material")
    assert (again.state, again.replaces) == ("material_received", wait)
    assert states() == ["rejected", "received"]


def test_a_photo_that_cannot_be_read_is_asked_for_again(shop: Company) -> None:
    wait = asked(shop)
    send(shop, "image")
    attachment = Material.objects.get().attachment
    assert attachment is not None
    mark_attachment_lost(attachment_id=attachment.pk, error="broken", at=NINE)
    pump.drain(NINE + timedelta(minutes=9), channel=False)
    wait.refresh_from_db()
    assert (wait.close_reason, states()) == ("material_rejected", ["rejected"])
    assert "打不开" in Draft.objects.filter(reply_kind="material_request").latest("pk").text


@pytest.mark.parametrize(
    ("words", "spans"),
    [
        ("09:00-12:00 13:00-18:00", [["09:00", "12:00"], ["13:00", "18:00"]]), ("9:00 – 12:00，13:30~24:00", [["09:00", "12:00"], ["13:30", "24:00"]]), ("", []),
    ],
)  # fmt: skip
def test_spans_are_read_as_people_write_them(words: str, spans: list[list[str]]) -> None:
    assert read_spans(words) == spans
    assert read_spans(spans_in_words(spans)) == spans


@pytest.mark.parametrize("words", ["9-18", "12:00-09:00", "09:00-12:00 11:00-13:00", "25:00-26:00", "morning"])
def test_spans_that_cannot_be_are_refused(words: str) -> None:
    with pytest.raises(forms.ValidationError):
        read_spans(words)


def test_supervisors_edit_several_spans_a_day_and_days_of_their_own(shop: Company) -> None:
    user = User.objects.create_user("he", password="x", is_staff=True, is_superuser=True)
    client, calendar = Client(), shop.flow.calendar
    client.force_login(user)
    url = reverse("admin:cases_calendar_change", args=[calendar.pk])
    page = client.get(url).content.decode()
    assert "09:00-18:00" in page
    body = {
        "name": "客服", "timezone": "Asia/Shanghai", "use_mainland_holidays": "on", "mon": "09:00-12:00 13:00-18:00", "sat": "10:00-16:00",
        "exceptions-TOTAL_FORMS": "1", "exceptions-INITIAL_FORMS": "0", "exceptions-0-calendar": calendar.pk,
        "exceptions-0-date": "2026-06-20", "exceptions-0-spans": "10:00-12:00", "exceptions-0-note": "店庆",
    }  # fmt: skip
    assert client.post(url, {**body, "mon": "18:00-09:00"}).status_code == 200
    assert client.post(url, {**body, "timezone": "Mars/Base"}).status_code == 200
    assert client.post(url, {**body, "mon": "", "sat": ""}).status_code == 200
    assert client.post(url, body).status_code == 302
    kept = Calendar.objects.get(pk=calendar.pk)
    assert kept.week == {"mon": [["09:00", "12:00"], ["13:00", "18:00"]], "sat": [["10:00", "16:00"]]}
    assert kept.exceptions.get().spans == [["10:00", "12:00"]]


def test_a_year_whose_holidays_are_not_known_raises_an_alarm_once(shop: Company) -> None:
    assert followups.sweep_unknown_years(at=NINE) == 0
    late = NINE.replace(year=2098, month=12, day=20)
    followups.sweep_unknown_years(at=late)
    followups.sweep_unknown_years(at=late)
    told = Outbound.objects.filter(kind="alert")
    assert told.count() == 2 and {row.recipient for row in told} == {shop.supervisor}
    assert any("2099" in row.text for row in told)


def test_the_desk_and_the_calendars_say_so_until_somebody_enters_the_holidays(shop: Company, client: Client) -> None:
    user = User.objects.create_user("he", password="x", is_staff=True, is_superuser=True)
    shop.supervisor.user = user
    shop.supervisor.save()
    desk, calendars = reverse("admin:index"), reverse("admin:cases_calendar_changelist")
    with time_machine.travel(NINE, tick=False):
        client.force_login(user)
        assert not any("节假日安排还未知" in client.get(page).content.decode() for page in (desk, calendars))
    with time_machine.travel(NINE.replace(year=2098, month=12, day=20), tick=False):
        client.force_login(user)
        for page in (desk, calendars):
            body = client.get(page).content.decode()
            assert "2098 年的节假日安排还未知" in body and "2099 年的节假日安排还未知" in body
        for entered in ("2098-10-01", "2099-10-01"):
            CalendarException.objects.create(calendar=Calendar.objects.get(), date=entered, spans=[])
        assert "节假日安排还未知" not in client.get(desk).content.decode()


def booked(shop: Company, wait: WaitingItem, count: int = 1) -> list[Material]:
    """Pieces that came for an item."""
    message = say(shop.group, "wmchen", "", at=NINE, key=f"b{wait.pk}", attachments=("image",) * count)
    cases.receive_materials(wait_id=wait.pk, attachments=message.attachments.all(), fact=Fact(ME, NINE, NINE, message))
    return list(Material.objects.filter(message=message).order_by("pk"))


def two_items(shop: Company, count: int = 1) -> tuple[WaitingItem, WaitingItem]:
    wrong, right = asked(shop, count), asked(shop)
    WaitingItem.objects.filter(pk=right.pk).update(need="故障部位的照片")
    right.refresh_from_db()
    return wrong, right


def test_a_piece_at_the_wrong_item_is_booked_to_the_right_one(shop: Company) -> None:
    wrong, right = two_items(shop)
    piece = booked(shop, wrong)[0]
    cases.move_material(material_id=piece.pk, to_wait_id=right.pk, fact=Fact(ME, NINE, NINE, None, "拍的是故障处"))
    piece.refresh_from_db()
    assert (piece.wait_id, piece.state) == (right.pk, "received")
    right.refresh_from_db()
    assert (right.state, right.count_received, right.answered_by_id) == ("material_received", 1, piece.message_id)
    wrong.refresh_from_db()
    owed = WaitingItem.objects.get(replaces=wrong)
    assert (wrong.state, wrong.close_reason) == ("cancelled", "material_moved")
    assert (owed.state, owed.count_received, owed.need) == ("waiting_customer_material", 0, wrong.need)
    entry = Entry.objects.filter(kind="action").latest("pk")
    assert json.loads(entry.body_row.body)["reason"] == "拍的是故障处"
    assert not faults_of(read_record(cases.subject_of(shop.case)))


def test_what_stays_at_the_item_that_a_piece_leaves_goes_on_counting(shop: Company) -> None:
    wrong, right = two_items(shop, 2)
    one = booked(shop, wrong, 2)[0]
    cases.move_material(material_id=one.pk, to_wait_id=right.pk, fact=Fact(ME, NINE, NINE))
    owed = WaitingItem.objects.get(replaces=wrong)
    assert (owed.state, owed.count_received) == ("waiting_customer_material", 1)
    assert Material.objects.get(wait=owed).state == "received"


def test_a_surplus_piece_becomes_one_to_check_where_it_belongs(shop: Company) -> None:
    first = asked(shop)
    send(shop, "image")
    cases.judge_material(material_id=Material.objects.get().pk, accept=True, by=shop.handler, fact=Fact(ME, NINE, NINE))
    send(shop, "image", minutes=5, text="")
    spare = Material.objects.latest("pk")
    assert spare.state == "surplus"
    later = asked(shop)
    cases.move_material(material_id=spare.pk, to_wait_id=later.pk, fact=Fact(ME, NINE, NINE))
    spare.refresh_from_db()
    later.refresh_from_db()
    first.refresh_from_db()
    assert (spare.state, later.state, first.state) == ("received", "material_received", "completed")


@pytest.mark.parametrize(
    "why", ["judged", "closed", "other customer", "another kind", "asks for no material", "where it is"]
)
def test_material_is_not_booked_where_it_cannot_belong(shop: Company, why: str) -> None:
    here, there = two_items(shop)
    piece = booked(shop, here)[0]
    match why:
        case "judged":
            cases.judge_material(
                material_id=piece.pk, accept=False, by=shop.handler, fact=Fact(ME, NINE, NINE, None, "糊")
            )
        case "closed":
            cases.cancel_wait(wait_id=there.pk, fact=Fact(ME, NINE, NINE))
        case "other customer":
            stranger = Customer.objects.create(name="别家")
            other = cases.open_case(
                flow=shop.case.flow, customer=stranger, conversation=shop.group, owner=shop.handler, partner=None, contact=shop.contact,
                title="", actor=ME, at=NINE,
            )  # fmt: skip
            WaitingItem.objects.filter(pk=there.pk).update(case=other)
        case "another kind":
            WaitingItem.objects.filter(pk=there.pk).update(proof="file")
            Attachment.objects.filter(pk=piece.attachment_id).update(type="voice")
        case "asks for no material":
            WaitingItem.objects.filter(pk=there.pk).update(need_kind="action")
        case "where it is":
            there = here
    piece.refresh_from_db()
    before = (piece.wait_id, piece.state, Entry.objects.count(), WaitingItem.objects.count())
    with pytest.raises((WrongState, Refused)):
        cases.move_material(material_id=piece.pk, to_wait_id=there.pk, fact=Fact(ME, NINE, NINE))
    piece.refresh_from_db()
    assert (piece.wait_id, piece.state, Entry.objects.count(), WaitingItem.objects.count()) == before


def test_material_is_moved_on_the_page_and_missing_is_named_at_once(shop: Company, client: Client) -> None:
    wrong, to = two_items(shop)
    piece = booked(shop, wrong)[0]
    user = User.objects.create_superuser("root", password="x")
    StaffMember.objects.filter(pk=shop.handler.pk).update(user=user)
    client.force_login(user)
    page = reverse("admin:cases_servicecase_change", args=[shop.case.pk])
    assert f'<option value="{to.pk}">{to.need}' in client.get(page).content.decode()
    act = reverse("admin:cases_servicecase_act", args=[shop.case.pk])
    client.post(act, {"do": "move_material", "material": piece.pk, "to": to.pk, "note": "是这一张"})
    piece.refresh_from_db()
    assert piece.wait_id == to.pk
    client.post(act, {"do": "reject_material", "material": piece.pk, "note": "看不清"})
    assert any(to.need in words for words in client.get(page).context["glance"].missing)
    assert WaitingItem.objects.open().get(need_kind="material").replaces_id == wrong.pk
    cases.cancel_case(case_id=shop.case.pk, fact=Fact(ME, NINE, NINE, None, "customer_declined"), note="")
    assert client.get(page).context["glance"].missing == []
