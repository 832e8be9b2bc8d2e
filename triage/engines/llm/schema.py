"""What a valid answer is. Anything else is refused as a whole: half an answer is none. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from review.presenters import ALERTS, TOPICS
from triage.engines.llm.client import Failure

CUSTOMERS_INTENTS = frozenset(
    {"reports_issue", "asks_question", "asks_progress", "provides_material", "confirms_completion", "confirms_appointment", "defers",
     "declines", "requests_change", "requests_remedy", "complains", "acknowledges", "chats"}
)  # fmt: skip
INTENTS: dict[str, frozenset[str]] = {
    "customer": CUSTOMERS_INTENTS,
    "unknown": CUSTOMERS_INTENTS,
    "partner": (CUSTOMERS_INTENTS - {"complains"}) | {"requests_cooperation", "reports_result"},
    "internal": (CUSTOMERS_INTENTS - {"complains", "requests_remedy"}) | {"requests_cooperation", "reports_result"},
}
CLASSES = frozenset({"marketing", "sales", "support", "after_sales", "membership", "unknown"})
CONTEXTS = frozenset(
    {"after_sales", "appointment", "material_collection", "progress", "callback", "partner_coordination", "none"}
)
#: Of what a model may notice, only what makes the handling more careful.
SIGNALS = frozenset({"hedged", "partial", "internal_only", "injection"})
MAX_PARTS = 8
MAX_TEXT = 2000


@dataclass(frozen=True)
class Read:
    """A valid reading of one statement, or of a part of it (`text`, as written there)."""

    statement: int
    text: str
    intent: str
    business_class: str
    service_context: str
    risk_topics: tuple[str, ...]
    alerts: tuple[str, ...]
    wait: str | None
    signals: tuple[str, ...]
    certainty: float


def _wrong(what: str) -> Failure:
    return Failure("wrong_schema", what, again=True)


def _one_of(row: dict[str, Any], key: str, allowed: Collection[str]) -> str:
    value = row.get(key)
    if not isinstance(value, str) or value not in allowed:
        raise _wrong(f"{key} is none of its codes")
    return value


def _some_of(row: dict[str, Any], key: str, allowed: Collection[str]) -> tuple[str, ...]:
    value = row.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) and one in allowed for one in value):
        raise _wrong(f"{key} holds what is no code")
    return tuple(dict.fromkeys(value))


def _certainty(row: dict[str, Any]) -> float:
    value = row.get("certainty")
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float))
        or not math.isfinite(value)
        or not 0 <= value <= 1
    ):
        raise _wrong("certainty is no number from 0 to 1")
    return float(value)


def readings(answer: dict[str, Any], *, side: str, statements: Sequence[str], waits: Collection[str]) -> list[Read]:
    """The readings of an answer, in the order of the statements. Keys that nobody asked for are not looked at.

    :param waits: ids of the items that were shown.
    :raises Failure: `wrong_schema`, when anything in it is not as it must be.
    """
    rows = answer.get("readings")
    if not isinstance(rows, list) or not 0 < len(rows) <= max(MAX_PARTS, len(statements)):
        raise _wrong("there are no readings, or too many")
    found = [_reading(row, side=side, count=len(statements), waits=waits) for row in rows]
    numbers = [one.statement for one in found]
    if len(statements) > 1:
        if sorted(numbers) != list(range(1, len(statements) + 1)):
            raise _wrong("not one reading for every statement")
        return sorted(found, key=lambda one: one.statement)
    if set(numbers) != {1}:
        raise _wrong("a reading of a statement that was not given")
    if len(found) > 1:
        _check_parts([one.text for one in found], statements[0])
    return found


def _reading(row: Any, *, side: str, count: int, waits: Collection[str]) -> Read:
    if not isinstance(row, dict):
        raise _wrong("a reading is no object")
    number = row.get("statement", 1 if count == 1 else None)
    if isinstance(number, bool) or not isinstance(number, int):
        raise _wrong("statement is no number")
    wait = row.get("wait")
    if wait is not None and (not isinstance(wait, str) or wait not in waits):
        raise _wrong("wait is no item that was shown")
    text = row.get("text", "") or ""
    if not isinstance(text, str):
        raise _wrong("text is no text")
    return Read(
        statement=number,
        text=text.strip(),
        intent=_one_of(row, "intent", INTENTS.get(side, CUSTOMERS_INTENTS)),
        business_class=_one_of(row, "business_class", CLASSES),
        service_context=_one_of(row, "service_context", CONTEXTS),
        risk_topics=_some_of(row, "risk_topics", TOPICS),
        alerts=_some_of(row, "alerts", ALERTS) if side in ("customer", "unknown") else (),
        wait=wait,
        signals=_some_of(row, "signals", SIGNALS),
        certainty=_certainty(row),
    )


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)


def _check_parts(parts: Sequence[str], whole: str) -> None:
    """Parts stand in the text as they are, one after the other, and leave out no more than joining words."""
    at, taken = 0, 0
    for part in parts:
        place = whole.find(part, at) if part else -1
        if place < 0:
            raise _wrong("a part does not stand in the text")
        at, taken = place + len(part), taken + len(_bare(part))
    if taken < 0.85 * len(_bare(whole)):
        raise _wrong("the parts leave something out")


def wording(answer: dict[str, Any]) -> str:
    """The text of an answer.

    :raises Failure: `wrong_schema`, when there is none.
    """
    text = answer.get("text")
    if not isinstance(text, str) or not text.strip() or len(text) > MAX_TEXT:
        raise _wrong("there is no text, or too much of it")
    return text.strip()
