"""How often somebody may call. Rates are in the settings; they are counted in the cache that all processes share."""

from __future__ import annotations

from typing import Any

from rest_framework.throttling import AnonRateThrottle, SimpleRateThrottle

from aijia.api.authentication import token_of


class PerCaller(SimpleRateThrottle):
    """Each token, and each person with a session, on their own count."""

    scope = "caller"

    def get_cache_key(self, request: Any, view: Any) -> str | None:
        """By token or user; None for anonymous callers, whom `Anonymous` counts."""
        if not request.user or not request.user.is_authenticated:
            return None
        token = token_of(request)
        ident = f"t{token.public_id.hex}" if token is not None else f"u{request.user.pk}"
        return str(self.cache_format % {"scope": self.scope, "ident": ident})


class Costly(PerCaller):
    """What costs much: recomputing a chain."""

    scope = "costly"


class Anonymous(AnonRateThrottle):
    """Callers who did not say who they are, by address."""
