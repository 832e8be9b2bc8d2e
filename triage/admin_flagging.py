"""The page on which somebody flags what a colleague typed in WeCom."""

from __future__ import annotations

from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.reasons import WRONG_REASONS
from conversations.models import Conversation, Message
from foundation.actors import Actor
from foundation.errors import DomainError
from people.admin import narrowed
from people.models import staff_of
from triage.flagging import can_be_flagged, flag_wrong_message, flagged_among


def may_flag(request: HttpRequest) -> bool:
    """Whether somebody may say that a text was wrong: those who work on cases."""
    return staff_of(request.user) is not None and request.user.has_perm("cases.work_on_case")


def flag_view(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask why, with the text and what was said around it; then keep it. Of visible conversations only."""
    staff = staff_of(request.user)
    if staff is None or not may_flag(request):
        raise PermissionDenied
    seen = narrowed(request, Conversation.objects.all())
    rows = Message.objects.filter(conversation__in=seen).select_related("conversation", "sender")
    message = get_object_or_404(rows, public_id=public_id)
    here = f"{reverse('admin:conversations_conversation_change', args=[message.conversation_id])}#m{message.position}"
    if request.method == "POST":
        try:
            flag_wrong_message(
                message_id=message.pk, reason=request.POST.get("reason", ""), words=request.POST.get("words", "")[:200], by=staff,
                actor=Actor.of_user(request.user), at=timezone.now(),
            )  # fmt: skip
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Flagged: %(text)s") % {"text": message.text[:30]})
            return HttpResponseRedirect(here)
    before = message.conversation.messages.filter(position__lte=message.position).select_related("sender")
    context = {
        **admin.site.each_context(request), "title": _("Flag as wrong"), "message": message, "back": here, "reasons": WRONG_REASONS.items(),
        "rows": list(reversed(before.prefetch_related("attachments__blob__reading").order_by("-position")[:4])),
        "can": can_be_flagged(message) and message.pk not in flagged_among([message]),
    }  # fmt: skip
    return TemplateResponse(request, "admin/triage/flag_message.html", context)
