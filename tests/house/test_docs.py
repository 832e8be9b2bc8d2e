"""The documents are true of the code: rooms have READMEs, links resolve, pictures of states are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command, get_commands

ROOT = Path(settings.BASE_DIR)
PAGES = sorted(path for path in ROOT.rglob("*.md") if not {".venv", "var"} & set(path.relative_to(ROOT).parts))
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("room", settings.ROOMS)
def test_every_room_says_what_it_is_for(room: str) -> None:
    assert len((ROOT / room / "README.md").read_text(encoding="utf-8")) > 200


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_commands_that_are_named_exist() -> None:
    known = set(get_commands())
    for page in PAGES:
        for name in re.findall(r"manage\.py ([a-z_]+)", page.read_text(encoding="utf-8")):
            assert name in known, f"{name} in {page}"


def test_decisions_are_numbered_once() -> None:
    numbers = [path.name[:4] for path in (ROOT / "docs" / "adr").glob("*.md")]
    assert len(numbers) == len(set(numbers)) >= 12


def test_the_pictures_of_states_are_those_of_the_code() -> None:
    call_command("draw_states", "--check")
