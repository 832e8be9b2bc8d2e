"""The main job, as a newcomer does it in a browser; the worker is killed in the middle of it."""

from __future__ import annotations

import io
import time

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Product, open_page, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.slow]
REQUEST = "让陈女士拍一张铭牌照片，型号看清楚，不然配件没法订"


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 420), (180, 200, 190)).save(out, "PNG")
    return out.getvalue()


class Chat:
    """The local WeCom's page."""

    def __init__(self, page: Page, product: Product) -> None:
        self.page = page
        page.goto(f"{product.base}/sandbox/")
        page.wait_for_selector(".chat")

    def open(self, name: str) -> None:
        self.page.bring_to_front()
        self.page.locator(".chat", has_text=name).first.click()

    def write(self, who: str, text: str, *, picture: bytes = b"") -> None:
        self.page.locator("#as button", has_text=who).first.click()
        if picture:
            self.page.set_input_files("#file", {"name": "nameplate.png", "mimeType": "image/png", "buffer": picture})  # type: ignore[typeddict-item]
        self.page.fill("#text", text)
        self.page.keyboard.press("Enter")
        expect(self.page.locator("#text")).to_have_value("")

    def tap(self, words: str) -> None:
        """Send what was prepared with these words, and see its card go."""
        card = self.page.locator("#prepared .card", has_text=words)
        card.first.wait_for(timeout=300_000)
        card.first.locator("button").click()
        expect(card).to_have_count(0, timeout=60_000)

    def last(self) -> str:
        return str(self.page.locator("#log .msg .bubble").last.inner_text())


def open_draft(page: Page, product: Product, words: str) -> None:
    page.bring_to_front()
    end = time.monotonic() + 300
    while time.monotonic() < end:
        page.goto(f"{product.base}/admin/review/draft/?state__exact=pending")
        found = page.locator("#result_list a", has_text=words)
        if found.count():
            found.first.click()
            page.wait_for_load_state()
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"no draft with {words}:\n{page.inner_text('body')}\n{product.log()}")


def open_case(page: Page, product: Product) -> None:
    page.goto(f"{product.base}/admin/cases/servicecase/?q=陈女士")
    page.locator("#result_list tbody a").first.click()
    page.wait_for_load_state()


@pytest.fixture(scope="module")
def product(shared_product: Product) -> Product:
    return shared_product


def test_from_the_partners_request_to_the_partners_notice(product: Product, browser: Browser) -> None:
    desk = open_page(browser)
    sign_in(desk, product, "linyue")
    chat = Chat(open_page(browser), product)

    # The worker dies while the partner writes; the supervisor of the processes brings it back.
    chat.open("顺达维修对接")
    for worker in product.children("worker"):
        worker.kill()
    chat.write("王师傅", REQUEST)

    open_draft(desk, product, "铭牌")
    text = desk.locator("textarea[name=text]").input_value()
    assert "铭牌照片" in text and "陈女士您好" in text
    assert "配件" not in text and "没法订" not in text
    desk.locator("button[value=approve]").click()
    desk.wait_for_load_state()

    # Nothing is in the group before a member taps.
    chat.open("陈女士售后服务群")
    assert "铭牌" not in chat.last()
    chat.tap("铭牌照片")
    expect(chat.page.locator("#log .msg .bubble").last).to_contain_text("铭牌照片")

    chat.write("陈女士", "", picture=photo())
    for worker in product.children("worker"):
        worker.kill()
    # A receipt goes without a colleague's look in the demo company; in a group that means: it is prepared for a member's tap.
    chat.tap("收到了，谢谢您")

    # The partner is told, by a member's tap as well; the owner is told in the internal group.
    chat.open("售后内部群")
    expect(chat.page.locator("#log .msg .bubble", has_text="陈女士").first).to_be_visible(timeout=180_000)
    chat.open("顺达维修对接")
    chat.tap("陈女士")
    expect(chat.page.locator("#log .msg .bubble").last).to_contain_text("铭牌照片")

    end = time.monotonic() + 300
    while time.monotonic() < end:
        open_case(desk, product)
        body = desk.inner_text("body")
        if REQUEST in body and "铭牌照片" in body and desk.locator(".aj-ok").count():
            break
        desk.wait_for_timeout(1000)
    assert desk.locator(".aj-ok").count() == 1, body
    assert desk.locator("img[src*='/attachments/']").count() >= 1

    # Everything once, in spite of the kills: the request, the text to the customer and the notice to the partner.
    end, counted = time.monotonic() + 300, (0, 0, 0)
    while counted != (1, 2, 0) and time.monotonic() < end:
        counted = (
            product.count("conversations_message", "text = ?", REQUEST),
            product.count("delivery_outbound", "text LIKE ? AND state = 'confirmed'", "%铭牌照片%"),
            product.count("delivery_outbound", "state = 'unknown'"),
        )
        time.sleep(0.3)
    assert counted == (1, 2, 0)
    assert "verifies" in product.manage("verify_evidence")


def test_stopping_and_starting_again_continues_where_it_was(product: Product) -> None:
    before = product.count("conversations_message")
    assert product.stop() == 0, product.log()
    product.start()
    after = product.count("conversations_message")
    assert before == after
    assert "Traceback" not in product.log()
