"""Whether a text of ours promises to come back with something, as support staff say it, and what only looks like it."""

from __future__ import annotations

import pytest

from triage.promises import only_holds, promises_feedback, promises_in

PROMISES = (
    "有结果在这儿跟您说", "我来帮你查 稍等一下", "跟您回复", "晚点跟您回复哈", "给您答复", "明天上午给您一个答复", "稍后回您", "查到了告诉您", "查清楚了，马上告诉您",
    "我问下仓库，回头跟您说", "这边核实后第一时间联系您", "我去催一下", "我帮您盯着", "我跟进一下", "这边来跟进", "有消息群里同步大家", "有消息我在群里说", "到货了通知您",
    "下班前给您准信", "12点前给您回电", "会有专人尽快联系您", "由专人在这里回复您", "等我问问财务", "我看一下", "这边查一下", "今天内给您回复", "确认好了发您",
    "报价单明天发您", "改好短信通知您", "一有进展就跟您同步", "这个我得问一下，晚些时候回复您", "已收到，核实后由专人在这里回复您", "别着急，我这就去问", "之前那单我再去催催",
    "帮您问问师傅几点到", "厂家那边有回复我告诉您", "您别担心，有情况随时跟您说", "我们会在明天上午十二点之前给您回电", "给我十分钟", "麻烦拍张照片发我，我去问师傅，下午回复您",
    "I'll get back to you", "Let me check with the warehouse and get back to you.", "We will let you know once it ships", "I'll look into it", "We'll keep you posted.",
    "I'll call you back this afternoon", "You'll hear from us by Friday", "leave it with me", "We are looking into this", "I will find out and update you tomorrow",
)  # fmt: skip
NOT = (
    "不用回复", "您不用回复我", "收到就好，无需回复", "已经回复您了", "刚才已经告诉您了", "上次跟您说过的", "之前给您回复的内容有效", "没法给您准信", "我们不会再联系您",
    "暂时不能给您答复", "请您确认后告诉我们", "方便的话告诉我们一声", "师傅上门前会联系您", "快递员会打电话给您", "安装师傅明天上午跟您联系", "跟您确认一下地址", "跟您说一声，配件到了",
    "给您回话：线路这边查到外线接头老化", "需要我帮您查一下吗？", "要不要我帮您问问", "师傅联系您了吗？", "有人给您回电了吗", "好的，谢谢您的反馈", "稍等几分钟再重启试试", "收到，谢谢",
    "周五11点可以的 给您约上啦", "祝您生活愉快", "麻烦您提供一下订单号，我帮您查", "麻烦把订单号发我一下，这边给您查询", "退款已退给您", "您反馈的问题已解决", "查到了，4月的表昨天下午申报成功，回执发您",
    "请把铭牌拍张照片发到群里", "会员的权益都在这里", "如果我告诉您几点到，到时没到您会失望", "返回您的付款账户", "已为您登记",
    "No need to get back to us", "Please let us know which day works", "I won't be able to get back to you on that", "Just to let you know, the part has arrived", "Could you get back to us?",
    "The technician will call you before the visit", "Did anyone get back to you?", "Thank you for your patience", "Your parcel was delivered",
)  # fmt: skip


HOLDS = (
    "请稍等", "稍等", "您稍等哈", "好的，请稍等～", "陈女士您好，麻烦您稍等一下", "稍等片刻", "等一下哈", "嗯嗯 稍等", "亲，请您先稍候哦", "One moment please.", "bear with me a moment",
    "Hold on", "ok, just a minute",
)  # fmt: skip
NO_HOLDS = (
    "我来帮你查 稍等一下", "稍等，我问下仓库", "请稍等，马上为您查询", "稍等几分钟再重启试试", "等师傅联系您", "配件到了，稍等安排", "等货到了再说", "稍等，10分钟后回您", "please wait for the technician's call", "",
)  # fmt: skip


@pytest.mark.parametrize("text", HOLDS)
def test_a_bare_request_to_wait_is_a_hold_and_no_promise(text: str) -> None:
    assert only_holds(text) and not promises_feedback(text), promises_in(text)


@pytest.mark.parametrize("text", NO_HOLDS)
def test_what_says_more_is_no_bare_hold(text: str) -> None:
    assert not only_holds(text)


@pytest.mark.parametrize("text", PROMISES)
def test_a_promise_however_it_is_said(text: str) -> None:
    assert promises_feedback(text), text


@pytest.mark.parametrize("text", NOT)
def test_what_is_denied_done_asked_or_somebody_elses_is_no_promise(text: str) -> None:
    assert not promises_feedback(text), promises_in(text)


def test_the_words_that_promise_are_named_and_no_others() -> None:
    said = "陈女士您好，配件已经到了。我问下师傅的时间，下午跟您说。不用回复"
    assert promises_in(said) == ["我问下师傅的时间", "下午跟您说"]
