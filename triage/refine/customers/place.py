"""What customers mean by what is owed, after their words are settled. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from triage import phrases
from triage.engines.local.features import shared_characters
from triage.matching import bigrams, stem
from triage.refine.rules import Heard, Rule, answers_nothing, rule, to


def _own_matter(h: Heard) -> str:
    """A pattern of how the customer's people are called in short: 佟佟那个班."""
    short = (re.sub(r"(妈妈?|爸爸?|奶奶|爷爷|家长)$", "", stem(name) or name) for name in h.turn.customer_names)
    return "|".join(re.escape(name) for name in short if len(name) >= 2) or r"(?!)"


#: What is one's own, or was spoken of: 我那批, 那个歌, 嗰批.
_THEIRS = re.compile(
    r"我(们|家|公司|哋)?(的|那|这)|我[^，,。\s]{0,4}(订|买|拍|修|寄|下单|报|做)的|(那|这|嗰|呢)(个|批|台|单|套|件|只|辆|双|张|款|箱|盒|家|间|份|本|副|块|条|把|班|课)|\b(my|our|that|those|her|his)\b|\bwhat (happens|comes) (next|now)\b|\bwhat'?s next\b|\bnext steps?\b",
    re.I,
)


def _speaks_of_theirs(h: Heard) -> bool:
    """Whether words speak of something of the speaker's own: by calling it so, or by naming what somebody here waits for."""
    if _THEIRS.search(h.text):
        return True
    said = bigrams(h.text)
    return any(said & bigrams(words) for words in (*(wait.need for wait in h.turn.open_waits), *h.turn.matters))


PLACE: tuple[Rule, ...] = (
    Rule(
        "done, in short, by somebody who owes something",
        lambda h: h.turn.sender_side == "customer" and h.turn.open_waits and h.has(phrases.DONE),
        to("confirms_completion"), below=0.5,
    ),
    rule(
        "done, in so many words",
        "defers chats acknowledges provides_material asks_progress",
        lambda h: h.states and h.has(phrases.DONE) and not h.asks() and not h.pictures and not h.has(phrases.DELAYS),
        to("confirms_completion"), below=0.95,
    ),
    rule(
        "the picture that was asked for comes later",
        "confirms_completion confirms_appointment acknowledges chats",
        lambda h: (
            h.asked_picture and not h.pictures and not h.asks() and h.has(phrases.PICTURE_LATER)
        ),
        lambda h: replace(h.reading, intent="defers", risk_topics=h.quiet(), wait_state_after=None),
    ),
    rule(
        "done, clause by clause",
        "defers chats acknowledges reports_issue provides_material asks_progress",
        lambda h: (
            h.states & {"requested", "waiting_executor", "waiting_contact_coordination"} and not h.asks() and not h.pictures and not h.has(phrases.TROUBLE)
            and (acts := [clause for clause in h.clauses if not phrases.BARE_YES.match(clause)]) and all(phrases.CLAUSE_DONE.match(clause) for clause in acts)
            and (len(acts) > 1 or any(act in w.need for act in re.findall(r"([\u4e00-\u9fff])了", acts[0]) for w in h.owed))
        ),
        to("confirms_completion", quiet=True), below=0.9,
    ),
    rule(
        "done, in a word, with what is owed named",
        "reports_issue chats acknowledges asks_question defers",
        lambda h: (
            phrases.SAYS_ONLY_DONE.match(h.text) and not h.has(phrases.TROUBLE) and not h.pictures
            and any(shared_characters(w.need, h.text) for w in h.owed)
        ),
        to("confirms_completion", quiet=True), below=0.8,
    ),
    rule(
        "a picture where material is owed",
        "confirms_completion reports_result acknowledges chats",
        lambda h: (
            h.pictures and h.reading.wait_ref
            and any(w.ref == h.reading.wait_ref and w.state == "waiting_customer_material" for w in h.turn.open_waits)
        ),
        to("provides_material"),
    ),
    rule(
        "done, and the picture of it, where no material is owed but an act",
        "provides_material",
        lambda h: (
            h.pictures and h.asked_picture and all(w.state != "waiting_customer_material" for w in h.asked_picture)
            and (h.has(phrases.FINISHED) or h.has(phrases.DONE) or re.search(r"[\u4e00-\u9fff](好|完|掉|上|下来|过去)(了|啦)", h.text)
                 or any(act in w.need for act in re.findall(r"([\u4e00-\u9fff])了", h.text) for w in h.asked_picture))
        ),
        to("confirms_completion"),
    ),
    rule(
        "impatience asks where it stands",
        "requests_remedy complains reports_issue",
        lambda h: h.has(phrases.PROGRESS) and not h.has(phrases.TROUBLE) and not h.clue("remedy") and not h.clue("complain") and not h.turn.attachments,
        answers_nothing("asks_progress", "price_protection", "compensation", "refund", "address", "account"), below=0.8,
    ),
    rule(
        "a stranger asks where somebody's matter stands",
        "asks_question",
        lambda h: h.turn.sender_side == "unknown" and h.has(phrases.PROGRESS) and re.search(r"(他|她|我|老板|经理|总|工|姐|哥)(们|家)?(的|那|这)", h.text),
        to("asks_progress"),
    ),
    rule(
        "where something stands",
        "reports_issue asks_question",
        lambda h: (
            h.turn.sender_side == "customer" and (h.turn.customer_names or _THEIRS.search(h.text)) and phrases.PROGRESS.search(h.text.strip())
            and not h.has(phrases.ASKS_THE_RULE)
        ),
        to("asks_progress"), below=0.8,
    ),
    rule(
        "where something of one's own stands",
        "asks_question",
        lambda h: (
            h.turn.sender_side == "customer" and (h.turn.open_waits or h.turn.customer_names or h.turn.conversation_kind == "community_group")
            and phrases.PROGRESS.search(h.text.strip())
            and re.search(_own_matter(h) + r"|我(们|家|公司)?(的|那|这|订|买|修|寄)|我(们|哋)?[\u4e00-\u9fff]{1,5}(几号|哪天|什么时候|啥时候|何时)|[\u4e00-\u9fff]{2,6}那[个单](几点|几号|哪天|什么时候|啥时候|何时)|我们.{0,6}定|定(在|到|好)?了?(是)?(哪|几)(天|号|点)|\bmy\b|\bour\b", h.text) and not h.has(phrases.ASKS_WHAT_HOLDS)
        ),
        to("asks_progress"),
    ),
    rule(
        "when or how far, asked about what is under way here",
        "asks_question reports_issue confirms_completion chats",
        lambda h: (
            h.turn.sender_side == "customer" and (h.turn.open_waits or h.turn.customer_names) and h.turn.conversation_kind in ("private", "customer_group")
            and h.has(phrases.ASKS_WHEN_OR_HOW_FAR) and _speaks_of_theirs(h) and not h.has(phrases.ASKS_WHAT_HOLDS) and not h.has(phrases.ASKS_PRICE)
            and not h.has(phrases.ASKS_THE_RULE) and not h.turn.attachments and not h.has(phrases.MOVES_TIME)
            and (h.reading.intent not in ("confirms_completion", "chats") or not (h.has(phrases.FINISHED) or h.has(phrases.DONE)))
        ),
        to("asks_progress", quiet=True),
    ),
    rule(
        "when it can be used, where somebody sees to it",
        "asks_question",
        lambda h: (
            h.turn.sender_side == "customer" and h.has(phrases.WHEN_CAN) and not h.has(phrases.ASKS_WHAT_HOLDS)
            and h.turn.open_waits
        ),
        to("asks_progress"),
    ),
    rule(
        "wanted by a day that is named, where somebody sees to it: a yes would be a promise",
        "asks_progress asks_question reports_issue requests_change confirms_appointment chats",
        lambda h: h.turn.sender_side == "customer" and h.has(phrases.WANTS_IT_BY) and (h.turn.open_waits or h.turn.customer_names) and not h.turn.attachments,
        lambda h: replace(
            h.reading, intent="asks_progress", risk_topics={**h.quiet(), "service_promise": 0.8}, wait_ref=None, wait_state_after=None
        ),
    ),
    rule(
        "a time is moved, whatever else is asked",
        "asks_question reports_issue requests_change declines defers",
        lambda h: h.reading.times and h.has(phrases.MOVES_TIME),
        lambda h: replace(h.reading, intent="confirms_appointment", risk_topics=h.without("account", "address")),
    ),
)  # fmt: skip
