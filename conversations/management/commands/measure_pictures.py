"""`manage.py measure_pictures FOLDER`: how well and how quickly pictures are read on this machine, against what is known to stand in them."""

from __future__ import annotations

import re
import statistics
from argparse import ArgumentParser
from collections import defaultdict
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from conversations.pictures import findings, is_available, kind_of
from conversations.pictures.engine import PictureReader
from conversations.pictures.kinds import plain

ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif"})


def share_right(wanted: str, read: str) -> float:
    """The share of the characters that are read, in their order, spaces apart."""
    wanted, read = (re.sub(r"\s", "", plain(text)) for text in (wanted, read))
    blocks = SequenceMatcher(None, wanted, read, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / max(1, len(wanted))


class Command(BaseCommand):
    """Reads every picture of a folder and compares it with the text file of the same name beside it. Writes nothing."""

    help = "Measure reading on a folder: x.jpg beside x.txt, which holds what stands in it. Names before the first “-” are summed up together."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--show", action="store_true", help="also print what was read")

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_available():
            raise CommandError("The packages that read pictures are not installed: pip install -r requirements-ocr.txt")
        pages = sorted(path for path in options["folder"].iterdir() if path.suffix.lower() in ENDINGS)
        pages = [path for path in pages if path.with_suffix(".txt").exists()]
        if not pages:
            raise CommandError("There is no picture with a text file of the same name.")
        rows: dict[str, list[tuple[float, bool, int, int, int, int]]] = defaultdict(list)
        with PictureReader() as reader:
            reader.read(pages[0].read_bytes())  # starts the reader; not measured
            for path in pages:
                truth, answer = path.with_suffix(".txt").read_text(encoding="utf-8"), reader.read(path.read_bytes())
                wanted, found = ({one.text for one in findings(text)} for text in (truth, answer.text))
                same = kind_of(truth) == kind_of(answer.text)
                rows[path.stem.partition("-")[0]].append(
                    (share_right(truth, answer.text), same, len(wanted & found), len(wanted), len(found - wanted), answer.milliseconds)
                )  # fmt: skip
                if options["show"] or answer.error:
                    self.stdout.write(f"{path.name} {answer.error}\n{answer.text}\n")
        self.stdout.write(
            "| pictures | characters | kind | numbers found | wrong | median s | longest s |\n| --- | --- | --- | --- | --- | --- | --- |"
        )
        for name, measured in rows.items():
            chars, kinds, hits, wanted_, wrong, took = zip(*measured, strict=True)
            self.stdout.write(
                f"| {name} ({len(measured)}) | {statistics.mean(chars):.1%} | {sum(kinds)}/{len(kinds)} | {sum(hits)}/{sum(wanted_)} | {sum(wrong)} "
                f"| {statistics.median(took) / 1000:.1f} | {max(took) / 1000:.1f} |"
            )
