"""How asking the language model goes, for the page of supervisors and administrators; what a decision cites."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Avg, Count, QuerySet
from django.utils import timezone

from knowledge.models import KnowledgeVersion
from review.models import Draft
from triage.engines.llm import budget
from triage.engines.llm.endpoint import Endpoint, endpoint
from triage.engines.registry import engine, local_engine
from triage.models import Decision, LlmCall, LlmDay, LlmPolicy

DAY = timedelta(hours=24)


@dataclass(frozen=True)
class EngineStatus:
    """Which engine answers, what the day has cost, and what went wrong.

    `answers` is llm|local: who answers the next message. `why_local` is the code why it is not the language model, where one is configured.
    """

    answers: str
    why_local: str
    version: str
    endpoint: Endpoint | None
    policy: LlmPolicy
    today: LlmDay
    by_engine: Sequence[tuple[str, str, int]]
    asked: int
    answered: int
    milliseconds: int
    failures: QuerySet[LlmCall]
    days: QuerySet[LlmDay]

    @property
    def calls_share(self) -> int:
        """How much of the day's calls is used, in percent."""
        return _share(self.today.calls, self.policy.calls_per_day)

    @property
    def tokens_share(self) -> int:
        """How much of the day's tokens is used or reserved, in percent."""
        return _share(self.today.tokens + self.today.reserved, self.policy.tokens_per_day)

    @property
    def hit_share(self) -> int:
        """How many of today's questions the cache answered, in percent."""
        return _share(self.today.hits, self.today.hits + self.today.calls)


def _share(part: int, whole: int) -> int:
    return min(100, round(100 * part / whole)) if whole else (100 if part else 0)


def _why_local(target: Endpoint | None, policy: LlmPolicy, today: LlmDay) -> str:
    if engine().name != "llm":
        return "not_chosen" if target is not None else "not_configured"
    if target is None:
        return "not_configured"
    if not policy.enabled:
        return "switched_off"
    if today.calls >= policy.calls_per_day or today.tokens + today.reserved >= policy.tokens_per_day:
        return "budget"
    return "resting" if budget.resting() else ""


def engine_status(*, at: datetime) -> EngineStatus:
    """The state of the engines at an instant."""
    target, rules = endpoint(), LlmPolicy.objects.filter(pk=1).first() or LlmPolicy(pk=1)
    day = timezone.localdate(at)
    today = LlmDay.objects.filter(day=day).first() or LlmDay(day=day)
    why = _why_local(target, rules, today)
    calls = LlmCall.objects.filter(at__gte=at - DAY)
    counted = Decision.objects.filter(at__gte=at - DAY).values_list("engine", "fallback").annotate(count=Count("pk"))
    good = calls.filter(outcome="used")
    return EngineStatus(
        answers="local" if why else "llm",
        why_local=why,
        version=local_engine().version if why else engine().version,
        endpoint=target,
        policy=rules,
        today=today,
        by_engine=[(name, fallback, count) for name, fallback, count in counted.order_by("-count")],
        asked=calls.count(),
        answered=good.count(),
        milliseconds=round(good.aggregate(mean=Avg("milliseconds"))["mean"] or 0),
        failures=LlmCall.objects.exclude(outcome="used").order_by("-at")[:10],
        days=LlmDay.objects.filter(day__gt=day - timedelta(days=7)).order_by("-day"),
    )


def sources_of(decision: Decision) -> QuerySet[KnowledgeVersion]:
    """The versions of knowledge that the texts of a decision cite."""
    drafts = Draft.objects.filter(decision_ref=decision.public_id)
    return KnowledgeVersion.objects.filter(cited_by__in=drafts).select_related("item").distinct().order_by("pk")
