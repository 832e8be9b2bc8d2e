"""Trains the local model from labelled rows; deterministic. Needs scikit-learn, which reading turns does not."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.svm import LinearSVC

from triage.engines.evaluation import calibration_error, turn_of
from triage.engines.local import clauses as clauses_of
from triage.engines.local.features import extract
from triage.engines.local.model import CONTEXT_WEIGHT

MULTI = ("intent", "business_class", "service_context", "mode")
#: How closely the machines follow their rows (the C of the support vector machine).
STRENGTH = 0.6
SKIP_TOPICS = frozenset({"public_group", "identity_uncertain", "case_uncertain", "unproven_completion"})


def read_rows(folder: Path) -> list[dict[str, Any]]:
    """All labelled rows of a folder, in a fixed order."""
    return [
        json.loads(line)
        for p in sorted(folder.glob("*.jsonl"))
        for line in p.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]


def _matrix(names: list[list[str]], vocabulary: dict[str, int], idf: Any) -> Any:
    rows, cols, vals = [], [], []
    for r, feats in enumerate(names):
        for context in (False, True):
            idx = [vocabulary[f] for f in feats if (f[0] == "x") == context and f in vocabulary]
            if not idx:
                continue
            v = idf[idx]
            v = v / (np.sqrt((v * v).sum()) or 1.0) * (CONTEXT_WEIGHT if context else 1.0)
            rows += [r] * len(idx)
            cols += idx
            vals += v.tolist()
    return csr_matrix((vals, (rows, cols)), shape=(len(names), len(vocabulary)), dtype=np.float64)


def _folds(n: int, count: int = 3) -> list[Any]:
    """Which rows each fold holds back; fixed, so that a training run can be repeated."""
    return [np.arange(n) % count == fold for fold in range(count)]


def _held_out_scores(x: Any, y: Any, weights: Any) -> Any:
    """The scores of rows by machines that had not seen them: a column a label, or one column where there are two.

    A label that stands in none of the other folds' rows was never a choice: it scores low.
    """
    labels = np.unique(y)
    scores = np.full((x.shape[0], len(labels)), -2.0)
    for held in _folds(x.shape[0]):
        seen = np.unique(y[~held])
        if len(seen) < 2:
            scores[np.ix_(held, np.isin(labels, seen))] = 1.0
            continue
        machine = LinearSVC(C=STRENGTH).fit(x[~held], y[~held], sample_weight=weights[~held])
        found = machine.decision_function(x[held])
        columns = np.searchsorted(labels, machine.classes_)
        scores[np.ix_(held, columns)] = np.column_stack([-found, found]) if found.ndim == 1 else found
    return scores[:, 1:] if len(labels) == 2 else scores


def _temperature(scores: Any, y: Any, labels: Any) -> float:
    """By what the scores of several labels have to be multiplied so that their softmax says how often it is right."""
    place = np.searchsorted(labels, y)

    def loss(scale: float) -> float:
        z = scores * scale
        z = z - z.max(axis=1, keepdims=True)
        return float(-(z[np.arange(len(y)), place] - np.log(np.exp(z).sum(axis=1))).mean())

    return min((float(scale) for scale in np.linspace(0.6, 6.0, 55)), key=loss)


def _in_conversation(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as they are met: in life something mostly stands before a message, and mostly it decides nothing.

    Most labelled rows stand alone; only those where the line before decides have one. Two thirds of the others get the words of another row
    in front of them, chosen by their own id, so that a line before does not by itself mean anything.
    """
    lines = [(r["sender_side"], r["text"]) for r in rows if r.get("text")]
    found = []
    for row in rows:
        seed = zlib.crc32(f"{row['id']}|{row['text']}".encode())
        if row.get("previous") or seed % 3 == 0:
            found.append(row)
            continue
        side, text = lines[seed % len(lines)]
        found.append({**row, "previous": [{"side": "internal" if side == "unknown" else side, "text": text}]})
    return found


def train(rows: list[dict[str, Any]], target: Path, say: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Fit all heads and write the model file; returns what the model card needs.

    Linear support vector machines, one against the rest. What they say is calibrated on rows that each had not seen.
    """
    names = [extract(turn_of(r)) for r in _in_conversation(rows)]
    counts = Counter(f for feats in names for f in feats)
    kept = sorted(f for f, c in counts.items() if c >= 2)
    vocabulary = {f: i for i, f in enumerate(kept)}
    n = len(rows)
    idf = np.array([np.log((1 + n) / (1 + counts[f])) + 1.0 for f in kept])
    x = _matrix(names, vocabulary, idf)
    even = np.array([float(r.get("weight", 1.0)) for r in rows])
    columns: list[Any] = []
    biases: list[float] = []
    heads: dict[str, dict[str, Any]] = {}
    for field in MULTI:
        # A row whose writer was not asked for this label says nothing about it.
        told = np.array([field in r["expect"] for r in rows])
        y = np.array([r["expect"][field] for r in rows if field in r["expect"]])
        model = LinearSVC(C=STRENGTH).fit(x[told], y, sample_weight=even[told])
        scale = _temperature(_held_out_scores(x[told], y, even[told]), y, model.classes_)
        heads[field] = {"first": len(biases), "labels": list(model.classes_), "kind": "multi", "scale": scale}
        columns += list(model.coef_)
        biases += list(model.intercept_)
        say(f"{field}: {len(model.classes_)} labels")
    asked = np.array(["risk_topics" in r["expect"] for r in rows])
    topics = Counter(t for r in rows for t in r["expect"].get("risk_topics", ()))
    for topic, count in sorted(topics.items()):
        if topic in SKIP_TOPICS or count < 6:
            continue
        y = np.array([topic in r["expect"]["risk_topics"] for r in rows if "risk_topics" in r["expect"]])
        # A topic that is missed costs more than one that is seen where there is none.
        care = even[asked] * np.where(y, min(4.0, (n / count) ** 0.5 / 2 + 1), 1.0)
        model = LinearSVC(C=STRENGTH).fit(x[asked], y, sample_weight=care)
        scores = _held_out_scores(x[asked], y, care)
        sure = LogisticRegression(C=100.0).fit(scores, y, sample_weight=care)
        heads[f"topic:{topic}"] = {
            "first": len(biases), "labels": ["yes"], "kind": "binary",
            "scale": float(sure.coef_[0][0]), "shift": float(sure.intercept_[0]),
        }  # fmt: skip
        columns.append(model.coef_[0])
        biases.append(float(model.intercept_[0]))
    weights = np.array(columns).T
    version = hashlib.sha256(json.dumps(rows, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:10]
    np.savez_compressed(
        target,
        names=np.array("\x00".join(kept)),
        idf=idf.astype(np.float16),
        weights=weights.astype(np.float16),
        bias=np.array(biases, dtype=np.float32),
        meta=np.array(json.dumps({"heads": heads, "version": version})),
    )
    return {
        "rows": n,
        "features": len(kept),
        "version": version,
        "topics": dict(topics),
        "intents": dict(Counter(r["expect"]["intent"] for r in rows if "intent" in r["expect"])),
        "bytes": target.stat().st_size,
    }


def train_clauses(clauses: list[tuple[str, bool]], target: Path) -> dict[str, float]:
    """Train on labelled clauses and write the model; returns the figures on clauses that each model had not seen."""
    names = [clauses_of.features(clause) for clause, _inside in clauses]
    counts = Counter(name for one in names for name in one)
    kept = sorted(name for name, count in counts.items() if count >= 2)
    place = {name: at for at, name in enumerate(kept)}
    idf = np.array([np.log((1 + len(clauses)) / (1 + counts[name])) + 1.0 for name in kept])
    x = _matrix(names, place, idf)
    y = np.array([inside for _clause, inside in clauses])
    model = LogisticRegression(C=20.0, class_weight="balanced", max_iter=1000)
    seen = cross_val_predict(model, x, y, cv=5, method="predict_proba")[:, 1]
    model.fit(x, y)
    heads = {clauses_of.HEAD: {"first": 0, "labels": ["yes"], "kind": "binary", "scale": 1.0}}
    np.savez_compressed(
        target, names=np.array("\x00".join(kept)), idf=idf.astype(np.float16), weights=model.coef_.T.astype(np.float16),
        bias=model.intercept_.astype(np.float32), meta=np.array(json.dumps({"heads": heads, "version": "clauses"})),
    )  # fmt: skip
    return {
        "clauses": float(len(clauses)),
        "kept inside, of those that must be": round(float((seen[y] >= clauses_of.LIKELY).mean()), 3),
        "held back, of those that may be told": round(float((seen[~y] >= clauses_of.LIKELY).mean()), 3),
    }


def cross_validate(rows: list[dict[str, Any]], folds: int = 4) -> dict[str, dict[str, Any]]:
    """Figures on rows of trades that the model had not seen: every fold holds whole trades back.

    :returns: for ``all`` rows, and for the ``shared`` ones, which others wrote and labelled, the figures of `evaluation.summarise`.
    """
    import tempfile

    from triage.engines.evaluation import predict_row, reliability, summarise
    from triage.engines.local.engine import LocalEngine
    from triage.engines.local.model import LinearModel

    pairs: list[tuple[dict[str, Any], dict[str, Any]]] = []
    fold_of = [zlib.crc32(str(r.get("industry") or r["id"]).encode()) % folds for r in rows]
    for fold in range(folds):
        held = [r for r, own in zip(rows, fold_of, strict=True) if own == fold]
        rest = [r for r, own in zip(rows, fold_of, strict=True) if own != fold]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.npz"
            train(rest, path)
            engine = LocalEngine(LinearModel.load(path))
            pairs += [(row, predict_row(row, engine)) for row in held]
    shared = [pair for pair in pairs if str(pair[0]["id"]).startswith("S-")]
    return {
        "all": summarise(pairs),
        **({"shared": summarise(shared)} if shared else {}),
        "reliability": reliability(pairs),
    }


_COST = """
import json, pathlib, resource, sys, time
sys.path.insert(0, sys.argv[1])
begun = time.perf_counter()
from triage.engines.evaluation import turn_of
from triage.engines.local.engine import LocalEngine
turns = [turn_of(json.loads(line)) for line in sys.stdin]
engine, before = LocalEngine(), time.perf_counter()
engine.understand(turns[0])
loaded = time.perf_counter()
took = []
for turn in turns:
    since = time.perf_counter()
    engine.understand(turn)
    took.append(time.perf_counter() - since)
took.sort()
status = pathlib.Path("/proc/self/status")  # what the parent took does not count
most = [int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")] if status.exists() else []
most = most or [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]
print(json.dumps({
    "milliseconds for a message, median": round(1000 * took[len(took) // 2], 2),
    "milliseconds for a message, 95 of 100 below": round(1000 * took[int(len(took) * 0.95)], 2),
    "seconds to load the model": round(loaded - before, 2),
    "seconds from nothing to the first answer": round(loaded - begun, 2),
    "MB of the process at its most": round(most[0] / 1024),
}))
"""


def measure_cost(rows: list[dict[str, Any]], count: int = 500) -> dict[str, float]:
    """What reading turns costs on this machine: a process of its own, one thread, `count` rows from all over."""
    chosen = rows[:: max(1, len(rows) // count)]
    told = "\n".join(json.dumps(row) for row in chosen)
    root = str(Path(__file__).resolve().parents[3])
    done = subprocess.run([sys.executable, "-c", _COST, root], input=told, capture_output=True, text=True, check=True)  # noqa: S603
    return dict(json.loads(done.stdout))


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> list[str]:
    return [
        "| " + " | ".join(head) + " |",
        "|" + " --- |" * len(head),
        *("| " + " | ".join(map(str, row)) + " |" for row in rows),
        "",
    ]


def _reliability(found: dict[str, list[tuple[float, float, int, float]]]) -> list[str]:
    """What a said certainty means, for the card."""
    lines = ["## How sure, and how often right: trades held back", ""]
    for name, said, right in (
        ("intent", "said to be sure of the intent", "intent right"),
        ("review", "said to be likely that a person is needed", "labelled review"),
    ):
        bins = found[name]
        rows = ((f"{low:.1f} to {high:.1f}", count, f"{share:.2f}") for low, high, count, share in bins)
        lines += _table((said, "rows", right), rows)
        lines += [f"Expected calibration error {calibration_error(bins):.3f}.", ""]
    return lines


def card(facts: dict[str, Any], figures: dict[str, Any]) -> str:
    """The model card, as Markdown."""
    lines = [
        "# Model card: local triage engine",
        "",
        f"Version `{facts['version']}`, {facts['rows']} labelled rows, {facts['features']} features, {facts['bytes'] / 1e6:.1f} MB.",
        "",
    ]
    lines += [
        "Linear models (support vector machines, one against the rest, calibrated on rows they had not seen) over characters, words, lexicon clues and context: conversation kind, sender's side, attachments, open waiting items, previous turn.",
        "The model says how likely each label is; which item is answered, what a risk is by policy, and the mode are decided by rules that use it.",
        "",
    ]
    titles = {
        "all": "## Trades held back: all rows",
        "shared": "## Trades held back: the shared rows, written and labelled by others",
    }
    for name, found in figures.items():
        if name == "reliability":
            lines += _reliability(found)
            continue
        lines += [titles.get(name, f"## {name}"), "", "| figure | value |", "| --- | --- |"]
        lines += [f"| {k} | {len(v) if isinstance(v, list) else v} |" for k, v in found.items()]
        lines.append("")
    if "clauses" in facts:
        lines += [
            "## Clauses that stay inside",
            "",
            "A second, small model hears which clauses of a colleague's or partner's message are talk and no fact for the customer; five-fold, on clauses it had not seen.",
            "",
            "| figure | value |",
            "| --- | --- |",
            *[f"| {k} | {v:g} |" for k, v in facts["clauses"].items()],
            "",
        ]
    if "cost" in facts:
        lines += [
            "## What it costs",
            "",
            "One thread, the machine of the run, other work beside it; 500 of the labelled rows.",
            "",
            *_table(("figure", "value"), facts["cost"].items()),
        ]
    for title in ("intents", "topics"):
        lines += [
            f"## Rows per {title[:-1]}",
            "",
            "| label | rows |",
            "| --- | --- |",
            *[f"| {k} | {v} |" for k, v in sorted(facts[title].items())],
            "",
        ]
    lines += [
        "## Limits",
        "",
        "Texts written for this project, Mandarin and English, in the way people type in support chats; little dialect, no speech transcripts of length, no third language.",
        "A trade with its own words is understood by the context more than by the words: measure with `manage.py evaluate_triage` on your own labelled rows before letting it speak.",
        "",
    ]
    return "\n".join(lines)
