"""The review queue: what waits for a person, what comes first, and the views of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from people.models import StaffMember
from review.models import Draft, DraftState, ReplyKind, Right, SavedFilter, Verdict
from review.permissions import list_refusals

#: A customer-service window that closes this soon comes before everything but alerts.
CLOSING = timedelta(hours=2)
PAGE = 50

VIEWS: dict[str, Any] = {
    "all": _("All"),
    "mine": _("Mine"),
    "risky": _("With risk"),
    "closing": _("Window closing"),
    "relays": _("Requests to pass on"),
    "simple": _("Simple ones"),
    "taken": _("Taken by me"),
}
#: What a view of the queue is made of.
PARAMETERS = ("view", "kind", "right", "q", "holder")

_BY_RULE = Exists(Verdict.objects.filter(draft=OuterRef("pk"), do=Verdict.Do.AUTO))
#: What became of decided drafts, as it is counted: as they were, in other words, not at all.
OUTCOMES: dict[str, Q] = {
    "approve": Q(state=DraftState.RELEASED, text=F("proposed_text")) & ~Q(_BY_RULE),
    "edit": Q(state=DraftState.RELEASED) & ~Q(text=F("proposed_text")) & ~Q(_BY_RULE),
    "against": Q(state__in=[DraftState.REJECTED, DraftState.TAKEN_OVER]),
}


@dataclass(frozen=True)
class View:
    """One view of the queue with its number of drafts."""

    key: str
    title: str
    count: int
    query: Mapping[str, str]
    saved_id: int = 0


def _view(key: str, *, staff: StaffMember | None, at: datetime) -> Q:
    """The rows of a built-in view."""
    match key:
        case "mine":
            return Q(case__owner=staff) | Q(conversation__owner=staff)
        case "risky":
            return Q(required_right=Right.SUPERVISOR) | ~Q(risk_topics=[]) | ~Q(alerts=[])
        case "closing":
            return Q(conversation__kf_window_until__gt=at, conversation__kf_window_until__lte=at + timedelta(hours=12))
        case "relays":
            return Q(cause__isnull=False) & ~Q(cause__conversation=F("conversation"))
        case "simple":
            return Q(is_simple=True)
        case "taken":
            return Q(claimed_by=staff, claimed_until__gt=at)
        case _:
            return Q()


def condition(query: Mapping[str, str], *, staff: StaffMember | None, at: datetime) -> Q:
    """The rows that a view's parameters mean. What it does not know it does not narrow by."""
    wanted = _view(query.get("view", "all"), staff=staff, at=at)
    if query.get("kind") in ReplyKind.values:
        wanted &= Q(reply_kind=query["kind"])
    if query.get("right") in Right.values:
        wanted &= Q(required_right=query["right"])
    holder = query.get("holder", "")
    if holder.isdigit():
        wanted &= Q(claimed_by=holder, claimed_until__gt=at)
    words = query.get("q", "").strip()
    if words:
        wanted &= (
            Q(text__icontains=words)
            | Q(conversation__name__icontains=words)
            | Q(case__number__icontains=words)
            | Q(case__customer__name__icontains=words)
        )
    return wanted


#: The order of the queue over what `in_order` adds to each row.
ORDER = (F("urgency").asc(), F("closes_at").asc(nulls_last=True), F("created_at").asc(), F("pk").asc())


def in_order(rows: QuerySet[Draft], *, at: datetime) -> QuerySet[Draft]:
    """Alerts, windows that close soon, what only a supervisor may release, other windows, the rest; in each, the window that closes first,
    then the oldest."""
    window = Q(conversation__kf_window_until__gt=at)
    urgency = Case(
        When(~Q(alerts=[]), then=Value(0)),
        When(window & Q(conversation__kf_window_until__lte=at + CLOSING), then=Value(1)),
        When(required_right=Right.SUPERVISOR, then=Value(2)),
        When(window, then=Value(3)),
        default=Value(4),
        output_field=IntegerField(),
    )
    closes = Case(When(window, then=F("conversation__kf_window_until")), default=None)
    return rows.annotate(urgency=urgency, closes_at=closes).order_by(*ORDER)


def pending(
    rows: QuerySet[Draft], query: Mapping[str, str], *, staff: StaffMember | None, at: datetime
) -> QuerySet[Draft]:
    """The drafts of a view in the order in which they should be done."""
    return in_order(rows.pending().filter(condition(query, staff=staff, at=at)), at=at)  # type: ignore[attr-defined]


def free_for(rows: QuerySet[Draft], *, staff: StaffMember | None, at: datetime) -> QuerySet[Draft]:
    """Without those that somebody else works on."""
    return rows.exclude(~Q(claimed_by=staff), claimed_by__isnull=False, claimed_until__gt=at)


def releasable_by(rows: QuerySet[Draft], *, staff: StaffMember | None) -> QuerySet[Draft]:
    """Without those that were made for a supervisor, where somebody is none."""
    return rows if staff is None or staff.is_supervisor else rows.exclude(required_right=Right.SUPERVISOR)


@dataclass(frozen=True)
class Place:
    """Where somebody stands in their view of the queue when they decide a draft: what came before it, and what comes after."""

    before: list[int]
    after: list[int]


def place_of(
    draft: Draft, rows: QuerySet[Draft], query: Mapping[str, str], *, staff: StaffMember | None, at: datetime
) -> Place:
    """The place of a draft among those that wait."""
    order = list(pending(rows, query, staff=staff, at=at).values_list("pk", flat=True)[:500])
    here = order.index(draft.pk) if draft.pk in order else -1
    return Place(order[: max(0, here)], order[here + 1 :])


def next_after(
    place: Place, rows: QuerySet[Draft], *, staff: StaffMember, at: datetime, opened_at: datetime | None
) -> Draft | None:
    """The draft to go on with: what came in above meanwhile and is more urgent, then the one below, at the end what was walked past.

    Only what this person may release and nobody else works on: a draft that waits for others is no stop on everybody's way.

    :param opened_at: when the page of the decided draft was opened.
    """
    free = releasable_by(free_for(rows.pending(), staff=staff, at=at), staff=staff)  # type: ignore[attr-defined]
    found = {draft.pk: draft for draft in free.filter(pk__in=[*place.before, *place.after]).select_related("first_yes")}
    come = [pk for pk in place.before if opened_at is not None and pk in found and found[pk].created_at > opened_at]
    walked_past = [pk for pk in place.before if pk not in come]
    for pk in (*come, *place.after, *walked_past):
        if pk in found and not list_refusals(staff, found[pk]):
            return found[pk]
    return None


def views_of(rows: QuerySet[Draft], *, staff: StaffMember | None, at: datetime) -> tuple[list[View], list[View]]:
    """The built-in and the saved views with their numbers, in two queries."""
    saved = list(SavedFilter.objects.filter(staff=staff)) if staff is not None else []
    wanted: dict[str, Mapping[str, str]] = {f"view_{key}": {"view": key} for key in VIEWS}
    wanted |= {f"saved_{row.pk}": row.query for row in saved}
    numbers = rows.pending().aggregate(  # type: ignore[attr-defined]
        **{
            key: Count("pk", distinct=True, filter=condition(query, staff=staff, at=at))
            for key, query in wanted.items()
        }
    )
    built_in = [View(key, str(title), numbers[f"view_{key}"], {"view": key}) for key, title in VIEWS.items()]
    own = [View(f"saved_{row.pk}", row.name, numbers[f"saved_{row.pk}"], row.query, row.pk) for row in saved]
    return built_in, own
