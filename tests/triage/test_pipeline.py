"""Working through conversations: in order, once, by one worker, and never stopped by one bad message."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections

from aijia import pump
from cases import deadlines
from cases import operations as cases
from cases.models import Reminder
from cases.operations import Fact
from conversations.models import Conversation, Message
from delivery import ports
from tests.builders import ME, NINE, Company, company, say
from triage.models import Decision
from triage.operations import queue


@pytest.fixture(autouse=True)
def capturing(settings: object) -> None:
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"  # type: ignore[attr-defined]
    ports._load.cache_clear()


@pytest.mark.django_db
def test_the_same_message_twice_changes_nothing() -> None:
    shop = company()
    for _time in range(2):
        say(shop.group, "wmchen", "好的谢谢", at=NINE, key="m1")
        pump.drain(NINE, channel=False)
    assert Message.objects.count() == 1 and Decision.objects.count() == 1


@pytest.mark.django_db
def test_a_message_that_cannot_be_worked_through_goes_to_a_person_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop = company()
    real = queue.process_turn

    def fails(*, turn: list[Message], **more: object) -> object:
        if any(message.text == "坏的" for message in turn):
            raise RuntimeError("odd")
        return real(turn=turn, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(queue, "process_turn", fails)
    say(shop.group, "wmchen", "坏的", at=NINE)
    say(shop.group, "wmchen", "好的谢谢", at=NINE + timedelta(seconds=5))
    for minute in range(10):
        pump.drain(NINE + timedelta(minutes=minute), channel=False)
    assert list(Decision.objects.order_by("pk").values_list("mode", flat=True)) == ["review", "record"]
    assert Conversation.objects.get(pk=shop.group.pk).triaged_position == 2


@pytest.mark.django_db
def test_a_lease_that_is_held_keeps_others_away_until_it_ends() -> None:
    shop = company()
    say(shop.group, "wmchen", "好的谢谢", at=NINE)
    Conversation.objects.filter(pk=shop.group.pk).update(lease_until=NINE + timedelta(minutes=1))
    assert queue.list_untriaged(at=NINE) == []
    assert queue.list_untriaged(at=NINE + timedelta(minutes=2)) == [shop.group.pk]


def overdue_item(shop: Company) -> None:
    cases.open_wait(
        case=shop.case, state="waiting_customer_material", on=shop.contact, on_role="customer_contact", need="铭牌照片",
        fact=Fact(ME, NINE, NINE), due_at=NINE + timedelta(hours=1),
    )  # fmt: skip


@pytest.mark.django_db
def test_an_overdue_item_reminds_its_owner_once_and_the_supervisor_a_working_day_later() -> None:
    shop = company()
    overdue_item(shop)
    for at in (NINE + timedelta(minutes=59), NINE + timedelta(hours=1), NINE + timedelta(hours=2)):
        pump.drain(at, channel=False, deadlines=True)
    assert [r.recipient for r in Reminder.objects.all()] == [shop.handler]
    for at in (NINE + timedelta(days=1, hours=1), NINE + timedelta(days=2), NINE + timedelta(days=9)):
        pump.drain(at, channel=False, deadlines=True)
    assert [r.recipient for r in Reminder.objects.order_by("pk")] == [shop.handler, shop.supervisor]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_sweepers_remind_once() -> None:
    shop = company()
    for _item in range(20):
        overdue_item(shop)
    made: list[int] = []

    def sweep() -> None:
        made.append(len(deadlines.sweep_reminders(at=NINE + timedelta(hours=2))))
        connections.close_all()

    threads = [threading.Thread(target=sweep) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) == 20 and Reminder.objects.count() == 20


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_conversation_decide_every_message_once() -> None:
    assert connection.vendor == "postgresql"
    shop = company()
    for number in range(10):
        say(shop.group, "wmchen", f"好的谢谢{number}", at=NINE + timedelta(seconds=number))
    done: list[int] = []

    def work() -> None:
        done.append(queue.process_conversation(conversation_id=shop.group.pk, at=NINE))
        connections.close_all()

    threads = [threading.Thread(target=work) for _number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    queue.process_conversation(conversation_id=shop.group.pk, at=NINE)
    assert Decision.objects.count() == 10
