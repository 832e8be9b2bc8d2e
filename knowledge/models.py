"""What may be said: knowledge items and their immutable versions."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from cases.models import ServiceFlow
from foundation.ids import PublicIdModel
from people.models import StaffMember


class KnowledgeKind(models.TextChoices):
    """What kind of knowledge an item holds (vocabulary: knowledge_kind)."""

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


class VersionQuerySet(models.QuerySet["KnowledgeVersion"]):
    """Words to ask about versions."""

    def in_force(self, *, at: datetime) -> VersionQuerySet:
        """Published versions whose dates, if any, include this instant."""
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=at),
            Q(valid_until__isnull=True) | Q(valid_until__gt=at),
            state=KnowledgeState.PUBLISHED,
        )


class KnowledgeItem(PublicIdModel):
    """A piece of knowledge over all its versions."""

    kind = models.CharField(_("kind"), max_length=32, choices=KnowledgeKind.choices)
    title = models.CharField(_("title"), max_length=191)
    flow = models.ForeignKey(
        ServiceFlow, verbose_name=_("flow"), null=True, blank=True, on_delete=models.SET_NULL, related_name="knowledge"
    )
    owner = models.ForeignKey(StaffMember, verbose_name=_("owner"), null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("knowledge item")
        verbose_name_plural = _("knowledge items")

    def __str__(self) -> str:
        return self.title


class KnowledgeVersion(PublicIdModel):
    """What an item said at one time. Its words never change once it has left `draft`; a citation names a version.

    `valid_from` and `valid_until` are instants (half open). A campaign always has both, no other kind has any.
    """

    item = models.ForeignKey(KnowledgeItem, verbose_name=_("item"), on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    kind = models.CharField(max_length=32, choices=KnowledgeKind.choices, editable=False)
    state = models.CharField(_("state"), max_length=16, choices=KnowledgeState.choices, default=KnowledgeState.DRAFT)
    title = models.CharField(_("title"), max_length=191)
    body = models.TextField(_("text"))
    valid_from = models.DateTimeField(_("valid from"), null=True, blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    author = models.ForeignKey(
        StaffMember, verbose_name=_("author"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    reviewer = models.ForeignKey(
        StaffMember, verbose_name=_("reviewer"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("knowledge version")
        verbose_name_plural = _("knowledge versions")
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="a_version_number_once_per_item"),
            models.UniqueConstraint(
                fields=["item"], name="one_published_version_per_item", condition=Q(state="published")
            ),
            models.CheckConstraint(
                condition=Q(kind="campaign", valid_from__isnull=False, valid_until__isnull=False)
                | ~Q(kind="campaign") & Q(valid_from__isnull=True, valid_until__isnull=True),
                name="a_campaign_and_only_a_campaign_has_dates",
            ),
        ]
        indexes = [
            # Search looks at published versions only.
            models.Index(fields=["kind"], name="knowledge_published", condition=Q(state="published")),
        ]

    def is_in_force(self, *, at: datetime) -> bool:
        """Whether it is published and its dates, if any, include this instant."""
        begun = self.valid_from is None or self.valid_from <= at
        return self.state == KnowledgeState.PUBLISHED and begun and (self.valid_until is None or self.valid_until > at)

    def __str__(self) -> str:
        return f"{self.title} v{self.number}"
