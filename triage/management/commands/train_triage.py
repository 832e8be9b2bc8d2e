"""Builds the labelled rows from the notes and trains the local engine's model; writes the model card. With the team's examples: a candidate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from foundation.actors import Actor
from foundation.errors import DomainError
from triage.engines.local import clauses
from triage.engines.local.authoring import build
from triage.engines.local.clauses import read_clauses
from triage.engines.local.model import DEFAULT
from triage.engines.local.training import card, cross_validate, measure_cost, read_rows, train, train_clauses

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
        parser.add_argument(
            "--with-reviews",
            action="store_true",
            help="learn from what the team confirmed and corrected: makes a candidate beside the model in use, and switches nothing",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Build, train, measure, write the card."""
        data: Path = options["data"]
        if options["with_reviews"]:
            self._with_reviews(data, options["extra"])
            return
        build(data / "authoring", data / "training")
        rows = read_rows(data / "training")
        if options["extra"]:
            rows += read_rows(options["extra"])
        facts = train(rows, options["output"], self.stdout.write)
        if options["output"] == DEFAULT:
            facts["clauses"] = train_clauses(read_clauses(data / "clauses"), clauses.DEFAULT)
            self.stdout.write(json.dumps(facts["clauses"]))
            facts["cost"] = measure_cost(rows)
        figures = {} if options["no_cross_validation"] else cross_validate(rows)
        (data / "model_card.md").write_text(card(facts, figures), encoding="utf-8")
        self.stdout.write(json.dumps({k: facts[k] for k in ("rows", "features", "version", "bytes")}))

    def _with_reviews(self, data: Path, extra: Path | None) -> None:
        """A candidate for a person to look at. Nothing in the package is written."""
        from triage.retraining import make_candidate
        from triage.retraining_figures import comparison

        rows = read_rows(data / "training") + (read_rows(extra) if extra else [])
        try:
            candidate = make_candidate(
                project_rows=rows, actor=Actor.machine("train_triage"), at=timezone.now(), say=self.stdout.write
            )
        except DomainError as error:
            raise CommandError(str(error)) from error
        for part, title in (
            ("examples", "held-back examples of the team"),
            ("project", "held-back rows of the project"),
        ):
            self.stdout.write(f"\n{title}")
            for name, old, new in comparison(candidate.figures, part):
                self.stdout.write(f"  {name:<16} {candidate.compared_with} {old:g} -> {candidate.version} {new:g}")
        self.stdout.write(
            f"\nKept as {candidate.version}, not in use: a person switches over in the admin, under trained models."
        )
