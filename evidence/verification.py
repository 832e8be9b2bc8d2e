"""Recompute chains and anchors, and say where one breaks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from evidence.hashing import body_digest, canonical, entry_hash
from evidence.models import Anchor, Chain, Entry
from evidence.operations import Subject


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
    chain = Chain.objects.filter(subject_kind=subject.kind, subject_ref=subject.ref).first()
    entries = list(_entries(chain).filter(seq__lte=chain.head_seq)) if chain is not None else []
    return Record(chain, entries)


def _fault(chain: Chain, entries: Iterable[Entry]) -> list[str]:
    """The first fault of a chain, in words; empty when it is whole."""
    place = f"{chain.subject_kind} {chain.subject_ref}"
    seq, prev = 0, ""
    for entry in entries:
        seq += 1
        if entry.seq != seq:
            return [f"{place}: entry {seq} is missing"]
        body = getattr(entry, "body_row", None)
        if body is None:
            return [f"{place}: the content of entry {seq} is missing and was never erased"]
        if body.erased_at is None and body_digest(body.salt, body.body) != entry.body_digest:
            return [f"{place}: the content of entry {seq} was changed"]
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
            return [f"{place}: entry {seq} was changed"]
        prev = entry.hash
    if seq != chain.head_seq or prev != chain.head_hash:
        return [f"{place}: the chain ends at entry {seq}, its head says {chain.head_seq}"]
    return []


def faults_of(record: Record) -> list[str]:
    """Faults of a record, and of the chains that were joined to it; empty when all are whole. One query more where chains were joined."""
    if record.chain is None:
        return []
    faults = _fault(record.chain, record.entries)
    joins = [entry.refs for entry in record.entries if entry.kind == "action" and "joins" in entry.refs]
    if not joins:
        return faults
    ends = Q()
    for refs in joins:
        ends |= Q(chain__subject_kind="conversation", chain__subject_ref=refs["joins"], seq=int(refs["length"]))
    found = Entry.objects.filter(ends).values_list("chain__subject_ref", "seq", "hash")
    hashes = {(str(ref), seq): digest for ref, seq, digest in found}
    for refs in joins:
        if hashes.get((str(refs["joins"]), int(refs["length"]))) != refs["head"]:
            faults.append(f"conversation {refs['joins']}: its chain is not the one that was joined")
    return faults


def verify_subject(subject: Subject) -> list[str]:
    """Faults of the chain of a subject, and of the chains that were joined to it; empty when all are whole."""
    return faults_of(read_record(subject))


def verify_all() -> list[str]:
    """Faults of all chains and of all anchors."""
    faults: list[str] = []
    for chain in Chain.objects.order_by("pk").iterator():
        faults += _fault(chain, _entries(chain).iterator())
    prev = ""
    for anchor in Anchor.objects.order_by("date"):
        words = canonical([anchor.date.isoformat(), prev, anchor.heads])
        if anchor.prev_digest != prev or hashlib.sha256(words.encode()).hexdigest() != anchor.digest:
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
