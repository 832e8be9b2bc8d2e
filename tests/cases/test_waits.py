"""Waiting items: every state and move, judged material, stopped clocks, shifts, hand-overs and reminders."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django_fsm import TransitionNotAllowed

from cases import deadlines
from cases import operations as cases
from cases.models import (
    CLOSED_STATES,
    OPEN_STATES,
    Chase,
    HandOver,
    Material,
    Reminder,
    ServiceFact,
    TimeoutRule,
    WaitingItem,
    WaitState,
)
from cases.operations import Fact
from cases.standing_in import Availability
from evidence.verification import verify_subject
from foundation.errors import NotAllowed, Refused, WrongState
from people.models import DutyRoster, Shift, StaffMember
from tests.builders import ME, NINE, Company, say, works

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def shop(ready: Company) -> Company:
    return ready


def fact(at: datetime = NINE, reason: str = "") -> Fact:
    return Fact(ME, at, at, None, reason)


def wait_of(shop: Company, state: str = "waiting_customer_material", **more: Any) -> WaitingItem:
    values: dict[str, Any] = {"on": shop.contact, "on_role": "customer_contact", "need": "铭牌照片", "fact": fact()}
    return cases.open_wait(case=shop.case, state=state, **{**values, **more})


# --- the matrix ----------------------------------------------------------------------------------------------------------

MOVES: dict[str, tuple[set[str], str]] = {
    "receive_material": (
        {"waiting_customer_material", "requested", "waiting_executor", "waiting_contact_coordination"},
        "material_received",
    ),
    "pass_on": ({"waiting_contact_coordination", "requested"}, "waiting_executor"),
    "complete": (set(OPEN_STATES), "completed"),
    "cancel": (set(OPEN_STATES), "cancelled"),
}


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("state", WaitState.values)
def test_every_state_allows_exactly_its_moves(shop: Company, state: str, move: str) -> None:
    wait = wait_of(shop)
    closed = {"closed_at": NINE, "close_reason": "x"} if state in CLOSED_STATES else {}
    WaitingItem.objects.filter(pk=wait.pk).update(state=state, **closed)
    wait = WaitingItem.objects.get(pk=wait.pk)
    sources, target = MOVES[move]
    arguments = {"at": NINE, "reason": "x"} if move in ("complete", "cancel") else {}
    if state in sources:
        getattr(wait, move)(**arguments)
        assert wait.state == target
    else:
        with pytest.raises(TransitionNotAllowed):
            getattr(wait, move)(**arguments)
        assert wait.state == state


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("state", WaitState.values)
def test_every_operation_on_a_wrong_state_is_refused_in_our_own_words_and_moves_nothing(
    shop: Company, state: str, move: str
) -> None:
    wait, sources = wait_of(shop), MOVES[move][0]
    picture = say(shop.group, "wmchen", "", at=NINE, attachments=("image",))
    closed = {"closed_at": NINE, "close_reason": "x"} if state in CLOSED_STATES else {}
    WaitingItem.objects.filter(pk=wait.pk).update(state=state, **closed)
    before = (wait.transitions.count(), shop.case.materials.count())
    operation: dict[str, Any] = {
        "receive_material": lambda: cases.receive_materials(
            wait_id=wait.pk, attachments=list(picture.attachments.all()), fact=Fact(ME, NINE, NINE, picture)
        ),
        "pass_on": lambda: cases.pass_on_wait(wait_id=wait.pk, executor=None, fact=fact()),
        "complete": lambda: cases.complete_wait(wait_id=wait.pk, fact=fact()),
        "cancel": lambda: cases.cancel_wait(wait_id=wait.pk, fact=fact()),
    }
    if state in sources:
        operation[move]()
        assert WaitingItem.objects.get(pk=wait.pk).state == MOVES[move][1]
        return
    with pytest.raises(WrongState):
        operation[move]()
    assert WaitingItem.objects.get(pk=wait.pk).state == state
    assert (wait.transitions.count(), shop.case.materials.count()) == before


def test_a_state_is_never_assigned(shop: Company) -> None:
    with pytest.raises(AttributeError):
        wait_of(shop).state = "completed"


@pytest.mark.parametrize("state", OPEN_STATES)
def test_every_open_item_has_an_owner_and_a_due_time_and_never_reopens(shop: Company, state: str) -> None:
    wait = wait_of(shop, state)
    assert wait.owner_id and wait.due_at is not None and wait.due_at > NINE
    cases.complete_wait(wait_id=wait.pk, fact=fact())
    for move in (cases.complete_wait, cases.cancel_wait):
        with pytest.raises(WrongState):
            move(wait_id=wait.pk, fact=fact())
    assert not verify_subject(cases.subject_of(shop.case))


# --- material ------------------------------------------------------------------------------------------------------------


def received(shop: Company, count: int, needed: int) -> tuple[WaitingItem, list[Material]]:
    wait = wait_of(shop, count_needed=needed, proof="image")
    message = say(shop.group, "wmchen", "", at=NINE, attachments=("image",) * count)
    found = Fact(ME, NINE, NINE, message)
    cases.receive_materials(wait_id=wait.pk, attachments=list(message.attachments.all()), fact=found)
    return WaitingItem.objects.get(pk=wait.pk), list(Material.objects.order_by("pk"))


def test_one_of_two_is_partial_and_the_second_makes_it_ours_to_check(shop: Company) -> None:
    wait, _rows = received(shop, 1, 2)
    assert (wait.state, wait.count_received) == ("waiting_customer_material", 1)
    more = say(shop.group, "wmchen", "", at=NINE, key="second", attachments=("image",))
    cases.receive_materials(wait_id=wait.pk, attachments=list(more.attachments.all()), fact=Fact(ME, NINE, NINE, more))
    assert WaitingItem.objects.get(pk=wait.pk).state == "material_received"


def test_good_material_completes_the_item(shop: Company) -> None:
    wait, (first, second) = received(shop, 2, 2)
    cases.judge_material(material_id=first.pk, accept=True, by=shop.handler, fact=fact())
    assert WaitingItem.objects.get(pk=wait.pk).state == "material_received"
    cases.judge_material(material_id=second.pk, accept=True, by=shop.handler, fact=fact())
    done = WaitingItem.objects.get(pk=wait.pk)
    assert (done.state, done.close_reason) == ("completed", "accepted")
    with pytest.raises(WrongState):
        cases.judge_material(material_id=second.pk, accept=False, by=shop.handler, fact=fact(reason="糊了"))


def test_bad_material_closes_the_item_and_wants_a_reason(shop: Company) -> None:
    wait, (row,) = received(shop, 1, 1)
    with pytest.raises(Refused):
        cases.judge_material(material_id=row.pk, accept=False, by=shop.handler, fact=fact())
    cases.judge_material(material_id=row.pk, accept=False, by=shop.handler, fact=fact(reason="型号看不清"))
    closed = WaitingItem.objects.get(pk=wait.pk)
    assert (closed.state, closed.close_reason) == ("cancelled", "material_rejected")


# --- clocks --------------------------------------------------------------------------------------------------------------


def test_a_stopped_clock_reminds_nobody_and_goes_on_where_it_was(shop: Company) -> None:
    wait = wait_of(shop, due_at=NINE + timedelta(hours=3))
    cases.pause_wait(wait_id=wait.pk, fact=fact(NINE + timedelta(hours=1)))
    assert deadlines.sweep_reminders(at=NINE + timedelta(days=5)) == []
    assert not WaitingItem.objects.overdue(at=NINE + timedelta(days=5)).exists()
    with pytest.raises(WrongState):
        cases.pause_wait(wait_id=wait.pk, fact=fact())
    again = NINE + timedelta(days=1)
    wait = cases.resume_wait(wait_id=wait.pk, fact=fact(again))
    assert wait.due_at == again + timedelta(hours=2)
    assert list(wait.transitions.values_list("kind", flat=True)) == ["open", "pause", "resume"]


def test_a_follow_up_time_in_the_past_is_refused(shop: Company) -> None:
    with pytest.raises(Refused):
        cases.set_due(wait_id=wait_of(shop).pk, due_at=NINE - timedelta(minutes=1), fact=fact())


# --- who is told ---------------------------------------------------------------------------------------------------------


def told(at: datetime) -> list[tuple[str, str]]:
    return [(row.stage, row.recipient.name) for row in deadlines.sweep_reminders(at=at)]


def test_owner_then_supervisor_each_once_per_due_time(shop: Company) -> None:
    wait = wait_of(shop, due_at=NINE + timedelta(hours=1))
    assert told(NINE + timedelta(minutes=59)) == []
    assert told(NINE + timedelta(hours=1)) == [("owner", "林悦")]
    assert told(NINE + timedelta(hours=9)) == []
    assert told(NINE + timedelta(days=1, hours=1)) == [("supervisor", "何姐")]
    assert told(NINE + timedelta(days=30)) == []
    later = NINE + timedelta(days=31)
    cases.set_due(wait_id=wait.pk, due_at=later, fact=fact(NINE + timedelta(days=30)))
    assert told(later) == [("owner", "林悦")]


def test_after_a_long_silence_both_are_told_at_once_and_once(shop: Company) -> None:
    wait_of(shop, due_at=NINE + timedelta(hours=1))
    assert sorted(told(NINE + timedelta(days=9))) == [("owner", "林悦"), ("supervisor", "何姐")]
    assert told(NINE + timedelta(days=9)) == []
    assert Reminder.objects.count() == 2


def test_the_sweep_looks_only_at_what_is_to_be_reminded(shop: Company, django_assert_num_queries: Any) -> None:
    for number in range(30):
        wait_of(shop, need=f"第{number}件", due_at=NINE + timedelta(days=90))
    with django_assert_num_queries(1):
        assert deadlines.sweep_reminders(at=NINE) == []


def test_nobody_off_shift_is_reminded(shop: Company) -> None:
    night = StaffMember.objects.create(name="夜班")
    roster = DutyRoster.objects.create(name="售后值班", lead=shop.supervisor)
    Shift.objects.create(roster=roster, staff=shop.handler, starts_at=NINE, ends_at=NINE + timedelta(hours=9))
    Shift.objects.create(
        roster=roster, staff=night, starts_at=NINE + timedelta(hours=9), ends_at=NINE + timedelta(hours=15)
    )
    shop.flow.roster = roster
    shop.flow.save()
    wait_of(shop, due_at=NINE + timedelta(hours=1))
    wait_of(shop, due_at=NINE + timedelta(hours=10), need="另一件")
    assert told(NINE + timedelta(hours=1)) == [("owner", "林悦")]
    assert told(NINE + timedelta(hours=10)) == [("owner", "夜班")]


def test_an_item_of_a_roster_belongs_to_whoever_is_on_shift(shop: Company) -> None:
    roster = DutyRoster.objects.create(name="夜间", lead=shop.supervisor)
    wait = wait_of(shop, roster=roster)
    assert wait.owner == shop.supervisor  # nobody is on shift: the lead
    other = StaffMember.objects.create(name="小江")
    Shift.objects.create(roster=roster, staff=other, starts_at=NINE, ends_at=NINE + timedelta(hours=8))
    wait = WaitingItem.objects.select_related("case__flow", "roster", "owner").get(pk=wait.pk)
    assert deadlines.responsible_for(wait, available=Availability(NINE)) == other


@pytest.mark.parametrize("gone", ["left", "off duty"])
def test_the_items_of_an_absent_owner_fall_to_somebody(shop: Company, gone: str) -> None:
    leaver = StaffMember.objects.create(name="田雨")
    wait_of(shop, owner=leaver, due_at=NINE + timedelta(hours=1))
    if gone == "left":
        leaver.left_at = NINE
        assert not WaitingItem.objects.unowned().exists()
    else:
        leaver.on_duty = False
    leaver.save()
    assert WaitingItem.objects.unowned().exists() is (gone == "left")
    assert told(NINE + timedelta(hours=1)) == [("owner", "林悦")]


def test_hand_over_is_accepted_or_falls_to_the_lead(shop: Company) -> None:
    first, second = wait_of(shop), wait_of(shop, need="另一件")
    taker = works(StaffMember.objects.create(name="小江"))
    offer: dict[str, Any] = {
        "giver": shop.handler,
        "taker": taker,
        "note": "等图",
        "actor": ME,
    }
    row = cases.offer_hand_over(wait_ids=[first.pk], at=NINE, **offer)
    with pytest.raises(NotAllowed):
        cases.accept_hand_over(hand_over_id=row.pk, by=shop.handler, actor=ME, at=NINE)
    cases.accept_hand_over(hand_over_id=row.pk, by=taker, actor=ME, at=NINE)
    assert WaitingItem.objects.get(pk=first.pk).owner == taker
    with pytest.raises(WrongState):
        cases.accept_hand_over(hand_over_id=row.pk, by=taker, actor=ME, at=NINE)
    row = cases.offer_hand_over(wait_ids=[second.pk], at=NINE, **offer)
    assert cases.sweep_hand_overs(at=NINE + timedelta(minutes=29)) == 0
    assert cases.sweep_hand_overs(at=NINE + timedelta(minutes=30)) == 1
    assert WaitingItem.objects.get(pk=second.pk).owner == shop.supervisor
    assert HandOver.objects.get(pk=row.pk).state == "fallen"


# --- what happens on time-out ------------------------------------------------------------------------------------------------


def test_a_chase_comes_as_often_as_the_rule_says_and_no_more(shop: Company) -> None:
    TimeoutRule.objects.create(
        flow=shop.flow, state="waiting_customer_material", action="chase", every_minutes=240, at_most=2
    )
    wait_of(shop, due_at=NINE + timedelta(hours=1))
    seen = []
    for hour in range(1, 60):
        at = NINE + timedelta(hours=hour)
        for chase in deadlines.sweep_timeouts(at=at):
            seen.append(hour)
            assert deadlines.mark_chased(chase_id=chase.pk, at=at)
            assert not deadlines.mark_chased(chase_id=chase.pk, at=at)
    assert seen == [1, 5]
    assert Chase.objects.count() == 2


# --- measured facts -----------------------------------------------------------------------------------------------------------


def test_a_missed_answer_and_an_ask_repeated_too_early_are_measured(shop: Company) -> None:
    cases.owe_ourselves(
        case_id=shop.case.pk, need="回复陈女士", need_kind="answer", due_at=NINE + timedelta(hours=1), fact=fact()
    )
    deadlines.sweep_reminders(at=NINE + timedelta(hours=2))
    wait_of(shop)
    wait_of(shop)
    assert sorted(ServiceFact.objects.values_list("kind", flat=True)) == ["missed_answer", "repeated_ask"]


@pytest.mark.parametrize(("late", "reminded", "missed"), [(-1, False, 0), (1, False, 1), (1, True, 1)])
def test_an_answer_that_came_too_late_is_missed_once_also_where_nobody_was_reminded(
    shop: Company, late: int, reminded: bool, missed: int
) -> None:
    due = NINE + timedelta(hours=1)
    wait = cases.owe_ourselves(case_id=shop.case.pk, need="回复陈女士", need_kind="answer", due_at=due, fact=fact())
    if reminded:
        deadlines.sweep_reminders(at=due)
    at = due + timedelta(minutes=late)
    cases.complete_wait(wait_id=wait.pk, fact=Fact(ME, at, at))
    assert ServiceFact.objects.filter(kind="missed_answer").count() == missed
