"""A customer-service session from end to end, over real HTTP on both sides."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from channels_wecom import operations
from channels_wecom.channel import WeComChannel
from channels_wecom.client import Client
from channels_wecom.models import InboundEvent, SyncCursor
from channels_wecom.sandbox import operations as sandbox
from channels_wecom.sandbox import push
from channels_wecom.sandbox.api import expire_tokens
from channels_wecom.sandbox.models import SandboxChat, SandboxMessage
from conversations.models import Attachment, Conversation, Message
from delivery.ports import DispatchRequest
from foundation.errors import PermanentFailure
from tests.channels_wecom.conftest import World, picture

KF = "kf:wkDEMO:wmCHEN"


def request(text: str, key: str = "key-1", **more: object) -> DispatchRequest:
    values = {
        "outbound_id": "x", "account": "main", "conversation_external_id": KF, "surface": "kf", "kind": "reply",
        "text": text, "idempotency_key": key,
    }  # fmt: skip
    return DispatchRequest(**{**values, **more})  # type: ignore[arg-type]


def test_a_session_goes_from_callback_to_message_to_reply(world: World) -> None:
    world.say(KF, "wmCHEN", "洗衣机漏水了，麻烦安排师傅看看")
    world.settle()
    message = Message.objects.get()
    assert (message.text, message.source, message.sender.name, message.sender_side) == (
        "洗衣机漏水了，麻烦安排师傅看看", "kf", "陈女士", "customer",
    )  # fmt: skip
    conversation = Conversation.objects.get()
    assert (conversation.external_id, conversation.kind, conversation.surface) == (KF, "private", "kf")
    assert InboundEvent.objects.get().state == "done"

    result = WeComChannel().dispatch(request("您好，已收到，今天下午给您安排师傅。"))
    assert result.outcome == "sent"
    sent = SandboxMessage.objects.get(via_api=True)
    assert sent.msgid == result.external_id
    assert sent.content["content"].startswith("您好")
    # What a program sent is never in the log.
    world.say(KF, "wmCHEN", "好的")
    world.settle()
    assert list(Message.objects.order_by("position").values_list("text", flat=True)) == [message.text, "好的"]


def test_the_same_callback_twice_and_a_look_without_callback_change_nothing(world: World) -> None:
    world.say(KF, "wmCHEN", "在吗")
    world.settle()
    event = InboundEvent.objects.get()
    operations.sync_kf(account=world.account, open_kfid="wkDEMO", token="", at=timezone.now())
    SyncCursor.objects.filter(source="kf:wkDEMO").update(cursor="")
    operations.sync_kf(account=world.account, open_kfid="wkDEMO", token="", at=timezone.now())
    assert Message.objects.count() == 1
    assert InboundEvent.objects.get().pk == event.pk


def test_a_lost_callback_is_found_by_the_sweep(world: World) -> None:
    world.say(KF, "wmCHEN", "在吗")
    world.settle()
    world.say(KF, "wmCHEN", "有人吗", ring=False)
    assert Message.objects.count() == 1
    operations.process_pending_events(at=timezone.now() + timedelta(minutes=5))
    assert Message.objects.count() == 2


def test_the_very_first_session_is_found_without_any_callback(world: World) -> None:
    world.say(KF, "wmCHEN", "第一句", ring=False)
    operations.process_pending_events(at=timezone.now())
    assert Message.objects.get().text == "第一句"


def test_a_long_log_is_read_page_by_page(world: World) -> None:
    for number in range(130):
        world.say(KF, "wmCHEN", f"第{number}条", ring=False)
    world.say(KF, "wmCHEN", "最后一条")
    world.settle()
    texts = list(Message.objects.order_by("position").values_list("text", flat=True))
    assert texts == [*(f"第{number}条" for number in range(130)), "最后一条"]


def test_pictures_are_fetched_and_stored(world: World) -> None:
    world.say(KF, "wmCHEN", picture=picture())
    world.settle()
    assert Attachment.objects.get().state == "pending"
    operations.fetch_pending_media(at=timezone.now())
    attachment = Attachment.objects.get()
    assert attachment.state == "stored"
    assert attachment.blob is not None and attachment.blob.content_type == "image/png"


def test_a_picture_that_wecom_no_longer_has_is_lost_loudly(world: World) -> None:
    message = world.say(KF, "wmCHEN", picture=picture())
    world.settle()
    message.media.created_at -= timedelta(days=4)
    message.media.save()
    operations.fetch_pending_media(at=timezone.now())
    attachment = Attachment.objects.get()
    assert attachment.state == "lost"
    assert "40007" in attachment.error


def test_a_recall_reaches_the_message(world: World) -> None:
    message = world.say(KF, "wmCHEN", "打错了")
    world.settle()
    sandbox.recall_message(message=message, by=message.sender)
    world.settle()
    assert Message.objects.get().recalled_at is not None


def test_what_a_servicer_types_by_hand_is_a_staff_message_and_closes_the_api(world: World) -> None:
    world.say(KF, "wmCHEN", "在吗")
    world.say(KF, "lina", "您好，我是李娜")
    world.settle()
    assert [m.sender_side for m in Message.objects.order_by("position")] == ["customer", "internal"]
    result = WeComChannel().dispatch(request("机器回复"))
    assert (result.outcome, result.error_code, result.retry) == ("failed", "95018", False)
    sandbox.end_session(chat=SandboxChat.objects.get(chat_id=KF))
    world.say(KF, "wmCHEN", "还有一个问题")
    assert WeComChannel().dispatch(request("机器回复")).outcome == "sent"


def test_the_window_ends_after_five_messages_and_after_48_hours(world: World) -> None:
    world.say(KF, "wmCHEN", "在吗")
    outcomes = [WeComChannel().dispatch(request(f"第{n}条", f"key-{n}")) for n in range(6)]
    assert [r.outcome for r in outcomes] == ["sent"] * 5 + ["failed"]
    assert outcomes[-1].error_code == "95001"
    world.say(KF, "wmCHEN", "还在吗")
    assert WeComChannel().dispatch(request("再来一条", "key-7")).outcome == "sent"
    SandboxChat.objects.filter(chat_id=KF).update(kf_customer_at=timezone.now() - timedelta(hours=49))
    late = WeComChannel().dispatch(request("太晚了", "key-8"))
    assert (late.outcome, late.error_code) == ("failed", "95002")


def test_a_text_that_is_too_long_never_leaves(world: World) -> None:
    world.say(KF, "wmCHEN", "在吗")
    result = WeComChannel().dispatch(request("长" * 700))
    assert (result.outcome, result.error_code) == ("failed", "too_long")
    assert not SandboxMessage.objects.filter(via_api=True).exists()


def test_a_long_idempotency_key_becomes_a_valid_msgid(world: World) -> None:
    world.say(KF, "wmCHEN", "在吗")
    result = WeComChannel().dispatch(request("您好", "outbound:" + "a" * 50))
    assert result.outcome == "sent"
    assert len(result.external_id) <= 32


@pytest.mark.parametrize("code", [40014, 42001])
def test_a_token_that_is_refused_early_is_renewed_once(world: World, code: int) -> None:
    client = Client(world.account)
    client.call("getcallbackip")
    expire_tokens(world.corp, code=code)
    assert client.call("getcallbackip")["ip_list"]


def test_a_wrong_secret_is_not_tried_for_ever(world: World) -> None:
    world.account.app_secret = "wrong"
    with pytest.raises(PermanentFailure) as caught:
        Client(world.account).call("getcallbackip")
    assert caught.value.code == "40001"


def test_nobody_there_is_a_failure_that_can_be_tried_again(world: World, settings: object) -> None:
    settings.WECOM_API_BASE = "http://127.0.0.1:9"  # type: ignore[attr-defined]
    result = WeComChannel().dispatch(request("您好"))
    assert (result.outcome, result.retry) == ("failed", True)


def test_prepared_surfaces_never_reach_the_api(world: World) -> None:
    for surface in ("staff_private", "customer_group", "partner_external", "captured", "none"):
        assert WeComChannel().dispatch(request("您好", surface=surface)).outcome == "prepared"
    assert not SandboxMessage.objects.filter(via_api=True).exists()


def test_alerts_reach_colleagues_and_internal_groups(world: World) -> None:
    told = WeComChannel().dispatch(
        request("请处理", surface="internal_app", conversation_external_id="", recipient_external_ids=("zhangwei",))
    )
    assert told.outcome == "sent"
    group = WeComChannel().dispatch(request("请处理", surface="internal_app", conversation_external_id="wrINSIDE"))
    assert group.outcome == "sent"
    assert {m.chat.chat_id for m in SandboxMessage.objects.filter(via_api=True)} == {"app:zhangwei", "wrINSIDE"}
    outside = WeComChannel().dispatch(request("不行", surface="internal_app", conversation_external_id="wrCHEN"))
    assert (outside.outcome, outside.error_code) == ("failed", "86003")
    nobody = WeComChannel().dispatch(
        request("请处理", surface="internal_app", conversation_external_id="", recipient_external_ids=("gone",))
    )
    assert (nobody.outcome, nobody.error_code) == ("failed", "81013")


def test_the_local_wecom_pushes_again_when_nobody_answers(world: World, settings: object) -> None:
    world.corp.callback_url = "http://127.0.0.1:9/"
    target = push.target_of(world.corp)
    assert push.deliver(target, {"MsgType": "event"}) == 0
