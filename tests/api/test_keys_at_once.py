"""Calls at once with one key: real connections, so rows of its own."""

from __future__ import annotations

import threading

import pytest
from django.db import connections
from django.utils import timezone

from cases.models import CaseNote
from tests.api.conftest import Caller, Make
from tests.builders import company


@pytest.mark.django_db(transaction=True)
def test_two_calls_at_once_with_one_key_write_once(make: Make) -> None:
    shop = company(timezone.now())
    caller, answers = make(shop.handler), []
    path, together = f"/cases/{shop.case.public_id}/notes/", threading.Barrier(4)

    def run() -> None:
        together.wait()
        one = Caller(caller.staff, headers=caller.headers)
        answers.append(one.post(path, {"note": "一次"}, **{"Idempotency-Key": "k"}))
        connections.close_all()

    threads = [threading.Thread(target=run) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert CaseNote.objects.count() == 1
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len([answer for answer in answers if "Idempotent-Replay" in answer.headers]) == 3
