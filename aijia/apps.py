"""The room `aijia` as a Django application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AijiaConfig(AppConfig):
    """Configuration of the room."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "aijia"
    verbose_name = _("Aijia")

    def ready(self) -> None:
        """Register the system checks."""
        from aijia import checks  # noqa: F401
