"""A partner or colleague wants something of the customer: it is asked for in our words."""

from __future__ import annotations

import re

from cases.models import ServiceCase
from triage import asks, phrases, wording, wording_english
from triage import situation as sit
from triage.matching import bigrams
from triage.planning import passing_on
from triage.planning.planner import Planner

#: Something that only those who spoke of it before can find: “do that bit over again”.
_POINTS_AT = re.compile(
    r"\b(that|the) (bit|thing|part|one|stuff|step|file|form|test|report|update)\b.{0,14}\b(again|over|once more)\b",
    re.I,
)
#: Something has been done, beside what is wanted.
_REPORTS_TOO = re.compile(
    r"(换|修|装|寄|测|做|洗|检)(好|完|上)?了(?!吗|没)|(今天|明天|下午|晚上|已经?)寄(出|回|走)|已(经)?(换|修|寄|发|到)"
)
#: A clause beside the demand that the customer will want to hear again when they ask.
_TELLS_NEWS = re.compile(r"\d+点|今晚|明天|后天|周[一二三四五六日]|\d+号|好了|完了|到了|寄")


def relay(planner: Planner) -> None:
    """Ask the customer for what a partner or colleague wants of them."""
    if _is_vague(planner):
        planner.topic("missing_context")
        planner.plan.review_without_text.append("missing_context")
        return
    if planner.case is not None and len(planner.candidates) == 1 and len(planner.said) >= 12:
        planner.case_sure = True
    case = passing_on.case_of(planner)
    if case is None:
        return
    planner.drop_topic("case_uncertain", "missing_context")
    if {"dispute", "complaint", "negative_review"} & set(planner.plan.topics):
        # Words among colleagues: the customer complains of nothing.
        planner.drop_topic("dispute", "complaint", "negative_review")
        planner.topic("complex_relay")
    known = passing_on.known(case, planner)
    if wording.is_english(planner.said):
        _relay_english(planner, case, known)
        return
    text, apart = wording.relay_request(
        planner.said, name=planner.name, names=known.names, labels=known.labels, private_names=known.private_names
    )
    text = _about_what(planner, text)
    passing_on.note_trouble(planner, apart)
    asked = wording.REQUEST.search(planner.said)
    before = planner.said[: asked.start()] if asked else planner.said
    if _REPORTS_TOO.search(planner.said) or phrases.FINISHED.search(before):
        passing_on.answer_partner_wait(planner)
        passing_on.close_what_led_here(planner)
    if not text:
        planner.plan.review_without_text.append("nothing_to_relay")
        return
    bare = wording.drop_references(apart.kept, names=known.names, labels=known.labels)
    content = [clause for clause in bare if not wording.ONLY_ASKS.search(clause)] or bare or list(apart.kept)
    told = [clause for clause in content if not wording.REQUEST.search(clause)]
    if told and _TELLS_NEWS.search("，".join(told)):
        passing_on.note_fact(planner, "progress", "，".join(wording.turn_to_reader(clause) for clause in told))
    ask = asks.asks_of_request(planner.said, contact=planner.name)
    need = re.sub(r"\s+", " ", "，".join(content))[:200]
    planner.say(
        "cooperation_request", planner.text("cooperation_request.relayed", request=text),
        to=sit.reply_target(case), waiting_for=planner.name, private_phrases=apart.private,
        effects={"asks": [passing_on.ask_effect(planner, ask, need)]},
    )  # fmt: skip
    passing_on.keep_labels(planner)


def _relay_english(planner: Planner, case: ServiceCase, known: passing_on.Known) -> None:
    """The same where it was written in English: the news first, then what is asked for."""
    told, apart = wording.relay_english(
        planner.said, name=planner.name, names=known.names, labels=known.labels, private_names=known.private_names
    )
    passing_on.note_trouble(planner, apart)
    if told.news and phrases.FINISHED.search(told.news):
        passing_on.answer_partner_wait(planner)
        passing_on.close_what_led_here(planner)
    if not told.request:
        planner.plan.review_without_text.append("nothing_to_relay")
        return
    if told.news and not told.news.endswith("?"):
        passing_on.note_fact(planner, "progress", told.news)
    ask = asks.asks_of_request(planner.said, contact=planner.name)
    planner.say(
        "cooperation_request", _in_english(planner, told),
        to=sit.reply_target(case), waiting_for=planner.name, private_phrases=apart.private,
        effects={"asks": [passing_on.ask_effect(planner, ask, told.need[:200])]},
    )  # fmt: skip
    passing_on.keep_labels(planner)


def _in_english(planner: Planner, told: wording_english.Relayed) -> str:
    """A wish in English with its news, and with the matter that it is about where the customer has several or nothing else names it."""
    if told.about and (told.decides_nothing_named or passing_on.has_several(planner)):
        told = told.naming_its_matter()
    if not told.news:
        return planner.text("cooperation_request.relayed", english=True, request=told.request)
    text = planner.text("cooperation_request.with_news", english=True, news=told.news, request=told.request)
    return text.replace("?.", "?")


def _is_vague(planner: Planner) -> bool:
    """Whether the words point at something (那个, “the same one”) and no case is certain."""
    vague = "vague_reference" in planner.reading.signals or bool(_POINTS_AT.search(planner.said))
    if planner.case is not None and planner.case_sure:
        said = bigrams(planner.said)
        named = any(name in planner.said for name in passing_on.known(planner.case, planner).names) or any(
            len(said & bigrams(wait.need)) > 1 for wait in planner.waits
        )
        if named and len(planner.said) >= 24:
            return False
        return vague and "missing_context" in planner.plan.topics
    return "missing_context" in planner.plan.topics or (vague and planner.case is not None)


def _about_what(planner: Planner, text: str) -> str:
    """A relayed text with the matter it is about: in the customer's own words where they reported it, else by what tells their cases apart."""
    case = planner.case
    if not text or planner.en or case is None:
        return text
    if not case.title:
        called = re.search(r"([\u4e00-\u9fff]{2,10}?)[那这](单|批|件|台|套|份|笔)", planner.said)
        about = called.group(1) if called else ""
        for name in (case.customer.name, planner.name):
            about = about.replace(name, "")
        bare = about.strip("的")
        return (
            f"关于{bare}，{text}"
            if passing_on.has_several(planner) and 2 <= len(bare) <= 8 and about not in text
            else text
        )
    title = re.split(r"[，。,.！!？?\s]", case.title)[0][:20]
    if len(title) < 4 or wording.is_english(text) or title in text:
        return text
    # A first clause that only names the thing is said by the title already.
    first, _comma, others = text.partition("，")
    return f"关于您说的“{title}”，{others if first in title and others else text}"
