"""What somebody with the database's password could do to a record."""

from __future__ import annotations

from django.db import connection


def cut_third_entry(*, head: str = "") -> None:
    """The last of three entries is gone; with `head`, the hash of the second, the head of the chain says so too."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM evidence_entrybody WHERE entry_id IN (SELECT id FROM evidence_entry WHERE seq=3)")
        cursor.execute("DELETE FROM evidence_entry WHERE seq=3")
        if head:
            cursor.execute("UPDATE evidence_chain SET head_seq=2, head_hash=%s", [head])
