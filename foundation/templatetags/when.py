"""Times in words, with the exact instant on hover."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from django import template
from django.utils import dateformat, timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

register = template.Library()


def moment_words(at: datetime, *, now: datetime) -> str:
    """When something is or was, as one says it: today 14:32, tomorrow 09:30, 24 Nov 14:32."""
    local, today = timezone.localtime(at), timezone.localtime(now).date()
    clock = f"{local:%H:%M}"
    named = {0: _("today %(clock)s"), -1: _("yesterday %(clock)s"), 1: _("tomorrow %(clock)s")}
    days = (local.date() - today).days
    if days in named:
        return named[days] % {"clock": clock}
    return (
        stamp_words(at) if local.year == today.year else dateformat.format(local, pgettext("date format", "j M Y H:i"))
    )


def stamp_words(at: datetime, zone: tzinfo | None = None) -> str:
    """Day and clock of an instant: 24 Nov 14:32."""
    return dateformat.format(timezone.localtime(at, zone), pgettext("day and clock", "j M H:i"))


def span_words(span: timedelta) -> str:
    """A length of time in words, roughly: minutes under an hour, hours under two days, then days."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 60:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    if minutes < 48 * 60:
        return ngettext("%(count)d hour", "%(count)d hours", minutes // 60) % {"count": minutes // 60}
    return ngettext("%(count)d day", "%(count)d days", minutes // 1440) % {"count": minutes // 1440}


def ago_words(at: datetime, *, now: datetime) -> str:
    """How long ago, or in how long."""
    span = now - at
    if abs(span) < timedelta(minutes=1):
        return _("just now")
    if span > timedelta(0):
        return _("%(span)s ago") % {"span": span_words(span)}
    return _("in %(span)s") % {"span": span_words(-span)}


def _shown(at: datetime, words: str) -> str:
    local = timezone.localtime(at)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', local.isoformat(), f"{local:%Y-%m-%d %H:%M:%S}", words
    )


@register.filter
def moment(at: datetime | None) -> str:
    """An instant as one says it."""
    return _shown(at, moment_words(at, now=timezone.now())) if at else ""


@register.filter
def ago(at: datetime | None) -> str:
    """How long ago an instant is."""
    return _shown(at, ago_words(at, now=timezone.now())) if at else ""


@register.filter
def stamp(at: datetime | None) -> str:
    """Day and clock of an instant, for a column in which all read alike."""
    return stamp_words(at) if at else ""


@register.filter
def day(at: datetime | None) -> str:
    """The day of an instant, with its weekday."""
    return dateformat.format(timezone.localtime(at), pgettext("date format", "l, j M")) if at else ""
