"""What editors fill in: the words of a draft with the fields that its kind needs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image, UnidentifiedImageError

from cases.models import ServiceFlow
from knowledge import clock
from knowledge.kinds import FieldSpec, spec_of
from knowledge.models import Audience, KnowledgeVersion
from people.models import StaffMember

FIELD = {"class": "aj-field"}
AREA = {"class": "aj-text", "rows": 3}
MAX_SAMPLE = 5 * 1024 * 1024


def lines(text: str) -> list[str]:
    """The lines of a field that holds a list."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def _moment(label: Any, help_text: Any) -> forms.Field:
    widget = forms.DateTimeInput(attrs={**FIELD, "type": "datetime-local", "step": "60"}, format="%Y-%m-%dT%H:%M")
    return forms.CharField(label=label, help_text=help_text, widget=widget)


class DraftForm(forms.Form):
    """The words of a draft, and what its item is about."""

    title = forms.CharField(
        label=gettext_lazy("title"), max_length=191, widget=forms.TextInput(attrs=FIELD),
        help_text=gettext_lazy("As a customer would ask it, in a few words."),
    )  # fmt: skip
    body = forms.CharField(
        label=gettext_lazy("text"), required=False, widget=forms.Textarea(attrs={"class": "aj-text", "rows": 7}),
        max_length=20_000, help_text=gettext_lazy("What the customer reads. An answer is greeted by itself; in a wording for a template {greet} says where."),
    )  # fmt: skip
    questions = forms.CharField(
        label=gettext_lazy("other ways to ask"), required=False, widget=forms.Textarea(attrs=AREA),
        help_text=gettext_lazy("One a line; the search finds the item by each."),
    )  # fmt: skip
    flow = forms.ModelChoiceField(
        ServiceFlow.objects.order_by("name"),
        label=gettext_lazy("flow"),
        required=False,
        widget=forms.Select(attrs=FIELD),
    )
    products = forms.CharField(
        label=gettext_lazy("products"), required=False, widget=forms.Textarea(attrs={**AREA, "rows": 2}),
        help_text=gettext_lazy("One a line. Empty: all."),
    )  # fmt: skip
    channels = forms.CharField(
        label=gettext_lazy("channels"), required=False, widget=forms.Textarea(attrs={**AREA, "rows": 2}),
        help_text=gettext_lazy("One a line, such as customer service, customer group, tmall. Empty: all."),
    )  # fmt: skip
    audience = forms.ChoiceField(
        label=gettext_lazy("who may be told"), choices=Audience.choices, initial=Audience.CUSTOMER,
        widget=forms.Select(attrs=FIELD),
    )  # fmt: skip
    sample = forms.FileField(
        label=gettext_lazy("sample picture"),
        required=False,
        widget=forms.FileInput(attrs={**FIELD, "accept": "image/*"}),
    )
    owner = forms.ModelChoiceField(
        StaffMember.objects.active().order_by("name"), label=gettext_lazy("owner"), required=False,
        widget=forms.Select(attrs=FIELD), help_text=gettext_lazy("Is reminded when it has to be looked at again."),
    )  # fmt: skip
    code = forms.CharField(
        label=gettext_lazy("own number"), max_length=64, required=False, widget=forms.TextInput(attrs=FIELD)
    )
    review_by = forms.DateField(
        label=gettext_lazy("review by"), required=False,
        widget=forms.DateInput(attrs={**FIELD, "type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip
    note = forms.CharField(
        label=gettext_lazy("what changed"), max_length=255, required=False, widget=forms.TextInput(attrs=FIELD)
    )

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.spec = kind, spec_of(kind)
        self.own: list[str] = []
        for one in self.spec.fields:
            name = f"field_{one.key}"
            self.fields[name] = _field_of(one)
            self.own.append(name)
        if kind == "campaign":
            clock_words = str(clock.zone())
            self.fields["valid_from"] = _moment(
                _("valid from"), _("To the minute, by the clock of %(zone)s.") % {"zone": clock_words}
            )
            self.fields["valid_until"] = _moment(
                _("valid until"), _("The first minute in which it is not said any more.")
            )
        if not self.spec.sample:
            del self.fields["sample"]
        if not self.spec.flow:
            del self.fields["flow"]
        elif self.spec.flow == "required":
            self.fields["flow"].required = True
        if not self.spec.body:
            self.fields["body"].help_text = str(self.spec.help)

    def main_fields(self) -> list[Any]:
        """What is said, in the order in which one writes it."""
        names = [
            "title",
            "body",
            *(("valid_from", "valid_until") if self.kind == "campaign" else ()),
            *self.own,
            "questions",
        ]
        return [self[name] for name in names]

    def side_fields(self) -> list[Any]:
        """For whom it holds, and who keeps it."""
        shown = {"title", "body", "questions", "valid_from", "valid_until", *self.own}
        return [self[name] for name in self.fields if name not in shown]

    def _clean_moment(self, name: str) -> datetime:
        try:
            return clock.instant(datetime.fromisoformat(self.cleaned_data[name]))
        except ValueError as error:
            raise forms.ValidationError(_("This is not a date and time.")) from error

    def clean_valid_from(self) -> datetime:
        """An instant."""
        return self._clean_moment("valid_from")

    def clean_valid_until(self) -> datetime:
        """An instant."""
        return self._clean_moment("valid_until")

    def clean_sample(self) -> UploadedFile | None:
        """A picture, and not too big a one."""
        file: UploadedFile | None = self.cleaned_data.get("sample")
        if file is None:
            return None
        if (file.size or 0) > MAX_SAMPLE:
            raise forms.ValidationError(_("A picture may have 5 MB at most."))
        try:
            Image.open(file).verify()  # type: ignore[arg-type]
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise forms.ValidationError(_("This is not a picture.")) from error
        file.seek(0)
        return file

    def words(self) -> dict[str, Any]:
        """What `create_item` and `edit_draft` take."""
        data = self.cleaned_data
        fields: dict[str, Any] = {}
        for one in self.spec.fields:
            value = data[f"field_{one.key}"]
            value = lines(value) if one.type == "lines" else value
            if value:
                fields[one.key] = value
        found = {
            "title": data["title"], "body": data["body"].replace("\r\n", "\n").strip(), "questions": lines(data["questions"]),
            "fields": fields, "products": lines(data["products"]), "channels": lines(data["channels"]),
            "audience": data["audience"], "owner": data["owner"], "code": data["code"].strip(), "review_by": data["review_by"],
            "note": data["note"],
        }  # fmt: skip
        if "flow" in self.fields:
            found["flow"] = data["flow"]
        if self.kind == "campaign":
            found |= {"valid_from": data["valid_from"], "valid_until": data["valid_until"]}
        if data.get("sample") is not None:
            found["sample"] = data["sample"]
        return found


def _field_of(one: FieldSpec) -> forms.Field:
    common: dict[str, Any] = {"label": one.label, "required": one.required, "help_text": one.help}
    if one.type == "lines":
        return forms.CharField(
            widget=forms.Textarea(attrs=AREA), **{**common, "help_text": one.help or _("One a line.")}
        )
    if one.type == "choice":
        return forms.ChoiceField(choices=[("", "—"), *one.choices], widget=forms.Select(attrs=FIELD), **common)
    return forms.CharField(max_length=255, widget=forms.TextInput(attrs=FIELD), **common)


def initial_of(version: KnowledgeVersion) -> dict[str, Any]:
    """What the form shows of a draft."""
    zone = clock.zone()
    item = version.item
    found: dict[str, Any] = {
        "title": version.title, "body": version.body, "questions": "\n".join(map(str, version.questions)),
        "flow": item.flow_id, "products": "\n".join(map(str, version.products)),
        "channels": "\n".join(map(str, version.channels)), "audience": version.audience, "owner": item.owner_id,
        "code": item.code, "review_by": item.review_by, "note": version.note,
    }  # fmt: skip
    for name in ("valid_from", "valid_until"):
        at = getattr(version, name)
        found[name] = at.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if at is not None else ""
    for one in spec_of(version.kind).fields:
        value = version.fields.get(one.key, "")
        found[f"field_{one.key}"] = "\n".join(map(str, value)) if isinstance(value, list) else value
    return found
