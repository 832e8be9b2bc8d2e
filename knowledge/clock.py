"""The clock by which editors write dates: that of the calendar that the policy names."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import dateformat
from django.utils.translation import pgettext

from cases.models import Calendar
from foundation.remembering import Remembered
from foundation.templatetags.when import stamp_words
from knowledge.models import KnowledgePolicy

DEFAULT = ZoneInfo("Asia/Shanghai")


def _zone() -> ZoneInfo:
    """The zone in which campaigns begin and end."""
    calendar = KnowledgePolicy.current().calendar
    return ZoneInfo(calendar.timezone) if calendar is not None else DEFAULT


#: Asked once for every instant of a list.
zone = Remembered(_zone, seconds=5)
zone.forget_on_change(KnowledgePolicy, Calendar)


def instant(moment: datetime) -> datetime:
    """A moment as an editor wrote it, as an instant; one that names its own zone stays what it is."""
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone())


def shown(at: datetime | None) -> str:
    """An instant to the minute by the editors' clock as a file holds it, "" for none. For people: `words`."""
    return f"{at.astimezone(zone()):%Y-%m-%d %H:%M}" if at is not None else ""


def words(at: datetime | None, *, now: datetime) -> str:
    """An instant to the minute by the editors' clock as one says it: 24 Nov 14:32, with its year where that is another one; "" for none."""
    if at is None:
        return ""
    local = at.astimezone(zone())
    if local.year == now.astimezone(zone()).year:
        return stamp_words(at, zone())
    return dateformat.format(local, pgettext("date format", "j M Y H:i"))
