"""The room `channels_wecom` as a Django application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChannelsWecomConfig(AppConfig):
    """Configuration of the room."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "channels_wecom"
    verbose_name = _("WeCom")
