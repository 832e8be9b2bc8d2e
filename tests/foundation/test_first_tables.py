"""Tables that are made together are as if made one by one, and go together."""

from __future__ import annotations

import pytest
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import CreateModel
from django.db.migrations.state import ProjectState
from django.db.utils import ConnectionHandler

from foundation.first_tables import CreateTogether

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def row(name: str, target: str) -> CreateModel:
    return CreateModel(
        name, [("id", models.BigAutoField(primary_key=True)), ("other", models.ForeignKey(target, models.CASCADE, null=True))]
    )  # fmt: skip


def empty() -> BaseDatabaseWrapper:
    databases = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
    return ConnectionHandler(databases)["default"]


def made(connection: BaseDatabaseWrapper) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE sql LIKE 'CREATE %' ORDER BY name")
        return [sql for (sql,) in cursor.fetchall() if "sqlite_sequence" not in sql]


def test_together_is_as_one_by_one_and_goes_as_it_came() -> None:
    together, single = empty(), empty()
    before, state = ProjectState(), ProjectState()
    first = [row("Item", "room.item"), row("Part", "room.item"), row("Piece", "room.part")]
    both = CreateTogether(first)
    both.state_forwards("room", state)
    with together.schema_editor() as editor:
        both.database_forwards("room", editor, before, state)
    one = ProjectState()
    for operation in first:
        old = one.clone()
        operation.state_forwards("room", one)
        with single.schema_editor() as editor:
            operation.database_forwards("room", editor, old, one)

    assert len(made(together)) == 6, "three tables and an index for each that points to another"
    assert made(together) == made(single)
    assert both.describe() == "Create Item, Part, Piece"

    with together.schema_editor() as editor:
        both.database_backwards("room", editor, state, before)
    assert made(together) == []


def test_models_that_point_at_each_other_are_made_in_one_step() -> None:
    connection, state = empty(), ProjectState()
    assert state.apps is not None, "drawn already, as it is when an earlier room was made"
    both = CreateTogether([row("Item", "room.part"), row("Part", "room.item")])
    both.state_forwards("room", state)
    with connection.schema_editor() as editor:
        both.database_forwards("room", editor, ProjectState(), state)
    with connection.cursor() as cursor:
        for table, target in (("room_item", "room_part"), ("room_part", "room_item")):
            assert connection.introspection.get_relations(cursor, table)["other_id"][1] == target
