"""A partner agrees to a time or offers another one."""

from __future__ import annotations

import re

from triage import phrases, wording
from triage import situation as sit
from triage.asks import Ask
from triage.planning import moments, passing_on, results
from triage.planning.passing_on import Known
from triage.planning.planner import Planner
from triage.planning.plans import Move

#: Another time than the one that was asked about, or a question whether it suits.
_OFFERS_ANOTHER = re.compile(
    r"约出去|排满|排不开|没空|来不及|不行了|(行不行|行吗|可以吗|可不可以|行不|如何)[？?]?$",
)


def offer(planner: Planner) -> None:
    """Tell the customer the time, or ask them whether the one that is offered suits."""
    case = passing_on.case_to_tell(planner)
    if case is None:
        return
    planner.drop_topic("case_uncertain", "missing_context", "service_promise")
    if not phrases.NOT_RIGHT.search(planner.said):
        planner.drop_topic("verification_conflict")
    known = passing_on.known(case, planner)
    _text, apart = wording.relay_result(
        planner.said, name=planner.name, names=known.names, labels=known.labels, private_names=known.private_names
    )
    passing_on.note_trouble(planner, apart)
    passing_on.answer_partner_wait(planner)
    moment = moments.merged(planner.reading.times, planner.said)
    if moment is None:
        results.report(planner)
        return
    words, private = wording.day_words(moment, english=planner.en), apart.private
    if _OFFERS_ANOTHER.search(planner.said) or phrases.PUTS_TIME.search(planner.said):
        ask = Ask("waiting_appointment", f"上门时间：{words}", "appointment")
        passing_on.note_fact(planner, "appointment_offer", words)
        planner.say(
            "appointment_proposed", planner.text("appointment_proposed.our_time", time=words),
            to=sit.reply_target(case), waiting_for=planner.name, private_phrases=private,
            effects={"asks": [passing_on.ask_effect(planner, ask)]},
        )  # fmt: skip
        return
    for wait in planner.waits:
        if wait.state == "waiting_appointment":
            planner.plan.moves.append(Move("complete", wait, {"reason": "time_agreed"}))
    comes = not planner.en and re.search("上门|家", planner.said)
    passing_on.note_fact(planner, "appointment", f"已约定{words}上门" if comes else words)
    extra = "，".join([*_what_for(planner), *_beside_the_time(planner, apart.kept, known)])
    planner.say(
        "appointment_confirmed", planner.text("appointment_confirmed.arranged", time=words, extra=f"，{extra}" if extra else ""),
        to=sit.reply_target(case), private_phrases=private,
    )  # fmt: skip


#: What somebody comes for, where it is goods that are fetched or brought.
_PURPOSE = re.compile(r"(上门)?(取件|取货|收件|揽收|送货|送件|派送|换货)")


def _what_for(planner: Planner) -> list[str]:
    """That goods are fetched or brought, and between which hours, where a span was named (1点到4点)."""
    purpose, span = (
        _PURPOSE.search(planner.said),
        re.search(r"\d{1,2}([点:：]\d{0,2})半?[到至-]\d{1,2}[点:：]\d{0,2}半?", planner.said),
    )
    words = [f"时段是{span.group(0)}"] if span else []
    return words + ([f"届时上门{purpose.group(2)}"] if purpose else []) if not planner.en else []


def _beside_the_time(planner: Planner, kept: tuple[str, ...], known: Known) -> list[str]:
    """What the customer is told with the time: what has been done, what to prepare, who must be at home."""
    done = [
        wording.turn_to_reader(clause)
        for clause in wording.drop_references(kept, names=known.names, labels=known.labels)
        if phrases.FINISHED.search(clause) or re.search(r"(到|发|齐|备)(货|了|好了?|齐了?)$", clause)
    ]
    wanted = [
        wording.turn_to_reader(
            re.sub(rf"^(请|让|麻烦)(她|他|客户|{'|'.join(map(re.escape, known.names))})?", "麻烦您", clause)
        )
        for clause in kept
        if re.search(r"请|麻烦|留|挪|腾|准备|关|拔|充|带上|提前", clause) and not re.search(r"行不行|可以吗", clause)
    ]
    return wanted if planner.en else [*done, *wanted]
