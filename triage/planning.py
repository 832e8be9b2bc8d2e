"""What is there to say, to whom, of which kind, and what moves: from what was understood and matched. Writes nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cases.calendars import work_calendar
from cases.models import CaseState, MaterialRequirement, Role, ServiceCase, ServiceFlow, WaitingItem
from conversations.models import Conversation, ConversationKind
from knowledge.models import Audience, KnowledgePolicy, KnowledgeVersion
from knowledge.search import Hit, answer_text, search
from knowledge.wordings import render
from people.models import Person, Side
from review.gate import REVIEW_TRADE
from triage import answers, asks, phrases, wording
from triage import situation as sit
from triage.engines.base import StatementReading, TimeReading
from triage.holding import hold_over_night
from triage.matching import TITLES, bigrams, order_numbers, stem
from triage.phrases import BARE_ACK, CALLS_OFF, FINISHED
from triage.situation import Situation
from triage.statements import asks_something, clauses

MATERIAL_STATES = frozenset(
    {"waiting_customer_material", "requested", "waiting_executor", "waiting_contact_coordination"}
)
DONE_STATES = frozenset({*MATERIAL_STATES, "waiting_confirmation"})
RELAY_TROUBLE = frozenset({"money", "cost", "blame", "other_customer", "internal", "uncertain", "guess"})
QUIET_INTENTS = frozenset({"acknowledges", "chats"})
CANCEL_WORDS = re.compile(
    r"取消|不用(来|修|装|换|弄|上门|送|寄|退|洗)|不(修|装|换|要|做|办|洗|退|订)了|算了|别来了|cancel|call (it|this) off|no longer need",
    re.I,
)
LATER = re.compile(
    r"晚点|晚上|明天|后天|回头|一会|等(我|下|会|一下)|再说|先不|later|tomorrow|tonight|收到货|试试", re.I
)
YES = re.compile(
    r"^\W*(好的?|可以的?|行的?|ok(ay)?|没问题|嗯+|是的?|对的?|同意|yes|sure|fine)[。~～!！吧呀啊哈了\s]*$", re.I
)
CLOSE_WORDS = re.compile(
    r"(这|那|该)(单|个单子|件事|个case)?(可以)?(结了|结单|关单|完结|归档)|结单了|可以(结单|关单|关闭)|close (this|the) case|case closed",
    re.I,
)
NEGATIVE = re.compile(
    r"还是(没|不|开|显示|坏|漏)|没(关|弄|成|好|装|拆)|不对|不符|对不上|没有(关|弄|做)|失败|not (off|done|ok|right|working)|still (on|broken|not)|进(了)?水|water in",
    re.I,
)
#: Papers that show who somebody is or what they own.
SENSITIVE = re.compile(
    r"身份证|护照|驾驶证|行驶证|驾照|户口本|户口页|银行卡|病历|诊断书|化验单|体检报告|出生证|房产证|房本|结婚证|社保卡|营业执照|工资条|流水"
    r"|passport|id card|driving licen[cs]e|driver'?s licen[cs]e|bank statement|medical report|birth certificate|payslip",
    re.I,
)
#: Asking how something works, not asking for it to be done.
#: Why a clause is withheld where it tells nobody anything that has to be acted on.
MERE_TALK = frozenset({"gripe", "opinion", "to_us", "secret", "other_people", "other_customer"})
#: A partner speaks of their own days off: no case is meant.
OWN_ABSENCE = re.compile(
    r"^\W*\S{0,8}(我|我们|咱)(这边)?(要|得)?(请假|休息|放假|调休|不在|不上班|歇)(?![^，,。]{0,6}[，,。]?.{0,10}(请|让|麻烦))|\b(i'?m|i am|we'?re) (off|away|on leave|closed)\b",
    re.I,
)
#: A question about somebody in particular: 冯姐家那只狗, Ms Lund's room.
ABOUT_SOMEBODY = re.compile(rf"[\u4e00-\u9fff]({TITLES})(家|的|那|她|他|\s)|\b(mr|mrs|ms|miss|dr)\.? [A-Z]")
#: When something of one's own takes place.
ASKS_WHEN = re.compile(r"几点|(什么|啥)时(候|间)|哪天|几号|\b(when|what time|which day)\b", re.I)
#: Somebody or something comes or leaves; opening hours are another matter.
TAKES_PLACE = re.compile(r"[开走到出来去发送取](?!门|业|始|票)|\b(leave|depart|arrive|come|deliver|pick)", re.I)
RULE_QUESTION = re.compile(
    r"怎么|如何|几点|几号|哪天|(啥|什么)时(候|间)|(包|含|让|收|管|送|带)不\w|流程|规则|政策|条件|规定|最(长|多|少|短|迟|晚)|多久|多长|几次|几天|几年|能不能|可不可以|可以.{0,6}(吗|不|么)|能.{0,8}(吗|不|么)|需要.{0,8}(吗|什么|哪些)|要.{0,8}(哪些|什么)"
    r"|\b(how (do|does|long|many|often)|can (i|you|we)|is it possible|what('s| is| are) (the|your))\b",
    re.I,
)
DEMAND = re.compile(
    r"帮我|给我|我要|我想(退|改|停|换|转|取消)|马上|赶紧|现在就|立刻|请?你们?(退|改|停|换)|把我|我的.{0,8}(改|换|停|退|转)"
    r"|\b(please|can you|could you)\b.{0,16}\b(change|cancel|refund|freeze|transfer|pause)\b|\bmy\b",
    re.I,
)
#: Topics that asking for a rule does not raise where a published item answers it.
RULE_TOPICS = frozenset({"account", "benefit", "refund", "address", "service_promise", "discount_promise", "price"})
#: Somebody who bargains asks for no rule.
BARGAINS = re.compile(
    r"便宜|少(点|一点|几|收)|再(减|送|优惠|打|少)|能不能(减|送|打|少|免)|抹(个)?零|给.{0,4}(优惠|折|减)|最低|送我|免(了|掉)|\b(cheaper|better price|discount|deal|waive)\b",
    re.I,
)
#: Words that neither report nor ask: a matter that somebody has only begun to tell.
_PREDICATE = re.compile(
    r"了|吗|呢|不|没|坏|漏|响|臭|裂|碎|错|少|缺|慢|差|要|想|能|可以|怎么|什么|多少|哪|几|谁|吧|是|有|在|会|得|[?？!！]|\b(is|are|was|has|have|not|can|do|does|did|need|want|broke|stopped)\b|n't",
    re.I,
)
DONE_WORDS = re.compile(
    r"行了|好了|可以了|通过|已经?关|完成|没问题|合格|对得上|换上|装好|修好|洗完|正常|ok\b|passed|works", re.I
)
QUESTION_TO_PARTNER = re.compile(
    r"(跟|和|给|同)(我|我们|这边)?(说|讲|回|打).{0,2}(声|下|个)|说一?声|回(我|一?[个声下])|告诉我|开工|开始(吧|做|弄)|弄完|修完|行不|行吗|可以(不|吗)|排得开|帮(我)?(查|看|问)|看(下|一下|你|哪)|哪天|几点|什么时候|啥时候|怎么回事|能(不能|否|.{0,8}吗)|\?|？|想改|麻烦|尽快|安排"
)


@dataclass
class PlannedText:
    """A text to one conversation, not yet gated."""

    conversation: Conversation
    reply_kind: str
    text: str
    sources: list[KnowledgeVersion] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    source_missing: bool = False
    missing: list[str] = field(default_factory=list)
    suggestion: str = ""
    risk_note: str = ""
    waiting_for: str = ""
    effects: dict[str, Any] = field(default_factory=dict)
    private_phrases: list[str] = field(default_factory=list)


@dataclass
class Move:
    """Something that moves at once because somebody on the other side, or one of our own, did it."""

    kind: str
    wait: WaitingItem | None = None
    params: dict[str, Any] = field(default_factory=dict)


@dataclass
class Notice:
    """Something that colleagues or a partner are told."""

    to: Conversation
    about: str
    words: str
    wait: WaitingItem | None = None


@dataclass
class Plan:
    """All that follows from a statement."""

    topics: list[str] = field(default_factory=list)
    texts: list[PlannedText] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    alerts_to: list[str] = field(default_factory=list)
    review_without_text: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    wait: WaitingItem | None = None
    owe_answer: bool = False
    fact: dict[str, Any] | None = None
    open_case: ServiceFlow | None = None
    reopen: bool = False
    #: Not the matter of the closed case that is nearest.
    new_matter: bool = False
    #: The closed case that a new one follows: the same matter, but closed longer ago than its flow allows to reopen.
    follows: ServiceCase | None = None
    settled: bool = False


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


def english(case: ServiceCase | None, situation: Situation, text: str = "") -> bool:
    """Whether the customer is written to in English."""
    conversation = case.conversation if case is not None else situation.conversation
    if conversation.language == "en":
        return True
    return bool(text) and wording.is_english(text) and situation.customer_reads


class Planner:
    """Plans one statement of a message in its situation."""

    def __init__(
        self,
        situation: Situation,
        reading: StatementReading,
        case: ServiceCase | None,
        case_sure: bool,
        candidates: list[ServiceCase],
        *,
        alone: bool = True,
    ) -> None:
        self.s = situation
        self.r = reading
        self.case = case
        self.case_sure = case_sure
        self.candidates = candidates
        self.plan = Plan(topics=list(reading.risk_topics))
        self.waits = situation.waits_of(case)
        self.en = english(case, situation, reading.text)
        self.name = contact_name(case, situation)
        self._found: list[Hit] | None = None
        self._worded_by: list[KnowledgeVersion] = []
        self._alone = alone

    # --- small helpers ------------------------------------------------------------------------------------------------

    def topic(self, name: str) -> None:
        if name not in self.plan.topics:
            self.plan.topics.append(name)

    def drop_topic(self, *names: str) -> None:
        self.plan.topics = [topic for topic in self.plan.topics if topic not in names]

    def say(self, kind: str, text: str, **more: Any) -> PlannedText:
        sources = [*more.pop("sources", []), *self._worded_by]
        self._worded_by = []
        planned = PlannedText(more.pop("to", None) or self.s.conversation, kind, text, sources=sources, **more)
        self.plan.texts.append(planned)
        return planned

    def words(self, zh: str, en: str) -> str:
        return en if self.en else zh

    def text(self, key: str, *, english: bool | None = None, **places: object) -> str:
        """A wording template, filled for the customer; an editor's version of it becomes a source of the next text that is planned."""
        name = str(places.pop("name", self.name))
        wording = render(
            key, english=self.en if english is None else english, name=name,
            flow_id=self.case.flow_id if self.case is not None else None, **places,
        )  # fmt: skip
        if wording.version is not None:
            self._worded_by.append(wording.version)
        return wording.text

    def holding(self, *, name: str | None = None) -> str:
        """A text that says only that somebody looks at it; always reviewed."""
        return self.text("other.holding", name=self.name if name is None else name)

    def notify(
        self,
        about: str,
        zh: str,
        *,
        partner: bool = True,
        internal: bool = True,
        wait: WaitingItem | None = None,
        said: str = "",
    ) -> None:
        if self.case is None:
            return
        targets: list[Conversation] = []
        if wait is not None and wait.requested_in is not None:
            targets.append(wait.requested_in)
        flow = self.case.flow
        group = sit.internal_conversation(self.case)
        if internal and flow.notify_internal and group is not None:
            targets.append(group)
        partner_group = sit.partner_conversation(self.case)
        if partner and flow.notify_partner and partner_group is not None:
            targets.append(partner_group)
        for target in dict.fromkeys(targets):
            words = zh
            if said and target.kind == ConversationKind.INTERNAL_GROUP:
                words = f"{zh}（原话：{said[:80]}）" if not self.en else f"{zh} (said: {said[:80]})"
            self.plan.notices.append(Notice(target, about, words, wait))

    def open_waits(self, states: frozenset[str], *, on_customer: bool = True) -> list[WaitingItem]:
        return [
            wait for wait in self.waits
            if wait.state in states and (not on_customer or wait.on is None or wait.on.side == Side.CUSTOMER) and wait.on_role != Role.INTERNAL_HANDLER
        ]  # fmt: skip

    def pick(self, waits: list[WaitingItem]) -> WaitingItem | None:
        """The item among these that is answered: what the engine says, else the one whose need shares most words, else the oldest."""
        if not waits:
            return None
        engine = next((wait for wait in waits if str(wait.pk) == self.r.wait_ref), None)
        said = bigrams(self.r.text)

        def shared(wait: WaitingItem) -> int:
            return len(said & bigrams(f"{wait.need} {wait.requirement.name if wait.requirement else ''}"))

        best = max(waits, key=shared)
        if shared(best) > (shared(engine) if engine else 0):
            return best
        return engine or waits[0]

    # --- entry ----------------------------------------------------------------------------------------------------------

    def build(self) -> Plan:
        """The plan for this statement."""
        if self.s.side == Side.INTERNAL:
            self._internal()
        elif self.s.side == Side.PARTNER:
            if self.s.customer_reads:
                self._partner_before_customer()
            else:
                self._partner()
        else:
            self._customer()
        return self.plan

    # --- customers ------------------------------------------------------------------------------------------------------

    def _customer(self) -> None:
        intent, signals = self.r.intent, self.r.signals
        if self.s.in_public and intent in QUIET_INTENTS:
            self.drop_topic("public_group")
        quiet = intent in QUIET_INTENTS and not self.plan.topics and not self.r.alerts
        if self.s.in_public and not quiet:
            self.topic("public_group")
        about_somebody = intent == "asks_question" and not self.s.in_public and ABOUT_SOMEBODY.search(self.r.text)
        if not self.s.identity_sure and (
            about_somebody or intent not in (*QUIET_INTENTS, "asks_question", "reports_issue")
        ):
            self.topic("identity_uncertain")
        if self._foreign_paper(None) and intent not in ("asks_question", "complains"):
            self.topic("sensitive_material")
        if "injection" in signals and not quiet:
            self.plan.reasons.append("injection")
        if self.r.alerts or intent == "complains":
            self.plan.alerts_to.append("supervisor")
        if not self.case_sure and len(self.candidates) > 1 and intent not in (*QUIET_INTENTS, "asks_question"):
            self._uncertain_case()
            return
        if self._overtaken():
            self.plan.review_without_text.append("overtaken")
            return
        if "sensitive_material" in self.plan.topics and self._images() and intent in (*QUIET_INTENTS, "defers"):
            self._on_provides_material()
            return
        if intent != "confirms_appointment" and self._takes_option():
            return
        if quiet:
            self._maybe_yes()
            return
        if self._answers_our_question() or self._places_earlier_picture():
            return
        if set(self.plan.topics) & RULE_TOPICS and self._asks_for_a_rule():
            self.drop_topic(*RULE_TOPICS)
        handler = getattr(self, f"_on_{intent}", None)
        if self.s.in_public and intent not in ("asks_question",):
            self.say(
                "other",
                self.text("other.public", name=""),
            )
            self.plan.owe_answer = True
            return
        if not self.s.identity_sure and intent not in ("asks_question", "reports_issue"):
            self.say(
                "other",
                self.text("other.identity"),
            )
            return
        unopened = self.case is None or self.case.state != CaseState.OPEN
        if intent == "reports_issue" and unopened:
            self._on_reports_issue()
            if self.r.alerts and self.plan.texts:
                # A person answers first; what the flow asks for can wait.
                self.plan.texts.clear()
                self.say("other", self.holding())
                self.plan.owe_answer = True
            return
        if self._risky_words() and intent not in ("confirms_completion", "provides_material", "confirms_appointment"):
            self._risky()
            return
        if handler is None:
            self._risky()
            return
        handler()

    def _foreign_paper(self, wait: WaitingItem | None) -> bool:
        """Whether the picture shows, by the sender's words, a personal paper that this item does not ask for."""
        named = SENSITIVE.findall(self.r.text)
        if not named or not self._images() or (wait is not None and any(word in wait.need for word in named)):
            return False
        # Several pictures, and what was asked for is named as well: it is among them.
        asked_too = wait is not None and len(self._images()) > 1 and bool(bigrams(wait.need) & bigrams(self.r.text))
        return not asked_too

    def _risky_words(self) -> bool:
        return bool(
            set(self.plan.topics)
            - {"public_group", "unproven_completion", "service_promise", "sensitive_material", "case_uncertain"}
        ) or bool(self.r.alerts)

    def _overtaken(self) -> bool:
        """Whether something that the same side wrote later about this case has reached us before."""
        if self.case is None:
            return False
        return any(
            m.sender_side == self.s.side and m.sent_at > self.s.message.sent_at and m.recalled_at is None
            for m in self.s.previous
        )

    def _uncertain_case(self) -> None:
        self.topic("case_uncertain")
        choices = [self._about(case) for case in self.candidates[:3]]
        text = self.text("other.which_case", choices=self.words("，还是", " or ").join(choices))
        self.say(
            "other",
            text,
            suggestion=self.words("先问清是哪一件，再登记。", "Ask which matter is meant before recording it."),
        )
        self.plan.owe_answer = True

    def _about(self, case: ServiceCase) -> str:
        waits = [w for w in self.s.waits_of(case) if w.on is not None and w.on.side == Side.CUSTOMER]
        if waits:
            return re.sub(r"，请.*$|请她.*$|请他.*$", "", waits[0].need)[:30]
        return case.title or case.flow.name

    def _maybe_yes(self) -> None:
        """A bare “好的” answers a question of ours only where exactly one is open."""
        if not YES.match(self.r.text):
            return
        states = frozenset({"waiting_appointment", "waiting_confirmation"})
        asked = [
            wait
            for case in (self.candidates or ([self.case] if self.case else []))
            for wait in self.s.waits_of(case)
            if wait.state in states and wait.on is not None and wait.on.side == Side.CUSTOMER
        ]
        if len(asked) > 1 and len({wait.case_id for wait in asked}) > 1:
            self._uncertain_case()
        elif len(asked) == 1 and self.case is not None and self.case_sure:
            if asked[0].state == "waiting_appointment":
                self._agree(asked[0])
            else:
                self._answer_confirmation(asked[0])

    def _answers_our_question(self) -> bool:
        """Whether this is the content of an answer to the confirmation that we asked for."""
        if self.r.intent not in ("defers", "declines", "provides_material", "asks_question", "confirms_appointment"):
            return False
        if self._risky_words() or self._images() or CANCEL_WORDS.search(self.r.text) or LATER.search(self.r.text):
            return False
        waits = self.open_waits(frozenset({"waiting_confirmation"}))
        if not waits or re.search(r"[?？]|吗|怎么|多少", self.r.text):
            return False
        wait = self.pick(waits)
        if wait is None or not bigrams(self.r.text) & bigrams(wait.need):
            return False
        self._answer_confirmation(wait)
        return True

    def _places_earlier_picture(self) -> bool:
        """Whether these words say what a picture is for that came before and belongs to nothing yet."""
        if (
            self.r.intent not in ("defers", "chats", "provides_material", "confirms_completion", "asks_question")
            or self._risky_words()
        ):
            return False
        if self._images() or not self._earlier_images() or asks_something(self.r.text) or LATER.search(self.r.text):
            return False
        waits = self.open_waits(frozenset({"waiting_customer_material"}))
        wait = self.pick(waits)
        if wait is None or not bigrams(self.r.text) & bigrams(wait.need):
            return False
        self._take_material(wait, waits)
        return True

    def _takes_option(self) -> bool:
        """Carry out a choice that these words make among what we offered."""
        option = self._option()
        if option is not None:
            self._answer_confirmation(*option)
        return option is not None

    def _option(self) -> tuple[WaitingItem, str] | None:
        """The open choice that these words take, and the option in the words of our question."""
        hard = set(self.plan.topics) - {
            "public_group",
            "service_promise",
            "unproven_completion",
            "case_uncertain",
            "account",
        }
        if hard or self.r.alerts or not self.s.identity_sure or self.s.in_public:
            return None
        for wait in self.open_waits(frozenset({"waiting_confirmation"})):
            for need in (wait.need, *self._earlier_choices()):
                option = answers.chosen(need, self.r.text)
                if option:
                    return wait, option
            decided = answers.decided(wait.need, self.r.text)
            if decided:
                return wait, decided
        return None

    def _earlier_choices(self) -> list[str]:
        """Choices of this case that were answered before: somebody may come back to them."""
        if self.case is None:
            return []
        closed = self.case.waits.filter(state="completed", on__side=Side.CUSTOMER).order_by("-pk")
        return list(closed.values_list("need", flat=True)[:3])

    def _on_acknowledges(self) -> None:
        """Risky words around thanks: a person looks."""
        self._risky()

    _on_chats = _on_acknowledges

    def _risky(self) -> None:
        soft = self.r.intent == "complains" or set(self.plan.topics) & {"complaint", "dispute", "negative_review"}
        text = self.text("other.sorry") if soft else self.holding()
        self.say(
            "other", text,
            suggestion=self.words("涉及承诺、金额或投诉，请核实后亲自措辞。", "Money, promises or a complaint: check the facts and word it yourself."),
        )  # fmt: skip
        self.plan.owe_answer = True
        if soft:
            hold_over_night(self)

    def _on_complains(self) -> None:
        self.topic("complaint") if not set(self.plan.topics) & {"complaint", "dispute", "negative_review"} else None
        self._risky()

    _on_requests_remedy = _on_requests_change = _risky

    def _images(self) -> list[str]:
        if "without_picture" in self.r.signals:
            return []
        return [kind for kind in self.s.attachments if kind in ("image", "video", "file")]

    def _on_provides_material(self) -> None:
        waits = self.open_waits(frozenset({"waiting_customer_material"}))
        accepting = [w for w in self.open_waits(frozenset({"waiting_confirmation"})) if w.proof == "image"]
        if not waits and accepting and self._images():
            self._on_confirms_completion()
            return
        waits = waits or self.open_waits(frozenset({"requested", "waiting_executor", "waiting_contact_coordination"}))
        wait = self.pick(waits)
        if self._foreign_paper(wait):
            wait = None
        if wait is None:
            if self.case is None:
                self.say("other", self.holding())
                self.plan.owe_answer = True
                return
            if self._images():
                self.plan.moves.append(Move("material", None))
            self.say("material_received", self.text("material_received.unasked"))
            return
        self._take_material(wait, waits)

    def _take_material(self, wait: WaitingItem, waits: list[WaitingItem]) -> None:
        self.plan.wait = wait
        if wait.proof in ("image", "file") and not self._images() and not self._earlier_images():
            self.plan.moves.append(Move("note", wait))
            label = wait.requirement.name if wait.requirement else ""
            self.say("material_request", self.text("material_request.still_missing", material=label or self.words("照片", "photo")), missing=[label or wait.need])  # fmt: skip
            return
        self.plan.moves.append(Move("receive", wait))
        # What was asked for is there: how the engine felt about the words does not matter.
        fits = wait.proof in ("image", "file") or wait.need_kind == "material"
        self.plan.settled = bool(self._images()) and fits and not self.plan.topics
        short = wait.count_needed - wait.count_received - len(self._images())
        if wait.count_needed > 1 and short > 0:
            many = (
                f"{short}张{self._short(wait)}"
                if not self.en
                else f"{short} of {wait.count_needed} ({self._short(wait)})"
            )
            self.say("material_received", self.text("material_received.partly", missing=many), missing=[many])
            return
        rest = [w for w in waits if w.pk != wait.pk and w.state == "waiting_customer_material"]
        if rest:
            names = ("、" if not self.en else " and ").join(dict.fromkeys(self._short(w) for w in rest))
            self.say(
                "material_received",
                self.text("material_received.partly", missing=names),
                missing=[names],
            )
            return
        self.say(
            "material_received",
            self.text("material_received.complete"),
        )
        if wait.requested_in is not None:
            title = case_title(self.case, self.waits) if self.case else ""
            self.notify(
                "material_received",
                f"{title}：{self._need_words(wait)}，客户已发来，请查收。" if not self.en else f"{title}: the customer has sent what was asked for ({self._need_words(wait)}), material received.",
                partner=wait.requested_in.kind == ConversationKind.PARTNER_GROUP, wait=wait,
            )  # fmt: skip

    @staticmethod
    def _short(wait: WaitingItem) -> str:
        """What an item asks for, in as few words as a reader needs."""
        if wait.requirement is not None:
            return wait.requirement.name
        words = re.sub(
            r"^(麻烦|请|烦请|辛苦)(您|你|她|他|客户)?(再|先|帮忙)?(补|发|拍|传|提供|给)?(一?[下张份个])?", "", wait.need
        )
        return re.split(r"[，,。；;]", words.strip("：: "))[0][:30] or wait.need[:30]

    def _earlier_images(self) -> bool:
        """Whether the sender's last message brought a picture that belongs to nothing yet."""
        last = self.s.previous[:4]
        mine = next((m for m in last if m.sender_id == self.s.message.sender_id), None)
        return (
            mine is not None and any(a.type == "image" for a in mine.attachments.all()) and not mine.materials.exists()
        )

    def _need_words(self, wait: WaitingItem) -> str:
        """What was asked, for those who asked it."""
        text = self._plain(re.sub(r"@\S+\s*", "", wait.need))
        text = re.sub(r"(，|^)(请|麻烦|让)(您|他|她|客户)", r"\1", text).rstrip("～~。 ")
        return text[:120]

    def _on_confirms_completion(self) -> None:
        if set(self.plan.topics) - {"unproven_completion", "case_uncertain"}:
            self._risky()
            return
        waits = self.open_waits(DONE_STATES)
        wait = self.pick(waits)
        if wait is None:
            if self.case is None:
                self.say("other", self.holding(), held=["no_case"])
                return
            self.say(
                "completion_confirmed",
                self.text("completion_confirmed.thanks"),
            )
            self.notify(
                "customer_says_done",
                f"{case_title(self.case, self.waits)}：客户反馈已经好了。",
                partner=False,
                said=self.r.text,
            )
            return
        self.plan.wait = wait
        if self.r.signals & {"partial"} or (
            "hedged" in self.r.signals and wait.proof == "none" and "unproven_completion" in self.plan.topics
        ):
            self.plan.moves.append(Move("note", wait))
            return
        if wait.proof == "image" and not self._images():
            self.topic("unproven_completion")
            self.plan.moves.append(Move("note", wait))
            picture = "截图" if re.search("截图|截个图|截一张|screenshot", wait.need, re.I) else "照片"
            self.say("material_request", self.text("material_request.proof", picture=picture if not self.en else "screenshot" if picture == "截图" else "photo"),
                missing=[wait.need[:60]], effects={"proof_of": wait.pk})  # fmt: skip
            return
        if wait.proof == "text" and wait.need_kind == "action" and phrases.SAYS_ONLY_DONE.match(self.r.text):
            self.topic("unproven_completion")
            self.plan.moves.append(Move("note", wait))
            self.say("material_request", self.text("material_request.still_missing", material=answers.asked_for(wait.need) or self._need_words(wait)),
                missing=[wait.need[:60]], effects={"proof_of": wait.pk})  # fmt: skip
            return
        if "unproven_completion" in self.plan.topics:
            if (wait.proof in ("none", "text") and "hedged" not in self.r.signals) or self._images():
                self.drop_topic("unproven_completion")
        # The act and its proof are there: how the engine felt about the words does not matter.
        self.plan.settled = wait.proof == "image" and bool(self._images())
        received = wait.state == "waiting_customer_material"
        self.plan.moves.append(Move("receive" if received else "complete", wait))
        confirmed = wait.state == "waiting_confirmation" and answers.asks_whether_done(wait.need)
        others = [w for w in self.waits if w.pk != wait.pk and w.on_role != Role.INTERNAL_HANDLER]
        title = case_title(self.case, self.waits) if self.case else ""
        if confirmed and not others:
            self.plan.moves.append(Move("complete_case"))
            self.say(
                "completion_confirmed",
                self.text("completion_confirmed.closed"),
            )
        else:
            self.say("material_received", self.text("material_received.done"))
        done = self._need_words(wait)
        self.notify(
            "completion",
            (f"{title}：{done}——客户确认已完成。" if not self.en else f"{title}: {done} - the customer confirms it is done.")
            + ("" if not self._images() else ("（已发来照片）" if not self.en else " (picture received)")),
            wait=wait, said=self.r.text,
        )  # fmt: skip

    def _time(self) -> TimeReading | None:
        """The time that is proposed: the first that is named and not ruled out (“明天不行，大后天下午”)."""
        ahead = [t for t in self.r.times if t.end > self.s.message.sent_at] or list(self.r.times)
        found = [t for t in ahead if not self._ruled_out(t)] or ahead
        return found[0] if found else None

    def _ruled_out(self, moment: TimeReading) -> bool:
        after = self.r.text.partition(moment.words)[2][:14] if moment.words else ""
        before = self.r.text.partition(moment.words)[0][-6:] if moment.words else ""
        return bool(
            re.match(
                r"\s*(上午|下午|晚上|早上|那天)?(就|都|是|可能|恐怕)?(不行|没空|没时间|有事|不在|来不了|去不了|不方便|约出去|排满|要上班|加班)",
                after,
            )
            or re.match(r"\W*(won'?t|can'?t|doesn'?t|is(n'?t| not)|no longer)\b", after, re.I)
            or re.search(r"(别|不要|不是|取消)$|\bnot $", before)
        )

    def _on_confirms_appointment(self) -> None:
        waits = self.open_waits(frozenset({"waiting_appointment"}))
        wait = self.pick(waits)
        moment = self._time()
        if wait is None:
            confirm = self.pick(self.open_waits(frozenset({"waiting_confirmation"})))
            if confirm is not None and not answers.is_choice(confirm.need):
                self._answer_confirmation(confirm)
                return
            fixed = self._appointment()
            if fixed and moment is not None and self._same_day(fixed, moment):
                self.say(
                    "appointment_confirmed",
                    self.text("appointment_confirmed.known", time=fixed["words"]),
                )
                return
            if fixed or self.case is not None:
                self.topic("service_promise")
            self.say("appointment_proposed", self.text("appointment_proposed.to_check", time=f"（{wording.day_words(moment, english=False)}）" if moment else ""), effects={"promise": True})  # fmt: skip
            self.plan.owe_answer = True
            return
        self._agree(wait)

    def _appointment(self) -> dict[str, Any] | None:
        if self.case is None:
            return None
        fact = self.case.facts.filter(subject="appointment").order_by("-fact_at", "-pk").first()
        return {"words": fact.words, "at": fact.fact_at} if fact else None

    @staticmethod
    def _same_day(fixed: dict[str, Any], moment: TimeReading) -> bool:
        day = f"{moment.start.month}月{moment.start.day}日"
        return day in fixed["words"] or f"{moment.start.day} {moment.start:%B}" in fixed["words"]

    def _chosen(self, wait: WaitingItem) -> tuple[str, bool]:
        """What was agreed, in words, and whether our side had proposed it (then it stands)."""
        moment = self._time()
        options = re.split(r"\s*(?:或者?|还是|or)\s*", re.sub(r"^.*?[：:](?!\d)", "", wait.need))
        offered = re.search(r"\d{1,2}[:：]\d\d|\d+\s*点|\d+月\d+日|\d+号", wait.need)
        if moment is not None and offered:
            marks = {
                f"周{wording._WEEKDAYS[moment.start.weekday()]}",
                f"{moment.start.day}日",
                f"{moment.start.day}号",
                moment.words.strip(),
            }
            fits = [option for option in options if any(mark and mark in option for mark in marks)]
            if len(options) > 1 and len(fits) == 1:
                return fits[0].strip(" 。"), True
        if (
            offered
            and len(options) == 1
            and (
                moment is None
                or any(mark in wait.need for mark in self._clock_marks(moment))
                or (moment.precision in ("hour", "minute") and self._clock(moment) in wait.need)
            )
        ):
            clean = re.search(r"\d+月\d+日（周.）(\d+:\d\d|上午|下午|晚上)?", wait.need)
            return (clean.group(0) if clean else options[0].strip(" 。")), True
        if moment is not None:
            return wording.day_words(moment, english=self.en), False
        return wait.need[:60] if offered else "", bool(offered)

    @staticmethod
    def _clock(moment: TimeReading) -> str:
        return f"{moment.start.hour}:{moment.start.minute:02d}"

    @staticmethod
    def _clock_marks(moment: TimeReading) -> set[str]:
        hour = moment.start.hour
        return (
            {f"{hour}:{moment.start.minute:02d}", f"{hour % 12}:{moment.start.minute:02d}"}
            if moment.precision in ("hour", "minute")
            else set()
        )

    def _agree(self, wait: WaitingItem) -> None:
        self.plan.wait = wait
        words, ours = self._chosen(wait)
        self.drop_topic("service_promise")
        self.plan.moves.append(Move("complete", wait))
        title = case_title(self.case, self.waits) if self.case else ""
        label = (re.match(r"[\u4e00-\u9fff]{2,6}(?=二选一|三选一|时间)", wait.need) or [""])[0]
        if ours:
            self.plan.moves.append(
                Move(
                    "fact",
                    None,
                    {
                        "subject": "appointment",
                        "words": f"{label or '约定时间'}：{words}" if not self.en else f"appointment: {words}",
                    },
                )
            )
            self.say(
                "appointment_confirmed",
                self.text("appointment_confirmed.chosen", time=words),
            )
            self.notify(
                "appointment",
                f"{title}：客户确认时间 {words}。" if not self.en else f"{title}: the customer confirms {words}.",
                wait=wait,
            )
            return
        self.say("appointment_proposed", self.text("appointment_proposed.customer_time", time=words or self.words("您说的时间", "the time you named")), effects={"promise": True})  # fmt: skip
        contact = sit.partner_contact(self.case) if self.case else None
        if contact is not None:
            self.plan.moves.append(
                Move("ask_partner", None, {"need": f"{title}：客户方便的时间 {words}，请确认能否上门"})
            )
            group = sit.partner_conversation(self.case) if self.case else None
            if group is not None:
                self.plan.notices.append(
                    Notice(
                        group,
                        "appointment",
                        f"{title}：客户方便的时间是 {words}，请确认。"
                        if not self.en
                        else f"{title}: the customer proposes {words}. Please confirm.",
                        wait,
                    )
                )

    def _answer_confirmation(self, wait: WaitingItem, option: str = "") -> None:
        self.plan.wait = wait
        self.drop_topic("service_promise", *(("account", "unproven_completion", "case_uncertain") if option else ()))
        self.plan.settled = self.plan.settled or bool(option)
        self.plan.moves.append(Move("complete", wait))
        self.say(
            "completion_confirmed" if self.r.intent == "confirms_completion" else "issue_received",
            self.text("issue_received.choice"),
        )
        title = case_title(self.case, self.waits) if self.case else ""
        numbers = " ".join(dict.fromkeys(re.findall(r"[A-Za-z]{2,}", wait.need)))
        self.notify(
            "confirmation",
            f"{title} {numbers}：{self._need_words(wait)} —— 客户{'选择：' + option if option else '回复：' + self.r.text[:60]}",
            wait=wait,
        )

    def _on_defers(self) -> None:
        waits = self.open_waits(frozenset({*DONE_STATES, "waiting_appointment"}))
        if "passes_on" in self.r.signals:
            passed = [
                w
                for w in waits
                if w.state in ("waiting_contact_coordination", "requested")
                and w.state == "waiting_contact_coordination"
            ]
            if passed:
                self.plan.wait = passed[0]
                until = self._follow_up(passed[0])
                self.plan.moves.append(
                    Move("pass_on", passed[0], {"executor": self._executor(passed[0]), "until": until})
                )
                return
        wait = self.pick(waits)
        if wait is None:
            return
        self.plan.wait = wait
        self.plan.moves.append(Move("defer", wait, {"until": self._follow_up(wait)}))

    def _executor(self, wait: WaitingItem) -> Person | None:
        if self.case is None:
            return None
        people = [p for p in sit.customer_people(self.case) if not p.in_wecom]
        named = [
            p
            for p in people
            if p.name in f"{self.r.text} {wait.need}" or (stem(p.name) and stem(p.name) in self.r.text)
        ]
        return next(iter(named or people), None)

    def _follow_up(self, wait: WaitingItem) -> datetime | None:
        """When a competent handler would look again: two working hours after the time that was named."""
        moment = self._time()
        if moment is None or self.case is None:
            return None
        whole_day = moment.end - moment.start >= timedelta(hours=20)
        return work_calendar(self.case.flow.calendar).add_working(
            moment.end, timedelta(minutes=30 if whole_day else 120)
        )

    def _on_declines(self) -> None:
        whole = bool(CANCEL_WORDS.search(self.r.text)) and not re.search(
            r"先别取消|别取消|不取消|不是取消", self.r.text
        )
        waits = [w for w in self.waits if w.on_role != Role.INTERNAL_HANDLER]
        wait = self.pick(self.open_waits(frozenset({*DONE_STATES, "waiting_appointment"}))) or (
            waits[0] if waits else None
        )
        self.plan.wait = wait
        all_of_it = len(waits) <= 1 or wait is None or CALLS_OFF.search(self.r.text)
        if whole and self.case is not None and self.case.state == CaseState.OPEN and all_of_it:
            self.plan.moves.append(Move("cancel_case", None, {"note": self.r.text}))
            title = case_title(self.case, self.waits)
            self.say(
                "cancellation_confirmed",
                self.text("cancellation_confirmed.case"),
            )
            self.notify(
                "cancellation",
                f"{title}：客户取消，不用上门了。"
                if not self.en
                else f"{title}: the customer has called it off; cancelled.",
                said=self.r.text,
            )
            return
        if wait is not None:
            self.plan.moves.append(Move("cancel", wait))
            self.say(
                "cancellation_confirmed",
                self.text("cancellation_confirmed.item"),
            )
            if wait.requested_in is not None:
                self.notify(
                    "cancellation",
                    f"{case_title(self.case, self.waits) if self.case else ''}：{self._need_words(wait)} —— 客户表示不用了。",
                    wait=wait,
                    said=self.r.text,
                )
            return
        self._risky()

    def _on_asks_progress(self) -> None:
        if self.case is None:
            self.topic("identity_uncertain" if not self.s.identity_sure else "case_uncertain")
            self.say("other", self.holding())
            self.plan.owe_answer = True
            return
        if set(self.plan.topics) & {"service_promise"}:
            self._unclear()
            return
        self.drop_topic("case_uncertain")
        facts = list(self.case.facts.order_by("-fact_at", "-pk")[:6])
        newest = next((fact for fact in facts if fact.subject != "appointment"), None)
        appointment = next((fact for fact in facts if fact.subject == "appointment"), None)
        parts: list[str] = []
        if newest is not None and newest.blocked:
            self._unclear()
            return
        if newest is not None and newest.words:
            parts.append(newest.words)
        if appointment is not None and appointment.words and (newest is None or appointment.words not in newest.words):
            parts.append(appointment.words)
        if not parts:
            partner_waits = [
                w
                for w in self.waits
                if w.state in ("waiting_partner_feedback", "waiting_executor", "waiting_internal_review")
                and len(w.need) > 8
            ]
            for wait in partner_waits[:1]:
                apart = wording.take_apart(
                    wait.need, private_names=sit.private_names(self.case, reader="customer", text=wait.need)
                )
                known = self._state_is_told(wait.need)
                if apart.kept and known:
                    parts.append("，".join(apart.kept) if not self.en else ", ".join(apart.kept))
        if not parts:
            parts = self._waits_for_you()
        if not parts:
            self._unclear()
            return
        self.plan.settled = self._sure_of_act()
        text = self.text("progress_update.known", progress=self.words("；", "; ").join(parts))
        self.say("progress_update", text)

    def _waits_for_you(self) -> list[str]:
        """Where a matter stands that waits for the customer: what they were asked for, and what it waits for beside."""
        others = [w for w in self.waits if w.on is not None and w.on.side != Side.CUSTOMER and w.need_kind != "answer"]
        mine = [
            w for w in self.waits if w.on is not None and w.on.side == Side.CUSTOMER and w.state != "material_received"
        ]
        if not mine:
            return []
        needs = "、".join(dict.fromkeys(self._need_words(w) for w in mine))
        if sit.private_names(self.case, reader="customer", text=needs):
            return []
        parts = [self.words(f"目前等您这边：{needs}", f"we are waiting for you: {needs}")]
        if any(w.on is not None and w.on.side == Side.PARTNER for w in others):
            parts.append(self.words("另外还在等服务方的反馈", "we are also waiting for the service provider"))
        elif others:
            parts.append(self.words("另外我们还有一项在办", "one thing is also still with us"))
        return parts

    @staticmethod
    def _state_is_told(need: str) -> bool:
        """Whether a need says where the matter stands (a date, a step), not only that something is waited for."""
        return bool(
            re.search(
                r"已|预计|到货|周[一二三四五六日]|\d+月|\d+号|\d+日|expected|scheduled|inspect|on its way|shipped|ordered|booked|due (on |by )?(\w+day|\d)|by \w+day",
                need,
                re.I,
            )
        )

    def _sure_of_act(self) -> bool:
        """Whether it is clear that somebody only asks: then a known answer needs no second look."""
        sure = self.r.confidence
        asks_plainly = sure.get("intent", 1.0) >= 0.5 or asks_something(self.r.text)
        return asks_plainly and sure.get("p_trouble", 0.0) < 0.4

    def _unclear(self) -> None:
        self.say(
            "progress_update",
            self.holding(),
            held=["state_unclear"],
            suggestion=self.words(
                "进展不明确，先向负责方问清再回复。", "The state is unclear: ask whoever is in charge first."
            ),
        )
        self.plan.owe_answer = True

    def _applies(self) -> dict[str, Any]:
        """For whom and where an answer is wanted, as far as it is known."""
        case, conversation = self.case, self.s.conversation
        customer = case.customer if case is not None else conversation.customer
        member = (
            self.s.identity_sure
            and not self.s.in_public
            and customer is not None
            and KnowledgePolicy.is_member(customer)
        )
        return {
            "channels": ("wecom", conversation.surface), "audience": Audience.MEMBER if member else Audience.CUSTOMER,
            "matter": case.flow if case is not None else None,
            "context": " ".join([case.title, *map(str, case.labels)]) if case is not None else "",
        }  # fmt: skip

    def _hits(self) -> list[Hit]:
        """What published knowledge answers to these words; asked once."""
        if self._found is None:
            applies = self._applies()
            self._found = search(self.r.text, at=self.s.at, **applies)
            # Where somebody tells something and asks something, what they ask is looked for.
            asking = [part for part in clauses(self.r.text) if asks_something(part) and len(part) >= 4]
            for part in asking if not self._found and asking != [self.r.text] else ():
                self._found = self._found or search(part, at=self.s.at, **applies)
        return self._found

    def _asks_for_a_rule(self) -> bool:
        """Whether somebody only asks how something works, and a published item says it."""
        asks_rule = (
            RULE_QUESTION.search(self.r.text) and not DEMAND.search(self.r.text) and not BARGAINS.search(self.r.text)
        )
        return self.r.intent == "asks_question" and bool(asks_rule) and bool(self._hits())

    def _on_asks_question(self) -> None:
        hits = self._hits()
        if not self.s.identity_sure and not self.s.in_public and not hits:
            self.topic("identity_uncertain")
        if not hits and self._case_answers():
            self._on_asks_progress()
            return
        if not hits and phrases.ASKS_PRICE.search(self.r.text):
            self.topic("price")
        if set(self.plan.topics) - {"public_group"} or not hits:
            text = self.holding(name="" if self.s.in_public else None)
            self.say(
                "faq_answer" if not set(self.plan.topics) - {"public_group"} else "other", text, source_missing=not hits
            )
            self.plan.owe_answer = True
            return
        version = hits[0].version
        self.plan.settled = self._sure_of_act()
        answer = answer_text(version, language="en" if self.en else "zh")
        name = "" if self.s.in_public else self.name
        text = self.text("faq_answer.published", name=name, answer=answer)
        self.say("faq_answer", text, sources=[version])

    def _case_answers(self) -> bool:
        """Whether somebody asks when, of their own case, and what was last told in it names a time for the same thing."""
        if self.case is None or not self.case_sure or self.plan.topics or not ASKS_WHEN.search(self.r.text):
            return False
        fact = next((f for f in self.case.facts.order_by("-fact_at", "-pk")[:6] if f.words), None)
        if fact is None or fact.blocked or not phrases.NAMES_TIME.search(fact.words):
            return False
        same = bool(bigrams(fact.words) & bigrams(self.r.text))
        return same or bool(TAKES_PLACE.search(fact.words) and TAKES_PLACE.search(self.r.text))

    def _on_reports_issue(self) -> None:
        if self.case is not None and self.case.state != CaseState.OPEN:
            same = self._same_matter(self.case)
            if same and not self._may_reopen(self.case):
                self.plan.follows = self.case
            if not same or self.plan.follows is not None:
                self.case, self.waits, self.plan.new_matter = None, [], True
        if self.case is not None and self.case.state != CaseState.OPEN:
            self.plan.reopen = True
            self.say(
                "issue_received",
                self.text("issue_received.again"),
                effects={"promise": True},
            )
            return
        if self.case is not None:
            waits = self.open_waits(frozenset({"waiting_customer_material"}))
            if self._images() and waits:
                self._take_material(self.pick(waits) or waits[0], waits)
                return
            self.say(
                "issue_received",
                self.text("issue_received.more"),
                effects={"promise": True},
            )
            return
        if len(self.r.text) <= 12 and not self._images() and not _PREDICATE.search(self.r.text):
            self.say("other", self.holding(), held=["says_too_little"])
            return
        flow = self._flow()
        if flow is None or self.s.message.sender.customer_id is None:
            self.say("other", self.holding(), held=["no_flow"] if flow is None else ["no_customer"])
            self.plan.owe_answer = True
            return
        self.plan.open_case = flow
        materials = list(flow.materials.all())
        if materials:
            names = "、".join(m.name for m in materials) if not self.en else " and ".join(m.name for m in materials)
            self.say("material_request", self.text("material_request.new_case", materials=names),
                missing=[m.name for m in materials], waiting_for=names,
                effects={"asks": [self._material_ask(m) for m in materials]})  # fmt: skip
            return
        self.say(
            "issue_received",
            self.text("issue_received.new"),
            effects={"promise": True},
        )

    def _may_reopen(self, case: ServiceCase) -> bool:
        """Whether a case was closed so lately that its matter is taken up again in it; otherwise a new case follows it."""
        closed = case.closed_at
        return closed is not None and self.s.at - closed <= timedelta(days=case.flow.reopen_days)

    def _same_matter(self, case: ServiceCase) -> bool:
        """Whether what is reported is the matter of a closed case, not another one of the same customer."""
        if re.search(
            r"又|再次|还是|同样|一样的?(毛病|问题)|老毛病|上次|\b(again|same|still|back)\b", self.r.text, re.I
        ):
            return True
        needs = list(case.waits.values_list("need", flat=True)[:20])
        about = bigrams(" ".join([case.title, case.flow.name, *map(str, case.flow.keywords), *needs]))
        if bigrams(self.r.text) & about:
            return True
        flow = self._flow()
        return flow is not None and flow.pk == case.flow_id and not case.title

    @staticmethod
    def _material_ask(material: MaterialRequirement) -> dict[str, Any]:
        return {
            "state": "waiting_customer_material", "need": material.name, "need_kind": "material", "requirement": material.pk,
            "proof": "image" if material.type in ("image", "video") else material.type if material.type in ("text", "file") else "none",
            "count": material.count,
        }  # fmt: skip

    def _flow(self) -> ServiceFlow | None:
        flows = list(
            ServiceFlow.objects.filter(active=True, intake=False).select_related(
                "calendar", "supervisor", "fallback_owner"
            )
        )
        if len(flows) == 1:
            return flows[0]
        said = bigrams(self.r.text)

        def fit(flow: ServiceFlow) -> float:
            words = " ".join([flow.name, *map(str, flow.keywords)])
            return len(said & bigrams(words)) + sum(
                2 for word in flow.keywords if str(word) and str(word) in self.r.text
            )

        ranked = sorted(flows, key=fit, reverse=True)
        return (
            ranked[0]
            if ranked and fit(ranked[0]) > 0 and (len(ranked) == 1 or fit(ranked[0]) > fit(ranked[1]))
            else None
        )

    # --- our own people ---------------------------------------------------------------------------------------------------

    def _internal(self) -> None:
        kind = self.s.conversation.kind
        if kind == ConversationKind.INTERNAL_GROUP:
            if (
                self.r.intent == "requests_cooperation"
                and not CLOSE_WORDS.search(self.r.text)
                and "internal_only" not in self.r.signals
                and (wording.is_english(self.r.text) or wording.REQUEST.search(self.r.text) or self.s.message.mentions)
            ):
                self._relay()
                return
            self.plan.topics = []
            if (
                CLOSE_WORDS.search(self.r.text)
                and self.case is not None
                and self.case_sure
                and self.case.state == CaseState.OPEN
            ):
                self.plan.moves.append(Move("complete_case", None, {"note": self.r.text}))
            return
        self.plan.topics = []
        if kind == ConversationKind.PARTNER_GROUP:
            if self.case is not None and self.case_sure and QUESTION_TO_PARTNER.search(self.r.text):
                self.plan.moves.append(Move("ask_partner", None, {"need": re.sub(r"\s+", " ", self.r.text)[:200]}))
            return
        if kind != ConversationKind.COMMUNITY_GROUP:
            self.plan.moves.append(Move("staff_spoke"))

    def _partner_before_customer(self) -> None:
        if self.r.risk_topics or self.r.alerts or self.r.signals & {"holds_money", "holds_blame"}:
            self.plan.alerts_to.append("owner")
            if self.r.alerts:
                self.plan.alerts_to.append("supervisor")
            self.plan.reasons.append("partner_in_customer_group")

    # --- partners ---------------------------------------------------------------------------------------------------------

    def _partner(self) -> None:
        intent = self.r.intent
        if self.r.alerts:
            self.plan.alerts_to.append("supervisor")
        if intent in QUIET_INTENTS or self._only_gossip() or OWN_ABSENCE.search(self.r.text):
            self.plan.topics = []
            return
        if intent in ("requests_cooperation",):
            self._relay()
        elif intent in ("confirms_appointment",) or (intent == "reports_result" and self._offers_time()):
            self._partner_time()
        elif intent in (
            "reports_result",
            "confirms_completion",
            "provides_material",
            "reports_issue",
            "defers",
            "declines",
        ):
            self._result()
        elif self.plan.topics or self.r.alerts:
            self.plan.review_without_text.append("partner_needs_person")
            self._hold_fact()
        elif intent in ("asks_question", "asks_progress", "requests_change"):
            self.plan.review_without_text.append("partner_asks_us")

    def _only_gossip(self) -> bool:
        """Whether all that is no bare “got it” in these words is talk that stays among colleagues."""
        apart = wording.take_apart(self.r.text)
        rest = [clause for clause in apart.kept if not BARE_ACK.match(clause)]
        if self.r.alerts or rest or not apart.withheld:
            return False
        return bool(apart.kept) or apart.codes <= MERE_TALK

    def _offers_time(self) -> bool:
        moment = self._time()
        return (
            moment is not None
            and bool(
                re.search(
                    r"(可以|行|(?<![太阳性功智只才不])能)(?!.{0,6}(用|看|打开))|上门|到(?!货)|取件|约", self.r.text
                )
            )
            and not (FINISHED.search(self.r.text) and not re.search(r"上门|过去|取件|约", self.r.text))
            and moment.precision != "vague"
            and not re.search(r"到货|发货|寄|出货|单号|前重新|送检|特能|发车|更正|为准", self.r.text)
        )

    def _known(self) -> tuple[list[str], tuple[str, ...], dict[str, str]]:
        assert self.case is not None
        people = [p.name for p in sit.customer_people(self.case)]
        names = list(dict.fromkeys([self.case.customer.name, *people]))
        names += [short for short in map(stem, names) if short]
        labels = (*sit.labels_of(self.case, self.waits), *order_numbers(self.r.text[:14]))
        return names, tuple(dict.fromkeys(labels)), sit.private_names(self.case, reader="customer", text=self.r.text)

    def _need_case(self) -> bool:
        if self.case is not None and self.case_sure and self.case.state == CaseState.OPEN:
            return True
        if self.case is not None and self.case_sure:
            self.plan.review_without_text.append("case_closed")
            return False
        if not self._alone and not self.plan.topics and "names_case" not in self.r.signals:
            # A line of a list that is about no customer (下周一我请假) is for the record.
            self.plan.reasons.append("partner_fragment")
            return False
        if "missing_context" not in self.plan.topics:
            self.topic("case_uncertain")
        self.plan.review_without_text.append("case_uncertain")
        return False

    def _relay(self) -> None:
        named = self.case is not None and self.case_sure and "vague_reference" not in self.r.signals
        vague = ("missing_context" in self.plan.topics and not named) or (
            "vague_reference" in self.r.signals and self.case is not None and not self.case_sure
        )
        if vague:
            self.topic("missing_context")
            self.plan.review_without_text.append("missing_context")
            return
        if self.case is not None and not self.case_sure and len(self.candidates) == 1 and len(self.r.text) >= 12:
            self.case_sure = True
        if not self._need_case():
            return
        assert self.case is not None
        self.drop_topic("case_uncertain", "missing_context")
        names, labels, private = self._known()
        text, apart = wording.relay_request(
            self.r.text, name=self.name, names=names, labels=labels, private_names=private
        )
        text = self._about_what(text)
        self._trouble(apart)
        ask = asks.asks_of_request(self.r.text, contact=self.name)
        target = sit.reply_target(self.case)
        before = self.r.text[: asked.start()] if (asked := wording.REQUEST.search(self.r.text)) else self.r.text
        has_report = bool(
            re.search(r"(换|修|装|寄|测|做|洗|检)(好|完|上)了|今天寄出|已(经)?(换|修|寄|发|到)", self.r.text)
            or FINISHED.search(before)
        )
        if has_report:
            self._answer_partner_wait()
            self._close_what_led_here()
        if not text:
            self.plan.review_without_text.append("nothing_to_relay")
            return
        bare = wording.drop_references(apart.kept, names=names, labels=labels)
        content = [clause for clause in bare if not wording.ONLY_ASKS.search(clause)] or bare or list(apart.kept)
        clean_need = re.sub(r"\s+", " ", "，".join(content))[:200] or ask.need
        told = [clause for clause in content if not wording.REQUEST.search(clause)]
        if told and re.search(r"\d+点|今晚|明天|后天|周[一二三四五六日]|\d+号|好了|完了|到了|寄", "，".join(told)):
            words = "，".join(wording.turn_to_reader(clause) for clause in told)
            self.plan.moves.append(Move("fact", None, {"subject": "progress", "words": words}))
        english = self.en or wording.is_english(text)
        self.say(
            "cooperation_request", self.text("cooperation_request.relayed", english=english, request=text), to=target,
            waiting_for=self.name, private_phrases=[clause for clause, _code in apart.withheld],
            effects={"asks": [{
                "state": ask.state, "need": clean_need, "need_kind": ask.need_kind, "proof": ask.proof,
                "requested_in": self.s.conversation.pk,
            }]},
        )  # fmt: skip
        self.plan.moves.append(Move("labels", None, {"labels": list(order_numbers(self.r.text))}))

    def _about_what(self, text: str) -> str:
        """A relayed text with the matter it is about: in the customer's own words where they reported it, else by what tells their cases apart."""
        if text and not self.en and self.case is not None and not self.case.title:
            theirs = [c for c in self.s.cases if c.customer_id == self.case.customer_id and c.state == CaseState.OPEN]
            called = re.search(r"([\u4e00-\u9fff]{2,10}?)[那这](单|批|件|台|套|份|笔)", self.r.text)
            about = called.group(1) if called else ""
            for name in (self.case.customer.name, self.name):
                about = about.replace(name, "")
            if len(theirs) > 1 and 2 <= len(about.strip("的")) <= 8 and about not in text:
                return f"关于{about.strip('的')}，{text}"
        if not text or self.en or self.case is None or not self.case.title:
            return text
        title = re.split(r"[，。,.！!？?\s]", self.case.title)[0][:20]
        if len(title) < 4 or wording.is_english(text) or title in text:
            return text
        # A first clause that only names the thing is said by the title already.
        first, _comma, others = text.partition("，")
        return f"关于您说的“{title}”，{others if first in title and others else text}"

    def _trouble(self, apart: wording.Clauses) -> None:
        if REVIEW_TRADE.search(self.r.text):
            self.topic("compliance")
        if apart.codes & {"money", "cost"} and re.search(r"\d{2,}", self.r.text) and not self.en:
            self.topic("payment")
        if apart.codes & RELAY_TROUBLE or "injection" in self.r.signals:
            self.topic("complex_relay")

    def _close_what_led_here(self) -> None:
        """Who reports that the visit is over no longer waits for what was to be prepared for it (清空灶台, before “装好了”)."""
        for wait in self.open_waits(frozenset({"requested"})):
            if wait.requested_in_id != self.s.conversation.pk or wait.proof != "none":
                continue
            coming = re.search(r"(?:去|来|上门|过去|再)[^，,。]{0,4}([装修换测洗取送搬拆检铺吊])", wait.need)
            if coming and re.search(rf"{coming.group(1)}(好|完|上|掉|走|过)了?", self.r.text):
                self.plan.moves.append(Move("complete", wait, {"reason": "overtaken_by_result"}))

    def _hold_fact(self) -> None:
        if self.case is not None and self.case_sure:
            self.plan.moves.append(Move("fact", None, {"subject": "progress", "words": "", "blocked": True}))

    def _answer_partner_wait(self) -> WaitingItem | None:
        waits = [w for w in self.waits if w.state == "waiting_partner_feedback"]
        wait = self.pick(waits)
        if wait is not None:
            self.plan.wait = wait
            self.plan.moves.append(Move("complete", wait))
        return wait

    def _result(self) -> None:
        if not self._need_case():
            return
        assert self.case is not None
        if self._overtaken_by_partner():
            self.plan.review_without_text.append("overtaken")
            return
        self.drop_topic("case_uncertain", "missing_context", "identity_uncertain")
        names, labels, private = self._known()
        text, apart = wording.relay_result(
            self.r.text, name=self.name, names=names, labels=labels, private_names=private
        )
        self._trouble(apart)
        claimed = [w for w in self.waits if w.state == "material_received"]
        recently = self.case.waits.filter(state__in=["completed", "material_received"], on__side=Side.CUSTOMER).exists()
        if recently and (
            (NEGATIVE.search(self.r.text) and not DONE_WORDS.search(self.r.text)) or self._denies_what_was_done()
        ):
            self.topic("verification_conflict")
            if not re.search(r"投诉|起诉|赔|律师", self.r.text):
                self.drop_topic("dispute")
        elif DONE_WORDS.search(self.r.text) and "verification_conflict" not in self.plan.topics:
            for wait in claimed:
                self.plan.moves.append(Move("complete", wait, {"reason": "verified"}))
        self._answer_partner_wait()
        self._close_what_led_here()
        self.plan.moves.append(Move("labels", None, {"labels": list(order_numbers(self.r.text))}))
        target = sit.reply_target(self.case)
        blocked = (
            bool(apart.codes & {"uncertain"})
            or "tech_risk" in self.r.signals
            or bool(set(self.plan.topics) & {"dispute", "verification_conflict"})
        )
        told = text.strip("。. ")
        self.plan.moves.append(
            Move("fact", None, {"subject": "progress", "words": told, "blocked": blocked or not told})
        )
        if blocked or not text:
            if text or self.plan.topics:
                self.say(
                    "result_update",
                    self.holding(),
                    to=target,
                    held=["state_unclear"],
                    private_phrases=[c for c, _ in apart.withheld],
                    suggestion=self.words(
                        "结果不确定或有分歧，请核实后亲自措辞。",
                        "The result is uncertain or contested: check it and word it yourself.",
                    ),
                )
            else:
                self.plan.review_without_text.append("nothing_to_relay")
            return
        moment = self._time()
        if (
            moment is not None
            and moment.precision != "vague"
            and not self.en
            and re.search(r"\d+号|号出|下?周", moment.words)
        ):
            text = (
                text.replace(moment.words, f"{moment.words}（{moment.start.month}月{moment.start.day}日）")
                if moment.words in text
                else text
            )
        effects: dict[str, Any] = {}
        requested = asks.asks_of(text) if re.search(r"请|麻烦", self.r.text) else []
        if requested:
            effects["asks"] = [
                {
                    "state": a.state,
                    "need": a.need,
                    "need_kind": a.need_kind,
                    "proof": a.proof,
                    "requested_in": self.s.conversation.pk,
                }
                for a in requested
            ]
        if self._visit():
            self.plan.moves.append(
                Move(
                    "fact",
                    None,
                    {"subject": "appointment", "words": wording.day_words(moment, english=self.en) if moment else told},
                )
            )
        english = self.en or wording.is_english(text)
        words = self.text("result_update.relayed", english=english, result=text)
        self.say("result_update", words, to=target, effects=effects, private_phrases=[c for c, _ in apart.withheld])

    def _denies_what_was_done(self) -> bool:
        """Whether the partner denies the very act that the customer says they did (断电 done, “根本没断过”)."""
        assert self.case is not None
        done = self.case.waits.filter(state__in=["completed", "material_received"], on__side=Side.CUSTOMER)
        for need in done.order_by("-pk").values_list("need", flat=True)[:3]:
            for denied in re.finditer(r"(?:没有?|未|不曾|从没|从未)([\u4e00-\u9fff])", self.r.text):
                if denied.group(1) in need:
                    return True
        return False

    def _visit(self) -> bool:
        return self._time() is not None and bool(re.search(r"上门|去.{0,8}家|到您?家|给(她|他)(换|装|修)", self.r.text))

    @staticmethod
    def _plain(text: str) -> str:
        """A relayed text without its greeting, as a fact."""
        text = re.sub(r"^.{0,16}您好，(跟您同步一下进展：)?", "", text)
        text = re.sub(r"^Hi .{0,30}?, an update on your case: ", "", text)
        return text.strip("。. ")

    def _overtaken_by_partner(self) -> bool:
        return self._overtaken()

    def _partner_time(self) -> None:
        if not self._need_case():
            return
        assert self.case is not None
        if self._overtaken():
            self.plan.review_without_text.append("overtaken")
            return
        self.drop_topic("case_uncertain", "missing_context", "service_promise")
        if not NEGATIVE.search(self.r.text):
            self.drop_topic("verification_conflict")
        names, labels, private = self._known()
        _text, apart = wording.relay_result(
            self.r.text, name=self.name, names=names, labels=labels, private_names=private
        )
        self._trouble(apart)
        target = sit.reply_target(self.case)
        moment = self._merged_time()
        counter = bool(
            re.search(
                r"约出去|排满|排不开|没空|来不及|不行了|(行不行|行吗|可以吗|可不可以|行不|如何)[？?]?$", self.r.text
            )
            or phrases.PUTS_TIME.search(self.r.text)
        )
        words = wording.day_words(moment, english=self.en) if moment else ""
        self._answer_partner_wait()
        if moment is None:
            self._result()
            return
        if counter:
            self.plan.moves.append(
                Move("fact", None, {"subject": "appointment_offer", "words": words, "blocked": False})
            )
            self.say("appointment_proposed", self.text("appointment_proposed.our_time", time=words),
                to=target, waiting_for=self.name, private_phrases=[c for c, _ in apart.withheld],
                effects={"asks": [{"state": "waiting_appointment", "need": f"上门时间：{words}", "need_kind": "appointment", "proof": "none", "requested_in": self.s.conversation.pk}]})  # fmt: skip
            return
        for wait in [w for w in self.waits if w.state == "waiting_appointment"]:
            self.plan.moves.append(Move("complete", wait, {"reason": "time_agreed"}))
        self.plan.moves.append(
            Move(
                "fact",
                None,
                {
                    "subject": "appointment",
                    "words": f"{words}"
                    if self.en
                    else f"已约定{words}上门"
                    if re.search("上门|家", self.r.text)
                    else words,
                },
            )
        )
        rest = [clause for clause in drop_time_clauses(apart.kept, names) if clause]
        told = [
            wording.turn_to_reader(clause)
            for clause in wording.drop_references(apart.kept, names=names, labels=labels)
            if FINISHED.search(clause) or re.search(r"(到|发|齐|备)(货|了|好了?|齐了?)$", clause)
        ]
        extra = "，".join(
            [
                *([] if self.en else told),
                *(wording.turn_to_reader(re.sub(r"^(请|让|麻烦)(她|他|客户)?", "麻烦您", clause)) for clause in rest),
            ]
        )
        self.say("appointment_confirmed", self.text("appointment_confirmed.arranged", time=words, extra=f"，{extra}" if extra else ""),
            to=target, private_phrases=[c for c, _ in apart.withheld])  # fmt: skip

    def _merged_time(self) -> TimeReading | None:
        """The time that is meant where a day and a clock time stand apart (19号上午可以 我9点半到), or the day stood in our question."""
        readings = [t for t in self.r.times if t.precision != "vague"]
        if not readings:
            return None
        days = [
            t
            for t in readings
            if t.precision in ("day", "part_of_day") or re.search(r"号|日|周|星期|礼拜|天|月|day", t.words)
        ]
        clocks = [t for t in readings if t.precision in ("hour", "minute")]
        counter = re.search(r"约出去|排满|排不开|没空|来不及", self.r.text)
        if clocks:
            clock = clocks[-1] if counter else clocks[0]
            if re.search(r"号|日|周|星期|礼拜|天|月|day", clock.words):
                return clock
            base = days[0] if days else None
            if base is None:
                return clock
            start = clock.start.replace(year=base.start.year, month=base.start.month, day=base.start.day)
            if start.hour < 8 and base.start.hour >= 12:
                start = start.replace(hour=start.hour + 12)
            return TimeReading(f"{base.words}{clock.words}", start, start + (clock.end - clock.start), clock.precision)
        return days[0] if days else readings[0]


def drop_time_clauses(clauses: tuple[str, ...], names: list[str]) -> list[str]:
    """Clauses of a partner's answer about a time that say something beside the time: what to prepare, who must be at home."""
    return [
        clause for clause in clauses
        if re.search(r"请|麻烦|留|挪|腾|准备|关|拔|充|带上|提前", clause) and not re.search(r"行不行|可以吗", clause)
    ]  # fmt: skip
