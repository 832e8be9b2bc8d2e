"""Trying a question: what a customer would be answered, now or at another moment, and from which item."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from knowledge import clock
from knowledge.admin.forms import FIELD
from knowledge.models import Audience
from knowledge.presenters import as_read
from knowledge.search import Applies, find, search

#: Who may be answered; colleagues are not.
READERS = [(code, label) for code, label in Audience.choices if code in ("customer", "member", "partner")]


class TryForm(forms.Form):
    """A question as a customer would ask it, when, where, and by whom."""

    q = forms.CharField(
        label=gettext_lazy("question"), max_length=300, widget=forms.TextInput(attrs={**FIELD, "autofocus": True})
    )
    at = forms.DateTimeField(
        label=gettext_lazy("asked at"), required=False, input_formats=["%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput(attrs={**FIELD, "type": "datetime-local", "step": "60"}, format="%Y-%m-%dT%H:%M"),
        help_text=gettext_lazy("Empty: now. A campaign answers from its first minute to its last."),
    )  # fmt: skip
    audience = forms.ChoiceField(
        label=gettext_lazy("who asks"), choices=READERS, required=False, widget=forms.Select(attrs=FIELD)
    )
    product = forms.CharField(
        label=gettext_lazy("product"), max_length=120, required=False, widget=forms.TextInput(attrs=FIELD)
    )
    channel = forms.CharField(
        label=gettext_lazy("channel"), max_length=64, required=False, widget=forms.TextInput(attrs=FIELD),
        help_text=gettext_lazy("Such as customer service, customer group, tmall."),
    )  # fmt: skip

    def clean_at(self) -> datetime | None:
        """An instant, by the editors' clock."""
        moment: datetime | None = self.cleaned_data["at"]
        return clock.instant(moment.replace(tzinfo=None)) if moment is not None else None


def tried(data: QueryDict, *, now: datetime) -> dict[str, Any]:
    """What the page shows: the form, and for a question what answers it and what only comes near. Writes nothing."""
    if not data.get("q"):
        return {"form": TryForm(initial={"audience": Audience.CUSTOMER}), "asked": ""}
    form = TryForm(data)
    if not form.is_valid():
        return {"form": form, "asked": ""}
    given = form.cleaned_data
    at = given["at"] or now
    audience = given["audience"] or Audience.CUSTOMER
    channels = (given["channel"],) if given["channel"] else ()
    hits = search(given["q"], at=at, audience=audience, product=given["product"], channels=channels)
    to = Applies(audience=audience, product=given["product"], channels=channels)
    answering = {hit.version.pk for hit in hits}
    near = [hit.version for hit in find(given["q"], at=at, applies=to, limit=6) if hit.version.pk not in answering]
    return {
        "form": form, "asked": given["q"], "hits": [hit.version for hit in hits], "near": near[:4], "answer": as_read(hits[0].version) if hits else "",
        "when": clock.words(at, now=now) if given["at"] else "",
    }  # fmt: skip
