"""How often each rule about what was said rings, and how often falsely: topics and alerts, by pattern alone and after the whole engine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from triage.engines.base import Engine
from triage.engines.evaluation import predict_row
from triage.engines.local.lexicons import lexicon

CUSTOMERS = frozenset({"customer", "unknown"})


@dataclass
class RuleRate:
    """One rule over labelled rows of customers: of `labelled` rows the pattern hears `heard`, the engine raises `raised`; of `others` the pattern
    rings in `false`, the engine in `raised_false`. An alert is false where the row needs no person."""

    name: str
    labelled: int = 0
    heard: int = 0
    raised: int = 0
    others: int = 0
    false: int = 0
    raised_false: int = 0


def rates_of(rows: Iterable[dict[str, Any]], engine: Engine) -> dict[str, dict[str, RuleRate]]:
    """The rates of all topics and alerts on labelled rows.

    :returns: ``topics`` and ``alerts``, each by name.
    """
    lex = lexicon()
    topics = {name: RuleRate(name) for name in lex.risks}
    alerts = {name: RuleRate(name) for name in lex.alerts}
    for row in rows:
        if row["sender_side"] not in CUSTOMERS:
            continue
        text, expect = str(row.get("text", "")), row["expect"]
        got = predict_row(row, engine)
        for name, rule in lex.risks.items():
            _count(
                topics[name],
                name in expect["risk_topics"],
                rule.matches(text, row["sender_side"]),
                name in got["risk_topics"],
            )
        for name, pattern in lex.alerts.items():
            _count(alerts[name], expect["mode"] == "review", bool(pattern.search(text)), name in got["alerts"])
    return {"topics": topics, "alerts": alerts}


def _count(rate: RuleRate, meant: bool, heard: bool, raised: bool) -> None:
    if meant:
        rate.labelled, rate.heard, rate.raised = rate.labelled + 1, rate.heard + heard, rate.raised + raised
    else:
        rate.others, rate.false, rate.raised_false = rate.others + 1, rate.false + heard, rate.raised_false + raised


def rings_in(texts: Iterable[str]) -> dict[str, list[str]]:
    """The customers' texts in which each topic or alert is heard, without labels: to be read by a person."""
    lex = lexicon()
    found: dict[str, list[str]] = {name: [] for name in (*lex.risks, *lex.alerts)}
    for text in texts:
        for name, rule in lex.risks.items():
            if rule.matches(text, "customer"):
                found[name].append(text)
        for name, pattern in lex.alerts.items():
            if pattern.search(text):
                found[name].append(text)
    return found
