"""One value each for many rows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.models import WaitingItem
from foundation.batches import set_each
from tests.builders import NINE, company
from tests.cases.test_deadlines import wait_of

pytestmark = pytest.mark.django_db


def test_each_row_gets_its_own_values_and_no_other_row_any() -> None:
    shop = company()
    rows = [wait_of(shop) for _number in range(5)]
    untouched = rows.pop()
    before = WaitingItem.objects.filter(pk=untouched.pk).values().get()
    for number, row in enumerate(rows):
        row.remind_at = NINE + timedelta(minutes=number) if number % 2 else None
        row.count_received, row.need = number, f"it's {number} %s"
    set_each(rows, ["remind_at", "count_received"], at_once=3)
    for number, row in enumerate(rows):
        kept = WaitingItem.objects.get(pk=row.pk)
        assert (kept.remind_at, kept.count_received) == (row.remind_at, number)
        assert kept.need == "铭牌照片", "only the named fields are written"
    assert WaitingItem.objects.filter(pk=untouched.pk).values().get() == before


def test_nothing_at_all_and_nothing_but_empty_values_are_written() -> None:
    set_each([], ["remind_at"])
    shop = company()
    rows = [wait_of(shop, due_at=NINE) for _number in range(2)]
    for row in rows:
        row.remind_at = None
    set_each(rows, ["remind_at"])
    assert not WaitingItem.objects.filter(remind_at__isnull=False, pk__in=[row.pk for row in rows]).exists()
    for row in rows:
        row.need = "它说“好”; -- %s"
    set_each(rows, ["need"])
    assert set(WaitingItem.objects.filter(pk__in=[row.pk for row in rows]).values_list("need", flat=True)) == {row.need}
