"""Who is who, decided by people: merged, split again, confirmed, rejected; with reasons, on record, and able to be taken back."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from aijia import roles
from cases.models import Participant, ServiceCase
from conversations.models import Conversation, Member, Message
from evidence.models import Entry
from evidence.verification import verify_subject
from foundation.errors import Refused, WrongState
from people import merging
from people.models import Customer, Identity, IdentityCertainty, PartyChange, Person, StaffMember, User
from people.operations import identify
from tests.builders import ACCOUNT, ME, NINE, Company, conversation, say

pytestmark = pytest.mark.django_db
WHY: Any = {"reason": "同一位客户，电话核实", "actor": ME, "at": NINE}


@pytest.fixture
def shop(ready: Company) -> Company:
    """The company, and a second row for the same customer with a chat and a person of its own."""
    shop = ready
    twin = Customer.objects.create(name="陈小姐", phone="13800135678")
    person = Person.objects.create(name="陈小姐", side="customer", customer=twin)
    identify(account=ACCOUNT, external_id="wmchen2", person=person, certainty=IdentityCertainty.CANDIDATE)
    conversation("wrtwin", "private", "staff_private", person, customer=twin)
    Member.objects.create(conversation=shop.group, person=person, joined_at=NINE)
    say(Conversation.objects.get(external_id="wrtwin"), "wmchen2", "你好", at=NINE)
    Participant.objects.create(case=shop.case, person=person, role="customer_contact")
    return shop


def everything() -> dict[str, Any]:
    return {
        "cases": list(ServiceCase.objects.order_by("pk").values_list("pk", "customer")),
        "conversations": list(Conversation.objects.order_by("pk").values_list("pk", "customer")),
        "people": list(Person.objects.order_by("pk").values_list("pk", "customer", "merged_into")),
        "customers": [(c.pk, c.name, c.phone, c.merged_into_id) for c in Customer.objects.order_by("pk")],
        "identities": list(Identity.objects.order_by("pk").values_list("pk", "person", "certainty")),
        "members": list(Member.objects.order_by("pk").values_list("pk", "conversation", "person")),
        "roles": list(Participant.objects.order_by("pk").values_list("pk", "person", "role")),
        "messages": list(Message.objects.order_by("pk").values_list("pk", "sender")),
    }


def test_customers_become_one_and_two_again(shop: Company) -> None:
    kept, gone = shop.case.customer, Customer.objects.get(name="陈小姐")
    before = everything()
    change = merging.merge_customers(kept_id=gone.pk, gone_id=kept.pk, **WHY)
    assert {customer for _pk, customer in everything()["cases"]} == {gone.pk}
    assert Person.objects.filter(customer=kept).count() == 0 and Person.objects.filter(customer=gone).count() == 2
    assert everything()["messages"] == before["messages"]
    entry = Entry.objects.filter(refs__party_change=str(change.public_id)).get()
    assert entry.chain.subject_kind == "case"
    with pytest.raises(WrongState):
        merging.merge_customers(kept_id=gone.pk, gone_id=kept.pk, **WHY)
    merging.undo(change_id=change.pk, **{**WHY, "reason": "其实是两位"})
    assert everything() == before
    change.refresh_from_db()
    assert change.undone_reason == "其实是两位"
    assert Entry.objects.filter(refs__party_change=str(change.public_id)).count() == 2
    from cases.operations import subject_of

    assert not verify_subject(subject_of(shop.case))
    with pytest.raises(WrongState):
        merging.undo(change_id=change.pk, **WHY)


def test_what_one_lacks_it_takes_over_and_gives_back(shop: Company) -> None:
    kept, gone = shop.case.customer, Customer.objects.get(name="陈小姐")
    change = merging.merge_customers(kept_id=kept.pk, gone_id=gone.pk, **WHY)
    kept.refresh_from_db()
    assert kept.phone == "13800135678"
    merging.undo(change_id=change.pk, **WHY)
    kept.refresh_from_db()
    assert kept.phone == ""


def test_people_become_one_without_standing_twice_anywhere(shop: Company) -> None:
    merging.merge_customers(kept_id=shop.case.customer_id, gone_id=Customer.objects.get(name="陈小姐").pk, **WHY)
    twin = Person.objects.get(name="陈小姐")
    before = everything()
    change = merging.merge_people(kept_id=shop.contact.pk, gone_id=twin.pk, **WHY)
    assert Member.objects.filter(conversation=shop.group, person=shop.contact).count() == 1
    assert not Member.objects.filter(person=twin).exists() and not Participant.objects.filter(person=twin).exists()
    assert Identity.objects.get(external_id="wmchen2").person == shop.contact
    assert everything()["messages"] == before["messages"]  # what was said stays said by whom it was
    later = say(Conversation.objects.get(external_id="wrtwin"), "wmchen2", "还在吗", at=NINE)
    assert later.sender == shop.contact
    merging.undo(change_id=change.pk, **WHY)
    after = everything()
    after["messages"] = after["messages"][:-1]
    assert after == before


def test_what_cannot_be_one_is_refused_and_nothing_moves(shop: Company) -> None:
    before, customer = everything(), shop.case.customer_id
    for call in (
        lambda: merging.merge_customers(kept_id=customer, gone_id=customer, **WHY),
        lambda: merging.merge_customers(kept_id=customer, gone_id=Customer.objects.get(name="陈小姐").pk, **{**WHY, "reason": " "}),
        lambda: merging.merge_people(kept_id=shop.contact.pk, gone_id=shop.partner_person.pk, **WHY),
        lambda: merging.merge_people(kept_id=shop.contact.pk, gone_id=Person.objects.get(name="陈小姐").pk, **WHY),
        lambda: merging.merge_people(kept_id=shop.contact.pk, gone_id=Person.objects.get(name="林悦").pk, **WHY),
    ):  # fmt: skip
        with pytest.raises(Refused):
            call()
    assert everything() == before and not PartyChange.objects.exists()


def test_an_identity_is_confirmed_rejected_given_and_each_taken_back(shop: Company) -> None:
    identity, before = Identity.objects.get(external_id="wmchen2"), everything()["identities"]
    confirmed = merging.confirm_identity(identity_id=identity.pk, **WHY)
    identity.refresh_from_db()
    assert identity.certainty == "verified"
    with pytest.raises(WrongState):
        merging.confirm_identity(identity_id=identity.pk, **WHY)
    merging.undo(change_id=confirmed.pk, **WHY)
    rejected = merging.reject_identity(identity_id=identity.pk, **WHY)
    identity.refresh_from_db()
    assert (identity.person.side, identity.certainty) == ("unknown", "unknown") and identity.person.customer is None
    merging.undo(change_id=rejected.pk, **WHY)
    given = merging.assign_identity(identity_id=identity.pk, person_id=shop.contact.pk, **WHY)
    identity.refresh_from_db()
    assert (identity.person, identity.certainty) == (shop.contact, "verified")
    merging.undo(change_id=given.pk, **WHY)
    assert everything()["identities"] == before


def signed_in(role: str) -> Client:
    roles.keep_roles()
    user = User.objects.create_user(f"u{role}", password="x", is_staff=True, display_name="何姐")
    user.groups.set(Group.objects.filter(name=role))
    StaffMember.objects.create(user=user, name="某人")
    client = Client()
    client.force_login(user)
    return client


def test_the_page_shows_who_they_are_and_supervisors_settle_it(shop: Company) -> None:
    client, customer = signed_in(roles.SUPERVISOR), shop.case.customer
    url = f"/admin/people/customer/{customer.pk}/"
    say(shop.group, "lin", "您好，我来跟进", at=NINE)
    page = client.get(f"{url}change/").content.decode()
    for words in ("林悦", shop.case.number, "wrcg", "已核实", "合并"):
        assert words in page, words
    twin = Customer.objects.get(name="陈小姐")
    client.post(f"{url}who/", {"do": "merge", "key": twin.pk, "reason": "同一位"})
    change = PartyChange.objects.get()
    assert change.actor["label"] == "何姐" and "同一位" in client.get(f"{url}change/").content.decode()
    assert "陈小姐" not in client.get("/admin/people/customer/").content.decode()
    assert "陈女士" in client.get(f"/admin/people/customer/{twin.pk}/change/").content.decode()
    client.post(f"{url}who/", {"do": "undo", "key": change.pk, "reason": "弄错了"})
    twin.refresh_from_db()
    assert twin.merged_into is None
    assert client.get(f"{url}edit/").status_code == 200


@pytest.mark.parametrize("role", [role for role in roles.ROLES if role not in (roles.SUPERVISOR, roles.ADMINISTRATOR)])
def test_others_do_not(shop: Company, role: str) -> None:
    client, url = signed_in(role), f"/admin/people/customer/{shop.case.customer_id}/"
    twin = Customer.objects.get(name="陈小姐")
    assert client.post(f"{url}who/", {"do": "merge", "key": twin.pk, "reason": "x"}).status_code == 403
    assert client.get(f"{url}change/").status_code == 200
    assert not PartyChange.objects.exists()


# --- the page of an identity --------------------------------------------------------------------------------------------


def test_an_unknown_sender_is_given_to_whom_the_evidence_names_and_taken_back(shop: Company) -> None:
    client = signed_in(roles.SUPERVISOR)
    customer = shop.case.customer
    customer.phone = "13900001111"
    customer.save()
    message = say(shop.group, "wmstranger", "我是陈女士的先生，单子留的电话 13900001111", at=NINE)
    identity = message.identity
    assert identity is not None
    url = f"/admin/people/identity/{identity.pk}/"
    page = client.get(f"{url}change/").content.decode()
    for words in ("1111", "陈女士", "单子留的电话", "在该客户的会话里发过言"):
        assert words in page, words
    contact = customer.people.get(name="陈女士")
    client.post(f"{url}who/", {"do": "assign", "key": contact.pk, "reason": ""})
    identity.refresh_from_db()
    assert identity.person_id != contact.pk and not PartyChange.objects.exists()  # no reason, no decision
    client.post(f"{url}who/", {"do": "assign", "key": contact.pk, "reason": "本人来电核实"})
    identity.refresh_from_db()
    change = PartyChange.objects.get()
    assert (identity.person_id, identity.certainty) == (contact.pk, IdentityCertainty.VERIFIED)
    assert change.actor["label"] == "何姐"
    entry = Entry.objects.get(refs__party_change=str(change.public_id))
    assert entry.chain.subject_ref == shop.case.public_id
    assert "本人来电核实" in client.get(f"{url}change/").content.decode()
    client.post(f"{url}who/", {"do": "undo", "key": change.pk, "reason": "弄错了"})
    identity.refresh_from_db()
    assert identity.person_id != contact.pk
    assert Entry.objects.filter(refs__party_change=str(change.public_id)).count() == 2


def test_nothing_about_an_identity_changes_without_a_decision(shop: Company) -> None:
    client, identity = signed_in(roles.ADMINISTRATOR), Identity.objects.get(external_id="wmchen2")
    url = f"/admin/people/identity/{identity.pk}/"
    values = {"account": "x", "external_id": "y", "certainty": "verified", "person": identity.person_id}
    assert client.post(f"{url}change/", values).status_code == 403
    assert client.get(f"{url}delete/").status_code == 403
    assert client.get("/admin/people/identity/add/").status_code == 403
    identity.refresh_from_db()
    assert identity.certainty == IdentityCertainty.CANDIDATE


def test_candidates_and_the_box_name_nobody_whom_the_reader_may_not_see(shop: Company) -> None:
    client = signed_in(roles.SUPERVISOR)
    StaffMember.objects.filter(user__username__isnull=False, name="某人").update(visibility="own")
    mine = Customer.objects.create(name="周先生", owner=StaffMember.objects.get(name="某人"))
    person = Person.objects.create(name="陈女士", side="customer", customer=mine)
    identity = identify(account=ACCOUNT, external_id="wmmine", person=person, certainty=IdentityCertainty.CANDIDATE)
    page = client.get(f"/admin/people/identity/{identity.pk}/change/")
    assert page.status_code == 200
    assert str(shop.case.customer.people.get(name="陈女士").pk) not in page.context["candidates"]
    assert page.context["candidates"] == []
    other = shop.case.customer.people.get(name="陈女士")
    answer = client.post(
        f"/admin/people/identity/{identity.pk}/who/", {"do": "assign", "key": other.pk, "reason": "看不见的人"}
    )
    assert answer.status_code == 404
    found = client.get(
        "/admin/autocomplete/", {"app_label": "people", "model_name": "person", "field_name": "customer", "term": "陈"}
    ).json()
    assert found["results"] == []
    page = client.get(f"/admin/people/customer/{mine.pk}/change/").content.decode()
    assert "陈小姐" not in page


def test_the_forms_ask_why_where_it_says_who_somebody_is(shop: Company) -> None:
    client, person = signed_in(roles.SUPERVISOR), shop.contact
    twin = Customer.objects.get(name="陈小姐")
    values = {
        "name": person.name, "side": "customer", "customer": twin.pk, "partner": "", "staff": "", "in_wecom": "on", "relation": "",
    }  # fmt: skip
    url = f"/admin/people/person/{person.pk}/change/"
    assert "请填写原因。" in client.post(url, values).content.decode()
    person.refresh_from_db()
    assert person.customer == shop.case.customer and not PartyChange.objects.exists()
    assert client.post(url, {**values, "relation": "本人", "why": ""}).status_code == 200
    assert client.post(url, {**values, "relation": "本人", "why": "户名是陈小姐"}).status_code == 302
    person.refresh_from_db()
    change = PartyChange.objects.get()
    assert (person.customer, person.relation, change.reason) == (twin, "本人", "户名是陈小姐")
    assert Entry.objects.filter(refs__party_change=str(change.public_id)).exists()
    assert "户名是陈小姐" in client.get(f"/admin/people/person/{person.pk}/history/").content.decode()
    merging.undo(change_id=change.pk, **WHY)
    person.refresh_from_db()
    assert person.customer == shop.case.customer
    # What says nothing about who it is needs no reason.
    assert (
        client.post(url, {**values, "customer": person.customer_id, "relation": "女儿", "why": ""}).status_code == 302
    )


def test_a_customer_s_phone_changes_with_a_reason_that_the_history_shows(shop: Company) -> None:
    client, customer = signed_in(roles.HANDLER), shop.case.customer
    url = f"/admin/people/customer/{customer.pk}/change/"
    values = {
        "name": customer.name,
        "phone": "13900002222",
        "address": "",
        "note": "",
        "language": "zh",
        "team": "",
        "owner": "",
    }
    assert "请填写原因。" in client.post(url, values).content.decode()
    customer.refresh_from_db()
    assert customer.phone != "13900002222"
    assert client.post(url, {**values, "why": "客户来电更换号码"}).status_code == 302
    customer.refresh_from_db()
    assert customer.phone == "13900002222"
    assert "客户来电更换号码" in client.get(f"/admin/people/customer/{customer.pk}/history/").content.decode()
