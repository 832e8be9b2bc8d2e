"""What is learned from decisions, in the admin: labels, examples, trained models, consent."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin

from cases.admin.common import ReadOnly
from foundation.actors import Actor
from foundation.errors import DomainError
from knowledge.citing import citations
from people.models import staff_of
from review.models import Draft
from review.presenters import reason_words, topic_words
from triage import learning
from triage.models import Decision, LabelledExample, LearningPolicy, Mode, ModelCandidate
from triage.presenters import AXES, intent_words, note_words
from triage.queries import sources_of
from triage.retraining_figures import FEW, figure_rows
from triage.understanding import understanding

THREAD = 12


class LabelsDecisions(ModelAdmin):
    """The page of one decision, on which whoever works with it says whether it was understood rightly."""

    def get_urls(self) -> list[Any]:
        own: list[Any] = [
            path("<int:object_id>/label/", self.admin_site.admin_view(self.label_view), name="triage_decision_label")
        ]
        return [*own, *super().get_urls()]

    def _decision(self, request: HttpRequest, object_id: object) -> Decision:
        rows = self.get_queryset(request).select_related(
            "conversation", "case__customer", "wait", "message__conversation", "message__sender", "message__identity"
        )
        found: Decision = get_object_or_404(rows, pk=object_id)
        return found

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One decision: what was said, what was understood, and the form."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        decision = self._decision(request, object_id)
        staff = staff_of(request.user)
        rows = decision.conversation.messages.select_related("sender").prefetch_related("attachments__blob__reading")
        rows = rows.filter(position__lte=decision.message.position + 2).order_by("-position")[:THREAD]
        labels = learning.labels_of(decision)
        drafts = Draft.objects.filter(decision_ref=decision.public_id).order_by("pk")
        context = {
            **self.admin_site.each_context(request),
            "title": f"{decision.get_mode_display()} · {decision.conversation}",
            "opts": self.model._meta,
            "thread": list(reversed(rows)),
            "reasons": [
                *(reason_words(reason) for reason in decision.reasons), *(note_words(note) for note in decision.engine_notes),
            ],
            "statements": decision.statements.order_by("number"),
            "certainty": [
                (AXES.get(name, name), round(100 * value)) for name, value in decision.confidence.items()
                if not name.startswith("p_") and isinstance(value, int | float)
            ],
            "engine": _("language model") if decision.engine == "llm" else _("local engine"),
            "drafts": [draft for draft in drafts if staff is None or Draft.objects.visible_to(staff).filter(pk=draft.pk).exists()],
            "citations": citations(sources_of(decision), at=timezone.now()),
            "machine": understanding(decision, learning.machine_labels(decision))["summary"],
            **understanding(decision, labels),
            "back": "decision",
            "may_label": staff is not None and request.user.has_perm("triage.label_decision"),
            **(extra_context or {}),
        }  # fmt: skip
        return TemplateResponse(request, "admin/triage/decision/page.html", context)

    def label_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Keep what a person says that the message means. POST only."""
        back = request.POST.get("back", "")
        here = HttpResponseRedirect(reverse("admin:triage_decision_change", args=[object_id]))
        if back.startswith("draft:") and back[6:].isdigit():
            here = HttpResponseRedirect(reverse("admin:review_draft_change", args=[int(back[6:])]))
        if request.method != "POST":
            return here
        decision, staff = self._decision(request, object_id), staff_of(request.user)
        if staff is None or not request.user.has_perm("triage.label_decision"):
            raise PermissionDenied
        data = request.POST
        labels = learning.Labels(
            intent=data.get("intent", ""), business_class=data.get("business_class", ""),
            service_context=data.get("service_context", ""), risk_topics=tuple(sorted(set(data.getlist("risk_topics")))),
            mode=data.get("mode", ""), case=_number(data.get("case")), wait=_number(data.get("wait")),
        )  # fmt: skip
        try:
            row = learning.label_decision(
                decision_id=decision.pk, labels=labels, by=staff, actor=Actor.of_user(request.user), at=timezone.now()
            )
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, str(row.get_kind_display()))
        return here


def _number(words: str | None) -> int | None:
    return int(words) if words and words.isdigit() else None


class RemovedFilter(admin.SimpleListFilter):
    """Examples that are there, and those that were removed."""

    title = gettext_lazy("removed")
    parameter_name = "removed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", _("Removed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(removed_at__isnull=self.value() != "1")


@admin.register(LabelledExample)
class LabelledExampleAdmin(ReadOnly):
    """Whoever answers for the data looks over what is kept for training, and takes out what should not be there."""

    list_display = ("words", "kind", "label", "by", "at")
    list_filter = (RemovedFilter, "kind")
    list_select_related = ("by",)
    fields = ("words", "label", "kind", "by", "at", "removed_at", "removed_by", "as_written")
    readonly_fields = ("words", "label", "as_written")
    ordering = ("-at",)
    actions = ("remove",)
    change_list_template = "admin/triage/labelledexample/change_list.html"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("triage.view_labelledexample"))

    @admin.display(description=gettext_lazy("text"))
    def words(self, row: LabelledExample) -> str:
        return str(row)

    @admin.display(description=gettext_lazy("labels"))
    def label(self, row: LabelledExample) -> str:
        expect = row.row.get("expect") or {}
        return " · ".join(
            [
                intent_words(expect.get("intent", "")),
                str(dict(Mode.choices).get(expect.get("mode", ""), "")),
                *(topic_words(topic) for topic in expect.get("risk_topics", ())),
            ]
        ).strip(" ·")

    @admin.display(description=gettext_lazy("example"))
    def as_written(self, row: LabelledExample) -> str:
        return format_html(
            '<details><summary class="aj-link">{}</summary><pre lang="zxx" class="aj-raw">{}</pre></details>',
            _("Show it as it is written for training"), json.dumps(row.row, ensure_ascii=False, indent=1),
        )  # fmt: skip

    @admin.action(description=gettext_lazy("Remove for good"), permissions=["remove"])
    def remove(self, request: HttpRequest, queryset: QuerySet[LabelledExample]) -> None:
        """Their words are erased; later verdicts do not bring them back."""
        actor, at = Actor.of_user(request.user), timezone.now()
        done = sum(
            learning.remove_example(example_id=pk, actor=actor, at=at) for pk in queryset.values_list("pk", flat=True)
        )
        messages.success(request, _("%(count)s removed.") % {"count": done})

    def has_remove_permission(self, request: HttpRequest) -> bool:
        """Who may take examples out."""
        return bool(request.user.has_perm("triage.delete_labelledexample"))

    def get_urls(self) -> list[Any]:
        own: list[Any] = [
            path("export/", self.admin_site.admin_view(self.export_view), name="triage_labelledexample_export")
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with whether examples are kept at all."""
        more = {
            "keeps": LearningPolicy.allows_keeping(),
            "count": self.get_queryset(request).filter(removed_at__isnull=True).count(),
            "may_export": self.has_remove_permission(request),
        }
        page: HttpResponse = super().changelist_view(request, {**more, **(extra_context or {})})
        return page

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """All kept examples that this person may see, one JSON object a line. POST only; on record."""
        if request.method != "POST":
            return HttpResponse(status=405)
        if not self.has_remove_permission(request):
            raise PermissionDenied
        at = timezone.now()
        rows = learning.export_examples(
            examples=self.get_queryset(request).filter(removed_at__isnull=True).order_by("pk"),
            actor=Actor.of_user(request.user), at=at,
        )  # fmt: skip
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        answer = HttpResponse(lines, content_type="application/x-ndjson; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="examples-{timezone.localtime(at):%Y%m%d}.jsonl"'
        return answer


@admin.register(LearningPolicy)
class LearningPolicyAdmin(SimpleHistoryAdmin, ModelAdmin):
    """Administrators decide whether verdicts are kept as examples, and note on what ground."""

    list_display = ("__str__", "keep_examples", "note")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not LearningPolicy.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ModelCandidate)
class ModelCandidateAdmin(ReadOnly):
    """Administrators compare a trained model with the one before it, and switch over, or back."""

    list_display = ("version", "made_at", "examples", "against", "is_active", "switched_at", "switched_by")
    empty_words = gettext_lazy(
        "Models that are trained with the team's examples appear here before anybody switches to them."
    )
    ordering = ("-made_at",)

    @admin.display(description=gettext_lazy("compared with"), ordering="compared_with")
    def against(self, row: ModelCandidate) -> str:
        return _("the shipped model") if row.compared_with == "shipped" else row.compared_with

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("triage.view_modelcandidate"))

    def get_urls(self) -> list[Any]:
        own: list[Any] = [
            path(
                "<int:object_id>/switch/", self.admin_site.admin_view(self.switch_view), name="triage_modelcandidate_switch"
            )
        ]  # fmt: skip
        return [*own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The figures of both models side by side."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        candidate = get_object_or_404(ModelCandidate, pk=object_id)
        parts = []
        for part, title in (
            ("examples", _("On held-back examples of the team")),
            ("project", _("On held-back rows of the project")),
        ):
            rows = figure_rows(candidate.figures, part)
            size = candidate.figures.get(part, {}).get("new", {}).get("rows", 0)
            parts.append((f"{title} ({size})", 0 < size < FEW, rows))
        context = {
            **self.admin_site.each_context(request),
            "title": str(candidate),
            "opts": self.model._meta,
            "candidate": candidate,
            "parts": parts,
            "old_name": _("the shipped model") if candidate.compared_with == "shipped" else candidate.compared_with,
            "may_switch": request.user.has_perm("triage.switch_model"),
            **(extra_context or {}),
        }  # fmt: skip
        return TemplateResponse(request, "admin/triage/modelcandidate/page.html", context)

    def switch_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Switch to this model, or back to the one that ships. POST only."""
        here = HttpResponseRedirect(reverse("admin:triage_modelcandidate_change", args=[object_id]))
        if request.method != "POST":
            return here
        if not request.user.has_perm("triage.switch_model"):
            raise PermissionDenied
        wanted = None if request.POST.get("do") == "back" else object_id
        try:
            learning.switch_model(
                candidate_id=wanted, reason=request.POST.get("reason", ""), actor=Actor.of_user(request.user), at=timezone.now()
            )  # fmt: skip
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Switched.") if wanted else _("The shipped model reads again."))
        return here
