"""Cases that open by themselves are planned and ended by the API; the figures of a week are for those who may see them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from cases.facts import note_service_fact
from cases.models import PlannedCase
from metrics.weeks import Week
from people.models import DutyRoster
from tests.api.conftest import Caller
from tests.builders import Company

pytestmark = pytest.mark.django_db


def test_a_case_is_planned_listed_and_ended(shop: Company, handler: Caller, stranger: Caller) -> None:
    PlannedCase.objects.all().delete()
    at = timezone.now() + timedelta(days=30)
    body = {
        "customer": str(shop.case.customer.public_id),
        "flow": "repair",
        "title": "回访",
        "need": "问问滤芯",
        "next_at": at.isoformat(),
    }
    assert stranger.post("/planned-cases/", body).status_code == 404
    for bad, status in (
        ({**body, "next_at": (at - timedelta(days=60)).isoformat()}, 422), ({**body, "next_at": (at + timedelta(days=900)).isoformat()}, 422),
        ({**body, "flow": "nothing"}, 404), ({**body, "need": ""}, 400), ({**body, "every_days": 0}, 400), ({}, 400),
    ):  # fmt: skip
        assert handler.post("/planned-cases/", bad).status_code == status, bad
        assert not PlannedCase.objects.exists()
    made = handler.post("/planned-cases/", {**body, "every_days": 90}, **{"Idempotency-Key": "once"})
    assert made.status_code == 201, made.content
    assert (made.json()["owner"]["name"], made.json()["every_days"], made.json()["last_case"]) == ("林悦", 90, None)
    assert (
        handler.post("/planned-cases/", {**body, "every_days": 90}, **{"Idempotency-Key": "once"}).json() == made.json()
    )
    path = f"/planned-cases/{made.json()['id']}/"
    assert [row["id"] for row in handler.rows("/planned-cases/", running="true")] == [made.json()["id"]]
    assert handler.rows("/planned-cases/", running="false") == [] == stranger.rows("/planned-cases/")
    assert stranger.post(f"{path}end/").status_code == 404
    assert handler.post(f"{path}end/").json()["next_at"] is None
    assert handler.post(f"{path}end/").status_code == 409
    assert handler.rows("/planned-cases/", running="true") == []


def test_the_figures_are_those_of_what_the_caller_may_see(shop: Company, handler: Caller, stranger: Caller) -> None:
    week = Week.of(timezone.now())
    for number, minutes in enumerate((10, 20, 90)):
        note_service_fact(
            kind="told", case=shop.case, started_at=week.starts_at, released_at=week.starts_at + timedelta(minutes=minutes - 5),
            ended_at=week.starts_at + timedelta(minutes=minutes), ref=f"t{number}", detail="completion",
        )  # fmt: skip
    answer = handler.get("/figures/")
    assert answer.status_code == 200
    told = next(one for one in answer.json()["figures"] if one["key"] == "told")
    assert (told["count"], told["half_seconds"], told["most_seconds"], told["tap_seconds"]) == (3, 1200, 5400, 300)
    assert (answer.json()["week"], told["count_before"]) == (week.key, 0)
    later = handler.get("/figures/", week=week.next.key, flow="repair").json()
    assert next(one for one in later["figures"] if one["key"] == "told")["count_before"] == 3
    others = stranger.get("/figures/").json()["figures"]
    assert {one["count"] for one in others} == {0}
    assert handler.get("/figures/", week="soon").status_code == 400
    assert handler.get("/figures/", flow="nothing").status_code == 400
    assert handler.get("/figures/", wek="2026-W01").status_code == 400
    assert handler.staff.user is not None
    handler.staff.user.user_permissions.remove(Permission.objects.get(codename="view_servicefact"))
    refused = handler.get("/figures/")
    assert (refused.status_code, refused.json()["code"]) == (403, "right_missing")


def test_an_item_is_noted_and_given_to_a_duty(shop: Company, handler: Caller, stranger: Caller) -> None:
    duty = DutyRoster.objects.create(name="售后值班", lead=shop.supervisor)
    wait = shop.case.waits.filter(closed_at=None).earliest("pk")
    path = f"/waits/{wait.public_id}/"
    assert stranger.post(f"{path}note/", {"note": "x"}).status_code == 404
    noted = handler.post(f"{path}note/", {"note": "晚上联系", "risk": "可能投诉"}).json()
    assert (noted["internal_note"], noted["risk"]) == ("晚上联系", "可能投诉")
    for bad, status in (
        ({}, 400),
        ({"to": str(shop.supervisor.public_id), "duty": duty.name}, 400),
        ({"duty": "没有"}, 404),
    ):
        assert handler.post(f"{path}hand-over/", bad).status_code == status, bad
    given = handler.post(f"{path}hand-over/", {"duty": duty.name}).json()
    assert (given["duty"], given["owner"]["name"]) == ("售后值班", "何姐")
    back = handler.post(f"{path}hand-over/", {"to": str(shop.handler.public_id)}).json()
    assert (back["duty"], back["owner"]["name"]) == (None, "林悦")
