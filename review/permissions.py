"""May this person release this draft? By role, by the right its topics ask for, by the roles that a boundary names, by four eyes."""

from __future__ import annotations

from people.models import StaffMember
from review.gate import Reason
from review.models import Draft, Right
from review.policies import Boundary, boundaries_of

RELEASE = "review.release_draft"
OVERRULE = "review.overrule_text_check"


def may_decide(staff: StaffMember) -> bool:
    """Whether the role of this person includes deciding drafts at all. Who does not sign in has no role that could say no."""
    return staff.user is None or staff.user.has_perm(RELEASE)


def may_overrule(staff: StaffMember) -> bool:
    """Whether this person may let words out that a check holds. Who does not sign in may where they are a supervisor."""
    return staff.user.has_perm(OVERRULE) if staff.user is not None else staff.is_supervisor


def boundaries_for(draft: Draft) -> dict[str, Boundary]:
    """The boundaries of the draft's topics and alerts, as they are now."""
    return boundaries_of(draft.risk_topics, draft.alerts)


def required_right(draft: Draft) -> str:
    """Who has to release: what was asked for when the draft was made, or more where the boundaries have become stricter."""
    rights = {draft.required_right, *(one.right for one in boundaries_for(draft).values())}
    return Right.SUPERVISOR if Right.SUPERVISOR in rights else Right.HANDLER


def needs_two(draft: Draft) -> bool:
    """Whether a boundary wants a second person."""
    return any(one.four_eyes for one in boundaries_for(draft).values())


def list_refusals(staff: StaffMember, draft: Draft) -> list[Reason]:
    """Why this person may not release this draft now; empty when they may. They may still reject it or take over."""
    if not may_decide(staff):
        return [Reason("role_missing")]
    refusals = []
    if required_right(draft) == Right.SUPERVISOR and not staff.is_supervisor:
        refusals.append(Reason("right_missing", {"right": Right.SUPERVISOR.value}))
    mine = {group.name for group in staff.user.groups.all()} if staff.user is not None else set()
    for topic, boundary in boundaries_for(draft).items():
        if boundary.groups and not boundary.groups & mine:
            refusals.append(
                Reason("topic_right_missing", {"topic": topic, "roles": "、".join(sorted(boundary.groups))})
            )
    first = draft.first_yes
    if first is not None and first.by_id == staff.pk and needs_two(draft):
        refusals.append(Reason("second_person_needed"))
    return refusals
