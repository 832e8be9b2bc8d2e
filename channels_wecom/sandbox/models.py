"""The world of the local WeCom: a corporation, its people and chats, what was said, and what its API remembers.

Everything here is made up and lives only on a developer's machine, so nothing is encrypted.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SandboxCorp(models.Model):
    """One corporation with one app. `account_key` is how the product's addresses name it.

    `last_seq` numbers everything that happens in its chats; the row is locked while something is said, so numbers appear in order.
    """

    corp_id = models.CharField(max_length=64, unique=True)
    account_key = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=128)
    app_name = models.CharField(max_length=64, default="Aijia")
    callback_url = models.CharField(max_length=255, blank=True)
    toolbar_url = models.CharField(max_length=255, blank=True)
    token = models.CharField(max_length=64)
    encoding_aes_key = models.CharField(max_length=43)
    agent_id = models.PositiveIntegerField(default=1000002)
    app_secret = models.CharField(max_length=128)
    archive_secret = models.CharField(max_length=128, blank=True)
    last_seq = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("sandbox corporation")
        verbose_name_plural = _("sandbox corporations")

    def __str__(self) -> str:
        return self.name


class UserKind(models.TextChoices):
    """Who somebody is in WeCom's eyes: a member, a WeChat user, or a member of another corporation."""

    STAFF = "staff", _("Member")
    EXTERNAL = "external", _("WeChat user")
    PARTNER = "partner", _("Member of another company")
    ROBOT = "robot", _("Robot")


class SandboxUser(models.Model):
    """Somebody who can write. `userid` is the member's userid, or the external_userid of an outside contact."""

    corp = models.ForeignKey(SandboxCorp, on_delete=models.CASCADE, related_name="users")
    userid = models.CharField(max_length=64)
    name = models.CharField(max_length=64)
    kind = models.CharField(max_length=16, choices=UserKind.choices)
    corp_name = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corp", "userid"], name="a_sandbox_userid_once_per_corp")]

    def __str__(self) -> str:
        return self.name


class ChatKind(models.TextChoices):
    """What sort of chat it is."""

    SINGLE = "single", _("Private chat")
    KF = "kf", _("Customer service session")
    CUSTOMER_GROUP = "customer_group", _("Customer group")
    INTERNAL_GROUP = "internal_group", _("Internal group")
    PARTNER_GROUP = "partner_group", _("Group with a partner company")
    APP = "app", _("App messages")


#: Groups with people from outside: no API writes into them.
EXTERNAL_GROUPS = frozenset({ChatKind.CUSTOMER_GROUP, ChatKind.PARTNER_GROUP})
#: Chats whose words the conversation archive keeps.
ARCHIVED = frozenset({ChatKind.SINGLE, ChatKind.CUSTOMER_GROUP, ChatKind.INTERNAL_GROUP, ChatKind.PARTNER_GROUP})


class SandboxChat(models.Model):
    """A chat. `chat_id` is the room id of a group; of other chats it is our own handle.

    For sessions `kf_state` is WeCom's service state: 0 new, 1 assistant, 2 pool, 3 served by a person, 4 ended.
    """

    corp = models.ForeignKey(SandboxCorp, on_delete=models.CASCADE, related_name="chats")
    chat_id = models.CharField(max_length=128)
    kind = models.CharField(max_length=16, choices=ChatKind.choices)
    name = models.CharField(max_length=128, blank=True)
    owner = models.ForeignKey(SandboxUser, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    open_kfid = models.CharField(max_length=64, blank=True)
    webhook_key = models.CharField(max_length=64, blank=True)
    made_by_app = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    kf_state = models.PositiveSmallIntegerField(default=4)
    kf_servicer = models.CharField(max_length=64, blank=True)
    kf_customer_at = models.DateTimeField(null=True, blank=True)
    kf_sent = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corp", "chat_id"], name="a_sandbox_chat_once_per_corp")]

    def __str__(self) -> str:
        return self.name or self.chat_id


class SandboxMember(models.Model):
    """Somebody in a chat."""

    chat = models.ForeignKey(SandboxChat, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(SandboxUser, on_delete=models.CASCADE, related_name="memberships")
    joined_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chat", "user"], name="a_sandbox_member_once_per_chat")]


class SandboxKfAccount(models.Model):
    """A customer-service account."""

    corp = models.ForeignKey(SandboxCorp, on_delete=models.CASCADE, related_name="kf_accounts")
    open_kfid = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=64)


class SandboxMedia(models.Model):
    """Bytes that somebody sent or uploaded. One id serves as media_id and as sdkfileid."""

    corp = models.ForeignKey(SandboxCorp, on_delete=models.CASCADE, related_name="media")
    media_id = models.CharField(max_length=64, unique=True)
    type = models.CharField(max_length=16)
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    data = models.BinaryField()
    md5 = models.CharField(max_length=32)
    size = models.PositiveBigIntegerField()
    created_at = models.DateTimeField()


class SandboxMessage(models.Model):
    """Something that happened in a chat: a message, a recall, or an event of a session.

    `via_api` marks what a program sent: a session's log never shows it, and app messages are not archived.
    """

    corp = models.ForeignKey(SandboxCorp, on_delete=models.CASCADE, related_name="messages")
    chat = models.ForeignKey(SandboxChat, on_delete=models.CASCADE, related_name="messages")
    seq = models.PositiveBigIntegerField()
    msgid = models.CharField(max_length=128)
    action = models.CharField(max_length=8, default="send")
    sender = models.ForeignKey(SandboxUser, null=True, blank=True, on_delete=models.CASCADE, related_name="messages")
    sender_name = models.CharField(max_length=64, blank=True)
    msgtype = models.CharField(max_length=32)
    content = models.JSONField(default=dict)
    quote = models.JSONField(default=dict, blank=True)
    media = models.ForeignKey(SandboxMedia, null=True, blank=True, on_delete=models.CASCADE)
    sent_at = models.DateTimeField()
    recalled_at = models.DateTimeField(null=True, blank=True)
    failed = models.CharField(max_length=64, blank=True)
    via_api = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["corp", "seq"], name="a_sandbox_seq_once_per_corp"),
            models.UniqueConstraint(fields=["corp", "msgid"], name="a_sandbox_msgid_once_per_corp"),
        ]
        indexes = [
            # Reading the log of one chat in order.
            models.Index(fields=["chat", "seq"], name="sandbox_message_by_chat"),
        ]


class SandboxToken(models.Model):
    """An access token: one per secret, 7200 s. `refused_with` makes it fail early with that code (40014 or 42001)."""

    corp = models.ForeignKey(SandboxCorp, on_delete=models.CASCADE)
    secret_kind = models.CharField(max_length=16)
    token = models.CharField(max_length=128, unique=True)
    expires_at = models.DateTimeField()
    refused_with = models.PositiveIntegerField(default=0)


class SandboxPass(models.Model):
    """A short-lived word: the token of a session callback (10 minutes) or an OAuth code of the sidebar (5 minutes, once)."""

    corp = models.ForeignKey(SandboxCorp, on_delete=models.CASCADE)
    kind = models.CharField(max_length=8)
    value = models.CharField(max_length=128, unique=True)
    about = models.CharField(max_length=64)
    expires_at = models.DateTimeField()


class SandboxMassTask(models.Model):
    """A mass message that waits until its sender confirms it in the client (`add_msg_template`)."""

    corp = models.ForeignKey(SandboxCorp, on_delete=models.CASCADE, related_name="tasks")
    msgid = models.CharField(max_length=64, unique=True)
    chat_type = models.CharField(max_length=8)
    sender = models.ForeignKey(SandboxUser, on_delete=models.CASCADE)
    text = models.TextField()
    targets = models.JSONField(default=list)
    results = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
