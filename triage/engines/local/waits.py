"""Which open item a statement answers: by who owes it, what was asked, what was sent, what is named; never by recency."""

from __future__ import annotations

import re

from triage.engines.base import Turn, WaitView
from triage.engines.local.features import overlap, shared_characters
from triage.engines.local.lexicons import lexicon

_FITS: dict[str, dict[str, float]] = {
    "provides_material": {"waiting_customer_material": 2.0, "requested": 1.0, "waiting_contact_coordination": 0.9, "waiting_confirmation": 0.7, "waiting_executor": 0.6},
    "confirms_completion": {"requested": 2.0, "waiting_executor": 1.8, "waiting_contact_coordination": 1.8, "waiting_confirmation": 1.6, "waiting_customer_material": 0.8},
    "confirms_appointment": {"waiting_appointment": 2.2, "waiting_executor": 1.2, "waiting_confirmation": 1.1, "waiting_partner_feedback": 0.4},
    "defers": {"waiting_customer_material": 1.8, "requested": 1.8, "waiting_confirmation": 1.7, "waiting_appointment": 1.7, "waiting_contact_coordination": 1.9, "waiting_executor": 1.2},
    "declines": {"waiting_confirmation": 1.9, "waiting_appointment": 1.9, "waiting_internal_review": 1.1, "requested": 1.2, "waiting_executor": 1.2, "waiting_customer_material": 1.1, "waiting_partner_feedback": 1.0},
}  # fmt: skip
_STAFF_FITS: dict[str, dict[str, float]] = {
    "reports_result": {"waiting_partner_feedback": 2.0, "waiting_internal_review": 2.0, "requested": 1.8, "material_received": 2.0, "waiting_executor": 1.0},
    "provides_material": {"waiting_partner_feedback": 2.0, "requested": 1.5, "waiting_customer_material": 1.0},
    "confirms_appointment": {"waiting_partner_feedback": 2.0, "waiting_appointment": 1.6, "requested": 1.2},
    "confirms_completion": {"waiting_partner_feedback": 2.0, "waiting_executor": 1.6, "requested": 1.8, "waiting_internal_review": 1.6},
    "defers": {"waiting_partner_feedback": 2.0, "waiting_internal_review": 1.8, "requested": 1.6},
    "declines": {"waiting_partner_feedback": 1.0, "waiting_internal_review": 1.6, "requested": 1.2},
}  # fmt: skip
_CODE = re.compile(r"[A-Za-z]*\d[A-Za-z0-9\-]{2,}|\d{3,}|\b[A-Z]\d\b")
_WANTS_CODE = re.compile(r"号|编号|码|日期|尺寸|身高|体重|数据|number|serial|model|code|size|规格|面积|金额|几")
_WANTS_PICTURE = re.compile(r"照|拍|图|视频|录|photo|picture|video|screenshot|截|扫描|凭证|证明|单据")
_WANTS_NUMBERED = re.compile(r"[A-Za-z]{1,5}-?\d{2,}|\d{3,}")
_YES_NO = re.compile(r"是否|确认|同意|接受|行不行|要不要|续|confirm|whether|accept")


def candidates(turn: Turn) -> list[WaitView]:
    """The items that somebody of the sender's side owes."""
    if turn.sender_side in ("customer", "unknown"):
        return [
            w for w in turn.open_waits if w.on_role in ("customer_contact", "actual_executor", "unknown", "customer")
        ]
    if turn.sender_side == "partner":
        return [
            w for w in turn.open_waits if w.on_role in ("fulfillment_partner", "actual_executor", "unknown", "partner")
        ]
    return [w for w in turn.open_waits if w.on_role in ("internal_handler", "unknown", "internal")]


def score(wait: WaitView, intent: str, text: str, turn: Turn) -> float:
    """How well the item fits what was said; 0 where it cannot."""
    table = _FITS if turn.sender_side in ("customer", "unknown") else _STAFF_FITS
    base = table.get(intent, {}).get(wait.state, 0.0)
    if not base:
        return 0.0
    pictures = any(a in ("image", "video", "file") for a in turn.attachments)
    total = base + min(overlap(wait.need, text), 3) * 0.45
    total += min(shared_characters(wait.need, text), 4) * 0.13
    if re.search(r"另(一|外)|another|the other", wait.need) and not re.search(r"另|other", text):
        total -= 0.5
    for name in (wait.case_label, *wait.aliases):
        if name and name in text:
            total += 2.5
            break
    named = {m.lower() for m in _WANTS_NUMBERED.findall(text)}
    numbers = {m.lower() for m in _WANTS_NUMBERED.findall(wait.need + " " + wait.case_label)}
    if named & numbers:
        total += 2.0
    if intent in ("provides_material", "confirms_completion"):
        if pictures:
            total += 0.7 if wait.proof in ("image", "file") or _WANTS_PICTURE.search(wait.need) else -0.4
        elif intent == "provides_material":
            total += 0.5 if wait.proof == "text" else (-0.6 if wait.proof == "image" else 0.0)
            if _CODE.search(text) and _WANTS_CODE.search(wait.need):
                total += 0.6
    if intent == "confirms_appointment" and _YES_NO.search(wait.need) and wait.state == "waiting_confirmation":
        total -= 0.2
    if intent in ("declines", "defers"):
        if lexicon().need["callback"].search(wait.need) and re.search(r"回访|电话|call", text):
            total += 0.8
        if re.search(r"拍|照|图|发你|photo|pic|send", text) and _WANTS_PICTURE.search(wait.need):
            total += 0.7
        if re.search(r"续|会员", text) and lexicon().need["renewal"].search(wait.need):
            total += 0.7
    return max(total, 0.0)


def choose(intent: str, text: str, turn: Turn) -> tuple[WaitView | None, float, bool]:
    """The item answered, how sure, and whether two fit about equally."""
    ranked = sorted(
        ((score(w, intent, text, turn), w) for w in candidates(turn)), key=lambda p: (-p[0], -p[1].age_minutes)
    )
    ranked = [p for p in ranked if p[0] > 0.35]
    if not ranked:
        return None, 0.9, False
    top = ranked[0][0]
    second = ranked[1][0] if len(ranked) > 1 else 0.0
    margin = top - second
    confidence = min(0.99, 0.5 + 0.35 * margin) if second else min(0.98, 0.6 + 0.18 * top)
    return ranked[0][1], confidence, bool(second) and margin < 0.12
