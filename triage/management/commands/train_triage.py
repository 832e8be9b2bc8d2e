"""Builds the labelled rows from the notes and trains the local engine's model; writes the model card."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from triage.engines.local.authoring import build
from triage.engines.local.model import DEFAULT
from triage.engines.local.training import card, cross_validate, read_rows, train

DATA = Path(__file__).resolve().parents[2] / "data"


class Command(BaseCommand):
    """Train the local triage model, reproducibly, from the project's own labelled rows."""

    help = "Train the local triage model from the labelled examples under triage/data."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where from, where to, and whether to measure."""
        parser.add_argument("--output", type=Path, default=DEFAULT)
        parser.add_argument("--data", type=Path, default=DATA)
        parser.add_argument("--no-cross-validation", action="store_true")
        parser.add_argument(
            "--extra", type=Path, help="a folder with further labelled rows (*.jsonl), such as your own"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Build, train, measure, write the card."""
        data: Path = options["data"]
        build(data / "authoring", data / "training")
        rows = read_rows(data / "training")
        if options["extra"]:
            rows += read_rows(options["extra"])
        facts = train(rows, options["output"], self.stdout.write)
        figures = {} if options["no_cross_validation"] else cross_validate(rows)
        (data / "model_card.md").write_text(card(facts, figures), encoding="utf-8")
        self.stdout.write(json.dumps({k: facts[k] for k in ("rows", "features", "version", "bytes")}))
