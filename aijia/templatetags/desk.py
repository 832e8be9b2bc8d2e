"""What stands on every page (pauses in force), and on the desk (years whose holidays nobody knows)."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import HttpRequest
from django.utils import timezone

from conversations.models import Conversation
from delivery.models import Pause, PauseScope

register = template.Library()


@register.simple_tag(takes_context=True)
def pauses_in_force(context: Any) -> list[dict[str, Any]]:
    """Pauses for the banner, with the name of what they stop; a conversation that the reader may not see has none."""
    from people.admin import narrowed  # template libraries are loaded before the admin is

    request: HttpRequest | None = context.get("request")
    if request is None or not getattr(request.user, "is_staff", False):
        return []
    rows = list(Pause.objects.filter(lifted_at__isnull=True).order_by("-pk")[:5])
    keys = [row.key for row in rows if row.scope == PauseScope.CONVERSATION]
    names: dict[str, str] = {}
    if keys:
        seen = narrowed(request, Conversation.objects.filter(public_id__in=keys))
        names = {str(ref): name for ref, name in seen.values_list("public_id", "name")}
    shown = []
    for row in rows:
        which = names.get(row.key, "") if row.scope == PauseScope.CONVERSATION else row.key
        shown.append({"row": row, "which": which})
    return shown


@register.simple_tag
def years_without_holidays() -> list[int]:
    """Years of which due times are counted by plain weekdays, for the alarm of the desk."""
    from cases.calendars import unknown_years

    return unknown_years(timezone.localdate())
