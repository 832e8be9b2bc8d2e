"""What the archive brings: chats of every kind, recalls, quotes, members; and what a member sends with a tap."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests
from django.db import transaction
from django.utils import timezone

from channels_wecom import operations
from channels_wecom.archive import plain_of, split_quote
from channels_wecom.models import InboundEvent, SyncCursor
from channels_wecom.sandbox import operations as sandbox
from channels_wecom.sandbox.models import SandboxChat, SandboxMessage, SandboxUser
from conversations.models import Attachment, Conversation, Message
from delivery import operations as delivery
from delivery.models import Outbound
from foundation.actors import Actor
from people.models import Identity, Person
from tests.channels_wecom.conftest import World, picture

SINGLE = "single:zhangwei:wmCHEN"


def test_chats_of_every_kind_become_conversations_with_their_members(world: World) -> None:
    world.say(SINGLE, "wmCHEN", "张经理在吗")
    world.say("wrCHEN", "woSHIFU", "明天上午上门")
    world.say("wrPARTNER", "woSHIFU", "让陈女士拍一张铭牌照片")
    world.say("wrINSIDE", "lina", "陈女士那边谁跟？")
    world.settle()
    assert (
        set(Conversation.objects.values_list("external_id", "kind", "surface", "name"))
        == {
            (SINGLE, "private", "staff_private", "陈女士"),
            ("wrCHEN", "customer_group", "customer_group", "陈女士安装群"),
            ("wrPARTNER", "partner_group", "partner_external", "顺达协作群"),
            ("wrINSIDE", "internal_group", "internal_app", "售后内部群"),
        }
        or Conversation.objects.get(external_id=SINGLE).name == "陈女士"
    )
    sides = {m.sender.name: m.sender_side for m in Message.objects.select_related("sender")}
    assert sides["王师傅"] == "partner"
    assert sides["李娜"] == "internal"
    group = Conversation.objects.get(external_id="wrCHEN")
    assert {m.person.name for m in group.members.select_related("person")} == {"张伟", "陈女士", "王师傅"}
    assert InboundEvent.objects.exclude(state="done").count() == 0


def test_messages_keep_their_order_and_come_once(world: World) -> None:
    for number in range(30):
        world.say("wrCHEN", "wmCHEN", f"第{number}条", ring=number % 7 == 0)
    world.settle()
    SyncCursor.objects.filter(source="archive").update(cursor="")
    operations.sync_archive(account=world.account, at=timezone.now())
    texts = list(Message.objects.order_by("position").values_list("text", flat=True))
    assert texts == [f"第{number}条" for number in range(30)]


def test_a_recall_and_a_picture_and_a_quote_keep_their_structure(world: World) -> None:
    asked = world.say("wrCHEN", "zhangwei", "麻烦拍一张铭牌照片")
    world.say("wrCHEN", "wmCHEN", "拍好了", quote=asked)
    world.say("wrCHEN", "wmCHEN", picture=picture())
    wrong = world.say("wrCHEN", "wmCHEN", "发错群了")
    world.settle()
    sandbox.recall_message(message=wrong, by=wrong.sender)
    world.settle()
    reply = Message.objects.get(text="拍好了")
    assert reply.quoted_text == "麻烦拍一张铭牌照片"
    assert Message.objects.get(text="发错群了").recalled_at is not None
    operations.fetch_pending_media(at=timezone.now())
    attachment = Attachment.objects.get()
    assert (attachment.type, attachment.state) == ("image", "stored")


def test_the_flattened_quote_is_taken_apart() -> None:
    flat = '这是一条引用/回复消息：\n"张伟：\n麻烦拍一张\n铭牌照片"\n------\n拍好了\n清楚吗'
    assert split_quote(flat) == ("拍好了\n清楚吗", "麻烦拍一张\n铭牌照片")
    assert split_quote("普通的话") == ("普通的话", "")


def test_dirty_records_are_read() -> None:
    assert plain_of('{"msgid":"1","text":{"content":"a\x01b\x1f"}}')["text"]["content"].startswith("a")


def test_one_record_that_cannot_be_taken_does_not_stop_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.say("wrCHEN", "wmCHEN", "一")
    world.say("wrCHEN", "wmCHEN", "二")
    world.say("wrCHEN", "wmCHEN", "三")
    real = operations._take_archived

    def stumbling(account: Any, lookups: Any, plain: dict[str, Any], **more: Any) -> int:
        if (plain.get("text") or {}).get("content") == "二":
            raise ValueError("what is this")
        return real(account, lookups, plain, **more)

    monkeypatch.setattr(operations, "_take_archived", stumbling)
    world.settle()
    assert sorted(Message.objects.values_list("text", flat=True)) == ["一", "三"]
    aside = InboundEvent.objects.get(state="failed")
    assert "what is this" in aside.error
    monkeypatch.setattr(operations, "_take_archived", real)
    operations.retry_event(event_id=aside.pk, at=timezone.now())
    operations.process_pending_events(at=timezone.now())
    assert sorted(Message.objects.values_list("text", flat=True)) == ["一", "三", "二"]


def test_members_who_join_and_leave_are_followed(world: World) -> None:
    world.say("wrCHEN", "wmCHEN", "大家好")
    world.settle()
    chat = SandboxChat.objects.get(chat_id="wrCHEN")
    sandbox.add_member(chat=chat, user=SandboxUser.objects.get(userid="lina"))
    sandbox.remove_member(chat=chat, user=SandboxUser.objects.get(userid="woSHIFU"))
    world.settle()
    group = Conversation.objects.get(external_id="wrCHEN")
    present = {m.person.name for m in group.members.filter(left_at__isnull=True).select_related("person")}
    assert present == {"张伟", "陈女士", "李娜"}


def test_a_new_contact_is_known_by_name_but_not_for_certain(world: World) -> None:
    sandbox.add_contact(
        staff=SandboxUser.objects.get(userid="zhangwei"), customer=SandboxUser.objects.get(userid="wmLIU"), state="expo"
    )
    world.settle()
    identity = Identity.objects.get(external_id="wmLIU")
    assert (identity.display_name, identity.certainty) == ("刘先生", "unknown")
    assert InboundEvent.objects.get().state == "done"


def test_colleagues_write_to_the_app(world: World) -> None:
    world.say("app:zhangwei", "zhangwei", "陈女士的单到哪了")
    world.settle()
    message = Message.objects.select_related("conversation").get()
    assert (message.source, message.conversation.external_id, message.conversation.kind) == (
        "app", "app:zhangwei", "internal_group",
    )  # fmt: skip


def prepare(place: str, text: str, world: World) -> Outbound:
    conversation = Conversation.objects.get(external_id=place)
    outbound = delivery.enqueue(
        conversation=conversation, kind="reply", purpose="material_request", text=text, release_hash=delivery.text_hash(text),
        thread_position=conversation.last_position, idempotency_key=f"k-{place}", case_ref=None,
        actor=Actor.machine("test"), at=timezone.now(),
    )  # fmt: skip
    delivery.deliver_one(outbound_id=outbound.pk, at=timezone.now())
    outbound = Outbound.objects.get(pk=outbound.pk)
    assert outbound.state == "prepared"
    return outbound


class Sidebar:
    """The page that a member opens in the client."""

    def __init__(self, world: World, userid: str) -> None:
        self.base = f"{world.base}/wecom/toolbar/main/"
        code = sandbox.make_oauth_code(user=SandboxUser.objects.get(userid=userid))
        answer = requests.post(f"{self.base}token", json={"code": code}, timeout=10)
        self.status = answer.status_code
        self.headers = {"Authorization": f"Bearer {answer.json().get('token')}"}
        again = requests.post(f"{self.base}token", json={"code": code}, timeout=10)
        assert again.status_code == 403  # a code serves once

    def list(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = requests.get(f"{self.base}prepared", headers=self.headers, timeout=10).json()[
            "prepared"
        ]
        return rows

    def tap(self, outbound: Outbound) -> requests.Response:
        return requests.post(f"{self.base}prepared/{outbound.public_id}/tap", headers=self.headers, timeout=10)


def test_a_prepared_text_goes_out_by_a_members_tap_and_the_echo_confirms_it(world: World) -> None:
    world.say("wrCHEN", "wmCHEN", "洗衣机装不了")
    world.say("wrINSIDE", "lina", "收到")
    world.settle()
    outbound = prepare("wrCHEN", "陈女士您好，麻烦拍一张铭牌照片，谢谢。", world)
    member, outsider = Sidebar(world, "zhangwei"), Sidebar(world, "lina")
    assert outsider.list() == []
    assert outsider.tap(outbound).status_code == 409
    row = member.list()[0]
    assert (row["chat_id"], row["external_userid"], row["text"]) == ("wrCHEN", "", outbound.text)
    answer = member.tap(outbound)
    assert answer.status_code == 200
    world.say("wrCHEN", "zhangwei", answer.json()["text"])
    world.settle()
    echo = Message.objects.get(text=outbound.text)
    with transaction.atomic():
        assert delivery.confirm_by_echo(conversation=echo.conversation, message=echo, at=timezone.now()) is not None
    assert member.list() == []
    assert member.tap(outbound).status_code == 409


def test_nothing_is_tapped_while_sending_is_paused_or_with_a_wrong_token(world: World) -> None:
    world.say(SINGLE, "wmCHEN", "在吗")
    world.settle()
    outbound = prepare(SINGLE, "您好", world)
    member = Sidebar(world, "zhangwei")
    assert member.list()[0]["external_userid"] == "wmCHEN"
    pause = delivery.pause(scope="everything", reason="test", by="test", at=timezone.now())
    assert member.tap(outbound).json()["error"] == "paused"
    delivery.lift_pause(pause_id=pause.pk, by="test", at=timezone.now())
    member.headers = {"Authorization": "Bearer forged"}
    assert member.tap(outbound).status_code == 401


def test_old_event_bodies_are_erased_and_their_digests_stay(world: World) -> None:
    world.say(SINGLE, "wmCHEN", "在吗")
    world.settle()
    operations.erase_old_bodies(at=timezone.now() + timedelta(days=31))
    event = InboundEvent.objects.get()
    assert (event.body, bool(event.erased_at), len(event.digest)) == ("", True, 64)


def test_people_who_are_known_keep_their_side(world: World) -> None:
    person = Person.objects.create(name="王师傅", side="partner")
    Identity.objects.create(account="main", external_id="woSHIFU", person=person, certainty="verified")
    world.say("wrCHEN", "woSHIFU", "到了")
    world.settle()
    assert Message.objects.get().sender_id == person.pk


def test_recalling_twice_or_somebody_elses_words_changes_nothing(world: World) -> None:
    message = world.say("wrCHEN", "wmCHEN", "一")
    with pytest.raises(sandbox.SandboxError):
        sandbox.recall_message(message=message, by=SandboxUser.objects.get(userid="zhangwei"))
    sandbox.recall_message(message=message, by=message.sender)
    sandbox.recall_message(message=message, by=message.sender)
    assert SandboxMessage.objects.count() == 2
