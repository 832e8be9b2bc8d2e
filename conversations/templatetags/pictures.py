"""The words of a picture beside its thumbnail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.template import Context

from conversations import pictures
from conversations.models import Attachment, PictureKind, PictureState
from conversations.pictures.presenters import error_words, found_words, kind_hint
from foundation.masking import masked_text

register = template.Library()


@register.inclusion_tag("conversations/picture_words.html", takes_context=True)
def picture_words(context: Context, attachment: Attachment, hints: Sequence[str] = ()) -> dict[str, Any]:
    """What was read in a picture, what it is of and names, for whoever looks at it; nothing where pictures are not read.

    :param hints: what higher rooms have to say about it, in whole sentences.
    """
    reading = getattr(attachment.blob, "reading", None) if attachment.blob_id else None
    if reading is None:
        return {}
    in_full = context["request"].user.has_perm("people.view_customer")
    is_read = reading.state == PictureState.READ
    found = [
        (found_words(one.kind), one.text if in_full else masked_text(one.text))
        for one in (pictures.findings(reading.text) if is_read and reading.kind != PictureKind.CHAT else ())
    ]
    own = kind_hint(reading.kind) if is_read else ""
    return {
        "reading": reading,
        "words": pictures.shown_text(reading, in_full=in_full),
        "found": found[:6],
        "unsure": is_read and bool(reading.text) and reading.confidence < 0.8,
        "error": error_words(reading.error) if reading.state == PictureState.FAILED else "",
        "hints": [*filter(None, [own]), *hints],
    }
