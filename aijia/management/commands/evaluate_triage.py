"""Score the engine on labelled messages: one's own, before it is let speak (docs/evaluate_triage.md)."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from triage.engines.evaluation import FIELDS, calibration, predict_row, summarise, topic_table
from triage.engines.registry import engine
from triage.learning import follow_active_model

NEEDED = ("id", "conversation_kind", "sender_side")
POLICY = (
    "Supposed: the mature policy. Every kind of reply but holding_notice and other may go directly when nothing is risky; a published source "
    "exists for every plain question, and the state is known for every progress question."
)


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The labelled rows of a JSON-lines file.

    :raises CommandError: with the line, when one is no object or lacks what it needs.
    """
    rows = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path}: {error}") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise CommandError(f"{path}:{number}: no JSON: {error}") from error
        if not isinstance(row, dict) or any(key not in row for key in NEEDED):
            raise CommandError(f"{path}:{number}: a row needs {', '.join(NEEDED)}")
        rows.append(row)
    return rows


class Command(BaseCommand):
    """`manage.py evaluate_triage FILE.jsonl… --predictions OUT.jsonl`"""

    help = "Runs understand…gate over labelled rows, writes one prediction a row and prints scores."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE.jsonl")
        parser.add_argument("--predictions", type=Path, metavar="OUT.jsonl", help="write one prediction a row")
        parser.add_argument(
            "--engine", default="", metavar="local|llm", help="another engine than the one that is in use"
        )
        parser.add_argument("--wrong", action="store_true", help="print every row that came out wrong")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = [row for path in options["files"] for row in read_rows(path)]
        try:
            follow_active_model()
        except DatabaseError:
            self.stdout.write("There is no database yet: the model that ships with the product is scored.")
        if not rows:
            raise CommandError("There are no rows.")
        try:
            judge = engine(options["engine"])
        except ImportError as error:
            raise CommandError(f"There is no engine {options['engine']!r}: {error}") from error
        self.stdout.write(POLICY)
        pairs = [(row, predict_row(row, judge)) for row in rows]
        if options["predictions"]:
            with options["predictions"].open("w", encoding="utf-8") as file:
                for row, got in pairs:
                    file.write(json.dumps({"id": row["id"], **got}, ensure_ascii=False) + "\n")
        labelled = [(row, got) for row, got in pairs if isinstance(row.get("expect"), dict)]
        self.stdout.write(f"{len(rows)} rows, {len(labelled)} of them labelled; engine {judge.name} {judge.version}")
        self._outside(pairs)
        if labelled:
            self._scores(labelled)
            if options["wrong"]:
                self._wrong(labelled)

    def _outside(self, pairs: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
        """Say how often another engine than the local one was asked, and why it did not answer."""
        notes = Counter((note["outcome"], note.get("code", "")) for _row, got in pairs for note in got["notes"])
        for (outcome, code), count in sorted(notes.items()):
            self.stdout.write(f"  {outcome:<10}{code:<22}{count}")

    def _scores(self, labelled: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
        figures = summarise(labelled)
        self.stdout.write("")
        self.stdout.write(f"  review that came out review    {figures['review_recall']:.3f}")
        self.stdout.write(f"  send or record that was held    {figures['falsely_held']:.3f}")
        self.stdout.write(f"  severe rows that were sent      {len(figures['severe_sends'])} {figures['severe_sends']}")
        for field in FIELDS:
            self.stdout.write(f"  {field:<30}  {figures[field]:.3f}")
        self.stdout.write("\n  topic                 labelled  found  false")
        for topic, row in topic_table(labelled).items():
            self.stdout.write(f"  {topic:<22}{row['labelled']:>6}{row['found']:>8}{row['false']:>7}")
        self.stdout.write("\n  said to be sure of the intent    rows    right")
        for low, high, count, right in calibration(labelled):
            self.stdout.write(f"  {low:.1f} to {high:.1f}{count:>22}{right:>9.2f}")

    def _wrong(self, labelled: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
        for row, got in labelled:
            want = row["expect"]
            wrong = {f: (want.get(f), got[f]) for f in FIELDS if f in want and want.get(f) != got[f]}
            if wrong or set(want.get("risk_topics", ())) != set(got["risk_topics"]):
                topics = (sorted(want.get("risk_topics", ())), got["risk_topics"])
                self.stdout.write(
                    f"\n{row['id']} {row.get('text', '')}\n  {wrong} topics {topics} reasons {got['reasons']}"
                )
