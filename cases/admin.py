"""Cases in the admin: handlers see where a case stands and move it; supervisors keep flows and calendars."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime, parse_time
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action as unfold_action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from cases import appointments, intake, operations
from cases.calendars import unknown_years
from cases.completion import Vouching
from cases.disclosure import disclosure_words
from cases.extensions import case_links
from cases.forms import DAY_NAMES, CalendarForm, ExceptionForm, FlowForm, spans_in_words
from cases.glance import allowed, conclusion, glance
from cases.models import (
    Calendar,
    CalendarException,
    CaseNote,
    DueRule,
    HandOver,
    MaterialRequirement,
    ServiceCase,
    ServiceFlow,
    TimeoutRule,
    WaitingItem,
    Writeback,
)
from cases.presenters import WRITEBACK_WORDS, changes_of, timeline
from cases.reasons import CANCEL_REASONS, REOPEN_REASONS, reason_words
from cases.shifts import shift_lead, takers, workers
from evidence.bundle import build_bundle
from evidence.verification import verify_subject
from foundation.actors import Actor
from foundation.errors import DomainError, Refused
from foundation.templatetags.when import moment
from people.admin import VisibleHistory, narrowed
from people.models import Customer, Partner, Person, StaffMember, staff_of, who_is_available


def may_work(request: HttpRequest) -> bool:
    """Whether somebody may move cases and items: our own people whose role includes it. Who only looks may not."""
    return staff_of(request.user) is not None and request.user.has_perm("cases.work_on_case")


class ReadOnly(ModelAdmin):
    """Rows that operations write and people only read."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff_of(request.user) is not None or bool(getattr(request.user, "is_superuser", False))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        found: QuerySet[Any] = narrowed(request, rows) if hasattr(rows, "visible_to") else rows
        return found


class LateFilter(admin.SimpleListFilter):
    """Cases or items that are past due."""

    title = gettext_lazy("overdue")
    parameter_name = "late"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", _("Overdue"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.overdue(at=timezone.now()) if self.value() else queryset


class MineFilter(admin.SimpleListFilter):
    """What the reader owns."""

    title = gettext_lazy("mine")
    parameter_name = "mine"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", _("Mine"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(owner=staff_of(request.user)) if self.value() else queryset


class MyWaitsFilter(admin.SimpleListFilter):
    """What the reader answers for now: their own items, and those of a duty that they hold."""

    title = gettext_lazy("my waits")
    parameter_name = "mine"
    through = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", _("My waits"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not self.value():
            return queryset
        mine = WaitingItem.objects.mine(staff_of(request.user), at=timezone.now())
        return queryset.filter(pk__in=mine.values(self.through or "pk"))


class CasesOfMyWaitsFilter(MyWaitsFilter):
    """Cases in which the reader has something to do."""

    parameter_name = "my_waits"
    through = "case"


class CasesUnownedFilter(admin.SimpleListFilter):
    """Cases with an item whose owner has left."""

    title = gettext_lazy("unowned")
    parameter_name = "unowned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", _("Unowned"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(pk__in=WaitingItem.objects.unowned().values("case")) if self.value() else queryset


class CasesOnPartnerFilter(admin.SimpleListFilter):
    """Cases in which a partner owes something."""

    title = gettext_lazy("waiting on partner")
    parameter_name = "on_partner"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(partner.pk), partner.name) for partner in Partner.objects.order_by("name")[:50]]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value() or ""
        if not value.isdigit():
            return queryset
        return queryset.filter(pk__in=WaitingItem.objects.on_partner(int(value)).values("case"))


class OpenFilter(admin.SimpleListFilter):
    """Items that somebody still owes: these are shown unless somebody asks for all, or for a state."""

    title = gettext_lazy("open")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", _("Open")), ("all", _("Closed ones too"))]

    def choices(self, changelist: Any) -> Any:
        """Without “all”: open is what one sees first."""
        for choice in list(super().choices(changelist))[1:]:
            shown = "all" if "all" in str(choice["query_string"]) else "1"
            yield {**choice, "selected": (self.value() or "1") == shown}

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        everything = self.value() == "all" or (self.value() is None and "state__exact" in request.GET)
        return queryset if everything else queryset.open()


class TodayFilter(admin.SimpleListFilter):
    """Items that fall due today."""

    title = gettext_lazy("due today")
    parameter_name = "today"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", _("Due today"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.due_today(at=timezone.now()) if self.value() else queryset


class AppointmentFilter(admin.SimpleListFilter):
    """Cases for which somebody comes."""

    title = gettext_lazy("appointment")
    parameter_name = "appointment"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("today", _("Today")), ("coming", _("In the next seven days"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        now = timezone.now()
        if self.value() == "today":
            return queryset.with_appointment_today(at=now)
        if self.value() == "coming":
            return queryset.with_appointment(since=now, until=now + timedelta(days=7))
        return queryset


class OwnerFilter(admin.SimpleListFilter):
    """What one colleague owns."""

    title = gettext_lazy("owner")
    parameter_name = "owner"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(pk), name) for pk, name in StaffMember.objects.active().order_by("name").values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value() or ""
        return queryset.filter(owner=value) if value.isdigit() else queryset


class ToMeFilter(admin.SimpleListFilter):
    """What is offered to the reader."""

    title = gettext_lazy("to me")
    parameter_name = "to_me"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", _("To me"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(taker=staff_of(request.user)) if self.value() else queryset


class MentionedFilter(admin.SimpleListFilter):
    """Notes that mention the reader."""

    title = gettext_lazy("mentions me")
    parameter_name = "mentioned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("unseen", _("Not seen yet")), ("all", _("All that mention me"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        staff = staff_of(request.user)
        if self.value() == "unseen":
            return queryset.unseen_by(staff)
        return queryset.filter(mentions__staff=staff) if self.value() == "all" else queryset


class OnPartnerFilter(admin.SimpleListFilter):
    """Items that a partner owes."""

    title = gettext_lazy("waiting on partner")
    parameter_name = "on_partner"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(partner.pk), partner.name) for partner in Partner.objects.order_by("name")[:50]]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value() or ""
        return queryset.on_partner(int(value)) if value.isdigit() else queryset


class UnownedFilter(admin.SimpleListFilter):
    """Items whose owner has left."""

    title = gettext_lazy("unowned")
    parameter_name = "unowned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", _("Unowned"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.unowned() if self.value() else queryset


class OpenCaseForm(forms.Form):
    """What a colleague says when they open a case without any message: a call back, a visit that was agreed by phone."""

    customer = forms.ModelChoiceField(
        Customer.objects.none(), label=gettext_lazy("Customer"), widget=UnfoldAdminSelectWidget
    )
    flow = forms.ModelChoiceField(
        ServiceFlow.objects.filter(active=True), label=gettext_lazy("service flow"), widget=UnfoldAdminSelectWidget
    )
    title = forms.CharField(max_length=60, label=gettext_lazy("title"), widget=UnfoldAdminTextInputWidget)
    need = forms.CharField(
        max_length=200, required=False, label=gettext_lazy("What we have to do"), widget=UnfoldAdminTextInputWidget
    )
    due = forms.DateTimeField(
        required=False, label=gettext_lazy("Follow up at"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )

    def __init__(self, *args: Any, customers: QuerySet[Customer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"].queryset = customers  # type: ignore[attr-defined]

    def clean_customer(self) -> Customer:
        """A case lives in a conversation: without one there is nowhere to write to."""
        customer: Customer = self.cleaned_data["customer"]
        if not customer.conversations.exists():
            raise forms.ValidationError(_("There is no conversation with this customer yet."))
        return customer


@admin.register(ServiceCase)
class ServiceCaseAdmin(VisibleHistory, SimpleHistoryAdmin, ReadOnly):
    """The list of cases, and the page that says at one glance where a case stands and shows its whole story."""

    list_display = ("number", "customer", "flow", "stage", "owner", "partner", "state", "opened_at")
    list_filter = (
        "state", CasesOfMyWaitsFilter, LateFilter, AppointmentFilter, CasesOnPartnerFilter, CasesUnownedFilter, MineFilter, "flow", "partner",
    )  # fmt: skip
    list_select_related = ("customer", "flow", "owner", "partner")
    search_fields = ("number", "customer__name", "title")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ServiceCase]:
        return super().get_queryset(request).prefetch_related("waits__on").order_by("-opened_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Staff open cases."""
        return may_work(request)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Open a case without any message, with what we have to do in it."""
        staff = staff_of(request.user)
        if staff is None or not may_work(request):
            raise PermissionDenied
        customers = narrowed(request, Customer.objects.order_by("name"))
        form = OpenCaseForm(request.POST or None, customers=customers)
        if request.method == "POST" and form.is_valid():
            case = self._open(request, staff, form.cleaned_data)
            return HttpResponseRedirect(reverse("admin:cases_servicecase_change", args=[case.pk]))
        context = {
            **self.admin_site.each_context(request), "title": _("Open a case"), "opts": self.model._meta, "form": form,
        }  # fmt: skip
        return TemplateResponse(request, "admin/cases/servicecase/open.html", context)

    def _open(self, request: HttpRequest, staff: StaffMember, data: dict[str, Any]) -> ServiceCase:
        at, actor = timezone.now(), Actor.of_user(request.user)
        home = data["customer"].conversations.order_by("-last_message_at", "pk").first()
        with transaction.atomic():
            case = operations.open_case(
                flow=data["flow"], customer=data["customer"], conversation=home, owner=staff, title=data["title"],
                contact=data["customer"].people.order_by("pk").first(), actor=actor, at=at,
            )  # fmt: skip
            if data["need"]:
                operations.owe_ourselves(
                    case_id=case.pk, need=data["need"], need_kind="action", due_at=data["due"], owner=staff,
                    fact=operations.Fact(actor, at, at, None, "staff"),
                )  # fmt: skip
        return case

    @admin.display(description=gettext_lazy("who waits for whom"))
    def stage(self, case: ServiceCase) -> str:
        waits = [wait for wait in case.waits.all() if wait.is_open]
        now = timezone.now()
        words = [
            f"{'⚠ ' if wait.is_overdue(at=now) else ''}{wait.stage_words} · {wait.on.name if wait.on else ''}"
            for wait in waits[:2]
        ]
        return "；".join(words) or "—"

    def get_urls(self) -> list[Any]:
        own: list[Any] = [
            path("<path:object_id>/act/", self.admin_site.admin_view(self.act_view), name="cases_servicecase_act"),
            path(
                "<int:object_id>/bundle/", self.admin_site.admin_view(self.bundle_view), name="cases_servicecase_bundle"
            ),
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        case = get_object_or_404(
            self.get_queryset(request).select_related("conversation", "flow__supervisor"), pk=object_id
        )
        now = timezone.now()
        waits = list(case.waits.open().select_related("on", "owner", "requested_in").order_by("due_at"))
        subject = operations.subject_of(case)
        closed = list(case.waits.filter(closed_at__isnull=False).select_related("on").order_by("-closed_at")[:12])
        facts = list(case.facts.order_by("-fact_at", "-pk")[:4])
        materials = list(case.materials.select_related("attachment", "wait", "judged_by", "message").order_by("pk"))
        unchecked = sum(one.state == "received" for one in materials)
        context = {
            **self.admin_site.each_context(request),
            "glance": glance(case, waits, at=now),
            "conclusion": conclusion(case, closed, facts),
            "allowed": allowed(case, waits, may_act=may_work(request), unchecked=unchecked),
            "close_reason": reason_words(case.close_reason),
            "joined_into": self.get_queryset(request).filter(number=case.close_note).first()
            if case.close_reason == "joined"
            else None,
            "sorting": self._sorting(request, case) if case.flow.intake and case.state == "open" else None,
            "mentioned": case.notes.unseen_by(staff_of(request.user)).exists(),
            "changes": changes_of(case),
            "title": f"{case.number} {case.customer.name}",
            "opts": self.model._meta,
            "case": case,
            "waits": [(wait, wait.is_overdue(at=now)) for wait in waits],
            "writebacks": case.writebacks.select_related("to").order_by("-created_at")[:12],
            "participants": case.participants.select_related("person"),
            "materials": materials,
            "notes": case.notes.select_related("author").prefetch_related("mentions__staff").order_by("-pk")[:20],
            "colleagues": StaffMember.objects.active().order_by("name"),
            "workers": self._takers(request, waits),
            "visitors": Person.objects.filter(partner=case.partner_id, partner__isnull=False).order_by("name")[:40],
            "told_of_visit": disclosure_words(case.flow.disclosure),
            "facts": facts,
            "timeline": timeline(case, subject),
            "faults": verify_subject(subject),
            "cancel_reasons": CANCEL_REASONS.items(),
            "links": case_links(request.user, case),
            "may_act": may_work(request),
            "reopen_reasons": REOPEN_REASONS.items(),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/cases/servicecase/page.html", context)

    def _takers(self, request: HttpRequest, waits: list[WaitingItem]) -> list[StaffMember]:
        """To whom items of a case may be given: supervisors choose among all who work on cases, others among whose business it is."""
        staff = staff_of(request.user)
        if staff is None or not waits or not may_work(request):
            return []
        return list(workers().order_by("name")) if staff.is_supervisor else takers(staff, waits, alone=False)

    def _sorting(self, request: HttpRequest, case: ServiceCase) -> dict[str, Any]:
        """What an unsorted case may be: a case that is open already, or a new one of a flow."""
        found = narrowed(request, intake.list_choices(case))
        return {
            "cases": list(found[:30]),
            "flows": ServiceFlow.objects.filter(active=True, intake=False).order_by("name"),
        }

    def _sort(self, request: HttpRequest, case: ServiceCase, what: str, fact: operations.Fact) -> ServiceCase:
        """Carry out what somebody chose for an unsorted case; what they may not see they cannot choose."""
        if what == "join":
            into = get_object_or_404(self.get_queryset(request), pk=request.POST.get("into") or 0)
            return intake.join(case_id=case.pk, into_id=into.pk, fact=fact)
        flow = ServiceFlow.objects.filter(active=True, intake=False, pk=request.POST.get("flow") or 0).first()
        if flow is None:
            raise Refused(_("Choose a service flow."), code="flow_missing")
        return intake.classify(case_id=case.pk, flow=flow, fact=fact, title=request.POST.get("title", "").strip())

    def bundle_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The evidence of a case as a file that verifies offline; for those who may look at evidence."""
        case = get_object_or_404(self.get_queryset(request), pk=object_id)
        if not request.user.has_perm("evidence.view_chain"):
            raise PermissionDenied
        answer = HttpResponse(build_bundle(operations.subject_of(case)), content_type="application/zip")
        answer["Content-Disposition"] = f'attachment; filename="{case.number}-evidence.zip"'
        answer["Cache-Control"] = "private, no-store"
        return answer

    def act_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Carry out one action on a case, on one of its items or on a piece of material. POST only."""
        here = reverse("admin:cases_servicecase_change", args=[object_id])
        if request.method != "POST":
            return HttpResponseRedirect(here)
        case = get_object_or_404(self.get_queryset(request), pk=object_id)
        staff = staff_of(request.user)
        if staff is None or not may_work(request):
            raise PermissionDenied
        actor, at, note = Actor.of_user(request.user), timezone.now(), request.POST.get("note", "").strip()
        fact = operations.Fact(actor, at, at, None, request.POST.get("reason", "") or "staff")
        said = operations.Fact(actor, at, at, None, note[:64] or "staff")
        vouching = Vouching(staff, *(request.POST.get(name, "").strip()[:255] for name in ("confirmed", "waived")))
        try:
            match request.POST.get("do"):
                case "classify" | "join" as what:
                    case = self._sort(request, case, what, fact)
                    here = reverse("admin:cases_servicecase_change", args=[case.pk])
                case "complete":
                    operations.complete_case(case_id=case.pk, fact=fact, note=note, vouching=vouching)
                case "cancel":
                    operations.cancel_case(case_id=case.pk, fact=fact, note=note)
                case "reopen":
                    operations.reopen_case(case_id=case.pk, fact=fact, note=note)
                case "take_over":
                    operations.stop_automation(case_id=case.pk, actor=actor, at=at)
                case "hand_back":
                    operations.resume_automation(case_id=case.pk, actor=actor, at=at)
                case "note":
                    operations.add_note(case_id=case.pk, by=staff, text=note, actor=actor, at=at)
                case "seen":
                    operations.see_mentions(case_id=case.pk, by=staff, at=at)
                case "owe":
                    operations.owe_ourselves(
                        case_id=case.pk, need=note, need_kind="action", due_at=_moment(request), fact=said
                    )
                case "appoint" | "offer_time" | "call_off" as what:
                    _appoint(request, case, what, said)
                case "accept_material" | "reject_material" as what:
                    material = get_object_or_404(case.materials, pk=request.POST.get("material"))
                    operations.judge_material(
                        material_id=material.pk, accept=what == "accept_material", by=staff,
                        fact=operations.Fact(actor, at, at, None, note),
                    )  # fmt: skip
                case str() as what if what.startswith("wait_"):
                    wait = get_object_or_404(case.waits, pk=request.POST.get("wait"))
                    _act_on_wait(request, wait, what, said, vouching)
                case "writeback_told" | "writeback_waived" as what:
                    owed = get_object_or_404(case.writebacks, pk=request.POST.get("writeback"))
                    operations.settle_writeback(
                        writeback_id=owed.pk, told=what == "writeback_told", reason=note, by=staff, actor=actor, at=at
                    )
                case _:
                    raise PermissionDenied
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Done."))
        return HttpResponseRedirect(here)


def _appoint(request: HttpRequest, case: ServiceCase, what: str, fact: operations.Fact) -> None:
    """Set, offer or call off an appointment, and tell whom the form says."""
    tell = {who: bool(request.POST.get(f"tell_{who}")) for who in ("customer", "partner")}
    if what == "call_off":
        appointments.call_off_appointment(
            case_id=case.pk, fact=fact, tell_customer=tell["customer"], tell_partner=tell["partner"]
        )
        return
    start, until = _moment(request, "visit"), None
    if start is None:
        raise Refused(_("Say when somebody comes."), code="no_instant")
    if ends := request.POST.get("until", "").strip():
        clock = parse_time(ends)
        if clock is None:
            raise Refused(_("This is not a date and time."), code="no_instant")
        until = timezone.localtime(start).replace(hour=clock.hour, minute=clock.minute)
    visit = appointments.Visit(start, until, request.POST.get("visitor", ""), request.POST.get("phone", ""))
    if what == "offer_time":
        appointments.offer_appointment(case_id=case.pk, visit=visit, fact=fact)
        return
    appointments.set_appointment(
        case_id=case.pk, visit=visit, fact=fact, tell_customer=tell["customer"], tell_partner=tell["partner"]
    )


def _moment(request: HttpRequest, name: str = "due") -> datetime | None:
    """The instant of a `datetime-local` field, None when it is empty.

    :raises Refused: when it is no instant.
    """
    words = request.POST.get(name, "").strip()
    if not words:
        return None
    try:
        moment = parse_datetime(words)
    except ValueError:
        moment = None
    if moment is None:
        raise Refused(_("This is not a date and time."), code="no_instant")
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment


def _act_on_wait(request: HttpRequest, wait: WaitingItem, what: str, fact: operations.Fact, vouching: Vouching) -> None:
    """One action on one item."""
    match what:
        case "wait_complete":
            operations.complete_wait(wait_id=wait.pk, fact=fact, vouching=vouching)
        case "wait_cancel":
            operations.cancel_wait(wait_id=wait.pk, fact=fact)
        case "wait_due":
            due = _moment(request)
            if due is None:
                raise Refused(_("Say until when."), code="no_instant")
            operations.set_due(wait_id=wait.pk, due_at=due, fact=fact)
        case "wait_pause":
            operations.pause_wait(wait_id=wait.pk, fact=fact)
        case "wait_resume":
            operations.resume_wait(wait_id=wait.pk, fact=fact)
        case "wait_hand_over":
            to = StaffMember.objects.active().filter(pk=request.POST.get("to") or 0).first()
            if to is None:
                raise Refused(_("Choose a colleague."), code="taker_missing")
            operations.hand_over_wait(wait_id=wait.pk, to=to, fact=fact, by=staff_of(request.user))
        case _:
            raise PermissionDenied


@admin.register(WaitingItem)
class WaitingItemAdmin(ReadOnly):
    """Everything that somebody owes, across cases."""

    list_display = ("case_link", "need", "stage", "on", "owner", "due", "since")
    list_filter = (
        OpenFilter, MyWaitsFilter, LateFilter, TodayFilter, OwnerFilter, OnPartnerFilter, UnownedFilter, "state",
    )  # fmt: skip
    list_select_related = ("on", "case", "case__flow", "owner")
    search_fields = ("need", "case__number", "on__name")
    ordering = ("due_at",)
    actions = ("hand_over",)
    actions_list = ("hand_over_mine",)
    list_display_links = None

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def stage(self, wait: WaitingItem) -> str:
        return wait.stage_words

    @admin.display(description=gettext_lazy("due"), ordering="due_at")
    def due(self, wait: WaitingItem) -> str:
        if wait.due_at is None:
            return "—"
        if not wait.is_overdue(at=timezone.now()):
            return moment(wait.due_at)
        return format_html('<b class="aj-warn">{} {}</b>', moment(wait.due_at), _("overdue"))

    @admin.display(description=gettext_lazy("since"), ordering="opened_at")
    def since(self, wait: WaitingItem) -> str:
        return moment(wait.opened_at)

    @admin.display(description=gettext_lazy("case"))
    def case_link(self, wait: WaitingItem) -> str:
        url = reverse("admin:cases_servicecase_change", args=[wait.case_id])
        return format_html('<a href="{}">{}</a>', url, wait.case)

    def has_action_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may act on items."""
        return may_work(request)

    @admin.action(description=gettext_lazy("Offer my items to a colleague"), permissions=["action"])
    def hand_over(self, request: HttpRequest, queryset: QuerySet[WaitingItem]) -> HttpResponse:
        """Go on to the page on which they are chosen."""
        chosen = queryset.filter(owner=staff_of(request.user)).values_list("pk", flat=True)
        query = urlencode({"items": ",".join(map(str, chosen))})
        return HttpResponseRedirect(f"{reverse('admin:cases_waitingitem_hand_over_mine')}?{query}")

    @unfold_action(description=gettext_lazy("Hand over my items"), url_path="hand-over", permissions=["action"])
    def hand_over_mine(self, request: HttpRequest) -> HttpResponse:
        """The end of a shift: which of my open items go to whom, with a note. All of them are chosen to begin with."""
        staff = staff_of(request.user)
        if staff is None or not may_work(request):
            raise PermissionDenied
        now = timezone.now()
        mine = WaitingItem.objects.open().filter(owner=staff).order_by("due_at", "pk")
        mine = mine.exclude(hand_overs__state=HandOver.State.OFFERED)
        items = list(
            mine.select_related(
                "case__customer", "case__flow__roster__lead", "case__flow__supervisor", "on", "roster__lead"
            )
        )
        if request.method == "POST":
            taker = get_object_or_404(StaffMember.objects.active(), pk=request.POST.get("taker") or 0)
            wanted = [int(pk) for pk in request.POST.getlist("item") if pk.isdigit()]
            try:
                row = operations.offer_hand_over(
                    wait_ids=wanted, giver=staff, taker=taker, note=request.POST.get("note", ""),
                    actor=Actor.of_user(request.user), at=now,
                )  # fmt: skip
            except DomainError as error:
                messages.error(request, str(error))
            else:
                messages.success(request, _("Offered to %(name)s.") % {"name": taker.name})
                return HttpResponseRedirect(reverse("admin:cases_handover_change", args=[row.pk]))
        asked = {int(pk) for pk in request.GET.get("items", "").split(",") if pk.isdigit()}
        colleagues = takers(staff, items)
        here = who_is_available(colleagues, at=now)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Hand over my items"),
            "opts": self.model._meta,
            "items": [(wait, not asked or wait.pk in asked, wait.is_overdue(at=now)) for wait in items],
            "colleagues": sorted(((one, one.pk in here) for one in colleagues), key=lambda pair: not pair[1]),
            "lead": shift_lead(staff, items, at=now),
        }
        return TemplateResponse(request, "admin/cases/waitingitem/hand_over.html", context)


@admin.register(HandOver)
class HandOverAdmin(ReadOnly):
    """What was offered from shift to shift; the taker accepts here."""

    list_display = ("giver", "taker", "lead", "state", "how_many", "note", "offered_at", "until")
    list_filter = ("state", ToMeFilter)
    list_select_related = ("giver", "taker", "lead")
    ordering = ("-offered_at",)
    actions = ("accept", "decline")

    def get_queryset(self, request: HttpRequest) -> QuerySet[HandOver]:
        rows: QuerySet[HandOver] = super().get_queryset(request)
        return rows.annotate(item_count=Count("items"))

    @admin.display(description=gettext_lazy("items"))
    def how_many(self, row: HandOver) -> int:
        return int(getattr(row, "item_count", 0))

    def has_action_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may act on hand-overs."""
        return may_work(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What is handed over, with the note, to be accepted or not."""
        row = get_object_or_404(self.get_queryset(request).select_related("giver", "taker", "lead"), pk=object_id)
        staff, now = staff_of(request.user), timezone.now()
        if request.method == "POST":
            if staff is None or not may_work(request):
                raise PermissionDenied
            self._settle(request, row, accept=request.POST.get("do") == "accept")
            return HttpResponseRedirect(reverse("admin:cases_handover_change", args=[row.pk]))
        items = row.items.select_related("case__customer", "case__flow", "on", "owner").order_by("due_at", "pk")
        context = {
            **self.admin_site.each_context(request),
            "title": str(row),
            "opts": self.model._meta,
            "row": row,
            "items": [(wait, wait.is_overdue(at=now)) for wait in items],
            "may_accept": may_work(request) and row.state == HandOver.State.OFFERED and staff in (row.taker, row.lead),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/cases/handover/page.html", context)

    def _settle(self, request: HttpRequest, row: HandOver, *, accept: bool) -> None:
        staff = staff_of(request.user)
        assert staff is not None
        settle = operations.accept_hand_over if accept else operations.decline_hand_over
        try:
            settled = settle(hand_over_id=row.pk, by=staff, actor=Actor.of_user(request.user), at=timezone.now())
        except DomainError as error:
            messages.error(request, str(error))
        else:
            words = _("Accepted: it is yours now.") if accept else _("It has gone to %(name)s.")
            messages.success(request, words if accept else words % {"name": settled.lead.name})

    @admin.action(description=gettext_lazy("Accept"), permissions=["action"])
    def accept(self, request: HttpRequest, queryset: QuerySet[HandOver]) -> None:
        """Take what was offered to me."""
        for row in queryset:
            self._settle(request, row, accept=True)

    @admin.action(description=gettext_lazy("I cannot: to the lead"), permissions=["action"])
    def decline(self, request: HttpRequest, queryset: QuerySet[HandOver]) -> None:
        """Let it fall to the lead at once."""
        for row in queryset:
            self._settle(request, row, accept=False)


class AboutFilter(admin.SimpleListFilter):
    """What had to be told, in words."""

    title = gettext_lazy("about")
    parameter_name = "about"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(WRITEBACK_WORDS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Writeback]) -> QuerySet[Writeback]:
        return queryset.filter(about=self.value()) if self.value() in WRITEBACK_WORDS else queryset


@admin.register(Writeback)
class WritebackAdmin(ReadOnly):
    """Who asked and has to be told, or was told, and when."""

    list_display = ("case_link", "told", "words", "state", "created_at", "due_at", "delivered_at", "delivered_by")
    list_filter = ("state", AboutFilter)
    exclude = ("about",)
    list_select_related = ("case__flow", "to")
    search_fields = ("words", "case__number", "to__name")
    ordering = ("due_at", "pk")
    list_display_links = None

    @admin.display(description=gettext_lazy("case"))
    def case_link(self, row: Writeback) -> str:
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:cases_servicecase_change", args=[row.case_id]), row.case
        )

    @admin.display(description=gettext_lazy("to be told"))
    def told(self, row: Writeback) -> str:
        return str(row.to)


@admin.register(CaseNote)
class CaseNoteAdmin(ReadOnly):
    """What colleagues noted; each finds here what mentions them."""

    list_display = ("case_link", "text", "written_by", "at")
    list_filter = (MentionedFilter,)
    list_select_related = ("case__flow", "author")
    search_fields = ("text", "case__number")
    ordering = ("-at",)
    list_display_links = None

    @admin.display(description=gettext_lazy("written by"))
    def written_by(self, note: CaseNote) -> str:
        return str(note.author or "")

    @admin.display(description=gettext_lazy("case"))
    def case_link(self, note: CaseNote) -> str:
        return format_html(
            '<a href="{}#notes">{}</a>', reverse("admin:cases_servicecase_change", args=[note.case_id]), note.case
        )


class MaterialInline(TabularInline):
    """What a flow needs from the customer side."""

    model = MaterialRequirement
    extra = 0


class DueInline(TabularInline):
    """How long an item may stay open."""

    model = DueRule
    extra = 0


class TimeoutInline(TabularInline):
    """What happens beside reminders when an item is overdue."""

    model = TimeoutRule
    extra = 0


@admin.register(ServiceFlow)
class ServiceFlowAdmin(SimpleHistoryAdmin, ModelAdmin):
    """Supervisors configure kinds of matters."""

    form = FlowForm
    list_display = ("name", "service_context", "completion_proof", "supervisor", "active")
    list_select_related = ("supervisor",)
    inlines = (MaterialInline, DueInline, TimeoutInline)

    def get_fields(self, request: HttpRequest, obj: ServiceFlow | None = None) -> Any:
        """Who only looks reads in words what a customer may be told."""
        fields = list(super().get_fields(request, obj))
        if self.has_change_permission(request, obj):
            return fields
        return ["disclosed" if name == "disclosure" else name for name in fields]

    def get_readonly_fields(self, request: HttpRequest, obj: ServiceFlow | None = None) -> Any:
        return () if self.has_change_permission(request, obj) else ("disclosed",)

    @admin.display(description=gettext_lazy("what a customer may be told"))
    def disclosed(self, flow: ServiceFlow) -> str:
        return format_html_join("", "<div>{}</div>", ((words,) for words in disclosure_words(flow.disclosure)))


class ExceptionInline(TabularInline):
    """Days that are worked otherwise."""

    model = CalendarException
    form = ExceptionForm
    extra = 0


@admin.register(Calendar)
class CalendarAdmin(SimpleHistoryAdmin, ModelAdmin):
    """Supervisors keep working time."""

    form = CalendarForm
    list_display = ("name", "timezone", "use_mainland_holidays")
    fields = ("name", "timezone", *DAY_NAMES, "use_mainland_holidays")
    inlines = (ExceptionInline,)

    def get_fields(self, request: HttpRequest, obj: Calendar | None = None) -> Any:
        """Who only looks reads the week in words."""
        if self.has_change_permission(request, obj):
            return super().get_fields(request, obj)
        return ("name", "timezone", "week_words", "use_mainland_holidays")

    def get_readonly_fields(self, request: HttpRequest, obj: Calendar | None = None) -> Any:
        return () if self.has_change_permission(request, obj) else ("week_words",)

    @admin.display(description=gettext_lazy("working week"))
    def week_words(self, calendar: Calendar) -> str:
        return format_html_join(
            "", "<div>{}: {}</div>", ((DAY_NAMES[day], spans_in_words(calendar.week[day])) for day in DAY_NAMES if calendar.week.get(day))
        )  # fmt: skip

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with an alarm where the holidays of a year that comes are not known."""
        for year in unknown_years(timezone.localdate()):
            words = _("The holidays of %(year)s are not known: Monday to Friday count. Enter them as exceptions.")
            messages.warning(request, words % {"year": year})
        page: HttpResponse = super().changelist_view(request, extra_context)
        return page
