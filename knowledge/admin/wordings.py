"""Wording templates and the brand voice in the admin: what the product says, and what editors want it to say instead."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget

from foundation.wording import listed
from knowledge.admin.forms import lines
from knowledge.models import BrandVoice, KnowledgeKind, KnowledgeVersion
from knowledge.wordings import list_templates
from knowledge.wordings import render as render_words

ARROW = re.compile(r"→|->|=>|＝|=")


class VoiceForm(forms.ModelForm):  # type: ignore[type-arg]
    """A voice; its words and channels one a line."""

    instead = forms.CharField(
        label=gettext_lazy("Instead of"), required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=gettext_lazy("One a line: what is not said → what is said instead, such as 亲 → 您. Facts and names stay as they are."),
    )  # fmt: skip
    channels = forms.CharField(
        label=gettext_lazy("Channels"), required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text=gettext_lazy("One a line, such as customer service, customer group, private chat. Empty: all."),
    )  # fmt: skip

    class Meta:
        model = BrandVoice
        fields = (
            "name", "tone", "greeting", "greeting_nameless", "greeting_en", "instead", "flows", "channels", "tags",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["instead"] = "\n".join(f"{avoided} → {said}" for avoided, said in self.instance.instead)
        self.initial["channels"] = "\n".join(map(str, self.instance.channels))

    def clean_instead(self) -> list[list[str]]:
        """Pairs of words."""
        pairs = []
        for line in lines(self.cleaned_data["instead"]):
            avoided, arrow, said = (part.strip() for part in ARROW.sub("→", line, count=1).partition("→"))
            if not arrow or not avoided or not said:
                raise forms.ValidationError(_("“%(line)s”: write both, as in 亲 → 您.") % {"line": line})
            pairs.append([avoided, said])
        return pairs

    def clean_channels(self) -> list[str]:
        """Names, one a line."""
        return lines(self.cleaned_data["channels"])

    def clean(self) -> dict[str, Any]:
        """A voice beside the first says where it speaks."""
        data: dict[str, Any] = super().clean() or {}
        first = BrandVoice.objects.order_by("pk").first()
        asks = data.get("flows") or data.get("channels") or data.get("tags")
        if first is not None and first.pk != self.instance.pk and not asks and not self.errors:
            raise forms.ValidationError(_("Say where this voice speaks: a flow, a channel or a tag."))
        return data


@admin.register(BrandVoice)
class BrandVoiceAdmin(SimpleHistoryAdmin, ModelAdmin):
    """Editors decide how each brand greets, how warm it sounds and which words it uses, and to whom it speaks; beside it, every template with
    what stands in its place."""

    form = VoiceForm
    list_display = ("name", "speaks_to", "tone", "greeting", "greeting_en")
    ordering = ("pk",)
    fieldsets = (
        (None, {"fields": ("name", "tone", "greeting", "greeting_nameless", "greeting_en", "instead", "sounds")}),
        (
            gettext_lazy("To whom it speaks"),
            {
                "fields": ("flows", "channels", "tags"),
                "description": gettext_lazy(
                    "The first voice speaks wherever no other fits. Another one needs at least one of these; all that it names have to fit, and of "
                    "several the one that names most speaks."
                ),
            },
        ),
    )
    autocomplete_fields = ("tags",)
    readonly_fields = ("sounds",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[BrandVoice]:
        """With whom they speak to."""
        first = BrandVoice.objects.order_by("pk").values("pk")[:1]
        rows: QuerySet[BrandVoice] = super().get_queryset(request).prefetch_related("flows", "tags")
        return rows.annotate(first=Subquery(first))

    def get_fieldsets(self, request: HttpRequest, obj: BrandVoice | None = None) -> Any:
        """Who only looks reads in words what others write in lines."""
        sets: Any = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            return sets
        words = {"instead": "instead_words", "channels": "channel_words"}
        return [(title, {**more, "fields": [words.get(name, name) for name in more["fields"]]}) for title, more in sets]

    def get_readonly_fields(self, request: HttpRequest, obj: BrandVoice | None = None) -> Any:
        own = tuple(super().get_readonly_fields(request, obj))
        return own if self.has_change_permission(request, obj) else (*own, "instead_words", "channel_words")

    @admin.display(description=gettext_lazy("words"))
    def instead_words(self, voice: BrandVoice) -> str:
        return listed(f"{avoided} → {said}" for avoided, said in voice.instead) or "—"

    @admin.display(description=gettext_lazy("channels"))
    def channel_words(self, voice: BrandVoice) -> str:
        return listed(voice.channels) or "—"

    @admin.display(description=gettext_lazy("speaks to"))
    def speaks_to(self, voice: BrandVoice) -> str:
        """Flows, channels and tags in words."""
        names = [*map(str, voice.flows.all()), *map(str, voice.channels), *(f"#{tag}" for tag in voice.tags.all())]
        if voice.pk == voice.first:  # type: ignore[attr-defined]
            return _("everybody else")
        return " · ".join(names) or _("nobody yet")

    @admin.display(description=gettext_lazy("How it sounds"))
    def sounds(self, voice: BrandVoice) -> str:
        """An answer, a thank-you for material and an answer in English, as a customer of this voice reads them; as saved."""
        if voice.pk is None:
            return "—"
        texts = [
            render_words("faq_answer.published", english=False, name="陈女士", voice=voice, answer="滤芯建议六个月更换一次。").text,
            render_words("material_received.unasked", english=False, name="", voice=voice).text,
            render_words("faq_answer.published", english=True, name="Ms Chen", voice=voice, answer="Change the filter every six months.").text,
        ]  # fmt: skip
        spoken = zip(("zh-Hans", "zh-Hans", "en"), texts, strict=True)
        return format_html_join(format_html("<br>"), '<span lang="{}">{}</span>', spoken)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """All but the first, which speaks where no other does."""
        return super().has_delete_permission(request, obj) and (obj is None or obj != BrandVoice.current())

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """The voices that go; that they no longer name flows and tags needs no list of rows between tables."""
        _all, _counts, perms, protected = super().get_deleted_objects(objs, request)
        return [str(one) for one in objs], {str(BrandVoice._meta.verbose_name_plural): len(objs)}, perms, protected

    def get_actions(self, request: HttpRequest) -> Any:
        """One is deleted on its page, not many at once."""
        return {name: row for name, row in super().get_actions(request).items() if name != "delete_selected"}

    def get_urls(self) -> list[Any]:
        """The page of all templates."""
        return [
            path("templates/", self.admin_site.admin_view(self.templates_view), name="knowledge_wordings"),
            *super().get_urls(),
        ]

    def templates_view(self, request: HttpRequest) -> HttpResponse:
        """Every situation with the shipped words in both languages and the published versions that stand in their place."""
        if not request.user.has_perm("knowledge.view_knowledgeitem"):
            raise PermissionDenied
        own: dict[tuple[str, str], list[KnowledgeVersion]] = {}
        rows = KnowledgeVersion.objects.filter(kind=KnowledgeKind.CUSTOMER_WORDING).exclude(state="retired")
        for row in rows.select_related("item__flow").order_by("item_id", "-number"):
            key = str(row.fields.get("template") or "")
            if key:
                own.setdefault((key, str(row.fields.get("language") or "zh")), []).append(row)
        add = reverse("admin:knowledge_knowledgeitem_add")
        templates = [
            {
                "kind": one.kind_words,
                "situation": str(one),
                "texts": [
                    {
                        "code": code, "language": language, "text": one.text(code), "own": own.get((one.key, code), []),
                        "add": f"{add}?{urlencode({'kind': 'customer_wording', 'template': one.key, 'language': code, 'title': str(one)})}",
                    }
                    for code, language in (("zh", _("Chinese")), ("en", _("English")))
                ],
            }
            for one in list_templates()
        ]  # fmt: skip
        context = {
            **self.admin_site.each_context(request), "title": _("Wording templates"), "templates": templates,
            "opts": self.model._meta, "may_add": request.user.has_perm("knowledge.add_knowledgeitem"),
            "voice": BrandVoice.current(),
        }  # fmt: skip
        return render(request, "admin/knowledge/wordings.html", context)
