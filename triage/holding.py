"""The holding notice: a complaint outside working hours is told when it will be answered, where a supervisor switched that on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cases.calendars import work_calendar
from cases.worktime import WorkCalendar
from people.models import Side
from review.models import Draft, DraftState, Level, ReplyKind
from review.policies import level_for

if TYPE_CHECKING:
    from triage.planning.planner import Planner

#: How much working time there is to answer, from the first working instant on.
ANSWER_WITHIN = timedelta(minutes=30)
#: What must be known for certain before anything goes by itself, and where many would read it.
_FORBIDS = frozenset({"identity_uncertain", "case_uncertain", "public_group", "verification_conflict"})
_DAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def answer_by(calendar: WorkCalendar, *, at: datetime) -> datetime:
    """By when a complaint of now is answered: shortly after work begins."""
    return calendar.add_working(calendar.next_working_instant(at), ANSWER_WITHIN)


def when_words(due: datetime, *, at: datetime, zone: ZoneInfo, english: bool) -> str:
    """An instant as one says it to a customer: 明早9:30, 5月18日周一9:30; 9:30 tomorrow, 9:30 on Monday 18 May."""
    local, today = due.astimezone(zone), at.astimezone(zone).date()
    days, clock = (local.date() - today).days, f"{local.hour}:{local:%M}"
    if english:
        day = {0: "today", 1: "tomorrow"}.get(days) or f"on {local:%A} {local.day} {local:%B}"
        return f"{clock} {day}"
    if days in (0, 1):
        morning, later = ("今早", "今天") if days == 0 else ("明早", "明天")
        return f"{morning if local.hour < 12 else later}{clock}"
    return f"{local.month}月{local.day}日{_DAYS[local.weekday()]}{clock}"


def hold_over_night(planner: Planner) -> None:
    """Plan the notice beside the reviewed answer, if all is as it must be: switched on, nobody at work, one customer, certain, no alert, not told yet."""
    case, situation = planner.case, planner.situation
    conversation = situation.conversation
    if case is None or not planner.case_sure or not situation.identity_sure or situation.side != Side.CUSTOMER:
        return
    if (
        not situation.customer_reads
        or situation.in_public
        or planner.reading.alerts
        or _FORBIDS & set(planner.plan.topics)
    ):
        return
    level = level_for(flow=case.flow, conversation_kind=conversation.kind, reply_kind=ReplyKind.HOLDING_NOTICE)
    calendar = work_calendar(case.flow.calendar)
    if level != Level.DIRECT or case.automation_stopped_at is not None or calendar.is_working(situation.at):
        return
    told = Draft.objects.filter(case=case, reply_kind=ReplyKind.HOLDING_NOTICE, state=DraftState.RELEASED)
    last = told.order_by("-created_at").first()
    if last is not None and not calendar.working_between(last.created_at, situation.at):
        return
    due = answer_by(calendar, at=situation.at)
    words = when_words(due, at=situation.at, zone=calendar.tz, english=planner.en)
    planner.say(
        ReplyKind.HOLDING_NOTICE, planner.text("holding_notice.complaint", time=words),
        effects={"answer_by": due.isoformat()},
    )  # fmt: skip
