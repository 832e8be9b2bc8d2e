"""A case that a colleague opens without any message: a call back, a visit that was agreed by phone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from cases import operations
from cases.models import PlannedCase, ServiceCase, ServiceFlow
from foundation.actors import Actor
from people.models import Customer, StaffMember


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
        required=False,
        label=gettext_lazy("Follow up at"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "class": "aj-field"}),
    )

    opens_at = forms.DateTimeField(
        required=False,
        label=gettext_lazy("Open it only then (a call back in some months)"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "class": "aj-field"}),
    )
    every_days = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=731,
        label=gettext_lazy("and again every so many days"),
        widget=UnfoldAdminTextInputWidget,
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


def plan_by_hand(request: HttpRequest, staff: StaffMember, data: dict[str, Any]) -> PlannedCase:
    """Plan the case that the form describes.

    :raises Refused: by `operations.plan_case`.
    """
    at = timezone.now()
    return operations.plan_case(
        customer=data["customer"], flow=data["flow"], owner=staff, title=data["title"], need=data["need"] or data["title"],
        next_at=data["opens_at"] or at + timedelta(days=data["every_days"]), every_days=data["every_days"],
        actor=Actor.of_user(request.user), at=at,
    )  # fmt: skip


def open_by_hand(request: HttpRequest, staff: StaffMember, data: dict[str, Any]) -> ServiceCase:
    """Open the case that the form describes, with what we have to do in it."""
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
