"""What a verdict does, what it may not do, and what voids a release."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from aijia import pump
from conversations.operations import recall_message
from delivery import operations as delivery
from delivery import ports
from delivery.models import Attempt, Outbound, OutboundState, PauseScope
from delivery.ports import DispatchRequest, DispatchResult
from evidence.models import EntryBody
from evidence.verification import verify_all
from foundation.actors import Actor
from foundation.errors import NotAllowed, Refused, Stale, WrongState
from review import operations as review
from review.models import Draft, DraftState, Verdict
from tests.builders import ACCOUNT, NINE, Company, say

pytestmark = pytest.mark.django_db
ASK = "让陈女士拍一张铭牌照片，型号看清楚，不然配件没法订"


@pytest.fixture(autouse=True)
def capturing(settings: object) -> None:
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"  # type: ignore[attr-defined]
    ports._load.cache_clear()


@pytest.fixture
def shop(ready: Company) -> Company:
    return ready


def actor(shop: Company) -> Actor:
    return Actor("user", "1", shop.handler.name)


def asked(shop: Company) -> Draft:
    say(shop.partner_group, "wmwang", ASK, at=NINE)
    pump.drain(NINE, channel=False)
    return Draft.objects.get(state=DraftState.PENDING)


def decide(shop: Company, draft: Draft, do: str, **more: object) -> Verdict:
    by = more.pop("by", shop.handler)
    return review.decide(draft_id=draft.pk, by=by, do=do, actor=actor(shop), at=NINE + timedelta(minutes=5), **more)  # type: ignore[arg-type]


def test_a_partners_request_becomes_a_draft_in_customer_wording(shop: Company) -> None:
    draft = asked(shop)
    assert draft.conversation == shop.group and draft.case == shop.case
    assert "铭牌" in draft.text and "您" in draft.text
    assert "没法订" not in draft.text and "王师傅" not in draft.text


def test_approve_releases_prepares_and_opens_the_wait_at_once(shop: Company) -> None:
    draft = asked(shop)
    assert not shop.case.waits.open().filter(state="waiting_customer_material").exists()
    assert decide(shop, draft, "approve").accepted
    assert shop.case.waits.open().filter(state="waiting_customer_material", on=shop.contact).count() == 1
    pump.drain(NINE + timedelta(minutes=5), channel=False)
    assert Outbound.objects.get(draft=draft).state == OutboundState.PREPARED


def test_the_echo_of_a_tap_confirms_and_is_not_understood_again(shop: Company) -> None:
    draft = asked(shop)
    decide(shop, draft, "approve")
    pump.drain(NINE + timedelta(minutes=6), channel=False)
    message = say(shop.group, "lin", draft.text, at=NINE + timedelta(minutes=7))
    pump.drain(NINE + timedelta(minutes=7), channel=False)
    outbound = Outbound.objects.get(draft=draft)
    assert outbound.state == OutboundState.CONFIRMED and outbound.delivered_at == message.sent_at
    assert not hasattr(message, "decision")


def test_the_whole_way_to_the_writeback(shop: Company) -> None:
    draft = asked(shop)
    decide(shop, draft, "approve")
    at = NINE + timedelta(minutes=20)
    say(shop.group, "wmchen", "拍好了", at=at, attachments=("image",))
    pump.drain(at, channel=False)
    assert shop.case.waits.filter(state="material_received").count() == 1
    notice = Outbound.objects.get(conversation=shop.partner_group)
    assert notice.state == OutboundState.PREPARED and "陈女士" in notice.text
    writeback = shop.case.writebacks.get(to=shop.partner_group)
    assert writeback.state == "open"
    say(shop.partner_group, "lin", notice.text, at=at + timedelta(minutes=2))
    pump.drain(at + timedelta(minutes=2), channel=False)
    writeback.refresh_from_db()
    assert writeback.state == "delivered"
    assert verify_all() == []


@pytest.mark.parametrize("do", ["reject", "take_over"])
def test_reject_and_take_over_release_nothing(shop: Company, do: str) -> None:
    draft = asked(shop)
    decide(shop, draft, do, reason="不合适")
    assert not Outbound.objects.exists()
    shop.case.refresh_from_db()
    assert (shop.case.automation_stopped_at is not None) == (do == "take_over")


def test_an_edit_with_a_leak_is_refused_with_its_words_and_nothing_moves(shop: Company) -> None:
    draft = asked(shop)
    verdict = decide(shop, draft, "edit", text="陈女士您好，王师傅说要拍铭牌照片")
    assert not verdict.accepted
    assert [r["params"]["words"] for r in verdict.refusals if r["code"] == "leak_name"] == ["王师傅"]
    draft.refresh_from_db()
    assert draft.state == DraftState.PENDING and not Outbound.objects.exists()


LEAK = "陈女士您好，王师傅说要拍铭牌照片"


def test_who_has_the_right_overrules_a_check_with_a_reason_on_record(shop: Company) -> None:
    draft = asked(shop)
    with pytest.raises(Refused):
        decide(shop, draft, "edit", text=LEAK, overrule=True, by=shop.supervisor)
    refused = decide(shop, draft, "edit", text=LEAK, overrule=True, reason="客户认识他", by=shop.handler)
    assert not refused.accepted and refused.overruled == []
    assert "overrule_right_missing" in {r["code"] for r in refused.refusals}
    assert not Outbound.objects.filter(draft=draft).exists()
    verdict = decide(shop, draft, "edit", text=LEAK, overrule=True, reason="客户认识他", by=shop.supervisor)
    assert verdict.accepted and verdict.refusals == [] and verdict.reason == "客户认识他"
    assert "王师傅" in {r["params"]["words"] for r in verdict.overruled}
    draft.refresh_from_db()
    assert draft.state == DraftState.RELEASED and draft.outbound is not None and draft.outbound.text == LEAK
    body = json.loads(EntryBody.objects.filter(entry__kind="review").order_by("-pk")[0].body)
    assert body["overruled"] == verdict.overruled and body["reason"] == "客户认识他"
    assert verify_all() == []


def test_a_clean_text_overrules_nothing_and_an_empty_one_cannot_leave(shop: Company) -> None:
    draft = asked(shop)
    empty = decide(shop, draft, "edit", text=" ", overrule=True, reason="x", by=shop.supervisor)
    assert not empty.accepted
    clean = decide(shop, draft, "approve", overrule=True, reason="x", by=shop.supervisor)
    assert clean.accepted and clean.overruled == []


def test_a_complaint_is_released_by_a_supervisor_only(shop: Company) -> None:
    say(shop.group, "wmchen", "我要投诉你们，太过分了，再不处理我就打12315", at=NINE)
    pump.drain(NINE, channel=False)
    draft = Draft.objects.get(state=DraftState.PENDING)
    assert draft.required_right == "supervisor"
    assert not decide(shop, draft, "approve").accepted
    assert not Outbound.objects.filter(draft=draft).exists()
    assert decide(shop, draft, "approve", by=shop.supervisor).accepted
    assert Outbound.objects.filter(recipient=shop.supervisor, purpose="alert").count() == 1


def test_a_draft_is_decided_once(shop: Company) -> None:
    draft = asked(shop)
    decide(shop, draft, "approve")
    with pytest.raises(WrongState):
        decide(shop, draft, "approve")
    assert Outbound.objects.filter(draft=draft).count() == 1


def test_another_wording_than_the_one_seen_is_not_released(shop: Company) -> None:
    draft = asked(shop)
    with pytest.raises(Stale):
        decide(shop, draft, "approve", seen_hash="0" * 64)
    assert not Outbound.objects.exists()


def test_two_people_never_work_on_one_draft(shop: Company) -> None:
    draft = asked(shop)
    review.claim(draft_id=draft.pk, by=shop.handler, at=NINE)
    with pytest.raises(NotAllowed):
        review.claim(draft_id=draft.pk, by=shop.supervisor, at=NINE + timedelta(minutes=1))
    review.claim(draft_id=draft.pk, by=shop.supervisor, at=NINE + timedelta(minutes=11))


def test_a_recall_before_the_tap_withdraws_what_was_prepared(shop: Company) -> None:
    draft = asked(shop)
    decide(shop, draft, "approve")
    pump.drain(NINE + timedelta(minutes=6), channel=False)
    assert draft.cause is not None
    at = NINE + timedelta(minutes=7)
    recall_message(account=ACCOUNT, source="archive", external_id=draft.cause.external_id, recalled_at=at, at=at)
    pump.drain(at, channel=False)
    assert Outbound.objects.get(draft=draft).state == OutboundState.WITHDRAWN


def test_a_text_that_was_changed_after_its_release_does_not_leave(shop: Company) -> None:
    draft = asked(shop)
    decide(shop, draft, "approve")
    Outbound.objects.filter(draft=draft).update(text="别的话")
    pump.drain(NINE + timedelta(minutes=6), channel=False, rounds=1)
    assert Outbound.objects.get(draft=draft).state == OutboundState.CANCELLED


def test_a_pause_holds_everything_until_it_is_lifted(shop: Company) -> None:
    draft = asked(shop)
    decide(shop, draft, "approve")
    pause = delivery.pause(scope=PauseScope.EVERYTHING, reason="检查", by="何姐", at=NINE)
    pump.drain(NINE + timedelta(minutes=6), channel=False)
    assert Outbound.objects.get(draft=draft).state == OutboundState.QUEUED and not Attempt.objects.exists()
    delivery.lift_pause(pause_id=pause.pk, by="何姐", at=NINE)
    pump.drain(NINE + timedelta(minutes=7), channel=False)
    assert Outbound.objects.get(draft=draft).state == OutboundState.PREPARED


class Odd:
    """A channel that answers as it is told."""

    outcome = "unknown"
    retry = False

    def dispatch(self, request: DispatchRequest) -> DispatchResult:
        return DispatchResult(outcome=self.outcome, error_code="x", retry=self.retry)


@pytest.mark.parametrize(("outcome", "retry", "state"), [("unknown", False, "unknown"), ("failed", False, "failed")])
def test_outcomes_are_honest(
    shop: Company, monkeypatch: pytest.MonkeyPatch, outcome: str, retry: bool, state: str
) -> None:
    monkeypatch.setattr(Odd, "outcome", outcome)
    monkeypatch.setattr(delivery, "channel", Odd)
    draft = asked(shop)
    decide(shop, draft, "approve")
    pump.drain(NINE + timedelta(minutes=6), channel=False)
    assert Outbound.objects.get(draft=draft).state == state
    pump.drain(NINE + timedelta(hours=6), channel=False)
    assert Attempt.objects.count() == 1, "an unknown outcome is never quietly tried again"


def test_what_can_be_tried_again_is_tried_a_bounded_number_of_times(
    shop: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Odd, "outcome", "failed")
    monkeypatch.setattr(Odd, "retry", True)
    monkeypatch.setattr(delivery, "channel", Odd)
    draft = asked(shop)
    decide(shop, draft, "approve")
    for minute in range(0, 60, 4):
        pump.drain(NINE + timedelta(minutes=6 + minute), channel=False)
    assert Outbound.objects.get(draft=draft).state == OutboundState.FAILED
    assert Attempt.objects.count() == delivery.MAX_ATTEMPTS


def test_a_worker_that_died_while_sending_leaves_a_question_not_a_second_text(shop: Company) -> None:
    draft = asked(shop)
    decide(shop, draft, "approve")
    outbound = Outbound.objects.get(draft=draft)
    outbound.start()
    outbound.lease_until = NINE + timedelta(minutes=6)
    outbound.save()
    shop.group.surface = "kf"
    shop.group.save()
    pump.drain(NINE + timedelta(minutes=30), channel=False)
    outbound = Outbound.objects.get(draft=draft)
    assert outbound.state == OutboundState.UNKNOWN
    delivery.settle(outbound_id=outbound.pk, arrived=True, by=shop.handler, actor=actor(shop), at=NINE)
    assert Outbound.objects.get(draft=draft).state == OutboundState.CONFIRMED
