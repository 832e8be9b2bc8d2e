"""Conversations in the admin: read only, like a chat."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from conversations import admin_pictures as admin_pictures
from conversations.models import Conversation
from people.admin import narrowed
from people.models import Side, staff_of

#: Messages on one page; how many of those that came after a message are shown where somebody looks for it.
SHOWN, AROUND = 100, 30
Beside = Callable[[HttpRequest, Conversation], dict[str, Any]]
#: What higher rooms show beside a conversation: cases, drafts, texts that wait for a tap (imports point down).
BESIDE: list[Beside] = []


class StuckFilter(admin.SimpleListFilter):
    """Conversations with messages that nobody worked through for five minutes."""

    title = gettext_lazy("not worked through")
    parameter_name = "stuck"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", _("Not worked through"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not self.value():
            return queryset
        return queryset.untriaged().filter(last_message_at__lt=timezone.now() - timedelta(minutes=5))


@admin.register(Conversation)
class ConversationAdmin(ModelAdmin):
    """Handlers read what was said."""

    list_display = ("name", "kind", "way", "customer", "partner", "last_message_at")
    list_filter = ("kind", "surface", StuckFilter)
    list_select_related = ("customer", "partner")
    search_fields = ("name", "customer__name")
    show_full_result_count = False
    ordering = ("-last_message_at",)

    @admin.display(description=gettext_lazy("how it is written to"), ordering="surface")
    def way(self, conversation: Conversation) -> str:
        return conversation.way_words

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff_of(request.user) is not None or bool(getattr(request.user, "is_superuser", False))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        rows: QuerySet[Conversation] = narrowed(request, super().get_queryset(request))
        return rows

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        conversation = get_object_or_404(self.get_queryset(request), pk=object_id)
        before, wanted = request.GET.get("before", ""), request.GET.get("message", "")
        said = conversation.messages.select_related("sender").prefetch_related("attachments__blob__reading")
        sought = said.filter(pk=wanted).first() if wanted.isdigit() else None
        if sought is not None:
            before = str(sought.position + AROUND)
        if before.isdigit():
            said = said.filter(position__lt=int(before))
        rows = list(reversed(said.order_by("-position")[:SHOWN]))
        newest = not rows or rows[-1].position >= conversation.last_position
        context = {
            **self.admin_site.each_context(request),
            "title": str(conversation),
            "opts": self.model._meta,
            "conversation": conversation,
            "rows": rows,
            "cause": sought,
            "newest": newest,
            "later": None if newest else rows[-1].position + SHOWN + 1,
            "earlier": rows[0].position if rows and rows[0].position > 1 else None,
            "members": sorted(
                conversation.members.select_related("person").filter(left_at__isnull=True).order_by("pk"),
                key=lambda one: one.person.side != Side.INTERNAL,
            ),
            **(extra_context or {}),
        }
        for beside in BESIDE:
            context.update(beside(request, conversation))
        return TemplateResponse(request, "aijia/conversation.html", context)
