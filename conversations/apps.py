"""The room `conversations` as a Django application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from people.models import StaffMember


class ConversationsConfig(AppConfig):
    """Configuration of the room."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "conversations"
    verbose_name = _("Conversations")

    def ready(self) -> None:
        """Whoever is in a conversation that a colleague sees is known to that colleague."""
        from django.db.models import Q

        from conversations.models import Conversation, Member
        from people.models import register_acquaintance

        def by_conversation(staff: StaffMember) -> Q:
            seen = Member.objects.filter(conversation__in=Conversation.objects.visible_to(staff))
            return Q(pk__in=seen.values("person"))

        register_acquaintance(by_conversation)
