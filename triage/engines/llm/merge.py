"""What a model says, held against the local engine: it adds care and meaning, it takes no care away. Pure.

The table that decides (`review` is the most careful; `record` says nothing):

| local \\ model | send | review | record |
| --- | --- | --- | --- |
| send | the model's reading | review | the local reading, review |
| review | review | review | review |
| record | review | review | the model's reading |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from triage.engines.base import StatementReading, Turn
from triage.engines.llm.schema import Read
from triage.engines.local import waits
from triage.engines.local.engine import LocalEngine
from triage.engines.policy import decide_mode
from triage.refine import refine

#: How far a model's own word counts: as a certainty at most, where it differs from the local engine, and of a risk topic.
MOST_SURE, SURE_ALONE, TOPIC_SURE = 0.9, 0.75, 0.75
#: A local reading this sure stands against a model that is less sure than `MODEL_SURE`.
LOCAL_SURE, MODEL_SURE = 0.92, 0.8
DISAGREE = "engines_disagree"
_CARE = {"review": 0, "send": 1, "record": 2}


def merge(
    base: Sequence[StatementReading], found: Sequence[Read], turn: Turn, local: LocalEngine
) -> tuple[StatementReading, ...]:
    """The statements of a turn, the one that needs most care first."""
    if len(base) == 1 and len(found) > 1:
        merged = [_part(read, turn, local) for read in found]
        merged = _with_all_care(merged, base[0], turn)
    else:
        merged = [_merged(row, read, turn, local) for row, read in zip(base, found, strict=True)]
    return tuple(sorted(merged, key=lambda row: _CARE[decide_mode(row, turn)[0]]))


def _part(read: Read, turn: Turn, local: LocalEngine) -> StatementReading:
    own = replace(turn, text=read.text)
    return _merged(refine(local.understand(own).statements[0], own, local), read, own, local)


def _with_all_care(merged: list[StatementReading], whole: StatementReading, turn: Turn) -> list[StatementReading]:
    """Parts that together keep what the local engine saw in the whole."""
    topics = {
        topic: sure for topic, sure in whole.risk_topics.items() if not any(topic in row.risk_topics for row in merged)
    }
    alerts = tuple(alert for alert in whole.alerts if not any(alert in row.alerts for row in merged))
    head = merged[0]
    head = replace(head, risk_topics={**head.risk_topics, **topics}, alerts=(*head.alerts, *alerts))
    rows = [head, *merged[1:]]
    held = decide_mode(whole, turn)[0] == "review"
    if held and not any(decide_mode(row, turn)[0] == "review" for row in rows):
        rows[0] = replace(head, signals=head.signals | {DISAGREE})
    return rows


def _merged(row: StatementReading, read: Read, turn: Turn, local: LocalEngine) -> StatementReading:
    own = replace(turn, text=row.text)
    if read.wait not in {wait.ref for wait in waits.candidates(turn)}:
        read = replace(read, wait=None)  # what another side owes is not answered by this one
    same = read.intent == row.intent
    sure = row.confidence.get("intent", 0.0)
    if not same and sure >= LOCAL_SURE and read.certainty < MODEL_SURE:
        return _careful(_with_care(row, row, read), row, turn)
    if same:
        new = replace(
            row,
            confidence={**row.confidence, "intent": max(sure, min(read.certainty, MOST_SURE))},
            wait_ref=row.wait_ref or read.wait,
            wait_confidence=row.wait_confidence if row.wait_ref or not read.wait else SURE_ALONE,
        )
        if row.wait_ref is None and read.wait is not None:
            again = _again(own, read, local)
            topics = {**again.risk_topics, **new.risk_topics}
            new = replace(new, wait_state_after=again.wait_state_after, risk_topics=topics)
    else:
        again = _again(own, read, local)
        new = replace(
            again,
            text=row.text,
            confidence={
                **again.confidence,
                "intent": min(read.certainty, SURE_ALONE),
                "p_review": max(again.confidence.get("p_review", 0.0), row.confidence.get("p_review", 0.0)),
                "p_trouble": max(again.confidence.get("p_trouble", 0.0), row.confidence.get("p_trouble", 0.0)),
            },
            # Where the rules will not have it that this says nothing, model and rules disagree.
            signals=again.signals | row.signals | ({DISAGREE} if again.intent != read.intent else set()),
        )
    new = replace(new, business_class=read.business_class, service_context=read.service_context)
    new = _with_care(new, row, read)
    if row.wait_ref and read.wait and row.wait_ref != read.wait:
        new = replace(new, signals=new.signals | {DISAGREE})
    return _careful(new, row, turn)


def _again(own: Turn, read: Read, local: LocalEngine) -> StatementReading:
    """The local rules for what the model took it for: the topics that come with such an act here, and where its item stands after it."""
    return refine(local.read_as(own, intent=read.intent, wait_ref=read.wait), own, local)


def _with_care(new: StatementReading, row: StatementReading, read: Read) -> StatementReading:
    """All topics, alerts and doubts of both; none is ever dropped."""
    topics = dict.fromkeys(read.risk_topics, TOPIC_SURE)
    for known in (new.risk_topics, row.risk_topics):
        for topic, sure in known.items():
            topics[topic] = max(sure, topics.get(topic, 0.0))
    return replace(
        new,
        risk_topics=topics,
        alerts=tuple(dict.fromkeys((*row.alerts, *new.alerts, *read.alerts))),
        signals=new.signals | set(read.signals),
        mode_hint="review" if "review" in (row.mode_hint, new.mode_hint) else row.mode_hint,
    )


def _careful(new: StatementReading, row: StatementReading, turn: Turn) -> StatementReading:
    """The table above: no reading goes out, or is kept silent, on the model's word alone."""
    before, after = decide_mode(row, turn)[0], decide_mode(new, turn)[0]
    if before == "send" and after == "record":
        new = replace(
            row,
            risk_topics=new.risk_topics,
            alerts=new.alerts,
            signals=row.signals | new.signals | {DISAGREE},
        )
    elif (before == "review" and after != "review") or (before == "record" and after == "send"):
        new = replace(new, signals=new.signals | {DISAGREE})
    return replace(new, reasons=decide_mode(new, turn)[1])
