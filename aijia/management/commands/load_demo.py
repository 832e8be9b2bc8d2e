"""`manage.py load_demo`: the demo company, once, never over existing data."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, call_command
from django.test.utils import override_settings
from django.utils import timezone, translation

from aijia import demo
from delivery import ports


class Command(BaseCommand):
    """Makes the demo company in an empty database; does nothing where anything is there already."""

    help = "Load the demo company once (never over existing data)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--base-url", default="http://127.0.0.1:8000", help="where the product will answer")
        parser.add_argument("--migrate", action="store_true", help="bring the tables up to date first, as migrate does")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["migrate"]:
            call_command("migrate", verbosity=0)
        if demo.exists():
            self.stdout.write("There is data already: the demo company is not loaded over it.")
            return
        # Nothing leaves while the past is told: what was sent then is captured.
        with override_settings(DELIVERY_CHANNEL="delivery.ports.CapturingChannel"), translation.override("zh-hans"):
            ports._load.cache_clear()
            made = demo.load(now=timezone.now())
            demo.furnish_sandbox(made, base_url=options["base_url"])
        ports._load.cache_clear()
        self.stdout.write(f"The demo company is loaded: {len(demo.CUSTOMERS)} customers, {len(made.said)} messages.")
