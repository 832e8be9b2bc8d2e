"""What the gate reads: forbidden commitments, brand rules and platform rules that are in force."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from foundation.remembering import Remembered
from knowledge.channels import holds_in
from knowledge.kinds import compile_pattern
from knowledge.models import KnowledgeKind, KnowledgeVersion

RULE_KINDS = (KnowledgeKind.FORBIDDEN_COMMITMENT, KnowledgeKind.BRAND_RULE, KnowledgeKind.PLATFORM_RULE)
_QUOTED = re.compile(r"[“\"「']([^”\"」']{2,20})[”\"」']")


@dataclass(frozen=True)
class TextRule:
    """A published rule about what texts may not say.

    :param phrases: plain phrases. :param patterns: compiled patterns, those of the phrases included.
    :param channels: where it holds; empty means everywhere.
    """

    version_id: int
    public_id: str
    kind: str
    title: str
    phrases: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]
    channels: tuple[str, ...]

    def found_in(self, text: str) -> str:
        """The words of a text that break the rule, "" if none do."""
        for pattern in self.patterns:
            match = pattern.search(text)
            if match:
                return match.group(0)
        return ""


def _phrases(body: str) -> list[str]:
    """Phrases that a text puts in quotation marks, or names after “promise”."""
    quoted = _QUOTED.findall(body)
    if quoted:
        return list(quoted)
    match = re.search(r"never promise (.+?)(?: in | to |\.|$)", body, re.I)
    if not match:
        return []
    parts = re.split(r",| or ", match.group(1))
    return [re.sub(r"^(an?|the)\s+", "", part.strip()) for part in parts if part.strip()]


def _load() -> tuple[TextRule, ...]:
    rows = KnowledgeVersion.objects.published().filter(kind__in=RULE_KINDS).order_by("item_id")
    rules = []
    for row in rows:
        given = [str(one).strip() for one in row.fields.get("patterns") or [] if str(one).strip()]
        plain = [one for one in given if not (len(one) > 2 and one.startswith("/") and one.endswith("/"))]
        if not given and row.kind == KnowledgeKind.FORBIDDEN_COMMITMENT:
            given = plain = _phrases(row.body)
        patterns = tuple(compile_pattern(one) for one in given)
        rules.append(
            TextRule(
                row.pk, str(row.public_id), row.kind, row.title, tuple(plain), patterns, tuple(map(str, row.channels))
            )
        )
    return tuple(rules)


#: Kinds that hold rules have no dates, so what is remembered does not depend on the instant.
_remembered = Remembered(_load, seconds=5)
_remembered.forget_on_change(KnowledgeVersion)


def text_rules(*, at: datetime, kind: str = "", channels: Collection[str] = ()) -> list[TextRule]:
    """The rules that are in force, for one kind or all, as far as they hold in one of these channels (none given: in any)."""
    return [rule for rule in _remembered() if (not kind or rule.kind == kind) and holds_in(rule.channels, channels)]


def forbidden_phrases(*, at: datetime) -> list[str]:
    """Phrases that no text may promise, from published `forbidden_commitment` items.

    Their patterns that are plain phrases; where an item has none, what its text puts in quotation marks, or names after “promise”.
    """
    return [phrase for rule in text_rules(at=at, kind=KnowledgeKind.FORBIDDEN_COMMITMENT) for phrase in rule.phrases]


def broken_rules(text: str, *, at: datetime, channel: str = "") -> list[tuple[TextRule, str]]:
    """The rules that a text breaks, with the words that break them."""
    found = ((rule, rule.found_in(text)) for rule in text_rules(at=at, channels=[channel] if channel else []))
    return [(rule, words) for rule, words in found if words]
