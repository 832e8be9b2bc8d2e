"""What the page of a conversation shows beside the messages: its cases, drafts that wait, texts that wait for a tap, what was flagged."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.http import HttpRequest

from cases.models import ServiceCase
from conversations.models import Conversation, ConversationKind
from delivery.models import Outbound
from people.admin import narrowed
from people.models import Side
from review.models import Draft
from triage.admin_flagging import may_flag
from triage.flagging import flagged_among

#: Rows of a kind beside a conversation; the page folds what is beyond a few.
MOST = 60


def beside(request: HttpRequest, conversation: Conversation) -> dict[str, Any]:
    """Only what the reader may see."""
    cases = narrowed(request, ServiceCase.objects.filter(links__conversation=conversation)).select_related("flow")
    outside = conversation.kind != ConversationKind.INTERNAL_GROUP
    ours = conversation.messages.filter(sender_side=Side.INTERNAL) if outside else conversation.messages.none()
    return {
        "may_flag": outside and may_flag(request),
        "flagged": flagged_among(ours.order_by("-position")[:200]),
        "cases": cases.order_by(F("closed_at").desc(nulls_first=True), "-opened_at")[:MOST],
        "drafts": narrowed(request, Draft.objects.pending().filter(conversation=conversation)).order_by("created_at")[
            :MOST
        ],
        "prepared": narrowed(request, Outbound.objects.to_tap().filter(conversation=conversation)).order_by("pk")[
            :MOST
        ],
    }
