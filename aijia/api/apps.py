"""The API as a Django application: it has rows of its own (tokens, answers to repeated calls)."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    """Configuration of the API."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "aijia.api"
    label = "api"
    verbose_name = _("API")

    def ready(self) -> None:
        """Tell the schema how callers prove who they are."""
        from aijia.api import schema  # noqa: F401
