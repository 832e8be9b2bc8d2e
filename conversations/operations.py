"""Public writes about what was said: a message comes in once, is taken back, gets its bytes."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from conversations import pictures
from conversations.models import (
    Attachment,
    AttachmentState,
    Blob,
    Conversation,
    Member,
    Message,
    Surface,
)
from evidence.operations import Subject, record
from foundation.actors import Actor
from foundation.errors import Refused
from people.models import Identity, IdentityCertainty, Person, Side
from people.operations import find_or_add_identity

MAX_ATTACHMENT_BYTES = 20 * 1024 * 1024
MAX_TEXT_CHARACTERS = 20_000

#: Side of the sender → evidence kind of the message.
EVIDENCE_KIND = {
    Side.CUSTOMER: "customer_message",
    Side.UNKNOWN: "customer_message",
    Side.INTERNAL: "internal_request",
    Side.PARTNER: "partner_request",
}


@dataclass(frozen=True)
class SenderRef:
    """Somebody as a channel names them. `side` is the channel's guess and counts only for somebody new."""

    external_id: str
    side: str = Side.UNKNOWN
    name: str = ""


@dataclass(frozen=True)
class ConversationRef:
    """A conversation as a channel names it; used to make the row when it is seen first."""

    external_id: str
    kind: str
    surface: str = Surface.NONE
    name: str = ""
    member_refs: tuple[SenderRef, ...] = ()


@dataclass(frozen=True)
class IncomingAttachment:
    """Something sent beside the text; its bytes are fetched later by `media_id`."""

    type: str
    name: str = ""
    media_id: str = ""
    size: int = 0


@dataclass(frozen=True)
class IncomingMessage:
    """A message as a channel delivered it. `external_id` is unique per account and source."""

    account: str
    source: str
    external_id: str
    conversation: ConversationRef
    sender: SenderRef
    sent_at: datetime
    type: str = "text"
    text: str = ""
    quoted_text: str = ""
    attachments: tuple[IncomingAttachment, ...] = ()
    mentions: tuple[str, ...] = ()
    payload: dict[str, Any] = field(default_factory=dict)
    echo_of: str = ""


def subject_of(conversation: Conversation) -> Subject:
    """The evidence chain of a conversation, used while no case is known."""
    return Subject(kind="conversation", ref=str(conversation.public_id))


def find_or_add_conversation(*, account: str, ref: ConversationRef, source: str, at: datetime) -> Conversation:
    """The conversation of this channel id, made with its members if it is new."""
    found = Conversation.objects.filter(account=account, external_id=ref.external_id).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            conversation = Conversation.objects.create(
                account=account,
                external_id=ref.external_id,
                kind=ref.kind,
                surface=ref.surface,
                source=source,
                name=ref.name,
            )
    except IntegrityError:
        return Conversation.objects.get(account=account, external_id=ref.external_id)
    for member in ref.member_refs:
        identity = find_or_add_identity(
            account=account, external_id=member.external_id, name=member.name, side=member.side
        )
        add_member(conversation=conversation, person=identity.person, at=at)
    _adopt_parties(conversation)
    return conversation


def _adopt_parties(conversation: Conversation) -> None:
    """Set the customer and partner of a conversation from its members, where they are one and certain."""
    people = list(Person.objects.filter(memberships__conversation=conversation, memberships__left_at__isnull=True))
    customers = {p.customer_id for p in people if p.customer_id}
    partners = {p.partner_id for p in people if p.partner_id}
    changed = []
    if conversation.customer_id is None and len(customers) == 1 and conversation.kind != "community_group":
        conversation.customer_id = customers.pop()
        changed.append("customer")
    if conversation.partner_id is None and len(partners) == 1 and conversation.kind == "partner_group":
        conversation.partner_id = partners.pop()
        changed.append("partner")
    if changed:
        conversation.save(update_fields=changed)


def add_member(*, conversation: Conversation, person: Person, at: datetime) -> Member:
    """Put somebody into a conversation, or bring them back."""
    member, created = Member.objects.get_or_create(conversation=conversation, person=person, defaults={"joined_at": at})
    if not created and member.left_at is not None:
        member.left_at, member.joined_at = None, at
        member.save(update_fields=["left_at", "joined_at"])
    return member


def ingest_message(*, incoming: IncomingMessage, at: datetime) -> tuple[Message, bool]:
    """Store a message that a channel delivered, once.

    :param at: when it reached us (aware).
    :returns: the message, and whether it is new. The same (account, source, external id) again changes nothing.
    """
    known = Message.objects.filter(
        account=incoming.account, source=incoming.source, external_id=incoming.external_id
    ).first()
    if known is not None:
        return known, False
    conversation = find_or_add_conversation(
        account=incoming.account, ref=incoming.conversation, source=incoming.source, at=at
    )
    identity = find_or_add_identity(
        account=incoming.account,
        external_id=incoming.sender.external_id,
        name=incoming.sender.name,
        side=incoming.sender.side,
    )
    try:
        with transaction.atomic():
            return _store(conversation, identity, incoming, at), True
    except IntegrityError:
        return (
            Message.objects.get(account=incoming.account, source=incoming.source, external_id=incoming.external_id),
            False,
        )


def _store(conversation: Conversation, identity: Identity, incoming: IncomingMessage, at: datetime) -> Message:
    locked = Conversation.objects.select_for_update().get(pk=conversation.pk)
    locked.last_position += 1
    locked.last_message_at = max(filter(None, [locked.last_message_at, incoming.sent_at]))
    person = identity.person
    fields = ["last_position", "last_message_at"]
    if locked.surface == Surface.KF and person.side != Side.INTERNAL:
        # WeCom: 48 hours and 5 messages since the customer's last message (facts, section 4.3).
        locked.kf_window_until = incoming.sent_at + timedelta(hours=48)
        locked.kf_replies_left = 5
        fields += ["kf_window_until", "kf_replies_left"]
    locked.save(update_fields=fields)
    message = Message.objects.create(
        conversation=locked,
        account=incoming.account,
        source=incoming.source,
        external_id=incoming.external_id,
        position=locked.last_position,
        sender=person,
        identity=identity,
        sender_side=person.side,
        sent_at=incoming.sent_at,
        received_at=at,
        type=incoming.type,
        text=incoming.text.replace("\x00", "")[:MAX_TEXT_CHARACTERS],
        quoted_text=incoming.quoted_text.replace("\x00", "")[:MAX_TEXT_CHARACTERS],
        mentions=list(incoming.mentions),
        payload=incoming.payload,
    )
    if incoming.attachments:
        Attachment.objects.bulk_create(
            Attachment(
                message=message, type=item.type, name=item.name[:255], media_id=item.media_id, next_attempt_at=at
            )
            for item in incoming.attachments
        )
    if not Member.objects.filter(conversation=locked, person=person).exists():
        add_member(conversation=locked, person=person, at=at)
        _adopt_parties(locked)
    return message


def sender_is_known(message: Message) -> bool:
    """Whether we are sure who wrote this."""
    if message.sender_side in (Side.INTERNAL, Side.PARTNER):
        return True
    identity = message.identity
    return (
        identity is not None
        and identity.certainty == IdentityCertainty.VERIFIED
        and message.sender.customer_id is not None
    )


def recall_message(
    *, account: str, source: str, external_id: str, recalled_at: datetime, at: datetime
) -> Message | None:
    """Note that the sender took a message back. Nothing is erased; triage looks at what followed from it.

    :returns: the message, None when it never reached us. A second recall changes nothing.
    """
    with transaction.atomic():
        message = (
            Message.objects.select_for_update(of=("self",))
            .select_related("conversation", "sender")
            .filter(account=account, source=source, external_id=external_id)
            .first()
        )
        if message is None or message.recalled_at is not None:
            return message
        message.recalled_at = recalled_at
        message.save(update_fields=["recalled_at"])
        record(
            subject=subject_of(message.conversation),
            kind="action",
            actor=Actor.of_person(message.sender),
            at=at,
            refs={"message": str(message.public_id), "conversation": str(message.conversation.public_id)},
            body={"action": "recall", "recalled_at": recalled_at.isoformat()},
        )
        return message


#: First bytes → content type, for the types that are kept. Pictures are decoded as well.
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"#!AMR", "audio/amr"),
)


def sniff_content_type(content: bytes) -> str:
    """What the bytes are, by their beginning, never by a name that somebody gave."""
    for signature, content_type in _SIGNATURES:
        if content.startswith(signature):
            return content_type
    if content[8:12] == b"WEBP" and content[:4] == b"RIFF":
        return "image/webp"
    if content[4:8] == b"ftyp":
        return "video/mp4"
    return "application/octet-stream"


def store_attachment(*, attachment_id: int, content: bytes, at: datetime) -> Attachment:
    """Keep the bytes of an attachment, once by their hash.

    :raises Refused: when they are too large, empty, or no picture although a picture was announced; the row is then `lost`.
    """
    attachment = Attachment.objects.select_related("message__conversation").get(pk=attachment_id)
    if attachment.state == AttachmentState.STORED:
        return attachment
    problem = ""
    content_type = sniff_content_type(content)
    if not content:
        problem = _("The file is empty.")
    elif len(content) > MAX_ATTACHMENT_BYTES:
        problem = _("The file is larger than 20 MB.")
    elif attachment.type == "image":
        try:
            with Image.open(io.BytesIO(content)) as picture:
                picture.verify()
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            problem = _("This is not a picture that can be read.")
    if problem:
        mark_attachment_lost(attachment_id=attachment_id, error=problem, at=at)
        raise Refused(problem, code="bad_attachment")
    digest = hashlib.sha256(content).hexdigest()
    blob = Blob.objects.filter(sha256=digest).first()
    if blob is None:
        blob = Blob(sha256=digest, size=len(content), content_type=content_type)
        blob.file.save(digest, ContentFile(content), save=False)
        try:
            with transaction.atomic():
                blob.save()
        except IntegrityError:
            blob = Blob.objects.get(sha256=digest)
    Attachment.objects.filter(pk=attachment_id).update(
        state=AttachmentState.STORED, blob=blob, error="", next_attempt_at=None
    )
    pictures.note(blob, at=at)
    attachment.refresh_from_db()
    return attachment


def mark_attachment_lost(*, attachment_id: int, error: str, at: datetime) -> None:
    """Say loudly that the bytes of an attachment cannot be had."""
    attachment = Attachment.objects.select_related("message__conversation").get(pk=attachment_id)
    if attachment.state != AttachmentState.PENDING:
        return
    Attachment.objects.filter(pk=attachment_id).update(
        state=AttachmentState.LOST, error=error[:255], next_attempt_at=None
    )
    record(
        subject=subject_of(attachment.message.conversation),
        kind="material",
        actor=Actor.machine("media"),
        at=at,
        refs={"message": str(attachment.message.public_id), "attachment": str(attachment.public_id)},
        body={"lost": True, "error": error[:255]},
    )
