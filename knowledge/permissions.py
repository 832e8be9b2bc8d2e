"""May this person do this: what each act of an editor needs."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from foundation.errors import NotAllowed

WRITE = "knowledge.change_knowledgeversion"
DESENSITIZE = "knowledge.desensitize_knowledgeversion"
REVIEW = "knowledge.review_knowledgeversion"
PUBLISH = "knowledge.publish_knowledgeversion"
EXCHANGE = "knowledge.exchange_knowledge"
LOOK = "knowledge.view_knowledgeitem"

#: What an act of an editor needs.
NEEDS: dict[str, str] = {
    "new_version": WRITE, "edit": WRITE, "settle": WRITE, "withdraw": WRITE, "accept": WRITE, "dismiss": WRITE,
    "propose_from_gap": WRITE, "settle_gap": WRITE, "dismiss_flag": WRITE,
    "desensitize": DESENSITIZE,
    "review": REVIEW, "send_back": REVIEW,
    "publish": PUBLISH, "schedule": PUBLISH, "unschedule": PUBLISH, "retire": PUBLISH, "confirm": PUBLISH,
    "import": EXCHANGE, "export": EXCHANGE,
}  # fmt: skip


def can(user: Any, act: str) -> bool:
    """Whether a user may carry out an act."""
    return bool(user.has_perm(NEEDS[act]))


def may_propose(user: Any) -> bool:
    """Whether somebody may offer the editors what was asked and answered: who works on cases, and editors. Who only looks adds nothing."""
    return bool(
        user.has_perm("knowledge.view_knowledgeitem") and (user.has_perm("cases.work_on_case") or can(user, "edit"))
    )


def check_can(user: Any, act: str) -> None:
    """Let pass who may.

    :raises NotAllowed: when they may not, or the act is none.
    """
    if act not in NEEDS or not can(user, act):
        raise NotAllowed(_("You may not do this with knowledge."), code="right_missing")
