"""Reads that span models: what a page or list of editors shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, Max, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from knowledge.models import (
    ANSWERING_KINDS,
    DailyUse,
    KnowledgeItem,
    KnowledgePolicy,
    KnowledgeState,
    KnowledgeVersion,
    Outcome,
)
from knowledge.operations.life import ZONE, findings_of
from knowledge.policies import problems_of

UNFINISHED = (KnowledgeState.DRAFT, KnowledgeState.DESENSITIZED, KnowledgeState.REVIEWED)


@dataclass(frozen=True)
class Use:
    """How often something was used in some days, by outcome."""

    cited: int = 0
    released: int = 0
    edited: int = 0
    rejected: int = 0


def with_states(rows: QuerySet[KnowledgeItem]) -> QuerySet[Any]:
    """Items with what is published and what is on its way: `published_number`, `working_state`, `working_number`, `since`, `until`."""
    versions = KnowledgeVersion.objects.filter(item=OuterRef("pk"))
    published = versions.filter(state=KnowledgeState.PUBLISHED)
    working = versions.filter(state__in=UNFINISHED)
    newest = versions.order_by("-number")
    return rows.annotate(
        published_number=Subquery(published.values("number")[:1]),
        working_number=Subquery(working.values("number")[:1]),
        working_state=Subquery(working.values("state")[:1]),
        working_plan=Subquery(working.values("publish_at")[:1]),
        since=Coalesce(Subquery(published.values("valid_from")[:1]), Subquery(newest.values("valid_from")[:1])),
        until=Coalesce(Subquery(published.values("valid_until")[:1]), Subquery(newest.values("valid_until")[:1])),
    )


def how_many() -> dict[str, int]:
    """How many items have a version in each state that is listed: draft, desensitized, reviewed, published, and ``none`` (retired altogether)."""
    rows = KnowledgeVersion.objects.exclude(state=KnowledgeState.RETIRED).order_by()
    found = dict(rows.values_list("state").annotate(items=Count("item", distinct=True)))
    kept = rows.aggregate(items=Count("item", distinct=True))["items"]
    return {**found, "none": KnowledgeItem.objects.count() - kept}


def use_of(items: Iterable[int], *, at: datetime, days: int = 90) -> dict[int, Use]:
    """Use in the last days by primary key of the item."""
    since = at.astimezone(ZONE).date() - timedelta(days=days)
    rows = (
        DailyUse.objects.filter(version__item__in=list(items), date__gte=since)
        .values_list("version__item", "outcome")
        .annotate(times=Sum("count"))
    )
    found: dict[int, dict[str, int]] = {}
    for item, outcome, times in rows:
        found.setdefault(item, {})[outcome] = times
    return {item: Use(**counts) for item, counts in found.items()}


def with_use(rows: QuerySet[Any], *, at: datetime, days: int = 90) -> QuerySet[Any]:
    """Items with the day on which they were cited last, and how often they were cited and rejected lately: `last_used`, `cited`, `rejected`."""
    uses = DailyUse.objects.filter(version__item=OuterRef("pk"))
    lately = uses.filter(date__gte=at.astimezone(ZONE).date() - timedelta(days=days)).order_by()

    def times(outcome: str) -> Any:
        counted = lately.filter(outcome=outcome).values("version__item").annotate(times=Sum("count"))
        return Coalesce(Subquery(counted.values("times")[:1]), 0)

    found: QuerySet[Any] = rows.annotate(
        last_used=Subquery(uses.order_by("-date").values("date")[:1]),
        cited=times(Outcome.CITED),
        rejected=times(Outcome.REJECTED),
    )
    return found


def to_mend(items: Iterable[int] | None = None, *, limit: int = 3000) -> list[int]:
    """Primary keys of items whose draft lacks something or may hold personal data, the newest first.

    :param items: only of these. :param limit: at how many drafts it looks.
    """
    rows = KnowledgeVersion.objects.filter(state=KnowledgeState.DRAFT).select_related("item__flow")
    if items is not None:
        wanted = set(items)
        rows = rows.filter(item__in=wanted) if len(wanted) < 500 else rows
    return [
        row.item_id
        for row in rows.order_by("-pk")[:limit]
        if (items is None or row.item_id in wanted) and (problems_of(row) or findings_of(row))
    ]


def lacks_of(version: KnowledgeVersion) -> list[str]:
    """Why a draft cannot go on as it is, in words."""
    kinds = sorted({one.words for one in findings_of(version)})
    personal = [_("May hold personal data: %(kinds)s.") % {"kinds": "、".join(kinds)}] if kinds else []
    return [*problems_of(version), *personal]


def unused(*, at: datetime) -> QuerySet[KnowledgeItem]:
    """Items from which customers can be answered and that nothing has cited for as long as the policy says, oldest first."""
    since = at - timedelta(days=KnowledgePolicy.current().unused_after_days)
    cited = DailyUse.objects.filter(date__gte=since.astimezone(ZONE).date()).values("version__item")
    rows = KnowledgeItem.objects.filter(
        kind__in=ANSWERING_KINDS, versions__state=KnowledgeState.PUBLISHED, versions__published_at__lt=since
    )
    return (
        rows.exclude(pk__in=cited)
        .annotate(last_used=Max("versions__uses__date"), published_at=Max("versions__published_at"))
        .order_by("published_at", "pk")
    )


def often_rejected(*, at: datetime, days: int = 90) -> list[tuple[KnowledgeItem, Use]]:
    """Items whose texts people reject often, worst first."""
    policy = KnowledgePolicy.current()
    since = at.astimezone(ZONE).date() - timedelta(days=days)
    counted = Coalesce(Sum(Case(When(outcome=Outcome.REJECTED, then=F("count")), default=Value(0))), 0)
    rows = (
        DailyUse.objects.filter(date__gte=since, version__item__versions__state=KnowledgeState.PUBLISHED)
        .values("version__item")
        .annotate(bad=counted)
        .filter(bad__gte=policy.rejected_at_least)
        .order_by("-bad")[:100]
    )
    keys = [row["version__item"] for row in rows]
    items, uses = KnowledgeItem.objects.in_bulk(keys), use_of(keys, at=at, days=days)
    found = [
        (items[key], uses[key])
        for key in keys
        if 100 * uses[key].rejected >= policy.rejected_share_percent * max(uses[key].cited, 1)
    ]
    return sorted(found, key=lambda row: -row[1].rejected)


def campaigns(*, since: datetime, until: datetime) -> QuerySet[KnowledgeVersion]:
    """Versions of campaigns that overlap a period and count: published, or on their way."""
    return (
        KnowledgeVersion.objects.filter(
            Q(state=KnowledgeState.PUBLISHED) | Q(state__in=UNFINISHED), kind="campaign", valid_from__lt=until,
            valid_until__gt=since,
        )
        .select_related("item")
        .order_by("valid_from", "pk")
    )  # fmt: skip
