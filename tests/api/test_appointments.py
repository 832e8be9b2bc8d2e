"""Appointments are set, moved, offered and called off by the API as by the page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from cases.models import ServiceCase
from review.models import Draft
from tests.api.conftest import Caller, Make
from tests.builders import Company

pytestmark = pytest.mark.django_db


def test_an_appointment_is_set_moved_and_called_off(shop: Company, handler: Caller, stranger: Caller) -> None:
    path, start = f"/cases/{shop.case.public_id}/appointment/", timezone.now() + timedelta(days=2)
    body = {"starts_at": start.isoformat(), "until": (start + timedelta(hours=2)).isoformat(), "visitor": "王师傅"}
    assert stranger.post(path, body).status_code == 404
    assert handler.post(f"{path}call-off/", {}).status_code == 409
    for bad, status in (
        ({}, 400), ({"starts_at": "soon"}, 400), ({"starts_at": (start - timedelta(days=9)).isoformat()}, 422),
        ({**body, "until": start.isoformat()}, 422), ({**body, "visitor": "王" * 65}, 400),
    ):  # fmt: skip
        assert handler.post(path, bad).status_code == status, bad
        assert ServiceCase.objects.get(pk=shop.case.pk).appointment_at is None
    made = handler.post(path, body)
    assert made.status_code == 200 and made.json()["visitor"] == "王师傅"
    assert Draft.objects.filter(reply_kind="appointment_confirmed", state="pending").count() == 1
    again = handler.post(path, body)
    assert (again.status_code, again.json()["code"]) == (422, "same")
    gone = handler.post(f"{path}call-off/", {"reason": "客户不在家", "tell_customer": False})
    assert gone.status_code == 200 and gone.json()["appointment_at"] is None
    assert handler.post(path, {**body, "agreed": False}).json()["appointment_at"] is None
    assert Draft.objects.filter(reply_kind="appointment_proposed").count() == 1


def test_what_is_left_out_stays_and_what_is_null_or_empty_goes(shop: Company, handler: Caller) -> None:
    path, start = f"/cases/{shop.case.public_id}/appointment/", timezone.now() + timedelta(days=2)

    def known() -> tuple[str, str]:
        case = ServiceCase.objects.get(pk=shop.case.pk)
        return case.visitor, case.visitor_phone

    def moved(days: int, **more: object) -> None:
        body = {"starts_at": (start + timedelta(days=days)).isoformat(), "tell_customer": False, **more}
        assert handler.post(path, body).status_code == 200

    moved(0, visitor="王师傅", phone="13900001234")
    moved(1)
    assert known() == ("王师傅", "13900001234")
    moved(2, visitor="李师傅", phone=None)
    assert known() == ("李师傅", "")
    moved(3, visitor="", phone="13900005678", agreed=False)
    assert known() == ("", "13900005678")
    moved(4, phone="")
    assert known() == ("", "")


def test_the_number_of_who_comes_is_masked_without_the_scope(shop: Company, make: Make) -> None:
    ServiceCase.objects.filter(pk=shop.case.pk).update(visitor="王师傅", visitor_phone="13900001234")
    path = f"/cases/{shop.case.public_id}/"
    reader = make(shop.handler, "cases:read", "contacts:read")
    assert reader.get(path).json()["visitor_phone"] == "139****34", "the right to open customers is needed too"
    assert reader.staff.user is not None
    reader.staff.user.user_permissions.add(Permission.objects.get(codename="view_customer"))
    assert reader.get(path).json()["visitor_phone"] == "13900001234"
    assert make(shop.handler, "cases:read").get(path).json()["visitor_phone"] == "139****34"
    assert "13900001234" not in reader.get("/cases/").content.decode()
