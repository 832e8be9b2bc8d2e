"""Evidence of a subject as one file that verifies anywhere, without us and without a network."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from evidence.hashing import instant
from evidence.models import Chain
from evidence.operations import Subject

README = """证据包 / Evidence bundle

evidence.json  按顺序的全部记录：种类、经手人、时间、引用、内容与哈希。
               Every entry in order: kind, actor, instant, references, content and hash.
verify.py      离线校验，只需要 Python 3：  python3 verify.py
               Verifies offline with nothing but Python 3.

被依法清除内容的记录只剩摘要，链条仍可校验。
Where content was erased its digest remains, and the chain still verifies.
"""

VERIFY = '''"""Verify the evidence beside this file. Needs nothing but Python 3."""

import hashlib
import json
import pathlib
import sys


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha(words):
    return hashlib.sha256(words.encode()).hexdigest()


def faults_of(chain):
    before, number, faults = "", 0, []
    for entry in chain["entries"]:
        number += 1
        where = "%s %s, entry %d" % (chain["kind"], chain["ref"], number)
        if entry["seq"] != number:
            return faults + [where + ": missing"]
        if not entry["erased"] and sha(entry["salt"] + "\\n" + entry["body"]) != entry["digest"]:
            faults.append(where + ": the content was changed")
        words = canonical([entry["seq"], entry["kind"], entry["actor"], entry["at"], entry["refs"], before, entry["digest"]])
        if entry["prev"] != before or sha(words) != entry["hash"]:
            faults.append(where + ": it was changed")
        before = entry["hash"]
    if number != chain["length"] or before != chain["head"]:
        faults.append("%s %s: the end was cut off" % (chain["kind"], chain["ref"]))
    return faults


def main():
    data = json.loads((pathlib.Path(__file__).parent / "evidence.json").read_text(encoding="utf-8"))
    faults = [fault for chain in data["chains"] for fault in faults_of(chain)]
    hashes = {chain["ref"]: {entry["seq"]: entry["hash"] for entry in chain["entries"]} for chain in data["chains"]}
    for entry in data["chains"][0]["entries"]:
        joined = entry["refs"].get("joins")
        if joined and hashes.get(joined, {}).get(int(entry["refs"]["length"])) != entry["refs"]["head"]:
            faults.append("conversation %s: not the one that was joined" % joined)
    for fault in faults:
        print("FAULT", fault)
    print("%d chains, %d entries: %s" % (
        len(data["chains"]), sum(len(chain["entries"]) for chain in data["chains"]), "FAULTS" if faults else "verified / 校验通过"))
    return 1 if faults else 0


sys.exit(main())
'''


def _chain(chain: Chain, *, until: int | None = None) -> dict[str, Any]:
    rows = chain.entries.select_related("body_row").order_by("seq")
    if until is not None:
        rows = rows.filter(seq__lte=until)
    entries = []
    for entry in rows:
        body = entry.body_row
        entries.append(
            {
                "seq": entry.seq, "kind": entry.kind, "actor": entry.actor, "at": instant(entry.at), "refs": entry.refs,
                "prev": entry.prev_hash, "digest": entry.body_digest, "hash": entry.hash,
                "erased": body.erased_at is not None, "salt": body.salt, "body": body.body,
            }
        )  # fmt: skip
    last = entries[-1] if entries else {"seq": 0, "hash": ""}
    length, head = (chain.head_seq, chain.head_hash) if until is None else (last["seq"], last["hash"])
    return {
        "kind": chain.subject_kind,
        "ref": str(chain.subject_ref),
        "length": length,
        "head": head,
        "entries": entries,
    }


def build_bundle(subject: Subject) -> bytes:
    """A zip with the chain of a subject, those that were joined to it as far as they were, and a program that verifies them."""
    chains: list[dict[str, Any]] = []
    chain = Chain.objects.filter(subject_kind=subject.kind, subject_ref=subject.ref).first()
    if chain is not None:
        chains.append(_chain(chain))
        until: dict[str, int] = {}
        for entry in chains[0]["entries"]:
            if "joins" in entry["refs"]:
                until[entry["refs"]["joins"]] = max(until.get(entry["refs"]["joins"], 0), int(entry["refs"]["length"]))
        for joined in Chain.objects.filter(subject_kind="conversation", subject_ref__in=until).order_by("pk"):
            chains.append(_chain(joined, until=until[str(joined.subject_ref)]))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("evidence.json", json.dumps({"chains": chains}, ensure_ascii=False, indent=1))
        bundle.writestr("verify.py", VERIFY)
        bundle.writestr("README.txt", README)
    return out.getvalue()
