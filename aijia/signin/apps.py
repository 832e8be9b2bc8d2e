"""Signing in as a Django application: it has rows of its own (second steps, rules, what happened to them)."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SignInConfig(AppConfig):
    """Configuration of signing in."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "aijia.signin"
    label = "signin"
    verbose_name = _("Signing in")

    def ready(self) -> None:
        """Note when a session began."""
        from django.contrib.auth.signals import user_logged_in

        from aijia.signin.sessions import begin

        user_logged_in.connect(begin, dispatch_uid="signin-begin")
