"""`manage.py rehearse STORY.yaml… --trace OUT.jsonl`: play stories through the real pipeline in a private database."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connection

PRIVATE = "AIJIA_REHEARSAL_DIR"
#: The engine that remembers what it was asked (`aijia.rehearsal_rows`).
HEARING = "aijia.rehearsal_rows.HearingEngine"


class Command(BaseCommand):
    """Plays stories one after another, each in a fresh private SQLite database, never the live one."""

    help = "Play stories through the real pipeline, with a capturing channel and a stepped clock. Exit 1 if anything failed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("stories", nargs="+", help="story files (YAML)")
        parser.add_argument("--trace", help="write one JSON line a step here")
        parser.add_argument(
            "--rows",
            help="write every message with what its story expects of it here: labelled rows (JSONL), to learn from",
        )
        parser.add_argument("--quiet", action="store_true", help="print only which stories passed")

    def handle(self, *args: Any, **options: Any) -> None:
        missing = [path for path in options["stories"] if not Path(path).is_file()]
        if missing:
            raise CommandError(f"no such file: {', '.join(missing)}")
        if PRIVATE not in os.environ:
            self._start_private(hear=bool(options["rows"]))
        self._play(options)

    def _start_private(self, *, hear: bool) -> None:
        with tempfile.TemporaryDirectory(prefix="aijia-rehearsal-") as folder:
            env = {
                key: value
                for key, value in os.environ.items()
                if key not in ("DATABASE_URL", "REDIS_URL", "WECOM_SANDBOX")
            }
            env |= {
                PRIVATE: folder, "AIJIA_VAR_DIR": folder, "AIJIA_ENV": "embedded", "DJANGO_SETTINGS_MODULE": "aijia.settings",
                "DELIVERY_CHANNEL": "delivery.ports.CapturingChannel",
            }  # fmt: skip
            if hear:
                env["TRIAGE_ENGINE"] = HEARING
            code = subprocess.run([sys.executable, *sys.argv], env=env).returncode
        sys.exit(code)

    def _play(self, options: dict[str, Any]) -> None:
        from aijia.rehearsal import Rehearsal, load_story
        from aijia.rehearsal_rows import heard, labelled_rows

        database = Path(str(settings.DATABASES["default"]["NAME"]))
        if Path(os.environ[PRIVATE]) not in database.parents:
            raise CommandError("a rehearsal never plays in another database than its own")
        call_command("migrate", verbosity=0)
        connection.close()
        template = database.with_suffix(".template")
        shutil.copyfile(database, template)
        trace: list[str] = []
        rows: list[str] = []
        failed = 0
        for path in options["stories"]:
            for leftover in database.parent.glob(f"{database.name}-*"):
                leftover.unlink()
            shutil.copyfile(template, database)
            story = load_story(path)
            rehearsal = Rehearsal(story)
            failures = rehearsal.play()
            connection.close()
            trace += [json.dumps(line, ensure_ascii=False, default=str) for line in rehearsal.trace]
            if options["rows"]:
                rows += [json.dumps(row, ensure_ascii=False) for row in labelled_rows(story, heard())]
            failed += bool(failures)
            self.stdout.write(f"{'FAILED' if failures else 'passed'} {story['id']}: {story['title']}")
            if not options["quiet"]:
                for failure in failures:
                    self.stdout.write(f"    {failure}")
        if options["trace"]:
            Path(options["trace"]).write_text("".join(f"{line}\n" for line in trace), encoding="utf-8")
        if options["rows"]:
            Path(options["rows"]).write_text("".join(f"{line}\n" for line in rows), encoding="utf-8")
        self.stdout.write(f"{len(options['stories'])} stories, {failed} failed")
        if failed:
            sys.exit(1)
