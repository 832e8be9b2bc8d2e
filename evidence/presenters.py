"""Evidence in words for people, as far as this room knows them: it knows references, not what they stand for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from evidence.models import Entry
from evidence.verification import Fault, FaultCode
from foundation.masking import masked_text
from foundation.wording import listed, told

#: What kind of actor it is, beside the name.
ACTORS = {
    "user": gettext_lazy("signed in"), "person": pgettext_lazy("actor", "in the chat"), "machine": pgettext_lazy("actor", "machine"),
}  # fmt: skip


def actor_words(actor: Mapping[str, Any]) -> str:
    """Whether somebody did it who was signed in, somebody in a chat, or a part of the product."""
    return str(ACTORS.get(str(actor.get("kind", "")), ""))


def fault_words(fault: Fault) -> str:
    """Where a chain breaks, in a sentence."""
    said = {
        FaultCode.MISSING: _("Entry %(n)s is missing."),
        FaultCode.NO_CONTENT: _("The content of entry %(n)s is missing and was never erased."),
        FaultCode.CONTENT_CHANGED: _("The content of entry %(n)s was changed afterwards."),
        FaultCode.CHANGED: _("Entry %(n)s was changed afterwards."),
        FaultCode.CUT: _("The record ends at entry %(n)s; it was %(length)s entries long."),
        FaultCode.OTHER_JOINED: _("The conversation's record that entry %(n)s joined is no longer the one that was joined."),
    }  # fmt: skip
    return said[fault.code] % {"n": fault.seq, "length": fault.head_seq}


def body_of(entry: Entry) -> dict[str, Any]:
    """The content of an entry; empty where it was erased."""
    row = entry.body_row
    found: dict[str, Any] = json.loads(row.body) if row.body and row.erased_at is None else {}
    return found


def plain_words(body: Mapping[str, Any]) -> str:
    """Content that nobody has words for, field by field; numbers by which somebody could be reached are masked."""
    lines = []
    for key, value in body.items():
        if value in (None, "", [], {}):
            continue
        shown = listed(value) if isinstance(value, list) else plain_words(value) if isinstance(value, dict) else value
        lines.append(told(key.replace("_", " "), masked_text(str(shown))))
    return "\n".join(lines)
