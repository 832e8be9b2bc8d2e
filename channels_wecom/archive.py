"""The conversation archive as a port. In reality it is a native SDK; the product sees plain messages with a rising number."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

PAGE = 500


@dataclass(frozen=True)
class ArchivedMessage:
    """One decrypted record: `seq` rises, `plain` is the message as documentation 91774 describes it."""

    seq: int
    plain: dict[str, Any]


@dataclass(frozen=True)
class Room:
    """What is known about a room that is seen for the first time: `kind` is a `conversation_kind` or empty."""

    name: str
    kind: str
    members: tuple[tuple[str, str, str], ...] = ()  # (external id, side, name)


class ArchiveSource(Protocol):
    """Reads the archive of one corporation."""

    def pull(self, *, corp_id: str, secret: str, after: int, limit: int) -> list[ArchivedMessage]:
        """Records with a number above `after`, in order.

        :raises foundation.errors.Failure: when the archive cannot be read now.
        """
        ...

    def room(self, *, corp_id: str, room_id: str) -> Room | None:
        """What the archive side knows about a room; None where nothing."""
        ...

    def fetch_media(self, *, corp_id: str, secret: str, file_id: str) -> bytes:
        """The bytes of a file that a record names."""
        ...


@lru_cache(maxsize=4)
def _load(path: str) -> ArchiveSource:
    made: ArchiveSource = import_string(path)()
    return made


def source() -> ArchiveSource | None:
    """The archive that this installation reads (`WECOM_ARCHIVE_SOURCE`), None without one."""
    return _load(settings.WECOM_ARCHIVE_SOURCE) if settings.WECOM_ARCHIVE_SOURCE else None


def plain_of(text: str) -> dict[str, Any]:
    """A record's JSON. Control characters are known to stand in it and are dropped (facts, section 7.4)."""
    found: dict[str, Any] = json.loads(re.sub(r"[\x00-\x1f]", " ", text))
    return found


_QUOTE = re.compile(
    r"^这是一条引用/回复消息：\s*\n?\"(?P<who>[^\"\n]{0,64}?)：\s*\n(?P<quote>.*?)\"\s*\n-{3,}\s*\n(?P<text>.*)$", re.S
)


def split_quote(text: str) -> tuple[str, str]:
    """The text of a reply and the text that it quotes, which the archive flattens into one."""
    match = _QUOTE.match(text)
    return (match["text"].strip(), match["quote"].strip()) if match else (text, "")
