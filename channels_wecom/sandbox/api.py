"""The `/cgi-bin/…` API of the local WeCom: HTTP 200 with an errcode, tokens in the query, and the limits of the real one.

There is no address that writes into a group with people from outside: as in reality, a member has to.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from channels_wecom.sandbox import operations
from channels_wecom.sandbox.checks import is_open
from channels_wecom.sandbox.models import (
    ChatKind,
    SandboxChat,
    SandboxCorp,
    SandboxKfAccount,
    SandboxMassTask,
    SandboxMedia,
    SandboxMessage,
    SandboxPass,
    SandboxToken,
    SandboxUser,
    UserKind,
)
from channels_wecom.sandbox.operations import SandboxError

TOKEN_SECONDS = 7200
MEDIA_KEPT = timedelta(days=3)
KF_KEPT = timedelta(days=3)
ROOM_FOR_TEXT = 2048
MSGID = re.compile(r"^[0-9a-zA-Z_-]{0,32}$")


@dataclass(frozen=True)
class Call:
    """One API call: who calls, with what."""

    request: HttpRequest
    corp: SandboxCorp
    body: dict[str, Any]
    at: datetime

    def query(self, name: str) -> str:
        """A query parameter."""
        return str(self.request.GET.get(name, ""))

    def text(self, name: str) -> str:
        """A word of the body."""
        value = self.body.get(name)
        return "" if value is None else str(value)

    def ids(self, name: str) -> list[str]:
        """A list of words of the body."""
        value = self.body.get(name)
        return [str(item) for item in value] if isinstance(value, list) else []


Handler = Callable[[Call], dict[str, Any] | HttpResponse]
_routes: dict[str, tuple[Handler, str]] = {}


def route(path: str, secret: str = "app") -> Callable[[Handler], Handler]:
    """Register a handler for a path and the kind of secret whose token it takes."""

    def register(handler: Handler) -> Handler:
        _routes[path] = (handler, secret)
        return handler

    return register


def _answer(code: int, message: str, **more: Any) -> JsonResponse:
    return JsonResponse({"errcode": code, "errmsg": message, **more})


@csrf_exempt
def cgi_bin(request: HttpRequest, path: str) -> HttpResponse:
    """Every API address."""
    if not is_open():
        return HttpResponse(status=404)
    if path == "gettoken":
        return _gettoken(request)
    if path == "webhook/send":
        return _webhook(request)
    found = _routes.get(path)
    if found is None:
        return HttpResponse(status=404)
    handler, wanted = found
    word = request.GET.get("access_token", "")
    if not word:
        return _answer(41001, "access_token missing")
    token = SandboxToken.objects.select_related("corp").filter(token=word).first()
    at = timezone.now()
    if token is None:
        return _answer(40014, "invalid access_token")
    if token.refused_with:
        return _answer(token.refused_with, "access_token is not valid any more")
    if token.expires_at <= at:
        return _answer(42001, "access_token expired")
    if token.secret_kind != wanted:
        return _answer(48002, "api forbidden for this secret")
    body: dict[str, Any] = {}
    if request.method == "POST" and not (request.content_type or "").startswith("multipart/"):
        try:
            data = json.loads(request.body or b"{}")
        except ValueError:
            return _answer(47001, "data format error")
        if not isinstance(data, dict):
            return _answer(47001, "data format error")
        body = data
    try:
        answer = handler(Call(request, token.corp, body, at))
    except SandboxError as error:
        return _answer(error.code, str(error))
    return answer if isinstance(answer, HttpResponse) else _answer(0, "ok", **answer)


def _gettoken(request: HttpRequest) -> JsonResponse:
    secret = request.GET.get("corpsecret", "")
    if not secret:
        return _answer(41004, "corpsecret missing")
    corp = SandboxCorp.objects.filter(corp_id=request.GET.get("corpid", "")).first()
    if corp is None:
        return _answer(40013, "invalid corpid")
    kind = {corp.app_secret: "app", corp.archive_secret or "\x00": "archive"}.get(secret)
    if kind is None:
        return _answer(40001, "invalid credential")
    now = timezone.now()
    token = SandboxToken.objects.filter(corp=corp, secret_kind=kind, refused_with=0, expires_at__gt=now).last()
    if token is None:
        token = SandboxToken.objects.create(
            corp=corp,
            secret_kind=kind,
            token=secrets.token_urlsafe(48),
            expires_at=now + timedelta(seconds=TOKEN_SECONDS),
        )
    left = int((token.expires_at - now).total_seconds())
    return _answer(0, "ok", access_token=token.token, expires_in=left)


def expire_tokens(corp: SandboxCorp, *, code: int = 40014) -> int:
    """Make every token that is out fail from now on with this code (40014 or 42001): WeCom may do so early."""
    return SandboxToken.objects.filter(corp=corp, refused_with=0).update(refused_with=code)


# --- customer service ----------------------------------------------------------------------------------------------------


def _kf_account(call: Call) -> SandboxKfAccount:
    open_kfid = call.text("open_kfid")
    if not open_kfid:
        raise SandboxError(95004, "open_kfid missing")
    account = SandboxKfAccount.objects.filter(corp=call.corp, open_kfid=open_kfid).first()
    if account is None:
        raise SandboxError(95000, "invalid open_kfid")
    return account


def _session(call: Call, customer: str) -> SandboxChat:
    account = _kf_account(call)
    chat = SandboxChat.objects.filter(
        corp=call.corp, kind=ChatKind.KF, open_kfid=account.open_kfid, members__user__userid=customer
    ).first()
    if chat is None:
        raise SandboxError(40096, "invalid external_userid")
    return chat


def _kf_item(row: SandboxMessage) -> dict[str, Any]:
    head: dict[str, Any] = {"msgid": row.msgid, "send_time": int(row.sent_at.timestamp()), "msgtype": row.msgtype}
    if row.msgtype == "event":
        return {**head, "origin": 4, "event": row.content}
    sender = row.sender
    assert sender is not None
    outside = row.chat.members.exclude(user__kind=UserKind.STAFF).select_related("user").first()
    head |= {"open_kfid": row.chat.open_kfid, "external_userid": outside.user.userid if outside else ""}
    if sender.kind == UserKind.STAFF:
        head |= {"origin": 5, "servicer_userid": sender.userid}
    else:
        head["origin"] = 3
    body = {"media_id": row.media.media_id} if row.media is not None else dict(row.content)
    if row.msgtype == "text" and row.quote:
        body["content"] = (
            f"「{row.quote['name']}：{row.quote['text']}」\n- - - - - - - - - - - - - - -\n{body['content']}"
        )
    return {**head, row.msgtype: body}


@route("kf/sync_msg")
def kf_sync_msg(call: Call) -> dict[str, Any]:
    """The log of an account after a cursor. What programs sent is not in it."""
    account = _kf_account(call)
    word = call.text("token")
    if (
        word
        and not SandboxPass.objects.filter(
            corp=call.corp, kind="kf", value=word, about=account.open_kfid, expires_at__gt=call.at
        ).exists()
    ):
        raise SandboxError(95007, "invalid msg token")
    limit = min(max(int(call.body.get("limit") or 1000), 1), 1000)
    rows = SandboxMessage.objects.filter(
        corp=call.corp, chat__kind=ChatKind.KF, chat__open_kfid=account.open_kfid, sent_at__gt=call.at - KF_KEPT
    )
    after = 0
    if call.text("cursor"):
        try:
            after = int(base64.urlsafe_b64decode(call.text("cursor")).decode().removeprefix("s"))
        except (binascii.Error, ValueError) as error:
            raise SandboxError(40035, "invalid cursor") from error
    found = list(rows.filter(seq__gt=after).select_related("chat", "sender", "media").order_by("seq")[: limit + 1])
    page = found[:limit]
    last = page[-1].seq if page else after
    return {
        "next_cursor": base64.urlsafe_b64encode(f"s{last}".encode()).decode(),
        "has_more": int(len(found) > limit),
        "msg_list": [_kf_item(row) for row in page if not row.via_api],
    }


@route("kf/send_msg")
def kf_send_msg(call: Call) -> dict[str, Any]:
    """Send into a session."""
    chat = _session(call, call.text("touser"))
    kind = call.text("msgtype")
    content = call.body.get(kind)
    if kind not in ("text", "image", "voice", "video", "file", "link", "location", "msgmenu") or not content:
        raise SandboxError(40008, "invalid message type")
    if not isinstance(content, dict):
        raise SandboxError(40035, "invalid parameter")
    if not MSGID.match(call.text("msgid")):
        raise SandboxError(40035, "invalid msgid")
    if kind == "text":
        if not str(content.get("content", "")).strip():
            raise SandboxError(44004, "text content is empty")
        if len(str(content["content"]).encode()) > ROOM_FOR_TEXT:
            raise SandboxError(45002, "text content too long")
    media = _media_of(call, content) if kind in ("image", "voice", "video", "file") else None
    msgid = call.text("msgid") or secrets.token_hex(16)
    message = operations.send_kf(chat=chat, msgtype=kind, content=content, msgid=msgid, media=media, at=call.at)
    return {"msgid": message.msgid}


@route("kf/account/list")
def kf_account_list(call: Call) -> dict[str, Any]:
    """The customer-service accounts."""
    rows = call.corp.kf_accounts.order_by("pk")
    start, limit = int(call.body.get("offset") or 0), min(int(call.body.get("limit") or 100), 100)
    return {
        "account_list": [
            {"open_kfid": a.open_kfid, "name": a.name, "avatar": "", "manage_privilege": True}
            for a in rows[start : start + limit]
        ]
    }


@route("kf/customer/batchget")
def kf_customer_batchget(call: Call) -> dict[str, Any]:
    """Names of customers."""
    ids = call.ids("external_userid_list")
    if not 1 <= len(ids) <= 100:
        raise SandboxError(40035, "1 to 100 ids")
    users = {u.userid: u for u in call.corp.users.filter(userid__in=ids).exclude(kind=UserKind.STAFF)}
    return {
        "customer_list": [
            {"external_userid": u.userid, "nickname": u.name, "avatar": "", "gender": 0, "unionid": ""}
            for u in users.values()
        ],
        "invalid_external_userid": [i for i in ids if i not in users],
    }


@route("kf/service_state/get")
def kf_state_get(call: Call) -> dict[str, Any]:
    """The state of a session."""
    chat = _session(call, call.text("external_userid"))
    return {"service_state": chat.kf_state, "servicer_userid": chat.kf_servicer}


@route("kf/service_state/trans")
def kf_state_trans(call: Call) -> dict[str, Any]:
    """Hand a session on, along the ways that WeCom allows."""
    chat, wanted = _session(call, call.text("external_userid")), int(call.body.get("service_state") or 0)
    ways = {0: {1, 2, 3}, 1: {2, 3}, 2: {3}, 3: {3, 4}, 4: set()}
    if wanted not in ways[chat.kf_state]:
        raise SandboxError(95016, "illegal state transition")
    servicer = call.text("servicer_userid")
    if wanted == 3 and not call.corp.users.filter(userid=servicer, kind=UserKind.STAFF).exists():
        raise SandboxError(95014, "not a servicer")
    chat.kf_state, chat.kf_servicer = wanted, servicer if wanted == 3 else ""
    chat.save(update_fields=["kf_state", "kf_servicer"])
    return {"msg_code": secrets.token_urlsafe(16)} if wanted in (2, 3, 4) else {}


# --- colleagues ----------------------------------------------------------------------------------------------------------


def _content(call: Call) -> tuple[str, dict[str, Any]]:
    kind = call.text("msgtype")
    content = call.body.get(kind)
    if not isinstance(content, dict):
        raise SandboxError(40008, "invalid message type")
    if kind in ("text", "markdown"):
        words = str(content.get("content", ""))
        if not words.strip():
            raise SandboxError(44004, "content is empty")
        content = {"content": words.encode()[:ROOM_FOR_TEXT].decode(errors="ignore")}  # WeCom truncates
    return kind, content


@route("message/send")
def message_send(call: Call) -> dict[str, Any]:
    """An app message to members."""
    if int(call.body.get("agentid") or 0) != call.corp.agent_id:
        raise SandboxError(301002, "agentid does not belong to this token")
    kind, content = _content(call)
    staff = {u.userid.lower(): u for u in call.corp.users.filter(kind=UserKind.STAFF)}
    asked = call.text("touser")
    wanted = list(staff) if asked == "@all" else [part.lower() for part in asked.split("|") if part]
    good = [userid for userid in wanted if userid in staff]
    bad = [userid for userid in wanted if userid not in staff]
    if not good:
        raise SandboxError(81013, "all recipients are invalid")
    for userid in good:
        chat = operations.find_chat(chat_id=f"app:{staff[userid].userid}", corp=call.corp)
        operations.post_by_api(chat=chat, msgtype=kind, content=content, at=call.at)
    return {"invaliduser": "|".join(bad), "invalidparty": "", "invalidtag": "", "msgid": secrets.token_urlsafe(24)}


@route("appchat/send")
def appchat_send(call: Call) -> dict[str, Any]:
    """A message into an internal group that the app made."""
    chat = call.corp.chats.filter(chat_id=call.text("chatid"), kind=ChatKind.INTERNAL_GROUP).first()
    if chat is None:
        raise SandboxError(86003, "chatid does not exist")
    if not chat.made_by_app:
        raise SandboxError(86008, "the group was not made by this app")
    kind, content = _content(call)
    operations.post_by_api(chat=chat, msgtype=kind, content=content, at=call.at)
    return {}


@route("appchat/get")
def appchat_get(call: Call) -> dict[str, Any]:
    """An internal group that the app made."""
    chat = call.corp.chats.filter(chat_id=call.query("chatid"), kind=ChatKind.INTERNAL_GROUP, made_by_app=True).first()
    if chat is None:
        raise SandboxError(86003, "chatid does not exist")
    return {
        "chat_info": {
            "chatid": chat.chat_id, "name": chat.name, "owner": chat.owner.userid if chat.owner else "",
            "userlist": list(chat.members.values_list("user__userid", flat=True)),
        }
    }  # fmt: skip


def _webhook(request: HttpRequest) -> JsonResponse:
    """A message of a group robot: internal groups only, no token."""
    chat = SandboxChat.objects.select_related("corp").filter(
        webhook_key=request.GET.get("key") or "-", kind=ChatKind.INTERNAL_GROUP
    ).first()  # fmt: skip
    if chat is None:
        return _answer(93000, "invalid webhook url")
    try:
        body = json.loads(request.body or b"{}")
        kind, content = _content(Call(request, chat.corp, body if isinstance(body, dict) else {}, timezone.now()))
    except ValueError:
        return _answer(47001, "data format error")
    except SandboxError as error:
        return _answer(error.code, str(error))
    operations.post_by_api(chat=chat, msgtype=kind, content=content)
    return _answer(0, "ok")


@route("user/get")
def user_get(call: Call) -> dict[str, Any]:
    """A member."""
    user = call.corp.users.filter(userid=call.query("userid"), kind=UserKind.STAFF).first()
    if user is None:
        raise SandboxError(60111, "userid not found")
    return {"userid": user.userid, "name": user.name, "department": [1], "status": 1}


@route("auth/getuserinfo")
def auth_getuserinfo(call: Call) -> dict[str, Any]:
    """Who opened a page of ours in the client: a code, once, five minutes."""
    row = SandboxPass.objects.filter(
        corp=call.corp, kind="oauth", value=call.query("code"), expires_at__gt=call.at
    ).first()
    if row is None:
        raise SandboxError(40029, "invalid oauth_code")
    row.delete()
    return {"userid": row.about, "user_ticket": ""}


@route("getcallbackip")
def getcallbackip(call: Call) -> dict[str, Any]:
    """Where callbacks come from."""
    return {"ip_list": ["127.0.0.1"]}


# --- contacts and groups -------------------------------------------------------------------------------------------------


@route("externalcontact/get_follow_user_list")
def follow_user_list(call: Call) -> dict[str, Any]:
    """Members who may have contacts."""
    return {"follow_user": list(call.corp.users.filter(kind=UserKind.STAFF).values_list("userid", flat=True))}


def _contacts_of(corp: SandboxCorp, userid: str) -> list[str]:
    chats = corp.chats.filter(kind=ChatKind.SINGLE, members__user__userid=userid)
    users = SandboxUser.objects.filter(memberships__chat__in=chats).exclude(kind=UserKind.STAFF)
    return sorted(set(users.values_list("userid", flat=True)))


@route("externalcontact/list")
def external_list(call: Call) -> dict[str, Any]:
    """The contacts of a member."""
    found = _contacts_of(call.corp, call.query("userid"))
    if not found:
        raise SandboxError(84061, "no external contact relation")
    return {"external_userid": found}


@route("externalcontact/get")
def external_get(call: Call) -> dict[str, Any]:
    """One contact."""
    user = call.corp.users.filter(userid=call.query("external_userid")).exclude(kind=UserKind.STAFF).first()
    if user is None:
        raise SandboxError(40096, "invalid external_userid")
    contact: dict[str, Any] = {
        "external_userid": user.userid, "name": user.name, "type": 2 if user.kind == UserKind.PARTNER else 1, "avatar": "",
        "gender": 0,
    }  # fmt: skip
    if user.kind == UserKind.PARTNER:
        contact |= {"corp_name": user.corp_name, "corp_full_name": user.corp_name}
    followers = call.corp.users.filter(
        kind=UserKind.STAFF, memberships__chat__in=call.corp.chats.filter(kind=ChatKind.SINGLE, members__user=user)
    ).distinct()
    return {
        "external_contact": contact,
        "follow_user": [{"userid": f.userid, "remark": user.name, "tags": [], "createtime": 0} for f in followers],
    }


def _is_customer_group(chat: SandboxChat) -> bool:
    return chat.kind in (ChatKind.CUSTOMER_GROUP, ChatKind.PARTNER_GROUP)


@route("externalcontact/groupchat/list")
def groupchat_list(call: Call) -> dict[str, Any]:
    """The groups with outside contacts."""
    chats = call.corp.chats.filter(kind__in=[ChatKind.CUSTOMER_GROUP, ChatKind.PARTNER_GROUP]).order_by("pk")
    start, limit = int(call.text("cursor") or 0), min(int(call.body.get("limit") or 0) or 100, 1000)
    page = list(chats[start : start + limit])
    more = str(start + limit) if chats.count() > start + limit else ""
    return {"group_chat_list": [{"chat_id": c.chat_id, "status": 0} for c in page], "next_cursor": more}


@route("externalcontact/groupchat/get")
def groupchat_get(call: Call) -> dict[str, Any]:
    """One group with outside contacts."""
    chat = call.corp.chats.filter(chat_id=call.text("chat_id")).first()
    if chat is None or not _is_customer_group(chat):
        raise SandboxError(90501, "not a customer group")
    named = bool(call.body.get("need_name"))
    members = [
        {
            "userid": m.user.userid, "type": 1 if m.user.kind == UserKind.STAFF else 2,
            "join_time": int(m.joined_at.timestamp()), "join_scene": 1, "group_nickname": "",
            **({"name": m.user.name} if named else {}),
        }
        for m in chat.members.select_related("user").order_by("pk")
    ]  # fmt: skip
    return {
        "group_chat": {
            "chat_id": chat.chat_id, "name": chat.name, "owner": chat.owner.userid if chat.owner else "",
            "create_time": int(chat.created_at.timestamp()), "notice": "", "member_list": members, "admin_list": [],
            "member_version": operations.member_version(chat),
        }
    }  # fmt: skip


@route("msgaudit/groupchat/get", "archive")
def msgaudit_groupchat_get(call: Call) -> dict[str, Any]:
    """One internal group; groups with outside contacts are not for this address."""
    chat = call.corp.chats.filter(chat_id=call.text("roomid"), kind=ChatKind.INTERNAL_GROUP).first()
    if chat is None:
        raise SandboxError(301059, "not an internal group")
    return {
        "roomname": chat.name, "creator": chat.owner.userid if chat.owner else "", "notice": "",
        "room_create_time": int(chat.created_at.timestamp()),
        "members": [
            {"memberid": m.user.userid, "jointime": int(m.joined_at.timestamp())}
            for m in chat.members.select_related("user")
        ],
    }  # fmt: skip


# --- mass messages: a task that a member has to confirm ----------------------------------------------------------------------


@route("externalcontact/add_msg_template")
def add_msg_template(call: Call) -> dict[str, Any]:
    """Ask a member to send something to contacts or groups. Nothing goes out before they confirm it in the client."""
    kind = call.text("chat_type") or "single"
    text = str((call.body.get("text") or {}).get("content", ""))
    sender = call.corp.users.filter(userid=call.text("sender"), kind=UserKind.STAFF).first()
    if sender is None:
        raise SandboxError(41048 if kind == "single" else 40003, "invalid sender")
    if not text and not call.body.get("attachments"):
        raise SandboxError(44004, "nothing to send")
    if len(text.encode()) > 4000:
        raise SandboxError(45002, "text too long")
    if kind == "group":
        owned = call.corp.chats.filter(kind__in=[ChatKind.CUSTOMER_GROUP, ChatKind.PARTNER_GROUP], owner=sender)
        known = list(owned.values_list("chat_id", flat=True))
        wanted = call.ids("chat_id_list") or known
    else:
        known = _contacts_of(call.corp, sender.userid)
        wanted = call.ids("external_userid") or known
    targets = [one for one in wanted if one in known]
    if not targets:
        raise SandboxError(41048, "nobody to send to")
    task = SandboxMassTask.objects.create(
        corp=call.corp, msgid=f"msg{secrets.token_hex(12)}", chat_type=kind, sender=sender, text=text, targets=targets,
        created_at=call.at,
    )  # fmt: skip
    return {"msgid": task.msgid, "fail_list": [one for one in wanted if one not in known]}


def _task(call: Call) -> SandboxMassTask:
    task = SandboxMassTask.objects.select_related("sender").filter(corp=call.corp, msgid=call.text("msgid")).first()
    if task is None:
        raise SandboxError(41047, "invalid msgid")
    return task


@route("externalcontact/get_groupmsg_task")
def get_groupmsg_task(call: Call) -> dict[str, Any]:
    """Whether the sender has confirmed."""
    task = _task(call)
    entry: dict[str, Any] = {"userid": task.sender.userid, "status": 2 if task.confirmed_at else 0}
    if task.confirmed_at:
        entry["send_time"] = int(task.confirmed_at.timestamp())
    return {"next_cursor": "", "task_list": [entry]}


@route("externalcontact/get_groupmsg_send_result")
def get_groupmsg_send_result(call: Call) -> dict[str, Any]:
    """What became of a mass message, by target."""
    task = _task(call)
    field = "chat_id" if task.chat_type == "group" else "external_userid"
    return {
        "next_cursor": "",
        "send_list": [
            {field: target, "userid": task.sender.userid, "status": task.results.get(target, 0)}
            for target in task.targets
        ],
    }


@route("externalcontact/cancel_groupmsg_send")
def cancel_groupmsg_send(call: Call) -> dict[str, Any]:
    """Call a mass message off."""
    task = _task(call)
    if task.cancelled_at:
        raise SandboxError(41093, "already cancelled")
    task.cancelled_at = call.at
    task.save(update_fields=["cancelled_at"])
    return {}


# --- media ---------------------------------------------------------------------------------------------------------------


def _media_of(call: Call, content: dict[str, Any]) -> SandboxMedia:
    media = SandboxMedia.objects.filter(corp=call.corp, media_id=str(content.get("media_id", ""))).first()
    if media is None or media.created_at < call.at - MEDIA_KEPT:
        raise SandboxError(40007, "invalid media_id")
    return media


@route("media/upload")
def media_upload(call: Call) -> dict[str, Any]:
    """Upload bytes for three days."""
    kind, file = call.query("type"), call.request.FILES.get("media")
    if kind not in ("image", "voice", "video", "file"):
        raise SandboxError(40004, "invalid media type")
    limit = {"image": 10, "voice": 2, "video": 10, "file": 20}[kind] * 1024 * 1024
    if file is None or not file.size or file.size <= 5:
        raise SandboxError(44001, "empty media data")
    if file.size > limit:
        raise SandboxError(45001, "media too large")
    media = operations.upload_media(
        corp=call.corp,
        name=file.name or kind,
        data=file.read(),
        type=kind,
        content_type=file.content_type or "",
        at=call.at,
    )
    return {"type": kind, "media_id": media.media_id, "created_at": str(int(call.at.timestamp()))}


@route("media/get")
def media_get(call: Call) -> HttpResponse:
    """Bytes by media id."""
    media = _media_of(call, {"media_id": call.query("media_id")})
    answer = HttpResponse(bytes(media.data), content_type=media.content_type)
    answer["Content-Disposition"] = f'attachment; filename="{media.media_id}"'
    return answer
