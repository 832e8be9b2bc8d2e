"""What was typed by hand and should not have been: kept for quality, and put before the editors, masked, once for the same words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from aijia import pump
from delivery import ports
from knowledge import operations
from knowledge.models import KnowledgeItem, Proposal, ProposalState
from review import operations as review
from review.models import Finding
from tests.builders import ME, NINE, Company, company, say
from tests.knowledge.builders import colleague, team

pytestmark = pytest.mark.django_db
SAID = "陈女士您好，保证退款没问题，有事打13812345678。"


@pytest.fixture
def shop(settings: object) -> Company:
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"  # type: ignore[attr-defined]
    ports._load.cache_clear()
    operations.seed(
        kind="forbidden_commitment", title="退款承诺", body="“保证退款”不能说。", fields={"patterns": ["保证退款"]}, at=NINE
    )  # fmt: skip
    return company()


def _typed(shop: Company, text: str, hours: int) -> None:
    at = NINE + timedelta(hours=hours)
    say(shop.group, "lin", text, at=at)
    pump.drain(at, channel=False)


def _decisions(proposal: Proposal) -> dict[str, str]:
    return {one.key: "mask" for part in operations.proposal_findings(proposal).values() for one in part}


def test_a_finding_becomes_one_masked_proposal_with_a_count(shop: Company) -> None:
    _typed(shop, SAID, 1)
    _typed(shop, "您好，我们保证退款。", 2)
    assert list(Finding.objects.values_list("kind", "words")) == [("forbidden_commitment", "保证退款")] * 2
    proposal = Proposal.objects.get(source="qa_finding")
    assert (proposal.kind, proposal.note, proposal.state) == ("qa_finding", "×2", ProposalState.OPEN)
    title, body = operations.proposed_words(proposal)
    assert "保证退款" in title and body == "我们保证退款。"
    _typed(shop, SAID, 3)
    _title, body = operations.proposed_words(Proposal.objects.get(source="qa_finding"))
    assert "保证退款" in body and "13812345678" not in body and "陈女士" not in body


def test_a_finding_becomes_an_item_of_its_own_or_an_example_of_the_rule(shop: Company) -> None:
    author, _reviewer, _other = team()
    _typed(shop, SAID, 1)
    proposal = Proposal.objects.get(source="qa_finding")
    made = operations.accept_proposal(
        proposal_id=proposal.pk, decisions=_decisions(proposal), by=author, actor=ME, at=NINE
    )
    assert made.kind == "qa_finding" and made.state == "draft" and "保证退款" in made.fields["wrong"][0]
    assert "13812345678" not in str(made.fields) and operations.findings_of(made) == []

    _typed(shop, SAID, 2)
    rule = KnowledgeItem.objects.get(title="退款承诺")
    again = Proposal.objects.get(source="qa_finding", state="open")
    version = operations.accept_proposal(
        proposal_id=again.pk, decisions=_decisions(again), by=author, actor=ME, at=NINE, onto=rule
    )
    assert version.item == rule and version.number == 2 and version.state == "draft"
    assert version.body == "“保证退款”不能说。" and "保证退款" in version.fields["examples"][0]
    assert version.fields["patterns"] == ["保证退款"] and "保证退款" in version.note


def test_the_page_of_a_finding_says_why_in_words_and_offers_the_rule(shop: Company) -> None:
    _typed(shop, SAID, 1)
    staff = colleague("何姐")
    staff.visibility = "all"
    staff.save()
    assert staff.user is not None
    client = Client()
    client.force_login(staff.user)
    with translation.override("en"):
        client.cookies["django_language"] = "en"
        listed = client.get(reverse("admin:review_finding_changelist")).content.decode()
        assert "Nobody may promise “保证退款”" in listed and ">forbidden_commitment<" not in listed
    proposal = Proposal.objects.get(source="qa_finding")
    page = client.get(reverse("admin:knowledge_proposal_change", args=[proposal.pk])).content.decode()
    rule = KnowledgeItem.objects.get(title="退款承诺")
    assert f'<option value="{rule.pk}">' in page
    decisions = {f"finding-{key}": value for key, value in _decisions(proposal).items()}
    client.post(
        reverse("admin:knowledge_proposal_decide", args=[proposal.pk]), {"do": "accept", "onto": rule.pk, **decisions}
    )
    proposal.refresh_from_db()
    assert proposal.version is not None and proposal.version.item == rule


def test_a_finding_is_handled_once(shop: Company) -> None:
    _typed(shop, SAID, 1)
    finding = Finding.objects.get()
    review.handle_finding(finding_id=finding.pk, at=NINE)
    review.handle_finding(finding_id=finding.pk, at=NINE + timedelta(days=1))
    finding.refresh_from_db()
    assert finding.handled_at == NINE
