"""The page of a record: an auditor reads what happened, in words, and whether it verifies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from aijia import chains, demo, roles
from cases.models import ServiceCase
from conversations.models import Conversation
from delivery import ports
from evidence import admin as screen
from evidence.models import Chain, Entry
from evidence.operations import EntryDraft, Subject, erase_body, join_chains, make_anchor, record_many
from evidence.presenters import plain_words
from evidence.verification import record_of
from foundation.actors import Actor
from people.models import StaffMember, User, Visibility
from review.ladder import LADDER
from tests.builders import NINE, company
from tests.evidence.tampering import cut_third_entry

pytestmark = [pytest.mark.django_db, pytest.mark.once]
AT = datetime(2026, 5, 12, 2, 0, tzinfo=UTC)
HE = Actor("user", "1", "李慎")


def reader(role: str = roles.AUDITOR, visibility: str = Visibility.ALL, language: str = "en") -> Client:
    user = User.objects.create_user(f"r-{role}-{visibility}-{language}", password="x", is_staff=True)
    user.groups.set(Group.objects.filter(name=role))
    StaffMember.objects.create(user=user, name="读者", visibility=visibility)
    client = Client()
    client.force_login(user)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client


def page_of(chain: Chain) -> str:
    return reverse("admin:evidence_chain_change", args=[chain.pk])


def read(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def policy(count: int) -> Chain:
    """A record of everybody's, of some length."""
    drafts = [
        EntryDraft("action", HE, AT + timedelta(minutes=n), {}, {"action": "set_level", "kind": "greeting", "from": "review", "to": "draft", "note": f"n{n}"})
        for n in range(1, count + 1)
    ]  # fmt: skip
    record_many(subject=LADDER, entries=drafts)
    return Chain.objects.get(subject_ref=LADDER.ref)


def seqs(page: str) -> list[int]:
    return [int(one) for one in re.findall(r'id="e(\d+)"', page)]


def test_an_auditor_comes_from_the_list_to_the_entries_in_order() -> None:
    chain = policy(3)
    client = reader()
    listed = read(client, reverse("admin:evidence_chain_changelist"))
    assert f'href="{page_of(chain)}"' in listed
    page = read(client, page_of(chain))
    assert seqs(page) == [1, 2, 3]
    for entry in chain.entries.all():
        assert f'title="{entry.hash}">{entry.hash[:10]}<' in page
    assert "Review queue → Draft on the case page" in page and "n3" in page
    assert "李慎 · signed in" in page and "2026-05-12 10:01:00" in page
    assert "This record verifies" in page and "No daily anchor was made yet" in page
    assert reverse("admin:evidence_chain_bundle", args=[chain.pk]) in page


def test_a_long_record_is_read_page_by_page_with_as_many_queries() -> None:
    client = reader()
    chain = policy(2)
    make_anchor(at=AT)

    def asked(url: str) -> tuple[int, str]:
        with CaptureQueriesContext(connection) as seen:
            page = read(client, url)
        return len(seen), page

    asked(page_of(chain))
    few, _page = asked(page_of(chain))
    chain = policy(248)
    many, page = asked(page_of(chain))
    assert many == few
    assert seqs(page) == list(range(1, 101))
    assert seqs(read(client, page_of(chain) + "?p=3")) == list(range(201, 251))


def test_the_verdict_says_which_anchor_holds_it_and_up_to_where() -> None:
    client, chain = reader(), policy(2)
    make_anchor(at=AT)
    assert "Held whole by the daily anchor of 2026-05-12." in read(client, page_of(chain))
    policy(1)
    assert "Held by the daily anchor of 2026-05-12 up to entry 2" in read(client, page_of(chain))
    record_many(subject=Subject("policy", str(uuid4())), entries=[EntryDraft("action", HE, AT, {}, {"x": "y"})])
    assert "Begun after the last daily anchor (2026-05-12)" in read(client, page_of(Chain.objects.latest("pk")))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("UPDATE evidence_entry SET kind='review' WHERE seq=2", "Entry 2 was changed afterwards."),
        ("UPDATE evidence_entrybody SET salt='x' WHERE entry_id IN (SELECT id FROM evidence_entry WHERE seq=2)", "The content of entry 2 was changed afterwards."),
        ("DELETE FROM evidence_entrybody WHERE entry_id IN (SELECT id FROM evidence_entry WHERE seq=3); DELETE FROM evidence_entry WHERE seq=3", "The record ends at entry 2; it was 3 entries long."),
    ],
)  # fmt: skip
def test_a_record_that_was_touched_is_said_not_to_verify(change: str, says: str) -> None:
    client, chain = reader(), policy(3)
    with connection.cursor() as cursor:
        for one in change.split("; "):
            cursor.execute(one)
    page = read(client, page_of(chain))
    assert "The evidence does not verify" in page and says in page
    assert "This record verifies" not in page


def test_a_record_whose_anchored_entry_is_gone_disagrees_with_the_anchor() -> None:
    client, chain = reader(), policy(3)
    make_anchor(at=AT)
    second = chain.entries.get(seq=2)
    cut_third_entry(head=second.hash)
    page = read(client, page_of(chain))
    assert "The anchor of 2026-05-12 does not agree with this record." in page
    assert "This record verifies" not in page


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_what_was_erased_is_said_with_whom_and_why(language: str) -> None:
    client, chain = reader(language=language), policy(2)
    erase_body(entry_id=chain.entries.get(seq=1).pk, actor=HE, reason="顾客要求", at=AT)
    page = read(client, page_of(chain))
    assert "n1" not in page and "n2" in page
    words = "(erased by 李慎: 顾客要求)" if language == "en" else "（内容已由李慎清除：顾客要求）"
    assert words in page
    assert 'href="?p=1#e1"' in page
    assert "aj-verdict-bad" not in page


def test_a_joined_record_is_linked_for_who_may_see_it() -> None:
    shop = company()
    record_many(
        subject=Subject("conversation", str(shop.group.public_id)),
        entries=[EntryDraft("customer_message", HE, NINE, {}, {"text": "在吗"})],
    )
    case = Subject("case", str(shop.case.public_id))
    join_chains(conversation=Subject("conversation", str(shop.group.public_id)), case=case, actor=HE, at=NINE)
    own = Chain.objects.get(subject_kind="case", subject_ref=shop.case.public_id)
    other = Chain.objects.get(subject_kind="conversation", subject_ref=shop.group.public_id)
    assert page_of(other) in read(reader(), page_of(own))
    Conversation.objects.filter(pk=shop.group.pk).update(team=None, owner=None)
    client = reader(roles.SUPERVISOR, Visibility.TEAM)
    ServiceCase.objects.filter(pk=shop.case.pk).update(
        owner=StaffMember.objects.get(user__username__startswith="r-主管")
    )
    assert page_of(other) not in read(client, page_of(own))
    assert client.get(page_of(other)).status_code == 404
    assert client.get(reverse("admin:evidence_chain_bundle", args=[other.pk])).status_code == 404


def test_who_may_not_look_at_evidence_reads_none_and_takes_none_away() -> None:
    chain, client = policy(1), reader(roles.HANDLER)
    for name in ("change", "bundle"):
        assert client.get(reverse(f"admin:evidence_chain_{name}", args=[chain.pk])).status_code == 403
    assert reader().get(page_of(chain).replace(str(chain.pk), "x")).status_code == 404


def test_a_record_can_be_taken_away_and_nothing_is_changed_on_its_page() -> None:
    chain, client = policy(1), reader()
    answer = client.get(reverse("admin:evidence_chain_bundle", args=[chain.pk]))
    assert answer["Content-Type"] == "application/zip" and answer.content[:2] == b"PK"
    before = list(Entry.objects.values_list("hash", flat=True))
    client.post(page_of(chain), {"head_seq": 9})
    assert list(Entry.objects.values_list("hash", flat=True)) == before


def test_content_without_words_is_read_field_by_field_with_numbers_masked() -> None:
    with override("en"):
        assert plain_words({"a_b": "call 13800135678", "list": ["x", "y"], "none": None, "in": {"c": 1}}) == (
            "a b: call 138****78\nlist: x, y\nin: c: 1"
        )


# --- the demo company ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def house(django_db_setup: Any, django_db_blocker: Any) -> Iterator[None]:
    with (
        django_db_blocker.unblock(),
        override_settings(DELIVERY_CHANNEL="delivery.ports.CapturingChannel"),
        transaction.atomic(),
    ):
        ports._load.cache_clear()
        with override("zh-hans"):
            demo.load(now=datetime(2026, 11, 20, 7, 0, tzinfo=UTC))
        yield
        transaction.set_rollback(True)
    ports._load.cache_clear()


def test_every_entry_of_every_record_says_something_and_none_in_fields(
    house: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields: list[Any] = []
    monkeypatch.setattr(chains, "plain_words", lambda body: fields.append(body) or "")
    client = reader()
    request = client.get(reverse("admin:evidence_chain_changelist")).wsgi_request
    seen = set()
    for chain in Chain.objects.all():
        entries = record_of(chain).entries
        for entry, line in zip(entries, screen.LINES[0](request, chain, entries), strict=True):
            seen.add(chain.subject_kind)
            if not line.words.strip() or not line.who:
                fields.append((entry.kind, entry.body_row.body))
    assert seen == {"case", "conversation", "knowledge", "policy"}
    assert not fields


@pytest.mark.parametrize("kind", ["case", "knowledge"])
def test_the_record_leads_to_what_it_is_about_and_back(house: None, kind: str) -> None:
    client = reader()
    chain = Chain.objects.filter(subject_kind=kind).latest("head_seq")
    page = read(client, page_of(chain))
    where = {"case": "/admin/cases/servicecase/", "knowledge": "/admin/knowledge/knowledgeitem/"}[kind]
    found = re.search(rf'href="({where}\d+/change/)"', page)
    assert found is not None
    if kind == "case":
        assert f'href="{page_of(chain)}"' in read(client, found.group(1))
