"""The automation levels in the admin, with the figures that speak for a rise."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin

from cases.models import ServiceFlow
from conversations.models import CUSTOMER_VISIBLE, ConversationKind
from foundation.actors import Actor
from foundation.errors import DomainError
from foundation.wording import told
from review import ladder
from review.models import AutomationLevel, Level, ReplyKind
from review.presenters import held_words


class LevelForm(forms.Form):
    """A level for a flow (or all), conversations (or all) and a kind of reply."""

    flow = forms.ModelChoiceField(ServiceFlow.objects.all(), required=False)
    conversation_kind = forms.ChoiceField(required=False)
    reply_kind = forms.ChoiceField(choices=ReplyKind.choices)
    level = forms.ChoiceField(choices=Level.choices)
    note = forms.CharField(max_length=255, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            ("", ""),
            *((c, w) for c, w in ConversationKind.choices if c in CUSTOMER_VISIBLE or c == "partner_group"),
        ]
        self.fields["conversation_kind"].choices = choices  # type: ignore[attr-defined]


@admin.register(AutomationLevel)
class AutomationLevelAdmin(SimpleHistoryAdmin, ModelAdmin):
    """Supervisors say which kinds of text may go without review, with the figures that speak for it before them."""

    list_display = (
        "reply_kind",
        "which_flow",
        "where",
        "level",
        "seen_drafts",
        "seen_shares",
        "seen_wrong",
        "changed_by",
        "changed_at",
    )
    list_filter = ("level", "reply_kind")
    list_select_related = ("flow",)
    list_per_page = 50

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A row that is gone might raise a level: it is set anew instead."""
        return False

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        """An earlier level is set again like any other, with today's figures."""
        return True

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The rows of the page with their figures: four queries for all."""
        page: Any = super().get_changelist_instance(request)
        rows = list(page.result_list)
        figures = ladder.figures_of({ladder.scope_of(row) for row in rows}, at=timezone.now())
        for row in rows:
            row.seen = figures[ladder.scope_of(row)]
        page.result_list = rows
        return page

    @admin.display(description=gettext_lazy("service flow"), ordering="flow")
    def which_flow(self, row: AutomationLevel) -> str:
        return str(row.flow) if row.flow else gettext("Every flow")

    @admin.display(description=gettext_lazy("conversations"), ordering="conversation_kind")
    def where(self, row: AutomationLevel) -> str:
        return str(dict(ConversationKind.choices).get(row.conversation_kind, "")) or gettext("All conversations")

    @admin.display(description=gettext_lazy("drafts in 30 days"))
    def seen_drafts(self, row: Any) -> int:
        return int(row.seen.drafts)

    @admin.display(description=gettext_lazy("unchanged / edited / rejected"))
    def seen_shares(self, row: Any) -> str:
        seen: ladder.Figures = row.seen
        if not seen.decided:
            return "—"
        shares = " / ".join(f"{seen.share(count):.0%}" for count in (seen.unchanged, seen.edited, seen.rejected))
        return f"{shares} ({seen.decided})"

    @admin.display(description=gettext_lazy("wrong sends"))
    def seen_wrong(self, row: Any) -> int:
        return int(row.seen.wrong)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Set a level where there is no row yet (or for one that there is)."""
        return self._page(request, None)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The level of a row, its figures, and how it came about."""
        return self._page(request, get_object_or_404(AutomationLevel.objects.select_related("flow"), pk=object_id))

    def _page(self, request: HttpRequest, row: AutomationLevel | None) -> HttpResponse:
        may = self.has_change_permission(request, row) if row else self.has_add_permission(request)
        if not (may or (row is not None and self.has_view_permission(request, row))):
            raise PermissionDenied
        at, asking = timezone.now(), False
        start: dict[str, Any] = {"level": Level.REVIEW}
        if row is not None:
            start = {
                "flow": row.flow,
                "conversation_kind": row.conversation_kind,
                "reply_kind": row.reply_kind,
                "level": row.level,
            }
        data = {
            **request.POST.dict(),
            **({**start, "flow": row.flow_id, "level": request.POST.get("level", "")} if row else {}),
        }
        form = LevelForm(data if request.method == "POST" else None, initial=start)
        chosen = start
        if request.method == "POST":
            if not may:
                raise PermissionDenied
            if form.is_valid():
                chosen = form.cleaned_data
                try:
                    saved = ladder.set_level(
                        flow=chosen["flow"], conversation_kind=chosen["conversation_kind"], reply_kind=chosen["reply_kind"],
                        level=chosen["level"], note=chosen["note"], actor=Actor.of_user(request.user), at=at,
                        confirmed=request.POST.get("confirmed") == "yes",
                    )  # fmt: skip
                except DomainError as error:
                    asking = error.code == "not_confirmed"
                    if not asking:
                        messages.error(request, str(error))
                else:
                    messages.success(request, f"{saved}")
                    return HttpResponseRedirect(reverse("admin:review_automationlevel_changelist"))
        flow = chosen.get("flow")
        scope = (flow.pk if flow else None, chosen.get("conversation_kind") or "", str(chosen.get("reply_kind") or ""))
        seen = ladder.figures_of([scope], at=at)[scope]
        context = {
            **self.admin_site.each_context(request),
            "title": told(gettext("Automation level"), row.get_reply_kind_display()) if row is not None else gettext("Add %(name)s") % {"name": self.model._meta.verbose_name},
            "opts": self.model._meta,
            "row": row,
            "form": form,
            "may": may,
            "asking": asking,
            "chosen": chosen,
            "known_kind": bool(scope[2]),
            "seen": seen,
            "shares": [
                (words, count, f"{seen.share(count):.0%}" if seen.decided else "—")
                for words, count in (
                    (gettext("Approved unchanged"), seen.unchanged), (gettext("Approved with changes"), seen.edited),
                    (gettext("Rejected"), seen.rejected), (gettext("Taken over"), seen.taken_over),
                )
            ],
            "held": [(held_words(code), count) for code, count in seen.held.most_common(6)],
            "enough": ladder.ENOUGH,
            "past": row.history.order_by("-history_date")[:8] if row else [],  # type: ignore[attr-defined]
        }  # fmt: skip
        return TemplateResponse(request, "admin/review/automationlevel/page.html", context)
