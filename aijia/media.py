"""Attachments are served by a view that checks rights, never by a public address."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase

from conversations.models import Attachment, Conversation
from people.admin import narrowed

INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "video/mp4"})


@login_required
def attachment(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """The bytes of an attachment, to those who may see its conversation. What is no picture, film or PDF is downloaded."""
    visible = narrowed(request, Conversation.objects.all())
    row = (
        Attachment.objects.select_related("blob").filter(public_id=public_id, message__conversation__in=visible).first()
    )
    if row is None or row.blob is None:
        raise Http404
    response = FileResponse(
        row.blob.file.open("rb"),
        content_type=row.blob.content_type if row.blob.content_type in INLINE else "application/octet-stream",
        as_attachment=row.blob.content_type not in INLINE,
        filename=row.name or f"{row.type}-{row.public_id.hex[:8]}",
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, max-age=3600"
    return response
