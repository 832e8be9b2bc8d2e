"""Things named in a text: order numbers, phones, amounts, parcels, plates, addresses of the net."""

from __future__ import annotations

import re

from triage.engines.base import Entity

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("url", re.compile(r"https?://\S+|www\.\S+", re.I)),
    ("email", re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")),
    ("id_card", re.compile(r"(?<!\d)\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?!\d)")),
    ("tracking", re.compile(r"(?<![A-Za-z0-9])(?:SF|YT|ZTO|STO|YD|JD|JT|EMS|DPK|JDV|YTO|DB|TT|UPS|1Z)[A-Z]{0,3}\d{6,15}(?![0-9])", re.I)),
    ("phone", re.compile(r"(?<!\d)1[3-9]\d[\s-]?[\dxX*]{4}[\s-]?\d{4}(?!\d)|(?<!\d)0\d{2,3}-\d{7,8}(?!\d)|(?<!\d)400[\s-]?\d{3,4}[\s-]?\d{3,4}(?!\d)|\+\d{1,3}[\s-]?\d{6,12}")),
    ("plate", re.compile(r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·\s]?[A-HJ-NP-Z0-9]{5,6}")),
    ("amount", re.compile(r"[¥￥$€£]\s*\d[\d,]*(?:\.\d+)?|\d[\d,]*(?:\.\d+)?\s*(?:元|块钱?|万元?|刀|rmb|usd|cny|dollars?|yuan|bucks?)", re.I)),
    ("order", re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,5}-?\d{2,}(?:-\d+)*(?![A-Za-z0-9])|(?<![\d-])\d{2,6}-\d{3,}(?:-\d+)*(?![\d-])|(?<!\d)\d{8,18}(?!\d)|(?:尾号|ends?(?: in)?|ending)\s*\d{3,6}", re.I)),
    ("order", re.compile(r"(?:单号|订单号?|工单|order(?: no\.?)?|ticket|#)\s*[:：#]?\s*([A-Z0-9][A-Z0-9-]{2,20})", re.I)),
)  # fmt: skip


def find(text: str) -> tuple[Entity, ...]:
    """All entities, in order of place; an earlier pattern keeps its stretch."""
    found: list[Entity] = []
    for kind, pattern in _PATTERNS:
        for m in pattern.finditer(text):
            start, end = m.span(1) if m.re.groups else m.span()
            if not any(start < e.end and e.start < end for e in found) and any(
                c.isdigit() or kind in ("url", "email") for c in text[start:end]
            ):
                found.append(Entity(kind, text[start:end], start, end))
    return tuple(sorted(found, key=lambda e: e.start))
