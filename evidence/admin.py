"""Evidence in the admin: auditors read it; nobody changes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy
from unfold.admin import ModelAdmin

from evidence.bundle import build_bundle
from evidence.models import Chain, Entry
from evidence.operations import Subject
from evidence.presenters import actor_words, body_of, fault_words, plain_words
from evidence.verification import faults_of, held_by_anchor, record_of

#: Entries on one page of a record.
SHOWN = 100


class Said(Protocol):
    """An entry in words, as a higher room tells it."""

    @property
    def kind(self) -> str:
        """What happened."""

    @property
    def who(self) -> str:
        """Who did it."""

    @property
    def words(self) -> str:
        """What it says."""

    @property
    def lane(self) -> str:
        """Who reads along: customer, out, partner or internal."""

    @property
    def erased(self) -> bool:
        """Whether its content was erased."""


#: Set by the highest room: names and addresses of what chains are about, by (kind, reference).
NAMES: list[Callable[[HttpRequest, Iterable[Chain]], dict[tuple[str, str], tuple[str, str]]]] = []
#: Set by the highest room: entries of a chain in words, in order.
LINES: list[Callable[[HttpRequest, Chain, Sequence[Entry]], Sequence[Said]]] = []


@dataclass(frozen=True)
class _Plain:
    """An entry for which nobody has words."""

    kind: str
    who: str
    words: str
    erased: bool
    lane: str = "internal"


@dataclass
class Row:
    """An entry as it stands on the page: what it says, what kind of actor it was, and where it leads."""

    entry: Entry
    said: Said
    actor: str
    joined: str
    about: int = 0
    leads_to: str = ""


def _said(request: HttpRequest, chain: Chain, entries: Sequence[Entry]) -> Sequence[Said]:
    for lines in LINES:
        return lines(request, chain, entries)
    return [
        _Plain(one.kind, str(one.actor.get("label", "")), plain_words(body_of(one)), one.body_row.erased_at is not None)
        for one in entries
    ]


@admin.register(Chain)
class ChainAdmin(ModelAdmin):
    """Chains: what each is about, its length and its head; and the page on which auditors read one."""

    list_display = ("about", "subject_kind", "length", "head")
    list_filter = ("subject_kind",)
    search_fields = ("subject_ref",)
    search_help_text = gettext_lazy("Reference of a case or conversation")
    list_display_links = None
    show_full_result_count = False
    ordering = ("-head_seq", "pk")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The rows with what they are about."""
        page: Any = super().get_changelist_instance(request)
        page.result_list = self._named(request, page.result_list)
        return page

    def _named(self, request: HttpRequest, chains: Iterable[Chain]) -> list[Any]:
        """Chains, each with the name of what it is about and the way there."""
        rows: list[Any] = list(chains)
        known: dict[tuple[str, str], tuple[str, str]] = {}
        for names in NAMES:
            known |= names(request, rows)
        for row in rows:
            row.known = known.get((row.subject_kind, str(row.subject_ref)))
        return rows

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.bundle_view)
        return [path("<int:object_id>/bundle/", view, name="evidence_chain_bundle"), *super().get_urls()]

    def _chain(self, request: HttpRequest, object_id: str) -> Any:
        """A chain of something that the reader may see."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not str(object_id).isdigit():
            raise Http404
        return self._named(request, [get_object_or_404(self.get_queryset(request), pk=object_id)])[0]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A record to read: whether it verifies, and its entries in order. As many queries for a long one as for a short one."""
        chain = self._chain(request, object_id)
        record = record_of(chain)
        page = Paginator(record.entries, SHOWN).get_page(request.GET.get("p"))
        entries = list(page.object_list)
        context = {
            **self.admin_site.each_context(request),
            "title": str(chain),
            "opts": self.model._meta,
            "chain": chain,
            "faults": [fault_words(fault) for fault in faults_of(record)],
            "held": held_by_anchor(record),
            "page": page,
            "rows": self._rows(request, chain, entries),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/evidence/chain/page.html", context)

    def _rows(self, request: HttpRequest, chain: Chain, entries: Sequence[Entry]) -> list[Row]:
        joined = self._joined(request, entries)
        rows = []
        for entry, said in zip(entries, _said(request, chain, entries), strict=True):
            row = Row(entry, said, actor_words(entry.actor), joined.get(str(entry.refs.get("joins")), ""))
            about = str(entry.refs.get("entry", ""))  # another entry of this record, whose content was erased
            if about.isdigit():
                row.about, row.leads_to = int(about), f"?p={(int(about) - 1) // SHOWN + 1}#e{about}"
            rows.append(row)
        return rows

    def _joined(self, request: HttpRequest, entries: Iterable[Entry]) -> dict[str, str]:
        """The way to the records that entries join, as far as the reader may see them."""
        refs = {str(one.refs["joins"]) for one in entries if "joins" in one.refs}
        chains = self.get_queryset(request).filter(subject_kind=Chain.SubjectKind.CONVERSATION, subject_ref__in=refs)
        return {str(one.subject_ref): reverse("admin:evidence_chain_change", args=[one.pk]) for one in chains}

    def bundle_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """A record as a file that verifies offline."""
        chain = self._chain(request, str(object_id))
        subject = Subject(chain.subject_kind, str(chain.subject_ref))
        answer = HttpResponse(build_bundle(subject), content_type="application/zip")
        answer["Content-Disposition"] = f'attachment; filename="{subject.kind}-{subject.ref[:8]}-evidence.zip"'
        answer["Cache-Control"] = "private, no-store"
        return answer

    @admin.display(description=gettext_lazy("about"))
    def about(self, chain: Any) -> str:
        if not getattr(chain, "known", None):
            return format_html('<span title="{}">—</span>', chain.subject_ref)
        name, address = chain.known
        return format_html('<a class="aj-link" href="{}" title="{}">{}</a>', address, chain.subject_ref, name)

    @admin.display(description=gettext_lazy("entries"), ordering="head_seq")
    def length(self, chain: Chain) -> str:
        """How many entries, and the way to read them."""
        where = reverse("admin:evidence_chain_change", args=[chain.pk])
        return format_html('<a class="aj-link" href="{}">{} · {}</a>', where, chain.head_seq, gettext("read"))

    @admin.display(description=gettext_lazy("head (beginning)"))
    def head(self, chain: Chain) -> str:
        return format_html('<code title="{}">{}</code>', chain.head_hash, chain.head_hash[:12])
