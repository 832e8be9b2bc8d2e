"""Who needs a second step and who has one, remembered for a few seconds: asked at every request."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q

from aijia.roles import ADMINISTRATOR
from aijia.signin.models import Authenticator, SessionRule, TwoStepRule
from foundation.remembering import Remembered
from people.models import User


def _load_required() -> frozenset[int]:
    groups = dict(TwoStepRule.objects.filter(required=True).values_list("group_id", "group__name"))
    if not groups:
        return frozenset()
    whose = Q(groups__in=list(groups))
    if ADMINISTRATOR in groups.values():
        whose |= Q(is_superuser=True)
    return frozenset(User.objects.filter(whose, is_active=True).values_list("pk", flat=True))


def _load_rule() -> tuple[timedelta, timedelta]:
    rule = SessionRule.objects.order_by("pk").first() or SessionRule()
    return timedelta(minutes=rule.idle_minutes), timedelta(hours=rule.longest_hours)


_required = Remembered(_load_required, seconds=5)
_required.forget_on_change(TwoStepRule)
_having = Remembered(
    lambda: frozenset(Authenticator.objects.filter(confirmed=True).values_list("user_id", flat=True)), seconds=5
)
_having.forget_on_change(Authenticator)
_session = Remembered(_load_rule, seconds=20)
_session.forget_on_change(SessionRule)


def is_required(user: Any) -> bool:
    """Whether the role of this user needs a second step. A change of groups is seen after five seconds."""
    return user.pk in _required()


def has_second_step(user: Any) -> bool:
    """Whether this user has set one up."""
    return user.pk in _having()


def session_limits() -> tuple[timedelta, timedelta]:
    """How long a session lasts without a click, and at the longest."""
    return _session()
