"""What the words of a picture say about the item that it came for: hints for whoever decides, never a decision. Pure."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from cases.models import Material, ServiceCase
from conversations import pictures
from conversations.models import PictureKind, PictureState, PictureText

#: What an item asks for, by its words.
_ASKED = {
    PictureKind.NAMEPLATE: re.compile(r"铭牌|型号|序列号|机身[号码]|出厂编号|nameplate|name plate|rating plate|\bmodel\b|serial", re.I),
    PictureKind.TRACKING: re.compile(r"面单|快递单|运单|物流单|waybill|tracking|shipping label", re.I),
    PictureKind.RECEIPT: re.compile(r"发票|小票|收据|购买凭证|购买证明|invoice|receipt|proof of purchase", re.I),
    PictureKind.ORDER: re.compile(r"订单截图|订单号|订单页|订单信息|order (?:page|number|screenshot)", re.I),
}  # fmt: skip


def asked_for(words: str) -> str | None:
    """What kind of picture an item asks for, where its words tell."""
    return next((kind for kind, pattern in _ASKED.items() if pattern.search(words)), None)


def shows(kind: str, reading: PictureText) -> bool:
    """Whether anything of what a picture of this kind has was read."""
    named = {one.kind for one in pictures.findings(reading.text)}
    if kind == PictureKind.NAMEPLATE:
        return pictures.has_plate(reading.text)
    if kind == PictureKind.TRACKING:
        return reading.kind == kind or "tracking" in named
    if kind == PictureKind.ORDER:
        return reading.kind == kind or "order" in named
    return reading.kind in (kind, PictureKind.ORDER, PictureKind.PAYMENT)


def _missing_words(kind: str) -> str:
    return {
        PictureKind.NAMEPLATE: _("A nameplate was asked for; no model, serial or rating was read in this picture."),
        PictureKind.TRACKING: _("A parcel label was asked for; no parcel number was read in this picture."),
        PictureKind.RECEIPT: _("A receipt was asked for; nothing of a receipt was read in this picture."),
        PictureKind.ORDER: _("An order was asked for; no order number was read in this picture."),
    }[PictureKind(kind)]


def picture_hints(material: Material, case: ServiceCase) -> list[str]:
    """What to look at before this picture is judged: nothing of what was asked for was read, or it names another order."""
    blob = material.attachment.blob if material.attachment is not None else None
    reading: PictureText | None = getattr(blob, "reading", None)
    if reading is None or reading.state != PictureState.READ:
        return []
    hints = []
    if material.wait is not None:
        requirement = material.wait.requirement.name if material.wait.requirement else ""
        kind = asked_for(f"{requirement} {material.wait.need}")
        if kind is not None and not shows(kind, reading):
            hints.append(_missing_words(kind))
    if reading.kind == PictureKind.CHAT:
        return hints
    own = {str(label).upper() for label in case.labels}
    numbers = [one.text for one in pictures.findings(reading.text) if one.kind in ("order", "tracking")]
    same = [number for number in numbers if number.upper() in own]
    orders = [one.text for one in pictures.findings(reading.text) if one.kind == "order"]
    if same:
        hints.append(_("Names %(number)s, a number of this case.") % {"number": same[0]})
    elif own and orders:
        hints.append(_("Names order %(number)s, which is none of this case's numbers.") % {"number": orders[0]})
    return hints
