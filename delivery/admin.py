"""Delivery in the admin: what waits for a tap, what failed, what nobody knows, and the pause."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from cases.admin.filters import FlowFilter
from cases.models import ServiceFlow
from cases.presenters import who_words
from cases.reasons import WRONG_REASONS
from conversations.models import Conversation
from delivery import operations, to_send
from delivery.models import Outbound, Pause, PauseScope
from delivery.presenters import purpose_words
from foundation.actors import Actor
from foundation.errors import DomainError, Refused
from foundation.wording import told
from knowledge.citing import citations
from knowledge.models import KnowledgeVersion
from people.admin import narrowed
from people.models import staff_of


class FailedFilter(admin.SimpleListFilter):
    """What could not be sent lately."""

    title = gettext_lazy("failed")
    parameter_name = "failed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("week", _("In the last seven days"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not self.value():
            return queryset
        return queryset.filter(state="failed", released_at__gte=timezone.now() - timedelta(days=7))


class StuckFilter(admin.SimpleListFilter):
    """What was released and has not been sent for five minutes."""

    title = gettext_lazy("stuck")
    parameter_name = "stuck"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", _("Not sent for five minutes"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not self.value():
            return queryset
        return queryset.filter(state="queued", released_at__lt=timezone.now() - timedelta(minutes=5))


class TextFlowFilter(FlowFilter):
    """Texts about cases of one flow."""

    def of_flow(self, queryset: Any, flow: int) -> Any:
        return queryset.of_flow(flow)


@admin.register(Outbound)
class OutboundAdmin(ModelAdmin):
    """Handlers see what was released: what waits for a tap, what failed; they settle what is unknown."""

    list_display = (
        "text",
        "conversation",
        "recipient",
        "about",
        "state",
        "released_at",
        "delivered_at",
        "error_code",
    )
    list_filter = ("state", "kind", TextFlowFilter, FailedFilter, StuckFilter)
    list_select_related = ("conversation", "recipient")
    search_fields = ("text", "conversation__name")
    show_full_result_count = False
    ordering = ("-released_at",)
    actions = ("mark_arrived", "mark_not_arrived", "flag_wrong")
    fields = (
        "conversation", "recipient", "about", "text", "state", "released_by_words", "released_at", "prepared_at", "delivered_at",
        "cited", "echo", "attempt_count", "error_code", "error_text",
    )  # fmt: skip
    readonly_fields = ("about", "released_by_words", "cited")

    @admin.display(description=gettext_lazy("knowledge that was used"))
    def cited(self, row: Outbound) -> str:
        """The exact versions that the text cites, with what has changed since."""
        found = citations(KnowledgeVersion.objects.filter(cited_by__outbound=row).order_by("pk"), at=timezone.now())
        # Knowledge is for every colleague, and only colleagues see this page.
        perms = {"knowledge": {"view_knowledgeitem": True}}
        words = render_to_string("admin/knowledge/citations.html", {"citations": found, "perms": perms})
        return format_html('<ul class="aj-list">{}</ul>', words)

    @admin.display(description=gettext_lazy("released by"))
    def released_by_words(self, row: Outbound) -> str:
        return who_words(row.released_by)

    @admin.display(description=gettext_lazy("purpose"), ordering="purpose")
    def about(self, row: Outbound) -> str:
        return purpose_words(row.purpose)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff_of(request.user) is not None or bool(getattr(request.user, "is_superuser", False))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """Who works on cases says what became of a text; who only looks does not."""
        return staff_of(request.user) is not None and request.user.has_perm("cases.work_on_case")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Outbound]:
        rows: QuerySet[Outbound] = narrowed(request, super().get_queryset(request))
        return rows

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One text; its page is called by what it is for and where it goes, not by its words."""
        row = (
            self.get_queryset(request).select_related("conversation", "recipient").filter(pk=object_id).first()
            if object_id.isdigit()
            else None
        )
        to = (row.conversation or row.recipient) if row is not None else None
        more = (
            {"subtitle": None, "title": told(purpose_words(row.purpose), to)}
            if row is not None and to is not None
            else {}
        )
        page: HttpResponse = super().change_view(request, object_id, form_url, {**(extra_context or {}), **more})
        return page

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        own: list[Any] = [path("<int:object_id>/settle/", wrap(self.settle_view), name="delivery_outbound_settle")]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """What waits for a tap, by conversation; everything else as a plain list."""
        if request.GET.get("state__exact") != "prepared" or "q" in request.GET:
            plain: HttpResponse = super().changelist_view(request, extra_context)
            return plain
        if not self.has_view_permission(request):
            raise PermissionDenied
        at, staff = timezone.now(), staff_of(request.user)
        rows = to_send.prepared(self.get_queryset(request))
        nobody = rows.nobody_to_tap(at=at)  # type: ignore[attr-defined]
        only = request.GET.get("nobody") == "1"
        chosen = Paginator(nobody if only else rows, 100).get_page(request.GET.get("p"))
        groups = to_send.by_conversation(chosen, at=at)
        context = {
            **self.admin_site.each_context(request),
            "title": _("To send"),
            "chosen": chosen,
            "groups": [(one, staff is not None and staff in (*one.here, *one.away)) for one in groups],
            "nobody": nobody.order_by().values("conversation").distinct().count(),
            "only_nobody": only,
            "may_settle": self.has_settle_permission(request),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/delivery/outbound/to_send.html", context)

    def settle_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Somebody sent it, or could not. POST only."""
        if request.method != "POST":
            return HttpResponse(status=405)
        staff = staff_of(request.user)
        if staff is None or not self.has_settle_permission(request):
            raise PermissionDenied
        row = get_object_or_404(self.get_queryset(request), pk=object_id)
        arrived = request.POST.get("do") == "done"
        reason = request.POST.get("reason", "").strip()
        try:
            if not arrived and not reason:
                raise Refused(_("Say why it could not be sent."), code="no_reason")
            operations.settle(
                outbound_id=row.pk, arrived=arrived, by=staff, actor=Actor.of_user(request.user), at=timezone.now(),
                reason=reason,
            )  # fmt: skip
            messages.success(request, _("Settled: %(text)s") % {"text": row.text[:30]})
        except DomainError as error:
            messages.error(request, str(error))
        return HttpResponseRedirect(f"{reverse('admin:delivery_outbound_changelist')}?state__exact=prepared")

    def _settle(self, request: HttpRequest, rows: QuerySet[Outbound], *, arrived: bool) -> None:
        staff = staff_of(request.user)
        for outbound in rows:
            try:
                if staff is None:
                    raise DomainError(_("Only staff members settle deliveries."))
                operations.settle(
                    outbound_id=outbound.pk,
                    arrived=arrived,
                    by=staff,
                    actor=Actor.of_user(request.user),
                    at=timezone.now(),
                )
                messages.success(request, _("Settled: %(text)s") % {"text": outbound.text[:30]})
            except DomainError as error:
                messages.error(request, f"{outbound.text[:30]}: {error}")

    @admin.action(description=gettext_lazy("It arrived (or I sent it by hand)"), permissions=["settle"])
    def mark_arrived(self, request: HttpRequest, rows: QuerySet[Outbound]) -> None:
        self._settle(request, rows, arrived=True)

    @admin.action(description=gettext_lazy("It did not arrive, or must not be sent"), permissions=["settle"])
    def mark_not_arrived(self, request: HttpRequest, rows: QuerySet[Outbound]) -> None:
        self._settle(request, rows, arrived=False)

    def has_flag_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may say that a text was wrong: those who work on cases."""
        return staff_of(request.user) is not None and request.user.has_perm("cases.work_on_case")

    @admin.action(description=gettext_lazy("Flag as wrong"), permissions=["flag"])
    def flag_wrong(self, request: HttpRequest, rows: QuerySet[Outbound]) -> HttpResponse | None:
        """First ask why, then keep it."""
        staff = staff_of(request.user)
        assert staff is not None
        if not request.POST.get("reason"):
            context = {
                **self.admin_site.each_context(request), "title": _("Flag as wrong"), "opts": self.model._meta, "rows": rows,
                "reasons": WRONG_REASONS.items(),
            }  # fmt: skip
            return TemplateResponse(request, "admin/delivery/outbound/flag_wrong.html", context)
        for outbound in rows:
            try:
                operations.flag_wrong(
                    outbound_id=outbound.pk, reason=request.POST["reason"], words=request.POST.get("words", "")[:200], by=staff,
                    actor=Actor.of_user(request.user), at=timezone.now(),
                )  # fmt: skip
                messages.success(request, _("Flagged: %(text)s") % {"text": outbound.text[:30]})
            except DomainError as error:
                messages.error(request, f"{outbound.text[:30]}: {error}")
        return None


def _back(request: HttpRequest) -> str:
    """The page of ours that somebody came from."""
    wanted = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if wanted and safe else reverse("admin:index")


class PauseForm(forms.ModelForm):  # type: ignore[type-arg]
    """What is stopped, chosen by name."""

    flow = forms.ModelChoiceField(
        ServiceFlow.objects.order_by("name"),
        required=False,
        label=gettext_lazy("Service flow"),
        widget=UnfoldAdminSelectWidget,
    )
    account = forms.ChoiceField(required=False, label=gettext_lazy("WeCom account"), widget=UnfoldAdminSelectWidget)
    conversation = forms.ModelChoiceField(
        Conversation.objects.none(), required=False, label=gettext_lazy("Conversation"), widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = Pause
        fields = ("scope", "reason")
        widgets: ClassVar = {"scope": UnfoldAdminSelectWidget, "reason": UnfoldAdminTextInputWidget}

    #: The field in which the scope's object is chosen.
    CHOSEN: ClassVar = {PauseScope.FLOW: "flow", PauseScope.ACCOUNT: "account", PauseScope.CONVERSATION: "conversation"}

    def __init__(self, *args: Any, conversations: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = conversations if conversations is not None else Conversation.objects.none()
        self.fields["conversation"].queryset = rows.order_by("-last_message_at")  # type: ignore[attr-defined]
        accounts = sorted(set(Conversation.objects.values_list("account", flat=True)))
        self.fields["account"].choices = [("", "—"), *((one, one) for one in accounts)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        field = self.CHOSEN.get(data.get("scope", ""))
        if field is not None and not data.get(field):
            self.add_error(field, _("Say which one is stopped."))
        chosen = data.get(field) if field is not None else None
        match chosen:
            case ServiceFlow():
                self.instance.key = chosen.key
            case Conversation():
                self.instance.key = str(chosen.public_id)
            case _:
                self.instance.key = str(chosen or "")
        return data


@admin.register(Pause)
class PauseAdmin(ModelAdmin):
    """Supervisors stop everything, and let it go again."""

    form = PauseForm
    list_display = ("scope", "which", "reason", "started_at", "started_by", "lifted_at", "lifted_by")
    fields = ("scope", "flow", "account", "conversation", "reason")
    ordering = ("lifted_at", "-started_at")
    empty_words = gettext_lazy(
        "Nothing is stopped, and nothing was. The red button on every page stops everything at once."
    )
    actions = ("lift",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """What one chooses for a new pause; of one that exists, all that is known."""
        return self.fields if obj is None else self.list_display

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form, with the conversations that somebody may see."""
        made = PauseForm
        rows = narrowed(request, Conversation.objects.all())

        class Narrowed(made):  # type: ignore[misc, valid-type]
            def __init__(self, *args: Any, **more: Any) -> None:
                super().__init__(*args, conversations=rows, **more)

        return Narrowed

    @admin.display(description=gettext_lazy("which"))
    def which(self, row: Pause) -> str:
        """What is stopped, by name."""
        if row.scope == PauseScope.FLOW:
            return str(ServiceFlow.objects.filter(key=row.key).first() or row.key)
        if row.scope == PauseScope.CONVERSATION:
            return str(Conversation.objects.filter(public_id=row.key).first() or "—")
        return row.key or _("everything")

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        own: list[Any] = [
            path("stop/", wrap(self.stop_view), name="delivery_pause_stop"),
            path("<int:object_id>/lift/", wrap(self.lift_view), name="delivery_pause_lift"),
        ]
        return [*own, *super().get_urls()]

    def stop_view(self, request: HttpRequest) -> HttpResponse:
        """The emergency stop of every page: nothing leaves from now on. POST only, with a reason."""
        if request.method != "POST":
            return HttpResponse(status=405)
        if not self.has_add_permission(request):
            raise PermissionDenied
        reason, scope, key = request.POST.get("reason", "").strip(), PauseScope.EVERYTHING, ""
        conversation = request.POST.get("conversation", "")
        if conversation.isdigit():
            row = narrowed(request, Conversation.objects.all()).filter(pk=conversation).first()
            if row is None:
                raise PermissionDenied
            scope, key = PauseScope.CONVERSATION, str(row.public_id)
        if not reason:
            messages.error(request, _("Say why: everybody will read it."))
        else:
            operations.pause(scope=scope, key=key, reason=reason[:255], by=str(request.user), at=timezone.now())
            messages.success(request, _("Paused. Nothing leaves until it is lifted."))
        return HttpResponseRedirect(_back(request))

    def lift_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Let texts go again. POST only."""
        if request.method != "POST":
            return HttpResponse(status=405)
        if not super().has_change_permission(request):
            raise PermissionDenied
        get_object_or_404(Pause, pk=object_id)
        operations.lift_pause(pause_id=object_id, by=str(request.user), at=timezone.now())
        messages.success(request, _("Lifted: texts leave again."))
        return HttpResponseRedirect(_back(request))

    def save_model(self, request: HttpRequest, obj: Pause, form: Any, change: bool) -> None:
        row = operations.pause(scope=obj.scope, key=obj.key, reason=obj.reason, by=str(request.user), at=timezone.now())
        obj.pk = row.pk

    @admin.action(description=gettext_lazy("Lift the pause"))
    def lift(self, request: HttpRequest, rows: QuerySet[Pause]) -> None:
        for row in rows:
            operations.lift_pause(pause_id=row.pk, by=str(request.user), at=timezone.now())
