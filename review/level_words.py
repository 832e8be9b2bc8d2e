"""What is on record about levels of automation, in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from cases.reasons import reason_words
from conversations.models import ConversationKind
from foundation.wording import bracketed, told
from review.models import Level, ReplyKind


def policy_words(body: Mapping[str, Any], flows: Mapping[str, str]) -> str:
    """What is on record about levels of automation, in a sentence; empty for anything else.

    :param flows: names of service flows by key.
    """
    scope = {
        "kind": dict(ReplyKind.choices).get(str(body.get("kind", "")), body.get("kind", "")),
        "flow": flows.get(str(body.get("flow", "")), body.get("flow")) or _("Every flow"),
    }
    where = dict(ConversationKind.choices).get(str(body.get("conversations", "")), "")
    which = " · ".join(str(one) for one in (scope["flow"], scope["kind"], where) if one)
    levels = dict(Level.choices)
    action = body.get("action")
    if action == "set_level":
        before, after = (str(levels.get(str(body.get(one, "")), body.get(one, ""))) for one in ("from", "to"))
        figures = body.get("figures") or {}
        seen = _("drafts seen: %(drafts)s, wrong sends: %(wrong)s") % {
            "drafts": figures.get("drafts", 0), "wrong": figures.get("wrong", 0),
        }  # fmt: skip
        note = f" — {body['note']}" if body.get("note") else ""
        return told(which, f"{before} → {after}{bracketed(seen)}{note}")
    if action in ("level_fell", "wrong_send"):
        said = _("fell to review after a wrong send") if action == "level_fell" else _("wrong send, reviewed already")
        return told(which, f"{said}{bracketed(reason_words(str(body.get('words') or '')))}")
    return ""
