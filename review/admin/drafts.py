"""The review queue, and the page on which a handler or supervisor decides one draft."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from foundation.actors import Actor
from foundation.errors import DomainError
from people.admin import narrowed
from people.models import StaffMember, staff_of
from review import operations, queue
from review.admin import page
from review.models import Draft, DraftState, ReplyKind, Right, Verdict
from review.permissions import may_decide
from review.presenters import alert_words, reason_words, topic_words

QUEUE = "admin:review_draft_changelist"


class EverythingFilter(admin.SimpleListFilter):
    """The plain list of all drafts, instead of the queue of those that wait."""

    title = gettext_lazy("which")
    parameter_name = "everything"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", _("All, decided ones too"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset


class OutcomeFilter(admin.SimpleListFilter):
    """What became of decided drafts."""

    title = gettext_lazy("outcome")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("approve", _("As proposed")), ("edit", _("In other words")), ("against", _("Rejected or taken over"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        rows = queue.OUTCOMES.get(self.value() or "")
        return queryset if rows is None else queryset.filter(rows)


@admin.register(Draft)
class DraftAdmin(ModelAdmin):
    """The review queue, the page on which a handler or supervisor decides one draft, and the list of decided ones."""

    list_display = ("summary", "reply_kind", "conversation", "case", "why", "required_right", "state", "created_at")
    list_filter = (EverythingFilter, "state", OutcomeFilter, "required_right", "reply_kind")
    list_select_related = ("conversation", "case", "case__flow", "cause", "claimed_by")
    list_display_links = ("summary",)
    search_fields = ("text", "conversation__name", "case__number")
    ordering = ("-created_at",)
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
        rows: QuerySet[Draft] = narrowed(request, super().get_queryset(request))
        return rows

    @admin.display(description=gettext_lazy("proposed wording"))
    def summary(self, draft: Draft) -> str:
        return (draft.text or _("(no wording yet)"))[:48]

    @admin.display(description=gettext_lazy("why it is held"))
    def why(self, draft: Draft) -> str:
        return "；".join(reason_words(reason) for reason in draft.reasons[:2])

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        own: list[Any] = [
            path("approve/", wrap(self.approve_view), name="review_draft_approve"),
            path("filter/", wrap(self.filter_view), name="review_draft_filter"),
            path("<int:object_id>/decide/", wrap(self.decide_view), name="review_draft_decide"),
            path("<int:object_id>/check/", wrap(self.check_view), name="review_draft_check"),
            path("<int:object_id>/claim/", wrap(self.claim_view), name="review_draft_claim"),
        ]
        return [*own, *super().get_urls()]

    # --- the queue ------------------------------------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """What waits, as a queue; any other state as a plain list."""
        if request.GET.get("state__exact", DraftState.PENDING) != DraftState.PENDING or request.GET.get("everything"):
            decided: HttpResponse = super().changelist_view(request, extra_context)
            return decided
        if not self.has_view_permission(request):
            raise PermissionDenied
        at, staff, view = timezone.now(), staff_of(request.user), _view(request.GET)
        rows = self.get_queryset(request)
        built_in, saved = queue.views_of(rows, staff=staff, at=at)
        found = queue.pending(rows, view, staff=staff, at=at).select_related(
            "conversation", "case__customer", "cause__conversation", "claimed_by"
        )
        paginator = Paginator(found, queue.PAGE)
        known = {tuple(sorted(one.query.items())): one.count for one in (*built_in, *saved)}
        counted = known.get(tuple(sorted({"view": "all", **view}.items())))
        if counted is not None:
            paginator.count = counted  # type: ignore[misc]
        chosen = paginator.get_page(request.GET.get("p"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Review queue"),
            "views": built_in,
            "saved": saved,
            "view": {"view": "all", **view},
            "query": urlencode(view),
            "chosen": chosen,
            "rows": [_row(draft, staff=staff, at=at) for draft in chosen],
            "kinds": ReplyKind.choices,
            "rights": Right.choices,
            "staff": staff,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/review/draft/queue.html", context)

    def approve_view(self, request: HttpRequest) -> HttpResponse:
        """Release several simple drafts at once. POST only; each is checked as if it were alone."""
        back = HttpResponseRedirect(_address(QUEUE, _view(request.POST)))
        if request.method != "POST":
            return back
        staff = self._staff(request)
        seen = []
        for words in request.POST.getlist("seen"):
            pk, position, seen_hash = (words.split(":") + ["", ""])[:3]
            if pk.isdigit() and position.isdigit() and self.get_queryset(request).filter(pk=pk).exists():
                seen.append(operations.Seen(int(pk), int(position), seen_hash))
        left = operations.approve_simple(seen=seen, by=staff, actor=Actor.of_user(request.user), at=timezone.now())
        if len(seen) > len(left):
            messages.success(request, _("%(count)s released.") % {"count": len(seen) - len(left)})
        for draft_id, why in left:
            draft = Draft.objects.filter(pk=draft_id).select_related("conversation").first()
            messages.error(request, f"{draft.conversation if draft else ''}: {why}")
        return back

    def filter_view(self, request: HttpRequest) -> HttpResponse:
        """Keep the present view under a name, or forget one. POST only."""
        staff, view = self._staff(request), _view(request.POST)
        if request.method == "POST":
            drop = request.POST.get("drop", "")
            try:
                if drop.isdigit():
                    operations.drop_filter(staff=staff, filter_id=int(drop))
                else:
                    operations.save_filter(staff=staff, name=request.POST.get("name", ""), query=view)
            except DomainError as error:
                messages.error(request, str(error))
        return HttpResponseRedirect(_address(QUEUE, view))

    # --- one draft ------------------------------------------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        rows = self.get_queryset(request).select_related(
            "first_yes__by", "conversation__customer__owner", "case__customer__owner", "case__flow", "case__owner", "cause__sender",
            "cause__conversation", "claimed_by",
        )  # fmt: skip
        draft = get_object_or_404(rows, pk=object_id)
        staff, at, view = staff_of(request.user), timezone.now(), _view(request.GET)
        if draft.state == DraftState.PENDING and staff is not None and may_decide(staff):
            try:
                held = operations.claim(draft_id=draft.pk, by=staff, at=at)
                draft.claimed_by, draft.claimed_until = held.claimed_by, held.claimed_until
            except DomainError:
                draft.refresh_from_db(fields=["claimed_by", "claimed_until"])
        text = request.session.pop(f"draft-{draft.pk}", draft.text)
        waiting = queue.pending(self.get_queryset(request), view, staff=staff, at=at).values_list("pk", flat=True)
        order = list(waiting[:200])
        here = order.index(draft.pk) if draft.pk in order else -1
        free = set(queue.free_for(rows.filter(pk__in=order), staff=staff, at=at).values_list("pk", flat=True))
        context = {
            **self.admin_site.each_context(request),
            "title": str(draft.conversation or draft.get_reply_kind_display()),
            "parent": {"title": _("Review queue"), "url": _address(QUEUE, view)},
            **page.build(draft, staff=staff, text=text, view=view),
            "panels": page.panels_of(request, draft),
            "query": urlencode(view),
            "next": next((pk for pk in order[here + 1 :] if pk in free), None),
            "previous": next((pk for pk in reversed(order[: max(0, here)]) if pk in free), None),
            "place": here + 1,
            "of": len(order),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/review/draft/page.html", context)

    def check_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Say what is wrong with a wording while it is being written. POST only; changes nothing."""
        if request.method != "POST":
            return HttpResponse(status=405)
        rows = self.get_queryset(request).select_related("conversation", "case__flow", "case__customer", "cause")
        draft = get_object_or_404(rows, pk=object_id)
        wording = request.POST.get("text", "")[:4000].replace("\r\n", "\n")
        return JsonResponse({"marks": page.check(draft, wording)})

    def claim_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Keep a draft for longer, give it back, or take it from whoever has it. POST only."""
        if request.method != "POST":
            return HttpResponse(status=405)
        staff, draft = self._staff(request), get_object_or_404(self.get_queryset(request), pk=object_id)
        if not may_decide(staff):
            raise PermissionDenied
        do = request.POST.get("do", "keep")
        if do == "give_back":
            operations.give_back(draft_id=draft.pk, by=staff)
            return JsonResponse({"mine": False})
        try:
            operations.claim(draft_id=draft.pk, by=staff, at=timezone.now(), from_holder=do == "take")
        except DomainError as error:
            if do == "take":
                messages.error(request, str(error))
            else:
                return JsonResponse({"mine": False, "words": str(error)})
        if do == "take":
            return HttpResponseRedirect(_address("admin:review_draft_change", _view(request.POST), draft.pk))
        draft.refresh_from_db()
        return JsonResponse({"mine": draft.state == DraftState.PENDING, "hash": draft.content_hash})

    def decide_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Carry out one verdict and go on to the next draft. POST only; a refusal is shown in words and leaves the draft as it was."""
        view = _view(request.POST)
        here = HttpResponseRedirect(_address("admin:review_draft_change", view, object_id))
        if request.method != "POST":
            return here
        draft = get_object_or_404(self.get_queryset(request), pk=object_id)
        staff = self._staff(request)
        do, text = request.POST.get("do", ""), request.POST.get("text", "").strip().replace("\r\n", "\n")
        overrule = do == "overrule"
        do = Verdict.Do.APPROVE if overrule else do
        if do not in Verdict.Do.values or do == Verdict.Do.AUTO:
            raise PermissionDenied
        if do == Verdict.Do.APPROVE and text and text != draft.text:
            do = Verdict.Do.EDIT
        at = timezone.now()
        place = queue.place_of(draft, self.get_queryset(request), view, staff=staff, at=at)
        try:
            verdict = operations.decide(
                draft_id=draft.pk, by=staff, do=do, actor=Actor.of_user(request.user), at=at, text=text,
                reason_code=request.POST.get("reason_code", "")[:32] if do == Verdict.Do.REJECT else "",
                reason=request.POST.get("overrule_reason" if overrule else "reason", ""), overrule=overrule,
                seen_position=int(request.POST.get("seen_position") or 0), seen_hash=request.POST.get("seen_hash", ""),
            )  # fmt: skip
        except DomainError as error:
            messages.error(request, str(error))
            request.session[f"draft-{draft.pk}"] = text
            return here
        if not verdict.accepted:
            for refusal in verdict.refusals:
                messages.error(request, reason_words(refusal))
            request.session[f"draft-{draft.pk}"] = text
            return here
        draft.refresh_from_db(fields=["state"])
        if draft.state == DraftState.PENDING:
            messages.success(request, _("Confirmed by you. It leaves when a second person confirms it too."))
        else:
            messages.success(request, f"{draft.conversation}: {verdict.get_do_display()}")
        opened_at = parse_datetime(request.POST.get("opened_at", "")[:40])
        upcoming = queue.next_after(place, self.get_queryset(request), staff=staff, at=at, opened_at=opened_at)
        if upcoming is not None:
            return HttpResponseRedirect(_address("admin:review_draft_change", view, upcoming.pk))
        return HttpResponseRedirect(_address(QUEUE, view))

    @staticmethod
    def _staff(request: HttpRequest) -> StaffMember:
        staff = staff_of(request.user)
        if staff is None:
            raise PermissionDenied
        return staff


def _view(data: Any) -> dict[str, str]:
    """The parameters of a view of the queue out of a request."""
    return {key: str(data[key])[:64] for key in queue.PARAMETERS if data.get(key)}


def _address(name: str, view: dict[str, str], *args: Any) -> str:
    words = urlencode(view)
    return f"{reverse(name, args=args)}{'?' + words if words else ''}"


def _row(draft: Draft, *, staff: StaffMember | None, at: Any) -> dict[str, Any]:
    """What the queue shows of a draft."""
    busy = draft.claimed_by if draft.claimed_until is not None and draft.claimed_until > at else None
    plain = [
        reason for reason in draft.reasons if reason.get("code") not in ("automation_level", "risk_topic", "alert")
    ]
    closes_at = getattr(draft, "closes_at", None)
    return {
        "draft": draft,
        "urgency": getattr(draft, "urgency", 4),
        "busy": busy if busy is not None and busy != staff else None,
        "mine": busy is not None and busy == staff,
        "alerts": [alert_words(alert) for alert in draft.alerts],
        "topics": [topic_words(topic) for topic in draft.risk_topics],
        "reasons": [reason_words(reason) for reason in plain[:3]],
        "closes_at": closes_at,
        "closing": closes_at is not None and closes_at <= at + queue.CLOSING,
        "said": draft.cause.text if draft.cause is not None else "",
        "from": draft.cause.conversation if draft.cause is not None and draft.cause.conversation_id != draft.conversation_id else None,
        "seen": f"{draft.pk}:{draft.conversation.last_position if draft.conversation else 0}:{draft.content_hash}",
        "may_tick": draft.is_simple and staff is not None and may_decide(staff) and (busy is None or busy == staff),
    }  # fmt: skip
