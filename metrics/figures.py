"""The figures of a week: what is counted, over which rows, and the list that holds exactly these rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cases.models import Reminder, ServiceFact, WaitState
from cases.models.waiting import OPEN_STATES
from delivery.models import OutboundQuerySet
from metrics.weeks import Week

Kind = ServiceFact.Kind


@dataclass(frozen=True)
class Line:
    """One thing that is counted: rows of a kind whose `detail` (or whose verdict) is this."""

    key: str
    group: str
    title: Any
    kind: str = ""
    detail: str = ""
    ok: bool | None = None
    #: Whether how long it took is worth a figure.
    timed: bool = False
    #: The line of which this one is a part, and is shown as a share.
    part_of: str = ""
    #: Whether a higher number is worse.
    bad: bool = False

    def holds(self, row: Row) -> bool:
        """Whether a fact counts here."""
        if row.kind != self.kind or (self.detail and row.detail != self.detail):
            return False
        return self.ok is None or row.ok is self.ok


GROUPS = {
    "speed": _("How fast what was asked for arrives"),
    "kept": _("What was kept, and what went wrong"),
    "reminded": _("Reminders"),
    "waits": _("How long items were in a state"),
}
#: What each group measures, in a sentence for somebody who has never seen it.
HELP = {
    "speed": _("By the clock, nights and weekends included. Half of them took no longer than the first figure, nine of ten no longer than the second."),
    "kept": _("A progress question counts a day after its answer: only then it is known that no second one followed."),
    "reminded": _("Each of them once per due time: the owner when an item falls due, the supervisor a working day later."),
    "waits": _("Intervals that ended in this week, by the clock; how long clocks stood is a line of its own."),
}  # fmt: skip

LINES: tuple[Line, ...] = (
    Line("relayed", "speed", _("A partner's or colleague's request until the customer has it"), Kind.RELAYED, timed=True),
    Line("told", "speed", _("Completion until those who asked were told"), Kind.TOLD, timed=True),
    Line("asked_progress", "kept", _("Progress questions answered"), Kind.FIRST_CLEAR, timed=True),
    Line("first_clear", "kept", _("of these without a second question within a day"), Kind.FIRST_CLEAR, ok=True, part_of="asked_progress"),
    Line("missed", "kept", _("Answers that we owed and that were late"), Kind.MISSED_ANSWER, bad=True),
    Line("repeated", "kept", _("Asked again before the time had come"), Kind.REPEATED_ASK, bad=True),
    Line("delivered", "kept", _("Texts that were released here and arrived")),
    Line("wrong", "kept", _("Wrong sends, also of texts typed by hand"), Kind.WRONG_SEND, bad=True),
    Line("recalled", "kept", _("of these taken back"), Kind.WRONG_SEND, "recalled", part_of="wrong", bad=True),
    Line("corrected", "kept", _("of these corrected by a later text"), Kind.WRONG_SEND, "corrected", part_of="wrong", bad=True),
    Line("flagged", "kept", _("of these flagged by a colleague"), Kind.WRONG_SEND, "flagged", part_of="wrong", bad=True),
    Line("misaddressed", "kept", _("of these sent to another customer"), Kind.WRONG_SEND, "misaddressed", part_of="wrong", bad=True),
    Line("owner", "reminded", _("Owners reminded")),
    Line("supervisor", "reminded", _("Supervisors reminded")),
    *(Line(f"in_{state}", "waits", WaitState(state).label, Kind.STATE, state, timed=True) for state in OPEN_STATES),
    Line("paused", "waits", _("Clock stood"), Kind.PAUSED, timed=True),
)  # fmt: skip


class Row(NamedTuple):
    """What is read of a fact."""

    kind: str
    detail: str
    ok: bool | None
    started_at: datetime
    released_at: datetime | None
    ended_at: datetime


@dataclass(frozen=True)
class Value:
    """What came out for one line in one week. Lengths are by the clock; `share` is of the line that it is a part of."""

    count: int
    half: timedelta | None = None
    most: timedelta | None = None
    #: Of what was released by us: how long it then took to be tapped and seen.
    tap: timedelta | None = None
    share: float | None = None


@dataclass(frozen=True)
class Figure:
    """One line with its value in a week and in the week before, and where its rows are listed."""

    line: Line
    now: Value
    before: Value
    link: str


def figures(
    week: Week, *, facts: QuerySet[ServiceFact], reminders: QuerySet[Reminder], texts: OutboundQuerySet, flow: int | None = None
) -> list[Figure]:  # fmt: skip
    """The figures of a week beside those of the week before: four queries.

    :param facts: those that the reader may see; likewise `reminders` and `texts`. :param flow: only those of cases of this flow, the texts about them too.
    """
    if flow is not None:
        facts, reminders, texts = (
            facts.filter(case__flow=flow),
            reminders.filter(wait__case__flow=flow),
            texts.of_flow(flow),
        )
    before, now = (_values(one, facts=facts, reminders=reminders, texts=texts) for one in (week.previous, week))
    return [Figure(line, now[line.key], before[line.key], link_of(line, week, flow=flow)) for line in LINES]


def _values(
    week: Week, *, facts: QuerySet[ServiceFact], reminders: QuerySet[Reminder], texts: OutboundQuerySet
) -> dict[str, Value]:
    rows = [Row(*row) for row in facts_in(facts, week).values_list(*Row._fields)]
    stages = list(reminders_in(reminders, week).values_list("stage", flat=True))
    counts: dict[str, list[Row]] = {line.key: [row for row in rows if line.holds(row)] for line in LINES if line.kind}
    numbers = {key: len(found) for key, found in counts.items()}
    numbers |= {stage: stages.count(stage) for stage in ("owner", "supervisor")}
    numbers["delivered"] = texts_in(texts, week).count()
    return {
        line.key: _value(line, counts.get(line.key, []), numbers[line.key], numbers.get(line.part_of, 0))
        for line in LINES
    }


def facts_in(facts: QuerySet[ServiceFact], week: Week) -> QuerySet[ServiceFact]:
    """Those that ended in a week."""
    return facts.filter(ended_at__gte=week.starts_at, ended_at__lt=week.ends_at)


def reminders_in(reminders: QuerySet[Reminder], week: Week) -> QuerySet[Reminder]:
    """Those of a week."""
    return reminders.filter(at__gte=week.starts_at, at__lt=week.ends_at)


def texts_in(texts: OutboundQuerySet, week: Week) -> OutboundQuerySet:
    """Answers that arrived in a week."""
    return texts.filter(kind="reply", delivered_at__gte=week.starts_at, delivered_at__lt=week.ends_at)


def _value(line: Line, rows: list[Row], count: int, whole: int) -> Value:
    share = count / whole if line.part_of and whole else None
    if not line.timed:
        return Value(count, share=share)
    taps = [row.ended_at - row.released_at for row in rows if row.released_at is not None]
    lengths = [row.ended_at - row.started_at for row in rows]
    return Value(count, _within(lengths, 0.5), _within(lengths, 0.9), _within(taps, 0.5), share)


def _within(lengths: Iterable[timedelta], part: float) -> timedelta | None:
    """The shortest length that this part of them does not exceed."""
    found = sorted(lengths)
    return found[max(0, -(-len(found) * int(part * 100) // 100) - 1)] if found else None


def link_of(line: Line, week: Week, *, flow: int | None = None) -> str:
    """The list with exactly the rows of a line."""
    since, until = week.starts_at.isoformat(), week.ends_at.isoformat()
    if line.key == "delivered":
        query = {"kind__exact": "reply", "delivered_at__gte": since, "delivered_at__lt": until}
        query |= {"flow": str(flow)} if flow is not None else {}
        return f"{reverse('admin:delivery_outbound_changelist')}?{urlencode(query)}"
    if not line.kind:
        query = {"stage__exact": line.key, "at__gte": since, "at__lt": until}
        query |= {"flow": str(flow)} if flow is not None else {}
        return f"{reverse('admin:cases_reminder_changelist')}?{urlencode(query)}"
    query = {"kind__exact": line.kind, "ended_at__gte": since, "ended_at__lt": until}
    query |= {"detail": line.detail} if line.detail else {}
    query |= {"ok__exact": str(int(line.ok))} if line.ok is not None else {}
    query |= {"flow": str(flow)} if flow is not None else {}
    return f"{reverse('admin:cases_servicefact_changelist')}?{urlencode(query)}"
