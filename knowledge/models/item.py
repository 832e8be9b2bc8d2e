"""Items over all their versions, the versions themselves, and the policy of the room."""

from __future__ import annotations

import copy
import re
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition
from simple_history.models import HistoricalRecords

from cases.models import Calendar, ServiceFlow
from foundation.errors import WrongState
from foundation.ids import PublicIdModel
from people.models import Customer, StaffMember, Tag


class KnowledgeKind(models.TextChoices):
    """What kind of knowledge an item holds (vocabulary: knowledge_kind). What each kind needs is in `knowledge.kinds`."""

    SERVICE_FLOW = "service_flow", _("Service flow")
    MATERIAL_LIST = "material_list", _("Material list")
    CUSTOMER_WORDING = "customer_wording", _("Wording for customers")
    FORBIDDEN_COMMITMENT = "forbidden_commitment", _("Forbidden commitment")
    HANDOFF_CONDITION = "handoff_condition", _("Hand-over condition")
    PARTNER_BOUNDARY = "partner_boundary", _("Partner boundary")
    COMPLETION_RULE = "completion_rule", _("Completion rule")
    QA_FINDING = "qa_finding", _("Quality finding")
    RISK_HINT = "risk_hint", _("Risk hint")
    PRODUCT = "product", _("Product")
    CONTRAINDICATION = "contraindication", _("Contraindication")
    CAMPAIGN = "campaign", _("Campaign")
    MEMBERSHIP_RULE = "membership_rule", _("Membership rule")
    POLICY = "policy", _("Policy")
    BRAND_RULE = "brand_rule", _("Brand rule")
    PLATFORM_RULE = "platform_rule", _("Platform rule")
    TONE_EXAMPLE = "tone_example", _("Tone example")


#: Kinds from which a customer may be answered.
ANSWERING_KINDS = frozenset(
    {
        KnowledgeKind.CUSTOMER_WORDING,
        KnowledgeKind.PRODUCT,
        KnowledgeKind.CAMPAIGN,
        KnowledgeKind.MEMBERSHIP_RULE,
        KnowledgeKind.POLICY,
        KnowledgeKind.SERVICE_FLOW,
        KnowledgeKind.MATERIAL_LIST,
    }
)


class KnowledgeState(models.TextChoices):
    """The life of a version."""

    DRAFT = "draft", _("Draft")
    DESENSITIZED = "desensitized", _("Desensitised")
    REVIEWED = "reviewed", _("Reviewed")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Retired")


class Audience(models.TextChoices):
    """Who may be told."""

    EVERYBODY = "everybody", _("Everybody")
    CUSTOMER = "customer", _("Customers")
    MEMBER = "member", _("Members only")
    PARTNER = "partner", _("Partners")
    INTERNAL = "internal", _("Our people only")


class KnowledgePolicy(models.Model):
    """How the room is kept: one row, made when it is first asked for."""

    self_review_below = models.PositiveSmallIntegerField(
        _("self-review allowed in teams smaller than"),
        default=3,
        help_text=_("Counted are active colleagues whose user may review knowledge. 0: never."),
    )
    self_review_delay = models.DurationField(
        _("and only so long after the last change"), default=timedelta(hours=24)
    )  # fmt: skip
    review_after_days = models.PositiveSmallIntegerField(_("look at an item again after days"), default=180)
    remind_days_before = models.PositiveSmallIntegerField(_("remind the owner days before"), default=7)
    unused_after_days = models.PositiveSmallIntegerField(_("unused after days without a citation"), default=90)
    rejected_at_least = models.PositiveSmallIntegerField(_("often rejected from so many rejections"), default=3)
    rejected_share_percent = models.PositiveSmallIntegerField(_("and so many percent of its drafts"), default=30)

    calendar = models.ForeignKey(
        Calendar, verbose_name=_("dates are meant in the time zone of"), null=True, blank=True, on_delete=models.SET_NULL,
        help_text=_("Campaigns begin and end, and planned publications happen, by this clock. Empty: China Standard Time."),
    )  # fmt: skip

    member_tags = models.ManyToManyField(
        Tag, verbose_name=_("members are customers with the tag"), blank=True, related_name="member_policies",
        help_text=_("Only they are told what is for members only. Empty: nobody is."),
    )  # fmt: skip

    history = HistoricalRecords(m2m_fields=[member_tags])

    class Meta:
        verbose_name = _("knowledge policy")
        verbose_name_plural = _("knowledge policy")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="there_is_one_knowledge_policy")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def current(cls) -> KnowledgePolicy:
        """The policy; its defaults where nobody has set anything. Writes nothing."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @classmethod
    def is_member(cls, customer: Customer) -> bool:
        """Whether a customer may be told what is for members only."""
        return customer.tags.filter(member_policies=1).exists()


class BrandVoice(models.Model):
    """How a brand speaks to customers: greeting, tone and words of every text that the product words itself, with examples of its own.

    The first speaks wherever no other is chosen; another one where its flows, channels and customers' tags (those that it names) all fit.
    """

    class Tone(models.TextChoices):
        """How warm texts sound."""

        WARM = "warm", _("Warm (～)")
        PLAIN = "plain", _("Plain")
        FORMAL = "formal", _("Formal")

    name = models.CharField(
        _("name"), max_length=64, default="默认", unique=True, help_text=_("Examples of tone say by it whose they are.")
    )
    tone = models.CharField(_("tone"), max_length=16, choices=Tone.choices, default=Tone.WARM)
    greeting = models.CharField(
        _("greeting in Chinese"),
        max_length=64,
        default="{name}您好，",
        help_text=_("The place in braces is how the customer is addressed."),
    )
    greeting_nameless = models.CharField(_("greeting in Chinese without a name"), max_length=64, default="您好，")
    greeting_en = models.CharField(_("greeting in English"), max_length=64, default="Hi {name}, ")
    #: Pairs: what is not said, and what is said instead.
    instead = models.JSONField(_("words"), default=list, blank=True)
    flows = models.ManyToManyField(ServiceFlow, verbose_name=_("flows"), blank=True, related_name="brand_voices")
    channels = models.JSONField(_("channels"), default=list, blank=True)
    tags = models.ManyToManyField(
        Tag, verbose_name=_("customers with the tag"), blank=True, related_name="brand_voices"
    )

    history = HistoricalRecords(m2m_fields=[flows, tags])

    class Meta:
        verbose_name = _("brand voice")
        verbose_name_plural = _("brand voice")

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> BrandVoice:
        """The voice that speaks where no other is chosen; as shipped where nobody has set anything. Writes nothing."""
        return cls.objects.order_by("pk").first() or cls()

    def reworded(self, text: str) -> str:
        """A text without the words that this voice does not use: those it says instead stand in their place."""
        for avoided, said in self.instead:
            text = text.replace(avoided, said)
        return text

    def toned(self, text: str) -> str:
        """A Chinese text in this tone."""
        if self.tone == self.Tone.WARM:
            return text
        text = re.sub(r"[～~]+(?=[。，！？]|$)", lambda match: "" if match.end() < len(text) else "。", text)
        text = re.sub(r"[～~]+", "。", text)
        if self.tone == self.Tone.FORMAL:
            text = (
                re.sub(r"麻烦您(?=请)", "劳烦您", text)
                .replace("麻烦您", "烦请您")
                .replace("辛苦您了", "感谢您的配合")
                .replace("收到了", "已收到")
            )
            text = re.sub(r"[呀啦哈哦](?=[。，？！]|$)", "", text)
        return re.sub(r"。{2,}", "。", text)


class ItemQuerySet(models.QuerySet["KnowledgeItem"]):
    """Words to ask about items."""

    def visible_to(self, staff: StaffMember | None) -> ItemQuerySet:
        """Knowledge is visible to every colleague."""
        return self.all() if staff is not None else self.none()

    def review_due(self, *, on: Any) -> ItemQuerySet:
        """Items with a published version whose “review by” date is this day or past."""
        return self.filter(review_by__lte=on, versions__state=KnowledgeState.PUBLISHED)


class KnowledgeItem(PublicIdModel):
    """A piece of knowledge over all its versions. Its kind never changes: evergreen and campaign never share an item.

    `code` is the number by which the business knows it (a row of a table); import finds items by it.
    """

    code = models.CharField(_("own number"), max_length=64, blank=True, default="")
    kind = models.CharField(_("kind"), max_length=32, choices=KnowledgeKind.choices)
    title = models.CharField(_("title"), max_length=191)
    flow = models.ForeignKey(
        ServiceFlow, verbose_name=_("flow"), null=True, blank=True, on_delete=models.SET_NULL, related_name="knowledge"
    )
    owner = models.ForeignKey(StaffMember, verbose_name=_("owner"), null=True, blank=True, on_delete=models.SET_NULL)
    review_by = models.DateField(_("review by"), null=True, blank=True)
    replaced_by = models.ForeignKey(
        "self", verbose_name=_("replaced by"), null=True, blank=True, on_delete=models.SET_NULL, related_name="replaces"
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = ItemQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("knowledge item")
        verbose_name_plural = _("knowledge items")
        constraints = [
            models.UniqueConstraint(fields=["code"], name="an_own_number_names_one_item", condition=~Q(code="")),
        ]
        indexes = [
            # The daily look for items that somebody has to read again.
            models.Index(fields=["review_by"], name="knowledge_review_by", condition=Q(review_by__isnull=False)),
            # Finding an item by its words when a table without numbers is imported again.
            models.Index(fields=["kind", "title"], name="knowledge_by_title"),
        ]

    def __str__(self) -> str:
        return self.title


class VersionQuerySet(models.QuerySet["KnowledgeVersion"]):
    """Words to ask about versions."""

    def visible_to(self, staff: StaffMember | None) -> VersionQuerySet:
        """Knowledge is visible to every colleague."""
        return self.all() if staff is not None else self.none()

    def published(self) -> VersionQuerySet:
        """What is published, in its dates or not."""
        return self.filter(state=KnowledgeState.PUBLISHED)

    def in_force(self, *, at: datetime) -> VersionQuerySet:
        """Published versions whose dates, if any, include this instant."""
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=at),
            Q(valid_until__isnull=True) | Q(valid_until__gt=at),
            state=KnowledgeState.PUBLISHED,
        )

    def unfinished(self) -> VersionQuerySet:
        """Versions on their way to publication."""
        return self.filter(state__in=[KnowledgeState.DRAFT, KnowledgeState.DESENSITIZED, KnowledgeState.REVIEWED])

    def to_review(self) -> VersionQuerySet:
        """The review queue: what waits for somebody other than its author."""
        return self.filter(state=KnowledgeState.DESENSITIZED)

    def to_publish(self, *, at: datetime) -> VersionQuerySet:
        """Reviewed versions whose planned instant has come."""
        return self.filter(state=KnowledgeState.REVIEWED, publish_at__lte=at)


def sample_path(instance: KnowledgeVersion, filename: str) -> str:
    """Where the sample picture of a version lies: by its public id, never by the name that somebody gave."""
    return f"knowledge/{instance.public_id.hex[:2]}/{instance.public_id.hex}"


#: What a version says. Never changed once it has left `draft`.
WORDS = ("title", "body", "questions", "fields", "products", "channels", "audience", "valid_from", "valid_until")


class KnowledgeVersion(FSMModelMixin, PublicIdModel):
    """What an item said at one time. Its words never change once it has left `draft`; a citation names a version.

    `valid_from` and `valid_until` are instants (half open). A campaign always has both, no other kind has any.
    `questions` are other ways in which customers ask; `fields` is what the kind needs beside (see `knowledge.kinds`).
    `writers` are primary keys of colleagues who changed its words.
    Empty `products` and `channels` mean all. `kept` are digests of findings that an editor looked at and kept on purpose.
    `publish_at` is when a reviewed version becomes published by itself. `compared_at` is when it was held against everything else that is
    published; empty while that is still to be done.
    """

    item = models.ForeignKey(KnowledgeItem, verbose_name=_("item"), on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    kind = models.CharField(_("kind"), max_length=32, choices=KnowledgeKind.choices, editable=False)
    state = FSMField(_("state"), choices=KnowledgeState.choices, default=KnowledgeState.DRAFT, protected=True)
    title = models.CharField(_("title"), max_length=191)
    body = models.TextField(_("text"), blank=True)
    questions = models.JSONField(_("other ways to ask"), default=list, blank=True)
    fields = models.JSONField(_("what its kind needs"), default=dict, blank=True)
    products = models.JSONField(_("products"), default=list, blank=True)
    channels = models.JSONField(_("channels"), default=list, blank=True)
    audience = models.CharField(
        _("who may be told"), max_length=16, choices=Audience.choices, default=Audience.CUSTOMER
    )  # fmt: skip
    sample = models.FileField(_("sample picture"), upload_to=sample_path, blank=True)
    valid_from = models.DateTimeField(_("valid from"), null=True, blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    note = models.CharField(_("what changed"), max_length=255, blank=True)
    author = models.ForeignKey(
        StaffMember, verbose_name=_("author"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    writers = models.JSONField(default=list, blank=True, editable=False)
    changed_at = models.DateTimeField(_("last changed at"), null=True, blank=True)
    kept = models.JSONField(default=list, blank=True, editable=False)
    desensitized_by = models.ForeignKey(
        StaffMember, verbose_name=_("desensitised by"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="+",
    )  # fmt: skip
    desensitized_at = models.DateTimeField(_("desensitised at"), null=True, blank=True)
    reviewer = models.ForeignKey(
        StaffMember, verbose_name=_("reviewer"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)
    self_reviewed = models.BooleanField(_("reviewed by its author"), default=False)
    publish_at = models.DateTimeField(_("to be published at"), null=True, blank=True)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True)
    retire_reason = models.CharField(_("why it was retired"), max_length=32, blank=True)
    retire_note = models.CharField(_("words"), max_length=255, blank=True)
    compared_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = VersionQuerySet.as_manager()
    # The words are not in the row history: a draft may still hold personal data, and what was said is in the versions themselves.
    history = HistoricalRecords(
        bases=[FSMModelMixin, models.Model],
        excluded_fields=["title", "body", "questions", "fields", "sample", "compared_at"],
    )

    class Meta:
        verbose_name = _("knowledge version")
        verbose_name_plural = _("knowledge versions")
        permissions = [
            ("desensitize_knowledgeversion", _("Can desensitise knowledge")),
            ("review_knowledgeversion", _("Can review knowledge")),
            ("publish_knowledgeversion", _("Can publish and retire knowledge")),
            ("exchange_knowledge", _("Can import and export knowledge")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="a_version_number_once_per_item"),
            models.UniqueConstraint(
                fields=["item"], name="one_published_version_per_item", condition=Q(state="published")
            ),
            models.UniqueConstraint(
                fields=["item"],
                name="one_unfinished_version_per_item",
                condition=Q(state__in=["draft", "desensitized", "reviewed"]),
            ),
            models.CheckConstraint(
                condition=Q(kind="campaign", valid_from__isnull=False, valid_until__isnull=False)
                | ~Q(kind="campaign") & Q(valid_from__isnull=True, valid_until__isnull=True),
                name="a_campaign_and_only_a_campaign_has_dates",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")), name="a_campaign_ends_later"
            ),
            models.CheckConstraint(
                condition=Q(publish_at__isnull=True) | ~Q(state__in=["draft", "desensitized"]),
                name="only_what_is_reviewed_is_planned",
            ),
        ]
        indexes = [
            # Rules that the gate reads (forbidden commitments, brand and platform rules), and the index rebuild.
            models.Index(fields=["kind"], name="knowledge_published", condition=Q(state="published")),
            # The sweep of planned publications.
            models.Index(
                fields=["publish_at"], name="knowledge_planned", condition=Q(state="reviewed", publish_at__isnull=False)
            ),
            # The review queue, oldest first.
            models.Index(fields=["desensitized_at"], name="knowledge_to_review", condition=Q(state="desensitized")),
            # What has not been compared with the rest yet.
            models.Index(
                fields=["published_at"],
                name="knowledge_uncompared",
                condition=Q(state="published", compared_at__isnull=True),
            ),
            # The calendar of campaigns.
            models.Index(fields=["valid_from"], name="knowledge_campaigns", condition=Q(kind="campaign")),
        ]

    _loaded: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.title} v{self.number}"

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> KnowledgeVersion:
        """Remember the words as they are stored, for `save`."""
        row = super().from_db(*args, **kwargs)
        row._remember()
        return row

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        """Read the row again, and remember its words as they are stored now."""
        super().refresh_from_db(*args, **kwargs)
        self._remember()

    def _remember(self) -> None:
        # Copies: a list that is changed in place must not change what is remembered.
        words = {name: self.__dict__[name] for name in ("state", *WORDS) if name in self.__dict__}
        self._loaded = {
            name: copy.deepcopy(value) if isinstance(value, (list, dict)) else value for name, value in words.items()
        }

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the row.

        :raises WrongState: when words are changed of a version that has left `draft`.
        """
        loaded = getattr(self, "_loaded", None)
        if loaded and loaded.get("state", KnowledgeState.DRAFT) != KnowledgeState.DRAFT:
            for name in WORDS:
                if name in loaded and name in self.__dict__ and self.__dict__[name] != loaded[name]:
                    raise WrongState(_("The words of a version never change once it has left “draft”: make a new one."))
        super().save(*args, **kwargs)
        self._remember()

    @property
    def searched_kind(self) -> str:
        """The kind under which it is found: what stands for a wording template answers no question."""
        return "template" if self.fields.get("template") else self.kind

    @property
    def is_campaign(self) -> bool:
        """Whether it holds for a time only."""
        return self.kind == KnowledgeKind.CAMPAIGN

    @transition(field=state, source=KnowledgeState.DRAFT, target=KnowledgeState.DESENSITIZED)
    def desensitize(self, *, by: StaffMember | None, at: datetime) -> None:
        """Somebody saw to it that no personal data is in it."""
        self.desensitized_by, self.desensitized_at = by, at

    @transition(field=state, source=KnowledgeState.DESENSITIZED, target=KnowledgeState.REVIEWED)
    def approve(self, *, by: StaffMember, at: datetime, by_author: bool) -> None:
        """A reviewer finds it right."""
        self.reviewer, self.reviewed_at, self.self_reviewed = by, at, by_author

    @transition(field=state, source=KnowledgeState.REVIEWED, target=KnowledgeState.PUBLISHED)
    def publish(self, *, at: datetime) -> None:
        """From now on it may be said."""
        self.published_at, self.publish_at = at, None

    @transition(
        field=state,
        source=[KnowledgeState.DRAFT, KnowledgeState.DESENSITIZED, KnowledgeState.REVIEWED],
        target=KnowledgeState.RETIRED,
    )
    def withdraw(self, *, at: datetime, reason: str, note: str = "") -> None:
        """It will not be published: given up, or sent back (then a new draft follows)."""
        self.retired_at, self.retire_reason, self.retire_note, self.publish_at = at, reason, note[:255], None

    @transition(field=state, source=KnowledgeState.PUBLISHED, target=KnowledgeState.RETIRED)
    def retire(self, *, at: datetime, reason: str, note: str = "") -> None:
        """From now on it is not said any more."""
        self.retired_at, self.retire_reason, self.retire_note = at, reason, note[:255]
