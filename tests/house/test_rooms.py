"""The plan of the house: relations point down, requirements are pinned and say why."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

ROOT = Path(__file__).parent.parent.parent
ORDER = [room.split(".")[0] for room in settings.ROOMS]


def room_of(label: str) -> int | None:
    return ORDER.index(label) if label in ORDER else None


def test_every_relation_of_a_model_points_down() -> None:
    upward = []
    for model in apps.get_models(include_auto_created=True):
        here = room_of(model._meta.app_label)
        if here is None:
            continue
        for field in model._meta.get_fields():
            if field.auto_created and not field.concrete:
                continue
            target = getattr(field, "related_model", None)
            if target is None or isinstance(target, str):
                continue
            there = room_of(target._meta.app_label)
            if there is not None and there < here:
                upward.append(f"{model._meta.label}.{field.name} -> {target._meta.label}")
    assert upward == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-ocr.txt"])
def test_every_requirement_is_pinned_and_says_what_needs_it(name: str) -> None:
    lines = [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith(("#", "-r"))]
    assert lines
    for line in lines:
        assert re.fullmatch(r"[A-Za-z0-9_.\-]+(\[[a-z,]+\])?==[0-9][\w.]*  # .{8,}", line), line
