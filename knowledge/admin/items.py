"""Items in the admin: the list, the page of an item, its editor, and the boards that say what there is to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import dateformat, timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from simple_history.admin import SimpleHistoryAdmin

from cases.models import ServiceFlow
from foundation.actors import Actor
from foundation.errors import DomainError, NotAllowed, Refused
from foundation.templatetags.when import stamp_words
from knowledge import clock, operations, permissions, policies, queries
from knowledge.admin.base import Looked, must, say_refusal
from knowledge.admin.forms import DraftForm, initial_of
from knowledge.admin.trying import tried
from knowledge.kinds import SPECS, spec_of
from knowledge.models import (
    ANSWERING_KINDS,
    Gap,
    ImportRun,
    KnowledgeItem,
    KnowledgeKind,
    KnowledgePolicy,
    KnowledgeState,
    KnowledgeVersion,
    Proposal,
    QualityFlag,
)
from knowledge.presenters import (
    RETIRE_REASONS,
    as_read,
    changes,
    note_words,
    period_words,
    proposer_words,
    reason_words,
    records,
    rows_of,
)
from knowledge.rendering import beginning
from knowledge.search import find
from knowledge.wordings import find_template
from people.models import StaffMember, staff_of


class StateFilter(admin.SimpleListFilter):
    """By where its versions stand."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*KnowledgeState.choices[:4], ("none", _("Retired altogether"))]  # type: ignore[list-item]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value()
        if value in KnowledgeState.values:
            return queryset.filter(
                Q(published_number__isnull=False) if value == "published" else Q(working_state=value)
            )
        if value == "none":
            return queryset.filter(published_number__isnull=True, working_number__isnull=True)
        return queryset


class WhenFilter(admin.SimpleListFilter):
    """Campaigns by their time."""

    title = gettext_lazy("campaign")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("now", _("Running")), ("next", _("To come")), ("past", _("Over"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        at, rows = timezone.now(), queryset.filter(kind="campaign") if self.value() else queryset
        match self.value():
            case "now":
                return rows.filter(since__lte=at, until__gt=at)
            case "next":
                return rows.filter(since__gt=at)
            case "past":
                return rows.filter(until__lte=at)
        return rows


class CareFilter(admin.SimpleListFilter):
    """Items that want somebody's attention."""

    title = gettext_lazy("needs care")
    parameter_name = "care"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("mend", _("Drafts to be mended")),
            ("due", _("To be looked at again")),
            ("unused", _("Unused")),
            ("rejected", _("Often rejected")),
            ("mine", _("Mine")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        at = timezone.now()
        match self.value():
            case "due":
                on = at.astimezone(clock.zone()).date() + timedelta(days=KnowledgePolicy.current().remind_days_before)
                return queryset.filter(review_by__lte=on, published_number__isnull=False)
            case "mend":
                return queryset.filter(pk__in=queries.to_mend())
            case "unused":
                return queries.with_use(queryset, at=at).filter(pk__in=queries.unused(at=at).order_by().values("pk"))
            case "rejected":
                keys = [item.pk for item, _use in queries.often_rejected(at=at)]
                return queries.with_use(queryset, at=at).filter(pk__in=keys)
            case "mine":
                return queryset.filter(owner=staff_of(request.user))
        return queryset


class ImportFilter(admin.SimpleListFilter):
    """What came from one file."""

    title = gettext_lazy("file")
    parameter_name = "file"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = ImportRun.objects.filter(state="applied").order_by("-applied_at")[:8]
        return [
            (str(row.pk), f"{row.file_name} {stamp_words(row.applied_at or row.created_at, clock.zone())}")
            for row in rows
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value() or ""
        run = ImportRun.objects.filter(pk=int(value)).first() if value.isdigit() else None
        # In the order of its rows, as whoever made the file knows them.
        return queryset.filter(pk__in=run.items).order_by("pk") if run is not None else queryset


@admin.register(KnowledgeItem)
class KnowledgeItemAdmin(SimpleHistoryAdmin, Looked):
    """Editors find, write, check and publish items; every colleague looks them up."""

    list_display = ("title", "kind", "states", "dates", "flow", "owner", "review_by")
    list_filter = (StateFilter, CareFilter, "kind", WhenFilter, "flow", ImportFilter)
    list_select_related = ("flow", "owner")
    search_fields = ("title", "code", "versions__body")
    change_list_template = "admin/knowledge/list.html"
    actions = ("desensitize_selected", "review_selected", "publish_selected")

    def get_list_display(self, request: HttpRequest) -> Any:
        """With their use, where that is what the list is about."""
        shown: Any = super().get_list_display(request)
        more = {"unused": "used", "rejected": "used", "mend": "lacks"}.get(request.GET.get("care", ""))
        return [*shown[:3], more, *shown[3:]] if more else shown

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = queries.with_states(super().get_queryset(request)).order_by("-pk")
        if request.GET.get("care") != "mend":
            return rows
        drafts = KnowledgeVersion.objects.filter(state=KnowledgeState.DRAFT).select_related("item__flow")
        return rows.prefetch_related(Prefetch("versions", queryset=drafts, to_attr="drafts"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whoever may write."""
        return permissions.can(request.user, "edit")

    @admin.display(description=gettext_lazy("state"))
    def states(self, item: Any) -> str:
        marks = []
        if item.published_number is not None:
            marks.append(("published", f"{KnowledgeState.PUBLISHED.label} v{item.published_number}"))
        if item.working_number is not None:
            words = f"{KnowledgeState(item.working_state).label} v{item.working_number}"
            planned = f" → {stamp_words(item.working_plan, clock.zone())}" if item.working_plan else ""
            marks.append((item.working_state, words + planned))
        marks = marks or [("retired", str(KnowledgeState.RETIRED.label))]
        return format_html_join(" ", '<span class="kn-mark kn-{}">{}</span>', marks)

    @admin.display(description=gettext_lazy("use"))
    def used(self, item: Any) -> str:
        if item.last_used is None:
            return _("never cited")
        if item.rejected:
            return _("%(bad)s of %(all)s texts rejected") % {"bad": item.rejected, "all": item.cited}
        return _("last cited %(day)s") % {"day": dateformat.format(item.last_used, pgettext("date format", "j M Y"))}

    @admin.display(description=gettext_lazy("to be mended"))
    def lacks(self, item: Any) -> str:
        reasons = [(words,) for draft in getattr(item, "drafts", ()) for words in queries.lacks_of(draft)]
        return format_html_join(format_html("<br>"), "{}", reasons) or "—"

    @admin.display(description=gettext_lazy("valid"))
    def dates(self, item: Any) -> str:
        if item.since is None:
            return "—"
        at = timezone.now()
        tone = "next" if at < item.since else "past" if at >= item.until else "now"
        words = f"{stamp_words(item.since, clock.zone())} – {stamp_words(item.until, clock.zone())}"
        if tone == "past" and item.published_number is not None:
            words = f"{words} · {_('Over')}"
        return format_html('<span class="kn-when kn-{}">{}</span>', tone, words)

    # --- many at once --------------------------------------------------------------------------------------------------

    def get_actions(self, request: HttpRequest) -> Any:
        found = super().get_actions(request)
        needs = {"desensitize_selected": "desensitize", "review_selected": "review", "publish_selected": "publish"}
        return {
            name: row for name, row in found.items() if name not in needs or permissions.can(request.user, needs[name])
        }

    def _each(self, request: HttpRequest, rows: Any, state: str, act: Callable[[KnowledgeVersion], Any]) -> None:
        done, refused = 0, []
        versions = KnowledgeVersion.objects.filter(item__in=rows.values("pk"), state=state).order_by("pk")
        for version in versions[:1000]:
            try:
                act(version)
                done += 1
            except DomainError as error:
                refused.append(f"{version.title}：{error}")
        if done:
            messages.success(request, _("%(count)d done.") % {"count": done})
        for words in refused[:5]:
            messages.warning(request, words)
        if len(refused) > 5:
            messages.warning(request, _("and %(count)d more.") % {"count": len(refused) - 5})
        if not done and not refused:
            messages.info(request, _("None of the selected items is in the state for this."))

    @admin.action(description=gettext_lazy("Say that there is no personal data in them"))
    def desensitize_selected(self, request: HttpRequest, queryset: QuerySet[KnowledgeItem]) -> None:
        """Drafts without findings go on; the others say what they hold."""
        must(request, "desensitize")
        by, actor, at = staff_of(request.user), Actor.of_user(request.user), timezone.now()
        self._each(
            request, queryset, KnowledgeState.DRAFT,
            lambda version: operations.desensitize(version_id=version.pk, by=by, actor=actor, at=at),
        )  # fmt: skip

    @admin.action(description=gettext_lazy("Find them right (review)"))
    def review_selected(self, request: HttpRequest, queryset: QuerySet[KnowledgeItem]) -> None:
        """Review what was read; one's own work is refused."""
        must(request, "review")
        by, actor, at = _me(request), Actor.of_user(request.user), timezone.now()
        self._each(
            request, queryset, KnowledgeState.DESENSITIZED,
            lambda version: operations.review(version_id=version.pk, by=by, actor=actor, at=at),
        )  # fmt: skip

    @admin.action(description=gettext_lazy("Publish them"))
    def publish_selected(self, request: HttpRequest, queryset: QuerySet[KnowledgeItem]) -> None:
        """Publish what is reviewed."""
        must(request, "publish")
        actor, at = Actor.of_user(request.user), timezone.now()
        self._each(
            request, queryset, KnowledgeState.REVIEWED,
            lambda version: operations.publish(version_id=version.pk, actor=actor, at=at),
        )  # fmt: skip

    # --- addresses -----------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        name = "knowledge_knowledgeitem_"
        own: list[Any] = [
            path("board/", view(self.board_view), name=f"{name}board"),
            path("calendar/", view(self.calendar_view), name=f"{name}calendar"),
            path("try/", view(self.try_view), name=f"{name}try"),
            path("preview/", view(self.preview_view), name=f"{name}preview"),
            path("sample/<int:version_id>/", view(self.sample_view), name=f"{name}sample"),
            path("<int:item_id>/edit/", view(self.edit_view), name=f"{name}edit"),
            path("<int:item_id>/act/", view(self.act_view), name=f"{name}act"),
            path("<int:item_id>/diff/", view(self.diff_view), name=f"{name}diff"),
        ]
        return [*own, *super().get_urls()]

    def _page(self, request: HttpRequest, template: str, title: str, **context: Any) -> TemplateResponse:
        everything = {**self.admin_site.each_context(request), "title": title, "opts": self.model._meta, **context}
        return TemplateResponse(request, f"admin/knowledge/{template}.html", everything)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        may = {act: permissions.can(request.user, act) for act in ("import", "export", "edit")}
        context = {"may": may, "tabs": self._tabs(request), **(extra_context or {})}
        return super().changelist_view(request, context)

    def _tabs(self, request: HttpRequest) -> list[dict[str, Any]]:
        """The states as what one presses above the list; what else it is narrowed by stays. Counts are those of the whole shelf."""
        counts = queries.how_many()
        narrowed = request.GET.copy()
        for name in ("p", "state", "care", "e"):
            narrowed.pop(name, None)
        chosen = request.GET.get("state", "")
        found = []
        states = [("", _("All")), *KnowledgeState.choices[:4], ("none", _("Retired altogether"))]
        for code, label in states:
            query = narrowed.copy()
            if code:
                query["state"] = code
            found.append(
                {"label": label, "count": counts.get(code, 0) if code else None, "here": code == chosen and not request.GET.get("care"), "query": query.urlencode()}
            )  # fmt: skip
        return found

    # --- the page of an item -------------------------------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Everything about an item, with what may be done now."""
        self.must_see(request)
        item = get_object_or_404(
            self.get_queryset(request).select_related("flow", "owner", "replaced_by"), pk=object_id
        )
        at = timezone.now()
        people = ("author", "reviewer", "desensitized_by")
        versions = list(item.versions.select_related(*people).order_by("-number"))
        for version in versions:
            version.item = item
        published = next((one for one in versions if one.state == KnowledgeState.PUBLISHED), None)
        working = next((one for one in versions if one.state in queries.UNFINISHED), None)
        asked = request.GET.get("version", "")
        now_shown = working or published or versions[0]
        shown = next((one for one in versions if str(one.number) == asked), now_shown)
        similar = operations.similar_to(shown, at=at) if shown.kind in ANSWERING_KINDS else []
        return self._page(
            request, "item", item.title, item=item, versions=[(one, reason_words(one.retire_reason)) for one in versions],
            published=published, working=working, shown=shown, another=shown.pk != now_shown.pk, now_shown=now_shown, answer=as_read(shown), rows=rows_of(shown, words=False),
            spec=spec_of(item.kind), answers=item.kind in ANSWERING_KINDS, zone=clock.zone(),
            problems=policies.problems_of(working) if working else [],
            findings=[(one, len(_also_in(working, one.text, request))) for one in _findings(working)]
            if working and working.state == KnowledgeState.DRAFT else [],
            changed=changes(published, working) if working and published else [],
            why_not_review=_why_not_review(request, working, at=at),
            may={act: permissions.can(request.user, act) for act in permissions.NEEDS},
            similar=similar, flags=_flags(item), proposals=[(one, note_words(one)) for one in item.proposals.filter(state="open")], gaps=item.gaps.order_by("-count"),
            use=queries.use_of([item.pk], at=at).get(item.pk, queries.Use()), records=records(item),
            retire_reasons=RETIRE_REASONS.items(), replacements=_replacements(item, at=at) if published else [],
            next_look=(at.astimezone(clock.zone()) + timedelta(days=KnowledgePolicy.current().review_after_days)).date(),
            since=clock.words(published.valid_from, now=at) if published else "", planned=clock.words(working.publish_at, now=at) if working else "",
            try_at=published.valid_from.astimezone(clock.zone()) if published and published.valid_from and published.valid_from > at else None,
            in_time=published is not None and _in_time(published, at), over=bool(shown.valid_until and shown.valid_until <= at),
        )  # fmt: skip

    def act_view(self, request: HttpRequest, item_id: int) -> HttpResponse:
        """Carry out one act on an item. POST only; a refusal is shown in words and changes nothing."""
        here = reverse("admin:knowledge_knowledgeitem_change", args=[item_id])
        if request.method != "POST":
            return HttpResponseRedirect(here)
        item = get_object_or_404(self.get_queryset(request), pk=item_id)
        do = request.POST.get("do", "")
        must(request, do)
        try:
            to = _act(request, item, do)
        except DomainError as error:
            say_refusal(request, error)
            return HttpResponseRedirect(here)
        messages.success(request, _("Done."))
        return HttpResponseRedirect(to or here)

    def diff_view(self, request: HttpRequest, item_id: int) -> HttpResponse:
        """What differs between two versions."""
        self.must_see(request)
        item = get_object_or_404(self.get_queryset(request), pk=item_id)
        versions = {
            version.number: version for version in item.versions.select_related("author", "item").order_by("number")
        }
        numbers = sorted(versions)
        chosen = [request.GET.get(name, "") for name in ("from", "to")]
        given = [int(word) for word in chosen if word.isdigit() and int(word) in versions]
        before, after = given if len(given) == 2 else (numbers[-2:] if len(numbers) > 1 else [numbers[0], numbers[0]])
        return self._page(
            request, "diff", _("What changed"), item=item, numbers=numbers, before=versions[before], after=versions[after],
            changes=changes(versions[before], versions[after]),
        )  # fmt: skip

    # --- writing -------------------------------------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Choose a kind, then write the first draft of an item."""
        must(request, "edit")
        kind = request.GET.get("kind", "")
        if kind not in SPECS:
            kinds = [
                (code, label, spec_of(code).help, code in ANSWERING_KINDS) for code, label in KnowledgeKind.choices
            ]
            return self._page(request, "choose", _("What kind of knowledge is it?"), kinds=kinds)
        gap = Gap.objects.filter(pk=request.GET["gap"]).first() if request.GET.get("gap", "").isdigit() else None
        given = {"owner": getattr(staff_of(request.user), "pk", None), "title": gap.question if gap else ""}
        given |= {f"field_{one.key}": request.GET[one.key] for one in spec_of(kind).fields if one.key in request.GET}
        if request.GET.get("title"):
            given["title"] = request.GET["title"][:191]
        if spec_of(kind).flow == "required":
            given["body"] = beginning(kind, language="en" if request.LANGUAGE_CODE == "en" else "zh")
        template = find_template(str(given.get("field_template") or ""))
        if template is not None:
            given["body"] = template.text(str(given.get("field_language") or "zh"))
        form = DraftForm(request.POST or None, request.FILES or None, kind=kind, initial=given)
        if request.method == "POST" and form.is_valid():
            words = form.words()
            try:
                version = operations.create_item(
                    kind=kind,
                    actor=Actor.of_user(request.user),
                    at=timezone.now(),
                    author=staff_of(request.user),
                    **words,
                )
            except DomainError as error:
                say_refusal(request, error)
            else:
                if gap is not None:
                    operations.settle_gap(
                        gap_id=gap.pk, item=version.item, actor=Actor.of_user(request.user), at=timezone.now()
                    )
                messages.success(request, _("Saved as a draft."))
                return HttpResponseRedirect(reverse("admin:knowledge_knowledgeitem_change", args=[version.item_id]))
        return self._page(
            request, "edit", _("New: %(kind)s") % {"kind": KnowledgeKind(kind).label}, form=form, kind=kind,
            spec=spec_of(kind), item=None, version=None, answers=kind in ANSWERING_KINDS,
        )  # fmt: skip

    def edit_view(self, request: HttpRequest, item_id: int) -> HttpResponse:
        """Change the draft of an item."""
        must(request, "edit")
        item = get_object_or_404(self.get_queryset(request), pk=item_id)
        page = reverse("admin:knowledge_knowledgeitem_change", args=[item.pk])
        version = item.versions.select_related("item__flow").filter(state=KnowledgeState.DRAFT).first()
        if version is None:
            messages.info(request, _("There is no draft: begin a new version first."))
            return HttpResponseRedirect(page)
        form = DraftForm(request.POST or None, request.FILES or None, kind=item.kind, initial=initial_of(version))
        if request.method == "POST" and form.is_valid():
            try:
                operations.edit_draft(
                    version_id=version.pk, actor=Actor.of_user(request.user), at=timezone.now(), by=staff_of(request.user),
                    **form.words(),
                )  # fmt: skip
            except DomainError as error:
                say_refusal(request, error)
            else:
                messages.success(request, _("Saved."))
                return HttpResponseRedirect(page)
        return self._page(
            request, "edit", item.title, form=form, kind=item.kind, spec=spec_of(item.kind), item=item, version=version,
            answers=item.kind in ANSWERING_KINDS,
        )  # fmt: skip

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """What a customer would read, while it is being written. Writes nothing."""
        must(request, "edit")
        flow = request.POST.get("flow", "")
        kind = request.POST.get("kind", "")
        item = KnowledgeItem(kind=kind, flow=ServiceFlow.objects.filter(pk=flow).first() if flow.isdigit() else None)
        version = KnowledgeVersion(
            item=item,
            kind=kind,
            title=request.POST.get("title", "")[:191],
            body=request.POST.get("body", "")[:20_000],
            fields={
                "template": request.POST.get("field_template", ""),
                "language": request.POST.get("field_language", ""),
            },
        )
        found = {one.key: one for one in operations.findings_of(version)}
        context = {
            "answer": as_read(version),
            "findings": list(found.values()),
            "answers": kind in ANSWERING_KINDS,
            "example": bool(version.fields["template"]) and "{" in version.body,
        }
        return TemplateResponse(request, "admin/knowledge/preview.html", context)

    def sample_view(self, request: HttpRequest, version_id: int) -> FileResponse:
        """The sample picture of a version, for whoever may look at knowledge."""
        self.must_see(request)
        version = get_object_or_404(
            KnowledgeVersion.objects.visible_to(staff_of(request.user))
            if staff_of(request.user)
            else KnowledgeVersion.objects.all(),
            pk=version_id,
        )
        if not version.sample:
            raise Http404
        head = version.sample.open("rb").read(12)
        version.sample.seek(0)
        kind = "image/png" if head.startswith(b"\x89PNG") else "image/webp" if head[8:12] == b"WEBP" else "image/jpeg"
        answer = FileResponse(version.sample.open("rb"), content_type=kind)
        answer["X-Content-Type-Options"] = "nosniff"
        return answer

    # --- boards --------------------------------------------------------------------------------------------------------

    def board_view(self, request: HttpRequest) -> HttpResponse:
        """What there is to do: review queue, plans, drafts, proposals, gaps, reminders."""
        self.must_see(request)
        at, me = timezone.now(), staff_of(request.user)
        rows = KnowledgeVersion.objects.select_related("item", "author", "reviewer")
        today = at.astimezone(clock.zone()).date()
        policy = KnowledgePolicy.current()
        due = (
            KnowledgeItem.objects.review_due(on=today + timedelta(days=policy.remind_days_before))
            .select_related("owner")
            .distinct()
        )
        to_review = [
            (one, _why_not_review(request, one, at=at))
            for one in rows.to_review().order_by("desensitized_at", "pk")[:20]
        ]
        return self._page(
            request, "board", _("Editors' desk"), to_review=to_review, to_review_count=rows.to_review().count(),
            reviewed=rows.filter(state=KnowledgeState.REVIEWED).order_by("publish_at", "reviewed_at")[:50],
            drafts=rows.filter(state=KnowledgeState.DRAFT).order_by("-changed_at")[:20],
            drafts_count=rows.filter(state=KnowledgeState.DRAFT).count(),
            proposals=[
                (one, " ".join(filter(None, operations.proposed_words(one))) or str(one), proposer_words(one), note_words(one))
                for one in Proposal.objects.filter(state="open").select_related("item").order_by("created_at")[:15]
            ],
            proposals_count=Proposal.objects.filter(state="open").count(),
            gaps=Gap.objects.filter(state="open").order_by("-count", "-last_at")[:15],
            gaps_count=Gap.objects.filter(state="open").count(),
            flags=QualityFlag.objects.filter(dismissed_at__isnull=True).select_related("first", "second").order_by("kind", "-likeness")[:15],
            due=due.order_by("review_by")[:20], today=today,
            reminders=me.knowledge_reminders.filter(seen_at__isnull=True).select_related("item").order_by("review_by") if me else [],
            rejected=queries.often_rejected(at=at)[:10], unused=queries.unused(at=at)[:10],
            over=KnowledgeVersion.objects.published().filter(valid_until__lte=at).select_related("item").order_by("valid_until")[:10],
            policy=policy,
        )  # fmt: skip

    def try_view(self, request: HttpRequest) -> HttpResponse:
        """Ask as a customer would, now or at another moment."""
        self.must_see(request)
        return self._page(request, "try", _("Try a question"), **tried(request.GET, now=timezone.now()))

    def calendar_view(self, request: HttpRequest) -> HttpResponse:
        """Campaigns over five weeks, and planned publications."""
        self.must_see(request)
        zone, at = clock.zone(), timezone.now()
        word = request.GET.get("from", "")
        try:
            first = date.fromisoformat(word)
        except ValueError:
            first = at.astimezone(zone).date()
        first -= timedelta(days=first.weekday())
        days = [first + timedelta(days=count) for count in range(35)]
        start = datetime.combine(first, datetime.min.time(), zone)
        end = datetime.combine(days[-1] + timedelta(days=1), datetime.min.time(), zone)
        bars = [_bar(version, start, end, at) for version in queries.campaigns(since=start, until=end)]
        planned = KnowledgeVersion.objects.filter(
            state=KnowledgeState.REVIEWED, publish_at__gte=start, publish_at__lt=end
        )
        return self._page(
            request, "calendar", _("Campaign calendar"), days=days, today=at.astimezone(zone).date(), bars=bars, zone=zone,
            planned=[(one, clock.words(one.publish_at, now=at)) for one in planned.select_related("item").order_by("publish_at")],
            earlier=first - timedelta(days=28), later=first + timedelta(days=28),
            now_at=round((at - start) / (end - start) * 100, 2) if start <= at < end else None,
        )  # fmt: skip


def _me(request: HttpRequest) -> StaffMember:
    staff = staff_of(request.user)
    if staff is None:
        raise NotAllowed(_("Only a colleague can do this: your user has no staff entry."), code="no_staff")
    return staff


def _findings(version: KnowledgeVersion) -> list[Any]:
    """Findings of a draft, the same words once."""
    return list({one.key: one for one in operations.findings_of(version)}.values())


def _also_in(version: KnowledgeVersion, text: str, request: HttpRequest) -> list[int]:
    """Other drafts whose text holds the same words, of those that the reader may see."""
    staff = staff_of(request.user)
    rows = KnowledgeVersion.objects.visible_to(staff) if staff else KnowledgeVersion.objects.all()
    rows = rows.filter(state=KnowledgeState.DRAFT, body__contains=text).exclude(pk=version.pk)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:2000])


def _why_not_review(request: HttpRequest, version: KnowledgeVersion | None, *, at: datetime) -> str:
    """Why the reader may not review a version, in a sentence; "" when they may."""
    if version is None or version.state != KnowledgeState.DESENSITIZED:
        return ""
    try:
        permissions.check_can(request.user, "review")
        policies.check_can_review(version, by=_me(request), at=at)
    except DomainError as error:
        return str(error)
    return ""


def _flags(item: KnowledgeItem) -> list[tuple[QualityFlag, KnowledgeItem]]:
    rows = QualityFlag.objects.filter(Q(first=item) | Q(second=item), dismissed_at__isnull=True)
    return [
        (row, row.second if row.first_id == item.pk else row.first) for row in rows.select_related("first", "second")
    ]


def _replacements(item: KnowledgeItem, *, at: datetime) -> list[KnowledgeItem]:
    """Published items that could take an item's place, the most alike first."""
    kinds = ANSWERING_KINDS if item.kind in ANSWERING_KINDS else {item.kind}
    near = [
        hit.version.item for hit in find(item.title, at=at, kinds=kinds, limit=20) if hit.version.item_id != item.pk
    ]
    more = KnowledgeItem.objects.filter(versions__state=KnowledgeState.PUBLISHED, kind__in=kinds).exclude(pk=item.pk)
    known = {one.pk for one in near}
    return near + [one for one in more.order_by("-pk")[:30] if one.pk not in known]


def _in_time(version: KnowledgeVersion, at: datetime) -> bool:
    return (version.valid_from is None or version.valid_from <= at) and (
        version.valid_until is None or at < version.valid_until
    )


def _bar(version: KnowledgeVersion, start: datetime, end: datetime, at: datetime) -> dict[str, Any]:
    """Where a campaign stands on the calendar, in percent of its width."""
    assert version.valid_from is not None and version.valid_until is not None
    left = max((version.valid_from - start) / (end - start), 0.0)
    right = min((version.valid_until - start) / (end - start), 1.0)
    tone = "next" if at < version.valid_from else "past" if at >= version.valid_until else "now"
    published = version.state == KnowledgeState.PUBLISHED
    return {
        "version": version, "left": round(left * 100, 2), "width": round(max(right - left, 0.012) * 100, 2),
        "tone": tone if published else "draft", "words": period_words(version),
    }  # fmt: skip


def _working(item: KnowledgeItem) -> KnowledgeVersion:
    version = item.versions.unfinished().first()
    if version is None:
        raise Refused(_("Nothing of this item is being worked on."), code="nothing_open")
    return version


def _act(request: HttpRequest, item: KnowledgeItem, do: str) -> str:
    """One act on an item: one operation.

    :returns: where to go then, "" for the page of the item.
    """
    post, at, actor = request.POST, timezone.now(), Actor.of_user(request.user)
    words = post.get("reason", "").strip()
    match do:
        case "new_version":
            operations.new_version(item_id=item.pk, actor=actor, at=at, author=staff_of(request.user))
            return reverse("admin:knowledge_knowledgeitem_edit", args=[item.pk])
        case "settle":
            decisions = {
                key[8:]: value
                for key, value in post.items()
                if key.startswith("finding-") and value in ("mask", "keep", "keep_in_all")
            }
            version = _working(item)
            in_all = [one for one in _findings(version) if decisions.get(one.key) == "keep_in_all"]
            others = {pk for one in in_all for pk in _also_in(version, one.text, request)}
            own = {key: "keep" if value == "keep_in_all" else value for key, value in decisions.items()}
            operations.settle_findings(version_id=version.pk, decisions=own, actor=actor, at=at)
            keys = {one.key for one in in_all}
            count = operations.keep_in_all(version_ids=others, keys=keys, actor=actor, at=at)
            if count:
                text = ngettext("Kept in %(count)d other draft.", "Kept in %(count)d other drafts.", count)
                messages.success(request, text % {"count": count})
        case "desensitize":
            operations.desensitize(version_id=_working(item).pk, by=staff_of(request.user), actor=actor, at=at)
        case "review":
            operations.review(version_id=_working(item).pk, by=_me(request), actor=actor, at=at)
        case "send_back":
            operations.send_back(
                version_id=_working(item).pk, by=staff_of(request.user), reason=words, actor=actor, at=at
            )
        case "withdraw":
            operations.withdraw(version_id=_working(item).pk, actor=actor, at=at, reason=words)
        case "publish":
            operations.publish(version_id=_working(item).pk, actor=actor, at=at)
        case "schedule":
            operations.schedule(
                version_id=_working(item).pk, publish_at=_moment(post.get("publish_at", "")), actor=actor, at=at
            )
        case "unschedule":
            operations.schedule(version_id=_working(item).pk, publish_at=None, actor=actor, at=at)
        case "confirm":
            operations.move_review_date(item_id=item.pk, review_by=_day(post.get("review_by", "")), actor=actor, at=at)
        case "retire":
            other = post.get("replacement", "")
            replacement = get_object_or_404(KnowledgeItem, pk=other) if other.isdigit() else None
            code = post.get("reason_code", "")
            if code not in RETIRE_REASONS:
                raise Refused(_("Say why it is retired."), code="reason_missing")
            operations.retire(item_id=item.pk, actor=actor, at=at, reason=code, note=words, replacement=replacement)
        case _:
            raise PermissionDenied
    return ""


def _moment(words: str) -> datetime:
    try:
        return clock.instant(datetime.fromisoformat(words.strip()))
    except ValueError as error:
        raise Refused(_("This is not a date and time."), code="no_instant") from error


def _day(words: str) -> date:
    try:
        return date.fromisoformat(words.strip())
    except ValueError as error:
        raise Refused(_("This is not a date."), code="no_date") from error
