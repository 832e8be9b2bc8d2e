"""Whether a clause of a colleague's or partner's message is a fact that a customer may read, or talk that stays inside: a small trained model.

Patterns name what must never leave (`triage.wording.PRIVATE`); this model hears what no list foresees: gossip, blame, how a mistake came about.
Its labelled clauses are `triage/data/clauses/*.txt`, a line each, `+` for what may be told and `-` for what stays inside.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from triage.engines.local.features import normalise
from triage.engines.local.model import LinearModel

try:
    import rjieba
except ImportError:  # pragma: no cover - the package is a dependency; without it the words are left out
    rjieba = None

DEFAULT = Path(__file__).parent / "clauses.npz"
HEAD = "inside"
#: From how likely on a clause stays inside. Chosen on clauses held back: one in twenty of the facts is lost, which a person can add.
LIKELY = 0.7
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def read_clauses(folder: Path) -> list[tuple[str, bool]]:
    """The labelled clauses of all files, each with whether it stays inside; later lines of the same words are left out.

    :raises ValueError: where a line begins with neither sign.
    """
    found: dict[str, bool] = {}
    for path in sorted(folder.glob("*.txt")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            if line[:2] not in ("+ ", "- "):
                raise ValueError(f"{path.name}:{number}: a clause begins with “+ ” or “- ”")
            found.setdefault(line[2:].strip(), line[0] == "-")
    return list(found.items())


def features(clause: str) -> list[str]:
    """Characters (one to four together), words and pairs of words."""
    low = normalise(clause)
    padded = f"^{low}$"
    out = set()
    for size in (1, 2, 3, 4):
        for at in range(len(padded) - size + 1):
            gram = padded[at : at + size]
            if size == 1 or not gram.isascii():
                out.add("c" + gram)
    words = [
        w
        for w in (rjieba.cut(low) if rjieba and _CHINESE.search(low) else re.findall(r"[a-z']+|\d+", low))
        if w.strip()
    ]
    out.update("w" + w for w in words)
    out.update(f"b{a}_{b}" for a, b in zip(["^", *words], [*words, "$"], strict=True))
    return sorted(out)


@lru_cache(maxsize=1)
def _model() -> LinearModel | None:
    return LinearModel.load(DEFAULT) if DEFAULT.exists() else None


def inside(clause: str) -> float:
    """How likely a clause is talk among colleagues rather than a fact for the customer, 0 to 1."""
    model = _model()
    return model.probabilities(features(clause))[HEAD]["yes"] if model is not None else 0.0
