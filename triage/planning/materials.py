"""Customers send what they were asked for: pictures, papers, particulars."""

from __future__ import annotations

import re

from cases.models import WaitingItem
from conversations.models import ConversationKind
from triage import phrases
from triage.matching import bigrams
from triage.planning import completion
from triage.planning.naming import case_title, need_in_short, need_in_words
from triage.planning.planner import Planner
from triage.planning.plans import Move
from triage.statements import asks_something
from triage.wording import is_english

#: Papers that show who somebody is or what they own.
_PERSONAL_PAPER = re.compile(
    r"身份证|护照|驾驶证|行驶证|驾照|户口本|户口页|银行卡|病历|诊断书|化验单|体检报告|出生证|房产证|房本|结婚证|社保卡|营业执照|工资条|流水"
    r"|passport|id card|driving licen[cs]e|driver'?s licen[cs]e|bank statement|medical report|birth certificate|payslip",
    re.I,
)


def provides(planner: Planner) -> None:
    """Something is handed in: for the item that asks for it, or for the case where none does."""
    waits = planner.open_waits(frozenset({"waiting_customer_material"}))
    accepting = [w for w in planner.open_waits(frozenset({"waiting_confirmation"})) if w.proof == "image"]
    if not waits and accepting and planner.pictures():
        completion.confirms(planner)
        return
    waits = waits or planner.open_waits(frozenset({"requested", "waiting_executor", "waiting_contact_coordination"}))
    wait = planner.pick(waits)
    if is_foreign_paper(planner, wait):
        wait = None
    if wait is None:
        if planner.case is None:
            planner.say("other", planner.holding())
            planner.plan.owe_answer = True
            return
        if planner.pictures():
            planner.plan.moves.append(Move("material", None))
            _tell_who_checks(planner)
        planner.say("material_received", planner.text("material_received.unasked"))
        return
    take(planner, wait, waits)


def _tell_who_checks(planner: Planner) -> None:
    """One more picture for what was sent before and is still being looked at: whoever looks at it has to see this one, too."""
    sent = planner.pick([w for w in planner.waits if w.state == "material_received" and w.requested_in_id is not None])
    if sent is None:
        return
    title, need = case_title(planner.case, planner.waits) if planner.case else "", need_in_words(sent)
    told = planner.words(
        f"{title}：{need}，客户又补发了一张，请一并查收。", f"{title}: the customer has sent one more picture ({need})."
    )
    in_partner_group = sent.requested_in is not None and sent.requested_in.kind == ConversationKind.PARTNER_GROUP
    planner.notify("material_received", told, partner=in_partner_group, wait=sent)


def take(planner: Planner, wait: WaitingItem, waits: list[WaitingItem]) -> None:
    """Take what came for an item, and say what is still missing among these items."""
    planner.plan.wait = wait
    if wait.proof in ("image", "file") and not planner.pictures() and not planner.has_earlier_picture():
        planner.plan.moves.append(Move("note", wait))
        label = wait.requirement.name if wait.requirement else ""
        planner.say("material_request", planner.text("material_request.still_missing", material=label or planner.words("照片", "photo")), missing=[label or wait.need])  # fmt: skip
        return
    planner.plan.moves.append(Move("receive", wait))
    # What was asked for is there: how the engine felt about the words does not matter.
    fits = wait.proof in ("image", "file") or wait.need_kind == "material"
    planner.plan.settled = bool(planner.pictures()) and fits and not planner.plan.topics
    short = wait.count_needed - wait.count_received - len(planner.pictures())
    if wait.count_needed > 1 and short > 0:
        many = (
            f"{short}张{need_in_short(wait)}"
            if not planner.en
            else f"{short} of {wait.count_needed} ({need_in_short(wait)})"
        )
        planner.say("material_received", planner.text("material_received.partly", missing=many), missing=[many])
        return
    rest = [w for w in waits if w.pk != wait.pk and w.state == "waiting_customer_material"]
    if rest:
        names = ("、" if not planner.en else " and ").join(dict.fromkeys(need_in_short(w) for w in rest))
        planner.say(
            "material_received",
            planner.text("material_received.partly", missing=names),
            missing=[names],
        )
        return
    planner.say(
        "material_received",
        planner.text("material_received.complete"),
    )
    if wait.requested_in is not None:
        title = case_title(planner.case, planner.waits) if planner.case else ""
        planner.notify(
            "material_received",
            f"{title}：{need_in_words(wait)}，客户已发来，请查收。" if not planner.en else f"{title}: the customer has sent what was asked for ({need_in_words(wait)}), material received.",
            partner=wait.requested_in.kind == ConversationKind.PARTNER_GROUP, wait=wait,
        )  # fmt: skip


#: Acts for which words may be taken that say what a picture is for; the further ones where they say so in so many words.
_MAY_PLACE = frozenset({"defers", "chats", "provides_material", "confirms_completion", "asks_question"})
_MAY_PLACE_IN_SO_MANY_WORDS = frozenset({"acknowledges", "reports_issue", "requests_change", "confirms_appointment"})


def _asks(said: str) -> bool:
    """Whether words ask something; in English, where “is” stands in any sentence, only what plainly does."""
    return bool(phrases.PLAIN_QUESTION.search(said)) if is_english(said) else asks_something(said)


def places_earlier_picture(planner: Planner) -> bool:
    """Whether these words say what a picture is for that came before and belongs to nothing yet."""
    told = bool(phrases.THAT_PICTURE.search(planner.said))
    if planner.reading.intent not in _MAY_PLACE | (_MAY_PLACE_IN_SO_MANY_WORDS if told else frozenset()):
        return False
    if planner.is_risky() or planner.pictures() or not planner.has_earlier_picture():
        return False
    if _asks(planner.said) or phrases.LATER.search(planner.said):
        return False
    waits = planner.open_waits(frozenset({"waiting_customer_material"}))
    wait = planner.pick(waits)
    if wait is None or not bigrams(planner.said) & bigrams(wait.need):
        return False
    take(planner, wait, waits)
    return True


#: A paper that is only where something lay: 夹在户口本里.
_WHERE_IT_LAY = re.compile(
    r"(夹|放|塞|压|收|藏|掉|搁|存|跟|和)(在|到|进)?[^，,。\s]{0,3}(户口本|身份证|护照|病历本?|房产证|结婚证|驾驶证|行驶证)[^，,。\s]{0,2}(里|下|底|中间|一起|旁边|一块|后面|夹层)"
)


def is_foreign_paper(planner: Planner, wait: WaitingItem | None) -> bool:
    """Whether the picture shows, by the sender's words, a personal paper that this item does not ask for."""
    named = _PERSONAL_PAPER.findall(_WHERE_IT_LAY.sub(" ", planner.said))
    if not named or not planner.pictures() or (wait is not None and any(word in wait.need for word in named)):
        return False
    # Several pictures, and what was asked for is named as well: it is among them.
    asked_too = wait is not None and len(planner.pictures()) > 1 and bool(bigrams(wait.need) & bigrams(planner.said))
    return not asked_too
