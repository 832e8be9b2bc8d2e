"""Finding what may be said: published versions in force at an instant that answer a question and apply to who asks, best first."""

from __future__ import annotations

import difflib
import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import QuerySet

from cases.models import ServiceFlow
from knowledge.index import BLOCK, BLOCK_BITS, SCALE, decode
from knowledge.models import ANSWERING_KINDS, Audience, IndexPostings, IndexState, KnowledgeVersion
from knowledge.rendering import answer_text, searched_texts
from knowledge.rules import forbidden_phrases
from knowledge.text import FAMILIES, concepts, content, covered_by_concepts, normalise, terms

__all__ = ["Applies", "Hit", "answer_text", "find", "forbidden_phrases", "search"]

#: How many of the best by terms are looked at closely.
CLOSE = 40
#: Share of the question that has to be covered before a version counts as an answer.
ENOUGH = 0.25
_SENTENCES = re.compile(r"[。！？；;!?\n]+")
#: What a kind of question wants to find in its answer: small, but it decides between two sentences about the same thing.
_WANTED = (
    (re.compile("多久|几天|什么时候|何时|多长|期限|how long|when"),
     re.compile(r"[\d一二三四五六七八九十两]\s*个?(工作日|天|日|小时|分钟|个月|月|年|周|days?|hours?|months?|years?|weeks?)")),
    (re.compile("多少钱|费用|金额|手续费|价格|上限|下限|额度|收费|how much|cost|fee"), re.compile(r"\d\s*[元万%块]|免费|免收|[¥$￥]|free")),
    (re.compile("电话|热线|专线|怎么联系|phone|contact"), re.compile(r"\d{3,4}[-) ]\d{3,}|1\d{10}")),
    (re.compile("吗|是否|能不能|可不可以|需不需要|可否"), re.compile("可以|不可|不能|无法|需要|不需|支持|没有|不会")),
    (re.compile("怎么|如何|怎样|步骤|流程|how"), re.compile("请|点击|点选|登录|打开|进入|步骤|先|然后|通过|click|open|press")),
    (re.compile("为什么|为何|原因|why"), re.compile("因为|由于|原因|为了|because|due to")),
)  # fmt: skip


@dataclass(frozen=True)
class Applies:
    """For whom and where an answer is wanted. What is not given does not narrow.

    :param audience: who will read it; somebody of the audience ``customer`` may read what is for customers and for everybody.
    """

    flow: ServiceFlow | None = None
    product: str = ""
    channel: str = ""
    audience: str = Audience.CUSTOMER


@dataclass(frozen=True)
class Hit:
    """A version that answers.

    :ivar score: how much of the question it covers (0..1, a little more where its title does).
    :ivar rank: what hits are sorted by; compares within one search only.
    """

    version: KnowledgeVersion
    score: float
    rank: float = 0.0


@dataclass
class _Asked:
    """A question, taken apart."""

    text: str
    weights: dict[str, float] = field(default_factory=dict)
    content: set[str] = field(default_factory=set)
    concepts: set[str] = field(default_factory=set)


def _readers(audience: str) -> list[str]:
    if audience == Audience.INTERNAL:
        return list(Audience.values)
    if audience == Audience.MEMBER:
        return [Audience.EVERYBODY, Audience.CUSTOMER, Audience.MEMBER]
    return [Audience.EVERYBODY, audience]


def _near(word: str) -> list[str]:
    """Indexed Latin words that are spelt nearly like one that is not indexed (warrenty → warranty)."""
    start = f"w:{word[:2]}"
    known = IndexPostings.objects.filter(term__gte=start, term__lt=f"{start}\uffff").values_list("term", flat=True)
    return difflib.get_close_matches(f"w:{word}", set(known[:4000]), n=2, cutoff=0.82)


def _rows(asked: Iterable[str]) -> defaultdict[str, list[tuple[int, bytes]]]:
    found: defaultdict[str, list[tuple[int, bytes]]] = defaultdict(list)
    rows = IndexPostings.objects.filter(term__in=list(asked)).values_list("term", "block", "postings")
    for term, block, postings in rows:
        found[term].append((block, bytes(postings)))
    return found


def _scored(asked: _Asked) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Items that share a term with the question, best first, with their scores."""
    wanted = sorted(set(terms(asked.text)))[:400]
    state = IndexState.objects.filter(pk=1).values_list("items", flat=True).first()
    if not wanted or not state:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    rows = _rows(wanted)
    for term in wanted:
        if term not in rows and term.startswith("w:") and term[2:].isascii() and term[2:].isalpha() and len(term) > 6:
            for near in _near(term[2:]):
                rows.update(_rows([near]))
    scores: dict[int, np.ndarray[Any, Any]] = {}
    for term, blocks in rows.items():
        held = sum(len(postings) for _block, postings in blocks) // 3
        rarity = FAMILIES[term[0]] * math.log(1 + (state - held + 0.5) / (held + 0.5))
        asked.weights[term] = rarity
        for block, postings in blocks:
            offsets, weights = decode(postings)
            if block not in scores:
                scores[block] = np.zeros(BLOCK, np.float32)
            scores[block][offsets] += weights * np.float32(rarity / SCALE)
    keys, values = [], []
    for block, array in scores.items():
        hits = np.flatnonzero(array)
        keys.append(hits + (block << BLOCK_BITS))
        values.append(array[hits])
    if not keys:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    items, found = np.concatenate(keys), np.concatenate(values)
    if len(items) > 5000:
        best = np.argpartition(-found, 5000)[:5000]
        items, found = items[best], found[best]
    order = np.lexsort((items, -found))
    return items[order], found[order]


def _applies(version: KnowledgeVersion, to: Applies) -> bool:
    if to.product and version.products:
        product = normalise(to.product)
        if not any(normalise(str(one)) in product or product in normalise(str(one)) for one in version.products):
            return False
    if to.channel and version.channels and to.channel not in version.channels:
        return False
    return to.flow is None or version.item.flow_id in (None, to.flow.pk)


def _candidates(
    asked: _Asked, *, at: datetime, kinds: Collection[str], to: Applies, wanted: int
) -> list[tuple[KnowledgeVersion, float]]:
    items, scores = _scored(asked)
    found: list[tuple[KnowledgeVersion, float]] = []
    rows: QuerySet[KnowledgeVersion] = (
        KnowledgeVersion.objects.in_force(at=at).filter(audience__in=_readers(to.audience)).select_related("item__flow")
    )
    start, size = 0, wanted + 20
    while start < len(items) and len(found) < wanted:
        part = items[start : start + size].tolist()
        by_item = {row.item_id: row for row in rows.filter(item_id__in=part)}
        for place, item in enumerate(part):
            version = by_item.get(item)
            # The kind is looked at here: in SQL it would tempt SQLite into reading every item of the kind.
            if version is not None and version.kind in kinds and _applies(version, to):
                found.append((version, float(scores[start + place])))
        start, size = start + size, 500
    return found[:wanted]


def _closeness(asked: _Asked, version: KnowledgeVersion, score: float, best: float) -> float:
    """How well a candidate fits when it is read: its terms, how much of the question it holds, its best sentence, the kind of answer."""
    title, said = searched_texts(version)
    said = said[:1500]
    mass = sum(asked.weights.values()) or 1.0
    light = {term: weight for term, weight in asked.weights.items() if term[0] in "bu"}
    light_mass = sum(light.values()) or 1.0
    mean = light_mass / (len(light) or 1)
    text = normalise(f"{title}\n{said}")
    held = sum(weight for term, weight in asked.weights.items() if term[0] == "c" or term[2:] in text) / mass
    sentence_best = 0.0
    for sentence in _SENTENCES.split(text):
        if sentence:
            shared = sum(weight for term, weight in light.items() if term[2:] in sentence)
            sentence_best = max(sentence_best, shared / (light_mass + 0.5 * mean * min(len(sentence), 80)))
    plain = normalise(asked.text)
    wanted = [answer for question, answer in _WANTED if question.search(plain)]
    fits = sum(bool(answer.search(text)) for answer in wanted) / len(wanted) if wanted else 0.0
    named = any(len(str(one)) > 1 and normalise(str(one)) in plain for one in version.products)
    return 5.0 * score / (best or 1.0) + 2.0 * held + 1.5 * sentence_best + 0.6 * fits + 0.8 * named


def _coverage(asked: _Asked, version: KnowledgeVersion) -> tuple[float, bool]:
    """How much of the question a version covers, and whether that is enough to be an answer."""
    title, said = searched_texts(version)
    text = f"{title}\n{said}"
    held = asked.content & content(text)
    named = asked.content & content(title)
    same = asked.concepts & concepts(text)
    if same:
        hidden = covered_by_concepts(asked.content, asked.text, same)
        held |= hidden
        named |= (
            covered_by_concepts(asked.content, asked.text, asked.concepts & concepts(title))
            if named or hidden
            else set()
        )
    if not asked.content:
        return 0.0, False
    share = len(held) / len(asked.content)
    return share + 0.2 * len(named) / len(asked.content), len(held) + 0.5 * len(named) >= 2 and share >= ENOUGH


def find(
    question: str,
    *,
    at: datetime,
    kinds: Collection[str] = ANSWERING_KINDS,
    applies: Applies | None = None,
    limit: int = 10,
) -> list[Hit]:
    """What comes nearest to a question, best first, whether or not it answers it; for editors, similar items and measuring."""
    asked = _Asked(question[:2000])
    found = _candidates(asked, at=at, kinds=kinds, to=applies or Applies(), wanted=max(CLOSE, limit))
    if not found:
        return []
    best = found[0][1]
    ranked = sorted(
        ((_closeness(asked, version, score, best), version) for version, score in found[:CLOSE]),
        key=lambda pair: (-pair[0], pair[1].item_id),
    )
    hits = [Hit(version, min(rank / 9.9, 1.0), rank) for rank, version in ranked]
    hits += [Hit(version, 0.0, 0.0) for version, _score in found[CLOSE:]]
    return hits[:limit]


def search(
    question: str,
    *,
    at: datetime,
    limit: int = 3,
    kinds: Collection[str] = ANSWERING_KINDS,
    flow: ServiceFlow | None = None,
    product: str = "",
    channel: str = "",
    audience: str = Audience.CUSTOMER,
) -> list[Hit]:
    """Published versions in force at `at` that answer a question and apply to who asks, best first.

    Empty where none covers enough of the question: then nobody may be answered from knowledge.
    """
    asked = _Asked(question[:2000])
    asked.content, asked.concepts = content(asked.text), concepts(asked.text)
    if not asked.content:
        return []
    hits = []
    to = Applies(flow, product, channel, audience)
    for hit in find(question, at=at, kinds=kinds, applies=to, limit=max(limit * 4, 12)):
        score, enough = _coverage(asked, hit.version)
        if enough:
            hits.append(Hit(hit.version, score, hit.rank))
    return hits[:limit]
