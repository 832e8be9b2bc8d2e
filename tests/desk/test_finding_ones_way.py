"""Where one is, what stands there, and what to do: menu, headings, empty lists, dates and names on every screen."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.template.defaultfilters import date as date_filter
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from cases import operations as cases
from cases.operations import Fact
from channels_wecom.models import SyncCursor, WeComAccount
from people.models import Identity, Person, StaffMember, User, Visibility
from review.models import DraftState, Finding
from tests.builders import ME, NINE, Company, say
from tests.house.test_languages import ours

pytestmark = [pytest.mark.django_db, pytest.mark.once(on="postgres")]
CHINESE = {"HTTP_ACCEPT_LANGUAGE": "zh-hans"}


@pytest.fixture
def boss() -> Client:
    """Somebody who sees every screen."""
    user = User.objects.create_superuser("boss", password="x", display_name="系统管理员")
    StaffMember.objects.create(user=user, name="系统管理员", visibility=Visibility.ALL, is_supervisor=True)
    client = Client(**CHINESE)  # type: ignore[arg-type]
    client.force_login(user)
    return client


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def marked(page: str) -> list[str]:
    """Lines of the menu that say that one is there."""
    found = re.findall(r'<a href="([^"]+)" class="flex h-\[38px\][^"]*\bactive"', page)
    return [address.replace("&amp;", "&") for address in found]


def test_the_menu_marks_the_one_line_under_which_a_screen_is_found(boss: Client) -> None:
    page = read(boss, reverse("admin:index"))
    assert marked(page) == []
    lines = [address.replace("&amp;", "&") for address in re.findall(r'<a href="([^"]+)" class="flex h-\[38px\]', page)]
    assert len(lines) > 30
    for line in lines:
        assert marked(read(boss, line)) == [line]
    outbound = reverse("admin:delivery_outbound_changelist")
    assert marked(read(boss, f"{outbound}?state__exact=prepared")) == [f"{outbound}?state__exact=prepared"]
    assert marked(read(boss, f"{outbound}?state__exact=failed")) == [outbound]
    assert marked(read(boss, reverse("admin:cases_servicecase_changelist") + "?mine=1")) == [
        reverse("admin:cases_servicecase_changelist") + "?state__exact=open"
    ]
    assert marked(read(boss, reverse("admin:people_team_add"))) == [reverse("admin:people_team_changelist")]


@pytest.mark.usefixtures("unwatched")
def test_no_heading_says_the_same_twice_and_what_is_added_is_named(boss: Client, ready: Company) -> None:
    for model, screen in admin.site._registry.items():
        if not (ours(model) or model is Group):
            continue
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        newest = model._default_manager.order_by("-pk").values_list("pk", flat=True).first()
        pages = [(f"{name}_changelist", []), (f"{name}_add", []), *([(f"{name}_change", [newest])] if newest else [])]
        for page, args in pages:
            answer = boss.get(reverse(page, args=args), follow=True)
            if answer.status_code != 200 or "aj-where" not in (text := answer.content.decode()):
                continue
            where = text.split('<div class="aj-where')[1].split("</div>")[0].split(">", 1)[1]
            parts = [
                words for part in where.split("chevron_right")
                if (words := re.sub(r"<[^>]+>|\s+|>", " ", part).strip())
            ]  # fmt: skip
            assert len({part.casefold() for part in parts}) == len(parts), (page, parts)
            if page.endswith("_add") and screen.has_add_permission(answer.wsgi_request):
                assert len(parts) == 2, (page, parts)


def test_a_list_of_one_page_has_no_bar_and_an_empty_one_says_what_belongs_there(boss: Client) -> None:
    page = read(boss, reverse("admin:people_user_changelist"))
    assert "lg:h-[64px] container" not in page
    for name, words in (
        ("signin_twosteprule", "没有规则时由各人自行决定"), ("signin_signinevent", "账号被锁定"),
        ("channels_wecom_inboundevent", "处理失败的会写明原因"), ("channels_wecom_wecomaccount", "接入公司的企业微信"),
        ("api_apitoken", "以某位同事的身份读写"), ("triage_llmcall", "还没有调用过大模型"),
        ("signin_sessionrule", "按产品默认的时长"),
    ):  # fmt: skip
        assert words in read(boss, reverse(f"admin:{name}_changelist")), name


def test_an_account_and_a_source_stand_there_by_name(boss: Client) -> None:
    account = WeComAccount.objects.create(key="east", name="华东店", corp_id="ww1")
    who = Person.objects.create(name="王小姐")
    Identity.objects.create(account="east", external_id="wm1", display_name="王小姐", person=who)
    for source in ("kf:wkEAST", "kf-accounts", "archive"):
        SyncCursor.objects.create(account=account, source=source)
    people = read(boss, reverse("admin:people_identity_changelist"))
    assert "华东店" in people and ">east<" not in people
    assert "王小姐" in read(boss, reverse("admin:people_identity_changelist") + "?account=east")
    assert "王小姐" not in read(boss, reverse("admin:people_identity_changelist") + "?account=west")
    read_so_far = read(boss, reverse("admin:channels_wecom_synccursor_changelist"))
    assert "会话内容存档" in read_so_far and "微信客服账号列表" in read_so_far and "微信客服 wkEAST" in read_so_far
    assert "kf-accounts" not in read_so_far


def test_a_finding_is_handled_on_its_page_and_cannot_be_deleted(boss: Client, ready: Company) -> None:
    message = say(ready.group, "linyue", "顺达那边说明天到", at=NINE)
    finding = Finding.objects.create(message=message, kind="leak", words="顺达", at=message.sent_at)
    address = reverse("admin:review_finding_change", args=[finding.pk])
    page = read(boss, address)
    assert "我已处理" in page and "_save" not in page and "删除" not in page
    boss.post(address, {"review_finding_handled_here": "1"})
    finding.refresh_from_db()
    assert finding.handled_at is not None
    assert "我已处理" not in read(boss, address)
    assert boss.post(reverse("admin:review_finding_delete", args=[finding.pk]), {"post": "yes"}).status_code == 403


def test_days_are_written_one_way_in_each_language() -> None:
    day, instant = date(2026, 6, 9), datetime(2026, 6, 9, 6, 5, tzinfo=UTC)
    with override("en"):
        assert (date_filter(day), date_filter(instant, "DATETIME_FORMAT")) == ("9 Jun 2026", "9 Jun 2026 06:05")
    with override("zh-hans"):
        assert (date_filter(day), date_filter(instant, "DATETIME_FORMAT")) == ("2026年6月9日", "2026年6月9日 06:05")
        assert str(DraftState.RELEASED.label) == "已放行"


def test_a_password_is_said_to_be_set_and_not_how(boss: Client) -> None:
    page = read(boss, reverse("admin:people_user_change", args=[User.objects.get(username="boss").pk]))
    assert "已设置" in page and "算法" not in page and "md5" not in page


def test_an_editors_menu_stands_open_at_knowledge(boss: Client, django_user_model: Any) -> None:
    from aijia import roles

    roles.keep_roles()
    user = User.objects.create_user("editor", password="x", is_staff=True)
    user.groups.add(Group.objects.get(name=roles.EDITOR))
    StaffMember.objects.create(user=user, name="可可", visibility=Visibility.ALL)
    client = Client(**CHINESE)  # type: ignore[arg-type]
    client.force_login(user)
    folded = re.compile(r"navigationOpen: (true|false)[^>]*>\s*<h2[^>]*>\s*(\S+)")
    assert "知识" not in {title for _state, title in folded.findall(read(client, reverse("admin:index")))}
    assert ("false", "知识") in folded.findall(read(boss, reverse("admin:index")))


def test_a_read_only_instant_is_said_in_words_and_exactly_on_hover(boss: Client, ready: Company) -> None:
    now = timezone.now()
    wait = cases.open_wait(
        case=ready.case, state="waiting_customer_material", on=ready.contact, on_role="customer_contact", need="铭牌照片",
        fact=Fact(ME, now, now), due_at=now + timedelta(days=400),
    )  # fmt: skip
    page = boss.get(reverse("admin:cases_waitingitem_change", args=[wait.pk])).content.decode()
    for at in (wait.opened_at, wait.due_at):
        local = timezone.localtime(at)
        assert f'title="{local:%Y-%m-%d %H:%M:%S}">' in page
    assert f"今天 {timezone.localtime(wait.opened_at):%H:%M}</time>" in page
