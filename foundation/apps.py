"""The room `foundation` as a Django application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FoundationConfig(AppConfig):
    """Configuration of the room."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "foundation"
    verbose_name = _("Foundation")
