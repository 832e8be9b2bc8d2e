"""Import and export in the admin: bring a file, see what it would change, take it over; write everything out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from foundation.actors import Actor
from foundation.errors import DomainError
from knowledge import clock, operations, permissions, queries
from knowledge.admin.base import Looked, must, say_refusal
from knowledge.admin.forms import FIELD
from knowledge.exchange import columns
from knowledge.exchange.plan import CHANGE, CREATE, SAME, WRONG
from knowledge.exchange.tables import MAX_BYTES
from knowledge.exchange.writing import FORMATS, exported, write
from knowledge.models import ImportRun, ImportState, KnowledgeItem, KnowledgeKind
from knowledge.presenters import marked
from people.models import staff_of

SHOWN = 300


class FileForm(forms.Form):
    """A file to look at."""

    file = forms.FileField(
        label=gettext_lazy("file"),
        widget=forms.FileInput(attrs={**FIELD, "accept": ".xlsx,.csv,.tsv,.txt,.md,.markdown"}),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("kind where the file names none"), choices=KnowledgeKind.choices,
        initial=KnowledgeKind.CUSTOMER_WORDING, widget=forms.Select(attrs=FIELD),
    )  # fmt: skip


@admin.register(ImportRun)
class ImportRunAdmin(Looked):
    """Editors bring tables; the page of one shows row by row what it would change, before anything is written."""

    list_display = ("file_name", "state", "counted", "by", "created_at", "applied_at")
    list_filter = ("state",)
    list_select_related = ("by",)
    ordering = ("-created_at",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return permissions.can(request.user, "import")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return permissions.can(request.user, "import")

    @admin.display(description=gettext_lazy("rows"))
    def counted(self, run: ImportRun) -> str:
        if not run.summary:
            return "—"
        return _("%(new)d new, %(changed)d changed, %(same)d as before, %(wrong)d left out") % {
            "new": run.summary.get(CREATE, 0), "changed": run.summary.get(CHANGE, 0), "same": run.summary.get(SAME, 0),
            "wrong": run.summary.get(WRONG, 0),
        }  # fmt: skip

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        own: list[Any] = [
            path("export/", view(self.export_view), name="knowledge_importrun_export"),
            path("<int:pk>/do/", view(self.do_view), name="knowledge_importrun_do"),
        ]
        return [*own, *super().get_urls()]

    def _page(self, request: HttpRequest, template: str, title: str, **context: Any) -> TemplateResponse:
        everything = {**self.admin_site.each_context(request), "title": title, "opts": self.model._meta, **context}
        return TemplateResponse(request, f"admin/knowledge/{template}.html", everything)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Bring a file."""
        must(request, "import")
        form = FileForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                run = operations.begin_import(
                    file_name=file.name, data=file.read(MAX_BYTES + 1), kind=form.cleaned_data["kind"], by=staff_of(request.user),
                    actor=Actor.of_user(request.user), at=timezone.now(),
                )  # fmt: skip
            except DomainError as error:
                form.add_error("file", str(error))
            else:
                return HttpResponseRedirect(reverse("admin:knowledge_importrun_change", args=[run.pk]))
        recent = self.get_queryset(request).select_related("by")[:8]
        return self._page(
            request, "import", _("Import"), form=form, recent=[(run, self.counted(run)) for run in recent]
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What a file would change, or what became of it."""
        must(request, "import")
        run = get_object_or_404(self.get_queryset(request).select_related("by"), pk=object_id)
        if run.state != ImportState.CHECKED:
            return self._page(
                request,
                "imported",
                run.file_name,
                run=run,
                sheets=operations.sheets_of(run),
                counted=self.counted(run),
                when=clock.words(run.applied_at, now=timezone.now()),
            )
        table = operations.table_of(run)
        plan = operations.plan_of(run)
        order = {WRONG: 0, CHANGE: 1, CREATE: 2, SAME: 3}
        steps = sorted(plan.steps, key=lambda step: (order[step.do], not step.hints, step.row))
        return self._page(
            request, "plan", run.file_name, run=run, sheets=operations.sheets_of(run), counts=plan.counts(), seen=plan.fingerprint(), notes=table.notes,
            columns=[
                (index, header, run.columns["fields"][index], next((cells[index] for _number, cells in table.rows if cells[index].strip()), ""))
                for index, header in enumerate(table.headers)
            ],
            choices=columns.choices(), kinds=KnowledgeKind.choices, information={str(key) for key in columns.INFORMATION},
            mend=sum(bool(step.hints) for step in plan.steps),
            unclear=bool(plan.counts()[WRONG]) or not {"title", "body"} <= set(run.columns["fields"]),
            left_out=[header for header, key in zip(table.headers, run.columns["fields"], strict=False) if not key],
            steps=[
                (step, KnowledgeKind(step.kind).label if step.kind else "", [(one.label, marked(one.before, one.after)) for one in step.differences])
                for step in steps[:SHOWN]
            ],
            more=max(len(steps) - SHOWN, 0), do=plan.counts()[CREATE] + plan.counts()[CHANGE],
        )  # fmt: skip

    def do_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Map columns, take a file over, or discard it. POST only."""
        here = reverse("admin:knowledge_importrun_change", args=[pk])
        if request.method != "POST":
            return HttpResponseRedirect(here)
        must(request, "import")
        run = get_object_or_404(self.get_queryset(request), pk=pk)
        at, actor = timezone.now(), Actor.of_user(request.user)
        try:
            match request.POST.get("do"):
                case "map":
                    known = {key for key, _label in columns.choices()} | set(columns.INFORMATION)
                    count = len(run.columns.get("fields", []))
                    fields = [request.POST.get(f"column-{index}", "") for index in range(count)]
                    kind = request.POST.get("kind", run.kind)
                    operations.map_columns(
                        run_id=run.pk, fields=[key if key in known else "" for key in fields],
                        kind=kind if kind in KnowledgeKind.values else run.kind,
                    )  # fmt: skip
                case "discard":
                    operations.discard_import(run_id=run.pk, actor=actor, at=at)
                    return HttpResponseRedirect(reverse("admin:knowledge_importrun_add"))
                case "apply":
                    counts = operations.apply_import(
                        run_id=run.pk, seen=request.POST.get("seen", ""), by=staff_of(request.user), actor=actor, at=at
                    )
                    messages.success(
                        request,
                        _("%(new)d new drafts, %(changed)d changed.")
                        % {"new": counts[CREATE], "changed": counts[CHANGE]},
                    )
                    for other in operations.sheets_of(run):
                        if other.state == ImportState.CHECKED:
                            address = reverse("admin:knowledge_importrun_change", args=[other.pk])
                            words = _("The sheet “%(sheet)s” is not taken over yet.") % {"sheet": other.sheet}
                            messages.info(
                                request,
                                format_html('{} <a class="aj-link" href="{}">{}</a>', words, address, _("Look at it")),
                            )
                    here = f"{reverse('admin:knowledge_knowledgeitem_changelist')}?file={run.pk}"
                    count = len(queries.to_mend(_items_of(run.pk)))
                    if count:
                        messages.warning(request, _mend_words(count, f"{here}&care=mend"))
                    return HttpResponseRedirect(here)
        except DomainError as error:
            say_refusal(request, error)
        return HttpResponseRedirect(here)

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """Choose what to write out, and get it."""
        must(request, "export")
        format = request.GET.get("format", "")
        if format not in FORMATS:
            count = KnowledgeItem.objects.count()
            return self._page(
                request, "export", _("Export"), kinds=KnowledgeKind.choices, count=count, formats=list(FORMATS)
            )
        rows = KnowledgeItem.objects.all()
        if request.GET.get("kind") in KnowledgeKind.values:
            rows = rows.filter(kind=request.GET["kind"])
        if request.GET.get("only") == "published":
            rows = rows.filter(versions__state="published")
        data = write(exported(rows.values_list("pk", flat=True)), format)
        answer = HttpResponse(data, content_type=FORMATS[format])
        name = f"knowledge-{timezone.now().astimezone(clock.zone()):%Y%m%d-%H%M}.{format}"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


def _items_of(run_id: int) -> list[int]:
    """What a file has become."""
    return list(ImportRun.objects.values_list("items", flat=True).get(pk=run_id))


def _mend_words(count: int, address: str) -> str:
    """How many drafts of a file somebody has to look at, with the way there."""
    words = ngettext(
        "%(count)d draft lacks something or may hold personal data.",
        "%(count)d drafts lack something or may hold personal data.",
        count,
    ) % {"count": count}
    return format_html('{} <a class="aj-link" href="{}">{}</a>', words, address, _("Show them"))
