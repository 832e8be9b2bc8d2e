"""What the demo company may say: items in every state of their life, and everything by which editors see whether knowledge is any good."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile

from cases.models import ServiceCase, ServiceFlow
from foundation.actors import Actor
from knowledge import operations
from knowledge.models import KnowledgeVersion, Outcome, ProposalSource
from people.models import StaffMember


class Shelf:
    """An author and a reviewer who fill it, by the operations that people use."""

    def __init__(self, author: StaffMember, reviewer: StaffMember, *, now: datetime) -> None:
        self.author, self.reviewer, self.now = author, reviewer, now
        self.midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)

    def ago(self, days: float) -> datetime:
        """An instant before now."""
        return self.now - timedelta(days=days)

    @staticmethod
    def actor(staff: StaffMember) -> Actor:
        """A colleague as an actor."""
        return Actor.of_user(staff.user) if staff.user else Actor.machine("demo")

    def draft(self, kind: str, title: str, body: str, *, at: datetime, **more: Any) -> KnowledgeVersion:
        """A draft by the author."""
        return operations.create_item(
            kind=kind, title=title, body=body, author=self.author, actor=self.actor(self.author), at=at, **more
        )

    def desensitized(self, version: KnowledgeVersion, *, at: datetime) -> KnowledgeVersion:
        """The same, found free of personal data."""
        return operations.desensitize(version_id=version.pk, by=self.author, actor=self.actor(self.author), at=at)

    def reviewed(self, version: KnowledgeVersion, *, at: datetime) -> KnowledgeVersion:
        """The same, found right by the reviewer."""
        self.desensitized(version, at=at)
        by = self.reviewer
        return operations.review(version_id=version.pk, by=by, actor=self.actor(by), at=at + timedelta(minutes=30))

    def published(self, version: KnowledgeVersion, *, at: datetime) -> KnowledgeVersion:
        """The same, published."""
        self.reviewed(version, at=at)
        return operations.publish(version_id=version.pk, actor=self.actor(self.reviewer), at=at + timedelta(hours=1))


def fill(
    *, author: StaffMember, reviewer: StaffMember, flows: dict[str, ServiceFlow], now: datetime, picture: bytes
) -> None:
    """Put everything on the shelf."""
    shelf = Shelf(author, reviewer, now=now)
    _basics(shelf)
    _about_flows(shelf, flows, picture)
    _rules(shelf)
    _campaigns(shelf)
    _in_work(shelf)
    _history(shelf)


def _basics(shelf: Shelf) -> None:
    for kind, title, body, more in (
        ("policy", "七天无理由退货", "签收七天内，商品未安装使用、包装和配件齐全的，支持七天无理由退货，退回运费由买家承担。",
         {"questions": ["买了不喜欢能退吗"], "fields": {"topic": "return"}, "code": "ZC-002"}),
        ("product", "净水器滤芯更换周期", "PP棉滤芯建议3到6个月更换，RO膜建议24到36个月更换，屏幕上有提示灯。",
         {"products": ["净水器"], "code": "CP-001"}),
        ("product", "洗衣机首次使用", "第一次使用前请拆除背后的四颗运输螺栓，空机洗一次筒再放衣物。", {"products": ["洗衣机"]}),
        ("membership_rule", "会员延保", "银卡会员整机延保三个月，金卡会员整机延保六个月，购买后自动生效。", {"fields": {"tiers": ["银卡", "金卡"]}, "audience": "member"}),
        ("policy", "电子发票怎么申请", "电子发票在订单页申请，三个工作日内发到邮箱。", {"fields": {"topic": "payment"}}),
        ("contraindication", "空气炸锅不能放纸", "未放食物时不要垫纸，热风会把纸吸到发热管上。",
         {"products": ["空气炸锅"], "fields": {"who": "所有用户", "severity": "avoid"}}),
        ("customer_wording", "英文客户：保修期", "The whole machine is covered for one year, the main parts for three years from delivery.",
         {"questions": ["how long is the warranty"]}),
    ):  # fmt: skip
        version = shelf.draft(kind, title, body, at=shelf.ago(12), **more)  # type: ignore[arg-type]
        shelf.published(version, at=shelf.ago(11))
    old = shelf.draft(
        "product", "加湿器水垢清洁", "用温水加柠檬酸浸泡半小时后擦净。", at=shelf.ago(160), products=["加湿器"]
    )
    shelf.published(old, at=shelf.ago(159))


def _about_flows(shelf: Shelf, flows: dict[str, ServiceFlow], picture: bytes) -> None:
    shelf.published(
        shelf.draft(
            "service_flow", "空调安装条件",
            "安装空调需要预留专用插座和空调孔，外机位要能站人，安装师傅上门前一天会跟您确认时间。", at=shelf.ago(12),
            flow=flows["installation"],
        ),
        at=shelf.ago(11),
    )  # fmt: skip
    shelf.published(
        shelf.draft(
            "material_list", "报修要准备什么", "办理{name}，请您提供：{materials}。", at=shelf.ago(12), flow=flows["repair_visit"],
            fields={"hints": ["铭牌在机身侧面或背面", "光线亮一些，字能看清"]}, sample=ContentFile(picture, "sample.png"),
        ),
        at=shelf.ago(11),
    )  # fmt: skip


def _rules(shelf: Shelf) -> None:
    for kind, title, body, more in (
        ("forbidden_commitment", "不得承诺的话", "不得向客户承诺“保证修好”“马上退款”“免费换新”“今天一定到”“赔您”。",
         {"fields": {"patterns": ["保证修好", "马上退款", "免费换新", "今天一定到", "赔您"], "examples": ["我们保证修好"], "allowed": ["换新的滤芯"]}}),
        ("brand_rule", "不说有效率", "功效一律不写百分比。", {"fields": {"patterns": ["/\\d+(\\.\\d+)?%\\s*(有效|去除|除菌)/"], "examples": ["99% 除菌"]}}),
        ("platform_rule", "天猫不引导站外", "天猫店铺的会话里不出现站外联系方式。", {"channels": ["tmall"], "fields": {"patterns": ["加微信", "私下转"]}}),
        ("handoff_condition", "冒烟漏电转主管", "凡是冒烟、漏电、烫伤，立即转值班主管电话回访。", {"fields": {"condition": "提到冒烟、漏电、烫伤", "to": "值班主管"}}),
        ("tone_example", "道歉的语气", "给您添麻烦了，我先把情况记下来，今天下班前在这里给您一个说法。",
         {"fields": {"voice": "亲切", "instead_of": ["这不是我们的问题"]}, "audience": "internal"}),
    ):  # fmt: skip
        shelf.published(shelf.draft(kind, title, body, at=shelf.ago(12), **more), at=shelf.ago(11))  # type: ignore[arg-type]


def _campaigns(shelf: Shelf) -> None:
    day = timedelta(days=1)
    for title, body, since, until, when in (
        ("年末换新季", "活动期间旧机抵扣，满3000元再减300元，以商品页面显示为准。", shelf.midnight - 5 * day, shelf.midnight + 20 * day, 10),
        ("上周会员日", "会员日滤芯第二件半价，每人限两件。", shelf.midnight - 12 * day, shelf.midnight - 5 * day, 14),
        ("下周厨电节", "厨电节期间烟灶套装立减500元，赠基础安装。", shelf.midnight + 7 * day + timedelta(hours=20), shelf.midnight + 14 * day, 1),
    ):  # fmt: skip
        version = shelf.draft("campaign", title, body, at=shelf.ago(when + 1), valid_from=since, valid_until=until)
        shelf.published(version, at=shelf.ago(when))


def _in_work(shelf: Shelf) -> None:
    day = timedelta(days=1)
    shelf.draft(
        "policy", "价保规则（草稿）", "付款十五天内降价的，可申请价保。", at=shelf.ago(3), fields={"topic": "payment"}
    )
    shelf.draft(
        "customer_wording",
        "以旧换新怎么约",
        "陈女士这种情况，请拨13800138000约上门，热线400-820-1234也可以。",
        at=shelf.ago(1),
    )
    shelf.desensitized(
        shelf.draft(
            "policy",
            "换货多久能收到",
            "退回商品签收后两个工作日内寄出新货，运费由商家承担。",
            at=shelf.ago(2),
            fields={"topic": "exchange"},
        ),
        at=shelf.ago(1.5),
    )
    planned = shelf.reviewed(
        shelf.draft(
            "campaign", "元旦焕新", "元旦期间全场家电可用满减券，券在商品页领取。", at=shelf.ago(2),
            valid_from=shelf.midnight + 22 * day, valid_until=shelf.midnight + 26 * day,
        ),
        at=shelf.ago(1.2),
    )  # fmt: skip
    operations.schedule(
        version_id=planned.pk, publish_at=shelf.midnight + 3 * day + timedelta(hours=9), actor=shelf.actor(shelf.reviewer),
        at=shelf.ago(1),
    )  # fmt: skip


def _history(shelf: Shelf) -> None:
    """An item that was changed, one that was replaced, two that contradict each other, one to be read again."""
    actor = shelf.actor(shelf.author)
    first = shelf.published(
        shelf.draft(
            "policy", "保修期", "整机保修一年，从签收之日起算。", at=shelf.ago(90), code="ZC-001", fields={"topic": "warranty"},
            questions=["质保多久", "保修几年"],
        ),
        at=shelf.ago(89),
    )  # fmt: skip
    second = operations.new_version(
        item_id=first.item_id, actor=actor, at=shelf.ago(12), author=shelf.author, note="主要部件单列",
        body="整机保修一年，主要部件（压缩机、电机）保修三年，从签收之日起算，凭订单就可以享受保修。",
    )  # fmt: skip
    shelf.published(second, at=shelf.ago(11))
    replaced = shelf.published(
        shelf.draft("policy", "旧版运费说明", "退货运费一律由买家承担。", at=shelf.ago(80)), at=shelf.ago(79)
    )
    operations.retire(
        item_id=replaced.item_id, actor=shelf.actor(shelf.reviewer), at=shelf.ago(11), reason="outdated", note="并入七天无理由退货",
        replacement=second.item,
    )  # fmt: skip
    other = shelf.published(
        shelf.draft(
            "policy",
            "电子发票申请",
            "电子发票在订单页申请，七个工作日内发到邮箱。",
            at=shelf.ago(6),
            fields={"topic": "payment"},
        ),
        at=shelf.ago(5),
    )
    operations.flag_version(version=other, at=shelf.ago(4))
    due = shelf.published(
        shelf.draft(
            "policy",
            "大件送货上楼",
            "大件家电免费送货上楼，无电梯的七楼以上另行协商。",
            at=shelf.ago(170),
            fields={"topic": "logistics"},
        ),
        at=shelf.ago(169),
    )
    due.item.review_by = shelf.now.date() + timedelta(days=3)
    due.item.save(update_fields=["review_by"])
    operations.sweep_review_dates(at=shelf.ago(0.5))
    for days in range(1, 8):
        operations.record_use(versions=[second], outcome=Outcome.CITED, at=shelf.ago(days))
        operations.record_use(versions=[second], outcome=Outcome.RELEASED, at=shelf.ago(days))
    for days in range(1, 6):
        operations.record_use(versions=[other], outcome=Outcome.CITED, at=shelf.ago(days))
        operations.record_use(versions=[other], outcome=Outcome.REJECTED, at=shelf.ago(days))


def ask_for_more(*, case: ServiceCase, handler: StaffMember, now: datetime) -> None:
    """What people and other systems proposed, and what nobody could answer. Called when the last days have been played."""
    actor = Shelf.actor(handler)
    operations.propose_from_case(case=case, actor=actor, at=now - timedelta(hours=5), note="这类问题经常问")
    operations.propose(
        source=ProposalSource.API, source_ref="shop-faq-88", kind="customer_wording", title="空调可以移机吗",
        body="可以预约移机，拆装费以当地报价为准。", actor=Actor.machine("shop"), at=now - timedelta(hours=8), note="商城常见问题",
    )  # fmt: skip
    for hours, question in (
        (50, "请问能不能刷花呗分期？"),
        (40, "可以用花呗分期吗"),
        (20, "花呗分期可以吗"),
        (10, "门店周日营业吗"),
    ):
        operations.record_gap(question=question, at=now - timedelta(hours=hours))
