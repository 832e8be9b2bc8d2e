"""Recompute chains and anchors, and say where one breaks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Q, QuerySet

from evidence.hashing import body_digest, canonical, entry_hash
from evidence.models import Anchor, Chain, Entry
from evidence.operations import Subject


class FaultCode(StrEnum):
    """What can be wrong with a chain."""

    MISSING = "missing"
    NO_CONTENT = "no_content"
    CONTENT_CHANGED = "content_changed"
    CHANGED = "changed"
    CUT = "cut"
    OTHER_JOINED = "other_joined"


@dataclass(frozen=True)
class Fault:
    """Where a chain breaks. As a string it is a sentence for logs and for other systems; people read `presenters.fault_words`."""

    place: str
    code: FaultCode
    seq: int = 0
    head_seq: int = 0

    def __str__(self) -> str:
        """The place and what is wrong there."""
        said = {
            FaultCode.MISSING: f"entry {self.seq} is missing",
            FaultCode.NO_CONTENT: f"the content of entry {self.seq} is missing and was never erased",
            FaultCode.CONTENT_CHANGED: f"the content of entry {self.seq} was changed",
            FaultCode.CHANGED: f"entry {self.seq} was changed",
            FaultCode.CUT: f"the chain ends at entry {self.seq}, its head says {self.head_seq}",
            FaultCode.OTHER_JOINED: "its chain is not the one that was joined",
        }
        return f"{self.place}: {said[self.code]}"


@dataclass(frozen=True)
class Held:
    """What the newest daily anchor says of a chain: up to which entry it holds it (0: the chain came later), and whether it still agrees."""

    date: date
    seq: int
    agrees: bool


@dataclass(frozen=True)
class Record:
    """The chain of a subject with its entries in order, as it is read once for a page."""

    chain: Chain | None
    entries: list[Entry]

    @property
    def head_seq(self) -> int:
        """How long the chain is; 0 while nothing is on record."""
        return self.chain.head_seq if self.chain is not None else 0


def _entries(chain: Chain) -> QuerySet[Entry]:
    return chain.entries.select_related("body_row").order_by("seq")


def read_record(subject: Subject) -> Record:
    """Everything on record about a subject, in two queries. Its head is read first: what is recorded meanwhile is left out."""
    return record_of(Chain.objects.filter(subject_kind=subject.kind, subject_ref=subject.ref).first())


def record_of(chain: Chain | None) -> Record:
    """A chain that was read just now, with its entries up to the head that it had then."""
    entries = list(_entries(chain).filter(seq__lte=chain.head_seq)) if chain is not None else []
    return Record(chain, entries)


def _fault(chain: Chain, entries: Iterable[Entry]) -> list[Fault]:
    """The first fault of a chain; empty when it is whole."""
    place = f"{chain.subject_kind} {chain.subject_ref}"
    seq, prev = 0, ""
    for entry in entries:
        seq += 1
        if entry.seq != seq:
            return [Fault(place, FaultCode.MISSING, seq)]
        body = getattr(entry, "body_row", None)
        if body is None:
            return [Fault(place, FaultCode.NO_CONTENT, seq)]
        if body.erased_at is None and body_digest(body.salt, body.body) != entry.body_digest:
            return [Fault(place, FaultCode.CONTENT_CHANGED, seq)]
        expected = entry_hash(
            seq=seq,
            kind=entry.kind,
            actor=entry.actor,
            at=entry.at,
            refs=entry.refs,
            prev_hash=prev,
            digest=entry.body_digest,
        )
        if entry.prev_hash != prev or entry.hash != expected:
            return [Fault(place, FaultCode.CHANGED, seq)]
        prev = entry.hash
    if seq != chain.head_seq or prev != chain.head_hash:
        return [Fault(place, FaultCode.CUT, seq, chain.head_seq)]
    return []


def faults_of(record: Record) -> list[Fault]:
    """Faults of a record, and of the chains that were joined to it; empty when all are whole. One query more where chains were joined."""
    if record.chain is None:
        return []
    faults = _fault(record.chain, record.entries)
    joins = [(entry.seq, entry.refs) for entry in record.entries if entry.kind == "action" and "joins" in entry.refs]
    if not joins:
        return faults
    ends = Q()
    for _seq, refs in joins:
        ends |= Q(chain__subject_kind="conversation", chain__subject_ref=refs["joins"], seq=int(refs["length"]))
    found = Entry.objects.filter(ends).values_list("chain__subject_ref", "seq", "hash")
    hashes = {(str(ref), seq): digest for ref, seq, digest in found}
    for seq, refs in joins:
        if hashes.get((str(refs["joins"]), int(refs["length"]))) != refs["head"]:
            faults.append(Fault(f"conversation {refs['joins']}", FaultCode.OTHER_JOINED, seq))
    return faults


def _digest_of(anchor: Anchor) -> str:
    words = canonical([anchor.date.isoformat(), anchor.prev_digest, anchor.heads])
    return hashlib.sha256(words.encode()).hexdigest()


def held_by_anchor(record: Record) -> Held | None:
    """What the newest daily anchor says of a chain; None while there is no anchor. In one query."""
    newest = Anchor.objects.order_by("-date").first()
    if newest is None or record.chain is None:
        return None
    seq, head = newest.heads.get(f"{record.chain.subject_kind}:{record.chain.subject_ref}", (0, ""))
    own = {entry.seq: entry.hash for entry in record.entries[max(0, seq - 1) : seq]}
    return Held(newest.date, seq, _digest_of(newest) == newest.digest and (not seq or own.get(seq) == head))


def verify_subject(subject: Subject) -> list[str]:
    """Faults of the chain of a subject, and of the chains that were joined to it; empty when all are whole."""
    return [str(fault) for fault in faults_of(read_record(subject))]


def verify_all() -> list[str]:
    """Faults of all chains and of all anchors."""
    faults: list[str] = []
    for chain in Chain.objects.order_by("pk").iterator():
        faults += map(str, _fault(chain, _entries(chain).iterator()))
    prev = ""
    for anchor in Anchor.objects.order_by("date"):
        if anchor.prev_digest != prev or _digest_of(anchor) != anchor.digest:
            faults.append(f"anchor {anchor.date}: it was changed, or one before it is missing")
        prev = anchor.digest
        for key, (seq, head) in anchor.heads.items():
            if not seq:
                continue
            kind, ref = key.split(":", 1)
            anchored = Chain.objects.filter(subject_kind=kind, subject_ref=ref).first()
            entry = anchored.entries.filter(seq=seq).first() if anchored is not None else None
            if entry is None or entry.hash != head:
                faults.append(f"{kind} {ref}: entry {seq} stood in the anchor of {anchor.date} and is gone")
    return faults
