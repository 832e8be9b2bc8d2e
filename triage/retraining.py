"""Training with the team's examples beside the project's rows, measured on rows that neither the old nor the new model has seen."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from evidence.operations import record
from foundation.actors import Actor
from foundation.errors import Refused
from triage.engines.evaluation import evaluate
from triage.engines.local.engine import LocalEngine
from triage.engines.local.model import LinearModel
from triage.engines.local.training import train
from triage.learning import MODEL, read_model
from triage.models import LabelledExample, ModelCandidate

Row = dict[str, Any]
#: One in so many rows is held back, by the digest of its id: the same rows for every model, so that no model in use has seen them.
EXAMPLES_HELD, ROWS_HELD = 5, 20
SHIPPED = "shipped"


def is_held_back(row: Row, one_in: int) -> bool:
    """Whether a row is kept for measuring, for ever; decided by its id alone."""
    return int(hashlib.sha256(str(row["id"]).encode()).hexdigest()[:8], 16) % one_in == 0


def split(rows: list[Row], one_in: int) -> tuple[list[Row], list[Row]]:
    """Rows to learn from, and rows to measure by."""
    return [r for r in rows if not is_held_back(r, one_in)], [r for r in rows if is_held_back(r, one_in)]


def _measure(model: LinearModel, rows: list[Row]) -> dict[str, Any]:
    return dict(evaluate(rows, LocalEngine(model))["all"]) if rows else {"rows": 0}


def make_candidate(
    *, project_rows: list[Row], actor: Actor, at: datetime, say: Callable[[str], None] = lambda _words: None
) -> ModelCandidate:
    """Train with the examples of the team, compare on held-back rows, and keep the model as a candidate. Switches nothing.

    The old model is the one in use. The shipped one has seen all the project's rows: on those its twin is measured, trained by the same
    recipe without the rows held back.

    :raises Refused: where nobody has taught it anything yet.
    """
    examples = [one.row for one in LabelledExample.objects.kept().order_by("pk")]
    if not examples:
        raise Refused(_("There are no examples of the team to learn from."), code="no_examples")
    learned, held_examples = split(examples, EXAMPLES_HELD)
    base, held_rows = split(project_rows, ROWS_HELD)
    active = ModelCandidate.objects.filter(is_active=True).first()
    old = read_model(active) if active is not None else LinearModel.load()
    with tempfile.TemporaryDirectory() as folder:
        twin = old
        if active is None:
            say(f"old: {len(base)} rows")
            train(base, Path(folder) / "old.npz")
            twin = LinearModel.load(Path(folder) / "old.npz")
        path = Path(folder) / "new.npz"
        say(f"new: {len(base)} + {len(learned)} rows")
        facts = train([*base, *learned], path)
        content = path.read_bytes()
        new = LinearModel.load(path)
    figures = {
        "examples": {"old": _measure(old, held_examples), "new": _measure(new, held_examples)},
        "project": {"old": _measure(twin, held_rows), "new": _measure(new, held_rows)},
        "twin": active is None,
    }
    candidate = ModelCandidate(
        version=facts["version"], sha256=hashlib.sha256(content).hexdigest(), made_at=at, rows=facts["rows"],
        compared_with=active.version if active is not None else SHIPPED, examples=len(learned), figures=figures,
    )  # fmt: skip
    candidate.file.save(f"{facts['version']}.npz", ContentFile(content), save=False)
    with transaction.atomic():
        candidate.save()
        record(
            subject=MODEL, kind="action", actor=actor, at=at,
            body={"action": "train_model", "version": candidate.version, "compared_with": candidate.compared_with, "figures": figures},
        )  # fmt: skip
    return candidate
