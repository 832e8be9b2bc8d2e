"""Our own people: sign-in users, staff members and their teams."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from foundation.ids import PublicIdModel
from foundation.templatetags.when import stamp_words


class Visibility(models.TextChoices):
    """Which conversations and cases a staff member may see."""

    OWN = "own", _("Own only")
    TEAM = "team", _("Own team")
    ALL = "all", _("Everything")


class User(AbstractUser):
    """Somebody who signs in. What they may do comes from groups; what they may see from their staff member row."""

    display_name = models.CharField(_("name"), max_length=64, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)

    class Meta(AbstractUser.Meta):
        verbose_name = _("user")  # type: ignore[assignment]
        verbose_name_plural = _("users")  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.display_name or self.username

    def get_full_name(self) -> str:
        """The name that colleagues know."""
        return self.display_name or super().get_full_name()


class Team(models.Model):
    """A team of staff members; conversations and cases belong to one."""

    name = models.CharField(_("name"), max_length=64, unique=True)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return self.name


class StaffQuerySet(models.QuerySet["StaffMember"]):
    """Words to ask about staff."""

    def active(self) -> StaffQuerySet:
        """Those who work here now."""
        return self.filter(left_at__isnull=True)

    def supervisors(self) -> StaffQuerySet:
        """Those who may release what only a supervisor may."""
        return self.active().filter(is_supervisor=True)

    def available(self, *, at: datetime) -> StaffQuerySet:
        """Those who can be asked for something at an instant; the rule is that of `is_available`."""
        week = timedelta(days=7)
        planned = Shift.objects.filter(staff=models.OuterRef("pk"), ends_at__gt=at - week, starts_at__lt=at + week)
        on_shift = planned.filter(starts_at__lte=at, ends_at__gt=at)
        return self.active().filter(models.Exists(on_shift) | ~models.Exists(planned), on_duty=True)

    def visible_to(self, staff: StaffMember | None) -> StaffQuerySet:
        """Colleagues are visible to every staff member."""
        return self.all() if staff is not None else self.none()


class StaffMember(PublicIdModel):
    """One of our people as they work: may or may not sign in, may or may not chat in WeCom.

    `wecom` sides (userids per account) are `Identity` rows of the `Person` of this staff member.
    """

    user = models.OneToOneField(
        User, verbose_name=_("user"), null=True, blank=True, on_delete=models.SET_NULL, related_name="staff"
    )
    name = models.CharField(_("name"), max_length=64)
    team = models.ForeignKey(
        Team, verbose_name=_("team"), null=True, blank=True, on_delete=models.SET_NULL, related_name="members"
    )
    is_supervisor = models.BooleanField(_("supervisor"), default=False)
    visibility = models.CharField(_("sees"), max_length=8, choices=Visibility.choices, default=Visibility.ALL)
    on_duty = models.BooleanField(_("on duty"), default=True)
    left_at = models.DateTimeField(_("left at"), null=True, blank=True)

    objects = StaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("staff member")
        verbose_name_plural = _("staff members")

    def __str__(self) -> str:
        return self.name


#: For how long before and after a shift whoever holds it sees what belongs to the duty: what was done in it, and what comes.
AROUND_A_SHIFT = timedelta(days=7)


class DutyRosterQuerySet(models.QuerySet["DutyRoster"]):
    """Words to ask about duties."""

    def held_by(self, staff: StaffMember, *, at: datetime) -> DutyRosterQuerySet:
        """Those that somebody holds at an instant."""
        return self.filter(models.Exists(Shift.objects.of_roster().running(at=at).filter(staff=staff)))

    def around(self, staff: StaffMember, *, at: datetime) -> DutyRosterQuerySet:
        """Those in which somebody has a shift at an instant, or had or has one within a week of it."""
        return self.filter(models.Exists(Shift.objects.of_roster().near(at=at).filter(staff=staff)))


class DutyRoster(models.Model):
    """A named duty that is always held by whoever is on shift: 售后值班, 夜间主管."""

    name = models.CharField(_("name"), max_length=64, unique=True)
    lead = models.ForeignKey(
        StaffMember, verbose_name=_("shift lead"), on_delete=models.PROTECT, related_name="leads_rosters"
    )

    objects = DutyRosterQuerySet.as_manager()

    class Meta:
        verbose_name = _("duty roster")
        verbose_name_plural = _("duty rosters")

    def __str__(self) -> str:
        return self.name

    def on_shift(self, *, at: datetime) -> list[StaffMember]:
        """Who is on shift at this instant and works here, in order of their shifts' beginnings."""
        return [shift.staff for shift in self.shifts.all().running(at=at)]


class ShiftQuerySet(models.QuerySet["Shift"]):
    """Words to ask about shifts."""

    def of_roster(self) -> ShiftQuerySet:
        """Those of the duty of the query around this one."""
        return self.filter(roster=models.OuterRef("pk"))

    def near(self, *, at: datetime) -> ShiftQuerySet:
        """Those that run at an instant, or ended or begin within a week of it."""
        return self.filter(ends_at__gt=at - AROUND_A_SHIFT, starts_at__lt=at + AROUND_A_SHIFT)

    def running(self, *, at: datetime) -> ShiftQuerySet:
        """Those that run at an instant, of people who work here, in order of their beginnings."""
        rows = self.filter(starts_at__lte=at, ends_at__gt=at, staff__left_at__isnull=True)
        return rows.select_related("staff").order_by("starts_at", "pk")


class Shift(models.Model):
    """Somebody holds a duty from one instant to another."""

    roster = models.ForeignKey(DutyRoster, on_delete=models.CASCADE, related_name="shifts")
    staff = models.ForeignKey(
        StaffMember, verbose_name=_("staff member"), on_delete=models.PROTECT, related_name="shifts"
    )
    starts_at = models.DateTimeField(pgettext_lazy("shift", "from"))
    ends_at = models.DateTimeField(pgettext_lazy("shift", "until"))

    objects = ShiftQuerySet.as_manager()

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="a_shift_ends_later")
        ]
        indexes = [models.Index(fields=["staff", "ends_at"], name="shift_by_staff")]

    def __str__(self) -> str:
        return f"{self.staff} {stamp_words(self.starts_at)}"


def is_available(staff: StaffMember, *, at: datetime) -> bool:
    """Whether somebody can be asked for something at this instant.

    Not when they left or are marked off duty. Somebody who is planned in shifts (any in the week around) is available during them only.
    """
    if staff.left_at is not None or not staff.on_duty:
        return False
    return StaffMember.objects.filter(pk=staff.pk).available(at=at).exists()


def who_is_available(staff: list[StaffMember], *, at: datetime) -> set[int]:
    """Ids of those of them who can be asked for something at this instant, in one query."""
    among = StaffMember.objects.filter(pk__in=[one.pk for one in staff])
    return set(among.available(at=at).values_list("pk", flat=True))


def staff_of(user: Any) -> StaffMember | None:
    """The active staff member that this user is, None for outsiders and for users without a staff row.

    Asked once for each user object, which lives as long as a request: a page asks dozens of times.
    """
    if not getattr(user, "is_authenticated", False):
        return None
    if not hasattr(user, "_staff_now"):
        user._staff_now = StaffMember.objects.active().filter(user_id=user.pk).first()
    found: StaffMember | None = user._staff_now
    return found
