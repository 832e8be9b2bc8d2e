"""Other systems read and search knowledge, and propose some; only editors make anything of it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from aijia.api.models import Scope
from aijia.roles import AUDITOR, MANAGER, ROLES, keep_roles
from delivery.models import Outbound
from knowledge import operations
from knowledge.models import Proposal
from people.models import StaffMember, User
from review.models import Draft
from tests.api.conftest import Caller, Make
from tests.builders import ME, Company
from triage.models import Decision

pytestmark = pytest.mark.django_db
BODY = {
    "kind": "policy",
    "title": "空调可以移机吗",
    "body": "可以预约移机，打13812345678。",
    "reference": "faq-88",
    "note": "商城常问",
}


def test_knowledge_is_read_as_a_customer_reads_it_and_found_where_it_applies(shop: Company, handler: Caller) -> None:
    now = timezone.now()
    version = operations.seed(
        kind="material_list",
        title="报修要发什么",
        body="请发：{materials}",
        at=now,
        flow=shop.flow,
        products=["RS-100"],
        questions=["报修材料"],
    )
    row = handler.get(f"/knowledge/{version.public_id}/").json()
    assert (
        row["answer"].startswith("请发：铭牌照片")
        and row["questions"] == ["报修材料"]
        and row["products"] == ["RS-100"]
    )
    found = [
        hit["version"]["id"] for hit in handler.get("/knowledge/search/", q="报修要发什么材料", product="RS-100").json()
    ]
    assert found == [str(version.public_id)]
    assert handler.get("/knowledge/search/", q="报修要发什么材料", product="BCD-452W").json() == []


def test_what_is_proposed_waits_for_an_editor_and_is_shown_masked(shop: Company, handler: Caller) -> None:
    made = handler.post("/knowledge-proposals/", BODY, **{"Idempotency-Key": "k1"})
    assert made.status_code == 201
    row = made.json()
    assert (row["state"], row["body"], row["version"]) == ("open", "可以预约移机，打【电话】。", None)
    again = handler.post("/knowledge-proposals/", BODY, **{"Idempotency-Key": "k1"})
    assert again["Idempotent-Replay"] == "true" and again.json()["id"] == row["id"]
    assert handler.post("/knowledge-proposals/", {**BODY, "body": "可以。"}).json()["id"] == row["id"]
    proposal = Proposal.objects.get()
    version = operations.accept_proposal(
        proposal_id=proposal.pk, decisions={}, by=shop.handler, actor=ME, at=timezone.now()
    )
    row = handler.get(f"/knowledge-proposals/{row['id']}/").json()
    assert (row["state"], row["title"], row["version"]) == ("accepted", "", str(version.public_id))
    assert handler.get("/knowledge-proposals/", reference="faq-88").json()["results"][0]["id"] == row["id"]
    assert handler.get(f"/knowledge/{version.public_id}/").status_code == 404


def test_proposing_needs_its_scope_and_sense(shop: Company, make: Make) -> None:
    reader = make(shop.handler, Scope.KNOWLEDGE_READ)
    assert reader.post("/knowledge-proposals/", BODY).status_code == 403
    writer = make(shop.handler, Scope.KNOWLEDGE_PROPOSE)
    assert writer.post("/knowledge-proposals/", {**BODY, "kind": "gossip"}).status_code == 400
    assert (
        writer.post("/knowledge-proposals/", {**BODY, "item": "00000000-0000-0000-0000-000000000000"}).status_code
        == 404
    )
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("role", list(ROLES))
def test_who_only_looks_puts_nothing_before_the_editors(shop: Company, make: Make, role: str) -> None:
    keep_roles()
    user = User.objects.create_user("somebody", password="x", is_staff=True)
    user.groups.set(Group.objects.filter(name=role))
    caller = make(StaffMember.objects.create(name="某人", user=user, visibility="all"))
    answer = caller.post("/knowledge-proposals/", BODY)
    looks = role in (MANAGER, AUDITOR)
    assert answer.status_code == (403 if looks else 201) and Proposal.objects.exists() is not looks
    if looks:
        assert answer.json()["code"] == "right_missing"
        assert caller.get("/knowledge-proposals/").status_code == 200


def test_proposals_from_chats_are_not_shown_to_other_systems(shop: Company, handler: Caller) -> None:
    operations.propose(source="case", kind="policy", title="陈女士问", body="答", actor=ME, at=timezone.now())
    assert handler.get("/knowledge-proposals/").json()["results"] == []


def test_draft_decision_and_outbound_name_the_versions_that_they_cite(shop: Company, handler: Caller) -> None:
    version = operations.seed(kind="policy", title="保修期", body="整机保修一年。", at=timezone.now())
    draft = Draft.objects.earliest("pk")
    draft.outbound, draft.decision_ref = Outbound.objects.earliest("pk"), Decision.objects.earliest("pk").public_id
    draft.save(update_fields=["outbound", "decision_ref"])
    draft.sources.add(version)
    pages = (
        f"/drafts/{draft.public_id}/",
        f"/outbound/{draft.outbound.public_id}/",
        f"/decisions/{draft.decision_ref}/",
    )
    for page in pages:
        (source,) = [one for one in handler.get(page).json()["sources"] if one["id"] == str(version.public_id)]
        assert (source["number"], source["state"], source["holds"], source["newer"]) == (1, "published", True, None)
    operations.retire(item_id=version.item_id, reason="outdated", actor=ME, at=timezone.now())
    for page in pages:
        (source,) = [one for one in handler.get(page).json()["sources"] if one["id"] == str(version.public_id)]
        assert (source["state"], source["holds"]) == ("retired", False)
