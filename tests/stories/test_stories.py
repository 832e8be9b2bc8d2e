"""Whole stories, played through the real pipeline."""

from __future__ import annotations

from pathlib import Path

import pytest

from aijia.rehearsal import Rehearsal, load_story
from delivery import ports
from evidence.verification import verify_all

STORIES = sorted(Path(__file__).parent.glob("*.yaml"))


@pytest.mark.django_db
@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_the_story_comes_out_as_told(path: Path, settings: object) -> None:
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"  # type: ignore[attr-defined]
    ports._load.cache_clear()
    assert Rehearsal(load_story(path)).play() == []
    assert verify_all() == []
