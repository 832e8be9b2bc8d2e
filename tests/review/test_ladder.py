"""The automation ladder: figures before a rise, a rise by a person, the fall by itself after a wrong send."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aijia import pump
from cases import facts
from delivery import ports
from delivery.models import Outbound, OutboundState
from evidence.models import Entry
from foundation.actors import Actor
from foundation.errors import NotAllowed, Refused
from people.models import User
from review import ladder
from review import operations as review
from review.models import AutomationLevel, Draft, Level, LevelFall, Verdict
from review.policies import level_for
from tests.builders import ME, NINE, Company, say

pytestmark = pytest.mark.django_db
SHE = Actor("user", "1", "何姐")
KIND = "cooperation_request"
NOW = NINE + timedelta(days=1)


@pytest.fixture
def shop(ready: Company, settings: object) -> Company:
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"  # type: ignore[attr-defined]
    ports._load.cache_clear()
    return ready


def asked(shop: Company, number: int, *, start: datetime = NINE) -> Draft:
    """A partner asks for something, which makes one draft for the customer."""
    at = start + timedelta(minutes=number)
    say(shop.partner_group, "wmwang", "让陈女士拍一张铭牌照片，型号看清楚，不然配件没法订", at=at)
    pump.drain(at, channel=False)
    return Draft.objects.filter(reply_kind=KIND).latest("pk")


def set_direct(shop: Company, *, flow: bool = True, **more: object) -> AutomationLevel:
    values: dict[str, object] = {
        "flow": shop.flow if flow else None, "conversation_kind": "", "reply_kind": KIND, "level": Level.DIRECT, "note": "看过了",
        "actor": SHE, "at": NOW, "confirmed": True, **more,
    }  # fmt: skip
    return ladder.set_level(**values)  # type: ignore[arg-type]


def level(shop: Company) -> str:
    return level_for(flow=shop.flow, conversation_kind="customer_group", reply_kind=KIND)


def test_the_figures_count_what_people_decided(shop: Company) -> None:
    for number, do in enumerate((Verdict.Do.APPROVE, Verdict.Do.APPROVE, Verdict.Do.EDIT, Verdict.Do.REJECT)):
        draft = asked(shop, number * 3)
        text = "麻烦拍一张铭牌的照片发我，谢谢" if do == Verdict.Do.EDIT else ""
        verdict = review.decide(
            draft_id=draft.pk,
            by=shop.supervisor,
            do=do,
            actor=ME,
            at=NINE + timedelta(minutes=number * 3 + 1),
            text=text,
        )
        assert verdict.accepted
    scopes = [
        (shop.flow.pk, "", KIND),
        (None, "", KIND),
        (shop.flow.pk, "customer_group", KIND),
        (None, "private", KIND),
    ]
    found = ladder.figures_of(scopes, at=NOW)
    for scope in scopes[:3]:
        seen = found[scope]
        assert (seen.drafts, seen.unchanged, seen.edited, seen.rejected, seen.decided) == (4, 2, 1, 1, 4)
        assert seen.share(seen.unchanged) == 0.5 and not seen.is_enough
    assert found[scopes[3]].drafts == 0
    assert ladder.figures_of(scopes, at=NOW + timedelta(days=40))[scopes[0]].decided == 0


def test_a_rise_to_direct_needs_a_person_a_reason_and_a_look_at_the_figures(shop: Company) -> None:
    with pytest.raises(NotAllowed):
        set_direct(shop, actor=ME)
    with pytest.raises(Refused):
        set_direct(shop, note=" ")
    with pytest.raises(Refused) as unseen:
        set_direct(shop, confirmed=False)
    assert unseen.value.code == "not_confirmed" and not AutomationLevel.objects.exists()
    draft = asked(shop, 0)
    assert draft.state == "pending"
    row = set_direct(shop)
    assert row.figures["drafts"] == 1 and row.history.count() == 1  # type: ignore[attr-defined]
    body = json.loads(Entry.objects.filter(chain__subject_kind="policy").latest("pk").body_row.body)
    assert (body["action"], body["from"], body["to"]) == ("set_level", "review", "direct") and body["figures"][
        "drafts"
    ] == 1
    assert level(shop) == Level.DIRECT


@pytest.mark.parametrize("wrong", [{"reply_kind": "other"}, {"conversation_kind": "community_group"}])
def test_some_things_never_go_without_review(shop: Company, wrong: dict[str, str]) -> None:
    with pytest.raises(Refused):
        set_direct(shop, **wrong)
    assert not AutomationLevel.objects.exists()


def delivered(shop: Company) -> Draft:
    """A text that went by rule and arrived."""
    draft = asked(shop, 0, start=NOW)
    assert draft.state == "released" and draft.outbound is not None
    Outbound.objects.filter(pk=draft.outbound_id).update(state=OutboundState.CONFIRMED, delivered_at=NOW)
    return draft


def wrong(draft: Draft, *, at: datetime, how: str = "flagged") -> None:
    assert draft.outbound is not None
    assert facts.note_wrong_send(
        case=draft.case, delivered_at=NOW, at=at, how=how, ref=draft.outbound.public_id.hex, words="发错人了", actor=SHE
    )


@pytest.mark.parametrize("of_flow", [True, False])
def test_after_a_wrong_send_flow_and_kind_are_reviewed_again_and_the_supervisor_is_told(
    shop: Company, of_flow: bool
) -> None:
    set_direct(shop, flow=of_flow)
    other = set_direct(shop, flow=of_flow, reply_kind="reminder")
    wrong(delivered(shop), at=NOW + timedelta(hours=1))
    pump.drain(NOW + timedelta(hours=1), channel=False)
    assert level(shop) == Level.REVIEW
    # Another flow keeps the default, another kind its level.
    assert level_for(flow=None, conversation_kind="private", reply_kind=KIND) == (
        Level.REVIEW if of_flow else Level.DIRECT
    )
    other.refresh_from_db()
    assert other.level == Level.DIRECT
    assert LevelFall.objects.get().fell
    told = Outbound.objects.get(kind="alert", recipient=shop.supervisor, idempotency_key__startswith="lf")
    assert "发错人了" in told.text
    assert asked(shop, 60, start=NOW).state == "pending"


def test_it_never_rises_by_itself_and_an_old_fact_does_not_overrule_a_person(shop: Company) -> None:
    set_direct(shop)
    draft = delivered(shop)
    wrong(draft, at=NOW + timedelta(hours=1))
    pump.drain(NOW + timedelta(hours=1), channel=False)
    pump.drain(NOW + timedelta(days=5), channel=False)
    assert level(shop) == Level.REVIEW
    set_direct(shop, at=NOW + timedelta(days=5))
    pump.drain(NOW + timedelta(days=6), channel=False)
    assert level(shop) == Level.DIRECT
    wrong(draft, at=NOW + timedelta(days=6), how="corrected")
    pump.drain(NOW + timedelta(days=6), channel=False)
    assert level(shop) == Level.REVIEW


def test_a_wrong_send_counts_also_where_nothing_went_by_itself(shop: Company) -> None:
    draft = asked(shop, 0)
    review.decide(
        draft_id=draft.pk, by=shop.supervisor, do=Verdict.Do.APPROVE, actor=ME, at=NINE + timedelta(minutes=1)
    )
    draft.refresh_from_db()
    wrong(draft, at=NOW)
    pump.drain(NOW, channel=False)
    assert not LevelFall.objects.get().fell and not AutomationLevel.objects.exists()
    (seen,) = ladder.figures_of([(None, "", KIND)], at=NOW + timedelta(hours=1)).values()
    assert seen.wrong == 1


@pytest.fixture
def client(shop: Company) -> Client:
    user = User.objects.create_user("he", password="x", is_staff=True, is_superuser=True, display_name="何姐")
    shop.supervisor.user = user
    shop.supervisor.save()
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_shows_the_figures_before_it_lets_a_level_rise(shop: Company, client: Client, language: str) -> None:
    client.cookies["django_language"] = language
    add = reverse("admin:review_automationlevel_add")
    data = {
        "flow": str(shop.flow.pk),
        "conversation_kind": "",
        "reply_kind": KIND,
        "level": "direct",
        "note": "都原样通过",
    }
    page = client.post(add, data)
    assert page.status_code == 200 and 'name="confirmed"' in page.content.decode()
    assert not AutomationLevel.objects.exists()
    assert client.post(add, {**data, "confirmed": "yes"}).status_code == 302
    row = AutomationLevel.objects.get()
    assert (row.level, row.changed_by, row.flow) == ("direct", "何姐", shop.flow) and row.changed_at is not None
    assert client.get(reverse("admin:review_automationlevel_changelist")).status_code == 200
    change = reverse("admin:review_automationlevel_change", args=[row.pk])
    assert "都原样通过" in client.get(change).content.decode()
    assert client.post(change, {"level": "review", "note": "先看看"}).status_code == 302
    row.refresh_from_db()
    assert row.level == "review" and row.history.count() == 2  # type: ignore[attr-defined]
    assert client.get(reverse("admin:review_automationlevel_delete", args=[row.pk])).status_code == 403
    assert row.changed_at is not None and row.changed_at <= timezone.now()
