"""Who may call what, and that nobody learns of what they may not see: every operation of the schema is walked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from aijia.api.models import ApiToken, Scope
from aijia.api.throttling import PerCaller
from cases.models import CaseNote, HandOver, Material, ServiceCase, WaitingItem, WaitTransition, Writeback
from delivery.models import Outbound
from evidence.models import Entry
from people.models import Person, StaffMember, User, Visibility
from review.models import Draft, Verdict
from tests.api.conftest import ADDRESS, PHONE, ROOT, Caller, Make, addresses, filled, good_body, operations
from tests.builders import Company

pytestmark = [pytest.mark.django_db, pytest.mark.once(on="postgres")]
OPERATIONS = operations()
#: What is the same for every colleague.
FOR_ALL = ("/knowledge/", "/knowledge-proposals/", "/staff/", "/me/", "/search/", "/figures/")
WRITTEN: tuple[type[Model], ...] = (CaseNote, HandOver, WaitTransition, Entry, Verdict, Draft)


def state() -> list[Any]:
    """All that a command could have moved."""
    return [
        *[model._default_manager.count() for model in WRITTEN],
        list(ServiceCase.objects.order_by("pk").values_list("state", "version", "automation_stopped_at")),
        list(WaitingItem.objects.order_by("pk").values_list("state", "owner", "due_at", "paused_at")),
        list(Material.objects.order_by("pk").values_list("state", "reason")),
        list(Writeback.objects.order_by("pk").values_list("state", flat=True)),
        list(Draft.objects.order_by("pk").values_list("state", "claimed_by")),
        list(Outbound.objects.order_by("pk").values_list("state", flat=True)),
    ]


def call(caller: Caller, method: str, path: str, body: Any) -> Any:
    return caller.post(path, body) if method == "post" else caller.get(path)


def routes(pattern: Any, before: str = "/") -> Iterator[tuple[str, Any]]:
    """Every address below one pattern, with its view; places are stars."""
    route = before + re.sub(
        r"<[^>]+>|\(\?P<[^)]*\)", "*", str(pattern.pattern).lstrip("^").removesuffix("$").removesuffix("\\Z")
    )
    for one in getattr(pattern, "url_patterns", []):
        yield from routes(one, route)
    if not hasattr(pattern, "url_patterns"):
        yield route, pattern.callback


def test_the_walk_covers_the_api() -> None:
    assert len(OPERATIONS) >= 49
    assert {method for method, _path, _said in OPERATIONS} == {"get", "post"}
    # The addresses are those of the product, not only those that its description names.
    walked = {(method, re.sub(r"\{\w+\}", "*", path)) for method, path, _said in OPERATIONS}
    served = set()
    for pattern in import_module("aijia.api.urls").urlpatterns:
        for route, view in routes(pattern):
            methods = getattr(view, "actions", None) or {
                name: "" for name in ("get", "post", "put", "patch", "delete") if hasattr(view.cls, name)
            }
            served |= {(method, route) for method in methods if method not in ("head", "options")}
    assert served - {("get", "/"), ("get", "/schema/"), ("get", "/docs/")} == walked


def test_nobody_without_a_token(shop: Company) -> None:
    ids, before, nobody = addresses(shop), state(), Caller(shop.handler)
    for method, path, _said in OPERATIONS:
        nobody.client = Client(REMOTE_ADDR=f"10.0.0.{len(path) % 250}")
        answer = call(nobody, method, filled(path, ids), good_body(path, shop))
        assert answer.status_code == 401, (method, path)
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "not_authenticated"
    assert state() == before


def test_a_token_without_the_scope(shop: Company, handler: Caller) -> None:
    ids, before = addresses(shop), state()
    ApiToken.objects.update(scopes=[])
    for method, path, _said in OPERATIONS:
        answer = call(handler, method, filled(path, ids), good_body(path, shop))
        if path == "/me/":
            assert answer.status_code == 200
            continue
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing"), (method, path)
    assert state() == before


def test_a_token_to_read_writes_nothing(shop: Company, make: Make) -> None:
    reader = make(shop.handler, *[scope for scope in Scope.values if scope.endswith(":read")])
    ids, before = addresses(shop), state()
    for method, path, _said in OPERATIONS:
        answer = call(reader, method, filled(path, ids), good_body(path, shop))
        assert answer.status_code == (403 if method == "post" else 200), (method, path, answer.content[:200])
    assert state() == before


def test_every_scope_opens_something_and_nothing_else(shop: Company, handler: Caller) -> None:
    ids, opened = addresses(shop), {}
    for scope in Scope.values:
        ApiToken.objects.update(scopes=[scope])
        opened[scope] = {
            (method, path)
            for method, path, _said in OPERATIONS
            if path != "/me/" and call(handler, method, filled(path, ids), "{").status_code != 403
        }
    assert opened.pop(Scope.CONTACTS_READ) == set()
    assert all(opened.values())
    search = ("get", "/search/")  # finds what the token may read: every scope to read something of it opens it
    assert sum(search in some for some in opened.values()) == 4
    assert sum(len(some - {search}) for some in opened.values()) == len(OPERATIONS) - 2


@pytest.mark.parametrize("visibility", [Visibility.TEAM, Visibility.OWN])
def test_another_team_sees_and_moves_nothing(shop: Company, stranger: Caller, visibility: str) -> None:
    StaffMember.objects.filter(pk=stranger.staff.pk).update(visibility=visibility)
    secrets = ("陈女士", shop.case.number, "铭牌", "客户着急", PHONE, ADDRESS, "王师傅", "门禁", "师傅明天")
    ids, before = addresses(shop), state()
    for method, path, _said in OPERATIONS:
        answer = call(stranger, method, filled(path, ids), good_body(path, shop))
        assert not [word for word in secrets if word in answer.content.decode()], (method, path)
        if path.startswith(FOR_ALL):
            assert answer.status_code == (200 if method == "get" else 400), (method, path)
        elif "{" in path:
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), (method, path)
        elif method == "post":
            assert answer.status_code in (400, 404), path
        else:
            own = {"外地客户", *StaffMember.objects.values_list("name", flat=True)}
            assert {row.get("name") for row in answer.json()["results"]} <= own, path
    assert state() == before


def test_filters_do_not_tell_of_what_one_may_not_see(shop: Company, stranger: Caller) -> None:
    ids = addresses(shop)
    for path, query in (
        ("/conversations/", {"case": ids["cases"]}), ("/waits/", {"case": ids["cases"]}), ("/drafts/", {"case": ids["cases"]}),
        ("/outbound/", {"case": ids["cases"]}), ("/cases/", {"customer": ids["customers"]}), ("/cases/", {"number": shop.case.number}),
        ("/people/", {"name": "陈"}), ("/customers/", {"name": "陈"}),
    ):  # fmt: skip
        assert stranger.rows(path, **query) == [], path


def test_of_a_case_that_one_sees_only_the_conversations_that_one_sees(shop: Company, stranger: Caller) -> None:
    ServiceCase.objects.update(team=stranger.staff.team)
    whole = stranger.get(f"/cases/{shop.case.public_id}/").json()
    assert whole["number"] == shop.case.number and whole["conversations"] == []
    assert stranger.get(f"/conversations/{shop.group.public_id}/messages/").status_code == 404
    body = {"text": "您好", "case": str(shop.case.public_id)}
    assert stranger.post(f"/conversations/{shop.group.public_id}/drafts/", body).status_code == 404


def test_a_proposal_names_no_case_that_the_caller_may_not_see(shop: Company, stranger: Caller) -> None:
    shop.group.team = stranger.staff.team
    shop.group.save()
    body = {"text": "您好", "case": str(shop.case.public_id)}
    assert stranger.post(f"/conversations/{shop.group.public_id}/drafts/", body).status_code == 404


def test_contacts_are_masked_without_the_scope_and_the_right(shop: Company, make: Make) -> None:
    plain, full = make(shop.handler, "people:read"), make(shop.handler, "people:read", "contacts:read")
    path = f"/customers/{shop.case.customer.public_id}/"
    masked = plain.get(path).json()
    assert (masked["phone"], masked["address"], masked["note"], masked["masked"]) == (
        "138****78",
        "上海市浦东新…",
        "",
        True,
    )
    assert full.get(path).json()["masked"] is True  # the scope alone: its owner may not open customers
    assert plain.get(f"/people/{shop.contact.public_id}/").json()["identities"][0]["external_id"] == "…"
    user = shop.handler.user
    assert user is not None
    user.user_permissions.add(Permission.objects.get(codename="view_customer"))
    seen = full.get(path).json()
    assert (seen["phone"], seen["address"], seen["note"], seen["masked"]) == (PHONE, ADDRESS, "门禁密码 2580", False)
    assert plain.get(path).json()["masked"] is True  # the right alone: the token has not the scope
    assert full.get(f"/people/{shop.contact.public_id}/").json()["identities"][0]["external_id"] == "wmchen"


def test_of_a_person_whose_customer_one_may_not_see_only_the_name(shop: Company, stranger: Caller) -> None:
    user = stranger.staff.user
    assert user is not None
    user.user_permissions.add(Permission.objects.get(codename="view_customer"))
    shop.group.team = stranger.staff.team
    shop.group.save()
    person = stranger.get(f"/people/{shop.contact.public_id}/").json()
    assert person["customer"] is None and person["identities"][0]["external_id"] == "…"
    assert stranger.get(f"/customers/{shop.case.customer.public_id}/").status_code == 404
    hidden = Person.objects.create(name="路人", side="unknown")
    assert stranger.get(f"/people/{hidden.public_id}/").status_code == 404


def test_tokens_die(shop: Company, handler: Caller) -> None:
    assert handler.get("/me/").status_code == 200

    def refused() -> str:
        answer = handler.get("/me/")
        assert answer.status_code == 401
        return str(answer.json()["code"])

    now = timezone.now()
    ApiToken.objects.update(expires_at=now)
    assert refused() == "token_expired"
    ApiToken.objects.update(expires_at=now + timedelta(days=1), revoked_at=now)
    assert refused() == "token_revoked"
    ApiToken.objects.update(revoked_at=None)
    User.objects.update(is_active=False)
    assert refused() == "owner_gone"
    User.objects.update(is_active=True)
    StaffMember.objects.filter(pk=shop.handler.pk).update(left_at=now)
    assert refused() == "owner_gone"
    StaffMember.objects.filter(pk=shop.handler.pk).update(left_at=None)
    assert handler.get("/me/").status_code == 200
    for header, code in (
        ("Bearer aijia_wrong", "token_unknown"),
        ("Bearer", "token_malformed"),
        ("Bearer a b", "token_malformed"),
    ):
        handler.headers = {"Authorization": header}
        assert refused() == code


def test_a_use_is_noted_at_most_every_ten_minutes(
    shop: Company, handler: Caller, django_assert_num_queries: Any
) -> None:
    handler.get("/me/")
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    with django_assert_num_queries(1):
        handler.get("/me/")
    ApiToken.objects.update(last_used_at=first - timedelta(minutes=11))
    handler.get("/me/")
    used = ApiToken.objects.get().last_used_at
    assert used is not None and used >= first


def test_the_session_of_the_admin_works_too_and_needs_its_csrf_token(shop: Company) -> None:
    user = User.objects.create_user("lin", password="x")
    shop.handler.user = user
    shop.handler.save()
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    assert client.get(f"{ROOT}/cases/").json()["results"]
    assert client.get(f"{ROOT}/me/").json()["token"] is None
    path = f"{ROOT}/cases/{shop.case.public_id}/notes/"
    answer = client.post(path, data=json.dumps({"note": "x"}), content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert CaseNote.objects.count() == 1


def test_a_user_who_is_none_of_ours_gets_nothing(shop: Company) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("root", password="x"))
    answer = client.get(f"{ROOT}/cases/")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_staff")


def test_too_many_calls_wait(shop: Company, handler: Caller, stranger: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PerCaller, "rate", "3/min", raising=False)
    assert [handler.get("/me/").status_code for _call in range(4)] == [200, 200, 200, 429]
    late = handler.get("/me/")
    assert late.json()["code"] == "throttled" and int(late.headers["Retry-After"]) > 0
    assert stranger.get("/me/").status_code == 200


def test_answers_are_not_kept_by_anybody_in_between(shop: Company, handler: Caller) -> None:
    assert handler.get("/cases/").headers["Cache-Control"] == "private, no-store"
    assert handler.get("/cases/1/").headers["Cache-Control"] == "private, no-store"
