"""Recompute chains and anchors, and say where one breaks."""

from __future__ import annotations

import hashlib

from evidence.hashing import body_digest, canonical, entry_hash
from evidence.models import Anchor, Chain
from evidence.operations import Subject


def _verify_chain(chain: Chain) -> list[str]:
    """The first fault of a chain, in words; empty when it is whole."""
    place = f"{chain.subject_kind} {chain.subject_ref}"
    seq, prev = 0, ""
    for entry in chain.entries.select_related("body_row").order_by("seq").iterator():
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


def verify_subject(subject: Subject) -> list[str]:
    """Faults of the chain of a subject, and of the chains that were joined to it; empty when all are whole."""
    chain = Chain.objects.filter(subject_kind=subject.kind, subject_ref=subject.ref).first()
    if chain is None:
        return []
    faults = _verify_chain(chain)
    for refs in chain.entries.filter(kind="action", refs__has_key="joins").values_list("refs", flat=True):
        joined = Chain.objects.filter(subject_kind="conversation", subject_ref=refs["joins"]).first()
        entry = joined.entries.filter(seq=int(refs["length"])).first() if joined is not None else None
        if entry is None or entry.hash != refs["head"]:
            faults.append(f"conversation {refs['joins']}: its chain is not the one that was joined")
    return faults


def verify_all() -> list[str]:
    """Faults of all chains and of all anchors."""
    faults: list[str] = []
    for chain in Chain.objects.order_by("pk").iterator():
        faults += _verify_chain(chain)
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
