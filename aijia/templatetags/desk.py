"""What stands on every page (pauses in force), and on the desk (years whose holidays nobody knows)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy

from cases.models import ServiceFlow
from conversations.models import Conversation
from delivery.models import Pause, PauseScope
from foundation.templatetags.when import moment, stamp_words

register = template.Library()


@register.filter
def instant(field: Any) -> str:
    """What a read-only field of a form shows where its value is an instant."""
    found = getattr(field, "resolved_field", None)
    return moment(found[2]) if found and isinstance(found[2], datetime) else ""


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
    stopped = [row.key for row in rows if row.scope == PauseScope.FLOW]
    flows = dict(ServiceFlow.objects.filter(key__in=stopped).values_list("key", "name")) if stopped else {}
    shown = []
    for row in rows:
        which = names.get(row.key, "") if row.scope == PauseScope.CONVERSATION else flows.get(row.key, row.key)
        shown.append({"row": row, "which": which})
    return shown


@register.simple_tag
def years_without_holidays() -> list[int]:
    """Years of which due times are counted by plain weekdays, for the alarm of the desk."""
    from cases.calendars import unknown_years

    return unknown_years(timezone.localdate())


@register.filter
def was(value: Any) -> str:
    """What stood in a field, as the history of a row shows it: nothing is a dash, days and clocks read as everywhere else."""
    text = "" if value is None else str(value)
    if text in ("", "None"):
        return "—"
    if instant := parse_datetime(text) if "T" in text or ":" in text else None:
        return stamp_words(instant) if timezone.is_aware(instant) else text
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) and (day := parse_date(text)):
        return date_format(day)
    return text if len(text) <= 80 else f"{text[:79]}…"


#: Where the key ``g`` and another lead.
PLACES = (
    ("d", "index", "", gettext_lazy("Desk")),
    ("q", "review_draft_changelist", "", gettext_lazy("Review queue")),
    ("s", "delivery_outbound_changelist", "?state__exact=prepared", gettext_lazy("To send")),
    ("c", "cases_servicecase_changelist", "?state__exact=open", gettext_lazy("Cases")),
    ("w", "cases_waitingitem_changelist", "?open=1&mine=1", gettext_lazy("My open items")),
    ("v", "conversations_conversation_changelist", "", gettext_lazy("Conversations")),
    ("k", "knowledge_knowledgeitem_changelist", "", gettext_lazy("Knowledge")),
)


@register.simple_tag
def places_by_key() -> list[tuple[str, str, Any]]:
    """Key, address and name of where the keys lead."""
    return [(key, f"{reverse(f'admin:{name}')}{query}", words) for key, name, query, words in PLACES]
