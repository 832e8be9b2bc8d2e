"""What is shown of numbers, addresses and ids to those who need not know them: enough to recognise, too little to use."""

from __future__ import annotations


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
