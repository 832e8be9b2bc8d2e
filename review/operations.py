"""Public writes about drafts: propose, decide, release by rule, supersede. A release is checked again when it is carried out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cases import operations as case_operations
from cases.models import Role, ServiceCase
from conversations.models import CUSTOMER_VISIBLE, Conversation, Message
from delivery import operations as delivery
from delivery.models import Outbound, OutboundKind, OutboundState
from evidence.operations import Subject, record
from foundation.actors import Actor
from foundation.errors import DomainError, NotAllowed, Refused, Stale, WrongState
from knowledge import operations as knowledge
from knowledge.models import KnowledgeState, KnowledgeVersion, Outcome
from knowledge.privacy import MASKS
from knowledge.rendering import answer_text
from knowledge.voices import voice_for
from people.models import Person, StaffMember
from review import permissions
from review.gate import Reason, TextFacts, check_text, folded
from review.models import Draft, DraftState, Finding, ReplyKind, Right, SavedFilter, Verdict
from review.presenters import reason_words

CLAIM = timedelta(minutes=10)
#: What a check finds in words and nobody can overrule: nothing that could leave.
NEVER_OVERRULED = frozenset({"empty_text", "too_long"})
#: Codes of findings whose words are somebody's name.
_ABOUT_PEOPLE = frozenset({"leak_name", "leak_other_customer"})
ReleaseEffect = Callable[[Draft, Outbound | None, Actor, datetime], None]
TextFactsFor = Callable[[Draft, str], TextFacts]
VerdictEffect = Callable[[Draft, Verdict, Actor, datetime], None]
TextNotesFor = Callable[[Draft, str], list[Reason]]
#: Set by `triage`, which knows what a release entails and what a reader must not learn (imports point down).
_effects: list[ReleaseEffect] = []
_verdicts: list[VerdictEffect] = []
_facts: list[TextFactsFor] = []
_notes: list[TextNotesFor] = []


def register_release_effect(effect: ReleaseEffect) -> None:
    """Let a higher room carry out what a release entails, inside its transaction."""
    if effect not in _effects:
        _effects.append(effect)


def register_verdict_effect(effect: VerdictEffect) -> None:
    """Let a higher room learn from a verdict that was carried out, inside its transaction."""
    if effect not in _verdicts:
        _verdicts.append(effect)


def register_text_facts(facts: TextFactsFor) -> None:
    """Let a higher room say what the reader of a draft must not learn."""
    if facts not in _facts:
        _facts[:] = [facts]


def register_text_notes(notes: TextNotesFor) -> None:
    """Let a higher room say what a wording of a draft promises and asks for."""
    if notes not in _notes:
        _notes[:] = [notes]


def text_notes(draft: Draft, wording: str) -> list[Reason]:
    """What a wording of this draft promises and asks for: no fault, but a releaser should know what it opens."""
    return _notes[0](draft, wording) if _notes else []


def text_facts(draft: Draft, wording: str) -> TextFacts:
    """What a wording of this draft is checked against."""
    return _facts[0](draft, wording) if _facts else TextFacts()


def check_wording(draft: Draft, wording: str) -> list[Reason]:
    """What in a wording of this draft its reader must not read, or nobody may promise."""
    return check_text(wording, text_facts(draft, wording))


def subject_for(draft: Draft) -> Subject:
    """The chain on which a draft leaves its traces."""
    if draft.case is not None:
        return case_operations.subject_of(draft.case)
    conversation = draft.conversation
    assert conversation is not None
    return Subject("conversation", str(conversation.public_id))


def _refs(draft: Draft) -> dict[str, str]:
    refs = {"draft": str(draft.public_id)}
    if draft.cause is not None:
        refs["message"] = str(draft.cause.public_id)
    if draft.conversation is not None:
        refs["conversation"] = str(draft.conversation.public_id)
    return refs


def propose(
    *,
    conversation: Conversation,
    case: ServiceCase | None,
    cause: Message | None,
    reply_kind: str,
    text: str,
    reasons: Iterable[Reason],
    actor: Actor,
    at: datetime,
    sources: Iterable[KnowledgeVersion] = (),
    risk_topics: Iterable[str] = (),
    alerts: Iterable[str] = (),
    required_right: str = Right.HANDLER,
    risk_note: str = "",
    missing: Iterable[str] = (),
    suggestion: str = "",
    waiting_for: str = "",
    effects: dict[str, Any] | None = None,
    decision_ref: Any = None,
    replaces: Draft | None = None,
) -> Draft:
    """Write a draft. An open one of the same cause, target and kind is superseded by it. Call it inside a transaction."""
    same = Draft.objects.filter(conversation=conversation, reply_kind=reply_kind, state=DraftState.PENDING)
    same = same.filter(cause=cause) if cause is not None else same.filter(cause__isnull=True, case=case)
    for older in same.select_for_update(of=("self",)):
        supersede(draft=older, reason="newer_draft", actor=actor, at=at)
    reasons = list(reasons)
    topics, alert_list = list(risk_topics), list(alerts)
    draft = Draft.objects.create(
        is_simple=required_right == Right.HANDLER
        and bool(text.strip())
        and not topics
        and not alert_list
        and all(reason.code == "automation_level" for reason in reasons),
        conversation=conversation,
        case=case,
        cause=cause,
        decision_ref=decision_ref,
        reply_kind=reply_kind,
        proposed_text=text,
        text=text,
        content_hash=delivery.text_hash(text),
        thread_position=conversation.last_position,
        risk_topics=topics,
        alerts=alert_list,
        reasons=[reason.as_json() for reason in reasons],
        risk_note=risk_note,
        missing=list(missing),
        suggestion=suggestion,
        waiting_for=waiting_for[:255],
        required_right=required_right,
        effects=effects or {},
        created_at=at,
        replaces=replaces,
    )
    cited = list(sources)
    if cited:
        draft.sources.set(cited)
        knowledge.record_use(versions=cited, outcome=Outcome.CITED, at=at)
        for version in cited:
            record(
                subject=subject_for(draft), kind="knowledge_source", actor=actor, at=at,
                refs={**_refs(draft), "knowledge_version": str(version.public_id)},
                body={"title": version.title, "version": version.number, "kind": version.kind},
            )  # fmt: skip
    record(
        subject=subject_for(draft),
        kind="draft",
        actor=actor,
        at=at,
        refs=_refs(draft),
        body={"kind": reply_kind, "text": text, "reasons": draft.reasons, "hash": draft.content_hash},
    )
    return draft


def supersede(*, draft: Draft, reason: str, actor: Actor, at: datetime) -> None:
    """Something newer made this draft pointless. Call it inside a transaction, with the row locked."""
    if draft.state != DraftState.PENDING:
        return
    draft.supersede(at=at)
    draft.reasons = [*draft.reasons, Reason("superseded", {"by": reason}).as_json()]
    draft.save(update_fields=["state", "decided_at", "reasons"])
    record(
        subject=subject_for(draft), kind="action", actor=actor, at=at, refs=_refs(draft),
        body={"action": "supersede_draft", "reason": reason},
    )  # fmt: skip


def file_drafts(
    *, conversation: Conversation, senders: Iterable[int], case: ServiceCase, actor: Actor, at: datetime
) -> int:
    """What waits here for an answer to these people without a case turned out to belong to one: its release moves that case.

    :param senders: ids of the people whose messages the drafts answer. :returns: how many drafts.
    """
    rows = Draft.objects.select_for_update(of=("self",)).filter(
        state=DraftState.PENDING, case__isnull=True, conversation=conversation, cause__sender__in=set(senders)
    )
    count = 0
    for draft in rows.order_by("pk"):
        draft.case = case
        draft.save(update_fields=["case"])
        record(
            subject=subject_for(draft), kind="action", actor=actor, at=at, refs=_refs(draft), body={"action": "file_draft", "text": draft.text},
        )  # fmt: skip
        count += 1
    return count


def _release(draft: Draft, *, actor: Actor, at: datetime) -> Outbound:
    outbound = delivery.enqueue(
        conversation=draft.conversation,
        kind=OutboundKind.REPLY,
        purpose=draft.reply_kind,
        text=draft.text,
        release_hash=draft.content_hash,
        thread_position=draft.thread_position,
        idempotency_key=f"d{draft.public_id.hex}"[:32],
        case_ref=draft.case.public_id if draft.case is not None else None,
        actor=actor,
        at=at,
    )
    draft.release(at=at)
    draft.outbound = outbound
    draft.save()
    for effect in _effects:
        effect(draft, outbound, actor, at)
    return outbound


def release_by_rule(*, draft: Draft, actor: Actor, at: datetime) -> Outbound:
    """Let a draft out that the gate passed. Call it inside the transaction that made the draft."""
    draft.auto_release()
    Verdict.objects.create(draft=draft, do=Verdict.Do.AUTO, by=None, actor=actor.as_json(), at=at, text=draft.text)
    knowledge.record_use(versions=draft.sources.all(), outcome=Outcome.RELEASED, at=at)
    return _release(draft, actor=actor, at=at)


def may_release(staff: StaffMember, draft: Draft) -> bool:
    """Whether this person may release this draft, as far as it depends on who they are."""
    return not permissions.list_refusals(staff, draft)


def material_event_since(draft: Draft, position: int) -> str:
    """What happened since `position` that voids a release: a reason code, or "".

    Only what matters counts: a recall of the message it answers, or a newer message of the customer's side that asked for something.
    """
    if draft.cause is not None and draft.cause.recalled_at is not None:
        return "cause_recalled"
    newer = Message.objects.filter(
        conversation=draft.conversation, position__gt=position, decision__isnull=False
    ).exclude(decision__mode="record")
    newer = newer.filter(sender_side__in=["customer", "unknown"])
    if draft.case is not None:
        newer = newer.filter(decision__case=draft.case) | newer.filter(decision__case__isnull=True)
    return "thread_moved" if newer.exists() else ""


def may_be_told(version: KnowledgeVersion, *, at: datetime) -> bool:
    """Whether a version is what is published, and within its dates."""
    begun = version.valid_from is None or version.valid_from <= at
    over = version.valid_until is not None and version.valid_until <= at
    return version.state == KnowledgeState.PUBLISHED and begun and not over


def outdated_source(draft: Draft, wording: str, *, at: datetime) -> KnowledgeVersion | None:
    """A version that a wording still tells although it may not be said now: changed, retired, or a campaign outside its dates."""
    said = folded(wording)
    for version in draft.sources.select_related("item__flow"):
        if may_be_told(version, at=at):
            continue
        if wording == draft.text or folded(answer_text(version)) in said:
            return version
    return None


#: Reasons of a rejection that say something about the words, not about the moment.
_WORDS_WERE_WRONG = frozenset({"wrong_wording", "missing_facts", "other", ""})


def _learn(draft: Draft, verdict: Verdict, *, actor: Actor, at: datetime) -> None:
    """Let knowledge learn from a verdict on a text that cites it, or that answers a question, and from better words for any text to a customer."""
    outcome = {Verdict.Do.APPROVE: Outcome.RELEASED, Verdict.Do.EDIT: Outcome.EDITED}.get(Verdict.Do(verdict.do))
    if verdict.do == Verdict.Do.REJECT and verdict.reason_code in _WORDS_WERE_WRONG:
        outcome = Outcome.REJECTED
    cited = list(draft.sources.all())
    reworded = (
        outcome == Outcome.EDITED and draft.conversation is not None and draft.conversation.kind in CUSTOMER_VISIBLE
    )
    if outcome is None or not (cited or reworded or draft.reply_kind == ReplyKind.FAQ_ANSWER):
        return
    names = [person.name for person in people_of(draft.conversation)] if draft.conversation is not None else []
    if draft.case is not None:
        names += [draft.case.customer.name, draft.case.number]
    knowledge.record_verdict(
        draft_ref=str(draft.public_id), versions=cited, outcome=outcome, proposed=draft.text, final=verdict.text,
        reason=verdict.reason, names=[name for name in names if name], actor=actor, at=at,
        voice=voice_for(case=draft.case, conversation=draft.conversation).name,
    )  # fmt: skip


def record_finding(*, message: Message, code: str, words: str, at: datetime) -> Finding:
    """Keep what a text that was sent by hand should not have said, and put it before the editors of knowledge, once for the same words."""
    finding = Finding.objects.create(message=message, kind=code, words=words[:255], at=at)
    names = {person.name for person in people_of(message.conversation)}
    if message.conversation.customer is not None:
        names.add(message.conversation.customer.name)
    alike, about = Finding.objects.filter(kind=code), words
    if code in _ABOUT_PEOPLE:
        names.add(words)
        about = MASKS["name"]  # whoever it was, the lesson is one
    else:
        alike = alike.filter(words=finding.words)
    knowledge.record_finding(
        code=code, about=reason_words({"code": code, "params": {"words": about}}), words=about, text=message.text, names=[name for name in names if name],
        times=alike.count(), actor=Actor.machine("quality"), at=at,
    )  # fmt: skip
    return finding


def handle_finding(*, finding_id: int, at: datetime) -> None:
    """Say that somebody has looked at a finding. Saying it twice changes nothing."""
    Finding.objects.filter(pk=finding_id, handled_at__isnull=True).update(handled_at=at)


def decide(
    *,
    draft_id: int,
    by: StaffMember,
    do: str,
    actor: Actor,
    at: datetime,
    text: str = "",
    reason_code: str = "",
    reason: str = "",
    seen_position: int | None = None,
    seen_hash: str = "",
    overrule: bool = False,
) -> Verdict:
    """Carry out a person's verdict on a draft.

    A verdict that may not be carried out is kept with `accepted` false and its refusals, and leaves the draft as it was.

    :param seen_position: the last message of the conversation that the reviewer had before them; now, if not given.
    :param seen_hash: the hash of the wording that the reviewer had before them.
    :param overrule: let the words out although a check of them holds them; needs the right and a `reason`, and stays on the verdict.
    Where a boundary wants two people, the first one's yes is kept and the draft goes on waiting for the second (`first_yes`); other words are
    a new first yes.

    :raises WrongState: when the draft is decided already.
    :raises NotAllowed: while somebody else has it, or when the role does not include deciding.
    :raises Stale: when another wording than the one seen stands in the draft.
    :raises Refused: when a check is to be overruled without a reason.
    """
    if overrule and not reason.strip():
        raise Refused(_("Say why it may leave all the same."), code="reason_missing")
    with transaction.atomic():
        draft = (
            Draft.objects.select_for_update(of=("self",))
            .select_related("conversation", "case__flow", "case__customer", "cause")
            .get(pk=draft_id)
        )
        if draft.state != DraftState.PENDING:
            raise WrongState(_("This draft is decided already."))
        _check_free(draft, by=by, at=at)
        if do not in (Verdict.Do.APPROVE, Verdict.Do.EDIT) and not permissions.may_decide(by):
            raise NotAllowed(_("Your role does not include deciding drafts."))
        if seen_hash and seen_hash != draft.content_hash:
            raise Stale(_("The wording has changed since you opened it. Please look again."))
        refusals: list[Reason] = []
        overruled: list[Reason] = []
        wording = text if do == Verdict.Do.EDIT else draft.text
        if do in (Verdict.Do.APPROVE, Verdict.Do.EDIT):
            refusals += permissions.list_refusals(by, draft)
            held = [r for r in check_wording(draft, wording) if r.code != "price"]
            if overrule and any(r.code not in NEVER_OVERRULED for r in held):
                overruled = [r for r in held if r.code not in NEVER_OVERRULED]
                held = [r for r in held if r.code in NEVER_OVERRULED]
                if not permissions.may_overrule(by):
                    refusals.append(Reason("overrule_right_missing"))
            refusals += held
            conversation = draft.conversation
            position = (
                seen_position if seen_position is not None else (conversation.last_position if conversation else 0)
            )
            event = material_event_since(draft, position)
            if event:
                refusals.append(Reason(event))
            outdated = outdated_source(draft, wording, at=at)
            if outdated is not None:
                refusals.append(Reason("source_outdated", {"words": outdated.title}))
        verdict = Verdict.objects.create(
            draft=draft,
            do=do,
            by=by,
            actor=actor.as_json(),
            at=at,
            text=wording if do == Verdict.Do.EDIT else "",
            reason_code=reason_code,
            reason=reason[:255],
            accepted=not refusals,
            refusals=[r.as_json() for r in refusals],
            overruled=[r.as_json() for r in overruled] if not refusals else [],
        )
        record(
            subject=subject_for(draft),
            kind="review",
            actor=actor,
            at=at,
            refs={**_refs(draft), "verdict": str(verdict.public_id)},
            body={
                "do": do,
                "accepted": not refusals,
                "refusals": verdict.refusals,
                "overruled": verdict.overruled,
                "text": verdict.text,
                "reason": reason,
                "reason_code": reason_code,
            },
        )
        if refusals:
            return verdict
        draft.claimed_by, draft.claimed_until = None, None
        if _waits_for_second(draft, verdict, wording=wording):
            return verdict
        _learn(draft, verdict, actor=actor, at=at)
        if do == Verdict.Do.APPROVE:
            draft.approve()
            draft.thread_position = draft.conversation.last_position if draft.conversation else 0
            _release(draft, actor=actor, at=at)
        elif do == Verdict.Do.EDIT:
            draft.edit(text=text)
            draft.content_hash = delivery.text_hash(text)
            draft.thread_position = draft.conversation.last_position if draft.conversation else 0
            _release(draft, actor=actor, at=at)
        elif do == Verdict.Do.REJECT:
            draft.reject(at=at)
            draft.save()
        elif do == Verdict.Do.RECORD:
            draft.reject(at=at)
            draft.save()
            _settle_answer(draft, actor=actor, at=at)
        elif do == Verdict.Do.TAKE_OVER:
            draft.take_over(at=at)
            draft.save()
            if draft.case is not None:
                case_operations.stop_automation(case_id=draft.case.pk, actor=actor, at=at)
        for effect in _verdicts:
            effect(draft, verdict, actor, at)
        return verdict


def _waits_for_second(draft: Draft, verdict: Verdict, *, wording: str) -> bool:
    """Keep a first yes where a boundary wants two people. Whether the draft goes on waiting."""
    if verdict.do not in (Verdict.Do.APPROVE, Verdict.Do.EDIT) or not permissions.needs_two(draft):
        return False
    same = verdict.do == Verdict.Do.APPROVE or wording == draft.text
    if draft.first_yes is not None and same:
        return False
    draft.first_yes = verdict
    draft.text, draft.content_hash, draft.is_simple = wording, delivery.text_hash(wording), False
    draft.save(update_fields=["first_yes", "text", "content_hash", "is_simple", "claimed_by", "claimed_until"])
    return True


def _settle_answer(draft: Draft, *, actor: Actor, at: datetime) -> None:
    """Nothing has to be said: the answer that the case seemed to owe is not owed, unless another draft still waits to give it."""
    case = draft.case
    if case is None or Draft.objects.filter(case=case, state=DraftState.PENDING).exists():
        return
    fact = case_operations.Fact(actor=actor, at=at, said_at=at, reason="no_answer_needed")
    owed = case.waits.open().filter(on_role=Role.INTERNAL_HANDLER, need_kind="answer")
    for pk in owed.values_list("pk", flat=True):
        case_operations.cancel_wait(wait_id=pk, fact=fact)


def _check_free(draft: Draft, *, by: StaffMember, at: datetime) -> None:
    # The holder is read after the lock: a join in the locking query would still show who had it before we waited.
    holder = draft.claimed_by
    if holder is not None and holder != by and draft.claimed_until is not None and draft.claimed_until > at:
        raise NotAllowed(_("%(name)s is working on this draft.") % {"name": holder.name})


def claim(*, draft_id: int, by: StaffMember, at: datetime, from_holder: bool = False) -> Draft:
    """Take a draft to work on it, so that two people never work on one. Whoever has it already keeps it for longer.

    :param from_holder: a supervisor takes it from whoever has it.
    :raises NotAllowed: while somebody else has it.
    """
    with transaction.atomic():
        draft = Draft.objects.select_for_update().get(pk=draft_id)
        if not (from_holder and by.is_supervisor):
            _check_free(draft, by=by, at=at)
        if draft.state == DraftState.PENDING:
            draft.claimed_by, draft.claimed_until = by, at + CLAIM
            draft.save(update_fields=["claimed_by", "claimed_until"])
        return draft


def give_back(*, draft_id: int, by: StaffMember) -> bool:
    """Let go of a draft without a verdict. Returns whether one had it."""
    mine = Draft.objects.filter(pk=draft_id, claimed_by=by, state=DraftState.PENDING)
    return bool(mine.update(claimed_by=None, claimed_until=None))


@dataclass(frozen=True)
class Seen:
    """What somebody had before them when they decided a draft from a list."""

    draft_id: int
    position: int
    hash: str


def approve_simple(*, seen: Iterable[Seen], by: StaffMember, actor: Actor, at: datetime) -> list[tuple[int, str]]:
    """Release several simple drafts at once, each by a verdict of its own.

    :returns: those that were not released, with the reason in words; all others were.
    """
    from review.presenters import reason_words

    left: list[tuple[int, str]] = []
    for one in seen:
        try:
            if not Draft.objects.filter(pk=one.draft_id, is_simple=True).exists():
                raise NotAllowed(_("This one needs a look of its own."))
            verdict = decide(
                draft_id=one.draft_id, by=by, do=Verdict.Do.APPROVE, actor=actor, at=at,
                seen_position=one.position, seen_hash=one.hash,
            )  # fmt: skip
        except DomainError as error:
            left.append((one.draft_id, str(error)))
        else:
            if not verdict.accepted:
                left.append((one.draft_id, "；".join(reason_words(reason) for reason in verdict.refusals)))
    return left


def save_filter(*, staff: StaffMember, name: str, query: dict[str, str]) -> SavedFilter:
    """Keep a view of the queue under a name; the same name again replaces it.

    :raises Refused: without a name.
    """
    words = name.strip()[:32]
    if not words:
        raise Refused(_("Give it a name."), code="no_name")
    row, _created = SavedFilter.objects.update_or_create(staff=staff, name=words, defaults={"query": query})
    return row


def drop_filter(*, staff: StaffMember, filter_id: int) -> None:
    """Forget one of one's own views."""
    SavedFilter.objects.filter(staff=staff, pk=filter_id).delete()


def validate_release(outbound: Outbound, at: datetime) -> str:
    """Delivery asks once more before a text goes: whether something material happened since its release."""
    draft = Draft.objects.select_related("cause", "case", "conversation").filter(outbound=outbound).first()
    if draft is None:
        return ""
    if draft.case is not None and draft.case.state == "cancelled" and draft.reply_kind not in (
        "cancellation_confirmed", "other", "faq_answer",
    ):  # fmt: skip
        return "case_cancelled"
    if outdated_source(draft, outbound.text, at=at) is not None:
        return "source_outdated"
    return material_event_since(draft, outbound.thread_position)


def sweep_void_releases(*, at: datetime, limit: int = 100) -> int:
    """A release that was void when delivery took it becomes a new pending draft, with the reason; unless its cause was recalled."""
    count = 0
    void = (
        Draft.objects.filter(
            state=DraftState.RELEASED, outbound__state=OutboundState.CANCELLED, replaced_by__isnull=True
        )
        .filter(outbound__error_code__in=["thread_moved", "hash_mismatch", "source_outdated"])
        .values_list("pk", flat=True)[:limit]
    )
    for pk in void:
        with transaction.atomic():
            draft = (
                Draft.objects.select_for_update(of=("self",))
                .select_related("conversation", "case", "cause", "outbound")
                .get(pk=pk)
            )
            if draft.replaced_by.exists() or draft.conversation is None or draft.outbound is None:
                continue
            try:
                propose(
                    conversation=draft.conversation,
                    case=draft.case,
                    cause=draft.cause,
                    reply_kind=draft.reply_kind,
                    text=draft.text,
                    reasons=[Reason("release_void", {"why": draft.outbound.error_code})],
                    actor=Actor.machine("review"),
                    at=at,
                    sources=draft.sources.all(),
                    risk_topics=draft.risk_topics,
                    alerts=draft.alerts,
                    required_right=draft.required_right,
                    effects={},
                    decision_ref=draft.decision_ref,
                    replaces=draft,
                )
            except IntegrityError:
                continue
            count += 1
    return count


def people_of(conversation: Conversation) -> list[Person]:
    """Who is in a conversation now."""
    return list(Person.objects.filter(memberships__conversation=conversation, memberships__left_at__isnull=True))
