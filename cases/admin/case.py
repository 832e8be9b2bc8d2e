"""The list of cases, and the page of a case."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.admin import SimpleHistoryAdmin

from cases import intake, operations
from cases.admin.acts import act_on_case, done_words
from cases.admin.common import ReadOnly, may_work
from cases.admin.filters import (
    AppointmentFilter,
    CasesLateFilter,
    CasesOfMyWaitsFilter,
    CasesOnPartnerFilter,
    CasesUnownedFilter,
    MineFilter,
)
from cases.admin.opening import OpenCaseForm, open_by_hand, plan_by_hand
from cases.disclosure import disclosure_words
from cases.extensions import case_links
from cases.glance import allowed, conclusion, glance, last_sent_of
from cases.models import Material, NoteMention, ServiceCase, ServiceFlow, WaitingItem
from cases.operations.materials import fits
from cases.picture_hints import picture_hints
from cases.presenters import LANE_WORDS, changes_of, places_of, timeline
from cases.reasons import CANCEL_REASONS, REOPEN_REASONS, reason_words
from cases.shifts import takers, workers
from cases.standing_in import responsible_now
from conversations.models import Conversation
from evidence.bundle import build_bundle
from evidence.presenters import fault_words
from evidence.verification import Record, faults_of, read_record
from foundation.errors import DomainError
from foundation.masking import masked_phone
from people.admin import VisibleHistory, narrowed
from people.models import Customer, DutyRoster, Person, StaffMember, staff_of

#: So many lines of the story are shown at once.
STORY = 60


@admin.register(ServiceCase)
class ServiceCaseAdmin(VisibleHistory, SimpleHistoryAdmin, ReadOnly):
    """The list of cases, and the page that says at one glance where a case stands and shows its whole story."""

    list_display = ("number", "customer", "flow", "stage", "owner", "partner", "state", "opened_at")
    list_filter = (
        "state", CasesOfMyWaitsFilter, CasesLateFilter, AppointmentFilter, CasesOnPartnerFilter, CasesUnownedFilter, MineFilter, "flow", "partner",
    )  # fmt: skip
    list_select_related = ("customer", "flow", "owner", "partner")
    search_fields = ("number", "customer__name", "title")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ServiceCase]:
        items = WaitingItem.objects.open().select_related("on").with_holders(at=timezone.now())
        waits = Prefetch("waits", items, to_attr="open_waits")
        return super().get_queryset(request).prefetch_related(waits).order_by("-opened_at")

    def _cases(self, request: HttpRequest) -> QuerySet[ServiceCase]:
        """The same cases, without what only the list shows."""
        return self.get_queryset(request).prefetch_related(None)

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
            if form.cleaned_data["opens_at"] or form.cleaned_data["every_days"]:
                return self._plan(request, staff, form)
            case = open_by_hand(request, staff, form.cleaned_data)
            return HttpResponseRedirect(reverse("admin:cases_servicecase_change", args=[case.pk]))
        return self._opening(request, form)

    def _plan(self, request: HttpRequest, staff: StaffMember, form: OpenCaseForm) -> HttpResponse:
        try:
            plan = plan_by_hand(request, staff, form.cleaned_data)
        except DomainError as error:
            form.add_error("opens_at", str(error))
            return self._opening(request, form)
        messages.success(request, _("Planned: %(plan)s") % {"plan": plan})
        return HttpResponseRedirect(reverse("admin:cases_plannedcase_changelist") + "?running=1")

    def _opening(self, request: HttpRequest, form: OpenCaseForm) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request), "title": _("Open a case"), "opts": self.model._meta, "form": form,
        }  # fmt: skip
        return TemplateResponse(request, "admin/cases/servicecase/open.html", context)

    @admin.display(description=gettext_lazy("who waits for whom"))
    def stage(self, case: ServiceCase) -> str:
        waits = case.open_waits  # type: ignore[attr-defined]
        now = timezone.now()
        words = [f"{'⚠ ' if wait.is_overdue(at=now) else ''}{wait.stage_words} · {wait.who_owes}" for wait in waits[:2]]
        return "；".join(words) or "—"

    def get_urls(self) -> list[Any]:
        own: list[Any] = [
            path("<path:object_id>/act/", self.admin_site.admin_view(self.act_view), name="cases_servicecase_act"),
            path(
                "<int:object_id>/bundle/", self.admin_site.admin_view(self.bundle_view), name="cases_servicecase_bundle"
            ),
        ]
        return [*own, *super().get_urls()]

    def _in_place(self, case: ServiceCase, now: datetime) -> StaffMember | None:
        """Who takes the place of the owner of an open case, where they are not here."""
        taker = responsible_now(case, at=now) if case.state == "open" else case.owner
        return taker if taker != case.owner else None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        case = get_object_or_404(
            self._cases(request).select_related("conversation", "flow__supervisor", "customer", "owner", "partner"),
            pk=object_id,
        )
        now = timezone.now()
        record = read_record(
            operations.subject_of(case)
        )  # before the rest: what is recorded meanwhile is noticed by the page
        places = places_of(record.entries)
        waits = list(
            case.waits.open()
            .select_related(
                "on", "owner", "stands_in_for", "roster", "requested_in", "asked_in", "asked_by_message__sender"
            )
            .with_holders(at=now)
            .order_by("due_at")
        )
        closed = list(
            case.waits.filter(closed_at__isnull=False)
            .select_related("on", "owner", "roster", "answered_by__sender")
            .order_by("-closed_at")[:12]
        )
        notices = list(case.writebacks.select_related("to").order_by("-created_at")[:12])
        facts = list(case.facts.order_by("-fact_at", "-pk")[:4])
        materials = list(
            case.materials.select_related(
                "attachment__blob__reading", "wait__requirement", "judged_by", "message"
            ).order_by("pk")
        )
        others = self._others(request, case, materials)
        unchecked = sum(one.state == "received" for one in materials)
        context = {
            **self.admin_site.each_context(request),
            "seen": record.head_seq,
            "glance": glance(
                case,
                waits,
                notices=notices,
                sent=last_sent_of(reversed(record.entries), places),
                at=now,
                again=self._again(case),
            ),
            "in_place": self._in_place(case, now),
            "conclusion": conclusion(case, closed, facts),
            "allowed": allowed(case, waits, may_act=may_work(request), unchecked=unchecked),
            "owed": next((wait for wait in waits if wait.is_answer_owed), None),
            "close_reason": reason_words(case.close_reason),
            "joined_into": self._cases(request).filter(number=case.close_note).first()
            if case.close_reason == "joined"
            else None,
            "sorting": self._sorting(request, case) if case.flow.intake and case.state == "open" else None,
            "mentioned": case.notes.unseen_by(staff_of(request.user)).exists(),
            "changes": changes_of(case),
            "title": f"{case.number} {case.customer.name}",
            "opts": self.model._meta,
            "case": case,
            "waits": [(wait, wait.is_overdue(at=now)) for wait in waits],
            "writebacks": notices,
            "participants": case.participants.select_related("person"),
            "materials": [
                (
                    one,
                    picture_hints(one, case),
                    [wait for wait in others if wait.pk != one.wait_id and fits(wait, one.attachment)],
                )
                for one in materials
            ],
            "notes": case.notes.select_related("author")
            .prefetch_related(Prefetch("mentions", NoteMention.objects.select_related("staff")))
            .order_by("-pk")[:20],
            "colleagues": StaffMember.objects.active().order_by("name"),
            "workers": self._takers(request, waits),
            "duties": DutyRoster.objects.order_by("name") if waits and may_work(request) else (),
            "ended": closed,
            "visitors": Person.objects.filter(partner=case.partner_id, partner__isnull=False).order_by("name")[:40],
            # The number of a person of another company: in full for those who may have to call, and may open customers.
            "visitor_phone": case.visitor_phone if self._may_call(request) else masked_phone(case.visitor_phone),
            "told_of_visit": disclosure_words(case.flow.disclosure),
            "facts": facts,
            **self._story(request, record, places),
            "faults": [fault_words(fault) for fault in faults_of(record)],
            "record": record,
            "cancel_reasons": CANCEL_REASONS.items(),
            "links": case_links(request.user, case),
            "may_act": may_work(request),
            "reopen_reasons": REOPEN_REASONS.items(),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/cases/servicecase/page.html", context)

    def _story(self, request: HttpRequest, record: Record, places: dict[str, Conversation]) -> dict[str, Any]:
        """The newest part of the story, unless all of it is asked for: a long one would bury the page."""
        left_out = 0 if request.GET.get("story") == "all" else max(0, len(record.entries) - STORY)
        return {
            "timeline": timeline(record.entries[left_out:], places),
            "left_out": left_out,
            "lanes": LANE_WORDS.items(),
        }

    def _again(self, case: ServiceCase) -> list[WaitingItem]:
        """What has to be sent once more; of a closed case nothing."""
        return list(case.waits.to_be_asked_again()) if case.state == "open" else []

    def _others(self, request: HttpRequest, case: ServiceCase, materials: list[Material]) -> list[WaitingItem]:
        """Open items of this customer to which a piece of material may belong instead: of this case, and of others that the reader may see."""
        if not may_work(request) or not any(one.state in ("received", "surplus") for one in materials):
            return []
        seen = self._cases(request).filter(customer=case.customer, state="open")
        found = (
            WaitingItem.objects.open().filter(case__in=seen.values("pk"), need_kind="material").select_related("case")
        )
        return sorted(found.order_by("pk")[:30], key=lambda wait: wait.case_id != case.pk)

    def _may_call(self, request: HttpRequest) -> bool:
        return may_work(request) and request.user.has_perm("people.view_customer")

    def _takers(self, request: HttpRequest, waits: list[WaitingItem]) -> list[StaffMember]:
        """To whom items of a case may be given: supervisors choose among all who work on cases, others among whose business it is."""
        staff = staff_of(request.user)
        if staff is None or not waits or not may_work(request):
            return []
        return (
            list(workers().order_by("name"))
            if staff.is_supervisor
            else takers(staff, waits, at=timezone.now(), alone=False)
        )

    def _sorting(self, request: HttpRequest, case: ServiceCase) -> dict[str, Any]:
        """What an unsorted case may be: a case that is open already, or a new one of a flow."""
        found = narrowed(request, intake.list_choices(case))
        return {
            "cases": list(found[:30]),
            "flows": ServiceFlow.objects.filter(active=True, intake=False).order_by("name"),
        }

    def bundle_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The evidence of a case as a file that verifies offline; for those who may look at evidence."""
        case = get_object_or_404(self._cases(request), pk=object_id)
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
        case = get_object_or_404(self._cases(request), pk=object_id)
        staff = staff_of(request.user)
        if staff is None or not may_work(request):
            raise PermissionDenied
        try:
            case = act_on_case(request, case, staff, visible=self._cases(request))
            here = reverse("admin:cases_servicecase_change", args=[case.pk])
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, done_words(request.POST.get("do", "")))
        return HttpResponseRedirect(here)
