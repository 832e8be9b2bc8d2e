"""Alerts reach whoever is on duty within a minute at any hour, and stop advertising to that customer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from aijia import pump
from delivery.models import Outbound
from people import operations as people
from people.models import Customer, StaffMember, User
from review.models import Draft
from tests.builders import ME, NINE, Company, say

pytestmark = [pytest.mark.django_db, pytest.mark.once]
NIGHT = NINE + timedelta(hours=14)


def test_at_night_the_supervisor_on_duty_hears_of_it_within_a_minute(ready: Company) -> None:
    other = StaffMember.objects.create(name="夜班主管", is_supervisor=True, visibility="all")
    ready.supervisor.on_duty = False
    ready.supervisor.save()
    say(ready.group, "wmchen", "插座冒烟了，孩子被电了一下", at=NIGHT)
    pump.drain(NIGHT + timedelta(seconds=1), channel=False, patient=True)
    alert = Outbound.objects.get(purpose="alert")
    assert alert.recipient == other
    assert Draft.objects.get().required_right == "supervisor"


def test_after_an_alert_nothing_is_advertised_until_a_person_allows_it(ready: Company, client: Client) -> None:
    customer = ready.case.customer
    assert customer in Customer.objects.may_be_promoted_to()
    say(ready.group, "wmchen", "我要打12315投诉你们", at=NINE)
    pump.drain(NINE + timedelta(seconds=1), channel=False)
    customer.refresh_from_db()
    assert customer.promotion_stopped_at is not None and customer.promotion_stopped_why
    assert customer not in Customer.objects.may_be_promoted_to()
    assert not people.stop_promotion(customer_id=customer.pk, why="x", actor=ME, at=NINE)
    user = User.objects.create_user("boss", password="x", is_staff=True, is_superuser=True)
    ready.supervisor.user = user
    ready.supervisor.save()
    client.force_login(user)
    page = client.get(reverse("admin:people_customer_change", args=[customer.pk])).content.decode()
    assert 'value="allow_promotion"' in page
    where = reverse("admin:people_customer_who", args=[customer.pk])
    client.post(where, {"do": "allow_promotion", "reason": ""})
    customer.refresh_from_db()
    assert customer.promotion_stopped_at is not None
    client.post(where, {"do": "allow_promotion", "reason": "投诉已经解决"})
    customer.refresh_from_db()
    assert customer.promotion_stopped_at is None and customer in Customer.objects.may_be_promoted_to()
    assert "投诉已经解决" in customer.history.first().history_change_reason


def test_a_plain_message_stops_nothing(ready: Company) -> None:
    say(ready.group, "wmchen", "好的谢谢", at=NINE)
    pump.drain(NINE + timedelta(seconds=60), channel=False)
    ready.case.customer.refresh_from_db()
    assert ready.case.customer.promotion_stopped_at is None
