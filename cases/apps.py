"""The room `cases` as a Django application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from people.models import StaffMember


class CasesConfig(AppConfig):
    """Configuration of the room."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "cases"
    verbose_name = _("Cases")

    def ready(self) -> None:
        """Whoever takes part in a case that a colleague sees is known to that colleague."""
        from django.db.models import Q

        from cases.models import Participant, ServiceCase
        from people.models import register_acquaintance

        def by_case(staff: StaffMember) -> Q:
            seen = Participant.objects.filter(case__in=ServiceCase.objects.visible_to(staff))
            return Q(pk__in=seen.values("person"))

        register_acquaintance(by_case)
        from cases.merged import note_change
        from people.merging import register_change_listener

        register_change_listener(note_change)
