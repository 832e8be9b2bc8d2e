"""What the page of a conversation shows beside the messages: its cases, drafts that wait, texts that wait for a tap."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from cases.models import ServiceCase
from conversations.models import Conversation
from delivery.models import Outbound
from people.admin import narrowed
from review.models import Draft


def beside(request: HttpRequest, conversation: Conversation) -> dict[str, Any]:
    """Only what the reader may see."""
    cases = narrowed(request, ServiceCase.objects.filter(links__conversation=conversation)).select_related("flow")
    return {
        "cases": cases.order_by("-opened_at")[:8],
        "drafts": narrowed(request, Draft.objects.pending().filter(conversation=conversation)).order_by("created_at")[
            :8
        ],
        "prepared": narrowed(request, Outbound.objects.to_tap().filter(conversation=conversation)).order_by("pk")[:8],
    }
