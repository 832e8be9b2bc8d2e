"""Forms of working time: several spans a day in one line, a line per weekday."""

from __future__ import annotations

import re
import unicodedata
from datetime import time
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.formats import date_format
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from cases import calendars
from cases.models import Calendar, CalendarException, ServiceFlow
from cases.models.flow import DisclosedFrom, Disclosure
from cases.worktime import Otherwise
from foundation.forms import WordsField


def spans_in_words(spans: list[list[str]]) -> str:
    """Spans as people write them: 09:00-12:00 13:00-18:00."""
    return " ".join(f"{begin}-{end}" for begin, end in spans)


def otherwise_words(one: Otherwise) -> str:
    """Days that are worked otherwise, in words: when, whether they are worked, and why."""
    why = {"own": _("own exception"), "holiday": _("public holiday"), "make_up": _("make-up workday")}[one.why]
    first, last = (date_format(day, "DATE_FORMAT") for day in (one.first, one.last))
    days = f"{first} {date_format(one.first, 'D')}" if one.first == one.last else f"{first} – {last}"
    worked = " ".join(
        f"{begin:%H:%M}-{'24:00' if end == time(0) else format(end, '%H:%M')}" for begin, end in one.spans
    )
    off = _("day off")
    return f"{days} · {worked or off} · {why}"


def read_spans(words: str) -> list[list[str]]:
    """Spans from what somebody wrote, separated by spaces or commas; nothing is a day off.

    :raises ValidationError: when it cannot be read, a span ends before it begins, or two overlap.
    """
    plain = (
        unicodedata.normalize("NFKC", words).replace("–", "-").replace("~", "-").replace("、", " ").replace(",", " ")
    )
    spans = []
    for part in re.sub(r"\s*-\s*", "-", plain).split():
        found = re.fullmatch(r"(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)", part)
        if found is None:
            raise forms.ValidationError(_("Write spans like 09:00-12:00 13:00-18:00."))
        spans.append([f"{int(found[1]):02d}:{found[2]}", f"{int(found[3]):02d}:{found[4]}"])
    try:
        calendars.parse_spans(spans)
    except ValueError as error:
        raise forms.ValidationError(str(error)) from error
    return spans


class SpansField(forms.CharField):
    """Several spans of a day in one line."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "09:00-12:00 13:00-18:00"}),
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        return spans_in_words(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return read_spans(super().clean(value) or "")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((self.prepare_value(initial) or "") != (data or ""))


DAY_NAMES: dict[str, Any] = {
    "mon": gettext_lazy("Monday"), "tue": gettext_lazy("Tuesday"), "wed": gettext_lazy("Wednesday"), "thu": gettext_lazy("Thursday"),
    "fri": gettext_lazy("Friday"), "sat": gettext_lazy("Saturday"), "sun": gettext_lazy("Sunday"),
}  # fmt: skip


class CalendarForm(forms.ModelForm):
    """Working time, a line per weekday."""

    mon, tue, wed, thu, fri, sat, sun = (SpansField(label=name) for name in DAY_NAMES.values())

    class Meta:
        model = Calendar
        fields = ("name", "timezone", "use_mainland_holidays")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day in DAY_NAMES:
            self.fields[day].initial = self.instance.week.get(day, [])

    def clean_timezone(self) -> str:
        """A time zone that exists."""
        name: str = self.cleaned_data["timezone"]
        if name not in available_timezones():
            raise forms.ValidationError(_("There is no such time zone; Asia/Shanghai is one."))
        return name

    def clean(self) -> dict[str, Any]:
        """A week with some working time in it: without any nothing ever falls due."""
        data = super().clean() or {}
        week = {day: data[day] for day in DAY_NAMES if data.get(day)}
        if not week and not self.errors:
            raise forms.ValidationError(_("A week needs some working time."))
        self.instance.week = week
        return data


class ExceptionForm(forms.ModelForm):
    """A day and its spans; none is a day off."""

    spans = SpansField(label=gettext_lazy("working spans"))

    class Meta:
        model = CalendarException
        fields = ("date", "spans", "note")


class DisclosureWidget(forms.MultiWidget):
    """A choice of stage for each kind of fact."""

    def __init__(self) -> None:
        kinds = {
            kind.value: UnfoldAdminSelectWidget(
                choices=[(stage.value, _stage_words(kind, stage)) for stage in DisclosedFrom]
            )
            for kind in Disclosure
        }
        super().__init__(widgets=kinds)

    def decompress(self, value: Any) -> list[str]:
        """The list of a flow, a stage for each kind."""
        listed = value if isinstance(value, dict) else {}
        return [str(listed.get(kind.value, DisclosedFrom.NEVER)) for kind in Disclosure]


def _stage_words(kind: Disclosure, stage: DisclosedFrom) -> Any:
    return format_lazy("{kind}: {stage}", kind=kind.label, stage=stage.label)


class DisclosureField(forms.MultiValueField):
    """What a customer may be told in a flow, and from when on."""

    def __init__(self, **kwargs: Any) -> None:
        fields = [forms.ChoiceField(choices=DisclosedFrom.choices) for _kind in Disclosure]
        super().__init__(fields=fields, widget=DisclosureWidget(), required=False, **kwargs)

    def compress(self, data_list: list[str]) -> dict[str, str]:
        """Only what may be told at some time."""
        pairs = zip(Disclosure, data_list, strict=False)
        return {kind.value: stage for kind, stage in pairs if stage and stage != DisclosedFrom.NEVER}

    def has_changed(self, initial: Any, data: Any) -> bool:
        """By the list that results, not by its form."""
        return bool((initial or {}) != self.compress([str(one) for one in data or []]))


class FlowForm(forms.ModelForm):  # type: ignore[type-arg]
    """A kind of matter, with its lists in words."""

    keywords = WordsField(
        label=gettext_lazy("keywords"),
        help_text=gettext_lazy("Words by which a message belongs here, with 、 or a comma between them."),
    )
    disclosure = DisclosureField(
        label=gettext_lazy("what a customer may be told"),
        help_text=gettext_lazy(
            "A text that tells more is held back. The names of others, prices and internal matters are never told."
        ),
    )

    class Meta:
        model = ServiceFlow
        fields = "__all__"  # noqa: DJ007 (the admin narrows it down)
