"""A turn's statements: numbered lists and several demands on several lines are taken apart, anything else stays whole."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"(?:(?<=^)|(?<=[\s;；。,，!！]))(?:[(（]?([1-9])[)）]|([1-9])\s*[.．、)）]|([①②③④⑤⑥⑦⑧⑨]))\s*")
_CIRCLED = "①②③④⑤⑥⑦⑧⑨"


def split(text: str) -> list[str]:
    """The statements of the text: two or more numbered from 1 upwards, else the whole text."""
    marks = []
    want = 1
    for m in _NUMBER.finditer(text):
        number = int(m.group(1) or m.group(2) or 0) or _CIRCLED.index(m.group(3)) + 1
        decimal = m.group().rstrip().endswith(".") and text[m.end() : m.end() + 1].isdigit()
        if number == want and not (decimal and want < 3):
            marks.append(m)
            want += 1
    if len(marks) < 2:
        return [text]
    parts = [
        text[m.end() : marks[i + 1].start() if i + 1 < len(marks) else len(text)].strip(" \n;；,，")
        for i, m in enumerate(marks)
    ]
    return [p for p in parts if p] if all(len(p) >= 2 for p in parts) else [text]
