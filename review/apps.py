"""The room `review` as a Django application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewConfig(AppConfig):
    """Configuration of the room: delivery asks it once more before a released text goes."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "review"
    verbose_name = _("Review")

    def ready(self) -> None:
        from delivery.operations import register_validator
        from review.operations import validate_release

        register_validator(validate_release)
