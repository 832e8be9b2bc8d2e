"""Roles as groups: what comes with each is kept here and brought up to date after every migration.

What somebody may *do* comes from their groups, what they may *see* from their staff member. Groups that administrators make themselves, and
permissions that they add to ours, stay.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.utils.translation import pgettext_lazy

HANDLER, REVIEWER, SUPERVISOR, EDITOR = "客服", "审核员", "主管", "知识编辑"
MANAGER, AUDITOR, ADMINISTRATOR = "经理", "审计", "管理员"
#: What our roles are called: the name of the group is their key, and stays.
WORDS = {
    HANDLER: pgettext_lazy("role", "Handler"), REVIEWER: pgettext_lazy("role", "Reviewer"), SUPERVISOR: pgettext_lazy("role", "Supervisor"),
    EDITOR: pgettext_lazy("role", "Knowledge editor"), MANAGER: pgettext_lazy("role", "Manager"), AUDITOR: pgettext_lazy("role", "Auditor"),
    ADMINISTRATOR: pgettext_lazy("role", "Administrator"),
}  # fmt: skip

_LOOK = (
    "people.view_customer", "people.view_person", "people.view_identity", "people.view_partner", "people.view_tag", "people.view_staffmember",
    "people.view_team", "people.view_dutyroster", "people.view_shift", "knowledge.view_*", "cases.view_serviceflow",
    "cases.view_calendar", "cases.view_materialrequirement", "cases.view_duerule", "cases.view_timeoutrule",
    "cases.view_calendarexception", "delivery.view_pause",
)  # fmt: skip
_WORK = (*_LOOK, "people.change_customer", "cases.work_on_case", "review.release_draft", "triage.label_decision")
_LEAD = (
    *_WORK, "review.release_risky_draft", "review.overrule_text_check", "people.add_customer", "people.change_person", "people.change_identity", "people.*_tag",
    "people.add_partner", "people.change_partner", "people.change_staffmember", "people.*_dutyroster", "people.*_shift",
    "cases.*_serviceflow", "cases.*_materialrequirement", "cases.*_duerule", "cases.*_timeoutrule", "cases.*_calendar",
    "cases.*_calendarexception", "review.*_automationlevel", "review.*_riskboundary", "review.*_finding",
    "delivery.add_pause", "delivery.change_pause", "knowledge.review_knowledgeversion", "knowledge.publish_knowledgeversion", "triage.view_*",
    "triage.delete_labelledexample", "evidence.view_*", "cases.view_servicefact", "cases.view_reminder",
    "conversations.view_picturetext", "conversations.change_picturetext",
)  # fmt: skip
_EVERYTHING_SEEN = ("*.view_*",)

#: Role → patterns of permissions: `app.codename`, with `*` for any word.
ROLES: dict[str, tuple[str, ...]] = {
    HANDLER: _WORK,
    REVIEWER: (*_WORK, "review.view_finding", "review.change_finding"),
    SUPERVISOR: _LEAD,
    EDITOR: (*_LOOK, "knowledge.*"),
    MANAGER: _EVERYTHING_SEEN,
    AUDITOR: _EVERYTHING_SEEN,
    ADMINISTRATOR: ("*.*",),
}
#: Nobody but administrators sees or changes these, whatever the pattern.
_SECRETS = frozenset({"api", "authtoken", "sessions"})


def role_words(group: Group) -> str:
    """What a role is called in the language of the reader; one that administrators made, by its name."""
    return str(WORDS.get(group.name, group.name))


def _fits(pattern: str, app: str, codename: str) -> bool:
    wanted_app, wanted = pattern.split(".", 1)
    if wanted_app not in ("*", app):
        return False
    if wanted == "*":
        return True
    if wanted.startswith("*_"):
        return codename.endswith(wanted[1:]) and codename.count("_") == wanted.count("_")
    if wanted.endswith("_*"):
        return codename.startswith(wanted[:-1])
    return codename == wanted


@cache
def _comes_with(role: str, app: str, codename: str) -> bool:
    if role != ADMINISTRATOR and app in _SECRETS:
        return False
    return any(_fits(pattern, app, codename) for pattern in ROLES[role])


def keep_roles(**_signal: Any) -> None:
    """Give every role the permissions that it should have. Called after migrations; adds, and never takes away."""
    permissions = list(Permission.objects.values_list("pk", "content_type__app_label", "codename"))
    for role in ROLES:
        group, _created = Group.objects.get_or_create(name=role)
        wanted = {pk for pk, app, codename in permissions if _comes_with(role, app, codename)}
        group.permissions.add(*(wanted - set(group.permissions.values_list("pk", flat=True))))


def keep_roles_after_migrate(app_config: Any, **_signal: Any) -> None:
    """Once, after the last application's permissions exist."""
    if app_config == list(apps.get_app_configs())[-1]:
        keep_roles()
