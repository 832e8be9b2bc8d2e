"""Where a case stands, at one glance: the answers that somebody who opens it wants first. Reads only what it is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cases.models import ServiceCase, WaitingItem


@dataclass(frozen=True)
class Glance:
    """The one-glance answer of a case."""

    stage: str
    first: WaitingItem | None
    late: int
    more: int
    missing: list[str]
    due: WaitingItem | None


def glance(case: ServiceCase, waits: Sequence[WaitingItem], *, at: datetime) -> Glance:
    """Stage, who waits for whom since when, what is missing, what is due next."""
    running = sorted(waits, key=lambda wait: (wait.due_at is None, wait.due_at or wait.opened_at))
    first = running[0] if running else None
    stage = first.stage_words if first is not None else str(case.get_state_display())
    missing = [
        f"{wait.need}（{wait.count_received}/{wait.count_needed}）" if wait.count_needed > 1 else wait.need
        for wait in waits
        if wait.state == "waiting_customer_material"
    ]
    return Glance(
        stage=stage,
        first=first,
        late=sum(wait.is_overdue(at=at) for wait in waits),
        more=max(0, len(running) - 1),
        missing=missing,
        due=next((wait for wait in running if wait.due_at is not None and wait.paused_at is None), None),
    )


def conclusion(case: ServiceCase, closed: Sequence[WaitingItem], facts: Sequence[Any]) -> str:
    """Words to begin a conclusion with: what was asked, what came of it, and the last thing known."""
    done = [wait.need[:30] for wait in closed if wait.state == "completed"][:3]
    parts = [case.title or case.flow.name]
    if done:
        parts.append(_("done: %(what)s") % {"what": "、".join(reversed(done))})
    told = next((fact.words for fact in facts if not fact.blocked and fact.words), "")
    if told:
        parts.append(told[:80])
    return "；".join(parts)[:255]


def allowed(
    case: ServiceCase, waits: Sequence[WaitingItem], *, may_act: bool, unchecked: int
) -> list[tuple[bool, str]]:
    """What somebody may do with the case now, and why not where they may not."""
    if not may_act:
        return [(False, _("You may look at this case; your role does not move it."))]
    if case.state != "open":
        return [(True, _("It can be reopened, with a reason.")), (False, _("It is closed: nothing else moves."))]
    lines = []
    if unchecked:
        lines.append((False, _("Material waits to be checked before it can be completed.")))
    theirs = [wait for wait in waits if wait.on_role != "internal_handler"]
    if theirs:
        lines.append(
            (False, _("%(count)s items are still owed by others; completing closes them.") % {"count": len(theirs)})
        )
    if case.automation_stopped_at is not None:
        lines.append((False, _("Taken over: the machine drafts nothing here until you hand it back.")))
    lines.append((True, _("Complete, cancel, hand over, take over, note.")))
    return lines
