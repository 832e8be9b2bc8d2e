"""Public ids: UUID version 7, sortable by time and safe to show."""

from __future__ import annotations

import os
import threading
import time
import uuid

from django.db import models

_lock = threading.Lock()
_last = 0


def uuid7() -> uuid.UUID:
    """A new UUIDv7 (RFC 9562): 48 bits of milliseconds, then random bits; rising within a process.

    The 12 bits after the version are a counter of sub-millisecond steps, so that ids made in one millisecond keep their order.
    """
    global _last
    with _lock:
        now = time.time_ns() // 250  # quarter microseconds: 12 bits hold 1 ms / 4096
        stamp = max(now, _last + 1)
        _last = stamp
    millis, rest = divmod(stamp, 4000)
    value = (millis & (2**48 - 1)) << 80
    value |= 0x7 << 76
    value |= (rest & 0xFFF) << 64
    value |= 0b10 << 62
    value |= int.from_bytes(os.urandom(8), "big") & (2**62 - 1)
    return uuid.UUID(int=value)


class PublicIdModel(models.Model):
    """A row that people and programs outside may name: by `public_id`, never by primary key."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)

    class Meta:
        abstract = True
