"""The engine that this installation uses (`TRIAGE_ENGINE`), and the local one, which rules and clocks always read by."""

from __future__ import annotations

from functools import lru_cache
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from triage.engines.base import Engine
from triage.engines.local.engine import LocalEngine

#: What an engine may be called in the environment and on the command line.
PATHS = {"local": "triage.engines.local.engine.LocalEngine", "llm": "triage.engines.llm.engine.LlmEngine"}


@lru_cache(maxsize=4)
def _load(path: str) -> Engine:
    engine: Engine = import_string(path)()
    return engine


def engine(name: str = "") -> Engine:
    """The configured engine, loaded once; or another one by its name or dotted path."""
    path = name or settings.TRIAGE_ENGINE
    return _load(PATHS.get(path, path))


def local_engine() -> LocalEngine:
    """The engine that asks nobody: quick, and free to be called inside a transaction."""
    return cast(LocalEngine, _load(PATHS["local"]))
