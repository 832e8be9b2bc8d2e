"""The demo company: a seller of home appliances with after-sales service, as it stands on an ordinary day.

Everything is made by the operations that people and channels use, at instants of the last days, so that the screens show real history. Names and
numbers are invented.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from PIL import Image, ImageDraw

from aijia import demo_knowledge, pump
from aijia.roles import AUDITOR, EDITOR, HANDLER, MANAGER, SUPERVISOR, keep_roles
from cases import operations as cases
from cases.appointments import Visit, set_appointment
from cases.models import (
    Calendar,
    DueRule,
    MaterialRequirement,
    Role,
    ServiceCase,
    ServiceFlow,
    TimeoutRule,
    WaitingItem,
)
from cases.operations import Fact
from channels_wecom.models import WeComAccount
from conversations import pictures
from conversations.models import Conversation, Message
from conversations.operations import (
    ConversationRef,
    IncomingAttachment,
    IncomingMessage,
    SenderRef,
    add_member,
    ingest_message,
    store_attachment,
)
from delivery.models import Outbound, OutboundState
from delivery.operations import flag_wrong, lift_pause, pause, settle
from evidence.operations import make_anchor
from foundation.actors import Actor
from knowledge.models import BrandVoice, KnowledgePolicy
from people.merging import merge_customers
from people.models import (
    Customer,
    DutyRoster,
    IdentityCertainty,
    Partner,
    Person,
    Shift,
    Side,
    StaffMember,
    Tag,
    Team,
    User,
)
from people.operations import find_or_add_identity, identify
from review import operations as review
from review.ladder import set_level
from review.models import AutomationLevel, Draft, DraftState, Level, ReplyKind, RiskBoundary, Verdict
from triage import digests
from triage.flagging import flag_wrong_message
from triage.followups import sweep_absent_owners
from triage.models import LearningPolicy
from triage.retraining import make_candidate

ZONE = ZoneInfo("Asia/Shanghai")
ACCOUNT = "demo"
PASSWORD = "aijia-demo"
CORP_ID = "ww5e1fd3m0c0mpany"
TOKEN = "demoCallbackToken"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
KF = "wkDEMO0001"
#: Somebody in a group whom nobody knows yet.
STRANGER = "wmVISITOR01"
#: The training rows that ship with the product.
ROWS = Path(settings.BASE_DIR) / "triage" / "data" / "training"
MACHINE = Actor.machine("demo")

STAFF = (
    ("linyue", "林悦", "handler", "售后一组"), ("zhoujie", "周洁", "handler", "售后一组"), ("xiaojiang", "小江", "handler", "售后二组"),
    ("tianyu", "田雨", "handler", "售后二组"), ("keke", "可可", "editor", "客服组"), ("wuming", "吴铭", "handler", "客服组"),
    ("hejie", "何姐", "supervisor", "售后一组"), ("fangzong", "方总", "manager", "客服组"), ("lishen", "李慎", "auditor", "客服组"),
)  # fmt: skip
PARTNERS = (
    ("顺达维修", (("wmPartnerWang", "王师傅"), ("wmPartnerZhou", "周师傅")), "wrPARTNER01", "顺达维修对接"),
    ("安居安装", (("wmPartnerGu", "顾师傅"),), "wrPARTNER02", "安居安装对接"),
)
CUSTOMERS = (
    "陈女士", "赵先生", "许小姐", "徐女士", "罗先生", "吴阿姨", "苏小姐", "郑先生", "孙太太", "韩先生", "邓女士", "冯先生", "曹阿姨", "彭先生",
    "董女士", "袁先生", "蒋女士", "沈先生", "潘女士", "姚先生",
)  # fmt: skip
#: These have a group of their own; the others write in private or to the customer-service account.
IN_GROUPS = 9
IN_PRIVATE = 15


@dataclass
class Demo:
    """What has been made so far."""

    now: datetime
    staff: dict[str, StaffMember] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    flows: dict[str, ServiceFlow] = field(default_factory=dict)
    said: list[tuple[datetime, str, str, str, str, bytes]] = field(default_factory=list)


def exists() -> bool:
    """Whether anything is here already: then the demo is not loaded over it."""
    return StaffMember.objects.exists() or Conversation.objects.exists()


def load(*, now: datetime) -> Demo:
    """Make the demo company. Call it on an empty database only."""
    demo = Demo(now=now.astimezone(ZONE))
    with transaction.atomic():
        _staff(demo)
        _parties(demo)
        _conversations(demo)
        _flows(demo)
        _knowledge(demo)
        _policy()
        _account()
    _history(demo)
    pictures.read_waiting(at=demo.now)  # where the optional packages are installed
    with transaction.atomic():
        case = ServiceCase.objects.filter(customer__name=CUSTOMERS[12]).first() or ServiceCase.objects.earliest("pk")
        demo_knowledge.ask_for_more(case=case, handler=demo.staff["zhoujie"], now=demo.now)
    return demo


def customer_id(number: int) -> str:
    """The channel id of a customer of the demo."""
    return f"wmDEMO{number:04d}"


def group_id(number: int) -> str:
    """The room id of a customer's group."""
    return f"wrDEMO{number:04d}"


#: What the demo's people may do, by their role in the story.
GROUPS: dict[str, tuple[str, ...]] = {
    "handler": (HANDLER,), "supervisor": (SUPERVISOR,), "manager": (SUPERVISOR, MANAGER), "editor": (HANDLER, EDITOR), "auditor": (AUDITOR,),
}  # fmt: skip


def _staff(demo: Demo) -> None:
    keep_roles()
    User.objects.create_superuser("admin", password=PASSWORD, display_name="系统管理员")
    for username, name, role, team in STAFF:
        supervisor = role in ("supervisor", "manager")
        user = User.objects.create_user(
            username, password=PASSWORD, is_staff=True, is_superuser=False, display_name=name
        )
        user.groups.set(Group.objects.filter(name__in=GROUPS[role]))
        row = StaffMember.objects.create(
            user=user, name=name, team=Team.objects.get_or_create(name=team)[0], is_supervisor=supervisor,
        )  # fmt: skip
        person = Person.objects.create(name=name, side=Side.INTERNAL, staff=row)
        identify(account=ACCOUNT, external_id=username, person=person, certainty=IdentityCertainty.VERIFIED)
        demo.staff[username], demo.people[username] = row, person


def _parties(demo: Demo) -> None:
    for organisation, fitters, _room, _name in PARTNERS:
        partner = Partner.objects.create(name=organisation)
        for external_id, name in fitters:
            person = Person.objects.create(name=name, side=Side.PARTNER, partner=partner)
            identify(account=ACCOUNT, external_id=external_id, person=person, certainty=IdentityCertainty.VERIFIED)
            demo.people[external_id] = person
    owners = [demo.staff[key] for key in ("linyue", "zhoujie", "xiaojiang", "tianyu")]
    for number, name in enumerate(CUSTOMERS, start=1):
        owner = owners[0] if number == 1 else owners[number % len(owners)]
        customer = Customer.objects.create(
            name=name, owner=owner, team=owner.team, phone=f"139{number:04d}{8000 + number}"
        )
        person = Person.objects.create(name=name, side=Side.CUSTOMER, customer=customer)
        identify(account=ACCOUNT, external_id=customer_id(number), person=person, certainty=IdentityCertainty.VERIFIED)
        demo.people[customer_id(number)] = person
    father = Person.objects.create(
        name="许小姐的父亲",
        side=Side.CUSTOMER,
        customer=demo.people[customer_id(3)].customer,
        in_wecom=False,
        relation="父亲",
    )
    demo.people["father"] = father


def _conversation(
    demo: Demo, external_id: str, kind: str, surface: str, name: str, members: list[str], **more: object
) -> None:
    row = Conversation.objects.create(
        account=ACCOUNT, external_id=external_id, kind=kind, surface=surface, name=name, **more
    )
    for member in members:
        add_member(conversation=row, person=demo.people[member], at=demo.now - timedelta(days=30))
    demo.conversations[external_id] = row


def _conversations(demo: Demo) -> None:
    for number, name in enumerate(CUSTOMERS, start=1):
        customer = demo.people[customer_id(number)].customer
        assert customer is not None and customer.owner is not None
        owner = next(key for key, row in demo.staff.items() if row.pk == customer.owner_id)
        common = {"customer": customer, "owner": customer.owner, "team": customer.team}
        if number <= IN_GROUPS:
            _conversation(
                demo,
                group_id(number),
                "customer_group",
                "customer_group",
                f"{name}售后服务群",
                [customer_id(number), owner],
                **common,
            )
        elif number <= IN_PRIVATE:
            _conversation(
                demo,
                f"single:{owner}:{customer_id(number)}",
                "private",
                "staff_private",
                name,
                [customer_id(number), owner],
                **common,
            )
        else:
            _conversation(
                demo,
                f"kf:{KF}:{customer_id(number)}",
                "private",
                "kf",
                name,
                [customer_id(number)],
                source="kf",
                **common,
            )
    for organisation, fitters, room, name in PARTNERS:
        partner = Partner.objects.get(name=organisation)
        members = [external_id for external_id, _name in fitters] + ["linyue", "xiaojiang"]
        _conversation(demo, room, "partner_group", "partner_external", name, members, partner=partner)
    everybody = [key for key, _name, role, _team in STAFF if role != "auditor"]
    _conversation(demo, "chatAFTERSALES", "internal_group", "internal_app", "售后内部群", everybody)


def _flows(demo: Demo) -> None:
    calendar = Calendar.objects.create(
        name="客服工作时间",
        week={day: [["09:00", "12:00"], ["13:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat")},
    )
    he, lin = demo.staff["hejie"], demo.staff["linyue"]
    table = (
        ("repair_visit", "上门维修", "after_sales", "image", True, ("维修", "坏", "不制冷", "漏水", "异响", "故障", "报错", "不转"),
         (("nameplate", "铭牌照片"), ("fault", "故障部位的照片或视频"))),
        ("installation", "上门安装", "appointment", "image", True, ("安装", "装", "上门装", "预约安装"), (("site", "安装位置的照片"),)),
        ("return_exchange", "退换货", "material_collection", "none", False, ("退货", "换货", "发错", "破损", "少件", "磕"), (("waybill", "快递面单照片"), ("damage", "破损处照片"))),
    )  # fmt: skip
    for key, name, context, proof, partner, words, materials in table:
        flow = ServiceFlow.objects.create(
            key=key, name=name, service_context=context, completion_proof=proof, notify_partner=partner, keywords=list(words),
            calendar=calendar, supervisor=he, fallback_owner=lin, disclosure={"visit_time": "always", "technician_surname": "agreed", "technician_phone": "agreed", "tracking_number": "always"},
        )  # fmt: skip
        for material, label in materials:
            MaterialRequirement.objects.create(flow=flow, key=material, name=label)
        for state, hours in {
            "waiting_customer_material": 8,
            "waiting_partner_feedback": 8,
            "waiting_appointment": 8,
            "material_received": 8,
        }.items():
            DueRule.objects.create(flow=flow, state=state, minutes=hours * 60)
        TimeoutRule.objects.create(flow=flow, state="waiting_customer_material", action="chase", after_minutes=60)
        TimeoutRule.objects.create(
            flow=flow, state="waiting_partner_feedback", action="escalate", after_minutes=240, at_most=1
        )
        demo.flows[key] = flow


def _knowledge(demo: Demo) -> None:
    _voices()
    demo_knowledge.fill(
        author=demo.staff["keke"],
        reviewer=demo.staff["hejie"],
        flows=demo.flows,
        now=demo.now,
        picture=picture("SAMPLE"),
    )
    _members()


def _voices() -> None:
    """The company's own voice, and another one for its gold members."""
    BrandVoice.objects.create(name="亲切", greeting="{name}您好，")
    formal = BrandVoice.objects.create(
        name="尊享", tone=BrandVoice.Tone.FORMAL, greeting="尊敬的{name}，您好！", greeting_nameless="尊敬的客户，您好！",
        greeting_en="Dear {name}, ", instead=[["师傅", "工程师"]],
    )  # fmt: skip
    formal.tags.add(Tag.objects.get_or_create(name="金卡会员")[0])


def _members() -> None:
    """Two customers are members, by the tags that the policy of knowledge names."""
    policy = KnowledgePolicy.current()
    policy.save()
    for name, customer in (("银卡会员", CUSTOMERS[1]), ("金卡会员", CUSTOMERS[2])):
        tag, _new = Tag.objects.get_or_create(name=name)
        policy.member_tags.add(tag)
        Customer.objects.get(name=customer).tags.add(tag)


def _policy() -> None:
    for kind in ReplyKind.values:
        AutomationLevel.objects.create(
            reply_kind=kind, level=Level.REVIEW, changed_by="系统管理员", note="新安装：全部先审"
        )
    for topic in (
        "complaint",
        "dispute",
        "negative_review",
        "safety",
        "regulator_media",
        "staff_misconduct",
        "private_payment",
        "minor",
    ):
        RiskBoundary.objects.create(topic=topic, right="supervisor", four_eyes=topic == "regulator_media")
    for topic in ("refund", "compensation", "price_protection", "payment", "privacy"):
        RiskBoundary.objects.create(topic=topic, right="handler")
    LearningPolicy.objects.create(keep_examples=True, note="演示公司：客户须知第 6 条，脱敏后用于改进理解")


def _account() -> None:
    WeComAccount.objects.create(
        key=ACCOUNT, name="悦居电器（演示）", corp_id=CORP_ID, agent_id="1000002", callback_token=TOKEN, encoding_aes_key=AES_KEY,
        app_secret="demo-app-secret", archive_secret="demo-archive-secret",
    )  # fmt: skip


# --- the last days -----------------------------------------------------------------------------------------------------------------


def picture(*lines: str) -> bytes:
    """A small picture that stands for a photo: of a nameplate, unless other lines than a name are given."""
    lines = lines if len(lines) > 1 else ("MODEL  BCD-452W", "S/N    YJ20250317", *lines)
    image = Image.new("RGB", (480, 320), (226, 232, 240))
    draw = ImageDraw.Draw(image)
    draw.rectangle((40, 40, 440, 280), fill=(203, 213, 225), outline=(71, 85, 105), width=4)
    for line, text in enumerate(lines):
        draw.text((70, 90 + 50 * line), text, fill=(15, 23, 42), font_size=28)
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()


def _say(demo: Demo, at: datetime, where: str, who: str, text: str, *, image: bytes = b"") -> Message:
    conversation = demo.conversations[where]
    if where.startswith("single:") and who not in where.split(":"):
        raise ValueError(f"In the private chat {where} only its two members write, not {who}.")
    key = f"demo-{len(demo.said) + 1:04d}"
    source = "kf" if conversation.surface == "kf" else "archive"
    message, _created = ingest_message(
        incoming=IncomingMessage(
            account=ACCOUNT, source=source, external_id=key,
            conversation=ConversationRef(where, conversation.kind, conversation.surface), sender=SenderRef(who, name="赵先生的邻居" if who == STRANGER else ""), sent_at=at,
            type="image" if image and not text else "text", text=text, attachments=(IncomingAttachment("image", "photo.png"),) if image else (),
        ),
        at=at,
    )  # fmt: skip
    for row in message.attachments.all():
        store_attachment(attachment_id=row.pk, content=image, at=at)
    demo.said.append((at, where, who, text, key, image))
    if who not in demo.people:
        demo.people[who] = message.sender
    pump.drain(at, channel=False, deadlines=True)
    return message


def _by(staff: StaffMember) -> Actor:
    """A colleague as the one who does something."""
    return Actor.of_user(staff.user) if staff.user else MACHINE


def _release(demo: Demo, at: datetime, by: str, *, into: str = "", tap: bool = True, words: str = "") -> None:
    """A person releases the newest draft (into one conversation; in other words), and the member taps what was prepared."""
    waiting = Draft.objects.filter(state=DraftState.PENDING)
    draft = (waiting.filter(conversation__external_id=into) if into else waiting).order_by("-pk").first()
    if draft is None:
        return
    staff = demo.staff[by]
    actor = _by(staff)
    do = Verdict.Do.EDIT if words else Verdict.Do.APPROVE
    review.decide(draft_id=draft.pk, by=staff, do=do, text=words, actor=actor, at=at)
    pump.drain(at, channel=False, deadlines=True)
    if tap:
        _tap(demo, at + timedelta(minutes=1), by)


def _tap(demo: Demo, at: datetime, by: str) -> None:
    for outbound in Outbound.objects.filter(state=OutboundState.PREPARED).select_related("conversation").order_by("pk"):
        if outbound.conversation is not None:
            _say(demo, at, outbound.conversation.external_id, by, outbound.text)


def _case(
    demo: Demo, number: int, flow: str, partner: str | None, title: str, at: datetime, *, owner: str
) -> ServiceCase:
    person = demo.people[customer_id(number)]
    assert person.customer is not None
    home = next(row for row in demo.conversations.values() if row.customer_id == person.customer_id)
    case = cases.open_case(
        flow=demo.flows[flow], customer=person.customer, conversation=home, owner=demo.staff[owner],
        partner=Partner.objects.get(name=partner) if partner else None, contact=person, title=title, actor=MACHINE, at=at,
    )  # fmt: skip
    if partner:
        fitter = Person.objects.filter(partner__name=partner).order_by("pk").first()
        assert fitter is not None
        cases.add_participant(case=case, person=fitter, role=Role.FULFILLMENT_PARTNER)
    return case


def _clock(now: datetime) -> Callable[..., datetime]:
    """The story's days. Its last day is today where today is far enough for it, and yesterday before that."""
    morning = now.replace(hour=9, minute=0, second=0, microsecond=0)
    today = now - morning > timedelta(hours=2)
    first = morning - timedelta(days=2 if today else 3)
    left = (now - morning - timedelta(minutes=12)) / timedelta(hours=6, minutes=10)

    def at(days: int, hour: int, minute: int = 0) -> datetime:
        since = timedelta(hours=hour - 9, minutes=minute)
        return first + timedelta(days=days) + (since * min(1.0, left) if today and days == 2 else since)

    return at


def _history(demo: Demo) -> None:
    """The last days, in their order, through the real pipeline."""
    at, plan = _clock(demo.now), list[tuple[datetime, Callable[[], object]]]()

    def then(moment: datetime, do: Callable[..., object], *args: object, **more: object) -> None:
        plan.append((moment, lambda: do(demo, moment, *args, **more)))

    homes = {
        number: next(
            key for key, row in demo.conversations.items()
            if row.customer_id == demo.people[customer_id(number)].customer_id
        )
        for number in range(1, len(CUSTOMERS) + 1)
    }  # fmt: skip
    today = f"{demo.now.month}月{demo.now.day}日"
    # 陈女士: a fridge, waiting for the partner; where a newcomer begins.
    then(at(0, 9, 10), _opened, 1, "repair_visit", "顺达维修", "冰箱不制冷", "linyue", state="waiting_partner_feedback", on="wmPartnerWang",
         need="冰箱不制冷，判断故障并定配件", need_kind="feedback", due_in=timedelta(hours=6))  # fmt: skip
    then(at(0, 9, 20), _say, group_id(1), customer_id(1), "冰箱冷藏室不凉了，麻烦帮忙看看")
    then(at(0, 9, 30), _release, "linyue", into=group_id(1))
    then(at(0, 9, 40), _say, "wrPARTNER01", "linyue", "王师傅 陈女士家冰箱不制冷，你看是什么问题")
    # 赵先生: the whole way: asked, sent, checked, closed.
    then(at(0, 10), _opened, 2, "repair_visit", "顺达维修", "洗衣机脱水异响", "linyue")
    then(
        at(0, 10, 5),
        _say,
        "wrPARTNER01",
        "wmPartnerWang",
        "赵先生家洗衣机，请他拍一段脱水时的视频或者照片，看下是不是减震器",
    )
    then(at(0, 10, 15), _release, "linyue", into=group_id(2))
    then(at(0, 11), _say, group_id(2), customer_id(2), "拍好了，声音挺大的", image=picture("WASHER"))
    then(at(0, 11, 10), _release, "linyue", into=group_id(2))
    then(at(0, 11, 20), _checked, "赵先生", "linyue")
    then(
        at(1, 9, 30),
        _say,
        "wrPARTNER01",
        "wmPartnerWang",
        "赵先生家减震器换好了，试机正常，请他用两天看看，没问题回个话",
    )
    then(at(1, 9, 40), _release, "linyue", into=group_id(2))
    then(at(2, 10), _say, group_id(2), customer_id(2), "用了两天，不响了，挺好的")
    then(at(2, 10, 10), _release, "linyue", into=group_id(2))
    # 许小姐: coordinates, her father acts.
    then(at(1, 14), _opened, 3, "repair_visit", "顺达维修", "热水器打不着火", "xiaojiang", executor="father")
    then(
        at(1, 14, 5),
        _say,
        "wrPARTNER01",
        "wmPartnerWang",
        "许小姐报的热水器在她爸妈家，麻烦让她爸今晚先把燃气阀关了，关好拍张照片发来",
    )
    then(at(1, 14, 15), _release, "xiaojiang", into=group_id(3))
    then(at(1, 14, 40), _say, group_id(3), customer_id(3), "跟我爸说了 他吃完晚饭去关")
    # 沈先生 and 潘女士: partners were asked when they can come, and have not said; one of them should have by now.
    then(at(1, 9, 35), _opened, 18, "installation", "安居安装", "洗碗机安装", "linyue")
    then(at(1, 9, 38), _say, "wrPARTNER02", "linyue", "沈先生家洗碗机到货了，这两天哪天能上门装？定了说一声")
    then(at(2, 8, 50), _opened, 19, "repair_visit", "顺达维修", "燃气灶打不着火", "zhoujie")
    then(at(2, 14, 42), _say, "wrPARTNER01", "zhoujie", "潘女士家燃气灶打不着火，明后天哪天能过去看看")
    # The night's anchor over all evidence.
    plan.append((at(1, 23, 50), lambda: make_anchor(at=at(1, 23, 50))))
    # 徐女士: an installation, the time is to be agreed; she also wrote to the service account, and is one person.
    then(at(1, 15), _opened, 4, "installation", "安居安装", "油烟机安装", "zhoujie", state="waiting_appointment", on=customer_id(4),
         need="油烟机上门安装，请客户说个方便的日子", need_kind="appointment")  # fmt: skip
    then(at(1, 15, 20), _merged, 4)
    then(at(2, 9, 20), _say, group_id(4), customer_id(4), "周六上午吧，九点以后都在家")
    # 罗先生: a complaint, held for the supervisor.
    then(at(2, 9), _opened, 5, "installation", "安居安装", "烟机安装打裂墙砖", "zhoujie", state="waiting_partner_feedback", on="wmPartnerGu",
         need="安装当天的情况说明和照片", need_kind="feedback")  # fmt: skip
    then(
        at(2, 9, 30),
        _say,
        group_id(5),
        customer_id(5),
        "我要投诉！装个烟机给我打裂三块墙砖，人拍拍屁股就走了",
        image=picture("WALL TILES", "3 PIECES", "CRACKED"),
    )
    then(at(2, 9, 45), _noted, "罗先生", "zhoujie", "@何姐 客户情绪比较激动，安装队说当天没动过那面墙，您看怎么回？")
    # 吴阿姨: overdue material.
    then(at(0, 14), _opened, 6, "repair_visit", "顺达维修", "空调漏水", "tianyu", state="waiting_customer_material", on=customer_id(6),
         need="内机漏水位置的照片", need_kind="material", proof="image", count=2)  # fmt: skip
    then(
        at(2, 13),
        _say,
        group_id(6),
        customer_id(6),
        "先发一张，另一张晚上回家拍",
        image=picture("INDOOR UNIT", "LEFT SIDE", "DRIPPING"),
    )
    # 苏小姐: damage in transit, one picture of two; the thanks wait for a tap.
    then(at(2, 10, 30), _say, group_id(7), customer_id(7), "收到的破壁机外壳磕了一块，盒子也破损了")
    then(at(2, 10, 40), _release, "linyue", into=group_id(7))
    then(
        at(2, 11),
        _say,
        group_id(7),
        customer_id(7),
        "快递面单在这",
        image=picture("WAYBILL", "NO. SF1420088812345", "DELIVERED"),
    )
    then(at(2, 14, 52), _release, "linyue", into=group_id(7), tap=False)
    # 郑先生 and 孙太太: somebody comes today.
    then(at(1, 10), _opened, 8, "installation", "安居安装", "净水器安装", "linyue")
    then(at(1, 10, 20), _say, "wrPARTNER02", "wmPartnerGu", f"郑先生家净水器{today}下午3点上门安装")
    then(at(1, 10, 30), _release, "linyue", into=group_id(8))
    then(at(1, 11), _opened, 9, "repair_visit", "顺达维修", "空调不制热", "zhoujie")
    then(at(1, 11, 20), _say, "wrPARTNER01", "wmPartnerZhou", f"孙太太家空调{today}上午10点半上门检修")
    then(at(1, 11, 30), _release, "zhoujie", into=group_id(9))
    # She sends what the fitter asked for, and one picture more; the fitter has not heard of it yet.
    then(
        at(2, 11, 30), _say, "wrPARTNER01", "wmPartnerZhou", "孙太太家空调外机的铭牌麻烦让她拍一张清楚的，要查配件型号"
    )
    then(at(2, 11, 40), _release, "zhoujie", into=group_id(9))
    then(
        at(2, 14, 53),
        _say,
        group_id(9),
        customer_id(9),
        "外机铭牌拍好了",
        image=picture("KFR-35W", "S/N    KT20240611", "OUTDOOR UNIT"),
    )
    then(at(2, 14, 54), _checked, "孙太太", "zhoujie")
    then(at(2, 14, 56), _say, group_id(9), customer_id(9), "", image=picture("REMOTE", "E4", "FAULT"))
    then(at(1, 11, 40), _say, group_id(9), "zhoujie", "孙太太您放心，顺达维修那边说明天上午过来")
    # 曹阿姨: a question that a colleague answered by hand, and thinks that others ask too.
    own = homes[13].split(":")[1]
    then(
        at(1, 16),
        _say,
        homes[13],
        customer_id(13),
        "你好，我是望京花园3号楼502的，电话13912345678，净水器的滤芯可以自己换吗？",
    )
    then(
        at(1, 16, 8),
        _say,
        homes[13],
        own,
        "可以自己换的：先关进水阀，逆时针旋出旧滤芯，装上新的，再放水冲洗十分钟就能用。",
    )
    # 彭先生: a reviewer words an answer better, and the editors are offered the better words.
    then(at(1, 16, 20), _say, homes[14], customer_id(14), "洗衣机第一次使用要注意什么")
    then(at(1, 16, 30), _release, homes[14].split(":")[1], into=homes[14],
         words="彭先生您好，第一次用之前麻烦先把机身背后的四颗运输螺栓拆下来，再不放衣物空洗一次，之后就可以正常洗衣服了。")  # fmt: skip
    # Questions: two from knowledge, one about money, one without a source; somebody nobody knows yet.
    then(at(2, 13, 30), _say, homes[10], customer_id(10), "请问整机保修期是多久呀")
    then(at(2, 13, 40), _say, homes[11], customer_id(11), "净水器的RO膜一般多久换一次")
    then(at(2, 14), _say, homes[12], customer_id(12), "我上周买的今天降价了，差价退我行不行")
    then(at(2, 14, 5), _say, group_id(2), STRANGER, "你好，我是赵先生的邻居，想问问你们清洗空调怎么收费")
    then(at(2, 14, 10), _say, homes[16], customer_id(16), "你们能不能上门收旧电器")
    then(at(2, 14, 20), _say, homes[17], customer_id(17), "好的谢谢")
    # The partners' digest of the day, released, tapped, and answered by number.
    then(at(2, 14, 30), _digest)
    then(at(2, 14, 55), _flagged, "linyue")
    then(at(2, 14, 57), _told_by_hand, "tianyu")
    then(at(2, 15), _say, "chatAFTERSALES", "zhoujie", "罗先生那单我先跟安装队了解情况，大家别在群里提赔的事")
    then(at(2, 15, 4), _noted, "陈女士", "hejie", "@林悦 这单客户催过一次，顺达那边今天要给准话")
    for _moment, act in sorted(plan, key=lambda one: one[0]):
        act()
    _settled_since(demo)


def _opened(
    demo: Demo, at: datetime, number: int, flow: str, partner: str | None, title: str, owner: str, *, executor: str = "",
    state: str = "", on: str = "", need: str = "", need_kind: str = "action", proof: str = "none", count: int = 1, due_in: timedelta | None = None,
) -> None:  # fmt: skip
    """A case, with what somebody owes in it."""
    case = _case(demo, number, flow, partner, title, at, owner=owner)
    if executor:
        cases.add_participant(case=case, person=demo.people[executor], role=Role.ACTUAL_EXECUTOR)
    if state:
        person = demo.people[on]
        cases.open_wait(
            case=case, state=state, on=person, need=need, need_kind=need_kind, proof=proof, count_needed=count, fact=Fact(MACHINE, at, at),
            on_role=Role.FULFILLMENT_PARTNER if person.side == Side.PARTNER else Role.CUSTOMER_CONTACT,
            due_at=demo.now + due_in if due_in is not None else None,
        )  # fmt: skip


def _of(name: str) -> ServiceCase:
    return ServiceCase.objects.filter(customer__name=name).earliest("pk")


def _checked(demo: Demo, at: datetime, name: str, by: str) -> None:
    """A colleague looks at what came and finds it good."""
    staff = demo.staff[by]
    for material in _of(name).materials.filter(state="received"):
        cases.judge_material(material_id=material.pk, accept=True, by=staff, fact=Fact(_by(staff), at, at))


def _noted(demo: Demo, at: datetime, name: str, by: str, words: str) -> None:
    """A note for a colleague."""
    staff = demo.staff[by]
    cases.add_note(case_id=_of(name).pk, by=staff, text=words, actor=_by(staff), at=at)


def _merged(demo: Demo, at: datetime, number: int) -> None:
    """Somebody stood twice among the customers, and was made one."""
    kept = demo.people[customer_id(number)].customer
    assert kept is not None
    twice = Customer.objects.create(name=f"{kept.name}（微信客服）", owner=kept.owner, team=kept.team)
    person = Person.objects.create(name=kept.name, side=Side.CUSTOMER, customer=twice)
    identify(account=ACCOUNT, external_id="wmDEMOTWICE", person=person, certainty=IdentityCertainty.CANDIDATE)
    lead = demo.staff["hejie"]
    merge_customers(kept_id=kept.pk, gone_id=twice.pk, reason="同一手机号，电话里核对过", actor=_by(lead), at=at)


def _digest(demo: Demo, at: datetime) -> None:
    """What each partner still owes, in one message; they answer by number; of what is overdue the second says nothing."""
    digests.sweep_digests(at=at)
    for _organisation, _fitters, room, _name in PARTNERS:
        _release(demo, at + timedelta(minutes=2), "linyue", into=room)
    _say(demo, at + timedelta(minutes=8), "wrPARTNER01", "wmPartnerWang", "1好")
    _say(demo, at + timedelta(minutes=9), "wrPARTNER02", "wmPartnerGu", "2好 3改周日上午")


def _flagged(demo: Demo, at: datetime, by: str) -> None:
    """A text that was delivered was wrong."""
    sent = Outbound.objects.filter(kind="reply", state=OutboundState.CONFIRMED).order_by("pk").first()
    if sent is not None:
        flag_wrong(
            outbound_id=sent.pk,
            reason="wrong_tone",
            words="太生硬，客户有意见",
            by=demo.staff[by],
            actor=_by(demo.staff[by]),
            at=at,
        )
    # And one that a colleague typed by hand.
    typed, lead = _say(demo, at, group_id(9), "zhoujie", "孙太太您放心，明天一定给您修好"), demo.staff["hejie"]
    flag_wrong_message(
        message_id=typed.pk, reason="promised_too_much", words="师傅还没看过，不能先许结果", by=lead, actor=_by(lead), at=at + timedelta(minutes=1)
    )  # fmt: skip


def _told_by_hand(demo: Demo, at: datetime, by: str) -> None:
    """One text was released and could not be sent, another was told on the telephone."""
    staff = demo.staff[by]
    for into, arrived in ((group_id(6), False), (group_id(4), True)):
        _release(demo, at, by, into=into, tap=False)
        row = (
            Outbound.objects.filter(state=OutboundState.PREPARED, conversation__external_id=into)
            .order_by("-pk")
            .first()
        )
        if row is not None:
            settle(
                outbound_id=row.pk, arrived=arrived, by=staff, actor=_by(staff), at=at + timedelta(minutes=1),
                reason="" if arrived else "群里正在聊别的事，晚点再提醒",
            )  # fmt: skip
            pump.drain(at + timedelta(minutes=1), channel=False, deadlines=True)


def _agreed_by_telephone(demo: Demo) -> None:
    """A colleague agreed a visit on the telephone, and said who comes."""
    case = (
        ServiceCase.objects.open()
        .filter(partner__isnull=False, appointment_at=None, flow__intake=False)
        .order_by("-pk")
        .first()
    )
    if case is None:
        return
    begin = (demo.now + timedelta(days=2)).replace(hour=14, minute=0, second=0, microsecond=0)
    fitter = Person.objects.filter(partner=case.partner).order_by("pk").first()
    at = demo.now - timedelta(minutes=20)
    set_appointment(
        case_id=case.pk, visit=Visit(begin, begin + timedelta(hours=2), fitter.name if fitter else "", "13900003456"),
        fact=cases.Fact(_by(case.owner), at, at, None, "电话里约好"), tell_customer=False,
    )  # fmt: skip


def _settled_since(demo: Demo) -> None:
    """What colleagues set up and decided beside the messages: a hand-over, a past stop, shifts, a level, a trained model."""
    lin, lead = demo.staff["linyue"], demo.staff["hejie"]
    boss = _by(lead)
    own = WaitingItem.objects.open().filter(owner=lin).exclude(on__side=Side.PARTNER)
    items = list(own.order_by("pk").values_list("pk", flat=True)[:2])
    if items:
        cases.offer_hand_over(
            wait_ids=items, giver=lin, taker=demo.staff["zhoujie"], note="客户下午在家，先等照片",
            actor=_by(lin), at=demo.now - timedelta(minutes=5),
        )  # fmt: skip
    _agreed_by_telephone(demo)
    done = ServiceCase.objects.filter(state="completed").order_by("pk").first()
    if done is not None:
        cases.plan_case(
            customer=done.customer, flow=done.flow, owner=lin, title="半年回访", need="回访：用得怎样，要不要换滤芯", at=demo.now, actor=_by(lin),
            next_at=(demo.now + timedelta(days=180)).replace(hour=10, minute=0, second=0, microsecond=0), every_days=180,
        )  # fmt: skip
    # Somebody of the same name whom nobody knows yet.
    find_or_add_identity(account=ACCOUNT, external_id="wmDEMO0021", name="陈女士")
    stopped = pause(
        scope="flow",
        key="installation",
        reason="安装价目表更新，先停一下",
        by=str(lead),
        at=demo.now - timedelta(days=1, hours=2),
    )
    lift_pause(pause_id=stopped.pk, by=str(lead), at=demo.now - timedelta(days=1, hours=1))
    roster = DutyRoster.objects.create(name="售后值班", lead=lead)
    midnight = demo.now.replace(hour=0, minute=0, second=0, microsecond=0)
    for day in range(7):
        for part, name in enumerate(("keke", "wuming")):
            begins = midnight + timedelta(days=day, hours=12 * part)
            Shift.objects.create(
                roster=roster, staff=demo.staff[name], starts_at=begins, ends_at=begins + timedelta(hours=12)
            )
    # What nobody needs to see to in person belongs to the duty: whoever is on shift has it.
    shared = WaitingItem.objects.open().filter(owner=lin).exclude(pk__in=items).order_by("-due_at", "pk").first()
    if shared is not None:
        cases.give_to_duty(
            wait_id=shared.pk,
            roster=roster,
            fact=Fact(_by(lin), demo.now - timedelta(minutes=6), demo.now, None, "staff"),
        )
    # A colleague is on leave: what she owns is seen to by who takes her place.
    away = demo.staff["tianyu"]
    away.on_duty = False
    away.save(update_fields=["on_duty"])
    sweep_absent_owners(at=demo.now - timedelta(minutes=6))
    set_level(
        flow=None, conversation_kind="", reply_kind=ReplyKind.MATERIAL_RECEIVED, level=Level.DIRECT, confirmed=True,
        note="近一个月都原样通过，先放开这一类", actor=boss, at=demo.now - timedelta(minutes=4),
    )  # fmt: skip
    shipped = [json.loads(line) for line in (ROWS / "s_shared.jsonl").read_text().splitlines() if line]
    make_candidate(project_rows=shipped, actor=Actor.machine("training"), at=demo.now - timedelta(minutes=3))


def furnish_sandbox(demo: Demo, *, base_url: str) -> None:
    """Give the local WeCom the same people, chats and messages, where it is installed."""
    if "channels_wecom.sandbox" not in settings.INSTALLED_APPS:
        return
    # By dotted path, as everything reaches the local WeCom: an installation may leave it out.
    sandbox = import_module("channels_wecom.sandbox.operations")
    seeding = import_module("channels_wecom.sandbox.seeding")
    people_of = import_module("channels_wecom.sandbox.models").SandboxUser.objects

    users = [seeding.UserSeed(key, name) for key, name, _role, _team in STAFF]
    for organisation, fitters, _room, _name in PARTNERS:
        users += [seeding.UserSeed(key, name, "partner", organisation) for key, name in fitters]
    users.append(seeding.UserSeed(STRANGER, "赵先生的邻居", "external"))
    users += [seeding.UserSeed(customer_id(number), name, "external") for number, name in enumerate(CUSTOMERS, start=1)]
    chats = []
    for conversation in demo.conversations.values():
        members = tuple(
            key for key, person in demo.people.items()
            if person.in_wecom and conversation.members.filter(person=person).exists()
        )  # fmt: skip
        place = conversation.external_id
        if place.startswith("kf:"):
            chats.append(seeding.ChatSeed("kf", members, name=conversation.name, open_kfid=KF, kf_name="悦居电器客服"))
        elif place.startswith("single:"):
            chats.append(seeding.ChatSeed("single", members, name=conversation.name))
        else:
            chats.append(seeding.ChatSeed(conversation.kind, members, chat_id=place, name=conversation.name))
    corp = seeding.seed(
        seeding.CorpSeed(
            account_key=ACCOUNT, corp_id=CORP_ID, name="悦居电器", callback_url=f"{base_url}/wecom/callback/{ACCOUNT}/", token=TOKEN,
            encoding_aes_key=AES_KEY, app_secret="demo-app-secret", archive_secret="demo-archive-secret",
            toolbar_url=f"{base_url}/wecom/toolbar/{ACCOUNT}/",
        ),
        users=users,
        chats=chats,
    )  # fmt: skip
    people = {row.userid: row for row in people_of.filter(corp=corp)}
    for at, where, who, text, key, image in sorted(demo.said, key=lambda entry: entry[0]):
        chat = sandbox.find_chat(chat_id=where, corp=corp)
        media = (
            sandbox.upload_media(corp=corp, name="photo.png", data=image, type="image") if image and not text else None
        )
        sandbox.post_message(chat=chat, sender=people[who], text=text, media=media, at=at, msgid=key, ring=False)
