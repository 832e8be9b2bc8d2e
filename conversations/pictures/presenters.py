"""What was read in a picture, in words for people."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from conversations.models import PictureKind, PictureText
from foundation.masking import masked_text

ERRORS: dict[str, Any] = {
    "too_large": gettext_lazy("the file is too large"),
    "too_many_pixels": gettext_lazy("the picture has too many pixels"),
    "too_small": gettext_lazy("the picture is too small"),
    "not_a_picture": gettext_lazy("the file is no picture"),
    "unreadable": gettext_lazy("the picture is damaged"),
    "timed_out": gettext_lazy("reading took too long"),
    "crashed": gettext_lazy("reading it ended the reader"),
    "out_of_memory": gettext_lazy("reading it took too much memory"),
    "engine_failed": gettext_lazy("the reader did not start"),
    "file_missing": gettext_lazy("the stored file is gone"),
}
#: What a picture names.
FOUND: dict[str, Any] = {
    "order": gettext_lazy("Number"),
    "tracking": gettext_lazy("Parcel"),
    "phone": gettext_lazy("Phone"),
    "amount": gettext_lazy("Amount"),
    "model": gettext_lazy("Model"),
    "serial": gettext_lazy("Serial number"),
}
#: What whoever looks at a picture of a kind has to keep in mind.
KIND_HINTS: dict[str, Any] = {
    PictureKind.PAYMENT: gettext_lazy("Looks like a payment. A picture proves no payment: look at the account."),
    PictureKind.CHAT: gettext_lazy(
        "Looks like a screenshot of a chat: it identifies nobody and proves nothing by itself."
    ),
    PictureKind.IDENTITY: gettext_lazy("Looks like a personal paper: use only what is needed for this."),
}


def kind_hint(kind: str) -> str:
    """What to keep in mind about a picture of a kind; mostly nothing."""
    return str(KIND_HINTS.get(kind, ""))


def error_words(code: str) -> str:
    """Why a picture was not read."""
    return str(ERRORS.get(code, code))


def found_words(kind: str) -> str:
    """What a thing that a picture names is."""
    return str(FOUND.get(kind, kind))


def shown_text(reading: PictureText, *, in_full: bool) -> str:
    """The words of a picture as somebody may see them: without phones, identity and card numbers for those who may not open customers."""
    return reading.text if in_full else masked_text(reading.text)
