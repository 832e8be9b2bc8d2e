"""What stands beside a held draft: what is at risk and what to do, in the reader's language, the house's own words first."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import override

from review.guidance import MOST, ON_REASON, ON_TOPIC, Suggestion, guidance, suggestion_words
from review.models import Draft, RiskBoundary
from review.presenters import ALERTS, TOPICS, reason_words
from tests.builders import NINE, Company

CJK, LATIN = re.compile(r"^[^a-zA-Z]+$"), re.compile(r"^[\x00-\x7f’“”…]+$")
pytestmark = [pytest.mark.django_db, pytest.mark.once]


def held(**fields: object) -> Draft:
    return Draft(text="好的", proposed_text="好的", **fields)


def test_every_topic_and_alert_has_a_note_and_a_step_in_both_languages() -> None:
    assert set(ON_TOPIC) == {*TOPICS, *ALERTS}
    for language, own in (("zh-hans", CJK), ("en", LATIN)):
        with translation.override(language):
            for both in (*ON_TOPIC.values(), *ON_REASON.values()):
                assert all(own.search(str(words)) for words in both), both


def test_reasons_with_guidance_are_reasons_that_exist() -> None:
    assert all(reason_words({"code": code}) != code for code in ON_REASON)


def test_alerts_come_before_topics_before_other_reasons_and_nothing_twice() -> None:
    draft = held(
        alerts=["safety"],
        risk_topics=["refund", "case_uncertain"],
        reasons=[{"code": "case_uncertain"}, {"code": "engine_unsure"}],
        suggestion="先打电话。",
    )
    with translation.override("en"):
        notes, steps = guidance(draft)
        danger = str(ON_TOPIC["safety"][0])
    assert len(notes) == len(steps) == MOST
    assert notes[0] == danger
    assert steps[0] == "先打电话。"
    assert len(set(notes)) == len(notes)


def test_what_goes_without_any_reason_needs_no_note() -> None:
    assert guidance(held()) == ([], [])


def test_the_level_of_automation_is_worth_a_word_only_where_nothing_else_holds_it() -> None:
    level = {"code": "automation_level"}
    with translation.override("en"):
        assert guidance(held(reasons=[level])) == (
            [str(ON_REASON["automation_level"][0])],
            [str(ON_REASON["automation_level"][1])],
        )
        assert guidance(held(reasons=[level], risk_topics=["complaint"]))[0] == [str(ON_TOPIC["complaint"][0])]
        assert guidance(held(reasons=[level, {"code": "engine_unsure"}]))[0] == [str(ON_REASON["engine_unsure"][0])]


def test_the_house_says_it_in_its_own_words() -> None:
    RiskBoundary.objects.update_or_create(
        topic="refund", defaults={"right": "supervisor", "advice": "先找财务小周核对流水。"}
    )
    assert guidance(held(risk_topics=["refund"]))[1] == ["先找财务小周核对流水。"]


def test_the_page_and_the_api_say_it(client: Client, admin_user: object, ready: Company) -> None:
    draft = held(
        conversation=ready.group,
        risk_topics=["compensation"],
        reasons=[{"code": "risk_topic", "params": {"topic": "compensation"}}],
    )
    draft.created_at = NINE
    draft.save()
    client.force_login(admin_user)  # type: ignore[arg-type]
    client.cookies["django_language"] = "en"
    page = client.get(reverse("admin:review_draft_change", args=[draft.pk])).content.decode()
    assert "What is at risk" in page and str(ON_TOPIC["compensation"][1]) in translation.gettext(page)


def test_what_a_draft_suggests_itself_is_said_in_the_language_of_the_reader() -> None:
    for code in Suggestion.values:
        said = set()
        for language in ("en", "zh-hans"):
            with override(language):
                said.add(suggestion_words(code))
        assert len(said) == 2 and code not in said
    assert suggestion_words("先打电话。") == "先打电话。"
