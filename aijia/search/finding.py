"""Finding: what holds all words of a question, newest first, among what somebody may see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from aijia.search.grams import asked, plain
from aijia.search.models import Kind
from cases.models import ServiceCase
from conversations.models import Message
from foundation.encryption import blind_index
from knowledge.models import Audience
from knowledge.search import Applies, Hit
from knowledge.search import find as find_knowledge
from people.models import Customer, Person, StaffMember
from people.models.parties import ending_index

#: How many candidates are read at first (enough for who sees most), then at a time, and how often: what keeps common words quick for everybody.
FIRST, CHUNK, CHUNKS = 40, 300, 20
SHORTEST, LONGEST = 1, 100

_SQLITE = """SELECT e.id, e.ref FROM search_fts JOIN search_searchentry e ON e.id = search_fts.rowid
WHERE search_fts MATCH %s AND search_fts.rowid < %s {holds} ORDER BY search_fts.rowid DESC LIMIT %s"""
_POSTGRES = """WITH m AS MATERIALIZED (SELECT id, ref, text FROM search_searchentry
WHERE array_to_tsvector(string_to_array(grams, ' ')) @@ %s::tsquery)
SELECT e.id, e.ref FROM m e WHERE e.id < %s {holds} ORDER BY e.id DESC LIMIT %s"""


@dataclass
class Found:
    """What was found, by kind. `more` says of which kinds there is more than is shown.

    :ivar words: the words as they are compared.
    """

    words: list[str]
    cases: list[ServiceCase] = field(default_factory=list)
    customers: list[Customer] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    knowledge: list[Hit] = field(default_factory=list)
    more: set[str] = field(default_factory=set)

    @property
    def nothing(self) -> bool:
        """Whether nothing was found at all."""
        return not (self.cases or self.customers or self.people or self.messages or self.knowledge)


def words_of(question: str) -> list[str]:
    """The words of a question: all of them must be there."""
    return plain(question[:LONGEST]).split()[:8]


def _candidates(words: list[str], *, kind: str) -> Iterator[list[int]]:
    """Ids of what holds all the words, newest first, in parts."""
    wanted = asked(" ".join(words), kind=kind)
    if not wanted:
        return
    is_postgres = connection.vendor == "postgresql"
    if is_postgres:
        question = " & ".join(f"'{piece}'{':*' if beginning else ''}" for piece, beginning in wanted)
        sql, holds = _POSTGRES, "AND strpos(e.text, %s) > 0 "
    else:
        question = " ".join(f'"{piece}"{"*" if beginning else ""}' for piece, beginning in wanted)
        sql, holds = _SQLITE, "AND instr(e.text, %s) > 0 "
    before = 2**62
    for part in range(CHUNKS):
        size = CHUNK if part else FIRST
        with connection.cursor() as cursor:
            cursor.execute(sql.format(holds=holds * len(words)), [question, before, *words, size])
            rows = cursor.fetchall()
        if rows:
            yield [ref for _id, ref in rows]
            before = rows[-1][0]
        if len(rows) < size:
            return


def _take(rows: Any, words: list[str], *, kind: str, limit: int) -> tuple[list[Any], bool]:
    """The first of the candidates that are among `rows`, and whether there are more."""
    found: list[Any] = []
    for refs in _candidates(words, kind=kind):
        by_pk = {row.pk: row for row in rows.filter(pk__in=refs)}
        found += [by_pk[ref] for ref in refs if ref in by_pk]
        if len(found) > limit:
            break
    return found[:limit], len(found) > limit


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
        hits, more = _take(rows, words, kind=kind, limit=limit)
        if more:
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
    found.people = take(
        Kind.PERSON,
        seen(Person.objects).filter(merged_into__isnull=True).select_related("customer", "partner", "staff"),
    )
    found.messages = take(Kind.MESSAGE, seen(Message.objects).select_related("conversation", "sender"))
    if "knowledge" in kinds and (staff is not None or everything):
        hits = find_knowledge(
            question[:LONGEST], at=at or timezone.now(), applies=Applies(audience=Audience.INTERNAL), limit=limit
        )
        found.knowledge = [hit for hit in hits if hit.score >= 0.25]
    return found
