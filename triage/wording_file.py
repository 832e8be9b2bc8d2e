"""The wording templates that `triage` fills, as they ship (`data/wording.yaml`)."""

from __future__ import annotations

from pathlib import Path

import yaml

from knowledge.wordings import Template
from review.models import ReplyKind

FILE = Path(__file__).parent / "data" / "wording.yaml"


def shipped() -> list[Template]:
    """All templates of the file."""
    rows = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return [
        Template(
            key,
            row["kind"],
            row["situation"]["zh"],
            row["situation"]["en"],
            row["zh"],
            row["en"],
            ReplyKind(row["kind"]).label,
        )
        for key, row in rows.items()
    ]
