"""The API: who may call, what they see, what they can do, and what a bad call gets."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.authtoken.models import Token

from aijia import pump
from aijia.api.urls import router
from cases import operations as cases
from cases.models import CaseNote, WaitingItem
from cases.operations import Fact
from delivery import ports
from people.models import StaffMember, User, Visibility
from review.models import Draft
from tests.builders import ME, Company, company, say

pytestmark = pytest.mark.django_db
ROOT = "/api/v1"


@pytest.fixture
def shop(settings: Any) -> Company:
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"
    ports._load.cache_clear()
    now = timezone.now()
    shop = company(now)
    cases.open_wait(
        case=shop.case, state="waiting_customer_material", on=shop.contact, on_role="customer_contact", need="铭牌照片",
        fact=Fact(ME, now, now),
    )  # fmt: skip
    say(shop.partner_group, "wmwang", "让陈女士拍一张铭牌照片，型号看清楚，不然配件没法订", at=now)
    pump.drain(now, channel=False)
    return shop


class Caller:
    """Somebody with a token."""

    def __init__(self, staff: StaffMember, name: str) -> None:
        user = User.objects.create_user(name, password="x", display_name=staff.name)
        staff.user = user
        staff.save()
        self.headers = {"Authorization": f"Token {Token.objects.create(user=user).key}"}
        self.client = Client()

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"{ROOT}{path}", query, headers=self.headers)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        data = body if isinstance(body, str) else json.dumps(body)
        return self.client.post(
            f"{ROOT}{path}", data=data, content_type="application/json", headers={**self.headers, **headers}
        )


@pytest.fixture
def handler(shop: Company) -> Caller:
    return Caller(shop.handler, "lin")


def lists() -> list[str]:
    return [f"/{prefix}/" for prefix, _view, _name in router.registry]


def test_the_schema_describes_every_address(client: Client) -> None:
    answer = client.get(f"{ROOT}/schema/?format=json", headers={"Accept": "application/json"})
    paths = json.loads(answer.content)["paths"]
    for prefix in lists():
        assert f"{ROOT}{prefix}" in paths
    assert f"{ROOT}/drafts/{{public_id}}/decide/" in paths
    assert client.get(f"{ROOT}/docs/").status_code == 200


def test_nobody_without_a_token_and_nobody_who_is_no_staff(shop: Company, client: Client) -> None:
    for prefix in lists():
        assert client.get(f"{ROOT}{prefix}").status_code == 401
    user = User.objects.create_user("guest")
    headers = {"Authorization": f"Token {Token.objects.create(user=user).key}"}
    for prefix in lists():
        assert client.get(f"{ROOT}{prefix}", headers=headers).status_code == 403


def test_what_one_may_not_see_is_not_there(shop: Company, handler: Caller) -> None:
    stranger = Caller(StaffMember.objects.create(name="小江", visibility=Visibility.OWN), "jiang")
    for prefix in lists():
        rows = handler.get(prefix).json()["results"]
        assert rows or prefix == "/outbound/", prefix
        assert stranger.get(prefix).json()["results"] == []
        for row in rows:
            assert stranger.get(f"{prefix}{row['id']}/").status_code == 404
    case, wait, draft = shop.case.public_id, WaitingItem.objects.first(), Draft.objects.first()
    assert wait is not None and draft is not None
    for path in (f"/cases/{case}/cancel/", f"/waits/{wait.public_id}/complete/", f"/cases/{case}/notes/"):
        assert stranger.post(path, {"note": "x"}).status_code == 404
    assert stranger.get(f"/cases/{case}/evidence/").status_code == 404
    assert stranger.get(f"/conversations/{shop.group.public_id}/messages/").status_code == 404
    body = {"do": "approve", "hash": draft.content_hash}
    assert stranger.post(f"/drafts/{draft.public_id}/decide/", body).status_code == 404
    assert Draft.objects.get().state == "pending"


def test_a_case_answers_who_waits_for_whom(shop: Company, handler: Caller) -> None:
    row = handler.get("/cases/", state="open").json()["results"][0]
    assert (row["number"], row["customer"], row["waits"][0]["waiting_on"]) == (shop.case.number, "陈女士", "陈女士")
    whole = handler.get(f"/cases/{row['id']}/").json()
    assert {one["role"] for one in whole["participants"]} == {"customer_contact", "fulfillment_partner"}
    evidence = handler.get(f"/cases/{row['id']}/evidence/").json()
    assert evidence["verifies"] is True and evidence["entries"][0]["kind"] == "state_change"


def test_filters(shop: Company, handler: Caller) -> None:
    WaitingItem.objects.update(due_at=timezone.now() - timedelta(hours=1))
    assert handler.get("/waits/", overdue="true").json()["results"][0]["overdue"] is True
    assert handler.get("/waits/", mine="true", open="true").json()["results"]
    assert handler.get("/waits/", open="false").json()["results"] == []
    assert handler.get("/cases/", overdue="true", flow="repair").json()["results"]
    assert handler.get("/cases/", state="nonsense").status_code == 400


def test_writes_follow_the_rules_of_the_house(shop: Company, handler: Caller) -> None:
    wait = WaitingItem.objects.get(state="waiting_customer_material")
    later = (timezone.now() + timedelta(days=3)).replace(microsecond=0)
    moved = handler.post(f"/waits/{wait.public_id}/due/", {"due_at": later.isoformat()})
    assert moved.status_code == 200 and WaitingItem.objects.get(pk=wait.pk).due_at == later
    past = handler.post(f"/waits/{wait.public_id}/due/", {"due_at": "2020-01-01T00:00:00Z"})
    assert (past.status_code, past.json()["code"]) == (422, "past")
    unproven = handler.post(f"/cases/{shop.case.public_id}/complete/", {})
    assert (unproven.status_code, unproven.json()["code"]) == (409, "unproven")
    assert handler.post(f"/waits/{wait.public_id}/complete/", {"reason": "by phone"}).json()["state"] == "completed"
    assert handler.post(f"/waits/{wait.public_id}/complete/", {}).status_code == 409
    cancelled = handler.post(f"/cases/{shop.case.public_id}/cancel/", {"reason": "customer_declined"})
    assert cancelled.json()["state"] == "cancelled"
    assert handler.post(f"/cases/{shop.case.public_id}/reopen/", {"note": "又坏了"}).json()["reopened_count"] == 1


def test_a_draft_is_decided_over_the_api_as_in_the_admin(shop: Company, handler: Caller) -> None:
    row = handler.get("/drafts/", state="pending").json()["results"][0]
    path = f"/drafts/{row['id']}/decide/"
    assert handler.post(path, {"do": "approve", "hash": "old"}).status_code == 409
    leak = handler.post(path, {"do": "edit", "hash": row["hash"], "text": "王师傅说配件没法订，麻烦拍一张铭牌"})
    assert leak.json()["accepted"] is False and leak.json()["refusals"]
    done = handler.post(path, {"do": "approve", "hash": row["hash"]})
    assert done.json()["accepted"] is True
    assert handler.post(path, {"do": "approve", "hash": row["hash"]}).status_code == 409
    assert handler.get("/outbound/").json()["results"][0]["text"] == row["text"]


def test_the_same_key_is_carried_out_once(shop: Company, handler: Caller) -> None:
    path = f"/cases/{shop.case.public_id}/notes/"
    key = {"Idempotency-Key": "k1"}
    first, again = handler.post(path, {"note": "一次"}, **key), handler.post(path, {"note": "一次"}, **key)
    assert first.json() == again.json() and again.headers["Idempotent-Replay"] == "true"
    assert CaseNote.objects.count() == 1
    other = handler.post(path, {"note": "另一句"}, **key)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert handler.post(path, {"note": "二次"}, **{"Idempotency-Key": "k2"}).status_code == 200
    assert CaseNote.objects.count() == 2


@pytest.mark.parametrize("body", ["{", "[]", '"x"', "{}", '{"note": ""}', '{"note": {"a": 1}}', '{"note": null}'])
def test_bad_bodies_are_explained_and_change_nothing(shop: Company, handler: Caller, body: str) -> None:
    answer = handler.post(f"/cases/{shop.case.public_id}/notes/", body)
    assert answer.status_code == 400 and answer.json()["code"] in ("invalid", "parse_error")
    assert not CaseNote.objects.exists()


def test_bad_addresses_and_pages(shop: Company, handler: Caller) -> None:
    assert handler.get("/cases/1/").status_code == 404
    assert handler.get("/cases/", cursor="nonsense").status_code == 404
    assert handler.get("/cases/", page_size="100000").status_code == 200
    assert handler.post("/cases/", {}).status_code == 405


def test_lists_cost_the_same_whatever_their_length(
    shop: Company, handler: Caller, django_assert_max_num_queries: Any
) -> None:
    now = timezone.now()
    for number in range(20):
        case = cases.open_case(
            flow=shop.flow, customer=shop.case.customer, conversation=shop.group, owner=shop.handler, actor=ME, at=now
        )
        cases.open_wait(
            case=case, state="requested", on=shop.contact, on_role="customer_contact", need=str(number),
            fact=Fact(ME, now, now),
        )  # fmt: skip
    for prefix in lists():
        with django_assert_max_num_queries(12):
            assert handler.get(prefix).status_code == 200


def test_the_admin_can_hand_out_tokens(shop: Company) -> None:
    root = User.objects.create_superuser("root", password="x")
    client = Client()
    client.force_login(root)
    assert client.get(reverse("admin:authtoken_tokenproxy_changelist")).status_code == 200
