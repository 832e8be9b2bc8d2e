"""The rooms' first migrations stand for those that came before: a database made by them goes on, one from half way is told so."""

from __future__ import annotations

import importlib

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

pytestmark = [pytest.mark.django_db, pytest.mark.once]
#: Rooms whose tables were made in several steps before the first installation.
GATHERED = [
    app.label for app in apps.get_app_configs()
    if app.label in ("evidence", "people", "conversations", "cases", "knowledge", "delivery", "review", "triage", "channels_wecom")
]  # fmt: skip


def forget(*names: tuple[str, str]) -> None:
    for app, name in names:
        assert MigrationRecorder.Migration.objects.filter(app=app, name=name).delete()[0], f"{app}.{name} is on record"


def test_a_database_made_step_by_step_goes_on_with_its_rows() -> None:
    forget(*((app, "0001_first") for app in GATHERED))

    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    executor.check_replacements()

    assert set(GATHERED) <= set(
        MigrationRecorder.Migration.objects.filter(name="0001_first").values_list("app", flat=True)
    )


@pytest.mark.parametrize("app", GATHERED)
def test_a_database_from_half_way_is_refused_by_name(app: str) -> None:
    steps = importlib.import_module(f"{app}.migrations.0001_first").Migration.replaces
    assert len(steps) > 1
    forget((app, "0001_first"), steps[-1])

    with pytest.raises(SystemCheckError, match=rf"{app}\.0001_first stands for .* {steps[-1][1]} is missing"):
        call_command("migrate", verbosity=0, interactive=False, skip_checks=False)


def test_a_database_with_all_or_none_of_the_steps_is_in_order() -> None:
    assert run_checks(databases=["default"], tags=["database"]) == []
    MigrationRecorder.Migration.objects.all().delete()
    assert run_checks(databases=["default"], tags=["database"]) == []
