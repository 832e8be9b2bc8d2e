"""What people can do in the local WeCom: write, recall, confirm; and what follows from it: callbacks, log entries, counters."""

from __future__ import annotations

import hashlib
import mimetypes
import secrets
import time
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from channels_wecom.sandbox import push
from channels_wecom.sandbox.models import (
    ARCHIVED,
    ChatKind,
    SandboxChat,
    SandboxCorp,
    SandboxMassTask,
    SandboxMedia,
    SandboxMember,
    SandboxMessage,
    SandboxPass,
    SandboxUser,
    UserKind,
)

#: A session may be answered by API for this long after the customer's last message, and this often (documentation 94677).
KF_WINDOW = timedelta(hours=48)
KF_MESSAGES = 5
RECALL_WITHIN = timedelta(hours=24)


class SandboxError(Exception):
    """The local WeCom refuses: `code` is WeCom's error code where it has one."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def find_chat(*, chat_id: str, corp: SandboxCorp | None = None) -> SandboxChat:
    """The chat with this id.

    :raises SandboxError: when there is none.
    """
    chats = SandboxChat.objects.select_related("corp", "owner").filter(chat_id=chat_id)
    chat = (chats.filter(corp=corp) if corp is not None else chats).first()
    if chat is None:
        raise SandboxError(86003, f"no chat {chat_id}")
    return chat


def upload_media(
    *, corp: SandboxCorp, name: str, data: bytes, type: str = "", content_type: str = "", at: datetime | None = None
) -> SandboxMedia:
    """Keep bytes, as uploading or sending a file does."""
    content_type = content_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
    kind = type or next((k for k in ("image", "video") if content_type.startswith(k)), "")
    kind = kind or ("voice" if content_type.startswith("audio") else "file")
    return SandboxMedia.objects.create(
        corp=corp, media_id=secrets.token_urlsafe(24), type=kind, name=name[:255], content_type=content_type, data=data,
        md5=hashlib.md5(data, usedforsecurity=False).hexdigest(), size=len(data), created_at=at or timezone.now(),
    )  # fmt: skip


def _append(chat: SandboxChat, *, msgid: str = "", **fields: Any) -> SandboxMessage:
    """Write the next entry of the corporation's log. Call it in a transaction."""
    corp = SandboxCorp.objects.select_for_update().get(pk=chat.corp_id)
    corp.last_seq += 1
    corp.save(update_fields=["last_seq"])
    chat.corp = corp
    if not msgid:
        outside = chat.members.exclude(user__kind=UserKind.STAFF).exists()
        msgid = f"{corp.last_seq}{secrets.randbelow(10**6):06d}_{int(fields['sent_at'].timestamp() * 1000)}"
        msgid += "_external" if outside and chat.kind != ChatKind.KF else ""
    return SandboxMessage.objects.create(corp=corp, chat=chat, seq=corp.last_seq, msgid=msgid, **fields)


def _ring(chat: SandboxChat, message: SandboxMessage) -> None:
    """Tell the product after commit, in the way that this kind of chat has."""
    target = push.target_of(chat.corp)
    if chat.kind == ChatKind.KF:
        word = SandboxPass.objects.create(
            corp=chat.corp, kind="kf", value=f"ENC{secrets.token_urlsafe(24)}", about=chat.open_kfid,
            expires_at=timezone.now() + timedelta(minutes=10),
        )  # fmt: skip
        fields: dict[str, str | int | list[str]] = {
            "CreateTime": int(time.time()), "MsgType": "event", "Event": "kf_msg_or_event", "Token": word.value,
            "OpenKfId": chat.open_kfid,
        }  # fmt: skip
        transaction.on_commit(lambda: push.send(target, fields))
    elif chat.kind == ChatKind.APP:
        assert message.sender is not None
        told: dict[str, str | int | list[str]] = {
            "FromUserName": message.sender.userid, "CreateTime": int(message.sent_at.timestamp()),
            "MsgType": message.msgtype,
        }  # fmt: skip
        if message.msgtype == "text":
            told["Content"] = str(message.content.get("content", ""))
        elif message.media is not None:
            told["MediaId"] = message.media.media_id
            if message.msgtype == "image":
                told["PicUrl"] = ""
        told["MsgId"] = int(hashlib.sha256(message.msgid.encode()).hexdigest()[:15], 16)
        told["AgentID"] = chat.corp.agent_id
        transaction.on_commit(lambda: push.send(target, told))
    elif chat.kind in ARCHIVED:
        transaction.on_commit(lambda: push.notify_archive(target))


def post_message(
    *,
    chat: SandboxChat,
    sender: SandboxUser,
    text: str = "",
    msgtype: str = "text",
    content: dict[str, Any] | None = None,
    media: SandboxMedia | None = None,
    quote: SandboxMessage | None = None,
    msgid: str = "",
    at: datetime | None = None,
    ring: bool = True,
) -> SandboxMessage:
    """Write into a chat as one of its members, as a person does in the client.

    :param content: the object of a message type other than text, such as `location`.
    :param quote: the message that this one answers; the archive flattens it into the text, as WeCom does.
    :param ring: whether the product is told (a history is laid down without).
    :raises SandboxError: when the sender is not in the chat, or there is nothing to say.
    """
    at = at or timezone.now()
    if not chat.members.filter(user=sender).exists():
        raise SandboxError(60111, f"{sender.name} is not in this chat")
    if media is not None:
        msgtype = media.type
        content = {}
    elif msgtype == "text":
        if not text.strip():
            raise SandboxError(44004, "nothing to send")
        content = {"content": text}
    quoted = {"name": quote.sender.name if quote.sender else quote.sender_name, "text": _words(quote)} if quote else {}
    with transaction.atomic():
        message = _append(
            chat, msgid=msgid, sender=sender, sender_name=sender.name, msgtype=msgtype, content=content or {},
            media=media, quote=quoted, sent_at=at,
        )  # fmt: skip
        if chat.kind == ChatKind.KF:
            if sender.kind == UserKind.STAFF:
                chat.kf_state, chat.kf_servicer = 3, sender.userid
            else:
                if chat.kf_state not in (1, 2, 3):
                    chat.kf_state, chat.kf_servicer = 0, ""
                chat.kf_customer_at, chat.kf_sent = at, 0
            chat.save(update_fields=["kf_state", "kf_servicer", "kf_customer_at", "kf_sent"])
        if ring:
            _ring(chat, message)
    return message


def _words(message: SandboxMessage) -> str:
    labels = {"image": "[图片]", "voice": "[语音]", "video": "[视频]", "file": "[文件]", "emotion": "[表情]"}
    return str(message.content.get("content") or "") or labels.get(message.msgtype, f"[{message.msgtype}]")


def _kf_event(chat: SandboxChat, event: dict[str, Any], *, at: datetime) -> SandboxMessage:
    customer = chat.members.exclude(user__kind=UserKind.STAFF).select_related("user").first()
    ids = {"open_kfid": chat.open_kfid, "external_userid": customer.user.userid if customer else ""}
    return _append(chat, action="event", msgtype="event", content={**ids, **event}, sent_at=at)


def recall_message(*, message: SandboxMessage, by: SandboxUser, at: datetime | None = None) -> SandboxMessage:
    """Take a message back, as its writer.

    :raises SandboxError: when it is somebody else's, or cannot be taken back any more.
    """
    at = at or timezone.now()
    if message.sender_id != by.pk or message.action != "send":
        raise SandboxError(60011, "only the writer takes a message back")
    if message.recalled_at is not None:
        return message
    if at - message.sent_at > RECALL_WITHIN:
        raise SandboxError(60011, "too late to take it back")
    chat = message.chat
    with transaction.atomic():
        message.recalled_at = at
        message.save(update_fields=["recalled_at"])
        if chat.kind == ChatKind.KF:
            event = {"event_type": "user_recall_msg", "recall_msgid": message.msgid}
            if by.kind == UserKind.STAFF:
                event = {**event, "event_type": "servicer_recall_msg", "servicer_userid": by.userid}
            entry = _kf_event(chat, event, at=at)
        else:
            entry = _append(
                chat, action="recall", sender=by, sender_name=by.name, msgtype="revoke",
                content={"pre_msgid": message.msgid}, sent_at=at,
            )  # fmt: skip
        if chat.kind != ChatKind.APP:
            _ring(chat, entry)
    return message


def end_session(*, chat: SandboxChat, at: datetime | None = None) -> None:
    """A servicer ends a session in the client; the customer's next message starts a new one."""
    at = at or timezone.now()
    with transaction.atomic():
        servicer, chat.kf_state, chat.kf_servicer = chat.kf_servicer, 4, ""
        chat.save(update_fields=["kf_state", "kf_servicer"])
        entry = _kf_event(
            chat, {"event_type": "session_status_change", "change_type": 3, "old_servicer_userid": servicer,
                   "msg_code": secrets.token_urlsafe(16)}, at=at,
        )  # fmt: skip
        _ring(chat, entry)


def enter_session(*, chat: SandboxChat, scene: str = "sandbox", at: datetime | None = None) -> None:
    """A customer opens a session without having written yet."""
    with transaction.atomic():
        entry = _kf_event(
            chat, {"event_type": "enter_session", "scene": scene, "scene_param": ""}, at=at or timezone.now()
        )
        _ring(chat, entry)


def fail_message(*, message: SandboxMessage, fail_type: int = 0, at: datetime | None = None) -> None:
    """A message that a program sent into a session turns out not to have arrived."""
    with transaction.atomic():
        message.failed = f"fail_type {fail_type}"
        message.save(update_fields=["failed"])
        event = {"event_type": "msg_send_fail", "fail_msgid": message.msgid, "fail_type": fail_type}
        entry = _kf_event(message.chat, event, at=at or timezone.now())
        _ring(message.chat, entry)


def post_by_api(
    *, chat: SandboxChat, msgtype: str, content: dict[str, Any], msgid: str = "", sender_name: str = "",
    media: SandboxMedia | None = None, at: datetime | None = None,
) -> SandboxMessage:  # fmt: skip
    """Write what a program sent. No callback follows, no archive keeps it, no session log shows it."""
    with transaction.atomic():
        return _append(
            chat, msgid=msgid, sender_name=sender_name or chat.corp.app_name, msgtype=msgtype, content=content,
            media=media, via_api=True, sent_at=at or timezone.now(),
        )  # fmt: skip


def send_kf(
    *, chat: SandboxChat, msgtype: str, content: dict[str, Any], msgid: str, media: SandboxMedia | None = None,
    at: datetime | None = None,
) -> SandboxMessage:  # fmt: skip
    """Send into a session by API, under WeCom's conditions (documentation 94677).

    :raises SandboxError: 95018 state, 95002 window, 95001 number.
    """
    at = at or timezone.now()
    with transaction.atomic():
        chat = SandboxChat.objects.select_for_update(of=("self",)).select_related("corp").get(pk=chat.pk)
        if chat.kf_state not in (0, 1):
            raise SandboxError(95018, "send msg session status invalid")
        if chat.kf_customer_at is None or at - chat.kf_customer_at > KF_WINDOW:
            raise SandboxError(95002, "send msg out of 48 hours")
        if chat.kf_sent >= KF_MESSAGES:
            raise SandboxError(95001, "send msg count limit")
        if msgid and SandboxMessage.objects.filter(corp=chat.corp, msgid=msgid).exists():
            raise SandboxError(40035, "msgid was used before")
        kf = chat.corp.kf_accounts.filter(open_kfid=chat.open_kfid).first()
        message = post_by_api(
            chat=chat, msgtype=msgtype, content=content, msgid=msgid, sender_name=kf.name if kf else "", media=media,
            at=at,
        )  # fmt: skip
        chat.kf_state, chat.kf_sent = 1, chat.kf_sent + 1
        chat.save(update_fields=["kf_state", "kf_sent"])
        return message


def confirm_task(*, task: SandboxMassTask, at: datetime | None = None) -> int:
    """The sender confirms a mass message in the client; only now does it go into the chats. No callback tells so.

    :returns: how many chats it went into.
    """
    at = at or timezone.now()
    if task.confirmed_at or task.cancelled_at:
        return 0
    sent = 0
    results: dict[str, int] = {}
    for target in task.targets:
        if task.chat_type == "group":
            chat = SandboxChat.objects.filter(corp=task.corp, chat_id=target, kind=ChatKind.CUSTOMER_GROUP).first()
        else:
            chat = (
                SandboxChat.objects.filter(corp=task.corp, kind=ChatKind.SINGLE, members__user=task.sender)
                .filter(members__user__userid=target)
                .first()
            )
        if chat is None or not chat.members.filter(user=task.sender).exists():
            results[target] = 2
            continue
        post_message(chat=chat, sender=task.sender, text=task.text, at=at)
        results[target] = 1
        sent += 1
    task.results, task.confirmed_at = results, at
    task.save(update_fields=["results", "confirmed_at"])
    return sent


def make_oauth_code(*, user: SandboxUser) -> str:
    """The code that the client hands to a page which a member opens (the sidebar)."""
    row = SandboxPass.objects.create(
        corp=user.corp, kind="oauth", value=secrets.token_urlsafe(24), about=user.userid,
        expires_at=timezone.now() + timedelta(minutes=5),
    )  # fmt: skip
    return row.value


def _group_event(chat: SandboxChat, fields: dict[str, str | int | list[str]]) -> None:
    if chat.kind not in (ChatKind.CUSTOMER_GROUP, ChatKind.PARTNER_GROUP):
        return
    target = push.target_of(chat.corp)
    event: dict[str, str | int | list[str]] = {
        "FromUserName": "sys", "CreateTime": int(time.time()), "MsgType": "event", "Event": "change_external_chat",
        "ChatId": chat.chat_id, **fields,
    }  # fmt: skip
    transaction.on_commit(lambda: push.send(target, event))


def member_version(chat: SandboxChat) -> str:
    """The version of a group's member list, as events and `groupchat/get` show it."""
    ids = ",".join(sorted(chat.members.values_list("user__userid", flat=True)))
    return hashlib.md5(ids.encode(), usedforsecurity=False).hexdigest()


def add_member(*, chat: SandboxChat, user: SandboxUser, at: datetime | None = None, ring: bool = True) -> None:
    """Somebody joins a group."""
    before = member_version(chat)
    _row, created = SandboxMember.objects.get_or_create(
        chat=chat, user=user, defaults={"joined_at": at or timezone.now()}
    )
    if created and ring:
        _group_event(
            chat, {"ChangeType": "update", "UpdateDetail": "add_member", "JoinScene": 3, "QuitScene": 0,
                   "MemChangeCnt": 1, "MemChangeList": [user.userid], "LastMemVer": before,
                   "CurMemVer": member_version(chat)},
        )  # fmt: skip


def remove_member(*, chat: SandboxChat, user: SandboxUser, ring: bool = True) -> None:
    """Somebody leaves a group."""
    before = member_version(chat)
    if SandboxMember.objects.filter(chat=chat, user=user).delete()[0] and ring:
        _group_event(
            chat, {"ChangeType": "update", "UpdateDetail": "del_member", "JoinScene": 0, "QuitScene": 0,
                   "MemChangeCnt": 1, "MemChangeList": [user.userid], "LastMemVer": before,
                   "CurMemVer": member_version(chat)},
        )  # fmt: skip


def add_contact(*, staff: SandboxUser, customer: SandboxUser, state: str = "") -> None:
    """A WeChat user adds a member: the product hears of a new external contact."""
    target = push.target_of(staff.corp)
    fields: dict[str, str | int | list[str]] = {
        "FromUserName": "sys", "CreateTime": int(time.time()), "MsgType": "event", "Event": "change_external_contact",
        "ChangeType": "add_external_contact", "UserID": staff.userid, "ExternalUserID": customer.userid,
    }  # fmt: skip
    if state:
        fields["State"] = state
    transaction.on_commit(lambda: push.send(target, fields))
