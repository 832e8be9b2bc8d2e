"""What a version says, as it is read: words with what configuration decides filled in."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _

from cases.models import ServiceFlow
from knowledge.models import KnowledgeKind, KnowledgeVersion

PLACE = re.compile(r"\{(name|materials|proof|due:[a-z_]+)\}")


def _span(minutes: int) -> str:
    if minutes % 1440 == 0:
        return _("%(count)d days") % {"count": minutes // 1440}
    if minutes % 60 == 0:
        return _("%(count)d hours") % {"count": minutes // 60}
    return _("%(count)d minutes") % {"count": minutes}


def _materials(flow: ServiceFlow) -> str:
    lines = []
    for row in flow.materials.all():
        many = f" ×{row.count}" if row.count > 1 else ""
        lines.append(f"{row.name}{many}" + (f"（{row.instructions}）" if row.instructions else ""))
    return "、".join(lines)


def _filled(text: str, flow: ServiceFlow | None) -> str:
    def words(match: re.Match[str]) -> str:
        if flow is None:
            return ""
        place = match.group(1)
        if place == "name":
            return flow.name
        if place == "materials":
            return _materials(flow)
        if place == "proof":
            return str(flow.get_completion_proof_display())
        rule = next((one for one in flow.due_rules.all() if one.state == place[4:]), None)
        return _span(rule.minutes) if rule else ""

    return PLACE.sub(words, text)


def answer_text(version: KnowledgeVersion) -> str:
    """The words of a version as an answer to a customer, with what its flow decides filled in."""
    text = version.body.strip()
    flow = version.item.flow if (PLACE.search(text) or not text) else None
    if text:
        return _filled(text, flow).strip() if flow or PLACE.search(text) else text
    if flow is None:
        return ""
    if version.kind == KnowledgeKind.MATERIAL_LIST:
        return _filled(
            _("For %(flow)s please send: %(materials)s.") % {"flow": flow.name, "materials": "{materials}"}, flow
        )
    materials = _materials(flow)
    parts = [flow.name]
    if materials:
        parts.append(_("needed: %(materials)s") % {"materials": materials})
    return "，".join(parts)


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
