"""Celery entry points: read the clock, call the steps. Safe to run twice; the rows are the queue."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from aijia import pump
from aijia.search.index import sweep_search
from channels_wecom.operations import erase_old_bodies, fetch_pending_media
from conversations import pictures
from evidence.operations import make_anchor
from knowledge.operations import sweep_imports, sweep_index, sweep_quality
from knowledge.vectors import sweep_vectors
from triage.afterwards import sweep_clear_answers
from triage.engines.llm.asking import forget_old
from triage.followups import sweep_unknown_years

#: How many vectors are made at a time: about a second of one core.
MEANINGS = 200


@shared_task(name="aijia.tasks.process", ignore_result=True)
def process(**_kwargs: Any) -> None:
    """Work through whatever waits: events, conversations, releases, media."""
    at = timezone.now()
    pump.drain(at, patient=True)
    if fetch_pending_media(at=at) and pictures.is_on():
        read_pictures.delay()


@shared_task(name="aijia.tasks.read_pictures", ignore_result=True)
def read_pictures(**_kwargs: Any) -> None:
    """Read the words in pictures that wait; does nothing where the optional package is not installed."""
    pictures.read_waiting(at=timezone.now())


@shared_task(name="aijia.tasks.sweep_deadlines", ignore_result=True)
def sweep_deadlines(**_kwargs: Any) -> None:
    """Remind of what is late; once a day, ask every partner what is still open."""
    at = timezone.now()
    pump.remind(at)
    pump.ask_partners(at)


@shared_task(name="aijia.tasks.meanings", ignore_result=True)
def meanings(**_kwargs: Any) -> None:
    """Make the vectors of what was published, some at a time; rings again while there are more, behind whatever else waits."""
    if sweep_vectors(at=timezone.now(), limit=MEANINGS) == MEANINGS:
        meanings.delay()


@shared_task(name="aijia.tasks.housekeeping", ignore_result=True)
def housekeeping(**_kwargs: Any) -> None:
    """Anchor the evidence once a day, erase raw events that are old enough, and keep the order of knowledge."""
    at = timezone.now()
    make_anchor(at=at)
    sweep_index(at=at)
    sweep_quality(at=at)
    sweep_imports(at=at)
    sweep_search()
    pictures.sweep_missing(at=at)
    erase_old_bodies(at=at)
    forget_old(at=at)
    sweep_clear_answers(at=at)
    sweep_unknown_years(at=at)
