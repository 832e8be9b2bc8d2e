"""Personal data is found and masked, and what is none is left alone."""

from __future__ import annotations

import pytest

from knowledge.privacy import detect, mask_all


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("我电话13812345678，晚上打", {"phone"}),
        ("打 138-1234-5678 或 +86 139 8765 4321", {"phone"}),
        ("座机021-66668888转12", {"phone"}),
        ("热线400-820-1234", {"phone"}),
        ("全角１３８１２３４５６７８也要找到", {"phone"}),
        ("身份证110101199003074514麻烦登记", {"id_number"}),
        ("护照号E12345678", {"id_number"}),
        ("卡号6222 0212 3456 7890 123退这里", {"bank_card"}),
        ("陈女士的洗衣机漏水", {"name"}),
        ("我叫张小丽，机器坏了", {"name"}),
        ("收件人：欧阳丽", {"name"}),
        ("急的话找小李", {"name"}),
        ("联系人王建国 电话13900001111", {"name", "phone"}),
        ("地址是浙江省杭州市西湖区文三路88号3幢502室", {"address"}),
        ("建国路88号", {"address"}),
        ("住在阳光花园12号楼3单元501", {"address"}),
        ("订单号2026051112345678", {"order_number"}),
        ("单号：YJ-20250317", {"order_number"}),
        ("顺丰SF1234567890123", {"order_number"}),
        ("车牌沪A12345，粤B·D12345到楼下", {"plate"}),
        ("邮箱 li.lei@example.com 微信号 lilei_88", {"email", "account"}),
        ("Mr. Leo Carter lives at 12 Baker Street", {"name", "address"}),
        ("call me at +1 415-555-0132", {"phone"}),
    ],
)
def test_personal_data_is_found(text: str, kinds: set[str]) -> None:
    assert {one.kind for one in detect(text)} == kinds
    assert not detect(mask_all(text))


@pytest.mark.parametrize(
    "text",
    [
        "整机保修一年，主要部件（压缩机、电机）保修三年，从签收之日起算。",
        "签收七天内支持七天无理由退货，退回运费由买家承担。",
        "活动期间旧机抵扣，满3000元再减300元，以商品页面显示为准。",
        "RO膜建议24到36个月更换，BCD-452W同样适用。",
        "师傅上门前一天会跟您确认时间，老师傅经验丰富。",
        "客服小姐姐会联系您。",
        "在首页找小程序，或者找老周期的订单。",
        "安装师傅和水电师傅一起上门，门店经理会回访。",
        "活动时间2026年5月11日至20日，每天10:00开始。",
        "Orders ship within two business days.",
        "30度机洗，容量10公斤，功率2200W。",
        "仍然有噪音的，我们安排师傅上门检测，通知师傅时都由师傅先联系。",
    ],
)
def test_ordinary_knowledge_is_left_alone(text: str) -> None:
    assert detect(text) == []


def test_an_address_ends_with_its_flat_and_begins_where_it_begins() -> None:
    assert mask_all("我是望京花园3号楼502的，滤芯可以自己换吗") == "我是【地址】的，滤芯可以自己换吗"
    assert mask_all("送到建国路88号1201就行") == "送到【地址】就行"
    assert mask_all("建国路88号 200元安装") == "【地址】 200元安装"


def test_known_names_are_found_wherever_they_stand() -> None:
    assert mask_all("阿强说小葵的机器好了", names=["阿强", "小葵"]) == "【客户】说【客户】的机器好了"


def test_the_same_words_have_one_key_and_places_are_exact() -> None:
    text = "陈女士在吗？陈女士电话13812345678"
    found = detect(text)
    assert [text[one.start : one.end] for one in found] == ["陈", "陈", "13812345678"]
    assert found[0].key == found[1].key != found[2].key
