"""What partners write at length costs as much as its length says, however it is read on its way to a customer."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from knowledge import contradictions, privacy
from review import gate
from triage import numbers, phrases, promises, wording


def _wish(text: str) -> tuple[str, wording.Clauses]:
    return wording.relay_request(
        text, name="王女士", names=["王女士", "Mrs Lowe"], labels=["JD-12"], private_names=["李强"]
    )


def _result(text: str) -> tuple[str, wording.Clauses]:
    return wording.relay_result(
        text, name="王女士", names=["王女士", "Mrs Lowe"], labels=["JD-12"], private_names=["李强"]
    )


#: What reads a text, each with the word that a text begins with.
READS: dict[str, tuple[Callable[[str], object], str]] = {
    "a wish in Chinese": (_wish, "好"),
    "a wish in English": (_wish, "OK "),
    "a result in Chinese": (_result, "好"),
    "a result in English": (_result, "OK "),
    "the gate": (lambda text: gate.check_text(text, gate.TextFacts()), "好"),
    "money": (gate.MONEY.findall, "好"),
    "done": (phrases.DONE.search, "好"),
    "goods that come": (phrases.GOODS_COME.search, "好"),
    "plain facts": (wording._PLAINLY_FACT.search, "好"),
    "what is promised by hand": (promises.promises_in, "嗯"),
    "what has to wait": (numbers.WAITS.match, "还"),
    "amounts": (contradictions.amounts, "好"),
    "personal data": (privacy.detect, "好"),
}
#: Digits, spaces, letters, and words that begin what patterns look for.
UNITS = (
    "1",
    " ",
    "A",
    "1 ",
    "十",
    "5月",
    "号",
    "，好",
    "请让他",
    "路",
    "and ",
    "please ask her ",
    "it is 250, ",
    "Mr A",
    "，",
    "嗯",
    "您好",
    "需要",
    "all again ",
)


@pytest.mark.parametrize("reads", READS)
@pytest.mark.parametrize("unit", UNITS)
def test_a_long_text_costs_as_much_as_its_length_says(reads: str, unit: str) -> None:
    read, begin = READS[reads]

    def took(length: int) -> float:
        """The least of two: what else the machine does is none of the reader's."""
        found = []
        for _try in range(2):
            begun = time.process_time()
            read((begin + unit * length)[:length])
            found.append(time.process_time() - begun)
        return min(found)

    # Eight times the length; a pattern that begins anew at each character would take sixty-four times as long.
    assert took(3_000) < 30 * took(375) + 0.1


def test_an_amount_and_a_wish_are_read_behind_an_endless_stretch() -> None:
    assert [one.code for one in gate.check_text("1" * 900 + "，只要 88 元", gate.TextFacts())] == ["price"]
    assert contradictions.amounts("十" * 900 + "，7天") == {"day": {7.0: "7天"}}
    request, apart = _wish("OK " + "x" * 3000 + ". please ask her to send a photo")
    assert request == "send a photo" and not apart.private
