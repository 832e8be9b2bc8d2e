"""The clock by which editors write dates: that of the calendar that the policy names."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from knowledge.models import KnowledgePolicy

DEFAULT = ZoneInfo("Asia/Shanghai")


def zone() -> ZoneInfo:
    """The zone in which campaigns begin and end."""
    calendar = KnowledgePolicy.current().calendar
    return ZoneInfo(calendar.timezone) if calendar is not None else DEFAULT


def instant(moment: datetime) -> datetime:
    """A moment as an editor wrote it, as an instant; one that names its own zone stays what it is."""
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone())


def shown(at: datetime | None) -> str:
    """An instant to the minute by the editors' clock, "" for none."""
    return f"{at.astimezone(zone()):%Y-%m-%d %H:%M}" if at is not None else ""
