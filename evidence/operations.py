"""Public writes of evidence: record what happened, join chains, erase a body, anchor the heads."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Q

from evidence.hashing import body_digest, canonical, entry_hash
from evidence.models import Anchor, Chain, Entry, EntryBody
from foundation.actors import Actor
from foundation.batches import set_each

ANCHOR_ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Subject:
    """What a chain is about: `kind` is case or conversation, `ref` its public id."""

    kind: str
    ref: str


@dataclass(frozen=True)
class EntryDraft:
    """One entry to be recorded."""

    kind: str
    actor: Actor
    at: datetime
    refs: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)


def _locked_chains(subjects: list[Subject]) -> list[Chain]:
    """The chains of subjects, locked, in the order of their subjects; those that are new are made."""
    wanted = Q()
    for kind in {subject.kind for subject in subjects}:
        refs = [subject.ref for subject in subjects if subject.kind == kind]
        wanted |= Q(subject_kind=kind, subject_ref__in=refs)
    rows = Chain.objects.select_for_update().filter(wanted).order_by("subject_kind", "subject_ref")
    found = list(rows)
    if len(found) < len(subjects):
        known = {(chain.subject_kind, str(chain.subject_ref)) for chain in found}
        Chain.objects.bulk_create(
            [
                Chain(subject_kind=subject.kind, subject_ref=subject.ref)
                for subject in subjects
                if (subject.kind, subject.ref) not in known
            ],
            ignore_conflicts=True,
        )
        found = list(rows.all())
    return found


_collecting: ContextVar[dict[Subject, list[EntryDraft]] | None] = ContextVar("collecting", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Collect what is recorded inside and write it at the end: four round trips, whatever the number of entries and chains.

    Enter it inside a transaction and leave it before the transaction ends. Where something inside fails, nothing of it is recorded;
    within another one, what is collected belongs to the outer one once the inner one has gone well.
    """
    outer = _collecting.get()
    mine: dict[Subject, list[EntryDraft]] = {}
    token = _collecting.set(mine)
    try:
        yield
    finally:
        _collecting.reset(token)
    if outer is not None:
        for subject, entries in mine.items():
            outer.setdefault(subject, []).extend(entries)
        return
    _append(mine)


def record_many(*, subject: Subject, entries: Sequence[EntryDraft]) -> None:
    """Append entries to the chain of a subject, in order, in four round trips whatever their number."""
    if not entries:
        return
    collecting = _collecting.get()
    if collecting is not None:
        collecting.setdefault(subject, []).extend(entries)
    else:
        _append({subject: entries})


def _append(entries_of: Mapping[Subject, Sequence[EntryDraft]]) -> None:
    """Write entries to the ends of their chains. Chains are locked in the order of their subjects."""
    if not entries_of:
        return
    with transaction.atomic():
        chains = _locked_chains(list(entries_of))
        rows: list[Entry] = []
        bodies: list[tuple[str, str]] = []
        for chain in chains:
            seq, prev = chain.head_seq, chain.head_hash
            for draft in entries_of[Subject(chain.subject_kind, str(chain.subject_ref))]:
                seq += 1
                salt, body = secrets.token_hex(16), canonical(draft.body)
                digest = body_digest(salt, body)
                actor = draft.actor.as_json()
                hashed = entry_hash(
                    seq=seq, kind=draft.kind, actor=actor, at=draft.at, refs=draft.refs, prev_hash=prev, digest=digest
                )
                rows.append(
                    Entry(
                        chain=chain, seq=seq, kind=draft.kind, actor=actor, at=draft.at, refs=draft.refs,
                        prev_hash=prev, body_digest=digest, hash=hashed,
                    )
                )  # fmt: skip
                bodies.append((salt, body))
                prev = hashed
            chain.head_seq, chain.head_hash = seq, prev
        created = Entry.objects.bulk_create(rows)
        EntryBody.objects.bulk_create(
            EntryBody(entry=row, salt=salt, body=body) for row, (salt, body) in zip(created, bodies, strict=True)
        )
        set_each(chains, ["head_seq", "head_hash"])


def record(
    *,
    subject: Subject,
    kind: str,
    actor: Actor,
    at: datetime,
    refs: dict[str, str] | None = None,
    body: dict[str, Any] | None = None,
) -> None:
    """Append one entry to the chain of a subject.

    :param refs: public ids of what it is about; they are part of the hash and can never be erased.
    :param body: the content; it can be erased later, and the chain still verifies.
    """
    record_many(subject=subject, entries=[EntryDraft(kind, actor, at, refs or {}, body or {})])


def join_chains(*, conversation: Subject, case: Subject, actor: Actor, at: datetime) -> None:
    """Note in the chain of a case that the conversation's chain, up to its present head, belongs to it.

    Nothing is noted where the conversation has no entries or its present head was joined before.
    """
    with transaction.atomic():
        head = Chain.objects.filter(subject_kind=conversation.kind, subject_ref=conversation.ref).first()
        if head is None or not head.head_seq:
            return
        refs = {"joins": conversation.ref, "head": head.head_hash, "length": str(head.head_seq)}
        known = Entry.objects.filter(
            chain__subject_kind=case.kind, chain__subject_ref=case.ref, kind="action", refs__joins=conversation.ref
        ).last()
        if known is not None and known.refs.get("head") == head.head_hash:
            return
        record(subject=case, kind="action", actor=actor, at=at, refs=refs, body={"action": "join_conversation"})


def erase_body(*, entry_id: int, actor: Actor, reason: str, at: datetime) -> EntryBody:
    """Erase the content of an entry (a person's right, a retention time). The entry stays and its chain still verifies."""
    with transaction.atomic():
        row = EntryBody.objects.select_for_update().select_related("entry__chain").get(entry_id=entry_id)
        if row.erased_at is None:
            row.salt, row.body = "", ""
            row.erased_at, row.erased_by, row.erase_reason = at, actor.label, reason[:255]
            row.save()
            chain = row.entry.chain
            record(
                subject=Subject(chain.subject_kind, str(chain.subject_ref)),
                kind="action",
                actor=actor,
                at=at,
                refs={"entry": str(row.entry.seq)},
                body={"action": "erase", "reason": reason[:255]},
            )
        return row


def make_anchor(*, at: datetime) -> Anchor | None:
    """Fix the heads of all chains once a day (mainland date). A second call on the same day changes nothing."""
    date = at.astimezone(ANCHOR_ZONE).date()
    if Anchor.objects.filter(date=date).exists():
        return None
    heads = {
        f"{kind}:{ref}": [seq, head]
        for kind, ref, seq, head in Chain.objects.order_by("pk").values_list(
            "subject_kind", "subject_ref", "head_seq", "head_hash"
        )
    }
    previous = Anchor.objects.order_by("date").last()
    prev_digest = previous.digest if previous else ""
    digest = hashlib.sha256(canonical([date.isoformat(), prev_digest, heads]).encode()).hexdigest()
    try:
        with transaction.atomic():
            return Anchor.objects.create(
                date=date, at=at, chains=len(heads), heads=heads, digest=digest, prev_digest=prev_digest
            )
    except IntegrityError:
        return None
