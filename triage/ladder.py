"""After a wrong send: what goes by itself of that flow and kind is reviewed again, and the supervisor hears of it."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from cases.models import ServiceFact
from conversations.models import Message
from people.models import StaffMember
from review.ladder import fall_after_wrong_send
from review.models import Draft
from triage.afterwards import MACHINE, tell

#: Facts older than this changed their level long ago, or concern nothing that we drafted.
WITHIN = timedelta(days=7)


def draft_of_fact(fact: ServiceFact) -> Draft | None:
    """The draft whose text was wrong; None for what people typed by hand."""
    words = fact.ref.partition(":")[2]
    try:
        ref = uuid.UUID(words)
    except ValueError:
        return None
    rows = Draft.objects.select_related("case__flow__supervisor", "conversation")
    found = rows.filter(outbound__public_id=ref).first()
    if found is not None:
        return found
    echo = Message.objects.filter(public_id=ref, outbound_ref__isnull=False).first()
    if echo is None or echo.outbound_ref is None:
        return None
    return rows.filter(outbound__public_id=echo.outbound_ref).first()


def sweep_wrong_sends(*, at: datetime, limit: int = 100) -> int:
    """Every wrong send of one of our drafts lowers its kind once. Returns how many were dealt with."""
    count = 0
    facts = ServiceFact.objects.filter(
        kind=ServiceFact.Kind.WRONG_SEND, ended_at__gte=at - WITHIN, level_fall__isnull=True
    )
    for fact in facts.order_by("-pk")[:limit]:
        draft = draft_of_fact(fact)
        if draft is None:
            continue
        with transaction.atomic():
            fall = fall_after_wrong_send(draft=draft, fact=fact, actor=MACHINE, at=at)
            if fall is None:
                continue
            count += 1
            if not fall.fell:
                continue
            flow = draft.case.flow if draft.case is not None else None
            recipient = (flow.supervisor if flow is not None else None) or StaffMember.objects.supervisors().order_by(
                "pk"
            ).first()
            if recipient is None:
                continue
            with override("zh-hans"):
                text = _("“%(kind)s” is reviewed again (%(flow)s): a text was sent wrongly. %(words)s") % {
                    "kind": draft.get_reply_kind_display(), "flow": flow.name if flow is not None else _("All flows"),
                    "words": (fact.words or draft.text)[:120],
                }  # fmt: skip
            tell(recipient, purpose="alert", text=text, key=f"lf{fact.pk}", case=draft.case, at=at)
    return count
