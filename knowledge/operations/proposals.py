"""From chat to knowledge, safely: proposals from cases, drafts and findings. Raw chat is never a source."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import ServiceCase
from conversations.models import CUSTOMER_VISIBLE, Message
from evidence.operations import record
from foundation.actors import Actor
from foundation.errors import Refused, WrongState
from knowledge import privacy, voices
from knowledge.kinds import spec_of
from knowledge.models import (
    Gap,
    GapState,
    KnowledgeItem,
    KnowledgeKind,
    KnowledgeState,
    KnowledgeVersion,
    Proposal,
    ProposalSource,
    ProposalState,
)
from knowledge.operations import life
from people.models import Person, Side, StaffMember

_GREETING = re.compile(
    r"^\s*(?:[^\s，,。!！]{0,8}(?:您好|你好|早上好|下午好|晚上好|亲)|hi|hello|dear)[^，,。!！~～\n]{0,12}[，,。!！~～\s]+",
    re.I,
)
_CLOSING = re.compile(
    r"[，,。!！~～\s]*(?:谢谢您?|感谢|辛苦了|麻烦了|祝您[^。]{0,12}|thanks?|thank you|best regards)[。!！~～\s]*$", re.I
)


def abstracted(text: str) -> str:
    """A sentence of a chat without its greeting and its thanks."""
    short = _CLOSING.sub("", _GREETING.sub("", text.strip()))
    return short.strip() or text.strip()


def _names_of(case: ServiceCase) -> list[str]:
    """Everybody's name that may stand in what was said about a case, ours and the partner's included."""
    found = {case.customer.name, case.owner.name, case.number, *map(str, case.labels)}
    people = Person.objects.filter(participations__case=case) | Person.objects.filter(
        messages__conversation__case_links__case=case
    )
    people = people | Person.objects.filter(messages__conversation=case.conversation)
    for person in people.distinct():
        found.update([person.name, *person.identities.values_list("display_name", flat=True)])
    if case.partner is not None:
        found.add(case.partner.name)
    return sorted(name for name in found if name and len(name) > 1)


def said_in(case: ServiceCase) -> list[Message]:
    """What customers and our own people wrote where customers read, in the conversations of a case, oldest first."""
    places = [case.conversation_id, *case.links.values_list("conversation_id", flat=True)]
    rows = Message.objects.filter(
        conversation__in=places, conversation__kind__in=CUSTOMER_VISIBLE, recalled_at__isnull=True
    ).exclude(text="")
    return list(rows.filter(sent_at__gte=case.opened_at).select_related("sender").order_by("sent_at", "position")[:200])


def said_in_masked(case: ServiceCase) -> list[tuple[Message, str]]:
    """What was said in a case, each with its words masked: what a colleague chooses from."""
    names = _names_of(case)
    return [(one, privacy.mask_all(abstracted(one.text), names=names)) for one in said_in(case)]


def propose_from_case(
    *,
    case: ServiceCase,
    actor: Actor,
    at: datetime,
    kind: str = KnowledgeKind.CUSTOMER_WORDING,
    messages: Sequence[Message] | None = None,
    note: str = "",
) -> Proposal:
    """Propose an item from what was asked and answered in a case, without greetings. Its words stay encrypted until an editor decides.

    :param messages: what to take; the first question of the customer's side and our last answer, if not given.
    :raises Refused: when nothing was said that could become knowledge.
    """
    said = list(messages) if messages is not None else said_in(case)
    asked = [one for one in said if one.sender_side in (Side.CUSTOMER, Side.UNKNOWN)]
    answered = [one for one in said if one.sender_side == Side.INTERNAL]
    if messages is None:
        asked = [
            one
            for one in asked
            if re.search(r"[?？吗呢]|怎么|如何|多久|多少|什么|能不能|可以|how|what|when|can ", one.text)
        ][:1] or asked[:1]
        answered = answered[-1:]
    if not asked and not answered:
        raise Refused(_("Nothing was said in this case that could become knowledge."), code="nothing_said")
    return propose(
        source=ProposalSource.CASE, source_ref=str(case.public_id), kind=kind,
        title=" ".join(abstracted(one.text) for one in asked), body="\n".join(abstracted(one.text) for one in answered),
        names=_names_of(case), note=note, voice=voices.voice_for(case=case, conversation=case.conversation).name, actor=actor, at=at,
    )  # fmt: skip


def propose(
    *,
    source: str,
    kind: str,
    title: str,
    body: str,
    actor: Actor,
    at: datetime,
    source_ref: str = "",
    item: KnowledgeItem | None = None,
    names: Iterable[str] = (),
    note: str = "",
    voice: str = "",
) -> Proposal:
    """Put something before the editors. The same source proposes once for an item while its proposal is open.

    :param names: names that are known to be those of people, to be found in the text. :param voice: the brand voice of an example of tone.
    """
    with transaction.atomic():
        known = (
            Proposal.objects.select_for_update(of=("self",)).filter(
                source=source, source_ref=source_ref, item=item, state=ProposalState.OPEN
            ).first()
            if source_ref
            else None
        )  # fmt: skip
        row = known or Proposal(source=source, source_ref=source_ref, item=item, created_at=at)
        row.kind, row.title, row.body = item.kind if item else kind, title, body
        row.names, row.note = json.dumps(sorted(set(names)), ensure_ascii=False), note[:255]
        row.voice, row.proposed_by = voice[:64], actor.label[:64]
        row.save()
        return row


def proposal_findings(proposal: Proposal) -> dict[str, list[privacy.Finding]]:
    """What in a proposal looks like personal data, by field (``title``, ``body``)."""
    names = json.loads(proposal.names or "[]")
    return {
        "title": privacy.detect(proposal.title, names=names, field="title"),
        "body": privacy.detect(proposal.body, names=names, field="body"),
    }


def proposed_words(proposal: Proposal) -> tuple[str, str]:
    """Title and text of a proposal with every finding masked: what a person sees first."""
    found = proposal_findings(proposal)
    return privacy.masked(proposal.title, found["title"]), privacy.masked(proposal.body, found["body"])


def accept_proposal(
    *,
    proposal_id: int,
    decisions: dict[str, str],
    by: StaffMember | None,
    actor: Actor,
    at: datetime,
    title: str | None = None,
    body: str | None = None,
    onto: KnowledgeItem | None = None,
    kind: str = "",
    **words: Any,
) -> KnowledgeVersion:
    """Make a draft of a proposal: of a new item, or a new version of the item it is about. The raw words are erased.

    :param decisions: ``mask`` or ``keep`` for every finding, by key.
    :param title: the editor's own wording, instead of the masked proposal. :param body: likewise.
    :param onto: the item to be changed, where the proposal names none. Of a quality finding its words stay as they are: the finding stands
        beside them as what has changed, and as a sentence to be caught where the item is a rule.
    :param kind: the kind of a new item, another than the one that was proposed.
    :raises Refused: while a finding is undecided. :raises WrongState: when it is decided already.
    """
    with transaction.atomic():
        row = _open(proposal_id)
        found = proposal_findings(row)
        undecided = [one for part in found.values() for one in part if decisions.get(one.key) not in ("mask", "keep")]
        if undecided:
            raise Refused(_("Look at every finding first: mask it or keep it."), code="undecided")
        new_title = title if title is not None else privacy.apply(row.title, found["title"], decisions)
        new_body = body if body is not None else privacy.apply(row.body, found["body"], decisions)
        note = str(row.get_source_display())
        target = row.item or onto
        if target is not None and row.source == ProposalSource.QA_FINDING:
            version = _with_finding(target, new_title, new_body, by=by, actor=actor, at=at)
        elif target is not None:
            version = _onto(target, new_title, new_body, by=by, actor=actor, at=at, note=note)
        else:
            if row.source == ProposalSource.QA_FINDING and (kind or row.kind) == KnowledgeKind.QA_FINDING:
                words.setdefault("fields", {"wrong": [new_body], "right": []})
                new_body = new_title
            if (kind or row.kind) == KnowledgeKind.TONE_EXAMPLE:
                words.setdefault("fields", {"voice": voices.of_proposal(row.voice)})
            version = life.create_item(
                kind=kind or row.kind, title=new_title.strip()[:191] or _("(no title)"), body=new_body, actor=actor, at=at,
                author=by, note=note, **words,
            )  # fmt: skip
        version.kept = sorted({*version.kept, *(key for key, do in decisions.items() if do == "keep")})
        version.save(update_fields=["kept"])
        _close(row, ProposalState.ACCEPTED, actor=actor, at=at, version=version)
        record(
            subject=life.subject_of(version.item), kind="knowledge_update", actor=actor, at=at,
            refs={"knowledge_version": str(version.public_id), "proposal": str(row.public_id), "source": row.source_ref},
            body={"action": "accept_proposal", "source": row.source, "masked": sum(do == "mask" for do in decisions.values())},
        )  # fmt: skip
        if row.source == ProposalSource.GAP:
            Gap.objects.filter(public_id=row.source_ref, state=GapState.OPEN).update(item=version.item)
        return version


def _onto(
    item: KnowledgeItem, title: str, body: str, *, by: StaffMember | None, actor: Actor, at: datetime, note: str
) -> KnowledgeVersion:
    draft = item.versions.filter(state=KnowledgeState.DRAFT).first()
    if draft is None:
        draft = life.new_version(item_id=item.pk, actor=actor, at=at, author=by, note=note[:255])
    return life.edit_draft(
        version_id=draft.pk, actor=actor, at=at, by=by, body=body or draft.body, title=title or draft.title
    )


def _with_finding(
    item: KnowledgeItem, title: str, said: str, *, by: StaffMember | None, actor: Actor, at: datetime
) -> KnowledgeVersion:
    """A draft of an item that a quality finding concerns: its words as they are, with what was found beside them."""
    version = _onto(item, "", "", by=by, actor=actor, at=at, note=title)
    keys = {one.key for one in spec_of(item.kind).fields}
    if "examples" in keys and said:
        fields = {**version.fields, "examples": [*(version.fields.get("examples") or []), said]}
        version = life.edit_draft(version_id=version.pk, actor=actor, at=at, by=by, fields=fields)
    return version


def dismiss_proposal(*, proposal_id: int, actor: Actor, at: datetime) -> Proposal:
    """Do nothing with a proposal. Its raw words are erased."""
    with transaction.atomic():
        row = _open(proposal_id)
        _close(row, ProposalState.DISMISSED, actor=actor, at=at)
        return row


def _open(proposal_id: int) -> Proposal:
    row = Proposal.objects.select_for_update(of=("self",)).select_related("item").get(pk=proposal_id)
    if row.state != ProposalState.OPEN:
        raise WrongState(_("Somebody has decided this proposal already."))
    return row


def _close(row: Proposal, state: str, *, actor: Actor, at: datetime, version: KnowledgeVersion | None = None) -> None:
    row.state, row.version, row.decided_by, row.decided_at = state, version, actor.label[:64], at
    row.title = row.body = row.names = ""
    row.save()
