"""The chain of evidence: it grows, it verifies, and it shows where it was touched."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connection

from evidence.models import AppendOnlyError, Entry, EntryBody
from evidence.operations import EntryDraft, Subject, erase_body, make_anchor, record, record_many
from evidence.verification import verify_all, verify_subject
from foundation.actors import Actor
from tests.evidence.tampering import cut_third_entry

AT = datetime(2026, 5, 12, 2, 0, tzinfo=UTC)
ME = Actor.machine("test")
pytestmark = pytest.mark.django_db


def grow(count: int = 3) -> Subject:
    subject = Subject("case", str(uuid4()))
    record_many(subject=subject, entries=[EntryDraft("action", ME, AT, {"n": str(n)}, {"词": n}) for n in range(count)])
    return subject


def test_a_chain_verifies() -> None:
    assert verify_subject(grow()) == []


def test_entries_are_added_and_never_changed() -> None:
    grow()
    entry = Entry.objects.order_by("pk").first()
    assert entry is not None
    with pytest.raises(AppendOnlyError):
        entry.save()
    with pytest.raises(AppendOnlyError):
        Entry.objects.filter(pk=entry.pk).update(kind="x")
    with pytest.raises(AppendOnlyError):
        entry.delete()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE evidence_entry SET kind='review' WHERE seq=2",
        'UPDATE evidence_entry SET actor=\'{"kind":"user","ref":"1","label":"x"}\' WHERE seq=2',
        'UPDATE evidence_entry SET refs=\'{"n":"9"}\' WHERE seq=2',
        "UPDATE evidence_entry SET at='2026-01-01 00:00:00' WHERE seq=2",
        "UPDATE evidence_entry SET prev_hash='0' WHERE seq=2",
    ],
)
def test_a_change_behind_our_back_shows_where(change: str) -> None:
    subject = grow()
    with connection.cursor() as cursor:
        cursor.execute(change)
    faults = verify_subject(subject)
    assert faults and "2" in faults[0]


def test_a_changed_body_shows() -> None:
    subject = grow()
    EntryBody.objects.filter(entry__seq=2).update(body='{"词":7}')
    assert "2" in verify_subject(subject)[0]


def test_a_cut_tail_shows() -> None:
    subject = grow()
    cut_third_entry()
    assert verify_subject(subject)


def test_a_tail_cut_together_with_its_head_shows_against_the_anchor() -> None:
    subject = grow()
    make_anchor(at=AT)
    first = Entry.objects.get(seq=2)
    cut_third_entry(head=first.hash)
    assert verify_subject(subject) == []
    assert verify_all()


def test_an_erased_body_is_gone_and_the_chain_still_verifies() -> None:
    subject = grow()
    entry = Entry.objects.get(seq=2)
    erase_body(entry_id=entry.pk, actor=ME, reason="request", at=AT)
    assert EntryBody.objects.get(entry=entry).body == ""
    assert verify_subject(subject) == []


def test_bodies_are_encrypted_in_the_database() -> None:
    subject = Subject("case", str(uuid4()))
    record(subject=subject, kind="customer_message", actor=ME, at=AT, body={"text": "只有我们能读"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM evidence_entrybody")
        assert "只有我们能读" not in cursor.fetchone()[0]
