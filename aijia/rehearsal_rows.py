"""Labelled rows from stories: what the engine was asked at a step, beside what the story expects of it."""

from __future__ import annotations

from typing import Any

from triage.engines.base import Turn, Understanding, WaitView
from triage.engines.local.engine import LocalEngine
from triage.engines.local.training import SKIP_TOPICS
from triage.engines.registry import engine

LABELS = ("intent", "business_class", "service_context")


class HearingEngine(LocalEngine):
    """The local engine, which remembers every turn that it was asked about, in order."""

    def __init__(self) -> None:
        """Nothing heard yet."""
        super().__init__()
        self.heard: list[Turn] = []

    def understand(self, turn: Turn) -> Understanding:
        """As the local engine does."""
        self.heard.append(turn)
        return super().understand(turn)


def heard() -> list[Turn]:
    """The turns since this was last asked; the configured engine has to be a `HearingEngine`."""
    listener = engine()
    if not isinstance(listener, HearingEngine):
        raise TypeError("rows are taken only where TRIAGE_ENGINE is the hearing engine")
    turns, listener.heard = listener.heard, []
    return turns


def labels_of(story: dict[str, Any], expect: dict[str, Any]) -> dict[str, Any]:
    """What a step says of its message in the words of a labelled row; what it leaves open is left out.

    A careful installation holds everything, so that its modes say nothing of a message; nor does a review for which the story names no topic that can be
    heard in the words (no source was published, two cases fit). What may go out or is only recorded has no risk topic.
    """
    found: dict[str, Any] = {field: expect[field] for field in LABELS if isinstance(expect.get(field), str)}
    topics = expect.get("risk_topics")
    named = topics.get("include", []) if isinstance(topics, dict) else topics or []
    if story.get("policy") == "mature" and (
        ("mode" in expect and expect["mode"] != "review") or set(named) - SKIP_TOPICS
    ):
        found["mode"] = expect.get("mode", "review")
    if isinstance(topics, list):
        found["risk_topics"] = topics
    elif topics is None and expect.get("mode") in ("send", "record"):
        found["risk_topics"] = []
    return found


def _wait(wait: WaitView) -> dict[str, Any]:
    return {
        "id": wait.ref, "case": wait.case_label, "state": wait.state, "on_role": wait.on_role, "need": wait.need, "proof": wait.proof,
        "age_minutes": wait.age_minutes,
    }  # fmt: skip


def labelled_rows(story: dict[str, Any], turns: list[Turn]) -> list[dict[str, Any]]:
    """A row for every message that was understood by itself and of which the story says something.

    :param turns: what the engine was asked while the story was played, in order. Of a message that was read several times the first reading counts:
        the items stand as they were before it.
    """
    rows, ahead = [], list(turns)
    for number, entry in enumerate(story["steps"]):
        if "say" not in entry:
            continue
        text = (entry["say"].get("text") or "").strip()
        at = next((place for place, turn in enumerate(ahead) if turn.text.strip() == text), None)
        if at is None:
            continue
        turn = ahead[at]
        del ahead[: at + 1]
        labels = labels_of(story, entry.get("expect") or {})
        if not labels:
            continue
        rows.append(
            {
                "id": f"T-{story['id']}-{number}",
                "lang": turn.lang or "zh",
                "industry": story.get("industry", ""),
                "conversation_kind": turn.conversation_kind,
                "sender_side": turn.sender_side,
                "sender_known": turn.sender_known,
                "text": turn.text,
                "attachments": list(turn.attachments),
                "mentions": list(turn.mentions),
                "open_waits": [_wait(wait) for wait in turn.open_waits],
                "previous": [
                    {"side": row.side, "text": row.text, "attachments": list(row.attachments)}
                    for row in turn.previous[-1:]
                ],
                "expect": labels,
            }
        )
    return rows
