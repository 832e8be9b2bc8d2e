"""What a message names is shown with how it was understood."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from aijia import pump
from people.models import User
from tests.builders import NINE, Company, say
from triage.models import Decision
from triage.understanding import named_in

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_people_places_and_times_stand_with_the_understanding(ready: Company, client: Client) -> None:
    user = User.objects.create_user("lin", password="x", is_staff=True, is_superuser=True)
    ready.handler.user = user
    ready.handler.save()
    say(ready.group, "wmchen", "地址改成杭州市西湖区文三路120号，收件人：李建国 13812345678，周六下午三点送", at=NINE)
    pump.drain(NINE + timedelta(minutes=5), channel=False)
    decision = Decision.objects.get(message__sender_side="customer")
    words = [words for _kind, words in named_in(decision)]
    assert {"杭州市西湖区文三路120号", "李建国", "13812345678"} <= set(words)
    assert any(one.startswith("周六下午三点 → ") and one.endswith("15:00") for one in words)
    client.force_login(user)
    page = client.get(reverse("admin:triage_decision_change", args=[decision.pk])).content.decode()
    assert "<b>李建国</b>" in page and "<b>杭州市西湖区文三路120号</b>" in page
