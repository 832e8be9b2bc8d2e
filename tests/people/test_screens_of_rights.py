"""Nobody gives themselves more than they have, and secrets are shown to nobody."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from aijia import roles
from aijia.groups import can_be_given
from channels_wecom.models import WeComAccount
from people.models import StaffMember, Team, User, Visibility

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def signed_in(role: str) -> Client:
    roles.keep_roles()
    user = User.objects.create_user(f"u-{role}", password="x", is_staff=True, display_name=role)
    user.groups.set(Group.objects.filter(name=role))
    team = Team.objects.get_or_create(name="一组")[0]
    StaffMember.objects.create(user=user, name=role, visibility=Visibility.TEAM, team=team, is_supervisor=True)
    client = Client()
    client.force_login(user)
    return client


def test_a_supervisor_keeps_duty_and_does_not_widen_what_somebody_sees() -> None:
    client = signed_in(roles.SUPERVISOR)
    me = StaffMember.objects.get(name=roles.SUPERVISOR)
    other = Team.objects.create(name="二组")
    posted = client.post(
        f"/admin/people/staffmember/{me.pk}/change/",
        {"name": me.name, "visibility": "all", "team": other.pk, "is_supervisor": "", "user": ""},
    )
    assert posted.status_code == 302
    now = StaffMember.objects.get(pk=me.pk)
    assert (now.visibility, now.team, now.is_supervisor, now.user) == (Visibility.TEAM, me.team, True, me.user)
    assert now.on_duty is False  # the box that was left empty: the form itself worked


def test_an_administrator_sets_what_somebody_sees_but_makes_nobody_stand_above_all() -> None:
    client = signed_in(roles.ADMINISTRATOR)
    me = StaffMember.objects.get(name=roles.ADMINISTRATOR)
    team = me.team
    assert team is not None and me.user is not None
    values = {"name": me.name, "visibility": "own", "team": team.pk, "is_supervisor": "on", "user": me.user.pk}
    assert client.post(f"/admin/people/staffmember/{me.pk}/change/", values).status_code == 302
    assert StaffMember.objects.get(pk=me.pk).visibility == Visibility.OWN
    user = {
        "username": me.user.username,
        "is_active": "on",
        "is_staff": "on",
        "is_superuser": "on",
        "display_name": "新名",
    }
    groups = [str(pk) for pk in me.user.groups.values_list("pk", flat=True)]
    assert client.post(f"/admin/people/user/{me.user.pk}/change/", {**user, "groups": groups}).status_code == 302
    again = User.objects.get(pk=me.user.pk)
    assert (again.is_superuser, again.display_name) == (False, "新名")
    assert client.get(f"/admin/people/user/{me.user.pk}/delete/").status_code == 403


@pytest.mark.parametrize("role", [roles.MANAGER, roles.AUDITOR, roles.ADMINISTRATOR])
def test_secrets_of_an_account_are_read_by_nobody(role: str) -> None:
    account = WeComAccount.objects.create(
        key="a", name="一号", corp_id="ww1", callback_token="very-secret-token", encoding_aes_key="k" * 43
    )
    answer = signed_in(role).get(f"/admin/channels_wecom/wecomaccount/{account.pk}/change/")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "一号" in page
    assert "very-secret-token" not in page and "k" * 43 not in page


def test_a_role_says_what_it_may_do_and_keeps_what_its_page_does_not_show() -> None:
    client = signed_in(roles.ADMINISTRATOR)
    group = Group.objects.get(name=roles.HANDLER)
    hidden = Permission.objects.exclude(pk__in=can_be_given())[0]
    group.permissions.add(hidden)
    page = client.get(f"/admin/auth/group/{group.pk}/change/").content.decode()
    line = page[page.index("<tr><th>客户</th>") :].split("</tr>")[0]
    assert re.search(r" checked> 可查看", line) and " checked> 可删除" not in line and "可删除" in line
    assert "Can " not in page and "historical" not in page
    chosen = list(can_be_given().filter(codename="view_customer").values_list("pk", flat=True))
    assert (
        client.post(f"/admin/auth/group/{group.pk}/change/", {"name": "改名", "permissions": chosen}).status_code == 302
    )
    group.refresh_from_db()
    assert group.name == roles.HANDLER
    assert set(can_be_given().filter(group=group).values_list("codename", flat=True)) == {"view_customer"}
    assert hidden in group.permissions.all()


def test_the_product_s_own_roles_stay() -> None:
    client = signed_in(roles.ADMINISTRATOR)
    own, made = Group.objects.get(name=roles.AUDITOR), Group.objects.create(name="夜班")
    assert client.get(f"/admin/auth/group/{own.pk}/delete/").status_code == 403
    assert client.post(f"/admin/auth/group/{made.pk}/delete/", {"post": "yes"}).status_code == 302
    both = [str(own.pk), str(Group.objects.create(name="周末").pk)]
    client.post("/admin/auth/group/", {"action": "delete_selected", "_selected_action": both, "post": "yes"})
    assert set(Group.objects.values_list("name", flat=True)) == set(roles.ROLES)
