"""Every page that a person reaches by links, as each role, in both languages: none breaks, none is half translated, none shows codes or row numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.db.models import CharField, JSONField, TextField
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import override

from aijia import demo, roles
from aijia.site import Site
from delivery import ports
from foundation.remembering import forget_all
from people.models import StaffMember, User, Visibility
from tests.house.test_languages import LATIN, Seen, ours

pytestmark = [pytest.mark.django_db, pytest.mark.once(on="postgres"), pytest.mark.usefixtures("unwatched")]
NOW = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
"""A Friday, three in the afternoon in Shanghai."""
#: Not pages of ours to read: the way out, files, what scripts ask for, other people's machines.
ASIDE = re.compile(
    r"^/(?:static|sandbox|api|wecom|attachments|admin/logout|admin/jsi18n|admin/live|admin/autocomplete)\b"
)
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
ENGLISH = re.compile(r"[A-Za-z][A-Za-z0-9_]+(?:[ '-]+[A-Za-z]+)*")
#: Hashes of the evidence, and what a hash of a password shows of itself.
OPAQUE = re.compile(r"\b[0-9a-f]{8,64}\b|\w+\*{6,}|\bv\d+\b")
CODE = re.compile(r"(?<![\w./@{-])[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?![\w./@}-])")
ROW = re.compile(
    r"\w+ object \(|\bpk=|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|<[A-Z]\w+:|%\(\w+\)|\{[{%]"
)
#: What a person typed or a machine was told: the only places from which another language's words may come.
CLOSED = {"id", "password", "secret", "grams"}


@pytest.fixture(scope="module")
def house(django_db_setup: Any, django_db_blocker: Any) -> Iterator[dict[str, User]]:
    """The demo company, once, and somebody of each role who sees everything."""
    with (
        django_db_blocker.unblock(),
        override_settings(DELIVERY_CHANNEL="delivery.ports.CapturingChannel", LANGUAGE_CODE="zh-hans"),
        transaction.atomic(),
    ):
        ports._load.cache_clear()
        with override("zh-hans"):
            demo.load(now=NOW)
        people = {}
        for role in roles.ROLES:
            user = User.objects.create_user(f"u{len(people)}", password="x", is_staff=True, display_name=f"测试{role}")
            user.groups.set(Group.objects.filter(name=role))
            StaffMember.objects.create(
                user=user, name=user.display_name, visibility=Visibility.ALL, is_supervisor=role == roles.SUPERVISOR
            )
            people[role] = user
        said.cache_clear()
        faults.cache_clear()
        yield people
        transaction.set_rollback(True)
    ports._load.cache_clear()


@cache
def said() -> str:
    """All words that stand in the rows."""
    found: list[str] = []
    for model in apps.get_models():
        if not ours(model) or "historical" in model.__name__.lower():
            continue
        names = [
            field.name for field in model._meta.get_fields()
            if isinstance(field, (CharField, TextField, JSONField)) and not field.choices and field.name not in CLOSED
        ]  # fmt: skip
        for row in model._default_manager.values_list(*names) if names else ():
            found += [str(value) for value in row if value]
    found += [str(name) for name in Group.objects.values_list("name", flat=True)]
    return "\n".join(dict.fromkeys(found))


@cache
def tokens() -> frozenset[str]:
    """Each word in Latin letters that stands in the rows."""
    return frozenset(re.findall(r"[A-Za-z][A-Za-z0-9_]+", said()))


class Page(Seen):
    """A page as it is read, and where it leads."""

    def __init__(self, here: str) -> None:
        super().__init__()
        self.here = here
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        values = dict(attrs)
        if "lang" in values and tag != "html":  # what is said in another language on purpose
            self.inside[-1] = (tag, True)
        href = values.get("href")
        if tag == "a" and href and not href.startswith(("#", "javascript:", "mailto:")):
            self.links.append(urljoin(self.here, href))


def kind_of(url: str) -> tuple[Any, ...]:
    """Which pages are alike: one screen with the same questions asked."""
    parts = urlsplit(url)
    asked = {name for name, _value in parse_qsl(parts.query)} - {
        "_changelist_filters",
        "_to_field",
        "_popup",
        "_facets",
        "o",
    }
    match = resolve(parts.path)
    return match.view_name or match.route, bool(asked)


def beginnings() -> list[str]:
    """The desk, and every list and form, linked or not."""
    pages = [
        reverse("admin:index"),
        reverse("find") + "?q=陈",
        reverse("signin:security"),
        reverse("admin:password_change"),
    ]
    for model in admin.site._registry:
        if ours(model) or model is Group:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            pages += [reverse(f"{name}_changelist"), reverse(f"{name}_add")]
            newest = model._default_manager.order_by("-pk").values_list("pk", flat=True).first()
            if newest:
                pages += [reverse(f"{name}_{what}", args=[newest]) for what in ("change", "history")]
    return pages


def walk(client: Client, first: list[str], seen: set[tuple[Any, ...]]) -> Iterator[tuple[str, int, Page]]:
    """Address, status and page of every page that links lead to; of pages that are alike one, and none of those that were seen."""
    waiting = first
    known: set[str] = set()
    while waiting:
        url = waiting.pop(0)
        parts = urlsplit(url)
        if parts.netloc or url in known or ASIDE.match(parts.path):
            continue
        known.add(url)
        try:
            kind = kind_of(url)
        except Resolver404:
            yield url, 404, Page(url)
            continue
        if kind in seen:
            continue
        seen.add(kind)
        answer = client.get(url)
        if answer.status_code in (301, 302):
            waiting.append(urljoin(url, answer["Location"]))
        if answer.streaming or "html" not in answer.get("Content-Type", ""):
            yield url, answer.status_code, Page(url)
            continue
        page = Page(url)
        page.feed(answer.content.decode())
        yield url, answer.status_code, page
        waiting += page.links


@cache
def faults(words: str, language: str) -> list[str]:
    """What is wrong with words that a person reads in this language."""
    return list(_faults(words, language))


def _faults(words: str, language: str) -> Iterator[str]:
    if ROW.search(words):
        yield f"row: {words}"
    for code in CODE.findall(words):
        if code not in said():
            yield f"code {code}: {words}"
    if language == "en":
        # What was masked in somebody's words stands in their language.
        for run in CHINESE.findall(re.sub("【[^】]{1,8}】", " ", words)):
            if run not in said() and run not in ("中文", "简体中文"):
                yield f"chinese {run}: {words}"
    elif any(
        run not in (said() if " " in run else tokens()) for run in ENGLISH.findall(OPAQUE.sub("", LATIN.sub("", words)))
    ):
        yield f"english: {words}"


#: Administrators, who have all screens: in Chinese from every list and form, in English from the desk.
LEAST = {"zh-hans": 150, "en": 20}


@pytest.mark.parametrize("language", LEAST)
def test_every_page_is_whole_and_in_one_language(house: dict[str, User], language: str) -> None:
    """Administrators see every screen; the others their desk, and what administrators do not.

    That no address breaks for any role is shown by `tests/people/test_permission_walk.py`.
    """
    wrong, seen = [], set[tuple[Any, ...]]()
    desk = reverse("admin:index")
    for role in sorted(house, key=lambda one: one != roles.ADMINISTRATOR):
        client = Client()
        client.force_login(house[role])
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        pages = 0
        everything = role == roles.ADMINISTRATOR and language == "zh-hans"
        with pytest.MonkeyPatch.context() as menu:
            for url, status, page in walk(client, beginnings() if everything else [desk], seen):
                pages += 1
                if status not in (200, 301, 302, 403, 405):
                    wrong.append((role, url, str(status)))
                wrong += [(role, url, one) for words in page.words for one in faults(words, language)]
                # It stands around every page and is read with the desk, where the walk begins.
                menu.setattr(Site, "get_sidebar_list", lambda *_asked: [])
        assert pages > (LEAST[language] if role == roles.ADMINISTRATOR else 0), (role, pages)
        seen.discard(kind_of(desk))
    assert not wrong


@pytest.mark.parametrize("language", LEAST)
def test_forms_that_one_may_only_read_are_whole_too(house: dict[str, User], language: str) -> None:
    """Auditors see everything and change nothing: what others fill in stands before them as words."""
    client = Client()
    client.force_login(house[roles.AUDITOR])
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    wrong, read = [], 0
    pages = [url for url in beginnings() if url.endswith("/change/")]
    with pytest.MonkeyPatch.context() as menu:
        menu.setattr(Site, "get_sidebar_list", lambda *_asked: [])
        for url in pages:
            answer = client.get(url)
            if answer.status_code in (302, 403):
                continue
            read += 1
            page = Page(url)
            page.feed(answer.content.decode())
            wrong += [(url, one) for words in page.words for one in faults(words, language)]
            wrong += [(url, words) for words in page.words if words.strip() in ("[]", "{}", "None")]
    assert read > 25, read
    assert not wrong, "\n".join(map(str, wrong))


def test_no_list_asks_the_database_more_for_more_rows(house: dict[str, User]) -> None:
    """Each list with two rows on a page and with all of them: as many queries."""
    client = Client()
    client.force_login(house[roles.ADMINISTRATOR])
    more, looked_at = [], 0

    def asked(url: str) -> int:
        forget_all()
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url).status_code == 200
        return len(seen)

    for model, screen in admin.site._registry.items():
        if not (ours(model) or model is Group) or model._default_manager.count() < 4:
            continue
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") + "?everything=1"
        url = url if model._meta.model_name == "draft" else url.partition("?")[0]
        with pytest.MonkeyPatch.context() as few:
            few.setattr(Site, "get_sidebar_list", lambda *_asked: [])
            few.setattr(screen, "list_per_page", 2)
            little = asked(url)
            few.setattr(screen, "list_per_page", 200)
            much = asked(url)
        looked_at += 1
        # Where more than a page is there, the theme counts the rows once more.
        if much > little + 1:
            more.append((url, little, much))
    assert looked_at > 20, looked_at
    assert not more


def test_the_walk_finds_what_it_looks_for(house: dict[str, User]) -> None:
    """A walk that finds nothing must be able to find something."""
    assert faults("Wait", "zh-hans") == ["english: Wait"]
    assert faults("等待事项", "en") == ["chinese 等待事项: 等待事项"]
    assert faults("state waiting_internal_result", "en") == [
        "code waiting_internal_result: state waiting_internal_result"
    ]
    assert faults("Case 01a2143c-6f14-761b-aab3-6216da6f8a5b", "en")
    assert faults("User_groups object (17)", "en")
    assert faults("陈女士", "en") == [] == faults("等待事项", "zh-hans") == faults("Waiting items", "en")
