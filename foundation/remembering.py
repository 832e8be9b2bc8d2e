"""Configuration that is read at every message and changed once a week: remembered in the process for a short while.

What another process changes is seen when the time is over; what this process changes is seen at once (`forget_on_change`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from django.db.models import Model
from django.db.models.signals import post_delete, post_save

Value = TypeVar("Value")
_all: list[Remembered] = []  # type: ignore[type-arg]


class Remembered(Generic[Value]):
    """A value that is loaded when it is asked for and kept for some seconds. Safe to call from several threads.

    :param load: reads the value. :param seconds: how long it is kept.
    """

    def __init__(self, load: Callable[[], Value], *, seconds: float) -> None:
        self._load, self._seconds = load, seconds
        self._kept: tuple[float, Value] | None = None
        self._lock = threading.Lock()
        _all.append(self)

    def __call__(self) -> Value:
        """The value."""
        kept = self._kept
        now = time.monotonic()
        if kept is not None and now < kept[0]:
            return kept[1]
        value = self._load()
        with self._lock:
            self._kept = (now + self._seconds, value)
        return value

    def forget(self, **_signal: object) -> None:
        """Load it anew when it is asked for next."""
        with self._lock:
            self._kept = None

    def forget_on_change(self, *models: type[Model]) -> None:
        """Forget whenever a row of these models is saved or deleted in this process."""
        for model in models:
            post_save.connect(self.forget, sender=model, weak=False)
            post_delete.connect(self.forget, sender=model, weak=False)


def forget_all() -> None:
    """Forget everything that is remembered (tests, and after bulk changes)."""
    for one in _all:
        one.forget()
