"""The chat page of the local WeCom. Nobody signs in here: whoever reaches the page may write as anybody, which is its purpose."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from channels_wecom.sandbox import operations
from channels_wecom.sandbox.checks import is_open
from channels_wecom.sandbox.models import (
    ChatKind,
    SandboxChat,
    SandboxCorp,
    SandboxMassTask,
    SandboxMedia,
    SandboxMessage,
    SandboxUser,
)
from channels_wecom.sandbox.operations import KF_MESSAGES, KF_WINDOW, SandboxError

#: How many messages the page takes at first.
FIRST = 2000
MAX_FILE = 20 * 1024 * 1024
View = Callable[..., HttpResponse]


def _sandboxed(view: View) -> View:
    """Only where the local WeCom is open, and only for the page itself: another site's form cannot post here."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_open():
            raise Http404
        if request.method == "POST" and request.headers.get("X-Sandbox") != "1":
            return JsonResponse({"error": "not from the page"}, status=403)
        try:
            return view(request, *args, **kwargs)
        except SandboxError as error:
            return JsonResponse({"error": str(error), "code": error.code}, status=409)

    return guarded


@_sandboxed
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The page."""
    return render(request, "wecom_sandbox/page.html", {"language": (request.LANGUAGE_CODE or "zh")[:2]})


def _corp(request: HttpRequest) -> SandboxCorp | None:
    key = request.GET.get("corp", "")
    corps = SandboxCorp.objects.order_by("pk")
    return (corps.filter(account_key=key) if key else corps).first()


def _millis(at: datetime | None) -> int | None:
    return int(at.timestamp() * 1000) if at else None


def _chat_json(chat: SandboxChat) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": chat.pk, "chat_id": chat.chat_id, "kind": chat.kind, "name": chat.name,
        "members": [m.user_id for m in chat.members.all()],
    }  # fmt: skip
    if chat.kind == ChatKind.KF:
        until = chat.kf_customer_at + KF_WINDOW if chat.kf_customer_at else None
        data["kf"] = {"state": chat.kf_state, "until": _millis(until), "left": max(0, KF_MESSAGES - chat.kf_sent)}
    return data


def _message_json(row: SandboxMessage) -> dict[str, Any]:
    data: dict[str, Any] = {
        "seq": row.seq, "msgid": row.msgid, "chat": row.chat_id, "action": row.action, "sender": row.sender_id,
        "name": row.sender_name, "type": row.msgtype, "content": row.content, "at": _millis(row.sent_at),
    }  # fmt: skip
    if row.quote:
        data["quote"] = row.quote
    if row.media_id is not None and row.media is not None:
        data["media"] = {"id": row.media.media_id, "name": row.media.name, "size": row.media.size}
    if row.recalled_at:
        data["recalled"] = True
    if row.failed:
        data["failed"] = row.failed
    if row.via_api:
        data["api"] = True
    return data


@_sandboxed
@require_GET
def poll(request: HttpRequest) -> HttpResponse:
    """What is new since a number: messages and recalls, and the chats as they are. The whole company at the first call."""
    corp = _corp(request)
    if corp is None:
        return JsonResponse({"empty": True})
    after = int(request.GET.get("after") or 0)
    rows = SandboxMessage.objects.filter(corp=corp, seq__gt=after).select_related("media").defer("media__data")
    recent = list(rows.order_by("-seq")[:FIRST])[::-1]
    data: dict[str, Any] = {
        "seq": recent[-1].seq if recent else after,
        "messages": [_message_json(row) for row in recent],
        "chats": [_chat_json(c) for c in corp.chats.prefetch_related("members").order_by("pk")],
        "tasks": [
            {"msgid": t.msgid, "sender": t.sender_id, "text": t.text, "targets": len(t.targets), "type": t.chat_type}
            for t in corp.tasks.filter(confirmed_at__isnull=True, cancelled_at__isnull=True).order_by("pk")
        ],
    }
    users = corp.users.count()
    if not after or request.GET.get("users") != str(users):
        data["users"] = [
            {"id": u.pk, "userid": u.userid, "name": u.name, "kind": u.kind, "corp": u.corp_name}
            for u in corp.users.order_by("pk")
        ]
        data["corp"] = {"key": corp.account_key, "name": corp.name, "app": corp.app_name,
                        "toolbar": corp.toolbar_url or f"/wecom/toolbar/{corp.account_key}/"}  # fmt: skip
        data["corps"] = [{"key": c.account_key, "name": c.name} for c in SandboxCorp.objects.order_by("pk")]
    return JsonResponse(data)


def _author(chat: SandboxChat, user_id: Any) -> SandboxUser:
    return get_object_or_404(SandboxUser, pk=user_id, memberships__chat=chat)


@_sandboxed
@require_POST
def post(request: HttpRequest) -> HttpResponse:
    """Write as somebody; with files, each file is a message of its own."""
    chat = get_object_or_404(SandboxChat.objects.select_related("corp"), pk=request.POST.get("chat"))
    author = _author(chat, request.POST.get("sender"))
    quote = (
        SandboxMessage.objects.select_related("sender")
        .filter(chat=chat, msgid=request.POST.get("quote") or "-")
        .first()
    )
    at, text = timezone.now(), request.POST.get("text", "")[:4000]
    made = []
    for file in request.FILES.getlist("file"):
        if not file.size or file.size > MAX_FILE:
            raise SandboxError(45001, "a file of 1 byte to 20 MB")
        media = operations.upload_media(
            corp=chat.corp, name=file.name or "file", data=file.read(), content_type=file.content_type or "", at=at
        )
        made.append(operations.post_message(chat=chat, sender=author, media=media, at=at))
    if text.strip():
        made.append(operations.post_message(chat=chat, sender=author, text=text, quote=quote, at=at))
    if not made:
        raise SandboxError(44004, "nothing to send")
    return JsonResponse({"ok": True, "msgid": made[-1].msgid})


@_sandboxed
@require_POST
def recall(request: HttpRequest) -> HttpResponse:
    """Take a message back as its writer."""
    message = get_object_or_404(
        SandboxMessage.objects.select_related("chat__corp", "sender"), msgid=json.loads(request.body).get("msgid")
    )
    if message.sender is None:
        raise SandboxError(60011, "a program's message stays")
    operations.recall_message(message=message, by=message.sender)
    return JsonResponse({"ok": True})


@_sandboxed
@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """End a customer-service session as its servicer."""
    chat = get_object_or_404(SandboxChat.objects.select_related("corp"), pk=json.loads(request.body).get("chat"))
    operations.end_session(chat=chat)
    return JsonResponse({"ok": True})


@_sandboxed
@require_POST
def oauth(request: HttpRequest) -> HttpResponse:
    """The code with which the client opens the sidebar for a member."""
    user = get_object_or_404(SandboxUser.objects.select_related("corp"), pk=json.loads(request.body).get("user"))
    return JsonResponse({"code": operations.make_oauth_code(user=user)})


@_sandboxed
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Confirm a mass message as its sender."""
    task = get_object_or_404(
        SandboxMassTask.objects.select_related("corp", "sender"), msgid=json.loads(request.body).get("msgid")
    )
    return JsonResponse({"sent": operations.confirm_task(task=task)})


@_sandboxed
@require_GET
def media(request: HttpRequest, media_id: str) -> HttpResponse:
    """The bytes of something that was sent. Pictures are shown, everything else is downloaded."""
    row = get_object_or_404(SandboxMedia, media_id=media_id)
    shown = row.content_type in ("image/png", "image/jpeg", "image/gif", "image/webp")
    answer = HttpResponse(bytes(row.data), content_type=row.content_type if shown else "application/octet-stream")
    answer["Content-Disposition"] = "inline" if shown else "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, max-age=86400"
    return answer
