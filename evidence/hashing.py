"""How entries are hashed: canonical JSON, SHA-256. The standalone verifier in a bundle repeats exactly this."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces: one text for one value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def instant(at: datetime) -> str:
    """An instant as UTC with microseconds, the same on every database."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def body_digest(salt: str, body: str) -> str:
    """The salted digest of a body in canonical JSON."""
    return hashlib.sha256(f"{salt}\n{body}".encode()).hexdigest()


def entry_hash(
    *, seq: int, kind: str, actor: dict[str, str], at: datetime, refs: dict[str, str], prev_hash: str, digest: str
) -> str:
    """The hash of an entry."""
    words = canonical([seq, kind, actor, instant(at), refs, prev_hash, digest])
    return hashlib.sha256(words.encode()).hexdigest()
