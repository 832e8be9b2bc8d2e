"""Playing a story through the real pipeline: the same rows, steps and rules, a channel that captures, and a clock that is stepped.

The format of stories is that of `docs/rehearse.md`. Nothing here decides anything: it feeds messages and verdicts in and looks at rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from django.db.models import Q

from aijia import pump
from cases import operations as cases
from cases.calendars import work_calendar
from cases.models import (
    Calendar,
    CalendarException,
    DueRule,
    MaterialRequirement,
    Reminder,
    Role,
    ServiceCase,
    ServiceFlow,
    WaitingItem,
    Writeback,
)
from cases.operations import Fact
from conversations.models import CUSTOMER_VISIBLE, Conversation, Message, Surface
from conversations.operations import (
    ConversationRef,
    IncomingAttachment,
    IncomingMessage,
    SenderRef,
    add_member,
    ingest_message,
    recall_message,
)
from delivery.models import Outbound, OutboundKind, OutboundState
from evidence.models import Entry
from foundation.actors import Actor
from foundation.errors import DomainError
from foundation.remembering import forget_all
from knowledge import operations as knowledge
from people.models import Customer, IdentityCertainty, Partner, Person, Side, StaffMember
from people.operations import identify
from review import operations as review
from review.models import AutomationLevel, Draft, DraftState, Level, ReplyKind, Verdict
from triage.models import Decision

ACCOUNT = "rehearsal"
ZONE = ZoneInfo("Asia/Shanghai")
DIRECTOR = Actor.machine("rehearsal")
SURFACES = {
    "private": Surface.STAFF_PRIVATE,
    "customer_group": Surface.CUSTOMER_GROUP,
    "community_group": Surface.CUSTOMER_GROUP,
    "internal_group": Surface.INTERNAL_APP,
    "partner_group": Surface.PARTNER_EXTERNAL,
}


class StoryLoader(yaml.SafeLoader):
    """SafeLoader in which only true and false are booleans."""


StoryLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
StoryLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def load_story(path: str | Path) -> dict[str, Any]:
    """A story as plain data."""
    with open(path, encoding="utf-8") as file:
        story: dict[str, Any] = yaml.load(file, Loader=StoryLoader)
    return story


def span(words: str) -> timedelta:
    """“+4h30m”, “26h”, “2d1h” as a duration."""
    found = re.fullmatch(r"\+?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?", words)
    if not found:
        raise ValueError(f"{words!r} is not a duration")
    days, hours, minutes = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


@dataclass
class Released:
    """A text that was released during a step."""

    outbound: Outbound
    to: str
    text: str
    by_rule: bool
    customer: bool


@dataclass
class Step:
    """What one step caused."""

    number: int
    at: datetime
    decision: Decision | None = None
    drafts: list[Draft] = field(default_factory=list)
    released: list[Released] = field(default_factory=list)
    reminded: list[str] = field(default_factory=list)
    verdict: Verdict | None = None
    refused: str = ""


class Rehearsal:
    """Plays one story in the database that is connected. Use an empty one."""

    def __init__(self, story: dict[str, Any]) -> None:
        self.story = story
        self.start: datetime = story["start"].astimezone(ZONE)
        self.people: dict[str, Person] = {}
        self.staff: dict[str, StaffMember] = {}
        self.conversations: dict[str, Conversation] = {}
        self.cases: dict[str, ServiceCase] = {}
        self.messages: dict[int, Message] = {}
        self.failures: list[str] = []
        self.trace: list[dict[str, Any]] = []
        self.clock = self.start

    # --- the company of the story --------------------------------------------------------------------------------------------

    def build(self) -> None:
        """Make the rows that stand when the story starts."""
        self._people()
        self._conversations()
        self._flows()
        self._knowledge()
        self._policy()
        self._cases()

    def _people(self) -> None:
        groups: dict[str, str] = {}
        customers = [p for p in self.story["people"] if p["side"] == "customer"]
        for conversation in self.story["conversations"]:
            if conversation["kind"] == "customer_group":
                inside = [m for m in conversation["members"] if any(p["key"] == m for p in customers)]
                head = next((groups[m] for m in inside if m in groups), inside[0] if inside else "")
                for member in inside:
                    groups[member] = head
        for person in customers:
            if person["key"] not in groups:
                relative = next(
                    (o["key"] for o in customers if o["key"] != person["key"] and o["name"] in person["name"]), None
                )
                alone = [p["key"] for p in customers if p.get("in_wecom", True)]
                if not person.get("in_wecom", True):
                    key = relative or (alone[0] if alone else person["key"])
                    groups[person["key"]] = groups.get(key, key)
                else:
                    groups[person["key"]] = person["key"]
        names = {p["key"]: p["name"] for p in self.story["people"]}
        rows: dict[str, Customer] = {}
        for person in self.story["people"]:
            key, side = person["key"], person["side"]
            customer = partner = staff = None
            if side == "customer":
                head = groups[key]
                customer = rows.get(head) or Customer.objects.create(name=names[head], language=self._language())
                rows[head] = customer
            elif side == "partner":
                partner, _created = Partner.objects.get_or_create(name=person["organisation"])
            elif side == "internal":
                staff = StaffMember.objects.create(name=person["name"], is_supervisor=bool(person.get("supervisor")))
                self.staff[key] = staff
            row = Person.objects.create(
                name=person["name"], side=side, customer=customer, partner=partner, staff=staff,
                in_wecom=person.get("in_wecom", True), relation="",
            )  # fmt: skip
            self.people[key] = row
            if row.in_wecom:
                certainty = IdentityCertainty.UNKNOWN if side == "unknown" else IdentityCertainty.VERIFIED
                identify(account=ACCOUNT, external_id=key, person=row, certainty=certainty)

    def _language(self) -> str:
        return "en" if self.story.get("lang") == "en" else "zh"

    def _conversations(self) -> None:
        for entry in self.story["conversations"]:
            members = [self.people[m] for m in entry["members"]]
            customers = {m.customer_id for m in members if m.customer_id}
            partners = {m.partner_id for m in members if m.partner_id}
            conversation = Conversation.objects.create(
                account=ACCOUNT, external_id=entry["key"], kind=entry["kind"], surface=SURFACES[entry["kind"]], name=entry["name"],
                language=self._language(),
                customer_id=customers.pop() if len(customers) == 1 and entry["kind"] != "community_group" else None,
                partner_id=partners.pop() if len(partners) == 1 else None,
                owner=next((m.staff for m in members if m.staff is not None), None),
            )  # fmt: skip
            for member in members:
                add_member(conversation=conversation, person=member, at=self.start)
            self.conversations[entry["key"]] = conversation

    def _flows(self) -> None:
        given = self.story.get("calendar")
        week = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
        if given:
            begin, end = given["hours"].split("-")
            week = {day: [[begin, end]] for day in given["days"]}
        calendar = Calendar.objects.create(name="story", week=week, use_mainland_holidays=not given)
        if given:
            for day in given.get("holidays", []):
                CalendarException.objects.create(calendar=calendar, date=day, spans=[])
            for day in given.get("workdays", []):
                CalendarException.objects.create(calendar=calendar, date=day, spans=[given["hours"].split("-")])
        self.calendar = calendar
        handler = next((s for k, s in self.staff.items() if not s.is_supervisor), None) or next(
            iter(self.staff.values())
        )
        for entry in self.story["flows"]:
            completion = entry.get("completion", {"proof": "none", "notify": ["internal"]})
            flow = ServiceFlow.objects.create(
                key=entry["key"], name=entry["name"], service_context=entry["service_context"], calendar=calendar,
                completion_proof=completion["proof"], notify_internal="internal" in completion["notify"],
                notify_partner="partner" in completion["notify"], supervisor=self.staff[entry["supervisor"]], fallback_owner=handler,
            )  # fmt: skip
            for material in entry.get("materials", []):
                MaterialRequirement.objects.create(
                    flow=flow, key=material["key"], name=material["name"], type=material["type"]
                )
            for state, words in entry.get("due", {}).items():
                DueRule.objects.create(flow=flow, state=state, minutes=int(span(words).total_seconds() // 60))

    def _knowledge(self) -> None:
        for entry in self.story.get("knowledge", []):
            since = until = None
            if entry["kind"] == "campaign":
                since = datetime.combine(entry["valid_from"], time(0), ZONE)
                until = datetime.combine(entry["valid_until"] + timedelta(days=1), time(0), ZONE)
            knowledge.seed(
                kind=entry["kind"], state=entry["status"], title=entry["title"], body=entry["body"], valid_from=since,
                valid_until=until, at=self.start,
            )  # fmt: skip

    def _policy(self) -> None:
        if self.story["policy"] == "mature":
            for kind in ReplyKind.values:
                if kind not in (ReplyKind.HOLDING_NOTICE, ReplyKind.OTHER):
                    AutomationLevel.objects.create(reply_kind=kind, level=Level.DIRECT)

    def _cases(self) -> None:
        for entry in self.story.get("cases", []):
            flow = ServiceFlow.objects.get(key=entry["flow"])
            contact = self.people[entry["customer"]]
            assert contact.customer is not None
            partner_person = self.people.get(entry.get("partner", ""))
            case = cases.open_case(
                flow=flow, customer=contact.customer, conversation=self.conversations[entry["conversation"]], owner=self.staff[entry["owner"]],
                contact=contact, partner=partner_person.partner if partner_person else None, actor=DIRECTOR, at=self.start,
            )  # fmt: skip
            if partner_person is not None:
                cases.add_participant(case=case, person=partner_person, role=Role.FULFILLMENT_PARTNER)
            for wait in entry.get("waits", []):
                at = self.start - span(wait.get("age", "0m"))
                on = self.people[wait["waiting_on"]]
                cases.open_wait(
                    case=case, state=wait["state"], on=on, on_role=self._role(on, wait["state"]), need=wait["need"], proof=wait.get("proof", "none"),
                    fact=Fact(DIRECTOR, at, at), due_at=None,
                )  # fmt: skip
            state = entry.get("state", "open")
            fact = Fact(DIRECTOR, self.start, self.start, None, "other")
            if state == "cancelled":
                cases.cancel_case(case_id=case.pk, fact=fact, note="story")
            elif state == "completed":
                ServiceFlow.objects.filter(pk=flow.pk).update(completion_proof="none")
                cases.complete_case(case_id=case.pk, fact=fact)
                ServiceFlow.objects.filter(pk=flow.pk).update(completion_proof=flow.completion_proof)
            self.cases[entry["key"]] = case

    @staticmethod
    def _role(person: Person, state: str) -> str:
        if person.side == Side.PARTNER:
            return Role.FULFILLMENT_PARTNER
        if person.side == Side.INTERNAL:
            return Role.INTERNAL_HANDLER
        return Role.ACTUAL_EXECUTOR if state == "waiting_executor" else Role.CUSTOMER_CONTACT

    # --- playing ---------------------------------------------------------------------------------------------------------------

    def play(self) -> list[str]:
        """Play every step and check what it expects. Returns what failed, in sentences."""
        forget_all()  # the story before this one had another company
        self.build()
        for number, entry in enumerate(self.story["steps"]):
            at = self.start + span(entry["at"])
            before = self._marks()
            self._pass_time(at)
            step = Step(number, at)
            self._do(number, entry, step)
            self._collect(step, before)
            self._check(number, entry, step)
            self.trace.append(self._line(number, step))
        self._finally()
        return self.failures

    def _marks(self) -> dict[str, int]:
        def last(model: Any) -> int:
            row = model.objects.order_by("-pk").values_list("pk", flat=True).first()
            return int(row or 0)

        self._released_before = set(Draft.objects.filter(outbound__isnull=False).values_list("pk", flat=True))
        return {"draft": last(Draft), "outbound": last(Outbound), "reminder": last(Reminder)}

    def _instants(self, until: datetime) -> Iterator[datetime]:
        """Every instant up to `until` at which something falls due: an item, or its second reminder a working day later."""
        calendar = work_calendar(self.calendar)
        while True:
            due: list[datetime] = []
            for wait in WaitingItem.objects.open().filter(due_at__isnull=False):
                assert wait.due_at is not None
                due.append(wait.due_at)
                due.append(calendar.same_time_next_working_day(wait.due_at))
            ahead = [moment for moment in due if self.clock < moment <= until]
            if not ahead:
                return
            self.clock = min(ahead)
            yield self.clock

    def _drain(self, at: datetime, *, deadlines: bool = False) -> None:
        """Everything that is due. In a story whoever may tap a text taps it at once: nobody is reminded of texts and notices still to be tapped."""
        Outbound.objects.to_tap().update(nagged=2)
        Writeback.objects.owed().filter(outbound_ref__isnull=False).update(remind_at=None)
        pump.drain(at, channel=False, deadlines=deadlines)

    def _pass_time(self, at: datetime) -> None:
        for moment in self._instants(at):
            self._drain(moment, deadlines=True)
        self.clock = at
        self._drain(at, deadlines=True)

    def _do(self, number: int, entry: dict[str, Any], step: Step) -> None:
        if "say" in entry:
            self._say(number, entry, step)
        elif "review" in entry:
            self._review(entry["review"], step)
        elif "recall" in entry:
            message = self.messages[entry["recall"]["step"]]
            recall_message(
                account=ACCOUNT, source=message.source, external_id=message.external_id, recalled_at=step.at, at=step.at
            )
        self._drain(step.at)

    def _say(self, number: int, entry: dict[str, Any], step: Step) -> None:
        say, original = entry["say"], entry.get("duplicate_of", number)
        conversation = self.conversations[say["in"]]
        message, created = ingest_message(
            incoming=IncomingMessage(
                account=ACCOUNT, source="archive", external_id=f"step-{original}",
                conversation=ConversationRef(conversation.external_id, conversation.kind, conversation.surface),
                sender=SenderRef(say["from"]),
                sent_at=self.start + span(say["sent_at"]) if "sent_at" in say else step.at,
                text=say["text"],
                attachments=tuple(IncomingAttachment(kind) for kind in say.get("attachments", [])),
                mentions=tuple(self.people[m].name for m in say.get("mentions", [])),
            ),
            at=step.at,
        )  # fmt: skip
        self.messages.setdefault(number, message)
        self._drain(step.at)
        if created:
            step.decision = Decision.objects.filter(message=message).first()

    def _review(self, wanted: dict[str, Any], step: Step) -> None:
        drafts = Draft.objects.select_related("conversation")
        if "step" in wanted:
            caused = drafts.filter(cause=self.messages[wanted["step"]])
            draft = caused.filter(state=DraftState.PENDING).order_by("pk").first() or caused.order_by("-pk").first()
        else:
            draft = drafts.filter(state=DraftState.PENDING).order_by("-pk").first()
        if draft is None:
            step.refused = "no draft waits"
            return
        by = self.staff[wanted["by"]]
        try:
            step.verdict = review.decide(
                draft_id=draft.pk, by=by, do=wanted["do"], actor=Actor("user", wanted["by"], by.name), at=step.at,
                text=wanted.get("text", ""), reason=wanted.get("reason", ""),
            )  # fmt: skip
        except DomainError as error:
            step.refused = str(error)

    def _collect(self, step: Step, before: dict[str, int]) -> None:
        step.drafts = list(
            Draft.objects.filter(Q(pk__gt=before["draft"]))
            .select_related("conversation", "case", "outbound")
            .order_by("pk")
        )
        seen: set[int] = set()
        outbound = Outbound.objects.filter(pk__gt=before["outbound"]).select_related("conversation", "recipient")
        for row in outbound.order_by("pk"):
            if row.pk in seen or row.state in (OutboundState.CANCELLED, OutboundState.WITHDRAWN):
                continue
            seen.add(row.pk)
            draft = Draft.objects.filter(outbound=row).first()
            to = row.conversation.external_id if row.conversation is not None else self._key_of_staff(row.recipient)
            customer = (
                row.kind == OutboundKind.REPLY
                and row.conversation is not None
                and row.conversation.kind in CUSTOMER_VISIBLE
            )
            by_rule = draft is not None and draft.verdicts.filter(do=Verdict.Do.AUTO).exists()
            step.released.append(Released(row, to, row.text, by_rule, customer))
        step.reminded = [
            self._key_of_staff(row.recipient)
            for row in Reminder.objects.filter(pk__gt=before["reminder"]).select_related("recipient")
        ]

    def _key_of_staff(self, staff: StaffMember | None) -> str:
        return next((key for key, row in self.staff.items() if staff is not None and row.pk == staff.pk), "")

    def _key_of_person(self, person: Person | None) -> str:
        return next((key for key, row in self.people.items() if person is not None and row.pk == person.pk), "")

    # --- checking ----------------------------------------------------------------------------------------------------------------

    def fail(self, number: int | str, what: str) -> None:
        """Note that something did not come as the story expects."""
        self.failures.append(f"step {number}: {what}")

    def _check(self, number: int, entry: dict[str, Any], step: Step) -> None:
        expect = entry.get("expect") or {}
        decision = step.decision
        for key in ("intent", "mode", "business_class", "service_context"):
            if key in expect:
                got = getattr(decision, key, None)
                if got != expect[key]:
                    self.fail(number, f"{key} is {got}, not {expect[key]}")
        if "risk_topics" in expect:
            self._check_topics(number, expect["risk_topics"], set(decision.risk_topics) if decision else set())
        case = self._check_case(number, expect, decision)
        if "wait" in expect:
            open_items = list(case.waits.open().select_related("on")) if case else []
            wanted = expect["wait"]
            if not any(
                ("state" not in wanted or w.state == wanted["state"])
                and ("waiting_on" not in wanted or self._key_of_person(w.on) == wanted["waiting_on"])
                for w in open_items
            ):
                self.fail(
                    number,
                    f"no open item {wanted}; open: {[(str(w.state), self._key_of_person(w.on)) for w in open_items]}",
                )
        for state in expect.get("not_waiting", []):
            if case is not None and case.waits.open().filter(state=state).exists():
                self.fail(number, f"still waits: {state}")
        if "case_state" in expect:
            self._check_case_state(number, expect["case_state"])
        for wanted in self._list(expect.get("reply")):
            self._check_reply(number, wanted, step)
        if "notify" in expect:
            self._check_notify(number, expect["notify"], step)
        for key in expect.get("silent", []):
            if any(r.to == key for r in step.released):
                self.fail(number, f"{key} should be silent: {[r.text for r in step.released if r.to == key]}")
        if "sent" in expect:
            self._check_sent(number, entry, expect["sent"], step)
        if "overdue" in expect:
            overdue = {str(w.state) for w in WaitingItem.objects.overdue(at=step.at)}
            if not expect["overdue"] and overdue:
                self.fail(number, f"overdue: {sorted(overdue)}")
            for state in set(expect["overdue"]) - overdue:
                self.fail(number, f"not overdue: {state}")
        if "reminded" in expect:
            if not expect["reminded"] and step.reminded:
                self.fail(number, f"reminded {step.reminded}")
            for key in set(expect["reminded"]) - set(step.reminded):
                self.fail(number, f"{key} was not reminded")

    @staticmethod
    def _list(value: Any) -> list[dict[str, Any]]:
        if value is None:
            return []
        return value if isinstance(value, list) else [value]

    def _check_topics(self, number: int, wanted: Any, got: set[str]) -> None:
        if isinstance(wanted, dict):
            for topic in set(wanted.get("include", [])) - got:
                self.fail(number, f"risk topic {topic} is missing, got {sorted(got)}")
            for topic in set(wanted.get("exclude", [])) & got:
                self.fail(number, f"risk topic {topic} should not be")
        elif set(wanted) != got:
            self.fail(number, f"risk topics are {sorted(got)}, not {wanted}")

    def _check_case(self, number: int, expect: dict[str, Any], decision: Decision | None) -> ServiceCase | None:
        key = expect.get("case")
        if key is None:
            return None
        if key not in self.cases:
            if decision is None or decision.case is None:
                self.fail(number, f"no case for {key}")
                return None
            self.cases[key] = decision.case
        case = ServiceCase.objects.get(pk=self.cases[key].pk)
        if decision is not None and decision.case_id != case.pk:
            self.fail(number, f"the case is {decision.case}, not {key}")
        return case

    def _check_case_state(self, number: int | str, wanted: Any) -> None:
        states = wanted if isinstance(wanted, dict) else dict.fromkeys(self.cases, wanted)
        for key, state in states.items():
            row = ServiceCase.objects.filter(pk=self.cases[key].pk).first() if key in self.cases else None
            if row is None or row.state != state:
                self.fail(number, f"case {key} is {row.state if row else None}, not {state}")

    def _texts(self, step: Step, to: str | None) -> list[str]:
        found = [r.text for r in step.released if r.customer and (to is None or r.to == to)]
        for draft in step.drafts:
            if (
                draft.conversation is not None
                and draft.outbound_id is None
                and draft.state == DraftState.PENDING
                and draft.text
            ):
                if (to is None and draft.conversation.kind in CUSTOMER_VISIBLE) or draft.conversation.external_id == to:
                    found.append(draft.text)
        return found

    def _check_reply(self, number: int, wanted: dict[str, Any], step: Step) -> None:
        texts = self._texts(step, wanted.get("in"))
        groups = wanted.get("contains_any", [])
        if groups and not any(all(any(str(w) in text for w in words) for words in groups) for text in texts):
            self.fail(number, f"no reply into {wanted.get('in')} with {groups}: {texts}")
        for word in wanted.get("excludes", []):
            for text in texts:
                if str(word) in text:
                    self.fail(number, f"the reply holds {word!r}: {text}")

    def _check_notify(self, number: int, wanted: list[Any], step: Step) -> None:
        notices = [r for r in step.released if not r.customer]
        if not wanted and notices:
            self.fail(number, f"nobody should be told, but {[(r.to, r.text) for r in notices]}")
        for entry in wanted:
            rule = entry if isinstance(entry, dict) else {"to": entry}
            texts = [r.text for r in notices if r.to == rule["to"]]
            if not texts:
                self.fail(number, f"{rule['to']} was not told")
                continue
            groups = rule.get("contains_any", [])
            if groups and not any(all(any(str(w) in text for w in words) for words in groups) for text in texts):
                self.fail(number, f"{rule['to']} was not told {groups}: {texts}")
            for word in rule.get("excludes", []):
                if any(str(word) in text for text in texts):
                    self.fail(number, f"{rule['to']} was told {word!r}: {texts}")

    def _check_sent(self, number: int, entry: dict[str, Any], wanted: bool, step: Step) -> None:
        if "review" in entry:
            got = step.verdict is not None and step.verdict.accepted and any(r.customer for r in step.released)
        else:
            got = any(r.customer and r.by_rule for r in step.released)
        if got != wanted:
            why = (
                step.refused
                or (step.verdict.refusals if step.verdict else "")
                or (step.decision.reasons if step.decision else "")
            )
            self.fail(number, f"sent is {got}, not {wanted} ({why})")

    def _finally(self) -> None:
        last = self.story.get("finally") or {}
        if "case_state" in last:
            self._check_case_state("finally", last["case_state"])
        if "open_waits" in last:
            count = WaitingItem.objects.open().count()
            if count != last["open_waits"]:
                self.fail("finally", f"{count} open items, not {last['open_waits']}")
        kinds = set(Entry.objects.values_list("kind", flat=True))
        for kind in set(last.get("evidence", [])) - kinds:
            self.fail("finally", f"no evidence of kind {kind}")

    # --- trace -------------------------------------------------------------------------------------------------------------------

    def _line(self, number: int, step: Step) -> dict[str, Any]:
        case_key = {case.pk: key for key, case in self.cases.items()}
        decision = step.decision
        return {
            "story": self.story["id"],
            "step": number,
            "decision": None if decision is None else {
                "intent": decision.intent, "business_class": decision.business_class, "service_context": decision.service_context,
                "risk_topics": decision.risk_topics, "mode": decision.mode,
                "case": case_key.get(decision.case_id or 0, decision.case.number if decision.case else None),
                "reasons": decision.reasons, "alerts": decision.alerts, "confidence": decision.confidence,
            },
            "drafts": [
                {"conversation": d.conversation.external_id if d.conversation else "", "text": d.text, "state": str(d.state)} for d in step.drafts
            ],
            "outbound": [{"conversation": r.to, "text": r.text, "state": str(r.outbound.state)} for r in step.released if r.customer],
            "notices": [{"to": r.to, "text": r.text} for r in step.released if not r.customer],
            "waits": [
                {
                    "case": case_key.get(w.case_id, w.case.number), "state": str(w.state), "waiting_on": self._key_of_person(w.on),
                    "owner": self._key_of_staff(w.owner), "need": w.need, "due_at": w.due_at.isoformat() if w.due_at else None,
                    "overdue": w.is_overdue(at=step.at),
                }
                for w in WaitingItem.objects.open().select_related("on", "owner", "case").order_by("pk")
            ],
            "reminded": step.reminded,
            "case_states": {
                case_key.get(row.pk, row.number): str(row.state) for row in ServiceCase.objects.order_by("pk")
            },
            "evidence": sorted(set(Entry.objects.values_list("kind", flat=True))),
        }  # fmt: skip
