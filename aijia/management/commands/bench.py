"""Measure speed: `make bench`. Only ever against a scratch database."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from aijia.bench import callbacks, company, pipeline, search
from people.models import StaffMember


class Command(BaseCommand):
    """Prints figures and ratios, and writes them as JSON."""

    help = "Benchmarks on a scratch database: callbacks, messages, the deadline sweep, the search of knowledge."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--scratch", action="store_true", help="the database is empty and may be filled")
        parser.add_argument("--quick", action="store_true", help="small numbers, to see that it works")
        parser.add_argument("--only", choices=("callbacks", "messages", "sweep", "search"))

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["scratch"] or StaffMember.objects.exists():
            raise CommandError("The benchmarks fill the database: give an empty one, and --scratch. `make bench` does.")
        quick, only, at = options["quick"], options["only"], timezone.now()
        figures: dict[str, Any] = {
            "at": at.isoformat(timespec="seconds"), "cores": os.cpu_count(), "python": platform.python_version(),
            "database": connection.vendor,
        }  # fmt: skip
        if only in (None, "callbacks"):
            if connection.vendor == "postgresql":
                figures["callbacks"] = callbacks.measure(rounds=1 if quick else 5, count=80 if quick else 2000)
            else:
                self.stdout.write("Callbacks are measured on PostgreSQL only.")
        if only == "sweep":
            company.build(customers=10 if quick else 300, at=at)
        if only in (None, "messages"):
            figures["messages"] = pipeline.measure_messages(
                customers=10 if quick else 300, count=40 if quick else 3000, at=at
            )
        if only in (None, "sweep"):
            figures["sweep"] = pipeline.measure_sweep(
                open_items=500 if quick else 100_000, due=20 if quick else 1000, at=at
            )
        if only in (None, "search"):
            figures["search"] = search.measure_search(
                items=300 if quick else 50_000, count=20 if quick else 1000, at=at
            )
        self.stdout.write(json.dumps(figures, indent=2, ensure_ascii=False))
        if not quick:
            path = Path(settings.BASE_DIR) / f"bench-{at:%Y%m%d-%H%M%S}.json"
            path.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
            self.stdout.write(f"written to {path.name}")
