"""The local WeCom refuses to be part of a production system."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


def is_open() -> bool:
    """Whether the local WeCom may answer at all."""
    return bool(settings.WECOM_SANDBOX) and not bool(getattr(settings, "PRODUCTION", False))


@register()
def sandbox_is_not_production(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A local WeCom with open doors must never stand beside real customers."""
    if settings.WECOM_SANDBOX and getattr(settings, "PRODUCTION", False):
        return [
            Error(
                "The local WeCom is switched on in production.",
                hint="Unset WECOM_SANDBOX. Anybody who reaches its page can write as anybody.",
                id="wecom_sandbox.E001",
            )
        ]
    return []
