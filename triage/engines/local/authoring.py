"""From the hand-written training notes (`triage/data/authoring/*.txt`) to labelled rows (`triage/data/training/*.jsonl`).

A note is a block: a header `@ intent class context topics side kind [mode=…] [after=…]` and one sentence a line below it. Several kinds
may be written, separated by commas. `|| state/need/proof; …` at the end of a line gives the open items, the first being the one
answered unless another bears `*`; `#tag` lines name the trade; `{image,video}` at the end of a sentence are attachments. `<i:words> ` before a sentence is what was
said just before it (side and words), `\\n` in a sentence a line break (a quotation in front). `answers=yes` or `answers=no` in the header
says that the first item is, or is not, answered where the intent alone would say otherwise; `known=0`: the sender is matched to nobody;
`alone=1`: no unrelated item is added. What is said in a public group and asks for an answer is given `public_group` here.
"""

from __future__ import annotations

import json
import random
import re
import zlib
from pathlib import Path
from typing import Any

KINDS = {"p": "private", "cg": "customer_group", "cm": "community_group", "ig": "internal_group", "pg": "partner_group"}
SIDES = {"c": "customer", "i": "internal", "p": "partner", "u": "unknown"}
STATES = {
    "mat": "waiting_customer_material", "req": "requested", "coo": "waiting_contact_coordination", "exe": "waiting_executor",
    "rev": "waiting_internal_review", "par": "waiting_partner_feedback", "con": "waiting_confirmation", "app": "waiting_appointment", "rec": "material_received",
}  # fmt: skip
ROLES = {"par": "fulfillment_partner", "rev": "internal_handler", "rec": "internal_handler", "exe": "actual_executor"}
OTHERS = (
    "par/维修方给出检测结果/none", "par/仓库反馈发货时间/none", "mat/产品照片/image", "mat/发票抬头与税号/text", "app/方便的上门时间/none", "con/是否续费会员/none",
    "con/方案是否同意，请回复/text", "rev/主管审批申请/none", "exe/师傅上门处理/none", "req/按步骤操作后反馈/none", "con/服务后电话回访/none", "par/合作门店回复排期/none",
)  # fmt: skip
ANSWERS = {"provides_material", "confirms_completion", "confirms_appointment", "defers", "declines", "reports_result"}
UNANSWERED = {"acknowledges", "chats", "defers", "declines"}
"""What needs no answer, and so none that many customers would see."""
CJK = re.compile(r"[一-鿿]")
BEFORE = re.compile(r"^<([cipu]):([^>]+)>\s*")


def _wait(spec: str, number: int, rng: random.Random) -> dict[str, Any]:
    state, need, *rest = spec.strip().split("/")
    role = ROLES.get(state, "customer_contact")
    if len(rest) > 1:
        role = {"i": "internal_handler", "p": "fulfillment_partner", "e": "actual_executor", "c": "customer_contact"}[
            rest[1]
        ]
    return {
        "id": f"w{number}",
        "case": f"c{number}",
        "state": STATES[state],
        "on_role": role,
        "need": need,
        "proof": rest[0] if rest and rest[0] else "none",
        "age_minutes": rng.randint(10, 4000),
    }


def default_mode(intent: str, topics: list[str], side: str, kind: str, answered: bool) -> str:
    """The mode that the mature policy gives a row whose author wrote none."""
    if side == "internal":
        return (
            ("review" if topics else "send")
            if intent == "requests_cooperation" and kind == "internal_group"
            else "record"
        )
    if topics:
        return "review"
    if side == "partner":
        if kind != "partner_group":
            return "record"
        sends = intent == "requests_cooperation" or (
            intent in ("reports_result", "confirms_appointment", "confirms_completion") and answered
        )
        return "send" if sends else "record"
    if intent in ("acknowledges", "chats", "defers") or (intent == "declines" and not answered):
        return "record"
    return "review" if intent in ("requests_change", "requests_remedy", "complains") else "send"


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The rows of one file of notes."""
    rows: list[dict[str, Any]] = []
    head: dict[str, Any] = {}
    trade = "general"
    for raw in path.read_text(encoding="utf-8").splitlines():
        line = raw.strip()
        if not line or line.startswith("//"):
            continue
        if line.startswith("#") and " " not in line:
            trade = line[1:]
            continue
        if line.startswith("@ "):
            intent, business, context, topics, side, kinds, *options = line[1:].split()
            head = {
                "intent": intent,
                "b": business,
                "c": context,
                "t": [] if topics == "-" else topics.split("+"),
                "s": SIDES[side],
                "k": kinds.split(","),
            } | dict(o.split("=", 1) for o in options)
            continue
        rng = random.Random(zlib.crc32(line.encode()))
        text, _, spec = line.partition("||")
        text = text.strip()
        previous: list[dict[str, str]] = []
        while before := BEFORE.match(text):
            previous.append({"side": SIDES[before.group(1)], "text": before.group(2).strip()})
            text = text[before.end() :]
        text = text.replace("\\n", "\n")
        attachments: list[str] = []
        if found := re.search(r"\{([a-z,]+)\}$", text):
            attachments, text = found.group(1).split(","), text[: found.start()].strip()
        specs = [p.strip() for p in spec.split(";") if p.strip()]
        waits = [_wait(s.lstrip("*"), i + 1, rng) for i, s in enumerate(specs)]
        which = next((w["id"] for w, s in zip(waits, specs, strict=True) if s.startswith("*")), "w1")
        answered = (
            bool(waits)
            and (head["intent"] in ANSWERS or head.get("answers") == "yes")
            and "case_uncertain" not in head["t"]
            and head.get("answers") != "no"
        )
        if (
            rng.random() < (0.35 if not waits else 0.3)
            and head["k"][0] in ("p", "cg", "pg", "ig")
            and "case_uncertain" not in head["t"]
            and head.get("alone") != "1"
        ):
            taken = {w["state"] for w in waits}
            other = _wait(rng.choice(OTHERS), len(waits) + 1, rng)
            if other["state"] not in taken and (waits or head["intent"] not in ANSWERS):
                waits.append(other)
        kind = KINDS[rng.choice(head["k"])]
        topics = list(head["t"])
        if kind == "community_group" and head["s"] != "internal" and head["intent"] not in UNANSWERED:
            topics = ["public_group", *(t for t in topics if t != "public_group")]
        mode = head.get("mode") or default_mode(head["intent"], topics, head["s"], kind, answered)
        after = head.get("after") or {
            "provides_material": "material_received",
            "confirms_completion": "completed",
            "confirms_appointment": "completed",
            "declines": "cancelled",
            "reports_result": "completed",
        }.get(head["intent"])
        latin = len(re.findall(r"[A-Za-z]{2,}", text))
        rows.append({
            "id": f"{path.stem}-{len(rows) + 1:04d}", "lang": "zh" if CJK.search(text) and latin < 2 else "mixed" if CJK.search(text) else "en" if latin else "zh",
            "industry": trade, "conversation_kind": kind, "sender_side": head["s"], "sender_known": head["s"] != "unknown" and head.get("known") != "0",
            "text": text, "attachments": attachments, "mentions": re.findall(r"@(\S+)", text), "open_waits": waits,
            **({"previous": previous} if previous else {}),
            "expect": {"business_class": head["b"], "service_context": head["c"], "intent": head["intent"], "risk_topics": topics, "mode": mode,
                       "wait": which if answered else None, "wait_state_after": None if after == "none" or not answered else after},
        })  # fmt: skip
    return rows


def build(source: Path, target: Path) -> int:
    """Write every note file as labelled rows; returns the number of rows."""
    total = 0
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.glob("*.txt")):
        rows = rows_of(path)
        total += len(rows)
        (target / f"{path.stem}.jsonl").write_text(
            "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8"
        )
    return total
