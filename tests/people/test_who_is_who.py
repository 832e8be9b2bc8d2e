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
from tests.builders import ACCOUNT, ME, NINE, Company, company, conversation, say

pytestmark = pytest.mark.django_db
WHY: Any = {"reason": "同一位客户，电话核实", "actor": ME, "at": NINE}


@pytest.fixture
def shop() -> Company:
    """The company, and a second row for the same customer with a chat and a person of its own."""
    shop = company()
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
