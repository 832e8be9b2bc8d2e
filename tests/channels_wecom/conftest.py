"""A corporation in the local WeCom and the product's account for it, talking over real HTTP."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from PIL import Image

from channels_wecom import operations, views
from channels_wecom.models import WeComAccount
from channels_wecom.sandbox import push
from channels_wecom.sandbox.models import SandboxCorp, SandboxMessage
from channels_wecom.sandbox.seeding import ChatSeed, CorpSeed, UserSeed, say, seed

CORP_ID, TOKEN = "ww0123456789abcdef", "QDG6eK"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
USERS = [
    UserSeed("zhangwei", "张伟"),
    UserSeed("lina", "李娜"),
    UserSeed("wmCHEN", "陈女士", "external"),
    UserSeed("wmLIU", "刘先生", "external"),
    UserSeed("woSHIFU", "王师傅", "partner", "顺达维修"),
]
CHATS = [
    ChatSeed("single", ("zhangwei", "wmCHEN")),
    ChatSeed("kf", ("wmCHEN", "lina"), open_kfid="wkDEMO", kf_name="爱家客服"),
    ChatSeed("customer_group", ("zhangwei", "wmCHEN", "woSHIFU"), chat_id="wrCHEN", name="陈女士安装群"),
    ChatSeed("partner_group", ("zhangwei", "woSHIFU"), chat_id="wrPARTNER", name="顺达协作群"),
    ChatSeed("internal_group", ("zhangwei", "lina"), chat_id="wrINSIDE", name="售后内部群", webhook_key="hook-1"),
]


def picture(colour: str = "red") -> bytes:
    """A small real PNG."""
    out = io.BytesIO()
    Image.new("RGB", (4, 4), colour).save(out, "PNG")
    return out.getvalue()


def account_of(**changes: Any) -> WeComAccount:
    """The product's account for the corporation of these tests."""
    values = {
        "key": "main", "name": "爱家", "corp_id": CORP_ID, "agent_id": "1000002", "callback_token": TOKEN,
        "encoding_aes_key": AES_KEY, "app_secret": "app-secret", "archive_secret": "archive-secret",
    }  # fmt: skip
    return WeComAccount.objects.create(**{**values, **changes})


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    """Nothing is remembered from one test to the next."""
    views.forget_configs()
    cache.clear()
    yield
    push.wait_until_quiet(5)
    views.forget_configs()


@dataclass
class World:
    """The product and the local WeCom, connected."""

    corp: SandboxCorp
    account: WeComAccount
    base: str

    def say(self, chat_id: str, sender: str, text: str = "", **more: Any) -> SandboxMessage:
        """Somebody writes in the local WeCom."""
        return say(self.corp, chat_id, sender, text, **more)

    def settle(self) -> int:
        """Wait for the callbacks and let the product take in what they announce."""
        assert push.wait_until_quiet()
        return operations.process_pending_events(at=timezone.now())


@pytest.fixture
def world(live_server: Any, settings: Any, transactional_db: None) -> World:
    """A furnished local WeCom behind a real server."""
    settings.WECOM_API_BASE = f"{live_server.url}/sandbox"
    settings.WECOM_ARCHIVE_SOURCE = "channels_wecom.sandbox.archive.SandboxArchive"
    corp = seed(
        CorpSeed(
            account_key="main", corp_id=CORP_ID, name="爱家电器", token=TOKEN, encoding_aes_key=AES_KEY,
            callback_url=f"{live_server.url}/wecom/callback/main/", app_secret="app-secret",
            archive_secret="archive-secret",
        ),
        users=USERS, chats=CHATS,
    )  # fmt: skip
    return World(corp, account_of(), live_server.url)
