"""Signing in: guessing locks the name at that address for a while, and nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from people.models import User

pytestmark = pytest.mark.django_db
LOGIN = "/admin/login/"


def attempt(password: str, *, name: str = "lin", address: str = "10.0.0.1") -> int:
    return (
        Client().post(LOGIN, {"username": name, "password": password}, REMOTE_ADDR=address).status_code
    )  # 302 is in, 200 is the form again, 429 is locked


def test_after_failed_tries_even_the_right_password_waits() -> None:
    for name in ("lin", "he"):
        User.objects.create_user(name, password="right-one", is_staff=True)
    assert attempt("right-one") == 302
    for _try in range(8):
        attempt("wrong")
    assert attempt("right-one") == 429
    assert attempt("right-one", address="10.0.0.2") == 302
    assert attempt("right-one", name="he") == 302
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert attempt("right-one") == 302
