"""A company to measure with: customers with groups and cases, partners, and a mix of everyday messages."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import cycle

from cases import operations as cases
from cases.models import Calendar, MaterialRequirement, Role, ServiceFlow, WaitingItem
from cases.operations import Fact
from conversations.models import Conversation, ConversationKind, Surface
from conversations.operations import (
    ConversationRef,
    IncomingAttachment,
    IncomingMessage,
    SenderRef,
    add_member,
    ingest_message,
)
from foundation.actors import Actor
from knowledge import operations as knowledge
from people.models import Customer, IdentityCertainty, Partner, Person, Side, StaffMember
from people.operations import identify
from review.models import AutomationLevel, Level, ReplyKind

ACCOUNT = "bench"
ME = Actor.machine("bench")
WAITING = ("waiting_customer_material", "waiting_confirmation", "waiting_appointment")
CUSTOMER_TEXTS = (
    "照片拍好了您看一下", "好的谢谢", "请问保修期多久", "周六上午方便", "我的单子到哪一步了", "洗衣机漏水了麻烦安排师傅看看",
    "晚点弄，在开会", "收到", "能开发票吗", "我要退款", "已经按你说的重置好了", "在吗", "净水器滤芯多久换一次", "不用修了，取消吧",
    "明天下午三点可以", "图片发你了", "师傅什么时候来", "地址改成公司可以吗",
)  # fmt: skip
PARTNER_TEXTS = (
    "{name}家的配件到了", "让{name}拍一张铭牌照片，型号看清楚", "{name}这单周五上午上门", "{name}那边主板坏了要等配件",
    "{name}家试机正常",
)  # fmt: skip
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"


def build(*, customers: int, at: datetime) -> list[tuple[str, str]]:
    """Make the company.

    :returns: for every customer the group's id and the customer's channel id.
    """
    handler = StaffMember.objects.create(name="客服甲")
    supervisor = StaffMember.objects.create(name="主管甲", is_supervisor=True)
    calendar = Calendar.objects.create(name="bench")
    partner = Partner.objects.create(name="维修伙伴")
    fitter = Person.objects.create(name="维修师傅", side=Side.PARTNER, partner=partner)
    colleague = Person.objects.create(name="客服甲", side=Side.INTERNAL, staff=handler)
    identify(account=ACCOUNT, external_id="womfitter", person=fitter, certainty=IdentityCertainty.VERIFIED)
    identify(account=ACCOUNT, external_id="handler", person=colleague, certainty=IdentityCertainty.VERIFIED)
    partner_group = Conversation.objects.create(
        account=ACCOUNT, external_id="wrpartner", kind=ConversationKind.PARTNER_GROUP, surface=Surface.PARTNER_EXTERNAL,
        name="维修对接", partner=partner,
    )  # fmt: skip
    for person in (fitter, colleague):
        add_member(conversation=partner_group, person=person, at=at)
    flow = ServiceFlow.objects.create(
        key="bench", name="上门维修", service_context="after_sales", calendar=calendar, completion_proof="image",
        supervisor=supervisor, fallback_owner=handler, keywords=["漏水", "坏"], notify_partner=True,
    )  # fmt: skip
    MaterialRequirement.objects.create(flow=flow, key="nameplate", name="铭牌照片")
    for title, body in (
        ("保修期", "整机保修一年，主要部件三年。"),
        ("滤芯更换", "RO膜建议24到36个月更换。"),
        ("发票", "电子发票在订单页申请。"),
    ):
        knowledge.seed(kind="policy", title=title, body=body, author=handler, reviewer=supervisor, at=at)
    for kind in ReplyKind.values:
        AutomationLevel.objects.create(reply_kind=kind, level=Level.DIRECT)
    made = []
    for number in range(customers):
        name = f"{SURNAMES[number % len(SURNAMES)]}{SURNAMES[number // len(SURNAMES) % len(SURNAMES)]}{number}先生"
        customer = Customer.objects.create(name=name, owner=handler)
        person = Person.objects.create(name=name, side=Side.CUSTOMER, customer=customer)
        key, place = f"wmbench{number}", f"wrbench{number}"
        identify(account=ACCOUNT, external_id=key, person=person, certainty=IdentityCertainty.VERIFIED)
        group = Conversation.objects.create(
            account=ACCOUNT, external_id=place, kind=ConversationKind.CUSTOMER_GROUP, surface=Surface.CUSTOMER_GROUP,
            name=f"{name}服务群", customer=customer,
        )  # fmt: skip
        for one in (person, colleague):
            add_member(conversation=group, person=one, at=at)
        case = cases.open_case(
            flow=flow, customer=customer, conversation=group, owner=handler, partner=partner, contact=person,
            title="洗衣机异响", actor=ME, at=at,
        )  # fmt: skip
        cases.open_wait(
            case=case, state=WAITING[number % len(WAITING)], on=person, on_role=Role.CUSTOMER_CONTACT, need="铭牌照片",
            need_kind="material", proof="image", fact=Fact(ME, at, at),
        )  # fmt: skip
        made.append((place, key))
    return made


def say(number: int, place: str, key: str, names: list[str], *, dice: random.Random, at: datetime) -> None:
    """One everyday message: nine of ten from a customer, one from the partner."""
    if dice.random() < 0.1:
        text = dice.choice(PARTNER_TEXTS).format(name=dice.choice(names))
        where, who, kind, surface = "wrpartner", "womfitter", "partner_group", "partner_external"
    else:
        text, where, who = dice.choice(CUSTOMER_TEXTS), place, key
        kind, surface = "customer_group", "customer_group"
    media = (IncomingAttachment("image"),) if "图片" in text or "照片拍好" in text else ()
    ingest_message(
        incoming=IncomingMessage(
            account=ACCOUNT, source="archive", external_id=f"bench-{number}",
            conversation=ConversationRef(where, kind, surface), sender=SenderRef(who), sent_at=at, text=text,
            attachments=media,
        ),
        at=at,
    )  # fmt: skip


def many_items(count: int, *, at: datetime) -> None:
    """Open items far in the future, over all cases, by bulk: what the sweep must not look at."""
    templates = list(WaitingItem.objects.order_by("pk"))
    later = at + timedelta(days=300)
    WaitingItem.objects.bulk_create(
        (
            WaitingItem(
                case_id=template.case_id, state="waiting_customer_material", on_id=template.on_id,
                on_role="customer_contact", need=f"材料{number}", owner_id=template.owner_id, opened_at=at,
                due_at=later + timedelta(minutes=number % 9000), remind_at=later + timedelta(minutes=number % 9000),
                last_fact_at=at,
            )
            for number, template in zip(range(count), cycle(templates), strict=False)
        ),
        batch_size=2000,
    )  # fmt: skip
