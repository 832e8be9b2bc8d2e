"""What follows from what our own people write."""

from __future__ import annotations

import re

from cases.models import CaseState
from conversations.models import ConversationKind
from triage import wording
from triage.planning import relays
from triage.planning.planner import Planner
from triage.planning.plans import Move

#: A case is closed, in so many words.
CLOSES = re.compile(
    r"(这|那|该)(单子?|个单子|件事?|个(事|case|案子?|工单)?|事|案子|工单)?(儿)?(就|也|都)?(可以|能|给)?(结了|结掉|结吧|结案|结$|关了|关掉|关闭|结单|关单|完结|归档|销了|销单)(?!了?[吗么没？?])|(?<![没不未别])结单了|(?<!不)可以(结了|结单|结案|关单|关闭|归档|销单)(?!了?[吗么没？?])|\b(close|closing) (this|the) (case|one|job|ticket)\b|\bcase closed\b|\b(this one|it) can be closed\b",
    re.I,
)
#: A colleague wants a partner to do or find out something (`asks.ASKS_PARTNER` hears less).
_ASKS_PARTNER = re.compile(
    r"(跟|和|给|同)(我|我们|这边)?(说|讲|回|打).{0,2}(声|下|个)|说一?声|回(我|一?[个声下])|告诉我|开工|开始(吧|做|弄)|弄完|修完|行不|行吗|可以(不|吗)|排得开|帮(我)?(查|看|问)|看(下|一下|你|哪)|哪天|几点|什么时候|啥时候|怎么回事|能(不能|否|.{0,8}吗)|\?|？|想改|麻烦|尽快|安排"
)


def plan(planner: Planner) -> None:
    """Plan what follows from a colleague's words: among ourselves, to a partner; to customers, nothing is left to plan."""
    kind, case = planner.situation.conversation.kind, planner.case if planner.case_sure else None
    if kind == ConversationKind.INTERNAL_GROUP and _wants_relay(planner):
        relays.relay(planner)
        return
    planner.plan.topics = []
    if kind == ConversationKind.INTERNAL_GROUP:
        if case is not None and case.state == CaseState.OPEN and CLOSES.search(planner.said):
            planner.plan.moves.append(Move("complete_case", None, {"note": planner.said}))
    elif kind == ConversationKind.PARTNER_GROUP:
        if case is not None and _ASKS_PARTNER.search(planner.said):
            planner.plan.moves.append(Move("ask_partner", None, {"need": re.sub(r"\s+", " ", planner.said)[:200]}))


def _wants_relay(planner: Planner) -> bool:
    """Whether a colleague wants something of the customer, not only talks of it."""
    if planner.reading.intent != "requests_cooperation" or "internal_only" in planner.reading.signals:
        return False
    if CLOSES.search(planner.said):
        return False
    asks = wording.is_english(planner.said) or wording.REQUEST.search(planner.said)
    return bool(asks or planner.situation.message.mentions)
