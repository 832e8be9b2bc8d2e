"""What is wrong with how the language model is configured: what, why it matters, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from triage.engines.llm.endpoint import endpoint

LLM_PATH = "triage.engines.llm.engine.LlmEngine"


@register()
def language_model_is_whole(app_configs: Any, **kwargs: Any) -> Iterable[CheckMessage]:
    """Half a configuration asks nobody: say so instead of leaving people to wonder."""
    given = {name: str(getattr(settings, name)).strip() for name in ("LLM_BASE_URL", "LLM_MODEL", "LLM_API_KEY")}
    missing = [name for name in ("LLM_BASE_URL", "LLM_MODEL") if not given[name]]
    wanted = settings.TRIAGE_ENGINE == LLM_PATH
    if missing and (wanted or any(given.values())):
        yield Warning(
            f"The language model is half configured: {' and '.join(missing)} not set. The local engine answers everything.",
            hint="Set LLM_BASE_URL (such as https://host/v1) and LLM_MODEL, and LLM_API_KEY where the server wants one; or none of them.",
            id="triage.W001",
        )
    if given["LLM_BASE_URL"]:
        parts = urlsplit(given["LLM_BASE_URL"])
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            yield Error("LLM_BASE_URL is not an address.", hint="https://host/v1, without a query.", id="triage.E001")


@register(Tags.security)
def language_model_is_not_asked_in_the_clear(app_configs: Any, **kwargs: Any) -> Iterable[CheckMessage]:
    """Customers' words and the key do not travel unencrypted."""
    target = endpoint()
    if target is not None and target.in_the_clear:
        yield Warning(
            "LLM_BASE_URL is not https: customers' words and the key travel unencrypted.",
            hint="Use https, unless the model runs in a network that is yours alone.",
            id="triage.W002",
        )
