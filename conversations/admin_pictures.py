"""The list of what was read in pictures: whether it is read at all, how well it goes, what could not be read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import Avg, Count, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from conversations import pictures
from conversations.models import Attachment, Conversation, PictureKind, PictureState, PictureText
from conversations.pictures import engine
from conversations.pictures.presenters import found_words
from foundation.masking import masked_text
from people.admin import narrowed


@admin.register(PictureText)
class PictureTextAdmin(ModelAdmin):
    """Whoever runs the team sees whether pictures are read, and lets those wait again that could not be."""

    list_display = ("thumbnail", "kind", "names", "state", "sure", "why", "seconds", "read_at")
    list_display_links = None
    list_filter = ("state", "kind")
    list_select_related = ("blob",)
    ordering = ("-pk",)
    list_per_page = 50
    show_full_result_count = False
    actions = ("try_again",)
    change_list_template = "admin/conversations/picturetext/change_list.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("conversations.view_picturetext"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[PictureText]:
        rows: QuerySet[PictureText] = narrowed(request, super().get_queryset(request))
        # The same picture may have been sent elsewhere, too: only where somebody may see it, it is shown.
        seen = narrowed(request, Conversation.objects.all())
        sent = Attachment.objects.filter(message__conversation__in=seen).select_related("message").order_by("pk")
        return rows.prefetch_related(Prefetch("blob__attachments", sent, to_attr="seen"))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with how reading goes."""
        shown: HttpResponse = super().changelist_view(request, {**(extra_context or {}), "standing": standing()})
        return shown

    @admin.display(description=gettext_lazy("picture"))
    def thumbnail(self, row: PictureText) -> str:
        sent: Attachment = row.blob.seen[0]  # type: ignore[attr-defined]
        where = reverse("admin:conversations_conversation_change", args=[sent.message.conversation_id])
        return format_html(
            '<a href="{}?message={}#m{}"><img class="aj-thumb" loading="lazy" src="{}" alt="{}"></a>',
            where, sent.message_id, sent.message_id, reverse("attachment", args=[sent.public_id]), sent.get_type_display(),
        )  # fmt: skip

    @admin.display(description=gettext_lazy("names"))
    def names(self, row: PictureText) -> str:
        is_told = row.state == PictureState.READ and row.kind != PictureKind.CHAT
        found = pictures.findings(row.text)[:4] if is_told else ()
        words = ((found_words(one.kind), masked_text(one.text)) for one in found)
        return format_html_join(mark_safe("<br>"), "{} {}", words) or "—"

    @admin.display(description=gettext_lazy("how sure"))
    def sure(self, row: PictureText) -> str:
        return f"{row.confidence:.0%}" if row.text else "—"

    @admin.display(description=gettext_lazy("why it could not be read"))
    def why(self, row: PictureText) -> str:
        return pictures.error_words(row.error) if row.error else "—"

    @admin.display(description=gettext_lazy("seconds"))
    def seconds(self, row: PictureText) -> str:
        return f"{row.milliseconds / 1000:.1f}" if row.milliseconds else "—"

    @admin.action(description=gettext_lazy("Read once more"), permissions=["again"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[PictureText]) -> None:
        """Those that could not be read wait again."""
        done = pictures.try_again(picture_ids=list(queryset.values_list("pk", flat=True)), at=timezone.now())
        if done:
            messages.success(request, _("%(count)s wait to be read once more.") % {"count": done})
        else:
            messages.warning(request, _("None of these failed: there is nothing to read once more."))

    def has_again_permission(self, request: HttpRequest) -> bool:
        """Who may let a picture be read once more."""
        return bool(request.user.has_perm("conversations.change_picturetext"))


def standing() -> dict[str, Any]:
    """Whether pictures are read, and how it goes."""
    since = timezone.now() - timedelta(days=1)
    read = PictureText.objects.filter(state=PictureState.READ, read_at__gte=since)
    taken = read.aggregate(count=Count("pk"), mean=Avg("milliseconds"))
    return {
        "on": pictures.is_on(),
        "installed": pictures.is_available(),
        "engine": engine.NAME,
        "version": engine.engine_version(),
        "waiting": PictureText.objects.filter(state=PictureState.WAITING).count(),
        "read": taken["count"],
        "failed": PictureText.objects.filter(state=PictureState.FAILED, created_at__gte=since).count(),
        "seconds": f"{(taken['mean'] or 0) / 1000:.1f}",
    }
