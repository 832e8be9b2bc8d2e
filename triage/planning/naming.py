"""What a case, its people and its items are called when somebody is told of them. Pure, beside what the case's own rows say."""

from __future__ import annotations

import re

from cases.models import Role, ServiceCase, WaitingItem
from people.models import Side
from triage import situation as sit
from triage import wording
from triage.situation import Situation


def contact_name(case: ServiceCase | None, situation: Situation) -> str:
    """How the customer's contact is addressed."""
    if situation.side == Side.CUSTOMER:
        return situation.message.sender.name
    if case is None:
        return ""
    contact = next((p.person for p in case.participants.all() if p.role == Role.CUSTOMER_CONTACT), None)
    return contact.name if contact else case.customer.name


def case_title(case: ServiceCase, waits: list[WaitingItem]) -> str:
    """A case in a few words for colleagues and partners: the customer, and the order number by which they know it."""
    numbers = [label for label in sit.labels_of(case, waits) if label != case.number]
    return " ".join([case.customer.name, *numbers[:1]])


def writes_english(case: ServiceCase | None, situation: Situation, text: str = "") -> bool:
    """Whether the customer is written to in English."""
    conversation = case.conversation if case is not None else situation.conversation
    if conversation.language == "en":
        return True
    return bool(text) and wording.is_english(text) and situation.customer_reads


def need_in_words(wait: WaitingItem) -> str:
    """What was asked, for those who asked it."""
    text = _without_greeting(re.sub(r"@\S+\s*", "", wait.need))
    text = re.sub(r"(，|^)(请|麻烦|让)(您|他|她|客户)", r"\1", text).rstrip("～~。 ")
    return text[:120]


def need_in_short(wait: WaitingItem) -> str:
    """What an item asks for, in as few words as a reader needs."""
    if wait.requirement is not None:
        return wait.requirement.name
    words = re.sub(
        r"^(麻烦|请|烦请|辛苦)(您|你|她|他|客户)?(再|先|帮忙)?(补|发|拍|传|提供|给)?(一?[下张份个])?", "", wait.need
    )
    return re.split(r"[，,。；;]", words.strip("：: "))[0][:30] or wait.need[:30]


def _without_greeting(text: str) -> str:
    """A relayed text without its greeting, as a fact."""
    text = re.sub(r"^.{0,16}您好，(跟您同步一下进展：)?", "", text)
    text = re.sub(r"^Hi .{0,30}?, an update on your case: ", "", text)
    return text.strip("。. ")
