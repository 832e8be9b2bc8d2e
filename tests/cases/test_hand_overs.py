"""To whom a hand-over falls that nobody accepts: the lead of the shift, as rosters and flows say it; never nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases import operations as cases
from cases.models import HandOver, WaitingItem
from cases.operations import Fact
from foundation.errors import NotAllowed, Refused, WrongState
from people.models import DutyRoster, Shift, StaffMember
from tests.builders import ME, NINE, Company, company

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
    taker, _new = StaffMember.objects.get_or_create(name="小江")
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
