"""Review in the admin: handlers and supervisors decide drafts; administrators keep levels and boundaries."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin

from foundation.actors import Actor
from foundation.errors import DomainError
from people.admin import narrowed
from people.models import staff_of
from review import operations
from review.models import AutomationLevel, Draft, DraftState, Finding, RiskBoundary, Verdict
from review.presenters import alert_words, reason_words, topic_words

REJECT_REASONS = {
    "wrong_wording": gettext_lazy("Wording does not fit"),
    "wrong_case": gettext_lazy("Wrong case or person"),
    "missing_facts": gettext_lazy("Facts are missing; ask first"),
    "not_needed": gettext_lazy("No answer is needed"),
    "answered_otherwise": gettext_lazy("Answered in another way"),
    "other": gettext_lazy("Other"),
}


@admin.register(Draft)
class DraftAdmin(ModelAdmin):
    """The review queue, and the page on which a handler or supervisor decides one draft."""

    list_display = ("summary", "reply_kind", "conversation", "case", "why", "required_right", "state", "created_at")
    list_filter = ("state", "required_right", "reply_kind")
    list_select_related = ("conversation", "case", "case__flow", "cause", "claimed_by")
    list_display_links = ("summary",)
    search_fields = ("text", "conversation__name", "case__number")
    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff_of(request.user) is not None or bool(getattr(request.user, "is_superuser", False))

    has_change_permission = has_view_permission

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Draft]:
        urgency = Case(When(required_right="supervisor", then=Value(0)), default=Value(1), output_field=IntegerField())
        rows = narrowed(request, super().get_queryset(request))
        found: QuerySet[Draft] = rows.annotate(urgency=urgency).order_by("urgency", "created_at")
        return found

    @admin.display(description=gettext_lazy("proposed wording"))
    def summary(self, draft: Draft) -> str:
        return (draft.text or _("(no wording yet)"))[:48]

    @admin.display(description=gettext_lazy("why it is held"))
    def why(self, draft: Draft) -> str:
        return "；".join(reason_words(reason) for reason in draft.reasons[:2])

    def get_urls(self) -> list[Any]:
        own: list[Any] = [
            path("<path:object_id>/decide/", self.admin_site.admin_view(self.decide_view), name="review_draft_decide")
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        draft = get_object_or_404(
            self.get_queryset(request).select_related("conversation", "case__customer", "cause__sender"), pk=object_id
        )
        staff = staff_of(request.user)
        if draft.state == DraftState.PENDING and staff is not None:
            try:
                operations.claim(draft_id=draft.pk, by=staff, at=timezone.now())
            except DomainError as error:
                messages.warning(request, str(error))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Review"),
            "opts": self.model._meta,
            "draft": draft,
            "staff": staff,
            "may_release": staff is not None and operations.may_release(staff, draft),
            "pending": draft.state == DraftState.PENDING,
            "thread": self._thread(draft),
            "source_thread": self._source_thread(draft),
            "reasons": [reason_words(reason) for reason in draft.reasons],
            "topics": [topic_words(topic) for topic in draft.risk_topics],
            "alerts": [alert_words(alert) for alert in draft.alerts],
            "sources": draft.sources.all(),
            "waits": draft.case.waits.open().select_related("on", "owner") if draft.case else [],
            "verdicts": [(row, [reason_words(r) for r in row.refusals]) for row in draft.verdicts.select_related("by").order_by("-pk")],
            "reject_reasons": REJECT_REASONS.items(),
            "seen_position": draft.conversation.last_position if draft.conversation else 0,
            "text": request.session.pop(f"draft-{draft.pk}", draft.text),
            "next": self.get_queryset(request).filter(state=DraftState.PENDING).exclude(pk=draft.pk).first(),
            "now": timezone.now(),
            **(extra_context or {}),
        }  # fmt: skip
        return TemplateResponse(request, "admin/review/draft/page.html", context)

    @staticmethod
    def _thread(draft: Draft) -> list[Any]:
        if draft.conversation is None:
            return []
        rows = (
            draft.conversation.messages.select_related("sender")
            .prefetch_related("attachments")
            .order_by("-position")[:20]
        )
        return list(reversed(rows))

    @staticmethod
    def _source_thread(draft: Draft) -> list[Any]:
        if draft.cause is None or draft.cause.conversation_id == draft.conversation_id:
            return []
        rows = (
            draft.cause.conversation.messages.select_related("sender")
            .prefetch_related("attachments")
            .filter(position__lte=draft.cause.position)
            .order_by("-position")[:6]
        )
        return list(reversed(rows))

    def decide_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Carry out one verdict. POST only; a refusal is shown in words and leaves the draft as it was."""
        here = reverse("admin:review_draft_change", args=[object_id])
        if request.method != "POST":
            return HttpResponseRedirect(here)
        draft = get_object_or_404(self.get_queryset(request), pk=object_id)
        staff = staff_of(request.user)
        if staff is None:
            raise PermissionDenied
        do, text = request.POST.get("do", ""), request.POST.get("text", "").strip().replace("\r\n", "\n")
        if do not in Verdict.Do.values or do == Verdict.Do.AUTO:
            raise PermissionDenied
        if do == Verdict.Do.APPROVE and text and text != draft.text:
            do = Verdict.Do.EDIT
        try:
            verdict = operations.decide(
                draft_id=draft.pk, by=staff, do=do, actor=Actor.of_user(request.user), at=timezone.now(), text=text,
                reason_code=request.POST.get("reason_code", ""), reason=request.POST.get("reason", ""),
                seen_position=int(request.POST.get("seen_position") or 0), seen_hash=request.POST.get("seen_hash", ""),
            )  # fmt: skip
        except DomainError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(here)
        if not verdict.accepted:
            for refusal in verdict.refusals:
                messages.error(request, reason_words(refusal))
            request.session[f"draft-{draft.pk}"] = text
            return HttpResponseRedirect(here)
        messages.success(request, _("Done: %(verdict)s") % {"verdict": verdict.get_do_display()})
        upcoming = self.get_queryset(request).filter(state=DraftState.PENDING).first()
        if upcoming is not None:
            return HttpResponseRedirect(reverse("admin:review_draft_change", args=[upcoming.pk]))
        return HttpResponseRedirect(f"{reverse('admin:review_draft_changelist')}?state__exact=pending")


@admin.register(AutomationLevel)
class AutomationLevelAdmin(SimpleHistoryAdmin, ModelAdmin):
    """Supervisors say which kinds of text may go without review."""

    list_display = ("reply_kind", "flow", "conversation_kind", "level", "changed_by", "note")
    list_filter = ("level", "reply_kind")
    list_select_related = ("flow",)


@admin.register(RiskBoundary)
class RiskBoundaryAdmin(SimpleHistoryAdmin, ModelAdmin):
    """Administrators say who may release what."""

    list_display = ("words", "right")

    @admin.display(description=gettext_lazy("topic"))
    def words(self, row: RiskBoundary) -> str:
        return topic_words(row.topic) if topic_words(row.topic) != row.topic else alert_words(row.topic)


@admin.register(Finding)
class FindingAdmin(ModelAdmin):
    """Quality looks at what was typed by hand and should not have been."""

    list_display = ("message", "kind", "words", "at", "handled_at")
    list_select_related = ("message",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
