"""The sidebar of the WeCom client, as data: what was prepared for a member to send with one tap.

The page inside the client is opened by WeCom with a one-time OAuth code; we ask WeCom whose it is and hand out a signed token. With it the page
reads what waits for that member, and says just before it sends (in reality through `sendChatMessage` of the JS-SDK) that it is about to.
That a text really went out is known from the archive's echo only.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import wraps
from typing import Any

from django.core import signing
from django.core.cache import cache
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from channels_wecom.client import Client
from channels_wecom.models import WeComAccount
from conversations.models import Surface
from delivery import operations as delivery
from delivery.models import Outbound, OutboundState
from foundation.errors import DomainError, Failure, NotAllowed, WrongState
from people.models import Person, Side

SALT = "channels_wecom.toolbar"
TOKEN_SECONDS = 12 * 3600
#: How long a tap keeps other members from sending the same text.
TAP_SECONDS = 30
TAPPED_IN_WECOM = (Surface.STAFF_PRIVATE, Surface.CUSTOMER_GROUP, Surface.PARTNER_EXTERNAL)


@dataclass(frozen=True)
class Prepared:
    """A text that waits for a member's tap. Of `chat_id` (a group) and `external_userid` (a private chat) one is set."""

    outbound_id: str
    conversation: str
    chat_id: str
    external_userid: str
    text: str
    kind: str
    purpose: str
    prepared_at: str


def issue_token(*, account: WeComAccount, userid: str) -> str:
    """A token that speaks for this member of this account."""
    return signing.dumps({"a": account.key, "u": userid}, salt=SALT, compress=True)


def _waiting_for(*, account: WeComAccount, userid: str) -> QuerySet[Outbound]:
    """Prepared texts into chats that this member is in."""
    person = Person.objects.filter(
        identities__account=account.key, identities__external_id=userid, side=Side.INTERNAL
    ).first()
    if person is None:
        return Outbound.objects.none()
    return (
        Outbound.objects.to_tap()
        .select_related("conversation")
        .filter(
            conversation__account=account.key,
            conversation__surface__in=TAPPED_IN_WECOM,
            conversation__members__person=person,
            conversation__members__left_at__isnull=True,
        )
        .order_by("id")
    )


def list_prepared(
    *, account: WeComAccount, userid: str, chat_id: str = "", external_userid: str = ""
) -> list[Prepared]:
    """What waits for this member's tap, oldest first; narrowed to a group or to a private chat when one is named."""
    found = []
    for outbound in _waiting_for(account=account, userid=userid)[:200]:
        conversation = outbound.conversation
        assert conversation is not None
        place = conversation.external_id
        private = place.rpartition(":")[2] if place.startswith("single:") else ""
        row = Prepared(
            outbound_id=str(outbound.public_id), conversation=place, chat_id="" if private else place,
            external_userid=private, text=outbound.text, kind=outbound.kind, purpose=outbound.purpose,
            prepared_at=outbound.prepared_at.isoformat() if outbound.prepared_at else "",
        )  # fmt: skip
        if (not chat_id or row.chat_id == chat_id) and (not external_userid or row.external_userid == external_userid):
            found.append(row)
    return found


def check_can_tap(*, account: WeComAccount, userid: str, outbound_id: uuid.UUID) -> Outbound:
    """The text that this member is about to send.

    :raises WrongState: when it no longer waits. :raises NotAllowed: when it is not for this member, or sending is paused, or a
        colleague is sending it right now.
    """
    outbound = Outbound.objects.select_related("conversation").filter(public_id=outbound_id).first()
    if outbound is None or outbound.conversation is None or outbound.conversation.account != account.key:
        raise NotAllowed(_("There is no such text."), code="unknown")
    if outbound.state != OutboundState.PREPARED:
        raise WrongState(_("This text no longer waits to be sent."))
    if not _waiting_for(account=account, userid=userid).filter(pk=outbound.pk).exists():
        raise NotAllowed(_("Only a member of this chat can send this text."))
    if delivery.paused(outbound) is not None:
        raise NotAllowed(_("Sending is paused."), code="paused")
    key = f"wecom-tap-{outbound.public_id}"
    if not cache.add(key, userid, TAP_SECONDS) and cache.get(key) != userid:
        raise NotAllowed(_("A colleague is sending this text right now."), code="being_sent")
    return outbound


def _account(key: str) -> WeComAccount | None:
    return WeComAccount.objects.filter(key=key, active=True).first()


def _member(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Only with a valid token of this account. No cookies are read, so no other site can borrow them."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, account: str, **kwargs: Any) -> HttpResponse:
        word = request.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            claim = signing.loads(word, salt=SALT, max_age=TOKEN_SECONDS)
        except signing.BadSignature:
            return JsonResponse({"error": "token"}, status=401)
        row = _account(account)
        if row is None or claim.get("a") != row.key:
            return JsonResponse({"error": "token"}, status=401)
        try:
            return view(request, row, str(claim["u"]), **kwargs)
        except DomainError as error:
            return JsonResponse({"error": error.code, "message": str(error)}, status=409)

    return guarded


@csrf_exempt
def token(request: HttpRequest, account: str) -> HttpResponse:
    """POST `{code}`: the one-time code that WeCom gave the page; WeCom says whose it is."""
    row = _account(account)
    if row is None:
        return HttpResponse(status=404)
    if request.method != "POST":
        return HttpResponse(status=405)
    try:
        code = str(json.loads(request.body or b"{}")["code"])
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"error": "code"}, status=400)
    try:
        userid = Client(row).userid_of_code(code)
    except Failure as error:
        return JsonResponse({"error": error.code}, status=403 if error.permanent else 503)
    if not userid:
        return JsonResponse({"error": "not_a_member"}, status=403)
    return JsonResponse(
        {"token": issue_token(account=row, userid=userid), "userid": userid, "expires_in": TOKEN_SECONDS}
    )


@_member
def prepared(request: HttpRequest, account: WeComAccount, userid: str) -> HttpResponse:
    """GET: what waits for this member, optionally `?chat_id=` or `?external_userid=`."""
    if request.method != "GET":
        return HttpResponse(status=405)
    rows = list_prepared(
        account=account, userid=userid, chat_id=request.GET.get("chat_id", ""),
        external_userid=request.GET.get("external_userid", ""),
    )  # fmt: skip
    return JsonResponse({"prepared": [asdict(row) for row in rows]})


@_member
def tap(request: HttpRequest, account: WeComAccount, userid: str, outbound_id: uuid.UUID) -> HttpResponse:
    """POST, just before the page sends: is it still right to send this? 409 with a sentence when not."""
    if request.method != "POST":
        return HttpResponse(status=405)
    outbound = check_can_tap(account=account, userid=userid, outbound_id=outbound_id)
    return JsonResponse({"outbound_id": str(outbound.public_id), "text": outbound.text})
