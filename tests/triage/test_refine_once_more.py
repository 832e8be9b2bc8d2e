"""Further rules of place, each with words that it is for and a near miss; what is told apart from the matter that is meant."""

from __future__ import annotations

import pytest

from tests.triage.test_refine import AT, MATERIAL, PARTNER, TRIED, VISIT, after
from triage import wording
from triage.asks import asks_of_request
from triage.engines.base import Turn, WaitView
from triage.engines.local.lexicons import lexicon
from triage.engines.registry import local_engine
from triage.matching import CaseView, contrasted, match_case, without_contrasted
from triage.statements import beside_the_matter, take_apart

CHANGE = WaitView("w7", "c1", "waiting_confirmation", "customer_contact", "印花建议改成单色，请她定一下", "none", 60)
ACT = WaitView("w8", "c1", "requested", "customer_contact", "把铃声切到夏令时，校一下时间", "image", 60)
PICTURE = ("image",)


@pytest.mark.parametrize(
    ("text", "intent", "waits", "becomes", "near"),
    [
        ("太好了 这小子一路上念叨还想踢", "confirms_completion", (), "chats", "拧紧了 不漏了"),
        ("入场码点开一片白 什么都没有", "complains", (), "reports_issue", "入场码点开一片白 你们就这服务"),
        ("毛巾还是多色吧 糊就糊", "reports_issue", (CHANGE,), "declines", "毛巾还是多色吧 糊了能退吗"),
        ("切过来了 时间也校了", "defers", (ACT,), "confirms_completion", "切过来了 时间还没校"),
        ("翻了一早上 影子没了 可以", "reports_issue", (TRIED,), "confirms_completion", "翻了一早上 影子还在"),
        ("那个记录表教练看过没呀 后头怎么弄", "asks_question", (PARTNER,), "asks_progress", "记录表一般教练看不看呀"),
        ("我是金卡 可以免费带一个人一起进吗", "complains", (), "asks_question", "我是金卡 你们就这态度吗"),
        (
            "Great, thank you. I'll tell him",
            "complains",
            (PARTNER,),
            "acknowledges",
            "Great, thanks for nothing, it broke again",
        ),
        ("得嘞 等你信儿", "defers", (PARTNER,), "acknowledges", "得嘞 等你信儿 那尾款怎么付"),
        ("在 九点半 厂门口登记找我", "confirms_completion", (PARTNER,), "confirms_appointment", "装好了 九点半装的"),
    ],
)
def test_few_words_of_customers(text: str, intent: str, waits: tuple[WaitView, ...], becomes: str, near: str) -> None:
    assert after(text, intent, *waits, sure=0.6).intent == becomes
    assert after(near, intent, *waits, sure=0.6).intent != becomes


def test_gladness_beside_a_question_of_ours_is_an_answer() -> None:
    assert after("太好了 一点不晃了", "confirms_completion", TRIED).intent == "confirms_completion"


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("白屏的截图我发群里了 私聊那边传不上去", "provides_material"),
        ("老花镜找半天 这个对伐", "provides_material"),
        ("昨儿半夜才下山 给你补上", "provides_material"),
        ("水管爆了 你们快来看看", "reports_issue"),
    ],
)
def test_a_picture_where_one_is_owed(text: str, becomes: str) -> None:
    assert after(text, "reports_issue", MATERIAL, attachments=PICTURE, sure=0.95).intent == becomes


def test_what_was_counted_quarrels_with_nobody_and_what_is_held_against_us_does() -> None:
    counted = after("点完啦 小铲子少两把", "provides_material", MATERIAL, attachments=PICTURE, topics={"dispute": 0.7})
    assert counted.risk_topics == {}
    held = after(
        "点完啦 你们投诉电话多少 少两把", "provides_material", MATERIAL, attachments=PICTURE, topics={"dispute": 0.95}
    )
    assert "dispute" in held.risk_topics


def test_whom_they_turn_to_is_a_complaint_and_who_takes_it_back_is_not() -> None:
    threat = after("没人吭声是不 我打12315", "asks_progress", TRIED)
    assert threat.intent == "complains"
    assert after("不投诉了 12315那边我撤了", "acknowledges", TRIED).intent == "acknowledges"
    assert after("I want to make a complaint about the crew", "requests_remedy", TRIED).intent == "complains"


def test_a_time_that_answers_our_question_contradicts_no_finding() -> None:
    topics = {"verification_conflict": 0.7}
    assert after("下礼拜三上午好了呀 九点往后", "confirms_appointment", VISIT, topics=topics).risk_topics == {}
    assert "verification_conflict" in after("我们从来没摔过", "reports_issue", VISIT, topics=topics).risk_topics


@pytest.mark.parametrize(
    ("text", "intent", "becomes", "near"),
    [
        ("记录表我看了 踢得少 先放U9B组试", "requests_cooperation", "reports_result", "记录表我看了 麻烦她再补一页"),
        ("蚕丝被那位 标签上有克重 拍清楚", "reports_result", "requests_cooperation", "标签已拍好了 克重没问题"),
        (
            "tell your lady to do that one again will you, same as last time",
            "chats",
            "requests_cooperation",
            "we did that one again today",
        ),
    ],
)
def test_few_words_of_partners(text: str, intent: str, becomes: str, near: str) -> None:
    told = {"side": "partner", "kind": "partner_group"}
    assert after(text, intent, PARTNER, sure=0.8, **told).intent == becomes
    assert after(near, intent, PARTNER, sure=0.99, **told).intent == intent


REPORT = "洗碗机这台是进水管老化，明天带管子去换。跟浦东那台门封是两码事别搅一块，那台380她还没谈拢呢。这台明天十点到"


def test_what_is_only_told_apart_is_no_part_of_the_matter() -> None:
    assert contrasted(REPORT) == ["跟浦东那台门封是两码事别搅一块", "那台380她还没谈拢呢"]
    rest = without_contrasted(REPORT)
    assert "进水管" in rest
    assert "这台明天十点到" in rest
    assert "浦东" not in rest
    assert contrasted("别跟商丘马老板那台搞串了，他那是自己绑坏的") == ["别跟商丘马老板那台搞串了", "他那是自己绑坏的"]
    assert contrasted("跟客户说一声，明天上门") == []
    told, apart = wording.relay_result(REPORT, name="王女士", names=["王女士"], labels=[], private_names=[])
    assert "浦东" not in told
    assert "谈拢" not in told
    assert "进水管老化" in told
    assert "other_customer" in apart.codes
    cases = [CaseView("cpd", words=("浦东 洗衣机门封",)), CaseView("cyp", words=("杨浦 洗碗机漏水",))]
    assert match_case(REPORT, cases, must_be_named=True).ref == "cyp"


HERE = WaitView(
    "w1", "c1", "waiting_partner_feedback", "fulfillment_partner", "鲁巷 蚕丝被两床，等工坊定做法", "none", 60
)
THERE = WaitView(
    "w2", "c2", "waiting_partner_feedback", "fulfillment_partner", "红山 棉花被一床，等工坊定做法", "none", 60
)


def partner_says(text: str) -> Turn:
    return Turn(
        text=text, at=AT, conversation_kind="partner_group", sender_side="partner", sender_known=True,
        open_waits=(HERE, THERE),
    )  # fmt: skip


def test_gossip_about_another_customer_is_left_out_and_news_about_them_is_a_statement() -> None:
    turn = partner_says("鲁巷的蚕丝被拆开重拉，周六能做好。红山那床，她嫌180太贵")
    assert beside_the_matter(turn) == ["红山那床，她嫌180太贵"]
    read = take_apart(local_engine().understand(turn), turn, local_engine())
    assert len(read.statements) == 1
    assert "红山" not in read.statements[0].meant
    assert read.statements[0].text == turn.text
    news = partner_says("鲁巷的蚕丝被拆开重拉，周六能做好。红山的棉花被弹好了，明天送回")
    assert beside_the_matter(news) == []
    read = take_apart(local_engine().understand(news), news, local_engine())
    assert [one.text[:2] for one in read.statements] == ["鲁巷", "红山"]


def test_who_is_sent_by_the_contact_is_named_to_them() -> None:
    text = "麻烦她叫守塔的老魏今晚把油阀关了，关好拍张照片发过来"
    for names in (["覃会计"], ["覃会计", "老魏"]):
        told, _apart = wording.relay_request(text, name="覃会计", names=names, labels=[], private_names=[])
        assert "请老魏" in told
    mine, _apart = wording.relay_request(
        "麻烦她叫我一声，拍张照片", name="覃会计", names=["覃会计"], labels=[], private_names=[]
    )
    assert "请老" not in mine


def test_what_is_asked_for_is_never_turned_into_a_fact_that_is_asked() -> None:
    text = "雷姐漏油那单，喷码没问题，麻烦请她把咱们这一箱的快递面单重新拍一张"
    told, _apart = wording.relay_request(text, name="雷姐", names=["雷姐"], labels=[], private_names=[])
    assert "面单重新拍一张" in told
    assert "咱" not in told
    assert "麻烦您喷码" not in told


def test_a_lock_for_parents_is_no_parent_and_a_sum_that_is_unpaid_stays_inside() -> None:
    told, _apart = wording.relay_request(
        "饶女士那支笔，麻烦她把家长锁关一下，截个图发过来", name="饶女士", names=["饶女士"], labels=[], private_names=[]
    )
    assert "家长锁" in told
    told, apart = wording.relay_request(
        "请廖工拍张铭牌。还有上次差旅260到现在没结", name="廖工", names=["廖工"], labels=[], private_names=[]
    )
    assert "260" not in told
    assert "money" in apart.codes
    assert "铭牌" in told


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("缺落款的图样，请她发一张清楚的图过来", "waiting_customer_material"),
        ("胸标往上挪1公分行不行，请她今天确认一下", "waiting_confirmation"),
        ("请他把蓝图收好，明天上门", "requested"),
    ],
)
def test_a_drawing_is_material(text: str, state: str) -> None:
    assert asks_of_request(text).state == state


@pytest.mark.parametrize(
    ("topic", "risk", "harmless"),
    [
        ("price_protection", "18号买的一袋165 今儿看才140", "18号买的 今天才发货"),
        ("negative_review", "俩钟头没个响 抖音发定了", "抖音上看到你们 想问下"),
        ("health_claim", "昨儿按完 今天脖子拧不动了", "放假前忙晕了 对不住哈"),
        ("benefit", "App上说用了六次 我才来过四回", "App上怎么看剩几次"),
        ("payment", "这个数我得缓缓 分三回给中不中", "分三次发货可以的"),
        ("privacy", "Which room are the Chens in?", "Which room is quieter?"),
        ("financial_claim", "分二十四个月 真摊下来一年几个点", "一年来几次合适"),
        ("refund", "钱呢 说三到五个工作日", "钱包忘在你们那了"),
    ],
)
def test_risks_in_other_words(topic: str, risk: str, harmless: str) -> None:
    assert lexicon().risks[topic].matches(risk, "customer")
    assert not lexicon().risks[topic].matches(harmless, "customer")


def test_a_case_without_title_is_known_by_what_was_asked_in_it_before() -> None:
    cases = [
        CaseView("flag", words=("锦旗6面 底色由大红改枣红",)),
        CaseView("road", words=("道旗40面 旗杆由2米改2米5")),
    ]
    assert match_case("柴主任锦旗那单，缺落款的图样，请她发一张清楚的图过来", cases, must_be_named=True).ref == "flag"
