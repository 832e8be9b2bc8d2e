"""The life of knowledge: who may do what when, what never changes, what evidence says."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from evidence.models import Entry
from evidence.verification import verify_subject
from foundation.errors import DomainError, NotAllowed, Refused, WrongState
from knowledge import operations
from knowledge.models import IndexedItem, KnowledgePolicy, KnowledgeState, KnowledgeVersion, ReviewReminder
from knowledge.search import search
from people.models import StaffMember
from tests.knowledge.builders import ME, NINE, ZONE, campaign_words, colleague, draft, published, team, walk

pytestmark = pytest.mark.django_db

STEPS = {
    "edit": lambda v, by: operations.edit_draft(version_id=v.pk, by=by, actor=ME, at=NINE, body="整机保修两年。"),
    "desensitize": lambda v, by: operations.desensitize(version_id=v.pk, by=by, actor=ME, at=NINE),
    "review": lambda v, by: operations.review(version_id=v.pk, by=by, actor=ME, at=NINE),
    "send_back": lambda v, by: operations.send_back(version_id=v.pk, by=by, reason="太长", actor=ME, at=NINE),
    "withdraw": lambda v, by: operations.withdraw(version_id=v.pk, actor=ME, at=NINE),
    "schedule": lambda v, by: operations.schedule(
        version_id=v.pk, publish_at=NINE + timedelta(hours=1), actor=ME, at=NINE
    ),
    "publish": lambda v, by: operations.publish(version_id=v.pk, actor=ME, at=NINE),
    "retire": lambda v, by: operations.retire(item_id=v.item_id, reason="outdated", actor=ME, at=NINE),
}
ALLOWED = {
    "draft": {"edit": "draft", "desensitize": "desensitized", "withdraw": "retired"},
    "desensitized": {"review": "reviewed", "send_back": "retired", "withdraw": "retired"},
    "reviewed": {"schedule": "reviewed", "publish": "published", "send_back": "retired", "withdraw": "retired"},
    "published": {"retire": "retired"},
    "retired": {},
}


def in_state(state: str, author: StaffMember, reviewer: StaffMember) -> KnowledgeVersion:
    version = draft(author)
    for step in {"draft": [], "desensitized": ["desensitize"], "reviewed": ["desensitize", "review"]}.get(
        state, ["desensitize", "review", "publish"]
    ):
        STEPS[step](version, reviewer)
    if state == "retired":
        STEPS["retire"](version, reviewer)
    return KnowledgeVersion.objects.get(pk=version.pk)


@pytest.mark.parametrize("state", ALLOWED)
@pytest.mark.parametrize("step", STEPS)
def test_every_step_from_every_state(state: str, step: str) -> None:
    author, reviewer, _other = team()
    version = in_state(state, author, reviewer)
    if step in ALLOWED[state]:
        STEPS[step](version, reviewer)
        assert KnowledgeVersion.objects.get(pk=version.pk).state == ALLOWED[state][step]
    else:
        entries = Entry.objects.count()
        with pytest.raises(WrongState):
            STEPS[step](version, reviewer)
        assert KnowledgeVersion.objects.get(pk=version.pk).state == state
        assert Entry.objects.count() == entries


def test_the_words_of_a_version_never_change_after_draft() -> None:
    author, reviewer, _other = team()
    version = published(author, reviewer)
    for name, value in {"body": "别的", "questions": ["多久"], "title": "x", "fields": {"topic": "refund"}}.items():
        row = KnowledgeVersion.objects.get(pk=version.pk)
        if isinstance(value, list):
            row.questions.append("多久")
        else:
            setattr(row, name, value)
        with pytest.raises(WrongState):
            row.save()
    assert KnowledgeVersion.objects.get(pk=version.pk).body == version.body


def test_a_new_version_replaces_the_published_one_at_once() -> None:
    author, reviewer, _other = team()
    first = published(author, reviewer)
    second = operations.new_version(item_id=first.item_id, author=author, actor=ME, at=NINE, body="整机保修五年。")
    assert search("保修期多久", at=NINE)[0].version.pk == first.pk
    walk(second, reviewer)
    assert [hit.version.pk for hit in search("保修期多久", at=NINE)] == [second.pk]
    first.refresh_from_db()
    assert (first.state, first.retire_reason) == ("retired", "newer_version")
    assert KnowledgeVersion.objects.published().filter(item=first.item).count() == 1


def test_one_published_and_one_unfinished_version_are_promised_by_the_database() -> None:
    author, reviewer, _other = team()
    version = published(author, reviewer)
    for state in ("published",):
        with pytest.raises(IntegrityError), transaction.atomic():
            KnowledgeVersion.objects.create(item=version.item, number=9, kind="policy", title="x", state=state)
    operations.new_version(item_id=version.item_id, author=author, actor=ME, at=NINE)
    with pytest.raises(WrongState):
        operations.new_version(item_id=version.item_id, author=author, actor=ME, at=NINE)


def test_nobody_reviews_what_they_wrote_in_a_team_that_is_big_enough() -> None:
    author, reviewer, other = team()
    version = operations.desensitize(version_id=draft(author).pk, by=author, actor=ME, at=NINE)
    with pytest.raises(NotAllowed):
        operations.review(version_id=version.pk, by=author, actor=ME, at=NINE + timedelta(days=30))
    changed = draft(author, title="退货")
    operations.edit_draft(version_id=changed.pk, by=other, actor=ME, at=NINE, body="七天内可以退货，运费自理。")
    operations.desensitize(version_id=changed.pk, by=author, actor=ME, at=NINE)
    for writer in (author, other):
        with pytest.raises(NotAllowed):
            operations.review(version_id=changed.pk, by=writer, actor=ME, at=NINE)
    assert not operations.review(version_id=changed.pk, by=reviewer, actor=ME, at=NINE).self_reviewed


def test_in_a_small_team_the_author_may_review_after_the_delay_and_it_is_recorded() -> None:
    author = colleague("柯可")
    version = operations.desensitize(version_id=draft(author).pk, by=author, actor=ME, at=NINE)
    with pytest.raises(NotAllowed) as refusal:
        operations.review(version_id=version.pk, by=author, actor=ME, at=NINE + timedelta(hours=23, minutes=59))
    assert refusal.value.code == "too_early"
    done = operations.review(version_id=version.pk, by=author, actor=ME, at=NINE + timedelta(hours=24))
    assert done.self_reviewed
    operations.publish(version_id=done.pk, actor=ME, at=NINE + timedelta(hours=24))
    bodies = [entry.body_row.body for entry in Entry.objects.order_by("seq").select_related("body_row")]
    assert '"self_review":true' in bodies[-1].replace(" ", "")
    KnowledgePolicy.objects.create(pk=1, self_review_below=0)
    again = operations.desensitize(version_id=draft(author, title="退货").pk, by=author, actor=ME, at=NINE)
    with pytest.raises(NotAllowed):
        operations.review(version_id=again.pk, by=author, actor=ME, at=NINE + timedelta(days=9))


def test_a_version_that_is_sent_back_is_kept_and_a_draft_follows() -> None:
    author, reviewer, _other = team()
    version = operations.desensitize(version_id=draft(author).pk, by=author, actor=ME, at=NINE)
    with pytest.raises(Refused):
        operations.send_back(version_id=version.pk, by=reviewer, reason=" ", actor=ME, at=NINE)
    again = operations.send_back(version_id=version.pk, by=reviewer, reason="写清起算日", actor=ME, at=NINE)
    assert (again.number, again.state, again.author, again.body) == (2, "draft", author, version.body)
    assert again.note == "写清起算日"


@pytest.mark.parametrize("zone_hours", [8, 0, -5])
def test_a_campaign_is_found_to_the_minute_whatever_the_zone_of_the_question(zone_hours: int) -> None:
    from datetime import timezone

    author, reviewer, _other = team()
    begins = datetime(2026, 5, 18, 10, 30, tzinfo=ZONE)
    published(author, reviewer, **campaign_words(begins, days=1))
    zone = timezone(timedelta(hours=zone_hours))
    ask = lambda at: len(search("滤芯第二件半价是什么活动", at=at.astimezone(zone)))  # noqa: E731
    assert [ask(begins - timedelta(minutes=1)), ask(begins)] == [0, 1]
    assert [ask(begins + timedelta(hours=23, minutes=59)), ask(begins + timedelta(days=1))] == [1, 0]


def test_dates_belong_to_campaigns_and_to_nothing_else() -> None:
    with pytest.raises(Refused):
        draft(None, kind="campaign")
    with pytest.raises(Refused):
        draft(None, valid_from=NINE, valid_until=NINE + timedelta(days=1))
    with pytest.raises(Refused):
        draft(None, kind="campaign", valid_from=NINE, valid_until=NINE)
    version = draft(None)
    with pytest.raises(Refused):
        operations.edit_draft(
            version_id=version.pk, actor=ME, at=NINE, valid_from=NINE, valid_until=NINE + timedelta(days=1)
        )


def test_a_campaign_that_is_over_is_not_published() -> None:
    author, reviewer, _other = team()
    version = draft(author, **campaign_words(NINE, days=1))
    operations.desensitize(version_id=version.pk, by=author, actor=ME, at=NINE)
    operations.review(version_id=version.pk, by=reviewer, actor=ME, at=NINE)
    with pytest.raises(Refused) as refusal:
        operations.publish(version_id=version.pk, actor=ME, at=NINE + timedelta(days=1))
    assert refusal.value.code == "over"


def test_a_planned_publication_happens_at_its_instant_and_once() -> None:
    author, reviewer, _other = team()
    version = in_state("reviewed", author, reviewer)
    at = NINE + timedelta(hours=3)
    with pytest.raises(Refused):
        operations.schedule(version_id=version.pk, publish_at=NINE, actor=ME, at=NINE)
    operations.schedule(version_id=version.pk, publish_at=at, actor=ME, at=NINE)
    assert operations.sweep_schedule(at=at - timedelta(minutes=1)) == 0
    assert search("保修期多久", at=at) == []
    assert operations.sweep_schedule(at=at) == 1
    assert operations.sweep_schedule(at=at) == 0
    assert search("保修期多久", at=at)[0].version.pk == version.pk


def test_what_is_retired_is_found_no_more_and_names_its_replacement() -> None:
    author, reviewer, _other = team()
    old, new = published(author, reviewer), published(author, reviewer, title="保修政策2026", body="整机保修两年。")
    with pytest.raises(Refused):
        operations.retire(item_id=old.item_id, reason="outdated", replacement=old.item, actor=ME, at=NINE)
    unpublished = draft(author, title="草稿")
    with pytest.raises(Refused):
        operations.retire(item_id=old.item_id, reason="outdated", replacement=unpublished.item, actor=ME, at=NINE)
    operations.retire(item_id=old.item_id, reason="outdated", replacement=new.item, actor=ME, at=NINE)
    old.item.refresh_from_db()
    assert old.item.replaced_by == new.item
    assert [hit.version.pk for hit in search("保修多久", at=NINE)] == [new.pk]
    assert not IndexedItem.objects.filter(item=old.item).exists()


def test_publication_and_retirement_leave_verifiable_evidence() -> None:
    author, reviewer, _other = team()
    version = published(author, reviewer)
    operations.retire(item_id=version.item_id, reason="wrong", note="数字错了", actor=ME, at=NINE)
    entries = Entry.objects.filter(chain__subject_kind="knowledge").order_by("seq")
    assert {entry.kind for entry in entries} == {"knowledge_update"}
    assert all(entry.refs["knowledge_version"] == str(version.public_id) for entry in entries)
    assert [entry.seq for entry in entries] == [1, 2, 3, 4]
    assert not verify_subject(operations.subject_of(version.item))


def test_owners_are_reminded_once_before_the_date_and_again_after_a_new_one() -> None:
    author, reviewer, _other = team()
    version = published(author, reviewer, review_by=date(2026, 6, 1))
    assert operations.sweep_review_dates(at=datetime(2026, 5, 24, 9, tzinfo=ZONE)) == 0
    at = datetime(2026, 5, 25, 9, tzinfo=ZONE)
    assert (operations.sweep_review_dates(at=at), operations.sweep_review_dates(at=at)) == (1, 0)
    assert ReviewReminder.objects.get().recipient == author
    operations.move_review_date(item_id=version.item_id, review_by=date(2026, 12, 1), actor=ME, at=at)
    assert ReviewReminder.objects.get().seen_at == at
    assert operations.sweep_review_dates(at=datetime(2026, 11, 30, 9, tzinfo=ZONE)) == 1
    with pytest.raises(DomainError):
        operations.move_review_date(item_id=version.item_id, review_by=date(2026, 5, 25), actor=ME, at=at)


def test_publishing_sets_the_date_of_the_next_look() -> None:
    author, reviewer, _other = team()
    assert published(author, reviewer).item.review_by == date(2026, 11, 7)


@pytest.mark.parametrize(
    ("kind", "more", "missing"),
    [
        ("policy", {"body": ""}, "text"),
        ("service_flow", {"body": ""}, "flow"),
        ("platform_rule", {}, "channel"),
        ("product", {}, "product"),
        ("tone_example", {}, "brand voice"),
        ("contraindication", {"products": ["精华"], "fields": {"who": "孕妇", "severity": "x"}}, "choice"),
        ("policy", {"fields": {"nonsense": "x"}}, "no such field"),
        ("forbidden_commitment", {"fields": {"patterns": ["/(/"]}}, "no pattern"),
        (
            "forbidden_commitment",
            {"fields": {"patterns": ["保证修好"], "examples": ["一定修好"]}},
            "No pattern catches",
        ),
        ("forbidden_commitment", {"fields": {"patterns": ["退款"], "allowed": ["退款流程"]}}, "which is allowed"),
    ],
)
def test_every_kind_says_what_is_missing(kind: str, more: dict[str, object], missing: str) -> None:
    from django.utils import translation

    with translation.override("en"):
        version = draft(None, **{"kind": kind, **more})
        with pytest.raises(Refused) as refusal:
            operations.desensitize(version_id=version.pk, by=None, actor=ME, at=NINE)
    assert missing in str(refusal.value)
    version.refresh_from_db()
    assert version.state == KnowledgeState.DRAFT
