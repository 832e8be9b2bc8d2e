"""The second step: set up with a phone, asked for everywhere, recovered with codes, reset on record; sessions that end."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP

from aijia import roles
from aijia.signin import operations
from aijia.signin.models import Authenticator, RecoveryCodes, SessionRule, SignInEvent, TwoStepRule
from foundation.errors import NotAllowed, Refused
from foundation.remembering import forget_all
from people.models import StaffMember, User

pytestmark = [pytest.mark.django_db, pytest.mark.once]
VERIFY, SET_UP, SECURITY = "/admin/security/verify/", "/admin/security/set-up/", "/admin/security/"


def somebody(name: str = "lin", role: str = roles.HANDLER) -> User:
    roles.keep_roles()
    user = User.objects.create_user(name, password="right-one", is_staff=True, display_name=name)
    user.groups.set(Group.objects.filter(name=role))
    StaffMember.objects.create(user=user, name=name)
    return user


def digits(user: User, *, steps: int = 0) -> str:
    device = Authenticator.objects.get(user=user)
    totp = TOTP(bytes.fromhex(device.secret))
    totp.time = timezone.now().timestamp() + 30 * steps
    return f"{totp.token():06d}"


def with_phone(user: User) -> list[str]:
    """Somebody who has set it up, and their recovery codes."""
    operations.begin(user=user)
    _device, codes = operations.confirm(user=user, digits=digits(user, steps=-1), at=timezone.now())
    return codes


def password(user: User) -> Client:
    """Somebody who has typed their password, through the form."""
    client = Client()
    answer = client.post("/admin/login/", {"username": user.username, "password": "right-one", "next": "/admin/"})
    assert answer.status_code == 302
    return client


def test_setting_it_up_shows_a_picture_drawn_here_and_the_codes_once() -> None:
    user = somebody()
    client = password(user)
    page = client.get(SET_UP).content.decode()
    assert "<svg" in page and "http" not in page.split("<svg")[1].split("</svg>")[0].replace(
        "http://www.w3.org/2000/svg", ""
    )
    secret = operations.secret_of(Authenticator.objects.get(user=user))
    assert " ".join(re.findall(".{1,4}", secret)) in page
    assert client.get(SET_UP).content.decode().count(secret[:4]) >= 1  # the same one when the page is opened again
    assert "不对" in client.post(SET_UP, {"code": "000000"}).content.decode()
    assert not Authenticator.objects.filter(confirmed=True).exists()
    with time_machine.travel(timezone.now() + timedelta(seconds=5)):
        codes = re.findall(r"<li[^>]*>(\w{5}-\w{5})</li>", client.post(SET_UP, {"code": digits(user)}).content.decode())
    assert len(codes) == 10
    assert client.get("/admin/").status_code == 200  # this session is through
    events = list(SignInEvent.objects.order_by("pk").values_list("what", flat=True))
    assert events == ["set_up", "codes_made"]


def test_secrets_and_codes_do_not_stand_in_the_database() -> None:
    user = somebody()
    codes = with_phone(user)
    secret = Authenticator.objects.get(user=user).secret
    with connection.cursor() as cursor:
        cursor.execute("select secret from signin_authenticator")
        assert secret not in cursor.fetchone()[0]
        cursor.execute("select digests from signin_recoverycodes")
        stored = str(cursor.fetchone()[0])
    assert not [code for code in codes if code in stored or code.replace("-", "") in stored]


def test_the_password_alone_opens_no_address_of_the_product() -> None:
    user = somebody(role=roles.ADMINISTRATOR)
    with_phone(user)
    client = password(user)
    for url in ("/admin/", "/admin/cases/servicecase/", "/admin/people/user/", "/attachments/0190a000-0000-7000-8000-000000000000/",
                "/admin/password_change/", SECURITY):  # fmt: skip
        answer = client.get(url)
        assert answer.status_code == 302 and answer["Location"].startswith(VERIFY), url
    post = client.post("/admin/people/user/add/", {"username": "evil"})
    assert post.status_code == 302 and not User.objects.filter(username="evil").exists()
    call = client.get("/api/v1/cases/")
    assert (call.status_code, json.loads(call.content)["code"]) == (403, "second_step_needed")
    with time_machine.travel(timezone.now() + timedelta(seconds=31)):
        answer = client.post(VERIFY, {"code": digits(user), "next": "/admin/cases/servicecase/"})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/cases/servicecase/")
    assert client.get("/admin/").status_code == 200
    assert client.get("/api/v1/cases/").status_code == 200


def test_digits_count_once_and_wrong_ones_make_the_next_try_wait() -> None:
    user = somebody()
    with_phone(user)
    start = timezone.now() + timedelta(seconds=60)
    with time_machine.travel(start, tick=False):
        code = digits(user)
        operations.verify(user=user, code=code, at=start)
        with pytest.raises(Refused):
            operations.verify(user=user, code=code, at=start)
    with time_machine.travel(start + timedelta(seconds=60), tick=False):
        for _try in range(4):
            with pytest.raises(Refused):
                operations.verify(user=user, code="111111", at=start)
        with pytest.raises(Refused) as refused:  # even the right digits wait
            operations.verify(user=user, code=digits(user), at=start)
        assert refused.value.code == "wait"
    with time_machine.travel(start + timedelta(seconds=180), tick=False):
        assert operations.verify(user=user, code=digits(user), at=start)


def test_a_recovery_code_opens_once() -> None:
    user = somebody()
    codes = with_phone(user)
    assert password(user).post(VERIFY, {"code": codes[3].upper()})["Location"] == "/admin/"
    assert len(RecoveryCodes.objects.get(user=user).digests) == 9
    again = password(user).post(VERIFY, {"code": codes[3]})
    assert again.status_code == 200 and "不对" in again.content.decode()
    assert SignInEvent.objects.filter(what="code_used").count() == 1


def test_a_role_that_must_is_led_to_the_picture_and_others_are_not() -> None:
    supervisor, handler = somebody("he", roles.SUPERVISOR), somebody("lin")
    TwoStepRule.objects.create(group=Group.objects.get(name=roles.SUPERVISOR))
    assert password(supervisor).get("/admin/")["Location"].startswith(SET_UP)
    assert password(handler).get("/admin/").status_code == 200
    with_phone(supervisor)
    with pytest.raises(NotAllowed):
        operations.take_off(user=supervisor, at=timezone.now())


def test_an_administrator_resets_it_on_record_and_nobody_their_own() -> None:
    admin, user = somebody("admin", roles.ADMINISTRATOR), somebody("lin")
    with_phone(user)
    client = password(admin)
    url = f"/admin/people/user/{user.pk}/sign-in/"
    assert client.post(url, {"do": "reset", "reason": " "}).status_code == 302
    assert Authenticator.objects.filter(user=user).exists()
    client.post(url, {"do": "reset", "reason": "手机丢失，已当面核实"})
    assert not Authenticator.objects.filter(user=user).exists()
    event = SignInEvent.objects.get(what="reset")
    assert (event.user, event.by, event.reason) == (user, admin, "手机丢失，已当面核实")
    assert password(user).get("/admin/").status_code == 200
    with pytest.raises(NotAllowed):
        operations.reset(user=admin, by=admin, reason="x", at=timezone.now())
    for role in (roles.HANDLER, roles.SUPERVISOR, roles.MANAGER, roles.AUDITOR):
        other = password(somebody(f"o-{role}", role))
        assert other.post(url, {"do": "reset", "reason": "x"}).status_code == 403, role


def test_the_first_click_after_too_long_asks_for_the_password_again() -> None:
    user = somebody()
    SessionRule.objects.create(idle_minutes=30, longest_hours=10)
    start = timezone.now()

    def still_in(client: Client, minutes: int, **headers: Any) -> bool:
        with time_machine.travel(start + timedelta(minutes=minutes)):
            forget_all()
            return client.get("/admin/", headers=headers).status_code == 200

    client = password(user)
    assert still_in(client, 25) and still_in(client, 50) and not still_in(client, 90)
    busy = password(user)
    assert all(still_in(busy, minutes) for minutes in range(20, 600, 20))
    assert not still_in(busy, 601)
    polling = password(user)
    assert still_in(polling, 20, **{"X-Asked-By-Page": "1"}) and not still_in(polling, 37, **{"X-Asked-By-Page": "1"})


def test_the_way_back_leads_nowhere_else() -> None:
    user = somebody()
    codes = with_phone(user)
    answer = password(user).post(VERIFY, {"code": codes[0], "next": "https://evil.example/x"})
    assert answer["Location"] == "/admin/"
