"""Whose words a text holds, and the statements in them: quotes and forwarded records apart, one message that answers two things. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from triage import wording
from triage.engines.base import Engine, StatementReading, Turn, Understanding, WaitView
from triage.engines.local import times
from triage.engines.policy import decide_mode
from triage.matching import bigrams, without_contrasted
from triage.phrases import ALL_OF_THEM, HAS_A_QUESTION

_QUOTES = (
    re.compile(r"\A\s*[「“](?P<quoted>.{1,2000}?)[」”]\s*\n?(?:[-—–]\s?){3,}\s*\n?(?P<own>.*)\Z", re.DOTALL),
    re.compile(r"\A这是一条引用/回复消息[：:]\s*\n\"?(?P<quoted>.{1,2000}?)\"?\s*\n-{4,}\s*\n(?P<own>.*)\Z", re.DOTALL),
)
_RECORD = re.compile(r"\A\s*\[(?:聊天记录|Chat History)\][^\n]*\n(?P<rest>.*)\Z", re.DOTALL | re.IGNORECASE)
_RULER = re.compile(r"^\s*(?:[-—–=]\s?){2,}\s*$", re.MULTILINE)
_SPEAKER = re.compile(r"^[^：:\n]{1,16}[：:]")
_CLAUSE = re.compile(r"[，,。.；;！!\n]+\s*|(?<=[？?])\s*|(?<=[\u4e00-\u9fff0-9])\s+(?=[\u4e00-\u9fff])")
#: Where a further question begins.
_FURTHER = re.compile(
    r"(?:(?<=[？?])\s*|[，,。.；;！!\s]+)(?=(?:还有|另外|对了|顺便|再(?:问|就是)|以及|and (?:also |what|when|how|is|do|can)|(?:also|btw|by the way)\b\W*\w))"
    r"|(?<=[？?])\s*(?=\S{4,})",
    re.IGNORECASE,
)
_ASKING = frozenset({"asks_question", "asks_progress"})
_PICTURES = frozenset({"image", "video", "file"})


def own_words(text: str) -> tuple[str, str]:
    """The sender's own words, and what they quoted or forwarded: that says what is talked about, it is nobody's claim here.

    >>> own_words("「陈女士：周六可以」\\n- - - - -\\n真的吗")
    ('真的吗', '陈女士：周六可以')
    """
    for pattern in _QUOTES:
        found = pattern.match(text)
        if found:
            return found["own"].strip(), found["quoted"].strip()
    record = _RECORD.match(text)
    if record is None:
        return text, ""
    parts = _RULER.split(record["rest"])
    if len(parts) > 1:
        return parts[-1].strip(), "\n".join(parts[:-1]).strip()
    lines = record["rest"].splitlines()
    own = [line for line in lines if line.strip() and not _SPEAKER.match(line)]
    quoted = [line for line in lines if _SPEAKER.match(line)]
    return "\n".join(own).strip(), "\n".join(quoted).strip()


def clauses(text: str) -> list[str]:
    """A text in its shortest parts, as people set them apart: by commas, full stops and, in Chinese, by spaces."""
    return [part.strip() for part in _CLAUSE.split(text) if part and part.strip()]


#: What is not there yet, beside what is: 面单扔楼下了 我去翻翻.
_MISSING = re.compile(
    r"扔|丢|落(在|下)|开(出去|走)|不在(家|手|身边)|借(走|出)|忘|[找翻寻]|没(有|拍|带|到|弄)|不见|不在|还没|回头|[等待]一?(会|下|哈)|晚点|稍后|明[天早]|后天|再(补|拍|发)|去[拿取找看捡翻要借]|差(?!点|不多|评|价|劲)|缺(?!口|角)"
    r"|\b(missing|later|lost|can'?t find|threw|binned|still (looking|to come)|tomorrow|not yet|haven'?t|will (send|get|find))\b",
    re.I,
)


def told_and_missing(text: str) -> tuple[str, str]:
    """What somebody says of what they hand in, and of what they have not got yet; the whole is of the first where all of it is the second."""
    parts = clauses(text)
    missing = [clause for clause in parts if _MISSING.search(clause)]
    told = [clause for clause in parts if clause not in missing]
    return (" ".join(told), " ".join(missing)) if told else (text, "")


def _owed_by_sender(turn: Turn) -> list[WaitView]:
    return [w for w in turn.open_waits if w.on_role in ("customer_contact", "actual_executor", "unknown", "customer")]


def _telling(text: str, marks: dict[str, set[str]]) -> list[tuple[str, int]]:
    """How many pieces of a text speak of one thing and of none of the others: (thing, pieces), most first, at equal numbers in the order given."""
    said = bigrams(text)
    counted = {
        ref: sum(not any(piece in theirs for other, theirs in marks.items() if other != ref) for piece in said & mine)
        for ref, mine in marks.items()
    }
    return sorted(counted.items(), key=lambda pair: -pair[1])


def by_waits(turn: Turn) -> list[tuple[str, WaitView]]:
    """The parts of a customer's text that speak of different things we wait for; fewer than two where it speaks of one."""
    owed = _owed_by_sender(turn)
    asked = {wait.case_ref for wait in owed if wait.state != "material_received"}
    # What has come is ours to check: where something else is asked in its case, words are about that.
    waits = [wait for wait in owed if wait.state != "material_received" or wait.case_ref not in asked]
    if turn.sender_side != "customer" or len(waits) < 2:
        return []
    marks = {wait.ref: bigrams(f"{wait.need} {wait.material}") for wait in waits}
    groups: list[tuple[str, WaitView]] = []
    pending = ""
    for clause in clauses(turn.text):
        best, shared = _telling(clause, marks)[0]
        meant = next(wait for wait in waits if wait.ref == best) if shared else None
        if meant is None or (groups and groups[-1][1].ref == meant.ref):
            if groups:
                groups[-1] = (f"{groups[-1][0]} {clause}", groups[-1][1])
            else:
                pending = f"{pending} {clause}".strip()
            continue
        groups.append((f"{pending} {clause}".strip(), meant))
        pending = ""
    return groups if len({wait.ref for _text, wait in groups}) > 1 else []


_COUNTED = re.compile(r"(两|三|几)(个|样|件|边|种|单)?都")


def for_all(turn: Turn) -> list[WaitView]:
    """The confirmations that one yes is for (两个都行): those it names, or the only two there are; fewer than two where it is for one."""
    asked = [wait for wait in _owed_by_sender(turn) if wait.state == "waiting_confirmation"]
    all_of_them = _COUNTED.search(turn.text) or ALL_OF_THEM.search(turn.text)
    if len(asked) < 2 or not all_of_them or HAS_A_QUESTION.search(turn.text):
        return []
    marks = {wait.ref: bigrams(f"{wait.need} {' '.join(wait.aliases)}") for wait in asked}
    named = {ref for ref, shared in _telling(turn.text, marks) if shared}
    if len(named) > 1:
        return [wait for wait in asked if wait.ref in named]
    return asked if not named and len(asked) == 2 else []


#: The other case is only named so that nobody takes one for the other: 两家别说串了.
_CONTRASTS = re.compile(r"两家[^，,。]{0,4}别|[别莫][搞弄整说][混串]|\bdon'?t (mix|confuse) (them|the two)\b", re.I)


def _names_of_cases(turn: Turn) -> dict[str, str]:
    """Names and numbers by which exactly one of the open cases is called: name to case."""
    called: dict[str, set[str]] = {}
    for wait in turn.open_waits:
        for alias in wait.aliases:
            if len(alias) > 1:
                called.setdefault(alias, set()).add(wait.case_ref)
    return {alias: next(iter(cases)) for alias, cases in called.items() if len(cases) == 1}


def _at_names(sentence: str, names: dict[str, str]) -> list[str]:
    """A sentence in parts, of which each further one begins by naming another case: 陈女士配件到了，王先生不在家."""
    parts: list[str] = []
    case = ""
    for clause in re.split(r"[，,]\s*", sentence):
        begins = {of for name, of in names.items() if clause.lstrip(" 那还有另外").startswith(name)}
        meant = begins.pop() if len(begins) == 1 else ""
        if parts and (not meant or meant == case or not case):
            parts[-1] = f"{parts[-1]}，{clause}"
        else:
            parts.append(clause)
        case = meant or case
    return parts


def _marks_of_cases(turn: Turn) -> dict[str, set[str]]:
    """The pieces of the words by which each of the open cases is known."""
    marks: dict[str, set[str]] = {}
    for wait in turn.open_waits:
        marks.setdefault(wait.case_ref, set()).update(bigrams(f"{wait.need} {' '.join(wait.aliases)}"))
    return marks


def by_cases(turn: Turn) -> list[str]:
    """The sentences of a partner's text, or the parts of one that begin with a name, that speak of different cases; empty where it speaks of one."""
    marks = _marks_of_cases(turn)
    if len(marks) < 2 or _CONTRASTS.search(turn.text):
        return []
    names = _names_of_cases(turn)
    groups: list[tuple[str, str]] = []
    for sentence in (part for whole in re.split(r"[。；;！!\n]+", turn.text) for part in _at_names(whole, names)):
        if not sentence.strip():
            continue
        (best, shared), (_next, as_many) = _telling(sentence, marks)[:2]
        gossip = not wording.take_apart(sentence).kept
        clear = not gossip and shared > as_many
        if groups and (not clear or groups[-1][1] == best):
            groups[-1] = (f"{groups[-1][0]}。{sentence.strip()}", groups[-1][1])
        else:
            groups.append((sentence.strip(), best if clear else ""))
    return [text for text, _case in groups] if len({case for _text, case in groups if case}) > 1 else []


def beside_the_matter(turn: Turn) -> list[str]:
    """The sentences of a partner's text that only gossip about another of the open cases: 红山周阿姨那床都发霉了，她怕是舍不得."""
    marks = _marks_of_cases(turn)
    sentences = [part.strip() for part in re.split(r"[。；;！!\n]+", turn.text) if part.strip()]
    if len(marks) < 2 or len(sentences) < 2:
        return []
    about: list[tuple[str, str]] = []
    for sentence in sentences:
        (best, shared), (_next, as_many) = _telling(sentence, marks)[:2]
        about.append((sentence, best if shared > as_many else ""))
    meant = about[0][1]
    if not meant:
        return []
    return [
        sentence
        for sentence, case in about[1:]
        if case and case != meant and not wording.REQUEST.search(sentence) and _is_gossip(sentence)
    ]


def _is_gossip(sentence: str) -> bool:
    """Whether a sentence holds nothing that its customer may be told, or mostly what they may not, with a sum of money."""
    apart = wording.take_apart(sentence)
    sums = any(re.search(r"\d{2,}", clause) for clause, _code in apart.withheld)
    return not apart.kept or (sums and len(apart.withheld) >= len(apart.kept))


def asks_something(text: str) -> bool:
    """Whether a text has the form of a question."""
    return bool(HAS_A_QUESTION.search(text))


def questions(text: str) -> list[str]:
    """The questions of a text that asks several; the whole text where it asks one."""
    parts = [part.strip() for part in _FURTHER.split(text) if part and part.strip()]
    if len(parts) < 2 or not all(len(part) >= 3 and HAS_A_QUESTION.search(part) for part in parts):
        return [text]
    return parts


def take_apart(understanding: Understanding, turn: Turn, engine: Engine) -> Understanding:
    """An understanding in which a message that answers two waits, or asks two things, is two statements.

    The engine is asked again for each part. What it then takes for something else than an answer or a question stays as it was.
    """
    if understanding.taken_apart or len(understanding.statements) > 1:
        return understanding
    if turn.sender_side == "partner" and turn.conversation_kind == "partner_group":
        asides = beside_the_matter(turn)
        parts = [] if asides else by_cases(turn)
        if not parts:
            return _of_what_is_meant(understanding, turn, engine, asides)
        # As they were said: each is about a customer of its own, and is decided by itself.
        return replace(
            understanding,
            statements=tuple(engine.understand(replace(turn, text=text)).statements[0] for text in parts),
        )
    if turn.sender_side != "customer":
        return understanding
    agreed = for_all(turn)
    if agreed:
        others = tuple(w for w in turn.open_waits if w not in _owed_by_sender(turn))
        each = [engine.understand(replace(turn, open_waits=(wait, *others))).statements[0] for wait in agreed]
        return replace(understanding, statements=tuple(_by_care(each, turn)))
    answered = by_waits(turn)
    readings: list[StatementReading] = []
    if answered:
        shown = next((wait.ref for _text, wait in answered if wait.proof in ("image", "file")), answered[0][1].ref)
        for text, wait in answered:
            part = replace(
                turn,
                text=text,
                attachments=turn.attachments if wait.ref == shown else (),
                open_waits=(wait, *(w for w in turn.open_waits if w not in _owed_by_sender(turn))),
            )
            reading = _not_yet(engine.understand(part).statements[0], part, wait)
            readings.append(
                reading if part.attachments else replace(reading, signals=reading.signals | {"without_picture"})
            )
        if any(reading.intent in _ASKING for reading in readings):
            return understanding
    else:
        parts = questions(turn.text)
        if len(parts) < 2 or _PICTURES & set(turn.attachments):
            return understanding
        readings = [engine.understand(replace(turn, text=part)).statements[0] for part in parts]
        if not all(reading.intent in _ASKING for reading in readings):
            return understanding
        one_matter = len({wait.case_ref for wait in turn.open_waits}) < 2 and len(turn.matters) < 2
        if all(reading.intent == "asks_progress" for reading in readings) and (
            one_matter or _WHAT_NEXT.match(parts[-1])
        ):
            # Where it stands says what comes next, too: one answer.
            return replace(understanding, statements=(replace(readings[0], text=turn.text),))
    return replace(understanding, statements=tuple(_by_care(readings, turn)))


#: What comes next, asked of nothing in particular.
_WHAT_NEXT = re.compile(
    r"^\W*(and |so |then )*(what happens|what comes|what's|what is|what are the) (next|now|then|next steps?)\b.{0,12}$|^\W*(那|然后)?(接下来|下一?步|后面|后续|之后)[^，,。]{0,8}[？?]?$",
    re.I,
)


def _of_what_is_meant(understanding: Understanding, turn: Turn, engine: Engine, asides: Sequence[str]) -> Understanding:
    """What a partner does is read from what they say of the matter that is meant; the risk of the whole stays.

    :param asides: the sentences that are `beside_the_matter`.
    """
    rest = without_contrasted(turn.text)
    for aside in asides:
        rest = rest.replace(aside, " ")
    rest = rest.strip(" 。")
    if rest == turn.text.strip(" 。"):
        return understanding
    whole, again = understanding.statements[0], engine.understand(replace(turn, text=rest)).statements[0]
    intent = again.intent
    # What was found comes first, when they come after it: news of both.
    comes = intent == "confirms_appointment" and not times.find(next(iter(clauses(rest)), ""), turn.at)
    if comes or whole.intent == "reports_result":
        intent = "reports_result"
    meant = replace(
        again,
        text=whole.text,
        meant=rest,
        intent=intent,
        risk_topics={**again.risk_topics, **whole.risk_topics},
        alerts=whole.alerts,
        signals=again.signals | whole.signals,
    )
    return replace(understanding, statements=(meant,))


def _not_yet(reading: StatementReading, part: Turn, wait: WaitView) -> StatementReading:
    """Words about a file or picture that did not come with them say that it will come."""
    file = wait.proof in ("image", "file") or re.search(
        r"文件|表格?|照片|截图|扫描|图片|\b(file|photo|picture|scan|screenshot)\b", wait.need, re.I
    )
    if reading.intent != "provides_material" or part.attachments or not file or re.search(r"\d{4,}", part.text):
        return reading
    return replace(reading, intent="defers", wait_ref=wait.ref, wait_state_after=None)


def _by_care(readings: Sequence[StatementReading], turn: Turn) -> list[StatementReading]:
    order = {"review": 0, "send": 1, "record": 2}
    return sorted(readings, key=lambda reading: order[decide_mode(reading, turn)[0]])
