"""Tokens: made and revoked by administrators, shown once, kept as digests, on record."""

from __future__ import annotations

import logging
import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aijia import roles
from aijia.api.models import ApiToken
from aijia.api.operations import create_token, revoke_token
from foundation.errors import Refused, WrongState
from people.models import StaffMember, User
from tests.api.conftest import ROOT
from tests.builders import Company, company

pytestmark = [pytest.mark.django_db, pytest.mark.once]
ADD, LIST = reverse("admin:api_apitoken_add"), reverse("admin:api_apitoken_changelist")


def sign_in(role: str) -> Client:
    roles.keep_roles()
    user = User.objects.create_user(f"u{role}", password="x", is_staff=True)
    user.groups.set(Group.objects.filter(name=role))
    StaffMember.objects.create(user=user, name=role)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def shop() -> Company:
    shop = company()
    shop.handler.user = User.objects.create_user("lin", password="x", display_name="林悦")
    shop.handler.save()
    return shop


def form(shop: Company, **other: object) -> dict[str, object]:
    at = timezone.localtime(timezone.now() + timedelta(days=30))
    return {
        "name": "仓库系统", "owner": shop.handler.pk, "scopes": ["cases:read", "drafts:propose"], "expires_at_0": at.strftime("%Y-%m-%d"),
        "expires_at_1": at.strftime("%H:%M:%S"), **other,
    }  # fmt: skip


def test_an_administrator_makes_one_and_sees_it_once(shop: Company, caplog: pytest.LogCaptureFixture) -> None:
    client = sign_in(roles.ADMINISTRATOR)
    assert client.get(ADD).status_code == 200
    with caplog.at_level(logging.INFO, logger="aijia.api"):
        page = client.post(ADD, form(shop))
    found = re.search(r"aijia_[\w-]{43}", page.content.decode())
    assert page.status_code == 200 and found is not None and "no-store" in page.headers["Cache-Control"]
    secret, token = found.group(), ApiToken.objects.get()
    answer = Client().get(f"{ROOT}/me/", headers={"Authorization": f"Bearer {secret}"}).json()
    assert (answer["name"], answer["token"]["scopes"]) == ("林悦", ["cases:read", "drafts:propose"])
    for url in (
        LIST,
        reverse("admin:api_apitoken_change", args=[token.pk]),
        reverse("admin:api_apitoken_history", args=[token.pk]),
    ):
        again = client.get(url)
        assert again.status_code == 200 and secret not in again.content.decode(), url
    assert secret not in str(client.cookies) and secret not in caplog.text and token.prefix in caplog.text
    with connection.cursor() as cursor:
        for table in ("api_apitoken", "api_historicalapitoken", "django_admin_log"):
            cursor.execute(f"SELECT * FROM {table}")
            assert secret not in str(cursor.fetchall()), table
    assert (
        token.history.get().history_user == token.created_by
        and LogEntry.objects.filter(object_id=token.pk).count() == 1
    )


@pytest.mark.parametrize("role", [role for role in roles.ROLES if role != roles.ADMINISTRATOR])
def test_nobody_else_sees_or_makes_any(shop: Company, role: str) -> None:
    client = sign_in(role)
    assert client.get(LIST).status_code == 403 and client.get(ADD).status_code == 403
    assert client.post(ADD, form(shop)).status_code == 403 and not ApiToken.objects.exists()


def test_a_token_is_revoked_and_never_deleted_or_changed(shop: Company) -> None:
    client, now = sign_in(roles.ADMINISTRATOR), timezone.now()
    user = shop.handler.user
    assert user is not None
    token, secret = create_token(
        name="x", owner=shop.handler, scopes=["cases:read"], expires_at=now + timedelta(days=1), by=user, at=now
    )
    change = reverse("admin:api_apitoken_change", args=[token.pk])
    client.post(change, form(shop, name="other"))
    assert client.post(reverse("admin:api_apitoken_delete", args=[token.pk])).status_code == 403
    token.refresh_from_db()
    assert token.name == "x"
    client.post(LIST, {"action": "revoke", "_selected_action": [token.pk]})
    token.refresh_from_db()
    assert token.revoked_at and token.revoked_by
    assert Client().get(f"{ROOT}/me/", headers={"Authorization": f"Token {secret}"}).json()["code"] == "token_revoked"
    with pytest.raises(WrongState):
        revoke_token(token_id=token.pk, by=user, at=now)


@pytest.mark.parametrize(
    "wrong", [{"expires_at_0": "2020-01-01"}, {"scopes": []}, {"scopes": ["everything"]}, {"owner": ""}, {"name": ""}]
)
def test_a_wrong_form_is_explained(shop: Company, wrong: dict[str, object]) -> None:
    assert sign_in(roles.ADMINISTRATOR).post(ADD, form(shop, **wrong)).status_code == 200
    assert not ApiToken.objects.exists()


def test_only_somebody_who_may_sign_in_can_own_one(shop: Company) -> None:
    client = sign_in(roles.ADMINISTRATOR)
    assert client.post(ADD, form(shop, owner=shop.supervisor.pk)).status_code == 200
    assert not ApiToken.objects.exists()
    now, user = timezone.now(), shop.handler.user
    assert user is not None
    good = {
        "name": "x",
        "owner": shop.handler,
        "scopes": ["cases:read"],
        "expires_at": now + timedelta(days=1),
        "by": user,
        "at": now,
    }
    for wrong in ({"owner": shop.supervisor}, {"scopes": []}, {"scopes": ["all"]}, {"expires_at": now}):
        with pytest.raises(Refused):
            create_token(**{**good, **wrong})  # type: ignore[arg-type]
    assert not ApiToken.objects.exists()
