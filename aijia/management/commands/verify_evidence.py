"""`manage.py verify_evidence [--case N]`: recompute chains and anchors; exit 1 and the place where one breaks."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from cases.models import ServiceCase
from cases.operations import subject_of
from evidence.models import Chain
from evidence.verification import verify_all, verify_subject


class Command(BaseCommand):
    """Verifies all evidence, or that of one case."""

    help = "Recompute evidence chains and anchors. Exit 1 where one breaks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--case", help="number of one case, such as A260511-0042")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["case"]:
            case = ServiceCase.objects.filter(number=options["case"]).first()
            if case is None:
                raise CommandError(f"no case {options['case']}")
            faults, what = verify_subject(subject_of(case)), f"case {case.number}"
        else:
            faults, what = verify_all(), f"{Chain.objects.count()} chains"
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            sys.exit(1)
        self.stdout.write(f"{what}: evidence verifies")
