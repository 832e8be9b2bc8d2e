"""Public writes about sending: enqueue, claim with a lease, send, record the outcome, confirm by echo, pause."""

from __future__ import annotations

import hashlib
import re
import unicodedata
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from cases.facts import note_wrong_send
from cases.models import ServiceCase
from cases.reasons import WRONG_REASONS, check_reason
from conversations.models import TAPPED_SURFACES, Conversation, Message
from delivery.models import Attempt, Outbound, OutboundKind, OutboundState, Pause, PauseScope
from delivery.ports import DispatchRequest, DispatchResult, channel
from evidence.operations import Subject, record
from foundation.actors import Actor
from foundation.errors import DomainError, WrongState
from people.models import Identity, StaffMember

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 4
BACKOFF = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=3))
MACHINE = Actor.machine("delivery")

#: Called with an outbound row and the instant just before it is sent; returns a reason code to hold it back, or "". `review` sets it (imports point down).
Validator = Callable[[Outbound, datetime], str]
_validators: list[Validator] = []


def register_validator(validator: Validator) -> None:
    """Let a higher room check a release once more at the moment it is carried out."""
    if validator not in _validators:
        _validators.append(validator)


#: Called when it is known what became of a text: with the row, its echo and the instant, in the same transaction. `triage` sets it.
OutcomeEffect = Callable[[Outbound, Message | None, datetime], None]
_outcomes: list[OutcomeEffect] = []


def register_outcome_effect(effect: OutcomeEffect) -> None:
    """Let a higher room carry out what follows from a delivery, or from a text that will never be delivered."""
    if effect not in _outcomes:
        _outcomes.append(effect)


def _follow(outbound: Outbound, message: Message | None, at: datetime) -> None:
    for effect in _outcomes:
        effect(outbound, message, at)


def text_hash(text: str) -> str:
    """The hash that binds a release to exactly these words."""
    return hashlib.sha256(text.encode()).hexdigest()


def enqueue(
    *,
    conversation: Conversation | None,
    recipient: StaffMember | None = None,
    kind: str,
    purpose: str,
    text: str,
    release_hash: str,
    thread_position: int,
    idempotency_key: str,
    case_ref: uuid.UUID | None,
    actor: Actor,
    at: datetime,
) -> Outbound:
    """Put a released text on its way. Call it in the transaction of the release."""
    if text_hash(text) != release_hash:
        raise DomainError(_("This is not the text that was released."), code="hash_mismatch")
    return Outbound.objects.create(
        conversation=conversation,
        recipient=recipient,
        kind=kind,
        purpose=purpose,
        text=text,
        release_hash=release_hash,
        thread_position=thread_position,
        idempotency_key=idempotency_key,
        case_ref=case_ref,
        released_at=at,
        released_by=actor.as_json(),
    )


def _subject(outbound: Outbound) -> Subject:
    if outbound.case_ref:
        return Subject(kind="case", ref=str(outbound.case_ref))
    if outbound.conversation_id is not None and outbound.conversation is not None:
        return Subject(kind="conversation", ref=str(outbound.conversation.public_id))
    return Subject(kind="conversation", ref=str(outbound.public_id))


def _record(outbound: Outbound, *, actor: Actor, at: datetime, outcome: str, **more: object) -> None:
    refs = {"outbound": str(outbound.public_id)}
    if outbound.conversation is not None:
        refs["conversation"] = str(outbound.conversation.public_id)
    record(
        subject=_subject(outbound),
        kind="delivery" if outbound.kind == OutboundKind.REPLY else "notice",
        actor=actor,
        at=at,
        refs=refs,
        body={"outcome": outcome, "purpose": outbound.purpose, "text": outbound.text, **more},
    )


def paused(outbound: Outbound) -> Pause | None:
    """The pause that holds this text back, if any."""
    return pause_over(outbound.conversation, case_ref=outbound.case_ref)


def pause_over(conversation: Conversation | None, *, case_ref: uuid.UUID | None) -> Pause | None:
    """The pause in force over texts into a conversation, about a case; None where they may go."""
    scopes = Q(scope=PauseScope.EVERYTHING)
    if conversation is not None:
        scopes |= Q(scope=PauseScope.CONVERSATION, key=str(conversation.public_id))
        scopes |= Q(scope=PauseScope.ACCOUNT, key=conversation.account)
    if case_ref is not None:
        flows = ServiceCase.objects.filter(public_id=case_ref).values("flow__key")
        scopes |= Q(scope=PauseScope.FLOW, key__in=flows)
    return Pause.objects.filter(scopes, lifted_at__isnull=True).first()


def list_due(*, at: datetime, limit: int = 50) -> list[int]:
    """Ids of texts that can be sent now, in order of release."""
    return list(Outbound.objects.due(at=at).order_by("id").values_list("id", flat=True)[:limit])


def deliver_one(*, outbound_id: int, at: datetime) -> bool:
    """Send one queued text: claim it, check it again, hand it to the channel, record what came of it.

    No transaction is open while the channel works. Two workers cannot both claim it.

    :returns: whether this call did something with it.
    """
    token = uuid.uuid4()
    with transaction.atomic():
        outbound = (
            Outbound.objects.select_for_update(of=("self",))
            .select_related("conversation", "recipient")
            .filter(pk=outbound_id, state=OutboundState.QUEUED)
            .first()
        )
        if outbound is None:
            return False
        if outbound.kind == OutboundKind.REPLY and paused(outbound):
            return False
        refusal = ""
        if text_hash(outbound.text) != outbound.release_hash:
            refusal = "hash_mismatch"
        for validator in _validators:
            refusal = refusal or validator(outbound, at)
        if refusal:
            outbound.cancel()
            outbound.error_code = refusal
            outbound.save(update_fields=["state", "error_code"])
            _record(outbound, actor=MACHINE, at=at, outcome="cancelled", reason=refusal)
            _follow(outbound, None, at)
            return True
        outbound.start()
        outbound.lease_token, outbound.lease_until = token, at + LEASE
        outbound.attempt_count += 1
        outbound.save(update_fields=["state", "lease_token", "lease_until", "attempt_count"])
        attempt = Attempt.objects.create(outbound=outbound, number=outbound.attempt_count, started_at=at)
    result = _dispatch(outbound)
    with transaction.atomic():
        locked = (
            Outbound.objects.select_for_update(of=("self",))
            .select_related("conversation", "recipient")
            .filter(pk=outbound_id, state=OutboundState.SENDING, lease_token=token)
            .first()
        )
        Attempt.objects.filter(pk=attempt.pk).update(
            outcome=result.outcome, error_code=result.error_code[:64], error_text=result.error_text[:255]
        )
        if locked is None:  # an echo came first, or the lease was lost and settled
            return True
        _apply(locked, result, at=at)
    return True


def _dispatch(outbound: Outbound) -> DispatchResult:
    conversation, recipient = outbound.conversation, outbound.recipient
    recipients: tuple[str, ...] = ()
    account = conversation.account if conversation is not None else ""
    if recipient is not None:
        ids = Identity.objects.filter(person__staff=recipient)
        if account:
            ids = ids.filter(account=account)
        found = list(ids.values_list("account", "external_id")[:1])
        if not found:
            # Somebody without an account of ours is told in the product only.
            return DispatchResult(outcome="sent")
        account = found[0][0]
        recipients = (found[0][1],)
    return channel().dispatch(
        DispatchRequest(
            outbound_id=str(outbound.public_id),
            account=account,
            conversation_external_id=conversation.external_id if conversation is not None else "",
            surface="internal_app" if conversation is None else conversation.surface,
            kind=outbound.kind,
            text=outbound.text,
            idempotency_key=outbound.idempotency_key,
            recipient_external_ids=recipients,
        )
    )


def _apply(outbound: Outbound, result: DispatchResult, *, at: datetime) -> None:
    outbound.external_id = result.external_id[:128]
    outbound.error_code, outbound.error_text = result.error_code[:64], result.error_text[:255]
    if result.outcome == "sent":
        outbound.mark_sent(at=at)
        conversation = outbound.conversation
        if conversation is not None and conversation.kf_replies_left:
            Conversation.objects.filter(pk=conversation.pk, kf_replies_left__gt=0).update(
                kf_replies_left=conversation.kf_replies_left - 1
            )
    elif result.outcome == "prepared":
        outbound.mark_prepared(at=at)
    elif result.outcome == "failed" and result.retry and outbound.attempt_count < MAX_ATTEMPTS:
        outbound.retry()
        outbound.next_attempt_at = at + BACKOFF[min(outbound.attempt_count, len(BACKOFF)) - 1]
    elif result.outcome == "failed":
        outbound.mark_failed()
    else:
        outbound.mark_unknown()
    outbound.lease_token, outbound.lease_until = None, None
    outbound.save()
    if outbound.state != OutboundState.QUEUED:
        _record(outbound, actor=MACHINE, at=at, outcome=str(outbound.state), error=outbound.error_code)
        _follow(outbound, None, at)


def sweep_abandoned(*, at: datetime) -> int:
    """Settle texts whose worker died while it sent them: for a tapped surface nothing can have left, so they are queued again; elsewhere
    nobody knows, and a person decides."""
    count = 0
    for pk in Outbound.objects.abandoned(at=at).values_list("id", flat=True)[:200]:
        with transaction.atomic():
            outbound = (
                Outbound.objects.select_for_update(of=("self",))
                .select_related("conversation")
                .filter(pk=pk, state=OutboundState.SENDING, lease_until__lt=at)
                .first()
            )
            if outbound is None:
                continue
            if outbound.conversation is not None and outbound.conversation.surface in TAPPED_SURFACES:
                outbound.retry()
                outbound.next_attempt_at = at
            else:
                outbound.mark_unknown()
                _record(outbound, actor=MACHINE, at=at, outcome="unknown", reason="worker_lost")
            outbound.lease_token, outbound.lease_until = None, None
            outbound.save()
            count += 1
    return count


_SPACES = re.compile(r"\s+")


def _folded(text: str) -> str:
    return _SPACES.sub("", unicodedata.normalize("NFKC", text)).lower()


def confirm_by_echo(*, conversation: Conversation, message: Message, at: datetime) -> Outbound | None:
    """Find the text of ours that this staff message is the echo of, and confirm it.

    Call it inside a transaction, for messages of our own people only.

    :returns: the outbound that is now confirmed; None when somebody typed this by hand.
    """
    candidates = (
        Outbound.objects.select_for_update(of=("self",))
        .select_related("conversation")
        .filter(
            conversation=conversation,
            state__in=[OutboundState.PREPARED, OutboundState.UNKNOWN, OutboundState.SENT, OutboundState.SENDING],
            echo__isnull=True,
        )
        .order_by("id")
    )
    words = _folded(message.text)
    for outbound in candidates:
        if words and _folded(outbound.text) == words:
            outbound.confirm(at=message.sent_at)
            outbound.echo = message
            outbound.save(update_fields=["state", "delivered_at", "echo"])
            Message.objects.filter(pk=message.pk).update(outbound_ref=outbound.public_id)
            message.outbound_ref = outbound.public_id
            _record(
                outbound,
                actor=Actor.of_person(message.sender),
                at=at,
                outcome="confirmed",
                message=str(message.public_id),
            )
            _follow(outbound, message, at)
            return outbound
    return None


def mark_failed_by_channel(*, account: str, external_id: str, code: str, text: str, at: datetime) -> Outbound | None:
    """The channel says afterwards that a text it had accepted did not arrive (kf: `msg_send_fail`)."""
    with transaction.atomic():
        outbound = (
            Outbound.objects.select_for_update(of=("self",))
            .select_related("conversation")
            .filter(conversation__account=account, external_id=external_id)
            .exclude(external_id="")
            .first()
        )
        if outbound is None or outbound.state not in (OutboundState.SENT, OutboundState.UNKNOWN):
            return None
        outbound.mark_failed()
        outbound.error_code, outbound.error_text = code[:64], text[:255]
        outbound.save(update_fields=["state", "error_code", "error_text"])
        _record(outbound, actor=MACHINE, at=at, outcome="failed", error=code)
        _follow(outbound, None, at)
        return outbound


def settle(
    *, outbound_id: int, arrived: bool, by: StaffMember, actor: Actor, at: datetime, reason: str = ""
) -> Outbound:
    """A person says what became of a text whose outcome is unknown, or that they told it by hand.

    :param reason: in words, why it could not be sent.

    :raises WrongState: when there is nothing to settle.
    """
    with transaction.atomic():
        outbound = Outbound.objects.select_for_update(of=("self",)).select_related("conversation").get(pk=outbound_id)
        if outbound.state not in (OutboundState.UNKNOWN, OutboundState.PREPARED):
            raise WrongState(_("Only a prepared text or one with an unknown outcome can be settled."))
        if arrived:
            outbound.confirm(at=at)
        elif outbound.state == OutboundState.UNKNOWN:
            outbound.mark_failed()
        else:
            outbound.withdraw()
        outbound.settled_by = by.name
        if reason and not arrived:
            outbound.error_text = reason[:255]
        outbound.save()
        _record(outbound, actor=actor, at=at, outcome=str(outbound.state), settled_by=by.name, reason=reason[:255])
        _follow(outbound, None, at)
        return outbound


def withdraw(*, outbound: Outbound, reason: str, actor: Actor, at: datetime) -> bool:
    """Take back a text that has not left yet. Call it inside a transaction, with the row locked.

    :returns: whether it could be taken back.
    """
    if outbound.state == OutboundState.PREPARED:
        outbound.withdraw()
    elif outbound.state == OutboundState.QUEUED:
        outbound.cancel()
    else:
        return False
    outbound.error_code = reason[:64]
    outbound.save(update_fields=["state", "error_code"])
    _record(outbound, actor=actor, at=at, outcome=str(outbound.state), reason=reason)
    _follow(outbound, None, at)
    return True


def flag_wrong(*, outbound_id: int, reason: str, words: str, by: StaffMember, actor: Actor, at: datetime) -> Outbound:
    """A person says that a text of ours that was delivered was wrong, and why. It is measured and goes on record; nothing is taken back.

    :param reason: a code of `WRONG_REASONS`.
    :raises WrongState: when it was not delivered, or is flagged already. :raises Refused: without a reason, or “other” without words.
    """
    check_reason(reason, words, known=WRONG_REASONS)
    with transaction.atomic():
        outbound = Outbound.objects.select_for_update(of=("self",)).select_related("conversation").get(pk=outbound_id)
        if outbound.state not in (OutboundState.SENT, OutboundState.CONFIRMED) or outbound.delivered_at is None:
            raise WrongState(_("Only a text that was delivered can be flagged as wrong."))
        case = ServiceCase.objects.filter(public_id=outbound.case_ref).first() if outbound.case_ref else None
        said = f"{reason}: {words.strip()}" if words.strip() else reason
        new = note_wrong_send(
            case=case, delivered_at=outbound.delivered_at, at=at, how="flagged", ref=outbound.public_id.hex, words=said, actor=actor
        )  # fmt: skip
        if not new:
            raise WrongState(_("This text is flagged already."))
        record(
            subject=_subject(outbound), kind="action", actor=actor, at=at, refs={"outbound": str(outbound.public_id)},
            body={"action": "flag_wrong", "reason": reason, "note": words.strip(), "by": by.name},
        )  # fmt: skip
        return outbound


def pause(*, scope: str, key: str = "", reason: str, by: str, at: datetime) -> Pause:
    """Stop everything in a scope. Attempts already under way are listed on the pause page, not stopped."""
    return Pause.objects.create(scope=scope, key=key, reason=reason, started_at=at, started_by=by)


def lift_pause(*, pause_id: int, by: str, at: datetime) -> Pause:
    """Let texts go again."""
    row = Pause.objects.get(pk=pause_id)
    if row.lifted_at is None:
        row.lifted_at, row.lifted_by = at, by
        row.save(update_fields=["lifted_at", "lifted_by"])
    return row
