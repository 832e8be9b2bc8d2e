"""The figures of a week as a file: a sheet of figures and a sheet of the rows behind them, in the language of the reader."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Reminder, ServiceFact
from cases.presenters import who_words
from cases.reasons import reason_words
from knowledge.exchange.tables import guarded
from metrics.figures import GROUPS, Figure, facts_in, reminders_in
from metrics.presenters import detail_words
from metrics.weeks import Week

FORMATS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
Cell = str | int | float | None


def _minutes(length: timedelta | None) -> float | None:
    return round(length.total_seconds() / 60, 1) if length is not None else None


def _clock(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}" if at else ""


def figure_table(found: Iterable[Figure]) -> Iterator[list[Cell]]:
    """A line for each figure; lengths in minutes, shares as numbers."""
    yield [
        _("Group"), _("What"), _("This week"), _("Share"), _("Half within (minutes)"), _("Nine of ten within (minutes)"),
        _("Release to delivery, half within (minutes)"), _("The week before"), _("The week before, half within (minutes)"),
    ]  # fmt: skip
    for one in found:
        share = round(one.now.share, 4) if one.now.share is not None else None
        yield [
            str(GROUPS[one.line.group]), str(one.line.title), one.now.count, share, _minutes(one.now.half), _minutes(one.now.most),
            _minutes(one.now.tap), one.before.count, _minutes(one.before.half),
        ]  # fmt: skip


def row_table(week: Week, *, facts: QuerySet[ServiceFact], reminders: QuerySet[Reminder]) -> Iterator[list[Cell]]:
    """A line for each row behind the figures, with its case."""
    yield [
        _("Kind"), _("What"), _("Case"), _("Service flow"), _("Need"), _("From"), _("Released"), _("Until"), _("Minutes"), _("Why"), _("By"),
    ]  # fmt: skip
    rows = facts_in(facts, week).select_related("case__flow", "wait").order_by("kind", "ended_at", "pk")
    for fact in rows.iterator(chunk_size=500):
        yield [
            str(fact.get_kind_display()), detail_words(fact), fact.case.number if fact.case else "", fact.case.flow.name if fact.case else "",
            fact.wait.need if fact.wait else "", _clock(fact.started_at), _clock(fact.released_at), _clock(fact.ended_at),
            _minutes(fact.ended_at - fact.started_at), reason_words(fact.words), who_words(fact.actor),
        ]  # fmt: skip
    told = reminders_in(reminders, week).select_related("wait__case__flow", "recipient").order_by("at", "pk")
    for row in told.iterator(chunk_size=500):
        yield [
            _("Reminder"), str(row.get_stage_display()), row.wait.case.number, row.wait.case.flow.name, row.wait.need,
            _clock(row.occurrence_at), "", _clock(row.at), _minutes(row.at - row.occurrence_at), "", row.recipient.name,
        ]  # fmt: skip


def write(format: str, *, figures: Iterable[list[Cell]], rows: Iterable[list[Cell]]) -> bytes:
    """A file in one of `FORMATS`. A CSV holds the figures, an empty line, and the rows."""
    return {"xlsx": _xlsx, "csv": _csv}[format](figures, rows)


def _csv(figures: Iterable[list[Cell]], rows: Iterable[list[Cell]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for table in (figures, [[]], rows):
        for line in table:
            writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in line])
    return out.getvalue().encode("utf-8-sig")


def _xlsx(figures: Iterable[list[Cell]], rows: Iterable[list[Cell]]) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        head = book.add_format({"bold": True, "bg_color": "#DCFCE7", "valign": "top", "text_wrap": True})
        share = book.add_format({"num_format": "0%"})
        for name, table, widths in (
            (_("Figures"), figures, (30, 48)),
            (_("Rows"), rows, (24, 24, 18, 18, 40, 20, 20, 20)),
        ):
            sheet: Any = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for place in range(11):
                sheet.set_column(place, place, widths[place] if place < len(widths) else 16)
            for number, line in enumerate(table):
                for place, cell in enumerate(line):
                    if number == 0:
                        sheet.write_string(0, place, str(cell), head)
                    elif isinstance(cell, str):
                        sheet.write_string(number, place, cell)
                    elif cell is not None:
                        sheet.write_number(
                            number, place, cell, share if isinstance(cell, float) and place == 3 else None
                        )
    return out.getvalue()
