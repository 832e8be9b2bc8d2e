"""What a person answers: money, promises and complaints, and words that fit more than one matter."""

from __future__ import annotations

import re

from cases.models import ServiceCase
from people.models import Side
from review.guidance import Suggestion
from triage.holding import hold_over_night
from triage.planning.planner import Planner
from triage.wording import is_english

_DISPLEASED = frozenset({"complaint", "dispute", "negative_review"})


def for_a_person(planner: Planner) -> None:
    """A text that says only that somebody looks at it, held for whoever words the answer."""
    soft = planner.reading.intent == "complains" or _DISPLEASED & set(planner.plan.topics)
    text = planner.text("other.sorry") if soft else planner.holding()
    planner.say(
        "other", text,
        suggestion=Suggestion.WORD_IT_YOURSELF,
    )  # fmt: skip
    planner.plan.owe_answer = True
    if soft:
        hold_over_night(planner)


def complains(planner: Planner) -> None:
    """A complaint, whether or not the engine felt it."""
    if not _DISPLEASED & set(planner.plan.topics):
        planner.topic("complaint")
    for_a_person(planner)


def ask_which_case(planner: Planner) -> None:
    """Several matters fit: ask which is meant."""
    planner.topic("case_uncertain")
    choices = [_about(planner, case) for case in planner.candidates[:3]]
    text = planner.text("other.which_case", choices=planner.words("，还是", " or ").join(choices))
    planner.say(
        "other",
        text,
        suggestion=Suggestion.ASK_WHICH_MATTER,
    )
    planner.plan.owe_answer = True


def _in_short(asked: str) -> str:
    """The first words of what was asked in English: what stands before a colon, else as many whole words as a reader needs."""
    named, colon, _rest = asked.partition(":")
    if colon and 3 <= len(named) <= 48:
        return named
    first = re.split(r"[.;?!](?:\s|$)|\splease\s|\s\(", asked)[0]
    return first if len(first) <= 48 else f"{first[:48].rsplit(' ', 1)[0]}…"


def _about(planner: Planner, case: ServiceCase) -> str:
    """A case as its customer knows it: by what we asked of them, else by its title."""
    waits = [w for w in planner.situation.waits_of(case) if w.on is not None and w.on.side == Side.CUSTOMER]
    asked = waits[0].need if waits else next(iter(planner.situation.old_needs.get(case.pk, ())), "")
    if is_english(asked) and asked:
        return _in_short(asked)
    about = re.sub(r"[，,]?也?请(他|她|您|客户)?.*$", "", asked).strip(" ，,")
    # A need that only asks (请她也定一下) says nothing of the matter.
    return about[:30] if len(about) > 2 else case.title or asked[:30] or case.flow.name
