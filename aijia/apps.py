"""The room `aijia` as a Django application."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AijiaConfig(AppConfig):
    """Configuration of the room."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "aijia"
    verbose_name = _("Aijia")

    def ready(self) -> None:
        """Register the system checks, and keep the roles after migrations."""
        from django.contrib import admin

        from aijia import beside, chains, checks, lists  # noqa: F401
        from aijia.roles import keep_roles_after_migrate
        from conversations import admin as admins
        from evidence import admin as evidence_admin

        admins.BESIDE[:] = [beside.beside]
        evidence_admin.NAMES[:] = [chains.names_of_chains]
        evidence_admin.LINES[:] = [chains.lines_of_chain]
        lists.words_for_times(admin.site)
        post_migrate.connect(keep_roles_after_migrate, dispatch_uid="aijia.roles")
