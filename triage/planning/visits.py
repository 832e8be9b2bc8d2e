"""A partner agrees to a time or offers another one."""

from __future__ import annotations

import re

from cases.models import WaitingItem
from people.models import Side
from triage import phrases, wording
from triage import situation as sit
from triage.asks import Ask
from triage.engines.base import TimeReading
from triage.engines.local import times
from triage.planning import moments, passing_on, results
from triage.planning.passing_on import Known
from triage.planning.planner import Planner
from triage.planning.plans import Move

#: Another time than the one that was asked about, or a question whether it suits.
_OFFERS_ANOTHER = re.compile(
    r"约出去|排满|排不开|没空|来不及|不行了|(行不行|行吗|可以吗|可不可以|行不|成不成?|中不中?|得不得|好不好|好伐|行伐|如何)[啊呀哦]?[？?]?$",
)

#: Another day in the partner's words alone (改周六), and words that say that the customer knows of it.
_MOVES = re.compile(r"改(?:到|成|为|约|在|至)?(?:大?后天|明|今|下?周|下?星期|下?礼拜|\d)")
_SETTLED = re.compile(
    r"(?:说|约|商量|谈|讲|定|协商|沟通)(?:好|妥|过)|(?:客户|她|他|对方|业主|用户|人家)(?:也|都|要求?|想|说|同意|答应|改)"
)
#: How our own offer of a time begins.
_OFFERED = "上门时间："


def _is_open(planner: Planner) -> bool:
    """Whether it is for the customer to say whether a time suits: another one than asked about, moved by the partner, or offered and not answered."""
    if _OFFERS_ANOTHER.search(planner.said):
        return True
    unanswered = any(
        w.state == "waiting_appointment" and w.on is not None and w.on.side == Side.CUSTOMER and _names_day(w)
        for w in planner.waits
    )
    return bool(unanswered or _MOVES.search(planner.said)) and not _SETTLED.search(planner.said)


def _names_day(wait: WaitingItem) -> bool:
    return any(t.precision != "vague" for t in times.find(wait.need, wait.opened_at))


def _on_its_day(planner: Planner, moment: TimeReading | None) -> TimeReading | None:
    """A clock time without a day is on the day of what was quoted, or of what we asked just before."""
    if moment is None or not moments.is_clock_alone(moment):
        return moment
    situation = planner.situation
    quoted, at = situation.quoted.strip(), situation.message.sent_at
    if quoted:
        written = next((m.sent_at for m in situation.previous if m.text.strip() == quoted), None)
        return moments.on_day_in(moment, quoted, written_at=written, at=at)
    before = situation.previous[0] if situation.previous else None
    if before is not None and before.sender_side == Side.INTERNAL:
        return moments.on_day_in(moment, before.text, written_at=before.sent_at, at=at)
    return moment


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
    moment = _on_its_day(planner, moments.merged(planner.reading.times, planner.said))
    if moment is None:
        results.report(planner)
        return
    words, private = wording.day_words(moment, english=planner.en), apart.private
    if _is_open(planner) or phrases.PUTS_TIME.search(planner.said):
        ask = Ask("waiting_appointment", f"{_OFFERED}{words}", "appointment")
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
