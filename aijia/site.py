"""The admin site: what stands around every page is worked out once a request, and only for pages that show it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.apps import AppConfig
from django.contrib import admin
from django.contrib.admin import sites
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from unfold.sites import UnfoldAdminSite


def mark_place(items: Iterable[dict[str, Any]], request: HttpRequest) -> None:
    """Mark the one line of the menu under which a page is found: the longest address that it begins with, then what its list was asked for."""

    def nearness(item: dict[str, Any]) -> tuple[int, int]:
        address = urlsplit(str(item["link_callback"] if "link_callback" in item else item["link"]))
        asked = parse_qsl(address.query)
        if not request.path.startswith(address.path) or not all(
            request.GET.get(name) == value for name, value in asked
        ):
            # The same list, asked for something else, is still the nearest where nothing else is.
            return (len(address.path) - 1 if request.path.startswith(address.path) else 0, 0)
        return len(address.path), len(asked)

    lines = [(nearness(item), item) for item in items]
    for _near, item in lines:
        item["active"] = False
    near, best = max(lines, key=lambda line: line[0], default=((0, 0), {}))
    if near[0]:
        best["active"] = True


class Site(UnfoldAdminSite):
    """The theme's site; a redirect, a file or a refusal pays for no menu."""

    empty_value_display = "—"

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
        """The menu, made when somebody looks: it says where one is, and a fold stands open for those whose work is in it."""
        of_all = super().get_sidebar_list

        def made() -> list[dict[str, Any]]:
            groups: list[dict[str, Any]] = of_all(request)
            mark_place([item for group in groups for item in group["items"] if item["has_permission"]], request)
            for group in groups:
                if "work_of" in group and not request.user.is_superuser and request.user.has_perm(group["work_of"]):
                    group["collapsible"] = False
            return groups

        return SimpleLazyObject(made)


class ThemeConfig(AppConfig):
    """The theme as a Django application, with our site for its own."""

    name = "unfold"

    def ready(self) -> None:
        """Before any screen is registered."""
        admin.site = sites.site = Site()
