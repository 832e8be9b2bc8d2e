"""What ships of the rules about texts: a readable file of patterns, with what denies them and what they hold for. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from foundation.patterns import mixed

FILE = Path(__file__).parent / "data" / "pack.yaml"
#: What denies, forbids or warns of the words that stand right after it in the same clause.
_DENIES = re.compile(
    r"(?:(?:请勿|切勿|勿|不要|别|不得|禁止|严禁|谨防|警惕|小心|防止|拒绝|杜绝|不能|无法|没法|不可|不会|不敢|不支持|不存在|不允许|不允|不可以|没有|没|从不|从未|并非|不是|不属于|不承诺|不保证|不具有?|不含|不做|不涉及|不宜|如果有人|若有人|如有人|凡是)"
    r"[^。，,！!？?；;\n]{0,14}|[不无非勿别没]|"
    r"(?:^|[^a-z])(?:do not|don't|does not|doesn't|never|cannot|can't|not|no|without|beware of|we don't|isn't|aren't|won't)\b[^.,!?;\n]{0,30})$",
    re.IGNORECASE,
)
#: What says so right behind them.
_DENIED_AFTER = re.compile(
    r"^[^。！!？?\n]{0,10}(?:都?是?(?:不允许|违规|违反|违法|骗|诈骗|假的|不合规)|的?(?:行为|情况|要求)[^。！!？?\n]{0,6}(?:投诉|举报|告诉我们|联系我们|拒绝)|都?(?:请拒绝|不要(?:信|相信|理)|请勿))"
)
#: Wide letters and digits as they are mostly typed; punctuation stays, so that what is found stands in the text.
_WIDE = {
    code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B), 0xFF05)
}
#: Spaces that break a Chinese word up.
_BROKEN_UP = re.compile(r"(?<=[\u4e00-\u9fff])[ \t]+(?=[\u4e00-\u9fff])")


def _compile(patterns: list[str]) -> re.Pattern[str] | None:
    return mixed(*patterns) if patterns else None


def _plain(text: str) -> str:
    """Words as they are compared with what a source says: without spaces, wide as narrow, lower case."""
    return re.sub(r"\s+", "", text.translate(_WIDE)).lower()


@dataclass(frozen=True)
class PackRule:
    """One rule of the pack: `code` is that of the reason, the rest as the file says (`stated`: what a cited source says may be said)."""

    name: str
    code: str
    hit: re.Pattern[str]
    unless: re.Pattern[str] | None
    about: re.Pattern[str] | None
    denied: bool
    inside: bool
    stated: bool = False

    def found_in(self, text: str, *, matter: str = "", sources: Iterable[str] = ()) -> str:
        """The words of a text that break the rule, "" if none do.

        :param matter: what the text belongs to, in words (title, flow, the message that it answers).
        :param sources: what the published sources that it cites say.
        """
        if self.about is not None and not (self.about.search(text) or self.about.search(matter)):
            return ""
        stretches = [match.span() for match in self.unless.finditer(text)] if self.unless else []
        said = [_plain(source) for source in sources] if self.stated else []
        for match in self.hit.finditer(text):
            start, end = match.span()
            if any(_plain(match.group(0)) in source for source in said):
                continue
            if any(start < until and since < end for since, until in stretches):
                continue
            if self.denied and (_DENIES.search(text[:start]) or _DENIED_AFTER.search(text[end:])):
                continue
            return match.group(0)
        return ""


def _rule(name: str, raw: dict[str, Any]) -> PackRule:
    hit = _compile(raw["hit"])
    assert hit is not None
    return PackRule(
        name, raw["code"], hit, _compile(raw.get("unless", [])), _compile(raw.get("about", [])), bool(raw.get("denied")), bool(raw.get("inside")),
        bool(raw.get("stated")),
    )  # fmt: skip


@lru_cache(maxsize=1)
def rules() -> dict[str, PackRule]:
    """The rules by name, read and compiled at first use."""
    loaded = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {name: _rule(name, raw) for name, raw in loaded.items()}


def found(
    text: str, *, matter: str = "", inside: bool = False, sources: Iterable[str] = ()
) -> list[tuple[PackRule, str]]:
    """The rules that a text breaks, each with the words that break it.

    :param inside: our own people read it. :param sources: what the published sources that it cites say.
    """
    sources = tuple(sources)
    text = _BROKEN_UP.sub("", text.translate(_WIDE))
    hits = (
        (rule, rule.found_in(text, matter=matter, sources=sources))
        for rule in rules().values()
        if not (inside and rule.inside)
    )
    return [(rule, words) for rule, words in hits if words]
