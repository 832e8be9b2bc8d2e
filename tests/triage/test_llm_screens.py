"""Supervisors and administrators see which engine answers, what it costs and what went wrong; decisions say it one by one."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aijia import pump
from aijia.roles import ADMINISTRATOR, HANDLER, SUPERVISOR, keep_roles
from people.models import StaffMember, User, Visibility
from tests.builders import NINE, Company, say
from tests.triage import llm_server as server
from tests.triage.llm_server import FakeModel, reading, readings, says
from triage.engines.llm import budget
from triage.models import Decision, LlmCall, LlmDay, LlmPolicy
from triage.presenters import CODES

pytestmark = pytest.mark.once

PAGE = "admin:triage_llmpolicy_changelist"


@pytest.fixture
def shop(ready: Company) -> Company:
    keep_roles()
    return ready


def browser(role: str, staff: StaffMember | None = None) -> Client:
    from django.contrib.auth.models import Group

    user = User.objects.create_user(f"u-{role}", password="x", is_staff=True, display_name=role)
    user.groups.set(Group.objects.filter(name=role))
    if staff is not None:
        staff.user = user
        staff.save()
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(("language", "words"), [("en", "The language model answers"), ("zh-hans", "当前由大模型处理")])
def test_supervisors_see_who_answers_and_what_it_costs(
    model: FakeModel, shop: Company, language: str, words: str
) -> None:
    client = browser(SUPERVISOR, shop.supervisor)
    client.cookies["django_language"] = language
    LlmDay.objects.create(day=timezone.localdate(), calls=1200, tokens=1_000_000, hits=300)
    LlmCall.objects.create(
        at=timezone.now(), step="understand", outcome="fallback", code="timeout", prompt="p", model="test-model"
    )
    page = client.get(reverse(PAGE)).content.decode()
    assert words in page and "60%" in page and "50%" in page and "20%" in page and "test-model" in page
    with_words = {"en": "it took too long", "zh-hans": "响应超时"}[language]
    assert with_words in page and "sk-test-key" not in page
    assert reverse("admin:triage_llmpolicy_add") not in page


def test_handlers_do_not_see_it_and_supervisors_do_not_change_it(model: FakeModel, shop: Company) -> None:
    assert browser(HANDLER, shop.handler).get(reverse(PAGE)).status_code == 403
    client = browser(SUPERVISOR, shop.supervisor)
    assert client.post(reverse("admin:triage_llmpolicy_ask_again")).status_code == 403
    LlmPolicy.objects.create()
    client.post(reverse("admin:triage_llmpolicy_change", args=[1]), {"calls_per_day": "9"})
    assert LlmPolicy.objects.get().calls_per_day == 2000


def test_administrators_change_the_policy_and_end_a_rest(model: FakeModel, shop: Company) -> None:
    client = browser(ADMINISTRATOR)
    form = {
        "enabled": "on", "wording": "off", "calls_per_day": "7", "tokens_per_day": "9000", "timeout_seconds": "10", "cache_hours": "1",
        "mask_personal_data": "on",
    }  # fmt: skip
    assert client.post(reverse("admin:triage_llmpolicy_add"), form).status_code == 302
    assert budget.policy().calls_per_day == 7 and LlmPolicy.history.count() == 1
    assert client.get(reverse("admin:triage_llmpolicy_add")).status_code == 403
    assert (
        client.post(reverse("admin:triage_llmpolicy_change", args=[1]), {**form, "timeout_seconds": "900"}).status_code
        == 200
    )
    assert (
        client.post(reverse("admin:triage_llmpolicy_change", args=[1]), {**form, "calls_per_day": "8"}).status_code
        == 302
    )
    assert LlmPolicy.objects.get().calls_per_day == 8
    model.script = [server.raw(b"", 401)]
    say(shop.group, "wmchen", "请问你们保修期是多久呀", at=NINE)
    pump.drain(NINE, channel=False)
    assert budget.resting() == "unauthorised"
    assert client.get(reverse("admin:triage_llmpolicy_ask_again")).status_code == 302 and budget.resting()
    client.post(reverse("admin:triage_llmpolicy_ask_again"))
    assert not budget.resting()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_decision_says_why_the_local_engine_answered(model: FakeModel, shop: Company, language: str) -> None:
    model.script = [says("抱歉，我无法回答")]
    say(shop.group, "wmchen", "请问你们保修期是多久呀", at=NINE)
    pump.drain(NINE, channel=False)
    decision = Decision.objects.get()
    assert decision.fallback == "refused"
    client = browser(SUPERVISOR, shop.supervisor)
    client.cookies["django_language"] = language
    words = {"en": "it refused", "zh-hans": "模型拒绝回答"}[language]
    for url in (
        reverse("admin:triage_decision_changelist") + "?fallback=any",
        reverse("admin:triage_decision_change", args=[decision.pk]),
        reverse("admin:triage_llmcall_changelist"),
    ):
        assert words in client.get(url).content.decode(), url
    answer = client.get("/api/v1/decisions/?fell_back=true", headers={"accept-language": language})
    row = answer.json()["results"][0]
    assert (row["engine"], row["fallback"], row["engine_notes"][0]["outcome"]) == ("local", "refused", "fallback")
    assert words in row["engine_notes"][0]["words"]
    assert client.get("/api/v1/decisions/?fell_back=false").json()["results"] == []


def test_decisions_of_others_are_not_there(model: FakeModel, shop: Company) -> None:
    model.script = [says(readings(reading()))]
    say(shop.group, "wmchen", "请问你们保修期是多久呀", at=NINE)
    pump.drain(NINE, channel=False)
    stranger = StaffMember.objects.create(name="外人", visibility=Visibility.OWN)
    assert browser(HANDLER, stranger).get("/api/v1/decisions/").json()["results"] == []


def test_every_code_has_words_in_both_languages(db: None) -> None:
    from django.utils import translation

    for code, words in CODES.items():
        with translation.override("zh-hans"):
            assert any(char >= "\u4e00" for char in str(words)), code
        with translation.override("en"):
            assert str(words).isascii(), code


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, set()),
        ({"LLM_BASE_URL": "https://host/v1", "LLM_MODEL": "m"}, set()),
        ({"LLM_BASE_URL": "https://host/v1"}, {"triage.W001"}),
        ({"LLM_MODEL": "m"}, {"triage.W001"}),
        ({"LLM_API_KEY": "k"}, {"triage.W001"}),
        ({"LLM_BASE_URL": "host/v1", "LLM_MODEL": "m"}, {"triage.E001"}),
        ({"LLM_BASE_URL": "http://10.1.2.3/v1", "LLM_MODEL": "m"}, {"triage.W002"}),
        ({"LLM_BASE_URL": "http://127.0.0.1:8000/v1", "LLM_MODEL": "m"}, set()),
        ({"TRIAGE_ENGINE": "triage.engines.llm.engine.LlmEngine"}, {"triage.W001"}),
    ],
)
def test_half_a_configuration_is_said(settings: Any, values: dict[str, str], found: set[str]) -> None:
    for name in ("LLM_BASE_URL", "LLM_MODEL", "LLM_API_KEY"):
        setattr(settings, name, values.get(name, ""))
    settings.TRIAGE_ENGINE = values.get("TRIAGE_ENGINE", "triage.engines.local.engine.LocalEngine")
    assert {message.id for message in run_checks() if str(message.id).startswith("triage.")} == found


def test_scoring_works_with_either_engine_and_says_who_answered(
    model: FakeModel, settings: Any, tmp_path: Any, capsys: Any
) -> None:
    settings.TRIAGE_ENGINE = "triage.engines.local.engine.LocalEngine"
    rows = tmp_path / "rows.jsonl"
    rows.write_text(
        '{"id": "1", "conversation_kind": "private", "sender_side": "customer", "text": "请问你们保修期是多久呀",'
        ' "expect": {"mode": "send", "intent": "asks_question", "business_class": "support", "service_context": "none", "risk_topics": [], "wait": null, "wait_state_after": null}}\n'
        '{"id": "2", "conversation_kind": "private", "sender_side": "customer", "text": "可以开专用发票吗你们这边"}\n',
        encoding="utf-8",
    )
    model.script = [says(readings(reading())), says("nonsense")]
    call_command("evaluate_triage", str(rows), "--engine", "llm")
    said = capsys.readouterr().out
    assert "engine llm llm/test-model/understand-1." in said and "broken_json" in said and "used" in said
    call_command("evaluate_triage", str(rows))
    assert "engine local" in capsys.readouterr().out and len(model.requests) == 3
