"""A language model for the tests that want one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection

from tests.triage.llm_server import FakeModel
from triage.engines.llm import asking


@pytest.fixture
def model(settings: Any, db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeModel]:
    """A server, configured as the language model. The transaction that the test itself runs in does not count."""
    depth = len(connection.atomic_blocks)
    monkeypatch.setattr(asking, "in_transaction", lambda: len(connection.atomic_blocks) > depth)
    yield from _model(settings)


@pytest.fixture
def shared_model(settings: Any, transactional_db: None) -> Iterator[FakeModel]:
    """The same for several threads: rows that all of them see."""
    yield from _model(settings)


def _model(settings: Any) -> Iterator[FakeModel]:
    fake = FakeModel()
    settings.LLM_BASE_URL, settings.LLM_API_KEY, settings.LLM_MODEL = fake.url, "sk-test-key", "test-model"
    settings.TRIAGE_ENGINE = "triage.engines.llm.engine.LlmEngine"
    asking._client.cache_clear()
    cache.clear()
    yield fake
    fake.stop()
    cache.clear()
