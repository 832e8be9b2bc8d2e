"""A partner reports how it went: the customer is told, and what waited for it is closed."""

from __future__ import annotations

import re

from cases.models import ServiceCase, WaitingItem
from people.models import Side
from review.guidance import Suggestion
from triage import asks, phrases, wording, wording_english
from triage import situation as sit
from triage.engines.base import TimeReading
from triage.engines.local.lexicons import lexicon
from triage.matching import bigrams
from triage.planning import passing_on
from triage.planning.planner import Planner
from triage.planning.plans import Move

#: Somebody comes to the customer, with the time that is named.
_TELLS_VISIT = re.compile(r"上门|去.{0,8}家|到您?家|给(她|他)(换|装|修)")


def report(planner: Planner) -> None:
    """Tell the customer a result: as far as it may be told, or by a person where it is uncertain or contested."""
    case = passing_on.case_to_tell(planner)
    if case is None:
        return
    planner.drop_topic("case_uncertain", "missing_context", "identity_uncertain")
    known = passing_on.known(case, planner)
    text, apart = wording.relay_result(
        planner.said, name=planner.name, names=known.names, labels=known.labels, private_names=known.private_names
    )
    if not text and _only_takes_note(apart, planner.said):
        # They took note; what they say beside it is among us.
        planner.plan.topics.clear()
        _check_what_was_claimed(planner, case)
        return
    passing_on.note_trouble(planner, apart)
    _check_what_was_claimed(planner, case)
    passing_on.answer_partner_wait(planner)
    passing_on.close_what_led_here(planner)
    passing_on.keep_labels(planner)
    if "dispute" in planner.plan.topics and not _contests(planner):
        # Where they only run the customer down (一看就是翻新货), nobody contests anything.
        planner.drop_topic("dispute")
    contested = bool({"dispute", "verification_conflict"} & set(planner.plan.topics))
    blocked = "uncertain" in apart.codes or "tech_risk" in planner.reading.signals or contested
    told = text.strip("。. ")
    passing_on.note_fact(planner, "progress", told, blocked=blocked or not told)
    private = apart.private
    if blocked or not text:
        if text or planner.plan.topics:
            _hold(planner, case, private)
        else:
            planner.plan.review_without_text.append("nothing_to_relay")
        return
    moment = planner.proposed_time()
    if moment is not None and not planner.en:
        text = _with_date(text, moment)
    requested = asks.asks_of(text) if re.search(r"请|麻烦", planner.said) else []
    effects = {"asks": [passing_on.ask_effect(planner, ask) for ask in requested]} if requested else {}
    if moment is not None and _TELLS_VISIT.search(planner.said):
        passing_on.note_fact(planner, "appointment", wording.day_words(moment, english=planner.en))
    text = _about_what(planner, case, text)
    words = planner.text("result_update.relayed", english=planner.en or wording.is_english(text), result=text)
    planner.say("result_update", words, to=sit.reply_target(case), effects=effects, private_phrases=private)


#: What a partner calls a customer's thing to run it down, among us.
_RUNS_DOWN = re.compile(r"翻新(货|机|品)?|二手(货|的)?|假货|山寨(货|的)?|水货|杂牌(货|的)?|地摊货")


def _contests(planner: Planner) -> bool:
    """Whether what is in dispute is more than a partner's low opinion of the thing."""
    rest = _RUNS_DOWN.sub(" ", planner.said)
    if rest == planner.said or phrases.FENDS_OFF.search(rest) or re.search(r"认|赔|掏|钱|费|责任", rest):
        return True
    return lexicon().risks["dispute"].matches(rest, Side.CUSTOMER)


def _only_takes_note(apart: wording.Clauses, said: str) -> bool:
    """Whether a partner only says that what came is in order, with words among us beside it: “cheers, looks fine. took her long enough”."""
    if apart.kept:
        return all(phrases.BARE_ACK.match(clause) for clause in apart.kept)
    if wording.is_english(said) and wording_english.only_takes_note(apart.withheld):
        return True
    first = apart.withheld[0][0] if apart.withheld else ""
    notes = bool(phrases.LOOKS_FINE.match(first) or phrases.TAKES_NOTE.match(first))
    return notes and apart.codes <= {"not_told", "talk", "gripe", "secret", "opinion"}


def _about_what(planner: Planner, case: ServiceCase, text: str) -> str:
    """A result with the matter it is about, in the customer's own words, where it names nothing of it itself.

    How whoever reports it called it decides: of what the customer said, the piece that names the same is taken; in English, where the customer has
    several matters, it is called as they called it.
    """
    told = planner.said
    if wording.is_english(text):
        return _of_several(planner, case, text)
    said = [piece for piece in re.split(r"[，。,.！!？?\s]", case.title) if len(piece) >= 4]
    troubled = next(
        (piece for piece in said if phrases.TROUBLE.search(piece) or "没" in piece), said[0] if said else ""
    )
    shared = {piece: len(bigrams(piece) & bigrams(told)) for piece in said}
    title = max(said, key=lambda piece: shared[piece] + 1.5 * (piece == troubled), default="")[:20]
    if not title or wording.is_english(title) or len(bigrams(title) & bigrams(text)) > 0.4 * len(bigrams(title)):
        return text
    return f"您说的“{title}”，{text}"


def _of_several(planner: Planner, case: ServiceCase, text: str) -> str:
    """A result in English, with what it is about where the customer has more than one matter open."""
    if not passing_on.has_several(planner) or not wording.is_english(planner.said):
        return text
    known = passing_on.known(case, planner)
    told, _apart = wording.result_in_english(
        planner.said, name=planner.name, names=known.names, labels=known.labels, private_names=known.private_names
    )
    return told.naming_its_matter().news


def _check_what_was_claimed(planner: Planner, case: ServiceCase) -> None:
    """What the customer says they did is found to be so, and closes, or is denied."""
    claimed = case.waits.filter(state__in=["completed", "material_received"], on__side=Side.CUSTOMER)
    done = phrases.DONE_WORDS.search(planner.said)
    denied = (phrases.NOT_RIGHT.search(planner.said) and not done) or _denies_what_was_done(planner, case)
    if denied and any(not _shows_trouble(wait) for wait in claimed):
        planner.topic("verification_conflict")
        if not re.search(r"投诉|起诉|赔|律师", planner.said):
            planner.drop_topic("dispute")
    elif done and "verification_conflict" not in planner.plan.topics:
        for wait in planner.waits:
            if wait.state == "material_received":
                planner.plan.moves.append(Move("complete", wait, {"reason": "verified"}))


def _shows_trouble(wait: WaitingItem) -> bool:
    """Whether what was handed in shows the trouble itself (报错页面截图): a partner who finds it contradicts nobody."""
    return wait.state == "material_received" and bool(
        re.search(r"报错|白屏|黑屏|故障|异常|破损|损坏|坏|裂|漏|污|失败|error|damage|broken|crack", wait.need, re.I)
    )


def _hold(planner: Planner, case: ServiceCase, private: list[str]) -> None:
    """A person words what is uncertain or contested."""
    planner.say(
        "result_update", planner.holding(), to=sit.reply_target(case), held=["state_unclear"], private_phrases=private,
        suggestion=Suggestion.CHECK_THE_RESULT,
    )  # fmt: skip


def _with_date(text: str, moment: TimeReading) -> str:
    """A text with the date beside a day that is only named (周四, 19号出)."""
    named = moment.precision != "vague" and re.search(r"\d+号|号出|下?周", moment.words)
    return (
        text.replace(moment.words, f"{moment.words}（{moment.start.month}月{moment.start.day}日）") if named else text
    )


def _denies_what_was_done(planner: Planner, case: ServiceCase) -> bool:
    """Whether the partner denies the very act that the customer says they did (断电 done, “根本没断过”)."""
    done = case.waits.filter(state__in=["completed", "material_received"], on__side=Side.CUSTOMER)
    for need in done.order_by("-pk").values_list("need", flat=True)[:3]:
        for denied in re.finditer(r"(?<!装)(?:没有?|未|不曾|从没|从未)([\u4e00-\u9fff])", planner.said):
            if denied.group(1) in need:
                return True
    return False
