"""What tells whether knowledge is any good, in the admin: proposals, gaps, duplicates and contradictions; and the policy of the room."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin

from cases.models import ServiceCase
from foundation.actors import Actor
from foundation.errors import DomainError, Refused
from foundation.templatetags.when import span_words
from knowledge import operations, permissions
from knowledge.admin.base import Looked, must, say_refusal
from knowledge.models import (
    ANSWERING_KINDS,
    Audience,
    Gap,
    GapState,
    KnowledgeItem,
    KnowledgeKind,
    KnowledgePolicy,
    KnowledgeVersion,
    Proposal,
    ProposalSource,
    ProposalState,
    QualityFlag,
)
from knowledge.presenters import marked, note_words, proposer_words
from knowledge.rendering import answer_text
from knowledge.rules import RULE_KINDS
from knowledge.search import Applies, Hit, find_near
from knowledge.voices import of_proposal
from people.admin import narrowed
from people.models import staff_of


@admin.register(Proposal)
class ProposalAdmin(Looked):
    """What came from cases, verdicts, gaps and other systems: an editor looks at every finding, and makes a draft of it or not."""

    list_display = ("masked_title", "source", "kind", "item", "state", "who", "created_at")
    list_display_links = ("masked_title",)
    list_filter = ("state", "source", "kind")
    list_select_related = ("item",)
    ordering = ("-created_at",)

    @admin.display(description=gettext_lazy("what about"))
    def masked_title(self, row: Proposal) -> str:
        title, body = operations.proposed_words(row)
        return (title or body or (str(row.version) if row.version_id else "—"))[:60]

    @admin.display(description=gettext_lazy("proposed by"), ordering="proposed_by")
    def who(self, row: Proposal) -> str:
        return proposer_words(row)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/decide/", view(self.decide_view), name="knowledge_proposal_decide"),
            path("from-case/<int:case_id>/", view(self.from_case_view), name="knowledge_proposal_from_case"),
            *super().get_urls(),
        ]

    def from_case_view(self, request: HttpRequest, case_id: int) -> HttpResponse:
        """A colleague chooses what was asked and answered in a case that they may see; editors decide what becomes of it."""
        self.must_see(request)
        if not permissions.may_propose(request.user):
            raise PermissionDenied
        case = get_object_or_404(narrowed(request, ServiceCase.objects.select_related("customer", "flow")), pk=case_id)
        said = operations.said_in_masked(case)
        if request.method == "POST":
            chosen = set(request.POST.getlist("message"))
            kind = request.POST.get("kind", "")
            try:
                if not chosen:
                    raise Refused(_("Choose what was asked and what was answered."), code="nothing_chosen")
                operations.propose_from_case(
                    case=case, kind=kind if kind in KnowledgeKind.values else KnowledgeKind.CUSTOMER_WORDING,
                    messages=[one for one, _words in said if str(one.pk) in chosen], note=request.POST.get("note", "").strip(),
                    actor=Actor.of_user(request.user), at=timezone.now(),
                )  # fmt: skip
            except DomainError as error:
                say_refusal(request, error)
            else:
                messages.success(request, _("Proposed to the editors."))
                return HttpResponseRedirect(reverse("admin:cases_servicecase_change", args=[case.pk]))
        return TemplateResponse(
            request, "admin/knowledge/from_case.html",
            {
                **self.admin_site.each_context(request), "title": _("Propose as knowledge"), "opts": self.model._meta, "case": case,
                "said": said, "kinds": [(code, label) for code, label in KnowledgeKind.choices if code in ANSWERING_KINDS],
                "usual": KnowledgeKind.CUSTOMER_WORDING,
            },
        )  # fmt: skip

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A proposal with its findings, one by one. Who may not write sees it masked."""
        self.must_see(request)
        row = get_object_or_404(self.get_queryset(request).select_related("item", "version__item"), pk=object_id)
        may = permissions.can(request.user, "accept")
        title, body = operations.proposed_words(row)
        found = [one for part in operations.proposal_findings(row).values() for one in part] if may else []
        unique = list({one.key: one for one in found}.values())
        near = self._near(row, f"{title} {body[:200]}") if (title or body) and row.item is None else []
        published = row.item.versions.published().select_related("item__flow").first() if row.item else None
        return TemplateResponse(
            request, "admin/knowledge/proposal.html",
            {
                **self.admin_site.each_context(request), "title": _("Proposal"), "opts": self.model._meta, "row": row, "may": may,
                "masked": (title, body), "findings": unique, "open": row.state == ProposalState.OPEN, "near": near,
                "marked": marked(published.body, body) if published and body and body != published.body and row.state == ProposalState.OPEN else "",
                "published": published, "answer": answer_text(published) if published else "",
                "targets": near if row.state == ProposalState.OPEN and row.item is None else [],
                "who": proposer_words(row), "why": note_words(row), "voice": of_proposal(row.voice) if row.kind == KnowledgeKind.TONE_EXAMPLE else "", "kinds": [] if row.item else KnowledgeKind.choices, "is_finding": row.source == ProposalSource.QA_FINDING,
            },
        )  # fmt: skip

    def _near(self, row: Proposal, words: str) -> list[Hit]:
        """What is there already, rules included where a quality finding may concern one."""
        kinds: set[str] = {*ANSWERING_KINDS, row.kind}
        if row.source == ProposalSource.QA_FINDING:
            kinds |= {*RULE_KINDS, KnowledgeKind.RISK_HINT, KnowledgeKind.PARTNER_BOUNDARY}
        return find_near(words, at=timezone.now(), kinds=kinds, applies=Applies(audience=Audience.INTERNAL))

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make a draft of a proposal, or dismiss it. POST only."""
        here = reverse("admin:knowledge_proposal_change", args=[pk])
        if request.method != "POST":
            return HttpResponseRedirect(here)
        do = request.POST.get("do", "")
        must(request, do if do in ("accept", "dismiss") else "")
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        at, actor = timezone.now(), Actor.of_user(request.user)
        try:
            if do == "dismiss":
                operations.dismiss_proposal(proposal_id=row.pk, actor=actor, at=at)
                messages.success(request, _("Dismissed."))
                return HttpResponseRedirect(f"{reverse('admin:knowledge_proposal_changelist')}?state__exact=open")
            decisions = {
                key[8:]: value
                for key, value in request.POST.items()
                if key.startswith("finding-") and value in ("mask", "keep")
            }
            target, kind = request.POST.get("onto", ""), request.POST.get("kind", "")
            version = operations.accept_proposal(
                proposal_id=row.pk, decisions=decisions, by=staff_of(request.user), actor=actor, at=at,
                onto=get_object_or_404(KnowledgeItem, pk=target) if target.isdigit() and row.item_id is None else None,
                kind=kind if kind in KnowledgeKind.values else "",
            )  # fmt: skip
        except DomainError as error:
            say_refusal(request, error)
            return HttpResponseRedirect(here)
        messages.success(request, _("It is a draft now: give it its final words."))
        return HttpResponseRedirect(reverse("admin:knowledge_knowledgeitem_edit", args=[version.item_id]))


@admin.register(Gap)
class GapAdmin(Looked):
    """Questions that nobody could answer, the most asked first: write an item, link one, or say that none is needed."""

    list_display = ("question", "count", "first_at", "last_at", "state", "item")
    list_filter = ("state",)
    list_select_related = ("item",)
    search_fields = ("question",)
    ordering = ("-count", "-last_at")

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.settle_view)
        return [path("<int:pk>/settle/", view, name="knowledge_gap_settle"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A gap: how it was asked, what comes near, and what to do."""
        self.must_see(request)
        row = get_object_or_404(self.get_queryset(request).select_related("item"), pk=object_id)
        near = find_near(row.question, at=timezone.now())
        return TemplateResponse(
            request, "admin/knowledge/gap.html",
            {
                **self.admin_site.each_context(request), "title": _("Gap"), "opts": self.model._meta, "row": row,
                "near": [(hit, answer_text(hit.version)) for hit in near], "open": row.state == GapState.OPEN,
                "may": permissions.can(request.user, "settle_gap"), "kinds": KnowledgeKind.choices,
            },
        )  # fmt: skip

    def settle_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Settle a gap. POST only."""
        here = reverse("admin:knowledge_gap_change", args=[pk])
        if request.method != "POST":
            return HttpResponseRedirect(here)
        must(request, "settle_gap")
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        chosen = request.POST.get("item", "")
        item = get_object_or_404(KnowledgeItem, pk=chosen) if chosen.isdigit() else None
        try:
            operations.settle_gap(gap_id=row.pk, item=item, actor=Actor.of_user(request.user), at=timezone.now())
        except DomainError as error:
            say_refusal(request, error)
            return HttpResponseRedirect(here)
        messages.success(request, _("Done."))
        return HttpResponseRedirect(f"{reverse('admin:knowledge_gap_changelist')}?state__exact=open")


class OpenFlags(admin.SimpleListFilter):
    """Flags that nobody has dismissed."""

    title = gettext_lazy("open")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", _("Open"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(dismissed_at__isnull=True) if self.value() else queryset


@admin.register(QualityFlag)
class QualityFlagAdmin(Looked):
    """Pairs of items that say the same or contradict each other: retire one, mend one, or let both stand."""

    list_display = ("__str__", "kind", "detail", "share", "at", "dismissed_at")
    list_filter = (OpenFlags, "kind")
    list_select_related = ("first", "second")
    ordering = ("-at",)

    @admin.display(description=gettext_lazy("likeness"))
    def share(self, row: QualityFlag) -> str:
        return f"{row.likeness:.0%}"

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.dismiss_view)
        return [path("<int:pk>/dismiss/", view, name="knowledge_qualityflag_dismiss"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Both items side by side."""
        self.must_see(request)
        row = get_object_or_404(self.get_queryset(request).select_related("first", "second"), pk=object_id)
        sides = []
        for item in (row.first, row.second):
            version = (
                KnowledgeVersion.objects.filter(item=item).published().select_related("item__flow", "author").first()
            )
            sides.append((item, version, answer_text(version) if version else ""))
        return TemplateResponse(
            request, "admin/knowledge/flag.html",
            {
                **self.admin_site.each_context(request), "title": row.get_kind_display(), "opts": self.model._meta, "row": row,
                "sides": sides, "may": permissions.can(request.user, "dismiss_flag"),
            },
        )  # fmt: skip

    def dismiss_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say that both may stand. POST only."""
        if request.method == "POST":
            must(request, "dismiss_flag")
            row = get_object_or_404(self.get_queryset(request), pk=pk)
            operations.dismiss_flag(flag_id=row.pk, actor=Actor.of_user(request.user), at=timezone.now())
            messages.success(request, _("Both stand."))
        return HttpResponseRedirect(f"{reverse('admin:knowledge_qualityflag_changelist')}?open=1")


@admin.register(KnowledgePolicy)
class KnowledgePolicyAdmin(SimpleHistoryAdmin, ModelAdmin):
    """Administrators say how the room is kept: self-review, review dates, what counts as unused."""

    list_display = ("__str__", "self_review_below", "review_after_days", "calendar")

    def get_fields(self, request: HttpRequest, obj: KnowledgePolicy | None = None) -> Any:
        """Who only looks reads the delay in words."""
        fields = list(super().get_fields(request, obj))
        if self.has_change_permission(request, obj):
            return fields
        return list(dict.fromkeys("delay_words" if name == "self_review_delay" else name for name in fields))

    def get_readonly_fields(self, request: HttpRequest, obj: KnowledgePolicy | None = None) -> Any:
        return () if self.has_change_permission(request, obj) else ("delay_words",)

    @admin.display(description=KnowledgePolicy._meta.get_field("self_review_delay").verbose_name)
    def delay_words(self, policy: KnowledgePolicy) -> str:
        return span_words(policy.self_review_delay)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not KnowledgePolicy.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: KnowledgePolicy, form: Any, change: bool) -> None:
        """There is one."""
        obj.pk = 1
        super().save_model(request, obj, form, change)
