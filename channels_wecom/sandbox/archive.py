"""The archive of the local WeCom, behind the port that in reality a native SDK stands behind."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.utils import timezone

from channels_wecom.archive import ArchivedMessage, Room, plain_of
from channels_wecom.sandbox.models import (
    ARCHIVED,
    ChatKind,
    SandboxChat,
    SandboxCorp,
    SandboxMedia,
    SandboxMessage,
    UserKind,
)
from foundation.errors import PermanentFailure

#: The archive gives out the last five days only (documentation 91774).
KEPT = timedelta(days=5)


class SandboxArchive:
    """Implements `channels_wecom.archive.ArchiveSource` over the rows of the local WeCom."""

    def pull(self, *, corp_id: str, secret: str, after: int, limit: int) -> list[ArchivedMessage]:
        """Records above a number, in order."""
        corp = self._corp(corp_id, secret)
        rows = (
            SandboxMessage.objects.filter(
                corp=corp, seq__gt=after, via_api=False, chat__kind__in=ARCHIVED, sent_at__gt=timezone.now() - KEPT
            )
            .select_related("chat", "sender", "media")
            .prefetch_related("chat__members__user")
            .order_by("seq")[: min(limit, 1000)]
        )
        return [ArchivedMessage(row.seq, plain_of(json.dumps(plain(row), ensure_ascii=False))) for row in rows]

    def room(self, *, corp_id: str, room_id: str) -> Room | None:
        """Name, kind and members of a room."""
        chat = SandboxChat.objects.filter(corp__corp_id=corp_id, chat_id=room_id).first()
        if chat is None:
            return None
        sides = {
            UserKind.STAFF: "internal", UserKind.ROBOT: "internal", UserKind.PARTNER: "partner",
            UserKind.EXTERNAL: "customer" if chat.kind == ChatKind.CUSTOMER_GROUP else "unknown",
        }  # fmt: skip
        members = tuple(
            (m.user.userid, sides[UserKind(m.user.kind)], m.user.name) for m in chat.members.select_related("user")
        )
        return Room(name=chat.name, kind=str(chat.kind), members=members)

    def fetch_media(self, *, corp_id: str, secret: str, file_id: str) -> bytes:
        """The bytes behind an sdkfileid."""
        corp = self._corp(corp_id, secret)
        media = SandboxMedia.objects.filter(corp=corp, media_id=file_id).first()
        if media is None:
            raise PermanentFailure("no such file", code="10005")
        if media.created_at < timezone.now() - KEPT:
            raise PermanentFailure("the file is too old", code="10010")
        return bytes(media.data)

    @staticmethod
    def _corp(corp_id: str, secret: str) -> SandboxCorp:
        corp = SandboxCorp.objects.filter(corp_id=corp_id).first()
        if corp is None or not corp.archive_secret or corp.archive_secret != secret:
            raise PermanentFailure("corp id or archive secret is wrong", code="10000")
        return corp


def plain(row: SandboxMessage) -> dict[str, Any]:
    """A record as the archive shows it after decryption (facts, section 7.6)."""
    chat, sender = row.chat, row.sender
    others = [m.user.userid for m in chat.members.all() if sender is None or m.user_id != sender.pk]
    head: dict[str, Any] = {
        "msgid": row.msgid, "action": row.action, "from": sender.userid if sender else "", "tolist": others,
        "roomid": "" if chat.kind == ChatKind.SINGLE else chat.chat_id, "msgtime": int(row.sent_at.timestamp() * 1000),
        "msgtype": row.msgtype,
    }  # fmt: skip
    body: dict[str, Any] = dict(row.content)
    if row.msgtype == "text" and row.quote:
        words = f"{row.quote['name']}：\n{row.quote['text']}"
        body["content"] = f'这是一条引用/回复消息：\n"{words}"\n------\n{body["content"]}'
    if row.media is not None:
        body = {"sdkfileid": row.media.media_id, "md5sum": row.media.md5, "filesize": row.media.size}
        if row.msgtype == "file":
            body |= {"filename": row.media.name, "fileext": row.media.name.rpartition(".")[2]}
        if row.msgtype == "voice":
            body |= {"voice_size": row.media.size, "play_length": 1}
    return {**head, row.msgtype: body}
