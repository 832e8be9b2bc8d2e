"""From chat to knowledge: masked, confirmed, never raw; rejections and gaps lead to better knowledge."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from foundation.errors import Refused, WrongState
from knowledge import operations
from knowledge.models import DailyUse, Gap, Proposal, QualityFlag
from knowledge.operations.quality import compare
from tests.builders import company, say
from tests.knowledge.builders import ME, NINE, campaign_words, draft, published, team, walk

pytestmark = pytest.mark.django_db


def test_a_case_becomes_a_draft_only_when_every_finding_is_confirmed() -> None:
    shop = company()
    say(shop.group, "wmchen", "您好，我是陈女士，电话13812345678，请问滤芯多久换一次？", at=NINE)
    say(shop.partner_group, "wmwang", "成本价八十，别告诉客户", at=NINE + timedelta(minutes=1))
    say(
        shop.group,
        "lin",
        "陈女士您好，RO膜建议两年换一次，可以打400-820-1234预约，谢谢",
        at=NINE + timedelta(minutes=2),
    )
    proposal = operations.propose_from_case(case=shop.case, actor=ME, at=NINE)
    assert "成本" not in proposal.title + proposal.body
    with connection.cursor() as cursor:
        cursor.execute("SELECT title, body, names FROM knowledge_proposal")
        assert "13812345678" not in str(cursor.fetchone())
    title, body = operations.proposed_words(proposal)
    assert "13812345678" not in title and "陈女士" not in title + body
    found = [one for part in operations.proposal_findings(proposal).values() for one in part]
    assert {one.kind for one in found} >= {"name", "phone"}
    with pytest.raises(Refused):
        operations.accept_proposal(proposal_id=proposal.pk, decisions={}, by=shop.handler, actor=ME, at=NINE)
    decisions = {one.key: "keep" if one.text.startswith("400") else "mask" for one in found}
    version = operations.accept_proposal(
        proposal_id=proposal.pk, decisions=decisions, by=shop.handler, actor=ME, at=NINE, title="滤芯多久换一次"
    )
    assert version.state == "draft" and "400-820-1234" in version.body and "【" not in version.title
    assert operations.findings_of(version) == []
    row = Proposal.objects.get()
    assert (row.title, row.body, row.names, row.state) == ("", "", "", "accepted")
    with pytest.raises(WrongState):
        operations.dismiss_proposal(proposal_id=proposal.pk, actor=ME, at=NINE)


def test_a_draft_with_personal_data_is_not_let_through() -> None:
    author, _reviewer, _other = team()
    version = draft(author, body="请打13812345678找王师傅，公司热线400-820-1234。", questions=["陈女士问的保修"])
    with pytest.raises(Refused) as refusal:
        operations.desensitize(version_id=version.pk, by=author, actor=ME, at=NINE)
    assert refusal.value.code == "personal_data"
    found = operations.findings_of(version)
    decisions = {one.key: "keep" if one.text.startswith("400") else "mask" for one in found}
    version = operations.settle_findings(version_id=version.pk, decisions=decisions, actor=ME, at=NINE)
    assert version.body == "请打【电话】找【客户】师傅，公司热线400-820-1234。"
    assert version.questions == ["【客户】女士问的保修"]
    assert operations.desensitize(version_id=version.pk, by=author, actor=ME, at=NINE).state == "desensitized"


def test_a_rejected_text_proposes_an_update_and_a_better_one_an_example() -> None:
    author, reviewer, _other = team()
    version = published(author, reviewer)
    verdict = dict(
        draft_ref="d1", versions=[version], proposed="一年", reason="数字不对", names=["小葵"], actor=ME, at=NINE
    )
    [proposal] = operations.record_verdict(outcome="rejected", final="", **verdict)  # type: ignore[arg-type]
    assert (proposal.item, proposal.note, proposal.kind) == (version.item, "数字不对", "policy")
    operations.record_verdict(outcome="rejected", final="", **verdict)  # type: ignore[arg-type]
    assert Proposal.objects.count() == 1
    [better] = operations.record_verdict(outcome="edited", final="小葵您好，保修一年，放心用～", **verdict)  # type: ignore[arg-type]
    assert better.kind == "tone_example" and operations.proposed_words(better)[1] == "保修一年，放心用～"
    assert {(row.outcome, row.count) for row in DailyUse.objects.all()} == {("rejected", 2), ("edited", 1)}
    new = operations.accept_proposal(
        proposal_id=proposal.pk, decisions={}, by=author, actor=ME, at=NINE, body="整机保修两年。"
    )
    assert (new.item, new.number, new.body) == (version.item, 2, "整机保修两年。")


def test_the_same_question_counts_up_one_gap_and_is_masked() -> None:
    for text in ("请问能不能刷花呗分期？", "可以用花呗分期吗", "我是陈女士，花呗分期可以吗，电话13812345678"):
        operations.record_gap(question=text, at=NINE)
    operations.record_gap(question="门店周日营业吗", at=NINE)
    first = Gap.objects.order_by("-count").first()
    assert first is not None and first.count == 3 and Gap.objects.count() == 2
    assert "13812345678" not in str(first.examples) + first.question
    version = draft(None)
    operations.settle_gap(gap_id=first.pk, item=version.item, actor=ME, at=NINE)
    with pytest.raises(WrongState):
        operations.settle_gap(gap_id=first.pk, actor=ME, at=NINE)
    operations.record_gap(question="请问能不能刷花呗分期？", at=NINE)
    assert Gap.objects.filter(state="open", question__contains="花呗").count() == 1


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (
            ("保修期", "整机保修一年，主要部件保修三年。"),
            ("整机保修期", "整机保修两年，主要部件保修五年。"),
            "contradiction",
        ),
        (("保修期", "整机保修一年，主要部件保修三年。"), ("保修期限", "整机保修1年，主要部件保修三年。"), "duplicate"),
        (("开封退货", "开封后可以退货，运费自理。"), ("开封退货规则", "开封后不可以退货，运费自理。"), "contradiction"),
        (("保修期", "整机保修一年。"), ("滤芯更换", "滤芯三个月换一次。"), None),
        (("吸尘器多少瓦", "吸尘器的参数请看说明书第九页。"), ("吸尘器多重", "吸尘器的参数请看说明书第九页。"), None),
        (("成人票退票", "开场前可以退票。"), ("儿童票退票", "开场前可以退票。"), None),
        (("怎么开发票", "在订单页申请电子发票。"), ("发票如何申请", "在订单页申请电子发票。"), "duplicate"),
    ],
)
def test_duplicates_and_contradictions_are_told_apart(
    first: tuple[str, str], second: tuple[str, str], kind: str | None
) -> None:
    one, other = (operations.seed(kind="policy", title=title, body=body, at=NINE) for title, body in (first, second))
    seen = compare(one, other)
    assert (seen[0] if seen else None) == kind
    operations.flag_version(version=other, at=NINE)
    assert [row.kind for row in QualityFlag.objects.all()] == ([kind] if kind else [])


def test_a_flag_says_the_difference_in_the_order_of_its_sides() -> None:
    author, reviewer, _other = team()
    first = published(author, reviewer, body="整机保修一年。")
    second = published(author, reviewer, body="整机保修两年。")
    for version in (second, first):
        operations.flag_version(version=version, at=NINE)
        assert QualityFlag.objects.get().detail == "一年 ≠ 两年"


def test_a_dismissed_flag_stays_dismissed() -> None:
    operations.seed(kind="policy", title="保修期", body="整机保修一年。", at=NINE)
    other = operations.seed(kind="policy", title="保修期", body="整机保修两年。", at=NINE)
    operations.flag_version(version=other, at=NINE)
    operations.dismiss_flag(flag_id=QualityFlag.objects.get().pk, actor=ME, at=NINE)
    operations.flag_version(version=other, at=NINE)
    assert QualityFlag.objects.get().dismissed_at == NINE


def test_what_was_published_while_nothing_ran_is_compared_when_it_runs_again() -> None:
    author, reviewer, _other = team()
    published(author, reviewer)
    published(author, reviewer, body="整机保修两年，主要部件保修五年。")
    late = NINE + timedelta(days=9)
    assert operations.sweep_quality(at=late, limit=1) == 1
    assert operations.sweep_quality(at=late) == 1
    flag = QualityFlag.objects.get()
    assert flag.kind == "contradiction"
    assert operations.sweep_quality(at=late) == 0, "each is compared once"


def test_a_campaign_is_compared_from_its_first_minute_on() -> None:
    author, reviewer, _other = team()
    start = NINE + timedelta(days=7)
    published(author, reviewer, **campaign_words(start))
    assert operations.sweep_quality(at=NINE) == 0
    assert operations.sweep_quality(at=start) == 1


def test_a_dismissed_flag_comes_back_when_the_two_differ_elsewhere() -> None:
    author, reviewer, _other = team()
    published(author, reviewer)
    other = published(author, reviewer, body="整机保修两年，主要部件保修五年。")
    operations.sweep_quality(at=NINE)
    operations.dismiss_flag(flag_id=QualityFlag.objects.get().pk, actor=ME, at=NINE)
    again = operations.new_version(
        item_id=other.item_id, author=author, actor=ME, at=NINE, body="整机保修四年，主要部件保修八年。"
    )
    walk(again, reviewer)
    operations.sweep_quality(at=NINE)
    assert QualityFlag.objects.get().dismissed_at is None


def test_what_renders_a_flow_is_compared_anew_when_the_flow_changes() -> None:
    author, reviewer, _other = team()
    shop = company()
    published(author, reviewer, kind="material_list", title="材料", body="{materials}", flow=shop.flow)
    operations.sweep_quality(at=NINE)
    shop.flow.name = "另一个名字"
    shop.flow.save()
    assert operations.sweep_quality(at=NINE) == 1
