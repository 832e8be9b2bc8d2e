"""What the records of evidence are about, and what their entries say, in the words of the rooms that wrote them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy

from cases.models import ServiceCase, ServiceFlow
from cases.presenters import Line, entry_words, places_of, timeline
from conversations.models import Conversation
from evidence.models import Chain, Entry
from evidence.presenters import plain_words
from knowledge.models import KnowledgeItem
from knowledge.presenters import record_words
from people.admin import narrowed
from review.ladder import LADDER
from review.level_words import policy_words
from review.models import AutomationLevel
from triage.learning import MODEL
from triage.models import ModelCandidate
from triage.presenters import model_words

#: Chains that are about no row: what each records, and where it is decided.
POLICIES = {
    LADDER.ref: (gettext_lazy("levels of automation"), AutomationLevel),
    MODEL.ref: (gettext_lazy("the model in use"), ModelCandidate),
}
#: Asked for where a page has no chain of a kind, so that every page asks the same.
NONE = "00000000-0000-0000-0000-000000000000"


def _page(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def names_of_chains(request: HttpRequest, chains: Iterable[Chain]) -> dict[tuple[str, str], tuple[str, str]]:
    """What chains of evidence are about, with the way there, as far as the reader may see it: at most three queries for a page."""
    refs: dict[str, list[str]] = {}
    for chain in chains:
        refs.setdefault(chain.subject_kind, []).append(str(chain.subject_ref))
    sources: dict[str, Any] = {
        "case": ServiceCase.objects.select_related("flow"),
        "conversation": Conversation.objects.all(),
    }
    if request.user.has_perm("knowledge.view_knowledgeitem"):
        sources["knowledge"] = KnowledgeItem.objects.all()
    found = {
        (kind, str(row.public_id)): (str(row), _page(row))
        for kind, rows in sources.items()
        for row in narrowed(request, rows.filter(public_id__in=refs.get(kind, [NONE])))
    }  # fmt: skip
    for ref in refs.get("policy", []):
        words, model = POLICIES.get(ref, ("", None))
        if model is not None and request.user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}"):
            where = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            found["policy", ref] = (str(words), where)
    return found


def lines_of_chain(request: HttpRequest, chain: Chain, entries: Sequence[Entry]) -> list[Line]:
    """What entries of one chain say: those of cases and conversations as the page of a case tells them."""

    def of_knowledge(kind: str, body: dict[str, Any]) -> str:
        return record_words(body) or plain_words(body)

    def of_policy(kind: str, body: dict[str, Any]) -> str:
        return policy_words(body, flows) or model_words(body) or entry_words(kind, body) or plain_words(body)

    def of_case(kind: str, body: dict[str, Any]) -> str:
        return entry_words(kind, body) or plain_words(body)

    if chain.subject_kind == Chain.SubjectKind.KNOWLEDGE:
        return timeline(entries, {}, of_knowledge)
    if chain.subject_kind == Chain.SubjectKind.POLICY:
        flows = dict(ServiceFlow.objects.values_list("key", "name"))
        return timeline(entries, {}, of_policy)
    return timeline(entries, places_of(entries), of_case)
