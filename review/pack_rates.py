"""How often the rules that ship ring, and how often falsely: on sentences that say which rule they break, and on texts of one's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import yaml

from review import pack

FILE = Path(__file__).parent / "data" / "pack_examples.yaml"


@dataclass(frozen=True)
class Example:
    """A sentence that breaks a rule, or only sounds like it."""

    rule: str
    text: str
    matter: str
    breaks: bool


@dataclass
class Rate:
    """What a rule does: of `breaks` it finds `found`, of `fine` it rings for `false`; of `texts` it rings for `rang`."""

    breaks: int = 0
    found: int = 0
    fine: int = 0
    false: int = 0
    texts: int = 0
    rang: list[str] = field(default_factory=list)


@lru_cache(maxsize=1)
def read_examples() -> tuple[Example, ...]:
    """The sentences that ship with the rules."""
    found = []
    for rule, kinds in yaml.safe_load(FILE.read_text(encoding="utf-8")).items():
        for kind in ("breaks", "fine"):
            for one in kinds[kind]:
                given = one if isinstance(one, dict) else {"text": one}
                found.append(Example(rule, str(given["text"]), str(given.get("matter", "")), kind == "breaks"))
    return tuple(found)


def measure(texts: Iterable[str] = ()) -> dict[str, Rate]:
    """The rates of every rule on the sentences that ship, and how often it rings in `texts`.

    A sentence that breaks one rule is no fine one for the others.
    """
    rates = {name: Rate() for name in pack.rules()}
    for example in read_examples():
        hit = {rule.name for rule, _words in pack.found(example.text, matter=example.matter)}
        own = rates[example.rule]
        if example.breaks:
            own.breaks += 1
            own.found += example.rule in hit
        else:
            for name, rate in rates.items():
                rate.fine += 1
                rate.false += name in hit
    for text in texts:
        hit = {rule.name for rule, _words in pack.found(text)}
        for name, rate in rates.items():
            rate.texts += 1
            if name in hit:
                rate.rang.append(text)
    return rates
