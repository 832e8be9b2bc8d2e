"""Quantities that customers ask for in whatever words: answered where a published text says them, and left to people where it says only something near."""

from __future__ import annotations

import pytest

from knowledge import operations
from knowledge.judging import is_sheet, taken_apart
from knowledge.measures import measures_wanted
from knowledge.search import search
from knowledge.text import normalise
from tests.knowledge.builders import NINE, answers_of


def _first(question: str) -> str:
    hits = search(question, at=NINE)
    return hits[0].version.title if hits else ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "right", "false"),
    [("facts_tuned", 0.96, 0), ("facts_kept_back", 0.88, 0), ("facts_later", 0.95, 0), ("facts_beside", 0.94, 0)],
)
def test_what_a_list_of_figures_says_is_answered_from_it_and_nothing_else(name: str, right: float, false: int) -> None:
    answers = answers_of(name)
    assert answers.answerable >= 19 and answers.unanswerable >= 11
    assert answers.right / answers.answerable >= right, answers.faults
    assert answers.wrong == 0 and answers.false <= false, answers.faults


@pytest.mark.parametrize(
    ("question", "text", "held"),
    [
        ("一箱几盒来着", "每箱10盒", True),
        ("一箱几盒来着", "每盒100只", False),
        ("整箱有好多瓶", "24瓶/箱", True),
        ("几罐一件哦", "每箱12罐", True),
        ("一瓶多少毫升", "净含量500毫升", True),
        ("测一次要多少血", "采血量0.6微升", True),
        ("跑一趟费好多电", "耗电1.2度", True),
        ("跑一趟费好多电", "续航18小时", False),
        ("洗一缸用多少水", "单次耗水90升", True),
        ("有几重啊", "净重1.6千克", True),
        ("本身多重", "最大承重130公斤", False),
        ("本身多重", "最大称重180公斤", False),
        ("最多能承多重", "最大承重130公斤", True),
        ("最多能承多重", "自重310克", False),
        ("有几高", "折叠后高118厘米", True),
        ("有多高", "线长2.5米", False),
        ("多宽", "205×52×85厘米", True),
        ("能装多少", "容量4升", True),
        ("充一次能用好久", "续航18小时", True),
        ("充一次能用好久", "充电3小时", False),
        ("要充几个钟头", "充电3小时", True),
        ("要充几个钟头", "充满可喷5小时", False),
        ("用几节电池", "停电时用三节5号电池", True),
        ("用啥子电池", "内置电池", False),
        ("存得下多少条", "可存500组记录", True),
        ("能放几天", "次日达", False),
        ("能放几天", "未开封9个月", True),
        ("能翻几种语言", "支持中英日韩四种语言", True),
        ("几岁能用", "适合12至17公斤", False),
        ("how many boxes in a case", "12 boxes per case", True),
        ("how many boxes in a case", "50 pouches per box", False),
        ("how much blood does it need", "blood sample 0.6 µl", True),
        ("how much power does it use", "draws 12 watts", True),
        ("what batteries does it take", "runs 30 hours on three d cells", True),
        ("how long does a charge last", "28 minutes per battery", True),
        ("how long does a charge last", "charges in 70 minutes", False),
        ("how heavy is it", "packed weight 1.9 kg", True),
        ("how much weight can it carry", "1.05 kg", False),
    ],
)
def test_a_quantity_is_held_by_the_clause_that_says_it_and_by_no_other(question: str, text: str, held: bool) -> None:
    measures = measures_wanted(normalise(question))
    assert measures
    assert any(one.is_in(normalise(text)) for one in measures) is held


@pytest.mark.parametrize(
    "question",
    ["放多少钱的", "几点关门", "几号到", "买了好多盒都没用", "能打几折", "how many days does it take", "一箱多少钱"],
)
def test_prices_moments_and_what_tells_something_are_no_quantities(question: str) -> None:
    assert measures_wanted(normalise(question)) == ()


def test_an_english_question_keeps_the_goods_that_it_names_between_its_words() -> None:
    question = taken_apart("how much does the glow lantern weigh")
    assert [one.word for one in question.units] == ["glow", "lantern"] and not question.kinds


@pytest.mark.django_db
def test_of_two_goods_the_one_that_is_named_answers_and_to_name_goods_answers_nothing_else() -> None:
    for title, body in (
        ("加厚雨衣参数", "加厚雨衣，牛津布，每件620克，每箱30件，附收纳袋。"),
        ("薄款雨衣参数", "薄款雨衣，EVA，每件90克，每箱200件，可折成掌心大小。"),
        ("公寓洗衣机", "公寓洗衣机容量8公斤，洗一轮50分钟，额定功率300瓦。"),
    ):
        operations.seed(kind="product", title=title, body=body, at=NINE)
    assert _first("@小何 薄款那个一箱几件来着") == "薄款雨衣参数"
    assert _first("加厚的雨衣好重嘛，几克一件") == "加厚雨衣参数"
    for question in (
        "雨靴一箱几双",
        "加厚雨衣有几种颜色",
        "房里那个洗衣机能烘羽绒服吗",
        "羊毛衫可以丢洗衣机洗不",
        "洗衣机一次要用多少水",
    ):
        assert _first(question) == "", question


def test_a_list_of_figures_is_told_from_a_rule_and_from_a_question() -> None:
    said = "r5划船机，最大承重130公斤，展开205×52×85厘米，折叠后高118厘米"
    assert is_sheet("r5划船机", said) and not is_sheet("r5划船机多重", said)
    assert not is_sheet("押金说明", "押金在验车后3个工作日内返还到原支付账户。")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("question", "answer"),
    [("有没得发票", "票据"), ("啥辰光发货", "发货"), ("押金得不得退", "押金"), ("有没得分期", "")],
)
def test_more_ways_of_other_parts_of_the_country(question: str, answer: str) -> None:
    for title, body in (
        ("票据", "支持电子普票。"),
        ("发货", "付款后48小时内发货。"),
        ("押金", "押金验收后3天内退还。"),
    ):
        operations.seed(kind="policy", title=title, body=body, at=NINE)
    assert _first(question) == answer
