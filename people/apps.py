"""The room `people` as a Django application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    """Configuration of the room."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "people"
    verbose_name = _("People")
