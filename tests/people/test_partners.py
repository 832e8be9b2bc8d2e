"""What stands on the page of a partner and in the lists of partners and customers: only what the reader may see, in few questions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from aijia import roles
from cases import operations as cases
from cases.models import WaitingItem
from conversations.operations import add_member
from people.models import Customer, IdentityCertainty, Partner, Person, StaffMember
from people.operations import identify
from tests.builders import ACCOUNT, ME, Company, conversation, say
from tests.desk.test_desk import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(ready: Company) -> Company:
    roles.keep_roles()
    return ready


def owe(shop: Company, need: str, *, late: bool = False, **more: str) -> WaitingItem:
    now = timezone.now()
    return WaitingItem.objects.create(
        case=shop.case, on=shop.partner_person, need=need, need_kind="feedback", owner=shop.handler, opened_at=now - timedelta(hours=5),
        **{"state": "waiting_partner_feedback", "on_role": "fulfillment_partner", "for_side": "internal", **more},
        due_at=now - timedelta(hours=1) if late else now + timedelta(days=1), state_since=now, last_fact_at=now,
    )  # fmt: skip


def page_of(client: Client, partner: Partner) -> str:
    return client.get(reverse("admin:people_partner_change", args=[partner.pk])).content.decode()


def queries(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


def test_a_partners_page_says_who_it_is_what_goes_on_and_what_it_owes(shop: Company) -> None:
    partner = shop.partner_person.partner
    assert partner is not None
    owe(shop, "判断故障", late=True)
    owe(shop, "已交的照片", state="material_received")
    maybe = Person.objects.create(name="李师傅", side="partner", partner=partner)
    identify(account=ACCOUNT, external_id="wmli", person=maybe, certainty=IdentityCertainty.CANDIDATE)
    client = client_of(shop.handler, "lin", roles.HANDLER)
    page = page_of(client, partner)
    for words in (
        "王师傅",
        "已核实",
        "李师傅",
        "疑似",
        "wrpg",
        shop.case.number,
        "判断故障",
        "aj-late",
        "待其处理的事项",
    ):
        assert words in page, words
    # What has come is ours to check.
    assert "已交的照片" not in page
    assert reverse("admin:people_partner_edit", args=[partner.pk]) not in page
    with translation.override("en"):
        client.cookies["django_language"] = "en"
        english = page_of(client, partner)
    assert "What it owes us" in english and "Verified" in english
    lead = client_of(shop.supervisor, "he", roles.SUPERVISOR)
    edit = reverse("admin:people_partner_edit", args=[partner.pk])
    assert edit in page_of(lead, partner) and lead.get(edit).status_code == 200
    form = {"name": "顺达", "note": "白班 9–18 点"}
    assert lead.post(edit, form).status_code == 302
    partner.refresh_from_db()
    assert (partner.name, partner.note) == ("顺达", "白班 9–18 点")


def test_nobody_reads_there_what_they_may_not_see(shop: Company) -> None:
    partner = shop.partner_person.partner
    assert partner is not None
    owe(shop, "判断故障")
    other = client_of(StaffMember.objects.create(name="只看自己", visibility="own"), "own", roles.HANDLER)
    page = page_of(other, partner)
    assert "顺达维修" in page
    for words in ("王师傅", "wrpg", shop.case.number, "判断故障", "陈女士"):
        assert words not in page, words
    listed = other.get(reverse("admin:people_partner_changelist")).context["cl"].result_list[0]
    assert (listed.people_known, listed.cases_open, listed.owes) == (0, 0, 0)
    worker = client_of(shop.handler, "lin", roles.HANDLER)
    listed = worker.get(reverse("admin:people_partner_changelist")).context["cl"].result_list[0]
    assert (listed.people_known, listed.cases_open, listed.owes) == (1, 1, 1)


def test_the_page_and_the_lists_ask_the_same_number_of_questions_whatever_their_length(shop: Company) -> None:
    client, partner = client_of(shop.handler, "lin", roles.HANDLER), shop.partner_person.partner
    assert partner is not None
    owe(shop, "判断故障")
    urls = [
        reverse("admin:people_partner_change", args=[partner.pk]),
        reverse("admin:people_partner_changelist"),
        reverse("admin:people_customer_changelist"),
    ]
    few = [queries(client, url) for url in urls]
    for number in range(12):
        customer = Customer.objects.create(name=f"客户{number}", owner=shop.handler)
        Partner.objects.create(name=f"服务商{number}")
        fitter = Person.objects.create(name=f"师傅{number}", side="partner", partner=partner)
        identify(account=ACCOUNT, external_id=f"wm{number}", person=fitter, certainty=IdentityCertainty.VERIFIED)
        group = conversation(
            f"wr{number}", "customer_group", "customer_group", fitter, customer=customer, partner=partner
        )
        cases.open_case(
            flow=shop.flow, customer=customer, conversation=group, owner=shop.handler, partner=partner, contact=None, actor=ME, at=timezone.now(),
        )  # fmt: skip
        owe(shop, f"第{number}件")
    many = [queries(client, url) for url in urls]
    assert many == few and many[0] <= 24, (few, many)


def test_the_list_of_customers_says_what_goes_on_and_when_they_were_last_in_touch(shop: Company) -> None:
    customer, now = shop.case.customer, timezone.now().replace(microsecond=0)
    say(shop.group, "wmchen", "在吗", at=now)
    quiet = Customer.objects.create(name="安静的客户")
    secret = conversation("wrsecret", "private", "staff_private", customer=quiet)
    say(secret, "wmquiet", "你好", at=now)
    url = reverse("admin:people_customer_changelist")

    def rows(client: Client, query: str = "") -> dict[int, tuple[int, object]]:
        return {row.pk: (row.cases_open, row.last_contact) for row in client.get(url + query).context["cl"].result_list}

    seen = rows(client_of(shop.handler, "lin", roles.HANDLER))
    assert seen[customer.pk] == (1, now) and seen[quiet.pk] == (0, now)
    # Of a conversation that one may not see nothing is said, and of a case neither.
    own = StaffMember.objects.create(name="只看自己", visibility="own")
    Customer.objects.filter(pk__in=[customer.pk, quiet.pk]).update(owner=own)
    client = client_of(own, "own", roles.HANDLER)
    assert rows(client) == {customer.pk: (0, None), quiet.pk: (0, None)}
    me = Person.objects.create(name="只看自己", side="internal", staff=own)
    add_member(conversation=secret, person=me, at=now)
    assert rows(client) == {customer.pk: (0, None), quiet.pk: (0, now)}
    # Who was in touch last stands first; who never was stands last.
    column = list(client.get(url).context["cl"].list_display).index("last_contact")
    assert list(rows(client, f"?o={column}")) == [quiet.pk, customer.pk]
