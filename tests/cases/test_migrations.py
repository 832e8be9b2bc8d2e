"""A database that is filled already goes through the migrations with its rows: on the embedded default and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from cases import operations as cases
from cases.models import Material, ServiceCase, ServiceFlow
from cases.operations import Fact
from tests.builders import ME, NINE, company, say

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.once(on="postgres")]
BEFORE = ("cases", "0009_names_of_a_note")


@pytest.fixture
def newest_again() -> Iterator[None]:
    """Whatever happens, the next test finds the tables as they are now."""
    yield
    call_command("migrate", verbosity=0, interactive=False)


def go_to(*targets: tuple[str, str]) -> Any:
    """Migrate, and return the models as they were there."""
    executor = MigrationExecutor(connection)
    executor.migrate(list(targets))
    return MigrationExecutor(connection).loader.project_state(list(targets)).apps


def test_rows_of_before_keep_their_material_their_visits_and_what_may_be_told(newest_again: None) -> None:
    shop = company()
    wait = cases.open_wait(
        case=shop.case, state="waiting_customer_material", on=shop.contact, on_role="customer_contact", need="铭牌照片",
        need_kind="material", proof="image", count_needed=3, fact=Fact(ME, NINE, NINE),
    )  # fmt: skip
    for number in range(3):
        message = say(shop.group, "wmchen", "", at=NINE, key=f"picture{number}", attachments=("image",))
        cases.receive_materials(
            wait_id=wait.pk, attachments=list(message.attachments.all()), fact=Fact(ME, NINE, NINE, message)
        )
    kept = list(Material.objects.order_by("pk").values_list("pk", flat=True))

    old = go_to(BEFORE)
    flow = old.get_model("cases", "ServiceFlow").objects.get(key="repair")
    assert isinstance(flow.disclosure, list) and "public_id" not in {
        field.name for field in old.get_model("cases", "Material")._meta.fields
    }
    flow.disclosure = ["technician_surname", "visit_time"]
    flow.save()
    old.get_model("cases", "ServiceCase").objects.update(appointment_at=NINE)
    other = old.get_model("cases", "ServiceFlow").objects.create(
        key="empty", name="空", service_context="none", calendar_id=flow.calendar_id, supervisor_id=flow.supervisor_id,
        fallback_owner_id=flow.fallback_owner_id, disclosure=[],
    )  # fmt: skip
    past = old.get_model("cases", "HistoricalServiceFlow").objects.filter(id=flow.pk)
    past.update(disclosure=["tracking_number"])
    assert past.exists()

    call_command("migrate", verbosity=0, interactive=False)

    materials = list(Material.objects.order_by("pk"))
    assert [row.pk for row in materials] == kept
    ids = [row.public_id for row in materials]
    assert None not in ids and len(set(ids)) == 3 and ids == sorted(ids), "an id each, in the order in which they came"
    assert ServiceFlow.objects.get(pk=flow.pk).disclosure == {"technician_surname": "agreed", "visit_time": "always"}
    assert ServiceFlow.objects.get(pk=other.pk).disclosure == {"visit_time": "always", "tracking_number": "always"}
    assert set(map(str, ServiceFlow.history.filter(id=flow.pk).values_list("disclosure", flat=True))) == {
        "{'tracking_number': 'always'}"
    }
    case = ServiceCase.objects.get(pk=shop.case.pk)
    assert (case.appointment_at, case.appointment_until, case.visitor, case.visitor_phone) == (NINE, None, "", "")
    wait.refresh_from_db()
    assert (wait.state, wait.count_received) == ("material_received", 3)
