"""Pages that are read every day, with the form of the row behind them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path
from unfold.admin import ModelAdmin


class FormBehind(ModelAdmin):
    """The address of a row shows `page_view`; its form is at `edit/` behind it, and is still posted to the row's own address."""

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_edit"
        return [path("<int:pk>/edit/", self.admin_site.admin_view(self.edit_view), name=name), *super().get_urls()]

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The form."""
        made: HttpResponse = super().change_view(request, str(pk))
        return made

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page; the form lies behind it."""
        if request.method == "POST":
            posted: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
            return posted
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.page_view(request, int(object_id) if object_id.isdigit() else 0, extra_context or {})

    def page_view(self, request: HttpRequest, pk: int, extra_context: dict[str, Any]) -> HttpResponse:
        """The page of a row; 404 where there is none. For whoever may see rows of this kind."""
        raise NotImplementedError
