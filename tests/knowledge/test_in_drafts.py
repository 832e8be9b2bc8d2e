"""Knowledge where it is used: cited in drafts to the minute, read by the gate, learning from verdicts, counting what nobody could answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from aijia import pump
from delivery import ports
from evidence.models import Entry
from foundation.errors import Refused
from knowledge import operations
from knowledge.citing import citations
from knowledge.models import BrandVoice, DailyUse, Gap, KnowledgePolicy, KnowledgeVersion, Proposal
from knowledge.rendering import answer_text
from knowledge.search import find_examples, search
from people.models import Tag
from review import operations as review
from review.admin.page import check
from review.models import Draft, Verdict
from tests.builders import ME, NINE, Company, say
from tests.knowledge.builders import campaign_words, published, team, walk
from triage.models import Decision
from triage.queries import sources_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]
QUESTION = "换新节活动怎么参加"


@pytest.fixture
def shop(ready: Company, settings: object) -> Company:
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"  # type: ignore[attr-defined]
    ports._load.cache_clear()
    return ready


def _asked(shop: Company, text: str, at: object) -> Draft | None:
    before = set(Draft.objects.values_list("pk", flat=True))
    say(shop.group, "wmchen", text, at=at)  # type: ignore[arg-type]
    pump.drain(at, channel=False)  # type: ignore[arg-type]
    return Draft.objects.exclude(pk__in=before).order_by("-pk").first()


def _decide(draft: Draft, shop: Company, do: str, at: object, **more: object) -> Verdict:
    verdict = review.decide(draft_id=draft.pk, by=shop.handler, do=do, actor=ME, at=at, **more)  # type: ignore[arg-type]
    pump.drain(at, channel=False)  # type: ignore[arg-type]
    return verdict


def test_a_campaign_is_cited_from_its_first_minute_to_its_last_and_never_else(shop: Company) -> None:
    author, reviewer, _other = team()
    start, minute = NINE + timedelta(days=7), timedelta(minutes=1)
    campaign = published(
        author, reviewer, **{**campaign_words(start), "title": "换新节活动", "body": "换新节活动期间满3000元减300元。"}
    )  # fmt: skip
    for at, seen in ((start - minute, False), (start, True), (start + timedelta(days=7) - minute, True),
                     (start + timedelta(days=7), False)):  # fmt: skip
        draft = _asked(shop, QUESTION, at)
        assert draft is not None and (campaign in draft.sources.all()) is seen, at
        assert ("满3000元" in draft.text) is seen
    entry = Entry.objects.filter(kind="knowledge_source").first()
    assert entry is not None and entry.refs["knowledge_version"] == str(campaign.public_id)


def test_what_is_over_or_changed_meanwhile_is_not_released(shop: Company) -> None:
    author, reviewer, _other = team()
    version = published(author, reviewer)
    late = _asked(shop, "请问保修期是多久", NINE)
    assert late is not None and list(late.sources.all()) == [version]
    operations.retire(item_id=version.item_id, reason="wrong", actor=ME, at=NINE)
    for do, text in (("approve", ""), ("edit", late.text + "祝好")):
        verdict = _decide(late, shop, do, NINE, text=text)
        assert not verdict.accepted and verdict.refusals[0]["code"] == "source_outdated"
    # It is marked while the words are written, at the place where they stand; other words are not.
    marks = check(late, "您好。" + late.text)
    assert [m["level"] for m in marks] == ["stop"] and version.title in marks[0]["words"] and marks[0]["spans"]
    assert not [m for m in check(late, "陈女士您好，保修规则刚有调整，我核实后回复您。") if m["level"] == "stop"]
    late.refresh_from_db()
    assert late.state == "pending" and late.outbound is None
    assert _decide(late, shop, "edit", NINE, text="陈女士您好，保修规则刚有调整，我核实后回复您。").accepted


def test_decision_draft_and_outbound_name_the_exact_version_and_what_has_changed_since(shop: Company) -> None:
    author, reviewer, _other = team()
    version = published(author, reviewer)
    draft = _asked(shop, "请问保修期是多久", NINE)
    assert draft is not None and _decide(draft, shop, "approve", NINE).accepted
    draft.refresh_from_db()
    assert draft.outbound is not None
    decision = Decision.objects.get(public_id=draft.decision_ref)
    assert list(sources_of(decision)) == [version]
    (cited,) = citations([version], at=NINE)
    assert (cited.holds, cited.since, cited.difference) == (True, "", "")
    newer = operations.new_version(item_id=version.item_id, author=author, actor=ME, at=NINE, body="整机保修两年。")
    walk(newer, reviewer)
    version.refresh_from_db()
    (cited,) = citations([version, version], at=NINE)
    assert not cited.holds and cited.newer == newer and cited.difference.endswith("?from=1&to=2")
    client = Client()
    client.force_login(author.user)  # type: ignore[arg-type]
    for page in (
        reverse("admin:triage_decision_change", args=[decision.pk]),
        reverse("admin:review_draft_change", args=[draft.pk]),
        reverse("admin:delivery_outbound_change", args=[draft.outbound.pk]),
    ):
        text = client.get(page).content.decode()
        assert cited.address in text and cited.difference.replace("&", "&amp;") in text, page
    text = client.get(cited.address).content.decode()
    assert "主要部件保修三年" in text and "整机保修两年。</span>" not in text
    operations.retire(item_id=version.item_id, reason="wrong", actor=ME, at=NINE)
    newer.refresh_from_db()
    (cited,) = citations([newer], at=NINE)
    assert not cited.holds and cited.newer is None and cited.since


def test_verdicts_count_use_and_propose_better_words(shop: Company) -> None:
    author, reviewer, _other = team()
    version = published(author, reviewer)
    for hours, do, more in ((1, "approve", {}), (2, "reject", {"reason_code": "wrong_wording", "reason": "主要部件说漏了"}),
                            (3, "reject", {"reason_code": "answered_otherwise"}),
                            (4, "edit", {"text": "陈女士您好，您这台整机保修一年，压缩机三年，放心用～"})):  # fmt: skip
        at = NINE + timedelta(hours=hours)
        draft = _asked(shop, "请问保修期是多久", at)
        assert draft is not None
        assert _decide(draft, shop, do, at, **more).accepted
    counted = {row.outcome: row.count for row in DailyUse.objects.filter(version=version)}
    assert counted == {"cited": 4, "released": 1, "rejected": 1, "edited": 1}
    update, example = Proposal.objects.order_by("pk")
    assert (update.item, update.note, example.kind) == (version.item, "主要部件说漏了", "tone_example")
    assert "陈女士" not in operations.proposed_words(example)[1]


def test_a_reviewers_better_words_become_an_example_that_is_found(shop: Company) -> None:
    author, reviewer, _other = team()
    published(author, reviewer)
    draft = _asked(shop, "请问保修期是多久", NINE)
    assert draft is not None
    better = "陈女士您好，放心用，整机保修一年，压缩机这些主要部件保三年，有问题随时打13812345678找我。"
    assert _decide(draft, shop, "edit", NINE, text=better).accepted
    proposal = Proposal.objects.get(source="edited_draft")
    found = [one for part in operations.proposal_findings(proposal).values() for one in part]
    with pytest.raises(Refused):
        operations.accept_proposal(proposal_id=proposal.pk, decisions={}, by=author, actor=ME, at=NINE)
    version = operations.accept_proposal(
        proposal_id=proposal.pk, decisions={one.key: "mask" for one in found}, by=author, actor=ME, at=NINE
    )
    assert version.fields["voice"] and "13812345678" not in version.body and "陈女士" not in version.body
    assert find_examples("保修多久", at=NINE) == []
    walk(version, reviewer)
    assert find_examples("整机保修一年，主要部件三年", at=NINE) == [version]
    assert version.pk not in {hit.version.pk for hit in search("保修期是多久", at=NINE)}, "an example answers nobody"
    assert reviewer.user is not None
    client = Client()
    client.force_login(reviewer.user)
    listed = client.get(reverse("admin:knowledge_knowledgeitem_changelist"), {"q": "压缩机这些主要部件"})
    assert list(listed.context["cl"].queryset) == [version.item]
    later = _asked(shop, "那保修期到底多久呀", NINE + timedelta(hours=1))
    assert later is not None
    page = client.get(reverse("admin:review_draft_change", args=[later.pk]))
    assert version.body in page.content.decode()


@pytest.mark.parametrize("gone", [False, True])
def test_a_better_wording_belongs_to_the_voice_of_its_case(shop: Company, gone: bool) -> None:
    author, reviewer, _other = team()
    published(author, reviewer)
    BrandVoice.objects.create(name="亲切")
    BrandVoice.objects.create(name="群里", channels=[shop.group.surface])
    draft = _asked(shop, "请问保修期是多久", NINE)
    assert draft is not None and draft.conversation == shop.group
    assert _decide(draft, shop, "edit", NINE, text="陈女士您好，这台整机保修一年，压缩机三年，放心用。").accepted
    proposal = Proposal.objects.get(source="edited_draft")
    client = Client()
    client.force_login(author.user)  # type: ignore[arg-type]
    page = reverse("admin:knowledge_proposal_change", args=[proposal.pk])
    assert "群里" in client.get(page).content.decode()
    if gone:
        BrandVoice.objects.get(name="群里").delete()
    version = operations.accept_proposal(
        proposal_id=proposal.pk,
        decisions={
            one.key: "mask" for part in operations.proposal_findings(proposal).values() for one in part
        },
        by=author, actor=ME, at=NINE,
    )  # fmt: skip
    assert version.fields["voice"] == ("亲切" if gone else "群里")


def test_another_time_alone_is_no_better_wording(shop: Company) -> None:
    verdict = {
        "draft_ref": "d1",
        "versions": [],
        "outcome": "edited",
        "reason": "",
        "names": [],
        "actor": ME,
        "at": NINE,
    }
    assert not operations.record_verdict(proposed="师傅明天上午10点到。", final="师傅后天下午3点到！", **verdict)  # type: ignore[arg-type]
    assert operations.record_verdict(
        proposed="师傅明天上午10点到。", final="师傅明天上午10点会到您家，到之前先给您来电。", **verdict
    )  # type: ignore[arg-type]


def test_a_question_that_nobody_could_answer_is_a_gap(shop: Company) -> None:
    _asked(shop, "请问能不能刷花呗分期？", NINE)
    _asked(shop, "可以用花呗分期吗", NINE + timedelta(hours=1))
    assert [(row.count, row.state) for row in Gap.objects.all()] == [(2, "open")]


def test_published_patterns_stop_a_text_at_the_gate(shop: Company) -> None:
    operations.seed(kind="policy", title="滤芯质量", body="滤芯 99% 有效去除杂质。", at=NINE)
    operations.seed(
        kind="brand_rule", title="有效率", body="不说有效率", fields={"patterns": ["/\\d+%\\s*有效/"]}, at=NINE
    )
    operations.seed(
        kind="platform_rule", title="站外", body="不引导站外", channels=["tmall"], fields={"patterns": ["去除杂质"]}, at=NINE
    )  # fmt: skip
    draft = _asked(shop, "滤芯质量怎么样", NINE)
    assert draft is not None
    codes = [reason["code"] for reason in draft.reasons]
    assert "brand_rule" in codes and "platform_rule" not in codes
    assert not _decide(draft, shop, "approve", NINE).accepted


def test_words_speak_the_language_they_were_written_in_whatever_the_worker_speaks(shop: Company) -> None:
    from django.utils import translation

    from cases.models import DueRule

    DueRule.objects.create(flow=shop.flow, state="waiting_appointment", minutes=480)
    zh = operations.seed(
        kind="service_flow",
        title="维修要多久",
        body="{due:waiting_appointment}内联系您，凭{proof}结束。",
        at=NINE,
        flow=shop.flow,
    )
    en = operations.seed(
        kind="service_flow",
        title="How long",
        body="We call within {due:waiting_appointment}; we need {proof}.",
        at=NINE,
        flow=shop.flow,
    )
    bare = operations.seed(kind="material_list", title="报修材料", body="", at=NINE, flow=shop.flow)
    for language in ("en", "zh-hans"):
        with translation.override(language):
            rows = {row.pk: row for row in KnowledgeVersion.objects.select_related("item__flow")}
            assert answer_text(rows[zh.pk], language="en") == "8小时内联系您，凭照片或视频结束。"
            assert answer_text(rows[en.pk], language="zh") == "We call within 8 hours; we need a photo or video."
            assert answer_text(rows[bare.pk]) == "办理上门维修，请您提供：铭牌照片。"
            assert answer_text(rows[bare.pk], language="en") == "For 上门维修, please send: 铭牌照片."


def test_a_draft_is_made_from_what_applies_to_the_case_the_place_and_the_customer(shop: Company) -> None:
    operations.seed(kind="policy", title="安装费 天猫", body="天猫订单免安装费。", channels=["tmall"], at=NINE)
    draft = _asked(shop, "请问安装费怎么收", NINE)
    assert draft is None or not draft.sources.exists()
    member = operations.seed(
        kind="membership_rule", title="生日礼", body="会员生日当月送100元券。", audience="member", at=NINE
    )
    at = NINE + timedelta(minutes=10)
    draft = _asked(shop, "请问生日有什么礼物吗，生日礼怎么领", at)
    assert draft is None or not draft.sources.exists()
    policy = KnowledgePolicy.objects.create(pk=1)
    tag = Tag.objects.create(name="会员")
    policy.member_tags.add(tag)
    shop.case.customer.tags.add(tag)
    draft = _asked(shop, "请问生日有什么礼物吗，生日礼怎么领", at + timedelta(minutes=10))
    assert draft is not None and list(draft.sources.all()) == [member]


def test_a_quantity_is_told_from_the_text_that_says_it_and_from_no_other(shop: Company) -> None:
    """Asked in short and in dialect, and whatever the engine takes the topic for."""
    at = NINE
    item = operations.seed(
        kind="product", title="双层滤纸参数", body="双层滤纸，直径9厘米，每包100张，每箱40包，耐温120度。", at=NINE
    )
    for question, told in (
        ("双层滤纸一箱几包来着", True),
        ("双层那个滤纸耐得住好多度哦", True),
        ("双层滤纸一箱有好重", False),
        ("滤纸可以丢洗碗机洗不", False),
    ):
        at += timedelta(minutes=10)
        draft = _asked(shop, question, at)
        assert draft is not None and (list(draft.sources.all()) == [item]) is told, (question, draft.text)
