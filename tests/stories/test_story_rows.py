"""Stories become labelled rows: what the engine was asked, beside what the story expects."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from aijia.rehearsal_rows import labelled_rows, labels_of
from triage.engines.base import Turn
from triage.engines.evaluation import summarise
from triage.engines.local.model import LinearModel
from triage.engines.local.training import train

ROOT = Path(__file__).resolve().parents[2]
AT = datetime.fromisoformat("2026-05-11T09:00:00+08:00")


@pytest.mark.parametrize(
    ("policy", "expect", "labels"),
    [
        ("mature", {"intent": "defers", "mode": "record"}, {"intent": "defers", "mode": "record", "risk_topics": []}),
        ("mature", {"mode": "send", "risk_topics": []}, {"mode": "send", "risk_topics": []}),
        # Which of two cases is meant, or that nothing is published, cannot be heard in the words.
        ("mature", {"mode": "review", "risk_topics": {"include": ["case_uncertain"]}}, {}),
        ("mature", {"mode": "review", "risk_topics": {"include": ["refund"]}}, {"mode": "review"}),
        ("mature", {"mode": "review", "risk_topics": ["refund"]}, {"mode": "review", "risk_topics": ["refund"]}),
        ("mature", {"mode": "review"}, {}),
        ("review_first", {"intent": "asks_question", "mode": "review"}, {"intent": "asks_question"}),
        ("mature", {"case": "c1", "sent": True}, {}),
    ],
)
def test_what_a_step_says_of_its_message(policy: str, expect: dict[str, object], labels: dict[str, object]) -> None:
    assert labels_of({"policy": policy}, expect) == labels


def test_the_first_reading_of_a_message_counts_and_unread_ones_are_left_out() -> None:
    def turn(text: str) -> Turn:
        return Turn(text, AT, "customer_group", "customer")

    story = {
        "id": "x",
        "policy": "mature",
        "industry": "kites",
        "steps": [
            {"say": {"text": "在吗"}, "expect": {"mode": "record"}},
            {"say": {"text": "never read"}, "expect": {"intent": "chats"}},
            {"tick": True, "expect": {"overdue": []}},
            {"say": {"text": "线断了 "}, "expect": {"intent": "reports_issue", "mode": "send"}},
            {"say": {"text": "谢谢"}, "expect": {"case": "c1"}},
        ],
    }
    rows = labelled_rows(story, [turn("在吗"), turn("线断了"), turn("线断了"), turn("谢谢")])
    assert [(row["id"], row["text"], row["expect"].get("intent")) for row in rows] == [
        ("T-x-0", "在吗", None),
        ("T-x-3", "线断了", "reports_issue"),
    ]


def test_the_command_writes_rows_that_an_engine_learns_from_and_is_scored_on(tmp_path: Path) -> None:
    story, out = ROOT / "tests/stories/t03-visa-papers.yaml", tmp_path / "rows.jsonl"
    done = subprocess.run(
        [sys.executable, "manage.py", "rehearse", str(story), "--rows", str(out), "--quiet"],
        cwd=ROOT, env={**os.environ}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert rows
    assert all(row["expect"] and row["conversation_kind"] for row in rows)
    assert any(row["open_waits"] for row in rows)


def test_rows_that_lack_labels_teach_and_count_only_what_they_say(tmp_path: Path) -> None:
    base = {"conversation_kind": "private", "sender_side": "customer", "open_waits": []}

    def row(number: int, text: str, **expect: object) -> dict[str, object]:
        return {**base, "id": f"r{number}", "text": text, "expect": expect}

    late = {"business_class": "after_sales", "service_context": "after_sales"}
    soon = {"business_class": "sales", "service_context": "none"}
    rows = [
        *[row(n, f"要退钱 {n}", intent="requests_remedy", mode="review", risk_topics=["refund"], **late) for n in range(12)],
        *[row(n, f"怎么用 {n}", intent="asks_question", mode="send", risk_topics=[], **soon) for n in range(12, 24)],
        *[row(n, f"在吗 {n}", intent="chats", mode="record", business_class="unknown", service_context="progress", risk_topics=[]) for n in range(24, 36)],
        *[row(n, f"好的 {n}", intent="acknowledges") for n in range(36, 48)],
    ]  # fmt: skip
    facts = train(rows, tmp_path / "model.npz")
    assert facts["intents"] == {"requests_remedy": 12, "asks_question": 12, "chats": 12, "acknowledges": 12}
    heads = LinearModel.load(tmp_path / "model.npz").probabilities(["c好", "c的"])
    assert set(heads["mode"]) == {"review", "send", "record"}
    assert heads["intent"]["acknowledges"] > 0.5
    got = {"intent": "acknowledges", "mode": "record", "risk_topics": []}
    figures = summarise([(row(1, "好的", intent="acknowledges"), got)])
    assert (figures["intent"], figures["falsely_held"], figures["severe_sends"]) == (1.0, 0.0, [])
