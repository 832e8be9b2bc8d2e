"""A prepared SQLite database for the suite: migrating an empty one takes longer than most rooms' tests, so its result is kept by what made it."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tempfile
from importlib.metadata import distributions
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parents[1]


def template_path() -> Path:
    """Where the database made by these migrations, models and libraries is kept."""
    digest = hashlib.sha256(f"migrated {django.get_version()}".encode())
    for line in sorted(f"{found.name} {found.version}" for found in distributions()):
        digest.update(line.encode())
    for path in sorted(ROOT.glob("**/migrations/*.py")):
        if ".venv" not in path.parts:
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return Path(tempfile.gettempdir()) / f"aijia-test-{digest.hexdigest()[:16]}.sqlite3"


def take(target: str) -> bool:
    """Put the kept database in place. False where none is kept yet."""
    kept = template_path()
    if not kept.exists():
        return False
    _copy(str(kept), target)
    return True


def keep(source: str) -> None:
    """Keep a freshly migrated database for the next run."""
    kept = template_path()
    half = f"{kept}.{os.getpid()}"
    _copy(source, half)
    os.replace(half, kept)


def _copy(source: str, target: str) -> None:
    with sqlite3.connect(source) as old, sqlite3.connect(target) as new:
        old.backup(new)
    old.close()
    new.close()
