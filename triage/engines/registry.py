"""The engine that this installation uses (`TRIAGE_ENGINE`)."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.utils.module_loading import import_string

from triage.engines.base import Engine


@lru_cache(maxsize=4)
def _load(path: str) -> Engine:
    engine: Engine = import_string(path)()
    return engine


def engine() -> Engine:
    """The configured engine, loaded once."""
    return _load(settings.TRIAGE_ENGINE)
