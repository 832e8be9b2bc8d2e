"""From a turn to features: characters, words, lexicon clues and the context that decides."""

from __future__ import annotations

import re
from collections.abc import Iterable

from triage.engines.base import Turn
from triage.engines.local.lexicons import lexicon

try:
    import rjieba
except ImportError:  # pragma: no cover - the package is a dependency; without it the words are left out
    rjieba = None

_LATIN = re.compile(r"[a-z][a-z'’]*", re.IGNORECASE)
_DIGITS = re.compile(r"\d")
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"[^\W\d_]")
_QUOTE = re.compile(r"^「.*?」\s*(?:[-—]\s*){3,}", re.DOTALL)


def own_words(text: str) -> str:
    """The sender's own words: a quoted text in front is not what the sender says."""
    return _QUOTE.sub("", text).strip() or text.strip()


def normalise(text: str) -> str:
    """Lower case, digits as 0, single spaces: what the classifier's characters are taken from."""
    return _DIGITS.sub("0", _SPACE.sub(" ", text.replace("’", "'").lower())).strip()


def _characters(text: str) -> Iterable[str]:
    padded = f"^{text}$"
    for size in (1, 2, 3):
        for i in range(len(padded) - size + 1):
            gram = padded[i : i + size]
            if size > 1 and gram.isascii() and gram.strip("^$").isalpha() and "^" not in gram and "$" not in gram:
                continue  # fragments of Latin words say little: whole words stand for them
            yield "c" + gram


#: English words of a need that say nothing of what is needed.
_SMALL = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "can",
        "do",
        "for",
        "from",
        "has",
        "have",
        "he",
        "her",
        "him",
        "his",
        "i",
        "if",
        "in",
        "is",
        "it",
        "its",
        "me",
        "my",
        "need",
        "of",
        "on",
        "or",
        "our",
        "out",
        "she",
        "so",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "they",
        "this",
        "to",
        "us",
        "was",
        "we",
        "when",
        "which",
        "will",
        "with",
        "would",
        "you",
        "your",
    ]
)

_COMMON = frozenset(
    [
        "师傅",
        "上门",
        "时间",
        "客户",
        "维修",
        "反馈",
        "安装",
        "服务",
        "确认",
        "是否",
        "处理",
        "提供",
        "结果",
        "回复",
        "另一",
    ]
)


def overlap(need: str, text: str) -> int:
    """How many two-character pieces (or Latin words) of a wait's need the text repeats."""
    low, other = need.lower(), text.lower()
    hits = 0
    cjk = [low[i : i + 2] for i in range(len(low) - 1) if "一" <= low[i] <= "鿿" and "一" <= low[i + 1] <= "鿿"]
    hits += len({g for g in cjk if g in other and g not in _COMMON})
    hits += len({w for w in _LATIN.findall(low) if len(w) > 3 and w in other})
    return hits


def shared_characters(need: str, text: str) -> int:
    """How many different Chinese characters of the need come back in the text, common ones left out."""
    return len(
        {
            c
            for c in need
            if "一" <= c <= "鿿" and c not in "的了是请不一个在有到和与或时户师上人你我他她出回" and c in text
        }
    )


def clue_names(text: str) -> list[str]:
    """The lexicon groups that the text touches."""
    lex = lexicon()
    return [name for name, pattern in lex.clues.items() if pattern.search(text)]


def _brief(need: str) -> bool:
    """Whether a need names a thing (“铭牌照片”), as it does in labelled rows. Where it is somebody's whole sentence its words say nothing of the answer."""
    low = normalise(need)
    return len(low.split()) <= 9 if low.isascii() else len(low) <= 26


def extract(turn: Turn) -> list[str]:
    """All features of a turn as names (a set in effect)."""
    lex = lexicon()
    text = own_words(turn.text)
    low = normalise(text)
    out: set[str] = set(_characters(low[:400]))
    words = list(rjieba.cut(low[:400])) if rjieba else []
    words = [w for w in words if w.strip()]
    out.update("w" + w for w in words)
    out.update(f"b{a}_{b}" for a, b in zip(words, words[1:], strict=False))
    side, kind = turn.sender_side, turn.conversation_kind
    ctx = [f"side={side}", f"kind={kind}", f"{kind}/{side}", f"known={turn.sender_known}"]
    for a in set(turn.attachments):
        ctx.append(f"att={a}")
    empty = not low
    ctx.append(f"len={'0' if empty else min(len(low) // 6, 8)}")
    pictures = any(a in ("image", "video", "file") for a in turn.attachments)
    ctx.append(f"pic={pictures}/{empty}")
    # What we owe ourselves (an answer, a promised word) stands open in most conversations and says nothing of what somebody means.
    waits = [w for w in turn.open_waits if not (w.state == "requested" and w.on_role == "internal_handler")]
    ctx.append(f"waits={min(len(waits), 2)}")
    for w in waits:
        mine = (w.on_role in ("customer_contact", "actual_executor")) == (side in ("customer", "unknown"))
        ctx.append(f"wait={w.state}/{mine}")
        ctx.append(f"waitpic={w.state}/{w.proof}/{pictures}")
        brief = _brief(w.need)
        if overlap(w.need, text) >= (1 if brief else 2):
            ctx.append(f"waitover={w.state}")
        if rjieba and brief:
            ctx.extend(f"need:{g}" for g in rjieba.cut(normalise(w.need)) if _WORD.search(g) and g not in _SMALL)
        ctx.extend(f"needabout={n}" for n, p in lex.clues.items() if n.startswith("about_") and p.search(w.need))
        for name, pattern in lex.need.items():
            if pattern.search(w.need):
                ctx.append(f"need={name}")
    if not waits:
        ctx.append("nowait")
    for p in turn.previous[-1:]:
        ctx.append(f"prev={p.side}")
        ctx.extend(f"prev:{c}" for c in clue_names(p.text))
    clues = clue_names(text)
    group = "c" if side in ("customer", "unknown") else "s"
    states = {w.state for w in waits}
    for c in clues:
        ctx.append(f"k={c}")
        ctx.append(f"k={c}/{group}")
        for s in states:
            ctx.append(f"k={c}/{s}")
    for i, a in enumerate(clues):
        for b in clues[i + 1 :]:
            ctx.append(f"kk={a}+{b}")
    for name, pattern in lex.signals.items():
        if pattern.search(text):
            ctx.append(f"sig={name}")
            ctx.append(f"sig={name}/{group}")
    for topic, rule in lex.risks.items():
        if rule.matches(text, side) or (group == "s" and rule.matches(text, "customer")):
            ctx.append(f"risk={topic}")
    out.update("x" + c for c in ctx)
    return sorted(out)
