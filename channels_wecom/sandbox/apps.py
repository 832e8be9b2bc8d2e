"""The local WeCom as a Django application of its own."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SandboxConfig(AppConfig):
    """Configuration of the local WeCom. It knows nothing of the product's rooms and they know nothing of it."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "channels_wecom.sandbox"
    label = "wecom_sandbox"
    verbose_name = _("Local WeCom")

    def ready(self) -> None:
        """Register the checks."""
        from channels_wecom.sandbox import checks  # noqa: F401
