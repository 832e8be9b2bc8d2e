"""Where the language model is: from the environment of this machine."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Endpoint:
    """An OpenAI-compatible service. The key may be empty: servers in one's own house often want none."""

    base_url: str
    api_key: str
    model: str

    @property
    def url(self) -> str:
        """The address that questions are posted to."""
        base = self.base_url.rstrip("/")
        return base if base.endswith("/chat/completions") else f"{base}/chat/completions"

    @property
    def host(self) -> str:
        """The host, as people are shown it."""
        return urlsplit(self.base_url).netloc.rpartition("@")[2]

    @property
    def stays_here(self) -> bool:
        """Whether it runs on this machine."""
        return (urlsplit(self.base_url).hostname or "") in LOCAL_HOSTS

    @property
    def in_the_clear(self) -> bool:
        """Whether words and key would travel over a network unencrypted."""
        return not self.base_url.lower().startswith("https://") and not self.stays_here


def endpoint() -> Endpoint | None:
    """The configured endpoint; None where the address or the model is missing."""
    url, model = settings.LLM_BASE_URL.strip(), settings.LLM_MODEL.strip()
    if not url or not model or not urlsplit(url).hostname:
        return None
    return Endpoint(url, settings.LLM_API_KEY.strip(), model)
