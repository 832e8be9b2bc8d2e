"""What the model is shown of a turn: no ids, no clock, nothing personal. The same situation makes the same question. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from triage.engines.base import Turn
from triage.engines.llm.masking import Masker

MAX_WAITS, MAX_PREVIOUS, MAX_LINE = 16, 6, 300


def build_question(turn: Turn, parts: Sequence[str], masker: Masker) -> tuple[dict[str, Any], dict[str, str]]:
    """The question, masked, and which open item each of its short ids stands for."""
    waits = {f"w{number}": wait for number, wait in enumerate(turn.open_waits[:MAX_WAITS], start=1)}
    cases = list(dict.fromkeys(wait.case_ref for wait in waits.values()))
    question = {
        "conversation_kind": turn.conversation_kind,
        "sender_side": turn.sender_side,
        "sender_known": turn.sender_known,
        "attachments": list(turn.attachments),
        "quoted": turn.quoted[:MAX_LINE],
        "previous": [
            {"side": row.side, "text": row.text[:MAX_LINE], "attachments": list(row.attachments)}
            for row in turn.previous[-MAX_PREVIOUS:]
        ],
        "open_items": [
            {
                "id": key,
                "case": f"c{cases.index(wait.case_ref) + 1}",
                "case_names": [name for name in dict.fromkeys((wait.case_label, *wait.aliases)) if name],
                "state": wait.state,
                "on_role": wait.on_role,
                "need": wait.need[:MAX_LINE],
                "material": wait.material,
                "proof": wait.proof,
            }
            for key, wait in waits.items()
        ],
        "statements": list(parts),
    }
    masked: dict[str, Any] = masker.mask_all(question)
    return masked, {key: wait.ref for key, wait in waits.items()}
