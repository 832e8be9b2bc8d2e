"""Many counts and short lists in one query each: branches of a UNION."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import CharField, Count, IntegerField, QuerySet, TextField, Value
from django.db.models.functions import Cast

COLUMNS = ("d_kind", "d_key", "d_n")


def count_of(kind: str, rows: QuerySet[Any]) -> QuerySet[Any]:
    """A branch with the number of rows."""
    branch: QuerySet[Any] = (
        rows.order_by()
        .annotate(d_kind=Value(kind, output_field=CharField()), d_key=Value("", output_field=CharField()))
        .values("d_kind", "d_key")
        .annotate(d_n=Count("pk", distinct=True))
        .values_list(*COLUMNS)
    )
    return branch


def counts_by(kind: str, rows: QuerySet[Any], by: Any) -> QuerySet[Any]:
    """A branch with the number of rows for each value of an expression."""
    branch: QuerySet[Any] = (
        rows.order_by()
        .annotate(d_kind=Value(kind, output_field=CharField()), d_key=Cast(by, CharField()))
        .values("d_kind", "d_key")
        .annotate(d_n=Count("pk", distinct=True))
        .values_list(*COLUMNS)
    )
    return branch


def gather(branches: Iterable[QuerySet[Any]]) -> dict[str, dict[str, int]]:
    """Kind → key → number, in one query. A kind without rows is missing."""
    first, *others = branches
    found: dict[str, dict[str, int]] = {}
    for kind, key, number in first.union(*others, all=True):
        found.setdefault(kind, {})[key or ""] = number
    return found


def listed(
    kind: str, rows: QuerySet[Any], *, title: Any, words: Any, who: Any, at: Any, rank: Any = None, ref: Any = "pk"
) -> QuerySet[Any]:
    """A branch of a list: what it is, where it leads, and what is shown of it."""
    branch: QuerySet[Any] = (
        rows.order_by()
        .annotate(
            d_kind=Value(kind, output_field=CharField()),
            d_ref=Cast(ref, IntegerField()),
            d_title=Cast(title, TextField()),
            d_words=Cast(words, TextField()),
            d_who=Cast(who, TextField()),
            d_rank=rank if rank is not None else Value(0, output_field=IntegerField()),
            d_when=at,
        )
        .values_list("d_kind", "d_ref", "d_title", "d_words", "d_who", "d_rank", "d_when")
    )
    return branch
