"""The room `triage` as a Django application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TriageConfig(AppConfig):
    """Configuration of the room: it tells `review` what a release entails and what a reader must not learn."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "triage"
    verbose_name = _("Triage")

    def ready(self) -> None:
        from importlib import import_module

        from cases.appointments import register_appointment_effect
        from cases.extensions import register_sorting_effect
        from delivery.operations import register_outcome_effect
        from knowledge.wordings import register
        from review.admin.page import register_panel
        from review.operations import (
            register_release_effect,
            register_text_facts,
            register_text_notes,
            register_verdict_effect,
        )
        from triage.afterwards import carry_out_outcome
        from triage.appointments import close_replaced_times, tell_of_appointment
        from triage.learning import learn_from_verdict
        from triage.operations.releases import carry_out_release, drafts_follow
        from triage.operations.texts import draft_text_facts, draft_text_notes
        from triage.understanding import understanding_panel
        from triage.wording_file import shipped

        register(shipped())
        import_module("triage.checks")
        register_release_effect(carry_out_release)
        register_release_effect(close_replaced_times)
        register_appointment_effect(tell_of_appointment)
        register_sorting_effect(drafts_follow)
        register_outcome_effect(carry_out_outcome)
        register_text_facts(draft_text_facts)
        register_text_notes(draft_text_notes)
        register_verdict_effect(learn_from_verdict)
        register_panel(understanding_panel)
