"""Events become messages: callbacks, customer-service sessions, the conversation archive. Each message is stored once."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from channels_wecom import archive, contents
from channels_wecom.client import Client
from channels_wecom.models import EventState, InboundEvent, SyncCursor, WeComAccount
from channels_wecom.parsing import parse
from conversations import operations as conversations
from conversations.models import Attachment, AttachmentState, Conversation, Message
from conversations.operations import ConversationRef, IncomingMessage, SenderRef
from delivery.operations import mark_failed_by_channel
from foundation.errors import DomainError, Failure
from people.models import Identity, Person, Side
from people.operations import find_or_add_identity, learn_name

logger = logging.getLogger(__name__)
MAX_ATTEMPTS = 8
BACKOFF = (5, 15, 60, 300, 900, 3600)
#: How long an event belongs to the worker that took it; a worker that died leaves it to the next one after that.
LEASE = timedelta(seconds=30)
KEEP_BODIES = timedelta(days=30)
POLL_EVERY = timedelta(seconds=30)
LIST_ACCOUNTS_EVERY = timedelta(minutes=10)
ACCOUNTS = "kf-accounts"
ARCHIVE = "archive"
RECORD = "archive:record"


def process_pending_events(*, at: datetime, limit: int = 200) -> int:
    """Work through stored events in order, and look at sources that have been silent for a while.

    :returns: how many events were worked through and how many messages a look brought.
    """
    done = 0
    pending = InboundEvent.objects.filter(_ready(at), state=EventState.PENDING)
    for pk in pending.order_by("id").values_list("pk", flat=True)[:limit]:
        done += process_event(event_id=pk, at=at)
    return done + poll_sources(at=at)


def _ready(at: datetime) -> Q:
    return Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lte=at)


def process_event(*, event_id: int, at: datetime) -> bool:
    """Work through one event. What cannot be done now is tried again later, with its error shown in the admin."""
    # The claim: whoever moves the next attempt has the event, for as long as the lease.
    mine = InboundEvent.objects.filter(_ready(at), pk=event_id, state=EventState.PENDING)
    if not mine.update(next_attempt_at=at + LEASE):
        return False
    event = InboundEvent.objects.select_related("account").get(pk=event_id)
    try:
        if event.kind == RECORD:
            _take_record_again(event, at=at)
        else:
            _dispatch(event.account, parse(event.body), at=at)
    except Failure as error:
        _postpone(event, f"{error.code}: {error}", permanent=error.permanent, at=at)
        return True
    except Exception as error:
        logger.exception("event %s failed", event_id)
        _postpone(event, f"{type(error).__name__}: {error}", permanent=False, at=at)
        return True
    InboundEvent.objects.filter(pk=event_id).update(
        state=EventState.DONE, processed_at=at, error="", next_attempt_at=None
    )
    return True


def retry_event(*, event_id: int, at: datetime) -> bool:
    """Try an event again that was given up. Nothing happens to one that waits, is done, or whose content was erased."""
    return bool(
        InboundEvent.objects.filter(pk=event_id, state=EventState.FAILED, erased_at__isnull=True).update(
            state=EventState.PENDING, attempts=0, next_attempt_at=at
        )
    )


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
    read = contents.read(kind, _app_content(event))
    lookups = Lookups(account).prepare([{"action": "send", "from": sender}])
    conversations.ingest_message(
        incoming=IncomingMessage(
            account=account.key, source="app", external_id=str(event["MsgId"]),
            conversation=ConversationRef(f"app:{sender}", "internal_group", "internal_app", sender),
            sender=SenderRef(sender, Side.INTERNAL, lookups.name_of(sender)),
            sent_at=_instant(event.get("CreateTime")), type=read.type, text=read.text, quoted_text=read.quoted,
            attachments=read.attachments,
        ),
        at=at,
    )  # fmt: skip


def _app_content(event: dict[str, Any]) -> dict[str, Any]:
    """The flat fields of an app message as the object that other sources give (documentation 90239)."""
    return {
        "content": event.get("Content", ""), "media_id": event.get("MediaId", ""), "title": event.get("Title", ""),
        "name": event.get("Label", ""), "desc": event.get("Description", ""),
    }  # fmt: skip


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
        items = data.get("msg_list") or []
        names = _unknown_kf_names(client, account, items)
        with transaction.atomic():
            locked = SyncCursor.objects.select_for_update().get(pk=row.pk)
            if locked.cursor != row.cursor:  # another worker read on meanwhile
                row = locked
                continue
            for item in items:
                new += _take_kf(account, item, names, at=at)
            row.cursor = str(data.get("next_cursor") or row.cursor)
            row.last_error, row.polled_at = "", at
            row.save(update_fields=["cursor", "last_error", "polled_at", "updated_at"])
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
    content = _content_of(item, kind)
    read = contents.read(kind, content)
    _message, created = conversations.ingest_message(
        incoming=IncomingMessage(
            account=account.key, source="kf", external_id=str(item["msgid"]),
            conversation=ConversationRef(f"kf:{kfid}:{customer}", "private", "kf", names.get(customer, ""), (SenderRef(customer, Side.CUSTOMER, names.get(customer, "")),)),
            sender=sender, sent_at=_instant(item.get("send_time")), type=read.type, text=read.text, quoted_text=read.quoted,
            attachments=read.attachments, mentions=read.mentions, payload={} if kind == "text" else {kind: content},
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


@dataclass
class Lookups:
    """What is asked of WeCom and of the archive about people and rooms that are seen for the first time; each question once.

    Everything is asked before the transaction that takes the records in: no lock is held while somebody else thinks.
    """

    account: WeComAccount
    source: archive.ArchiveSource | None = None
    names: dict[str, str] = field(default_factory=dict)
    rooms: dict[str, archive.Room | None] = field(default_factory=dict)

    def prepare(self, plains: list[dict[str, Any]]) -> Lookups:
        """Ask whatever taking in these records needs."""
        people: set[str] = set()
        places: set[str] = set()
        for plain in plains:
            if plain.get("action") != "send" or not plain.get("from"):
                continue
            sender, others = str(plain["from"]), [str(member) for member in plain.get("tolist") or []]
            people.add(sender)
            if plain.get("roomid"):
                places.add(str(plain["roomid"]))
            else:
                people.update(others[:1])
        known = set(
            Conversation.objects.filter(account=self.account.key, external_id__in=places).values_list(
                "external_id", flat=True
            )
        )
        for place in places - known - self.rooms.keys():
            if self.source is not None:
                self.rooms[place] = self.source.room(corp_id=self.account.corp_id, room_id=place)
        for room in self.rooms.values():
            for external_id, _side, name in room.members if room is not None else ():
                self.names.setdefault(external_id, name)
        named = set(
            Identity.objects.filter(account=self.account.key, external_id__in=people - self.names.keys())
            .exclude(display_name="")
            .values_list("external_id", flat=True)
        )
        for external_id in people - self.names.keys():
            self.names[external_id] = "" if external_id in named else self._ask(external_id)
        return self

    def name_of(self, external_id: str) -> str:
        """The name of somebody; empty where it is known already or could not be had."""
        return self.names.get(external_id, "")

    def _ask(self, external_id: str) -> str:
        if external_id.startswith("wb"):
            return ""
        try:
            if _side_of(external_id) == Side.INTERNAL:
                return Client(self.account).member_name(external_id)
            data = Client(self.account).external_contact(external_id)
            return str((data.get("external_contact") or {}).get("name", ""))
        except DomainError:
            return ""  # a name is a comfort: the message is taken in without


def sync_archive(*, account: WeComAccount, at: datetime) -> int:
    """Read the conversation archive up to its end. A record that cannot be taken in is put aside, shown as a failed event.

    :returns: how many new messages there were.
    """
    source = archive.source()
    if source is None:
        return 0
    row, _created = SyncCursor.objects.get_or_create(account=account, source=ARCHIVE)
    lookups, new = Lookups(account, source), 0
    for _page in range(200):
        records = source.pull(
            corp_id=account.corp_id, secret=account.archive_secret, after=int(row.cursor or 0), limit=archive.PAGE
        )
        lookups.prepare([record.plain for record in records])
        with transaction.atomic():
            locked = SyncCursor.objects.select_for_update().get(pk=row.pk)
            if locked.cursor != row.cursor:  # another worker read on meanwhile
                row = locked
                continue
            for record in records:
                new += _take_or_put_aside(account, lookups, record.plain, at=at)
            if records:
                row.cursor = str(records[-1].seq)
            row.last_error, row.polled_at = "", at
            row.save(update_fields=["cursor", "last_error", "polled_at", "updated_at"])
        if len(records) < archive.PAGE:
            break
    return new


def _take_or_put_aside(account: WeComAccount, lookups: Lookups, plain: dict[str, Any], *, at: datetime) -> int:
    try:
        with transaction.atomic():
            return _take_archived(account, lookups, plain, at=at)
    except Exception as error:
        logger.exception("a record of the archive could not be taken in")
        body = json.dumps(plain, ensure_ascii=False, sort_keys=True)
        InboundEvent.objects.get_or_create(
            account=account, digest=hashlib.sha256(body.encode()).hexdigest(),
            defaults={"kind": RECORD, "received_at": at, "body": body, "state": EventState.FAILED, "attempts": 1,
                      "error": f"{type(error).__name__}: {error}"[:255]},
        )  # fmt: skip
        return 0


def _take_record_again(event: InboundEvent, *, at: datetime) -> None:
    plain = json.loads(event.body)
    lookups = Lookups(event.account, archive.source()).prepare([plain])
    with transaction.atomic():
        _take_archived(event.account, lookups, plain, at=at)


def _side_of(external_id: str) -> str:
    """What an id tells by its shape: outside contacts begin with wm or wo, robots with wb; the rest are colleagues (facts, id shapes)."""
    if external_id.startswith(("wm", "wo")):
        return Side.UNKNOWN
    return Side.INTERNAL


def _take_archived(account: WeComAccount, lookups: Lookups, plain: dict[str, Any], *, at: datetime) -> int:
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
    content = _content_of(plain, kind)
    read = contents.read(kind, content)
    _message, created = conversations.ingest_message(
        incoming=IncomingMessage(
            account=account.key, source="archive", external_id=msgid, conversation=_place(account, lookups, plain),
            sender=SenderRef(sender, _side_of(sender), lookups.name_of(sender)),
            sent_at=datetime.fromtimestamp(int(plain.get("msgtime") or 0) / 1000, tz=UTC), type=read.type, text=read.text,
            quoted_text=read.quoted, attachments=read.attachments, mentions=read.mentions,
            payload={} if kind == "text" else {kind: content},
        ),
        at=at,
    )  # fmt: skip
    return int(created)


def _content_of(plain: dict[str, Any], kind: str) -> dict[str, Any]:
    """The object of a record; markdown, documents and some others stand under `info` or another name (facts, section 7.6)."""
    for name in (kind, "info", "doc", "content"):
        value = plain.get(name)
        if isinstance(value, dict):
            return value
    return {}


def _place(account: WeComAccount, lookups: Lookups, plain: dict[str, Any]) -> ConversationRef:
    """Which conversation a record belongs to; what is seen first is asked for."""
    room_id, sender = str(plain.get("roomid") or ""), str(plain["from"])
    others = [str(member) for member in plain.get("tolist") or []]
    if not room_id:
        return _single(account, lookups, [sender, *others[:1]])
    room = lookups.rooms.get(room_id)
    members = [sender, *others]
    kind = room.kind if room is not None and room.kind else ""
    if not kind:
        outsiders = [one for one in members if one.startswith(("wm", "wo"))]
        sides = set(
            Person.objects.filter(identities__account=account.key, identities__external_id__in=outsiders).values_list(
                "side", flat=True
            )
        )
        kind = "internal_group" if not outsiders else "partner_group" if sides == {Side.PARTNER} else "customer_group"
    surface = {"internal_group": "internal_app", "partner_group": "partner_external"}.get(kind, "customer_group")
    if room is not None and room.members:
        refs = tuple(SenderRef(*entry) for entry in room.members)
    else:
        refs = tuple(SenderRef(one, _side_of(one), lookups.name_of(one)) for one in members)
    return ConversationRef(room_id, kind, surface, room.name if room is not None else "", refs)


def _single(account: WeComAccount, lookups: Lookups, pair: list[str]) -> ConversationRef:
    """A chat of two. With a colleague on both sides it is an internal one; the partner's is known by who they are."""
    outside = next((one for one in pair if one.startswith(("wm", "wo"))), None)
    colleague = next((one for one in pair if one != outside), pair[0])
    if outside is None:
        return ConversationRef(f"single:{':'.join(sorted(pair))}", "internal_group", "internal_app", "")
    place = f"single:{colleague}:{outside}"
    known = Person.objects.filter(identities__account=account.key, identities__external_id=outside).first()
    kind = "partner_group" if known is not None and known.side == Side.PARTNER else "private"
    surface = "partner_external" if kind == "partner_group" else "staff_private"
    name = known.name if known is not None else lookups.name_of(outside)
    refs = (
        SenderRef(outside, Side.UNKNOWN, lookups.name_of(outside)),
        SenderRef(colleague, Side.INTERNAL, lookups.name_of(colleague)),
    )
    return ConversationRef(place, kind, surface, name, refs)


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
        learn_name(identity=identity, name=name)


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
    """Look at sources that were not read for a while: WeCom does not promise that every callback comes.

    :returns: how many new messages that brought.
    """
    new = 0
    for account in WeComAccount.objects.filter(active=True):
        rows = {row.source: row for row in SyncCursor.objects.filter(account=account)}
        if archive.source() is not None and ARCHIVE not in rows:
            rows[ARCHIVE] = SyncCursor.objects.get_or_create(account=account, source=ARCHIVE)[0]
        if account.kf_enabled and account.app_secret and ACCOUNTS not in rows:
            rows[ACCOUNTS] = SyncCursor.objects.get_or_create(account=account, source=ACCOUNTS)[0]
        # The list of accounts first: it may bring rows to look at.
        for source in sorted(rows, key=lambda name: name != ACCOUNTS):
            if not account.kf_enabled and source != ARCHIVE:
                continue
            new += _poll(account, rows[source], at=at)
    return new


def _poll(account: WeComAccount, row: SyncCursor, *, at: datetime) -> int:
    every = LIST_ACCOUNTS_EVERY if row.source == ACCOUNTS else POLL_EVERY
    due = Q(polled_at__isnull=True) | Q(polled_at__lte=at - every)
    if not SyncCursor.objects.filter(due, pk=row.pk).update(polled_at=at):
        return 0  # not yet, or another worker looks
    try:
        if row.source == ARCHIVE:
            return sync_archive(account=account, at=at)
        if row.source == ACCOUNTS:
            return sum(_first_look(account, open_kfid, at=at) for open_kfid in Client(account).kf_accounts())
        return sync_kf(account=account, open_kfid=row.source.removeprefix("kf:"), token="", at=at)
    except Failure as error:
        SyncCursor.objects.filter(pk=row.pk).update(last_error=f"{error.code}: {error}"[:255])
        return 0


def _first_look(account: WeComAccount, open_kfid: str, *, at: datetime) -> int:
    """Read a customer-service account that has never been read; the others have their own turn."""
    row, created = SyncCursor.objects.get_or_create(account=account, source=f"kf:{open_kfid}")
    return _poll(account, row, at=at) if created else 0


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
