"""To whom a hand-over falls that nobody accepts: the lead of the shift, as rosters and flows say it; never nobody."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils.translation import override

from cases import operations as cases
from cases.models import HandOver, WaitingItem
from cases.operations import Fact
from cases.presenters import entry_words
from cases.shifts import takers
from evidence.models import Entry
from evidence.verification import verify_subject
from foundation.errors import NotAllowed, Refused, WrongState
from people.models import DutyRoster, Shift, StaffMember, Team, User, Visibility
from tests.builders import ME, NINE, Company, company, works

pytestmark = pytest.mark.django_db
HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
def shop() -> Company:
    return company()


def item(shop: Company, roster: DutyRoster | None = None) -> WaitingItem:
    return cases.open_wait(
        case=shop.case, state="requested", on=None, on_role="internal_handler", need="回访", fact=Fact(ME, NINE, NINE),
        owner=shop.handler, roster=roster,
    )  # fmt: skip


def roster(name: str, lead: str) -> DutyRoster:
    return DutyRoster.objects.create(name=name, lead=StaffMember.objects.create(name=lead))


def offer(shop: Company, *items: WaitingItem) -> HandOver:
    taker = works(StaffMember.objects.get_or_create(name="小江")[0])
    return cases.offer_hand_over(
        wait_ids=[one.pk for one in items], giver=shop.handler, taker=taker, note="", actor=ME, at=NINE
    )


def test_the_roster_in_which_the_giver_is_on_shift_names_the_lead(shop: Company) -> None:
    night, flows = roster("夜班", "班长"), roster("维修值班", "维修班长")
    shop.flow.roster = flows
    shop.flow.save()
    Shift.objects.create(roster=night, staff=shop.handler, starts_at=NINE - timedelta(hours=9), ends_at=NINE)
    assert offer(shop, item(shop)).lead == night.lead, "a shift that ended just now"
    Shift.objects.update(ends_at=NINE - timedelta(hours=3))
    assert offer(shop, item(shop)).lead == flows.lead, "one that ended long ago is another shift"


def test_without_a_shift_the_items_roster_then_the_flows_then_the_flows_supervisor_leads(shop: Company) -> None:
    own, flows = roster("大客户", "大客户班长"), roster("维修值班", "维修班长")
    assert offer(shop, item(shop)).lead == shop.supervisor
    shop.flow.roster = flows
    shop.flow.save()
    assert offer(shop, item(shop)).lead == flows.lead
    held = item(shop)
    WaitingItem.objects.filter(pk=held.pk).update(roster=own)
    assert offer(shop, held).lead == own.lead


def test_somebody_who_left_or_gives_it_away_leads_nothing(shop: Company) -> None:
    flows = roster("维修值班", "维修班长")
    shop.flow.roster = flows
    shop.flow.save()
    row = offer(shop, item(shop))
    StaffMember.objects.filter(pk=flows.lead_id).update(left_at=NINE)
    assert cases.sweep_hand_overs(at=NINE + HALF_AN_HOUR) == 1
    row.refresh_from_db()
    assert row.lead == shop.supervisor and row.items.get().owner == shop.supervisor, "they left before it fell"
    DutyRoster.objects.update(lead=shop.handler)
    assert offer(shop, item(shop)).lead == shop.supervisor, "not back to the giver"


def test_only_the_chosen_items_go_and_what_was_done_meanwhile_stays_done(shop: Company) -> None:
    first, second, third = item(shop), item(shop), item(shop)
    row = offer(shop, first, second)
    cases.complete_wait(wait_id=first.pk, fact=Fact(ME, NINE, NINE))
    cases.accept_hand_over(hand_over_id=row.pk, by=row.taker, actor=ME, at=NINE)
    owners = dict(WaitingItem.objects.values_list("pk", "owner__name"))
    assert owners == {first.pk: "林悦", second.pk: "小江", third.pk: "林悦"}


def test_what_is_on_offer_is_not_offered_again_and_nobody_who_left_takes_anything(shop: Company) -> None:
    wait = item(shop)
    offer(shop, wait)
    with pytest.raises(Refused):
        offer(shop, wait)
    StaffMember.objects.filter(name="小江").update(left_at=NINE)
    with pytest.raises(Refused):
        offer(shop, item(shop))
    assert HandOver.objects.count() == 1


def test_who_cannot_take_it_says_so_and_it_falls_at_once(shop: Company) -> None:
    row = offer(shop, item(shop))
    with pytest.raises(NotAllowed):
        cases.decline_hand_over(hand_over_id=row.pk, by=shop.handler, actor=ME, at=NINE)
    cases.decline_hand_over(hand_over_id=row.pk, by=row.taker, actor=ME, at=NINE)
    row.refresh_from_db()
    assert row.state == "fallen" and row.items.get().owner == shop.supervisor
    with pytest.raises(WrongState):
        cases.accept_hand_over(hand_over_id=row.pk, by=row.taker, actor=ME, at=NINE)


def test_an_offer_is_on_the_record_of_each_of_its_cases_before_anybody_answers(shop: Company) -> None:
    other = cases.open_case(
        flow=shop.flow, customer=shop.case.customer, conversation=shop.group, owner=shop.handler, actor=ME, at=NINE
    )
    second = cases.open_wait(
        case=other, state="requested", on=None, on_role="internal_handler", need="寄滤芯", fact=Fact(ME, NINE, NINE), owner=shop.handler
    )  # fmt: skip
    first, third = item(shop), item(shop)
    taker = works(StaffMember.objects.create(name="小江"))
    ids = [first.pk, second.pk, third.pk]
    cases.offer_hand_over(wait_ids=ids, giver=shop.handler, taker=taker, note="下午再打", actor=ME, at=NINE)
    for case, needs in ((shop.case, ["回访", "回访"]), (other, ["寄滤芯"])):
        found = Entry.objects.filter(chain__subject_ref=str(case.public_id), kind="action").order_by("seq")
        bodies = [json.loads(row.body_row.body) for row in found]
        assert [body["need"] for body in bodies] == needs
        assert all((body["from"], body["to"], body["note"]) == ("林悦", "小江", "下午再打") for body in bodies)
        with override("zh-hans"):
            assert entry_words("action", bodies[0]) == f"“{needs[0]}”拟交接给小江：下午再打"
        assert not verify_subject(cases.subject_of(case))
    with pytest.raises(Refused):
        cases.offer_hand_over(wait_ids=ids, giver=shop.handler, taker=taker, note="", actor=ME, at=NINE)
    assert Entry.objects.filter(kind="action").count() == 3, "what was refused is no offer"


# --- to whom ------------------------------------------------------------------------------------------------------------


def teams(shop: Company) -> tuple[Team, Team]:
    """The giver's team, whose case it is, and another one."""
    own, other = Team.objects.create(name="一组"), Team.objects.create(name="二组")
    shop.handler.team = shop.case.team = own
    shop.handler.save()
    shop.case.save()
    return own, other


def colleague(name: str, team: Team | None, **more: Any) -> StaffMember:
    return works(StaffMember.objects.create(name=name, team=team, **more))


def test_colleagues_of_the_team_of_none_of_its_duty_and_those_responsible_can_take_it(shop: Company) -> None:
    own, other = teams(shop)
    duty = roster("维修值班", "维修班长")
    shop.flow.roster = duty
    shop.flow.save()
    held = item(shop)
    colleague("同组", own)
    colleague("总台", None)
    on_duty, boss = colleague("值班的", other), colleague("维修主管", other, is_supervisor=True)
    Shift.objects.create(roster=duty, staff=on_duty, starts_at=NINE, ends_at=NINE + timedelta(hours=8))
    shop.flow.supervisor = boss
    shop.flow.save()
    colleague("别组", other)
    colleague("别组组长", other, is_supervisor=True)
    StaffMember.objects.filter(pk=duty.lead_id).update(team=other)
    works(StaffMember.objects.get(pk=duty.lead_id))
    StaffMember.objects.create(name="不登录的", team=own)
    StaffMember.objects.create(name="编辑", team=own, user=User.objects.create_user("editor"))
    gone = colleague("走了的", own, left_at=NINE)
    items = [WaitingItem.objects.select_related("case__flow").get(pk=held.pk)]
    assert {one.name for one in takers(shop.handler, items, at=NINE)} == {
        "同组",
        "总台",
        "值班的",
        "维修主管",
        "维修班长",
    }
    for one in StaffMember.objects.exclude(pk__in=[shop.handler.pk, gone.pk]):
        fitting = one.name in {"同组", "总台", "值班的", "维修主管", "维修班长"}
        try:
            cases.offer_hand_over(wait_ids=[held.pk], giver=shop.handler, taker=one, note="", actor=ME, at=NINE)
        except Refused as refusal:
            assert not fitting and refusal.code in ("cannot_work", "not_theirs"), one.name
        else:
            assert fitting, one.name
            HandOver.objects.all().delete()


def test_one_item_too_many_is_named_and_nothing_is_offered(shop: Company) -> None:
    _own, other = teams(shop)
    theirs = cases.open_case(
        flow=shop.flow, customer=shop.case.customer, conversation=shop.group, owner=colleague("别组", other), actor=ME, at=NINE
    )  # fmt: skip
    mine = item(shop)
    lent = cases.open_wait(
        case=theirs, state="requested", on=None, on_role="internal_handler", need="x", fact=Fact(ME, NINE, NINE), owner=shop.handler
    )  # fmt: skip
    taker = colleague("别组小江", other)
    with pytest.raises(Refused, match=shop.case.number):
        cases.offer_hand_over(wait_ids=[mine.pk, lent.pk], giver=shop.handler, taker=taker, note="", actor=ME, at=NINE)
    assert not HandOver.objects.exists()
    cases.offer_hand_over(wait_ids=[lent.pk], giver=shop.handler, taker=taker, note="", actor=ME, at=NINE)


def test_a_single_item_goes_to_the_right_people_and_a_supervisor_may_give_it_to_any_team(shop: Company) -> None:
    _own, other = teams(shop)
    held, far = item(shop), colleague("别组组长", other, is_supervisor=True)
    editor = StaffMember.objects.create(name="编辑", user=User.objects.create_user("editor"))
    fact = Fact(ME, NINE, NINE)
    for to, by in ((far, shop.handler), (editor, shop.handler), (editor, shop.supervisor)):
        with pytest.raises(Refused):
            cases.hand_over_wait(wait_id=held.pk, to=to, fact=fact, by=by)
        assert WaitingItem.objects.get(pk=held.pk).owner == shop.handler
    cases.hand_over_wait(wait_id=held.pk, to=far, fact=fact, by=shop.supervisor)
    assert WaitingItem.objects.get(pk=held.pk).owner == far


def test_the_lead_of_last_resort_is_one_who_may_see_it_before_one_of_another_team(shop: Company) -> None:
    own, other = teams(shop)
    StaffMember.objects.filter(pk=shop.supervisor.pk).update(left_at=NINE)
    far = StaffMember.objects.create(name="别组组长", team=other, is_supervisor=True, visibility=Visibility.TEAM)
    colleague("小江", own)
    assert offer(shop, item(shop)).lead == far, "better than nobody"
    boss = StaffMember.objects.create(name="总监", team=other, is_supervisor=True, visibility=Visibility.ALL)
    assert offer(shop, item(shop)).lead == boss
    mate = StaffMember.objects.create(name="组长", team=own, is_supervisor=True, visibility=Visibility.TEAM)
    assert offer(shop, item(shop)).lead == mate
