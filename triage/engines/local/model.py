"""The trained linear model: one weight matrix, read with numpy alone, so that loading and reading stay cheap."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

DEFAULT = Path(__file__).parent / "model.npz"


@dataclass(frozen=True)
class LinearModel:
    """Scores for all heads: `heads` maps a head to (labels, first column, kind, calibration a, b or temperature)."""

    vocabulary: dict[str, int]
    idf: Any
    weights: Any
    bias: Any
    heads: dict[str, dict[str, Any]]
    version: str

    @classmethod
    def load(cls, path: Path | IO[bytes] = DEFAULT) -> LinearModel:
        """Read the model file."""
        with np.load(path, allow_pickle=False) as data:
            meta = json.loads(str(data["meta"]))
            names = str(data["names"]).split("\x00")
            return cls(
                {n: i for i, n in enumerate(names)},
                data["idf"].astype(np.float32),
                data["weights"].astype(np.float32),
                data["bias"].astype(np.float32),
                meta["heads"],
                meta["version"],
            )

    def scores(self, features: list[str]) -> Any:
        """The raw scores of all columns."""
        groups: dict[bool, list[int]] = {True: [], False: []}
        for f in features:
            i = self.vocabulary.get(f)
            if i is not None:
                groups[f[0] == "x"].append(i)
        total = self.bias.copy()
        for is_context, idx in groups.items():
            if idx:
                value = self.idf[idx]
                norm = float(np.sqrt((value * value).sum())) or 1.0
                total += (value / norm * (CONTEXT_WEIGHT if is_context else 1.0)) @ self.weights[idx]
        return total

    def probabilities(self, features: list[str]) -> dict[str, dict[str, float]]:
        """Calibrated probabilities per head: of each label, or of `yes` for a topic head."""
        raw = self.scores(features)
        out: dict[str, dict[str, float]] = {}
        for head, spec in self.heads.items():
            first, labels = spec["first"], spec["labels"]
            z = raw[first : first + len(labels)] * spec["scale"] + spec.get("shift", 0.0)
            if spec["kind"] == "multi":
                e = np.exp(z - z.max())
                p = e / e.sum()
            else:
                p = 1.0 / (1.0 + np.exp(-z))
            out[head] = {label: float(v) for label, v in zip(labels, p, strict=True)}
        return out


CONTEXT_WEIGHT = 1.6
