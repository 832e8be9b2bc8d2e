"""Who releases what: by role, by the right of each topic, by the roles that a boundary names, by four eyes."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils.translation import override

from aijia import pump, roles
from delivery import ports
from delivery.models import Outbound
from evidence.models import Entry
from foundation.actors import Actor
from foundation.errors import NotAllowed
from people.models import StaffMember, User
from review import operations
from review.models import Draft, RiskBoundary, Verdict
from review.presenters import reason_words
from tests.builders import NINE, Company, say

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def shop(ready: Company, settings: Any) -> Company:
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"
    ports._load.cache_clear()
    roles.keep_roles()
    return ready


def colleague(name: str, role: str = "", *, supervisor: bool = False) -> StaffMember:
    user = User.objects.create_user(name, password="x", is_staff=True, display_name=name)
    user.groups.set(Group.objects.filter(name=role))
    return StaffMember.objects.create(user=user, name=name, is_supervisor=supervisor)


def draft(
    shop: Company, *, topics: tuple[str, ...] = (), alerts: tuple[str, ...] = (), right: str = "handler"
) -> Draft:
    message = say(shop.group, "wmchen", "请问到哪一步了", at=NINE)
    pump.drain(NINE, channel=False)
    shop.group.refresh_from_db()
    return operations.propose(
        conversation=shop.group, case=shop.case, cause=message, reply_kind="other", text="您好，我们已在核实，请稍候。",
        reasons=[], risk_topics=topics, alerts=alerts, required_right=right, actor=Actor.machine("test"), at=NINE,
    )  # fmt: skip


def yes(row: Draft, by: StaffMember, *, text: str = "") -> Verdict:
    shop_position = row.conversation.last_position if row.conversation else 0
    return operations.decide(
        draft_id=row.pk, by=by, do="edit" if text else "approve", text=text, actor=Actor.of_user(by.user) if by.user else Actor.machine("t"),
        at=NINE, seen_position=shop_position,
    )  # fmt: skip


def codes(verdict: Verdict) -> list[str]:
    return [one["code"] for one in verdict.refusals]


@pytest.mark.parametrize("role", list(roles.ROLES))
def test_whose_role_does_not_release_does_not_release(shop: Company, role: str) -> None:
    somebody, row = colleague("某人", role), draft(shop)
    may = role in (roles.HANDLER, roles.REVIEWER, roles.SUPERVISOR, roles.ADMINISTRATOR)
    verdict = yes(row, somebody)
    assert verdict.accepted == may and codes(verdict) == ([] if may else ["role_missing"])
    other = draft(shop)
    if may:
        operations.decide(draft_id=other.pk, by=somebody, do="reject", actor=Actor.machine("t"), at=NINE)
    else:
        with pytest.raises(NotAllowed):
            operations.decide(draft_id=other.pk, by=somebody, do="reject", actor=Actor.machine("t"), at=NINE)
    other.refresh_from_db()
    assert (other.state == "rejected") == may


def test_alerts_need_a_supervisor_unless_a_row_says_otherwise(shop: Company) -> None:
    handler, boss = colleague("小林", roles.HANDLER), colleague("何姐", roles.SUPERVISOR, supervisor=True)
    assert codes(yes(draft(shop, alerts=("safety",)), handler)) == ["right_missing"]
    assert yes(draft(shop, alerts=("safety",)), boss).accepted
    RiskBoundary.objects.create(topic="safety", right="handler")
    assert yes(draft(shop, alerts=("safety",)), handler).accepted
    assert codes(yes(draft(shop, topics=("complaint",), alerts=("safety",)), handler)) == ["right_missing"]


def test_a_boundary_made_stricter_holds_for_drafts_that_wait_already(shop: Company) -> None:
    handler, row = colleague("小林", roles.HANDLER), draft(shop, topics=("refund",))
    boundary = RiskBoundary.objects.create(topic="refund", right="supervisor")
    assert codes(yes(row, handler)) == ["right_missing"]
    boundary.right = "handler"
    boundary.save()
    assert yes(row, handler).accepted


def test_a_boundary_names_the_roles(shop: Company) -> None:
    handler, reviewer = colleague("小林", roles.HANDLER), colleague("小周", roles.REVIEWER)
    RiskBoundary.objects.create(topic="privacy", right="handler").groups.set(Group.objects.filter(name=roles.REVIEWER))
    row = draft(shop, topics=("privacy",))
    refused = yes(row, handler)
    assert codes(refused) == ["topic_right_missing"] and refused.refusals[0]["params"]["roles"] == roles.REVIEWER
    client = Client()
    assert handler.user is not None
    client.force_login(handler.user)
    page = client.get(f"/admin/review/draft/{row.pk}/change/").content.decode()
    assert "只有以下角色可以放行" in page and roles.REVIEWER in page
    with override("en"):
        said = reason_words(refused.refusals[0])
    assert "Reviewer" in said and roles.REVIEWER not in said, "a role is called what the reader calls it"
    operations.give_back(draft_id=row.pk, by=handler)
    assert yes(row, reviewer).accepted and Outbound.objects.filter(draft=row).exists()


def test_four_eyes_are_those_of_two_people(shop: Company) -> None:
    one, two = colleague("小林", roles.HANDLER), colleague("小周", roles.HANDLER)
    RiskBoundary.objects.create(topic="compensation", right="handler", four_eyes=True)
    row = draft(shop, topics=("compensation",))
    assert yes(row, one).accepted
    row.refresh_from_db()
    assert row.state == "pending" and not Outbound.objects.filter(draft=row).exists()
    assert codes(yes(row, one)) == ["second_person_needed"]
    assert yes(row, two).accepted
    row.refresh_from_db()
    assert row.state == "released" and Outbound.objects.get(draft=row).text == row.text
    said = [(v.by, v.accepted) for v in row.verdicts.order_by("pk")]
    assert said == [(one, True), (one, False), (two, True)]
    assert Entry.objects.filter(kind="review", refs__draft=str(row.public_id)).count() == 3


def test_other_words_of_the_second_need_the_first_again(shop: Company) -> None:
    one, two = colleague("小林", roles.HANDLER), colleague("小周", roles.HANDLER)
    RiskBoundary.objects.create(topic="compensation", right="handler", four_eyes=True)
    row = draft(shop, topics=("compensation",))
    yes(row, one)
    assert yes(row, two, text="您好，已经转给专人核实。").accepted
    row.refresh_from_db()
    assert (row.state, row.text) == ("pending", "您好，已经转给专人核实。")
    assert codes(yes(row, two)) == ["second_person_needed"]
    assert yes(row, one).accepted
    row.refresh_from_db()
    assert row.state == "released" and Outbound.objects.get(draft=row).text == "您好，已经转给专人核实。"


def test_the_first_yes_through_the_screen_says_that_a_second_is_needed(shop: Company) -> None:
    one = colleague("小林", roles.HANDLER)
    RiskBoundary.objects.create(topic="compensation", right="handler", four_eyes=True)
    row, client = draft(shop, topics=("compensation",)), Client()
    assert one.user is not None
    client.force_login(one.user)
    position = row.conversation.last_position if row.conversation else 0
    form = {"do": "approve", "text": row.text, "seen_position": position, "seen_hash": row.content_hash}
    page = client.post(f"/admin/review/draft/{row.pk}/decide/", form, follow=True).content.decode()
    assert "还需要另一人确认" in page
    again = client.get(f"/admin/review/draft/{row.pk}/change/").content.decode()
    assert "您已确认" in again and "小林" in again


def test_boundaries_are_kept_by_name_in_the_admin(shop: Company) -> None:
    boss, client = colleague("何姐", roles.SUPERVISOR, supervisor=True), Client()
    assert boss.user is not None
    client.force_login(boss.user)
    form = client.get("/admin/review/riskboundary/add/").content.decode()
    assert "退款" in form and "差评" in form and "安全" in form
    group = Group.objects.get(name=roles.REVIEWER)
    client.post(
        "/admin/review/riskboundary/add/",
        {"topic": "safety", "right": "handler", "groups": [group.pk], "four_eyes": "on"},
    )
    row = RiskBoundary.objects.get()
    assert (row.topic, row.four_eyes, list(row.groups.all())) == ("safety", True, [group])
    assert row.history.count() >= 1
    assert client.post("/admin/review/riskboundary/add/", {"topic": "nonsense", "right": "handler"}).status_code == 200
    assert RiskBoundary.objects.count() == 1
