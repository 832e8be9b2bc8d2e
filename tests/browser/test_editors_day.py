"""An editor's day in a browser: two hundred questions from a file, three to mend, a campaign for next week, last week's to retire."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Product, open_page, sign_in
from tests.browser.test_main_job import Chat, open_draft

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.slow, pytest.mark.timeout(900)]
#: Milliseconds that one step may take on a loaded machine: a bound, nothing that is waited for.
SLOW = 60_000
ITEMS = "/admin/knowledge/knowledgeitem/"
PRODUCTS = ("净水器", "空调", "冰箱", "洗衣机", "油烟机", "热水器", "洗碗机", "烤箱", "加湿器", "吸尘器")
MATTERS = (
    "滤网多久清洗一次", "可以自己移机吗", "外壳怎么清洁", "第一次用要注意什么", "声音大正常吗", "能连手机吗", "要不要接地线", "长时间不用怎么存放", "配件在哪里买",
    "面板不亮怎么办", "怎么恢复出厂设置", "保险丝在哪里", "说明书丢了怎么办", "童锁怎么解开", "能放在阳台吗", "多少瓦", "多重", "要预留多大的位置",
    "屏幕显示乱码怎么办", "怎么看生产日期",
)  # fmt: skip


def faq(path: Path) -> None:
    """A list as a shop keeps it: a heading line, its own column names, two faulty rows and one with a phone number."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "售后常见问题汇总 2026")
        sheet.write_row(1, 0, ("序号", "客户问题", "标准答复", "更新人"))
        for number in range(200):
            product, matter = PRODUCTS[number % 10], MATTERS[number // 10]
            answer = f"{product}{matter}请看说明书第{number % 30 + 2}页，或在小程序里搜“{product}”。"
            if number == 43:
                answer += "急的话打13912345678。"
            sheet.write_row(
                number + 2, 0, (f"FAQ-{number + 1:03d}", f"{product}{matter}", answer if number != 7 else "", "小王")
            )
        sheet.write_row(202, 0, ("FAQ-001", "重复的编号", "x", "小王"))


def follow(page: Page, press: Locator) -> None:
    """Press something and wait until the page that it leads to is there, however long a loaded machine takes."""
    with page.expect_navigation(wait_until="load", timeout=SLOW):
        press.click()


def act(page: Page, value: str) -> None:
    """Press a button of the page of an item."""
    follow(page, page.locator(f"button[name=do][value={value}]").first)


def open_item(page: Page, product: Product, title: str) -> None:
    page.goto(f"{product.base}{ITEMS}?q={title}")
    follow(page, page.locator("#result_list a", has_text=title).first)


def many(page: Page, product: Product, query: str, action: str) -> None:
    """One act on everything that a filtered list shows, page by page."""
    page.goto(f"{product.base}{ITEMS}?{query}")
    page.check("#action-toggle")
    across = page.locator(".question a, .actions .question a").first
    if across.count() and across.is_visible():
        across.click()
    page.select_option("select[name=action]", action)
    follow(page, page.locator("button[name=index], button[type=submit][title], .actions button[type=submit]").first)


@pytest.fixture(scope="module")
def product(shared_product: Product) -> Product:
    return shared_product


def test_an_editors_day(product: Product, browser: Browser, tmp_path: Path) -> None:
    editor, lead = open_page(browser), open_page(browser)
    for page in (editor, lead):
        page.set_default_timeout(SLOW)
    sign_in(editor, product, "keke")
    sign_in(lead, product, "hejie")

    # Two hundred questions: looked at before anything is written, then taken over as drafts.
    faq(tmp_path / "售后FAQ.xlsx")
    editor.goto(f"{product.base}/admin/knowledge/importrun/add/")
    editor.set_input_files("input[type=file]", str(tmp_path / "售后FAQ.xlsx"))
    follow(editor, editor.locator("form .aj-go"))
    numbers = [int(one) for one in editor.locator(".aj-number b").all_inner_texts()]
    assert numbers == [200, 0, 0, 1, 2], numbers
    body = editor.inner_text("body")
    assert "更新人" in body and "13912345678" in body
    follow(editor, editor.locator("button[value=apply]"))
    assert "200" in editor.inner_text("body")
    run = re.search(r"file=\d+", editor.url)
    assert run is not None

    # Three to mend: one without an answer, one with a phone number (the file says where they are), one whose words are poor.
    follow(editor, editor.locator("a[href*='care=mend']").first)
    titles = editor.locator("#result_list tbody th").all_inner_texts()
    assert sorted(map(str.strip, titles)) == ["洗衣机声音大正常吗", "烤箱滤网多久清洗一次"], titles
    follow(editor, editor.locator("#result_list a", has_text="烤箱滤网多久清洗一次").first)
    assert editor.locator("button[value=desensitize]").is_disabled()
    for title, words in (
        ("烤箱滤网多久清洗一次", "烤箱没有滤网，内胆每周擦一次。"),
        ("冰箱声音大正常吗", "冰箱启动时有轻微声响是正常的。"),
    ):
        open_item(editor, product, title)
        follow(editor, editor.locator("a[href$='/edit/']").first)
        editor.fill("textarea[name=body]", words)
        expect(editor.locator("#preview .kn-bubble")).to_contain_text(words, timeout=SLOW)
        follow(editor, editor.locator("form#draft .aj-go"))
        assert words in editor.inner_text("body")
    editor.goto(f"{product.base}{ITEMS}?q=13912345678")
    follow(editor, editor.locator("#result_list tbody a").first)
    assert "13912345678" in editor.inner_text("body")
    act(editor, "settle")
    assert "【电话】" in editor.inner_text("body") and "13912345678" not in editor.locator(".kn-chat").inner_text()

    # Checked by one, reviewed and published by another, two hundred at once.
    many(editor, product, f"{run.group(0)}&state=draft", "desensitize_selected")
    many(lead, product, f"{run.group(0)}&state=desensitized", "review_selected")
    many(lead, product, f"{run.group(0)}&state=reviewed", "publish_selected")
    lead.goto(f"{product.base}{ITEMS}?{run.group(0)}&state=published")
    assert "200" in lead.locator("body").inner_text()

    # A campaign for next week, to the minute; last week's is retired with what replaces it.
    zone = ZoneInfo("Asia/Shanghai")
    monday = datetime.now(zone).replace(hour=20, minute=30, second=0, microsecond=0) + timedelta(days=7)
    editor.goto(f"{product.base}{ITEMS}add/?kind=campaign")
    editor.fill("input[name=title]", "下周净水节")
    editor.fill("textarea[name=body]", "净水节期间滤芯套装第二件半价。")
    editor.fill("input[name=valid_from]", f"{monday:%Y-%m-%dT%H:%M}")
    editor.fill("input[name=valid_until]", f"{monday + timedelta(days=5):%Y-%m-%dT%H:%M}")
    follow(editor, editor.locator("form#draft .aj-go"))
    act(editor, "desensitize")
    assert editor.locator("button[value=review]").count() == 0, "nobody reviews what they wrote"
    open_item(lead, product, "下周净水节")
    act(lead, "review")
    act(lead, "publish")
    assert f"{monday:%H:%M}" in lead.inner_text("body")
    lead.goto(f"{product.base}{ITEMS}calendar/")
    assert lead.locator(".kn-bar.kn-next", has_text="下周净水节").count() == 1
    open_item(lead, product, "上周会员日")
    assert lead.input_value("select[name=reason_code]") == "ended", (
        "what is over is to be retired: the reason stands there"
    )
    lead.select_option("select[name=replacement]", label="→ 下周净水节")
    act(lead, "retire")
    assert lead.locator(".kn-mark.kn-retired").count() >= 1
    assert lead.locator(".kn-note a", has_text="下周净水节").count() == 1, "it says what took its place"

    # In drafts: a customer is answered from what was imported, with its source; of the campaign nothing is told yet.
    chat = Chat(open_page(browser), product)
    chat.open("韩先生")
    chat.write("韩先生", "冰箱声音大正常吗")
    open_draft(lead, product, "冰箱启动时有轻微声响是正常的")
    source = lead.locator("details", has=lead.locator("summary", has_text="冰箱声音大正常吗")).first
    source.locator("summary").click()
    follow(lead, source.locator("a"))
    assert lead.locator(".kn-num b").first.inner_text() == "1", "the item knows that it was cited"
    chat.open("董女士")
    chat.write("董女士", "净水节滤芯套装有什么优惠")
    open_draft(lead, product, "董女士")
    assert "第二件半价" not in lead.inner_text("body")

    # An editor asks ahead: not a minute before, from the first minute on, and last week's no more.
    def told(question: str, at: datetime | None = None) -> str:
        moment = f"&at={at:%Y-%m-%dT%H:%M}" if at else ""
        editor.goto(f"{product.base}{ITEMS}try/?q={question}&audience=customer{moment}")
        return "\n".join(editor.locator(".kn-chat .kn-bubble:not(.kn-ask)").all_inner_texts())

    assert told("净水节滤芯套装有什么优惠") == ""
    assert told("净水节滤芯套装有什么优惠", monday - timedelta(minutes=1)) == ""
    assert "滤芯套装第二件半价" in told("净水节滤芯套装有什么优惠", monday)
    assert told("净水节滤芯套装有什么优惠", monday + timedelta(days=5)) == ""
    assert "会员日" not in told("会员日滤芯第二件半价吗")
