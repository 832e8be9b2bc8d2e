"""Which names in a text that a colleague typed tell its reader of somebody they do not know. Reads only.

A draft is held for every name that might be one; what has left already is a finding only where it is one, or nobody reads the findings any more.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import rjieba
from django.db.models import Q

from cases.disclosure import is_titled
from cases.models import ServiceCase
from cases.models.flow import DisclosedFrom, Disclosure
from conversations.models import Conversation, Message
from people.directory import directory
from people.models import Person, Side
from review.gate import Reason
from triage.engines.local import times

#: The codes of reasons that are about somebody's name.
NAMES = frozenset({"leak_name", "leak_other_customer"})
_TITLE = r"先生|女士|小姐|太太|阿姨|叔叔?|大叔|大爷|大妈|奶奶|爷爷|哥|姐|总|老师|老板|经理|主任|店长"
_ADDRESSED = re.compile(rf"^(?P<surname>[\u4e00-\u9fff]{{1,2}}?)(?:{_TITLE})$")
_TITLED = re.compile(rf"^[\u4e00-\u9fff]{{1,3}}(?:{_TITLE}|师傅|技师|工程师|工)$")
_PERSON = re.compile(r"^[\u4e00-\u9fff]{2,4}$")
#: What makes two characters a customer's name, which may as well be a word (平安, 阳光).
_WHOSE = re.compile(r"^(?:家|那[单边户家]|的(?:单|订单|电话|地址|事|情况|房|预约))")
_SAYS_WHO = re.compile(r"(?:客户|业主|用户|邻居|隔壁|住户|会员)(?:叫|是)?$")
_AGREED = re.compile(
    r"(?:约|定|订|安排|确认|说)好|[约定]在|改[到成为]|\b(?:confirmed|arranged|booked|scheduled)\b", re.I
)


def strangers_named(
    message: Message,
    said: str,
    case: ServiceCase | None,
    reasons: Iterable[Reason],
    *,
    others: Iterable[ServiceCase] = (),
) -> list[Reason]:
    """Those of the reasons about names that name somebody whom the reader does not know and may not be told of.

    :param said: the writer's own words. :param others: the open cases of the customer, where it is not known which one a text belongs to.
    """
    text = unicodedata.normalize("NFKC", said)
    named = {str(reason.params.get("words", "")): reason for reason in reasons if reason.code in NAMES}
    if not named:
        return []
    present = _present(message.conversation) | {message.sender.name}
    reader = _reader(message.conversation, case)
    cases = [case] if case is not None else list(others)
    return [
        reason
        for name, reason in named.items()
        if not any(name in one or (_PERSON.match(one) and one in name) for one in present)
        and _stands(text, name, customer=reason.code == "leak_other_customer")
        and not (reason.code == "leak_other_customer" and _addresses(text, name, reader))
        and not any(_comes(name, text, one) for one in cases)
        and not _known(message, name)
    ]


def _present(conversation: Conversation) -> set[str]:
    """Who is or was in the conversation: the reader sees their names there."""
    return set(
        Person.objects.filter(memberships__conversation=conversation).exclude(name="").values_list("name", flat=True)
    )


def _reader(conversation: Conversation, case: ServiceCase | None) -> set[str]:
    names = set(
        Person.objects.filter(memberships__conversation=conversation, side=Side.CUSTOMER).values_list("name", flat=True)
    )
    names |= {one.name for one in (conversation.customer, case.customer if case is not None else None) if one}
    if case is not None:
        names |= {one.person.name for one in case.participants.all() if one.person.side == Side.CUSTOMER}
    return names


def _stands(text: str, name: str, *, customer: bool) -> bool:
    """Whether a name stands in a text as one, not as a word or a part of one (平安 in 祝您平安, Lin in Linda)."""
    for found in re.finditer(re.escape(name), text):
        before, after = text[: found.start()], text[found.end() :]
        if name.isascii():
            if len(name) > 2 and not re.search(r"\w$", before, re.A) and not re.match(r"\w", after, re.A):
                return True
        elif _TITLED.match(name):
            if not (name.endswith("工") and re.match(r"[作程人厂]", after)):
                return True
        elif customer and len(name) < 3:
            if _WHOSE.match(after) or _SAYS_WHO.search(before):
                return True
        elif _is_whole(text, found.start(), found.end()):
            return True
    return False


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether no word of the text holds these characters and more (高明 in 高明区)."""
    at = 0
    for word in rjieba.cut(text):
        if at <= start and end <= at + len(word) and len(word) > end - start:
            return False
        at += len(word)
    return True


def _addresses(text: str, name: str, reader: set[str]) -> bool:
    """Whether it is the reader who is spoken to by surname, as somebody else is called too; a reader known by a nickname alone at the beginning."""
    title = _ADDRESSED.match(name)
    if title is None:
        return False
    surnamed = [one for one in reader if re.match(r"[\u4e00-\u9fff]{2,4}$", one) or _TITLED.match(one)]
    if any(one.startswith(title["surname"]) for one in surnamed):
        return True
    return not surnamed and bool(re.match(rf"\W*{re.escape(name)}\W*(?:您|你|早|晚上|下午|上午|中午|[,，:：])", text))


def _comes(name: str, text: str, case: ServiceCase) -> bool:
    """Whether it is who comes, as the flow's list lets the customer know it: a text that agrees a visit reaches the stage by itself."""
    listed = {kind for kind, stage in case.flow.disclosure.items() if stage != DisclosedFrom.NEVER}
    if case.partner_id is None or case.visitor or name not in directory().partner_people:
        return False
    if Disclosure.TECHNICIAN_NAME not in listed and not (Disclosure.TECHNICIAN_SURNAME in listed and is_titled(name)):
        return False
    if not Person.objects.filter(partner=case.partner_id, name=name).exists():
        return False
    agrees = _AGREED.search(text) and any(one.precision != "vague" for one in times.find(text, case.opened_at))
    return case.appointment_at is not None or bool(agrees)


def _known(message: Message, name: str) -> bool:
    """Whether the reader said the name themselves in this conversation, or was told it in a text of ours that was released."""
    return (
        Message.objects.filter(conversation=message.conversation, position__lt=message.position, text__contains=name)
        .filter(Q(sender_side=Side.CUSTOMER) | Q(outbound_ref__isnull=False))
        .exists()
    )
