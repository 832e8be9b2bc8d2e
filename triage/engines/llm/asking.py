"""Ask the language model one question: from the cache, or over the network within the policy. Never inside a transaction."""

from __future__ import annotations

import hashlib
import json
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Generic, TypeVar

from cryptography.fernet import InvalidToken
from django.db import DatabaseError, connection
from django.utils import timezone

from triage.engines.llm import budget
from triage.engines.llm.client import Client, Deadline, Failure, object_in
from triage.engines.llm.endpoint import Endpoint, endpoint
from triage.engines.llm.prompts import Prompt
from triage.models import LlmAnswer, LlmCall

logger = logging.getLogger(__name__)
Valid = TypeVar("Valid")
MAX_TRIES = 3
#: Longer than this nobody is kept waiting because a server asks for it.
LONGEST_WAIT = 5.0
KEEP_CALLS = timedelta(days=30)


@dataclass(frozen=True)
class Answer(Generic[Valid]):
    """A valid answer, and whether it was had before."""

    value: Valid
    cached: bool
    model: str


@lru_cache(maxsize=4)
def _client(target: Endpoint) -> Client:
    return Client(target)


def estimate(text: str) -> int:
    """How many tokens a text is at most, roughly: a Chinese character is about one, four Latin letters are one."""
    wide = sum(1 for char in text if ord(char) > 0x2E80)
    return wide + (len(text) - wide) // 3 + 8


def in_transaction() -> bool:
    """Whether this thread holds a transaction open."""
    return connection.in_atomic_block


def check_may_ask() -> Endpoint:
    """The endpoint, where it may be asked at all.

    :raises Failure: `not_configured`, `switched_off`, or `in_transaction`, which is a mistake of the caller.
    """
    target = endpoint()
    if target is None:
        raise Failure("not_configured")
    if not budget.policy().enabled:
        raise Failure("switched_off")
    if in_transaction():
        logger.error("the language model was asked inside a transaction; the local engine answers")
        raise Failure("in_transaction")
    return target


def key_of(prompt: Prompt, target: Endpoint, question: str) -> str:
    """What an answer is kept under."""
    parts = (prompt.version, target.base_url, target.model, question)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def ask(
    *, step: str, prompt: Prompt, question: dict[str, Any], check: Callable[[dict[str, Any]], Valid], max_tokens: int
) -> Answer[Valid]:
    """A valid answer to a question.

    :param question: masked already. :param check: makes the value of an answer, or raises `Failure`.
    :raises Failure: when there is none; the code says why.
    """
    target = check_may_ask()
    words = json.dumps(question, ensure_ascii=False, sort_keys=True)
    key, now = key_of(prompt, target, words), timezone.now()
    kept = _kept(key, check, at=now)
    if kept is not None:
        budget.count_hit(at=now)
        return Answer(kept, True, target.model)
    budget.check_not_resting()
    started, deadline = time.monotonic(), Deadline(float(budget.policy().timeout_seconds))
    tries = _Tries(target, prompt, words, max_tokens, deadline)
    try:
        answer, value = tries.run(check)
    except Failure as failure:
        if tries.number:
            budget.note_failure(failure)
            _note(step, prompt, target, tries, started, failure)
        raise
    budget.note_success()
    _note(step, prompt, target, tries, started, None)
    _keep(key, answer, at=now)
    return Answer(value, False, target.model)


class _Tries:
    """The exchanges of one question: as many as can help, within its time and the day's budget."""

    def __init__(self, target: Endpoint, prompt: Prompt, words: str, max_tokens: int, deadline: Deadline) -> None:
        self.target, self.deadline, self.max_tokens = target, deadline, max_tokens
        self.messages = [{"role": "system", "content": prompt.text}, {"role": "user", "content": words}]
        self.likely = estimate(prompt.text) + estimate(words) + max_tokens
        self.number = 0
        self.tokens = 0

    def run(self, check: Callable[[dict[str, Any]], Valid]) -> tuple[dict[str, Any], Valid]:
        spoiled = 0
        while True:
            try:
                answer = object_in(self._once())
                return answer, check(answer)
            except Failure as failure:
                spoiled += failure.code in ("broken_json", "wrong_schema", "empty")
                wait = (
                    failure.after
                    if failure.after is not None
                    else 0.4 * 2 ** (self.number - 1) * random.uniform(0.8, 1.2)
                )
                hopeless = not failure.again or self.number >= MAX_TRIES or spoiled > 1
                if hopeless or wait > min(LONGEST_WAIT, self.deadline.left - 1.0):
                    raise
            time.sleep(wait)

    def _once(self) -> str:
        place = budget.reserve(tokens=self.likely, at=timezone.now())
        self.number += 1
        used: int | None = None
        try:
            content, used = _client(self.target).exchange(
                self.messages, max_tokens=self.max_tokens, deadline=self.deadline
            )
            used = used or self.likely - self.max_tokens + estimate(content)
            return content
        finally:
            # What failed may have been counted over there all the same: its question is booked, its answer is not.
            spent = used if used is not None else self.likely - self.max_tokens
            budget.settle(place, tokens=spent)
            self.tokens += spent


def _kept(key: str, check: Callable[[dict[str, Any]], Valid], *, at: datetime) -> Valid | None:
    try:
        row = LlmAnswer.objects.filter(key=key, expires_at__gt=at).first()
        return check(json.loads(row.answer)) if row is not None else None
    except (Failure, ValueError, InvalidToken):  # of another key, or kept before the rules for it changed
        return None


def _keep(key: str, answer: dict[str, Any], *, at: datetime) -> None:
    hours = budget.policy().cache_hours
    if not hours:
        return
    LlmAnswer.objects.update_or_create(
        key=key,
        defaults={
            "answer": json.dumps(answer, ensure_ascii=False),
            "made_at": at,
            "expires_at": at + timedelta(hours=hours),
        },
    )


def _note(step: str, prompt: Prompt, target: Endpoint, tries: _Tries, started: float, failure: Failure | None) -> None:
    try:
        LlmCall.objects.create(
            at=timezone.now(), step=step, outcome="fallback" if failure else "used", code=failure.code if failure else "",
            detail=failure.detail if failure else "", tries=tries.number, tokens=tries.tokens,
            milliseconds=int((time.monotonic() - started) * 1000), prompt=prompt.version, model=target.model[:128],
        )  # fmt: skip
    except DatabaseError:
        logger.exception("a question to the language model could not be noted")


def forget_old(*, at: datetime, limit: int = 5000) -> int:
    """Delete answers that have expired and notes of calls that are old enough. Housekeeping calls it."""
    count = 0
    for rows in (LlmAnswer.objects.filter(expires_at__lte=at), LlmCall.objects.filter(at__lt=at - KEEP_CALLS)):
        ids = list(rows.order_by("pk").values_list("pk", flat=True)[:limit])
        count += rows.filter(pk__in=ids).delete()[0]
    return count
