"""Scores an engine against labelled rows: what `evaluate_triage` prints and what tests hold it to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

from triage.engines.base import Engine, PreviousTurn, Turn, WaitView
from triage.engines.local.engine import LocalEngine
from triage.engines.policy import SEVERE_TOPICS, decide_mode
from triage.engines.registry import local_engine
from triage.refine import refine

FIELDS = ("mode", "intent", "business_class", "service_context", "wait", "wait_state_after")
_AT = datetime(2026, 5, 11, 10, 0, tzinfo=timezone(timedelta(hours=8)))


def turn_of(row: dict[str, Any]) -> Turn:
    """The turn that a labelled row describes."""
    return Turn(
        text=row.get("text", ""),
        at=_AT,
        conversation_kind=row["conversation_kind"],
        sender_side=row["sender_side"],
        sender_known=bool(row.get("sender_known", True)),
        attachments=tuple(row.get("attachments", ())),
        mentions=tuple(row.get("mentions", ())),
        open_waits=tuple(
            WaitView(
                w["id"],
                w.get("case", ""),
                w["state"],
                w["on_role"],
                w.get("need", ""),
                w.get("proof", "none"),
                int(w.get("age_minutes", 0)),
            )
            for w in row.get("open_waits", ())
        ),
        previous=tuple(
            PreviousTurn(p["side"], p["text"], tuple(p.get("attachments", ()))) for p in row.get("previous", ())
        ),
        lang=row.get("lang", ""),
        industry=row.get("industry", ""),
    )


def row_of(turn: Turn) -> dict[str, Any]:
    """A turn as the row that `turn_of` makes it from again, but for its time, what is quoted and the names in reach; without labels."""
    return {
        "lang": turn.lang or "zh",
        "industry": turn.industry,
        "conversation_kind": turn.conversation_kind,
        "sender_side": turn.sender_side,
        "sender_known": turn.sender_known,
        "text": turn.text,
        "attachments": list(turn.attachments),
        "mentions": list(turn.mentions),
        "open_waits": [
            {
                "id": wait.ref,
                "case": wait.case_label,
                "state": wait.state,
                "on_role": wait.on_role,
                "need": wait.need,
                "proof": wait.proof,
                "age_minutes": wait.age_minutes,
            }
            for wait in turn.open_waits
        ],
        "previous": [
            {"side": line.side, "text": line.text, "attachments": list(line.attachments)} for line in turn.previous
        ],
    }


def predict_row(row: dict[str, Any], engine: Engine) -> dict[str, Any]:
    """The engine's answer for a row in the words of its `expect`, with reasons and confidences."""
    turn = turn_of(row)
    understanding = engine.understand(turn)
    local = engine if isinstance(engine, LocalEngine) else local_engine()
    first = refine(understanding.statements[0], turn, local)
    mode, reasons = decide_mode(first, turn)
    return {
        "business_class": first.business_class,
        "service_context": first.service_context,
        "intent": first.intent,
        "risk_topics": sorted(first.risk_topics),
        "mode": mode,
        "wait": first.wait_ref,
        "wait_state_after": first.wait_state_after,
        "reasons": list(reasons),
        "confidence": dict(first.confidence),
        "alerts": list(first.alerts),
        "signals": sorted(first.signals),
        "engine": understanding.engine,
        "notes": [note.as_json() for note in understanding.notes],
    }


Pairs = list[tuple[dict[str, Any], dict[str, Any]]]


def summarise(pairs: Pairs) -> dict[str, Any]:
    """Figures of labelled rows with their predictions: shares right by field, review recall, share falsely held, severe sends (ids).

    A row that does not carry a label counts for the others alone.
    """
    review = [p for r, p in pairs if r["expect"].get("mode") == "review"]
    other = [p for r, p in pairs if r["expect"].get("mode") in ("send", "record")]
    figures: dict[str, Any] = {"rows": len(pairs)}
    for field in FIELDS:
        told = [(r["expect"][field], p[field]) for r, p in pairs if field in r["expect"]]
        figures[field] = round(sum(want == got for want, got in told) / (len(told) or 1), 4)
    figures["review_recall"] = round(sum(p["mode"] == "review" for p in review) / (len(review) or 1), 4)
    figures["falsely_held"] = round(sum(p["mode"] == "review" for p in other) / (len(other) or 1), 4)
    figures["severe_sends"] = [
        r["id"] for r, p in pairs if p["mode"] == "send" and SEVERE_TOPICS & set(r["expect"].get("risk_topics", ()))
    ]
    return figures


def topic_table(pairs: Pairs) -> dict[str, dict[str, int]]:
    """For every risk topic: rows labelled with it, found among them, and found where it is not labelled."""
    topics: dict[str, dict[str, int]] = defaultdict(lambda: {"labelled": 0, "found": 0, "false": 0})
    for row, got in pairs:
        want, have = set(row["expect"].get("risk_topics", ())), set(got["risk_topics"])
        for topic in want:
            topics[topic]["labelled"] += 1
            topics[topic]["found"] += topic in have
        for topic in have - want:
            topics[topic]["false"] += 1
    return dict(sorted(topics.items()))


def calibration(pairs: Pairs, *, field: str = "intent", bins: int = 10) -> list[tuple[float, float, int, float]]:
    """How often the engine is right when it says how sure it is: (from, to, rows, share right) for every bin that has rows."""
    found: dict[int, list[bool]] = defaultdict(list)
    for row, got in pairs:
        sure = min(float(got["confidence"].get(field, 0.0)), 0.999)
        if field in row["expect"]:
            found[int(sure * bins)].append(row["expect"][field] == got[field])
    return [(n / bins, (n + 1) / bins, len(rows), sum(rows) / len(rows)) for n, rows in sorted(found.items())]


def reliability(pairs: Pairs) -> dict[str, list[tuple[float, float, int, float]]]:
    """Said against right, in tenths, on rows that the engine had not seen: how sure it was of the intent, and how likely it said a person is needed.

    :returns: for ``intent`` the share whose intent was right, for ``review`` the share labelled `review`.
    """
    found: dict[int, list[bool]] = defaultdict(list)
    for row, got in pairs:
        said = min(float(got["confidence"].get("p_review", 0.0)), 0.999)
        if "mode" in row["expect"]:
            found[int(said * 10)].append(row["expect"]["mode"] == "review")
    review = [(n / 10, (n + 1) / 10, len(rows), sum(rows) / len(rows)) for n, rows in sorted(found.items())]
    return {"intent": calibration(pairs), "review": review}


def calibration_error(bins: Iterable[tuple[float, float, int, float]]) -> float:
    """By how much what is said differs from what is right, over all rows (expected calibration error, by the middle of every bin)."""
    rows = list(bins)
    total = sum(count for _low, _high, count, _right in rows) or 1
    return sum(count * abs((low + high) / 2 - right) for low, high, count, right in rows) / total


def evaluate(rows: Iterable[dict[str, Any]], engine: Engine) -> dict[str, Any]:
    """Figures over all rows, per industry and per risk topic, and every row that came out wrong."""
    pairs = [(row, predict_row(row, engine)) for row in rows]
    by_industry: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = defaultdict(list)
    for row, got in pairs:
        by_industry[row.get("industry", "")].append((row, got))
    wrong = [
        {
            "id": r["id"],
            "text": r["text"],
            "wrong": {f: [r["expect"][f], p[f]] for f in FIELDS if f in r["expect"] and r["expect"][f] != p[f]},
            "topics": [r["expect"]["risk_topics"], p["risk_topics"]],
            "reasons": p["reasons"],
        }
        for r, p in pairs
        if any(f in r["expect"] and r["expect"][f] != p[f] for f in FIELDS)
    ]
    return {
        "all": summarise(pairs),
        "by_industry": {k: summarise(v) for k, v in sorted(by_industry.items())},
        "topics": topic_table(pairs),
        "wrong": wrong,
    }
