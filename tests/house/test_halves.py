"""`make test` runs in two halves: what one of them leaves out, the other has."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests import conftest

DATABASE = pytest.mark.django_db.mark
ONCE, THERE = pytest.mark.once.mark, pytest.mark.once(on="postgres").mark
POSTGRES = pytest.mark.postgres.mark


def item(*marks: pytest.Mark, **params: Any) -> Any:
    named = {mark.name: mark for mark in marks}
    found = SimpleNamespace(get_closest_marker=named.get, fixturenames=())
    if params:
        found.callspec = SimpleNamespace(params=params)
    return found


def halves(monkeypatch: pytest.MonkeyPatch, of: Any) -> tuple[bool, bool]:
    """Whether the embedded half runs it, and whether the other does."""
    monkeypatch.setattr(conftest, "BOTH_HALVES", True)
    shown = []
    for postgres in (False, True):
        monkeypatch.setattr(conftest, "ON_POSTGRES", postgres)
        shown.append(not conftest._shown_by_the_other(of))
    return shown[0], shown[1]


@pytest.mark.parametrize(
    ("of", "wanted"),
    [
        (item(), (True, False)),
        (item(DATABASE), (True, True)),
        (item(DATABASE, ONCE), (True, False)),
        (item(DATABASE, THERE), (False, True)),
        (item(THERE), (False, True)),
        (item(DATABASE, POSTGRES), (True, True)),
        (item(DATABASE, ONCE, language="zh-hans"), (True, False)),
        (item(DATABASE, THERE, language="en"), (False, True)),
        (item(language="zh-hans"), (True, False)),
        (item(DATABASE, language="en"), (True, False)),
        (item(DATABASE, language="zh-hans"), (False, True)),
        (item(DATABASE, number=3), (True, True)),
    ],
)
def test_each_test_is_in_a_half(monkeypatch: pytest.MonkeyPatch, of: Any, wanted: tuple[bool, bool]) -> None:
    assert halves(monkeypatch, of) == wanted


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_run_alone_has_every_language(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setattr(conftest, "BOTH_HALVES", False)
    monkeypatch.setattr(conftest, "ON_POSTGRES", False)
    assert not conftest._shown_by_the_other(item(DATABASE, language=language))
