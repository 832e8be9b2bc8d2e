"""Simplified Chinese is complete: every sentence of code, templates and theme is in the catalogue, compiled, and reads well."""

from __future__ import annotations

import ast
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext, ngettext, override, to_locale
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
FOLDER = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES"
#: Where context, sentence and plural stand among the arguments of gettext's functions.
ARGUMENTS = {
    "gettext": (None, 0, None), "gettext_lazy": (None, 0, None), "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1), "ngettext_lazy": (None, 0, 1), "pgettext": (0, 1, None), "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2), "npgettext_lazy": (0, 1, 2),
}  # fmt: skip
PLACE = re.compile(r"%\(\w+\)[sdf]|%[sd]|\{[\w:]*\}|</?\w+[^>]*>")
HALF_WIDTH = re.compile(
    r"[\u4e00-\u9fff][,;:?!]|[,;:?!][\u4e00-\u9fff]|[\u4e00-\u9fff]\.(?!\w)|[\u4e00-\u9fff]\(|\)[\u4e00-\u9fff]"
)

Key = tuple[str, str]
"""Context (mostly empty) and sentence."""


@dataclass
class Row:
    """One entry of the catalogue's source."""

    context: str = ""
    sentence: str = ""
    plural: str = ""
    words: dict[int, str] = field(default_factory=dict)
    flags: str = ""

    @property
    def key(self) -> Key:
        return self.context, self.sentence


# --- what is said -----------------------------------------------------------------------------------------------------


def of_code(text: str, name: str) -> Iterator[tuple[Key, str]]:
    """Sentence and plural of every call of gettext in a Python text.

    :raises AssertionError: for a call whose sentence is no literal, which nobody could translate.
    """
    if "gettext" not in text:
        return
    nodes = list(ast.walk(ast.parse(text)))
    names = {known: known for known in ARGUMENTS}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            names |= {alias.asname or alias.name: alias.name for alias in node.names if alias.name in ARGUMENTS}
    for node in nodes:
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if called not in names:
            continue
        said = [
            node.args[place].value if isinstance(node.args[place], ast.Constant) else None  # type: ignore[attr-defined]
            for place in ARGUMENTS[names[called]]
            if place is not None
        ]
        assert all(isinstance(one, str) for one in said), (
            f"{name}:{node.lineno}: {called} of something that is no literal"
        )
        context, sentence, plural = ARGUMENTS[names[called]]
        if node.args[sentence].value:  # type: ignore[index,attr-defined]
            yield (
                (node.args[context].value if context is not None else "", node.args[sentence].value),  # type: ignore[attr-defined,index]
                node.args[plural].value if plural is not None else "",  # type: ignore[attr-defined]
            )


CALL = re.compile(r"(?<![\w.])(_|n?p?gettext)\(((?:[^()'\"]|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")*)\)", re.S)
TRIPLE = re.compile(r"\"\"\"(.*?)\"\"\"", re.S)


def of_template(text: str, name: str) -> Iterator[tuple[Key, str]]:
    """Sentence and plural of every translate tag and `_()` of a template, by the way that makemessages takes."""
    source = TRIPLE.sub(lambda match: repr(ast.literal_eval(match.group(0))), templatize(text, origin=name))
    for call, arguments in CALL.findall(source):
        literals = re.findall(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"", arguments)
        if literals:
            yield from of_code(f"{'gettext' if call == '_' else call}({', '.join(literals)})", name)


def said_in(paths: Iterator[Path]) -> dict[Key, str]:
    """Every sentence of these files with its plural, mostly empty."""
    found: dict[Key, str] = {}
    for path in paths:
        text = path.read_text(encoding="utf-8")
        for key, plural in (of_code if path.suffix == ".py" else of_template)(
            text, str(path.relative_to(path.parents[2]))
        ):
            found[key] = plural or found.get(key, "")
    return found


@cache
def we_say() -> dict[Key, str]:
    """Every sentence of the rooms with its plural."""
    return said_in(own_files())


def own_files() -> Iterator[Path]:
    for room in settings.ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            if path.suffix in (".py", ".html") and "migrations" not in path.parts:
                yield path


def theme_files() -> Iterator[Path]:
    """Unfold brings no Chinese of its own, so its words are in our catalogue."""
    for app in apps.get_app_configs():
        root = Path(app.path)
        if app.name.split(".")[0] == "unfold":
            for path in sorted(root.rglob("*.html")) + sorted(root.rglob("*.py")):
                if app.name != "unfold" or "contrib" not in path.relative_to(root).parts:
                    yield path


@cache
def theme_says() -> set[tuple[str, str]]:
    """What the theme says, by the looser rules of a package that is not ours."""
    found: set[tuple[str, str]] = set()
    for path in theme_files():
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".html":
            found |= {(key[1], plural) for key, plural in of_template(text, path.name)}
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                if called in ("_", "gettext", "gettext_lazy") and isinstance(node.args[0].value, str):
                    found.add((node.args[0].value, ""))
    return {one for one in found if one[0].strip()}


# --- what the catalogue holds -----------------------------------------------------------------------------------------


@cache
def source() -> list[Row]:
    """The entries of django.po, without its header."""
    rows: list[Row] = []
    row, where, number = Row(), "", 0
    place = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[(\d)\])?)? ?(".*")$')
    for line in [*(FOLDER / "django.po").read_text(encoding="utf-8").splitlines(), ""]:
        if not line.strip():
            if row.words:
                rows.append(row)
            row = Row()
        elif line.startswith("#"):
            assert not line.startswith("#~"), f"obsolete: {line}"
            row.flags += line[2:] if line.startswith("#,") else ""
        else:
            match = place.match(line)
            assert match is not None, line
            if match[1]:
                where, number = match[1].split("[")[0], int(match[2] or 0)
            text = ast.literal_eval(match[3])
            match where:
                case "msgctxt":
                    row.context += text
                case "msgid":
                    row.sentence += text
                case "msgid_plural":
                    row.plural += text
                case _:
                    row.words[number] = row.words.get(number, "") + text
    return [row for row in rows if row.sentence]


def compiled() -> dict[str, str]:
    """The entries of django.mo as they are stored, without its header."""
    data = (FOLDER / "django.mo").read_bytes()
    magic, _version, count, originals, translations = struct.unpack("<5I", data[:20])
    assert magic == 0x950412DE

    def text(table: int, index: int) -> str:
        length, start = struct.unpack_from("<2I", data, table + 8 * index)
        return data[start : start + length].decode()

    return {text(originals, i): text(translations, i) for i in range(count) if text(originals, i)}


# --- tests ------------------------------------------------------------------------------------------------------------


def test_the_catalogue_lies_where_django_looks() -> None:
    assert settings.LANGUAGE_CODE == "zh-hans"
    assert [code for code, _name in settings.LANGUAGES] == ["zh-hans", "en"]
    assert FOLDER.parent.name == to_locale("zh-hans")
    assert FOLDER.parents[1] in [Path(path) for path in settings.LOCALE_PATHS]


def test_every_sentence_is_in_the_catalogue() -> None:
    said = we_say()
    known = {row.key: row.plural for row in source()}
    assert len(said) > 500
    assert not sorted(said.keys() - known.keys())
    assert not [key for key, plural in said.items() if plural != known[key]]


def test_the_catalogue_holds_only_what_is_said() -> None:
    said = we_say().keys() | {("", sentence) for sentence, _plural in theme_says()}
    assert not sorted({row.key for row in source()} - said)


def test_every_sentence_is_translated() -> None:
    rows = source()
    assert len({row.key for row in rows}) == len(rows)
    assert not [row.key for row in rows if set(row.words) != {0} or not row.words[0].strip()]
    assert not [row.key for row in rows if "fuzzy" in row.flags]


def test_placeholders_are_those_of_the_sentence() -> None:
    wrong = [
        row.key
        for row in source()
        if sorted(PLACE.findall(row.plural or row.sentence)) != sorted(PLACE.findall(row.words[0]))
    ]
    assert not wrong


def test_what_is_loaded_is_what_is_written() -> None:
    written = {}
    for row in source():
        key = (f"{row.context}\4" if row.context else "") + row.sentence + (f"\0{row.plural}" if row.plural else "")
        written[key] = row.words[0]
    assert compiled() == written


def test_chinese_ends_and_is_punctuated_like_chinese() -> None:
    rows = source()
    ends = [
        row.key
        for row in rows
        if row.words[0].rstrip().endswith("。") != bool(re.search(r"(?<!\.)\.$", row.sentence.rstrip()))
    ]
    assert not ends
    assert not [row.words[0] for row in rows if HALF_WIDTH.search(PLACE.sub("X", row.words[0]))]


def test_only_names_stay_as_they_are() -> None:
    latin = {row.words[0] for row in source() if not re.search(r"[\u4e00-\u9fff]", row.words[0])}
    assert latin <= {"English", "EncodingAESKey", "API"} | {
        words for words in latin if not re.search("[A-Za-z]", PLACE.sub("", words))
    }


def test_the_theme_speaks_chinese() -> None:
    said = theme_says()
    assert len(said) > 100
    with override("zh-hans"):
        silent = [
            one for one, plural in said if (ngettext(one, plural, 2) if plural else gettext(one)) in (one, plural)
        ]
    assert not sorted(silent)


def test_english_says_roles_where_django_says_groups() -> None:
    roles = apps.get_model("auth", "Group")._meta
    field = apps.get_model("people", "User")._meta.get_field("groups")
    with override("en"):
        said = [
            str(words) for words in (roles.verbose_name, roles.verbose_name_plural, field.verbose_name, field.help_text)
        ]
    assert said[:3] == ["role", "roles", "roles"] and "group" not in " ".join(said)


def test_one_thing_has_one_name() -> None:
    """Words that once stood beside the term that the product uses."""
    beside = (
        "工单",
        "知识提议",
        "知识缺口",
        "自动化等级",
        "你可以",
        "你在",
        "到了你",
        "API 令牌",
        "错误发送",
        "点发",
        "度量事实",
        "小组",
    )
    assert not [(row.sentence, word) for row in source() for word in beside if word in row.words[0]]


def test_chinese_is_what_people_see() -> None:
    with override("zh-hans"):
        assert [gettext(word) for word in ("Review queue", "Waiting items", "Take over", "Owed")] == [
            "审核队列", "等待事项", "人工接手", "待回告",
        ]  # fmt: skip
    with override("en"):
        assert gettext("Review queue") == "Review queue"


class Seen(HTMLParser):
    """What a page shows to people: its texts, and the words of its placeholders and labels."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.inside: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in ("input", "img", "br", "meta", "link", "hr", "path"):
            hidden = tag in ("script", "style", "svg", "textarea") or "material-symbols" in (values.get("class") or "")
            self.inside.append((tag, hidden))
        self.words += [values[name] or "" for name in ("placeholder", "title", "aria-label", "alt") if values.get(name)]

    def handle_endtag(self, tag: str) -> None:
        while self.inside and self.inside.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not any(hidden for _tag, hidden in self.inside):
            self.words.append(" ".join(data.split()))


#: Latin words that a Chinese page may hold: names, keys, formats and codes of languages.
LATIN = re.compile(
    r"\{[A-Za-z:_]+\}|(?<![A-Za-z])(?:English|zh-hans|zh|en|esc|Aijia|WeCom|API|ID|Token|Secret|EncodingAESKey|admin|Control|Command|Mac|LDAP"
    r"|Asia/Shanghai|FAQ|Excel|xlsx|CSV|Markdown|JSONL|Esc|csv|md|wecom|kf|tmall|Ctrl|visit_time|technician_surname|tracking_number|mon|null|local-\d+/\w+)(?![A-Za-z])"
)


def ours(model: type[Model]) -> bool:
    """Whether a model is of one of the rooms."""
    return model.__module__.split(".")[0] in settings.ROOMS


def test_every_column_has_a_chinese_name() -> None:
    """The headings of all lists of the admin; a list without rows does not show them."""
    bare = set()
    with override("zh-hans"):
        for model, its_admin in admin.site._registry.items():
            if not ours(model):
                continue
            for column in its_admin.list_display:
                heading = str(label_for_field(column, model, its_admin))
                if column not in ("action_checkbox", "id") and not re.search(r"[\u4e00-\u9fff]", heading):
                    bare.add((model._meta.label, str(column)))
    assert not bare, sorted(bare)


@pytest.mark.once
@pytest.mark.django_db
@pytest.mark.usefixtures("unwatched")
def test_the_screens_hold_no_english(client: Client, django_user_model: type) -> None:
    """The desk and every list and form of the admin, with nothing in them: what is left in Latin letters are names."""
    client.force_login(django_user_model.objects.create_superuser(username="admin", password="x"))  # type: ignore[attr-defined]
    pages = [reverse("admin:index"), reverse("admin:password_change")]
    for model in admin.site._registry:
        if ours(model):
            for name in ("changelist", "add"):
                pages.append(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}"))
    english: dict[str, str] = {}
    for page in pages:
        answer = client.get(page, headers={"accept-language": "zh-CN"})
        if answer.status_code != 200:  # nothing to see: the page of a room that only operations write
            continue
        seen = Seen()
        seen.feed(answer.content.decode())
        english |= {words: page for words in seen.words if re.search(r"[A-Za-z]{2}", LATIN.sub("", words))}
    assert not english, english
