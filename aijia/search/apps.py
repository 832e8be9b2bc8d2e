"""The search as a Django application: it has an index of its own."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    """Configuration of the search: whatever is saved is found at once."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "aijia.search"
    label = "search"
    verbose_name = _("Search")

    def ready(self) -> None:
        """Listen to what is saved."""
        from aijia.search.index import listen

        listen()
