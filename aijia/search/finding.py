"""Finding: what holds all words of a question, newest first, among what somebody may see."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Value
from django.db.models.expressions import RawSQL
from django.utils import timezone

from aijia.search.grams import asked, plain
from aijia.search.models import Kind
from cases.models import ServiceCase
from conversations.models import Message
from foundation.encryption import blind_index
from knowledge.models import Audience
from knowledge.rendering import searched_texts
from knowledge.search import Applies, Hit
from knowledge.search import find as find_knowledge
from people.models import Customer, Person, StaffMember
from people.models.parties import ending_index

#: Up to how many hits of a kind are counted, and up to how many rows that somebody sees are looked through one by one.
COUNTED, FEW = 1_000, 3_000
SHORTEST, LONGEST = 1, 100

# Each narrows by what may be seen before anything is read: `{seen}` is that query, with `e.ref` for its key.
_SQLITE = """SELECT e.ref FROM search_fts JOIN search_searchentry e ON e.id = search_fts.rowid
WHERE search_fts MATCH %s {holds} AND EXISTS ({seen}) ORDER BY search_fts.rowid DESC LIMIT %s"""
_POSTGRES = """WITH m AS MATERIALIZED (SELECT ref, text FROM search_searchentry
WHERE array_to_tsvector(string_to_array(grams, ' ')) @@ %s::tsquery)
SELECT e.ref FROM m e WHERE true {holds} AND EXISTS ({seen}) ORDER BY e.ref DESC LIMIT %s"""
#: For who sees few rows, and for the newest of many: along these, not along all that holds the words.
_ALONG = """SELECT e.ref FROM search_searchentry e WHERE e.kind = %s AND e.ref IN ({some}) {holds} ORDER BY e.ref DESC LIMIT %s"""


@dataclass
class Found:
    """What was found, by kind. `more` says of which kinds there is more than is shown.

    :ivar words: the words as they are compared.
    :ivar counts: how many of each kind hold the words; one more than `COUNTED` means at least so many.
    """

    words: list[str]
    cases: list[ServiceCase] = field(default_factory=list)
    customers: list[Customer] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    knowledge: list[Hit] = field(default_factory=list)
    more: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def nothing(self) -> bool:
        """Whether nothing was found at all."""
        return not (self.cases or self.customers or self.people or self.messages or self.knowledge)


def words_of(question: str) -> list[str]:
    """The words of a question: all of them must be there."""
    return plain(question[:LONGEST]).split()[:8]


def _run(sql: str, params: list[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [row[0] for row in cursor.fetchall()]


def _hits(rows: Any, words: list[str], *, kind: str, most: int) -> list[int]:
    """The newest of `rows` that hold all the words, by key, at most so many. The database narrows; what may not be seen is never read.

    Who sees few rows is asked for these; the newest of many are looked at before the index is, so that a common word costs little.
    """
    wanted = asked(" ".join(words), kind=kind)
    if not wanted:
        return []
    is_postgres = connection.vendor == "postgresql"
    holds = ("AND strpos(e.text, %s) > 0 " if is_postgres else "AND instr(e.text, %s) > 0 ") * len(words)
    rows = rows.order_by().select_related(None)
    newest = rows.order_by("-pk").values_list("pk", flat=True)[: FEW + 1]
    some = list(newest)
    if not some:
        return []
    if is_postgres or len(some) <= FEW:  # SQLite goes along its index from the newest and stops by itself
        along = _ALONG.format(some=", ".join(map(str, some[:FEW])), holds=holds)
        found = _run(along, [kind, *words, most])
        if len(found) >= most or len(some) <= FEW:
            return found
    if is_postgres:
        question = " & ".join(f"'{piece}'{':*' if beginning else ''}" for piece, beginning in wanted)
    else:
        question = " ".join(f'"{piece}"{"*" if beginning else ""}' for piece, beginning in wanted)
    seen, params = rows.filter(pk=RawSQL("e.ref", ())).annotate(_one=Value(1)).values("_one").query.sql_with_params()
    sql = (_POSTGRES if is_postgres else _SQLITE).format(holds=holds, seen=seen)
    return _run(sql, [question, *words, *params, most])


def _take(rows: Any, words: list[str], *, kind: str, limit: int) -> tuple[list[Any], int]:
    """The first of `rows` that hold the words, and how many there are, counted up to `COUNTED` and one."""
    refs = _hits(rows, words, kind=kind, most=COUNTED + 1)
    by_pk = {row.pk: row for row in rows.filter(pk__in=refs[:limit])} if refs else {}
    return [by_pk[ref] for ref in refs[:limit] if ref in by_pk], len(refs)


def _stands_in(question: str, hit: Hit) -> bool:
    """Whether some piece of the question is written there: what is only somewhat near would hide that nothing was found."""
    text = plain("\n".join(searched_texts(hit.version)))
    return any(piece in text for piece, _begins in asked(plain(question), kind="")[1:])


def find(
    question: str,
    *,
    staff: StaffMember | None,
    everything: bool = False,
    kinds: frozenset[str] = frozenset({*Kind.values, "knowledge"}),
    limit: int = 8,
    at: datetime | None = None,
    phones: bool = False,
) -> Found:
    """What holds all words of a question, among what this colleague may see.

    :param everything: for a superuser without a staff row, who sees everything.
    :param phones: also find customers by their whole phone number, or by its last digits (four or more).
    """
    words = words_of(question)
    found = Found(words)
    if not any(words):
        return found

    def seen(rows: Any) -> Any:
        return rows.all() if everything and staff is None else rows.visible_to(staff)

    def take(kind: str, rows: Any) -> list[Any]:
        if kind not in kinds:
            return []
        hits, found.counts[kind] = _take(rows, words, kind=kind, limit=limit)
        if found.counts[kind] > limit:
            found.more.add(kind)
        return hits

    cases = take(Kind.CASE, seen(ServiceCase.objects).select_related("customer", "flow", "owner"))
    found.cases = sorted(cases, key=lambda case: (case.number.lower() not in words, case.state != "open"))
    found.customers = take(
        Kind.CUSTOMER, seen(Customer.objects).filter(merged_into__isnull=True).select_related("owner", "team")
    )
    digits = "".join(character for character in question if character.isdigit())
    if phones and Kind.CUSTOMER in kinds and len(digits) >= 7:
        known = {one.pk for one in found.customers}
        spellings = {blind_index(digits), blind_index(question.strip())}
        by_phone = (
            seen(Customer.objects)
            .filter(phone_index__in=spellings, merged_into__isnull=True)
            .select_related("owner", "team")[:limit]
        )
        found.customers = [*(one for one in by_phone if one.pk not in known), *found.customers]
    elif phones and Kind.CUSTOMER in kinds and 4 <= len(digits) == len(question.strip()):
        known = {one.pk for one in found.customers}
        rows = seen(Customer.objects).filter(phone_ending=ending_index(digits), merged_into__isnull=True)
        ending = [
            one
            for one in rows.select_related("owner", "team").order_by("-pk")[:200]
            if "".join(filter(str.isdigit, one.phone)).endswith(digits)
        ]
        found.customers = [*(one for one in ending if one.pk not in known), *found.customers][: limit + 1]
        if len(found.customers) > limit:
            found.customers = found.customers[:limit]
            found.more.add(Kind.CUSTOMER)
    if Kind.CUSTOMER in kinds:
        found.counts[Kind.CUSTOMER] = max(found.counts.get(Kind.CUSTOMER, 0), len(found.customers))
    found.people = take(
        Kind.PERSON,
        seen(Person.objects).filter(merged_into__isnull=True).select_related("customer", "partner", "staff"),
    )
    found.messages = take(Kind.MESSAGE, seen(Message.objects).select_related("conversation", "sender"))
    if "knowledge" in kinds and (staff is not None or everything):
        hits = find_knowledge(
            question[:LONGEST], at=at or timezone.now(), applies=Applies(audience=Audience.INTERNAL), limit=limit
        )
        found.knowledge = [hit for hit in hits if hit.score >= 0.25 and _stands_in(question, hit)]
    return found
