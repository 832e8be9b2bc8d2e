"""May this version, in this state, at this time: pure questions with their answers in words."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from foundation.errors import NotAllowed, Refused
from knowledge.kinds import problems
from knowledge.models import KnowledgePolicy, KnowledgeVersion
from people.models import StaffMember, User


def team_size() -> int:
    """How many active colleagues have a user who may review knowledge."""
    users = User.objects.with_perm(
        "knowledge.review_knowledgeversion", backend="django.contrib.auth.backends.ModelBackend"
    )
    return StaffMember.objects.active().filter(user__in=users).count()


def problems_of(version: KnowledgeVersion) -> list[str]:
    """What is missing or wrong in a version, in sentences."""
    return problems(
        version.kind, title=version.title, body=version.body, fields=version.fields,
        has_flow=version.item.flow_id is not None, products=version.products, channels=version.channels,
        has_dates=version.valid_from is not None and version.valid_until is not None,
    )  # fmt: skip


def check_is_complete(version: KnowledgeVersion) -> None:
    """Let a version pass that has what its kind needs.

    :raises Refused: with everything that is missing.
    """
    found = problems_of(version)
    if found:
        raise Refused(" ".join(found), code="incomplete")


def check_can_review(version: KnowledgeVersion, *, by: StaffMember, at: datetime) -> bool:
    """Whether `by` may review a version.

    :returns: whether this is a review by its own author, or by somebody who changed its words.
    :raises NotAllowed: when it is, and the team is big enough for another pair of eyes, or the delay has not passed.
    """
    if version.author_id != by.pk and by.pk not in version.writers:
        return False
    policy = KnowledgePolicy.current()
    if team_size() >= policy.self_review_below:
        raise NotAllowed(_("Somebody other than the author has to review it."), code="own_work")
    since = version.desensitized_at or version.changed_at
    if since is not None and at < since + policy.self_review_delay:
        raise NotAllowed(
            _("In a small team the author may review it from %(when)s on.")
            % {"when": f"{since + policy.self_review_delay:%Y-%m-%d %H:%M}"},
            code="too_early",
        )
    return True


def check_can_publish(version: KnowledgeVersion, *, at: datetime) -> None:
    """Let a version pass that may be published at this instant.

    :raises Refused: when something is missing, or a campaign is over.
    """
    check_is_complete(version)
    if version.valid_until is not None and version.valid_until <= at:
        raise Refused(_("This campaign is over: give it new dates first."), code="over")
