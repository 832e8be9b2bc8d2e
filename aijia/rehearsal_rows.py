"""Labelled rows from stories: what the engine was asked at a step, beside what the story expects of it."""

from __future__ import annotations

from typing import Any

from triage.engines.base import Turn, Understanding
from triage.engines.evaluation import row_of
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
        row = row_of(turn)
        # Nothing that is learned looks further back than the line before.
        row |= {
            "id": f"T-{story['id']}-{number}",
            "industry": story.get("industry", ""),
            "previous": row["previous"][-1:],
        }
        rows.append({**row, "expect": labels})
    return rows
