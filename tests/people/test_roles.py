"""What every role may do and see: each screen as each role, and nothing of what one may not see anywhere."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse

from aijia import pump, roles
from cases import operations as cases
from cases.models import ServiceCase, WaitingItem
from cases.operations import Fact
from conversations.models import Attachment, Conversation
from conversations.operations import store_attachment
from delivery import ports
from delivery.models import Outbound
from people.models import StaffMember, User, Visibility
from review.models import Draft
from tests.builders import ME, NINE, Company, company, say
from tests.channels_wecom.conftest import picture

pytestmark = [pytest.mark.django_db, pytest.mark.once(on="postgres")]


@pytest.fixture
def shop(furnished: Company, db: None, settings: Any) -> Company:
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"
    ports._load.cache_clear()
    return deepcopy(furnished)


@pytest.fixture(scope="module")
def furnished(module_rows: None) -> Company:
    """The company of all tests here, with something on every list of the desk."""
    with override_settings(DELIVERY_CHANNEL="delivery.ports.CapturingChannel"):
        ports._load.cache_clear()
        roles.keep_roles()
        shop = company()
        cases.open_wait(
            case=shop.case, state="waiting_customer_material", on=shop.contact, on_role="customer_contact", need="铭牌照片",
            fact=Fact(ME, NINE, NINE),
        )  # fmt: skip
        say(shop.partner_group, "wmwang", "让陈女士拍一张铭牌照片，型号看清楚，不然配件没法订", at=NINE)
        message = say(shop.group, "wmchen", "", at=NINE, attachments=("image",))
        store_attachment(attachment_id=message.attachments.get().pk, content=picture(), at=NINE)
        pump.drain(NINE, channel=False, deadlines=True)
        return shop


def sign_in(role: str, *, visibility: str = Visibility.ALL, supervisor: bool = False) -> tuple[Client, User]:
    user = User.objects.create_user(f"u-{role}-{visibility}", password="x", is_staff=True, display_name=f"测试{role}")
    user.groups.set(Group.objects.filter(name=role))
    StaffMember.objects.create(user=user, name=user.display_name, visibility=visibility, is_supervisor=supervisor)
    client = Client()
    client.force_login(user)
    return client, user


@pytest.mark.parametrize("role", roles.ROLES)
@pytest.mark.usefixtures("no_menu", "unrendered")
def test_every_list_opens_exactly_for_those_who_may_see_it(shop: Company, role: str) -> None:
    client, user = sign_in(role)
    request = RequestFactory().get("/")
    request.user = user
    for model, model_admin in admin.site._registry.items():
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        allowed = model_admin.has_view_permission(request) or model_admin.has_change_permission(request)
        assert client.get(url).status_code == (200 if allowed else 403), (role, url)
        add = client.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add"))
        assert add.status_code == (200 if model_admin.has_add_permission(request) else 403), (role, url)


@pytest.mark.parametrize("role", roles.ROLES)
def test_every_link_of_the_sidebar_and_the_desk_works(shop: Company, role: str, request: pytest.FixtureRequest) -> None:
    client, _user = sign_in(role)
    page = client.get("/admin/").content.decode()
    links = set(re.findall(r'href="(/admin/[^"#]*)"', page))
    assert len(links) > 5
    request.getfixturevalue("no_menu")  # it is the same on every page
    request.getfixturevalue("unrendered")
    for link in links:
        if "logout" not in link:
            assert client.get(link.replace("&amp;", "&")).status_code == 200, (role, link)


def test_a_handler_changes_no_rules_and_a_supervisor_does(shop: Company) -> None:
    handler, supervisor = sign_in(roles.HANDLER)[1], sign_in(roles.SUPERVISOR, supervisor=True)[1]
    for permission in ("review.change_automationlevel", "cases.change_serviceflow", "delivery.add_pause"):
        assert not handler.has_perm(permission) and supervisor.has_perm(permission)
    for secret in ("channels_wecom.change_wecomaccount", "people.change_user", "authtoken.view_tokenproxy"):
        assert not supervisor.has_perm(secret)
    assert sign_in(roles.ADMINISTRATOR)[1].has_perm("channels_wecom.change_wecomaccount")


def test_nothing_is_shown_of_what_one_may_not_see(shop: Company) -> None:
    client, _user = sign_in(roles.HANDLER, visibility=Visibility.OWN)
    secret = ("陈女士", shop.case.number, "铭牌")
    for model in (ServiceCase, WaitingItem, Draft, Outbound, Conversation):
        rows = model.objects.all()
        listing = client.get(
            reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"), {"q": "陈"}
        ).content.decode()
        assert not any(word in listing.replace('value="陈"', "") for word in secret), model
        for row in rows:
            url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk])
            assert client.get(url).status_code in (302, 404), url
    assert not any(word in client.get("/admin/").content.decode() for word in secret)
    attachment = Attachment.objects.get()
    assert client.get(reverse("attachment", args=[attachment.public_id])).status_code == 404
    draft = Draft.objects.filter(state="pending").first()
    assert draft is not None
    assert client.post(reverse("admin:review_draft_decide", args=[draft.pk]), {"do": "approve"}).status_code == 404


def test_roles_keep_what_administrators_add(shop: Company) -> None:
    group = Group.objects.get(name=roles.HANDLER)
    extra = Group.objects.get(name=roles.ADMINISTRATOR).permissions.get(codename="change_pause")
    group.permissions.add(extra)
    roles.keep_roles()
    assert extra in group.permissions.all()
