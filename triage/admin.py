"""Triage in the admin: how messages were understood, and how asking the language model goes."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin

from cases.admin.common import ReadOnly
from review.presenters import reason_words
from triage.admin_learning import LabelsDecisions
from triage.engines.llm import budget
from triage.models import Decision, LlmCall, LlmPolicy
from triage.presenters import INTENTS, class_words, code_words, intent_words, note_words, step_words
from triage.queries import engine_status


class IntentFilter(admin.SimpleListFilter):
    """By what the sender was doing."""

    title = gettext_lazy("intent")
    parameter_name = "intent"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(code, str(words)) for code, words in INTENTS.items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(intent=self.value()) if self.value() else queryset


class FallbackFilter(admin.SimpleListFilter):
    """Decisions for which the local engine stood in for the language model."""

    title = gettext_lazy("why the local engine stood in")
    parameter_name = "fallback"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Reasons that occurred."""
        codes = Decision.objects.exclude(fallback="").order_by("fallback").values_list("fallback", flat=True).distinct()
        return [("any", _("for any reason")), *((code, code_words(code)) for code in codes)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Narrow the list."""
        if self.value() == "any":
            return queryset.exclude(fallback="")
        return queryset.filter(fallback=self.value()) if self.value() else queryset


@admin.register(Decision)
class DecisionAdmin(LabelsDecisions, ReadOnly):
    """What was understood, by which engine, and why it was sent, held or recorded."""

    list_display = ("said", "mode", "meant", "about", "of_case", "answered_by", "at")
    list_filter = ("mode", IntentFilter, "engine", FallbackFilter)
    list_select_related = ("message", "case", "case__flow")
    ordering = ("-at",)
    fields = (
        "message", "conversation", "case", "wait", "mode", "why", "meant", "about", "service_context", "risk_topics", "alerts",
        "confidence", "engine", "engine_version", "engine_story", "at",
    )  # fmt: skip
    readonly_fields = ("why", "meant", "about", "engine_story")

    @admin.display(description=gettext_lazy("message"))
    def said(self, row: Decision) -> str:
        return str(row.message)

    @admin.display(description=gettext_lazy("case"))
    def of_case(self, row: Decision) -> str:
        return str(row.case or "—")

    @admin.display(description=gettext_lazy("intent"), ordering="intent")
    def meant(self, row: Decision) -> str:
        return intent_words(row.intent)

    @admin.display(description=gettext_lazy("business class"), ordering="business_class")
    def about(self, row: Decision) -> str:
        return class_words(row.business_class)

    @admin.display(description=gettext_lazy("engine"), ordering="engine")
    def answered_by(self, decision: Decision) -> str:
        """The engine, and why it was not the other one."""
        name = _("language model") if decision.engine == "llm" else _("local")
        return f"{name} ({code_words(decision.fallback)})" if decision.fallback else name

    @admin.display(description=gettext_lazy("reasons"))
    def why(self, decision: Decision) -> str:
        """The reasons in words."""
        return "；".join(reason_words(reason) for reason in decision.reasons) or "—"

    @admin.display(description=gettext_lazy("what became of asking outside"))
    def engine_story(self, decision: Decision) -> str:
        """Every question in a sentence."""
        return format_html_join("", "<div>{}</div>", ((note_words(note),) for note in decision.engine_notes)) or "—"


@admin.register(LlmCall)
class LlmCallAdmin(ReadOnly):
    """Supervisors and administrators look up when the language model failed, and what it cost. It holds nobody's words."""

    empty_words = gettext_lazy("The language model was not asked. The local engine reads everything on this machine.")

    list_display = (
        "at",
        "step_in_words",
        "outcome_in_words",
        "why",
        "tries",
        "milliseconds",
        "tokens",
        "model",
        "prompt",
    )
    list_filter = ("outcome", "step", "code")
    ordering = ("-at",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may see how the engines do."""
        return request.user.has_perm("triage.view_llmcall")

    @admin.display(description=gettext_lazy("step"), ordering="step")
    def step_in_words(self, call: LlmCall) -> str:
        """What was asked for."""
        return step_words(call.step)

    @admin.display(description=gettext_lazy("outcome"), ordering="outcome", boolean=True)
    def outcome_in_words(self, call: LlmCall) -> bool:
        """Whether there was a valid answer."""
        return call.outcome == "used"

    @admin.display(description=gettext_lazy("why not"), ordering="code")
    def why(self, call: LlmCall) -> str:
        """Why there was none."""
        return " · ".join(filter(None, (code_words(call.code), call.detail))) if call.code else ""


@admin.register(LlmPolicy)
class LlmPolicyAdmin(SimpleHistoryAdmin, ModelAdmin):
    """Supervisors and administrators see which engine answers and what it costs; administrators say what it may cost."""

    fieldsets = (
        (None, {"fields": ("enabled", "wording")}),
        (gettext_lazy("Budget"), {"fields": ("calls_per_day", "tokens_per_day", "timeout_seconds", "cache_hours")}),
        (gettext_lazy("Personal data"), {"fields": ("mask_personal_data",)}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one row."""
        return super().has_add_permission(request) and not LlmPolicy.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It is changed, not deleted."""
        return False

    def get_urls(self) -> list[Any]:
        """With the button that ends a rest."""
        again = path("ask-again/", self.admin_site.admin_view(self.ask_again_view), name="triage_llmpolicy_ask_again")
        return [again, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The page on how the engines do, in place of a list of one row."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        status = engine_status(at=timezone.now())
        row = LlmPolicy.objects.filter(pk=1).first()
        edit = ""
        if self.has_change_permission(request) and row is not None:
            edit = reverse("admin:triage_llmpolicy_change", args=[1])
        elif self.has_add_permission(request):
            edit = reverse("admin:triage_llmpolicy_add")
        context = {
            **self.admin_site.each_context(request),
            "title": capfirst(str(self.model._meta.verbose_name_plural)),
            "opts": self.model._meta,
            "status": status,
            "why_local": code_words(status.why_local),
            "resting": code_words(budget.resting()),
            "by_engine": [(name, code_words(code), count) for name, code, count in status.by_engine],
            "failures": [(call, step_words(call.step), code_words(call.code)) for call in status.failures],
            "edit": edit,
            "may_change": self.has_change_permission(request),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/triage/llmpolicy/status.html", context)

    def ask_again_view(self, request: HttpRequest) -> HttpResponse:
        """End the rest after failures. POST only."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            budget.release_brake()
            messages.success(request, _("The language model is asked again from now on."))
        return HttpResponseRedirect(reverse("admin:triage_llmpolicy_changelist"))

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Back to the page."""
        return HttpResponseRedirect(reverse("admin:triage_llmpolicy_changelist"))

    response_post_save_add = response_post_save_change
