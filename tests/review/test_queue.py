"""The review queue: what comes first, views and their numbers, one person at a time on a draft, several simple ones at once."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases import operations as cases
from cases.operations import Fact
from conversations.models import Conversation, ConversationKind, Surface
from delivery.models import Outbound
from foundation.errors import NotAllowed
from people.models import StaffMember, User
from review import operations, queue
from review.gate import Reason
from review.marks import marks_of, spans_of
from review.models import Draft, DraftState, SavedFilter, Verdict
from tests.builders import ME, NINE, Company, company, conversation

pytestmark = pytest.mark.django_db
HELD = Reason("automation_level", {"level": "review"})


@pytest.fixture
def shop() -> Company:
    return company()


def draft(where: Conversation, text: str, *, kind: str = "progress_update", at: Any = NINE, **more: Any) -> Draft:
    reasons = more.pop("reasons", [HELD])
    with transaction.atomic():
        return operations.propose(
            conversation=where, case=more.pop("case", None), cause=more.pop("cause", None), reply_kind=kind, text=text,
            reasons=reasons, actor=ME, at=at, **more,
        )  # fmt: skip


def kf(name: str, *, closes_in: timedelta) -> Conversation:
    return conversation(
        f"kf-{name}", ConversationKind.PRIVATE, Surface.KF, name=name, kf_window_until=NINE + closes_in,
        kf_replies_left=3,
    )  # fmt: skip


def client_of(staff: StaffMember, name: str) -> Client:
    staff.user = User.objects.create_user(name, password="x", is_staff=True, display_name=staff.name)
    staff.save()
    staff.user.groups.add(Group.objects.get(name="客服"))
    client = Client()
    client.force_login(staff.user)
    return client


def test_alerts_come_first_then_windows_that_close_then_what_is_risky(shop: Company) -> None:
    old = draft(shop.group, "进展一切正常。")
    far = draft(kf("远", closes_in=timedelta(hours=20)), "您好，在的。", at=NINE + timedelta(minutes=3))
    near = draft(kf("近", closes_in=timedelta(hours=1)), "您好，收到。", at=NINE + timedelta(minutes=2))
    risky = draft(
        shop.group, "抱歉给您添麻烦了。", kind="other", required_right="supervisor", risk_topics=["complaint"]
    )
    alert = draft(
        kf("急", closes_in=timedelta(hours=30)),
        "请先断电。",
        kind="other",
        alerts=["safety"],
        required_right="supervisor",
    )
    rows = queue.pending(Draft.objects.all(), {}, staff=shop.handler, at=NINE + timedelta(minutes=5))
    assert list(rows) == [alert, near, risky, far, old]


def test_a_closed_window_is_no_hurry_any_more(shop: Company) -> None:
    gone = draft(kf("过", closes_in=timedelta(hours=-1)), "您好。")
    assert queue.pending(Draft.objects.all(), {}, staff=None, at=NINE).get(pk=gone.pk).urgency == 4


def test_only_what_nothing_but_the_level_holds_is_simple(shop: Company) -> None:
    assert draft(shop.group, "进展正常。").is_simple
    assert not draft(shop.group, "进展正常。", kind="other", reasons=[HELD, Reason("engine_unsure")]).is_simple
    assert not draft(shop.group, "退您的款。", kind="faq_answer", risk_topics=["refund"]).is_simple
    assert not draft(shop.group, "", kind="result_update").is_simple
    assert not draft(shop.group, "好的", kind="reminder", required_right="supervisor").is_simple


def test_every_number_of_a_view_is_the_number_of_its_rows(shop: Company) -> None:
    shop.group.owner = shop.handler
    shop.group.save()
    draft(shop.group, "进展正常。")
    draft(kf("近", closes_in=timedelta(hours=1)), "您好，收到。", risk_topics=["refund"])
    operations.save_filter(staff=shop.handler, name="退款", query={"view": "risky", "q": "收到"})
    built_in, saved = queue.views_of(Draft.objects.all(), staff=shop.handler, at=NINE)
    assert {one.key: one.count for one in built_in} == {
        "all": 2, "mine": 1, "risky": 1, "closing": 1, "relays": 0, "simple": 1, "taken": 0,
    }  # fmt: skip
    for one in (*built_in, *saved):
        assert queue.pending(Draft.objects.all(), one.query, staff=shop.handler, at=NINE).count() == one.count, one
    assert [one.title for one in saved] == ["退款"] and saved[0].count == 1


def test_the_queue_asks_the_same_number_of_questions_whatever_its_length(shop: Company) -> None:
    client = client_of(shop.handler, "lin")

    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(reverse("admin:review_draft_changelist")).status_code == 200
        return len(seen)

    draft(shop.group, "进展正常。")
    asked()
    few = asked()
    for number in range(40):
        draft(kf(f"客{number}", closes_in=timedelta(hours=number)), f"您好 {number}")
    assert asked() == few


def test_two_people_never_decide_one_draft(shop: Company) -> None:
    one = draft(shop.group, "进展正常。")
    operations.claim(draft_id=one.pk, by=shop.handler, at=NINE)
    with pytest.raises(NotAllowed):
        operations.claim(draft_id=one.pk, by=shop.supervisor, at=NINE + timedelta(minutes=9))
    with pytest.raises(NotAllowed):
        operations.decide(draft_id=one.pk, by=shop.supervisor, do="approve", actor=ME, at=NINE + timedelta(minutes=9))
    assert not Verdict.objects.exists() and not Outbound.objects.exists()
    # The lease is over: whoever comes may.
    operations.claim(draft_id=one.pk, by=shop.supervisor, at=NINE + timedelta(minutes=11))


def test_a_supervisor_may_take_it_and_a_handler_may_not(shop: Company) -> None:
    one = draft(shop.group, "进展正常。")
    operations.claim(draft_id=one.pk, by=shop.supervisor, at=NINE)
    with pytest.raises(NotAllowed):
        operations.claim(draft_id=one.pk, by=shop.handler, at=NINE, from_holder=True)
    operations.give_back(draft_id=one.pk, by=shop.supervisor)
    operations.claim(draft_id=one.pk, by=shop.handler, at=NINE)
    assert (
        operations.claim(draft_id=one.pk, by=shop.supervisor, at=NINE, from_holder=True).claimed_by == shop.supervisor
    )


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_a_draft_at_the_same_instant_one_gets_it() -> None:
    shop = company()
    one, start, got = draft(shop.group, "进展正常。"), threading.Barrier(2), []

    def take(staff: StaffMember) -> None:
        try:
            start.wait()
            operations.claim(draft_id=one.pk, by=staff, at=NINE)
            got.append(staff)
        except NotAllowed:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(staff,)) for staff in (shop.handler, shop.supervisor)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    one.refresh_from_db()
    assert len(got) == 1 and one.claimed_by == got[0]


def test_several_simple_ones_leave_at_once_and_the_others_stay(shop: Company) -> None:
    client = client_of(shop.handler, "lin")
    simple = [draft(kf(f"客{n}", closes_in=timedelta(hours=9)), f"您好，第{n}件正常。") for n in range(3)]
    risky = draft(shop.group, "抱歉。", kind="other", risk_topics=["refund"])
    leak = draft(shop.group, "别跟客户说，正常。")
    rows = [*simple, risky, leak]
    client.post(reverse("admin:review_draft_approve"), {"seen": [f"{row.pk}:0:{row.content_hash}" for row in rows]})
    states = [Draft.objects.get(pk=row.pk).state for row in rows]
    assert states == [DraftState.RELEASED] * 3 + [DraftState.PENDING] * 2
    assert Outbound.objects.count() == 3 and Verdict.objects.filter(by=shop.handler, accepted=True).count() == 3


def test_only_recording_settles_the_answer_that_seemed_owed(shop: Company) -> None:
    cases.open_wait(
        case=shop.case, state="requested", on=None, on_role="internal_handler", need="答复陈女士", need_kind="answer",
        fact=Fact(ME, NINE, NINE),
    )  # fmt: skip
    one = draft(shop.group, "好的。", case=shop.case)
    operations.decide(draft_id=one.pk, by=shop.handler, do="record", actor=ME, at=NINE)
    one.refresh_from_db()
    assert one.state == DraftState.REJECTED and not Outbound.objects.exists()
    assert shop.case.waits.get().close_reason == "no_answer_needed"


def test_after_a_verdict_comes_the_next_one_of_the_same_view_that_nobody_has(shop: Company) -> None:
    client = client_of(shop.handler, "lin")
    first, taken, third = (draft(kf(f"客{n}", closes_in=timedelta(hours=n + 3)), f"您好 {n}") for n in range(3))
    operations.claim(draft_id=taken.pk, by=shop.supervisor, at=timezone.now())
    answer = client.post(
        reverse("admin:review_draft_decide", args=[first.pk]),
        {"do": "approve", "text": first.text, "seen_position": "0", "seen_hash": first.content_hash, "view": "simple"},
    )
    assert answer["Location"] == f"{reverse('admin:review_draft_change', args=[third.pk])}?view=simple"


def test_a_wording_is_checked_while_it_is_written_and_nothing_moves(shop: Company) -> None:
    client = client_of(shop.handler, "lin")
    one = draft(shop.group, "进展正常。", case=shop.case)
    answer = client.post(reverse("admin:review_draft_check", args=[one.pk]), {"text": "王师傅说别跟客户讲，要补 300元"})
    marks = answer.json()["marks"]
    assert [mark["spans"] for mark in marks if mark["level"] == "stop" and [0, 3] in mark["spans"]]
    assert any(mark["level"] == "ask" and mark["spans"] for mark in marks)
    assert client.get(reverse("admin:review_draft_check", args=[one.pk])).status_code == 405
    one.refresh_from_db()
    assert one.text == "进展正常。" and not Verdict.objects.exists()


def test_words_are_found_whatever_stands_between_their_letters() -> None:
    assert spans_of("请王 师傅、来", "王师傅") == [(1, 5)]
    assert spans_of("没有", "王师傅") == []
    assert marks_of("ok", [Reason("price", {"words": "3元"})])[0]["spans"] == []


def test_a_filter_is_ones_own(shop: Company) -> None:
    lin, he = client_of(shop.handler, "lin"), client_of(shop.supervisor, "he")
    lin.post(reverse("admin:review_draft_filter"), {"name": "急的", "view": "closing"})
    row = SavedFilter.objects.get()
    assert (row.staff, row.query) == (shop.handler, {"view": "closing"})
    assert "急的" in lin.get(reverse("admin:review_draft_changelist")).content.decode()
    assert "急的" not in he.get(reverse("admin:review_draft_changelist")).content.decode()
    he.post(reverse("admin:review_draft_filter"), {"drop": str(row.pk)})
    assert SavedFilter.objects.exists()
    lin.post(reverse("admin:review_draft_filter"), {"drop": str(row.pk)})
    assert not SavedFilter.objects.exists()


def test_a_colleague_sees_who_is_on_a_draft_and_cannot_decide_it(shop: Company) -> None:
    lin = client_of(shop.handler, "lin")
    one = draft(shop.group, "进展正常。")
    operations.claim(draft_id=one.pk, by=shop.supervisor, at=timezone.now())
    body = lin.get(reverse("admin:review_draft_change", args=[one.pk])).content.decode()
    assert "何姐" in body and 'value="approve"' not in body
    data = {"do": "approve", "text": one.text, "seen_position": "0", "seen_hash": one.content_hash}
    lin.post(reverse("admin:review_draft_decide", args=[one.pk]), data)
    assert Draft.objects.get().state == DraftState.PENDING


def test_the_next_draft_is_below_not_one_that_waits_for_a_supervisor_and_what_came_in_above_is_not_missed(
    shop: Company,
) -> None:
    client, now = client_of(shop.handler, "lin"), timezone.now()
    for_the_boss = draft(kf("客a", closes_in=timedelta(hours=30)), "您好 a")
    Draft.objects.filter(pk=for_the_boss.pk).update(required_right="supervisor")
    passed, here, below, last = (draft(kf(f"客{n}", closes_in=timedelta(hours=31 + n)), f"您好 {n}") for n in range(4))
    Draft.objects.update(created_at=now - timedelta(minutes=5))

    def after(one: Draft) -> str:
        data = {
            "do": "record",
            "text": one.text,
            "seen_position": "0",
            "seen_hash": one.content_hash,
            "opened_at": now.isoformat(),
        }
        return str(client.post(reverse("admin:review_draft_decide", args=[one.pk]), data)["Location"])

    def page(one: Draft) -> str:
        return reverse("admin:review_draft_change", args=[one.pk])

    assert after(here) == page(below)
    urgent = draft(kf("客急", closes_in=now - NINE + timedelta(minutes=50)), "您好 急")
    Draft.objects.filter(pk=urgent.pk).update(created_at=now + timedelta(seconds=5))
    assert after(below) == page(urgent)
    assert after(urgent) == page(passed)  # from the top again: the one that was walked past is still undone
    assert after(passed) == page(last)
    assert after(last) == reverse("admin:review_draft_changelist")
