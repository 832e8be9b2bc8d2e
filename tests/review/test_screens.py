"""The screens over HTTP: every page opens in both languages, and the draft page carries out verdicts."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import translation

from aijia import pump
from delivery import ports
from delivery.models import Outbound
from people.models import User
from review.models import Draft, DraftState
from tests.builders import NINE, Company, say

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def shop(ready: Company, settings: object) -> Company:
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"  # type: ignore[attr-defined]
    ports._load.cache_clear()
    shop = ready
    say(shop.partner_group, "wmwang", "让陈女士拍一张铭牌照片，型号看清楚，不然配件没法订", at=NINE)
    pump.drain(NINE, channel=False)
    return shop


@pytest.fixture
def handler(shop: Company) -> Client:
    user = User.objects.create_user("lin", password="x", is_staff=True, is_superuser=True, display_name="林悦")
    shop.handler.user = user
    shop.handler.save()
    client = Client()
    client.force_login(user)
    return client


def draft_of() -> Draft:
    return Draft.objects.get()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_list_and_the_desk_open(handler: Client, language: str) -> None:
    handler.cookies["django_language"] = language
    assert handler.get("/admin/").status_code == 200
    for model in admin.site._registry:
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert handler.get(url).status_code == 200, url


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_draft_case_and_conversation_pages_show_what_matters(handler: Client, shop: Company, language: str) -> None:
    handler.cookies["django_language"] = language
    page = handler.get(reverse("admin:review_draft_change", args=[draft_of().pk])).content.decode()
    assert "铭牌" in page and "陈女士" in page
    page = handler.get(reverse("admin:cases_servicecase_change", args=[shop.case.pk])).content.decode()
    assert shop.case.number in page and "铭牌" in page
    page = handler.get(
        reverse("admin:conversations_conversation_change", args=[shop.partner_group.pk])
    ).content.decode()
    assert "王师傅" in page
    translation.activate("zh-hans")


def post(client: Client, draft: Draft, **data: str) -> object:
    assert draft.conversation is not None
    data = {"seen_position": str(draft.conversation.last_position), "seen_hash": draft.content_hash, **data}
    return client.post(reverse("admin:review_draft_decide", args=[draft.pk]), data)


def test_approve_over_http_releases_exactly_that_text(handler: Client) -> None:
    draft = draft_of()
    post(handler, draft, do="approve", text=draft.text)
    assert Outbound.objects.get(draft=draft).text == draft.text


def test_changed_words_are_an_edit(handler: Client) -> None:
    draft = draft_of()
    post(handler, draft, do="approve", text="陈女士您好，麻烦您拍一张铭牌照片，谢谢～")
    draft.refresh_from_db()
    assert draft.verdicts.get().do == "edit" and draft.state == DraftState.RELEASED


def test_a_refused_edit_says_why_and_keeps_the_words(handler: Client) -> None:
    draft = draft_of()
    post(handler, draft, do="approve", text="王师傅说的，拍一下铭牌")
    page = handler.get(reverse("admin:review_draft_change", args=[draft.pk])).content.decode()
    assert "王师傅说的" in page and not Outbound.objects.exists()


def test_a_refused_edit_is_overruled_on_the_page_by_who_may(handler: Client) -> None:
    draft = draft_of()
    post(handler, draft, do="approve", text="王师傅说的，拍一下铭牌")
    page = handler.get(reverse("admin:review_draft_change", args=[draft.pk])).content.decode()
    assert 'name="overrule_reason"' in page and 'id="overruling" hidden' not in page
    post(handler, draft, do="overrule", text="王师傅说的，拍一下铭牌", overrule_reason="上门时已经见过")
    draft.refresh_from_db()
    verdict = draft.verdicts.get(accepted=True)
    assert draft.state == DraftState.RELEASED and verdict.reason == "上门时已经见过" and verdict.overruled
    page = handler.get(reverse("admin:review_draft_change", args=[draft.pk])).content.decode()
    assert "上门时已经见过" in page


def test_a_verdict_cannot_be_given_by_a_link(handler: Client) -> None:
    handler.get(reverse("admin:review_draft_decide", args=[draft_of().pk]), {"do": "approve"})
    assert not Outbound.objects.exists()


def test_somebody_without_a_staff_row_decides_nothing(shop: Company) -> None:
    outsider = Client()
    outsider.force_login(User.objects.create_user("out", password="x", is_staff=True))
    post(outsider, draft_of(), do="approve")
    assert not Outbound.objects.exists()
