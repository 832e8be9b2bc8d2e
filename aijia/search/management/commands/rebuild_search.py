"""Make the index of the search anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from aijia.search.index import rebuild


class Command(BaseCommand):
    """Everything is found again when it is done; until then what is not yet there is missed."""

    help = "Make the index of the search anew."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it."""
        self.stdout.write(f"{rebuild()} things can be found.")
