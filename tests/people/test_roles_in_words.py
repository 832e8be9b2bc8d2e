"""The product's roles are called in the language of whoever looks; those of one's own keep their name."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils.translation import override

from aijia import roles
from people.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_roles_are_worded_and_stay_what_they_are() -> None:
    roles.keep_roles()
    own = Group.objects.create(name="夜班")
    with override("en"):
        said = {role: str(Group.objects.get(name=role)) for role in roles.ROLES}
        assert all(words.isascii() for words in said.values()) and len(set(said.values())) == len(roles.ROLES)
        assert str(own) == "夜班"
    with override("zh-hans"):
        assert all(str(Group.objects.get(name=role)) == role for role in roles.ROLES)
    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.create_superuser("root", password="x", display_name="Root"))
    handler = Group.objects.get(name=roles.HANDLER)
    for address in ("/admin/auth/group/", f"/admin/auth/group/{handler.pk}/change/", "/admin/people/user/add/"):
        page = client.get(address).content.decode()
        if "add" not in address:
            assert "Handler" in page and roles.HANDLER not in page, address
    # Who only looks reads in words what it may do.
    auditor = User.objects.create_user("auditor", password="x", is_staff=True, display_name="Auditor")
    auditor.groups.set(Group.objects.filter(name=roles.AUDITOR))
    looks = Client(headers={"accept-language": "en"})
    looks.force_login(auditor)
    page = looks.get(f"/admin/auth/group/{handler.pk}/change/").content.decode()
    assert "may see" in page and "Can release drafts" in page and not re.search(r"Can view [a-z ]+", page), re.findall(
        r".{80}Can view.{40}", page
    )
    # Saved on its page, it keeps its key and what it may do.
    before = set(handler.permissions.values_list("pk", flat=True))
    client.post(f"/admin/auth/group/{handler.pk}/change/", {"permissions": sorted(before)})
    handler.refresh_from_db()
    assert handler.name == roles.HANDLER and set(handler.permissions.values_list("pk", flat=True)) == before
    assert client.post("/admin/auth/group/add/", {"name": "早班"}).status_code == 302
    assert Group.objects.filter(name="早班").exists()
