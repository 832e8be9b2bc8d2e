"""`manage.py evaluate_search FOLDER`: recall of the search on question lists, against BM25 over words."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.utils import timezone

PRIVATE = "AIJIA_SEARCH_DIR"


class Command(BaseCommand):
    """Measures in a private SQLite database, or (`--here`) in an empty one that is configured, and leaves nothing behind."""

    help = "Recall@1 and @5 of the search, and of BM25 over jieba words, on *_faq.jsonl (and *_queries.jsonl) files of a folder."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder",
            type=Path,
            help="where NAME_faq.jsonl and NAME_queries.jsonl lie, or lists of shops' questions (*.yaml)",
        )
        parser.add_argument("--only", default="", help="lists of questions whose name begins so")
        parser.add_argument("--faults", action="store_true", help="name the questions of shops that went wrong")
        parser.add_argument(
            "--here", action="store_true", help="measure in the configured database, which must hold no knowledge"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        files, lists = sorted(folder.glob("*_faq.jsonl")), sorted(folder.glob(f"{options['only']}*.yaml"))
        if not files and not lists:
            raise CommandError("There is no *_faq.jsonl and no *.yaml in this folder.")
        if PRIVATE not in os.environ and not options["here"]:
            self._start_private()
        call_command("migrate", verbosity=0)
        self._prepare()
        self._measure(files)
        self._measure_answers(lists, faults=options["faults"])

    def _start_private(self) -> None:
        with tempfile.TemporaryDirectory(prefix="aijia-search-") as folder:
            env = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
            env |= {
                PRIVATE: folder, "AIJIA_VAR_DIR": folder, "AIJIA_ENV": "embedded", "DJANGO_SETTINGS_MODULE": "aijia.settings",
            }  # fmt: skip
            code = subprocess.run([sys.executable, *sys.argv], env=env).returncode
        sys.exit(code)

    def _prepare(self) -> None:
        from knowledge.models import KnowledgeItem

        if KnowledgeItem.objects.exists():
            raise CommandError("The search is measured in a database without knowledge only.")
        if PRIVATE in os.environ and os.environ[PRIVATE] not in str(settings.DATABASES["default"]["NAME"]):
            raise CommandError("This is not the private database.")

    def _measure_answers(self, lists: list[Path], *, faults: bool) -> None:
        from knowledge import evaluation, vectors

        at = timezone.now()
        for path in lists:
            for on in (False, True) if vectors.is_available() else (False,):
                answers = evaluation.Answers()
                for shop in evaluation.shops(path):
                    with transaction.atomic(), vectors.switched(on):
                        evaluation.stock(shop, at=at)
                        vectors.sweep_vectors(at=at)
                        evaluation.measure_answers(shop, answers, at=at)
                        transaction.set_rollback(True)
                self.stdout.write(f"{path.stem}{', with vectors' if on else ''}: {answers.line()}")
                for question, wanted, found in answers.faults if faults else ():
                    self.stdout.write(f"    {question}  →  {found or '–'}  (wanted: {wanted or '–'})")

    def _measure(self, files: list[Path]) -> None:
        from knowledge import evaluation

        at = timezone.now()
        if files:
            self.stdout.write(f"on {connection.vendor}; “kept back” are the pages that no weight was set on")
        for path in files:
            name = path.name.removesuffix("_faq.jsonl")
            queries = path.with_name(f"{name}_queries.jsonl")
            collection = (
                evaluation.short_questions(path, queries, name)
                if queries.exists()
                else evaluation.faq_pages(path, name)
            )
            with transaction.atomic():
                keys = evaluation.load(collection.pages, at=at)
                self.stdout.write(f"\n{name}: {len(collection.pages)} pages, {len(collection.questions)} questions")
                for way, recall in evaluation.measure(collection, keys, at=at).items():
                    self.stdout.write(f"  {way:24s} {recall.line()}")
                transaction.set_rollback(True)
