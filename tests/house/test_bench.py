"""The benchmarks run and check their own work; they are never timed here."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command

from knowledge.models import KnowledgeItem
from tests.builders import company


@pytest.mark.parametrize(("part", "figure", "value"), [("messages", "messages", 40), ("sweep", "due", 20)])
@pytest.mark.django_db
def test_messages_and_sweep_are_measured(settings: object, part: str, figure: str, value: int) -> None:
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"  # type: ignore[attr-defined]
    out = io.StringIO()
    call_command("bench", "--scratch", "--quick", "--only", part, stdout=out)
    assert json.loads(out.getvalue())[part][figure] == value


@pytest.mark.once
@pytest.mark.django_db
def test_the_search_is_measured_and_finds_what_was_just_published() -> None:
    out = io.StringIO()
    call_command("bench", "--scratch", "--quick", "--only", "search", stdout=out)
    figures = json.loads(out.getvalue())["search"]
    assert figures["items"] == 300 and figures["published_and_found_ms"] is not None
    asked = [figures[way] for way in ("by_words_alone", "with_vectors") if way in figures]
    assert asked and all(0 < one["answered"] <= figures["questions"] for one in asked)
    assert not KnowledgeItem.objects.exists()


@pytest.mark.django_db
def test_a_database_with_people_in_it_is_left_alone() -> None:
    company()
    with pytest.raises(CommandError):
        call_command("bench", "--scratch")
