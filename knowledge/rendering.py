"""What a version says, as it is read: its words, with what configuration decides filled in.

What customers read is knowledge and never comes from the program's catalogue: a version speaks the language in which it was written, whoever renders it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cases.models import ServiceFlow
from knowledge.models import KnowledgeKind, KnowledgeVersion

PLACE = re.compile(r"\{(name|materials|proof|due:[a-z_]+)\}")
ZH, EN = "zh", "en"
#: The few words that join what the configuration says, and what a new item about a flow begins with; by language.
_WORDS: Mapping[str, Mapping[str, str]] = {
    ZH: {
        "days": "{}天", "hours": "{}小时", "minutes": "{}分钟", "and": "、", "with": "{}（{}）", "none": "无需凭证", "image": "照片或视频",
        "text": "文字说明", "file": "文件", "system_record": "系统记录", "material_list": "办理{name}，请您提供：{materials}。",
        "service_flow": "{name}：请您准备{materials}。", "service_flow_plain": "{name}",
    },
    EN: {
        "days": "{} days", "hours": "{} hours", "minutes": "{} minutes", "and": ", ", "with": "{} ({})", "none": "no proof",
        "image": "a photo or video", "text": "a few words", "file": "a file", "system_record": "a record in our system",
        "material_list": "For {name}, please send: {materials}.", "service_flow": "{name}: please have {materials} ready.",
        "service_flow_plain": "{name}",
    },
}  # fmt: skip


def language_of(text: str, *, default: str = ZH) -> str:
    """The language in which a text is written: ``zh`` with any Chinese character, ``en`` with none but letters."""
    if re.search(r"[\u3400-\u9fff]", text):
        return ZH
    return EN if re.search(r"[A-Za-z]{2}", PLACE.sub("", text)) else default


def beginning(kind: str, *, language: str, materials: bool = True) -> str:
    """What the text of a new item about a flow begins with, "" for kinds that begin empty."""
    key = kind if materials or kind != KnowledgeKind.SERVICE_FLOW else "service_flow_plain"
    return _WORDS[language].get(key, "") if kind in (KnowledgeKind.MATERIAL_LIST, KnowledgeKind.SERVICE_FLOW) else ""


def _span(minutes: int, words: Mapping[str, str]) -> str:
    if minutes % 1440 == 0:
        return words["days"].format(minutes // 1440)
    if minutes % 60 == 0:
        return words["hours"].format(minutes // 60)
    return words["minutes"].format(minutes)


def _materials(flow: ServiceFlow, words: Mapping[str, str]) -> str:
    lines = []
    for row in flow.materials.all():
        name = f"{row.name} ×{row.count}" if row.count > 1 else row.name
        lines.append(words["with"].format(name, row.instructions) if row.instructions else name)
    return words["and"].join(lines)


def _filled(text: str, flow: ServiceFlow | None, words: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        if flow is None:
            return ""
        place = match.group(1)
        if place == "name":
            return flow.name
        if place == "materials":
            return _materials(flow, words)
        if place == "proof":
            return words.get(flow.completion_proof, flow.completion_proof)
        rule = next((one for one in flow.due_rules.all() if one.state == place[4:]), None)
        return _span(rule.minutes, words) if rule else ""

    return PLACE.sub(value, text)


def answer_text(version: KnowledgeVersion, *, language: str = "") -> str:
    """The words of a version as an answer to a customer, with what its flow decides filled in.

    :param language: ``zh`` or ``en``; decides only where the version has no words of its own. They speak their own language.
    """
    text = version.body.strip()
    if text and not PLACE.search(text):
        return text
    flow = version.item.flow
    if text:
        return _filled(text, flow, _WORDS[language_of(text, default=language or ZH)]).strip()
    if flow is None:
        return ""
    language = language or language_of(f"{version.title}{flow.name}")
    return _filled(
        beginning(version.kind, language=language, materials=bool(list(flow.materials.all()))) or flow.name, flow, _WORDS[language]
    )  # fmt: skip


def field_texts(fields: dict[str, Any]) -> list[str]:
    """The values of a version's fields as texts."""
    found = []
    for value in fields.values():
        found += [str(one) for one in value] if isinstance(value, list) else [str(value)]
    return [one for one in found if one]


def searched_texts(version: KnowledgeVersion) -> tuple[str, str]:
    """What the search looks at: how customers ask for it (title, other questions, products), and what it says."""
    asked = "\n".join([version.title, *map(str, version.questions), *map(str, version.products)])
    return asked, "\n".join([answer_text(version), *field_texts(version.fields)])
