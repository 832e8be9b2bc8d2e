"""Finding what may be said: in both languages, in any spelling, for whom it applies; what is found is what is published now."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from cases.models import ServiceFlow
from knowledge import index, operations
from knowledge.models import IndexedItem, IndexPostings, IndexState, KnowledgeVersion
from knowledge.search import find, search
from tests.builders import company
from tests.knowledge.builders import ME, NINE, published, team

pytestmark = pytest.mark.django_db

ITEMS = (
    ("policy", "保修期", "整机保修一年，主要部件（压缩机、电机）保修三年，从签收之日起算。"),
    (
        "policy",
        "七天无理由退货",
        "签收七天内，商品未安装使用、包装和配件齐全的，支持七天无理由退货，退回运费由买家承担。",
    ),
    ("product", "净水器滤芯更换周期", "PP棉滤芯建议3到6个月更换，RO膜建议24到36个月更换，屏幕上有提示灯。"),
    ("product", "洗衣机首次使用", "第一次使用前请拆除背后的四颗运输螺栓，空机洗一次筒再放衣物。"),
    ("membership_rule", "会员延保", "银卡会员整机延保三个月，金卡会员整机延保六个月。"),
    ("policy", "开发票", "电子发票在订单页申请，三个工作日内发到邮箱。"),
    ("policy", "Shipping time", "Orders ship within two business days. Delivery takes three to five days."),
)


@pytest.fixture
def shelf() -> dict[str, KnowledgeVersion]:
    return {title: operations.seed(kind=kind, title=title, body=body, at=NINE) for kind, title, body in ITEMS}


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("保修期是多久", "保修期"),
        ("你们质保几年啊", "保修期"),
        ("包修多长时间", "保修期"),
        ("這台機器保固多久", "保修期"),
        ("how long is the warranty", "保修期"),
        ("what does the warrenty cover", "保修期"),
        ("买了不喜欢可以退换吗，七天之内", "七天无理由退货"),
        ("濾芯多久換一次", "净水器滤芯更换周期"),
        ("ＲＯ膜多久更换", "净水器滤芯更换周期"),
        ("洗衣机第一次用要注意什么", "洗衣机首次使用"),
        ("金卡会员延保几个月", "会员延保"),
        ("怎么开票", "开发票"),
        ("how long does delivery take", "Shipping time"),
    ],
)
def test_a_question_finds_its_answer_in_any_spelling(shelf: object, question: str, title: str) -> None:
    hits = search(question, at=NINE)
    assert hits and hits[0].version.title == title


@pytest.mark.parametrize(
    "question", ["今天天气怎么样", "你好", "在吗", "师傅几点到", "", "？？", "hello there", "能便宜点吗"]
)
def test_what_nobody_wrote_is_not_answered(shelf: object, question: str) -> None:
    assert search(question, at=NINE) == []


def test_other_ways_to_ask_are_found() -> None:
    operations.seed(kind="policy", title="以旧换新", body="旧机按新旧折价。", questions=["家里老空调能抵钱吗"], at=NINE)
    assert search("老空调能不能抵钱", at=NINE)[0].version.title == "以旧换新"


def test_only_what_applies_is_found() -> None:
    shop = company()
    other = operations.seed(kind="policy", title="安装费", body="安装费由商家承担，免费安装。", at=NINE, flow=shop.flow)
    gold = operations.seed(kind="policy", title="安装费 会员", body="会员安装费再减。", at=NINE, audience="member")
    tmall = operations.seed(kind="policy", title="安装费 天猫", body="天猫订单免安装费。", at=NINE, channels=["tmall"])
    fridge = operations.seed(
        kind="policy", title="安装费 冰箱", body="冰箱不需要安装费。", at=NINE, products=["BCD-452W"]
    )
    internal = operations.seed(
        kind="policy", title="安装费 内部", body="内部安装费结算价。", at=NINE, audience="internal"
    )
    everything = {version.pk for version in (other, tmall, fridge)}

    def found(**applies: object) -> set[int]:
        return {hit.version.pk for hit in search("安装费怎么算", at=NINE, limit=9, **applies)}  # type: ignore[arg-type]

    assert found() == everything
    assert found(audience="member") == everything | {gold.pk}
    assert found(audience="internal") == everything | {gold.pk, internal.pk}
    assert found(channels=["jd"]) == everything - {tmall.pk}
    assert found(product="RS-100") == everything - {fridge.pk}
    assert found(product="bcd-452w 双门") == everything
    assert found(kinds={"product"}) == set()
    another = ServiceFlow.objects.create(
        key="x", name="x", service_context="none", calendar=shop.flow.calendar, supervisor=shop.supervisor,
        fallback_owner=shop.handler,
    )  # fmt: skip
    assert found(flow=another) == everything - {other.pk}


def test_rules_and_internal_kinds_never_answer_a_customer() -> None:
    for kind in ("forbidden_commitment", "risk_hint", "partner_boundary", "tone_example", "qa_finding"):
        operations.seed(kind=kind, title="保修期延长", body="保修期最多延长到两年。", at=NINE)
    assert search("保修期延长多久", at=NINE) == []


def _snapshot() -> tuple[dict[tuple[str, int], bytes], int]:
    rows = {(row.term, row.block): bytes(row.postings) for row in IndexPostings.objects.all()}
    return rows, IndexState.objects.get().items


def test_an_index_that_was_kept_up_is_the_one_that_is_built_anew() -> None:
    author, reviewer, _other = team()
    dice = random.Random(7)
    versions = [
        published(author, reviewer, title=f"{title} {number}", body=body)
        for number in range(3)
        for kind, title, body in ITEMS[:4]
    ]
    index.rebuild(at=NINE)
    for version in dice.sample(versions, 6):
        operations.retire(item_id=version.item_id, reason="outdated", actor=ME, at=NINE)
    for version in list(KnowledgeVersion.objects.published())[:3]:
        from tests.knowledge.builders import walk

        walk(
            operations.new_version(
                item_id=version.item_id, author=author, actor=ME, at=NINE, body="新的说明：保修两年。"
            ),
            reviewer,
        )
    kept, count = _snapshot()
    lengths = IndexState.objects.get().lengths
    index.rebuild(at=NINE)
    anew, count_anew = _snapshot()
    assert count == count_anew == KnowledgeVersion.objects.published().count()
    assert kept.keys() == anew.keys()
    assert {key: value[: 2 * len(value) // 3] for key, value in kept.items()} == {
        key: value[: 2 * len(value) // 3] for key, value in anew.items()
    }
    assert lengths != {}


def test_a_publication_that_fails_leaves_the_index_as_it_was(shelf: object) -> None:
    from django.db import transaction

    before = _snapshot()
    with pytest.raises(RuntimeError), transaction.atomic():
        operations.seed(kind="policy", title="保修期延长", body="延长", at=NINE)
        raise RuntimeError
    assert _snapshot() == before


def test_common_terms_are_left_for_later_and_still_count(monkeypatch: pytest.MonkeyPatch, shelf: object) -> None:
    from knowledge import search as module

    def order() -> list[tuple[str, float]]:
        return [(hit.version.title, round(hit.rank, 3)) for hit in find("保修期是多久，整机还是部件", at=NINE, limit=3)]

    whole = order()
    monkeypatch.setattr(module, "READ", 3)
    found = order()
    assert found == whole[: len(found)] and found


def test_other_rules_of_terms_ask_for_a_new_index(shelf: object, monkeypatch: pytest.MonkeyPatch) -> None:
    assert operations.sweep_index(at=NINE) == 0
    IndexState.objects.update(rules="older")
    assert operations.sweep_index(at=NINE) == len(ITEMS)
    assert operations.sweep_index(at=NINE) == 0


def test_a_flow_that_changes_changes_what_its_item_says_and_how_it_is_found() -> None:
    from cases.models import MaterialRequirement

    shop = company()
    version = operations.seed(
        kind="material_list", title="报修要哪些材料", body="请发：{materials}", at=NINE, flow=shop.flow
    )
    assert search("报修要发铭牌照片吗", at=NINE)[0].version.pk == version.pk
    MaterialRequirement.objects.create(flow=shop.flow, key="invoice", name="购机发票", count=2)
    from knowledge.rendering import answer_text

    version = KnowledgeVersion.objects.select_related("item__flow").get(pk=version.pk)
    assert answer_text(version) == "请发：铭牌照片、购机发票 ×2"
    assert "购机发票" in IndexedItem.objects.get(item=version.item).said


def test_searching_asks_the_database_a_fixed_number_of_times(
    shelf: object, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        search("保修期多久，滤芯多久换", at=NINE + timedelta(days=1))


def test_of_one_thing_for_several_products_the_one_that_is_named_answers() -> None:
    for name, months in (("RS-100", 12), ("RS-200", 24)):
        operations.seed(kind="product", title="滤芯更换周期", body=f"滤芯{months}个月一换。", products=[name], at=NINE)

    def first(question: str, **applies: object) -> str:
        hits = search(question, at=NINE, **applies)  # type: ignore[arg-type]
        return hits[0].version.body if len(hits) == 1 else str(len(hits))

    assert first("RS-200的滤芯多久换") == "滤芯24个月一换。"
    assert first("滤芯多久换一次") == "2"
    assert first("滤芯多久换一次", context="陈女士 RS-100净水器") == "滤芯12个月一换。"
    assert first("RS-200的滤芯多久换", context="陈女士 RS-100净水器") == "滤芯24个月一换。"
    assert first("滤芯多久换一次", context="陈女士 退货") == "2"


def test_what_is_about_another_matter_answers_only_who_names_it() -> None:
    shop = company()
    other = ServiceFlow.objects.create(
        key="visa", name="签证", service_context="material_collection", calendar=shop.flow.calendar,
        supervisor=shop.supervisor, fallback_owner=shop.handler,
    )  # fmt: skip
    operations.seed(kind="policy", title="签证要交的材料", body="护照和照片。", flow=other, at=NINE)

    def first(question: str, **applies: object) -> str:
        hits = search(question, at=NINE, **applies)  # type: ignore[arg-type]
        return hits[0].version.title if hits else ""

    assert first("要交什么材料") == first("要交什么材料", matter=other) == "签证要交的材料"
    assert first("要交什么材料", matter=shop.flow) == ""
    assert first("签证要交什么材料", matter=shop.flow) == "签证要交的材料"
    operations.seed(kind="policy", title="维修要交的材料", body="铭牌照片。", flow=shop.flow, at=NINE)
    assert first("要交什么材料", matter=shop.flow) == "维修要交的材料"


def test_a_channel_is_known_by_any_of_its_names() -> None:
    operations.seed(kind="policy", title="安装费", body="安装费由商家承担。", channels=["企业微信"], at=NINE)
    operations.seed(kind="policy", title="安装费 天猫", body="天猫订单免安装费。", channels=["天猫"], at=NINE)
    found = {hit.version.title for hit in search("安装费怎么算", at=NINE, channels=("wecom", "kf"))}
    assert found == {"安装费"}


def test_a_list_of_postings_takes_a_weight_in_at_its_place_and_out_again() -> None:
    held: dict[int, int] = {}
    postings = b""
    for offset, weight in ((7, 3), (16383, 255), (0, 1), (300, 9), (7, 4), (300, None), (5, None), (0, None), (256, 2)):
        if weight is None:
            held.pop(offset, None)
        else:
            held[offset] = weight
        postings = index.with_weight(postings, offset, weight)
        offsets, weights = index.decode(postings)
        assert dict(zip(offsets.tolist(), weights.tolist(), strict=True)) == held
        assert offsets.tolist() == sorted(held)
    for offset in list(held):
        postings = index.with_weight(postings, offset, None)
    assert postings == b""


def test_what_a_search_reads_of_a_version_is_the_version() -> None:
    author, reviewer, _other = team()
    version = published(author, reviewer, title="换新节", questions=["旧机能抵多少"], products=["洗碗机"])
    hit = find("换新节旧机能抵多少", at=NINE)[0].version
    for row, again in ((version, hit), (version.item, hit.item)):
        row.refresh_from_db()
        for field in row._meta.concrete_fields:
            assert getattr(again, field.attname) == getattr(row, field.attname), field.name
            assert type(getattr(again, field.attname)) is type(getattr(row, field.attname)), field.name
    assert not hit._state.adding and hit._state.db == version._state.db
