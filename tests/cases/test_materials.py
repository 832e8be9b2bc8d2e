"""Materials: partial, wrong, surplus, late, unreadable; each ends rightly. And calendars as people write them."""

from __future__ import annotations

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
from conversations.operations import mark_attachment_lost
from delivery import ports
from delivery.models import Outbound
from people.models import User
from review.models import Draft
from tests.builders import ME, NINE, Company, say
from triage import followups

pytestmark = pytest.mark.django_db


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
