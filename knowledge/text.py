"""How texts become terms: one spelling for everything, words, pairs and single characters, and concepts that join synonyms."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import opencc
import rjieba

DATA = Path(__file__).parent / "data"
#: Families of terms and how much each counts. Measured with `manage.py evaluate_search`; the first letter of a term names its family.
FAMILIES = {"w": 1.0, "b": 0.5, "u": 0.6, "c": 0.2}
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
_TOKEN = re.compile(rf"[{_HAN}]+|[a-z0-9]+(?:[-_.+][a-z0-9]+)*")
CHINESE = re.compile(rf"[{_HAN}]+")
#: Single characters that say nothing about what a text is about.
_EMPTY = frozenset("的了吗呢吧啊呀嘛哦哈么是在有和与及或就都也还又很请您你我他她它们这那个把被给让对从到为以之其")
_STOP_WORDS = frozenset(
    [
        "the",
        "and",
        "for",
        "does",
        "is",
        "are",
        "was",
        "can",
        "could",
        "would",
        "will",
        "it",
        "its",
        "once",
        "that",
        "this",
        "with",
        "you",
        "your",
        "my",
        "our",
        "hey",
        "hi",
        "do",
        "did",
        "in",
        "on",
        "of",
        "to",
        "be",
        "have",
        "has",
        "there",
        "which",
        "any",
        "some",
        "from",
        "i",
        "a",
        "an",
        "me",
        "we",
        "please",
        "if",
        "or",
        "at",
        "by",
        "as",
        "not",
        "so",
        "no",
        "about",
        "get",
        "got",
        "just",
        "also",
        "into",
        "out",
        "up",
        "than",
        "then",
        "them",
        "they",
    ]
)
#: Words of everyday talk that say nothing about what is asked.
_EMPTY_WORDS = frozenset(
    [
        "我们",
        "你们",
        "他们",
        "咱们",
        "大家",
        "这个",
        "那个",
        "这些",
        "那些",
        "这样",
        "那样",
        "这里",
        "那里",
        "这边",
        "那边",
        "一共",
        "总共",
        "来回",
        "请问",
        "问下",
        "东西",
        "要求",
        "一下",
        "一个",
        "一次",
        "一些",
        "一点",
        "一样",
        "请问",
        "请教",
        "问下",
        "上次",
        "这次",
        "下次",
        "还有",
        "现在",
        "今天",
        "明天",
        "昨天",
        "刚才",
        "的话",
        "如果",
        "要是",
        "因为",
        "所以",
        "但是",
        "不过",
        "而且",
        "然后",
        "已经",
        "还是",
        "或者",
        "以及",
        "就是",
        "只是",
        "不是",
        "是不是",
        "是否",
        "你好",
        "您好",
        "谢谢",
        "麻烦",
        "帮忙",
        "知道",
        "告诉",
        "觉得",
        "想要",
        "想问",
        "咨询",
        "了解",
        "之内",
        "之后",
        "以后",
        "以前",
        "时候",
        "时间",
        "情况",
        "问题",
        "东西",
        "事情",
        "关于",
        "进行",
        "有点",
        "比较",
        "非常",
        "特别",
        "应该",
        "会不会",
        "好的",
        "可能",
        "一般",
        "具体",
        "自己",
        "怎么着",
    ]
)
STOP_PAIRS = frozenset(
    [
        "我们",
        "你们",
        "这个",
        "那个",
        "什么",
        "怎么",
        "可以",
        "能不",
        "不能",
        "还有",
        "现在",
        "一下",
        "请问",
        "上次",
        "有没",
        "没有",
        "多久",
        "多少",
        "是不",
        "的话",
        "如果",
        "你好",
        "了吗",
        "的吗",
        "我的",
        "你的",
    ]
)
_ASKING = frozenset(["how", "long", "what", "when", "where", "who", "why", "much", "many", "cost"])
_MAX_TERM = 38


@lru_cache(maxsize=1)
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("tw2sp")


def data_lines(name: str) -> list[str]:
    """Lines of a list that ships with the room, without its comments."""
    text = (DATA / name).read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


@lru_cache(maxsize=1)
def _variants() -> tuple[re.Pattern[str], dict[str, str]]:
    pairs: dict[str, str] = {}
    for line in data_lines("variants.txt"):
        wrong_one, _sign, right = line.partition("=")
        pairs[wrong_one.strip()] = right.strip()
    wrong = sorted(pairs, key=len, reverse=True)
    parts = [rf"(?<![a-z0-9]){re.escape(one)}(?![a-z0-9])" if one.isascii() else re.escape(one) for one in wrong]
    return re.compile("|".join(parts)), pairs


@lru_cache(maxsize=1)
def _concepts() -> dict[str, tuple[str, ...]]:
    """Every synonym with the names of its groups."""
    found: dict[str, list[str]] = {}
    for line in data_lines("synonyms.txt"):
        members = [normalise(word.replace("_", " ")) for word in line.removeprefix("?").split()]
        for member in members:
            names = found.setdefault(member, [])
            if members[0] not in names:
                names.append(members[0])
    return {word: tuple(names) for word, names in found.items()}


@lru_cache(maxsize=1)
def latin_synonyms() -> frozenset[str]:
    """Single Latin words among the synonyms."""
    return frozenset(word for word in _concepts() if word.isascii() and word.isalpha())


@lru_cache(maxsize=1)
def _broader() -> dict[str, frozenset[str]]:
    """Names of synonym groups with those of the groups that answer for them: sorts of it, or what it is a sort of."""
    found: dict[str, set[str]] = {}
    for line in data_lines("broader.txt"):
        general, sign, *sorts = normalise(line).split()
        for sort in sorts:
            asked, told = (general, sort) if sign == ">" else (sort, general)
            found.setdefault(asked, set()).add(told)
    return {name: frozenset(told) for name, told in found.items()}


@lru_cache(maxsize=4096)
def answered_by(names: frozenset[str]) -> frozenset[str]:
    """Names of the synonym groups that an item may speak of when a question is about some: themselves, and what answers for them."""
    return names.union(*(_broader().get(name, frozenset()) for name in names))


@lru_cache(maxsize=1)
def asking_names() -> frozenset[str]:
    """Names of the groups that say how something is asked."""
    return frozenset(normalise(line[1:].split()[0]) for line in data_lines("synonyms.txt") if line.startswith("?"))


@lru_cache(maxsize=1)
def rules_digest() -> str:
    """A digest of everything that decides how terms are made: while it is that of the index, the index fits."""
    digest = hashlib.sha256()
    for path in (DATA / "synonyms.txt", DATA / "variants.txt", Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


@lru_cache(maxsize=4096)
def normalise(text: str) -> str:
    """A text in the one spelling that is compared: width, case, simplified characters, known variants."""
    plain = unicodedata.normalize("NFKC", text).lower()
    if not plain.isascii():
        plain = _simplifier().convert(plain)
    plain = plain.replace("’", "'")
    pattern, pairs = _variants()
    return pattern.sub(lambda match: pairs[match.group(0)], plain)


def stem(word: str) -> str:
    """An English word without its commonest endings."""
    if len(word) > 4 and word.isalpha():
        word = re.sub(r"ies$", "y", word)
        word = re.sub(r"(?<=[^s])s$", "", word)
        word = re.sub(r"(?<=[aeiouy])([^aeiouy]+|ee|[aeiouy])(ing|ed)$", r"\1", word)
        word = re.sub(r"([bdgklmnprt])\1$", r"\1", word)
        word = re.sub(r"(?<=...)e$", "", word)
    return word


def _latin(token: str) -> list[str]:
    parts = re.findall(r"[a-z]+|\d+", token)
    whole = re.sub(r"[-_.+]", "", token)
    found = [stem(part) for part in parts if part not in _STOP_WORDS and len(part) > 1]
    if len(parts) > 1 or any(char.isdigit() for char in token):
        found.append(whole)
    elif not found and token in "cx":
        found.append(token)
    return list(dict.fromkeys(found))


@lru_cache(maxsize=1)
def _by_start() -> dict[str, tuple[int, ...]]:
    """The first two characters of Chinese synonyms, with the lengths that follow, longest first."""
    found: dict[str, set[int]] = {}
    for word in _concepts():
        if len(word) > 1 and CHINESE.match(word):
            found.setdefault(word[:2], set()).add(len(word))
    return {start: tuple(sorted(sizes, reverse=True)) for start, sizes in found.items()}


def known_places(plain: str) -> dict[int, int]:
    """Where Chinese synonyms begin in a normalised text, with how many characters the longest at each place has."""
    known, starts = _concepts(), _by_start()
    found: dict[int, int] = {}
    for at in [at for at, start in enumerate(map(str.__add__, plain, plain[1:])) if start in starts]:
        for size in starts[plain[at : at + 2]]:
            if plain[at : at + size] in known:
                found[at] = size
                break
    return found


def names_of(word: str) -> frozenset[str]:
    """Names of the synonym groups to which a normalised word belongs."""
    return frozenset(_concepts().get(word, ()))


def _concepts_in(plain: str) -> list[str]:
    """Names of the synonym groups that a normalised text mentions, the longest member at each place."""
    known = _concepts()
    found: list[str] = []
    after = 0
    for at, size in known_places(plain).items():
        if at >= after:
            found.extend(known[plain[at : at + size]])
            after = at + size
    words = re.findall(r"[a-z0-9'.]+", plain)
    for index, word in enumerate(words):
        for size in (3, 2, 1):
            together = " ".join(words[index : index + size])
            names = known.get(together) or (known.get(stem(word)) if size == 1 else None)
            if names and index + size <= len(words):
                found.extend(names)
                break
    return found


def terms(text: str) -> list[str]:
    """All terms of a text, with repetitions: words (w:), pairs (b:) and single characters (u:) of Chinese, concepts (c:)."""
    plain = normalise(text)
    found: list[str] = []
    for token in _TOKEN.findall(plain):
        if not CHINESE.match(token):
            found += [f"w:{word}"[:_MAX_TERM] for word in _latin(token)]
            continue
        found += [f"w:{word}"[:_MAX_TERM] for word in rjieba.cut(token) if len(word) > 1]
        found += [f"b:{token[at : at + 2]}" for at in range(len(token) - 1)]
        found += [f"u:{char}" for char in token if char not in _EMPTY]
    found += [f"c:{name}"[:_MAX_TERM] for name in _concepts_in(plain)]
    return found


def content(text: str) -> set[str]:
    """What a text is about, for judging whether it answers: pairs of characters and words that carry meaning."""
    return content_of(normalise(text))


def content_of(plain: str) -> set[str]:
    """`content` of a text that is normalised already."""
    found: set[str] = set()
    for token in _TOKEN.findall(plain):
        if CHINESE.match(token):
            found.update(token[at : at + 2] for at in range(len(token) - 1))
        else:
            found.update(word for word in _latin(token) if word not in _ASKING)
    return found - STOP_PAIRS


def concepts(text: str) -> frozenset[str]:
    """Names of the synonym groups that a text mentions."""
    return concepts_of(normalise(text))


@lru_cache(maxsize=1024)
def concepts_of(plain: str) -> frozenset[str]:
    """`concepts` of a text that is normalised already."""
    return frozenset(_concepts_in(plain))


#: Numbers that say how big or how many, not which.
_MEASURED = re.compile(r"\d+\s*(码|号|岁|cm|公斤|斤|寸|块|元|个|张|年|月|天|小时|分钟|点)")
#: Words of two characters that begin so say who asks or how, not what about (这个, 要交, 我记, 最长).
_LIGHT_FIRST = frozenset("这那哪几多每某我你您他她咱要想能会最")


def subjects(plain: str) -> dict[str, frozenset[str]]:
    """What a normalised question asks about: its words that carry meaning, each with the synonym groups it belongs to."""
    known = _concepts()
    found: dict[str, frozenset[str]] = {}
    rest: list[str] = []
    at, places = 0, known_places(plain)
    while at < len(plain):
        size = places.get(at, 0)
        if size:
            word = plain[at : at + size]
            names = frozenset(known[word]) - asking_names()
            if names:
                found[word] = names
            rest.append(" ")
        else:
            rest.append(plain[at])
        at += size or 1
    left = "".join(rest)
    for run in CHINESE.findall(left):
        for word in rjieba.cut(run):
            if len(word) > 1 and word not in _EMPTY_WORDS and not (len(word) == 2 and word[0] in _LIGHT_FIRST):
                found.setdefault(word, frozenset())
    latin = re.findall(r"[a-z0-9'.+_-]+", plain)
    for index, token in enumerate(latin):
        together = {" ".join(latin[index : index + size]) for size in (1, 2, 3)} | {stem(token)}
        names = frozenset(name for one in together for name in known.get(one, ()))
        if names and names <= asking_names():
            continue
        for word in _latin(token):
            if word not in _ASKING and not (word.isdigit() and _MEASURED.search(plain)):
                found[word] = names - asking_names()
    return found


def about(plain: str) -> str:
    """A normalised question without the words that only say how it is asked."""
    known = _concepts()
    kept: list[str] = []
    at, places = 0, known_places(plain)
    while at < len(plain):
        size = places.get(at, 0)
        asking = bool(size) and frozenset(known[plain[at : at + size]]) <= asking_names()
        kept.append(" " if asking else plain[at : at + (size or 1)])
        at += size or 1
    return "".join(kept)
