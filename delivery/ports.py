"""The port that a channel implements: one request in, one honest outcome back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class DispatchRequest:
    """A text to be sent, with all that a channel needs to know.

    `recipient_external_ids` are ids of colleagues, for alerts; empty for a text into a conversation. `prepared_for` is the external id of
    the member who should tap, where one is known.
    """

    outbound_id: str
    account: str
    conversation_external_id: str
    surface: str
    kind: str
    text: str
    idempotency_key: str
    recipient_external_ids: tuple[str, ...] = ()
    prepared_for: str = ""


@dataclass(frozen=True)
class DispatchResult:
    """What became of it: `sent`, `prepared`, `failed` (see `retry`) or `unknown` (a time-out after the request had left)."""

    outcome: str
    external_id: str = ""
    error_code: str = ""
    error_text: str = ""
    retry: bool = False


class Channel(Protocol):
    """Sends texts. Never raises for what the channel answers."""

    def dispatch(self, request: DispatchRequest) -> DispatchResult:
        """Try once to send, or prepare, this text."""
        ...


@lru_cache(maxsize=4)
def _load(path: str) -> Channel:
    channel: Channel = import_string(path)()
    return channel


def channel() -> Channel:
    """The channel that this installation sends through (`DELIVERY_CHANNEL`)."""
    return _load(settings.DELIVERY_CHANNEL)


class CapturingChannel:
    """Keeps instead of sending: surfaces that need a tap are prepared, the others are sent. For rehearsals and tests."""

    TAPPED = frozenset({"staff_private", "customer_group", "partner_external", "captured", "none"})

    def __init__(self) -> None:
        self.requests: list[DispatchRequest] = []

    def dispatch(self, request: DispatchRequest) -> DispatchResult:
        """Note the request; nothing leaves."""
        self.requests.append(request)
        return DispatchResult(
            outcome="prepared" if request.surface in self.TAPPED else "sent", external_id=f"cap-{len(self.requests)}"
        )
