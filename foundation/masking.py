"""What is shown of numbers, addresses and ids to those who need not know them: enough to recognise, too little to use."""

from __future__ import annotations

import re

#: Numbers in a text by which somebody can be reached, named or charged: e-mail addresses, identity and card numbers, phones.
_IN_TEXT = re.compile(
    r"(?P<mail>[\w.+-]+@[\w-]+\.[\w.]+)"
    r"|(?<![\dA-Za-z])(?P<id>\d{6}\s?(?:18|19|20)\d{6}\s?\d{3}[\dXx]|(?:62|4\d|5[1-5])\d{2}[\s-]?(?:\d{4}[\s-]?){2,3}\d{1,4})(?![\dA-Za-z])"
    r"|(?<!\d)(?P<phone>(?:\+?86[\s-]?)?1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}|0\d{2,3}-\d{7,8})(?!\d)"
)


def masked_phone(phone: str) -> str:
    """The beginning and the end of a number: enough to recognise it, too little to call."""
    digits = phone.strip()
    return f"{digits[:3]}****{digits[-2:]}" if len(digits) >= 9 else "****" if digits else ""


def masked_address(address: str) -> str:
    """The first characters of an address (province and city)."""
    words = address.strip()
    return f"{words[:6]}…" if len(words) > 8 else "…" if words else ""


def masked_id(external_id: str) -> str:
    """The beginning and the end of a channel id."""
    return f"{external_id[:2]}…{external_id[-2:]}" if len(external_id) > 6 else "…"


def masked_text(text: str) -> str:
    """A text in which phones, identity and card numbers and e-mail addresses are masked; numbers of orders and parcels stay."""

    def mask(match: re.Match[str]) -> str:
        words = match.group(0)
        if match.lastgroup == "phone":
            return masked_phone(re.sub(r"[\s-]", "", words))
        return masked_id(words)

    return _IN_TEXT.sub(mask, text)
