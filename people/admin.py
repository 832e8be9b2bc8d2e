"""People in the admin: supervisors keep staff, teams, customers and who is who."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import (
    AdminPasswordChangeForm,
    UnfoldReadOnlyPasswordHashWidget,
    UserChangeForm,
    UserCreationForm,
)
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from foundation.actors import Actor
from people import merging
from people.models import (
    Customer,
    DutyRoster,
    Identity,
    Partner,
    Person,
    Shift,
    StaffMember,
    Tag,
    Team,
    User,
    staff_of,
)


def narrowed(request: HttpRequest, rows: Any) -> Any:
    """Rows that this user may see: a superuser without a staff row sees everything, everybody else what their staff row says."""
    staff = staff_of(request.user)
    if staff is None and getattr(request.user, "is_superuser", False):
        return rows
    return rows.visible_to(staff)


class AsksWhyForm(forms.ModelForm):
    """A form that asks for the reason where something that says who somebody is changes."""

    why_for: ClassVar[tuple[str, ...]] = ()
    why = forms.CharField(
        label=_("Why (kept on record)"), required=False, max_length=100, widget=UnfoldAdminTextInputWidget,
        help_text=_("Needed where it changes who somebody is: name, phone, side, or to whom they belong."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """What says who somebody is changes with a reason only."""
        data = super().clean() or {}
        if self.instance.pk and set(self.changed_data) & set(self.why_for) and not str(data.get("why", "")).strip():
            self.add_error("why", gettext("Please say why."))
        self.instance._change_reason = str(data.get("why", "")).strip() or None
        return data


class NoReasonToRead:
    """The reason is asked of who changes something; who only looks has no such field."""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What is shown."""
        fields = super().get_fields(request, obj)  # type: ignore[misc]
        return fields if self.has_change_permission(request, obj) else [name for name in fields if name != "why"]  # type: ignore[attr-defined]


class CustomerForm(AsksWhyForm):
    """A customer is known by name and phone."""

    why_for = ("name", "phone")

    class Meta:
        widgets: ClassVar[dict[str, Any]] = {
            "phone": UnfoldAdminTextInputWidget(),
            "address": UnfoldAdminTextInputWidget(),
            "tags": UnfoldAdminCheckboxSelectMultipleWidget(),
        }


class PersonForm(AsksWhyForm):
    """A person is known by their side and by whose they are."""

    why_for = ("name", "side", "customer", "partner", "staff")


class VisibleHistory:
    """Every history of a row for whoever sees the row, and nobody else. The list is narrowed already."""

    def _check_visible(self, request: HttpRequest, object_id: str) -> None:
        rows = self.get_queryset(request)  # type: ignore[attr-defined]
        if not rows.filter(pk=object_id if str(object_id).isdigit() else None).exists():
            raise Http404

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The history of a row that one may see; of others there is none, even where a history of it is kept."""
        self._check_visible(request, object_id)
        made: HttpResponse = super().history_view(request, object_id, extra_context)  # type: ignore[misc]
        return made

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> Any:
        """One earlier state of a row that one may see."""
        self._check_visible(request, object_id)
        return super().history_form_view(request, object_id, version_id, extra_context)  # type: ignore[misc]


class Visible(VisibleHistory):
    """Rows of which everybody sees only what they may: in the list, the form, the search, autocompletion and every history."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Where every page begins."""
        rows: QuerySet[Any] = narrowed(request, super().get_queryset(request))  # type: ignore[misc]
        return rows


class SaysWhetherSet(UnfoldReadOnlyPasswordHashWidget):
    """Whether there is a password: how it is kept helps nobody who reads it."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """In one word."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        if len(context["summary"]) > 1:
            context["summary"] = [{"label": gettext("Set")}]
        return context


class UserForm(UserChangeForm):
    """Who may sign in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "password" in self.fields:
            self.fields["password"].widget = SaysWhetherSet()


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):
    """Administrators keep who may sign in."""

    form = UserForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "display_name", "is_active", "is_superuser", "last_login")
    search_fields = ("username", "display_name")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password", "display_name", "email")}),
        (_("What they may do"), {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        (_("Important dates"), {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        """Roles are few: each with a box."""
        return super().formfield_for_manytomany(
            db_field, request, **{**kwargs, "widget": UnfoldAdminCheckboxSelectMultipleWidget}
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only who stands above all rules makes another one so."""
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else (*fields, "is_superuser")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who leaves is no longer active: what they did keeps their name."""
        return False


@admin.register(Team)
class TeamAdmin(ModelAdmin):
    """Administrators keep teams."""

    list_display = ("name",)


@admin.register(StaffMember)
class StaffMemberAdmin(ModelAdmin):
    """Administrators keep who works here, what they see and whether they are on duty."""

    list_display = ("name", "team", "is_supervisor", "visibility", "on_duty", "left_at")
    list_filter = ("is_supervisor", "on_duty", "team")
    list_select_related = ("team",)
    search_fields = ("name",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Supervisors keep who is on duty; what somebody sees and whom they sign in as is kept by those who keep users."""
        fields = super().get_readonly_fields(request, obj)
        return (
            fields
            if request.user.has_perm("people.change_user")
            else (*fields, "user", "visibility", "is_supervisor", "team")
        )


class ShiftInline(TabularInline):
    """Who holds the duty when."""

    model = Shift
    extra = 1
    ordering = ("-starts_at",)
    autocomplete_fields = ("staff",)


@admin.register(DutyRoster)
class DutyRosterAdmin(ModelAdmin):
    """Supervisors plan who is on shift."""

    list_display = ("name", "lead")
    list_select_related = ("lead",)
    search_fields = ("name",)
    inlines = (ShiftInline,)


@admin.register(Customer)
class CustomerAdmin(NoReasonToRead, Visible, SimpleHistoryAdmin, ModelAdmin):
    """Handlers look up a customer."""

    list_display = ("name", "owner", "team", "language", "created_at")
    list_select_related = ("owner", "team")
    search_fields = ("name",)
    exclude = ("phone_index", "phone_ending")
    ordering = ("name", "pk")
    form = CustomerForm


@admin.register(Tag)
class TagAdmin(ModelAdmin):
    """Supervisors keep the words by which customers are told apart."""

    list_display = ("name",)
    search_fields = ("name",)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """The words that go; that customers no longer carry them needs no list of rows between tables."""
        _all, _counts, perms, protected = super().get_deleted_objects(objs, request)
        return [str(tag) for tag in objs], {str(Tag._meta.verbose_name_plural): len(objs)}, perms, protected


@admin.register(Partner)
class PartnerAdmin(SimpleHistoryAdmin, ModelAdmin):
    """Supervisors keep partners."""

    list_display = ("name",)
    search_fields = ("name",)
    ordering = ("name", "pk")


@admin.register(Person)
class PersonAdmin(NoReasonToRead, Visible, SimpleHistoryAdmin, ModelAdmin):
    """Supervisors say on whose side somebody is."""

    list_display = ("name", "side", "customer", "partner", "staff", "in_wecom")
    list_filter = ("side",)
    list_select_related = ("customer", "partner", "staff")
    autocomplete_fields = ("customer", "partner", "staff")
    search_fields = ("name",)
    ordering = ("name", "pk")
    form = PersonForm

    def save_model(self, request: HttpRequest, obj: Person, form: Any, change: bool) -> None:
        """Whose somebody is moves as a decision on record; the rest is saved as it is."""
        if not change or not set(form.changed_data) & {"side", "customer", "partner", "staff"}:
            super().save_model(request, obj, form, change)
            return
        wanted = {name: getattr(obj, name) for name in merging.PLACE}
        was = Person.objects.get(pk=obj.pk)
        for name in merging.PLACE:
            setattr(obj, name, getattr(was, name))
        if set(form.changed_data) - {"side", "customer", "partner", "staff", "why"}:
            super().save_model(request, obj, form, change)
        merging.place_person(
            person_id=obj.pk,
            **wanted,
            reason=form.cleaned_data["why"],
            actor=Actor.of_user(request.user),
            at=timezone.now(),
        )


@admin.register(Identity)
class IdentityAdmin(Visible, SimpleHistoryAdmin, ModelAdmin):
    """Supervisors settle who an unknown sender is."""

    list_display = ("display_name", "person", "certainty", "account")
    list_filter = ("certainty", "account")
    list_select_related = ("person",)
    autocomplete_fields = ("person",)
    search_fields = ("display_name", "external_id", "person__name")
