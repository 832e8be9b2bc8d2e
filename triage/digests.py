"""A partner's daily digest: what it still owes in one text, numbered, so that it can be answered by number."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from cases.calendars import work_calendar
from cases.models import CaseState, DigestItem, PartnerDigest, Role, WaitingItem
from conversations.models import Conversation, ConversationKind
from people.models import Partner, Side
from review import operations as review
from review.gate import GateFacts, check_text, gate
from review.models import Draft
from review.policies import boundaries, level_for
from triage.matching import order_numbers
from triage.operations.common import MACHINE
from triage.operations.texts import text_facts

#: When the day's digest is written, by the clock of the calendar, in working time.
DIGEST_AT = time(9, 30)
#: So many lines at most; what is overdue longest stands first.
MAX_LINES = 20
PARTNER_STATES = (
    "waiting_partner_feedback",
    "requested",
    "waiting_appointment",
    "waiting_confirmation",
    "waiting_executor",
)


def owed_by(partner: Partner) -> list[WaitingItem]:
    """What a partner owes in open cases, most urgent first."""
    rows = WaitingItem.objects.on_partner(partner.pk).filter(
        case__state=CaseState.OPEN, paused_at__isnull=True, state__in=PARTNER_STATES, on_role=Role.FULFILLMENT_PARTNER
    )
    return list(
        rows.select_related("case__customer", "case__flow__calendar", "on").order_by("due_at", "pk")[:MAX_LINES]
    )


def sweep_digests(*, at: datetime) -> int:
    """Write the day's digest for every partner that owes something, once a day, in working time from half past nine.

    It goes through the gate like any other text: where nobody may send by rule it waits in the review queue, and in a group with people of
    other companies it is prepared for a tap.
    """
    count = 0
    owing = WaitingItem.objects.open().filter(on__side=Side.PARTNER, case__state=CaseState.OPEN)
    asked = PartnerDigest.objects.filter(made_at__gt=at - timedelta(hours=12)).values("partner")
    for partner in Partner.objects.exclude(pk__in=asked).filter(people__owes__in=owing).distinct().order_by("pk"):
        items = owed_by(partner)
        group = Conversation.objects.filter(kind=ConversationKind.PARTNER_GROUP, partner=partner).order_by("pk").first()
        if not items or group is None:
            continue
        zone = ZoneInfo(items[0].case.flow.calendar.timezone)
        local = at.astimezone(zone)
        if local.time() < DIGEST_AT or not work_calendar(items[0].case.flow.calendar).is_working(at):
            continue
        if PartnerDigest.objects.filter(partner=partner, day=local.date()).exists():
            continue
        try:
            with transaction.atomic():
                _write(partner, group, items, day=local, at=at)
        except IntegrityError:
            continue  # another sweeper wrote it
        count += 1
    return count


def _write(partner: Partner, group: Conversation, items: list[WaitingItem], *, day: date, at: datetime) -> Draft:
    digest = PartnerDigest.objects.create(partner=partner, conversation=group, day=day, made_at=at)
    DigestItem.objects.bulk_create(
        DigestItem(digest=digest, number=number, wait=wait) for number, wait in enumerate(items, start=1)
    )
    english = group.language == "en"
    lines = [line_of(number, wait, group, at=at, english=english) for number, wait in enumerate(items, start=1)]
    head = f"Still open with you today ({len(items)}):" if english else f"各位好，今天还有{len(items)}件在等您这边："
    foot = (
        "Please answer by number, e.g. “1 done, 2 Saturday”. Thank you!"
        if english
        else "可以直接按编号回复，例如“1好 2改周六”，辛苦～"
    )
    digest.text = "\n".join([head, *lines, foot])
    digest.save(update_fields=["text"])
    facts = text_facts(None, text=digest.text, conversation=group, phrases=[], at=at)
    result = gate(
        GateFacts(
            reply_kind="reminder", conversation_kind=group.kind,
            level=level_for(flow=None, conversation_kind=group.kind, reply_kind="reminder"), boundaries=boundaries(),
        ),
        text_reasons=check_text(digest.text, facts),
    )  # fmt: skip
    draft = review.propose(
        conversation=group, case=None, cause=None, reply_kind="reminder", text=digest.text, reasons=result.reasons,
        actor=MACHINE, at=at, required_right=result.required_right, waiting_for=partner.name,
        effects={"unprompted": True, "digest": digest.pk},
    )  # fmt: skip
    if result.mode == "send":
        review.release_by_rule(draft=draft, actor=MACHINE, at=at)
    return draft


def line_of(number: int, wait: WaitingItem, group: Conversation, *, at: datetime, english: bool) -> str:
    """One line: whose matter, by its order number, what is needed, since when; nothing that a partner must not read."""
    case = wait.case
    label = next((label for label in (*case.labels, *order_numbers(wait.need)) if label), "")
    need = re.sub(r"\s+", " ", wait.need).strip()
    need = re.sub(rf"^{re.escape(case.customer.name)}[\s{re.escape(label)}]*[：:，,]?\s*", "", need)
    if check_text(need, text_facts(case, text=need, conversation=group, phrases=[], at=at)):
        need = "the matter that we asked about" if english else "之前跟您对接的事"
    since = wait.opened_at.astimezone(ZoneInfo(case.flow.calendar.timezone))
    late = wait.is_overdue(at=at)
    mark = (" (overdue)" if english else "，已超时") if late else ""
    who = " ".join(filter(None, [case.customer.name, label]))
    days = f" since {since:%d %b}" if english else f"（{since.month}月{since.day}日起"
    return f"{number}. {who}：{need[:60]}{days}{mark}{'' if english else '）'}"
