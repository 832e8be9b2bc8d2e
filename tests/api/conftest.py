"""A company with something of everything the API shows, and callers of all kinds."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache as once
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client, override_settings
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from aijia import pump
from aijia.api.models import ApiToken, Scope
from aijia.api.operations import create_token
from cases import operations as cases
from cases.models import HandOver, Material, PlannedCase, Writeback
from cases.operations import Fact
from conversations.operations import store_attachment
from delivery import ports
from delivery.models import Outbound
from knowledge import operations as knowledge
from knowledge.operations.life import seed
from people.models import Customer, StaffMember, Team, User, Visibility
from review.models import Draft
from tests.builders import ME, Company, company, say, works
from tests.channels_wecom.conftest import picture
from triage.models import Decision

ROOT = "/api/v1"
PHONE, ADDRESS = "13800135678", "上海市浦东新区世纪大道88号1201室"
ALL = tuple(Scope.values)


@pytest.fixture(autouse=True)
def _nobody_has_called_yet() -> None:
    cache.clear()


@dataclass
class Caller:
    """Somebody with a token."""

    staff: StaffMember
    secret: str = ""
    token: ApiToken | None = None
    headers: dict[str, str] = field(default_factory=dict)
    client: Client = field(default_factory=Client)

    def get(self, path: str, headers: dict[str, str] | None = None, **query: Any) -> Any:
        return self.client.get(f"{ROOT}{path}", query, headers={**self.headers, **(headers or {})})

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        data = body if isinstance(body, str | bytes) else json.dumps({} if body is None else body)
        return self.client.post(
            f"{ROOT}{path}", data=data, content_type="application/json", headers={**self.headers, **headers}
        )

    def rows(self, path: str, **query: Any) -> list[dict[str, Any]]:
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.content
        found: list[dict[str, Any]] = answer.json()["results"]
        return found


@pytest.fixture
def shop(settings: Any, furnished: Company, db: None) -> Company:
    """A case with an item, material, a note, a draft, an outbound text, evidence; a customer with contacts; knowledge."""
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"
    ports._load.cache_clear()
    return deepcopy(furnished)


@pytest.fixture(scope="module")
def furnished(module_rows: None) -> Company:
    """The company of all tests of a module."""
    with override_settings(DELIVERY_CHANNEL="delivery.ports.CapturingChannel"):
        ports._load.cache_clear()
        return furnish()


def furnish() -> Company:
    """Build the company that `shop` describes."""
    now = timezone.now()
    shop = company(now)
    Customer.objects.update_or_create(
        name="陈女士", defaults={"phone": PHONE, "address": ADDRESS, "note": "门禁密码 2580"}
    )
    cases.open_wait(
        case=shop.case, state="waiting_customer_material", on=shop.contact, on_role="customer_contact", need="铭牌照片",
        fact=Fact(ME, now, now),
    )  # fmt: skip
    cases.add_note(case_id=shop.case.pk, by=shop.handler, text="客户着急", actor=ME, at=now)
    say(shop.partner_group, "wmwang", "让陈女士拍一张铭牌照片，型号看清楚，不然配件没法订", at=now)
    message = say(shop.group, "wmchen", "", at=now, key="picture", attachments=("image",))
    store_attachment(attachment_id=message.attachments.get().pk, content=picture(), at=now)
    cases.owe_writeback(case=shop.case, to=shop.partner_group, about="answered", words="陈女士的铭牌型号已收到", at=now)
    Outbound.objects.create(
        conversation=shop.group, kind="reply", purpose="other", case_ref=shop.case.public_id, text="师傅明天上门，请留意电话",
        release_hash="x", idempotency_key="seeded", state="prepared", released_at=now, released_by={"label": "林悦"},
    )  # fmt: skip
    cases.plan_case(
        customer=shop.case.customer, flow=shop.flow, owner=shop.handler, title="陈女士半年回访", need="回访铭牌", every_days=180,
        next_at=now + timedelta(days=180), actor=ME, at=now,
    )  # fmt: skip
    seed(kind="policy", title="保修期", body="整机保修一年，自购买之日起计算。", at=now - timedelta(days=1))
    seed(kind="policy", title="旧保修期", body="整机保修半年。", state="retired", at=now - timedelta(days=9))
    seed(kind="policy", title="内部草稿保修", body="还没写完。", state="draft", at=now)
    pump.drain(now, channel=False)
    return shop


Make = Callable[..., Caller]


@pytest.fixture
def make() -> Make:
    """Give a staff member a user and a token."""

    def build(staff: StaffMember, *scopes: str) -> Caller:
        if staff.user is None:
            staff.user = User.objects.create_user(f"u{staff.pk}", password="x", display_name=staff.name)
            staff.user.user_permissions.add(
                *Permission.objects.filter(
                    codename__in=["work_on_case", "release_draft", "label_decision", "view_servicefact"]
                )
            )
            staff.save()
        now = timezone.now()
        token, secret = create_token(
            name="ERP", owner=staff, scopes=scopes or ALL, expires_at=now + timedelta(days=1), by=staff.user, at=now
        )
        return Caller(staff, secret, token, {"Authorization": f"Bearer {secret}"})

    return build


@pytest.fixture
def handler(shop: Company, make: Make) -> Caller:
    """The handler of the case, with every scope."""
    return make(shop.handler)


@pytest.fixture
def stranger(shop: Company, make: Make) -> Caller:
    """Somebody of another team, with every scope and a customer of their own."""
    team = Team.objects.create(name="外地组")
    staff = StaffMember.objects.create(name="小江", visibility=Visibility.TEAM, team=team, is_supervisor=True)
    Customer.objects.create(name="外地客户", team=team)
    return make(staff)


@once
def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Every operation of the schema: method, path below the root, description."""
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return [
        (method, path.removeprefix(ROOT), said)
        for path, methods in paths.items()
        for method, said in methods.items()
        if not path.endswith("/schema/")
    ]


def on_offer(shop: Company) -> HandOver:
    """An item that is handed over just now."""
    now, giver = timezone.now(), StaffMember.objects.create(name="早班")
    wait = cases.owe_ourselves(
        case_id=shop.case.pk,
        need="回访铭牌",
        need_kind="action",
        due_at=None,
        fact=Fact(ME, now, now),
        owner=giver,
    )
    return cases.offer_hand_over(
        wait_ids=[wait.pk], giver=giver, taker=works(shop.handler), note="铭牌", actor=ME, at=now
    )


def addresses(shop: Company) -> dict[str, str]:
    """A row that exists for each kind of address."""
    draft, wait = Draft.objects.filter(state="pending").first(), shop.case.waits.first()
    message = shop.group.messages.filter(attachments__isnull=False).first()
    assert draft is not None and wait is not None and message is not None
    rows = {
        "cases": shop.case, "waits": wait, "conversations": shop.group, "messages": message,
        "attachments": message.attachments.get(), "decisions": Decision.objects.get(message=message),
        "drafts": draft, "outbound": Outbound.objects.get(idempotency_key="seeded"),
        "hand-overs": on_offer(shop), "planned-cases": PlannedCase.objects.get(), "materials": Material.objects.get(), "writebacks": Writeback.objects.get(), "customers": shop.case.customer, "people": shop.contact, "staff": shop.handler,
    }  # fmt: skip
    found = {name: str(row.public_id) for name, row in rows.items()}
    from knowledge.models import KnowledgeVersion

    found["knowledge"] = str(KnowledgeVersion.objects.get(title="保修期").public_id)
    proposal = knowledge.propose(
        source="api", kind="policy", title="移机", body="可以。", actor=ME, at=timezone.now(), source_ref="seeded"
    )
    found["knowledge-proposals"] = str(proposal.public_id)
    return found


def filled(path: str, ids: dict[str, str]) -> str:
    """A path with the id of a row that exists, and what a search needs."""
    return path.replace("{public_id}", ids.get(path.split("/")[1], "")) + (
        "?q=保修期" if path.endswith("/search/") else ""
    )


def good_body(path: str, shop: Company) -> dict[str, Any]:
    """A body that would be carried out, if the caller might."""
    draft = Draft.objects.filter(state="pending").first()
    return {
        "complete": {"reason": "staff"}, "cancel": {"reason": "other"} if path.startswith("/cases") else {"reason": "staff"},
        "reopen": {"note": "又坏了"}, "note": {"note": "看过了"}, "notes": {"note": "看过了"}, "waits": {"need": "回电"},
        "due": {"due_at": (timezone.now() + timedelta(days=2)).isoformat()}, "hand-over": {"to": str(shop.supervisor.public_id)},
        "decide": {
            "do": "approve", "hash": draft.content_hash if draft else "",
            "position": draft.conversation.last_position if draft and draft.conversation else 0,
        },
        "drafts": {"text": "您好，配件已到仓库。"}, "settle": {"told": True} if path.startswith("/writebacks") else {"arrived": True}, "judge": {"good": True},
        "move": {"wait": str(shop.case.waits.order_by("pk").values_list("public_id", flat=True).first())},
        "planned-cases": {"customer": str(shop.case.customer.public_id), "flow": "repair", "title": "再回访", "need": "问问", "next_at": (timezone.now() + timedelta(days=9)).isoformat()},
        "appointment": {"starts_at": (timezone.now() + timedelta(days=2)).isoformat()}, "call-off": {}, "flag-wrong": {"reason": "wrong_content"}, "classify": {"flow": "repair"},
    }.get(path.rstrip("/").rsplit("/", 1)[1], {})  # fmt: skip
