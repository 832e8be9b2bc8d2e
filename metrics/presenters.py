"""Figures in words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from cases.models import ServiceFact, WaitState
from cases.presenters import WRITEBACK_WORDS
from metrics.figures import GROUPS, HELP, Figure
from people.models import Side


def length_words(length: timedelta | None) -> str:
    """A length of time that is read beside others: 8 min, 3 h 20 min, 2 d 4 h."""
    if length is None:
        return "—"
    minutes = max(0, round(length.total_seconds() / 60))
    if minutes < 1:
        return _("under a minute")
    if minutes < 60:
        return _("%(minutes)d min") % {"minutes": minutes}
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    return _("%(days)d d %(hours)d h") % {"days": hours // 24, "hours": hours % 24}


def share_words(share: float | None) -> str:
    """A part of a whole."""
    return "" if share is None else f"{share:.0%}"


def detail_words(fact: ServiceFact) -> str:
    """What was measured, in words."""
    if fact.kind == ServiceFact.Kind.STATE:
        return str(dict(WaitState.choices).get(fact.detail, fact.detail))
    if fact.kind == ServiceFact.Kind.WRONG_SEND:
        return wrong_words(fact.detail)
    if fact.kind == ServiceFact.Kind.TOLD:
        return str(WRITEBACK_WORDS.get(fact.detail, fact.detail))
    if fact.kind == ServiceFact.Kind.RELAYED:
        return str(dict(Side.choices).get(fact.detail, fact.detail))
    if fact.kind == ServiceFact.Kind.FIRST_CLEAR:
        return _("no second question within a day") if fact.ok else _("asked again within a day")
    return fact.detail


def wrong_words(how: str) -> str:
    """What a wrong send turned out to be."""
    return {
        "recalled": _("taken back"), "corrected": _("corrected by a later text"), "flagged": _("flagged by a colleague"),
        "misaddressed": _("sent to another customer"),
    }.get(how, how)  # fmt: skip


def grouped(found: list[Figure]) -> list[dict[str, Any]]:
    """The page: groups with a sentence each, and their lines in words. Parts, and states, of which there is nothing in either week are left out."""
    return [
        {
            "key": key, "title": title, "help": HELP[key],
            "timed": any(one.line.timed for one in found if one.line.group == key),
            "lines": [_line(one) for one in found if one.line.group == key and _is_shown(one)],
        }
        for key, title in GROUPS.items()
    ]  # fmt: skip


def _is_shown(one: Figure) -> bool:
    return bool(one.now.count or one.before.count) or not (one.line.part_of or one.line.group == "waits")


def _line(one: Figure) -> dict[str, Any]:
    worse = one.line.bad and one.now.count > one.before.count
    return {
        "key": one.line.key, "title": one.line.title, "count": one.now.count, "link": one.link, "part": bool(one.line.part_of),
        "share": share_words(one.now.share) if one.now.count else "", "half": length_words(one.now.half), "most": length_words(one.now.most),
        "tap": length_words(one.now.tap) if one.now.tap is not None else "", "timed": one.line.timed, "worse": worse,
        "before": one.before.count, "before_half": length_words(one.before.half) if one.line.timed else "",
        "before_share": share_words(one.before.share) if one.before.count else "",
    }  # fmt: skip
