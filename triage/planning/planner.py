"""What is known about a statement, and the hand that writes its plan."""

from __future__ import annotations

from typing import Any

from cases.models import Role, ServiceCase, WaitingItem
from conversations.models import Conversation, ConversationKind
from knowledge.models import KnowledgeVersion
from knowledge.search import Hit
from knowledge.voices import voice_for
from knowledge.wordings import render
from people.models import Side
from triage import phrases
from triage import situation as sit
from triage.engines.base import StatementReading, TimeReading
from triage.matching import bigrams, characters
from triage.planning import moments
from triage.planning.naming import contact_name, writes_english
from triage.planning.plans import Notice, Plan, PlannedText
from triage.situation import Situation
from triage.statements import asks_something, told_and_missing


class Planner:
    """One statement of a message in its situation: what is known about it, and its plan as it is written."""

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
        self.situation = situation
        self.reading = reading
        self.said = reading.meant or reading.text
        self.case = case
        self.case_sure = case_sure
        self.candidates = candidates
        self.plan = Plan(topics=list(reading.risk_topics))
        self.waits = situation.waits_of(case)
        self.en = writes_english(case, situation, reading.text)
        self.name = contact_name(case, situation)
        self.found: list[Hit] | None = None
        self._worded_by: list[KnowledgeVersion] = []
        self.alone = alone
        #: Who owes us an answer in one matter only speaks of that matter, without naming it.
        self.answers_us = False

    def topic(self, name: str) -> None:
        """Note a risk topic, once."""
        if name not in self.plan.topics:
            self.plan.topics.append(name)

    def drop_topic(self, *names: str) -> None:
        """Risk topics that the engine felt and that what is known here rules out."""
        self.plan.topics = [topic for topic in self.plan.topics if topic not in names]

    def say(self, kind: str, text: str, **more: Any) -> None:
        """Plan a text of a kind, into this conversation unless `to` names another one; `more` are the fields of `PlannedText`."""
        sources = [*more.pop("sources", []), *self._worded_by]
        self._worded_by = []
        planned = PlannedText(more.pop("to", None) or self.situation.conversation, kind, text, sources=sources, **more)
        self.plan.texts.append(planned)

    def words(self, zh: str, en: str) -> str:
        """The one of two wordings that the customer reads."""
        return en if self.en else zh

    def text(self, key: str, *, english: bool | None = None, **places: object) -> str:
        """A wording template, filled for the customer; an editor's version of it becomes a source of the next text that is planned."""
        name = str(places.pop("name", self.name))
        wording = render(
            key, english=self.en if english is None else english, name=name,
            flow_id=self.case.flow_id if self.case is not None else None,
            voice=voice_for(case=self.case, conversation=self.situation.conversation), **places,
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
        wait: WaitingItem | None = None,
        said: str = "",
    ) -> None:
        """Plan a notice to whoever asked for an item, and to the groups that the flow tells.

        :param said: the customer's own words, which colleagues see beside it.
        """
        if self.case is None:
            return
        targets: list[Conversation] = []
        if wait is not None and wait.requested_in is not None:
            targets.append(wait.requested_in)
        flow = self.case.flow
        group = sit.internal_conversation(self.case)
        if flow.notify_internal and group is not None:
            targets.append(group)
        partner_group = sit.partner_conversation(self.case)
        if partner and flow.notify_partner and partner_group is not None:
            targets.append(partner_group)
        for target in dict.fromkeys(targets):
            words = zh
            if said and target.kind == ConversationKind.INTERNAL_GROUP:
                words = f"{zh}（原话：{said[:80]}）" if not self.en else f"{zh} (said: {said[:80]})"
            self.plan.notices.append(Notice(target, about, words, wait))

    def open_waits(self, states: frozenset[str]) -> list[WaitingItem]:
        """Open items in these states that the customer's side owes, or nobody in particular."""
        return [
            wait for wait in self.waits
            if wait.state in states and (wait.on is None or wait.on.side == Side.CUSTOMER) and wait.on_role != Role.INTERNAL_HANDLER
        ]  # fmt: skip

    def pick(self, waits: list[WaitingItem]) -> WaitingItem | None:
        """The item among these that is answered: what the engine says, else the one whose need shares most words, else the oldest."""
        if not waits:
            return None
        engine = next((wait for wait in waits if str(wait.pk) == self.reading.wait_ref), None)
        told, lacking = told_and_missing(self.said) if self.pictures() and len(waits) > 1 else (self.said, "")

        said, unsaid = bigrams(told), bigrams(lacking)
        short, unshort = characters(told), characters(lacking)

        def shared(wait: WaitingItem) -> tuple[int, int]:
            need = f"{wait.need} {wait.requirement.name if wait.requirement else ''}"
            pieces, chars = bigrams(need), characters(need)
            return len(said & pieces) - len(unsaid & pieces), len(short & chars) - len(unshort & chars)

        best = max(waits, key=shared)
        (pieces, chars), (own, few) = shared(best), shared(engine) if engine else (0, 0)
        if len(waits) > 1 and len({wait.case_id for wait in waits}) == 1 and lacking:
            others = max(shared(wait) for wait in waits if wait is not best)
            if (pieces, chars) > others:
                # Of the things that one case asks for the words rule the others out: no case is in doubt.
                self.drop_topic("case_uncertain")
                return best
        if pieces > own or (pieces == own and chars > few + 1):
            return best
        return engine or waits[0]

    def pictures(self) -> list[str]:
        """Kinds of the pictures and files that came with this statement."""
        if "without_picture" in self.reading.signals:
            return []
        return [kind for kind in self.situation.attachments if kind in ("image", "video", "file")]

    def has_earlier_picture(self) -> bool:
        """Whether the sender's last message brought a picture that belongs to nothing yet."""
        last = self.situation.previous[:4]
        mine = next((m for m in last if m.sender_id == self.situation.message.sender_id), None)
        return (
            mine is not None and any(a.type == "image" for a in mine.attachments.all()) and not mine.materials.exists()
        )

    def is_overtaken(self) -> bool:
        """Whether something that the same side wrote later about this case has reached us before."""
        if self.case is None:
            return False
        return any(
            m.sender_side == self.situation.side
            and m.sent_at > self.situation.message.sent_at
            and m.recalled_at is None
            for m in self.situation.previous
        )

    def is_risky(self) -> bool:
        """Whether a topic or an alert wants a person's own words; some topics only hold the text that is planned anyway."""
        return bool(
            set(self.plan.topics)
            - {"public_group", "unproven_completion", "service_promise", "sensitive_material", "case_uncertain"}
        ) or bool(self.reading.alerts)

    def proposed_time(self) -> TimeReading | None:
        """The time that is proposed: the first that is named and not ruled out (“明天不行，大后天下午”)."""
        ahead = [t for t in self.reading.times if t.end > self.situation.message.sent_at] or list(self.reading.times)
        found = [t for t in ahead if not moments.is_ruled_out(t, self.said)] or ahead
        if len(found) > 1 and phrases.MOVES_TIME.search(self.said):
            # The first is the one that cannot be kept.
            return found[-1]
        return found[0] if found else None

    def is_sure_of_act(self) -> bool:
        """Whether it is clear that somebody only asks: then a known answer needs no second look."""
        sure = self.reading.confidence
        asks_plainly = sure.get("intent", 1.0) >= 0.5 or asks_something(self.said)
        return asks_plainly and sure.get("p_trouble", 0.0) < 0.4
