"""Deadlines and what follows: digests, chases through the gate, asking again for material that was not good."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aijia import pump
from cases import operations as cases
from cases.models import Material, TimeoutRule, WaitingItem
from cases.operations import Fact
from delivery import ports
from delivery.models import Outbound
from foundation.actors import Actor
from review import operations as review
from review.models import AutomationLevel, Draft, Level, Verdict
from tests.builders import ME, NINE, Company, say
from triage import followups

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def shop(ready: Company, settings: object) -> Company:
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"  # type: ignore[attr-defined]
    ports._load.cache_clear()
    return ready


def asked(shop: Company, need: str = "铭牌照片", **more: object) -> WaitingItem:
    return cases.open_wait(
        case=shop.case, state="waiting_customer_material", on=shop.contact, on_role="customer_contact", need=need,
        proof="image", fact=Fact(ME, NINE, NINE), **more,  # type: ignore[arg-type]
    )  # fmt: skip


def test_many_reminders_at_once_come_as_one_message(shop: Company) -> None:
    for number in range(25):
        asked(shop, f"第{number}件", due_at=NINE + timedelta(hours=1))
    assert followups.sweep_deadlines(at=NINE + timedelta(hours=1)) == 25
    (alert,) = Outbound.objects.filter(kind="alert")
    assert "25" in alert.text and "20. " in alert.text and "21. " not in alert.text
    assert followups.sweep_deadlines(at=NINE + timedelta(hours=2)) == 0


def test_a_chase_goes_through_the_gate_and_keeps_quiet_at_night(shop: Company) -> None:
    TimeoutRule.objects.create(flow=shop.flow, state="waiting_customer_material", action="chase", at_most=1)
    late = NINE.replace(hour=22)
    asked(shop, due_at=late)
    assert followups.sweep_timeouts(at=late) == 0
    assert followups.sweep_timeouts(at=NINE + timedelta(days=1)) == 1
    draft = Draft.objects.get()
    assert (draft.reply_kind, draft.state, draft.conversation) == ("reminder", "pending", shop.group)
    assert "铭牌照片" in draft.text
    assert followups.sweep_timeouts(at=NINE + timedelta(days=2)) == 0


def test_a_chase_goes_out_by_itself_only_where_the_level_allows_it(shop: Company) -> None:
    AutomationLevel.objects.create(reply_kind="reminder", level=Level.DIRECT)
    TimeoutRule.objects.create(flow=shop.flow, state="waiting_customer_material", action="chase", at_most=1)
    asked(shop, due_at=NINE + timedelta(hours=1))
    followups.sweep_timeouts(at=NINE + timedelta(hours=2))
    assert Draft.objects.get().state == "released"
    assert WaitingItem.objects.open().count() == 1


def test_nobody_is_chased_who_has_answered_meanwhile(shop: Company) -> None:
    TimeoutRule.objects.create(flow=shop.flow, state="waiting_customer_material", action="chase")
    wait = asked(shop, due_at=NINE.replace(hour=22))
    followups.sweep_timeouts(at=NINE.replace(hour=22))
    morning = NINE + timedelta(days=1)
    cases.cancel_wait(wait_id=wait.pk, fact=Fact(ME, morning, morning))
    assert followups.sweep_timeouts(at=morning) == 0
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    ("action", "kind", "where"),
    [("ask_partner", "reminder", "partner_group"), ("propose_cancel", "cancellation_confirmed", "group")],
)
def test_other_things_that_happen_on_time_out(shop: Company, action: str, kind: str, where: str) -> None:
    TimeoutRule.objects.create(flow=shop.flow, state="waiting_customer_material", action=action, at_most=1)
    asked(shop, due_at=NINE + timedelta(hours=1))
    followups.sweep_timeouts(at=NINE + timedelta(hours=2))
    draft = Draft.objects.get()
    assert (draft.reply_kind, draft.conversation, draft.state) == (kind, getattr(shop, where), "pending")
    assert WaitingItem.objects.open().count() == 1  # nothing is closed in silence


def test_escalation_tells_the_supervisor(shop: Company) -> None:
    TimeoutRule.objects.create(flow=shop.flow, state="waiting_customer_material", action="escalate", at_most=1)
    asked(shop, due_at=NINE + timedelta(hours=1))
    followups.sweep_timeouts(at=NINE + timedelta(hours=2))
    assert Outbound.objects.get(purpose="escalation").recipient == shop.supervisor


def test_material_that_is_not_good_is_asked_for_again(shop: Company) -> None:
    wait = asked(shop)
    message = say(shop.group, "wmchen", "", at=NINE, attachments=("image",))
    cases.receive_materials(
        wait_id=wait.pk, attachments=list(message.attachments.all()), fact=Fact(ME, NINE, NINE, message)
    )
    cases.judge_material(
        material_id=Material.objects.get().pk,
        accept=False,
        by=shop.handler,
        fact=Fact(ME, NINE, NINE, None, "型号看不清"),
    )
    pump.settle(NINE)
    pump.settle(NINE)
    draft = Draft.objects.get()
    assert draft.reply_kind == "material_request" and "型号看不清" in draft.text
    assert not WaitingItem.objects.open().filter(on=shop.contact).exists()
    review.decide(draft_id=draft.pk, by=shop.handler, do=Verdict.Do.APPROVE, actor=Actor.machine("test"), at=NINE)
    again = WaitingItem.objects.open().get(on=shop.contact)
    assert (again.state, again.replaces) == ("waiting_customer_material", wait)
