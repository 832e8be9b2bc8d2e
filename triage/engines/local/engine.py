"""The local engine: no network, lexicons and a trained linear model, policy by rule."""

from __future__ import annotations

import re
import threading
from dataclasses import replace

from foundation.patterns import without_endless
from triage.engines.base import StatementReading, Turn, Understanding, WaitView
from triage.engines.local import entities, statements, times, waits
from triage.engines.local.features import extract, own_words
from triage.engines.local.lexicons import lexicon
from triage.engines.local.model import LinearModel
from triage.engines.policy import CUSTOMER_VISIBLE, REVIEW_INTENTS, decide_mode
from triage.patterns import without_names

VERSION = "local-1"
MONEY = ("refund", "compensation", "price_protection", "discount_promise")
QUIET = frozenset({"acknowledges", "chats", "defers"})
_PERSON = re.compile(
    r"女士|先生|小姐|太太|[^\W\d]总(?!是|共|得|算)|[^\W\d][姐哥]|[^\W\d他她][妈爸](?!帮)|[^\W\d]阿姨|[^\W\d]生(?=[那这嗰呢家])|[^\W\d]同学|[^\W\d]老师|\b(mr|mrs|ms|miss|dr)\b\.?\s*\w+|(?-i:[A-Z][a-z]+ [A-Z][a-z]+)|\d{3,}|[A-Z]{1,4}-?\d",
    re.I,
)
_VISIBLE_TOPICS = frozenset({"privacy", "payment", "sensitive_material", "compliance"})


#: A question in form, and a cry by what it is: “what? nobody touched it”.
_EXCLAIMS = re.compile(r"\W*(what|huh|seriously|really|excuse me|啥|什么)\s*[?!？！]|\W*\S{1,10}\s*[?？!！]{2,}", re.I)
#: Topics that the words of a colleague raise only where they name them.
_CUSTOMERS_ONLY = frozenset({"dispute", "complaint", "negative_review", "privacy"})
#: How likely a topic has to be where none of its patterns is heard; more so for what only makes us careful: “声音大正常吗” asks after no illness.
_LIKELY_ENOUGH = 0.75
_UNHEARD = {
    "sensitive_material": 0.88,
    "health_claim": 0.93,
    **dict.fromkeys(
        ("complaint", "dispute", "negative_review", "account", "address", "benefit", "service_promise"), 0.84
    ),
}
#: Topics that cannot be meant without any word of their own.
_NEEDS = {
    "price_protection": re.compile(
        r"价|差|便宜|降|涨|折|活动|优惠|券|贵|块|元|\d|price|cheap|drop|discount|differ|refund|match|sale|less", re.I
    )
}
#: Papers about a person, asked for by their names.
_PERSONAL_PAPER = re.compile(
    r"身份证|护照|驾驶证|行驶证|驾照|户口[本页]|银行卡|(?<![猫狗犬宠])病历|诊断(书|证明)|化验单|体检(报告|表)|出生证|房产证|房本|结婚证|社保卡|工资条|\b(passport|id card|driving licen[cs]e|bank card|medical record)\b",
    re.I,
)
#: What shows a paper.
_SHOWN = frozenset({"image", "file", "video"})
#: Who of us and a partner bears a cost: a matter between the two, no quarrel with a customer.
_BETWEEN_US = re.compile(
    r"[^，,。；;\s]{0,10}(费|钱|款|账|\d{2,}(块|元)?(那个|那笔|的事)?)(你们|咱们?|公司|到底|还|的事)*(认不认|认吗|认不|不认|给不给|付不付|谁出|谁认|咋说|怎么说|啥时|什么时候)"
)
#: Signals of what a relay must not hold.
_HELD = frozenset({"holds_money", "holds_blame", "holds_other_customer", "tech_risk"})
#: What is written for a machine and not for a reader: objects of JSON, marked blocks.
_ORDERS = re.compile(
    r"\{[^{}]*\}|\[\[?[^\[\]]*(?:system|prompt|assistant|系统|指令)[^\[\]]*\]\]?|【[^】]*(?:系统|指令|助手)[^】]*】"
    r"|\b(?:(?:ai|chat)[ -]?)?(?:assistant|bot|agent)\s*:[^\n]*"
    r"|<(?P<tag>\w{1,30})[^<>\n]{0,80}>[^<\n]{0,200}</(?P=tag)>|</?\w{1,30}[^<>\n]{0,80}>",
    re.I,
)
#: Signals that what somebody says was done is not so.
_AGAINST = frozenset({"finding_against", "denies_finding"})


class LocalEngine:
    """Reads turns by lexicon, trained weights and policy rules. Loads once, then only reads: safe from several threads."""

    name = "local"

    def __init__(self, model: LinearModel | None = None) -> None:
        self._lock = threading.Lock()
        self._model = model
        self._missing = False

    @property
    def version(self) -> str:
        """The model's version (`local-1/untrained` without one)."""
        model = self._loaded()
        return f"{VERSION}/{model.version}" if model else f"{VERSION}/untrained"

    def use(self, model: LinearModel | None) -> None:
        """Read by another model from now on; None: by the one that ships."""
        with self._lock:
            self._model, self._missing = model, False

    def _loaded(self) -> LinearModel | None:
        if self._model is None and not self._missing:
            with self._lock:
                if self._model is None and not self._missing:
                    try:
                        self._model = LinearModel.load()
                    except (OSError, KeyError, ValueError):
                        self._missing = True
        return self._model

    def understand(self, turn: Turn) -> Understanding:
        """Say what the turn means, statement by statement; the one that needs most care comes first."""
        turn = replace(turn, text=without_endless(turn.text))
        parts = statements.split(own_words(turn.text))
        readings = [self._statement(part, turn, whole=len(parts) == 1) for part in parts]
        if len(readings) > 1:
            order = {"review": 0, "send": 1, "record": 2}
            readings.sort(key=lambda r: order[decide_mode(r, turn)[0]])
        return Understanding(tuple(readings), self.name, self.version)

    def read_as(self, turn: Turn, *, intent: str, wait_ref: str | None = None) -> StatementReading:
        """The turn as one statement of an intent (and item) that another reader took it for: this engine's rules, held against that."""
        turn = replace(turn, text=without_endless(turn.text))
        return self._statement(own_words(turn.text), turn, whole=True, intended=intent, wait_ref=wait_ref)

    def _statement(
        self, part: str, turn: Turn, *, whole: bool, intended: str = "", wait_ref: str | None = None
    ) -> StatementReading:
        view = turn if whole else replace(turn, text=part)
        lex = lexicon()
        side = turn.sender_side
        heard_as = without_names(part, turn.customer_names) if side in ("partner", "internal") else part
        signals = {name for name, pattern in lex.signals.items() if pattern.search(heard_as)}
        # Orders to the machine say nothing about what their sender wants.
        said = (_ORDERS.sub(" ", part).strip() or part) if "injection" in signals else part
        heard_in = replace(view, text=said)
        features = extract(heard_in)
        model = self._loaded()
        probs = model.probabilities(features) if model else {}
        heard = (
            lex.alerts
            if side in ("customer", "unknown")
            else {n: p for n, p in lex.alerts.items() if n in ("private_payment", "staff_misconduct")}
        )
        heard = heard if side != "internal" else {}
        alerts = tuple(n for n, p in heard.items() if p.search(part))
        times_found = times.find(part, turn.at)
        entities_found = entities.find(part)
        if times_found:
            signals.add("proposes_time")
        if (
            _PERSON.search(part)
            or any(e.kind in ("order", "tracking") for e in entities_found)
            or any(n and n in part for w in turn.open_waits for n in (w.case_label, *w.aliases))
        ):
            signals.add("names_case")
        intent_p = dict(probs.get("intent") or {"chats": 1.0})
        self._constrain(intent_p, part, view, signals)
        intent_p.setdefault(intended or "chats", 0.0)
        intent = intended or max(intent_p, key=lambda k: intent_p[k])
        if not part and "voice" in turn.attachments:
            signals.add("voice_unread")
        wait, wait_conf, ambiguous = waits.choose(intent, part, view)
        named = next((w for w in waits.candidates(view) if w.ref == wait_ref), None)
        if named is not None and named is not wait:
            wait, wait_conf = named, 0.7
        topics = self._topics(intent, part, view, probs, signals, wait, ambiguous)
        alerts = tuple(a for a in alerts if intent not in ("acknowledges", "chats") or a == "safety")
        if intent == "asks_question" and not (
            topics.keys() & {"complaint", "dispute", "health_claim", "refund", "compensation"}
        ):
            alerts = tuple(
                a for a in alerts if a in ("private_payment", "staff_misconduct") or (a == "safety" and topics)
            )
        if "case_uncertain" in topics or "identity_uncertain" in topics:
            wait = None if "case_uncertain" in topics else wait
        if intent == "reports_issue" and "verification_conflict" in topics:
            wait = next((w for w in waits.candidates(view) if w.state == "waiting_confirmation"), None)
        after = self._after(intent, wait, topics, signals)
        class_p = dict(probs.get("business_class") or {"unknown": 1.0})
        business = max(class_p, key=lambda k: class_p[k])
        context_p = dict(probs.get("service_context") or {"none": 1.0})
        context = self._context(intent, view, wait, max(context_p, key=lambda k: context_p[k]))
        mode_p = probs.get("mode") or {"review": 1.0}
        reading = StatementReading(
            text=part,
            intent=intent,
            business_class=business,
            service_context=context,
            confidence={
                "intent": intent_p[intent],
                "business_class": class_p[business],
                "service_context": context_p.get(context, 0.5),
                "mode": max(mode_p.values()),
                "p_review": mode_p.get("review", 0.0),
                "p_trouble": sum(intent_p.get(i, 0.0) for i in ("requests_change", "requests_remedy", "complains")),
            },
            risk_topics=topics,
            alerts=alerts,
            wait_ref=wait.ref if wait else None,
            wait_confidence=wait_conf,
            wait_state_after=after,
            mode_hint=max(mode_p, key=lambda k: mode_p[k]),
            entities=entities_found,
            times=times_found,
            signals=frozenset(signals),
        )
        return replace(reading, reasons=decide_mode(reading, turn)[1])

    def _constrain(self, p: dict[str, float], text: str, turn: Turn, signals: set[str]) -> None:
        """Rule out what the side cannot mean, and settle what needs no words."""
        if turn.sender_side in ("customer", "unknown"):
            banned: tuple[str, ...] = ("requests_cooperation", "reports_result")
        else:
            banned = ("requests_remedy", "complains") if turn.sender_side == "internal" else ("complains",)
        for label in banned:
            if label in p:
                p[label] *= 0.02
        clues = lexicon().clues
        if turn.sender_side in ("internal", "partner"):
            if not clues["coop"].search(text):
                p["requests_cooperation"] = p.get("requests_cooperation", 0.0) * 0.25
        else:
            asks = bool(clues["ask_mark"].search(text))
            mine = waits.candidates(turn)
            if (
                mine
                and len(text) <= 14
                and not asks
                and clues["done"].search(text)
                and not clues["still_bad"].search(text)
                and "hedged" not in signals
            ):
                p["confirms_completion"] = p.get("confirms_completion", 0.0) * 4
            coordinating = any(w.state == "waiting_contact_coordination" for w in mine)
            if coordinating and not (clues["passed_on"].search(text) or clues["later"].search(text)):
                p["defers"] = p.get("defers", 0.0) * 0.25
            if "visit_off" in signals:
                p["declines"] = p.get("declines", 0.0) * 5
                p["requests_change"] = p.get("requests_change", 0.0) * 0.2
            if (
                "proposes_time" in signals
                and clues["reschedule"].search(text)
                and any(
                    w.state in ("waiting_appointment", "waiting_executor", "waiting_partner_feedback")
                    for w in turn.open_waits
                )
            ):
                p["confirms_appointment"] = p.get("confirms_appointment", 0.0) * 5
            if re.search(r"(?<!不)(?<!没)(?:要|去|必须)(?:投诉|举报)", text):
                p["complains"] = p.get("complains", 0.0) * 5
            if clues["money_arrived"].search(text) and not asks:
                for label in ("requests_remedy", "complains"):
                    p[label] = p.get(label, 0.0) * 0.1
            if clues["waives_money"].search(text):
                p["requests_remedy"] = p.get("requests_remedy", 0.0) * 0.08
            if len(text) > 12 and clues["contrast"].search(text):
                if clues["issue"].search(text) or asks:
                    p["acknowledges"] = p.get("acknowledges", 0.0) * 0.15
        if not text:
            pictures = any(a != "voice" for a in turn.attachments)
            for label in p:
                p[label] = 0.9 if label == ("provides_material" if pictures else "chats") else 0.01
        if not waits.candidates(turn):
            for label in ("provides_material", "confirms_completion"):
                if label in p:
                    p[label] *= 0.6 if turn.open_waits or turn.attachments else 0.35
        total = sum(p.values()) or 1.0
        for label in p:
            p[label] /= total

    def _topics(
        self,
        intent: str,
        text: str,
        turn: Turn,
        probs: dict[str, dict[str, float]],
        signals: set[str],
        wait: WaitView | None,
        ambiguous: bool,
    ) -> dict[str, float]:
        lex = lexicon()
        side = turn.sender_side
        topics: dict[str, float] = {}
        internal = side in ("internal", "partner")
        if internal and (
            turn.conversation_kind in CUSTOMER_VISIBLE or (side == "internal" and intent != "requests_cooperation")
        ):
            return topics
        for name, rule in lex.risks.items():
            model_p = probs.get(f"topic:{name}", {}).get("yes", 0.0)
            hit = rule.matches(text, side)
            if not hit and name in _NEEDS and not _NEEDS[name].search(text):
                continue
            p = 1 - (1 - model_p) * (1 - (0.55 if hit else 0.0))
            # What no pattern hears has to be more likely; more so where colleagues speak of what only customers raise.
            unheard = 0.88 if internal and name in _CUSTOMERS_ONLY else _UNHEARD.get(name, _LIKELY_ENOUGH)
            if name in MONEY and intent == "reports_issue":
                # Whoever only tells what is broken has asked for nothing yet.
                unheard = max(unheard, 0.85)
            if p >= (0.5 if hit or intent in REVIEW_INTENTS else unheard):
                topics[name] = round(p, 3)
        for name in ("complex_relay", "missing_context", "verification_conflict", "service_promise"):
            model_p = probs.get(f"topic:{name}", {}).get("yes", 0.0)
            least = {
                "complex_relay": 0.85,
                "verification_conflict": 0.92 if not internal or not signals & _AGAINST else 0.6,
                "service_promise": 0.75,
            }.get(name, 0.5)
            if model_p > least and name not in topics:
                topics[name] = round(model_p, 3)
        if intent == "reports_issue":
            topics.pop("account", None)
        if "discount_promise" in topics and not lex.clues["bargain_hint"].search(text):
            topics.pop("discount_promise")
        if internal:
            return self._relay_topics(intent, text, turn, topics, signals, wait, ambiguous)
        topics.pop("complex_relay", None)
        topics.pop("missing_context", None)
        intents = probs.get("intent", {})
        if lexicon().clues["waives_money"].search(text) and intent not in REVIEW_INTENTS:
            topics = {t: p for t, p in topics.items() if t not in MONEY}
        if (intent in QUIET and intents.get(intent, 0.0) > 0.6) or (
            intent == "acknowledges" and lex.clues["money_arrived"].search(text)
        ):
            topics = {
                t: p
                for t, p in topics.items()
                if p > 0.8 and t in ("negative_review", "complaint", "privacy", "legal_claim")
            }
        elif intent in ("confirms_completion", "provides_material", "confirms_appointment", "declines"):
            keep = (
                "sensitive_material",
                "health_claim",
                "payment",
                "compliance",
                "verification_conflict",
                "service_promise",
                "privacy",
                "negative_review",
                "dispute",
                "legal_claim",
            )
            asked = MONEY if intent == "declines" else ()
            topics = {t: p for t, p in topics.items() if t in keep or t in asked or p > 0.8}
        if intent == "requests_remedy" and not any(t in topics for t in MONEY):
            best = max(MONEY, key=lambda t: probs.get(f"topic:{t}", {}).get("yes", 0.0))
            topics[best] = 0.6
        if intent == "complains" and not (topics.keys() & {"complaint", "dispute", "negative_review", "legal_claim"}):
            topics["complaint"] = 0.7
        if intent == "requests_change" and not (topics.keys() & {"account", "address", "benefit", "payment"}):
            best = max(
                ("account", "address", "benefit", "payment"), key=lambda t: probs.get(f"topic:{t}", {}).get("yes", 0.0)
            )
            topics[best] = 0.6
        quiet = sum(intents.get(i, 0.0) for i in (*QUIET, "declines"))
        if turn.conversation_kind == "community_group" and (
            quiet < 0.7 or intent not in (*QUIET, "declines") or (lex.clues["ask_mark"].search(text) and quiet < 0.93)
        ):
            topics["public_group"] = 0.98
        known = turn.sender_known and side != "unknown"
        if not known and turn.conversation_kind != "community_group":
            if intent in (
                "asks_progress",
                "requests_change",
                "requests_remedy",
                "confirms_completion",
                "confirms_appointment",
                "declines",
                "provides_material",
            ) or ("other_person" in signals and intent != "asks_question"):
                topics["identity_uncertain"] = 0.85
        if intent == "provides_material" and turn.attachments and wait is not None and "denies_finding" not in signals:
            topics.pop("verification_conflict", None)
        asked_paper = wait is not None and _PERSONAL_PAPER.search(wait.need)
        if intent == "provides_material" and asked_paper and _SHOWN & set(turn.attachments):
            # What was asked for is a personal paper, whatever the words beside it say.
            topics.setdefault("sensitive_material", 0.9)
        mine = waits.candidates(turn)
        if intent == "confirms_completion" and wait is not None:
            proof_missing = wait.proof in ("image", "file") and not any(
                a in ("image", "video", "file") for a in turn.attachments
            )
            if proof_missing or (wait.proof != "none" and signals & {"hedged", "sees_only"} and not turn.attachments):
                topics["unproven_completion"] = 0.95
        if intent == "confirms_appointment" and wait is not None and wait.state == "waiting_executor":
            topics["service_promise"] = 0.9
        if (
            intent == "confirms_appointment"
            and lex.clues["reschedule"].search(text)
            and turn.open_waits
            and not any(w.state == "waiting_appointment" for w in mine)
        ):
            topics["service_promise"] = 0.8
        if (
            "denies_finding" in signals
            and (intent not in ("asks_question", "provides_material") or _EXCLAIMS.match(text))
            and (turn.open_waits or turn.previous)
        ):
            topics["verification_conflict"] = 0.75
        if intent == "declines":
            topics.pop("account", None)
        if ambiguous or (
            intent in ("acknowledges",)
            and len([w for w in mine if w.state in ("waiting_confirmation", "waiting_appointment")]) > 1
            and len(text) <= 6
            and "谢" not in text
            and re.match(r"(可以|行|好|ok|同意|没问题|嗯|yes|sure|fine)", text, re.I)
        ):
            topics["case_uncertain"] = 0.85
        if intent == "asks_progress":
            owed = [
                w
                for w in turn.open_waits
                if w.on_role not in ("customer_contact",) and w.state != "waiting_customer_material"
            ]
            if len(owed) > 1:
                from triage.engines.local.features import overlap

                marks = sorted((overlap(w.need + w.case_label + "".join(w.aliases), text) for w in owed), reverse=True)
                if marks[0] == marks[1]:
                    topics["case_uncertain"] = 0.85
            elif (
                not turn.open_waits
                and "vague_reference" in signals
                and len(text) < 14
                and not entities.identifiers(text)
            ):
                topics["case_uncertain"] = 0.6
        return topics

    def _relay_topics(
        self,
        intent: str,
        text: str,
        turn: Turn,
        topics: dict[str, float],
        signals: set[str],
        wait: WaitView | None,
        ambiguous: bool,
    ) -> dict[str, float]:
        """What makes a partner's or colleague's text unfit to be passed on as it is."""
        if intent not in ("requests_cooperation", "reports_result", "asks_question", "confirms_appointment"):
            return {t: p for t, p in topics.items() if t == "privacy" and intent == "asks_progress"}
        kept = {
            t: p
            for t, p in topics.items()
            if t in (*_VISIBLE_TOPICS, "dispute", "verification_conflict", "complex_relay", "missing_context")
        }
        if intent == "asks_question":
            return {t: p for t, p in kept.items() if t in _VISIBLE_TOPICS}
        if intent == "requests_cooperation":
            if not lexicon().clues["more_than_asked"].search(text):
                kept.pop("complex_relay", None)
            if "finding_against" not in signals:
                kept.pop("verification_conflict", None)
            named = _PERSON.search(text) or any(
                a and a in text for w in turn.open_waits for a in (w.case_label, *w.aliases)
            )
            if named and len(text) >= 12:
                kept.pop("missing_context", None)
            elif not named:
                kept["missing_context"] = 0.85
        else:
            kept.pop("missing_context", None)
            if wait is None and not turn.open_waits:
                return {t: p for t, p in kept.items() if t == "privacy"}
        if signals & {"holds_blame", "holds_other_customer", "internal_only", "tech_risk"}:
            kept["complex_relay"] = 0.85
        if intent == "reports_result" and "finding_against" in signals:
            kept["verification_conflict"] = 0.8
        if lexicon().risks["dispute"].matches(_BETWEEN_US.sub(" ", text), "customer"):
            kept["dispute"] = 0.7
        if "holds_money" in signals:
            kept["payment"] = 0.85
        if ambiguous:
            kept["case_uncertain"] = 0.8
        return kept

    def _after(self, intent: str, wait: WaitView | None, topics: dict[str, float], signals: set[str]) -> str | None:
        if wait is None:
            return None
        if intent == "provides_material":
            return "material_received"
        if intent in ("confirms_completion", "reports_result"):
            blocked = {"unproven_completion", "case_uncertain", "identity_uncertain"} | (
                {"verification_conflict"} if intent == "confirms_completion" else set()
            )
            return None if topics.keys() & blocked else "completed"
        if intent == "confirms_appointment":
            return None if "service_promise" in topics or wait.state == "waiting_executor" else "completed"
        if intent == "declines":
            return "cancelled"
        if intent == "defers" and wait.state == "waiting_contact_coordination":
            return "waiting_executor"
        return None

    def _context(self, intent: str, turn: Turn, wait: WaitView | None, guess: str) -> str:
        if turn.conversation_kind == "partner_group":
            return "partner_coordination"
        if intent in ("acknowledges", "chats"):
            return guess
        if wait is not None:
            if lexicon().need["callback"].search(wait.need) and intent in (
                "declines",
                "defers",
                "confirms_appointment",
            ):
                return "callback"
            if wait.state == "waiting_appointment" and intent in ("declines", "defers", "confirms_appointment"):
                return "appointment"
            if intent == "provides_material":
                return "material_collection"
        if intent == "asks_progress":
            return "progress"
        return guess
