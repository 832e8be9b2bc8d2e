"""Messages per second from event to decision with evidence, and what it costs in round trips to the database."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from aijia import pump
from aijia.bench import company
from cases.deadlines import find_late, sweep_reminders
from cases.models import WaitingItem
from conversations.models import Message
from triage.engines.registry import engine
from triage.models import Decision


class Counting:
    """Counts statements that go to the database, by their first words."""

    def __init__(self) -> None:
        self.total = 0
        self.kinds: Counter[str] = Counter()

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        self.total += 1
        words = sql.split(None, 6)
        table = next((w for w in sql.replace('"', " ").split() if "_" in w and w.islower()), "")
        self.kinds[f"{words[0]} {table}"] += 1
        return execute(sql, params, many, context)


def measure_messages(*, customers: int, count: int, at: datetime) -> dict[str, object]:
    """Take in `count` everyday messages over `customers` groups, then work through all of them.

    :returns: rates per second of taking in, of understanding until the decision, and of both; round trips a message; the engine alone.
    """
    places = company.build(customers=customers, at=at)
    names = [f"{name}" for name in _names()]
    dice = random.Random(7)
    engine()
    took_in, worked, messages = Counting(), Counting(), 0
    seconds_in = seconds_work = 0.0
    moment = at + timedelta(minutes=1)
    while messages < count:
        batch = min(len(places), count - messages)
        started = time.perf_counter()
        with connection.execute_wrapper(took_in):
            for offset in range(batch):
                place, key = places[(messages + offset) % len(places)]
                company.say(messages + offset, place, key, names, dice=dice, at=moment)
        seconds_in += time.perf_counter() - started
        started = time.perf_counter()
        with connection.execute_wrapper(worked):
            while pump.work_through(moment):
                pass
        seconds_work += time.perf_counter() - started
        messages += batch
        moment += timedelta(minutes=7)
    if Message.objects.count() != messages or Decision.objects.count() != messages:
        raise RuntimeError("a message was lost on the way")
    return {
        "messages": messages,
        "event_to_decision_per_second": round(messages / (seconds_in + seconds_work), 1),
        "taken_in_per_second": round(messages / seconds_in, 1),
        "worked_through_per_second": round(messages / seconds_work, 1),
        "round_trips_per_message": round((took_in.total + worked.total) / messages, 1),
        "of_them_taking_in": round(took_in.total / messages, 1),
        "most_frequent": {kind: round(number / messages, 2) for kind, number in worked.kinds.most_common(25)},
    }


def _names() -> list[str]:
    from people.models import Customer

    return list(Customer.objects.values_list("name", flat=True))


def measure_sweep(*, open_items: int, due: int, at: datetime) -> dict[str, object]:
    """The deadline sweep with many open items: nothing due, then `due` at once.

    :returns: milliseconds of a sweep that finds nothing; seconds until all that is due is found and its reminders are rows, and until
        all of them are on record with evidence. What the process itself used stands beside the time on the wall.
    """
    company.many_items(open_items, at=at)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE cases_waitingitem")
    # What the messages before left open is reminded first.
    while sweep_reminders(at=at):
        pass
    idle, idle_cpu = [], []
    for _time in range(20):
        started, worked = time.perf_counter(), time.process_time()
        sweep_reminders(at=at)
        idle.append((time.perf_counter() - started) * 1000)
        idle_cpu.append((time.process_time() - worked) * 1000)
    chosen = list(WaitingItem.objects.filter(need__startswith="材料").values_list("pk", flat=True)[:due])
    WaitingItem.objects.filter(pk__in=chosen).update(due_at=at, remind_at=at)
    counting = Counting()
    started, worked = time.perf_counter(), time.process_time()
    made = 0
    with connection.execute_wrapper(counting):
        while find_late(at=at):
            pass
        found, found_cpu = time.perf_counter() - started, time.process_time() - worked
        while batch := sweep_reminders(at=at):
            made += len(batch)
    seconds, cpu = time.perf_counter() - started, time.process_time() - worked
    if made != due:
        raise RuntimeError(f"{due} were due and {made} reminded")
    return {
        "open_items": open_items,
        "nothing_due_ms": round(sorted(idle)[len(idle) // 2], 2),
        "nothing_due_cpu_ms": round(sorted(idle_cpu)[len(idle_cpu) // 2], 2),
        "due": due,
        "found_and_reminder_rows_written_s": round(found, 2),
        "of_it_on_the_processor_s": round(found_cpu, 2),
        "and_all_on_record_with_evidence_s": round(seconds, 2),
        "of_all_on_the_processor_s": round(cpu, 2),
        "round_trips_per_reminder": round(counting.total / due, 1),
    }
