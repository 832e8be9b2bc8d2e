"""What was said: conversations, their members, messages and attachments."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from foundation.encryption import EncryptedTextField
from foundation.ids import PublicIdModel
from people.models import Customer, Identity, Partner, Person, Side, StaffMember, Team, Visibility


class ConversationKind(models.TextChoices):
    """Where a message stands (vocabulary: conversation_kind)."""

    PRIVATE = "private", _("Private chat")
    CUSTOMER_GROUP = "customer_group", _("Customer group")
    COMMUNITY_GROUP = "community_group", _("Community group")
    INTERNAL_GROUP = "internal_group", _("Internal group")
    PARTNER_GROUP = "partner_group", _("Partner group")


CUSTOMER_VISIBLE = frozenset(
    {ConversationKind.PRIVATE, ConversationKind.CUSTOMER_GROUP, ConversationKind.COMMUNITY_GROUP}
)


class Surface(models.TextChoices):
    """How a conversation can be written to (vocabulary: surface)."""

    KF = "kf", _("Customer service account (API, in a window)")
    STAFF_PRIVATE = "staff_private", _("Staff member's own chat (prepared, tapped)")
    CUSTOMER_GROUP = "customer_group", _("Customer group (prepared, tapped)")
    PARTNER_EXTERNAL = "partner_external", _("Group with other companies (prepared, tapped)")
    INTERNAL_APP = "internal_app", _("App message")
    INTERNAL_WEBHOOK = "internal_webhook", _("Internal group (webhook)")
    CAPTURED = "captured", _("Pasted in by staff")
    NONE = "none", _("Cannot be written to")


#: How what is released gets into a conversation, said beside its kind.
WAYS = {
    Surface.KF: _("sent by API, in the reply window"), Surface.STAFF_PRIVATE: _("its owner taps what is prepared"),
    Surface.CUSTOMER_GROUP: _("a member taps what is prepared"), Surface.PARTNER_EXTERNAL: _("a member taps what is prepared"),
    Surface.INTERNAL_APP: _("sent as an app message"), Surface.INTERNAL_WEBHOOK: _("sent by a group robot"),
    Surface.CAPTURED: _("pasted in by staff"), Surface.NONE: _("cannot be written to"),
}  # fmt: skip
#: Surfaces on which nothing goes by API: a released text is prepared and one tap by a member sends it.
TAPPED_SURFACES = frozenset(
    {Surface.STAFF_PRIVATE, Surface.CUSTOMER_GROUP, Surface.PARTNER_EXTERNAL, Surface.CAPTURED, Surface.NONE}
)


class ConversationQuerySet(models.QuerySet["Conversation"]):
    """Words to ask about conversations."""

    def visible_to(self, staff: StaffMember | None) -> ConversationQuerySet:
        """Conversations that this staff member may see: all, their team's and own, or only those they are a member of."""
        if staff is None:
            return self.none()
        if staff.visibility == Visibility.ALL:
            return self.all()
        own = models.Q(members__person__staff=staff) | models.Q(owner=staff)
        if staff.visibility == Visibility.TEAM and staff.team_id:
            own |= models.Q(team=staff.team_id)
        return self.filter(own).distinct()

    def untriaged(self) -> ConversationQuerySet:
        """Conversations that hold messages which triage has not worked through."""
        return self.filter(last_position__gt=models.F("triaged_position"))


class Conversation(PublicIdModel):
    """One chat, session or group of a channel.

    `last_position` numbers its messages in order of arrival; `triaged_position` is how far triage has come. The lease says which worker
    is on it; a worker whose token is no longer in the row has lost it.
    """

    account = models.CharField(_("account"), max_length=64)
    external_id = models.CharField(_("external id"), max_length=191)
    kind = models.CharField(_("kind"), max_length=24, choices=ConversationKind.choices)
    surface = models.CharField(_("surface"), max_length=24, choices=Surface.choices, default=Surface.NONE)
    source = models.CharField(_("message source"), max_length=16, default="archive")
    language = models.CharField(_("language"), max_length=8, default="zh")
    name = models.CharField(_("name"), max_length=191, blank=True)
    customer = models.ForeignKey(
        Customer,
        verbose_name=_("customer"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="conversations",
    )
    partner = models.ForeignKey(
        Partner,
        verbose_name=_("partner"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="conversations",
    )
    owner = models.ForeignKey(
        StaffMember,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="conversations",
    )
    team = models.ForeignKey(Team, verbose_name=_("team"), null=True, blank=True, on_delete=models.SET_NULL)
    last_position = models.PositiveBigIntegerField(default=0, editable=False)
    triaged_position = models.PositiveBigIntegerField(default=0, editable=False)
    last_message_at = models.DateTimeField(_("last message at"), null=True, blank=True)
    lease_token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    triage_failures = models.PositiveIntegerField(default=0, editable=False)
    triage_error = models.TextField(blank=True, editable=False)
    kf_window_until = models.DateTimeField(_("reply window until"), null=True, blank=True)
    kf_replies_left = models.PositiveSmallIntegerField(_("replies left in the window"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        constraints = [
            models.UniqueConstraint(fields=["account", "external_id"], name="a_conversation_once_per_account"),
            models.CheckConstraint(
                condition=models.Q(triaged_position__lte=models.F("last_position")),
                name="triage_never_ahead_of_messages",
            ),
        ]
        indexes = [
            # The triage sweep: conversations with messages that nobody worked through.
            models.Index(
                fields=["id"],
                name="conversation_untriaged",
                condition=models.Q(last_position__gt=models.F("triaged_position")),
            ),
            # The list of conversations, newest talk first.
            models.Index(fields=["-last_message_at"], name="conversation_by_talk"),
        ]

    def __str__(self) -> str:
        return self.name or self.external_id

    @property
    def is_customer_visible(self) -> bool:
        """Whether a customer reads what is written here."""
        return self.kind in CUSTOMER_VISIBLE

    @property
    def way_words(self) -> str:
        """How a released text gets there, without saying its kind again."""
        return str(WAYS.get(Surface(self.surface), self.surface) if self.surface in Surface.values else self.surface)

    @property
    def needs_tap(self) -> bool:
        """Whether a text into this conversation goes out only by a member's tap."""
        return self.surface in TAPPED_SURFACES


class Member(models.Model):
    """Somebody who is, or was, in a conversation."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    joined_at = models.DateTimeField(_("joined at"))
    left_at = models.DateTimeField(_("left at"), null=True, blank=True)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(fields=["conversation", "person"], name="a_person_is_one_member_of_a_conversation"),
        ]

    def __str__(self) -> str:
        return self.person.name


class AttachmentType(models.TextChoices):
    """What kind of thing was sent beside text (vocabulary: material and attachment types)."""

    IMAGE = "image", _("Picture")
    FILE = "file", _("File")
    VOICE = "voice", _("Voice")
    VIDEO = "video", _("Video")
    LOCATION = "location", _("Location")
    LINK = "link", _("Link")
    MINIPROGRAM = "miniprogram", _("Mini program")
    CHAT_RECORD = "chat_record", _("Forwarded chat")
    STICKER = "sticker", _("Sticker")
    CARD = "card", _("Card")
    FORM = "form", _("Form")
    TEXT = "text", _("Text")


class MessageQuerySet(models.QuerySet["Message"]):
    """Words to ask about messages."""

    def visible_to(self, staff: StaffMember | None) -> MessageQuerySet:
        """Messages of conversations that this staff member may see."""
        return self.filter(conversation__in=Conversation.objects.visible_to(staff))


class Message(PublicIdModel):
    """One thing said. Immutable: a recall is a new fact about it (`recalled_at`), never a change of its words.

    `position` is its place in order of arrival for ever; `sent_at` is when it was written, which may be earlier than a message before it.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="messages")
    account = models.CharField(_("account"), max_length=64)
    source = models.CharField(_("source"), max_length=16)
    external_id = models.CharField(_("external id"), max_length=191)
    position = models.PositiveBigIntegerField(_("position"))
    #: Who said something stays who said it, also where people turn out to be one.
    is_immutable = True
    sender = models.ForeignKey(Person, verbose_name=_("sender"), on_delete=models.PROTECT, related_name="messages")
    identity = models.ForeignKey(
        Identity, verbose_name=_("identity"), null=True, blank=True, on_delete=models.PROTECT, related_name="messages"
    )
    sender_side = models.CharField(_("side"), max_length=16, choices=Side.choices)
    sent_at = models.DateTimeField(_("written at"))
    received_at = models.DateTimeField(_("received at"))
    type = models.CharField(_("type"), max_length=24, default="text")
    text = models.TextField(_("text"), blank=True)
    quoted_text = models.TextField(_("quoted text"), blank=True)
    mentions = models.JSONField(_("mentions"), default=list, blank=True)
    payload = models.JSONField(_("structure"), default=dict, blank=True)
    outbound_ref = models.UUIDField(_("echo of our own text"), null=True, blank=True)
    recalled_at = models.DateTimeField(_("recalled at"), null=True, blank=True)
    recall_handled_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "source", "external_id"], name="a_message_once_per_account_source_and_id"
            ),
            models.UniqueConstraint(fields=["conversation", "position"], name="a_position_holds_one_message"),
        ]
        indexes = [
            # The recall sweep: recalls that nobody has looked at yet.
            models.Index(
                fields=["id"],
                name="message_recall_unhandled",
                condition=models.Q(recalled_at__isnull=False, recall_handled_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.text[:40] or self.type


class AttachmentState(models.TextChoices):
    """Whether the bytes of an attachment are here."""

    PENDING = "pending", _("Not fetched yet")
    STORED = "stored", _("Stored")
    LOST = "lost", _("Lost")


def blob_path(instance: Blob, filename: str) -> str:
    """Where the bytes of a blob lie: by hash, never by the name that somebody gave."""
    return f"blobs/{instance.sha256[:2]}/{instance.sha256}"


class Blob(models.Model):
    """Bytes, kept once by their hash."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    content_type = models.CharField(_("content type"), max_length=100)
    file = models.FileField(upload_to=blob_path)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("stored file")
        verbose_name_plural = _("stored files")

    def __str__(self) -> str:
        return self.sha256[:12]


class Attachment(PublicIdModel):
    """Something sent beside the text. Understanding does not wait for its bytes."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attachments")
    type = models.CharField(_("type"), max_length=16, choices=AttachmentType.choices)
    name = models.CharField(_("name"), max_length=255, blank=True)
    media_id = models.CharField(_("media id"), max_length=255, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=AttachmentState.choices, default=AttachmentState.PENDING)
    blob = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="attachments")
    error = models.CharField(_("error"), max_length=255, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        indexes = [
            # The media job: what is still to be fetched.
            models.Index(fields=["next_attempt_at"], name="attachment_pending", condition=models.Q(state="pending")),
        ]

    def __str__(self) -> str:
        return self.name or self.get_type_display()


class PictureState(models.TextChoices):
    """Whether the words of a picture were read."""

    WAITING = "waiting", _("Waits to be read")
    READ = "read", pgettext_lazy("picture", "Read")
    FAILED = "failed", pgettext_lazy("picture", "Could not be read")


class PictureKind(models.TextChoices):
    """What a picture is of, told by the words in it."""

    NAMEPLATE = "nameplate", pgettext_lazy("picture", "Nameplate")
    RECEIPT = "receipt", pgettext_lazy("picture", "Receipt or invoice")
    ORDER = "order", pgettext_lazy("picture", "Order page")
    TRACKING = "tracking", pgettext_lazy("picture", "Parcel")
    PAYMENT = "payment", pgettext_lazy("picture", "Payment")
    CHAT = "chat", pgettext_lazy("picture", "Screenshot of a chat")
    IDENTITY = "identity", pgettext_lazy("picture", "Personal paper")
    OTHER = "other", pgettext_lazy("picture", "Something else with words")
    NO_TEXT = "no_text", pgettext_lazy("picture", "Without words")


class PictureTextQuerySet(models.QuerySet["PictureText"]):
    """Words to ask about what was read in pictures."""

    def visible_to(self, staff: StaffMember | None) -> PictureTextQuerySet:
        """Of pictures that were sent where this staff member may see it."""
        seen = Attachment.objects.filter(
            blob=models.OuterRef("blob"), message__conversation__in=Conversation.objects.visible_to(staff)
        )
        return self.filter(models.Exists(seen))

    def due(self, *, at: datetime) -> PictureTextQuerySet:
        """Those that wait to be read and that no worker holds."""
        return self.filter(state=PictureState.WAITING, not_before__lte=at)


class PictureText(models.Model):
    """What was read in a stored picture, once for its bytes, however often they were sent. Untrusted like whatever a customer writes.

    The row is the queue: `not_before` is when it may be taken (again); a worker that takes it moves it on, so that a lost one is followed by another.
    """

    blob = models.OneToOneField(Blob, on_delete=models.CASCADE, related_name="reading")
    state = models.CharField(_("state"), max_length=8, choices=PictureState.choices, default=PictureState.WAITING)
    kind = models.CharField(_("kind"), max_length=16, choices=PictureKind.choices, blank=True)
    text = EncryptedTextField(_("words in the picture"), blank=True)
    confidence = models.FloatField(_("how sure"), default=0)
    engine = models.CharField(_("engine"), max_length=32, blank=True)
    engine_version = models.CharField(_("version"), max_length=32, blank=True)
    milliseconds = models.PositiveIntegerField(_("took (ms)"), default=0)
    error = models.CharField(_("error"), max_length=64, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    not_before = models.DateTimeField(editable=False)
    created_at = models.DateTimeField(_("created at"))
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    followed_at = models.DateTimeField(null=True, editable=False)

    objects = PictureTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("text of a picture")
        verbose_name_plural = _("texts of pictures")
        indexes = [
            # The reader: what is due.
            models.Index(fields=["not_before"], name="picture_to_read", condition=models.Q(state="waiting")),
            # What follows from a picture that was read after its message was worked through.
            models.Index(
                fields=["id"], name="picture_to_follow", condition=models.Q(state="read", followed_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display() or self.get_state_display()} {self.blob_id}"
