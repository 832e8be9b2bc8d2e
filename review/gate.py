"""May this text leave? Pure functions over facts; every refusal is a named reason with parameters, worded only where shown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from foundation.patterns import without_endless
from knowledge.rules import TextRule
from review import pack

#: Topics and alerts that only a supervisor may release by default; rows of `RiskBoundary` override it.
SUPERVISOR_TOPICS = frozenset({"complaint", "dispute", "negative_review"})


@dataclass(frozen=True)
class Reason:
    """Why something is held: a code and what it is about."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """For a JSON column."""
        return {"code": self.code, "params": dict(self.params)}


@dataclass(frozen=True)
class TextFacts:
    """What has to be known to check a text that a customer, or a partner, will read.

    :param private_names: names, handles and organisations that the reader must not learn, with the code of the reason each.
    :param private_phrases: clauses of colleagues' and partners' messages that must not be told, as they were said.
    :param forbidden: phrases that no text may promise (from published `forbidden_commitment` items).
    :param rules: published rules with patterns (forbidden commitments, the brand's, the platform's) that hold where the text goes.
    :param known_amounts: amounts that the reader said, or that a published source states.
    :param stated: what the published sources say that the text cites: a promise that stands there may be made.
    :param audience: ``customer``, ``partner`` or ``internal``.
    :param matter: what the text belongs to, in words; some rules hold only for some goods.
    """

    audience: str = "customer"
    private_names: Mapping[str, str] = field(default_factory=dict)
    private_phrases: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    known_amounts: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()
    rules: tuple[TextRule, ...] = ()
    stated: tuple[str, ...] = ()
    matter: str = ""


@dataclass(frozen=True)
class GateFacts:
    """What has to be known to decide whether a text may go without a person."""

    reply_kind: str
    conversation_kind: str
    level: str
    risk_topics: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    identity_sure: bool = True
    case_sure: bool = True
    automation_stopped: bool = False
    source_missing: bool = False
    engine_unsure: bool = False
    held: tuple[str, ...] = ()
    boundaries: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class GateResult:
    """The gate's answer: `send` or `review`, why, and who may release."""

    mode: str
    reasons: tuple[Reason, ...]
    required_right: str


MONEY = re.compile(
    r"(?:[¥￥$€£]\s*\d+(?:\.\d+)?)|(?:(?<!\d)\d+(?:\.\d+)?\s*(?:元|块钱|块|rmb|RMB|yuan|dollars|usd|USD|hkd|HKD))",
    re.IGNORECASE,
)


def folded(text: str) -> str:
    """A text as it is compared: normalised, without spaces, lower case."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()


def _overlap(text: str, phrase: str) -> str:
    """The longest run that a text shares with a private phrase, where it is long enough to be a quotation."""
    haystack, needle = folded(text), re.sub(r"[，。,.！!？?~～、:：;；“”\"']", "", folded(phrase))
    least = 6 if re.search(r"[\u4e00-\u9fff]", needle) else 14
    clean = re.sub(r"[，。,.！!？?~～、:：;；“”\"']", "", haystack)
    for size in range(min(len(needle), 24), least - 1, -1):
        for start in range(len(needle) - size + 1):
            run = needle[start : start + size]
            if run in clean:
                return run
    return ""


def check_text(text: str, facts: TextFacts) -> list[Reason]:
    """Everything in a text that its reader must not read, or that nobody may promise. Empty when it may leave."""
    found: list[Reason] = []
    if not text.strip():
        return [Reason("empty_text")]
    if len(text.encode()) > 2048:
        found.append(Reason("too_long", {"bytes": str(len(text.encode()))}))
    text = without_endless(text)
    plain = folded(text)
    for phrase in facts.forbidden:
        if phrase and folded(phrase) in plain and not _negated(plain, folded(phrase)):
            found.append(Reason("forbidden_commitment", {"words": phrase}))
    for rule in facts.rules:
        broken = rule.found_in(text)
        known = any(folded(one.params.get("words", "")) == folded(broken) for one in found)
        if broken and not known and not _negated(plain, folded(broken)):
            found.append(Reason(rule.kind, {"words": broken, "rule": rule.title}))
    inside = facts.audience == "internal"
    for shipped, words in pack.found(text, matter=facts.matter, inside=inside, sources=facts.stated):
        if not any(one.code == shipped.code and folded(one.params["words"]) in folded(words) for one in found):
            found.append(Reason(shipped.code, {"words": words}))
    if facts.audience == "internal":
        return found
    for name, code in facts.private_names.items():
        if len(name) > 1 and folded(name) in plain and name not in facts.allowed:
            found.append(Reason(code, {"words": name}))
    for phrase in facts.private_phrases:
        shared = _overlap(text, phrase)
        if shared:
            found.append(Reason("leak_quotation", {"words": shared}))
    if facts.audience == "customer":
        for amount in MONEY.findall(text):
            if folded(amount) not in facts.known_amounts:
                found.append(Reason("price", {"words": amount}))
    return found


def _negated(plain: str, phrase: str) -> bool:
    """Whether every place where the phrase stands is denied (不能保证退款, cannot promise a refund)."""
    start = plain.find(phrase)
    while start >= 0:
        before = plain[max(0, start - 6) : start]
        if not re.search(r"(不能|无法|没法|不会|不可|并不|不敢|cannot|can't|unable)$", before):
            return False
        start = plain.find(phrase, start + 1)
    return True


def right_for(topics: Iterable[str], alerts: Iterable[str], boundaries: Mapping[str, str]) -> str:
    """Who may release a text about these topics: the strictest of their boundaries."""
    rights = {boundaries.get(alert, "supervisor") for alert in alerts}
    rights |= {boundaries.get(topic, "supervisor" if topic in SUPERVISOR_TOPICS else "handler") for topic in topics}
    return "supervisor" if "supervisor" in rights else "handler"


def gate(facts: GateFacts, *, text_reasons: Iterable[Reason] = ()) -> GateResult:
    """Whether a text may go without a person, in the order of the house: who and which case, topics, the text, the level."""
    reasons: list[Reason] = [Reason(code) for code in facts.held]
    reasons += [Reason("alert", {"alert": alert}) for alert in facts.alerts]
    reasons += [Reason("risk_topic", {"topic": topic}) for topic in facts.risk_topics]
    if not facts.identity_sure and "identity_uncertain" not in facts.risk_topics:
        reasons.append(Reason("identity_uncertain"))
    if not facts.case_sure and "case_uncertain" not in facts.risk_topics:
        reasons.append(Reason("case_uncertain"))
    if facts.conversation_kind == "community_group" and "public_group" not in facts.risk_topics:
        reasons.append(Reason("risk_topic", {"topic": "public_group"}))
    if facts.source_missing:
        reasons.append(Reason("no_published_source"))
    if facts.engine_unsure:
        reasons.append(Reason("engine_unsure"))
    reasons += list(text_reasons)
    if facts.automation_stopped:
        reasons.append(Reason("taken_over"))
    if facts.level != "direct":
        reasons.append(Reason("automation_level", {"level": facts.level}))
    if facts.reply_kind == "other" and facts.level == "direct":
        reasons.append(Reason("kind_never_direct"))
    return GateResult(
        mode="review" if reasons else "send",
        reasons=tuple(reasons),
        required_right=right_for(facts.risk_topics, facts.alerts, facts.boundaries),
    )
