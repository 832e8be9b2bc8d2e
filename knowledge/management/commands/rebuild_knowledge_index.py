"""`manage.py rebuild_knowledge_index`: make the search index of knowledge anew."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from knowledge import index


class Command(BaseCommand):
    """Needed after the synonyms or spellings were changed by hand; housekeeping does it by itself otherwise."""

    help = "Make the search index of knowledge anew. Searches see the old one until it is done."

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        count = index.rebuild(at=timezone.now())
        self.stdout.write(f"{count} items in {time.monotonic() - began:.1f} s")
