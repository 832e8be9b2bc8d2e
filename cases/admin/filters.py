"""Filters of the lists of cases, items, hand-overs and notes, named after the words of their querysets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import ServiceFlow, WaitingItem, Writeback
from cases.presenters import WRITEBACK_WORDS
from people.models import Partner, StaffMember, staff_of


class FlowFilter(admin.SimpleListFilter):
    """Rows of the cases of one flow. (The framework's own filter ignores what it is asked where there is only one flow.)"""

    title = gettext_lazy("service flow")
    parameter_name = "flow"
    field = "case__flow"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(pk), name) for pk, name in ServiceFlow.objects.order_by("name").values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value() or ""
        return self.of_flow(queryset, int(value)) if value.isdecimal() and len(value) < 10 else queryset

    def of_flow(self, queryset: Any, flow: int) -> Any:
        """Those of one flow."""
        return queryset.filter(**{self.field: flow})


class LateFilter(admin.SimpleListFilter):
    """Items, or notices, that are past due."""

    title = gettext_lazy("overdue")
    parameter_name = "late"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", _("Overdue"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.overdue(at=timezone.now()) if self.value() else queryset


class CasesLateFilter(LateFilter):
    """Cases with an item that is past due."""

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.with_items(WaitingItem.objects.overdue(at=timezone.now())) if self.value() else queryset


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

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", _("My waits"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not self.value():
            return queryset
        mine = WaitingItem.objects.mine(staff_of(request.user), at=timezone.now())
        return self.narrow(queryset, mine)

    def narrow(self, queryset: Any, mine: QuerySet[WaitingItem]) -> Any:
        """Those items themselves."""
        return queryset.filter(pk__in=mine.values("pk"))


class CasesOfMyWaitsFilter(MyWaitsFilter):
    """Cases in which the reader has something to do."""

    parameter_name = "my_waits"

    def narrow(self, queryset: Any, mine: QuerySet[WaitingItem]) -> Any:
        """The cases of those items."""
        return queryset.with_items(mine)


class UnownedFilter(admin.SimpleListFilter):
    """Items whose owner has left."""

    title = gettext_lazy("unowned")
    parameter_name = "unowned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", _("Unowned"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.unowned() if self.value() else queryset


class InPlaceFilter(admin.SimpleListFilter):
    """Items that somebody answers for in the place of an absent colleague."""

    title = gettext_lazy("in the place of an absent colleague")
    parameter_name = "in_place"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", _("In the place of an absent colleague"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.in_place() if self.value() else queryset


class CasesUnownedFilter(UnownedFilter):
    """Cases with an item whose owner has left."""

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.with_items(WaitingItem.objects.unowned()) if self.value() else queryset


class OnPartnerFilter(admin.SimpleListFilter):
    """Items that a partner owes."""

    title = gettext_lazy("waiting on partner")
    parameter_name = "on_partner"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(partner.pk), partner.name) for partner in Partner.objects.order_by("name")[:50]]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value() or ""
        return queryset.on_partner(int(value)) if value.isdigit() else queryset


class CasesOnPartnerFilter(OnPartnerFilter):
    """Cases in which a partner owes something."""

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value() or ""
        return queryset.with_items(WaitingItem.objects.on_partner(int(value))) if value.isdigit() else queryset


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


class AboutFilter(admin.SimpleListFilter):
    """What had to be told, in words."""

    title = gettext_lazy("about")
    parameter_name = "about"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(WRITEBACK_WORDS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Writeback]) -> QuerySet[Writeback]:
        return queryset.filter(about=self.value()) if self.value() in WRITEBACK_WORDS else queryset
