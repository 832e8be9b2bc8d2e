"""Furnish the local WeCom: a corporation, people, chats. Idempotent, so that a demo loader may call it at every start.

corp = seed(
    CorpSeed(account_key="main", corp_id="ww…", name="…", callback_url="http://127.0.0.1:8000/wecom/callback/main/", …),
    users=[UserSeed("zhangwei", "张伟"), UserSeed("wmCHEN", "陈女士", "external")],
    chats=[ChatSeed("customer_group", ("zhangwei", "wmCHEN"), chat_id="wrCHEN", name="陈女士服务群")],
)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from channels_wecom.sandbox import operations
from channels_wecom.sandbox.models import (
    ChatKind,
    SandboxChat,
    SandboxCorp,
    SandboxKfAccount,
    SandboxMember,
    SandboxMessage,
    SandboxUser,
    UserKind,
)


@dataclass(frozen=True)
class CorpSeed:
    """A corporation with one app; the secrets must equal those of the product's account."""

    account_key: str
    corp_id: str
    name: str
    callback_url: str
    token: str
    encoding_aes_key: str
    app_secret: str
    archive_secret: str = ""
    agent_id: int = 1000002
    app_name: str = "爱家助手"
    toolbar_url: str = ""


@dataclass(frozen=True)
class UserSeed:
    """Somebody who can write. `kind`: `staff`, `external` (WeChat user), `partner` (member of another company)."""

    userid: str
    name: str
    kind: str = "staff"
    corp_name: str = ""


@dataclass(frozen=True)
class MessageSeed:
    """A message that was already there."""

    sender: str
    text: str
    at: datetime
    msgid: str = ""


@dataclass(frozen=True)
class ChatSeed:
    """A chat with its members (userids).

    `chat_id` is a group's room id; for the other kinds it is made from the members and is `single:<staff>:<outside>`,
    `kf:<open_kfid>:<customer>` or `app:<staff>`.
    """

    kind: str
    members: tuple[str, ...]
    chat_id: str = ""
    name: str = ""
    owner: str = ""
    open_kfid: str = ""
    kf_name: str = ""
    webhook_key: str = ""
    made_by_app: bool = True
    history: tuple[MessageSeed, ...] = ()

    def handle(self, kinds: dict[str, str]) -> str:
        """The id of the chat."""
        if self.chat_id:
            return self.chat_id
        outside = [m for m in self.members if kinds.get(m) != UserKind.STAFF]
        inside = [m for m in self.members if kinds.get(m) == UserKind.STAFF]
        if self.kind == ChatKind.KF:
            return f"kf:{self.open_kfid}:{outside[0]}"
        if self.kind == ChatKind.SINGLE:
            return ":".join(["single", *(inside[:1] + outside if outside else sorted(inside))])
        if self.kind == ChatKind.APP:
            return f"app:{inside[0]}"
        raise ValueError("a group needs a chat_id")


def seed(corp: CorpSeed, *, users: Iterable[UserSeed] = (), chats: Iterable[ChatSeed] = ()) -> SandboxCorp:
    """Make what is missing and bring the rest up to date; what was said stays. An app chat is made for every member of the corporation."""
    with transaction.atomic():
        row, _created = SandboxCorp.objects.update_or_create(
            corp_id=corp.corp_id,
            defaults={
                "account_key": corp.account_key, "name": corp.name, "app_name": corp.app_name,
                "callback_url": corp.callback_url, "toolbar_url": corp.toolbar_url, "token": corp.token,
                "encoding_aes_key": corp.encoding_aes_key, "agent_id": corp.agent_id, "app_secret": corp.app_secret,
                "archive_secret": corp.archive_secret,
            },
        )  # fmt: skip
        for user in users:
            SandboxUser.objects.update_or_create(
                corp=row, userid=user.userid,
                defaults={"name": user.name, "kind": user.kind, "corp_name": user.corp_name},
            )  # fmt: skip
        people = {user.userid: user for user in row.users.all()}
        kinds = {userid: user.kind for userid, user in people.items()}
        now = timezone.now()
        wanted = [*chats, *(ChatSeed("app", (u,)) for u, kind in kinds.items() if kind == UserKind.STAFF)]
        for chat in wanted:
            _seed_chat(row, chat, people, kinds, now)
    return row


def _seed_chat(
    corp: SandboxCorp, chat: ChatSeed, people: dict[str, SandboxUser], kinds: dict[str, str], now: datetime
) -> None:
    if chat.kind == ChatKind.KF:
        SandboxKfAccount.objects.update_or_create(
            open_kfid=chat.open_kfid, defaults={"corp": corp, "name": chat.kf_name or corp.name}
        )
    owner = people.get(chat.owner) or next((people[m] for m in chat.members if kinds.get(m) == UserKind.STAFF), None)
    name = chat.name or "、".join(people[m].name for m in chat.members if kinds.get(m) != UserKind.STAFF)
    if chat.kind == ChatKind.APP:
        name = chat.name or f"{corp.app_name} · {people[chat.members[0]].name}"
    row, created = SandboxChat.objects.update_or_create(
        corp=corp, chat_id=chat.handle(kinds),
        defaults={
            "kind": chat.kind, "name": name, "owner": owner, "open_kfid": chat.open_kfid,
            "webhook_key": chat.webhook_key, "made_by_app": chat.made_by_app and chat.kind == ChatKind.INTERNAL_GROUP,
        },
        create_defaults={
            "kind": chat.kind, "name": name, "owner": owner, "open_kfid": chat.open_kfid,
            "webhook_key": chat.webhook_key, "made_by_app": chat.made_by_app and chat.kind == ChatKind.INTERNAL_GROUP,
            "created_at": now,
        },
    )  # fmt: skip
    for member in chat.members:
        SandboxMember.objects.get_or_create(chat=row, user=people[member], defaults={"joined_at": now})
    if created:
        for past in chat.history:
            operations.post_message(
                chat=row, sender=people[past.sender], text=past.text, at=past.at, msgid=past.msgid, ring=False
            )


def say(
    corp: SandboxCorp | None,
    chat_id: str,
    sender: str,
    text: str = "",
    *,
    picture: bytes = b"",
    picture_name: str = "photo.png",
    quote: SandboxMessage | None = None,
    at: datetime | None = None,
    ring: bool = True,
) -> SandboxMessage:
    """Write as somebody, by ids: for tests, demos and benchmarks. `picture` sends a picture instead of the text."""
    chat = operations.find_chat(chat_id=chat_id, corp=corp)
    user = SandboxUser.objects.get(corp=chat.corp, userid=sender)
    media = operations.upload_media(corp=chat.corp, name=picture_name, data=picture, type="image") if picture else None
    return operations.post_message(chat=chat, sender=user, text=text, media=media, quote=quote, at=at, ring=ring)
