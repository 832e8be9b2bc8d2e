"""Quantities that a question asks for, by unit, by what is counted or by a verb, and the clause of a text that says them.

“一箱几盒” is answered by 每箱10盒, “要多少血” by 采血量0.6微升, “what batteries does it take” by “three D cells”. A text that says no such thing is no
answer, whatever else it says of the same goods: what a frame carries is not what it weighs. The ways to ask are data (`data/measures.yaml`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

from knowledge.text import DATA

#: Units of measures.yaml, by what they measure.
_KINDS_OF_UNIT = ("mass", "volume", "length", "area", "power", "degree", "light", "charge", "time")
#: What trade takes for one another where it says how many one holds.
_SAME_HOLDERS = (
    ("箱", "件"),
    ("袋", "包"),
    ("case", "cases", "carton", "cartons"),
    ("pack", "packs", "packet", "packets"),
    ("box", "boxes"),
    ("bag", "bags", "pouch", "pouches"),
)
#: Words that count what has no word of its own; those that count many sorts of things, so that a number of them says nothing alone.
_ANYTHING = "个只枚颗粒"
_MANY_THINGS = _ANYTHING + "种样款色位人件条支块台张"
#: What asks in an English question, beside what it is about.
_ENGLISH_ASKING = re.compile(
    r"\b(?:how|what|which|much|many|long|heavy|tall|high|wide|far|old|kind|type|sort|size|age|ages|weigh\w*|weight|hours?|charg\w+|recharge|batter\w+|cells?|"
    r"last\w*|holds?|carry|support|bear|capacity|limit|load|boxes|box|cases?|cartons?|packs?|bags?|need|takes?|use|power|electricity|energy|require|consume|"
    r"draw|grams?|milligrams|mg|ml|kcal|calories|store|keep|save|remember)\b"
)
#: A clause ends before a colon that stands in no figure, and at a comma that parts no thousands.
_ENDS = re.compile(r"[，。；;！!？?、\n（）()]|,(?!\d{3})|\.\s|:\s|：(?!\d)")


@dataclass(frozen=True)
class Measure:
    """A quantity that a question asks for.

    :ivar words: the words that ask for it. :ivar held: a clause of a text in which it stands. :ivar never: what makes another quantity of such a clause.
    """

    name: str
    words: str
    held: re.Pattern[str]
    never: re.Pattern[str] | None = None

    def left(self, clause: str) -> str:
        """A normalised clause without the words that ask for it; an English question names the goods between them."""
        kept = _ENGLISH_ASKING.sub(" ", self.words) if self.words.isascii() else " "
        return clause.replace(self.words, kept)

    def is_in(self, text: str) -> bool:
        """Whether a normalised text says it."""
        return any(
            self.held.search(clause) and not (self.never and self.never.search(clause)) for clause in clauses(text)
        )


@dataclass(frozen=True)
class _Way:
    """A way to ask for a quantity. `held` says, of how it was asked, what then has to stand in a clause; None: it asks for none."""

    name: str
    asked: re.Pattern[str]
    held: Callable[[re.Match[str]], str | None]
    never: re.Pattern[str] | None


@lru_cache(maxsize=2048)
def clauses(text: str) -> tuple[str, ...]:
    """The clauses of a normalised text."""
    return tuple(one.strip() for one in _ENDS.split(text) if one.strip())


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DATA / "measures.yaml").read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=1)
def _words() -> dict[str, str]:
    """Named patterns, those in them put in."""
    found: dict[str, str] = {}
    for name, pattern in _data()["words"].items():
        found[name] = _filled(pattern, found)
    return found


def _filled(pattern: str, words: dict[str, str]) -> str:
    return re.sub("«(\\w+)»", lambda match: words[match.group(1)], pattern)


def _pattern(text: str) -> str:
    """A pattern made by this module, with the named ones put in."""
    return _filled(text, _words())


@lru_cache(maxsize=1)
def _ways() -> tuple[_Way, ...]:
    return tuple(_way(row) for row in _data()["ways"])


def _way(row: dict[str, Any]) -> _Way:
    def joined(key: str) -> str:
        return _pattern("|".join(row.get(key, ())))

    held, never = joined("held"), joined("never")
    made = _MADE[row["made"]] if "made" in row else lambda _match: held
    return _Way(row["name"], re.compile(joined("asked")), made, re.compile(never) if never else None)


# --- what has to be held where the question says it ----------------------------------------------------------------------------


def _same(holder: str) -> str:
    """A pattern for a holder and what trade takes for it."""
    together = next((group for group in _SAME_HOLDERS if holder in group), (holder,))
    return "(?:" + "|".join(map(re.escape, together)) + ")"


def _unit(word: str) -> str:
    """The pattern of the units that measure what a unit does, or ''."""
    return next((_words()[kind] for kind in _KINDS_OF_UNIT if re.fullmatch(_words()[kind], word)), "")


def _singular(word: str) -> str:
    return re.escape(re.sub(r"(?<=[xsh])es$|(?<=..)s$", "", word))


def _in_each(match: re.Match[str]) -> str | None:
    """一箱几盒: 每箱10盒, 10盒/箱; what is sold by the bottle says of the bottle what its net contents are."""
    holder, word = match.group("holder"), match.group("word") or ""
    if holder == word:
        return None
    unit, each = _unit(word), _same(holder)
    counted = unit or (rf"(?:[{_words()['counted']}]|pcs\b)" if not word or word in _ANYTHING else re.escape(word))
    ways = [
        rf"(?:每|一|1|单){each}[^\d]{{0,6}}«N»\s*{counted}",
        rf"«N»\s*{counted}\s*(?:/|每|一|装?一|为一|装){each}",
        rf"«N»\s*{counted}装",
        *([rf"净(?:含量|重)[^\d]{{0,3}}«N»\s*{counted}"] if unit else []),
    ]
    return _pattern("|".join(ways))


def _in_each_english(match: re.Match[str]) -> str | None:
    """How many boxes in a case: 12 boxes per case, cases of 12, 12 per case."""
    thing, each = _singular(match.group("word")), _same(match.group("holder"))
    ways = (
        rf"«N»\s+(?:\w+\s+)?{thing}\w*\s+(?:per|in|to|a|each|/)\s*(?:a|an|the|each|every|one)?\s*{each}",
        rf"\b{each}s?\s+(?:of|holds?|contains?|has|with|:)\s*«N»",
        rf"«N»\s*(?:per|/|in an?|in each|to an?)\s*{each}",
    )
    return _pattern("|".join(ways))


def _how_many(match: re.Match[str]) -> str | None:
    """几种语言, 几个插座: the thing behind a number; 几档: a number of them."""
    word, thing = match.group("word"), match.group("thing") or ""
    thing = re.sub(r"(?:来着|呀|啊|呢|吗|的|了|可.*|能.*)$", "", thing)
    if len(thing) == 1 and word in _ANYTHING:
        return None
    ways = (
        [rf"«N»\s*[«counted»]?[^\d]{{0,6}}{re.escape(thing)}", rf"{re.escape(thing)}[^\d]{{0,3}}«N»"] if thing else []
    )
    ways += [] if word in _MANY_THINGS else [rf"«N»\s*{re.escape(word)}"]
    return _pattern("|".join(ways)) or None


def _how_many_english(match: re.Match[str]) -> str | None:
    """How many pegs: 12 pegs, 12 steel pegs. How long in months is no such quantity."""
    thing = match.group("thing")
    if re.fullmatch(_pattern("«time»|times|years?|months?"), thing):
        return None
    return _pattern(rf"«N»\s+(?:[\w-]+\s+){{0,2}}(?:{_unit(thing) or _singular(thing)})")


def _by_unit(match: re.Match[str]) -> str | None:
    """多少流明, how many lumens: a number of units that measure the same."""
    return _pattern(rf"«N»\s*(?:{_unit(match.group('unit') or match.group('unit2'))})")


def _used(match: re.Match[str]) -> str | None:
    """要多少血: 采血量0.6微升; 费多少电: what it draws."""
    stuff = match.group("stuff") or match.group("stuff2")[-1]
    if stuff == "电":
        return _words()["power_use"]
    ways = (
        rf"(?:耗|用|采|需|取|抽|费|加|放|兑|注|吃)[^\d]{{0,3}}{stuff}[^\d]{{0,6}}«N»",
        rf"{stuff}(?:量|耗)[^\d]{{0,4}}«N»",
        rf"«N»\s*(?:«any_unit»|滴|度)的?{stuff}",
    )
    return _pattern("|".join(ways))


def _used_english(match: re.Match[str]) -> str | None:
    """How much blood does it need: 0.6 µl of blood, blood sample 0.6 µl."""
    stuff = match.group("stuff") or match.group("stuff2")
    if stuff in ("power", "electricity", "energy"):
        return _words()["power_use"]
    if stuff in ("time", "money", "it", "does", "is", "weight", "longer"):
        return None
    return _pattern(rf"{re.escape(stuff)}\D{{0,24}}«N»|«N»\s*(?:«any_unit»|drops?)\D{{0,14}}{re.escape(stuff)}")


_MADE: dict[str, Callable[[re.Match[str]], str | None]] = {
    "in_each": _in_each, "in_each_english": _in_each_english, "how_many": _how_many, "how_many_english": _how_many_english, "by_unit": _by_unit,
    "used": _used, "used_english": _used_english,
}  # fmt: skip


@lru_cache(maxsize=4096)
def measures_wanted(plain: str) -> tuple[Measure, ...]:
    """The quantities that a normalised clause or question asks for."""
    found: list[Measure] = []
    left = plain
    for way in _ways():
        match = way.asked.search(left)
        held = way.held(match) if match else None
        if match and held:
            found.append(Measure(way.name, match.group(0), _compiled(held), way.never))
            left = left[: match.start()] + "，" * len(match.group(0)) + left[match.end() :]
    return tuple(found)


@lru_cache(maxsize=2048)
def figures(text: str) -> int:
    """How many clauses of a normalised text hold a figure with what it measures or counts."""
    units = "|".join(_words()[kind] for kind in _KINDS_OF_UNIT)
    figure = _compiled(_pattern(rf"«N»\s*(?:{units}|[«counted»号倍转人]|%)|[a-z]{{2,4}}\d"))
    return sum(bool(figure.search(clause)) for clause in clauses(text))


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
