"""Prompts are versioned; wordings are held to the planned text."""

from __future__ import annotations

import pytest

from review.presenters import ALERTS, TOPICS
from triage.engines.llm.faithful import unfaithful
from triage.engines.llm.masking import Masker, UnknownMark
from triage.engines.llm.prompts import FOLDER, UNDERSTAND, WORD, prompt
from triage.engines.llm.schema import CLASSES, CONTEXTS, INTENTS, SIGNALS

#: A prompt that is in use somewhere never changes: make the next one.
RELEASED = {
    "understand-1": "understand-1.b7929e5b",
    "wording-1": "wording-1.9a611a6b",
}


def test_released_prompts_stay_as_they_are() -> None:
    assert {path.stem: prompt(path.stem).version for path in FOLDER.glob("*.md")} == RELEASED
    assert {UNDERSTAND, WORD} <= set(RELEASED)


def test_the_prompt_names_every_code_that_the_schema_takes() -> None:
    text = prompt(UNDERSTAND).text
    for code in {*TOPICS, *ALERTS, *CLASSES, *CONTEXTS, *SIGNALS, *INTENTS["customer"], *INTENTS["partner"]}:
        assert code in text, code


PLANNED = "陈女士您好，收到了，谢谢您～麻烦您明天下午3点前再拍一张铭牌照片发到群里，型号要看清楚。"


@pytest.mark.parametrize(
    "wording",
    [
        "陈女士您好，照片收到了，谢谢您！麻烦您明天下午3点前再拍一张铭牌照片发到群里，型号拍清楚些。",
        "陈女士您好，已收到，谢谢～还要麻烦您明天下午3点前再拍一张铭牌照片，发到群里，型号要看得清楚。",
        PLANNED,
    ],
)
def test_other_words_for_the_same_are_taken(wording: str) -> None:
    assert unfaithful(PLANNED, wording) == ""


@pytest.mark.parametrize(
    ("wording", "why"),
    [
        (PLANNED.replace("3点", "4点"), "number"),
        (PLANNED.replace("3点", "三点半"), "number"),
        (PLANNED.replace("3点前", ""), "number"),
        (PLANNED.replace("一张", "3张"), "number"),
        (PLANNED.replace("明天", "后天"), "time"),
        (PLANNED.replace("明天", "周五"), "time"),
        (PLANNED + "我们马上处理。", "promise"),
        (PLANNED + "一定给您解决。", "promise"),
        (PLANNED + "这次不收费。", "promise"),
        (PLANNED + "非常抱歉，是我们的责任。", "promise"),
        (PLANNED + "师傅看完给您打电话。", "promise"),
        (PLANNED + "核实后回复您。", "promise"),
        (PLANNED.replace("再拍一张铭牌照片发到群里", "看看铭牌照片"), "ask"),
        (PLANNED.replace("型号要看清楚", "型号看不清也行"), "denial"),
        (PLANNED + "您看可以吗？", "ask"),
        (PLANNED + "是不是呀？", "denial"),
        (PLANNED + "加我13812345678。", "number"),
        (PLANNED + "联系李建国老师。", "personal"),
        (PLANNED + "见 https://a.cn", "markup"),
        ("**" + PLANNED + "**", "markup"),
        (PLANNED + "下载APP更方便。", "promise"),
        ("Hi, please send one more photo of the nameplate before 3 pm tomorrow.", "language"),
        ("好的。", "length"),
        (PLANNED * 3, "length"),
    ],
)
def test_new_or_lost_facts_are_seen(wording: str, why: str) -> None:
    assert unfaithful(PLANNED, wording) == why


@pytest.mark.parametrize(
    ("planned", "wording", "taken"),
    [
        ("Hi Ms Chen, thank you, received. Please send a photo of the nameplate so that the model number can be read.",
         "Hi Ms Chen, thank you, we have it. Please send a photo of the nameplate on which the model number can be read.", True),
        ("Hi Ms Chen, thank you, received. Please send a photo of the nameplate so that the model number can be read.",
         "Hi Ms Chen, thank you, received. Please send a photo of the nameplate so that we can refund you.", False),
        ("陈女士您好，您的上门已经取消。", "陈女士您好，您的上门已经安排。", False),
        ("陈女士您好，请不要断电，等通知。", "陈女士您好，请断电，等通知。", False),
    ],
)  # fmt: skip
def test_both_languages_and_both_directions(planned: str, wording: str, taken: bool) -> None:
    assert (unfaithful(planned, wording) == "") is taken


def test_marks_come_back_as_they_went() -> None:
    masker = Masker({"陈女士": "name", "A260511-0001": "order_number"})
    text = "陈女士您好，单子A260511-0001，电话13812345678，也可打13812345678"
    masked = masker.mask(text)
    assert masked == "【人名1】您好，单子【订单号1】，电话【电话1】，也可打【电话1】"
    assert masker.unmask(masked) == text
    with pytest.raises(UnknownMark):
        masker.unmask("【电话2】")
