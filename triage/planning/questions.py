"""Customers ask what published knowledge, or their own case, answers."""

from __future__ import annotations

import re
from typing import Any

from knowledge.models import Audience, KnowledgePolicy
from knowledge.privacy import detect
from knowledge.search import Hit, answer_text, asks_for_a_quantity, search, without_names
from triage import phrases
from triage.matching import bigrams
from triage.planning import progress
from triage.planning.planner import Planner
from triage.statements import asks_something, clauses

#: Topics that asking for a rule does not raise where a published item answers it.
RULE_TOPICS = frozenset({"account", "benefit", "refund", "address", "service_promise", "discount_promise", "price"})
#: Words about people and what is known of them: a question with one of them may touch what is private, whatever a published item says.
_ABOUT_PEOPLE = re.compile(
    r"电话|手机|号码|微信号|加微信|地址|住址|住哪|住在|身份|证件|姓名|名字|叫什么|照片|截图|录音|录像|监控|摄像|隐私|泄|信息|资料|数据|名单|记录|病历|档案|"
    r"谁|别人|人家|其他人|其他客|他们|她们|他的|她的|他家|她家|隔壁|邻居|同学|哪个客|哪位|"
    r"\b(?:phones?|numbers?|address|names?|photos?|pictures?|records?|recordings?|cameras?|cctv|privacy|private|personal|data|details|who|whose|someone|somebody|"
    r"his|her|their|neighbou?rs?|other (?:customers?|guests?|people))\b",
    re.IGNORECASE,
)


#: How a question ends in other parts of the country; the words that are looked for are the same.
_LOCAL_ENDING = re.compile(r"(?<=[\u4e00-\u9fff]{2})(伐|啵|咩|嘛|不咯|不嘛|不)\s*[?？]?$")


_ENGLISH_QUESTION = re.compile(
    r"\b(?:how (?:long|many|much|do|does|often)|what|when|where|which|can|could|do|does|is|are|will)\b(?:(?! (?:anyway|btw|by the way)\b)[^.!?])*",
    re.I,
)


def answer(planner: Planner) -> None:
    """Answer from published knowledge, or from the case; otherwise a person answers."""
    hits = _hits(planner)
    if not planner.situation.identity_sure and not planner.situation.in_public and not hits:
        planner.topic("identity_uncertain")
    if hits:
        # What holds for everybody holds whatever case they have in mind.
        planner.drop_topic("case_uncertain")
    if not hits and _case_answers(planner):
        progress.tell(planner)
        return
    if not hits and phrases.ASKS_PRICE.search(planner.said):
        planner.topic("price")
    if set(planner.plan.topics) - {"public_group"} or not hits:
        text = planner.holding(name="" if planner.situation.in_public else None)
        planner.say(
            "faq_answer" if not set(planner.plan.topics) - {"public_group"} else "other", text, source_missing=not hits
        )
        planner.plan.owe_answer = True
        return
    version = hits[0].version
    planner.plan.settled = planner.is_sure_of_act()
    published = answer_text(version, language="en" if planner.en else "zh")
    name = "" if planner.situation.in_public else planner.name
    text = planner.text("faq_answer.published", name=name, answer=published)
    planner.say("faq_answer", text, sources=[version])


def asks_for_a_rule(planner: Planner) -> bool:
    """Whether somebody only asks how something works, and a published item says it."""
    asks_rule = (
        (phrases.ASKS_FOR_RULE.search(planner.said) or _only_asks_for_a_quantity(planner.said))
        and not phrases.DEMANDS.search(planner.said)
        and not phrases.BARGAINS.search(planner.said)
    )
    return planner.reading.intent == "asks_question" and bool(asks_rule) and bool(_hits(planner))


def _only_asks_for_a_quantity(said: str) -> bool:
    """Whether somebody asks how much or how many of something there is (一箱几盒), and says nothing beside it."""
    return len(clauses(without_names(said))) == 1 and asks_for_a_quantity(said)


def is_about_things_only(planner: Planner) -> bool:
    """Whether somebody only asks what a published item says, and no word of theirs is about people or what is known of them."""
    about_people = _ABOUT_PEOPLE.search(planner.said) or detect(planner.said)
    return planner.reading.intent == "asks_question" and not about_people and bool(_hits(planner))


def _hits(planner: Planner) -> list[Hit]:
    """What published knowledge answers to these words; asked once."""
    if planner.found is None:
        applies = _applies(planner)
        planner.found = search(planner.said, at=planner.situation.at, **applies)
        # Where somebody tells something and asks something, what they ask is looked for.
        for part in _ways_to_ask(planner.said) if not planner.found else ():
            planner.found = planner.found or search(part, at=planner.situation.at, **applies)
    return planner.found


def _ways_to_ask(said: str) -> list[str]:
    """What words ask, without what is told beside it: each asking clause, the same with what is said just before, an English question from its first word."""
    parts = clauses(said)
    found: list[str] = []
    for at, part in enumerate(parts):
        if asks_something(part) and len(part) >= 4:
            asked = _LOCAL_ENDING.sub("吗", part)
            found += [asked, f"{parts[at - 1]} {asked}"] if at else [asked]
    english = _ENGLISH_QUESTION.search(said)
    if english and english.start():
        found.append(english.group(0))
    return [part for part in dict.fromkeys(found) if part != said]


def _applies(planner: Planner) -> dict[str, Any]:
    """For whom and where an answer is wanted, as far as it is known."""
    case, conversation = planner.case, planner.situation.conversation
    customer = case.customer if case is not None else conversation.customer
    member = (
        planner.situation.identity_sure
        and not planner.situation.in_public
        and customer is not None
        and KnowledgePolicy.is_member(customer)
    )
    return {
        "channels": ("wecom", conversation.surface), "audience": Audience.MEMBER if member else Audience.CUSTOMER,
        "matter": case.flow if case is not None else None,
        "context": " ".join([case.title, *map(str, case.labels)]) if case is not None else "",
    }  # fmt: skip


def _case_answers(planner: Planner) -> bool:
    """Whether somebody asks when, of their own case, and what was last told in it names a time for the same thing."""
    if (
        planner.case is None
        or not planner.case_sure
        or planner.plan.topics
        or not phrases.ASKS_WHEN.search(planner.said)
    ):
        return False
    fact = next((f for f in planner.case.facts.order_by("-fact_at", "-pk")[:6] if f.words), None)
    if fact is None or fact.blocked or not phrases.NAMES_TIME.search(fact.words):
        return False
    same = bool(bigrams(fact.words) & bigrams(planner.said))
    return same or bool(phrases.TAKES_PLACE.search(fact.words) and phrases.TAKES_PLACE.search(planner.said))
