"""Finding what may be said: published versions in force at an instant that answer a question and apply to who asks, best first."""

from __future__ import annotations

import difflib
import math
import re
import zlib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from cases.flows import flows
from cases.models import ServiceFlow
from knowledge import reading, vectors
from knowledge.channels import holds_in
from knowledge.index import BLOCK, BLOCK_BITS, SCALE, decode
from knowledge.judging import is_of_others, judged, names, taken_apart
from knowledge.measures import clauses, measures_wanted
from knowledge.models import (
    ANSWERING_KINDS,
    Audience,
    BrandVoice,
    IndexPostings,
    KnowledgeKind,
    KnowledgeVersion,
)
from knowledge.reading import Copy
from knowledge.rendering import answer_text
from knowledge.rules import forbidden_phrases
from knowledge.text import FAMILIES, concepts_of, latin_synonyms, normalise, terms
from knowledge.voices import speaks_for

__all__ = [
    "Applies",
    "Hit",
    "answer_text",
    "asks_for_a_quantity",
    "find",
    "find_examples",
    "find_near",
    "forbidden_phrases",
    "search",
    "without_names",
]

#: How many of the best by terms are looked at closely.
CLOSE = 40
#: How many postings a search reads at most (3 bytes each): what keeps it quick however much there is.
READ = 60_000
#: How many more than it wants it asks for at first: some do not apply, and what the common terms say moves some up.
SPARE = 20
#: How far down the list it goes where little applies.
DEEP = 5_000
#: How much it counts, beside the rank by terms (whose best is about 9), how well an item answers.
BOTH = 4.0
#: How much more what is about their own matter answers somebody.
OWN = 0.25
#: From which share of its title on a question names what is about another matter.
NAMED = 0.8
#: From how much of a question on an item is shown beside it, although it may not answer.
NEAR = 0.45
#: From how many items on the shelf itself tells which words are common.
MANY = 30
_CALLED = re.compile(r"(?<![\w.])@[^\s@]{1,20}(?:\s+|$)")
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


def without_names(text: str) -> str:
    """A text without the colleagues whom it calls by name (@小何)."""
    return _CALLED.sub(" ", text).strip()


def asks_for_a_quantity(text: str) -> bool:
    """Whether a text asks how much or how many of something there is, in any words."""
    return any(measures_wanted(clause) for clause in clauses(normalise(without_names(text))))


@dataclass(frozen=True)
class Applies:
    """For whom and where an answer is wanted. What is not given does not narrow.

    :param flow: only what is about this flow, or about none. :param product: only what is for this product, or for all.
    :param channels: what these channels are called by; what names others only is left out (`knowledge.channels`).
    :param audience: who will read it; somebody of the audience ``customer`` may read what is for customers and for everybody.
    :param matter: the flow of the matter that they are in. What is about another one is found only where the question names it.
    :param context: what the matter is called (its title, its order): says which product is meant where the question names none.
    """

    flow: ServiceFlow | None = None
    product: str = ""
    channels: tuple[str, ...] = ()
    audience: str = Audience.CUSTOMER
    matter: ServiceFlow | None = None
    context: str = ""


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
    """A question, taken apart. `light` are its single characters, pairs and Latin words with their weights."""

    text: str
    plain: str = ""
    weights: dict[str, float] = field(default_factory=dict)
    items: int = 0
    mass: float = 1.0
    unread: list[str] = field(default_factory=list)
    light: list[tuple[str, float]] = field(default_factory=list)
    light_mass: float = 1.0
    light_step: float = 0.0
    wanted: list[re.Pattern[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Who is called by name is nothing that is asked about.
        self.text = without_names(self.text[:2000]) or self.text[:2000]
        self.plain = normalise(self.text)

    def weigh(self) -> None:
        """Sum up what the weights of its terms say, once they are known."""
        self.mass = sum(self.weights.values()) or 1.0
        self.light = [
            (term[2:], weight) for term, weight in self.weights.items() if term[0] in "bu" or term[2:].isascii()
        ]
        self.light_mass = sum(weight for _term, weight in self.light) or 1.0
        self.light_step = 0.5 * self.light_mass / (len(self.light) or 1)
        self.wanted = [answer for question, answer in _WANTED if question.search(self.plain)]


def _readers(audience: str) -> list[str]:
    if audience == Audience.INTERNAL:
        return list(Audience.values)
    if audience == Audience.MEMBER:
        return [Audience.EVERYBODY, Audience.CUSTOMER, Audience.MEMBER]
    return [Audience.EVERYBODY, audience]


def _near(word: str) -> str:
    """A Latin word that knowledge or a synonym has and that is spelt nearly like one that neither has (warrenty → warranty)."""
    start = f"w:{word[:2]}"
    rows = IndexPostings.objects.filter(term__gte=start, term__lt=f"{start}\uffff").values_list("term", flat=True)
    known = {term[2:] for term in rows[:4000]} | {one for one in latin_synonyms() if one[:2] == word[:2]}
    return next(iter(difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.82)), "")


def _worth_reading(sizes: dict[str, int]) -> list[str]:
    """The rarest terms whose postings together are few enough to be read; the common ones say little and are looked at later."""
    chosen: list[str] = []
    room = READ
    for term in sorted(sizes, key=lambda one: (sizes[one], one)):
        if chosen and sizes[term] > room:
            break
        chosen.append(term)
        room -= sizes[term]
    return chosen


def _scored(asked: _Asked) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Items that share a term with the question, with their scores."""
    wanted = set(terms(asked.plain))
    asked.items, sizes = reading.sizes(wanted)
    if not asked.items:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    for term in sorted(wanted - sizes.keys()):
        word = term[2:]
        if term[0] == "w" and len(word) > 4 and word.isascii() and word.isalpha() and not concepts_of(word):
            near = _near(word)
            if near:
                asked.plain = re.sub(rf"\b{word}\w*", near, asked.plain)
                sizes.update(reading.sizes(set(terms(near)) - wanted)[1])
    for term, size in sizes.items():
        asked.weights[term] = FAMILIES[term[0]] * math.log(1 + (max(asked.items - size, 0) + 0.5) / (size + 0.5))
    chosen = _worth_reading(sizes)
    asked.unread = [term for term in sizes if term not in set(chosen)]
    scores: dict[int, np.ndarray[Any, Any]] = {}
    for term, block, postings in reading.postings(chosen):
        offsets, weights = decode(bytes(postings))
        if block not in scores:
            scores[block] = np.zeros(BLOCK, np.float32)
        scores[block][offsets] += weights * np.float32(asked.weights[term] / SCALE)
    keys, values = [], []
    for block, array in scores.items():
        hits = np.flatnonzero(array)
        keys.append(hits + (block << BLOCK_BITS))
        values.append(array[hits])
    if not keys:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    return np.concatenate(keys), np.concatenate(values)


def _best(
    items: np.ndarray[Any, Any], found: np.ndarray[Any, Any], most: int
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """At least so many of the best in their order, those that score the same as the last among them with it."""
    if len(items) > most:
        last = np.partition(found, len(found) - most)[len(found) - most]
        kept = np.flatnonzero(found >= last)
        items, found = items[kept], found[kept]
    order = np.lexsort((items, -found))
    return items[order], found[order]


def _with_unread(found: list[tuple[Copy, float]], asked: _Asked) -> list[tuple[Copy, float]]:
    """Add what the common terms say, whose postings were too many to be read, from the terms of the candidates themselves."""
    wanted = [(f"\n{term}\t".encode(), asked.weights[term] / SCALE) for term in asked.unread]
    exact = []
    for row, score in found:
        held = b"\n" + zlib.decompress(row.terms) + b"\n"
        for term, weight in wanted:
            at = held.find(term)
            if at >= 0:
                start = at + len(term)
                score += weight * int(held[start : held.index(b"\n", start)])
        exact.append((row, score))
    return sorted(exact, key=lambda pair: (-pair[1], pair[0].item_id))


def _applies(row: Copy, to: Applies, product: str) -> bool:
    if product and row.applies["products"]:
        if not any(one in product or product in one for one in row.applies["products"]):
            return False
    if not holds_in(row.applies["channels"], to.channels):
        return False
    return to.flow is None or row.flow_ref in (None, to.flow.pk)


def _of_the_product(found: list[tuple[Copy, float]], asked: _Asked, to: Applies) -> list[tuple[Copy, float]]:
    """Leave out what is for other products than the one that the question names, or else the matter."""
    known = {one for row, _score in found for one in row.applies["products"] if len(one) > 1}
    for words in (asked.plain, normalise(to.context)):
        named = {one for one in known if one in words}
        if named:
            return [
                pair for pair in found if not pair[0].applies["products"] or named & set(pair[0].applies["products"])
            ]
    return found


def _candidates(
    asked: _Asked, *, at: datetime, kinds: Collection[str], to: Applies, wanted: int
) -> list[tuple[Copy, float]]:
    everything = _scored(asked)
    found: list[tuple[Copy, float]] = []
    product, model = normalise(to.product), vectors.MODEL if vectors.is_on() else ""
    start, end = 0, wanted + SPARE
    # Few are asked for at first, for nearly always they are enough, and more only where little applies.
    items, scores = _best(*everything, end)
    while start < len(items) and len(found) < wanted:
        part = items[start:end].tolist()
        by_item = reading.copies(
            part, at=at, kinds=kinds, audiences=_readers(to.audience), model=model, with_terms=bool(asked.unread)
        )
        for place, item in enumerate(part):
            row = by_item.get(item)
            if row is not None and _applies(row, to, product):
                found.append((row, float(scores[start + place])))
        if not start and len(found) < wanted:
            items, scores = _best(*everything, DEEP)
        start, end = end, end + 500
    if asked.unread and found:
        found = _with_unread(found, asked)
    return _of_the_product(found[:wanted], asked, to)


def _closeness(asked: _Asked, row: Copy, score: float, best: float) -> float:
    """How well a candidate fits when it is read: its terms, how much of the question it holds, its best sentence, the kind of answer."""
    text = f"{row.asked}\n{row.said[:1500]}"
    held = sum(weight for term, weight in asked.weights.items() if term[0] == "c" or term[2:] in text) / asked.mass
    best_sentence = 0.0
    for sentence in _SENTENCES.split(text):
        if sentence:
            shared = sum(weight for word, weight in asked.light if word in sentence)
            best_sentence = max(best_sentence, shared / (asked.light_mass + asked.light_step * min(len(sentence), 80)))
    fits = sum(bool(answer.search(text)) for answer in asked.wanted) / len(asked.wanted) if asked.wanted else 0.0
    named = any(len(one) > 1 and one in asked.plain for one in row.applies["products"])
    return 5.0 * score / (best or 1.0) + held + 3.0 * best_sentence + 0.3 * fits + 0.8 * named


def _rarity(asked: _Asked) -> dict[str, float]:
    """How much the words of a question tell items of this shelf apart (0.4..1): what half of the items say decides little."""
    most = max((weight for term, weight in asked.weights.items() if term[0] == "w"), default=0.0)
    if asked.items < MANY or not most:
        return {}
    found = {}
    for term, weight in asked.weights.items():
        if term[0] == "w":
            found[term[2:]] = min(1.0, max(0.4, 1.5 * weight / math.log(1 + asked.items)))
    return found


def _ranked(
    asked: _Asked, *, at: datetime, kinds: Collection[str], to: Applies, limit: int
) -> list[tuple[float, Copy]]:
    found = _candidates(asked, at=at, kinds=kinds, to=to, wanted=max(CLOSE, limit))
    if not found:
        return []
    asked.weigh()
    best = found[0][1]
    close = [(_closeness(asked, row, score, best), row) for row, score in found[:CLOSE]]
    if vectors.is_on():
        close = _with_meaning(asked, close)
    close.sort(key=lambda pair: (-pair[0], pair[1].item_id))
    return (close + [(0.0, row) for row, _score in found[CLOSE:]])[:limit]


def _with_meaning(asked: _Asked, close: list[tuple[float, Copy]]) -> list[tuple[float, Copy]]:
    """Add likeness of meaning to the ranks; what has no vector yet counts as the average of those that have."""
    alike = vectors.likeness(asked.plain, {row.version_id: row.meaning for _rank, row in close if row.meaning})
    if not alike:
        return close
    usual = sum(alike.values()) / len(alike)
    return [(rank + vectors.WEIGHT * alike.get(row.version_id, usual), row) for rank, row in close]


def _with_versions(ranked: list[tuple[float, float, Copy]]) -> list[Hit]:
    keys = [row.version_id for _score, _rank, row in ranked]
    versions = reading.versions(keys)
    for version in versions.values():  # what a flow decides is filled in when its answer is rendered
        if version.item.flow_id in (known := flows()):
            version.item.flow = known[version.item.flow_id]
    return [Hit(versions[row.version_id], score, rank) for score, rank, row in ranked if row.version_id in versions]


def find(
    question: str,
    *,
    at: datetime,
    kinds: Collection[str] = ANSWERING_KINDS,
    applies: Applies | None = None,
    limit: int = 10,
) -> list[Hit]:
    """What comes nearest to a question, best first, whether or not it answers it; for editors, similar items and measuring."""
    ranked = _ranked(_Asked(question), at=at, kinds=kinds, to=applies or Applies(), limit=limit)
    most = 9.3 + (vectors.WEIGHT if vectors.is_on() else 0.0)
    return _with_versions([(min(rank / most, 1.0), rank, row) for rank, row in ranked])


def find_near(
    question: str,
    *,
    at: datetime,
    kinds: Collection[str] = ANSWERING_KINDS,
    applies: Applies | None = None,
    limit: int = 4,
) -> list[Hit]:
    """What is about something of what a question asks, the best first, answers or not; nothing where nothing comes near."""
    asked = _Asked(question)
    ranked = _ranked(asked, at=at, kinds=kinds, to=applies or Applies(), limit=max(limit * 4, 12))
    wanted, rarity = taken_apart(asked.plain), _rarity(asked)
    near = []
    for rank, row in ranked:
        judgement = judged(wanted, row.asked.split("\n"), row.asked, row.said, rarity)
        if judgement.score >= NEAR:
            near.append((judgement.score, rank, row))
    return _with_versions(sorted(near, key=lambda hit: -(hit[1] + BOTH * hit[0]))[:limit])


def find_examples(
    text: str, *, at: datetime, limit: int = 4, voice: BrandVoice | None = None
) -> list[KnowledgeVersion]:
    """Published examples of how the brand words things that come nearest to a text, the nearest first.

    :param voice: only those of this voice, or of none in particular.
    """
    internal = Applies(audience=Audience.INTERNAL)
    hits = find(text, at=at, kinds={KnowledgeKind.TONE_EXAMPLE}, applies=internal, limit=limit * 4 if voice else limit)
    return [hit.version for hit in hits if voice is None or speaks_for(hit.version, voice)][:limit]


def search(
    question: str,
    *,
    at: datetime,
    limit: int = 3,
    kinds: Collection[str] = ANSWERING_KINDS,
    flow: ServiceFlow | None = None,
    product: str = "",
    channels: Collection[str] = (),
    audience: str = Audience.CUSTOMER,
    matter: ServiceFlow | None = None,
    context: str = "",
) -> list[Hit]:
    """Published versions in force at `at` that answer a question and apply to who asks, best first.

    Empty where none covers enough of the question: then nobody may be answered from knowledge. For whom and where: `Applies`.
    """
    asked = _Asked(question)
    hits: list[tuple[float, float, Copy]] = []
    to = Applies(flow, product, tuple(channels), audience, matter, context)
    ranked = _ranked(asked, at=at, kinds=kinds, to=to, limit=max(limit * 4, 12))
    wanted, rarity = taken_apart(asked.plain), _rarity(asked)
    mine = matter.pk if matter is not None else None
    others = {row.flow_ref for _rank, row in ranked if mine and row.flow_ref and row.flow_ref != mine}
    flows = dict(ServiceFlow.objects.filter(pk__in=others).values_list("pk", "name")) if others else {}
    goods = {one for _rank, row in ranked for one in row.applies["products"] if len(one) > 1}
    titles = [row.asked for _rank, row in ranked] if wanted.measures else []
    for rank, row in ranked:
        if titles and is_of_others(wanted, asked.plain, f"{row.asked}\n{row.said}", titles):
            continue
        products = set(row.applies["products"])
        heads = [line for line in row.asked.split("\n") if line not in products]
        judgement = judged(wanted, heads, row.asked, row.said, rarity, goods)
        score, enough = judgement.score, judgement.is_enough
        if matter is not None and row.flow_ref is not None:
            if row.flow_ref == matter.pk:
                score += OWN
            elif judgement.title < NAMED and not names(wanted, flows.get(row.flow_ref, "")):
                continue
        if enough:
            hits.append((score, rank, row))
    named = {one for one in goods if one in asked.plain}
    # Where an item says in no field what it is for, its title does: 洗衣机售后 of 洗衣机质保多久.
    heads = [row.asked for _score, _rank, row in hits if not row.applies["products"]]
    named |= {
        unit.word
        for unit in wanted.units
        if len(unit.word) > 1 and not unit.names and sum(unit.word in one for one in heads) == 1
    }
    return _with_versions(_ordered(hits, named)[:limit])


def _ordered(hits: list[tuple[float, float, Copy]], goods: set[str]) -> list[tuple[float, float, Copy]]:
    """Answers, the best first; before what holds for all stands what names the goods that are asked about and answers as well (洗衣机保修几年)."""
    its = {row.item_id for _score, _rank, row in hits if any(one in row.asked for one in goods)}
    most = max((score for score, _rank, row in hits if row.item_id not in its), default=0.0)
    leading = {row.item_id for score, _rank, row in hits if row.item_id in its and score >= most}
    return sorted(hits, key=lambda hit: (hit[2].item_id not in leading, -(hit[1] + BOTH * hit[0])))
