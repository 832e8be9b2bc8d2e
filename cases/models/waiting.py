"""Waiting items: who owes whom what, asked where, answered where, until when, closed by what."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from cases.models.case import Role, ServiceCase
from cases.models.flow import MaterialRequirement, Proof
from cases.reasons import reason_words
from conversations.models import Attachment, AttachmentType, Conversation, Message
from foundation.errors import WrongState
from foundation.ids import PublicIdModel
from foundation.wording import listed
from people.models import DutyRoster, Partner, Person, Shift, StaffMember, Visibility


class WaitState(models.TextChoices):
    """What is owed, and by whom (vocabulary: wait_state)."""

    REQUESTED = "requested", _("Asked to act")
    WAITING_CUSTOMER_MATERIAL = "waiting_customer_material", _("Waiting for the customer's material")
    WAITING_CONTACT_COORDINATION = "waiting_contact_coordination", _("Waiting for the contact to coordinate")
    WAITING_EXECUTOR = "waiting_executor", _("Waiting for the executor")
    WAITING_INTERNAL_REVIEW = "waiting_internal_review", _("Waiting for our own check")
    WAITING_PARTNER_FEEDBACK = "waiting_partner_feedback", _("Waiting for the partner")
    WAITING_CONFIRMATION = "waiting_confirmation", _("Waiting for a confirmation")
    WAITING_APPOINTMENT = "waiting_appointment", _("Waiting for a time to be agreed")
    MATERIAL_RECEIVED = "material_received", _("Material received, ours to check")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")


OPEN_STATES: tuple[str, ...] = tuple(
    state for state in WaitState.values if state not in {WaitState.COMPLETED, WaitState.CANCELLED}
)
CLOSED_STATES: tuple[str, ...] = (WaitState.COMPLETED, WaitState.CANCELLED)


class NeedKind(models.TextChoices):
    """What kind of thing is owed."""

    MATERIAL = "material", _("Material")
    ACTION = "action", _("Action")
    CONFIRMATION = "confirmation", _("Confirmation")
    APPOINTMENT = "appointment", _("Appointment")
    FEEDBACK = "feedback", _("Feedback")
    ANSWER = "answer", _("Answer")
    REVIEW = "review", _("Our own review")


#: States in which the next thing is ours, whoever it came from.
OURS_TO_DO = (WaitState.MATERIAL_RECEIVED, WaitState.WAITING_INTERNAL_REVIEW)


class WaitQuerySet(models.QuerySet["WaitingItem"]):
    """Words to ask about waiting items."""

    def visible_to(self, staff: StaffMember | None) -> WaitQuerySet:
        """Items of cases that this staff member may see, and items they own."""
        if staff is None:
            return self.none()
        if staff.visibility == Visibility.ALL:
            return self.all()
        return self.filter(models.Q(case__in=ServiceCase.objects.visible_to(staff)) | models.Q(owner=staff))

    def open(self) -> WaitQuerySet:
        """Items that somebody still owes."""
        return self.filter(closed_at__isnull=True)

    def owed_by_others(self) -> WaitQuerySet:
        """Open items of which the next thing is not ours to do, as `WaitingItem.is_ours` has it."""
        return self.open().exclude(models.Q(on_role=Role.INTERNAL_HANDLER) | models.Q(state__in=OURS_TO_DO))

    def to_be_asked_again(self) -> WaitQuerySet:
        """Items whose material was not good while nobody has asked anew yet."""
        return self.filter(close_reason="material_rejected", replaced_by__isnull=True)

    def overdue(self, *, at: datetime) -> WaitQuerySet:
        """Open items past their due time whose clock runs."""
        return self.open().filter(due_at__lte=at, paused_at__isnull=True)

    def due_today(self, *, at: datetime) -> WaitQuerySet:
        """Open items that fall due between this instant and the end of the day: appointments, call backs, promised answers."""
        midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return self.open().filter(due_at__gt=at, due_at__lt=midnight)

    def on_partner(self, partner_id: int) -> WaitQuerySet:
        """Open items that somebody of this partner owes."""
        return self.open().filter(on__partner=partner_id)

    def mine(self, staff: StaffMember | None, *, at: datetime) -> WaitQuerySet:
        """Open items that this staff member answers for at an instant: their own, and those of a duty that they hold now."""
        if staff is None:
            return self.none()
        rosters = DutyRoster.objects.held_by(staff, at=at)
        return self.open().filter(models.Q(owner=staff, roster__isnull=True) | models.Q(roster__in=rosters))

    def with_holders(self, *, at: datetime) -> WaitQuerySet:
        """With whoever holds its duty at an instant, whom `owner_words` then names: one query more, none where nothing belongs to a duty."""
        running = models.Prefetch("roster__shifts", Shift.objects.running(at=at), to_attr="running_shifts")
        return self.select_related("owner", "roster").prefetch_related(running)

    def unowned(self) -> WaitQuerySet:
        """Open items whose owner has left: they fall to the flow's fallback owner until somebody takes them. A duty always has a holder."""
        return self.open().filter(owner__left_at__isnull=False, roster__isnull=True)

    def in_place(self) -> WaitQuerySet:
        """Open items that somebody answers for in the place of an absent colleague."""
        return self.open().filter(stands_in_for__isnull=False)

    def owed_by_us(self) -> WaitQuerySet:
        """Open items that our own people owe."""
        return self.open().filter(on_role=Role.INTERNAL_HANDLER)

    def answers_owed(self) -> WaitQuerySet:
        """Items by which our own people owe the customer words: an answer, a promised feedback."""
        return self.filter(
            on_role=Role.INTERNAL_HANDLER, for_side="customer", need_kind__in=(NeedKind.ANSWER, NeedKind.FEEDBACK)
        )


class WaitingItem(FSMModelMixin, PublicIdModel):
    """A directed edge: `on` owes `for_side` the `need`, asked in `asked_in`, answered by `answered_by`.

    A closed item never reopens; a new one `replaces` it. Past `due_at` an open item is overdue, which is derived and not a state.
    `last_fact_at` is when the fact that last moved it was written: an older fact does not move it.
    `remind_at` is the next instant at which somebody has to be reminded of it; the sweep looks at nothing else.
    `act_at` is the next instant at which a time-out rule has to be looked at. `state_since` is when the present state began.
    `asked_ref` and `answered_ref` are the outbound texts that asked for it and that answered it (they live in a higher room).
    `roster` says that whoever is on shift owns it; `owner` is then who was when it was last looked at.
    `stands_in_for` is who is absent and gets it back, where `owner` has taken their place (`cases.absence`).
    """

    case = models.ForeignKey(ServiceCase, verbose_name=_("case"), on_delete=models.PROTECT, related_name="waits")
    state = FSMField(_("state"), choices=WaitState.choices, protected=True)
    on = models.ForeignKey(
        Person, verbose_name=_("waiting for"), null=True, blank=True, on_delete=models.PROTECT, related_name="owes"
    )
    on_role = models.CharField(_("in the role"), max_length=24, choices=Role.choices)
    for_side = models.CharField(_("on behalf of"), max_length=16, default="internal")
    need = models.CharField(_("what is needed"), max_length=255)
    need_kind = models.CharField(_("kind"), max_length=16, choices=NeedKind.choices, default=NeedKind.ACTION)
    requirement = models.ForeignKey(
        MaterialRequirement, verbose_name=_("material"), null=True, blank=True, on_delete=models.PROTECT
    )
    count_needed = models.PositiveSmallIntegerField(_("how many"), default=1)
    count_received = models.PositiveSmallIntegerField(_("received"), default=0)
    proof = models.CharField(_("proof"), max_length=16, choices=Proof.choices, default=Proof.NONE)
    owner = models.ForeignKey(StaffMember, verbose_name=_("owner"), on_delete=models.PROTECT, related_name="waits")
    roster = models.ForeignKey(
        DutyRoster, verbose_name=_("duty roster"), null=True, blank=True, on_delete=models.PROTECT, related_name="waits"
    )
    stands_in_for = models.ForeignKey(
        StaffMember, verbose_name=_("in the place of"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False,
        db_index=False,
    )  # fmt: skip
    asked_in = models.ForeignKey(
        Conversation, verbose_name=_("asked in"), null=True, blank=True, on_delete=models.PROTECT, related_name="asked"
    )
    asked_by_message = models.ForeignKey(
        Message, verbose_name=_("asked by"), null=True, blank=True, on_delete=models.PROTECT, related_name="asked_items"
    )
    requested_in = models.ForeignKey(
        Conversation,
        verbose_name=_("wanted by (to be told)"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="wanted",
    )
    answered_by = models.ForeignKey(
        Message, verbose_name=_("answered by"), null=True, blank=True, on_delete=models.PROTECT, related_name="answers"
    )
    customer_wording = models.TextField(_("what the customer was told"), blank=True)
    internal_note = models.TextField(_("internal note"), blank=True)
    risk = models.CharField(_("risk"), max_length=64, blank=True)
    opened_at = models.DateTimeField(_("since"))
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    remind_at = models.DateTimeField(null=True, blank=True, editable=False)
    act_at = models.DateTimeField(null=True, blank=True, editable=False)
    state_since = models.DateTimeField(_("in this state since"), null=True, blank=True, editable=False)
    asked_ref = models.UUIDField(null=True, blank=True, editable=False)
    answered_ref = models.UUIDField(null=True, blank=True, editable=False)
    paused_at = models.DateTimeField(_("clock stopped at"), null=True, blank=True)
    last_fact_at = models.DateTimeField(_("last moved by what was said at"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    close_reason = models.CharField(_("closing reason"), max_length=32, blank=True)
    replaces = models.ForeignKey(
        "self", verbose_name=_("replaces"), null=True, blank=True, on_delete=models.SET_NULL, related_name="replaced_by"
    )

    objects = WaitQuerySet.as_manager()

    class Meta:
        verbose_name = _("waiting item")
        verbose_name_plural = _("waiting items")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=CLOSED_STATES, closed_at__isnull=False) & ~models.Q(close_reason="")
                | models.Q(closed_at__isnull=True) & ~models.Q(state__in=CLOSED_STATES),
                name="a_wait_is_closed_exactly_when_it_has_a_time_and_a_reason",
            ),
        ]
        indexes = [
            # Lists of what is overdue.
            models.Index(fields=["due_at"], name="wait_open_by_due", condition=models.Q(closed_at__isnull=True)),
            # The sweep: items of which somebody has to be reminded; nothing else is looked at.
            models.Index(
                fields=["remind_at"],
                name="wait_to_remind",
                condition=models.Q(closed_at__isnull=True, remind_at__isnull=False),
            ),
            # The time-out sweep: items of which a rule may ask for something; nothing else is looked at.
            models.Index(
                fields=["act_at"],
                name="wait_to_act",
                condition=models.Q(closed_at__isnull=True, act_at__isnull=False),
            ),
            # What a text of ours asked for, when it is seen in the conversation; and what it answered, when it did not arrive.
            models.Index(fields=["asked_ref"], name="wait_by_asking", condition=models.Q(asked_ref__isnull=False)),
            models.Index(
                fields=["answered_ref"], name="wait_by_answer", condition=models.Q(answered_ref__isnull=False)
            ),
            # What goes back to those who are here again.
            models.Index(
                fields=["stands_in_for"],
                name="wait_to_give_back",
                condition=models.Q(closed_at__isnull=True, stands_in_for__isnull=False),
            ),
            # "My waits" and the case page.
            models.Index(
                fields=["owner", "due_at"], name="wait_open_by_owner", condition=models.Q(closed_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}: {self.need}"

    @property
    def is_open(self) -> bool:
        """Whether somebody still owes it."""
        return self.closed_at is None

    @property
    def stage_words(self) -> str:
        """The state in words; what our own people owe is said as that."""
        if self.on_role != Role.INTERNAL_HANDLER or self.state != WaitState.REQUESTED:
            return str(self.get_state_display())
        owed = {NeedKind.ANSWER: _("We owe an answer"), NeedKind.FEEDBACK: _("We owe feedback")}
        return str(owed.get(NeedKind(self.need_kind), _("Ours to do")))

    @property
    def who_owes(self) -> str:
        """Who has to do the next thing: what we owe, what has come and what we check is its owner's to do."""
        return self.on.name if self.on is not None and not self.is_ours else self.owner_words

    @property
    def owner_words(self) -> str:
        """Who sees to it on our side: a duty by its name and, where that was asked for (`with_holders`), whoever holds it now; else its owner."""
        if self.roster is None:
            return self.owner.name
        holders = self.holders
        if holders is None:
            return self.roster.name
        names = listed(one.name for one in holders)
        if not names:
            return gettext("%(duty)s (nobody is on shift now)") % {"duty": self.roster.name}
        return gettext("%(duty)s (on shift: %(names)s)") % {"duty": self.roster.name, "names": names}

    @property
    def holders(self) -> list[StaffMember] | None:
        """Who holds its duty now and is here; None where it belongs to no duty, is over, or was not read `with_holders`."""
        shifts = getattr(self.roster, "running_shifts", None) if self.is_open else None
        return None if shifts is None else [shift.staff for shift in shifts if shift.staff.on_duty]

    @property
    def is_ours(self) -> bool:
        """Whether the next thing is ours to do."""
        return self.on_role == Role.INTERNAL_HANDLER or self.state in OURS_TO_DO

    @property
    def close_words(self) -> str:
        """Why it is over, in words."""
        return reason_words(self.close_reason)

    @property
    def is_answer_owed(self) -> bool:
        """Whether our own people owe the customer words by it; the rule is that of `answers_owed`."""
        ours = self.on_role == Role.INTERNAL_HANDLER and self.for_side == "customer"
        return ours and self.need_kind in (NeedKind.ANSWER, NeedKind.FEEDBACK)

    def is_overdue(self, *, at: datetime) -> bool:
        """Whether it is open, its clock runs, and it is past its due time at this instant."""
        return self.closed_at is None and self.paused_at is None and self.due_at is not None and self.due_at <= at

    def set_due(self, due_at: datetime | None) -> None:
        """Move the due time: a new occurrence, of which its owner is reminded when it comes."""
        self.due_at = due_at
        self.remind_at = due_at
        self.act_at = due_at

    @transition(
        field=state,
        source=[WaitState.WAITING_CUSTOMER_MATERIAL, WaitState.REQUESTED, WaitState.WAITING_EXECUTOR,
                WaitState.WAITING_CONTACT_COORDINATION],
        target=WaitState.MATERIAL_RECEIVED,
    )  # fmt: skip
    def receive_material(self) -> None:
        """The material has come; ours to check."""

    @transition(
        field=state,
        source=[WaitState.WAITING_CONTACT_COORDINATION, WaitState.REQUESTED],
        target=WaitState.WAITING_EXECUTOR,
    )
    def pass_on(self) -> None:
        """The contact says that it was passed on to the one who must act."""

    @transition(field=state, source=list(OPEN_STATES), target=WaitState.COMPLETED)
    def complete(self, *, at: datetime, reason: str) -> None:
        """What was owed has been given."""
        self.closed_at, self.close_reason = at, reason

    @transition(field=state, source=list(OPEN_STATES), target=WaitState.CANCELLED)
    def cancel(self, *, at: datetime, reason: str) -> None:
        """It is no longer owed."""
        self.closed_at, self.close_reason = at, reason


class WaitTransition(models.Model):
    """One thing that happened to a waiting item. Append-only: the history of states, due times and owners with instants."""

    wait = models.ForeignKey(WaitingItem, on_delete=models.PROTECT, related_name="transitions")
    kind = models.CharField(_("what"), max_length=16)
    from_state = models.CharField(_("from"), max_length=32, blank=True)
    to_state = models.CharField(_("to"), max_length=32, blank=True)
    due_before = models.DateTimeField(_("due before"), null=True, blank=True)
    due_after = models.DateTimeField(_("due after"), null=True, blank=True)
    at = models.DateTimeField(_("at"))
    fact_at = models.DateTimeField(_("said at"))
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.PROTECT)
    actor = models.JSONField(_("by"), default=dict)
    reason = models.CharField(_("reason"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("wait history")
        verbose_name_plural = _("wait history")
        ordering = ["id"]


class MaterialQuerySet(models.QuerySet["Material"]):
    """Words to ask about material."""

    def visible_to(self, staff: StaffMember | None) -> MaterialQuerySet:
        """That of cases that this staff member may see."""
        return self.filter(case__in=ServiceCase.objects.visible_to(staff))


class Material(PublicIdModel):
    """A thing that came for an item: a picture, a file, words. Checked by us, or not yet."""

    class State(models.TextChoices):
        RECEIVED = "received", _("To be checked")
        ACCEPTED = "accepted", pgettext_lazy("material", "Accepted")
        REJECTED = "rejected", pgettext_lazy("material", "Rejected")
        SURPLUS = "surplus", _("Surplus")

    case = models.ForeignKey(ServiceCase, on_delete=models.PROTECT, related_name="materials")
    wait = models.ForeignKey(WaitingItem, null=True, blank=True, on_delete=models.PROTECT, related_name="materials")
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="materials")
    attachment = models.ForeignKey(Attachment, null=True, blank=True, on_delete=models.PROTECT)
    type = models.CharField(_("type"), max_length=16)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.RECEIVED)
    reason = models.CharField(_("reason"), max_length=255, blank=True)
    received_at = models.DateTimeField(_("received at"))
    judged_at = models.DateTimeField(_("checked at"), null=True, blank=True)
    judged_by = models.ForeignKey(
        StaffMember, verbose_name=_("checked by"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    asked_again_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = MaterialQuerySet.as_manager()

    class Meta:
        verbose_name = _("material")
        verbose_name_plural = _("materials")

    def __str__(self) -> str:
        words = dict(AttachmentType.choices).get(self.type, _("Text"))
        return f"{words} {self.get_state_display()}"


class ReminderQuerySet(models.QuerySet["Reminder"]):
    """Words to ask about reminders."""

    def visible_to(self, staff: StaffMember | None) -> ReminderQuerySet:
        """Those of cases that this staff member may see, and what they were told themselves."""
        if staff is None:
            return self.none()
        if staff.visibility == Visibility.ALL:
            return self.all()
        seen = models.Q(wait__case__in=ServiceCase.objects.visible_to(staff))
        return self.filter(seen | models.Q(recipient=staff))


class Reminder(models.Model):
    """One reminder about one occurrence of lateness. The row is what makes it happen once, and what is left to do after a crash.

    `recorded_at` is when it went on the chain of its case, `told_at` when the message to its recipient was written.
    """

    class Stage(models.TextChoices):
        OWNER = "owner", _("Owner")
        SUPERVISOR = "supervisor", _("Supervisor")

    wait = models.ForeignKey(WaitingItem, on_delete=models.PROTECT, related_name="reminders")
    stage = models.CharField(_("stage"), max_length=16, choices=Stage.choices)
    occurrence_at = models.DateTimeField(_("due time it is about"))
    recipient = models.ForeignKey(StaffMember, verbose_name=_("told"), on_delete=models.PROTECT)
    at = models.DateTimeField(_("at"))
    seen_at = models.DateTimeField(_("seen at"), null=True, blank=True)
    recorded_at = models.DateTimeField(null=True, editable=False)
    told_at = models.DateTimeField(null=True, editable=False)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            models.UniqueConstraint(
                fields=["wait", "stage", "occurrence_at"], name="an_occurrence_is_reminded_once_per_stage"
            )
        ]
        indexes = [
            # The sweep: those that are not on record yet.
            models.Index(fields=["id"], name="reminder_to_record", condition=models.Q(recorded_at__isnull=True)),
            # Figures of a week.
            models.Index(fields=["at"], name="reminder_by_time"),
            # The sweep: those of which nobody has been told yet.
            models.Index(fields=["recipient"], name="reminder_to_tell", condition=models.Q(told_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()}: {self.wait.need}"


class Chase(models.Model):
    """One thing done because an item was overdue, beside the reminders. The row is what makes it happen once."""

    wait = models.ForeignKey(WaitingItem, on_delete=models.PROTECT, related_name="chases")
    action = models.CharField(_("what"), max_length=16)
    number = models.PositiveSmallIntegerField(_("number"))
    occurrence_at = models.DateTimeField(_("due time it is about"))
    at = models.DateTimeField(_("at"))
    done_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("chase")
        verbose_name_plural = _("chases")
        constraints = [
            models.UniqueConstraint(
                fields=["wait", "action", "occurrence_at", "number"], name="an_occurrence_is_chased_once_per_number"
            )
        ]
        indexes = [models.Index(fields=["id"], name="chase_to_do", condition=models.Q(done_at__isnull=True))]


class HandOverQuerySet(models.QuerySet["HandOver"]):
    """Words to ask about hand-overs."""

    def visible_to(self, staff: StaffMember | None) -> HandOverQuerySet:
        """All, those among one's team, or those that one gives, takes or leads."""
        if staff is None:
            return self.none()
        if staff.visibility == Visibility.ALL:
            return self.all()
        mine = models.Q(giver=staff) | models.Q(taker=staff) | models.Q(lead=staff)
        if staff.visibility == Visibility.TEAM and staff.team_id:
            mine |= models.Q(giver__team=staff.team_id) | models.Q(taker__team=staff.team_id)
        return self.filter(mine)


class HandOver(PublicIdModel):
    """Items offered from one colleague to another at the end of a shift, with a note. Not accepted in time, they fall to the lead."""

    class State(models.TextChoices):
        OFFERED = "offered", _("Offered")
        ACCEPTED = "accepted", pgettext_lazy("hand-over", "Accepted")
        FALLEN = "fallen", _("Fallen to the lead")

    giver = models.ForeignKey(
        StaffMember, verbose_name=pgettext_lazy("hand-over", "from"), on_delete=models.PROTECT, related_name="given"
    )
    taker = models.ForeignKey(
        StaffMember, verbose_name=pgettext_lazy("hand-over", "to"), on_delete=models.PROTECT, related_name="offered"
    )
    lead = models.ForeignKey(StaffMember, verbose_name=_("lead"), on_delete=models.PROTECT, related_name="+")
    items = models.ManyToManyField(WaitingItem, verbose_name=_("waiting items"), related_name="hand_overs")
    note = models.TextField(_("note"), blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OFFERED)
    offered_at = models.DateTimeField(_("offered at"))
    until = models.DateTimeField(_("to be accepted until"))
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)

    objects = HandOverQuerySet.as_manager()

    class Meta:
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")
        indexes = [models.Index(fields=["until"], name="hand_over_offered", condition=models.Q(state="offered"))]

    def __str__(self) -> str:
        return f"{self.giver} → {self.taker}"


class ServiceFactQuerySet(models.QuerySet["ServiceFact"]):
    """Words to ask about measured facts."""

    def visible_to(self, staff: StaffMember | None) -> ServiceFactQuerySet:
        """Those of cases that this staff member may see; what belongs to no case only to who sees everything."""
        if staff is None:
            return self.none()
        if staff.visibility == Visibility.ALL:
            return self.all()
        return self.filter(case__in=ServiceCase.objects.visible_to(staff))


class ServiceFact(models.Model):
    """A measured fact with its instants, for metrics. Append-only; `ref` says what was measured, once per kind.

    ``state``: from when to when an item was in the state that `detail` names; ``paused``: its clock stood.
    ``relayed``: a partner's or colleague's request, its release, and its delivery to the customer (echo, or kf's acceptance).
    ``told``: a completion (or what else was owed), the release of its notice, and its delivery.
    ``wrong_send``: delivered, and then `detail`: recalled, corrected, flagged, misaddressed; `words` say why, `actor` who.
    ``missed_answer``: an answer that we owed past its due time. ``repeated_ask``: the same need asked again before its time.
    ``first_clear``: a progress question and its answer; `ok` says that no second question came within a day.
    """

    class Kind(models.TextChoices):
        STATE = "state", _("In a state")
        PAUSED = "paused", _("Clock stood")
        RELAYED = "relayed", _("Partner's request reached the customer")
        TOLD = "told", _("Those who asked were told")
        WRONG_SEND = "wrong_send", _("Wrong send")
        MISSED_ANSWER = "missed_answer", _("Answer missed")
        REPEATED_ASK = "repeated_ask", _("Asked again too early")
        FIRST_CLEAR = "first_clear", _("Progress answered at once")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    case = models.ForeignKey(ServiceCase, null=True, on_delete=models.PROTECT, related_name="metric_facts")
    wait = models.ForeignKey(WaitingItem, null=True, on_delete=models.PROTECT, related_name="metric_facts")
    started_at = models.DateTimeField(_("from"))
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("until"))
    detail = models.CharField(_("what"), max_length=64, blank=True)
    ok = models.BooleanField(_("well"), null=True)
    words = models.CharField(_("why"), max_length=255, blank=True)
    actor = models.JSONField(_("by"), default=dict, blank=True)
    ref = models.CharField(max_length=64, blank=True)

    objects = ServiceFactQuerySet.as_manager()

    class Meta:
        verbose_name = _("service fact")
        verbose_name_plural = _("service facts")
        constraints = [models.UniqueConstraint(fields=["kind", "ref"], name="a_fact_is_measured_once")]
        indexes = [
            models.Index(fields=["kind", "ended_at"], name="fact_by_kind"),
            # Figures of a week, over all kinds.
            models.Index(fields=["ended_at"], name="fact_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.detail}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep a new fact.

        :raises WrongState: for one that is kept already: a measured fact is never changed.
        """
        if self.pk is not None:
            raise WrongState(_("A measured fact is never changed."))
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Never.

        :raises WrongState: always.
        """
        raise WrongState(_("A measured fact is never changed."))


class WritebackState(models.TextChoices):
    """Whether those who asked have been told."""

    OPEN = "open", _("Owed")
    DELIVERED = "delivered", _("Told")
    WAIVED = "waived", _("Not needed")


class WritebackQuerySet(models.QuerySet["Writeback"]):
    """Words to ask about notices owed to those who asked."""

    def visible_to(self, staff: StaffMember | None) -> WritebackQuerySet:
        """Those of cases that this staff member may see."""
        return self.filter(case__in=ServiceCase.objects.visible_to(staff))

    def owed(self) -> WritebackQuerySet:
        """Those who asked have not been told yet."""
        return self.filter(state=WritebackState.OPEN)

    def overdue(self, *, at: datetime) -> WritebackQuerySet:
        """Owed, and past the time by which they should have been told."""
        return self.owed().filter(due_at__lte=at)


class Writeback(PublicIdModel):
    """A notice owed to those who asked (partner or internal group) after a completion, a cancellation or an answer.

    `told` is marked when delivery is seen, or by a staff member who says that they told them.
    """

    case = models.ForeignKey(ServiceCase, verbose_name=_("case"), on_delete=models.PROTECT, related_name="writebacks")
    wait = models.ForeignKey(
        WaitingItem,
        verbose_name=_("waiting item"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="writebacks",
    )
    to = models.ForeignKey(
        Conversation, verbose_name=_("to be told"), on_delete=models.PROTECT, related_name="writebacks"
    )
    about = models.CharField(_("about"), max_length=24)
    words = models.TextField(_("wording"))
    state = models.CharField(_("state"), max_length=16, choices=WritebackState.choices, default=WritebackState.OPEN)
    created_at = models.DateTimeField(_("since"))
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("told at"), null=True, blank=True)
    delivered_by = models.CharField(_("told by"), max_length=64, blank=True)
    settle_reason = models.CharField(_("reason"), max_length=255, blank=True)
    remind_at = models.DateTimeField(null=True, blank=True, editable=False)
    outbound_ref = models.UUIDField(null=True, blank=True, editable=False)

    @property
    def teller(self) -> str:
        """Who told them, in the language of the reader: a colleague, or WeCom itself where nobody had to tap."""
        return gettext("WeCom") if self.delivered_by == "WeCom" else self.delivered_by

    objects = WritebackQuerySet.as_manager()

    class Meta:
        verbose_name = _("writeback")
        verbose_name_plural = _("writebacks")
        indexes = [
            # What is still owed to partners and colleagues.
            models.Index(fields=["due_at"], name="writeback_open", condition=models.Q(state="open")),
            # The sweep: of which somebody has to be reminded.
            models.Index(
                fields=["remind_at"],
                name="writeback_to_remind",
                condition=models.Q(state="open", remind_at__isnull=False),
            ),
            # The notice that was delivered.
            models.Index(
                fields=["outbound_ref"], name="writeback_by_notice", condition=models.Q(outbound_ref__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.words[:60]


class WritebackReminder(models.Model):
    """Somebody was reminded that those who asked have not been told. The row is what makes it happen once."""

    writeback = models.ForeignKey(Writeback, on_delete=models.PROTECT, related_name="reminders")
    stage = models.CharField(_("stage"), max_length=16, choices=Reminder.Stage.choices)
    recipient = models.ForeignKey(StaffMember, verbose_name=_("told"), on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    told_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("reminder of a notice")
        verbose_name_plural = _("reminders of notices")
        constraints = [
            models.UniqueConstraint(fields=["writeback", "stage"], name="a_notice_is_reminded_once_per_stage")
        ]


class PartnerDigest(PublicIdModel):
    """What a partner was asked in one go on a day: its open items, numbered, so that they can be answered by number."""

    partner = models.ForeignKey(Partner, verbose_name=_("partner"), on_delete=models.PROTECT, related_name="digests")
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="digests")
    day = models.DateField(_("day"))
    made_at = models.DateTimeField(_("at"))
    text = models.TextField(_("text"), blank=True)

    class Meta:
        verbose_name = _("partner's digest")
        verbose_name_plural = _("partners' digests")
        constraints = [
            models.UniqueConstraint(fields=["partner", "day"], name="a_partner_gets_one_digest_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.partner} {self.day}"


class DigestItem(models.Model):
    """One numbered line of a partner's digest."""

    digest = models.ForeignKey(PartnerDigest, on_delete=models.CASCADE, related_name="items")
    number = models.PositiveSmallIntegerField(_("number"))
    wait = models.ForeignKey(WaitingItem, on_delete=models.PROTECT, related_name="digest_lines")

    class Meta:
        verbose_name = _("line of a digest")
        verbose_name_plural = _("lines of a digest")
        constraints = [
            models.UniqueConstraint(fields=["digest", "number"], name="a_digest_numbers_its_lines"),
        ]
        ordering = ["number"]
