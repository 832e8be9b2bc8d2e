"""Simplified Chinese is complete: every sentence of code and templates has its translation, compiled, with the same placeholders."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils.translation import override, trans_real

ROOT = Path(settings.BASE_DIR)
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop"}
TAG = re.compile(r"""{%\s*(?:trans|translate)\s+(?:"([^"]+)"|'([^']+)')""")
PLACE = re.compile(r"%\(\w+\)[sd]")


def sources() -> Iterator[Path]:
    for room in settings.ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            if path.suffix in (".py", ".html") and "migrations" not in path.parts:
                yield path


def sentences() -> set[str]:
    """What the code and the templates say through gettext."""
    found: set[str] = set()
    for path in sources():
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".html":
            found |= {first or second for first, second in TAG.findall(text)}
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS and node.args:
                word = node.args[0]
                if isinstance(word, ast.Constant) and isinstance(word.value, str) and word.value:
                    found.add(word.value)
    return found


def catalogue() -> dict[str, str]:
    """The compiled catalogue of the project alone, as it is loaded."""
    import gettext

    with (ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.mo").open("rb") as file:
        read = gettext.GNUTranslations(file)
    return {key: value for key, value in read._catalog.items() if isinstance(key, str) and key}  # type: ignore[attr-defined]


def test_every_sentence_is_translated() -> None:
    said, known = sentences(), catalogue()
    assert len(said) > 500
    assert not sorted(said - known.keys())
    assert not [sentence for sentence in said if not known[sentence].strip()]


def test_placeholders_are_those_of_the_sentence() -> None:
    wrong = [key for key, value in catalogue().items() if set(PLACE.findall(key)) != set(PLACE.findall(value))]
    assert not wrong


def test_the_source_of_the_catalogue_is_what_was_compiled() -> None:
    text = (ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    assert "#, fuzzy" not in text
    pairs = re.findall(r'^msgid ((?:".*"\n)+)msgstr ((?:".*"\n?)+)', text, re.M)
    read = {
        "".join(ast.literal_eval(line) for line in key.splitlines()): "".join(
            ast.literal_eval(line) for line in value.splitlines()
        )
        for key, value in pairs
    }
    read.pop("", None)
    assert read == catalogue()


def test_chinese_is_what_people_see() -> None:
    trans_real._translations.clear()  # type: ignore[attr-defined]
    with override("zh-hans"):
        from django.utils.translation import gettext

        assert gettext("Review queue") == "审核队列"
