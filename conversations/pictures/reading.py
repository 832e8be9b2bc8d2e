"""Pictures wait as rows and are read one after the other. The rows are the queue; a lost worker's picture comes up again."""

from __future__ import annotations

import logging
import threading
import time
from datetime import datetime, timedelta

from django.db.models import F

from conversations.models import Blob, PictureState, PictureText
from conversations.pictures.engine import NAME, PASSING, Answer, PictureReader, engine_version, is_on
from conversations.pictures.kinds import kind_of

logger = logging.getLogger(__name__)

#: For how long a worker holds a picture: longer than the reader may take to start and to read it.
LEASE = timedelta(minutes=3)
MAX_ATTEMPTS = 2
MAX_CHARACTERS = 8_000
#: For how long one call goes on taking pictures.
BUSY_SECONDS = 25.0
#: One reader in a process: two at once would only share the processor, and take the memory twice.
_reading = threading.Lock()


def note(blob: Blob, *, at: datetime) -> None:
    """A picture was stored: it waits to be read, where pictures are read. The same bytes sent again are not read again, only looked at again."""
    if not is_on() or not blob.content_type.startswith("image/"):
        return
    row, created = PictureText.objects.get_or_create(blob=blob, defaults={"not_before": at, "created_at": at})
    if not created and row.state == PictureState.READ:
        row.followed_at = None
        row.save(update_fields=["followed_at"])


def sweep_missing(*, at: datetime, limit: int = 200) -> int:
    """Let pictures wait that were stored while nobody read any, newest first. Returns how many."""
    if not is_on():
        return 0
    rows = Blob.objects.filter(content_type__startswith="image/", reading__isnull=True).order_by("-pk")[:limit]
    made = [PictureText(blob=blob, not_before=at, created_at=at) for blob in rows]
    PictureText.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def list_due(*, at: datetime, limit: int = 50) -> list[int]:
    """Ids of pictures that wait, newest last noted first: what somebody has just sent is what somebody waits for."""
    return list(PictureText.objects.due(at=at).order_by("-not_before", "-pk").values_list("pk", flat=True)[:limit])


def read_waiting(*, at: datetime, limit: int = 50) -> int:
    """Read what waits, for some seconds. Returns how many were read or given up; 0 also where another thread is at it."""
    if not is_on() or not _reading.acquire(blocking=False):
        return 0
    done, began = 0, time.monotonic()
    try:
        due = list_due(at=at, limit=limit)
        if not due:
            return 0
        with PictureReader() as reader:
            for pk in due:
                now = at + timedelta(seconds=time.monotonic() - began)
                done += read_one(picture_id=pk, reader=reader, at=now)
                if time.monotonic() - began > BUSY_SECONDS:
                    break
    finally:
        _reading.release()
    return done


def read_one(*, picture_id: int, reader: PictureReader, at: datetime) -> bool:
    """Take a picture, read it outside any transaction, and keep what stands in it. False where another worker was first."""
    claimed = (
        PictureText.objects.due(at=at).filter(pk=picture_id).update(not_before=at + LEASE, attempts=F("attempts") + 1)
    )
    if not claimed:
        return False
    began = time.monotonic()
    row = PictureText.objects.select_related("blob").get(pk=picture_id)
    try:
        with row.blob.file.open("rb") as file:
            content = file.read()
    except OSError:
        answer = Answer(error="file_missing")
    else:
        answer = reader.read(content)
    # When it was there, not when it was begun: what was decided meanwhile was decided without it.
    _keep(row, answer, at=at + timedelta(seconds=time.monotonic() - began))
    return True


def _keep(row: PictureText, answer: Answer, *, at: datetime) -> None:
    row.engine, row.engine_version, row.milliseconds = NAME, engine_version(), answer.milliseconds
    row.error = answer.error
    if not answer.error:
        row.state, row.read_at = PictureState.READ, at
        row.text = answer.text.replace("\x00", "")[:MAX_CHARACTERS]
        row.kind, row.confidence = str(kind_of(row.text)), round(answer.confidence, 3)
    elif answer.error in (*PASSING, "engine_failed") and row.attempts < MAX_ATTEMPTS:
        row.not_before = at + timedelta(minutes=1)
    else:
        row.state = PictureState.FAILED
        logger.warning("picture %s was not read: %s %s", row.blob_id, answer.error, answer.detail)
    row.save(
        update_fields=[
            "engine", "engine_version", "milliseconds", "error", "state", "read_at", "text", "kind", "confidence", "not_before",
        ]
    )  # fmt: skip


def try_again(*, picture_ids: list[int], at: datetime) -> int:
    """Let pictures that could not be read wait once more. Returns how many."""
    return PictureText.objects.filter(pk__in=picture_ids, state=PictureState.FAILED).update(
        state=PictureState.WAITING, attempts=0, error="", not_before=at
    )
