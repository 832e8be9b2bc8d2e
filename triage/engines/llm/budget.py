"""What may be asked and what it costs: the policy, the day's budget, the brake after failures. Counted in the database, for all workers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.core.cache import cache
from django.db.models import F
from django.utils import timezone

from foundation.remembering import Remembered
from triage.engines.llm.client import Failure
from triage.models import LlmDay, LlmPolicy

#: So many exchanges in a row that came to nothing, and nobody asks for a while.
BRAKE_AFTER = 3
BRAKE_SECONDS = 60
#: A key that is not accepted does not get better by asking.
BRAKE_UNAUTHORISED_SECONDS = 300
_RESTS, _FAILED = "triage.llm.rests", "triage.llm.failed"
_BRAKING = frozenset({"timeout", "network", "server_error"})

policy = Remembered(lambda: LlmPolicy.objects.filter(pk=1).first() or LlmPolicy(pk=1), seconds=2)
policy.forget_on_change(LlmPolicy)


@dataclass(frozen=True)
class Reservation:
    """A place in a day's budget for one exchange."""

    day: date
    tokens: int


def reserve(*, tokens: int, at: datetime) -> Reservation:
    """Take one call and so many tokens from the day's budget, or refuse. One conditional update: workers cannot overdraw it together.

    :raises Failure: `budget`, when the day has no more.
    """
    rules, day = policy(), timezone.localdate(at)
    limits = {"calls__lt": rules.calls_per_day, "tokens__lte": rules.tokens_per_day - tokens - F("reserved")}
    taken = {"calls": F("calls") + 1, "reserved": F("reserved") + tokens}
    if not LlmDay.objects.filter(day=day).exists():
        LlmDay.objects.bulk_create([LlmDay(day=day)], ignore_conflicts=True)
    if not LlmDay.objects.filter(day=day, **limits).update(**taken):
        raise Failure("budget", "the day's calls or tokens are used up")
    return Reservation(day, tokens)


def settle(reservation: Reservation, *, tokens: int) -> None:
    """Book what an exchange really took."""
    LlmDay.objects.filter(day=reservation.day).update(
        tokens=F("tokens") + tokens, reserved=F("reserved") - reservation.tokens
    )


def count_hit(*, at: datetime) -> None:
    """One question was answered from the cache."""
    day = timezone.localdate(at)
    if not LlmDay.objects.filter(day=day).update(hits=F("hits") + 1):
        LlmDay.objects.bulk_create([LlmDay(day=day)], ignore_conflicts=True)
        LlmDay.objects.filter(day=day).update(hits=F("hits") + 1)


def check_not_resting() -> None:
    """Refuse while the brake is on.

    :raises Failure: `resting`, with what put it on.
    """
    why = cache.get(_RESTS)
    if why:
        raise Failure("resting", str(why))


def note_success() -> None:
    """An exchange went well: failures before it no longer count."""
    cache.delete(_FAILED)


def note_failure(failure: Failure) -> None:
    """An exchange came to nothing; put the brake on where asking on would only make people wait."""
    if failure.code == "unauthorised":
        cache.set(_RESTS, failure.code, BRAKE_UNAUTHORISED_SECONDS)
    elif failure.code == "rate_limited":
        cache.set(_RESTS, failure.code, min(max(failure.after or 5.0, 1.0), BRAKE_UNAUTHORISED_SECONDS))
    elif failure.code in _BRAKING:
        cache.add(_FAILED, 0, 300)
        try:
            failed = cache.incr(_FAILED)
        except ValueError:  # it expired in between
            failed = 1
        if failed >= BRAKE_AFTER:
            cache.set(_RESTS, failure.code, BRAKE_SECONDS)
            cache.delete(_FAILED)


def resting() -> str:
    """What put the brake on; empty while it is off."""
    return str(cache.get(_RESTS) or "")


def release_brake() -> None:
    """Ask again at once."""
    cache.delete_many([_RESTS, _FAILED])
