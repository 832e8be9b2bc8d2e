"""The room `knowledge` as a Django application."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


def _flow_changed(instance: Any, **_signal: Any) -> None:
    """Knowledge about a flow renders its configuration: when that changes, it is found by the new words at once, and compared anew."""
    from knowledge import index
    from knowledge.operations import compare_again

    flow_id = getattr(instance, "flow_id", None) or instance.pk
    index.renew_flow(flow_id)
    compare_again(flow_id=flow_id)


class KnowledgeConfig(AppConfig):
    """Configuration of the room."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "knowledge"
    verbose_name = _("Knowledge")

    def ready(self) -> None:
        from cases.extensions import CaseLink, register_case_link
        from knowledge.permissions import may_propose

        register_case_link(CaseLink(_("Propose as knowledge"), "admin:knowledge_proposal_from_case", may_propose))
        from django.db.models.signals import post_delete, post_save

        from cases.models import DueRule, MaterialRequirement, ServiceFlow

        for model in (ServiceFlow, MaterialRequirement, DueRule):
            post_save.connect(_flow_changed, sender=model, dispatch_uid=f"knowledge-{model.__name__}")
        for model in (MaterialRequirement, DueRule):
            post_delete.connect(_flow_changed, sender=model, dispatch_uid=f"knowledge-gone-{model.__name__}")
