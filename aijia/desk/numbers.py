"""The numbers of the desk: for each its rows and the list that shows exactly these rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cases.models import CaseNote, HandOver, ServiceCase, WaitingItem, Writeback
from channels_wecom.models import InboundEvent
from conversations.models import Conversation
from delivery.models import Outbound
from knowledge.models import Gap, GapState, Proposal, ProposalState, QualityFlag
from knowledge.permissions import WRITE
from people.admin import narrowed
from people.models import Identity, IdentityCertainty, StaffMember, staff_of
from review.models import Draft, Right
from review.permissions import RELEASE


@dataclass(frozen=True)
class Seeing:
    """Who looks, when."""

    request: HttpRequest
    staff: StaffMember | None
    at: datetime

    @classmethod
    def of(cls, request: HttpRequest, at: datetime) -> Seeing:
        """Who makes a request."""
        return cls(request, staff_of(request.user), at)

    def rows(self, rows: Any) -> Any:
        """Those that may be seen."""
        staff = self.staff
        return narrowed(self.request, rows) if staff is None else rows.visible_to(staff)


@dataclass(frozen=True)
class Number:
    """One number: its rows, and the list with exactly these rows."""

    key: str
    group: str
    title: Any
    rows: Callable[[Seeing], QuerySet[Any]]
    list: str
    query: str = ""
    hot: bool = False
    permission: str = ""
    supervisor: bool = False
    #: Where it stands for those who only look.
    looked_at: str = ""

    @property
    def link(self) -> str:
        """Where its rows are listed."""
        return f"{reverse(f'admin:{self.list}_changelist')}{self.query}"

    def group_for(self, seeing: Seeing) -> str:
        """Among which numbers it stands for somebody; empty where it is not theirs to see."""
        if not self.permission or seeing.request.user.has_perm(self.permission):  # type: ignore[union-attr]
            return self.group
        return self.looked_at

    def shown_to(self, seeing: Seeing) -> bool:
        """Whether somebody has this number on their desk."""
        group = self.group_for(seeing)
        if not group or (group == "mine" and seeing.staff is None):
            return False
        return not self.supervisor or seeing.staff is None or seeing.staff.is_supervisor


GROUPS = {"mine": _("On me"), "all": _("On all of us"), "knowledge": _("Knowledge"), "alarm": _("Alarms")}
#: The role works on cases, and does not only look.
WORK = "cases.work_on_case"
FAILED_FOR = timedelta(days=7)
STUCK_AFTER = timedelta(minutes=5)


def _waits(seeing: Seeing) -> Any:
    return seeing.rows(WaitingItem.objects.all())


def _mine(seeing: Seeing) -> Any:
    """What somebody answers for now: their own items, and those of a duty that they hold."""
    mine = WaitingItem.objects.mine(seeing.staff, at=seeing.at)
    return _waits(seeing).filter(pk__in=mine.values("pk"))


NUMBERS: tuple[Number, ...] = (
    Number("drafts", "mine", _("Drafts to review"), lambda s: s.rows(Draft.objects.pending()), "review_draft", "?view=all",
           permission=RELEASE, looked_at="all"),
    Number("supervisor_drafts", "mine", _("Only a supervisor may release"),
           lambda s: s.rows(Draft.objects.pending()).filter(required_right=Right.SUPERVISOR), "review_draft", "?view=all&right=supervisor",
           hot=True, supervisor=True, permission=RELEASE),
    Number("my_waits", "mine", _("My open items"), lambda s: _mine(s), "cases_waitingitem", "?open=1&mine=1",
           permission=WORK),
    Number("my_late", "mine", _("Mine, overdue"), lambda s: _mine(s).overdue(at=s.at), "cases_waitingitem",
           "?open=1&late=1&mine=1", hot=True, permission=WORK),
    Number("to_check", "mine", _("Material to check"), lambda s: _mine(s).filter(state="material_received"),
           "cases_waitingitem", "?open=1&mine=1&state__exact=material_received", permission=WORK),
    Number("offered", "mine", _("Offered to me"), lambda s: HandOver.objects.filter(state=HandOver.State.OFFERED, taker=s.staff),
           "cases_handover", "?state__exact=offered&to_me=1", hot=True, permission=WORK),
    Number("my_visits", "mine", _("My appointments today"),
           lambda s: s.rows(ServiceCase.objects.with_appointment_today(at=s.at)).filter(owner=s.staff), "cases_servicecase",
           "?appointment=today&mine=1", permission=WORK),
    Number("mentions", "mine", _("I was mentioned"), lambda s: CaseNote.objects.unseen_by(s.staff), "cases_casenote", "?mentioned=unseen", hot=True),
    Number("to_send", "all", _("To send (tap)"), lambda s: s.rows(Outbound.objects.to_tap()), "delivery_outbound", "?state__exact=prepared"),
    Number("late", "all", _("Overdue items"), lambda s: _waits(s).overdue(at=s.at), "cases_waitingitem", "?open=1&late=1", hot=True),
    Number("today", "all", _("Due today"), lambda s: _waits(s).due_today(at=s.at), "cases_waitingitem", "?today=1"),
    Number("visits", "all", _("Appointments today"), lambda s: s.rows(ServiceCase.objects.with_appointment_today(at=s.at)),
           "cases_servicecase", "?appointment=today"),
    Number("cases", "all", _("Open cases"), lambda s: s.rows(ServiceCase.objects.open()), "cases_servicecase", "?state__exact=open"),
    Number("untold", "all", _("Still to be told"), lambda s: s.rows(Writeback.objects.owed()), "cases_writeback", "?state__exact=open"),
    Number("unmatched", "all", _("Unidentified people"), lambda s: s.rows(Identity.objects.filter(certainty=IdentityCertainty.UNKNOWN)),
           "people_identity", "?certainty__exact=unknown", permission="people.view_identity"),
    Number("proposals", "knowledge", _("Proposals"), lambda s: Proposal.objects.filter(state=ProposalState.OPEN), "knowledge_proposal",
           "?state__exact=open", permission=WRITE),
    Number("gaps", "knowledge", _("Unanswered questions"), lambda s: Gap.objects.filter(state=GapState.OPEN), "knowledge_gap",
           "?state__exact=open", permission=WRITE),
    Number("flags", "knowledge", _("Duplicates and contradictions"), lambda s: QualityFlag.objects.filter(dismissed_at__isnull=True),
           "knowledge_qualityflag", "?open=1", permission=WRITE),
    Number("broken_events", "alarm", _("Events from WeCom that could not be read"),
           lambda s: InboundEvent.objects.filter(state="failed"), "channels_wecom_inboundevent", "?state__exact=failed", hot=True,
           permission="channels_wecom.view_inboundevent"),
    Number("nobody_sends", "alarm", _("Released, and nobody on shift can send it"),
           lambda s: s.rows(Outbound.objects.nobody_to_tap(at=s.at)), "delivery_outbound", "?state__exact=prepared&nobody=1", hot=True),
    Number("unknown", "alarm", _("Nobody knows whether these arrived; please settle them"), lambda s: s.rows(Outbound.objects.filter(state="unknown")),
           "delivery_outbound", "?state__exact=unknown", hot=True),
    Number("failed", "alarm", _("Could not be sent, in the last seven days"),
           lambda s: s.rows(Outbound.objects.filter(state="failed", released_at__gte=s.at - FAILED_FOR)), "delivery_outbound", "?failed=week", hot=True),
    Number("stuck_out", "alarm", _("Released, and not sent for more than five minutes"),
           lambda s: s.rows(Outbound.objects.filter(state="queued", released_at__lt=s.at - STUCK_AFTER)), "delivery_outbound", "?stuck=1", hot=True),
    Number("stuck_in", "alarm", _("Conversations with messages that were not worked through"),
           lambda s: s.rows(Conversation.objects.untriaged().filter(last_message_at__lt=s.at - STUCK_AFTER)), "conversations_conversation",
           "?stuck=1", hot=True),
)  # fmt: skip
