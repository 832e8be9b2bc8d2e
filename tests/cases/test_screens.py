"""The case page acts: items, material, notes, hand-overs; only for those who may see the case."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from cases import intake
from cases import operations as cases
from cases.models import HandOver, Material, ServiceCase, WaitingItem, Writeback
from cases.operations import Fact
from cases.presenters import entry_words
from people.models import StaffMember, Team, User, Visibility
from tests.builders import ME, Company, company, say
from triage import followups

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def shop() -> Company:
    return company(timezone.now())


def sign_in(staff: StaffMember, name: str) -> Client:
    staff.user = User.objects.create_user(name, password="x", is_staff=True, is_superuser=True, display_name=staff.name)
    staff.save()
    client = Client()
    client.force_login(staff.user)
    return client


def asked(shop: Company) -> WaitingItem:
    now = timezone.now()
    return cases.open_wait(
        case=shop.case, state="waiting_customer_material", on=shop.contact, on_role="customer_contact", need="铭牌照片",
        fact=Fact(ME, now, now),
    )  # fmt: skip


def act(client: Client, shop: Company, **data: object) -> None:
    answer = client.post(reverse("admin:cases_servicecase_act", args=[shop.case.pk]), data, follow=True)
    assert answer.status_code == 200


def test_items_are_moved_from_the_page(shop: Company) -> None:
    client, wait = sign_in(shop.handler, "lin"), asked(shop)
    later = timezone.localtime(timezone.now() + timedelta(days=2)).replace(second=0, microsecond=0)
    act(client, shop, do="wait_due", wait=wait.pk, due=f"{later:%Y-%m-%dT%H:%M}")
    assert WaitingItem.objects.get(pk=wait.pk).due_at == later
    act(client, shop, do="wait_due", wait=wait.pk, due="soon")
    act(client, shop, do="wait_pause", wait=wait.pk)
    assert WaitingItem.objects.get(pk=wait.pk).paused_at is not None
    act(client, shop, do="wait_resume", wait=wait.pk)
    act(client, shop, do="wait_hand_over", wait=wait.pk, to=shop.supervisor.pk)
    assert WaitingItem.objects.get(pk=wait.pk).owner == shop.supervisor
    act(client, shop, do="wait_complete", wait=wait.pk, note="电话里说了")
    done = WaitingItem.objects.get(pk=wait.pk)
    assert (done.state, done.close_reason) == ("completed", "电话里说了")
    act(client, shop, do="wait_complete", wait=wait.pk)  # twice changes nothing
    assert done.transitions.count() == WaitingItem.objects.get(pk=wait.pk).transitions.count()


def test_notes_our_own_items_and_material(shop: Company) -> None:
    client, wait = sign_in(shop.handler, "lin"), asked(shop)
    act(client, shop, do="note", note="客户家里老人接电话")
    act(client, shop, do="owe", note="周五回访")
    owed = WaitingItem.objects.get(on_role="internal_handler")
    assert (owed.need, owed.state, owed.owner) == ("周五回访", "requested", shop.handler)
    message = say(shop.group, "wmchen", "", at=timezone.now(), attachments=("image",))
    cases.receive_materials(
        wait_id=wait.pk, attachments=list(message.attachments.all()),
        fact=Fact(ME, timezone.now(), timezone.now(), message),
    )  # fmt: skip
    material = Material.objects.get()
    act(client, shop, do="reject_material", material=material.pk)  # no reason, nothing happens
    assert Material.objects.get().state == "received"
    act(client, shop, do="accept_material", material=material.pk)
    assert WaitingItem.objects.get(pk=wait.pk).close_reason == "accepted"
    page = client.get(reverse("admin:cases_servicecase_change", args=[shop.case.pk])).content.decode()
    assert "客户家里老人接电话" in page


def test_a_case_without_its_proof_is_not_completed_by_hand_and_one_closed_by_hand_is_told(shop: Company) -> None:
    client = sign_in(shop.handler, "lin")
    act(client, shop, do="complete", note="好了")
    shop.case.refresh_from_db()
    assert shop.case.state == "open"
    act(client, shop, do="cancel", reason="customer_declined", note="不修了")
    shop.case.refresh_from_db()
    assert shop.case.state == "cancelled"
    assert followups.sweep_untold(at=timezone.now()) == 2
    assert followups.sweep_untold(at=timezone.now()) == 0
    assert set(Writeback.objects.values_list("to__kind", flat=True)) == {"partner_group", "internal_group"}


def test_nobody_acts_on_a_case_that_they_may_not_see(shop: Company) -> None:
    stranger = StaffMember.objects.create(name="小江", visibility=Visibility.OWN)
    client, wait = sign_in(stranger, "jiang"), asked(shop)
    url = reverse("admin:cases_servicecase_act", args=[shop.case.pk])
    assert client.post(url, {"do": "wait_complete", "wait": wait.pk}).status_code == 404
    assert client.get(reverse("admin:cases_servicecase_change", args=[shop.case.pk])).status_code == 404
    assert WaitingItem.objects.get(pk=wait.pk).closed_at is None


def test_items_are_offered_and_accepted_in_the_lists(shop: Company) -> None:
    client, wait = sign_in(shop.handler, "lin"), asked(shop)
    taker = StaffMember.objects.create(name="小江")
    other = sign_in(taker, "jiang")
    far = StaffMember.objects.create(name="别组组长", team=Team.objects.create(name="二组"), is_supervisor=True)
    sign_in(far, "far")
    other_item = asked(shop)
    listing = reverse("admin:cases_waitingitem_changelist")
    page = client.post(listing, {"action": "hand_over", "_selected_action": [wait.pk]}, follow=True)
    asking, body = page.redirect_chain[-1][0], page.content.decode()
    assert body.count('name="item"') == 2 and body.count(" checked") == 1, "all that is mine, the chosen one ticked"
    assert "何姐" in body, "who leads the shift"
    assert "小江" in body and "别组组长" not in body, "only those whose business it is"
    said = client.post(asking, {"item": [wait.pk], "taker": far.pk, "note": "等图"}).content.decode()
    assert "别组组长" in said and not HandOver.objects.exists()
    client.post(asking, {"item": [wait.pk], "taker": taker.pk, "note": "等图"})
    row = HandOver.objects.get()
    assert list(row.items.all()) == [wait] and (row.note, row.lead) == ("等图", shop.supervisor)
    assert client.get(asking).content.decode().count('name="item"') == 1, "what is on offer is not offered twice"
    own_page = reverse("admin:cases_handover_change", args=[row.pk])
    assert "铭牌照片" in other.get(own_page).content.decode()
    client.post(own_page, {"do": "accept"})
    assert HandOver.objects.get().state == "offered", "not by the giver"
    other.post(own_page, {"do": "accept"})
    assert WaitingItem.objects.get(pk=wait.pk).owner == taker
    assert WaitingItem.objects.get(pk=other_item.pk).owner == shop.handler


def test_what_somebody_cannot_take_falls_to_the_lead_at_once(shop: Company) -> None:
    client, wait = sign_in(shop.handler, "lin"), asked(shop)
    taker = StaffMember.objects.create(name="小江")
    other = sign_in(taker, "jiang")
    client.post(reverse("admin:cases_waitingitem_hand_over_mine"), {"item": [wait.pk], "taker": taker.pk})
    row = HandOver.objects.get()
    other.post(reverse("admin:cases_handover_changelist"), {"action": "decline", "_selected_action": [row.pk]})
    assert HandOver.objects.get().state == "fallen" and WaitingItem.objects.get(pk=wait.pk).owner == shop.supervisor


def test_an_unsorted_case_is_sorted_on_its_page(shop: Company) -> None:
    client, now = sign_in(shop.handler, "lin"), timezone.now()
    item = intake.owe_answer(
        conversation=shop.group, sender=shop.contact, need="回复陈女士：能收旧电器吗", fact=Fact(ME, now, now)
    )
    assert item is not None
    page, url = (reverse(f"admin:cases_servicecase_{name}", args=[item.case_id]) for name in ("change", "act"))
    body = client.get(page).content.decode()
    assert shop.case.number in body and shop.flow.name in body
    client.post(url, {"do": "classify", "flow": item.case.flow_id})
    assert ServiceCase.objects.get(pk=item.case_id).flow.intake, "an intake is no flow to sort into"
    answer = client.post(url, {"do": "join", "into": shop.case.pk})
    assert answer.headers["Location"] == reverse("admin:cases_servicecase_change", args=[shop.case.pk])
    assert WaitingItem.objects.get(pk=item.pk).case == shop.case
    closed = client.get(page).content.decode()
    assert 'id="sorting"' not in closed and shop.case.number in closed and "joined" not in closed


def test_staff_open_a_case_without_any_message(shop: Company) -> None:
    client = sign_in(shop.handler, "lin")
    url = reverse("admin:cases_servicecase_add")
    assert client.get(url).status_code == 200
    bad = client.post(url, {"customer": "", "flow": shop.flow.pk, "title": "回访"})
    assert bad.status_code == 200 and ServiceCase.objects.count() == 1
    answer = client.post(
        url, {"customer": shop.case.customer.pk, "flow": shop.flow.pk, "title": "周五回访", "need": "打电话问使用情况"}
    )
    case = ServiceCase.objects.latest("pk")
    assert answer.status_code == 302 and (case.title, case.owner) == ("周五回访", shop.handler)
    assert case.waits.get().need == "打电话问使用情况"


def test_the_list_shows_what_is_open_and_says_whose_it_is_and_what_is_late(shop: Company) -> None:
    client, wait = sign_in(shop.handler, "lin"), asked(shop)
    now = timezone.now()
    cases.owe_ourselves(
        case_id=shop.case.pk, need="回访", need_kind="answer", due_at=now + timedelta(hours=1), fact=Fact(ME, now, now)
    )
    WaitingItem.objects.filter(pk=wait.pk).update(due_at=now - timedelta(hours=1))
    done = asked(shop)
    WaitingItem.objects.filter(pk=done.pk).update(need="早已交齐")
    cases.cancel_wait(wait_id=done.pk, fact=Fact(ME, now, now))
    listing = reverse("admin:cases_waitingitem_changelist")
    page = client.get(listing).content.decode()
    assert "铭牌照片" in page and "已超时" in page and "待我方答复" in page and "早已交齐" not in page
    assert "早已交齐" in client.get(listing, {"open": "all"}).content.decode()
    assert "早已交齐" in client.get(listing, {"state__exact": "cancelled"}).content.decode()
    glance = client.get(reverse("admin:cases_servicecase_change", args=[shop.case.pk])).content.decode()
    assert "待我方答复" in glance


def test_a_case_taken_up_again_by_hand_has_something_that_we_owe(shop: Company) -> None:
    now = timezone.now()
    client, act = sign_in(shop.handler, "lin"), f"/admin/cases/servicecase/{shop.case.pk}/act/"
    client.post(act, {"do": "cancel", "reason": "customer_declined"})
    assert not shop.case.waits.open().exists()
    client.post(act, {"do": "reopen", "reason": "other"})
    assert not shop.case.waits.open().exists(), "other than what? nothing happened"
    page = client.post(act, {"do": "reopen", "reason": "came_back", "note": "又漏水了"}, follow=True).content.decode()
    wait = shop.case.waits.open().get()
    assert (wait.need, wait.owner, wait.on_role) == ("重新跟进：又漏水了", shop.handler, "internal_handler")
    assert wait.due_at is not None and wait.due_at > now and wait.need in page and "已重开" in page


def test_why_a_clock_stood_and_why_an_item_is_over_are_in_the_story(shop: Company) -> None:
    now = timezone.now()
    wait = cases.open_wait(
        case=shop.case, state="waiting_customer_material", on=shop.contact, on_role="customer_contact", need="铭牌照片", count_needed=2,
        fact=Fact(ME, now, now),
    )  # fmt: skip
    client, act = sign_in(shop.handler, "lin"), f"/admin/cases/servicecase/{shop.case.pk}/act/"
    page = client.post(act, {"do": "wait_pause", "wait": wait.pk, "note": "客户出差"}, follow=True).content.decode()
    assert "计时已暂停（客户出差）" in page and "计时已暂停，自" in page and "已收到 0/2" in page
    assert "计时已暂停" in client.get("/admin/cases/waitingitem/?open=1").content.decode()
    page = client.post(act, {"do": "wait_resume", "wait": wait.pk, "note": "回来了"}, follow=True).content.decode()
    assert "（回来了）" in page and "计时已暂停，自" not in page
    page = client.post(act, {"do": "wait_cancel", "wait": wait.pk, "note": "另一张够了"}, follow=True).content.decode()
    assert "已取消（另一张够了）" in page
    with override("zh-hans"):
        judged = {"do": "reject_material", "reason": "看不清", "accepted": True}
        assert entry_words("review", judged) == "材料不合格 看不清"


def test_the_page_of_an_item_says_what_is_known_in_words_and_leaves_out_the_rest(shop: Company) -> None:
    client, wait = sign_in(shop.handler, "lin"), asked(shop)
    page = client.get(reverse("admin:cases_waitingitem_change", args=[wait.pk])).content.decode()
    assert wait.need in page and wait.stage_words in page and "代表谁" not in page and "关闭时间" not in page
    act(client, shop, do="wait_complete", wait=wait.pk, note="电话里说了")
    page = client.get(reverse("admin:cases_waitingitem_change", args=[wait.pk])).content.decode()
    assert "关闭时间" in page
