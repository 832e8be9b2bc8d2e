"""The start page. Two queries for all numbers, charts and lists, whatever the volume."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from django.db.models import Case, CharField, F, IntegerField, OuterRef, Q, Subquery, Value, When, Window
from django.db.models.functions import Coalesce, Concat, Left, RowNumber, TruncDate
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy

from aijia.desk.counting import count_of, counts_by, gather, listed
from aijia.desk.numbers import GROUPS, NUMBERS, Seeing
from cases.models import CaseState, ServiceCase, WaitingItem
from delivery.models import Outbound
from people.models import Shift
from review import queue
from review.models import Draft
from review.permissions import RELEASE

LISTED = 7
DAYS = 7


class Entry(NamedTuple):
    """One line of a list of the desk."""

    kind: str
    ref: int
    title: str
    words: str
    who: str
    rank: int
    when: datetime

    @property
    def gravity(self) -> int:
        """Of a draft: 0 for an alert, 1 for what cannot wait or only a supervisor releases, 2 for the rest."""
        return self.rank % 10

    @property
    def link(self) -> str:
        """Where it leads."""
        place = "review_draft" if self.kind == "draft" else "cases_servicecase"
        return reverse(f"admin:{place}_change", args=[self.ref])


def _since(at: datetime) -> datetime:
    first = timezone.localtime(at).date() - timedelta(days=DAYS - 1)
    return timezone.make_aware(datetime.combine(first, time.min))


@dataclass(frozen=True)
class Series:
    """One kind of bar: what it counts, and the list with exactly these rows (`%(since)s`, `%(until)s` are instants)."""

    key: str
    words: Any
    list: str
    query: str

    def link(self, since: date, until: date) -> str:
        """The list of what happened on these days, the last one included."""
        ends = {"since": _midnight(since).isoformat(), "until": _midnight(until + timedelta(days=1)).isoformat()}
        query = urlencode({key: value % ends for key, value in parse_qsl(self.query)})
        return f"{reverse(f'admin:{self.list}_changelist')}?{query}"


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


CHARTS: tuple[tuple[Any, tuple[Series, ...]], ...] = (
    (gettext_lazy("Cases and texts"), (
        Series("opened", gettext_lazy("cases opened"), "cases_servicecase", "opened_at__gte=%(since)s&opened_at__lt=%(until)s"),
        Series("closed", gettext_lazy("cases closed"), "cases_servicecase",
               "state__exact=completed&closed_at__gte=%(since)s&closed_at__lt=%(until)s"),
        Series("sent", gettext_lazy("texts delivered"), "delivery_outbound",
               "kind__exact=reply&delivered_at__gte=%(since)s&delivered_at__lt=%(until)s"),
    )),
    (gettext_lazy("What became of drafts"), (
        Series("approve", gettext_lazy("approved as they were"), "review_draft",
               "everything=1&outcome=approve&decided_at__gte=%(since)s&decided_at__lt=%(until)s"),
        Series("edit", gettext_lazy("edited"), "review_draft", "everything=1&outcome=edit&decided_at__gte=%(since)s&decided_at__lt=%(until)s"),
        Series("against", gettext_lazy("rejected or taken over"), "review_draft",
               "everything=1&outcome=against&decided_at__gte=%(since)s&decided_at__lt=%(until)s"),
    )),
)  # fmt: skip


def _week(found: dict[str, dict[str, int]], at: datetime) -> list[dict[str, Any]]:
    """The charts of the week, drawn by the template as SVG; every bar and every sum leads to its rows."""
    days = [timezone.localtime(at).date() - timedelta(days=back) for back in reversed(range(DAYS))]
    charts = []
    for title, series in CHARTS:
        highest = max([1, *(number for one in series for number in found.get(one.key, {}).values())])
        bars, labels = [], []
        for place, day in enumerate(days):
            name = date_format(day, "D") if place < DAYS - 1 else gettext("today")
            labels.append({"x": 34 + place * 62, "words": name})
            for number, one in enumerate(series):
                value = found.get(one.key, {}).get(day.isoformat(), 0)
                height = round(78 * value / highest)
                if value:
                    bars.append({
                        "x": 12 + place * 62 + number * 15, "y": 95 - height, "h": height, "kind": number + 1, "n": value,
                        "words": f"{date_format(day, 'MONTH_DAY_FORMAT')} {one.words}: {value}", "link": one.link(day, day),
                    })  # fmt: skip
        totals = [
            {"kind": n + 1, "words": one.words, "n": sum(found.get(one.key, {}).values()), "link": one.link(days[0], days[-1])}
            for n, one in enumerate(series)
        ]  # fmt: skip
        charts.append({"title": title, "bars": bars, "labels": labels, "totals": totals})
    return charts


def _lists(seeing: Seeing) -> dict[str, list[Entry]]:
    """What to begin with: the most urgent drafts, what is overdue, what falls due today."""
    at = seeing.at
    drafts = seeing.rows(Draft.objects.pending())
    mine = queue.releasable_by(queue.free_for(drafts, staff=seeing.staff, at=at), staff=seeing.staff)
    first = queue.in_order(mine, at=at).values("pk")[:LISTED]
    waits = seeing.rows(WaitingItem.objects.all())
    late = waits.overdue(at=at).order_by("due_at", "pk").values("pk")[:LISTED]
    today = waits.due_today(at=at).order_by("due_at", "pk").values("pk")[:LISTED]
    ranked = queue.in_order(Draft.objects.filter(pk__in=first), at=at)
    # The order of the queue in tens, and how grave it is in the last digit: alerts, what cannot wait or only a supervisor releases, the rest.
    gravity = Case(
        When(urgency=0, then=Value(0)),
        When(urgency__in=(1, 2), then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    place = Window(RowNumber(), order_by=list(queue.ORDER)) * Value(10) + gravity
    nobody = Value("", output_field=CharField())
    on_shift = (
        Shift.objects.running(at=at).filter(roster=OuterRef("roster"), staff__on_duty=True).values("staff__name")[:1]
    )
    shown = {
        "title": F("case__customer__name"), "words": F("need"), "ref": F("case_id"),
        "who": Coalesce(F("on__name"), Subquery(on_shift), F("roster__name"), F("owner__name"), nobody), "at": F("due_at"),
    }  # fmt: skip
    visits = seeing.rows(ServiceCase.objects.with_appointment_today(at=at))
    coming = visits.order_by("appointment_at", "pk").values("pk")[:LISTED]
    rows = listed(
        "draft", ranked, title=Coalesce(F("conversation__name"), nobody), words=Left("text", 90), who=F("reply_kind"),
        at=F("created_at"), rank=place, ref=F("id"),
    ).union(
        listed("late", WaitingItem.objects.filter(pk__in=late), **shown),  # type: ignore[arg-type]
        listed("today", WaitingItem.objects.filter(pk__in=today), **shown),  # type: ignore[arg-type]
        listed(
            "visit", ServiceCase.objects.filter(pk__in=coming), title=F("customer__name"),
            words=Case(When(title="", then=F("flow__name")), default=F("title")),
            who=Coalesce(F("partner__name"), F("owner__name"), nobody), at=F("appointment_at"),
        ),
        all=True,
    )  # fmt: skip
    found: dict[str, list[Entry]] = {"draft": [], "late": [], "today": [], "visit": []}
    for row in rows:
        entry = Entry(*row)
        found[entry.kind].append(entry)
    for entries in found.values():
        entries.sort(key=lambda entry: (entry.rank, entry.when))
    return found


def _load(found: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    """How much everybody has, most first."""
    names: dict[str, list[Any]] = {}
    for kind in ("load", "load_late", "load_drafts"):
        for key, number in found.get(kind, {}).items():
            pk, _sep, name = key.partition(":")
            names.setdefault(pk, [name, 0, 0, 0])[("load", "load_late", "load_drafts").index(kind) + 1] = number
    base = reverse("admin:cases_waitingitem_changelist")
    rows = [
        {
            "name": name, "open": count, "late": late, "drafts": drafts,
            "drafts_link": f"{reverse('admin:review_draft_changelist')}?view=all&holder={pk}", "link": f"{base}?open=1&owner={pk}",
            "late_link": f"{base}?open=1&late=1&owner={pk}",
        }
        for pk, (name, count, late, drafts) in names.items()
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-row["late"], -row["open"]))[:12]


def _of_team(seeing: Seeing) -> bool:
    """Whether somebody sees the load of their own team alone: who works on cases in one. Supervisors and lookers-on see everybody's."""
    staff, works = seeing.staff, seeing.request.user.has_perm("cases.work_on_case")  # type: ignore[union-attr]
    return staff is not None and staff.team_id is not None and not staff.is_supervisor and works


def _branches(seeing: Seeing) -> list[Any]:
    at, since = seeing.at, _since(seeing.at)

    who = Concat(F("owner_id"), Value(":"), F("owner__name"), output_field=CharField())
    holder = Concat(F("claimed_by_id"), Value(":"), F("claimed_by__name"), output_field=CharField())
    waits, cases = seeing.rows(WaitingItem.objects.all()), seeing.rows(ServiceCase.objects.all())
    texts = seeing.rows(Outbound.objects.filter(delivered_at__gte=since, kind="reply"))
    closed = cases.filter(closed_at__gte=since, state=CaseState.COMPLETED)
    decided = seeing.rows(Draft.objects.filter(decided_at__gte=since))
    mine = Q(owner__team=seeing.staff.team_id) if seeing.staff is not None and _of_team(seeing) else Q()
    return [
        counts_by("opened", cases.filter(opened_at__gte=since), TruncDate("opened_at")),
        counts_by("closed", closed, TruncDate("closed_at")),
        counts_by("sent", texts, TruncDate("delivered_at")),
        *(
            counts_by(outcome, decided.filter(rows), TruncDate("decided_at"))
            for outcome, rows in queue.OUTCOMES.items()
        ),
        counts_by("load", waits.open().filter(mine), who),
        counts_by("load_late", waits.overdue(at=at).filter(mine), who),
        counts_by("load_drafts", seeing.rows(Draft.objects.pending()).filter(claimed_until__gt=at), holder),
    ]


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Everything of the desk for whoever asks."""
    seeing = Seeing.of(request, timezone.now())
    numbers = [number for number in NUMBERS if number.shown_to(seeing)]
    found = gather([*(count_of(one.key, one.rows(seeing)) for one in numbers), *_branches(seeing)])
    shown: list[dict[str, Any]] = [
        {"number": one, "count": count, "hot": one.hot and count > 0}
        for one in numbers
        for count in [found.get(one.key, {}).get("", 0)]
    ]
    lists = _lists(seeing)
    works = seeing.staff is None or seeing.request.user.has_perm("cases.work_on_case")  # type: ignore[union-attr]
    order = ("mine", "all", "knowledge") if works else ("knowledge", "mine", "all")
    kinds = dict(Draft._meta.get_field("reply_kind").flatchoices)
    context.update(
        groups=[(GROUPS[key], [row for row in shown if row["number"].group_for(seeing) == key]) for key in order],
        alarms=[row for row in shown if row["number"].group == "alarm" and row["count"]],
        drafts=[(entry, kinds.get(entry.who, "")) for entry in lists["draft"]],
        decides=seeing.request.user.has_perm(RELEASE),  # type: ignore[union-attr]
        late=lists["late"],
        today=lists["today"],
        visits=lists["visit"],
        load=_load(found),
        of_team=_of_team(seeing),
        week=_week(found, seeing.at),
        staff=seeing.staff,
    )
    return context
