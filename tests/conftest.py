"""What all tests share: which of them can run on this machine, and a loud word about those that cannot."""

from __future__ import annotations

import os
import shutil

import pytest
from django.conf import settings
from django.db import connection
from pytest_django import DjangoDbBlocker

from tests import template

REQUIRE = os.environ.get("AIJIA_REQUIRE_SERVICES") == "1"
_left_out: list[str] = []


def _missing(item: pytest.Item) -> str:
    if item.get_closest_marker("postgres") and "postgresql" not in settings.DATABASES["default"]["ENGINE"]:
        return "PostgreSQL"
    if item.get_closest_marker("redis") and not settings.REDIS_URL:
        return "Redis"
    if item.get_closest_marker("browser") and not shutil.which("chromium"):
        return "Chromium"
    return ""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this run's services cannot carry; the second run of `make test` has them."""
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


@pytest.fixture(autouse=True)
def nothing_is_remembered() -> None:
    """What a process remembers of one test's rows must not reach the next."""
    from foundation.remembering import forget_all

    forget_all()
