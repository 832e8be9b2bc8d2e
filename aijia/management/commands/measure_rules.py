"""How often every rule of the gate rings, and how often falsely (docs/gate_rules.md)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from aijia.management.commands.evaluate_triage import read_rows
from review.pack_rates import measure
from triage.engines.registry import local_engine
from triage.engines.rule_rates import rates_of, rings_in


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %" if whole else "—"


class Command(BaseCommand):
    """`manage.py measure_rules ROWS.jsonl… --chat CHAT.jsonl --show 5`"""

    help = "Measures every rule of the gate: how often it rings, and how often falsely. Prints Markdown tables."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("rows", nargs="*", type=Path, metavar="ROWS.jsonl", help="labelled messages")
        parser.add_argument(
            "--chat", type=Path, nargs="*", default=[], metavar="CHAT.jsonl",
            help="chats without labels, one a line: turns with s (C customer, H our side) and t (text)",
        )  # fmt: skip
        parser.add_argument("--show", type=int, default=0, metavar="N", help="print up to N texts in which a rule rang")

    def handle(self, *args: Any, **options: Any) -> None:
        customers, ours = _chats(options["chat"])
        self._texts(ours, options["show"])
        rows = [row for path in options["rows"] for row in read_rows(path) if isinstance(row.get("expect"), dict)]
        if rows:
            self._rows(rows)
        if customers:
            self._chat(customers, options["show"])

    def _table(self, title: str, head: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
        head = list(head)
        self.stdout.write(f"\n{title}\n\n| {' | '.join(head)} |\n|{' --- |' * len(head)}")
        for row in rows:
            self.stdout.write(f"| {' | '.join(map(str, row))} |")

    def _texts(self, texts: list[str], show: int) -> None:
        rates = measure(texts)
        self._table(
            f"Texts of ours: sentences written for the rules; {len(texts)} texts of chats",
            ("rule", "found, of those that break it", "false, of those that do not", "rings in the chats"),
            ((n, f"{r.found} / {r.breaks}", f"{r.false} / {r.fine}", len(r.rang) if texts else "—") for n, r in rates.items()),
        )  # fmt: skip
        self._show({name: rate.rang for name, rate in rates.items()}, show)

    def _rows(self, rows: list[dict[str, Any]]) -> None:
        found = rates_of(rows, local_engine())
        for kind, title in (("topics", "Risk topics"), ("alerts", "Alerts (labelled: rows that need a person)")):
            self._table(
                f"{title}: {len(rows)} labelled rows, those of customers",
                ("rule", "rows labelled", "pattern hears", "engine raises", "other rows", "pattern falsely", "engine falsely"),
                (
                    (r.name, r.labelled, r.heard, r.raised, r.others, f"{r.false} ({_share(r.false, r.others)})",
                     f"{r.raised_false} ({_share(r.raised_false, r.others)})")
                    for r in found[kind].values()
                ),
            )  # fmt: skip

    def _chat(self, texts: list[str], show: int) -> None:
        rang = rings_in(texts)
        self._table(
            f"What customers say in chats without labels: {len(texts)} texts",
            ("rule", "pattern rings", "share"),
            ((name, len(found), _share(len(found), len(texts))) for name, found in rang.items()),
        )
        self._show(rang, show)

    def _show(self, rang: dict[str, list[str]], show: int) -> None:
        for name, texts in rang.items():
            for text in texts[:show]:
                self.stdout.write(f"  {name}: {text[:160]}")


def _chats(paths: Iterable[Path]) -> tuple[list[str], list[str]]:
    """What customers and what our side said in chats."""
    customers: list[str] = []
    ours: list[str] = []
    for path in paths:
        try:
            for line in path.read_text(encoding="utf-8").splitlines():
                for turn in json.loads(line)["turns"] if line.strip() else ():
                    (customers if turn["s"] == "C" else ours).append(str(turn["t"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError(f"{path}: {error}") from error
    return customers, ours
