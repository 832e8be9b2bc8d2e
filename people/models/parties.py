"""The other people: customers, partners, persons on any side and the identities by which a channel knows them."""

from __future__ import annotations

from collections.abc import Callable

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from foundation.encryption import EncryptedTextField, blind_index
from foundation.ids import PublicIdModel
from people.models.staff import StaffMember, Team, Visibility


class Side(models.TextChoices):
    """On whose side somebody is."""

    CUSTOMER = "customer", _("Customer")
    INTERNAL = "internal", _("Our people")
    PARTNER = "partner", _("Partner")
    UNKNOWN = "unknown", _("Unknown")


class IdentityCertainty(models.TextChoices):
    """How sure we are that an identity is that person."""

    VERIFIED = "verified", _("Verified")
    CANDIDATE = "candidate", _("Candidate")
    CONFLICT = "conflict", _("Conflict")
    UNKNOWN = "unknown", _("Unknown")


class Tag(models.Model):
    """A word by which customers are found and told apart: VIP, 企业客户, 易投诉."""

    name = models.CharField(_("name"), max_length=32, unique=True)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")

    def __str__(self) -> str:
        return self.name


class CustomerQuerySet(models.QuerySet["Customer"]):
    """Words to ask about customers."""

    def visible_to(self, staff: StaffMember | None) -> CustomerQuerySet:
        """Customers that this staff member may see: everything, their team's, or their own."""
        if staff is None:
            return self.none()
        if staff.visibility == Visibility.ALL:
            return self.all()
        if staff.visibility == Visibility.TEAM and staff.team_id:
            return self.filter(models.Q(team=staff.team_id) | models.Q(owner=staff))
        return self.filter(owner=staff)

    def may_be_promoted_to(self) -> CustomerQuerySet:
        """Customers to whom something may be advertised: none whom an alert keeps from it."""
        return self.filter(promotion_stopped_at__isnull=True, merged_into__isnull=True)


def ending_index(phone: str) -> str:
    """The blind index of the last four digits of a phone number; empty where there are fewer."""
    digits = "".join(character for character in phone if character.isdigit())
    return blind_index(digits[-4:]) if len(digits) >= 4 else ""


class Customer(PublicIdModel):
    """A customer: a household, a person or a company that we serve. Its people are `Person` rows."""

    name = models.CharField(_("name"), max_length=128)
    phone = EncryptedTextField(_("phone"), blank=True, default="")
    phone_index = models.CharField(max_length=64, blank=True, default="", editable=False)
    phone_ending = models.CharField(max_length=64, blank=True, default="", editable=False)
    address = EncryptedTextField(_("address"), blank=True, default="")
    note = models.TextField(_("note"), blank=True)
    language = models.CharField(
        _("language"), max_length=8, default="zh", choices=[("zh", _("Chinese")), ("en", _("English"))]
    )
    team = models.ForeignKey(Team, verbose_name=_("team"), null=True, blank=True, on_delete=models.SET_NULL)
    owner = models.ForeignKey(
        StaffMember, verbose_name=_("owner"), null=True, blank=True, on_delete=models.SET_NULL, related_name="customers"
    )
    tags = models.ManyToManyField("people.Tag", verbose_name=_("tags"), blank=True, related_name="customers")
    merged_into = models.ForeignKey(
        "self", verbose_name=_("merged into"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )  # fmt: skip
    placeholder = models.BooleanField(_("stands for people whom nobody knows yet"), default=False, editable=False)
    promotion_stopped_at = models.DateTimeField(_("no advertising since"), null=True, blank=True, editable=False)
    promotion_stopped_why = models.CharField(_("why no advertising"), max_length=255, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = CustomerQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["phone", "address", "phone_index", "phone_ending"])

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        indexes = [
            # Finding a customer by phone number without decrypting any.
            models.Index(fields=["phone_index"], name="customer_by_phone"),
            # Finding customers by the last four digits that somebody names.
            models.Index(fields=["phone_ending"], name="customer_by_phone_ending"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["placeholder"], name="one_customer_stands_for_the_unknown", condition=models.Q(placeholder=True)
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.phone_index = blind_index(self.phone) if self.phone else ""
        self.phone_ending = ending_index(self.phone)
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class Partner(PublicIdModel):
    """A fulfilment partner: service provider, store, warehouse, outsourced team."""

    name = models.CharField(_("name"), max_length=128, unique=True)
    note = models.TextField(_("note"), blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")

    def __str__(self) -> str:
        return self.name


#: Ways by which higher rooms let a colleague know of a person: who is in a conversation or case that they see.
_ways: list[Callable[[StaffMember], models.Q]] = []


def register_acquaintance(way: Callable[[StaffMember], models.Q]) -> None:
    """Let a higher room say whom else a colleague may know of (imports point down)."""
    if way not in _ways:
        _ways.append(way)


class PersonQuerySet(models.QuerySet["Person"]):
    """Words to ask about people."""

    def visible_to(self, staff: StaffMember | None) -> PersonQuerySet:
        """Colleagues, the people of visible customers, and whoever is in a visible conversation or case."""
        if staff is None:
            return self.none()
        if staff.visibility == Visibility.ALL:
            return self.all()
        known = models.Q(side=Side.INTERNAL) | models.Q(customer__in=Customer.objects.visible_to(staff))
        for way in _ways:
            known |= way(staff)
        return self.filter(known)


class Person(PublicIdModel):
    """A human being on any side. A role is held in a case, not here.

    Exactly one of `customer`, `partner` and `staff` is set for a known side; none for an unknown person.
    """

    name = models.CharField(_("name"), max_length=128)
    side = models.CharField(_("side"), max_length=16, choices=Side.choices, default=Side.UNKNOWN)
    customer = models.ForeignKey(
        Customer, verbose_name=_("customer"), null=True, blank=True, on_delete=models.PROTECT, related_name="people"
    )
    partner = models.ForeignKey(
        Partner, verbose_name=_("partner"), null=True, blank=True, on_delete=models.PROTECT, related_name="people"
    )
    staff = models.OneToOneField(
        StaffMember,
        verbose_name=_("staff member"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="person",
    )
    in_wecom = models.BooleanField(_("in WeCom"), default=True)
    relation = models.CharField(_("relation to the contact"), max_length=32, blank=True)
    coordinates_only = models.BooleanField(_("only coordinates"), default=False)
    merged_into = models.ForeignKey(
        "self", verbose_name=_("merged into"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )  # fmt: skip

    objects = PersonQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.name


class IdentityQuerySet(models.QuerySet["Identity"]):
    """Words to ask about identities."""

    def visible_to(self, staff: StaffMember | None) -> IdentityQuerySet:
        """Identities of people whom this staff member may know of."""
        if staff is not None and staff.visibility == Visibility.ALL:
            return self.all()
        return self.filter(person__in=Person.objects.visible_to(staff))


class Identity(models.Model):
    """One id by which a channel knows somebody, with how sure we are who that is."""

    account = models.CharField(_("account"), max_length=64)
    external_id = models.CharField(_("external id"), max_length=128)
    person = models.ForeignKey(Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="identities")
    certainty = models.CharField(
        _("certainty"), max_length=16, choices=IdentityCertainty.choices, default=IdentityCertainty.UNKNOWN
    )
    display_name = models.CharField(_("name in the channel"), max_length=128, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = IdentityQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "external_id"], name="an_external_id_is_one_identity_per_account"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.display_name or self.person.name} ({self.get_certainty_display()})"
