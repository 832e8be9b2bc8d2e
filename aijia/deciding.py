"""What the pages about who is who share: the right, what each decision needs, and how it is reported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.actors import Actor
from foundation.errors import DomainError

WHO_IS_WHO = "people.change_identity"


def common_of(request: HttpRequest) -> tuple[dict[str, Any], int]:
    """Reason, actor and instant of a decision, and the number of the row that it names.

    :raises PermissionDenied: for whoever may not settle who is who.
    """
    if not request.user.has_perm(WHO_IS_WHO):
        raise PermissionDenied
    key = request.POST.get("key", "")
    common = {"reason": request.POST.get("reason", ""), "actor": Actor.of_user(request.user), "at": timezone.now()}
    return common, int(key) if key.isdigit() else 0


def picker(field: Any, label: str) -> forms.Form:
    """A box that finds a row by parts of its name, as far as the reader sees it: the row that a relation points at."""
    widget = AutocompleteSelect(field, admin.site, attrs={"aria-label": label})
    rows = field.remote_field.model.objects.none()
    made: Any = type("Picker", (forms.Form,), {"key": forms.ModelChoiceField(rows, label=label, widget=widget)})
    form: forms.Form = made(auto_id="pick_%s")
    return form


def decide(request: HttpRequest, carry_out: Callable[[], None]) -> bool:
    """Carry a decision out and say that it is done, or why it was refused."""
    try:
        carry_out()
    except DomainError as error:
        messages.error(request, str(error))
        return False
    messages.success(request, _("Done."))
    return True
