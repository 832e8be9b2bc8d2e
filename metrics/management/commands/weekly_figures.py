"""Write the figures of a week to a file, with the rows behind them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from cases.models import Reminder, ServiceFact
from delivery.models import Outbound
from metrics.export import FORMATS, figure_table, row_table, write
from metrics.figures import figures
from metrics.weeks import Week


class Command(BaseCommand):
    """`weekly_figures FILE.xlsx` for the week before this one, `--week 2026-W20` for another; also FILE.csv."""

    help = "Write the figures of a week, of everything, to an XLSX or CSV file."

    def add_arguments(self, parser: CommandParser) -> None:
        """A file, a week, a language."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--week", default="", help="2026-W20; the last one that is over, if not given")
        parser.add_argument("--language", default="zh-hans")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Count and write."""
        file: Path = options["file"]
        format = file.suffix.lstrip(".").lower()
        if format not in FORMATS:
            raise CommandError("The file has to end in .xlsx or .csv.")
        week = Week.parse(options["week"]) if options["week"] else Week.of(timezone.now()).previous
        if week is None:
            raise CommandError("A week is written like 2026-W20.")
        facts, reminders = ServiceFact.objects.all(), Reminder.objects.all()
        with override(options["language"]):
            found = figures(week, facts=facts, reminders=reminders, texts=Outbound.objects.all())
            rows = row_table(week, facts=facts, reminders=reminders)
            file.write_bytes(write(format, figures=figure_table(found), rows=rows))
            self.stdout.write(_("%(week)s: written to %(file)s") % {"week": week.key, "file": file})
