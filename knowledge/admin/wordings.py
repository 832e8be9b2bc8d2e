"""Wording templates and the brand voice in the admin: what the product says, and what editors want it to say instead."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin

from knowledge.models import BrandVoice, KnowledgeKind, KnowledgeVersion
from knowledge.wordings import list_templates


@admin.register(BrandVoice)
class BrandVoiceAdmin(SimpleHistoryAdmin, ModelAdmin):
    """Editors decide how the brand greets and how warm it sounds; beside it, every template with what stands in its place."""

    list_display = ("name", "tone", "greeting", "greeting_en")
    fields = ("name", "tone", "greeting", "greeting_nameless", "greeting_en")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one voice."""
        return super().has_add_permission(request) and not BrandVoice.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It is changed, never deleted."""
        return False

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
