"""Finding what may be said: published, in-date versions that answer a question."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from foundation.remembering import Remembered
from knowledge.models import ANSWERING_KINDS, KnowledgeKind, KnowledgeState, KnowledgeVersion

_STOP_BIGRAMS = frozenset(
    [
        "我们",
        "你们",
        "这个",
        "那个",
        "什么",
        "怎么",
        "可以",
        "能不",
        "不能",
        "还有",
        "现在",
        "一下",
        "请问",
        "上次",
        "有没",
        "没有",
        "多久",
        "多少",
        "是不",
        "的话",
        "如果",
        "你好",
        "了吗",
        "的吗",
        "我的",
        "你的",
    ]
)
_STOP_WORDS = frozenset(
    [
        "the",
        "and",
        "for",
        "how",
        "long",
        "does",
        "what",
        "is",
        "are",
        "was",
        "can",
        "could",
        "would",
        "will",
        "it",
        "its",
        "once",
        "that",
        "this",
        "with",
        "you",
        "your",
        "my",
        "our",
        "hey",
        "hi",
        "do",
        "did",
        "in",
        "on",
        "of",
        "to",
        "be",
        "have",
        "has",
        "there",
        "which",
        "when",
        "where",
        "who",
        "why",
        "any",
        "some",
        "from",
        "does",
    ]
)


@dataclass(frozen=True)
class Hit:
    """A version that answers, with how much of the question it covers (0..1)."""

    version: KnowledgeVersion
    score: float


def terms(text: str) -> set[str]:
    """What a text is about: pairs of Chinese characters and stemmed Latin words that carry meaning."""
    plain = unicodedata.normalize("NFKC", text).lower()
    found: set[str] = set()
    for word in re.findall(r"[a-z]+\d*|\d+[a-z]+|\d{2,}", plain):
        stemmed = re.sub(r"(ing|ed|s)$", "", word) if len(word) > 4 else word
        if word not in _STOP_WORDS and (len(word) > 1 or word in "cx"):
            found.add(stemmed)
    for run in re.findall(r"[\u4e00-\u9fff]+", plain):
        found.update(run[i : i + 2] for i in range(len(run) - 1))
    return found - _STOP_BIGRAMS


def search(question: str, *, at: datetime, limit: int = 3) -> list[Hit]:
    """Published versions in force at `at` that answer a question, best first. Empty where none covers enough of it."""
    asked = terms(question)
    if not asked:
        return []
    hits = []
    for version in KnowledgeVersion.objects.in_force(at=at).filter(kind__in=ANSWERING_KINDS).select_related("item"):
        shared = asked & terms(f"{version.title} {version.body}")
        in_title = asked & terms(version.title)
        coverage = len(shared) / len(asked)
        if len(shared) + 0.5 * len(in_title) >= 2 and coverage >= 0.25:
            hits.append(Hit(version, coverage + 0.2 * len(in_title) / len(asked)))
    return sorted(hits, key=lambda hit: -hit.score)[:limit]


_QUOTED = re.compile(r"[“\"「']([^”\"」']{2,20})[”\"」']")


def _published_forbidden() -> list[KnowledgeVersion]:
    return list(
        KnowledgeVersion.objects.filter(kind=KnowledgeKind.FORBIDDEN_COMMITMENT, state=KnowledgeState.PUBLISHED)
    )


_forbidden = Remembered(_published_forbidden, seconds=5)
_forbidden.forget_on_change(KnowledgeVersion)


def forbidden_phrases(*, at: datetime) -> list[str]:
    """Phrases that no text may promise: what published `forbidden_commitment` items put in quotation marks, or name after “promise”."""
    phrases: list[str] = []
    for version in _forbidden():
        if not version.is_in_force(at=at):
            continue
        quoted = _QUOTED.findall(version.body)
        phrases += quoted
        if not quoted:
            match = re.search(r"never promise (.+?)(?: in | to |\.|$)", version.body, re.I)
            if match:
                phrases += [
                    re.sub(r"^(an?|the)\s+", "", part.strip())
                    for part in re.split(r",| or ", match.group(1))
                    if part.strip()
                ]
    return phrases


def answer_text(version: KnowledgeVersion) -> str:
    """The words of a version as an answer."""
    return version.body.strip()
