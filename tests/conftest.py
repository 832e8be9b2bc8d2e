"""What all tests share: which of them can run on this machine, and a loud word about those that cannot."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.template import Template
from django.test.utils import _TestState
from pytest_django import DjangoDbBlocker

from tests import template
from tests.builders import Company, company

REQUIRE = os.environ.get("AIJIA_REQUIRE_SERVICES") == "1"
#: Two runs beside each other share what is the same on every database.
BOTH_HALVES = os.environ.get("AIJIA_BOTH_HALVES") == "1"
ON_POSTGRES = "postgresql" in settings.DATABASES["default"]["ENGINE"]
_left_out: list[str] = []


def _missing(item: pytest.Item) -> str:
    if item.get_closest_marker("postgres") and not ON_POSTGRES:
        return "PostgreSQL"
    if item.get_closest_marker("redis") and not settings.REDIS_URL:
        return "Redis"
    if item.get_closest_marker("browser") and not shutil.which("chromium"):
        return "Chromium"
    return ""


def _same_everywhere(item: pytest.Item) -> bool:
    """Whether a test shows the same on every database: it says so, or has to do with no service at all."""
    if any(item.get_closest_marker(name) for name in ("postgres", "redis")):
        return False
    return item.get_closest_marker("once") is not None or not (
        item.get_closest_marker("django_db")
        or item.get_closest_marker("browser")
        or {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))
    )


def _language(item: pytest.Item) -> str:
    """In which language a test looks at a page, where it does so in each."""
    given = item.callspec.params.get("language") if hasattr(item, "callspec") else None
    return given if isinstance(given, str) else ""


def _shown_by_the_other(item: pytest.Item) -> bool:
    """Whether the other half of `make test` has this test.

    What is the same everywhere is in the first, or where its mark says (`once(on="postgres")`). A page that is looked at in each language is seen in
    English here and in the others there: no word depends on the database, and both databases fill the page.
    """
    mark = item.get_closest_marker("once")
    if BOTH_HALVES and mark is None and _language(item) and not _same_everywhere(item):
        return (_language(item) == "en") is ON_POSTGRES
    there = BOTH_HALVES and mark is not None and mark.kwargs.get("on") == "postgres"
    return not there and _same_everywhere(item) if ON_POSTGRES else there


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this run's services cannot carry, the second run of `make test` has them; and what the other half shows."""
    config.hook.pytest_deselected(items=[item for item in items if _shown_by_the_other(item)])
    items[:] = [item for item in items if not _shown_by_the_other(item)]
    for item in items:
        missing = _missing(item)
        if not missing:
            continue
        if missing == "Chromium" and REQUIRE:
            continue  # let it fail
        item.add_marker(pytest.mark.skip(reason=f"needs {missing}"))
        _left_out.append(f"{item.nodeid} (needs {missing})")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which tests did not run, and why."""
    if _left_out:
        terminalreporter.write_line(f"{len(_left_out)} tests did not run here: they need another service:")
        for line in _left_out[:20]:
            terminalreporter.write_line(f"  {line}")


def _flush_what_is_full(
    self: Any, style: Any, tables: list[str], *, reset_sequences: bool = False, allow_cascade: bool = False
) -> list[str]:
    """On PostgreSQL, empty the tables that hold rows instead of truncating every one, which takes a second and more.

    What each of the tests finds again (kinds of rows and permissions) stays. Only who may switch the constraints off for it can do so.
    """
    name = self.quote_name
    with self.connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if reset_sequences or not tables or not cursor.fetchone()[0]:
            return _truncate_all(self, style, tables, reset_sequences=reset_sequences, allow_cascade=allow_cascade)
        cursor.execute(" UNION ALL ".join(f"(SELECT '{table}' FROM {name(table)} LIMIT 1)" for table in tables))
        full = sorted({table for (table,) in cursor.fetchall()} - {"django_content_type", "auth_permission"})
    return ["SET LOCAL session_replication_role = replica", *(f"DELETE FROM {name(table)}" for table in full)]


if ON_POSTGRES:
    from django.db.backends.postgresql.operations import DatabaseOperations

    _truncate_all = DatabaseOperations.sql_flush
    DatabaseOperations.sql_flush = _flush_what_is_full


@pytest.fixture
def unwatched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are drawn as in life, without a copy of everything that each template is given: for tests that read pages only."""
    monkeypatch.setattr(Template, "_render", _TestState.saved_data.template_render)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Begin with the database that an earlier run of the same migrations made, where there is one (SQLite only)."""
    name = settings.DATABASES["default"].get("TEST", {}).get("NAME")
    return bool(name) and template.take(name)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_keepdb: bool, django_db_blocker: DjangoDbBlocker) -> None:
    """Keep what the migrations made, for the next run."""
    name = settings.DATABASES["default"].get("TEST", {}).get("NAME")
    if name and not django_db_keepdb:
        with django_db_blocker.unblock():
            connection.close()
        template.keep(name)


@pytest.fixture(scope="module")
def module_rows(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Keep the rows that module-scoped fixtures make until the last test of the module; what a test does to them is taken back after it.

    A fixture of the tests gives each of them a `deepcopy` of the objects. Not for modules with transactional tests: other connections
    do not see these rows, and wait for them.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def _built(module_rows: None) -> Company:
    return company()


@pytest.fixture
def ready(_built: Company, db: None) -> Company:
    """The builders' company on its Monday morning, built once a module."""
    return deepcopy(_built)


@pytest.fixture(autouse=True)
def nothing_is_remembered() -> None:
    """What a process remembers of one test's rows must not reach the next."""
    from foundation.remembering import forget_all

    forget_all()
