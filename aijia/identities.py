"""The page of an identity: who it might be, what speaks for it, and the decision, with its reason, on record."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aijia.candidates import candidates
from aijia.deciding import WHO_IS_WHO, common_of, decide, picker
from channels_wecom.models import WeComAccount
from conversations.models import Conversation, Message
from people import merging
from people.admin import IdentityAdmin, narrowed
from people.models import Identity, IdentityCertainty, PartyChange, Person

admin.site.unregister(Identity)
SHOWN = 8


class AccountFilter(admin.SimpleListFilter):
    """By the WeCom account through which somebody is known."""

    title = gettext_lazy("WeCom account")
    parameter_name = "account"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(WeComAccount.objects.order_by("name").values_list("key", "name"))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(account=self.value()) if self.value() else queryset


@admin.register(Identity)
class IdentityPageAdmin(IdentityAdmin):
    """Supervisors settle who an unknown sender is; nothing about it changes but by a decision with a reason."""

    list_display = ("display_name", "person", "certainty", "account_name")
    list_filter = ("certainty", AccountFilter)  # type: ignore[assignment]

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the name of the account, which people call it by."""
        named = WeComAccount.objects.filter(key=OuterRef("account")).values("name")[:1]
        return super().get_queryset(request).annotate(named=Subquery(named))

    @admin.display(description=gettext_lazy("WeCom account"), ordering="account")
    def account_name(self, identity: Any) -> str:
        return identity.named or "—"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Identities come from the channels."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was said under it stays."""
        return False

    def get_urls(self) -> list[Any]:
        own: list[Any] = [path("<int:pk>/who/", self.admin_site.admin_view(self.who_view), name="people_identity_who")]
        return [*own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page; there is no form that changes it without a reason."""
        if request.method != "GET" or not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related("person__customer", "person__partner", "person__staff")
        identity = get_object_or_404(rows, pk=object_id if object_id.isdigit() else 0)
        may_settle = request.user.has_perm(WHO_IS_WHO)
        said = narrowed(request, Message.objects.filter(identity=identity)).select_related("conversation")
        context = {
            **self.admin_site.each_context(request), "title": str(identity), "opts": self.model._meta, "identity": identity,
            "said": said.order_by("-position")[:SHOWN],
            "conversations": narrowed(request, Conversation.objects.filter(messages__identity=identity)).distinct()[:SHOWN],
            "candidates": candidates(identity, narrowed=lambda rows: narrowed(request, rows)) if may_settle and identity.certainty != IdentityCertainty.VERIFIED else [],
            "changes": PartyChange.objects.filter(identity=identity)[:20], "may_settle": may_settle,
            "picker": picker(Identity._meta.get_field("person"), _("Person")),
            "where": reverse("admin:people_identity_who", args=[identity.pk]), **(extra_context or {}),
        }  # fmt: skip
        return TemplateResponse(request, "admin/people/identity/page.html", context)

    def who_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Carry out one decision. POST only; each asks for the reason."""
        identity = get_object_or_404(self.get_queryset(request), pk=pk)
        here = HttpResponseRedirect(reverse("admin:people_identity_change", args=[identity.pk]))
        if request.method != "POST":
            return here
        common, number = common_of(request)

        def carry_out() -> None:
            match request.POST.get("do"):
                case "assign":
                    rows = narrowed(request, Person.objects.filter(Q(merged_into__isnull=True)))
                    person = get_object_or_404(rows, pk=number)
                    merging.assign_identity(identity_id=identity.pk, person_id=person.pk, **common)
                case "confirm":
                    merging.confirm_identity(identity_id=identity.pk, **common)
                case "reject":
                    merging.reject_identity(identity_id=identity.pk, **common)
                case "undo":
                    change = get_object_or_404(PartyChange.objects.filter(identity=identity), pk=number)
                    merging.undo(change_id=change.pk, **common)
                case _:
                    raise PermissionDenied

        decide(request, carry_out)
        return here
