"""Events become messages: callbacks, customer-service sessions, the conversation archive. Each message is stored once."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from channels_wecom import archive
from channels_wecom.client import Client
from channels_wecom.models import EventState, InboundEvent, SyncCursor, WeComAccount
from channels_wecom.parsing import parse
from conversations import operations as conversations
from conversations.models import Attachment, AttachmentState, Conversation, Message
from conversations.operations import ConversationRef, IncomingAttachment, IncomingMessage, SenderRef
from delivery.operations import mark_failed_by_channel
from foundation.errors import DomainError, Failure
from people.models import Identity, Person, Side
from people.operations import find_or_add_identity

logger = logging.getLogger(__name__)
MAX_ATTEMPTS = 8
BACKOFF = (5, 15, 60, 300, 900, 3600)
KEEP_BODIES = timedelta(days=30)
POLL_EVERY = timedelta(seconds=30)

#: kf and archive message types → attachment types; what is not named here is kept raw in the payload.
ATTACHMENTS = {
    "image": "image", "voice": "voice", "video": "video", "file": "file", "location": "location", "link": "link",
    "miniprogram": "miniprogram", "weapp": "miniprogram", "merged_msg": "chat_record", "chatrecord": "chat_record",
    "emotion": "sticker", "business_card": "card", "card": "card",
}  # fmt: skip


def process_pending_events(*, at: datetime, limit: int = 200) -> int:
    """Work through stored events in order, and look at sources that have been silent for a while.

    :returns: how many events were worked through and how many messages a look brought.
    """
    done = 0
    ready = Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lte=at)
    pending = InboundEvent.objects.filter(ready, state=EventState.PENDING)
    for pk in pending.order_by("id").values_list("pk", flat=True)[:limit]:
        done += process_event(event_id=pk, at=at)
    return done + poll_sources(at=at)


def process_event(*, event_id: int, at: datetime) -> bool:
    """Work through one event. What cannot be done now is tried again later, with its error shown in the admin."""
    event = InboundEvent.objects.select_related("account").filter(pk=event_id, state=EventState.PENDING).first()
    if event is None:
        return False
    try:
        _dispatch(event.account, parse(event.body), at=at)
    except Failure as error:
        permanent = error.permanent
        _postpone(event, f"{error.code}: {error}", permanent=permanent, at=at)
        return True
    except Exception as error:
        logger.exception("event %s failed", event_id)
        _postpone(event, f"{type(error).__name__}: {error}", permanent=False, at=at)
        return True
    InboundEvent.objects.filter(pk=event_id).update(state=EventState.DONE, processed_at=at, error="")
    return True


def _postpone(event: InboundEvent, error: str, *, permanent: bool, at: datetime) -> None:
    attempts = event.attempts + 1
    failed = permanent or attempts >= MAX_ATTEMPTS
    InboundEvent.objects.filter(pk=event.pk).update(
        attempts=attempts,
        error=error[:255],
        state=EventState.FAILED if failed else EventState.PENDING,
        next_attempt_at=at + timedelta(seconds=BACKOFF[min(attempts, len(BACKOFF)) - 1]),
    )


def _dispatch(account: WeComAccount, event: dict[str, Any], *, at: datetime) -> None:
    name = str(event.get("Event", ""))
    if event.get("MsgType") != "event":
        _take_app_message(account, event, at=at)
    elif name == "kf_msg_or_event":
        sync_kf(account=account, open_kfid=str(event.get("OpenKfId", "")), token=str(event.get("Token", "")), at=at)
    elif name == "msgaudit_notify":
        sync_archive(account=account, at=at)
    elif name == "change_external_contact":
        _take_contact(account, event)
    elif name == "change_external_chat":
        _refresh_group(account, str(event.get("ChatId", "")), at=at)
    # Every other event is kept and needs nothing now.


def _instant(seconds: object) -> datetime:
    return datetime.fromtimestamp(int(str(seconds or 0)), tz=UTC)


# --- app messages: colleagues write to the app ------------------------------------------------------------------------------


def _take_app_message(account: WeComAccount, event: dict[str, Any], *, at: datetime) -> None:
    kind = str(event.get("MsgType", ""))
    sender = str(event.get("FromUserName", ""))
    if not sender or not event.get("MsgId"):
        return
    media = (
        (IncomingAttachment(type=ATTACHMENTS[kind], media_id=str(event.get("MediaId", ""))),)
        if kind in ATTACHMENTS
        else ()
    )
    conversations.ingest_message(
        incoming=IncomingMessage(
            account=account.key, source="app", external_id=str(event["MsgId"]),
            conversation=ConversationRef(f"app:{sender}", "internal_group", "internal_app", sender),
            sender=SenderRef(sender, Side.INTERNAL),
            sent_at=_instant(event.get("CreateTime")), type=kind, text=str(event.get("Content", "")), attachments=media,
        ),
        at=at,
    )  # fmt: skip


# --- customer-service sessions -----------------------------------------------------------------------------------------------


def sync_kf(*, account: WeComAccount, open_kfid: str, token: str, at: datetime) -> int:
    """Read a customer-service account up to its end. The cursor is saved in the transaction of the messages that it covers.

    :returns: how many new messages there were.
    """
    if not open_kfid:
        return 0
    row, _created = SyncCursor.objects.get_or_create(account=account, source=f"kf:{open_kfid}")
    client, new = Client(account), 0
    for _page in range(200):
        try:
            data = client.sync_kf(open_kfid=open_kfid, cursor=row.cursor, token=token)
        except Failure as error:
            if error.code != "95007" or not token:  # an expired token: the cursor alone will do (facts, section 9)
                raise
            token = ""
            continue
        names = _unknown_kf_names(client, account, data.get("msg_list") or [])
        with transaction.atomic():
            for item in data.get("msg_list") or []:
                new += _take_kf(account, item, names, at=at)
            row.cursor = str(data.get("next_cursor") or row.cursor)
            row.last_error = ""
            row.save()
        if not data.get("has_more"):
            break
    return new


def _unknown_kf_names(client: Client, account: WeComAccount, items: list[dict[str, Any]]) -> dict[str, str]:
    """Names of customers that are seen for the first time; without them the session still works."""
    ids = {str(item.get("external_userid")) for item in items if item.get("external_userid")}
    ids -= set(Identity.objects.filter(account=account.key, external_id__in=ids).values_list("external_id", flat=True))
    if not ids:
        return {}
    try:
        return {str(c["external_userid"]): str(c.get("nickname", "")) for c in client.kf_customers(sorted(ids))}
    except DomainError:
        return {}


def _take_kf(account: WeComAccount, item: dict[str, Any], names: dict[str, str], *, at: datetime) -> int:
    kind = str(item.get("msgtype", ""))
    if kind == "event":
        _take_kf_event(account, item, at=at)
        return 0
    customer, kfid = str(item.get("external_userid", "")), str(item.get("open_kfid", ""))
    if not customer or not item.get("msgid"):
        return 0
    from_staff = int(item.get("origin") or 0) == 5
    sender = (
        SenderRef(str(item.get("servicer_userid") or "servicer"), Side.INTERNAL)
        if from_staff
        else SenderRef(customer, Side.CUSTOMER, names.get(customer, ""))
    )
    content = item.get(kind) or {}
    text = str(content.get("content", "")) if kind == "text" else ""
    media = (
        (
            IncomingAttachment(
                type=ATTACHMENTS[kind],
                media_id=str(content.get("media_id", "")),
                name=str(content.get("filename") or content.get("title") or ""),
            ),
        )
        if kind in ATTACHMENTS
        else ()
    )
    _message, created = conversations.ingest_message(
        incoming=IncomingMessage(
            account=account.key, source="kf", external_id=str(item["msgid"]),
            conversation=ConversationRef(f"kf:{kfid}:{customer}", "private", "kf", names.get(customer, ""), (SenderRef(customer, Side.CUSTOMER, names.get(customer, "")),)),
            sender=sender, sent_at=_instant(item.get("send_time")), type=kind, text=text, attachments=media,
            payload={} if kind == "text" else {kind: content},
        ),
        at=at,
    )  # fmt: skip
    return int(created)


def _take_kf_event(account: WeComAccount, item: dict[str, Any], *, at: datetime) -> None:
    event = item.get("event") or {}
    name = event.get("event_type")
    if name == "msg_send_fail":
        mark_failed_by_channel(
            account=account.key, external_id=str(event.get("fail_msgid", "")), code=f"kf_fail_{event.get('fail_type')}",
            text="msg_send_fail", at=at,
        )  # fmt: skip
    elif name in ("user_recall_msg", "servicer_recall_msg"):
        conversations.recall_message(
            account=account.key, source="kf", external_id=str(event.get("recall_msgid", "")),
            recalled_at=_instant(item.get("send_time")), at=at,
        )  # fmt: skip


# --- the archive -----------------------------------------------------------------------------------------------------------------


def sync_archive(*, account: WeComAccount, at: datetime) -> int:
    """Read the conversation archive up to its end.

    :returns: how many new messages there were.
    """
    source = archive.source()
    if source is None:
        return 0
    row, _created = SyncCursor.objects.get_or_create(account=account, source="archive")
    new = 0
    for _page in range(200):
        records = source.pull(
            corp_id=account.corp_id, secret=account.archive_secret, after=int(row.cursor or 0), limit=archive.PAGE
        )
        if not records:
            break
        with transaction.atomic():
            for record in records:
                new += _take_archived(account, source, record.plain, at=at)
            row.cursor, row.last_error = str(records[-1].seq), ""
            row.save()
        if len(records) < archive.PAGE:
            break
    return new


def _side_of(external_id: str) -> str:
    """What an id tells by its shape: outside contacts begin with wm or wo, robots with wb; the rest are colleagues (facts, id shapes)."""
    if external_id.startswith(("wm", "wo")):
        return Side.UNKNOWN
    return Side.INTERNAL


def _take_archived(account: WeComAccount, source: archive.ArchiveSource, plain: dict[str, Any], *, at: datetime) -> int:
    action, msgid = plain.get("action"), str(plain.get("msgid", ""))
    if action == "recall":
        conversations.recall_message(
            account=account.key, source="archive", external_id=str((plain.get("revoke") or {}).get("pre_msgid", "")),
            recalled_at=datetime.fromtimestamp(int(plain.get("msgtime") or 0) / 1000, tz=UTC), at=at,
        )  # fmt: skip
        return 0
    if action != "send" or not msgid or not plain.get("from"):
        return 0
    kind, sender = str(plain.get("msgtype", "")), str(plain["from"])
    content = plain.get(kind) if isinstance(plain.get(kind), dict) else {}
    assert content is not None
    text, quoted = archive.split_quote(str(content.get("content", ""))) if kind in ("text", "markdown") else ("", "")
    media: tuple[IncomingAttachment, ...] = ()
    if kind in ATTACHMENTS:
        media = (IncomingAttachment(
            type=ATTACHMENTS[kind], media_id=str(content.get("sdkfileid", "")),
            name=str(content.get("filename") or content.get("title") or ""), size=int(content.get("filesize") or 0),
        ),)  # fmt: skip
    mentions = tuple(dict.fromkeys(part.split("\u2005")[0].split(" ")[0] for part in text.split("@")[1:] if part))
    _message, created = conversations.ingest_message(
        incoming=IncomingMessage(
            account=account.key, source="archive", external_id=msgid, conversation=_place(account, source, plain, at=at),
            sender=SenderRef(sender, _side_of(sender)),
            sent_at=datetime.fromtimestamp(int(plain.get("msgtime") or 0) / 1000, tz=UTC), type=kind, text=text, quoted_text=quoted,
            attachments=media, mentions=mentions, payload={} if kind == "text" else {kind: content},
        ),
        at=at,
    )  # fmt: skip
    return int(created)


def _place(
    account: WeComAccount, source: archive.ArchiveSource, plain: dict[str, Any], *, at: datetime
) -> ConversationRef:
    """Which conversation a record belongs to; what is seen first is asked for."""
    room_id, sender = str(plain.get("roomid") or ""), str(plain["from"])
    others = [str(member) for member in plain.get("tolist") or []]
    if not room_id:
        pair = [sender, *others[:1]]
        outside = next((one for one in pair if one.startswith(("wm", "wo"))), None)
        colleague = next((one for one in pair if one != outside), sender)
        if outside is None:
            return ConversationRef(f"single:{':'.join(sorted(pair))}", "internal_group", "internal_app", "")
        known = Person.objects.filter(identities__account=account.key, identities__external_id=outside).first()
        kind = "partner_group" if known is not None and known.side == Side.PARTNER else "private"
        surface = "partner_external" if kind == "partner_group" else "staff_private"
        pair_refs = (SenderRef(outside, Side.UNKNOWN), SenderRef(colleague, Side.INTERNAL))
        return ConversationRef(f"single:{colleague}:{outside}", kind, surface, known.name if known else "", pair_refs)
    if Conversation.objects.filter(account=account.key, external_id=room_id).exists():
        return ConversationRef(room_id, "", "")
    room = source.room(corp_id=account.corp_id, room_id=room_id)
    members = [sender, *others]
    outsiders = [one for one in members if one.startswith(("wm", "wo"))]
    sides = set(
        Person.objects.filter(identities__account=account.key, identities__external_id__in=outsiders).values_list(
            "side", flat=True
        )
    )
    kind = room.kind if room is not None and room.kind else ""
    if not kind:
        kind = "internal_group" if not outsiders else "partner_group" if sides == {Side.PARTNER} else "customer_group"
    surface = {"internal_group": "internal_app", "partner_group": "partner_external"}.get(kind, "customer_group")
    refs = (
        tuple(SenderRef(*entry) for entry in room.members)
        if room is not None
        else tuple(SenderRef(one, _side_of(one)) for one in members)
    )
    return ConversationRef(room_id, kind, surface, room.name if room is not None else "", refs)


# --- contacts and groups -------------------------------------------------------------------------------------------------------------


def _take_contact(account: WeComAccount, event: dict[str, Any]) -> None:
    """A contact was added or changed: know their name. Who they are stays uncertain until a person says so."""
    external_id = str(event.get("ExternalUserID", ""))
    if not external_id or event.get("ChangeType") not in (
        "add_external_contact",
        "add_half_external_contact",
        "edit_external_contact",
    ):
        return
    data = Client(account).external_contact(external_id)
    name = str((data.get("external_contact") or {}).get("name", ""))
    identity = find_or_add_identity(account=account.key, external_id=external_id, name=name)
    if name and identity.display_name != name:
        Identity.objects.filter(pk=identity.pk).update(display_name=name)
        Person.objects.filter(pk=identity.person_id, side=Side.UNKNOWN).update(name=name)


def _refresh_group(account: WeComAccount, chat_id: str, *, at: datetime) -> None:
    """The event only says that something changed: read the group and compare its members (facts, section 3.2)."""
    conversation = Conversation.objects.filter(account=account.key, external_id=chat_id).first()
    if conversation is None:
        return
    chat = Client(account).group_chat(chat_id)
    present = set()
    for member in chat.get("member_list") or []:
        side = Side.INTERNAL if int(member.get("type") or 1) == 1 else Side.UNKNOWN
        identity = find_or_add_identity(
            account=account.key, external_id=str(member["userid"]), name=str(member.get("name") or ""), side=side
        )
        conversations.add_member(conversation=conversation, person=identity.person, at=at)
        present.add(identity.person_id)
    conversation.members.filter(left_at__isnull=True).exclude(person__in=present).update(left_at=at)
    if chat.get("name") and chat["name"] != conversation.name:
        Conversation.objects.filter(pk=conversation.pk).update(name=str(chat["name"])[:191])


# --- sweeps ----------------------------------------------------------------------------------------------------------------------------


def poll_sources(*, at: datetime) -> int:
    """Look at sources that were not read for a while: WeCom does not promise that every callback comes."""
    new = 0
    for account in WeComAccount.objects.filter(active=True):
        sources = list(SyncCursor.objects.filter(account=account))
        if archive.source() is not None and not any(row.source == "archive" for row in sources):
            sources.append(SyncCursor.objects.get_or_create(account=account, source="archive")[0])
        for row in sources:
            if row.updated_at is not None and row.updated_at > at - POLL_EVERY and row.cursor:
                continue
            if not SyncCursor.objects.filter(pk=row.pk, updated_at=row.updated_at).update(updated_at=at):
                continue  # another worker looks
            try:
                if row.source == "archive":
                    new += sync_archive(account=account, at=at)
                else:
                    new += sync_kf(account=account, open_kfid=row.source[3:], token="", at=at)
            except Failure as error:
                SyncCursor.objects.filter(pk=row.pk).update(last_error=str(error)[:255])
    return new


def fetch_pending_media(*, at: datetime, limit: int = 20) -> int:
    """Fetch the bytes of attachments that are still pending; what cannot be had after several attempts is `lost`."""
    done = 0
    pending = Attachment.objects.filter(state=AttachmentState.PENDING, next_attempt_at__lte=at).exclude(media_id="")
    for pk in pending.order_by("next_attempt_at").values_list("pk", flat=True)[:limit]:
        # The claim: whoever moves the next attempt has it.
        claimed = Attachment.objects.filter(pk=pk, state=AttachmentState.PENDING, next_attempt_at__lte=at).update(
            next_attempt_at=at + timedelta(minutes=2), attempts=F("attempts") + 1
        )
        if not claimed:
            continue
        attachment = Attachment.objects.select_related("message").get(pk=pk)
        try:
            content = _fetch(attachment.message, attachment.media_id)
            conversations.store_attachment(attachment_id=pk, content=content, at=at)
        except Failure as error:
            if error.permanent or attachment.attempts >= 5:
                conversations.mark_attachment_lost(attachment_id=pk, error=str(error), at=at)
        except DomainError:
            pass  # refused and marked lost, with its reason
        done += 1
    return done


def _fetch(message: Message, media_id: str) -> bytes:
    account = WeComAccount.objects.get(key=message.account)
    source = archive.source()
    if message.source == "archive" and source is not None:
        return source.fetch_media(corp_id=account.corp_id, secret=account.archive_secret, file_id=media_id)
    return Client(account).media(media_id)


def erase_old_bodies(*, at: datetime) -> int:
    """Raw event bodies are not kept for ever; their digests are."""
    old = InboundEvent.objects.filter(received_at__lt=at - KEEP_BODIES, erased_at__isnull=True).exclude(
        state=EventState.PENDING
    )
    return old.update(body="", erased_at=at)
