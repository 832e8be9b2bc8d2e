"""The lexicon files, compiled once: readable patterns in `lexicon/*.yaml` become clues, risks, alerts and signals."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from foundation.patterns import mixed

FOLDER = Path(__file__).parent / "lexicon"


def _compile(patterns: list[str]) -> re.Pattern[str] | None:
    return mixed(*patterns) if patterns else None


@dataclass(frozen=True)
class RiskRule:
    """A risk topic's patterns, what takes them back, and whose words they hold for."""

    topic: str
    hit: re.Pattern[str]
    unless: re.Pattern[str] | None
    sides: frozenset[str]

    def matches(self, text: str, side: str) -> bool:
        """Whether the text holds the topic: hits inside a taken-back stretch do not count."""
        if side not in self.sides:
            return False
        spans = [m.span() for m in self.unless.finditer(text)] if self.unless else []
        for m in self.hit.finditer(text):
            if not any(m.start() < e and s < m.end() for s, e in spans):
                return True
        return False


@dataclass(frozen=True)
class Lexicon:
    """All compiled groups."""

    clues: dict[str, re.Pattern[str]]
    risks: dict[str, RiskRule]
    alerts: dict[str, re.Pattern[str]]
    signals: dict[str, re.Pattern[str]]
    need: dict[str, re.Pattern[str]]


def _load(name: str) -> dict[str, Any]:
    loaded = yaml.load(
        (FOLDER / name).read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    )
    return dict(loaded)


def _groups(raw: dict[str, list[str]]) -> dict[str, re.Pattern[str]]:
    return {key: compiled for key, patterns in raw.items() if (compiled := _compile(patterns)) is not None}


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The lexicon, read and compiled at first use."""
    signals = _load("signals.yaml")
    risks: dict[str, RiskRule] = {}
    for topic, rule in _load("risks.yaml").items():
        hit = _compile(rule["hit"])
        if hit is not None:
            sides = frozenset(rule.get("side", ["customer", "unknown"]))
            risks[topic] = RiskRule(topic, hit, _compile(rule.get("unless", [])), sides)
    return Lexicon(
        clues=_groups(_load("intents.yaml")),
        risks=risks,
        alerts=_groups(signals["alerts"]),
        signals=_groups(signals["signals"]),
        need=_groups(signals["need"]),
    )
