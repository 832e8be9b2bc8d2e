"""Learning from the team: what people confirm or correct becomes labelled examples, where that is agreed to; a person switches models."""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from cases import operations as cases
from cases.models import BusinessClass, ServiceContext, WaitingItem
from conversations.models import Message
from conversations.operations import subject_of
from evidence.operations import Subject, record
from foundation.actors import Actor
from foundation.errors import DomainError, NotAllowed, Refused
from foundation.remembering import Remembered
from knowledge.privacy import MASKS, mask_all
from people.models import StaffMember
from review.models import Draft, Verdict
from review.presenters import TOPICS
from triage import situation as sit
from triage.engines.evaluation import row_of
from triage.engines.local.model import LinearModel
from triage.engines.registry import local_engine
from triage.models import Decision, DecisionLabel, LabelledExample, LearningPolicy, Mode, ModelCandidate
from triage.presenters import INTENTS

logger = logging.getLogger(__name__)
#: What holds a text only in an installation that is still careful: the labels suppose the mature policy.
_CAREFUL = frozenset({"automation_level", "no_published_source"})
#: The chain of what is done with examples and models as a whole.
MODEL = Subject("policy", "0198e2a0-0000-7000-8000-000000000001")


@dataclass(frozen=True)
class Labels:
    """What a decision should have been. `wait` is the primary key of the item that was answered, or None."""

    intent: str
    business_class: str
    service_context: str
    risk_topics: tuple[str, ...]
    mode: str
    case: int | None
    wait: int | None

    def as_json(self) -> dict[str, Any]:
        """For a JSON column."""
        return {**vars(self), "risk_topics": sorted(self.risk_topics)}


def labels_of(decision: Decision) -> Labels:
    """What a person said last that a decision should have been, else what it says."""
    last = decision.labels.order_by("pk").last()
    if last is not None:
        return Labels(**{**last.labels, "risk_topics": tuple(last.labels["risk_topics"])})
    return machine_labels(decision)


def machine_labels(decision: Decision) -> Labels:
    """What a decision says, its mode that of the mature policy."""
    codes = {reason.get("code") for reason in decision.reasons}
    careful_only = bool(codes & _CAREFUL) and not decision.risk_topics and not decision.alerts and codes <= _CAREFUL
    return Labels(
        intent=decision.intent,
        business_class=decision.business_class,
        service_context=decision.service_context,
        risk_topics=tuple(sorted(decision.risk_topics)),
        mode=Mode.SEND if decision.mode == Mode.REVIEW and careful_only else decision.mode,
        case=decision.case_id,
        wait=decision.wait_id,
    )


def is_part_of_turn(decision: Decision) -> bool:
    """Whether the message was understood with a later one, whose decision speaks for both."""
    return any(reason.get("code") == "part_of_turn" for reason in decision.reasons)


def waits_before(decision: Decision) -> list[WaitingItem]:
    """The items that were open in reach when a decision was taken, in the state that they had then."""
    reach = sit.load(decision.message, at=decision.at).cases
    rows = (
        WaitingItem.objects.filter(case__in=reach, opened_at__lt=decision.at)
        .filter(Q(closed_at__isnull=True) | Q(closed_at__gte=decision.at))
        .select_related("case", "on")
        .prefetch_related("transitions")
        .order_by("opened_at", "pk")
    )
    found = []
    for wait in rows:
        later = [row for row in wait.transitions.all() if row.at >= decision.at and row.from_state and row.to_state]
        if later:
            wait.__dict__["state"] = later[0].from_state
        found.append(wait)
    return found


def _turn(decision: Decision) -> list[Message]:
    """The messages that a decision speaks for, in order."""
    parts = Decision.objects.filter(
        conversation=decision.conversation_id, message__position__lt=decision.message.position,
        reasons__0__params__last=str(decision.message.public_id),
    )  # fmt: skip
    ids = [*parts.values_list("message_id", flat=True), decision.message_id]
    rows = Message.objects.filter(pk__in=ids).select_related("conversation", "sender", "identity")
    return list(rows.prefetch_related("attachments").order_by("position"))


def _names(situation: sit.Situation) -> list[str]:
    """Everybody and everything whose name may stand in the words of a situation."""
    conversation, found = situation.conversation, [situation.conversation.name]
    members = conversation.members.select_related("person__customer", "person__partner")
    for member in members:
        found.append(member.person.name)
        found += [row.name for row in (member.person.customer, member.person.partner) if row is not None]
    for message in (*situation.turn, *situation.previous):
        found.append(message.sender.name)
    for case in situation.cases:
        found += [case.number, case.customer.name, *(str(label) for label in case.labels)]
        found += [row.person.name for row in case.participants.all()]
    found += StaffMember.objects.values_list("name", flat=True)
    return list(dict.fromkeys(filter(None, found)))


def example_row(decision: Decision, labels: Labels) -> dict[str, Any]:
    """A decided message as a labelled row: what the engine saw then, desensitised, and what is expected."""
    *earlier, message = _turn(decision)
    situation = sit.load(message, at=decision.at, earlier=earlier)
    names = _names(situation)

    def plain(text: str) -> str:
        return mask_all(text, names=names)

    numbers: dict[int, str] = {}
    waits, ids, after = [], {}, None
    for place, wait in enumerate(waits_before(decision), start=1):
        ids[wait.pk] = f"w{place}"
        waits.append(
            {
                "id": f"w{place}",
                "case": numbers.setdefault(wait.case_id, f"c{len(numbers) + 1}"),
                "state": str(wait.state),
                "on_role": wait.on_role,
                "need": plain(wait.need),
                "proof": wait.proof,
                "age_minutes": max(0, int((decision.at - wait.opened_at).total_seconds() // 60)),
            }
        )
        if wait.pk == labels.wait:
            moved = [row.to_state for row in wait.transitions.all() if row.at == decision.at and row.to_state]
            after = moved[-1] if moved and labels.wait == decision.wait_id else None
    row = row_of(sit.turn_of(situation))
    return {
        **row,
        "id": f"r{decision.public_id.hex}",
        "industry": "",
        "text": plain(row["text"]),
        "mentions": [MASKS["name"] for _name in row["mentions"]],
        "open_waits": waits,
        "previous": [{**line, "text": plain(line["text"])} for line in row["previous"]],
        "expect": {
            "business_class": labels.business_class,
            "service_context": labels.service_context,
            "intent": labels.intent,
            "risk_topics": sorted(labels.risk_topics),
            "mode": labels.mode,
            "wait": ids.get(labels.wait or 0),
            "wait_state_after": after,
        },
    }


def _subject(decision: Decision) -> Subject:
    return cases.subject_of(decision.case) if decision.case is not None else subject_of(decision.conversation)


def _check(labels: Labels, *, decision: Decision, by: StaffMember | None) -> None:
    for value, known in (
        (labels.intent, INTENTS), (labels.business_class, BusinessClass.values),
        (labels.service_context, ServiceContext.values), (labels.mode, Mode.values), *((t, TOPICS) for t in labels.risk_topics),
    ):  # fmt: skip
        if value not in known:
            raise Refused(_("“%(value)s” is not one of the choices.") % {"value": value}, code="unknown_label")
    if labels.mode == Mode.SEND and labels.risk_topics:
        raise Refused(_("What touches a risk topic is never sent without review."), code="risk_sent")
    if labels.wait is not None and labels.wait not in {wait.pk for wait in waits_before(decision)}:
        raise Refused(_("That item was not open in reach of the message."), code="wait_not_open")
    if labels.case is not None and labels.case != decision.case_id:
        reach = {case.pk for case in sit.load(decision.message, at=decision.at).cases}
        if labels.case not in reach:
            raise Refused(_("That case is not in reach of the message."), code="case_out_of_reach")


def label_decision(
    *,
    decision_id: int,
    labels: Labels,
    by: StaffMember,
    actor: Actor,
    at: datetime,
    origin: str = DecisionLabel.Origin.FORM,
) -> DecisionLabel:
    """Keep what a person says that a decision should have been; equal to it, it is confirmed. It changes nothing that was done.

    Where the policy agrees, the message is kept as an example, desensitised, with these labels.

    :raises NotAllowed: for a decision that this person may not see.
    :raises Refused: for a label that is none, or an item or case that was not in reach; for a message that is only part of a turn.
    """
    with transaction.atomic():
        decision = (
            Decision.objects.select_for_update(of=("self",))
            .select_related("conversation", "message__conversation", "message__sender", "message__identity", "case")
            .get(pk=decision_id)
        )
        if not Decision.objects.visible_to(by).filter(pk=decision.pk).exists():
            raise NotAllowed(_("You do not see this conversation."))
        if is_part_of_turn(decision):
            raise Refused(_("This message was understood with the next one; please say it there."), code="part_of_turn")
        _check(labels, decision=decision, by=by)
        before = labels_of(decision)
        kind = DecisionLabel.Kind.CONFIRMED if labels.as_json() == before.as_json() else DecisionLabel.Kind.CORRECTED
        row = DecisionLabel.objects.create(
            decision=decision, kind=kind, origin=origin, labels=labels.as_json(), by=by, actor=actor.as_json(), at=at
        )
        record(
            subject=_subject(decision), kind="action", actor=actor, at=at,
            refs={"decision": str(decision.public_id), "message": str(decision.message.public_id)},
            body={"action": "label_decision", "kind": str(kind), "origin": str(origin), "before": before.as_json(), "labels": labels.as_json()},
        )  # fmt: skip
        _keep(decision, labels, kind=kind, by=by, at=at)
    return row


def _keep(decision: Decision, labels: Labels, *, kind: str, by: StaffMember, at: datetime) -> None:
    """Keep the example, where that is agreed to, unless somebody removed it before."""
    if not LearningPolicy.allows_keeping():
        return
    known = LabelledExample.objects.filter(decision=decision).first()
    if known is not None and known.removed_at is not None:
        return
    # What was corrected once stays a correction when it is confirmed later.
    if known is not None and known.kind == DecisionLabel.Kind.CORRECTED:
        kind = known.kind
    LabelledExample.objects.update_or_create(
        decision=decision, defaults={"kind": kind, "row": example_row(decision, labels), "by": by, "at": at}
    )


def learn_from_verdict(draft: Draft, verdict: Verdict, actor: Actor, at: datetime) -> None:
    """A draft approved as it was confirms how its message was understood; “only record” says that nothing had to be said.

    Other verdicts say something about words or the moment, not about the message.
    """
    if verdict.by is None or draft.decision_ref is None or verdict.do not in (Verdict.Do.APPROVE, Verdict.Do.RECORD):
        return
    decision = Decision.objects.visible_to(verdict.by).filter(public_id=draft.decision_ref).first()
    if decision is None or decision.labels.filter(origin=DecisionLabel.Origin.FORM).exists():
        return  # What somebody said explicitly counts more.
    labels = labels_of(decision)
    if verdict.do == Verdict.Do.RECORD:
        if labels.risk_topics or decision.alerts:
            return  # It was dealt with in another way: that does not make a complaint harmless.
        labels = replace(labels, mode=Mode.RECORD)
    try:
        label_decision(
            decision_id=decision.pk, labels=labels, by=verdict.by, actor=actor, at=at,
            origin=DecisionLabel.Origin.VERDICT,
        )  # fmt: skip
    except DomainError as error:
        logger.info("no label from verdict %s: %s", verdict.public_id, error.code)


def remove_example(*, example_id: int, actor: Actor, at: datetime) -> bool:
    """Take an example out for good: its words are gone. Returns whether it was there."""
    with transaction.atomic():
        row = LabelledExample.objects.select_for_update(of=("self",)).get(pk=example_id)
        if row.removed_at is not None:
            return False
        row.row, row.removed_at, row.removed_by = {}, at, actor.label[:64]
        row.save(update_fields=["row", "removed_at", "removed_by"])
        record(
            subject=_subject(row.decision), kind="action", actor=actor, at=at,
            refs={"decision": str(row.decision.public_id)}, body={"action": "remove_example"},
        )  # fmt: skip
    return True


def export_examples(*, examples: Iterable[LabelledExample], actor: Actor, at: datetime) -> list[dict[str, Any]]:
    """The rows of examples for a file that `evaluate_triage` and `train_triage --extra` read; who took how many is on record."""
    rows = [one.row for one in examples if one.removed_at is None]
    record(subject=MODEL, kind="action", actor=actor, at=at, body={"action": "export_examples", "rows": len(rows)})
    return rows


# --- models -----------------------------------------------------------------------------------------------------------------


def switch_model(*, candidate_id: int | None, reason: str, actor: Actor, at: datetime) -> ModelCandidate | None:
    """Let a trained model read messages from now on; None: the one that ships. Never called by the machine.

    :raises NotAllowed: for an actor that is no person.
    :raises Refused: without a reason, or where the file is not the one that was measured.
    """
    if actor.kind != "user":
        raise NotAllowed(_("A person switches models."))
    if not reason.strip():
        raise Refused(_("Please say why."), code="no_reason")
    with transaction.atomic():
        rows = list(ModelCandidate.objects.select_for_update().order_by("pk"))
        wanted = next((row for row in rows if row.pk == candidate_id), None)
        if candidate_id is not None and wanted is None:
            raise Refused(_("That model is gone."), code="model_gone")
        if wanted is not None and wanted.is_active:
            return wanted
        if wanted is not None:
            read_model(wanted)
        before = next((row for row in rows if row.is_active), None)
        for row in filter(None, (before, wanted)):
            row.is_active = row is wanted
            row.switched_at, row.switched_by, row.reason = at, actor.label[:64], reason[:255]
            row.save(update_fields=["is_active", "switched_at", "switched_by", "reason"])
        record(
            subject=MODEL, kind="action", actor=actor, at=at,
            body={
                "action": "switch_model", "from": before.version if before else "shipped",
                "to": wanted.version if wanted else "shipped", "reason": reason, "figures": wanted.figures if wanted else {},
            },
        )  # fmt: skip
    return wanted


def read_model(candidate: ModelCandidate) -> LinearModel:
    """The model of a candidate, out of its file.

    :raises Refused: where the file is missing, or not the one that was measured.
    """
    try:
        with candidate.file.open("rb") as file:
            content = file.read()
        if hashlib.sha256(content).hexdigest() != candidate.sha256:
            raise Refused(_("The file of this model is not the one that was measured."), code="model_changed")
        return LinearModel.load(io.BytesIO(content))
    except (OSError, KeyError, ValueError) as error:
        raise Refused(_("The file of this model cannot be read."), code="model_unreadable") from error


_active = Remembered(
    lambda: ModelCandidate.objects.filter(is_active=True).values_list("pk", "sha256").first(), seconds=3
)
_active.forget_on_change(ModelCandidate)
_followed: list[tuple[int, str] | None] = [None]


def follow_active_model() -> None:
    """Let the local engine of this process read by the model that is in use; a change elsewhere is seen within seconds.

    Call it outside a transaction. A file that cannot be read leaves the engine as it is.
    """
    wanted = _active()
    if wanted == _followed[0]:
        return
    if wanted is None:
        local_engine().use(None)
    else:
        try:
            local_engine().use(read_model(ModelCandidate.objects.get(pk=wanted[0])))
        except (Refused, ModelCandidate.DoesNotExist):
            logger.exception("the trained model in use cannot be read; the engine stays as it is")
    _followed[0] = wanted
