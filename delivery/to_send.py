"""What was released and waits for a tap: by conversation, with those who may tap it now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F, OuterRef, QuerySet, Subquery

from cases.presenters import who_words
from conversations.models import Conversation, Member, Message
from delivery.models import Outbound
from people.models import StaffMember, who_is_available


@dataclass
class Waiting:
    """The prepared texts of one conversation and who may send them."""

    conversation: Conversation
    texts: list[Outbound] = field(default_factory=list)
    here: list[StaffMember] = field(default_factory=list)
    away: list[StaffMember] = field(default_factory=list)

    @property
    def nobody(self) -> bool:
        """Whether no eligible member is there to tap it."""
        return not self.here


def prepared(rows: QuerySet[Outbound]) -> QuerySet[Outbound]:
    """Prepared texts, the oldest first, with when the last message was written that the releaser had seen (`seen_at`), and how many
    messages came after it (`since`)."""
    seen = Message.objects.filter(conversation=OuterRef("conversation"), position__lte=OuterRef("thread_position"))
    waiting: QuerySet[Outbound] = (
        rows.to_tap()  # type: ignore[attr-defined]
        .select_related("conversation", "draft__case")
        .annotate(
            seen_at=Subquery(seen.order_by("-position").values("sent_at")[:1]),
            since=F("conversation__last_position") - F("thread_position"),
        )
        .order_by("prepared_at", "pk")
    )
    return waiting


def by_conversation(texts: Iterable[Outbound], *, at: datetime) -> list[Waiting]:
    """Prepared texts grouped by conversation; those that nobody can tap now come first."""
    found: dict[int, Waiting] = {}
    for text in texts:
        text.who = who_words(text.released_by)  # type: ignore[attr-defined]
        if text.conversation is not None:
            found.setdefault(text.conversation.pk, Waiting(text.conversation)).texts.append(text)
    members = Member.objects.filter(
        conversation__in=found, left_at__isnull=True, person__staff__isnull=False, person__staff__left_at__isnull=True
    ).select_related("person__staff")
    pairs = [(member.conversation_id, member.person.staff) for member in members.order_by("pk")]
    available = who_is_available([staff for _pk, staff in pairs if staff is not None], at=at)
    for pk, staff in pairs:
        if staff is not None:
            (found[pk].here if staff.pk in available else found[pk].away).append(staff)
    return sorted(found.values(), key=lambda one: not one.nobody)
