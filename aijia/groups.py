"""The screen of roles: what each may do, in words, for administrators; the product's own roles stay."""

from __future__ import annotations

from typing import Any

from django import forms
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from aijia.roles import ROLES, role_words
from foundation.wording import listed

admin.site.unregister(Group)
# Django's own model, shown in many places by its `str`: boxes of a form, titles, what goes with a deletion.
Group.add_to_class("__str__", role_words)  # type: ignore[attr-defined]
VERBS = {
    "view": gettext_lazy("may see"), "add": gettext_lazy("may add"), "change": gettext_lazy("may change"),
    "delete": gettext_lazy("may delete"),
}  # fmt: skip


def can_be_given() -> QuerySet[Permission]:
    """Permissions that mean something on a screen: those of the rooms' rows, without their histories."""
    kinds = [
        kind.pk
        for model, kind in ContentType.objects.get_for_models(*apps.get_models()).items()
        if (model is Group or model.__module__.split(".")[0] in settings.ROOMS)
        and not model._meta.model_name.startswith("historical")  # type: ignore[union-attr]
        and "sandbox" not in model._meta.app_label
    ]
    return Permission.objects.filter(content_type__in=kinds).select_related("content_type")


def permission_words(permission: Permission) -> str:
    """What a permission allows, in the language of the reader."""
    model = permission.content_type.model_class()
    if model is None:
        return f"{permission.content_type.app_label} · {permission.content_type.model} · {permission.codename}"
    own = dict(model._meta.permissions)
    verb = VERBS.get(permission.codename.split("_")[0])
    what = own.get(permission.codename) or verb or permission.name
    return f"{apps.get_app_config(model._meta.app_label).verbose_name} · {model._meta.verbose_name_plural} · {what}"


class PermissionsWidget(forms.CheckboxSelectMultiple):
    """A fold for every room, a line for every kind of row, a box for every verb: the whole of a role at a glance."""

    template_name = "admin/auth/group/permissions.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The boxes, sorted into rooms."""
        context = super().get_context(name, value, attrs)
        rooms: dict[str, dict[str, list[Any]]] = {}
        for _group, options, _index in context["widget"]["optgroups"]:
            for option in options:
                room, kind, words = str(option["label"]).split(" · ", 2)
                rooms.setdefault(room, {}).setdefault(kind, []).append((option, words))
        context["rooms"] = [
            (
                room, kinds, sum(option["selected"] for rows in kinds.values() for option, _words in rows),
                sum(len(rows) for rows in kinds.values()),
            )
            for room, kinds in rooms.items()
        ]  # fmt: skip
        return context


class PermissionsField(forms.ModelMultipleChoiceField):
    """Permissions by what they allow."""

    def label_from_instance(self, obj: Any) -> str:
        return permission_words(obj)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    """Administrators see what a role may do, add to it, and make roles of their own; the product's roles are not deleted or renamed."""

    list_display = ("role", "people")
    filter_horizontal = ()
    ordering = ("pk",)

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        """Permissions by what they allow."""
        if db_field.remote_field.model is Permission:
            return PermissionsField(
                can_be_given(),
                label=capfirst(db_field.verbose_name),
                required=False,
                widget=PermissionsWidget,
            )
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """What the form does not show stays as it was."""
        of = form.instance.permissions
        hidden = list(of.exclude(pk__in=can_be_given())) if change else []
        super().save_related(request, form, formsets, change)
        of.add(*hidden)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        rows: QuerySet[Group] = super().get_queryset(request).annotate(users=Count("user"))
        return rows

    @admin.display(description=gettext_lazy("name"), ordering="name")
    def role(self, group: Group) -> str:
        return str(group)

    @admin.display(description=gettext_lazy("people"))
    def people(self, group: Any) -> int:
        return int(group.users)

    def get_fields(self, request: HttpRequest, obj: Group | None = None) -> tuple[str, ...]:
        name = "role" if "role" in self.get_readonly_fields(request, obj) else "name"
        return (name, "permissions" if self.has_change_permission(request, obj) else "rights")

    @admin.display(description=gettext_lazy("permissions"))
    def rights(self, group: Group) -> str:
        """For who only looks: what the role may do, a line a kind of row."""
        rows: dict[str, list[str]] = {}
        for permission in can_be_given().filter(group=group):
            what, verb = permission_words(permission).rsplit(" · ", 1)
            rows.setdefault(what, []).append(verb)
        return format_html_join("", "<div>{}: {}</div>", ((what, listed(verbs)) for what, verbs in rows.items())) or "—"

    def get_readonly_fields(self, request: HttpRequest, obj: Group | None = None) -> tuple[str, ...]:
        own = ("role",) if obj is not None and obj.name in ROLES else ()
        return own if self.has_change_permission(request, obj) else (*own, "rights")

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.name not in ROLES)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Group]) -> None:
        """The product's own roles stay, whatever is chosen."""
        super().delete_queryset(request, queryset.exclude(name__in=ROLES))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes with a role: that people had it."""
        going = [one for one in objs if one.name not in ROLES]
        listed = [
            _("%(role)s, held by %(count)s people") % {"role": one, "count": one.user_set.count()} for one in going
        ]
        return listed, {str(Group._meta.verbose_name_plural): len(going)}, set(), []
