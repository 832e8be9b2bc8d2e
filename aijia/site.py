"""The admin site: what stands around every page is worked out once a request, and only for pages that show it."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.contrib import admin
from django.contrib.admin import sites
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from unfold.sites import UnfoldAdminSite


class Site(UnfoldAdminSite):
    """The theme's site; a redirect, a file or a refusal pays for no menu."""

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What every page has, made once a request."""
        made: dict[str, Any] | None = getattr(request, "_around_every_page", None)
        if made is None:
            made = super().each_context(request)
            request._around_every_page = made  # type: ignore[attr-defined]
        return dict(made)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """All rooms with their screens, made when somebody looks."""
        of_all = super().get_app_list
        return SimpleLazyObject(lambda: of_all(request, app_label))

    def get_sidebar_list(self, request: HttpRequest) -> Any:
        """The menu, made when somebody looks."""
        of_all = super().get_sidebar_list
        return SimpleLazyObject(lambda: of_all(request))


class ThemeConfig(AppConfig):
    """The theme as a Django application, with our site for its own."""

    name = "unfold"

    def ready(self) -> None:
        """Before any screen is registered."""
        admin.site = sites.site = Site()
