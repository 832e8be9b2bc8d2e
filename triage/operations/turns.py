"""One turn: understand, plan, word, and act on it in one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from cases import operations as cases
from cases.models import CaseState
from conversations.models import Conversation, Message
from delivery import operations as delivery
from evidence.operations import together
from foundation.actors import Actor
from people.models import Side
from triage import numbered, pictures
from triage import situation as sit
from triage.engines.base import Turn, Understanding
from triage.engines.registry import engine, local_engine
from triage.learning import follow_active_model
from triage.models import Decision
from triage.operations import acting, lease
from triage.phrasing import Phrases, phrase_ahead, wanted
from triage.planning.statements import plans
from triage.refine import refine
from triage.situation import Situation
from triage.statements import take_apart


def process_turn(
    *,
    turn: list[Message],
    token: uuid.UUID,
    at: datetime,
    hold: Callable[[], None] = lambda: None,
    is_last: bool = False,
) -> Decision | None:
    """Understand what somebody said in one go and do what follows from it. Engine and wording are asked outside any transaction.

    :param hold: keeps the lease; called before and after what may take long.
    :param is_last: the lease is given back with it.
    """
    message = turn[-1]
    follow_active_model()
    situation = sit.load(message, at=at, earlier=turn[:-1])
    if situation.side == Side.INTERNAL and _confirm_echo(situation, token=token, at=at, is_last=is_last):
        return None
    said = sit.turn_of(situation)
    hold()
    understanding = _understand(situation, said)
    hold()
    phrases: Phrases = {}
    if wanted():
        planned = ((text, one.case) for one in plans(situation, understanding) for text in one.plan.texts)
        phrases = phrase_ahead(planned)
        hold()
    with transaction.atomic():
        locked = Conversation.objects.select_for_update().filter(pk=message.conversation_id)
        if locked.values_list("lease_token", flat=True).get() != token:
            raise lease.LeaseLost
        if situation.cases:
            cases.lock_cases(case.pk for case in situation.cases if case.state == CaseState.OPEN)
        with together():
            decision = acting.act(situation, understanding, phrases, at=at)
        lease.advance(message, token, at=at, is_last=is_last)
    return decision


def _understand(situation: Situation, said: Turn) -> Understanding:
    """What was said, in statements: as the engine reads it, and as words say that leave no doubt, or by the numbers of a digest."""
    by_number = numbered.answered(situation)
    if by_number:
        numbered.in_reach(situation, {wait.case_id for wait, _words in by_number})
        situation.numbered = numbered.read(by_number, said, local_engine())
    understanding = take_apart(engine().understand(said), said, local_engine())
    statements = tuple(refine(reading, said, local_engine()) for reading in understanding.statements)
    if situation.numbered:
        statements = tuple(answer.reading for answer in situation.numbered)
    return pictures.heed(situation, replace(understanding, statements=statements))


def _confirm_echo(situation: Situation, *, token: uuid.UUID, at: datetime, is_last: bool) -> bool:
    """Whether a colleague's message is a text of ours that they tapped: it is confirmed, and not understood again."""
    with transaction.atomic():
        outbound = delivery.confirm_by_echo(conversation=situation.conversation, message=situation.message, at=at)
        if outbound is None:
            return False
        cases.mark_writeback_told(
            outbound_ref=outbound.public_id,
            by=situation.message.sender.name,
            actor=Actor.of_person(situation.message.sender),
            at=at,
            released_at=outbound.released_at,
        )
        lease.advance(situation.message, token, at=at, is_last=is_last)
        return True
