"""What triage looks at before it decides: the message, its conversation, and the cases and waits in reach. Reads only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Prefetch, Q

from cases.flows import with_flows
from cases.models import CaseConversation, CaseState, Participant, Role, ServiceCase, WaitingItem
from conversations.models import CUSTOMER_VISIBLE, Attachment, Conversation, ConversationKind, Message, PictureText
from conversations.operations import sender_is_known
from people.directory import directory
from people.models import Customer, Person, Side, StaffMember
from triage import disclosing, pictures
from triage.asks import ASKS_WHICH
from triage.engines.base import PreviousTurn, Turn, WaitView
from triage.matching import CaseView, bigrams, folded, name_score, order_numbers, stem
from triage.statements import own_words

if TYPE_CHECKING:
    from triage.numbered import Numbered

#: How long a closed case stays in reach of late messages.
LATE = timedelta(days=90)
#: In a partner's or our own group so many cases are in reach at most, and so many are looked at closely.
MAX_REACH, SHORT_LIST = 1000, 16


@dataclass
class Situation:
    """Everything that matching and planning need, loaded once."""

    message: Message
    conversation: Conversation
    at: datetime
    cases: list[ServiceCase]
    waits: list[WaitingItem]
    attachments: tuple[str, ...]
    identity_sure: bool
    previous: list[Message] = field(default_factory=list)
    #: Order numbers by which needs that are no longer open called their cases, by case.
    old_labels: dict[int, tuple[str, ...]] = field(default_factory=dict)
    #: What was asked before in cases that have no title to tell them apart by, where several are in reach; by case.
    old_needs: dict[int, tuple[str, ...]] = field(default_factory=dict)
    #: What the same sender wrote just before, not yet worked through: with `message` it is one turn.
    earlier: list[Message] = field(default_factory=list)

    #: What was read in the pictures of the turn.
    pictures: tuple[PictureText, ...] = ()
    #: What a partner answered by number to its digest, statement by statement.
    numbered: list[Numbered] = field(default_factory=list)

    @property
    def turn(self) -> list[Message]:
        """The messages that are understood together, in order."""
        return [*self.earlier, self.message]

    @property
    def text(self) -> str:
        """All that was said in the turn; what was taken back is left out."""
        said = [own_words(m.text)[0] for m in self.turn if m.text and m.recalled_at is None]
        return "\n".join(filter(None, said)) or own_words(self.message.text)[0]

    @property
    def quoted(self) -> str:
        """What the turn is about, where somebody else's words were quoted."""
        return "\n".join(filter(None, (part for m in self.turn for part in (m.quoted_text, own_words(m.text)[1]))))

    @property
    def attachment_rows(self) -> list[Attachment]:
        """Everything that was sent beside the words of the turn."""
        return [row for m in self.turn for row in m.attachments.all()]

    @property
    def side(self) -> str:
        """On whose side the sender is."""
        return self.message.sender_side

    @property
    def in_public(self) -> bool:
        """Whether many customers read along."""
        return self.conversation.kind == ConversationKind.COMMUNITY_GROUP

    @property
    def customer_reads(self) -> bool:
        """Whether a customer reads this conversation."""
        return self.conversation.kind in CUSTOMER_VISIBLE

    def waits_of(self, case: ServiceCase | None) -> list[WaitingItem]:
        """The open items of a case, oldest first."""
        return [wait for wait in self.waits if case is not None and wait.case_id == case.pk]


def _cases_in_reach(message: Message, conversation: Conversation, at: datetime, text: str) -> list[ServiceCase]:
    cases = ServiceCase.objects.select_related("customer", "conversation").prefetch_related(
        Prefetch("participants", Participant.objects.select_related("person")),
        Prefetch("links", CaseConversation.objects.select_related("conversation")),
    )
    cases = cases.filter(flow__intake=False)  # nobody means what is not sorted yet
    alive = Q(state=CaseState.OPEN) | Q(closed_at__gte=at - LATE)
    if conversation.kind in CUSTOMER_VISIBLE:
        if conversation.kind == ConversationKind.COMMUNITY_GROUP and message.sender.customer_id is None:
            return []
        mine = Q(links__conversation=conversation)
        if message.sender.customer_id is not None:
            mine |= Q(customer=message.sender.customer_id)
        elif conversation.customer_id is not None and message.sender_side in (Side.INTERNAL, Side.PARTNER):
            mine |= Q(customer=conversation.customer_id)
        if message.sender_side == Side.UNKNOWN:
            return []
        return with_flows(list(cases.filter(alive, mine).distinct().order_by("pk")))
    mine = Q(conversation__account=conversation.account)
    if conversation.kind == ConversationKind.PARTNER_GROUP:
        if conversation.partner_id is None:
            return []
        mine = Q(partner=conversation.partner_id) | Q(partner__isnull=True, conversation__account=conversation.account)
    found = list(
        ServiceCase.objects.filter(alive, mine, flow__intake=False)
        .order_by("-pk")
        .values_list("pk", flat=True)[:MAX_REACH]
    )
    if len(found) > SHORT_LIST:
        found = _likeliest(found, text)
    return with_flows(list(cases.filter(pk__in=found).order_by("-pk")))


def _likeliest(ids: list[int], text: str) -> list[int]:
    """Of many cases those that a text may mean: by names, order numbers and words of what is needed, a light look before the full one.

    :returns: at most `SHORT_LIST` ids; those that nothing speaks for fill up the rest, newest first.
    """
    plain, said = folded(text), bigrams(text)
    score: dict[int, float] = dict.fromkeys(ids, 0.0)
    rows = ServiceCase.objects.filter(pk__in=ids)
    for pk, number, name, labels, title in rows.values_list("pk", "number", "customer__name", "labels", "title"):
        marks = (number, *labels)
        score[pk] += 5 * any(folded(str(mark)) in plain or _tail_in(str(mark), plain) for mark in marks)
        score[pk] += name_score(plain, name) + len(said & bigrams(title))
    people = Participant.objects.filter(case__in=ids, person__side=Side.CUSTOMER)
    for pk, name in people.values_list("case_id", "person__name"):
        score[pk] = max(score[pk], name_score(plain, name))
    for pk, need in WaitingItem.objects.open().filter(case__in=ids).values_list("case_id", "need"):
        score[pk] += min(2, len(said & bigrams(need)))
    order = {pk: place for place, pk in enumerate(ids)}
    return sorted(ids, key=lambda pk: (-score[pk], order[pk]))[:SHORT_LIST]


def _tail_in(mark: str, plain: str) -> bool:
    digits = re.sub(r"^\D+", "", mark)
    return len(digits) >= 3 and re.search(rf"(?<!\d){re.escape(folded(digits))}(?!\d)", plain) is not None


def load(message: Message, *, at: datetime, earlier: Sequence[Message] = ()) -> Situation:
    """Read what surrounds a message.

    :param earlier: the sender's messages just before it that are understood with it.
    """
    first = earlier[0] if earlier else message
    conversation = message.conversation
    text = "\n".join(m.text for m in (*earlier, message))
    cases = _cases_in_reach(message, conversation, at, f"{message.quoted_text} {text}")
    by_id = {case.pk: case for case in cases}
    waits = list(
        WaitingItem.objects.open()
        .filter(case__in=by_id)
        .select_related("on", "requirement")
        .order_by("opened_at", "pk")
    )
    for wait in waits:
        wait.case = by_id[wait.case_id]
    previous = list(
        conversation.messages.filter(position__lt=first.position)
        .select_related("sender")
        .prefetch_related("attachments")
        .order_by("-position")[:6]
    )
    old_labels: dict[int, tuple[str, ...]] = {}
    if conversation.kind not in CUSTOMER_VISIBLE and order_numbers(text):
        needs = WaitingItem.objects.filter(case__in=by_id).exclude(pk__in=[wait.pk for wait in waits])
        for case_id, need in needs.values_list("case_id", "need"):
            old_labels[case_id] = (*old_labels.get(case_id, ()), *order_numbers(need))
    bare = {case.pk for case in cases if not case.title}
    old_needs: dict[int, tuple[str, ...]] = {}
    if bare and len(cases) > 1:
        asked = WaitingItem.objects.filter(case__in=bare, on__side=Side.CUSTOMER)
        closed = asked.exclude(pk__in=[wait.pk for wait in waits]).order_by("pk")
        for case_id, need in closed.values_list("case_id", "need")[:60]:
            old_needs[case_id] = (*old_needs.get(case_id, ()), need)
    return Situation(
        message=message,
        conversation=conversation,
        at=at,
        cases=cases,
        waits=waits,
        attachments=tuple(row.type for m in (*earlier, message) for row in m.attachments.all()),
        identity_sure=sender_is_known(message),
        previous=previous,
        earlier=list(earlier),
        old_labels=old_labels,
        old_needs=old_needs,
        pictures=pictures.readings([*earlier, message]),
    )


def customer_people(case: ServiceCase) -> list[Person]:
    """Everybody on the customer's side of a case."""
    return list(Person.objects.filter(customer=case.customer_id).order_by("pk"))


def labels_of(case: ServiceCase, waits: list[WaitingItem]) -> tuple[str, ...]:
    """Order numbers by which people call a case: its own, and those that its open needs name."""
    found = [*case.labels]
    for wait in waits:
        found += order_numbers(wait.need)
    return tuple(dict.fromkeys([case.number, *found]))


def case_view(situation: Situation, case: ServiceCase, *, applicable: frozenset[str] | None = None) -> CaseView:
    """A case as the matcher sees it."""
    waits = situation.waits_of(case)
    names = [case.customer.name, *(p.person.name for p in case.participants.all() if p.person.side == Side.CUSTOMER)]
    stems = [stem(name) for name in names]
    own = [case.conversation.name, case.title, case.flow.name] if not situation.customer_reads else [case.title]
    on_customer = any(
        wait.on is not None and wait.on.side == Side.CUSTOMER and (applicable is None or wait.state in applicable)
        for wait in waits
    )
    return CaseView(
        ref=str(case.pk),
        names=tuple(dict.fromkeys([*names, *filter(None, stems)])),
        labels=tuple(dict.fromkeys([*labels_of(case, waits), *situation.old_labels.get(case.pk, ())])),
        words=tuple(
            filter(
                None,
                [
                    *own,
                    *(w.need for w in waits if not ASKS_WHICH.search(w.need)),
                    *(w.requirement.name for w in waits if w.requirement),
                    *situation.old_needs.get(case.pk, ()),
                ],
            )
        ),
        is_open=case.state == CaseState.OPEN,
        in_conversation=(
            situation.conversation.partner_id is not None and case.partner_id == situation.conversation.partner_id
        )
        or any(link.conversation_id == situation.conversation.pk for link in case.links.all()),
        has_open_wait_on_sender=on_customer,
    )


def turn_of(situation: Situation) -> Turn:
    """The message as an engine reads it."""
    views = []
    for wait in situation.waits:
        case = next(case for case in situation.cases if case.pk == wait.case_id)
        views.append(
            WaitView(
                ref=str(wait.pk),
                case_ref=str(wait.case_id),
                state=str(wait.state),
                on_role=wait.on_role,
                need=wait.need,
                proof=wait.proof,
                age_minutes=max(0, int((situation.at - wait.opened_at).total_seconds() // 60)),
                case_label=case.number,
                on_person=wait.on.name if wait.on else "",
                material=wait.requirement.name if wait.requirement else "",
                aliases=(case.customer.name, *labels_of(case, [])),
            )
        )
    side = {"product": "internal"}.get(situation.side, situation.side)
    return Turn(
        text=situation.text,
        at=situation.message.sent_at,
        conversation_kind=situation.conversation.kind,
        sender_side=side,
        sender_known=situation.identity_sure,
        attachments=situation.attachments,
        mentions=tuple(str(name) for name in situation.message.mentions),
        open_waits=tuple(views),
        previous=tuple(
            PreviousTurn(m.sender_side, m.text, tuple(a.type for a in m.attachments.all()))
            for m in reversed(situation.previous)
        ),
        lang=situation.conversation.language,
        quoted=situation.quoted,
        customer_names=tuple(dict.fromkeys(case.customer.name for case in situation.cases)),
        matters=tuple(
            dict.fromkeys(
                f"{case.title} {case.flow.name}".strip() for case in situation.cases if case.state == CaseState.OPEN
            )
        ),
    )


def reply_target(case: ServiceCase) -> Conversation:
    """Where the customer of a case is written to: where their people last spoke about it, else its home.

    A group of their own that is the home of another of their cases is no such place: what came there by mistake is not answered for there.
    """
    conversations = [link.conversation for link in case.links.all() if link.conversation.kind in CUSTOMER_VISIBLE]
    elsewhere = ServiceCase.objects.filter(conversation__in=conversations, customer=case.customer_id).exclude(
        conversation=case.conversation_id
    )
    homes = set(elsewhere.values_list("conversation_id", flat=True))
    latest = (
        Message.objects.filter(
            conversation__in=[c for c in conversations if c.pk not in homes],
            sender_side=Side.CUSTOMER,
            decision__case=case,
        )
        .select_related("conversation")
        .order_by("-received_at", "-pk")
        .first()
    )
    return latest.conversation if latest is not None else case.conversation


def partner_conversation(case: ServiceCase) -> Conversation | None:
    """The group in which we talk to the partner of a case."""
    if case.partner_id is None:
        return None
    return (
        Conversation.objects.filter(kind=ConversationKind.PARTNER_GROUP, partner=case.partner_id).order_by("pk").first()
    )


def partner_contact(case: ServiceCase) -> Person | None:
    """Whom we ask at the partner: who takes part already, else the first of their people."""
    taking_part = next((p.person for p in case.participants.all() if p.role == Role.FULFILLMENT_PARTNER), None)
    return taking_part or Person.objects.filter(partner=case.partner_id, partner__isnull=False).order_by("pk").first()


def internal_conversation(case: ServiceCase) -> Conversation | None:
    """The internal group that is told about a case: one that its owner is in."""
    groups = Conversation.objects.filter(kind=ConversationKind.INTERNAL_GROUP, account=case.conversation.account)
    return groups.filter(members__person__staff=case.owner_id).order_by("pk").first() or groups.order_by("pk").first()


def staff_of_message(message: Message) -> StaffMember | None:
    """The staff member who wrote a message."""
    return message.sender.staff


def private_names(
    case: ServiceCase | None, *, reader: str, text: str, customer: Customer | None = None
) -> dict[str, str]:
    """Names in a text that its reader must not learn: partners, colleagues, other customers. The reader's own are not among them, nor what the
    flow's disclosure list lets a customer know of a visit at this stage (`disclosing`).

    :param reader: ``customer`` or ``partner``.
    :param customer: who reads it where no case is known.
    :returns: name → code of the reason.
    """
    known, plain = directory(), unicodedata.normalize("NFKC", text)
    names: dict[str, str] = {}
    if reader == "customer":
        names |= dict.fromkeys(known.find("partner_people", plain), "leak_name")
        names |= dict.fromkeys(known.find("partners", plain), "leak_organisation")
        for name in known.find("staff", plain):
            names[f"@{name}"] = "leak_handle"
            names[name] = "leak_name"
    whose = case.customer if case is not None else customer
    if whose is not None:
        for name in known.find("customers", plain):
            if whose.pk not in known.customers[name] and name != whose.name:
                names[name] = "leak_other_customer"
        own = {name for name in names if whose.pk in known.customers.get(name, ())} | {whose.name}
        for name in own:
            names.pop(name, None)
    if case is not None and reader == "customer":
        disclosing.sift(names, case, plain)
    return names
