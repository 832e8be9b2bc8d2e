"""What the pictures of a turn say beside its words: a hint at the case that is meant, and kinds of pictures that a person has to see.

What stands in a picture is untrusted like whatever somebody writes, and never an instruction: only numbers and kinds are taken from it. It never
makes a case certain by itself, never lowers a risk, and goes into no text. A screenshot of a chat tells nothing of who or which case.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from cases import operations as cases
from cases.models import CaseState, ServiceCase
from conversations import pictures
from conversations.models import AttachmentState, Message, PictureKind, PictureState, PictureText
from conversations.pictures import kind_hint
from foundation.actors import Actor
from foundation.encryption import blind_index
from people.models import Side
from triage.engines.base import Entity, Understanding
from triage.matching import Match
from triage.models import Decision, Mode

if TYPE_CHECKING:
    from triage.situation import Situation

MACHINE = Actor.machine("triage")
#: So long a turn waits for the words in its pictures, beyond the quiet window.
PATIENCE = timedelta(seconds=15)
#: Kinds of pictures whose answer a person looks at, and the topic that says why.
TOPICS = {PictureKind.PAYMENT: "payment", PictureKind.IDENTITY: "sensitive_material"}
#: What names a case.
NAMING = frozenset({"order", "tracking", "serial", "model"})
_CUSTOMERS = frozenset({Side.CUSTOMER, Side.UNKNOWN})


def readings(messages: Sequence[Message]) -> tuple[PictureText, ...]:
    """What was read in the pictures of some messages (with their attachments at hand), in their order."""
    if not any(row.type == "image" for m in messages for row in m.attachments.all()) or not pictures.is_on():
        return ()
    alive = [m.pk for m in messages if m.recalled_at is None]
    rows = PictureText.objects.filter(state=PictureState.READ, blob__attachments__message__in=alive)
    return tuple(rows.order_by("blob__attachments__pk"))


def are_being_read(turn: Sequence[Message], *, at: datetime) -> bool:
    """Whether words in the pictures of a turn may be there in a moment; never for long."""
    if at - turn[-1].received_at >= PATIENCE or not pictures.is_on():
        return False
    shown = [row for m in turn for row in m.attachments.all() if row.type == "image"]
    if any(row.state == AttachmentState.PENDING and row.media_id for row in shown):
        return True
    blobs = [row.blob_id for row in shown if row.blob_id]
    return bool(blobs) and PictureText.objects.filter(blob__in=blobs, state=PictureState.WAITING).exists()


def entities(rows: Iterable[PictureText]) -> tuple[Entity, ...]:
    """What pictures name, each once; of a screenshot of a chat nothing."""
    found: dict[str, Entity] = {}
    for row in rows:
        if row.kind != PictureKind.CHAT:
            for one in pictures.findings(row.text):
                found.setdefault(one.text.upper(), Entity(one.kind, one.text, 0, len(one.text), source="picture"))
    return tuple(found.values())


def heed(situation: Situation, understanding: Understanding) -> Understanding:
    """An understanding with what its pictures add: money and personal papers go to a person. Nothing is ever taken away."""
    rows = situation.pictures
    if not rows or not understanding.statements:
        return understanding
    first, *rest = understanding.statements
    kinds = {row.kind for row in rows}
    if situation.side in _CUSTOMERS:
        topics = {topic: 1.0 for kind, topic in TOPICS.items() if kind in kinds}
        first = replace(first, risk_topics={**first.risk_topics, **topics})
    elif situation.side == Side.PARTNER and situation.customer_reads and PictureKind.PAYMENT in kinds:
        first = replace(first, alerts=tuple(dict.fromkeys([*first.alerts, "private_payment"])))
    return replace(understanding, statements=(first, *rest))


def clues(situation: Situation) -> str:
    """The numbers in the pictures of a turn that a case in reach goes by, as words to match; a customer's phone stands for their cases.

    Other numbers (a parcel's, a plate's that nobody noted) speak for no case and against none.
    """
    named = entities(situation.pictures)
    if not named:
        return ""
    needs = [wait.need for wait in situation.waits]
    known = [[case.number, case.title, *map(str, case.labels)] for case in situation.cases]
    everything = "\n".join([*needs, *(words for row in known for words in row)]).upper()
    words = [one.text for one in named if one.kind in NAMING and one.text.upper() in everything]
    phones = {blind_index("".join(filter(str.isdigit, one.text))) for one in named if one.kind == "phone"}
    if phones:
        words += [case.number for case in situation.cases if case.customer.phone_index in phones]
    return " ".join(words)


def weigh(by_words: Match, with_clues: Match) -> Match:
    """The case that is meant, where pictures name something: they confirm what else speaks for it, and by themselves prove nothing.

    A picture that names another case than the words makes it uncertain; one that alone tells names the first of several to ask about.
    """
    if by_words.certain and with_clues.ref == by_words.ref and (with_clues.certain or not with_clues.rivals):
        return by_words
    if not with_clues.certain:
        # Words and picture name different cases.
        return replace(by_words, confidence=0.5, rivals=with_clues.rivals) if by_words.certain else by_words
    best = max(by_words.scores.values(), default=0.0)
    ahead = [ref for ref, score in by_words.scores.items() if score == best]
    if not by_words.certain and ahead == [with_clues.ref]:
        return with_clues
    others = dict.fromkeys([*([by_words.ref] if by_words.ref else []), *by_words.rivals, *by_words.scores])
    rivals = tuple(ref for ref in others if ref != with_clues.ref)
    return Match(with_clues.ref, 0.5, rivals=rivals[:3], scores=with_clues.scores)


def sweep_late(*, at: datetime, limit: int = 100) -> int:
    """Pictures that were read after their message was worked through: where a person would have had to look, the owner is told by a note.

    :returns: how many pictures were looked at.
    """
    if not pictures.is_on():
        return 0
    rows = list(
        PictureText.objects.filter(state=PictureState.READ, followed_at__isnull=True)
        .order_by("pk")
        .prefetch_related("blob__attachments__message")[:limit]
    )
    done = 0
    for row in rows:
        # The claim: whoever sets it writes the note, once.
        if not PictureText.objects.filter(pk=row.pk, followed_at__isnull=True).update(followed_at=at):
            continue
        done += 1
        for attachment in row.blob.attachments.all():
            _tell_owner(row, attachment.message, at=at)
    return done


def _tell_owner(row: PictureText, message: Message, *, at: datetime) -> None:
    if message.sender_side not in _CUSTOMERS or message.recalled_at is not None or row.read_at is None:
        return
    decision = (
        Decision.objects.filter(conversation=message.conversation_id, message__position__gte=message.position)
        .select_related("case__owner")
        .order_by("message__position", "pk")
        .first()
    )
    if decision is None or decision.case is None or decision.at >= row.read_at or decision.case.state != CaseState.OPEN:
        return
    said = [kind_hint(row.kind)] if row.kind in TOPICS and decision.mode != Mode.REVIEW else []
    other = _other_case(row, decision.case)
    if other is not None:
        said.append(_("It names a number of %(case)s.") % {"case": other.number})
    if said:
        when = timezone.localtime(message.sent_at)
        text = _("@%(owner)s The picture of %(when)s was read after it was answered. %(said)s") % {
            "owner": decision.case.owner.name, "when": f"{when:%m-%d %H:%M}", "said": " ".join(said),
        }  # fmt: skip
        cases.add_note(case_id=decision.case.pk, by=None, text=text, actor=MACHINE, at=at)


def _other_case(row: PictureText, case: ServiceCase) -> ServiceCase | None:
    """Another open case of the same customer whose number a picture names, and not one of this case's."""
    numbers = {one.text.upper() for one in entities([row]) if one.kind in ("order", "tracking")}
    if not numbers or numbers & {str(label).upper() for label in case.labels}:
        return None
    open_ones = ServiceCase.objects.filter(customer=case.customer_id, state=CaseState.OPEN).exclude(pk=case.pk)
    return next((one for one in open_ones if numbers & {str(label).upper() for label in one.labels}), None)


def named_in_pictures(message: Message) -> list[tuple[Entity, str]]:
    """What the pictures of a message name, each with the number of the open case of its customer that goes by it, if any."""
    found = entities(readings([message]))
    if not found or message.sender.customer_id is None:
        return [(one, "") for one in found]
    by_label = {
        str(label).upper(): case.number
        for case in ServiceCase.objects.filter(customer=message.sender.customer_id, state=CaseState.OPEN)
        for label in case.labels
    }
    return [(one, by_label.get(one.text.upper(), "")) for one in found]
